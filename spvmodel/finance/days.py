"""Day counts: the fraction of a year that interest of an accrual period is charged for.

Each rule is a formula over dates, so that the workbook computes it in the open: a spreadsheet's own YEARFRAC follows
none of these rules in full. Rules and vectors: definitions, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from spvmodel.finance.time import A_YEAR, DAY, DAYS_360, DAYS_365, YEAR
from spvmodel.lines import Expr, Number, day, default, eomonth, equal, minimum, month, ratio, where, year

_MONTH: Final = Number(1, "months")
_PER_YEAR_360: Final = Number(360, "1/yr")
_PER_YEAR_365: Final = Number(365, "1/yr")
_FEBRUARY: Final = 2
_FEBRUARY_28: Final = 59
"""Its number among the days of the year."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """An accrual period and what some rules must know beside it; see :func:`year_fraction`."""

    start: Expr
    end: Expr
    period_start: Expr | None = None
    period_end: Expr | None = None
    periods_per_year: Expr | None = None
    last: Expr | None = None


@dataclass(frozen=True, slots=True)
class DayCount:
    """One rule: how it counts, its other names in the market, where it is laid down, and its formula.

    ``needs`` are the parts of an :class:`Accrual` that it reads beside the two dates.
    """

    rule: str
    names: tuple[str, ...]
    source: str
    formula: Callable[[Accrual], Expr]
    needs: tuple[str, ...] = ()


def year_fraction(
    day_count: str,
    start: Expr,
    end: Expr,
    *,
    period_start: Expr | None = None,
    period_end: Expr | None = None,
    periods_per_year: Expr | None = None,
    last: Expr | None = None,
) -> Expr:
    """The formula of the fraction of a year (yr) from ``start`` to ``end``: the first day counts, the last does not.

    Dates are lines or formulas of unit ``date``, ``start`` not after ``end``; an accrual of no days gives 0. A model
    period accrues from the end of the one before to its own end.
    ``period_start`` and ``period_end`` bound the full, regular period that the accrual lies in, also where the accrual
    is only a part of it, and ``periods_per_year`` (1/yr) is how many of those make a year: "ACT/ACT ICMA" and "by
    period" need all three. An accrual longer than a regular period is the sum of the fractions of its parts.
    ``last`` is the termination date that "30E/360 ISDA" needs. What a rule does not need may be given all the same.

    Raises ValueError for a name that :data:`DAY_COUNTS` does not have and TypeError for a part that is missing.
    Source: definitions, section 5.
    """
    if day_count not in DAY_COUNTS:
        raise ValueError(f"unknown day count {day_count!r}: one of {', '.join(DAY_COUNTS)}")
    accrual = Accrual(start, end, period_start, period_end, periods_per_year, last)
    missing = [name for name in DAY_COUNTS[day_count].needs if getattr(accrual, name) is None]
    if missing:
        raise TypeError(f"the day count {day_count} needs {', '.join(missing)}")
    return DAY_COUNTS[day_count].formula(accrual)


def _actual_360(a: Accrual) -> Expr:
    return (a.end - a.start) / DAYS_360


def _actual_365(a: Accrual) -> Expr:
    return (a.end - a.start) / DAYS_365


def _isda(a: Accrual) -> Expr:
    """Whole years are one each; only the two dates' places in their own years have a denominator."""
    return (year(a.end) - year(a.start) + (_passed(a.end) - _passed(a.start))) * A_YEAR


def _passed(date: Expr) -> Expr:
    """The share of its calendar year that lies before a date."""
    return (date - _new_year_s_eve(date) - DAY) / (eomonth(date, YEAR - month(date) * _MONTH) - _new_year_s_eve(date))


def _new_year_s_eve(date: Expr) -> Expr:
    """The last day of the year before."""
    return eomonth(date, -(month(date) * _MONTH))


def _of_period(a: Accrual) -> Expr:
    """One part in so many of a year for a whole period, in proportion of days for a part of it."""
    assert a.period_start is not None
    assert a.period_end is not None
    assert a.periods_per_year is not None
    # A closing date that stands in a period of its own has no days, and accrues nothing.
    return default(ratio(a.end - a.start, a.period_end - a.period_start), 0) / a.periods_per_year


def _thirty(a: Accrual, first: Expr, second: Expr) -> Expr:
    """The fraction of a year of twelve months of 30 days, from the days of the month that a rule sets."""
    months = (year(a.end) - year(a.start)) * 360 + (month(a.end) - month(a.start)) * 30
    return (months + second - first) / _PER_YEAR_360


