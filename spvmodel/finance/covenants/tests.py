"""Covenants: lock-up with its list of conditions, default levels, payment default, and the result of each test."""

from __future__ import annotations

from typing import Final

from spvmodel.finance.collateral.acceleration import UNSOLD, enforces, in_hand
from spvmodel.finance.covenants.cure import COVERED, declare_cure, has_cure
from spvmodel.finance.covenants.life_cover import BREACHED, PASSED, declare_life_tests
from spvmodel.finance.covenants.triggers import BLOCKED, REPAID, blocking
from spvmodel.finance.debt.ranks import SENIOR, SUBORDINATED, facilities, steps_of
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.facility import outstanding
from spvmodel.finance.operations.contract import realization_breached, tests_realization
from spvmodel.finance.reserves.general import step_of_account, tested_accounts
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, NUMBER
from spvmodel.lines import Expr, Ref, default, edate, maximum, na, prev, ratio, sum_of, total, where

ROUNDING: Final = 1e-9
"""What a cured cover may lie below its level by rounding alone."""

_CFADS: Final = Ref("ratios.cfads_behind")
_SERVICE: Final = Ref("ratios.service_behind")


def declare_covenants(terms: Terms) -> None:
    """Whether a distribution is allowed in each period, and whether the debt is in default.

    Allowed when all is built and drawn, historic and forward DSCR, and the LLCR where the deal tests it, are at or
    above the lock-up level (and, after a failed test, have been for the agreed number of tests), no other ratio is in
    default, the DSRA and the accounts that count are full, nothing is overdue, no facility is drawn and, where the deal
    says so, the first repayment is made; and when no trigger blocks it. A ratio that cannot be computed yet, or is not
    tested yet, does not fail. Once no loan is left, no ratio is tested any more. Definitions, section 3.
    """
    _declare_ratios(terms)
    declare_life_tests(terms, _tested(terms))
    _declare_lockup(terms)
    _declare_default(terms)
    with terms.graph.place("Covenants", "Result"):
        failed = maximum(Ref("covenants.default"), Ref("covenants.payment_default"))
        result = where(failed, 3, 1 + Ref("covenants.lockup"))
        result = where(UNSOLD, result, na()) if enforces(terms) else result
        words = ("pass", "lock-up", "default")
        note = ", ".join(f"{place} {word}" for place, word in enumerate(words, start=1))
        note = f"{note}; N/A once the property is sold" if enforces(terms) else note
        terms.graph.series("covenants.result", result, "Result", "count", note, names=words)


def _declare_ratios(terms: Terms) -> None:
    """The default tests of ratios other than DSCR, where the deal has any."""
    g, covenants = terms.graph, terms.deal.spec.covenants
    with g.place("Covenants", "Other ratios"):
        if covenants.default_debt_yield is not None:
            level = terms["covenants.default_debt_yield"]
            breach = (default(Ref("ratios.debt_yield"), level) < level) * _tested(terms)
            g.series("covenants.debt_yield_breached", breach, "Debt yield below the default level", "flag")
        if covenants.default_ltv is not None:
            level = terms["covenants.default_ltv"]
            breach = (default(Ref("ratios.ltv"), level) > level) * _tested(terms)
            g.series("covenants.ltv_breached", breach, "LTV above the default level", "flag")
        if tests_realization(terms):
            label = "Contract realization below the default level"
            g.series("covenants.realization_breached", realization_breached(terms), label, "flag")


def _breached(terms: Terms) -> list[Ref]:
    """The flags of other ratios in default."""
    names = (
        "covenants.debt_yield_breached",
        "covenants.ltv_breached",
        "covenants.realization_breached",
        BREACHED.name,
    )
    return [Ref(name) for name in names if terms.graph.has(name)]


def _tested(terms: Terms) -> Expr | int:
    """1 from the first date of the deal's tests on."""
    return END >= _first_test(terms) if terms.has("covenants.first_test") else 1


def _first_test(terms: Terms) -> Expr:
    """The first date of the deal's tests, which moves with a delay of completion."""
    return edate(terms["covenants.first_test"], terms["construction.delay"])


def _passed(terms: Terms, passed: Expr) -> Expr:
    """A test that is passed too while it is not made yet."""
    return maximum(passed, END < _first_test(terms)) if terms.has("covenants.first_test") else passed


