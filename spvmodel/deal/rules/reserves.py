"""Rules of reserve accounts and of the facilities that stand beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.dates import inside, order, words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.timeline import MONTHS_PER_PERIOD


def capital_reserve(values: Values, name: str, label: str, spec: DealSpec, end: dt.date) -> Iterator[Problem]:
    """Works come round at most once a period, between the start of the cycles and the end of the timeline."""
    cycle, period = values.number(f"{name}.cycle"), MONTHS_PER_PERIOD[spec.time.frequency]
    if cycle < period:
        message = f"the works of {label} come round every {cycle:.0f} months, more often than once a model period"
        yield Problem((f"{name}.cycle",), message, f"{period} months or more")
    start = f"{name}.start" if f"{name}.start" in values else "time.close"
    yield from order(values, start, "time.close")
    if f"{name}.until" in values:
        yield from order(values, f"{name}.until", start, strict=True)
        yield from inside(values, f"{name}.until", end)


def account(values: Values, name: str, label: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """An account starts, is full and is released in this order, all within the timeline, and so are its works."""
    since, end = "time.close", periods[-1]
    start, until = f"{name}.start", f"{name}.until"
    if start in values and until in values:
        opens, shuts = values.date(start), values.date(until)
        if opens < shuts <= end and not any(opens <= day < shuts for day in periods):
            message = f"{label} is held from {opens} and released on {shuts}, before a period ends"
            yield Problem((until, start), message, "a period end between the two")
    for what in ("start", "full_by", "until"):
        here = f"{name}.{what}"
        if here in values:
            yield from order(values, here, since, strict=what != "start")
            yield from inside(values, here, end)
            since = here
    if f"{name}.works" not in values:
        return
    close = values.date("time.close")
    for day, _ in values.points(f"{name}.works"):
        if not close < day <= end:
            message = f"works of {label} are dated {day}, outside the timeline"
            yield Problem((f"{name}.works", "time.close"), message, f"after {close}, by {end}, or a later time.end")
            return


def facility(values: Values, name: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A facility is available at a period end, between financial close and the end of the timeline."""
    end = periods[-1]
    yield from order(values, f"{name}.close", "time.close")
    first = f"{name}.close" if f"{name}.close" in values else "time.close"
    until = f"{name}.until"
    ends_too_early = list(order(values, until, first, strict=True)) or list(inside(values, until, end))
    yield from ends_too_early
    opens, shuts = values.date(first), values.date(until)
    if not ends_too_early and not any(opens <= day <= shuts for day in periods):
        message = f"{words(values, until)} ({shuts}) and its first day ({opens}) have no period end between them"
        yield Problem((until, first), f"{message}, so that nothing is ever drawn", "a period end between the two")
