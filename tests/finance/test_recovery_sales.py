"""The tenant gone or its leases in place: which of both each figure is of, by hand; the deal of test_recovery.py."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed
from tests.finance.test_recovery import CENT, MID_TERM, PATH

TEXT = PATH.read_text(encoding="utf-8")
PARKING = "income:\n  parking: {label: Parking, payer: Drivers, amount: 1m, expiry: 2036-12-31}\n"
MATURITY = 8
"""The period that ends in 2033, in which the loans mature."""
BUILT_UP = 2
"""The period that ends in 2027, when all is built."""


def solved(folder: Path, text: str, case: str = "base") -> Result:
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(folder / "deal.yaml")), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def test_a_default_of_the_tenant_costs_the_same_where_the_spv_fails_without_it(tmp_path: Path) -> None:
    """That the tenant stays in the own default of a case changes neither recovery by date nor expected loss."""
    base, stays = solved(tmp_path, TEXT), solved(tmp_path, TEXT, "unpaid_balloon")
    for what in ("value", "income", "costs", "support.fee", "recovered", "loss", "surplus"):
        assert stays.series(f"recovery.{what}") == base.series(f"recovery.{what}"), what
    assert base.scalar("expected_loss.total") > 0
    for what in ("total", "value", "lgd", "spread"):
        assert stays.scalar(f"expected_loss.{what}") == base.scalar(f"expected_loss.{what}")


def test_the_own_default_of_the_case_is_sold_with_its_leases(tmp_path: Path) -> None:
    """The balloon of 2033 is missed. Gone: 152 - 8.34 - 8 = 135.66 x 0.9 x 0.98 and a fee of 6.

    In place: 24 / 8% = 300 x 0.9 x 0.98, a year of rent, and no protective costs.
    """
    base, stays = solved(tmp_path, TEXT), solved(tmp_path, TEXT, "unpaid_balloon")
    assert base.scalar("enforcement.proceeds") == pytest.approx(119.65212 + 6, abs=CENT)
    assert base.scalar("enforcement.costs_incurred") == pytest.approx(2 + 3, abs=CENT)
    assert stays.scalar("enforcement.proceeds") == pytest.approx(300 * 0.9 * 0.98 + 24, abs=CENT)
    assert stays.scalar("enforcement.costs_incurred") == pytest.approx(2, abs=CENT)
    assert stays.series("in_place.support.fee")[MID_TERM] == 0


def test_leases_earn_until_the_day_of_the_sale(tmp_path: Path) -> None:
    """Three months to cure and three to sell: 181 days of the rent of 2034, and no loan is owed after the sale."""
    stays = solved(tmp_path, changed(TEXT, ("sale_months: 9 months", "sale_months: 3 months")), "unpaid_balloon")
    assert stays.scalar("enforcement.from.income") == pytest.approx(24 * 181 / 365, abs=CENT)
    assert stays.scalar("enforcement.from.sold") == pytest.approx(300 * 0.9 * 0.98, abs=CENT)
    assert stays.scalar("alerts.owed_at_end") == 0


def test_what_the_tenant_guarantees_for_the_end_of_its_lease_is_not_owed_while_it_stays(tmp_path: Path) -> None:
    """The threshold is 125 until 2030: the parent of the tenant pays 125 - 119.65212 where the tenant has gone."""
    result = solved(tmp_path, TEXT)
    assert result.series("recovery.support.value")[MID_TERM] == pytest.approx(125 - 119.65212, abs=CENT)
    assert set(result.series("in_place.support.value")) == {0.0}


@pytest.mark.parametrize(
    ("rate", "paid"),
    [
        # NOI of 13.68 at 9% is sold for 119.65212; with the fee of 6 and costs of 5 the claims of 140.8 miss 20.14788:
        # as much is paid of the 22.34788 by which the threshold of 142 exceeds the sale, and not more.
        ("9%", 20.14788),
        # At 7% it is worth 195.43 - 8.34 - 8 = 179.09, sold for 157.95: more than the threshold.
        ("7%", 0.0),
    ],
)
def test_a_residual_value_guarantee_makes_lenders_whole_and_no_more(tmp_path: Path, rate: str, paid: float) -> None:
    text = changed(TEXT, ("2025-12-31: 125m", "2025-12-31: 142m"), ("    limit: 10m\n", "    limit: 100m\n"))
    result = solved(tmp_path, changed(text, ("cost: 8m, cap_rate: 9%", f"cost: 8m, cap_rate: {rate}")))
    assert result.series("recovery.support.value")[MID_TERM] == pytest.approx(paid, abs=CENT)
    assert result.series("recovery.loss")[MID_TERM] == pytest.approx(0, abs=CENT)
    if paid:
        assert result.series("recovery.surplus")[MID_TERM] == pytest.approx(0, abs=CENT)
        assert result.series("recovery.recourse")[MID_TERM] == 0


def test_a_termination_fee_is_owed_whatever_the_basis_of_the_sale(tmp_path: Path) -> None:
    """Half of six months of 24 a year, and of 1 a year of parking; the lease is signed before it begins."""
    text = changed(TEXT, ("basis: re-let", "basis: dark"), ("\ndebt:\n", f"\n{PARKING}debt:\n"))
    fee = solved(tmp_path, text).series("recovery.support.fee")
    assert fee[BUILT_UP] == pytest.approx(12 * 0.5 + 0.25, abs=CENT)
    assert fee[MID_TERM] == pytest.approx(12 * 0.5 + 0.25, abs=CENT)
    assert fee[-2:] == [pytest.approx(12 * 0.5 + 0.25, abs=CENT), 0]


METHOD = ("method: cap rate", "method: dcf")
NOTHING_AFTER = (", terminal_value: 30m", "")
SOLD_LATER = 24 / 1.09 + 24 / 1.09 ** (731 / 365)
"""Rent of 2035 and 2036, the last two of the lease, at the sale of a default at the end of 2033."""


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        # 24 x 60% x 95% = 13.68 at 9% is 152; 18 months without it at 3 a year cost 25.02, and the new tenant 8.
        pytest.param((), 152 - (13.68 + 3) * 1.5 - 8, id="let again"),
        # 10 MW at 13m are more than the 118.98 of that.
        pytest.param((("dark: {per_mw: 6m/MW}", "dark: {per_mw: 13m/MW}"),), 130, id="worth more vacant"),
        pytest.param((("basis: re-let", "basis: dark"),), 60, id="sold vacant without the tenant"),
        # Steps of 3% on each first of January: the rent of 2036 is that of 2028 x 1.03^8.
        pytest.param(
            (("escalation: 0%", "escalation: 3%"),),
            13.68 * 1.03**8 / 0.09 - (13.68 * 1.03**8 + 3) * 1.5 - 8,
            id="on the rent at the end of the lease",
        ),
    ],
)
def test_a_buyer_of_leases_in_place_gets_the_property_after_them(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], after: float
) -> None:
    """The value of the rent alone ends with the lease, on the last day of 2036, 731 days after the sale."""
    result = solved(tmp_path, changed(TEXT, METHOD, NOTHING_AFTER, *changes), "unpaid_balloon")
    assert result.scalar("in_place.after_leases") == pytest.approx(after, abs=CENT)
    assert result.series("in_place.reversion")[MATURITY] == pytest.approx(after / 1.09 ** (731 / 365), abs=CENT)
    if not any("escalation" in old for old, _ in changes):
        worth = SOLD_LATER + after / 1.09 ** (731 / 365)
        assert result.series("in_place.value")[MATURITY] == pytest.approx(worth, abs=CENT)
        assert result.scalar("enforcement.from.sold") == pytest.approx(worth * 0.9 * 0.98, abs=CENT)


SHORT = ("term: 9 years", "term: 6 years")
"""The lease ends in 2033, on the day of a sale for a default at the end of 2032."""


def let_again(rent: float) -> float:
    """60% of a rent less 5%, at 9%; less 18 months without it at 3 a year, and 8 for the new tenant."""
    noi = rent * 0.6 * 0.95
    return noi / 0.09 - (noi + 3) * 1.5 - 8


def test_a_small_income_that_runs_longer_does_not_hold_the_space_back(tmp_path: Path) -> None:
    """The hall is let again from 2034 on, the space of the antenna from 2037 on, 1,096 days after the sale."""
    antenna = "income:\n  antenna: {label: Antenna, payer: Telco, amount: 0.01m, commencement: 2028-01-01, "
    antenna += "expiry: 2036-12-31}\n"
    text = changed(TEXT, METHOD, NOTHING_AFTER, SHORT, ("\ndebt:\n", f"\n{antenna}debt:\n"))
    result = solved(tmp_path, text)
    after = let_again(24.01) * (24 + 0.01 / 1.09 ** (1096 / 365)) / 24.01
    assert result.series("in_place.reversion")[MATURITY - 1] == pytest.approx(after, abs=CENT)
    alone = solved(tmp_path, changed(TEXT, METHOD, NOTHING_AFTER, SHORT))
    assert alone.series("in_place.reversion")[MATURITY - 1] == pytest.approx(let_again(24), abs=CENT)


@pytest.mark.parametrize(("probability", "rent"), [("0%", 24), ("1%", 24), ("99%", 24), ("100%", 24 * 0.8)])
def test_what_comes_after_the_certain_term_is_let_at_its_rent(tmp_path: Path, probability: str, rent: float) -> None:
    renewals = f"renewals: {{a: {{label: Option, term: 3 years, probability: {probability}, rent_multiple: 0.8x}}}}"
    text = changed(TEXT, METHOD, NOTHING_AFTER, ("term: 9 years", f"term: 5 years\n    {renewals}"))
    result = solved(tmp_path, text)
    assert result.scalar("in_place.after_leases") == pytest.approx(let_again(rent), abs=CENT)


def test_an_income_is_let_again_as_a_lease_of_the_same_rent_is(tmp_path: Path) -> None:
    tolling = "income:\n  tolling: {label: Tolling, payer: Tenant, amount: 24m, commencement: 2028-01-01, "
    tolling += "expiry: 2036-12-31}\n"
    lease = TEXT[TEXT.index("\nlease:\n") : TEXT.index("\ndebt:\n")]
    names = (("pays: [hall]", "pays: [tolling]"), ("lease.hall.rent: 20 USD/kW-month", "income.tolling.amount: 2m"))
    result = solved(tmp_path, changed(TEXT, METHOD, NOTHING_AFTER, (lease, f"\n{tolling.rstrip()}"), *names))
    assert result.scalar("in_place.after_leases") == pytest.approx(let_again(24), abs=CENT)


def test_once_its_term_is_over_a_tenant_that_stays_is_one_that_has_gone(tmp_path: Path) -> None:
    """Six months without rent and at the owner's cost, then six of the new rent: 13.68 a year, and 3."""
    text = changed(TEXT, METHOD, NOTHING_AFTER, SHORT, ("downtime: 18 months", "downtime: 6 months"))
    result = solved(tmp_path, text)
    for what in ("value", "income", "months_vacant", "costs"):
        assert result.series(f"in_place.{what}")[MATURITY] == result.series(f"recovery.{what}")[MATURITY], what
    assert result.series("in_place.income")[MATURITY] == pytest.approx(13.68 / 2, abs=CENT)
    assert result.series("in_place.holding")[MATURITY] == pytest.approx(3 / 2, abs=CENT)


