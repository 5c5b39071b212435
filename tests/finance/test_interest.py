"""Rates, day counts and margins of a loan, against figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.deal.files import SMALL, load_text

# The loan closes and matures within periods: 71 days of the first quarter, 45 of the last.
CUT = SMALL.replace("funds: site\n    close: 2025-03-31", "funds: site\n    close: 2025-04-20").replace(
    "maturity: 2031-03-31", "maturity: 2031-02-14"
)
RATES = SMALL[SMALL.index("rates:\n") : SMALL.index("construction:\n")]


def solved(text: str, folder: Path, case: str = "base") -> Result:
    """The result of a deal whose checks all pass."""
    result = spvmodel.solve(spvmodel.build(load_text(text, folder)), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def with_terms(terms: str, text: str = SMALL) -> str:
    """The small deal with other terms of interest in place of its margin."""
    return text.replace("    margin: 250 bp\n", "".join(f"    {term}\n" for term in terms.split("; ")))


# Period 0 runs from the loan's close on 2025-04-20 to 2025-06-30, period 11 from 2027-12-31 to 2028-03-31 (91 days,
# 1 of them in 2027, 29 February among the others), period 23 from 2030-12-31 to the maturity on 2031-02-14.
FRACTIONS = {
    "ACT/360": (71 / 360, 91 / 360, 45 / 360),
    "ACT/365F": (71 / 365, 91 / 365, 45 / 365),
    "ACT/ACT ISDA": (71 / 365, 1 / 365 + 90 / 366, 45 / 365),
    "30/360 Bond Basis": (70 / 360, 90 / 360, 44 / 360),
    "30U/360": (70 / 360, 90 / 360, 44 / 360),
    "30E/360": (70 / 360, 90 / 360, 44 / 360),
    "NL/365": (71 / 365, 90 / 365, 45 / 365),
    "by period": (71 / 91 / 4, 1 / 4, 45 / 90 / 4),
}


@pytest.mark.parametrize("day_count", FRACTIONS)
def test_year_fraction_of_whole_and_cut_periods(day_count: str, tmp_path: Path) -> None:
    result = solved(with_terms(f"margin: 250 bp; day_count: {day_count}", CUT), tmp_path)
    fractions = result.series("debt.senior.year_fraction")
    assert [fractions[t] for t in (0, 11, 23)] == pytest.approx(FRACTIONS[day_count], rel=1e-12)
    assert fractions[24] == 0
    rate, opening = result.series("debt.senior.rate"), result.series("debt.senior.scheduled_opening")
    interest, unit = result.series("debt.senior.interest"), result.series("debt.senior.interest_pp")
    for t in (11, 23):
        assert interest[t] == pytest.approx(opening[t] * rate[t] * fractions[t], rel=1e-12)
        assert unit[t] == pytest.approx(rate[t] * fractions[t], rel=1e-12)


def test_a_dated_draw_bears_its_days_of_the_year_fraction(tmp_path: Path) -> None:
    """50 drawn on 2025-05-31: 30 of the 71 accrual days, of a year fraction of 70 / 360."""
    text = with_terms("fixed_rate: 6%; day_count: 30E/360", CUT).replace(
        "maturity: 2031-02-14\n", "maturity: 2031-02-14\n    draws: {2025-05-31: 50, 2025-08-31: 100}\n"
    )
    interest = solved(text, tmp_path).series("debt.senior.interest")
    assert interest[0] == pytest.approx(50 * 0.06 * (70 / 360) * (30 / 71), rel=1e-12)
    assert interest[1] == pytest.approx(0.06 * (90 / 360) * (50 + 100 * 30 / 92), rel=1e-12)


def test_a_fixed_rate_needs_no_base_rate(tmp_path: Path) -> None:
    result = solved(with_terms("fixed_rate: 6.5%").replace(RATES, ""), tmp_path)
    assert set(result.series("debt.senior.rate")) == {0.065}
    assert "rates.curve" not in result.model.lines


@pytest.mark.parametrize(
    ("shift", "base"),
    [("0%", (0.043, 0.031)), ("200 bp", (0.05, 0.05)), ("-350 bp", (0.01, 0.01)), ("-300 bp", (0.013, 0.01))],
)
def test_floor_and_cap_bound_the_base_rate_before_the_margin(
    shift: str, base: tuple[float, float], tmp_path: Path
) -> None:
    """The path is 4.30%, then 3.10% from 2027-01-01."""
    text = with_terms("margin: 250 bp; floor: 1%; cap: 5%").replace("  curve:\n", f"  shift: {shift}\n  curve:\n")
    rate = solved(text, tmp_path).series("debt.senior.rate")
    assert (rate[0], rate[7]) == pytest.approx([part + 0.025 for part in base], rel=1e-12)


STEPS = "margin: 250 bp; margin_steps: {2026-07-01: 225 bp, 2028-02-15: 300 bp}"


def test_margin_steps_hold_from_the_first_period_that_begins_with_them(tmp_path: Path) -> None:
    """Before the first step the margin holds; a step within a period counts from the next one."""
    result = solved(with_terms(STEPS), tmp_path)
    margins = [round(margin, 12) for margin in result.series("debt.senior.margin_applied")[:24]]
    # Quarters from 2025-04: five before July 2026, seven at 225 bp to March 2028, then 300 bp.
    assert margins == [0.025] * 5 + [0.0225] * 7 + [0.03] * 12
    base = result.series("rates.curve")[:24]
    expected = [rate + margin for rate, margin in zip(base, margins, strict=True)]
    assert result.series("debt.senior.rate")[:24] == pytest.approx(expected)


def test_a_case_may_move_steps_and_the_margin_before_them(tmp_path: Path) -> None:
    case = "      debt.senior.margin: 400 bp\n      debt.senior.margin_steps: {2025-10-01: 100 bp}\n"
    rates = solved(with_terms(STEPS) + case, tmp_path, "low_rent").series("debt.senior.margin_applied")
    assert rates[:24] == pytest.approx([0.04] * 2 + [0.01] * 22)


def test_without_completion_all_interest_is_paid_in_cash(tmp_path: Path) -> None:
    result = spvmodel.solve(spvmodel.build(load_text(SMALL.replace("    completion: 2026-07-01\n", ""), tmp_path)))
    assert result.series("debt.senior.interest_scheduled") == result.series("debt.senior.interest")
    assert set(result.series("debt.senior.capitalised")) == {0.0}
    assert set(result.series("funding.site.idc")) == {0.0}
    assert max(result.series("debt.senior.interest")) > 10


def test_without_a_hedge_a_loan_costs_its_interest(tmp_path: Path) -> None:
    result = solved(SMALL, tmp_path)
    assert result.series("debt.senior.carry_pp") == result.series("debt.senior.interest_pp")
    assert not [name for name in result.model.lines if "hedge" in name or name.startswith("waterfall.hedge")]
