"""The periods of a deal."""

from __future__ import annotations

import calendar
import datetime as dt

MONTHS_PER_PERIOD = {"monthly": 1, "quarterly": 3, "semi-annual": 6, "annual": 12}


def month_end(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def is_month_end(date: dt.date) -> bool:
    """Whether a date is the last day of its month."""
    return date == month_end(date.year, date.month)


def add_months(date: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last day of that month when it is shorter (as EDATE)."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def lease_end(commencement: dt.date, term: int, delay: int) -> dt.date:
    """Last day of a lease of ``term`` months that commences ``delay`` months late."""
    return add_months(add_months(commencement, delay), term) - dt.timedelta(days=1)


def calendar_end(close: dt.date, frequency: str) -> dt.date:
    """End of the calendar month, quarter, half-year or year in which the day after ``close`` falls."""
    step, after = MONTHS_PER_PERIOD[frequency], close + dt.timedelta(days=1)
    return month_end(after.year, -(-after.month // step) * step)


def period_ends(
    close: dt.date, frequency: str, end: dt.date, first_end: dt.date | None = None, *, on_its_own: bool = False
) -> tuple[dt.date, ...]:
    """Ends of the periods, from the one in which ``close`` falls to the first on or after ``end``.

    The first period ends on ``first_end``, by default the end of the calendar period. Every later end is counted from
    that anchor and never from the end before it: the same day of its month, the last one where the month is shorter,
    and always the last one where the anchor is a month-end. ``on_its_own`` puts a period of no days, which ends on
    ``close``, before the first. There is always one period of some days.
    """
    anchor, step = first_end or calendar_end(close, frequency), MONTHS_PER_PERIOD[frequency]
    ends = [close, anchor] if on_its_own else [anchor]
    months = 0
    while ends[-1] < end:
        months += step
        date = add_months(anchor, months)
        ends.append(month_end(date.year, date.month) if is_month_end(anchor) else date)
    return tuple(ends)


def period_eves(close: dt.date, ends: tuple[dt.date, ...]) -> tuple[dt.date, ...]:
    """The eve of every period: a day falls in the period after whose eve, and not after whose end, it comes.

    It is the end of the period before; of the first period it is the day before ``close``.
    """
    return (close - dt.timedelta(days=1), *ends[:-1])
