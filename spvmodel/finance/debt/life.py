"""The average life of a loan, and the identity that ties it to the balances of its schedule."""

from __future__ import annotations

from spvmodel.finance.covenants.cure import cured_loans
from spvmodel.finance.debt.cured import after_cures
from spvmodel.finance.debt.ranks import LENDERS, ranked
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS_365, END, LAST_DAY, START
from spvmodel.lines import Expr, Ref, absolute, prev, total


def declare_life(terms: Terms, loan: str) -> tuple[Ref, Ref]:
    """Principal x years from the loan's close (actual days / 365), and the principal.

    What a cure repays of the schedule counts on its day, and later instalments with what it has left of them.
    """
    g, at, close = terms.graph, f"debt.{loan}", terms[f"debt.{loan}.close"]
    label = terms.deal.spec.debt[loan].label
    paid, balloon = after_cures(terms, at, "amortisation"), after_cures(terms, at, "balloon")
    repaid = paid * (END - close) + balloon * (Ref(f"{at}.final_day") - close)
    principal = total(paid) + total(balloon)
    if loan in cured_loans(terms):
        cured = Ref(f"{at}.principal_cured")
        repaid, principal = repaid + cured * (END - close), principal + total(cured)
    years = g.series(
        f"{at}.principal_x_years", repaid / DAYS_365, f"{label}: principal x years", "money*yr", total=True
    )
    return (
        g.scalar(f"{at}.principal_years", total(years), f"{label}: principal x years, total", "money*yr"),
        g.scalar(f"{at}.principal_scheduled", principal, f"{label}: scheduled principal with balloon", "money"),
    )


def declare_life_checks(terms: Terms) -> None:
    """What is owed x the time for which it is owed = what is repaid x its time - what is drawn or added x its time.

    Definitions, section 6, number 10: where all is drawn at close, the average life is the sum of opening balances x
    lengths of periods / the first balance. Draws count from the end of their period, as opening balances do; a balloon
    is owed to its day.
    """
    g = terms.graph
    for loan in ranked(terms, *LENDERS):
        at, close, label = f"debt.{loan}", terms[f"debt.{loan}.close"], terms.deal.spec.debt[loan].label
        unpaid = after_cures(terms, at, "balloon") * (END - Ref(f"{at}.final_day"))
        opening: Expr = Ref(f"{at}.scheduled_opening")
        if loan in cured_loans(terms):
            opening = prev(after_cures(terms, at, "scheduled_closing"))
        owed = opening * (END - START) - unpaid
        added: Expr = Ref(f"{at}.draw")
        if g.has(f"{at}.pik_scheduled"):
            added = added + Ref(f"{at}.pik_scheduled")
        if loan in cured_loans(terms):
            added = added * Ref(f"{at}.cure_left_before")
        with g.place("Checks", "Average life"):
            name, what = f"checks.debt_{loan}", "x years, of the period"
            owed = g.series(f"{name}_owed", owed / DAYS_365, f"{label}: owed {what}", "money*yr", total=True)
            added = added * (END - close) / DAYS_365
            added = g.series(f"{name}_added", added, f"{label}: drawn or added {what}", "money*yr", total=True)
            length = (LAST_DAY - close) / DAYS_365
            length = g.scalar(f"{name}_length", length, f"{label}: close to end of model", "yr")
        gap = absolute(total(owed) + total(added) - Ref(f"{at}.principal_years")) / length
        words = f"{label}: average balance is repayments x time less draws x time"
        g.check(f"{name}_life", gap, words, "money", terms["checks.tolerance"])