def test_what_is_worth_something_after_the_leases_is_not_counted_twice(tmp_path: Path) -> None:
    """A terminal value of 30 on the last day of the lease is all there is after it, for LTV and for a buyer."""
    valued = solved(tmp_path, changed(TEXT, METHOD), "unpaid_balloon")
    alone = solved(tmp_path, changed(TEXT, METHOD, NOTHING_AFTER), "unpaid_balloon")
    later = SOLD_LATER + 30 / 1.09 ** (731 / 365)
    assert valued.series("in_place.value")[MATURITY] == pytest.approx(later, abs=CENT)
    assert alone.series("valuation.value")[MATURITY + 1] == pytest.approx(SOLD_LATER, abs=CENT)


def test_a_tenant_that_stays_and_pays_is_worth_no_less_than_one_that_is_gone(tmp_path: Path) -> None:
    """Whenever the default is declared; once the lease is over both are the same property."""
    result = solved(tmp_path, changed(TEXT, METHOD, NOTHING_AFTER), "unpaid_balloon")
    stays, gone = result.series("in_place.value"), result.series("recovery.value")
    earned = result.series("in_place.income")
    assert all(here + rent >= there - CENT for here, rent, there in zip(stays, earned, gone, strict=True))
    assert stays[-1] == gone[-1]
