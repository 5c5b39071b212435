"""What would mislead a lender: an unpaid junior loan, a stub, a tail, cash that is not there, terms that start late."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed
from tests.finance.small import small, solved

DEALS = Path(__file__).parents[1] / "deals"


def solved_with(folder: Path, loan: str, *pairs: tuple[str, str], **terms: str) -> Result:
    """The small deal with passages replaced; every check of it holds."""
    path = small(folder, loan, **terms).path
    path.write_text(changed(path.read_text(encoding="utf-8"), *pairs), encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


BULLET = "repayment: {profile: bullet}\nday_count: ACT/365F"


def test_an_unpaid_balloon_bears_interest_from_its_maturity_by_the_days_of_the_loan(tmp_path: Path) -> None:
    """100 m at 6% fall due on 2031-01-15; what the year does not pay bears 350 days of 2031, then 366 of 2032."""
    terms = {"frequency": "annual", "rate": "fixed_rate: 6%"}
    result = solved_with(tmp_path, BULLET, ("maturity: 2031-12-31", "maturity: 2031-01-15"), **terms)
    matures = result.series("debt.loan.matures").index(1.0)
    missed = result.series("debt.loan.balloon_shortfall")[matures]
    assert missed > 50
    since = missed * 0.06 * 350 / 365
    assert result.series("debt.loan.interest_since_maturity")[matures] == pytest.approx(since, rel=1e-12)
    late = result.series("debt.loan.interest_on_overdue")
    assert late[matures] == 0.0
    assert late[matures + 1] == pytest.approx(missed * 0.06 * 366 / 365 + since, rel=1e-12)


def test_interest_on_overdue_amounts_counts_days_as_the_loan_does(tmp_path: Path) -> None:
    """By 30/360 every quarter of what is overdue is a quarter of a year, whatever its days."""
    loan = "repayment: {profile: bullet}\nday_count: 30E/360"
    result = solved_with(
        tmp_path,
        loan,
        ("maturity: 2031-12-31", "maturity: 2028-12-31"),
        rate="fixed_rate: 6%",
    )
    matures = result.series("debt.loan.matures").index(1.0)
    missed = result.series("debt.loan.balloon_shortfall")[matures]
    assert missed > 50
    assert result.series("debt.loan.interest_on_overdue")[matures + 1] == pytest.approx(missed * 0.06 / 4, rel=1e-12)


@pytest.mark.parametrize(("maturity", "tested"), [("2031-12-31", True), ("2031-11-30", False)])
def test_only_a_stub_of_service_has_no_cover(maturity: str, tested: bool, tmp_path: Path) -> None:
    """A last quarter that is whole has its DSCR, balloon or not; one that is cut would flatter, and is N/A."""
    loan = "repayment: {profile: level, balloon: 60%}"
    result = solved_with(tmp_path, loan, ("maturity: 2031-12-31", f"maturity: {maturity}"), rate="fixed_rate: 6%")
    last = result.series("debt.loan.matures").index(1.0)
    cover, cash = result.series("ratios.dscr")[last], result.series("ratios.cfads")[last]
    if tested:
        assert cover == pytest.approx(cash / result.series("debt.service")[last], rel=1e-12)
    else:
        assert cover != cover


def test_llcr_counts_no_cash_after_the_last_repayment(tmp_path: Path) -> None:
    """Repaid within a tail, a sculpted loan has its cover as LLCR, though its maturity is later."""
    loan = "repayment: {profile: sculpted}"
    amount = "sizing: {dscr: 1.40x, tail: 84 months, above_cost: 'yes'}"
    result = solved(tmp_path, loan, amount=amount, rate="fixed_rate: 6%")
    owed = result.series("debt.loan.scheduled_closing")
    assert owed[-1] == pytest.approx(0.0, abs=1e-9) and owed.index(min(owed)) < len(owed) - 9
    covers = [cover for cover in result.series("ratios.llcr") if cover == cover]
    assert len(covers) > 8
    assert covers == pytest.approx([1.40] * len(covers), rel=1e-9)


def test_a_take_out_is_sized_on_the_cash_that_covers_it(tmp_path: Path) -> None:
    """Taxes rank before debt service: the take-out is sized on what they leave, and that covers it as asked."""
    tax = "tax: {federal_rate: 25%, depreciation: straight line 39, losses: refunded}\ncovenants:"
    takeout = "takeout: {rate: 6%, dscr: 1.30x, final_maturity: 2036-12-31}\n" + tax
    loan = "repayment: {profile: level, balloon: 90%}"
    result = solved_with(
        tmp_path,
        loan,
        ("covenants:", takeout),
        ("maturity: 2031-12-31", "maturity: 2029-12-31"),
        rate="fixed_rate: 6%",
        amount="commitment: 190m",
    )
    paying = result.series("debt.takeout.paying")
    least = min(cash for cash, pays in zip(result.series("ratios.cfads"), paying, strict=True) if pays)
    assert result.scalar("debt.takeout.cfads") == pytest.approx(least, rel=1e-12)
    assert least < min(noi for noi, pays in zip(result.series("opex.noi"), paying, strict=True) if pays) - 0.1
    level = result.scalar("debt.takeout.payment_factor")
    assert result.scalar("debt.takeout.capacity") == pytest.approx(least / 1.30 / level, rel=1e-9)
    assert result.headline["refinance_shortfall"] > 1.0
    assert result.scalar("alerts.refinancing") == 1.0


def test_an_anticipated_repayment_date_on_the_first_day_of_a_year_acts_in_that_year(tmp_path: Path) -> None:
    for date, first in (("2029-01-01", 2029), ("2028-12-31", 2029), ("2029-01-02", 2030)):
        loan = f"repayment: {{profile: level}}\nard: {{date: {date}, step_up: 2%}}"
        result = solved(tmp_path, loan, frequency="annual", rate="fixed_rate: 5%")
        rates = dict(zip(range(2026, 2037), result.series("debt.loan.rate"), strict=True))
        assert next(year for year, rate in rates.items() if rate > 0.06) == first, date
        assert rates[first - 1] == 0.05


def test_an_unpaid_mezzanine_balloon_is_a_payment_default_and_is_named(tmp_path: Path) -> None:
    """The senior debt is paid in time; the mezzanine lender is not, and the first page says so."""
    from spvmodel.report.html import render

    mezzanine = """\
  junior:
    label: Mezzanine loan
    rank: mezzanine
    funds: site
    close: 2025-12-31
    commitment: 90m
    fixed_rate: 9%
    availability_end: 2026-01-31
    completion: 2026-01-01
    maturity: 2029-12-31
    repayment: {profile: bullet}
