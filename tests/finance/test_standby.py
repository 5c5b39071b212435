"""Standby facilities against figures derived by hand: what overruns, what of it they lend, and what they cost.

The small deal of ``test_funding.py``: land of 20 at close, a hall of 100, 25 at the end of each quarter of 2025, and
rates of 0%. A cost overrun of 10% makes the hall cost 110; land is not hard.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_funding import LAND, flows, loan, near, pays, solve

DEAL = Path(__file__).parents[1] / "deals" / "standby.yaml"
OVERRUN = {"construction.overrun": 0.1}
IN_TURN = "order: debt first, loans: in turn"
DAYS = (90, 91, 92, 92)
NEVER_DRAWN = "Part of a commitment is never drawn"


def standby(amount: int, more: str = "", name: str = "s") -> str:
    return loan(name, amount, f"draws_for: overrun, {more}")


def test_an_overrun_is_drawn_up_to_the_commitment_and_equity_pays_the_rest(tmp_path: Path) -> None:
    """Of an overrun of 10 the facility lends 6; its fees are 2% at close and 3.6% a year on what of 6 is undrawn."""
    debt = loan("a", 90) + standby(6, "upfront_fee: 2%, commitment_fee: 3.6%,")
    result = solve(tmp_path, IN_TURN, debt, inputs=OVERRUN)
    assert result.scalar("funding.site.cost_overrun") == pytest.approx(10)
    assert result.scalar("debt.s.amount") == 6
    assert flows(result, "debt.s.upfront_fee_paid") == near([0.12, 0, 0, 0])
    # Drawn half-way through the third quarter, so that half its days bear the fee.
    fees = [0.036 * 6 * 90 / 360, 0.036 * 6 * 91 / 360, 0.036 * 6 * 46 / 360, 0]
    assert flows(result, "debt.s.fees") == near(fees)
    first = [20 + 0.12 + 27.5 + fees[0], 27.5 + fees[1]]
    left = 90 - sum(first)
    pays(result, [0, 0, 27.5 + fees[2] - left - 6, 27.5], a=[*first, left, 0], s=[0, 0, 6, 0])
    assert result.scalar("funding.commitment") == 96
    assert result.scalar("funding.total_debt") == pytest.approx(96)
    assert NEVER_DRAWN not in result.warnings


def test_without_an_overrun_it_is_never_drawn_and_bears_its_fees(tmp_path: Path) -> None:
    debt = loan("a", 90) + standby(6, "upfront_fee: 2%, commitment_fee: 3.6%,")
    result = solve(tmp_path, IN_TURN, debt)
    fees = [0.036 * 6 * days / 360 for days in DAYS]
    assert flows(result, "debt.s.fees") == near(fees)
    assert result.scalar("funding.total_equity") == pytest.approx(30 + 0.12 + math.fsum(fees))
    assert not any(result.series("debt.s.draw"))
    assert result.series("debt.s.undrawn")[:4] == [6] * 4
    assert result.scalar("funding.commitment") == 96
    assert NEVER_DRAWN not in result.warnings


def test_what_is_lendable_and_never_drawn_is_still_said(tmp_path: Path) -> None:
    """The base loan pays for everything: an overrun of 10 leaves the facility nothing to pay."""
    result = solve(tmp_path, IN_TURN, loan("a", 150) + standby(6), inputs=OVERRUN)
    assert NEVER_DRAWN in result.warnings


@pytest.mark.parametrize(
    ("overrun", "share", "lent"), [(0.1, "50%", 5), (0.1, "0%", 0), (0.03, "100%", 3), (0.5, "80%", 6)]
)
def test_its_share_of_the_overrun(tmp_path: Path, overrun: float, share: str, lent: float) -> None:
    debt = loan("a", 90) + standby(6, f"overrun_share: {share},")
    result = solve(tmp_path, IN_TURN, debt, inputs={"construction.overrun": overrun})
    assert math.fsum(flows(result, "debt.s.draw")) == pytest.approx(lent)
    assert result.scalar("funding.total_equity") == pytest.approx(30 + 100 * overrun - lent)


def test_pro_rata_with_the_base_loan(tmp_path: Path) -> None:
    """96 of 130: of 20 + 27.5 in the first quarter, and of 27.5 in each of the others."""
    result = solve(tmp_path, "", loan("a", 90) + standby(6), inputs=OVERRUN)
    due = [47.5, 27.5, 27.5, 27.5]
    pays(result, [p * 34 / 130 for p in due], a=[p * 90 / 130 for p in due], s=[p * 6 / 130 for p in due])


def test_two_facilities_pay_one_overrun_in_order(tmp_path: Path) -> None:
    debt = loan("a", 90) + standby(4) + standby(8, name="t")
    result = solve(tmp_path, IN_TURN, debt, inputs=OVERRUN)
    assert [result.scalar(f"debt.{name}.amount") for name in "st"] == near([4, 6])


def test_hard_uses_overrun_and_others_do_not(tmp_path: Path) -> None:
    uses = LAND + "  dock: {label: Dock, kind: hard, amount: 10m, funded_by: site}\n"
    uses += "  within: {label: Contingency, kind: contingency, share: 5%, funded_by: site}\n"
    result = solve(tmp_path, IN_TURN, loan("a", 90) + standby(20), uses=uses, inputs=OVERRUN)
    assert result.scalar("debt.s.amount") == pytest.approx(11)


def test_financing_costs_count_above_the_budget_that_the_deal_states(tmp_path: Path) -> None:
    """A fee of 4% on 80 is 3.2, of which the budget includes 2; without a stated budget it is no overrun."""
    debt = loan("a", 80, "upfront_fee: 4%,") + standby(20)
    assert solve(tmp_path, f"{IN_TURN}, financing_budget: 2m", debt).scalar("debt.s.amount") == pytest.approx(1.2)
    assert solve(tmp_path, IN_TURN, debt).scalar("debt.s.amount") == 0
    # 10% of a hall of 95, less what the fee of 3.2 saves of 5.
    saved = solve(tmp_path, f"{IN_TURN}, financing_budget: 5m", debt, inputs=OVERRUN)
    assert saved.scalar("debt.s.amount") == pytest.approx(9.5 - 1.8)


def test_interest_on_the_overrun_is_overrun_too(tmp_path: Path) -> None:
    """12% on the facility, drawn in turn: the roll-forward below to rest. The hall costs 98 + 9.8, 2 are financing."""
    debt = loan("a", 110) + standby(20).replace("margin: 0%", "margin: 12%")
    result = solve(tmp_path, f"{IN_TURN}, financing_budget: 2m", debt, inputs=OVERRUN)
    quarter, interest, wanted = 107.8 / 4, 0.0, [0.0]
    for _ in range(60):
        amount = max(0.0, 9.8 + interest - 2)
        room, left, balance, wanted, interest = 110.0, amount, 0.0, [], 0.0
        for place, days in enumerate(DAYS):
            due = quarter + (20 if place == 0 else 0)
            room, due = room - min(room, due), due - min(room, due)
            building = min(left, due)
            accrued = 0.12 * (balance * days + building * days / 2) / 360
            first = min(room, accrued)
            at_end = min(left - building, accrued - first)
            room -= first
            wanted.append(building + at_end)
            balance, left, interest = balance + wanted[-1], left - wanted[-1], interest + accrued
    assert result.scalar("debt.s.amount") == pytest.approx(amount, rel=1e-12)
    assert amount > 9.8 - 2
    assert flows(result, "debt.s.draw") == near(wanted)
    assert result.scalar("funding.site.carry_residual") < 1e-9


SIZED = "sizing: {gearing: 70%}"


def sized(more: str = "") -> str:
    return loan("a", 90, f"upfront_fee: 2%, {more}").replace("commitment: 90m", SIZED)


def test_a_loan_beside_it_is_sized_on_the_budget(tmp_path: Path) -> None:
    """Its gearing is of 120 whatever the overrun of cost or of financing; alone it would lend for that as well."""
    funding = "financing_budget: 1.6m"
    for overrun in (0.0, 0.1, 0.3):
        inputs = {"construction.overrun": overrun}
        result = solve(tmp_path, funding, sized() + standby(50), inputs=inputs)
        assert result.scalar("debt.a.amount") == pytest.approx(84, rel=1e-9)
        fee = 0.02 * 84
        assert result.scalar("debt.s.amount") == pytest.approx(98.4 * overrun + fee - 1.6, rel=1e-9)
        assert result.scalar("funding.total_equity") == pytest.approx(36, rel=1e-9)
        alone = solve(tmp_path, funding, sized(), inputs=inputs).scalar("debt.a.amount")
        assert alone == pytest.approx(0.7 * (20 + 98.4 * (1 + overrun)) / (1 - 0.7 * 0.02), rel=1e-9)


def test_a_loan_beside_a_small_facility_lends_no_more_for_the_rest(tmp_path: Path) -> None:
    """Equity pays what the facility leaves: 36 + 100 x 30% - 6; financing costs without a budget are geared."""
    result = solve(
        tmp_path,
        "",
        loan("a", 90).replace("commitment: 90m", SIZED) + standby(6, "upfront_fee: 5%,"),
        inputs={"construction.overrun": 0.3},
    )
    assert result.scalar("debt.a.amount") == pytest.approx(0.7 * 120.3)
    assert result.scalar("funding.total_equity") == pytest.approx(0.3 * 120.3 + 30 - 6)


def test_a_discount_is_kept_of_what_is_drawn_and_a_fee_of_what_is_committed(tmp_path: Path) -> None:
    """10% of the 6 drawn and 2% of the 8 committed are uses of funds; the base loan is geared for them."""
    uses, fees = 120.0, 0.1 * 6 + 0.02 * 8
    debt = loan("a", 90).replace("commitment: 90m", SIZED) + standby(8, "discount: 10%, upfront_fee: 2%,")
    result = solve(tmp_path, "", debt, inputs={"construction.overrun": 0.06})
    assert result.scalar("debt.s.amount") == pytest.approx(6)
    assert math.fsum(flows(result, "debt.s.discount_kept")) == pytest.approx(0.6)
    assert result.scalar("debt.a.amount") == pytest.approx(0.7 * (uses + fees))


def test_sponsors_may_stand_by(tmp_path: Path) -> None:
    """A shareholder loan for overruns: it is no debt of the others, and sponsors contribute what it lends."""
    result = solve(tmp_path, IN_TURN, loan("a", 90) + standby(6, "rank: shareholder,"), inputs=OVERRUN)
    assert math.fsum(result.series("returns.shareholder_draws")) == pytest.approx(6)
    assert math.fsum(result.series("returns.contributions")) == pytest.approx(40)


# The deal that uses it beside an equity bridge


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(DEAL))


def solved(model: Model, case: str) -> Result:
    result = spvmodel.solve(model, case)
    assert [check.name for check in result.checks if not check.passed] == []
    assert (
        max(result.scalar(name) for name in model.lines if name.endswith("_residual") and not model.lines[name].turn)
        < 1e-6
    )
    return result


def test_every_check_holds_in_every_case_and_the_size_stays(model: Model) -> None:
    lent = {}
    for case in model.cases:
        result = solved(model, case)
        lent[case] = result.scalar("debt.standby.amount")
        assert NEVER_DRAWN not in result.warnings
        assert result.scalar("debt.senior.amount") <= 0.7 * (110 + 8 + 6) + 1e-9
    assert lent["base"] == 0
    assert 0 < lent["overrun"] < 8
    assert lent["large_overrun"] == 8
    # A delay costs interest, which is overrun too.
    assert 0 < lent["late"] < lent["overrun"]


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("debt.standby.amount", "site_overrun"),
        ("debt.standby.draw_construction", "site_overrun"),
        ("debt.standby.draw_at_end", "standby_commitment"),
        ("funding.site.sized_fees_fed", "site_feedback"),
    ],
)
def test_a_fault_is_found(model: Model, line: str, check: str) -> None:
    assert f"checks.{check}" in failed(with_fault(model, line, "money"))
