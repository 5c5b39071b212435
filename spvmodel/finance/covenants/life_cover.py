"""Tests of the LLCR: the loan life cover of the schedule, at or above its lock-up and default levels.

LLCR looks ahead, while a lock-up decides what cash is left behind: what is tested depends on nothing that the waterfall
pays. It is the present value of later CFADS over the balance that the schedule owes, discounted at the average rate by
scheduled balances; prepayments and arrears do not move it. A cure by prepayment does, from its date on: what is tested
is the balance that it has left. Definitions, sections 2 and 3.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.finance.debt.cured import after_cures
from spvmodel.finance.debt.ranks import SENIOR, facilities
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Ref, default, lowest, next_, ratio

LLCR: Final = Ref("covenants.llcr")
"""LLCR of the schedule (series, x; N/A before all is built, and once no CFADS of the debt's life is left)."""
VALUE: Final = Ref("covenants.llcr_value")
"""Present value of later CFADS of the debt's life (series, money, at the period end)."""
DUE: Final = Ref("covenants.llcr_due")
"""Scheduled closing balance of the senior debt where the LLCR is tested, else 0 (series, money)."""
PASSED: Final = Ref("covenants.llcr_passed")
"""1 where the LLCR is at or above the lock-up level, or is not tested (series, flag)."""
BREACHED: Final = Ref("covenants.llcr_breached")
"""1 where the LLCR is below the default level (series, flag)."""

ROUNDING: Final = 1e-9
"""What a cover that was sized to its level may lie below it by rounding alone."""


def declare_life_tests(terms: Terms, tested: Expr | int) -> None:
    """The LLCR that is tested, its tests and the headroom over each level, where the deal has such a level.

    ``tested`` is 1 in periods whose tests are made.
    """
    g, covenants = terms.graph, terms.deal.spec.covenants
    if covenants.lockup_llcr is None and covenants.default_llcr is None:
        return
    with g.place("Covenants", "Loan life cover"):
        _declare_cover(terms)
        if covenants.lockup_llcr is not None:
            level = terms["covenants.lockup_llcr"]
            passed = 1 - _below(level) * tested
            g.series(PASSED.name, passed, "LLCR at or above the lock-up level", "flag", "or not tested")
            _declare_headroom("covenants.llcr_headroom", terms, level, "lock-up")
        if covenants.default_llcr is not None:
            level = terms["covenants.default_llcr"]
            g.series(BREACHED.name, _below(level) * tested, "LLCR below the default level", "flag")
            _declare_headroom("covenants.default_llcr_headroom", terms, level, "default")


def _declare_cover(terms: Terms) -> None:
    g, tolerance, every = terms.graph, terms["checks.tolerance"], facilities(terms, SENIOR)
    opening = [Ref(f"{at}.scheduled_opening") for at in every]
    costs = [owed * Ref(f"{at}.whole_period_pp") for owed, at in zip(opening, every, strict=True)]
    owed = reduce(add, opening)
    rate = g.series(
        "covenants.llcr_rate_pp",
        default(ratio(reduce(add, costs), owed * (owed > tolerance)), 0),
        "Average rate of the period, scheduled balances",
        "share",
        "0 where the schedule owes nothing",
    )
    flow = Ref("ratios.cfads_life")
    g.series(
        VALUE.name,
        (next_(VALUE) + next_(flow)) / (1 + next_(rate)),
        "Present value of later CFADS, scheduled balances",
        "money",
        "of the life of the debt, discounted at the average rate by scheduled balances",
    )
    closing = after_cures(terms, "debt", "scheduled_closing")
    due = closing * (closing > tolerance) * Ref("time.built") * (END < Ref("ratios.final_maturity"))
    due = g.series(DUE.name, due, "Scheduled balance that is tested", "money", "of the senior debt, once built")
    cover = g.series(
        LLCR.name,
        ratio(VALUE, due),
        "LLCR, scheduled balances",
        "x",
        "present value of later CFADS / scheduled closing balance of the senior debt, once built; what is prepaid or "
        "overdue does not count",
    )
    g.scalar("covenants.min_llcr", lowest(cover), "Minimum LLCR, scheduled balances", "x")


def _below(level: Expr) -> Expr:
    return default(LLCR, level) < level - ROUNDING


def _declare_headroom(name: str, terms: Terms, level: Expr, what: str) -> None:
    """LLCR less the level, and the part of all later CFADS that may be lost; N/A where there is none."""
    g, over = terms.graph, VALUE - level * DUE
    g.series(name, ratio(over, DUE), f"LLCR headroom over {what}", "x", "scheduled balances")
    left = ratio(over, VALUE * (VALUE > 0) * (DUE > 0))
    g.series(f"{name}_share", left, f"LLCR headroom over {what}, share of CFADS", "share", "how far it may fall")
