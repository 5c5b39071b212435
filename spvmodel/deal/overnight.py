"""Overnight rates compounded in arrears: one rate per period from a path of daily rates.

Dates and numbers in, one number out, when a model is built: the path is data. Every night counts from the day on which
it begins, so that a period from one payment day to the next takes the first of them and not the last.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from spvmodel.deal.calendars import FIRST_YEAR, adjust

CALENDAR: Final = "US government securities"
"""The business days of SOFR (definitions, section 5)."""

FIRST_CLOSE: Final = FIRST_YEAR + 1
"""The first year whose lookbacks fall in years with known holidays."""

_DAY: Final = dt.timedelta(days=1)
_YEAR: Final = 360


def observed(day: dt.date, lookback: int) -> dt.date:
    """The business day whose rate the night from ``day`` bears: ``lookback`` business days before its own."""
    found = adjust(day, "preceding", CALENDAR)
    for _ in range(lookback):
        found = adjust(found - _DAY, "preceding", CALENDAR)
    return found


def nights(start: dt.date, end: dt.date, lookback: int) -> Iterator[tuple[dt.date, int]]:
    """The day observed and the days it counts for, from ``start`` up to ``end``: weekends count with the day before."""
    day = start
    while day < end:
        until = min(adjust(day + _DAY, "following", CALENDAR), end)
        yield observed(day, lookback), (until - day).days
        day = until


def compounded(path: tuple[tuple[dt.date, float], ...], start: dt.date, end: dt.date, lookback: int) -> float:
    """The rate per annum, ACT/360, of a period from ``start`` to ``end``: ``(prod(1 + r d / 360) - 1) x 360 / days``.

    Each rate of ``path`` holds from its date, the first one before it too. A period of no days takes the rate of its
    day, which nothing accrues at.
    """
    since = [day for day, _ in path]

    def rate(day: dt.date) -> float:
        return path[max(0, bisect_right(since, day) - 1)][1]

    if start >= end:
        return rate(observed(start, lookback))
    growth = 1.0
    for day, days in nights(start, end, lookback):
        growth *= 1 + rate(day) * days / _YEAR
    return (growth - 1) * _YEAR / (end - start).days
