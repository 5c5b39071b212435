"""How a rent rises: by a share each year, by dated steps, or with a price index.

Each gives the index before and after the last step by the period end, and the eve of that step: at most one step falls
in a period (``deal/leases.py`` refuses more).
"""

from __future__ import annotations

from functools import reduce
from operator import mul

from spvmodel.finance.operations.anniversaries import Days, declare_later, declare_step, declare_weighted
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, START, YEAR
from spvmodel.lines import Expr, Number, Ref, edate, maximum, minimum, prev, sum_behind, where, year

A_YEAR = Number(1, "yr")
JANUARY = Number(36526, "date")
"""Some 1 January, from which every other is counted."""
JANUARY_YEAR = 2000


def first_step_from(terms: Terms, name: str, start: Ref) -> Expr:
    """The date from which the years of a lease's escalation are counted (scalar)."""
    if terms.deal.spec.lease[name].escalates != "each January":
        return start
    g, at = terms.graph, f"lease.{name}"
    january = edate(JANUARY, (year(start) - JANUARY_YEAR) * YEAR)
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
    read = maximum(terms["time.close"] + DAY, edate(eve + DAY, -terms[f"{at}.indexation.lag"])) - DAY
    note = "the step less the lag, at the earliest the close"
    read = g.series(f"{at}.index_eve", read, "Eve of the day whose rate is taken", "date", note)
    rates = terms[f"index.{spec.index}.rates"]
    growth: Expr = sum_behind(rates, END, read) - sum_behind(rates, START, read)
    growth = g.series(f"{at}.index_rate", growth, "Rise of the price index a year", "1/yr", "of the period of that day")
    if spec.floor is not None:
        growth = maximum(growth, terms[f"{at}.indexation.floor"])
    if spec.cap is not None:
        growth = minimum(growth, terms[f"{at}.indexation.cap"])
    growth = g.series(f"{at}.index_rise", growth * A_YEAR * stepped, "Rise of the rent", "share", "in floor and cap")
    before = g.series(f"{at}.index_before", prev(Ref(f"{at}.index_after")), "Index before the step", "x")
    g.series(f"{at}.index_after", before * (1 + growth), "Index after the step", "x", opening=1)
