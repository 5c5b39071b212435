"""Interest up to business days, of a loan that is paid at quarter ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal import load
from spvmodel.deal.calendars import adjust
from spvmodel.engine import Result
from spvmodel.lines import from_serial
from tests.deal.files import lines_of, refusal, spoiled
from tests.finance.small import small, solved


def test_interest_accrues_between_business_days(tmp_path: Path) -> None:
    """30 September 2028 is a Saturday and 31 December a Sunday: both are paid on the Friday before, the 29th.

    The third quarter of 2028 has 91 days in place of 92, the fourth 91 (29 September to 29 December), and the first of
    2029 has 90: 31 March is a Saturday and the 30th Good Friday, so it is paid on Thursday the 29th.
    """
    days = "payment_days: {calendar: US government securities, rule: modified following}\n"
    repayment = "repayment: {profile: straight line, interest_only_until: 2026-12-31}"
    result = solved(tmp_path, days + repayment)
    plain = solved(tmp_path, repayment)
    ends = [from_serial(end).isoformat() for end in result.series("time.end")]
    accrued = dict(zip(ends, result.series("debt.loan.accrual_days"), strict=True))
    assert [accrued[end] for end in ("2028-09-30", "2028-12-31", "2029-03-31")] == [91, 91, 90]
    unadjusted = dict(zip(ends, plain.series("debt.loan.accrual_days"), strict=True))
    assert [unadjusted[end] for end in ("2028-09-30", "2028-12-31", "2029-03-31")] == [92, 92, 90]
    assert sum(accrued.values()) == sum(unadjusted.values())
    other = solved(tmp_path, days.replace("}", ", accrual: unadjusted}") + repayment)
    assert other.series("debt.loan.interest") == plain.series("debt.loan.interest")


QUARTERS = "payment_days: {{calendar: US government securities, rule: {}}}\n"
STRAIGHT = "repayment: {profile: straight line, interest_only_until: 2026-12-31}\n"


def changed(folder: Path, loan: str, old: str, new: str, case: str = "base") -> Result:
    """The deal with one passage replaced beside the lines of the loan; every check of it holds."""
    path = small(folder, loan).path
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(load(path)), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


@pytest.mark.parametrize("rule", ["following", "preceding", "modified following"])
@pytest.mark.parametrize("maturity", ["2031-12-31", "2030-06-29", "2030-06-30", "2030-07-01", "2030-05-15"])
def test_accruals_follow_each_other_from_close_to_maturity(rule: str, maturity: str, tmp_path: Path) -> None:
    """No day is lost or counted twice, also where the maturity (Saturday 29 June 2030) is near a period end.

    A maturity on a period end is paid on its business day; another day is taken as it is written.
    """
    loan = QUARTERS.format(rule) + STRAIGHT
    result = changed(tmp_path, loan, "maturity: 2031-12-31", f"maturity: {maturity}")
    first, last = (result.series(f"debt.loan.accrual_{what}") for what in ("from", "until"))
    assert from_serial(first[0]) == date(2025, 12, 31)
    running = [t for t, (a, b) in enumerate(zip(first, last, strict=True)) if b > a]
    assert running == list(range(len(running)))
    assert all(last[t] == first[t + 1] for t in running[:-1])
    assert not any(result.series("debt.loan.interest")[len(running) :])
    written = date.fromisoformat(maturity)
    paid = adjust(written, rule, "US government securities") if maturity.endswith(("12-31", "06-30")) else written
    assert from_serial(last[running[-1]]) == paid


def test_regular_periods_are_alike_whatever_days_they_are_paid_on(tmp_path: Path) -> None:
    """By period and ACT/ACT ICMA, a period between two payment days is a quarter of a year."""
    for day_count in ("by period", "ACT/ACT ICMA"):
        result = solved(tmp_path, QUARTERS.format("following") + f"day_count: {day_count}\n" + STRAIGHT)
        assert set(result.series("debt.loan.year_fraction")[:24]) == {0.25}


def test_a_draw_accrues_to_the_payment_day(tmp_path: Path) -> None:
    """50 of 100 drawn on 2028-07-31, paid on Friday 29 September: 60 days, and 2 more in the next quarter."""
    draws = "availability_end: 2028-08-31\n    draws: {2025-12-31: 50, 2028-07-31: 50}"
    loan = QUARTERS.format("modified following") + STRAIGHT.replace("2026-12-31", "2028-12-31")
    result = changed(tmp_path, loan, "availability_end: 2026-01-31", draws)
    ends = [from_serial(end).isoformat() for end in result.series("time.end")]
    balance = dict(zip(ends, result.series("debt.loan.balance_days"), strict=True))
    assert balance["2028-09-30"] == pytest.approx(50 * 91 + 50 * 60, rel=1e-12)
    assert balance["2028-12-31"] == pytest.approx(100 * 91, rel=1e-12)


def test_a_hedge_is_paid_on_the_days_of_its_loan(tmp_path: Path) -> None:
    swap = "hedge: {swap: {label: Swap, kind: swap, loan: loan, share: 100%, rate: 4%}}\n"
    loan = QUARTERS.format("modified following") + STRAIGHT
    result = changed(tmp_path, loan, "covenants:", f"{swap}covenants:")
    for what in ("accrual_from", "accrual_until", "year_fraction"):
        assert result.series(f"hedge.swap.{what}") == result.series(f"debt.loan.{what}")


def test_a_case_that_closes_later_accrues_from_its_own_close(tmp_path: Path) -> None:
    cases = "cases:\n  later: {label: Later, description: Closes later., set: "
    cases += "{time.close: 2026-01-05, debt.loan.close: 2026-01-05, debt.loan.completion: 2026-01-05}}\n"
    loan = QUARTERS.format("modified following") + STRAIGHT
    result = changed(tmp_path, loan, "covenants:", f"{cases}covenants:", "later")
    assert from_serial(result.series("debt.loan.accrual_from")[0]) == date(2026, 1, 5)


def test_holidays_are_known_from_a_year_on(tmp_path: Path) -> None:
    text = spoiled("    margin: 250 bp\n", "    margin: 250 bp\n    payment_days: {calendar: TARGET}\n")
    text = text.replace("2025-03-31", "1995-03-31").replace("2025-01-01", "1995-01-01")
    text = text.replace("end: 2041-12-31", "end: 2041-12-31\n  first_end: 1995-06-30")
    assert lines_of(refusal(text, tmp_path), tmp_path)[-1].endswith(
        "the holidays of TARGET are not known for 1995, when Senior loan may be paid. "
        "Allowed: a first period that ends in 1999 or later, or calendar: none."
    )
