"""Creditor days: costs that are paid some time after they are incurred, and what is owed to suppliers meanwhile.

A cost is an expense by the day of operation; what is incurred on a day is paid ``lag`` later. What a period costs falls
evenly on its days of operation. Costs of the days before financial close belong to the seller: nothing is owed when the
model begins. What is still owed in its last period is paid in it, so that no payment is lost.
"""

from __future__ import annotations

from spvmodel.finance.operations.payment import declare_unpaid
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import NUMBER, from_end
from spvmodel.lines import Ref, absolute, equal, next_, prev, sum_of, total

PAYABLE = Ref("opex.payable")
"""What is owed to suppliers at the period end (series, money)."""


def paid_later(terms: Terms) -> list[str]:
    """The costs that are not paid as they are incurred, in the order of the deal file."""
    return [name for name, cost in terms.deal.spec.opex.items() if cost.payment is not None]


def cash_costs(terms: Terms) -> Ref:
    """Operating costs as they fall due for payment (money, by period)."""
    return Ref("opex.falling_due" if paid_later(terms) else "opex.total")


def cash_cost(terms: Terms, name: str) -> Ref:
    """One cost as it falls due for payment (money, by period)."""
    return Ref(f"opex.{name}.{'falling_due' if name in paid_later(terms) else 'cost'}")


def declare_payables(terms: Terms) -> None:
    """Per cost: opening + cost - falling due = payable; and the sums over all costs (money, by period)."""
    g, names = terms.graph, paid_later(terms)
    if not names:
        return
    with g.place("Opex", "Costs falling due"):
        last = g.series("opex.last_period", equal(next_(NUMBER), 0), "Last period of the model", "flag")
    for name in names:
        with g.place("Opex", f"{terms.deal.spec.opex[name].label}: payment"):
            _declare_payment(terms, name, last)
    with g.place("Opex", "Costs falling due"):
        owed = sum_of(*[Ref(f"opex.{name}.payable") for name in names])
        g.series(PAYABLE.name, owed, "Owed to suppliers", "money", "incurred and not due yet")
        due = Ref("opex.total") + prev(PAYABLE) - PAYABLE
        note = "operating costs + owed to suppliers before - owed to suppliers now"
        g.series("opex.falling_due", due, "Operating costs falling due", "money", note, total=True)


def _declare_payment(terms: Terms, name: str, last: Ref) -> None:
    g, at, cost = terms.graph, f"opex.{name}", Ref(f"opex.{name}.cost")
    by = from_end(terms, -terms[f"{at}.payment.lag"]) - terms[f"{at}.payment.lag_days"]
    by = g.series(f"{at}.due_by", by, "Costs up to this day have fallen due", "date", "the period end, less the lag")
    days, first, until = Ref("opex.days"), Ref("revenue.from"), Ref("revenue.until")
    unpaid = declare_unpaid(terms, at, cost, days, by, first, until, "Cost", "Days of operation")
    closing = Ref(f"{at}.payable")
    opening = g.series(f"{at}.payable_opening", prev(closing), "Owed to the supplier, opening", "money")
    note = "opening + cost - closing"
    g.series(f"{at}.falling_due", opening + cost - closing, "Falls due", "money", note, total=True)
    note = "incurred and not due yet; nothing in the last period"
    g.series(closing.name, (1 - last) * unpaid, "Owed to the supplier, closing", "money", note)


def declare_payables_check(terms: Terms) -> None:
    """Costs have all fallen due by the end of the model, each once."""
    if not paid_later(terms):
        return
    gap = absolute(total(Ref("opex.total")) - total(Ref("opex.falling_due")))
    label = "Operating costs have all fallen due by the end of the model"
    terms.graph.check("checks.opex_paid", gap, label, "money", terms["checks.tolerance"])
