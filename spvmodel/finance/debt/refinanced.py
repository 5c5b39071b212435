"""The balloon that is left to refinance, where a loan's balance leaves its schedule.

A sweep makes the balloon smaller, and with it the take-out, its service, the reserve held for that service, and so the
sweep: a loop, cut by the feedback ``debt.<loan>.balloon_change``.
"""

from __future__ import annotations

from spvmodel.finance.debt.prepaid import prepays
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, total


def balloon_left(terms: Terms, loan: str) -> Expr:
    """The balloon by period (money): as scheduled, less what was prepaid of it, plus unpaid interest added to it."""
    g, at = terms.graph, f"debt.{loan}"
    balloon = Ref(f"{at}.balloon")
    if not changes(terms, loan):
        return balloon
    label, moved = terms.deal.spec.debt[loan].label, balloon_moved(terms, loan)
    expected = g.feedback(
        f"{at}.balloon_change", 0, moved.name, f"{label}: balloon beside its schedule, fed back", "money", PASSES
    )
    return balloon + Ref(f"{at}.matures") * expected


def balloon_moved(terms: Terms, loan: str) -> Ref:
    """What the balloon differs from its schedule by, over all periods (money): prepaid less, unpaid interest more."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    whole = Ref(f"{at}.balloon_moved_total")
    if g.has(whole.name):
        return whole
    change: Expr = Number(0)
    if accretes(terms, at):
        change = change + Ref(f"{at}.accreted_due") * Ref(f"{at}.matures")
    if prepays(terms, at):
        change = change - Ref(f"{at}.balloon_replaced")
    moved = g.series(f"{at}.balloon_moved", change, f"{label}: balloon beside its schedule", "money")
    return g.scalar(whole.name, total(moved), f"{label}: balloon beside its schedule, total", "money")


def changes(terms: Terms, loan: str) -> bool:
    """Whether the balloon of a loan can differ from its schedule."""
    return prepays(terms, f"debt.{loan}") or accretes(terms, f"debt.{loan}")
