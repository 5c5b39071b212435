"""How a rent rises: by a share each year, by dated steps, or with a price index.

Each gives the index before and after the last step by the period end, and the eve of that step: at most one step falls
in a period (``deal/leases.py`` refuses more).
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul

from spvmodel.finance.operations.anniversaries import Days, declare_later, declare_step, declare_weighted, january_of
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAY, END, START, YEAR
from spvmodel.lines import (
    Expr,
    Ref,
    default,
    edate,
    maximum,
    minimum,
    prev,
    ratio,
    sum_behind,
    where,
)


def first_step_from(terms: Terms, name: str, start: Ref) -> Expr:
    """The date from which the years of a lease's escalation are counted (scalar)."""
    if terms.deal.spec.lease[name].escalates != "each January":
        return start
    g, at = terms.graph, f"lease.{name}"
    january = january_of(start)
    return g.scalar(f"{at}.january", january, "1 January of the year of commencement", "date")


def has_own_index(terms: Terms, name: str) -> bool:
    """Whether the rent of a lease follows dated steps or a price index, and not a yearly share."""
    lease = terms.deal.spec.lease[name]
    return bool(lease.steps) or lease.indexation is not None


def declare_own_index(terms: Terms, name: str, start: Ref) -> None:
    """``lease.<name>.step_eve``, ``index_before`` and ``index_after`` of dated steps or a price index."""
    if terms.deal.spec.lease[name].steps:
        _declare_steps(terms, name, start)
    else:
        _declare_indexation(terms, name, start)


def declare_own_days(terms: Terms, at: str, counted: Days, what: str) -> Ref:
    """``{at}.indexed_days`` where :func:`declare_own_index` gave the index."""
    later = declare_later(terms, at, counted, Ref(f"{at}.step_eve"), what)
    return declare_weighted(terms, at, counted, later, Ref(f"{at}.index_before"), Ref(f"{at}.index_after"), what)


def _declare_steps(terms: Terms, name: str, start: Ref) -> None:
    """Dated steps, compounding; a delay of completion moves them."""
    g, at = terms.graph, f"lease.{name}"
    steps = []
    for key, step in terms.deal.spec.lease[name].steps.items():
        here = f"{at}.steps.{key}"
        day = edate(terms[f"{here}.date"], terms["construction.delay"])
        steps.append((g.scalar(f"{here}.day", day, f"{step.label}: after delay", "date"), terms[f"{here}.rise"]))
    before = start - DAY
    eve = maximum(before, *[where(day <= END, day - DAY, before) for day, _ in steps])
    eve = g.series(f"{at}.step_eve", eve, "Eve of the last step", "date")

    def index(until: Expr) -> Expr:
        return reduce(mul, [1 + rise * (day <= until) for day, rise in steps])

    g.series(f"{at}.index_before", index(eve), "Index before the step", "x")
    g.series(f"{at}.index_after", index(END), "Index after the step", "x")


def _declare_indexation(terms: Terms, name: str, start: Ref) -> None:
    """Steps by the yearly rate of a price index, within floor and cap, from the first after financial close on."""
    g, at, spec = terms.graph, f"lease.{name}", terms.deal.spec.lease[name].indexation
    assert spec is not None
    years, eve = declare_step(terms, at, first_step_from(terms, name, start))
    stepped = g.series(f"{at}.steps_here", (years > 0) * (eve >= START), "Steps in this period", "flag")
    lag = terms[f"{at}.indexation.lag"]
    read = _declare_ratio if terms.deal.spec.index[spec.index].levels else _declare_rate
    growth: Expr = read(terms, at, spec.index, eve, lag)
    if spec.floor is not None:
        growth = maximum(growth, terms[f"{at}.indexation.floor"])
    if spec.cap is not None:
        growth = minimum(growth, terms[f"{at}.indexation.cap"])
    growth = g.series(f"{at}.index_rise", growth * A_YEAR * stepped, "Rise of the rent", "share", "in floor and cap")
    before = g.series(f"{at}.index_before", prev(Ref(f"{at}.index_after")), "Index before the step", "x")
    g.series(f"{at}.index_after", before * (1 + growth), "Index after the step", "x", opening=1)


def _declare_rate(terms: Terms, at: str, index: str, eve: Ref, lag: Ref) -> Ref:
    """The yearly rise that a price index has in the period of a step, or of a day before it."""
    g, rates = terms.graph, terms[f"index.{index}.rates"]
    read = maximum(terms["time.close"] + DAY, edate(eve + DAY, -lag)) - DAY
    note = "the step less the lag, at the earliest the close"
    read = g.series(f"{at}.index_eve", read, "Eve of the day whose rate is taken", "date", note)
    growth = sum_behind(rates, END, read) - sum_behind(rates, START, read)
    return g.series(f"{at}.index_rate", growth, "Rise of the price index a year", "1/yr", "of the period of that day")


def _declare_ratio(terms: Terms, at: str, index: str, eve: Ref, lag: Ref) -> Ref:
    """The rise of a price index that is given by its levels in the year up to the reference month of a step."""
    g = terms.graph
    month = g.series(f"{at}.index_month", edate(eve + DAY, -lag), "Reference day", "date", "the step less the lag")
    level = _level(terms, index, month)
    level = g.series(f"{at}.index_level", level, "Index of the reference month", "index")
    month = g.series(f"{at}.index_month_before", edate(month, -YEAR), "Twelve months before it", "date")
    before = g.series(f"{at}.index_level_before", _level(terms, index, month), "Index twelve months before", "index")
    growth = (default(ratio(level, before), 1) - 1) / A_YEAR
    note = "index / index twelve months before - 1"
    return g.series(f"{at}.index_rate", growth, "Rise of the price index a year", "1/yr", note)


def _level(terms: Terms, index: str, day: Expr) -> Expr:
    """The level in force on a day; 0 before the first. Each holds until the date of the next."""
    names = [f"index.{index}.levels.{key}" for key in terms.deal.spec.index[index].levels]
    passed = [terms[f"{name}.date"] <= day for name in names]
    parts = [
        terms[f"{name}.level"] * (here - later if later is not None else here)
        for name, here, later in zip(names, passed, [*passed[1:], None], strict=True)
    ]
    return reduce(add, parts)
