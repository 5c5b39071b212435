"""Days weighted by an index that steps on each anniversary of a date: rents, prices, volumes and costs.

A period is at most a year long, so at most one anniversary falls in it (``deal/rules/dates.py`` refuses a longer first
period that holds two): the days up to its eve bear the index before it, the later days the index after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, START, YEAR
from spvmodel.lines import Expr, Number, Ref, edate, maximum, minimum, year

# Some 1 January, from which every other is counted.
_JANUARY = Number(36526, "date")
_JANUARY_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Days:
    """The days of each period that count (``days``), the last of them at most on ``until`` (a date per period)."""

    days: Ref
    until: Ref


@dataclass(frozen=True, slots=True)
class Weighted:
    """Days that count, as a ``share`` of the whole, each times the index of its day that ``of`` has declared, if any.

    ``key`` and ``label`` tell several of one lease apart; both are empty where there is one.
    """

    days: Days
    of: str = ""
    key: str = ""
    label: str = ""
    share: Expr = field(default_factory=lambda: Number(1))


def declare_days(
    terms: Terms, at: str, eve: Expr, until: Expr, what: str, cut: str = "runs_until", here: Ref | None = None
) -> Days:
    """Days of each period after ``eve`` and up to ``until`` (dates, scalars); ``what`` names them in labels.

    The last of them is ``here`` (a date per period) where another line has it already, else the line ``{at}.{cut}``.
    """
    g = terms.graph
    if here is None:
        here = g.series(f"{at}.{cut}", minimum(END, until), "Last day, at the latest the period end", "date")
    days = maximum(0, here - maximum(START, eve))
    return Days(g.series(f"{at}.days", days, f"Days {what}", "days", total=True), here)


def january_of(day: Expr) -> Expr:
    """1 January of the year of a date."""
    return edate(_JANUARY, (year(day) - _JANUARY_YEAR) * YEAR)


def declare_indexed_days(
    terms: Terms, at: str, counted: Days, start: Expr, index: Callable[[Expr], Expr], what: str, note: str = ""
) -> Ref:
    """``{at}.indexed_days``: the days of each period, each times the index of its day.

    ``index(k)`` is the index when ``k`` whole years have passed since ``start`` (a date, scalar).
    """
    years, step = declare_step(terms, at, start)
    later = declare_later(terms, at, counted, step, what)
    before, after = _declare_index(terms, at, years, index, note)
    return declare_weighted(terms, at, counted, later, before, after, what)


def declare_steps(terms: Terms, at: str, start: Expr, index: Callable[[Expr], Expr], note: str = "") -> None:
    """The index before and after the anniversary of each period, for days that :func:`declare_stepped_days` weighs."""
    years, _ = declare_step(terms, at, start)
    _declare_index(terms, at, years, index, note)


def declare_stepped_days(terms: Terms, at: str, counted: Days, of: str, what: str) -> Ref:
    """``{at}.indexed_days``: days of each period, each times the index of its day that ``{of}`` declared."""
    later = declare_later(terms, at, counted, Ref(f"{of}.step_eve"), what)
    before, after = Ref(f"{of}.index_before"), Ref(f"{of}.index_after")
    return declare_weighted(terms, at, counted, later, before, after, what)


def declare_step(terms: Terms, at: str, start: Expr) -> tuple[Ref, Ref]:
    """``{at}.years`` since ``start`` by the period end, and ``{at}.step_eve``, the eve of the last anniversary."""
    g = terms.graph
    years = year(END) - year(start)
    years = years - (edate(start, years * YEAR) > END)
    years = g.series(f"{at}.years", maximum(0, years), "Whole years by the period end", "count")
    step = g.series(f"{at}.step_eve", edate(start, years * YEAR) - DAY, "Eve of the last anniversary", "date")
    return years, step


def declare_later(terms: Terms, at: str, counted: Days, step: Expr, what: str) -> Ref:
    """``{at}.days_stepped``: the days that count and come after ``step``, the eve of a rise (a date per period)."""
    later = minimum(counted.days, maximum(0, counted.until - step))
    return terms.graph.series(f"{at}.days_stepped", later, f"Days {what} after the anniversary", "days")


def _declare_index(terms: Terms, at: str, years: Expr, index: Callable[[Expr], Expr], note: str) -> tuple[Ref, Ref]:
    g = terms.graph
    before = index(maximum(0, years - 1))
    before = g.series(f"{at}.index_before", before, "Index before the anniversary", "x", note)
    return before, g.series(f"{at}.index_after", index(years), "Index after the anniversary", "x", note)


def declare_weighted(terms: Terms, at: str, counted: Days, later: Expr, before: Expr, after: Expr, what: str) -> Ref:
    """``{at}.indexed_days``: the days that count, the later of them at the index after the rise."""
    weighted = (counted.days - later) * before + later * after
    return terms.graph.series(f"{at}.indexed_days", weighted, f"Days {what}, indexed", "days")


def declare_days_to(terms: Terms, at: str, part: Weighted, eve: Expr, here: Expr, what: str) -> Ref:
    """The days of ``part`` up to ``eve`` (a date), indexed, in the period in which ``here`` is 1, and 0 in others."""
    g, counted = terms.graph, part.days
    label = ", ".join(filter(None, ("Days", part.label))) + f" {what}"
    days = here * maximum(0, counted.days - maximum(0, counted.until - eve))
    days = g.series(f"{at}.days", days, label, "days", "in the period in which that falls")
    if not part.of:
        return days
    later = minimum(days, maximum(0, minimum(counted.until, eve) - Ref(f"{part.of}.step_eve")))
    weighted = (days - later) * Ref(f"{part.of}.index_before") + later * Ref(f"{part.of}.index_after")
    return g.series(f"{at}.indexed_days", weighted, f"{label}, indexed", "days")
