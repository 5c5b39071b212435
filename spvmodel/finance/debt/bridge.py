"""Equity bridge loans: drawn in place of equity while construction lasts, repaid by equity when they mature.

Sponsors have committed the equity, so the bridge is no claim on the cash flow: it stands outside the waterfall, the
reserves, cover ratios and the take-out, and gearing counts it as equity. Its interest and fees up to maturity are uses
of funds, after completion too. What it is owed is repaid at the end of the period in which it matures, draws of that
period included.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import SETTLES, enforces, stands
from spvmodel.finance.debt.interest import declare_interest
from spvmodel.finance.debt.ranks import BRIDGE, ranked
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import falls_here
from spvmodel.lines import Expr, Ref, absolute, highest, lowest, maximum, prev, sum_of, total


def bridges(terms: Terms) -> list[str]:
    """The equity bridge loans, in the order of the deal file."""
    return ranked(terms, BRIDGE)


def bridges_of(terms: Terms, group: str) -> list[str]:
    """The equity bridge loans of one entry of ``funding``."""
    return [loan for loan in bridges(terms) if terms.deal.spec.debt[loan].funds == group]


def declare_bridge(terms: Terms, loan: str) -> None:
    """Amount, interest and balance of an equity bridge loan (millions): opening, draws, repaid by equity, closing."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    with g.place("Debt", f"{label}: amount"):
        g.scalar(f"{at}.amount", terms[f"{at}.commitment"], "Amount of the loan", "money")
    declare_interest(terms, loan)
    with g.place("Debt", f"{label}: drawn and repaid by equity"):
        matures = g.series(f"{at}.matures", falls_here(Ref(f"{at}.final_day")), "Matures", "flag")
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        owed = opening + Ref(f"{at}.draw")
        note = "contributed by the sponsors at maturity, not paid by the waterfall"
        repaid = g.series(f"{at}.repaid", matures * owed, "Repaid by equity", "money", note, total=True)
        g.series(f"{at}.closing", owed - repaid, "Closing balance", "money")
        if enforces(terms):
            # Its interest is a use of funds, which no default of later years may move.
            stands(terms, book_of(terms, at), Ref(f"{at}.closing"), "Owed until lenders sell")
            back = SETTLES * prev(Ref(book_of(terms, at)))
            note = "contributed by the sponsors when the property is sold"
            g.series(f"{at}.recovered", back, "Repaid by equity at the sale", "money", note, total=True)


def book_of(terms: Terms, at: str) -> str:
    """The line of the balance of a bridge in the books: its schedule goes on whatever lenders do."""
    return f"{at}.owed" if enforces(terms) else f"{at}.closing"


def declare_bridged_equity(terms: Terms, group: str, paid: Expr) -> Expr:
    """Equity of the period, where bridge loans put off a part: what it pays of uses and what it repays (series)."""
    g, at, loans = terms.graph, f"funding.{group}", bridges_of(terms, group)
    if not loans:
        return paid
    paid = g.series(f"{at}.equity_for_uses", paid, "Equity that pays uses", "money", total=True)
    repaid = sum_of(*[Ref(f"debt.{loan}.repaid") for loan in loans])
    label = "Equity that repays the equity bridge"
    return paid + g.series(f"{at}.bridge_repaid", repaid, label, "money", total=True)


def declare_bridged(terms: Terms) -> None:
    """``funding.bridge_draws`` and ``funding.bridge_repaid`` (series, millions): all equity bridge loans."""
    for what, part, label in (
        ("bridge_draws", "draw", "Drawn on equity bridge loans"),
        ("bridge_repaid", "repaid", "Equity bridge loans repaid by equity"),
    ):
        flows = sum_of(*[Ref(f"debt.{loan}.{part}") for loan in bridges(terms)])
        terms.graph.series(f"funding.{what}", flows, label, "money", total=True)


def declare_bridge_checks(terms: Terms) -> None:
    """Equity repays what was drawn, on time, and the balance is never negative."""
    g, tolerance = terms.graph, terms["checks.tolerance"]
    for loan in bridges(terms):
        at, name = f"debt.{loan}", terms.deal.spec.debt[loan].label
        left = absolute(total(Ref(f"{at}.draw")) - total(Ref(f"{at}.repaid")))
        g.check(f"checks.{loan}_bridged", left, f"{name}: equity repays what is drawn", "money", tolerance)
        moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing")) - Ref(f"{at}.draw") + Ref(f"{at}.repaid")
        with g.place("Checks", "By period"):
            label = f"{name}: opening + draws - repaid = closing"
            moved = g.series(f"checks.debt_{loan}_balance_by_period", absolute(moved), label, "money")
        g.check(f"checks.debt_{loan}_balance", highest(moved), label, "money", tolerance)
        low = maximum(0, -lowest(Ref(f"{at}.closing")))
        g.check(f"checks.debt_{loan}_positive", low, f"{name}: balance never negative", "money", tolerance)
