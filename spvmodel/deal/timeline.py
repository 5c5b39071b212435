"""The calendar periods of a deal."""

from __future__ import annotations

import calendar
import datetime as dt

MONTHS_PER_PERIOD = {"monthly": 1, "quarterly": 3, "semi-annual": 6, "annual": 12}


def month_end(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def add_months(date: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last day of that month when it is shorter (as EDATE)."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def lease_end(commencement: dt.date, term: int, delay: int) -> dt.date:
    """Last day of a lease of ``term`` months that commences ``delay`` months late."""
    return add_months(add_months(commencement, delay), term) - dt.timedelta(days=1)


def period_ends(close: dt.date, frequency: str, end: dt.date) -> tuple[dt.date, ...]:
    """Ends of the calendar months, quarters, half-years or years after ``close``.

    The first lies strictly after ``close``, the last is the first on or after ``end``; there is always one.
    """
    step = MONTHS_PER_PERIOD[frequency]
    ends: list[dt.date] = []
    year, month = close.year, -(-close.month // step) * step
    while not ends or ends[-1] < end:
        date = month_end(year, month)
        if date > close:
            ends.append(date)
        year, month = (year + 1, month + step - 12) if month + step > 12 else (year, month + step)
    return tuple(ends)
