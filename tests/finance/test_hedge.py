"""Swaps and caps: what they cost, what they leave fixed, and what breaking them costs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import SMALL
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_identities import flexes, holds
from tests.finance.test_interest import solved, with_terms

HEDGED = Path(__file__).parents[1] / "deals" / "hedged.yaml"
# Without a take-out the unpaid balloon would go on bearing the floating rate.
REFINANCED = SMALL + "takeout: {rate: 6%, dscr: 1.3x, final_maturity: 2041-03-31}\n"
SHOCKS = ("-300 bp", "-150 bp", "0%", "75 bp", "300 bp")


def hedged(terms: str, text: str = SMALL, shift: str = "0%") -> str:
    """A deal with a hedge of its loan, at a shift of the base rate."""
    hedge = "".join(f"    {term}\n" for term in f"label: Hedge; loan: senior; {terms}".split("; "))
    return text.replace("  curve:\n", f"  shift: {shift}\n  curve:\n") + f"hedge:\n  swap:\n{hedge}"


def sums(result: Result, *names: str) -> list[float]:
    """The sum of lines in every period."""
    return [sum(values) for values in zip(*map(result.series, names), strict=True)]


SWAP = "kind: swap; share: 100%; rate: 3.5%; credit_margin: 15 bp"


@pytest.mark.parametrize("shift", SHOCKS)
@pytest.mark.parametrize("day_count", ["ACT/360", "30E/360", "ACT/ACT ISDA", "by period"])
def test_a_fully_hedged_loan_is_a_fixed_one(day_count: str, shift: str, tmp_path: Path) -> None:
    """In every period, from construction to maturity: 3.50% + 15 bp + 250 bp = 6.15%."""
    floating = with_terms(f"margin: 250 bp; floor: -5%; day_count: {day_count}", REFINANCED)
    swapped = solved(hedged(SWAP, floating, shift), tmp_path)
    fixed = solved(with_terms(f"fixed_rate: 6.15%; day_count: {day_count}", REFINANCED), tmp_path)
    near = {"rel": 1e-9, "abs": 1e-9}
    cost = sums(swapped, "debt.senior.interest", "debt.senior.hedge_net")
    assert cost == pytest.approx(fixed.series("debt.senior.interest"), **near)
    assert max(cost) > 5
    for line in (
        "funding.uses",
        "funding.equity",
        "debt.service",
        "debt.senior.service",
        "debt.senior.closing",
        "debt.senior.carry_pp",
        "reserves.dsra.target",
        "waterfall.distributions",
        "returns.lender_flow",
    ):
        assert swapped.series(line) == pytest.approx(fixed.series(line), **near), line


def test_a_floor_without_one_in_the_swap_costs_when_rates_fall(tmp_path: Path) -> None:
    """The swap pays on the base rate itself: at a base rate of -0.2% under a floor of 0% the loan costs 0.2% more."""
    result = solved(hedged(SWAP, with_terms("margin: 250 bp; floor: 0%"), "-330 bp"), tmp_path)
    t = 16
    assert result.series("rates.curve")[t] == pytest.approx(0.031)
    fraction = result.series("debt.senior.year_fraction")[t]
    assert result.series("debt.senior.carry_pp")[t] == pytest.approx((0.0615 + 0.002) * fraction, rel=1e-9)


@pytest.mark.parametrize("kind", ["swap", "cap"])
def test_a_hedge_of_nothing_changes_nothing(kind: str, tmp_path: Path) -> None:
    with_hedge = solved(hedged(f"kind: {kind}; share: 0%; rate: 2%"), tmp_path)
    without = solved(SMALL, tmp_path)
    for name, value in without.values.items():
        if not name.startswith("checks."):
            assert repr(with_hedge.values[name]) == repr(value), name


@pytest.mark.parametrize("shift", SHOCKS)
def test_a_cap_bounds_the_cost(shift: str, tmp_path: Path) -> None:
    """With a strike of 3.5% and a margin of 2.5% the loan never costs more than 6%, and less where rates are lower."""
    result = solved(hedged("kind: cap; share: 100%; rate: 3.5%; premium: 9", shift=shift), tmp_path)
    fractions, base = result.series("debt.senior.year_fraction"), result.series("rates.curve")
    shifted = [max(0, rate + result.values["rates.shift"]) for rate in base]
    expected = [(min(rate, 0.035) + 0.025) * part for rate, part in zip(shifted, fractions, strict=True)]
    assert result.series("debt.senior.carry_pp") == pytest.approx(expected, abs=1e-12)
    assert max(result.series("hedge.net")) <= 0
    assert result.series("funding.site.hedge")[0] == pytest.approx(
        9 + result.series("debt.senior.hedge_capitalised")[0]
    )


def test_the_legs_of_a_part_hedge_by_hand(tmp_path: Path) -> None:
    """60% of the balance at 4% + 20 bp against 3.10%, ACT/360, in the 91 days to 2027-06-30."""
    result = solved(hedged("kind: swap; share: 60%; rate: 4%; credit_margin: 20 bp"), tmp_path)
    notional = 0.6 * result.series("debt.senior.scheduled_opening")[8]
    legs = [result.series(f"hedge.swap.{leg}")[8] for leg in ("notional", "fixed_leg", "floating_leg", "net")]
    fixed, floating = notional * 0.042 * 91 / 360, notional * 0.031 * 91 / 360
    assert legs == pytest.approx([notional, fixed, floating, fixed - floating], rel=1e-12)
    assert result.series("debt.senior.hedge_ratio")[8] == pytest.approx(0.6)
    assert result.series("debt.senior.unhedged")[8] == pytest.approx(0.4 / 0.6 * notional)


def test_a_swap_of_part_of_the_life(tmp_path: Path) -> None:
    """From 2027-05-16 (day 46 of the 91 of the quarter) to 2028-03-31."""
    text = hedged("kind: swap; share: 100%; rate: 4%; start: 2027-05-15; end: 2028-03-31")
    fractions = solved(text, tmp_path).series("hedge.swap.year_fraction")
    assert fractions[8] == pytest.approx(46 / 360)
    assert [t for t, fraction in enumerate(fractions) if fraction > 0] == [8, 9, 10, 11]


OWN = "kind: swap; schedule: {2026-10-01: 500, 2029-01-01: 400, 2031-01-01: 300}; rate: 4%; end: 2033-06-30"


def test_breaking_a_swap_that_outlives_its_loan(tmp_path: Path) -> None:
    """The loan matures on 2031-03-31; what is left of the swap, 300 at 4% against 3.10%, is paid off at its value."""
    result = solved(hedged(OWN.replace("; rate", "; credit_margin: 30 bp; rate"), REFINANCED), tmp_path)
    last, days = 23, result.series("time.days")
    assert result.series("debt.senior.matures")[last] == 1
    value = 0.0
    for t in range(last + 9, last, -1):  # nine quarters to 2033-06-30, the credit margin left out
        value = (value + 300 * (0.04 - 0.031) * days[t] / 360) / (1 + 0.031 * days[t] / 360)
    costs = result.series("hedge.swap.break_cost")
    assert costs[last] == pytest.approx(value, rel=1e-12)
    assert value > 5
    assert [t for t, cost in enumerate(costs) if cost] == [last]
    assert result.series("hedge.swap.notional")[last] == 300
    assert set(result.series("hedge.swap.notional")[last + 1 :]) == {0.0}
    # The break cost is paid with the last net payment, and is no debt service.
    net = 300 * (0.043 - 0.031) * days[last] / 360
    assert result.series("waterfall.hedge.paid")[last] == pytest.approx(net + value)
    assert result.series("hedge.net")[last] == pytest.approx(net)
    # The value runs down from payment to payment.
    flow, discount = result.series("hedge.swap.flow"), result.series("hedge.discount_pp")
    for t, (now, later) in enumerate(pairwise(result.series("hedge.swap.break_value"))):
        assert now * (1 + discount[t + 1]) == pytest.approx(later + flow[t + 1], abs=1e-12)


def test_a_schedule_takes_the_notional_of_the_first_day(tmp_path: Path) -> None:
    result = solved(hedged(OWN), tmp_path)
    notionals = result.series("hedge.swap.notional")
    assert set(notionals[:6]) == {0.0}
    assert (notionals[6], notionals[14], notionals[15], notionals[23]) == (500, 500, 400, 300)


def test_an_over_hedge_is_said(tmp_path: Path) -> None:
    over = solved(hedged("kind: swap; schedule: {2027-01-01: 800}; rate: 4%"), tmp_path)
    assert over.values["alerts.senior_over_hedged"] == 1
    opening = over.series("debt.senior.scheduled_opening")[8]
    assert over.series("debt.senior.over_hedged")[8] == pytest.approx(800 - opening)
    assert over.series("debt.senior.hedge_ratio")[8] == pytest.approx(800 / opening)
    assert over.series("debt.senior.over_hedged")[6] == 0
    assert over.series("debt.senior.unhedged")[6] > 600
    full = solved(hedged(SWAP), tmp_path)
    assert full.values["alerts.senior_over_hedged"] == 0


def test_receipts_are_cash_of_the_period(tmp_path: Path) -> None:
    """A swap at 1% against a base rate of 3.10%: 2.10% of the notional comes in."""
    result = solved(hedged("kind: swap; share: 50%; rate: 1%"), tmp_path)
    received = 0.5 * result.series("debt.senior.scheduled_opening")[8] * 0.021 * 91 / 360
    assert result.series("hedge.receivable")[8] == pytest.approx(received)
    rent, receipts = result.series("lease.rent_income")[8], result.series("waterfall.receipts")[8]
    assert receipts - rent == pytest.approx(received)
    assert result.series("waterfall.hedge.due")[8] == 0
    assert result.series("debt.service")[8] == pytest.approx(
        sums(result, "debt.fees_scheduled", "debt.interest_scheduled", "debt.amortisation")[8] - received
    )


@pytest.fixture(scope="module")
def model() -> Model:
    """The invented deal with a swap, a cap and a swap of a schedule."""
    return spvmodel.build(spvmodel.load(HEDGED))


@pytest.mark.parametrize("case", ["base", "rates_up", "rates_down", "low_rent", "late"])
def test_every_check_of_the_hedged_deal_holds(model: Model, case: str) -> None:
    result = spvmodel.solve(model, case)
    assert [(check.name, check.value) for check in result.checks if not check.passed] == []
    assert result.values["hedge.south_cap.premium"] == 1.2
    assert sum(result.series("hedge.south_cap.premium_paid")) == 1.2


def test_a_rate_shock_leaves_a_fully_hedged_loan_alone(model: Model) -> None:
    base, up = spvmodel.solve(model), spvmodel.solve(model, "rates_up")
    names = ("debt.north.interest", "debt.north.hedge_net")
    assert sums(up, *names) == pytest.approx(sums(base, *names), rel=1e-9)
    assert sum(up.series("debt.south.interest")) > sum(base.series("debt.south.interest")) + 1


def test_hedge_banks_are_paid_before_interest(model: Model) -> None:
    """Where cash and reserve run out, interest is short before a net payment of a hedge is."""
    result = spvmodel.solve(model, inputs={"lease.north.rent": 3.0, "lease.south.rent": 3.0, "rates.shift": -0.01})
    assert [check.name for check in result.checks if not check.passed] == []
    hedge, interest = result.series("waterfall.hedge.shortfall"), result.series("waterfall.interest.shortfall")
    paid = result.series("waterfall.interest.paid")
    assert max(interest) > 1
    assert max(hedge) > 0.01
    assert all(left <= 1e-9 for short, left in zip(hedge, paid, strict=True) if short > 1e-9)
    assert result.values["alerts.payment_default"] == 1


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("debt.north.hedge_net", "checks.hedge"),
        ("funding.south.hedge", "checks.hedge"),
        ("hedge.receivable", "checks.hedge"),
        ("waterfall.hedge.paid", "checks.hedge_step"),
        ("returns.lender_service", "checks.providers"),
    ],
)
def test_a_fault_in_the_payments_of_hedges_is_found(model: Model, name: str, check: str) -> None:
    assert check in failed(with_fault(model, name, "money"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_check_holds_for_random_inputs(model: Model, data: st.DataObject) -> None:
    inputs = data.draw(flexes(model))
    holds(spvmodel.solve(model, data.draw(st.sampled_from(model.cases)), inputs))


def test_a_loan_without_a_hedge_beside_one_that_has_some(tmp_path: Path) -> None:
    """The north loan of the invented deal is left alone: its entry of funding pays for no hedge."""
    text = HEDGED.read_text()
    start, end = text.index("  north_swap:"), text.index("  south_cap:")
    (tmp_path / "hedged_rates.csv").write_text((HEDGED.parent / "hedged_rates.csv").read_text())
    result = solved(text[:start] + text[end:], tmp_path)
    assert set(result.series("funding.north.hedge")) == {0.0}
    assert sum(result.series("funding.south.hedge")) == 1.2
    assert "debt.north.hedge_net" not in result.model.lines


CAPPED = """\
deal: premium
title: A cap bought at close, invented
description: Nothing but the premium of a cap is paid at close; the plant is paid for afterwards.
currency: USD
as_of: 2024-12-31
time: {close: 2024-12-31, frequency: quarterly, end: 2029-12-31}
rates: {index: Test rate, curve: {2024-12-01: 4%}}
use:
  plant:
    label: Plant
    kind: hard
    amount: 99m
    spending_start: 2025-04-01
    spending_end: 2025-12-31
    funded_by: site
