"""Rules that many dates share: their order, and the timeline that holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.errors import short
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.timeline import add_months


def long_first_period(values: Values, name: str, label: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Prices step once in a period, so what earns in a first period of more than a year begins in its last year."""
    close = values.date("time.close")
    start = values.delayed(name) if name in values else close + dt.timedelta(days=1)
    first = next(end for end in periods if end > close)
    earliest = add_months(first, -12) + dt.timedelta(days=1)
    if close + dt.timedelta(days=1) < earliest and start < earliest:
        message = f"{label} earns from {start}, more than a year before the first period ends on {first}"
        names = (name, "time.close") if name in values else ("time.close",)
        yield Problem(names, message, f"from {earliest} on, or an earlier time.first_end")


def order(values: Values, name: str, other: str, *, before: bool = False, strict: bool = False) -> Iterator[Problem]:
    """``name`` on or after ``other`` (strictly after; or on or before it), the earlier delayed; if both are given."""
    if name not in values or other not in values:
        return
    early, late = (name, other) if before else (other, name)
    early_date, late_date = values.delayed(early), values.date(late)
    if early_date < late_date or (early_date == late_date and not strict):
        return
    date, limit = (early_date, late_date) if before else (late_date, early_date)
    relation = "after" if before else "not after" if strict else "before"
    allowed = f"on or before {limit}" if before else f"after {limit}" if strict else f"{limit} or later"
    message = f"{words(values, name)} ({date}) is {relation} {words(values, other, name)} ({limit})"
    if values.is_delayed(early):
        message += f", {values.delay} months of delay counted"
    yield Problem((name, other, *delay_of(values, early)), message, allowed)


def inside(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    date = values.delayed(name)
    if date > end:
        message = f"{words(values, name)} ({date}) lies after the timeline ends on {end}"
        if values.is_delayed(name):
            message += f", {values.delay} months of delay counted"
        yield Problem((name, *delay_of(values, name)), message, f"by {end}, or a later time.end")


def delay_of(values: Values, name: str) -> tuple[str, ...]:
    return ("construction.delay",) if values.is_delayed(name) else ()


def words(values: Values, name: str, beside: str = "") -> str:
    """The label of an input in a sentence; without the entry that ``beside`` names already."""
    label = values.quantities[name].label
    field, _, entry = label.partition(", ")
    if beside and entry and values.quantities[beside].label.endswith(f", {entry}"):
        return field.lower()
    return short(label)
