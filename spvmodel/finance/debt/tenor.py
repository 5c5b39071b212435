"""Limits on how long a sculpted loan may be outstanding: the tail after it, and its weighted average life.

Both shorten the repayment: a loan that follows the cash flow up to an earlier date is smaller. For every possible last
payment ``T`` the balance it carries is ``V(T) = sum of room x discount factor`` up to ``T``, and its life, by the
identity of definitions, section 4 (balance x time / principal), is ``sum of room x factor x A / V(T)`` with ``A`` the
sum of years / factor so far: three running sums, no search. Where interest limits the loan, its schedule lies below
that balance throughout, and its life is shorter.
"""

from __future__ import annotations

from spvmodel.finance.debt.carried import carried_within
from spvmodel.finance.debt.unit import drawn_for, unit_rate
from spvmodel.finance.operations.income import certain_until
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS_365, END, MONTHS_A_YEAR, START
from spvmodel.lines import Number, Ref, default, edate, highest, maximum, na, prev, ratio, where


def declare_tenor(terms: Terms, loan: str) -> None:
    """``sizing.<loan>.tail_date``, ``wal_date`` and the capacity up to each."""
    g, at, spec = terms.graph, f"sizing.{loan}", terms.deal.spec.debt[loan]
    assert spec.sizing is not None
    with g.place("Debt", f"{spec.label}: length"):
        _declare_running_sums(terms, loan)
        if spec.sizing.tail is not None:
            limit = edate(certain_until(terms), -terms[f"debt.{loan}.sizing.tail"])
            limit = g.scalar(f"{at}.tail_date", limit, "Last repayment that leaves the tail", "date")
            _declare_capacity(terms, loan, "tail", limit)
        if spec.sizing.wal is not None:
            life = terms[f"debt.{loan}.sizing.wal"] / MONTHS_A_YEAR
            short = default(Ref(f"{at}.life_to_date"), Number(0, "yr")) <= life
            short = g.series(f"{at}.short_enough", short * Ref(f"debt.{loan}.window"), "Life within the limit", "flag")
            ends = g.series(f"{at}.short_end", where(short, END, na()), "Possible last repayment", "date")
            none = Ref(f"debt.{loan}.repays_after")
            limit = g.scalar(f"{at}.wal_date", default(highest(ends), none), "Last repayment", "date")
            _declare_capacity(terms, loan, "wal", limit)


def _declare_capacity(terms: Terms, loan: str, what: str, limit: Ref) -> None:
    """The largest balance repaid by ``limit``; N/A where the maturity comes first."""
    g, at = terms.graph, f"sizing.{loan}"
    if not g.has(f"{at}.window_end"):
        ends = g.series(f"{at}.in_window", where(Ref(f"debt.{loan}.window"), END, na()), "In its time", "date")
        g.scalar(f"{at}.window_end", default(highest(ends), Ref("time.close")), "Last period of the loan", "date")
    within = Ref(f"debt.{loan}.window") * (END <= limit)
    within = g.series(f"{at}.{what}_within", within, "Repaid in time", "flag")
    carried = drawn_for(terms, loan, carried_within(terms, loan, what, within))
    carried = where(limit < Ref(f"{at}.window_end"), carried, na())
    g.scalar(f"{at}.{what}_capacity", carried, "Amount repaid by then", "money")


def _declare_running_sums(terms: Terms, loan: str) -> None:
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    first, inside = Ref(f"{debt}.first_repayment"), Ref(f"{debt}.window")
    before = g.series(
        f"{at}.factor_before", maximum(first, prev(Ref(f"{at}.factor"))), "Discount factor at the start", "share"
    )
    factor = inside * before / (1 + unit_rate(terms, loan))
    factor = g.series(f"{at}.factor", factor, "Discount factor", "share", "from the start of repayment")
    value = g.series(f"{at}.discounted", Ref(f"{at}.service_room") * factor, "Debt service, discounted", "money")
    g.series(f"{at}.value_to_date", prev(Ref(f"{at}.value_to_date")) + value, "Balance repaid by now", "money")
    # Until repayment starts the whole balance is outstanding from the loan's close.
    since = first * maximum(Number(0, "days"), START - terms[f"{debt}.close"]) + (END - START)
    years = default(ratio(since / DAYS_365, before), Number(0, "yr"))
    weighted = prev(Ref(f"{at}.years_to_date")) + inside * years
    weighted = g.series(f"{at}.years_to_date", weighted, "Years / discount factor, to date", "yr")
    life = prev(Ref(f"{at}.life_sum")) + value * weighted
    life = g.series(f"{at}.life_sum", life, "Balance x years of a loan repaid by now", "money*yr")
    g.series(
        f"{at}.life_to_date", ratio(life, Ref(f"{at}.value_to_date")), "Average life of a loan repaid by now", "yr"
    )
