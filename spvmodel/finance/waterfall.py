"""The cash waterfall. It only allocates: other blocks say what is due, each step pays what cash allows.

Order: operating costs, fees, interest, principal, balloons, DSRA top-up, lock-up test, distributions. Trapped cash
covers any obligation; the DSRA covers interest and principal, never a balloon; take-out proceeds pay balloons.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.debt.totals import facilities
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, prev, sum_of

_OBLIGATIONS: Final = ("operating_costs", "fees", "interest", "principal", "balloon")


def declare_waterfall(terms: Terms) -> None:
    """Every step with due, paid, shortfall and cash left."""
    g, every = terms.graph, facilities(terms)
    takeout = terms.deal.spec.takeout is not None
    with g.place("Waterfall", "Cash in"):
        proceeds: Expr = Ref("debt.takeout.net_proceeds") if takeout else Number(0)
        refinancing = g.series("waterfall.refinancing", proceeds, "Take-out proceeds, net", "money", total=True)
        receipts = g.series(
            "waterfall.receipts", Ref("lease.rent_income") + refinancing, "Receipts", "money", total=True
        )
        dues = [Ref(f"waterfall.{step}.due") for step in _OBLIGATIONS]
        g.series("waterfall.obligations", sum_of(*dues), "Obligations of the period", "money")
        cash = g.series(
            "waterfall.cash_in",
            receipts - refinancing + Ref("reserves.trapped.support"),
            "Cash for the first step",
            "money",
            "rent and trapped cash; take-out proceeds wait for the balloons",
        )
    cash = _step(terms, "operating_costs", "Operating costs", _with_unpaid("operating_costs", Ref("opex.total")), cash)
    cash = _step(terms, "fees", "Commitment and agency fees", _with_unpaid("fees", Ref("debt.fees_scheduled")), cash)
    with g.place("Waterfall", "Senior interest"):
        cash = g.series("waterfall.cash_for_service", cash + Ref("reserves.dsra.draw"), "Cash with DSRA draw", "money")
    interest = sum_of(*[Ref(f"{at}.interest_due") for at in every])
    cash = _step(terms, "interest", "Senior interest", interest, cash)
    principal = sum_of(*[Ref(f"{at}.principal_due") for at in every])
    cash = _step(terms, "principal", "Senior principal", principal, cash)
    with g.place("Waterfall", "Balloons"):
        cash = g.series("waterfall.cash_for_balloon", cash + refinancing, "Cash with take-out proceeds", "money")
    cash = _step(terms, "balloon", "Balloons", sum_of(*[Ref(f"{at}.balloon_due") for at in every]), cash)
    gap = maximum(0, Ref("reserves.dsra.target") - Ref("reserves.dsra.before_top_up"))
    cash = _step(terms, "dsra", "DSRA top-up", gap, cash)
    with g.place("Waterfall", "Distributions"):
        free = g.series(
            "waterfall.distributable",
            cash + Ref("reserves.dsra.release"),
            "Cash with DSRA release",
            "money",
            total=True,
        )
        allowed = Ref("covenants.distribution_allowed")
        g.series(
            "waterfall.distributions",
            allowed * free + Ref("reserves.trapped.release"),
            "Distributions",
            "money",
            "all cash, with what was trapped, when the lock-up test allows it",
            total=True,
        )
    with g.place("Waterfall", "Obligations"):
        paid = [Ref(f"waterfall.{step}.paid") for step in _OBLIGATIONS]
        g.series("waterfall.obligations_paid", sum_of(*paid), "Obligations paid", "money", total=True)
        short = [Ref(f"waterfall.{step}.shortfall") for step in _OBLIGATIONS]
        g.series("waterfall.unpaid", sum_of(*short), "Obligations not paid in time", "money")


def _with_unpaid(step: str, due: Ref) -> Expr:
    return due + prev(Ref(f"waterfall.{step}.shortfall"))


def _step(terms: Terms, name: str, label: str, due: Expr, cash: Ref) -> Ref:
    """Declare one step; returns the cash it leaves."""
    g, at = terms.graph, f"waterfall.{name}"
    with g.place("Waterfall", label):
        owed = g.series(f"{at}.due", due, f"{label}: due", "money")
        paid = g.series(f"{at}.paid", minimum(owed, maximum(0, cash)), f"{label}: paid", "money", total=True)
        g.series(f"{at}.shortfall", owed - paid, f"{label}: shortfall", "money")
        return g.series(f"{at}.cash_left", cash - paid, f"{label}: cash left", "money")
