"""When the SPV stops: it runs nothing from the period after acceleration on, and owns and owes nothing once sold.

A default that is not cured within the cure period is accelerated. The periods after that are known by looking back
alone, so that what the SPV receives, pays, owes and holds can follow from it without a loop in time: ``in_hand`` is 1
until then, ``unsold`` until the period of the sale. In between the property is in the hands of the lenders, and loans
and accounts stand still; the sale settles them by what was recovered for a default at the first missed payment.

Lines are of two kinds, and only one of them knows of it:

- Lines of the property and of schedules say what a site costs and earns, what a loan asks and a reserve should hold,
  whoever owns the site: construction and its sources, rent, costs, CFADS, project flows, values, amortisation, sizing,
  targets. They are declared as any line is and go on as if nothing had happened: debt is sized on them, and the
  property is valued and sold by them, when the SPV has long stopped.
- Lines of the SPV say what it receives, pays, owes and holds itself. One that reads a line of the first kind, or an
  account, is declared by ``declare_flow`` (0 from the period after acceleration on), ``declare_balance`` (0 from the
  sale on) or ``stands`` (as it was at acceleration, until the sale), and a due that includes what is overdue is made by
  ``due_until_sale``. What is made of such lines alone, as totals and payments of the waterfall, needs nothing.

So who writes a block asks of a line whether another owner of the site would have it: then it is no line of the SPV.
The statements declare all their flows so, and those that the sale books (``settled``, ``as_missed``) apart. ``in_hand``
and ``unsold`` themselves are for what is no line of money: a part of a sum of which another part goes on, the flag of
a covenant, the gap of a check.

Every function leaves its expression as it is where the deal says nothing of enforcement.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.collateral.sales import of_case
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, LAST_DAY, from_end
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, prev, where

ACCELERATED: Final = Ref("enforcement.accelerated")
IN_HAND: Final = Ref("enforcement.in_hand")
UNSOLD: Final = Ref("enforcement.unsold")
SETTLES: Final = Ref("enforcement.settles")
_MISSING: Final = Ref("enforcement.missing")
_BEGINS: Final = Ref("enforcement.begins")


def enforces(terms: Terms) -> bool:
    """Whether the deal says what lenders do after a default."""
    return terms.deal.spec.enforcement is not None


def in_hand(terms: Terms, expr: Expr) -> Expr:
    """``expr`` in periods in which the SPV runs its property itself, 0 from the period after acceleration on."""
    return expr * IN_HAND if enforces(terms) else expr


def unsold(terms: Terms, expr: Expr) -> Expr:
    """``expr`` until the property is sold, 0 from the period of the sale on."""
    return expr * UNSOLD if enforces(terms) else expr


def declare_flow(terms: Terms, name: str, expr: Expr, label: str, note: str = "", *, total: bool = True) -> Ref:
    """Declare what the SPV receives, pays or is to pay (money, by period): 0 from the period after acceleration on."""
    return terms.graph.series(name, in_hand(terms, expr), label, "money", note, total=total)


def declare_balance(terms: Terms, name: str, expr: Expr, label: str, note: str = "") -> Ref:
    """Declare what the SPV holds or owes (money, at the period end), made of its own flows: 0 once sold."""
    return terms.graph.series(name, unsold(terms, expr), label, "money", note)


def due_until_sale(terms: Terms, due: Expr, overdue: Expr) -> Expr:
    """``due`` (money, by period), which includes what is overdue; from acceleration on what is overdue alone."""
    return where(IN_HAND, due, overdue) if enforces(terms) else due


def settled(terms: Terms, expr: Expr) -> Expr:
    """``expr`` in the period in which the sale is booked, else 0."""
    return SETTLES * expr if enforces(terms) else Number(0)


def as_missed(name: str) -> Expr:
    """A line of ``recovery.py`` for a default at the first of the payments missed, seen from a later period."""
    return prev(_since(name))


def stands(terms: Terms, name: str, line: Ref, label: str) -> Ref:
    """Declare a balance (money) that follows ``line`` until acceleration, and then stands still until the sale."""
    value = where(IN_HAND, line, prev(Ref(name))) * UNSOLD
    return terms.graph.series(name, value, label, "money", "as it was at acceleration; 0 once sold")


def declare_acceleration(terms: Terms) -> None:
    """``enforcement.accelerated``, ``in_hand``, ``unsold`` and ``settles`` (flags, by period), looking back alone."""
    if not enforces(terms):
        return
    g, missed = terms.graph, Ref("covenants.payment_default")
    until, sale = Ref("enforcement.since.cure_until"), Ref("enforcement.since.sale_date")
    with g.place("Collateral", "Acceleration"):
        late = prev(_MISSING) * (prev(until) < END)
        note = "payments were missed at every period end of a cure period that is over"
        g.series(ACCELERATED.name, maximum(prev(ACCELERATED), late), "Accelerated before the period end", "flag", note)
        g.series(IN_HAND.name, 1 - ACCELERATED, "The SPV runs its property", "flag")
        g.series(_MISSING.name, maximum(ACCELERATED, missed), "Payments missed, or accelerated", "flag")
        g.series(_BEGINS.name, _MISSING * (1 - prev(_MISSING)), "First of the payments missed", "flag")
        ends = g.series("enforcement.cure_until", _cure_until(terms), "End of the cure period, from here", "date")
        still, note = _MISSING * (1 - _BEGINS), "of the first of the payments missed"
        g.series(until.name, where(still, prev(until), ends), "End of the cure period", "date", note)
        g.series(sale.name, where(still, prev(sale), Ref("recovery.sale_date")), "Date of the sale", "date", note)
        gone = ACCELERATED * (minimum(prev(sale), LAST_DAY) <= END)
        note = "at the latest the last period of the model"
        g.series(UNSOLD.name, 1 - gone, "Property not sold by the period end", "flag", note, opening=1)
        g.series(SETTLES.name, prev(UNSOLD) - UNSOLD, "The sale is booked", "flag")


def keep_as_missed(terms: Terms, name: str, label: str) -> None:
    """Carry a line of ``recovery.py`` (money), as the case has it, from the first missed payment on."""
    here = _since(name)
    carried = where(_BEGINS, of_case(terms, name), prev(here))
    terms.graph.series(here.name, carried, f"{label}, by the first of the payments missed", "money")


def _cure_until(terms: Terms) -> Expr:
    return from_end(terms, terms["enforcement.cure_months"])


def _since(name: str) -> Ref:
    return Ref(name.replace("recovery.", "enforcement.since.", 1))
