"""Expected loss: what lenders lose by date of the tenant's default, weighted by the probability of that date.

A default in a period is taken at its end, with what is owed and recovered then. Who pays rent under several names
fails when the first of them does: the recovery that is read stands for the end of all leases and contracts. Exposure,
loss and recovery are those of a projection in which the tenant has paid until then.
"""

from __future__ import annotations

from spvmodel.finance.counterparties import YEARS, quantified
from spvmodel.finance.debt.ranks import LENDERS, facilities
from spvmodel.finance.debt.totals import facility_label
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, highest, maximum, prev, ratio, total


def payers(terms: Terms) -> list[str]:
    """The counterparties that owe the SPV a lease, a contract or an income and have a default probability."""
    return [name for name in quantified(terms) if terms.deal.spec.counterparty[name].pays]


def declare_expected_loss(terms: Terms) -> None:
    """Expected loss by period and in all, discounted too, of all debt and of every loan (money, and share of exposure).

    ``expected_loss.loss`` (money): probability of a default in the period x ``recovery.loss`` at its end.
    ``.exposed`` and ``.discounted`` likewise of ``recovery.exposure`` and of the loss at financial close.
    ``.lgd`` (share): expected loss / expected claim. ``.spread`` (1/yr): what a margin must hold for it. None of these
    lines where the deal has no recovery, or no payer with a default probability.
    """
    g = terms.graph
    if not g.has("recovery.loss") or not payers(terms):
        return
    with g.place("Counterparties", "Expected loss: probability"):
        failing, alive = _first_failure(terms)
    with g.place("Counterparties", "Expected loss: all debt"):
        exposure = Ref("recovery.exposure")
        g.series("expected_loss.exposed", failing * exposure, "Expected to be owed at a default", "money", total=True)
        claims = failing * Ref("recovery.claim")
        claims = g.series("expected_loss.claim", claims, "Expected claims at the sale", "money", total=True)
        loss = failing * Ref("recovery.loss")
        note = "probability of default in the period x loss of lenders at its end, as of the day of the sale"
        loss = g.series("expected_loss.loss", loss, "Expected loss", "money", note, total=True)
        factor = Ref("expected_loss.factor")
        note = "at the average rate of the debt that is owed when a period begins; 1 until then"
        g.series(factor.name, prev(factor) / (1 + Ref("debt.rate_pp")), "Discount factor", "factor", note, opening=1)
        worth = failing * factor * (exposure - Ref("recovery.discounted"))
        note = "of what is owed at the default less what is recovered, discounted to it"
        worth = g.series(
            "expected_loss.discounted", worth, "Expected loss at financial close", "money", note, total=True
        )
        owed = prev(alive) * factor * exposure * YEARS
        owed = g.series("expected_loss.lent", owed, "Owed while the tenant pays, x years", "money*yr", total=True)
        in_debt = failing * (exposure > terms["checks.tolerance"])
        in_debt = g.series("expected_loss.in_debt", in_debt, "Default while debt is owed", "share", total=True)
    with g.place("Counterparties", "Expected loss: in all"):
        g.scalar("expected_loss.probability", total(in_debt), "Probability of default while debt is owed", "share")
        expected = g.scalar("expected_loss.total", total(loss), "Expected loss", "money")
        peak = g.scalar("expected_loss.peak", highest(exposure), "Largest exposure", "money")
        g.scalar("expected_loss.share", ratio(expected, peak), "Expected loss / largest exposure", "share")
        g.scalar("expected_loss.lgd", ratio(expected, total(claims)), "Expected LGD", "share", "expected loss / claims")
        value = g.scalar("expected_loss.value", total(worth), "Expected loss at financial close", "money")
        note = "expected loss at close / what is lent until the default, x years, at close"
        g.scalar("expected_loss.spread", ratio(value, total(owed)), "Margin that the loss takes", "1/yr", note)
    for at in facilities(terms, *LENDERS):
        _declare_loan(terms, at, failing)


def _first_failure(terms: Terms) -> tuple[Ref, Ref]:
    """Probability that the first payer fails in the period, and that none has by its end (series, share)."""
    every = payers(terms)
    if len(every) == 1:
        at = f"counterparty.{every[0]}"
        return Ref(f"{at}.default_probability"), Ref(f"{at}.survival")
    g = terms.graph
    left: Expr = Ref(f"counterparty.{every[0]}.survival")
    for name in every[1:]:
        left = left * Ref(f"counterparty.{name}.survival")
    note = "as if they failed for reasons of their own"
    alive = g.series("expected_loss.survival", left, "No payer has failed", "share", note, opening=1)
    failing = prev(alive) - alive
    return g.series("expected_loss.default_probability", failing, "The first payer fails", "share", total=True), alive


def _declare_loan(terms: Terms, at: str, failing: Ref) -> None:
    g, label, name = terms.graph, facility_label(terms, at), at.replace("debt.", "recovery.")
    at = at.replace("debt.", "expected_loss.loan.")
    with g.place("Counterparties", f"Expected loss: {label}"):
        loss = failing * Ref(f"{name}.loss")
        loss = g.series(f"{at}.loss", loss, f"{label}: expected loss", "money", total=True)
        expected = g.scalar(f"{at}.total", total(loss), f"{label}: expected loss in all", "money")
        peak = g.scalar(f"{at}.peak", highest(Ref(f"{name}.exposure")), f"{label}: largest exposure", "money")
        note = "expected loss / largest exposure"
        g.scalar(f"{at}.share", ratio(expected, peak), f"{label}: expected loss as a share", "share", note)


def declare_expected_loss_checks(terms: Terms) -> None:
    """Loans are not expected to lose more than all lenders together."""
    g = terms.graph
    if not g.has("expected_loss.total"):
        return
    loans = [Ref(at.replace("debt.", "expected_loss.loan.") + ".total") for at in facilities(terms, *LENDERS)]
    beyond: Expr = -Ref("expected_loss.total")
    for loan in loans:
        beyond = beyond + loan
    label = "Expected loss: loans lose no more than all lenders"
    g.check("checks.expected_loss", maximum(0, beyond), label, "money", terms["checks.tolerance"])
