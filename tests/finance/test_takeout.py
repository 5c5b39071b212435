"""The take-out's constraints, what it repays and what is left over, by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.lines import Model
from tests.finance.refinanced import PATH, altered, at, balance, level, passed

EXTENDED, INITIAL = date(2031, 12, 31), date(2029, 12, 31)
NEED = balance(19) * 1.01 / 0.99


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(PATH))


def test_every_capacity_is_a_line_and_the_smallest_binds(model: Model) -> None:
    """36 quarters to the end of 2040; the quarter earns 30; the stressed rate is 7%, not the 6% that is paid."""
    result = spvmodel.solve(model)
    wanted = {"dscr": 30 / 1.4 / level(0.0175, 36), "ltv": 0.5 * 1500, "debt_yield": 120 / 0.14}
    for name, capacity in wanted.items():
        assert result.scalar(f"debt.takeout.capacity_{name}") == pytest.approx(capacity, rel=1e-9), name
    assert result.scalar("debt.takeout.capacity") == pytest.approx(wanted["dscr"], rel=1e-9)
    assert result.scalar("debt.takeout.binding") == 1
    assert model.lines["debt.takeout.binding"].note == "1 DSCR, 2 LTV, 3 debt yield"
    passed(result)


@pytest.mark.parametrize(
    ("inputs", "binding", "capacity"),
    [
        ({"takeout.ltv": 0.30}, 2, 450),
        ({"takeout.debt_yield": 0.30}, 3, 400),
        ({"takeout.dscr": 1.0, "takeout.sizing_rate": 0.06, "takeout.debt_yield": 0.16}, 2, 750),  # two are equal
    ],
)
def test_the_binding_constraint_is_named(model: Model, inputs: dict[str, float], binding: int, capacity: float) -> None:
    result = spvmodel.solve(model, inputs=inputs)
    assert result.scalar("debt.takeout.binding") == binding
    assert result.scalar("debt.takeout.capacity") == pytest.approx(capacity, rel=1e-9)
    assert sum(result.series("debt.takeout.draw")) == pytest.approx(min(capacity, NEED), rel=1e-9)
    passed(result)


def test_value_and_income_are_those_of_the_issue(model: Model) -> None:
    """A maturity in the last lease year but one: income of the twelve months after it has ended in part."""
    moved = {"debt.senior.extension.until": model.inputs["takeout.final_maturity"].value - 184}  # 2040-06-30
    result = spvmodel.solve(model, inputs=moved)  # type: ignore[arg-type]
    assert result.scalar("debt.takeout.capacity_ltv") == pytest.approx(0.5 * 60 / 0.08, rel=1e-9)
    assert result.scalar("debt.takeout.capacity_debt_yield") == pytest.approx(60 / 0.14, rel=1e-9)


def test_proceeds_repay_balloon_and_exit_fee_after_the_fee_of_the_take_out(model: Model) -> None:
    result = spvmodel.solve(model, inputs={"takeout.dscr": 1.0})
    assert at(result, "debt.takeout.draw", EXTENDED) == pytest.approx(NEED, rel=1e-9)
    assert at(result, "waterfall.refinancing", EXTENDED) == pytest.approx(balance(19) * 1.01, rel=1e-9)
    assert at(result, "debt.senior.exit_fee_due", EXTENDED) == pytest.approx(balance(19) * 0.01, rel=1e-9)
    assert at(result, "debt.senior.closing", EXTENDED) == pytest.approx(0, abs=1e-9)
    assert result.headline["refinance_shortfall"] == pytest.approx(0, abs=1e-9)
    passed(result)


def test_the_shortfall_is_shown_and_carried(model: Model) -> None:
    result = spvmodel.solve(model)
    short = NEED - 30 / 1.4 / level(0.0175, 36)
    assert result.headline["refinance_shortfall"] == pytest.approx(short, rel=1e-9)
    assert result.scalar("alerts.refinancing") == 1
    unpaid = at(result, "debt.senior.balloon_shortfall", EXTENDED)
    cash = at(result, "waterfall.cash_for_balloon", EXTENDED)
    assert unpaid == pytest.approx(balance(19) - cash, rel=1e-9)
    assert unpaid > 30


def test_an_exit_fee_is_charged_once_on_every_unit_of_principal(model: Model) -> None:
    """Of 700 lent, even where part of the balloon is overdue for a while."""
    result = spvmodel.solve(model)
    assert max(result.series("debt.senior.balloon_overdue")) > 30
    assert sum(result.series("waterfall.exit_fees.paid")) == pytest.approx(7, rel=1e-9)


def test_excess_is_drawn_and_distributed_only_where_the_deal_says_so(tmp_path: Path, model: Model) -> None:
    inputs = {"takeout.dscr": 1.0, "takeout.sizing_rate": 0.06}  # LTV then binds at 750
    kept = spvmodel.solve(model, inputs=inputs)
    assert sum(kept.series("debt.takeout.draw")) == pytest.approx(NEED, rel=1e-9)
    released = spvmodel.solve(altered(tmp_path, ("takeout:\n", "takeout:\n  release_excess: yes\n")), inputs=inputs)
    assert sum(released.series("debt.takeout.draw")) == pytest.approx(750, rel=1e-9)
    assert released.headline["refinance_shortfall"] == pytest.approx(0, abs=1e-9)
    end = kept.series("time.end").index(float(kept.scalar("debt.takeout.last_maturity")))
    had = [
        sum(r.series("waterfall.distributions")[: end + 1]) + r.series("reserves.closing")[end]
        for r in (kept, released)
    ]
    assert had[1] - had[0] == pytest.approx((750 - NEED) * 0.99, rel=1e-9)
    assert released.series("waterfall.distributions")[end] > kept.series("waterfall.distributions")[end] + 90
    passed(released)


def test_one_constraint_alone_is_the_capacity(tmp_path: Path) -> None:
    model = altered(tmp_path, ("  sizing_rate: 7%\n", ""), ("  ltv: 50%\n", ""), ("  debt_yield: 14%\n", ""))
    result = spvmodel.solve(model)
    assert result.scalar("debt.takeout.capacity") == pytest.approx(30 / 1.4 / level(0.015, 36), rel=1e-9)
    assert not [n for n in model.lines if n.startswith(("debt.takeout.capacity_", "debt.takeout.binding"))]


OVERDUE = """\
deal: takeout
title: A take-out that its income does not carry, invented
description: The take-out is sized at no interest and bears 10%, so that its level payment exceeds the income.
currency: USD
as_of: 2024-12-31
time: {close: 2024-12-31, frequency: annual, closing: on its own, end: 2030-12-31}
use: {plant: {label: Plant, kind: hard, amount: 38m, funded_by: site}}
funding: {site: {label: Site}}
income: {rent: {label: Rent, payer: Buyer, amount: 10m, expiry: 2030-12-31}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 38m
    fixed_rate: 0%
    repayment: {profile: bullet}
    maturity: 2026-12-31
takeout: {rate: 10%, sizing_rate: 0%, dscr: 1.0x, final_maturity: 2030-12-31, default_margin: 5%}
"""


def test_a_take_out_bears_default_interest_on_what_is_overdue(tmp_path: Path) -> None:
    """38 lent for four years at 10%: 38 x 0.1 / (1 - 1.1^-4) a year, of which 10 is paid; the rest bears 15%."""
    (tmp_path / "deal.yaml").write_text(OVERDUE)
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(tmp_path / "deal.yaml"))))
    passed(result)
    missed = 38 * 0.1 / (1 - 1.1**-4) - 10
    assert result["debt.takeout.principal_shortfall"][3] == pytest.approx(missed)
    assert result["debt.takeout.interest_on_overdue"][4] == pytest.approx(missed * 0.15)
