"""The joint venture of tests/deals/jv.yaml, worked out by hand: accounts, tiers, and what each sponsor earns.

Fifty million are lent without interest and repaid at 10 a year from 2027 on. The sponsors pay in 30 at close and 20 a
year later; they receive 25 - 10 = 15 a year from 2027 to 2031, 25 in 2032, and 25 + 60 = 85 in 2033.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model, Number, Ref, from_serial, where
from tests.finance.conftest import FOLDER

LEAP = 366 / 365
"""2028 and 2032, as a power of the yearly growth."""

IN = [30, 20, 0, 0, 0, 0, 0, 0, 0]
OUT = [0, 0, 15, 15, 15, 15, 15, 25, 85]

# The first hurdle, 8%: what is owed before distributions of each year, and what they leave.
OWED_8 = [30, 30 * 1.08 + 20]
OWED_8 += [OWED_8[1] * 1.08]  # 2027: 52.4 x 1.08 = 56.592
OWED_8 += [(OWED_8[2] - 15) * 1.08**LEAP]  # 41.592 over 366 days
OWED_8 += [(OWED_8[3] - 15) * 1.08]
OWED_8 += [(OWED_8[4] - 15) * 1.08]
OWED_8 += [(OWED_8[5] - 15) * 1.08]  # 2031: 4.0057, less than the 15 there are: the hurdle is met
# The second hurdle, 12%, of which the capital receives 80% of what is above the first.
OWED_12 = [30, 30 * 1.12 + 20]
OWED_12 += [OWED_12[1] * 1.12]
OWED_12 += [(OWED_12[2] - 15) * 1.12**LEAP]
OWED_12 += [(OWED_12[3] - 15) * 1.12]
OWED_12 += [(OWED_12[4] - 15) * 1.12]
OWED_12 += [(OWED_12[5] - 15) * 1.12]  # 2031: 14.1908
ABOVE_8 = 15 - OWED_8[6]  # 10.9943 of 2031
LEFT_12 = OWED_12[6] - OWED_8[6] - 0.8 * ABOVE_8  # 1.3897: the second hurdle is not met in 2031
OWED_12 += [LEFT_12 * 1.12**LEAP]  # 2032
LAST_8 = OWED_12[7] / 0.8  # what 2032 pays until the second hurdle is met, promote of 20% included
ABOVE_12 = [25 - LAST_8, 85]


@cache
def venture() -> Model:
    return spvmodel.build(spvmodel.load(FOLDER / "jv.yaml"))


@pytest.fixture(scope="module")
def model() -> Model:
    return venture()


@pytest.fixture(scope="module")
def base(model: Model) -> Result:
    return spvmodel.solve(model)


def is_line(result: Result, name: str, wanted: list[float]) -> None:
    assert result.series(name) == pytest.approx(wanted, rel=1e-12, abs=1e-12), name


def ends(result: Result) -> list[object]:
    return [from_serial(day) for day in result.series("time.end")]


def test_the_flows_are_those_worked_out_by_hand(base: Result) -> None:
    assert [check.name for check in base.checks if not check.passed] == []
    is_line(base, "returns.contributions", IN)
    is_line(base, "returns.distributions", OUT)


def test_the_accounts_of_both_hurdles(base: Result) -> None:
    is_line(base, "promote.preferred.owed", [*OWED_8, 0, 0])
    is_line(base, "promote.preferred.distributions", [0, 0, 15, 15, 15, 15, OWED_8[6], 0, 0])
    is_line(base, "promote.preferred.closing", [*OWED_8[:2], *(owed - 15 for owed in OWED_8[2:6]), 0, 0, 0])
    is_line(base, "promote.second.owed", [*OWED_12, 0])
    is_line(base, "promote.second.closing", [*OWED_12[:2], *(owed - 15 for owed in OWED_12[2:6]), LEFT_12, 0, 0])


def test_the_tiers(base: Result) -> None:
    is_line(base, "returns.preferred", [0, 0, 15, 15, 15, 15, OWED_8[6], 0, 0])
    is_line(base, "promote.preferred.cash", [0, 0, 0, 0, 0, 0, ABOVE_8, LAST_8, 0])
    is_line(base, "promote.preferred.promote", [0, 0, 0, 0, 0, 0, 0.2 * ABOVE_8, 0.2 * LAST_8, 0])
    is_line(base, "promote.second.cash", [0, 0, 0, 0, 0, 0, 0, *ABOVE_12])
    is_line(base, "promote.second.promote", [0, 0, 0, 0, 0, 0, 0, *(0.35 * cash for cash in ABOVE_12)])


def test_what_each_sponsor_receives(base: Result) -> None:
    """The fund holds 80%, the developer 20% and the first promote; the manager pays nothing and has the second."""
    capital = [0, 0, 15, 15, 15, 15, OWED_8[6] + 0.8 * ABOVE_8, 0.8 * LAST_8 + 0.65 * ABOVE_12[0], 0.65 * 85]
    first = [0, 0, 0, 0, 0, 0, 0.2 * ABOVE_8, 0.2 * LAST_8, 0]
    is_line(base, "sponsors.fund.contributions", [0.8 * x for x in IN])
    is_line(base, "sponsors.fund.distributions", [0.8 * x for x in capital])
    is_line(base, "sponsors.developer.promote", first)
    is_line(base, "sponsors.developer.distributions", [0.2 * x + y for x, y in zip(capital, first, strict=True)])
    is_line(base, "sponsors.manager.distributions", [0, 0, 0, 0, 0, 0, 0, *(0.35 * cash for cash in ABOVE_12)])
    assert base.scalar("sponsors.fund.moic") == pytest.approx(0.8 * sum(capital) / 40, rel=1e-12)


@pytest.mark.parametrize("case", ["base", "poor", "fair", "other_split"])
def test_rates_and_multiples_are_those_of_another_library(model: Model, case: str) -> None:
    result = spvmodel.solve(model, case)
    for sponsor in ("fund", "developer"):
        flow = result.series(f"sponsors.{sponsor}.flow")
        assert result.scalar(f"sponsors.{sponsor}.irr") == pytest.approx(pyxirr.xirr(ends(result), flow), rel=1e-8)
    for name in ("sponsors.manager.irr", "sponsors.manager.moic"):
        assert result.scalar(name) != result.scalar(name)


def test_the_capital_has_earned_a_hurdle_when_its_account_is_empty(base: Result) -> None:
    """What the capital has paid and received up to each hurdle is worth nothing at it: no search was needed."""
    for hurdle, rate, met in (("preferred", 0.08, 6), ("second", 0.12, 7)):
        received = base.series(f"promote.{hurdle}.distributions")[: met + 1]
        flow = [out - paid for out, paid in zip(received, IN, strict=False)]
        assert base.series(f"promote.{hurdle}.closing")[met] == pytest.approx(0, abs=1e-12)
        assert pyxirr.xirr(ends(base)[: met + 1], flow) == pytest.approx(rate, rel=1e-9)


def test_below_the_first_hurdle_all_is_shared_pro_rata(model: Model) -> None:
    result = spvmodel.solve(model, "poor")
    assert result.scalar("sponsors.fund.irr") == pytest.approx(result.headline["equity_irr"], rel=1e-12)
    assert result.scalar("sponsors.developer.irr") == pytest.approx(result.headline["equity_irr"], rel=1e-12)
    assert sum(result.series("sponsors.manager.distributions")) == 0
    assert 0.0 < result.headline["equity_irr"] < 0.08


def test_between_the_hurdles_only_the_first_promote_is_paid(model: Model) -> None:
    result = spvmodel.solve(model, "fair")
    assert sum(result.series("promote.second.promote")) == 0
    assert sum(result.series("promote.preferred.promote")) > 1
    assert 0.08 < result.scalar("sponsors.fund.irr") < 0.12 < result.headline["equity_irr"]


MOVED = {
    "income.contract.amount": st.floats(11, 60),
    "promote.preferred.hurdle": st.floats(0, 0.1),
    "promote.second.hurdle": st.floats(0.1001, 0.5),
    "promote.preferred.share": st.floats(0, 0.95),
    "promote.second.share": st.floats(0, 0.95),
}


@given(inputs=st.fixed_dictionaries(MOVED), fund=st.floats(0, 1))
def test_every_check_holds_and_the_promote_is_worth_it_to_nobody_but_its_owner(
    inputs: dict[str, float], fund: float
) -> None:
    result = spvmodel.solve(
        venture(), inputs=inputs | {"sponsors.fund.share": fund, "sponsors.developer.share": 1 - fund}
    )
    assert [check.name for check in result.checks if not check.passed] == []
    pro_rata = [fund * x for x in result.series("returns.distributions")]
    received = result.series("sponsors.fund.distributions")
    assert all(x <= y + 1e-9 for x, y in zip(received, pro_rata, strict=True))


def test_without_a_promote_every_sponsor_earns_the_same(abilene: Model) -> None:
    result = spvmodel.solve(abilene)
    assert not [name for name in abilene.lines if name.startswith("promote.") or name == "returns.preferred"]
    for sponsor, share in (("borec", 0.923), ("crusoe", 0.077)):
        assert result.scalar(f"sponsors.{sponsor}.irr") == pytest.approx(result.headline["equity_irr"], rel=1e-9)
        assert result.scalar(f"sponsors.{sponsor}.moic") == pytest.approx(result.headline["moic"], rel=1e-12)
        paid = sum(result.series(f"sponsors.{sponsor}.contributions"))
        assert paid == pytest.approx(share * sum(result.series("returns.contributions")), rel=1e-12)


def test_a_deal_without_sponsors_has_no_lines_of_theirs() -> None:
    model = spvmodel.build(spvmodel.load(FOLDER / "toll.yaml"))
    assert not [name for name in model.lines if name.startswith(("sponsors.", "promote.", "returns.discount"))]


FAULTS = {
    "sponsors.fund.contributions": "checks.sponsor_contributions",
    "sponsors.developer.above_preferred": "checks.sponsor_distributions",
    "promote.second.cash": "checks.sponsor_distributions",
    "returns.preferred": "checks.promote_preferred_positive",
    "promote.second.distributions": "checks.promote_second_positive",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(model: Model, name: str) -> None:
    line, year = model.lines[name], Ref("time.number")
    assert line.expr is not None
    wrong = where(year >= 8, Number(1, "money"), 0)
    faulty = replace(model, lines=model.lines | {name: replace(line, expr=line.expr + wrong)})
    inputs = {key: given.value for key, given in model.inputs.items()}
    result = Result(faulty, "base", inputs, evaluate(faulty, inputs))
    assert FAULTS[name] in {check.name for check in result.checks if not check.passed}


def test_a_promote_before_its_hurdle_is_found(model: Model) -> None:
    """Cash above the first hurdle taken from what is still owed to it."""
    line = model.lines["returns.preferred"]
    assert line.expr is not None
    early = replace(line, expr=line.expr * 0.5)
    faulty = replace(model, lines=model.lines | {line.name: early})
    inputs = {key: given.value for key, given in model.inputs.items()}
    result = Result(faulty, "base", inputs, evaluate(faulty, inputs))
    failed = {check.name for check in result.checks if not check.passed}
    assert "checks.promote_preferred" in failed


def test_shares_that_are_not_all_are_found_where_a_user_types_them(model: Model) -> None:
    result = spvmodel.solve(model, inputs={"sponsors.fund.share": 0.7})
    failed = {check.name for check in result.checks if not check.passed}
    assert failed == {"checks.sponsor_contributions", "checks.sponsor_distributions"}
