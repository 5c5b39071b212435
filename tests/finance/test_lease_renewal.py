"""Renewal options: what a further term earns at its probability, when the lease then ends, and what it costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.lines import from_serial
from tests.finance.leased import COVENANTS, ESCALATION, TERM, model_of, solved

RENTS = "lease.hall.rent_income"
QUARTER = 6.0
"""24 m a year."""


def options(first: str = "100%", second: str = "100%", rent: str = "1x", cost: str = "") -> tuple[str, str]:
    """A first term to 15 May 2029, of 46 of 91 days of the fourteenth quarter, then three years and two."""
    return TERM, (
        "    expiry: 2029-05-15\n    renewals:\n"
        f"      first: {{label: First, term: 3 years, probability: {first}, rent_multiple: {rent}{cost}}}\n"
        f"      second: {{label: Second, term: 2 years, probability: {second}}}\n"
    )


def test_options_that_are_sure_are_a_longer_lease(tmp_path: Path) -> None:
    """To 15 May 2034, five years on: line by line the rent of one lease to that day, escalated."""
    rise = (ESCALATION, "    escalation: 3%\n")
    renewed = solved(tmp_path, options(), rise)
    longer = solved(tmp_path, (TERM, "    expiry: 2034-05-15\n"), rise)
    assert renewed.series(RENTS) == pytest.approx(longer.series(RENTS), rel=1e-12)
    for line in ("revenue.until", "lease.hall.until"):
        assert renewed.scalar(line) == longer.scalar(line)


def test_an_option_that_is_not_taken_ends_the_lease_and_those_after_it(tmp_path: Path) -> None:
    ended = solved(tmp_path, options(first="0%"))
    assert ended.series(RENTS) == pytest.approx([QUARTER] * 13 + [QUARTER * 45 / 91] + [0] * 30)
    assert ended.scalar("lease.hall.until") == ended.scalar("lease.hall.expires")


def test_rent_counts_at_its_probability_and_at_its_share_of_the_old_rent(tmp_path: Path) -> None:
    """60% x 90% = 54% of the rent from 16 May 2029, 60% x 50% x 90% = 27% from 16 May 2032 to 15 May 2034."""
    result = solved(tmp_path, options("60%", "50%", "0.9x"))
    rents = [QUARTER] * 13 + [QUARTER * (45 + 46 * 0.54) / 91] + [QUARTER * 0.54] * 11
    rents += [QUARTER * (45 * 0.54 + 46 * 0.27) / 91] + [QUARTER * 0.27] * 7 + [QUARTER * 0.27 * 45 / 91] + [0] * 10
    assert result.series(RENTS) == pytest.approx(rents)


def test_the_rent_roll_sees_the_term_that_runs(tmp_path: Path) -> None:
    """After each option rent and capacity in force are those expected; what ends is what is open to renewal."""
    result = solved(tmp_path, options("60%", "50%", "0.9x"))
    assert result.series("lease.rent_in_force") == pytest.approx([24] * 13 + [12.96] * 12 + [6.48] * 8 + [0] * 11)
    assert result.series("lease.capacity_in_force") == pytest.approx([10] * 13 + [6] * 12 + [3] * 8 + [0] * 11)
    expected = [0] * 13 + [24] + [0] * 11 + [12.96] + [0] * 7 + [6.48] + [0] * 10
    assert result.series("lease.rent_expiring") == pytest.approx(expected)
    assert result.series("lease.walt_rent")[12] == pytest.approx(45 / 365)
    assert result.series("lease.walt_rent")[13] == pytest.approx((3 * 365 - 45) / 365, abs=0.003)


def test_a_renewal_at_the_market_rent_is_what_the_market_pays_on_its_first_day(tmp_path: Path) -> None:
    """250 USD/kW-month at the close, 30 m a year, grow 2% a year for 1,232 days to 16 May 2029; then 4% a year.

    It counts at 60%; the option after it at 50% of that and 90% of what the market rent has become.
    """
    market = "rent_multiple: 1x}", "market_rent: {rent: 250 USD/kW-month, growth: 2%, escalation: 4%}}"
    ends, text = options("60%", "50%")
    text = text.replace(*market).replace("probability: 50%}", "probability: 50%, rent_multiple: 0.9x}")
    result = solved(tmp_path, (ends, text), (ESCALATION, "    escalation: 3%\n"))
    rents, rent = result.series(RENTS), 30 * 1.02 ** (1232 / 365) / 4
    assert result.scalar("lease.hall.renewals.first.market.yearly") == pytest.approx(4 * rent)
    # The old rent has risen three times by then, and counts for 45 of 91 days.
    assert rents[13] == pytest.approx((45 * QUARTER * 1.03**3 + 46 * 0.6 * rent) / 91)
    assert rents[14:17] == pytest.approx([0.6 * rent] * 3)
    assert rents[17] == pytest.approx(0.6 * rent * (45 + 46 * 1.04) / 91)
    assert rents[25] == pytest.approx((45 * 0.6 * rent * 1.04**2 + 46 * 0.27 * rent * 1.04**3) / 91)
    assert rents[32] == pytest.approx(0.27 * rent * 1.04**4)
    assert rents[33] == pytest.approx(0.27 * rent * 1.04**4 * 45 / 91)
    assert list(rents[34:]) == [0.0] * 10
    in_force = result.series("lease.rent_in_force")
    assert in_force[12:14] == pytest.approx((24 * 1.03**3, 0.6 * 4 * rent))
    assert in_force[26] == pytest.approx(0.27 * 4 * rent * 1.04**3)


def test_a_renewal_costs_what_it_is_likely_to_on_its_first_day(tmp_path: Path) -> None:
    """500 USD per kW of 10 MW at 60%: 3 m in the fourteenth quarter, an operating cost."""
    result = solved(tmp_path, options("60%", cost=", cost: 500 USD/kW"))
    assert result.series("opex.total") == pytest.approx([0] * 13 + [3.0] + [0] * 30)
    never = solved(tmp_path, options("0%", cost=", cost: 500 USD/kW"))
    assert never.series("opex.total") == [0] * 44


def test_a_lease_that_is_terminated_is_not_renewed(tmp_path: Path) -> None:
    """On 15 November 2028, the 46th of 92 days of the twelfth quarter."""
    ends, text = options(cost=", cost: 500 USD/kW")
    text += "    termination: {date: 2028-11-15, fee: 10m, exercised: yes}\n"
    result = solved(tmp_path, (ends, text))
    assert result.series(RENTS) == pytest.approx([QUARTER] * 11 + [QUARTER * 46 / 92] + [0] * 32)
    assert sum(result.series("opex.total")) == 0
    assert sum(result.series("lease.rent_expiring")) == pytest.approx(24)


def test_renewals_reach_every_part_of_the_premises(tmp_path: Path) -> None:
    """Half of the hall bears no rent before 2027 and a quarter of what is due is abated for six months."""
    ends, text = options("60%")
    text += "    delivery:\n      a: {label: A, date: 2026-01-01, share: 50%}\n"
    text += "      b: {label: B, date: 2027-01-01, share: 50%}\n    abatement: {months: 6 months, share: 25%}\n"
    rents = solved(tmp_path, (ends, text)).series(RENTS)
    assert rents[:5] == pytest.approx([2.25, 2.25, 3, 3, 6])
    assert rents[14] == pytest.approx(QUARTER * 0.6)


def test_what_lenders_measure_to_the_end_of_the_lease_stands_on_the_certain_term(tmp_path: Path) -> None:
    """A first term to 30 June 2034, then a renewal of two years, 1% or 99% likely: tail, PLCR and terminal value do not
    see it. Sure, it is a lease to 30 June 2036.

    The loan matures on 31 December 2031: 366 + 365 + 181 days before the end. The terminal value of 150 m falls on 30
    June 2034: a quarter of 91 days before, a buyer at 8% a year pays (150 + 6) / 1.08 ^ (91 / 365).
    """
    valued = (COVENANTS, "valuation: {dcf: {discount_rate: 8%, terminal_value: 150m}}\n" + COVENANTS)
    renewal = "    expiry: 2034-06-30\n    renewals:\n      more: {label: More, term: 2 years, probability: 99%}\n"
    model = model_of(tmp_path, (TERM, renewal), valued)
    results = {p: spvmodel.solve(model, inputs={"lease.hall.renewals.more.probability": p}) for p in (0, 0.01, 0.99, 1)}
    assert results[0].scalar("ratios.tail") == pytest.approx(912 / 365)
    worth = (150 + QUARTER) / 1.08 ** (91 / 365)
    assert results[0].series("valuation.value")[32] == pytest.approx(worth)
    for p in (0.01, 0.99):
        for line in ("ratios.tail", "ratios.min_plcr", "ratios.tail_share"):
            assert results[p].scalar(line) == pytest.approx(results[0].scalar(line), rel=1e-12), line
        for line in ("ratios.plcr", "ratios.pv_project", "valuation.value"):
            assert results[p].series(line) == pytest.approx(results[0].series(line), rel=1e-12, nan_ok=True), line
        assert sum(results[p].series(RENTS)) > sum(results[0].series(RENTS))
    longer = spvmodel.solve(model_of(tmp_path, (TERM, "    expiry: 2036-06-30\n"), valued))
    for line in ("ratios.tail", "ratios.min_plcr"):
        assert results[1].scalar(line) == pytest.approx(longer.scalar(line), rel=1e-12)
    assert results[1].series("valuation.value") == pytest.approx(longer.series("valuation.value"), rel=1e-12)


def test_a_tail_is_left_to_the_end_of_the_certain_term(tmp_path: Path) -> None:
    """Two years to 15 May 2034: repaid by 15 May 2032, by the end of March, whatever is likely after it."""
    sized = ("commitment: 100m", "sizing: {dscr: 1.5x, tail: 24 months}")
    sculpted = ("profile: straight line, ", "profile: sculpted, ")
    renewal = "    expiry: 2034-05-15\n    renewals:\n      more: {label: More, term: 2 years, probability: 90%}\n"
    maturity = ("maturity: 2031-12-31", "maturity: 2034-06-30")
    result = solved(tmp_path, (TERM, renewal), sized, sculpted, maturity)
    last = list(result.series("debt.loan.last_repayment")).index(1.0)
    assert last == 24
    assert from_serial(result.scalar("sizing.loan.tail_date")) == date(2032, 5, 15)


def test_a_probability_is_a_value_of_a_case(tmp_path: Path) -> None:
    model = model_of(tmp_path, options())
    without = spvmodel.solve(model, inputs={"lease.hall.renewals.first.probability": 0.0})
    assert sum(without.series(RENTS)) == pytest.approx(QUARTER * (13 + 45 / 91))
