"""Fixed assets at cost less depreciation.

Cost is all that is spent on construction and other uses, with the financing costs that are paid as uses, and works
that are capitalised. Book depreciation is

- straight line over ``accounting.life`` from the first day that earns, where the deal states a life;
- otherwise the deductions of its taxes, if it has taxes, as far as there is cost to deduct them from;
- otherwise straight line to the last day with revenue.

Straight line spreads what is left at any time over the days that are left, so that what is spent later is depreciated
over the rest of the life. Land and working capital are not depreciated.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import SETTLES, declare_flow, enforces, in_hand
from spvmodel.finance.construction import costs
from spvmodel.finance.funding import fees_from_sources
from spvmodel.finance.tax.depreciation import capitalised
from spvmodel.finance.tax.income_tax import has_tax
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, START
from spvmodel.lines import Expr, Number, Ref, default, edate, maximum, minimum, prev, ratio, sum_of

ASSETS = "statements.fixed_assets"
_KEPT = ("land", "working capital")
"""Kinds of use that are not depreciated."""


def construction_cost(terms: Terms) -> Expr:
    """Spending on construction and other uses (money, by period), without what goes to sponsors."""
    spent: Expr = Ref("construction.spend")
    return spent - Ref("construction.distributed") if terms.graph.has("construction.distributed") else spent


def declare_fixed_assets(terms: Terms) -> None:
    """``statements.fixed_assets.<what>`` (money, by period): opening + additions - depreciation = closing."""
    g = terms.graph
    with g.place("Statements", "Fixed assets"):
        opening = g.series(f"{ASSETS}.opening", prev(Ref(f"{ASSETS}.closing")), "Opening balance", "money")
        added = [_flow(terms, "construction", construction_cost(terms), "Construction and other uses")]
        financing: Expr = sum_of(
            *fees_from_sources(terms), *[Ref(f"debt.{n}.capitalised") for n in terms.deal.spec.debt]
        )
        added.append(_flow(terms, "financing", financing, "Interest, fees, discounts and hedging costs capitalised"))
        if capitalised(terms):
            works: Expr = sum_of(*[Ref(f"{at}.works_cost") for at in capitalised(terms)])
            added.append(_flow(terms, "works", works, "Works capitalised"))
    with g.place("Statements", "Book depreciation"):
        kept = _declare_kept(terms)
        if _by_tax(terms):
            depreciation, note = _declare_by_tax(terms, sum_of(*added), kept), "as deducted for tax"
        else:
            depreciation, note = (opening + sum_of(*added) - kept) * _declare_share(terms), "what is left x share"
    with g.place("Statements", "Fixed assets"):
        # A property that lenders hold for sale is not depreciated.
        depreciation = _flow(terms, "depreciation", depreciation, "Depreciation", note)
        held: Expr = opening + sum_of(*added)
        if enforces(terms):
            sold = g.series(f"{ASSETS}.disposed", SETTLES * opening, "Sold by the lenders", "money", total=True)
            held = held - sold
        g.series(f"{ASSETS}.closing", held - depreciation, "Closing balance", "money", "cost less depreciation")


def not_depreciated(terms: Terms) -> tuple[Expr, str]:
    """What depreciation leaves that it should not, or takes that is not there (money, by period).

    Straight line: what is left beside the land once the life has passed. By tax: closing balance less cost to date and
    accumulated depreciation. With it the label of the check (definitions, section 6, number 17).
    """
    closing = Ref(f"{ASSETS}.closing")
    if _by_tax(terms):
        gap = closing + Ref(f"{ASSETS}.accumulated") - Ref(f"{ASSETS}.cost")
        label = "Fixed assets = cost to date - accumulated depreciation"
    else:
        kept: Expr = Ref(f"{ASSETS}.land") if terms.graph.has(f"{ASSETS}.land") else Number(0, "money")
        gap = (END >= Ref(f"{ASSETS}.service_end")) * (closing - kept)
        label = "The whole cost is depreciated when its life has passed"
    return in_hand(terms, gap), label


def _by_tax(terms: Terms) -> bool:
    """Whether book depreciation is what taxes deduct."""
    return has_tax(terms) and not terms.has("accounting.life")


def _flow(terms: Terms, what: str, expr: Expr, label: str, note: str = "") -> Ref:
    return declare_flow(terms, f"{ASSETS}.{what}", expr, label, note)


def _declare_kept(terms: Terms) -> Expr:
    """What has been spent to date on land and working capital, a line where the deal has them."""
    spent = [Ref(f"{cost.at}.spend") for cost in costs(terms) if cost.kind in _KEPT]
    if not spent:
        return Number(0, "money")
    name = f"{ASSETS}.land"
    return terms.graph.series(
        name, prev(Ref(name)) + sum_of(*spent), "Land and working capital, not depreciated", "money"
    )


def _declare_share(terms: Terms) -> Ref:
    """The share of what is left that a period depreciates: its days in service / the days of life left."""
    g, until, note = terms.graph, Ref("revenue.until"), "the last day with revenue"
    eve = maximum(Ref("revenue.from"), terms["time.close"])
    eve = g.scalar(f"{ASSETS}.service_eve", eve, "Eve of the first day of depreciation", "date", "the first that earns")
    last: Expr = until
    if terms.has("accounting.life"):
        last, note = edate(eve, terms["accounting.life"]), "the end of the useful life"
    last = g.scalar(f"{ASSETS}.service_end", last, "Last day of depreciation", "date", note)
    left = g.series(f"{ASSETS}.days_left", maximum(0, last - maximum(START, eve)), "Days of life left", "days")
    days = minimum(DAYS, maximum(0, END - eve))
    # What is spent when no life is left is written off at once.
    share = (END > eve) * default(ratio(minimum(days, left), left), 1)
    return g.series(f"{ASSETS}.share", share, "Share of what is left", "share", "days in service / days of life left")


def _declare_by_tax(terms: Terms, added: Expr, kept: Expr) -> Expr:
    """What taxes deduct; where they deduct more than has been spent yet, the rest follows the spending."""
    g = terms.graph
    cost, deducted, booked = (Ref(f"{ASSETS}.{what}") for what in ("cost", "deducted", "accumulated"))
    g.series(cost.name, prev(cost) + added, "Cost to date", "money")
    g.series(deducted.name, prev(deducted) + Ref("tax.depreciation_total"), "Deducted for tax to date", "money")
    note = "what is deducted for tax, at most what has been spent"
    g.series(booked.name, minimum(deducted, cost - kept), "Accumulated depreciation", "money", note)
    return booked - prev(booked)
