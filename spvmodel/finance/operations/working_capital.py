"""Working capital of operations: what customers owe and have paid ahead, what suppliers are owed, and VAT.

Its rise is the difference between what operations earn and the cash that they bring: CFADS by two routes (definitions,
section 1), from receipts less payments and from NOI less the increase of working capital, which a check compares.
"""

from __future__ import annotations

from spvmodel.finance.operations.contract import PREPAID, prepaying
from spvmodel.finance.operations.payables import PAYABLE, cash_costs, paid_later
from spvmodel.finance.operations.payment import cash_revenue, with_payment
from spvmodel.finance.tax.vat import in_operation
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, absolute, highest, prev

INCREASE = Ref("opex.working_capital_increase")
"""What working capital rises by in a period (series, money): cash that operations earn and do not bring yet."""


def has_working_capital_movements(terms: Terms) -> bool:
    """Whether operations bring cash at another time than they earn it."""
    return bool(with_payment(terms) or paid_later(terms) or prepaying(terms) or in_operation(terms))


def operating_cash(terms: Terms) -> Expr:
    """Cash flow of operations (money, by period): what is received, less costs as they fall due, with VAT on both."""
    cash = cash_revenue(terms) - cash_costs(terms)
    cash = cash + PREPAID if prepaying(terms) else cash
    return cash + Ref("vat.cash") if in_operation(terms) else cash


def cash_noi(terms: Terms) -> Expr:
    """Net operating income as cash (money, by period)."""
    return operating_cash(terms) if has_working_capital_movements(terms) else Ref("opex.noi")


def declare_working_capital_movements(terms: Terms) -> None:
    """``opex.working_capital`` at the period end and its increase (money, by period)."""
    if not has_working_capital_movements(terms):
        return
    g = terms.graph
    held: Expr = Number(0, "money")
    words = []
    if with_payment(terms):
        held, words = held + Ref("lease.rent_receivable"), ["rent receivable"]
    if g.has("lease.rent_prepaid"):
        held, words = held - Ref("lease.rent_prepaid"), [*words, "less prepaid rent"]
    if prepaying(terms):
        held, words = held - Ref("contract.prepayments_owed"), [*words, "less customer prepayments"]
    if paid_later(terms):
        held, words = held - PAYABLE, [*words, "less what is owed to suppliers"]
    if terms.has("vat.on_opex"):
        held, words = held + Ref("vat.receivable"), [*words, "VAT to be recovered"]
    if terms.has("vat.on_revenue"):
        held, words = held - Ref("vat.payable"), [*words, "less VAT to be settled"]
    with g.place("Opex", "Working capital"):
        note = ", ".join(words)
        held = g.series("opex.working_capital", held, "Working capital", "money", note)
        label = "Increase of working capital"
        g.series(INCREASE.name, held - prev(held), label, "money", "negative: cash comes in", total=True)


def declare_working_capital_check(terms: Terms) -> None:
    """NOI less the increase of working capital is what operations receive less what they pay."""
    if not has_working_capital_movements(terms):
        return
    g, label = terms.graph, "NOI - increase of working capital = cash flow of operations"
    gap = absolute(Ref("opex.noi") - INCREASE - operating_cash(terms))
    with g.place("Checks", "By period"):
        gap = g.series("checks.working_capital_by_period", gap, label, "money")
    g.check("checks.working_capital", highest(gap), label, "money", terms["checks.tolerance"])
