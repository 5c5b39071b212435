"""Checks of every facility's balance and schedule."""

from __future__ import annotations

from spvmodel.finance.checks.common import excess, largest
from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.covenants.cure import cured_loans
from spvmodel.finance.debt.bridge import declare_bridge_checks
from spvmodel.finance.debt.cured import after_cures
from spvmodel.finance.debt.owed import settled_balance
from spvmodel.finance.debt.prepaid import prepayments, prepays
from spvmodel.finance.debt.ranks import RANKS, facilities
from spvmodel.finance.debt.toggle import accretes, capitalises
from spvmodel.finance.debt.totals import facility_label
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, absolute, lowest, prev, total


def declare_debt_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    declare_bridge_checks(terms)
    for at in facilities(terms, *RANKS):
        key, name = at.replace(".", "_"), facility_label(terms, at)
        draws = Ref(f"{at}.draw")
        left = total(draws) - total(Ref(f"{at}.amortisation")) - total(Ref(f"{at}.balloon"))
        agreed = g.has(f"{at}.pik_scheduled")
        left = left + total(Ref(f"{at}.pik_scheduled")) if agreed else left
        g.check(
            f"checks.{key}_repaid",
            absolute(left),
            f"{name}: schedule repays what is drawn" + (" and added" if agreed else ""),
            "money",
            tolerance,
        )
        moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing")) - in_hand(terms, draws) + Ref(f"{at}.repaid")
        moved, words = settled_balance(terms, at, moved)
        label = f"{name}: opening + draws - repaid{words} = closing"
        if capitalises(terms, at):
            label = f"{name}: opening + draws + interest added - repaid{words} = closing"
            moved = moved - Ref(f"{at}.pik")
        g.check(f"checks.{key}_balance", largest(terms, f"{key}_balance", moved, label), label, "money", tolerance)
        if capitalises(terms, at) or prepays(terms, at):
            label = f"{name}: balance = schedule + overdue + unpaid interest added - prepaid"
            gap = in_hand(terms, _off_schedule(terms, at))
            g.check(f"checks.{key}_schedule", largest(terms, f"{key}_schedule", gap, label), label, "money", tolerance)
        if at.removeprefix("debt.") in cured_loans(terms) and not capitalises(terms, at):
            _declare_cured_check(terms, at, name)
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", excess(-low), f"{name}: balance never negative", "money", tolerance)
        if accretes(terms, at):
            added = total(Ref(f"{at}.accreted_added"))
            added = added - total(Ref(f"{at}.pik_on_accreted")) if agreed else added
            gap = absolute(total(Ref(f"{at}.interest_due")) - total(Ref(f"{at}.interest_paid")) - added)
            g.check(f"checks.{key}_interest", gap, f"{name}: interest due is paid or added", "money", tolerance)
        if g.has(f"{at}.balloon_change"):
            label, moved = f"{name}: balloon to refinance no longer moves", Ref(f"{at}.balloon_change_residual")
            g.check(f"checks.{key}_balloon", moved, label, "money", tolerance)
        prior = f"sizing.{at.removeprefix('debt.')}.prior_fed"
        if g.has(prior):
            label, moved = f"{name}: what stands before its service no longer moves", Ref(f"{prior}_residual")
            g.check(f"checks.{key}_prior", moved, label, "money", tolerance)
        if g.has(f"{at}.extended"):
            moved = Ref(f"{at}.extended_residual")
            g.check(f"checks.{key}_extension", moved, f"{name}: the decision to extend is at rest", "flag", None)


def _declare_cured_check(terms: Terms, at: str, name: str) -> None:
    """Where nothing but cures prepays a loan, what falls due is the schedule that ratios and reserves count with."""
    loan, key = at.removeprefix("debt."), at.replace(".", "_")
    if prepayments(terms, loan) != [Ref(f"{at}.cured")]:
        return
    gap: Expr = Number(0)
    for what, gone in (
        ("interest_scheduled", "interest_saved"),
        ("amortisation", "principal_replaced"),
        ("balloon", "balloon_replaced"),
    ):
        gap = gap + absolute(Ref(f"{at}.{what}") - Ref(f"{at}.{gone}") - after_cures(terms, at, what))
    label = f"{name}: what falls due is what cures have left of the schedule"
    gap = largest(terms, f"{key}_cured", gap, label)
    terms.graph.check(f"checks.{key}_cured", gap, label, "money", terms["checks.tolerance"])


def _off_schedule(terms: Terms, at: str) -> Expr:
    """The closing balance less what the schedule, overdue principal and the balances beside the schedule explain."""
    gap = Ref(f"{at}.closing") - Ref(f"{at}.scheduled_closing")
    gap = gap - Ref(f"{at}.principal_shortfall") - Ref(f"{at}.balloon_shortfall")
    if accretes(terms, at):
        gap = gap - Ref(f"{at}.accreted_closing")
    return gap + Ref(f"{at}.ahead_closing") if prepays(terms, at) else gap
