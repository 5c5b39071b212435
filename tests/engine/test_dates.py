"""Date arithmetic against the calendar of Python, for one case and for many."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spvmodel.engine import dates, many_dates
from spvmodel.lines import from_serial, serial

days = st.dates(date(1900, 3, 1), date(2199, 12, 31))
months = st.integers(-1200, 1200)


def later(start: date, count: int) -> tuple[int, int]:
    year, month = start.year, start.month
    for _ in range(abs(count)):
        month += 1 if count > 0 else -1
        if month in (0, 13):
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    return year, month


@given(days, months)
def test_edate_and_eomonth(start: date, count: int) -> None:
    year, month = later(start, count)
    last = monthrange(year, month)[1]
    same_day, month_end = date(year, month, min(start.day, last)), date(year, month, last)
    assert from_serial(dates.edate(serial(start), count)) == same_day
    assert from_serial(dates.eomonth(serial(start), count)) == month_end
    many = np.empty(2)
    assert not many_dates.edate(np.full(2, serial(start)), np.array([float(count)]), many).any()
    assert many.tolist() == [serial(same_day)] * 2
    assert not many_dates.eomonth(np.array([serial(start)]), np.full(2, float(count)), many).any()
    assert many.tolist() == [serial(month_end)] * 2


@given(days)
def test_parts_of_dates_and_day_numbers(start: date) -> None:
    assert from_serial(serial(start)) == start
    assert serial(start + timedelta(days=1)) == serial(start) + 1
    many = np.empty(1)
    for part in ("year", "month", "day"):
        assert getattr(dates, part)(serial(start)) == getattr(start, part)
        assert not getattr(many_dates, part)(np.array([serial(start)]), many).any()
        assert many.tolist() == [getattr(start, part)]


def test_day_numbers_are_those_of_spreadsheets() -> None:
    assert serial(date(2025, 1, 1)) == 45658.0
    assert serial(date(1970, 1, 1)) == 25569.0


@pytest.mark.parametrize(
    ("day", "count"),
    [(serial(date.max), 1.0), (serial(date.min), -1.0), (3e6, 0.0), (45678.0, 1e9), (45678.0, -1e300)],
)
def test_dates_out_of_range_are_refused_by_both(day: float, count: float) -> None:
    for one, many in ((dates.edate, many_dates.edate), (dates.eomonth, many_dates.eomonth)):
        with pytest.raises((ValueError, OverflowError)):
            one(day, count)
        assert many(np.array([day, 45678.0]), np.array([count, 0.0]), np.empty(2)).tolist() == [True, False]


@given(st.floats(-1e7, 1e7), st.floats(-2e5, 2e5))
def test_both_refuse_the_same_dates(day: float, count: float) -> None:
    assume(abs(count) < 119_988)  # More months than there are in the calendar.
    try:
        expected = dates.edate(day, count)
    except (ValueError, OverflowError):
        expected = None
    many = np.empty(1)
    refused = bool(many_dates.edate(np.array([day]), np.array([count]), many)[0])
    assert refused == (expected is None)
    assert refused or many[0] == expected
