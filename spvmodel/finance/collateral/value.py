"""Value of the collateral, and the debt that is secured on it (definitions, section 2: LTV, LTC)."""

from __future__ import annotations

from typing import Final

from spvmodel.deal.collateral import method_of, methods
from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.collateral.hardware import HARDWARE
from spvmodel.finance.debt.ranks import LENDERS, TAKEOUT, facilities, ranked
from spvmodel.finance.operations.income import certain_until, in_certain_term
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, START, falls_here
from spvmodel.lines import Expr, Number, Ref, maximum, na, next_, ratio, sum_of, total, where

DCF: Final = "valuation.dcf"
_LINES: Final = {
    "cap rate": ("valuation.by_cap_rate", "Value by capitalisation rate"),
    "amount": ("valuation.by_amount", "Value as appraised"),
    "amounts": ("valuation.by_amounts", "Value as appraised by date"),
    "dcf": ("valuation.by_dcf", "Value by discounted cash flow"),
    "per MW": ("valuation.by_mw", "Value per MW"),
    "hardware": ("valuation.by_hardware", "Resale value of the hardware"),
    "dark": ("valuation.by_dark", "Dark value"),
}
"""The line and the label of each method, where a deal has several or one of those that need workings."""


def declare_valuation(terms: Terms) -> None:
    """Value at each period end, LTV and LTC, and the LTV that a refinancing of the last loan starts from.

    Without a valuation LTC alone.

    ``valuation.value`` (money): by the method that the deal names; ``valuation.by_<method>`` (money) by each of them,
    where there are several. By capitalisation rate: NOI of the next twelve months / cap rate, 0 where there is no
    income; by discounted cash flow: present value of all later NOI, so that rent that has stopped is in neither; the
    others as stated. ``ratios.ltv`` and ``ratios.ltc`` (share): closing debt over value and over total uses, while all
    is built and debt is owed; ``ratios.ltv_by_<method>`` by the other methods, the dark LTV among them.
    ``ratios.ltv_at_maturity`` (share): debt before repayment over value, at the end of the period in which the last
    loan matures. Shareholder loans are not secured and do not count.
    """
    g, valuation = terms.graph, terms.deal.spec.valuation
    if valuation is None:
        with g.place("Ratios", "Loan to cost"):
            _declare_ltc(terms, _secured(terms))
        return
    given, used = methods(valuation), method_of(valuation)
    apart = len(given) > 1 or used not in ("cap rate", "amount")
    with g.place("Ratios", "Value of the collateral"):
        for method in given if apart else []:
            value, note = _value(terms, method)
            name, label = _LINES[method]
            g.series(name, value, label, "money", note)
        value, note = (Ref(_LINES[used][0]), f"by the method {used}") if apart else _value(terms, used)
        value = g.series("valuation.value", value, "Value", "money", note)
        debt = g.series("valuation.debt", _secured(terms), "Secured debt", "money")
    with g.place("Ratios", "Loan to value and to cost"):
        note = "closing debt / value, once built; N/A where there is no value"
        _declare_ltv(terms, "ratios.ltv", debt, value, "LTV", note)
        for method in given:
            if method != used:
                name, label = _LINES[method]
                short = name.removeprefix("valuation.")
                _declare_ltv(terms, f"ratios.ltv_{short}", debt, Ref(name), f"LTV, {label[0].lower()}{label[1:]}", note)
        _declare_ltc(terms, debt)
        _declare_at_maturity(terms)


def value_line(terms: Terms, method: str) -> Ref:
    """The value (series, money) by one of the methods that the deal gives."""
    name = _LINES[method][0]
    return Ref(name if terms.graph.has(name) else "valuation.value")


def ends_with_leases(terms: Terms) -> bool:
    """Whether the value counts nothing after the leases: it discounts their income, and no terminal value is given."""
    valuation = terms.deal.spec.valuation
    return valuation is not None and method_of(valuation) == "dcf" and not terms.has(f"{DCF}.terminal_value")


def _declare_ltv(terms: Terms, name: str, debt: Ref, value: Ref, label: str, note: str) -> None:
    owed = Ref("ratios.outstanding")
    terms.graph.series(name, where(owed, ratio(debt, value), na()), label, "share", note)


def _value(terms: Terms, method: str) -> tuple[Expr, str]:
    """The value by a method (series, money), and how it comes about."""
    match method:
        case "cap rate":
            value = maximum(0, Ref("opex.noi_ahead")) / terms["valuation.cap_rate"]
            return value, "NOI of the next twelve months / capitalisation rate; 0 where there is no income"
        case "amount":
            return terms["valuation.amount"], "as appraised"
        case "amounts":
            return terms["valuation.amounts"], "as appraised, from its date on; 0 before the first"
        case "dcf":
            note = " and the terminal value" if terms.has(f"{DCF}.terminal_value") else ""
            return maximum(0, _declare_dcf(terms)), f"present value of later NOI{note}; not below 0"
        case "per MW":
            return terms["valuation.per_mw"] * capacity(terms), "value per MW x capacity of all buildings"
        case "hardware":
            return Ref(f"{HARDWARE}.value"), "what the hardware can be resold for"
        case _:
            if terms.has("valuation.dark.amount"):
                return terms["valuation.dark.amount"], "land and building alone, vacant"
            value = terms["valuation.dark.per_mw"] * capacity(terms)
            return value, "land and building alone, vacant: value per MW x capacity of all buildings"


def _declare_dcf(terms: Terms) -> Ref:
    """The present value of later flows (money), at the discount rate by actual days / 365."""
    g, value = terms.graph, Ref("valuation.dcf")
    flow, label = in_certain_term(terms, Ref("opex.noi")), "NOI of the certain term"
    if terms.has(f"{DCF}.terminal_value"):
        flow = flow + terms[f"{DCF}.terminal_value"] * falls_here(certain_until(terms))
        label = "NOI and terminal value"
    flow = g.series("valuation.dcf_flow", flow, label, "money", total=True)
    growth = (1 + terms[f"{DCF}.discount_rate"]) ** (DAYS / Number(365, "days")) - 1
    growth = g.series("valuation.dcf_pp", growth, "Discount rate of the period", "share", "actual days / 365")
    later = (next_(value) + next_(flow)) / (1 + next_(growth))
    return g.series(value.name, later, "Present value of later NOI", "money", "at the discount rate")


def capacity(terms: Terms) -> Expr:
    """The capacity (MW) of all buildings that state one."""
    found = [f"building.{name}.capacity" for name, part in terms.deal.spec.building.items() if part.capacity]
    return sum_of(*[terms[name] for name in found])


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
    # A loan that lenders have accelerated does not mature any more.
    matures = in_hand(terms, (last > START) * (last <= END))
    matures = g.series("valuation.matures", matures, "Last loan matures", "flag")
    before: Expr = Ref("valuation.debt") + sum_of(*[Ref(f"{at}.repaid") for at in secured])
    if terms.deal.spec.takeout:
        before = before - in_hand(terms, Ref(f"{TAKEOUT}.draw"))
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
