"""Cover tests: lock-up with its full list of conditions, and default levels."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, default, defined, na, prev, total, where


def declare_covenants(terms: Terms) -> None:
    """Whether a distribution is allowed in each period, and why not.

    Allowed when all buildings are complete, historic and forward DSCR are at or above the lock-up level (and, after
    a failed test, have been for the agreed number of tests), the DSRA is full and nothing is overdue. A ratio that
    cannot be computed yet does not fail.
    """
    g = terms.graph
    historic, forward = Ref("ratios.dscr_historic"), Ref("ratios.dscr_forward")
    with g.place("Covenants", "Lock-up"):
        level = g.series("covenants.lockup_level", terms["covenants.lockup_dscr"], "Lock-up level", "x")
        g.series("covenants.headroom", _headroom(historic, level), "Headroom over lock-up, last 12 months", "x")
        passed = g.series(
            "covenants.test_passed",
            (1 - defined(historic) * (default(historic, 0) < level))
            * (1 - defined(forward) * (default(forward, 0) < level)),
            "Cover tests passed",
            "flag",
        )
        needed = terms["covenants.release_tests"]
        in_a_row = g.series(
            "covenants.passed_in_a_row",
            passed * (prev(Ref("covenants.passed_in_a_row")) + 1),
            "Tests passed in a row",
            "count",
            opening=needed,
        )
        tolerance = terms["checks.tolerance"]
        reserve = g.series(
            "covenants.dsra_full", Ref("waterfall.dsra.shortfall") <= tolerance, "DSRA at target", "flag"
        )
        unpaid = Ref("waterfall.interest.shortfall") + Ref("waterfall.principal.shortfall")
        unpaid = unpaid + Ref("waterfall.balloon.shortfall")
        current = g.series("covenants.nothing_overdue", unpaid <= tolerance, "Nothing overdue", "flag")
        allowed = g.series(
            "covenants.distribution_allowed",
            Ref("ratios.complete") * (in_a_row >= needed) * reserve * current,
            "Distribution allowed",
            "flag",
        )
        locked = g.series("covenants.locked", 1 - allowed, "Distributions blocked", "flag")
        lockup = g.series(
            "covenants.lockup", Ref("ratios.complete") * locked, "Lock-up", "flag", "blocked after completion"
        )
        g.scalar("covenants.lockup_periods", total(lockup), "Periods in lock-up", "count")
    with g.place("Covenants", "Default"):
        level = g.series("covenants.default_level", terms["covenants.default_dscr"], "Default level", "x")
        g.series(
            "covenants.default_headroom",
            _headroom(historic, level),
            "Headroom over default, last 12 months",
            "x",
        )
        breach = g.series(
            "covenants.default",
            defined(historic) * (default(historic, 0) < level),
            "Default covenant breached",
            "flag",
        )
        g.scalar("covenants.default_periods", total(breach), "Periods below the default level", "count")


def _headroom(cover: Ref, level: Ref) -> Expr:
    return where(defined(cover), default(cover, 0) - level, na())