def _capped(date: Expr) -> Expr:
    """The day of the month, the 31st as the 30th."""
    return minimum(day(date), 30)


def _month_end(date: Expr) -> Expr:
    """The day of the month, the last one of any month as the 30th."""
    return where(equal(eomonth(date, 0), date), 30, day(date))


def _bond_basis(a: Accrual) -> Expr:
    return _thirty(a, _capped(a.start), where(day(a.start) >= 30, _capped(a.end), day(a.end)))


def _us(a: Accrual) -> Expr:
    from_end = where(equal(month(a.start), _FEBRUARY), _month_end(a.end), _capped(a.end))
    return _thirty(a, _month_end(a.start), where(_month_end(a.start) >= 30, from_end, day(a.end)))


def _eurobond(a: Accrual) -> Expr:
    return _thirty(a, _capped(a.start), _capped(a.end))


def _thirty_isda(a: Accrual) -> Expr:
    assert a.last is not None
    fraction = _thirty(a, _month_end(a.start), where(equal(a.end, a.last), _capped(a.end), _month_end(a.end)))
    # On a termination date at the end of February start and end would be two days apart though they are one day.
    return where(a.end > a.start, fraction, 0)


def _no_leap(a: Accrual) -> Expr:
    return ((year(a.end) - year(a.start)) * 365 + (_day_of_365(a.end) - _day_of_365(a.start))) / _PER_YEAR_365


def _day_of_365(date: Expr) -> Expr:
    """The number of a date among the days of its year, 29 February as the 28th."""
    number = (date - _new_year_s_eve(date)) / DAY
    length = (eomonth(date, YEAR - month(date) * _MONTH) - _new_year_s_eve(date)) / DAY
    return number - where(number > _FEBRUARY_28, length - 365, 0)


def _one(a: Accrual) -> Expr:
    return where(a.end > a.start, A_YEAR, 0)


_ISDA = "ISDA Definitions 2006, section 4.16"
_PERIOD = ("period_start", "period_end", "periods_per_year")

DAY_COUNTS: Final[dict[str, DayCount]] = {
    "ACT/360": DayCount("actual days / 360", ("Actual/360", "A/360", "money market"), f"{_ISDA}(e)", _actual_360),
    "ACT/365F": DayCount("actual days / 365", ("Actual/365 (Fixed)", "A/365F", "English"), f"{_ISDA}(d)", _actual_365),
    "ACT/ACT ISDA": DayCount(
        "days in leap years / 366 + days in other years / 365",
        ("Actual/Actual", "Actual/Actual (ISDA)"),
        f"{_ISDA}(b)",
        _isda,
    ),
    "ACT/ACT ICMA": DayCount(
        "actual days / (days of the regular period x periods a year)",
        ("Actual/Actual (ICMA)", "Actual/Actual (ISMA)", "Actual/Actual (Bond)"),
        f"ICMA rule 251; {_ISDA}(c)",
        _of_period,
        _PERIOD,
    ),
    "30/360 Bond Basis": DayCount(
        "30-day months; the 31st is the 30th, at the end only if the start is the 30th or 31st",
        ("30/360", "360/360", "Bond Basis", "30A/360"),
        f"{_ISDA}(f)",
        _bond_basis,
    ),
    "30U/360": DayCount(
        "as Bond Basis, and from the last day of February the start is the 30th, and so is an end on such a day",
        ("30/360 US", "30/360 SIA"),
        "SIA Standard Securities Calculation Methods, volume 1, with the end-of-month rule",
        _us,
    ),
    "30E/360": DayCount(
        "30-day months; the 31st is the 30th", ("Eurobond Basis", "30/360 ICMA", "30S/360"), f"{_ISDA}(g)", _eurobond
    ),
    "30E/360 ISDA": DayCount(
        "30-day months; the last day of every month is the 30th, but of February not on the termination date",
        ("30E/360 (ISDA)", "30/360 German"),
        f"{_ISDA}(h)",
        _thirty_isda,
        ("last",),
    ),
    "NL/365": DayCount(
        "days other than 29 February, which does not count as an end either, / 365",
        ("Actual/365 No Leap", "NL365"),
        "market practice",
        _no_leap,
    ),
    "1/1": DayCount("one year for each accrual, however long", ("One/One",), f"{_ISDA}(a)", _one),
    "by period": DayCount(
        "every full period is an equal part of a year; a part of one counts in proportion of its days",
        ("periodic rate", "interest by period"),
        "rate per annum / periods a year",
        _of_period,
        _PERIOD,
    ),
}
"""Every day count a loan may have, by the name a deal file gives it."""
