"""What one unit of a loan costs, and what it is worth: read by its repayment and by its sizing."""

from __future__ import annotations

from typing import Final

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, default, next_, ratio

ROUNDING: Final = 1e-12
"""What rounding may leave of one unit that is repaid in full."""


def cash_cost(terms: Terms, loan: str) -> Ref:
    """What one unit of opening balance costs in cash in a period (share)."""
    spec = terms.deal.spec.debt[loan]
    return Ref(f"debt.{loan}.cash_pp" if spec.completion is not None or spec.pik else f"debt.{loan}.carry_pp")


def unit_rate(terms: Terms, loan: str) -> Ref:
    """At what rate a unit owed grows in a period if nothing is paid: in cash and added (share)."""
    return Ref(f"debt.{loan}.unit_pp") if terms.deal.spec.debt[loan].pik else cash_cost(terms, loan)


def owed_at_start(terms: Terms, loan: str) -> Expr:
    """What one unit drawn has grown to when repayment starts (share): 1 without PIK."""
    return Ref(f"debt.{loan}.unit_at_first") if terms.deal.spec.debt[loan].pik else Number(1)


def drawn_for(terms: Terms, loan: str, balance: Expr) -> Expr:
    """The amount that is drawn for a balance when repayment starts, which PIK has made larger (money)."""
    grown = owed_at_start(terms, loan)
    return balance if isinstance(grown, Number) else default(ratio(balance, grown), 0)


def present_value(terms: Terms, name: str, flow: Ref, rate: Ref, label: str, unit: str) -> Ref:
    """A line: the value, at the start of each period, of the flows at this and all later period ends."""
    value = (flow + next_(Ref(name))) / (1 + rate)
    return terms.graph.series(name, value, label, unit, "at the start of the period, at the period rates of the loan")
