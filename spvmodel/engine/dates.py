"""Date arithmetic on spreadsheet day numbers."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import lru_cache

from spvmodel.lines import from_serial, serial


@lru_cache(maxsize=65536)
def edate(day: float, months: float) -> float:
    """The same day of the month ``months`` (cut to whole) later, clipped to that month's last day."""
    start = from_serial(day)
    year, month = _shift(start, int(months))
    return serial(date(year, month, min(start.day, monthrange(year, month)[1])))


@lru_cache(maxsize=65536)
def eomonth(day: float, months: float) -> float:
    """The last day of the month ``months`` (cut to whole) later."""
    year, month = _shift(from_serial(day), int(months))
    return serial(date(year, month, monthrange(year, month)[1]))


@lru_cache(maxsize=65536)
def year(day: float) -> float:
    """The calendar year of a day number."""
    return float(from_serial(day).year)


@lru_cache(maxsize=65536)
def month(day: float) -> float:
    """The month of a day number, 1 to 12."""
    return float(from_serial(day).month)


@lru_cache(maxsize=65536)
def day(day: float) -> float:
    """The day of the month of a day number, 1 to 31."""
    return float(from_serial(day).day)


def _shift(start: date, months: int) -> tuple[int, int]:
    count = start.year * 12 + start.month - 1 + months
    return count // 12, count % 12 + 1
