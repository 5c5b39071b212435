"""Rent in advance and in arrears, with a lag: what is received, owed and prepaid, by hand and by days."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import with_fault
from tests.finance.leased import COMMENCEMENT, TERM, model_of, solved

QUARTER = 6.0
"""24 m a year, level, from January 2026 to December 2036."""


def paid(folder: Path, terms: str, *changes: tuple[str, str]) -> Result:
    return solved(folder, ("    term: ", f"    payment: {{{terms}}}\n    term: "), *changes)


def lines(result: Result, what: str) -> list[float]:
    return list(result.series(f"lease.hall.{what}"))


@pytest.mark.parametrize("every", ["1 month", "3 months"])
def test_in_arrears_without_a_lag_a_quarter_is_paid_on_its_last_day(tmp_path: Path, every: str) -> None:
    result = paid(tmp_path, f"timing: in arrears, every: {every}")
    assert lines(result, "rent_received") == pytest.approx([QUARTER] * 44)
    assert lines(result, "rent_receivable") == pytest.approx([0.0] * 44)


def test_thirty_days_after_each_month(tmp_path: Path) -> None:
    """February is received by 30 March, March is not by 31 March: 31 of 90 days. June is not by 30 June, 30 of 91."""
    result = paid(tmp_path, "timing: in arrears, lag_days: 30 days")
    first, second = QUARTER * 31 / 90, QUARTER * 30 / 91
    assert lines(result, "rent_receivable")[:2] == pytest.approx([first, second])
    assert lines(result, "rent_received")[:2] == pytest.approx([QUARTER - first, first + QUARTER - second])
    assert result.series("ratios.cfads")[:2] == pytest.approx(lines(result, "rent_received")[:2])
    assert result.series("statements.income.revenue")[:2] == pytest.approx([QUARTER] * 2)
    assert result.series("statements.balance.rent_receivable")[:2] == pytest.approx([first, second])
    assert result.series("opex.noi")[:2] == pytest.approx([QUARTER] * 2)


def test_a_lag_longer_than_a_period_owes_whole_periods(tmp_path: Path) -> None:
    """Each quarter is received four months after its end: in the second quarter after it, and two stay owed."""
    result = paid(tmp_path, "timing: in arrears, every: 3 months, lag: 4 months")
    assert lines(result, "rent_receivable") == pytest.approx([QUARTER, *[2 * QUARTER] * 43])
    assert lines(result, "rent_received") == pytest.approx([0, 0, *[QUARTER] * 42])


def test_a_year_in_advance_is_prepaid(tmp_path: Path) -> None:
    result = paid(tmp_path, "timing: in advance, every: 12 months")
    assert lines(result, "rent_received") == pytest.approx([4 * QUARTER, 0, 0, 0] * 11)
    assert lines(result, "rent_prepaid") == pytest.approx([3 * QUARTER, 2 * QUARTER, QUARTER, 0] * 11)
    assert lines(result, "rent_receivable") == pytest.approx([0.0] * 44)
    assert result.series("statements.balance.rent_prepaid")[:4] == pytest.approx([18, 12, 6, 0])
    assert result.series("ratios.cfads")[:4] == pytest.approx([24, 0, 0, 0])


def test_months_in_advance_from_the_middle_of_one(tmp_path: Path) -> None:
    """From 15 February 2026 to 14 February 2031: on 31 March paid until 14 April, 14 of the next 91 days.

    At the end of 2030 paid until 14 January, 14 of the 45 days of rent of 2031.
    """
    result = paid(
        tmp_path,
        "timing: in advance",
        (COMMENCEMENT, "    commencement: 2026-02-15\n"),
        (TERM.replace("    term: ", ""), "5 years\n"),
    )
    prepaid = lines(result, "rent_prepaid")
    assert prepaid[0] == pytest.approx(QUARTER * 14 / 91)
    assert lines(result, "rent_received")[0] == pytest.approx(QUARTER * 45 / 90 + QUARTER * 14 / 91)
    assert prepaid[19] == pytest.approx(QUARTER * 45 / 90 * 14 / 45)
    assert prepaid[20:] == pytest.approx([0.0] * 24)
    assert sum(lines(result, "rent_received")) == pytest.approx(sum(lines(result, "rent_income")))


def test_a_payment_in_advance_that_comes_late_is_owed_before_it_is_prepaid(tmp_path: Path) -> None:
    """Half a year in advance, received two months late: on 31 March prepaid until 30 June.

    On 31 August, had the model such a period, nothing were prepaid; on 30 September October to December are.
    """
    result = paid(tmp_path, "timing: in advance, every: 6 months, lag: 2 months")
    assert lines(result, "rent_prepaid")[:4] == pytest.approx([QUARTER, 0, QUARTER, 0])
    late = paid(tmp_path, "timing: in advance, every: 6 months, lag: 4 months")
    assert lines(late, "rent_receivable")[:4] == pytest.approx([QUARTER, 0, QUARTER, 0])
    assert lines(late, "rent_received")[:4] == pytest.approx([0, 2 * QUARTER, 0, 2 * QUARTER])


STOPS = (
    "  stops: {label: Stops, kind: tenant default, happens: yes, on: 2027-02-15, downtime: 10 months, "
    "relet_share: 50%}\n"
)


def stopped(folder: Path, terms: str, event: str = STOPS) -> Result:
    return paid(folder, terms, ("debt:\n", f"event:\n{event}debt:\n"))


def test_after_a_default_nothing_of_the_rent_before_it_is_paid(tmp_path: Path) -> None:
    """Quarters are paid on their last day. The fifth has 45 of 90 days of rent before the tenant stops: 3 m are lost.

    Let again from 15 December 2027: 17 of 92 days at half the rent, paid on the last of them.
    """
    result = stopped(tmp_path, "timing: in arrears, every: 3 months")
    assert lines(result, "rent_income")[3:9] == pytest.approx([6, 3, 0, 0, 3 * 17 / 92, 3])
    assert lines(result, "rent_received")[3:9] == pytest.approx([6, 0, 0, 0, 3 * 17 / 92, 3])
    assert lines(result, "rent_written_off")[3:9] == pytest.approx([0, 3, 0, 0, 0, 0])
    assert result.series("revenue.total")[4] == pytest.approx(0, abs=1e-12)
    assert result.series("ratios.cfads")[3:6] == pytest.approx([6, 0, 0], abs=1e-12)
    assert lines(result, "rent_receivable") == pytest.approx([0.0] * 44, abs=1e-12)


def test_a_default_loses_what_a_lag_has_left_unpaid(tmp_path: Path) -> None:
    """Months are paid 45 days after they end: on 14 February 2027 the last of December is due, and is paid that day.

    January, 31 of 90 days of the quarter, and the 14 days of February are never paid: 6 x 45 / 90 = 3. With a lag of
    four months the last month paid is September 2026: the fourth quarter, 6, is lost too.
    """
    result = stopped(tmp_path, "timing: in arrears, lag_days: 45 days")
    assert sum(lines(result, "rent_written_off")) == pytest.approx(3)
    # October is received by 15 December; November and December in the fifth quarter.
    assert lines(result, "rent_received")[4:7] == pytest.approx([6 * 61 / 92, 0, 0], abs=1e-12)
    late = stopped(tmp_path, "timing: in arrears, lag: 4 months")
    assert lines(late, "rent_written_off")[4] == pytest.approx(9)
    # In the fifth quarter September alone is paid, by the end of January.
    assert lines(late, "rent_received")[4:8] == pytest.approx([6 * 30 / 92, 0, 0, 0], abs=1e-12)
    half = stopped(
        tmp_path, "timing: in arrears, lag: 4 months", STOPS.replace("happens: yes", "happens: yes, passed_on: 50%")
    )
    assert lines(half, "rent_written_off")[4] == pytest.approx(4.5)
    none = stopped(tmp_path, "timing: in arrears, lag: 4 months", STOPS.replace("happens: yes", "happens: no"))
    assert lines(none, "rent_written_off") == [0.0] * 44
    leaves = stopped(tmp_path, "timing: in arrears, lag: 4 months", STOPS.replace("tenant default", "non-renewal"))
    assert sum(lines(leaves, "rent_received")) + lines(leaves, "owed_closing")[-1] == pytest.approx(
        sum(lines(leaves, "rent_income"))
    )


def test_what_is_neither_received_nor_owed_fails_a_check(tmp_path: Path) -> None:
    change = ("    term: ", "    payment: {timing: in arrears, lag: 1 month}\n    term: ")
    model = model_of(tmp_path, change)
    wrong = spvmodel.solve(with_fault(model, "lease.hall.rent_received", 0.5, "money", 4))
    failed = {check.name for check in wrong.checks if not check.passed}
    assert "checks.rent_received" in failed


def test_rent_paid_as_it_is_earned_has_no_lines_of_it(tmp_path: Path) -> None:
    names = set(model_of(tmp_path).lines)
    assert not {"revenue.received", "lease.rent_received", "checks.rent_received"} & names
