"""Principal repaid ahead of schedule, and which later instalments it takes the place of.

A sweep or a voluntary prepayment puts a loan ahead of its schedule. ``ahead`` is that lead as a balance: it grows with
what is prepaid, and falls as instalments that need no longer be paid come round.
"""

from __future__ import annotations

from spvmodel.finance.covenants.cure import cured_loans
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.debt.unit import ROUNDING
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, default, maximum, minimum, prev, ratio, sum_of


def swept(terms: Terms) -> list[str]:
    """The loans that excess cash can repay: past their anticipated repayment date, or in the order of the sweep."""
    spec = terms.deal.spec
    order = spec.sweep.order if spec.sweep else []
    return [loan for loan in spec.debt if loan in order or spec.debt[loan].ard]


def sweeps_trapped(terms: Terms) -> bool:
    """Whether cash that has been trapped for long repays the loans of the sweep."""
    return terms.deal.spec.covenants.sweep_after is not None


def prepayments(terms: Terms, loan: str) -> list[Ref]:
    """Everything that repays principal of a loan beyond its schedule; together at most ``debt.<loan>.prepayable``."""
    found = [Ref(f"debt.{loan}.cured")] if loan in cured_loans(terms) else []
    found += [Ref(f"debt.{loan}.voluntary")] if terms.deal.spec.debt[loan].prepayment else []
    if loan in swept(terms):
        found.append(Ref(f"debt.{loan}.sweep"))
    sweep = terms.deal.spec.sweep
    if sweeps_trapped(terms) and sweep is not None and loan in sweep.order:
        found.append(Ref(f"debt.{loan}.trapped_sweep"))
    return found


def prepays(terms: Terms, at: str) -> bool:
    """Whether the facility with this line prefix can be repaid ahead of schedule."""
    loan = at.removeprefix("debt.")
    return loan in terms.deal.spec.debt and bool(prepayments(terms, loan))


def declare_prepaid(terms: Terms, at: str, label: str) -> None:
    """What is prepaid, the lead over the schedule, and the instalments it replaces.

    ``prepaid`` is the principal repaid beyond schedule in a period, at the period end; ``prepayable`` the balance
    that is not due anyway. Interest stops on what is prepaid from the next period on (``interest_saved``).
    """
    g, opening = terms.graph, Ref(f"{at}.ahead_opening")
    spec = terms.deal.spec.debt[at.removeprefix("debt.")]
    with g.place("Debt", f"{label}: prepaid"):
        parts = prepayments(terms, at.removeprefix("debt."))
        prepaid = g.series(f"{at}.prepaid", sum_of(*parts), "Prepaid", "money", total=True)
        g.series(f"{at}.prepaid_to_date", prev(Ref(f"{at}.prepaid_to_date")) + prepaid, "Prepaid to date", "money")
        left: Expr = maximum(0, Ref(f"{at}.opening") - Ref(f"{at}.principal_due") - Ref(f"{at}.balloon_due"))
        label, note = "Balance that can be prepaid", "opening balance less what is due"
        if at.removeprefix("debt.") in cured_loans(terms):
            left = g.series(f"{at}.prepayable_before_cure", left, "Balance that a cure can prepay", "money", note)
            left, note = left - Ref(f"{at}.cured"), "less what a cure prepays"
        g.series(f"{at}.prepayable", left, label, "money", note)
        g.series(f"{at}.ahead_opening", prev(Ref(f"{at}.ahead_closing")), "Ahead of schedule, opening", "money")
        saved = g.series(
            f"{at}.interest_saved",
            opening * Ref(f"{at}.rate") * Ref(f"{at}.year_fraction"),
            "Interest saved on what is prepaid",
            "money",
            total=True,
        )
        gained: Expr = prepaid
        if accretes(terms, at):
            gained = gained - Ref(f"{at}.accreted_prepaid")
        if spec.pik:
            unborn = g.series(
                f"{at}.pik_saved", saved * Ref(f"{at}.pik_share"), "of which would have been added", "money"
            )
            gained = gained + unborn
        gained = g.series(f"{at}.ahead_gained", gained, "Gained", "money", total=True)
        principal, balloon = _replaced(terms, at, opening)
        principal = g.series(
            f"{at}.principal_replaced", principal, "Principal that need not be paid", "money", total=True
        )
        balloon = g.series(f"{at}.balloon_replaced", balloon, "Balloon that need not be paid", "money", total=True)
        g.series(f"{at}.ahead_closing", opening + gained - principal - balloon, "Ahead of schedule, closing", "money")


def _replaced(terms: Terms, at: str, ahead: Ref) -> tuple[Expr, Expr]:
    """Scheduled principal and balloon of the period that prepayments take the place of, by order of application."""
    opening, draw, principal, balloon = (
        Ref(f"{at}.{what}") for what in ("scheduled_opening", "draw", "amortisation", "balloon")
    )
    # A loan may repay in the very period in which it is drawn.
    scheduled: Expr = opening + draw
    replaced = Ref(f"{at}.principal_replaced")
    sweep = terms.deal.spec.sweep
    owed = scheduled
    lead: Expr = ahead
    if terms.deal.spec.debt[at.removeprefix("debt.")].pik:
        # The last instalment repays what is added in its own period too, of which there is less.
        ends = Ref(f"{at}.pattern_left") <= ROUNDING
        owed, lead = owed + ends * Ref(f"{at}.pik_scheduled"), lead + ends * Ref(f"{at}.pik_saved")
    match sweep.application if sweep else "inverse":
        case "forward":
            return minimum(principal, lead), minimum(balloon, lead - replaced)
        case "pro rata":
            part = default(ratio(ahead, scheduled), 0)
            return principal * part, balloon * part
        case _:
            # The last instalments go first, so one is smaller only when less than it is left of the loan.
            if at.removeprefix("debt.") not in cured_loans(terms):
                return maximum(0, principal - maximum(0, owed - lead)), minimum(balloon, lead - replaced)
            # A cure falls on all instalments alike; the last ones go first of what cures have left.
            cured = minimum(ahead, (1 - Ref(f"{at}.cure_left_before")) * scheduled)
            part = default(ratio(cured, scheduled), 0)
            part = terms.graph.series(
                f"{at}.cure_replaced", part, "Share of each instalment that cures replace", "share"
            )
            first = maximum(principal * part, principal - maximum(0, owed - lead))
            return first, minimum(balloon, lead - replaced - (owed - principal - balloon) * part)
