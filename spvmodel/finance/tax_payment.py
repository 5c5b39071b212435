"""When taxes are paid (feature X1): taxes assessed by period, and the corkscrew of what is assessed and not yet paid.

Taxes remain the expense of the period that earns; cash follows. Each way of paying is one date per period: the last day
up to which the taxes of earlier periods have fallen due. What is still owed in the last period of the model is paid in
it, so that no flow is lost.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, from_end
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    absolute,
    edate,
    eomonth,
    equal,
    floor,
    month,
    next_,
    prev,
    sum_behind,
    total,
    where,
)

PAYABLE = Ref("tax.payable")
MONTH = Number(1, "months")


def pays_later(terms: Terms) -> bool:
    """Whether taxes are paid at other times than they are assessed."""
    return terms.deal.spec.tax is not None and terms.deal.spec.tax.payment != "as assessed"


def cash_tax(terms: Terms) -> Ref:
    """Taxes that fall due in a period, less refunds (money): those assessed in it, or those of earlier periods."""
    return Ref("tax.cash") if pays_later(terms) else PAYABLE


def declare_payment(terms: Terms) -> None:
    """Taxes owed: opening balance + assessed - falling due = closing balance (money, by period)."""
    if not pays_later(terms):
        return
    g = terms.graph
    with g.place("Tax", "Taxes assessed and not yet paid"):
        by = g.series("tax.due_up_to", _due_up_to(terms), "Taxes of periods up to this day have fallen due", "date")
        last = g.series("tax.last_period", equal(next_(Ref("tax.year")), 0), "Last period of the model", "flag")
        opening = g.series("tax.owed_opening", prev(Ref("tax.owed_closing")), "Opening balance", "money")
        closing = (1 - last) * sum_behind(PAYABLE, END, by)
        note = "assessed in periods that end later than that day; nothing in the last period"
        closing = g.series("tax.owed_closing", closing, "Closing balance", "money", note)
        label, note = "Taxes falling due", "opening balance + taxes of the period - closing balance"
        g.series("tax.cash", opening + PAYABLE - closing, label, "money", note, total=True)


def _due_up_to(terms: Terms) -> Expr:
    tax = terms.deal.spec.tax
    assert tax is not None
    if tax.payment == "quarterly":
        # 0 in the last month of a quarter, whose end is then the end of the period.
        into = month(END) - 3 * floor(month(END) / 3)
        return eomonth(END, -1 * into * MONTH) if terms.ends_months else _quarter_end(into)
    lag = terms["tax.payment_lag"]
    if tax.payment == "in arrears":
        return from_end(terms, -lag)
    before = eomonth(END, -1 * month(END) * MONTH)
    return where(edate(before, lag) > END, eomonth(before, Number(-12, "months")), before)


def _quarter_end(into: Expr) -> Expr:
    """The last calendar quarter's end on or before a period end that is not the end of a month."""
    return eomonth(END, -1 * into * MONTH - equal(into, 0) * Number(3, "months"))


def declare_payment_check(terms: Terms) -> None:
    """Nothing is owed at the end of the model: all taxes have fallen due in it."""
    if not pays_later(terms):
        return
    left = total(Ref("tax.owed_closing"), Ref("tax.last_period"))
    label = "Taxes assessed have all fallen due by the end of the model"
    terms.graph.check("checks.tax_owed", absolute(left), label, "money", terms["checks.tolerance"])
