"""Cover tests: lock-up with its list of conditions, default levels, payment default."""

from __future__ import annotations

from spvmodel.finance.facility import outstanding
from spvmodel.finance.terms import Terms
from spvmodel.lines import Ref, default, maximum, prev, ratio, sum_of, total


def declare_covenants(terms: Terms) -> None:
    """Whether a distribution is allowed in each period, and whether the debt is in default.

    Allowed when all is built and drawn, historic and forward DSCR are at or above the lock-up level (and, after a
    failed test, have been for the agreed number of tests), the DSRA is full, nothing is overdue, no facility is drawn
    and, where the deal says so, the first repayment is made. A ratio that cannot be computed yet does not fail.
    Definitions, section 3.
    """
    _declare_lockup(terms)
    _declare_default(terms)


def _declare_lockup(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    historic, forward = Ref("ratios.dscr_historic"), Ref("ratios.dscr_forward")
    with g.place("Covenants", "Lock-up"):
        level = g.series("covenants.lockup_level", terms["covenants.lockup_dscr"], "Lock-up level", "x")
        _declare_headroom(terms, "covenants.headroom", level, "Headroom over lock-up, last 12 months")
        behind = default(historic, level) >= level
        behind = g.series("covenants.historic_passed", behind, "Passed, last 12 months", "flag")
        ahead = default(forward, level) >= level
        ahead = g.series("covenants.forward_passed", ahead, "Passed, next 12 months", "flag")
        needed = terms["covenants.release_tests"]
        in_a_row = g.series(
            "covenants.passed_in_a_row",
            behind * ahead * (prev(Ref("covenants.passed_in_a_row")) + 1),
            "Tests passed in a row",
            "count",
            opening=needed,
        )
        full = Ref("waterfall.dsra.shortfall") <= tolerance
        full = g.series("covenants.dsra_full", full, "DSRA at target", "flag")
        current = Ref("waterfall.unpaid") <= tolerance
        current = g.series("covenants.nothing_overdue", current, "Nothing overdue", "flag")
        repaid = prev(Ref("covenants.repaid")) + Ref("debt.repaid")
        repaid = g.series("covenants.repaid", repaid, "Principal repaid to date", "money")
        started = g.series(
            "covenants.repayment_started",
            maximum(1 - terms["covenants.first_repayment"], repaid > 0),
            "First repayment made, where that is a condition",
            "flag",
        )
        conditions = Ref("time.operation") * (in_a_row >= needed) * full * current * started
        owed = outstanding(terms)
        if owed is not None:
            repaid = g.series("covenants.facilities_repaid", owed <= tolerance, "Nothing drawn on facilities", "flag")
            conditions = conditions * repaid
        allowed = g.series(
            "covenants.distribution_allowed",
            conditions,
            "Distribution allowed",
            "flag",
        )
        locked = g.series("covenants.locked", 1 - allowed, "Distributions blocked", "flag")
        lockup = Ref("time.operation") * locked
        lockup = g.series("covenants.lockup", lockup, "Lock-up", "flag", "blocked although all is built")
        g.scalar("covenants.lockup_periods", total(lockup), "Periods in lock-up", "count")


def _declare_default(terms: Terms) -> None:
    g = terms.graph
    with g.place("Covenants", "Default"):
        level = g.series("covenants.default_level", terms["covenants.default_dscr"], "Default level", "x")
        _declare_headroom(terms, "covenants.default_headroom", level, "Headroom over default, last 12 months")
        breach = default(Ref("ratios.dscr_historic"), level) < level
        breach = g.series("covenants.default", breach, "Default covenant breached", "flag")
        g.scalar("covenants.default_periods", total(breach), "Periods below the default level", "count")
        hedge = ("hedge",) if terms.deal.spec.hedge else ()
        unpaid = [Ref(f"waterfall.{step}.shortfall") for step in (*hedge, "interest", "principal", "balloon")]
        missed = g.series(
            "covenants.payment_default",
            sum_of(*unpaid) > terms["checks.tolerance"],
            "Payment default",
            "flag",
            "interest, principal or a balloon not paid in time",
        )
        g.scalar("covenants.payment_default_periods", total(missed), "Periods in payment default", "count")


def _declare_headroom(terms: Terms, name: str, level: Ref, label: str) -> None:
    """Cover of the last twelve months less the level; N/A before the first test."""
    behind, due = Ref("ratios.cfads_behind"), Ref("ratios.service_behind")
    above = ratio(behind - level * due, due * Ref("ratios.year_complete"))
    terms.graph.series(name, above, label, "x")
