"""Business days, and schedules of payment dates.

Everything here is dates in, dates out, and runs when a deal is loaded. A schedule is rolled from one unadjusted anchor
and its day of the month, and adjusted to business days only then: a date that was moved or cut is never rolled on.
Source: definitions, section 5.
"""

from __future__ import annotations

import calendar as months_of
import datetime as dt
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from itertools import count, pairwise
from typing import Final, Literal, get_args

Rule = Literal[
    "unadjusted",
    "following",
    "modified following",
    "half-month modified following",
    "preceding",
    "modified preceding",
    "nearest",
]
"""What becomes of a date that is no business day."""

Stub = Literal["short", "long"]

RULES: Final[tuple[str, ...]] = get_args(Rule)

CALENDARS: Final = {"none": "", "US government securities": "SIFMA", "Federal Reserve": "FED", "TARGET": "ECB"}
"""Calendars by name, with what the package ``holidays`` calls each; "none" knows weekends only.

"US government securities" closes when SIFMA recommends a full close for US Treasuries, which is the calendar of
SOFR. SIFMA decides shortly before whether it is a full close on a Good Friday that is also a day of employment
figures; years ahead of that count as closed.
"""

FIRST_YEAR: Final = 1999
"""Before this year the package does not know all holidays of all calendars."""

_DAY: Final = dt.timedelta(days=1)


def is_business_day(date: dt.date, calendar: str = "none") -> bool:
    """Whether banks of the calendar are open: neither a weekend nor a holiday. Raises ValueError for its name."""
    if calendar not in CALENDARS:
        raise ValueError(f"unknown calendar {calendar!r}: one of {', '.join(CALENDARS)}")
    if date.weekday() >= 5:
        return False
    return calendar == "none" or date not in _holidays(calendar, date.year)


@cache
def _holidays(calendar: str, year: int) -> Container[dt.date]:
    if year < FIRST_YEAR:
        raise ValueError(f"the calendar {calendar} is not known for {year}: {FIRST_YEAR} or later")
    import holidays

    return frozenset(holidays.financial_holidays(CALENDARS[calendar], years=year))


def adjust(date: dt.date, rule: str, calendar: str = "none") -> dt.date:
    """``date`` moved to a business day.

    - following, preceding: to the next or the previous one;
    - modified following, modified preceding: the same unless that crosses into another month, then the other way;
    - half-month modified following: as modified following, and it does not cross from the 15th to the 16th either;
    - nearest: to the closer one, forward when both are as close;
    - unadjusted: not at all.

    Raises ValueError for an unknown rule or calendar.
    """
    if rule not in RULES:
        raise ValueError(f"unknown business-day rule {rule!r}: one of {', '.join(RULES)}")
    if rule == "unadjusted":
        return date
    after, before = _next(date, _DAY, calendar), _next(date, -_DAY, calendar)
    match rule:
        case "following":
            return after
        case "modified following":
            return after if after.month == date.month else before
        case "half-month modified following":
            return after if after.month == date.month and not date.day <= 15 < after.day else before
        case "preceding":
            return before
        case "modified preceding":
            return before if before.month == date.month else after
        case _:
            return after if after - date <= date - before else before


def _next(date: dt.date, step: dt.timedelta, calendar: str) -> dt.date:
    """The first business day from ``date`` on, itself included."""
    while not is_business_day(date, calendar):
        date += step
    return date


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a schedule.

    ``start`` and ``end`` are the unadjusted dates, ``adjusted_start`` and ``adjusted_end`` the business days they move
    to; payment is on the last of them. ``regular`` are the regular periods, as pairs of unadjusted dates, that
    the accrual lies in: itself if it is one, the one that a short stub is a part of, several for a long stub.
    """

    start: dt.date
    end: dt.date
    adjusted_start: dt.date
    adjusted_end: dt.date
    regular: tuple[tuple[dt.date, dt.date], ...]

    @property
    def is_stub(self) -> bool:
        """Whether it is shorter or longer than a regular period."""
        return self.regular != ((self.start, self.end),)


def schedule(
    start: dt.date,
    end: dt.date,
    months: int,
    *,
    anchor: dt.date | None = None,
    day: int | None = None,
    end_of_month: bool = False,
    first: Stub = "short",
    last: Stub = "short",
    rule: str = "unadjusted",
    calendar: str = "none",
) -> tuple[Period, ...]:
    """The accrual periods of ``months`` each from ``start`` to ``end``.

    They are rolled from ``anchor``, an unadjusted payment date: ``end`` by default, which is backward from maturity;
    ``start`` for forward; or one between, such as a first payment date. ``day`` is the day of the month on which
    payments fall, by default the anchor's: a month without it pays on its last day, and ``day=31`` always does.
    ``end_of_month`` says that an anchor on the last day of its month means the last day of every month.
    What is left over at either end is a stub: ``short``, or ``long`` when joined with the regular period beside it;
    the anchor remains a payment date.
    Then ``rule`` moves all dates to business days of ``calendar``; a stub between days that move to the same one
    has no days left.

    Raises ValueError for dates out of order, an anchor that is not on ``day``, an unknown rule or calendar.
    """
    anchor = end if anchor is None else anchor
    if not start < end:
        raise ValueError(f"a schedule from {start} ends after it, not on {end}")
    if not start <= anchor <= end:
        raise ValueError(f"the anchor {anchor} lies outside the schedule: {start} to {end}")
    if months < 1:
        raise ValueError(f"a period has 1 month or more, not {months}")
    if end_of_month and (anchor + _DAY).day == 1:
        day = 31
    day = anchor.day if day is None else day
    if _roll(anchor, 0, day) != anchor:
        raise ValueError(f"the anchor {anchor} is not on day {day} of its month")
    if rule not in RULES:
        raise ValueError(f"unknown business-day rule {rule!r}: one of {', '.join(RULES)}")

    back = next(k for k in count() if _roll(anchor, -k * months, day) <= start)
    ahead = next(k for k in count() if _roll(anchor, k * months, day) >= end)
    rolled = [_roll(anchor, k * months, day) for k in range(-back, ahead + 1)]
    joined: set[dt.date] = set()
    if first == "long" and rolled[0] < start:
        joined.add(rolled[1])
    if last == "long" and rolled[-1] > end:
        joined.add(rolled[-2])
    dates = [start, *(date for date in rolled[1:-1] if date == anchor or date not in joined), end]
    found = []
    for opens, closes in pairwise(dates):
        regular = tuple((a, b) for a, b in pairwise(rolled) if b > opens and a < closes)
        moved = adjust(opens, rule, calendar), adjust(closes, rule, calendar)
        found.append(Period(opens, closes, *moved, regular))
    return tuple(found)


def _roll(anchor: dt.date, months: int, day: int) -> dt.date:
    """``day`` of the month ``months`` from the anchor's, or that month's last day where it has no such day."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day, months_of.monthrange(year, month + 1)[1]))
