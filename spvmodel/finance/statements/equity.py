"""Equity: what sponsors paid in, what the SPV earned and kept, and what of its distributions was not earned.

Cash may be distributable before it is earned, as depreciation is no payment: the dividend trap. Distributions are made
out of cash whatever the accounts say; here they count as paid out of retained earnings first, with the income of the
period, and the rest as a return of capital.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import as_missed, enforces, in_hand, settled
from spvmodel.finance.covenants.cure import PAID as CURE
from spvmodel.finance.covenants.cure import has_cure
from spvmodel.finance.debt.bridge import bridges
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, maximum, minimum, prev

EARNINGS = "statements.retained_earnings"
CAPITAL = "statements.contributed_capital"


def contributions(terms: Terms) -> Expr:
    """Everything that sponsors pay in as equity (money, by period): for uses, to cure a failed test, when called."""
    given: Expr = Ref("funding.equity")
    given = in_hand(terms, given + CURE if has_cure(terms) else given)
    if enforces(terms):
        given = given + settled(terms, as_missed("recovery.recourse"))
        for loan in bridges(terms):
            given = given + Ref(f"debt.{loan}.recovered")
    return given


def distributions(terms: Terms) -> Expr:
    """Everything that goes to sponsors on their equity (money, by period): from cash flow, sources and a sale."""
    paid: Expr = Ref("waterfall.distributions")
    if terms.graph.has("construction.distributed"):
        paid = paid + in_hand(terms, Ref("construction.distributed"))
    return paid + settled(terms, as_missed("recovery.surplus")) if enforces(terms) else paid


def declare_equity(terms: Terms) -> None:
    """Corkscrews of retained earnings and contributed capital (money, by period).

    Retained earnings are negative while losses are more than what was earned. Contributed capital is negative where
    more has been returned than was paid in.
    """
    g = terms.graph
    with g.place("Statements", "Retained earnings"):
        opening = _balance(terms, EARNINGS, prev(Ref(f"{EARNINGS}.closing")), "opening")
        earned = _flow(terms, f"{EARNINGS}.net_income", Ref("statements.income.net_income"), "Net income")
        note = "retained earnings with the income of the period, at least 0"
        free = maximum(0, opening + earned)
        free = g.series(f"{EARNINGS}.distributable", free, "Distributable reserves", "money", note)
        paid = minimum(distributions(terms), free)
        paid = _flow(terms, f"{EARNINGS}.dividends", paid, "Distributed out of retained earnings")
        _balance(terms, EARNINGS, opening + earned - paid, "closing")
    with g.place("Statements", "Contributed capital"):
        opening = _balance(terms, CAPITAL, prev(Ref(f"{CAPITAL}.closing")), "opening")
        given = _flow(terms, f"{CAPITAL}.contributions", contributions(terms), "Equity contributions")
        returned = distributions(terms) - paid
        note = "what distributions exceed distributable reserves by: the dividend trap"
        returned = _flow(terms, f"{CAPITAL}.returned", returned, "Returned to sponsors", note)
        _balance(terms, CAPITAL, opening + given - returned, "closing")


def _flow(terms: Terms, name: str, expr: Expr, label: str, note: str = "") -> Ref:
    return terms.graph.series(name, expr, label, "money", note, total=True)


def _balance(terms: Terms, at: str, expr: Expr, what: str) -> Ref:
    return terms.graph.series(f"{at}.{what}", expr, f"{what.capitalize()} balance", "money")
