"""Value of the collateral, and the debt that is secured on it (definitions, section 2: LTV, LTC)."""

from __future__ import annotations

from spvmodel.finance.collateral.hardware import HARDWARE
from spvmodel.finance.debt.ranks import LENDERS, TAKEOUT, facilities, ranked
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, START
from spvmodel.lines import Expr, Ref, maximum, na, ratio, sum_of, total, where


def declare_valuation(terms: Terms) -> None:
    """Value at each period end, LTV and LTC, and the LTV that a refinancing of the last loan starts from.

    Without a valuation LTC alone.

    ``valuation.value`` (money): NOI of the next twelve months / cap rate, 0 where there is no income; or the stated
    amount, held over time. ``ratios.ltv`` and ``ratios.ltc`` (share): closing debt over value and over total uses,
    while all is built and debt is owed. ``ratios.ltv_at_maturity`` (share): debt before repayment over value, at the
    end of the period in which the last loan matures. Shareholder loans are not secured and do not count.
    """
    g = terms.graph
    if terms.deal.spec.valuation is None:
        with g.place("Ratios", "Loan to cost"):
            _declare_ltc(terms, _secured(terms))
        return
    with g.place("Ratios", "Value of the collateral"):
        value: Expr
        if terms.deal.spec.valuation.hardware == "yes":
            value, note = Ref(f"{HARDWARE}.value"), "what the hardware can be resold for"
        elif terms.has("valuation.cap_rate"):
            value = maximum(0, Ref("opex.noi_ahead")) / terms["valuation.cap_rate"]
            note = "NOI of the next twelve months / capitalisation rate; 0 where there is no income"
        else:
            value, note = terms["valuation.amount"], "as appraised"
        value = g.series("valuation.value", value, "Value", "money", note)
        debt = g.series("valuation.debt", _secured(terms), "Secured debt", "money")
    with g.place("Ratios", "Loan to value and to cost"):
        owed = Ref("ratios.outstanding")
        g.series(
            "ratios.ltv",
            where(owed, ratio(debt, value), na()),
            "LTV",
            "share",
            "closing debt / value, once built; N/A where there is no value",
        )
        _declare_ltc(terms, debt)
        _declare_at_maturity(terms)


def _secured(terms: Terms) -> Expr:
    return sum_of(*[Ref(f"{at}.closing") for at in facilities(terms, *LENDERS)])


def _declare_ltc(terms: Terms, debt: Expr) -> None:
    cost = where(Ref("ratios.outstanding"), ratio(debt, Ref("funding.total_uses")), na())
    terms.graph.series("ratios.ltc", cost, "LTC", "share", "closing debt / total uses, once built")


def _declare_at_maturity(terms: Terms) -> None:
    """What is owed before anything is repaid in the period of the last maturity, the take-out drawn then aside."""
    g, secured = terms.graph, facilities(terms, *LENDERS)
    dates = [Ref(f"debt.{loan}.final_day") for loan in ranked(terms, *LENDERS)]
    last = g.scalar("valuation.last_maturity", maximum(*dates), "Last maturity of a secured loan", "date")
    matures = g.series("valuation.matures", (last > START) * (last <= END), "Last loan matures", "flag")
    before: Expr = Ref("valuation.debt") + sum_of(*[Ref(f"{at}.repaid") for at in secured])
    if terms.deal.spec.takeout:
        before = before - Ref(f"{TAKEOUT}.draw")
    before = g.series(
        "valuation.debt_before", before, "Owed before repayment", "money", "without a take-out just drawn"
    )
    owed = g.scalar("valuation.debt_at_maturity", total(before, matures), "Debt at the last maturity", "money")
    worth = g.scalar("valuation.value_at_maturity", total(Ref("valuation.value"), matures), "Value then", "money")
    g.scalar(
        "ratios.ltv_at_maturity",
        ratio(owed, worth),
        "LTV at maturity",
        "share",
        "debt before repayment / value, at the end of the period in which the last loan matures",
    )
