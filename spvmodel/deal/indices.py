"""What must hold of price indices: rates or levels, and levels for every month that a rent is stepped by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import A_DAY, Problem, Values
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.timeline import add_months
from spvmodel.deal.translate import Translator

MOST_LEVELS: Final = 100
"""So many levels still fit into one formula of a workbook."""


def index_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """One way to state an index."""
    for key, index in spec.index.items():
        if (index.rates is None) == (not index.levels):
            given = "neither rates nor levels" if index.rates is None else "both rates and levels"
            yield say.error(("index", key), f"the index '{key}' has {given}", "exactly one of them", key=True)
        if len(index.levels) > MOST_LEVELS:
            message = f"the index '{key}' has {len(index.levels)} levels"
            yield say.error(("index", key, "levels"), message, f"{MOST_LEVELS} at most", key=True)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], end: dt.date) -> Iterator[Problem]:
    """Levels in the order of their dates, from the first to the last month that a lease reads until ``end``."""
    values = Values(quantities)
    for key, index in spec.index.items():
        dates = [f"index.{key}.levels.{level}.date" for level in index.levels]
        for earlier, later in pairwise(dates):
            if values.date(later) <= values.date(earlier):
                message = f"a level of {short(index.label)} is dated {values.date(later)}, and follows that of "
                yield Problem(
                    (later, earlier), f"{message}{values.date(earlier)}", "levels in the order of their dates"
                )
                return
    for key, lease in spec.lease.items():
        if lease.indexation is not None and spec.index[lease.indexation.index].levels:
            yield from _reach(values, spec, key, end)


def _reach(values: Values, spec: DealSpec, key: str, end: dt.date) -> Iterator[Problem]:
    """The levels reach from a year before the first reference month to less than a year before the last.

    None that is read is a year old or more: the rent would not rise, and by two years in one the next time.
    """
    lease = spec.lease[key]
    assert lease.indexation is not None
    index, lag = lease.indexation.index, int(values.number(f"lease.{key}.indexation.lag"))
    start = values.delayed(f"lease.{key}.commencement")
    first = start.replace(month=1, day=1) if lease.escalates == "each January" else start
    close, last = values.date("time.close"), min(end, values.lease_end(key))
    steps = [add_months(first, 12 * year) for year in range(1, last.year - first.year + 1)]
    months = [add_months(step, -lag) for step in steps if close < step <= last]
    if not months:
        return
    label, lease_label = short(spec.index[index].label), short(lease.label)
    given = [f"index.{index}.levels.{level}.date" for level in spec.index[index].levels]
    since = add_months(months[0], -12)
    if values.date(given[0]) > since:
        message = (
            f"the levels of {label} begin on {values.date(given[0])}; the first step of {lease_label} reads {since}"
        )
        yield Problem((given[0], f"lease.{key}.indexation.lag"), message, f"a level of {since} or before")
    if values.date(given[-1]) <= add_months(months[-1], -12):
        message = f"the levels of {label} end on {values.date(given[-1])}; the last step of {lease_label} reads "
        until = add_months(months[-1], -12) + A_DAY
        names = (given[-1], f"lease.{key}.indexation.lag")
        yield Problem(names, f"{message}{months[-1]}", f"levels, as forecast, to {until} or later")
    read = sorted({*months, *(add_months(month, -12) for month in months)})
    for earlier, later in pairwise(given):
        since = add_months(values.date(earlier), 12)
        stale = next((month for month in read if since <= month < values.date(later)), None)
        if stale is not None:
            message = f"the levels of {label} have none between {values.date(earlier)} and {values.date(later)}, where "
            told = f"{message}{lease_label} reads {stale}"
            yield Problem((later, earlier, f"lease.{key}.indexation.lag"), told, "a level for every twelve months")
            return
