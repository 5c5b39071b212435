"""Rent stops for four quarters: trap, reserve, shortfall, catch-up, top-up, trap and release, each number by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result

DEAL = Path(__file__).parents[1] / "deals" / "stopped.yaml"
FIRST = 4
"""The period that ends on 2026-03-31."""

LINES = (
    "lease.rent_income",
    "waterfall.principal.due",
    "reserves.trapped.support",
    "reserves.dsra.draw",
    "waterfall.principal.paid",
    "waterfall.principal.shortfall",
    "reserves.dsra.top_up",
    "reserves.dsra.closing",
    "reserves.trapped.trapped",
    "reserves.trapped.release",
    "reserves.trapped.closing",
    "waterfall.distributions",
    "covenants.result",
)

# Rent, due, from trapped cash, from the DSRA, paid, unpaid, top-up, DSRA, trapped, released, trapped in all,
# distributed, and the result of the test: 1 pass, 2 lock-up, 3 default. The DSRA holds two quarters, 2 m, once built.
BY_HAND = [
    # 2026. The next twelve months cover 4.5 / 4 = 1.125x; then 3 / 4, 1.5 / 4 and nothing: what is left is trapped.
    [1.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.5, 1],
    [1.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.5, 0.0, 0.5, 0.0, 2],
    [1.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.5, 0.0, 1.0, 0.0, 2],
    [1.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.5, 0.0, 1.5, 0.0, 2],
    # 2027, no rent. Trapped cash pays first: 1 m and 0.5 m; then the DSRA: 0.5 m, 1 m and its last 0.5 m.
    [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.5, 0.0, 2],
    [0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0, 3],  # the year behind covers 3 / 4 = 0.75x
    [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 3],
    [0.0, 1.0, 0.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3],
    # 2028, 3 m of rent. The missing 0.5 m is caught up, 1.5 m and then 0.5 m fill the DSRA; 1.5 m is left and trapped,
    # as the test is passed for the first time (6 / 4 = 1.5x). The second pass releases it with the 2 m of its quarter.
    [3.0, 1.5, 0.0, 0.0, 1.5, 0.0, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0, 3],  # 3 / 4 = 0.75x
    [3.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.5, 2.0, 1.5, 0.0, 1.5, 0.0, 2],
    [3.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 1.5, 0.0, 3.5, 1],
    [3.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0, 1],
]


@pytest.fixture(scope="module")
def result() -> Result:
    return spvmodel.solve(spvmodel.build(spvmodel.load(DEAL)), "no_rent_in_2027")


@pytest.mark.parametrize("quarter", range(len(BY_HAND)))
def test_every_quarter_by_hand(result: Result, quarter: int) -> None:
    found = [result.series(name)[FIRST + quarter] for name in LINES]
    assert found == pytest.approx(BY_HAND[quarter], abs=1e-9)


def test_every_check_holds_and_the_loan_is_repaid(result: Result) -> None:
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("debt.senior.closing")[-1] == pytest.approx(0.0, abs=1e-9)
    # The reserve of 2 m is released as the last two instalments come into its window.
    assert sum(result.series("reserves.dsra.release")) == pytest.approx(2.0, abs=1e-9)


def test_the_first_breach_and_the_headline(result: Result) -> None:
    from spvmodel.cli.cases import first_breach

    assert first_breach(result) == {"date": "2026-06-30", "covenant": "lock-up"}
    assert result.headline["dsra_draws"] == pytest.approx(2.0, abs=1e-9)
    # June 2026 to June 2028 but for none in between: nine quarters.
    assert result.headline["lockup_periods"] == 9
