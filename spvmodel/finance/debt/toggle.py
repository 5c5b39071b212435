"""Interest that is added to a loan: by agreement (PIK), or because cash did not cover it (toggle, shareholder loans).

The agreed share is part of the schedule. What a toggle adds is not: it is a balance beside the schedule, ``accreted``,
which bears the loan's rate and falls due with the balloon.
"""

from __future__ import annotations

from functools import reduce

from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow
from spvmodel.finance.debt.ranks import SHAREHOLDER, rank_of
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Ref, minimum, prev


def accretes(terms: Terms, at: str) -> bool:
    """Whether interest that cash does not cover is added to the facility in place of staying due."""
    loan = terms.deal.spec.debt.get(at.removeprefix("debt."))
    if loan is None:
        return False
    return rank_of(terms, at) == SHAREHOLDER or (loan.pik is not None and loan.pik.toggle == "yes")


def capitalises(terms: Terms, at: str) -> bool:
    """Whether any interest is added to the facility after its completion."""
    loan = terms.deal.spec.debt.get(at.removeprefix("debt."))
    return loan is not None and (loan.pik is not None or accretes(terms, at))


def declare_pik(terms: Terms, at: str, payable: Expr) -> Expr:
    """The scheduled interest that is paid in cash: ``payable`` (money, by period) less the PIK share.

    ``pik_scheduled`` is the rest, which the schedule adds to the balance at the period end; in the period of maturity
    there is no balance to add to, and all interest is paid in cash.
    """
    g = terms.graph
    share = terms[f"{at}.pik.share"] * (1 - Ref(f"{at}.matures"))
    share = g.series(f"{at}.pik_share", share, "PIK share", "share", "all interest of the period of maturity is cash")
    added = payable * share
    g.series(f"{at}.pik_scheduled", added, "Interest added by schedule (PIK)", "money", total=True)
    return payable * (1 - share)


def declare_added(terms: Terms, at: str, *, ahead: bool) -> Ref:
    """Interest really added to the balance in a period (money, at the period end).

    The scheduled share, on the actual balance in place of the scheduled one, and what cash did not cover.
    """
    parts: list[Expr] = []
    agreed = terms.deal.spec.debt[at.removeprefix("debt.")].pik is not None
    if agreed:
        parts.append(Ref(f"{at}.pik_scheduled"))
    if accretes(terms, at):
        parts.append(Ref(f"{at}.accreted_added"))
    added = reduce(lambda a, b: a + b, parts)
    if agreed and ahead:
        added = added - Ref(f"{at}.pik_saved")
    return declare_flow(terms, f"{at}.pik", added, "Interest added to the loan")


def declare_accreted(terms: Terms, at: str, label: str, *, ahead: bool) -> None:
    """The balance of interest that cash did not cover: grows with it and its own interest, due at maturity."""
    g, opening = terms.graph, Ref(f"{at}.accreted_opening")
    loan = terms.deal.spec.debt[at.removeprefix("debt.")]
    with g.place("Debt", f"{label}: unpaid interest added"):
        g.series(f"{at}.accreted_opening", prev(Ref(f"{at}.accreted_closing")), "Opening balance", "money")
        interest = opening * Ref(f"{at}.rate") * Ref(f"{at}.year_fraction")
        interest = declare_flow(terms, f"{at}.interest_on_accreted", interest, "Interest on it")
        added: Expr = Ref(f"{at}.interest_shortfall")
        if loan.pik:
            pik = g.series(f"{at}.pik_on_accreted", interest * Ref(f"{at}.pik_share"), "of which added", "money")
            added = added + pik
        added = g.series(f"{at}.accreted_added", added, "Added", "money", total=True)
        due = (END >= Ref(f"{at}.final_day")) * opening
        due = declare_flow(terms, f"{at}.accreted_due", due, "Falls due with the balloon")
        closing = opening + added - due
        if ahead:
            early = minimum(opening - due, Ref(f"{at}.prepaid"))
            early = g.series(
                f"{at}.accreted_prepaid",
                early,
                "Prepaid",
                "money",
                "a prepayment repays interest that was added before it repays scheduled principal",
                total=True,
            )
            closing = closing - early
        declare_balance(terms, f"{at}.accreted_closing", closing, "Closing balance")