covenants:"""
    loan = "repayment: {profile: level}"
    result = solved_with(tmp_path, loan, ("covenants:", mezzanine), rate="fixed_rate: 6%")
    assert max(result.series("waterfall.balloon.shortfall")) == 0.0
    assert max(result.series("waterfall.mezzanine_balloon.shortfall")) > 10.0
    assert result.scalar("covenants.payment_default_periods") > 0
    assert result.scalar("alerts.payment_default") == 1.0
    text = render(result)
    assert "payment default in" in text and "to Mezzanine loan" in text
    assert "are paid in time" not in text


def test_draws_beyond_the_uses_are_named(tmp_path: Path) -> None:
    """Documents that draw 230 m for uses of 200 m leave proceeds that nothing spends."""
    loan = "repayment: {profile: level}\ndraws: {2025-12-31: 230m}"
    result = solved(tmp_path, loan, rate="fixed_rate: 0%", amount="commitment: 230m")
    assert result.scalar("alerts.site_unspent") == 1.0
    assert result.series("funding.site.proceeds.closing")[-1] == pytest.approx(30.0, abs=1e-9)
    fits = solved(tmp_path, loan.replace("230m", "190m"), rate="fixed_rate: 0%", amount="commitment: 190m")
    assert fits.scalar("alerts.site_unspent") == 0.0


def test_the_balloon_of_the_headline_is_what_falls_due() -> None:
    """A sweep repays a part of it before; interest that cash did not cover adds to it."""
    for name in ("sweep", "tranches"):
        result = spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / f"{name}.yaml")))
        due = 0.0
        for line in result.model.lines:
            if line.startswith("debt.") and line.endswith(".balloon_due") and "takeout" not in line:
                rank = result.model.about["structure"].get(line.replace("balloon_due", "rank"), ("", "senior"))[1]
                overdue = sum(result.series(line.replace("balloon_due", "balloon_overdue")))
                due += (sum(result.series(line)) - overdue) if rank != "shareholder" else 0.0
        assert result.headline["balloon"] == pytest.approx(due, abs=1e-6), name


def test_nothing_is_paid_back_before_anything_is_paid_in(tmp_path: Path) -> None:
    """Debt comes first, equity later: the payback date is after the equity, not the first period end."""
    order = ("site: {label: Site}", "site: {label: Site, order: debt first}")
    spread = ("spending_end: 2026-01-01", "spending_end: 2027-12-31")
    later = ("availability_end: 2026-01-31", "availability_end: 2026-12-31")
    loan = "repayment: {profile: level, interest_only_until: 2027-12-31}"
    result = solved_with(tmp_path, loan, order, spread, later, rate="fixed_rate: 6%")
    ends, running = result.series("time.end"), result.series("returns.equity_running")
    back = result.headline["payback_date"]
    low = min(range(len(ends)), key=lambda t: running[t])
    assert back > ends[low]
    assert all(value >= -1e-6 for end, value in zip(ends, running, strict=True) if end >= back)
    assert running[ends.index(back) - 1] < 0