def _declare_lockup(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    historic, forward = Ref("ratios.dscr_historic"), Ref("ratios.dscr_forward")
    with g.place("Covenants", "Lock-up"):
        level = g.series("covenants.lockup_level", terms["covenants.lockup_dscr"], "Lock-up level", "x")
        _declare_headroom(terms, "covenants.headroom", level, "Headroom over lock-up", _CFADS, _SERVICE)
        behind = _passed(terms, default(historic, level) >= level)
        behind = g.series("covenants.historic_passed", behind, "Passed, last 12 months", "flag")
        ahead = _passed(terms, default(forward, level) >= level)
        ahead = g.series("covenants.forward_passed", ahead, "Passed, next 12 months", "flag")
        needed = terms["covenants.release_tests"]
        in_a_row = g.series(
            "covenants.passed_in_a_row",
            _all_passed(terms, behind * ahead) * (prev(Ref("covenants.passed_in_a_row")) + 1),
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
        conditions = (in_a_row >= needed) * full * started
        if tested_accounts(terms):
            parts = [Ref(f"waterfall.{step_of_account(at)}.shortfall") for at in tested_accounts(terms)]
            short = g.series("covenants.accounts_short", sum_of(*parts), "Reserve accounts short of target", "money")
            conditions = conditions * g.series(
                "covenants.accounts_full", short <= tolerance, "Reserve accounts at target", "flag"
            )
        for breached in _breached(terms):
            conditions = conditions * (1 - breached)
        conditions = maximum(_unless_blocked(terms, conditions), _declare_repaid(terms))
        conditions = Ref("time.operation") * current * conditions
        owed = outstanding(terms)
        if owed is not None:
            repaid = g.series("covenants.facilities_repaid", owed <= tolerance, "Nothing drawn on facilities", "flag")
            conditions = conditions * repaid
        conditions = in_hand(terms, conditions)
        allowed = g.series("covenants.distribution_allowed", conditions, "Distribution allowed", "flag")
        locked = g.series("covenants.locked", 1 - allowed, "Distributions blocked", "flag")
        tested = Ref("time.operation") * (NUMBER > 0) if terms.closing_apart else Ref("time.operation")
        lockup = in_hand(terms, tested * locked)
        lockup = g.series("covenants.lockup", lockup, "Lock-up", "flag", "blocked although all is built")
        g.scalar("covenants.lockup_periods", total(lockup), "Periods in lock-up", "count")
        if terms.deal.spec.covenants.sweep_after is not None:
            in_a_row = Ref("covenants.lockup_in_a_row")
            g.series(in_a_row.name, lockup * (prev(in_a_row) + 1), "Periods in lock-up in a row", "count")


def _declare_repaid(terms: Terms) -> Ref:
    """Whether no loan to the SPV is left: covenants end with the debt, and cash that was trapped is free."""
    owed = sum_of(*[Ref(f"{at}.closing") for at in facilities(terms, SENIOR, *SUBORDINATED)])
    label = "No loan to the SPV outstanding"
    return terms.graph.series(REPAID.name, owed <= terms["checks.tolerance"], label, "flag")


def _all_passed(terms: Terms, passed: Expr) -> Expr:
    """``passed``, and the test of the LLCR where the deal has one."""
    return passed * PASSED if terms.graph.has(PASSED.name) else passed


def _unless_blocked(terms: Terms, allowed: Expr) -> Expr:
    """``allowed`` where no trigger blocks distributions."""
    return allowed * (1 - Ref(BLOCKED)) if blocking(terms) else allowed


def _declare_default(terms: Terms) -> None:
    g = terms.graph
    with g.place("Covenants", "Default"):
        level = g.series("covenants.default_level", terms["covenants.default_dscr"], "Default level", "x")
        breach = default(Ref("ratios.dscr_historic"), level) < level
    cash: Expr = _CFADS
    due: Expr = _SERVICE
    if has_cure(terms):
        cash, due = declare_cure(terms, level, _tested(terms))
        breach = default(COVERED, level) < level - ROUNDING
    with g.place("Covenants", "Default"):
        _declare_headroom(terms, "covenants.default_headroom", level, "Headroom over default", cash, due)
        breach = 1 - _passed(terms, 1 - breach) if terms.has("covenants.first_test") else breach
        others = _breached(terms)
        breach = maximum(breach, *others) if others else breach
        breach = in_hand(terms, breach * (1 - REPAID))
        breach = g.series("covenants.default", breach, "Default covenant breached", "flag")
        g.scalar("covenants.default_periods", total(breach), "Periods in covenant default", "count")
        missed = _missed(terms) > terms["checks.tolerance"]
        words = "interest, principal or a balloon of a loan to the SPV, or a hedge, not paid in time"
        missed = g.series("covenants.payment_default", missed, "Payment default", "flag", words)
        g.scalar("covenants.payment_default_periods", total(missed), "Periods in payment default", "count")


def _missed(terms: Terms) -> Expr:
    """What lenders and hedge banks are not paid in time (money); interest that is added to a loan is none of it."""
    steps = [*(["hedge"] if terms.deal.spec.hedge else []), *steps_of(terms, (SENIOR, *SUBORDINATED))]
    unpaid: Expr = sum_of(*[Ref(f"waterfall.{step}.shortfall") for step in steps])
    for at in facilities(terms, *SUBORDINATED):
        unpaid = unpaid - Ref(f"{at}.interest_shortfall") if accretes(terms, at) else unpaid
    return unpaid


def _declare_headroom(terms: Terms, name: str, level: Ref, label: str, cash: Expr, due: Expr) -> None:
    """Cover of the last twelve months less the level, and the part of CFADS that may be lost; N/A before a whole year.

    ``cash`` and ``due`` are what the test counts (money): CFADS and service or, with cures, what those make of them.
    Where there is no CFADS there is no part of it to lose: N/A.
    """
    g = terms.graph
    tested = in_hand(terms, due * (due > terms["checks.tolerance"]) * Ref("ratios.year_complete"))
    g.series(name, ratio(cash - level * due, tested), f"{label}, last 12 months", "x")
    left = ratio(cash - level * due, _CFADS * (_CFADS > 0) * (tested > 0))
    g.series(f"{name}_share", left, f"{label}, share of CFADS", "share", "how far CFADS may fall")
