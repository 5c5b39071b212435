"""Date arithmetic on arrays of spreadsheet day numbers; each function writes to its last argument.

A case whose date lies outside the years 1 to 9999 gets nan, and the function returns a mask of such cases.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spvmodel.engine.program import Floats
from spvmodel.lines import serial

Bools = NDArray[np.bool_]

_UNIX_EPOCH: Final = serial(date(1970, 1, 1))
_FIRST, _LAST = serial(date.min), serial(date.max)
_MONTHS: Final = 12 * 9999
_FIRST_MONTH, _LAST_MONTH = np.datetime64("0001-01"), np.datetime64("9999-12")


def edate(day: Floats, months: Floats, out: Floats) -> Bools:
    """The same day of the month ``months`` later, or that month's last day where it has no such day."""
    start, bad = _days(day)
    month = start.astype("M8[M]")
    target, outside = _later(month, months)
    first = target.astype("M8[D]")
    length = (target + 1).astype("M8[D]") - first
    return _write(first + np.minimum(start - month.astype("M8[D]"), length - 1), bad | outside, out)


def eomonth(day: Floats, months: Floats, out: Floats) -> Bools:
    """The last day of the month ``months`` later."""
    start, bad = _days(day)
    target, outside = _later(start.astype("M8[M]"), months)
    return _write((target + 1).astype("M8[D]") - 1, bad | outside, out)


def year(day: Floats, out: Floats) -> Bools:
    """The calendar year."""
    start, bad = _days(day)
    out[:] = np.where(bad, np.nan, start.astype("M8[Y]").astype(np.int64) + 1970.0)
    return bad


def month(day: Floats, out: Floats) -> Bools:
    """The month in its year, 1 to 12."""
    start, bad = _days(day)
    months = start.astype("M8[M]")
    out[:] = np.where(bad, np.nan, (months - months.astype("M8[Y]").astype("M8[M]")).astype(np.int64) + 1.0)
    return bad


def day(day: Floats, out: Floats) -> Bools:
    """The day of its month, 1 to 31."""
    start, bad = _days(day)
    out[:] = np.where(bad, np.nan, (start - start.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1.0)
    return bad


def _days(day: Floats) -> tuple[NDArray[Any], Bools]:
    whole = np.trunc(day)
    bad = ~((whole >= _FIRST) & (whole <= _LAST))
    return (np.where(bad, 0.0, whole) - _UNIX_EPOCH).astype(np.int64).astype("M8[D]"), bad


def _later(month: NDArray[Any], months: Floats) -> tuple[NDArray[Any], Bools]:
    whole = np.trunc(months)
    bad = ~(np.abs(whole) <= _MONTHS)
    target = month + np.where(bad, 0.0, whole).astype(np.int64)
    bad = bad | (target < _FIRST_MONTH) | (target > _LAST_MONTH)
    return np.where(bad, month, target), bad


def _write(days: NDArray[Any], bad: Bools, out: Floats) -> Bools:
    out[:] = np.where(bad, np.nan, days.astype("M8[D]").astype(np.int64) + _UNIX_EPOCH)
    return bad
