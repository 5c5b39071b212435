"""When taxes are paid (feature X1): taxes assessed by period, and the corkscrew of what is assessed and not yet paid.

Taxes remain the expense of the period that earns; cash follows. Each way of paying is one date per period: the last day
up to which the taxes of earlier periods have fallen due. What is still owed in the last period of the model is paid in
it, so that no flow is lost.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, YEAR, from_end
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    absolute,
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
        return _last_end(Number(3, "months"), Number(0, "months"))
    if tax.payment == "in arrears":
        return from_end(terms, -terms["tax.payment_lag"])
    return _last_end(YEAR, terms["tax.payment_lag"])


def _last_end(length: Number, lag: Expr) -> Expr:
    """The last end of a calendar quarter or year (``length``, months) that is ``lag`` months before the period end."""
    into = month(END) - length.value * floor(month(END) / length.value)
    last = eomonth(END, -1 * into * MONTH)
    # The end of its own month may come after a period end; and the lag may not have passed.
    return where(eomonth(last, lag) > END, eomonth(last, -length), last)


def declare_payment_check(terms: Terms) -> None:
    """Nothing is owed at the end of the model: all taxes have fallen due in it."""
    if not pays_later(terms):
        return
    left = total(Ref("tax.owed_closing"), Ref("tax.last_period"))
    label = "Taxes assessed have all fallen due by the end of the model"
    terms.graph.check("checks.tax_owed", absolute(left), label, "money", terms["checks.tolerance"])