funding: {site: {label: Site}}
income: {rent: {label: Rent, payer: Buyer, amount: 28m, commencement: 2026-01-01, expiry: 2029-12-31}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 80m
    margin: 2%
    availability_end: 2025-12-31
    repayment: {profile: bullet}
    maturity: 2029-12-31
hedge:
  cap: {label: Cap, kind: cap, loan: loan, share: 50%, rate: 3%, premium: 1mSTART}
"""


@pytest.mark.parametrize(("start", "days"), [("", 90), (", start: 2025-03-01", 0)])
def test_a_premium_at_close_is_drawn_and_bears_interest_from_close(tmp_path: Path, start: str, days: int) -> None:
    """Of uses of 100 the loan pays 80%: 0.8 of the premium, drawn at close for the 90 days of the first quarter.

    A cap that starts later is paid among other uses, which are drawn at the period end.
    """
    (tmp_path / "deal.yaml").write_text(CAPPED.replace("START", start))
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(tmp_path / "deal.yaml"))))
    assert [check.name for check in result.checks if not check.passed] == []
    at_close = 0.8 if not start else 0.0
    assert result["hedge.cap.premium_paid"][:2] == pytest.approx([1.0, 0.0])
    assert result["funding.site.uses"][0] == pytest.approx(1.0)
    assert result["debt.loan.draw"][0] == pytest.approx(0.8)
    assert result["funding.site.equity"][0] == pytest.approx(0.2)
    assert result["debt.loan.draw_at_close"][0] == pytest.approx(at_close)
    assert result["debt.loan.interest"][0] == pytest.approx(0.8 * 0.06 * days / 360)
