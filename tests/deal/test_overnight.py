"""Overnight rates compounded in arrears: by hand, and against QuantLib's overnight-indexed coupon."""

from __future__ import annotations

import datetime as dt

import pytest
import QuantLib as ql

from spvmodel.deal.calendars import is_business_day
from spvmodel.deal.overnight import CALENDAR, compounded, nights, observed

PATH = ((dt.date(2023, 12, 1), 0.053), (dt.date(2024, 2, 13), 0.0512), (dt.date(2024, 9, 19), 0.0483))
D = dt.date


def test_a_week_by_hand() -> None:
    """From Friday 9 to Thursday 15 February 2024; the rate falls on Tuesday 13 from 5.30% to 5.12%.

    Friday counts for three nights and Monday for one at 5.30%, Tuesday and Wednesday for one each at 5.12%.
    """
    growth = (1 + 0.053 * 3 / 360) * (1 + 0.053 / 360) * (1 + 0.0512 / 360) ** 2
    wanted = (growth - 1) * 360 / 6
    assert compounded(PATH, D(2024, 2, 9), D(2024, 2, 15), 0) == pytest.approx(wanted, rel=1e-12)
    # Two business days back the fall is seen on Thursday, whose night the period does not have.
    growth = (1 + 0.053 * 3 / 360) * (1 + 0.053 / 360) ** 3
    wanted = (growth - 1) * 360 / 6
    assert compounded(PATH, D(2024, 2, 9), D(2024, 2, 15), 2) == pytest.approx(wanted, rel=1e-12)


def test_weekends_and_holidays_count_with_the_day_before() -> None:
    """Presidents' Day, Monday 19 February 2024; a period that begins on a Sunday takes the rate of the Friday."""
    found = list(nights(D(2024, 2, 11), D(2024, 2, 21), 0))
    assert found == [
        (D(2024, 2, 9), 1),
        (D(2024, 2, 12), 1),
        (D(2024, 2, 13), 1),
        (D(2024, 2, 14), 1),
        (D(2024, 2, 15), 1),
        (D(2024, 2, 16), 4),
        (D(2024, 2, 20), 1),
    ]
    assert observed(D(2024, 2, 20), 1) == D(2024, 2, 16)
    assert observed(D(2024, 2, 20), 2) == D(2024, 2, 15)


def test_the_days_counted_are_those_of_the_period() -> None:
    for lookback in (0, 3, 10):
        found = list(nights(D(2024, 3, 30), D(2024, 12, 31), lookback))
        assert sum(days for _, days in found) == (D(2024, 12, 31) - D(2024, 3, 30)).days
        assert all(is_business_day(day, CALENDAR) for day, _ in found)


def test_a_period_of_no_days_takes_the_rate_of_its_day() -> None:
    assert compounded(PATH, D(2024, 2, 13), D(2024, 2, 13), 0) == 0.0512
    assert compounded(PATH, D(2024, 2, 13), D(2024, 2, 13), 1) == 0.053


def test_before_its_first_date_the_path_holds_too() -> None:
    first = compounded(((D(2024, 2, 13), 0.05),), D(2024, 1, 2), D(2024, 1, 3), 0)
    assert first == pytest.approx(0.05, rel=1e-12)


@pytest.mark.parametrize("lookback", [0, 2, 5, 10])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (D(2023, 12, 29), D(2024, 3, 28)),
        (D(2024, 1, 2), D(2024, 7, 1)),
        (D(2024, 3, 28), D(2025, 3, 31)),
        (D(2024, 9, 18), D(2024, 9, 20)),
    ],
)
def test_against_quantlib(start: dt.date, end: dt.date, lookback: int) -> None:
    index = ql.Sofr()
    index.clearFixings()
    calendar, day = index.fixingCalendar(), D(2023, 12, 1)
    while day <= D(2025, 4, 30):
        if calendar.isBusinessDay(date := ql.Date(day.day, day.month, day.year)):
            index.addFixing(date, next(rate for since, rate in reversed(PATH) if since <= day))
        day += dt.timedelta(days=1)
    ql.Settings.instance().evaluationDate = ql.Date(30, 4, 2025)
    first, last = (ql.Date(date.day, date.month, date.year) for date in (start, end))
    coupon = ql.OvernightIndexedCoupon(
        last,
        1.0,
        first,
        last,
        index,
        1.0,
        0.0,
        ql.Date(),
        ql.Date(),
        ql.Actual360(),
        False,
        ql.RateAveraging.Compound,
        lookback,
    )
    rate = coupon.rate()
    index.clearFixings()
    assert compounded(PATH, start, end, lookback) == pytest.approx(rate, rel=1e-12)
