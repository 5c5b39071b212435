"""Value added tax (VAT, GST): paid with invoices, collected with revenue, settled with the authority later.

It is no cost and no income of the SPV: what it pays to suppliers it recovers, what customers pay it hands on. Only time
lies between, so that it stands in cash flow, in the balance sheet and in what is to be funded, and nowhere else.

- On construction it is a use of funds. It is recovered ``recovered_after`` months later; what comes back while there is
  spending pays for that spending, so that the use is what is not recovered yet. What comes back later joins the cash of
  the waterfall and is no CFADS, as what pays it is none.
- In operation, VAT on revenue less VAT on costs is settled ``settled_after`` months later, or recovered where it is
  negative. Both are part of working capital and of CFADS.

VAT arises when revenue is received and costs fall due (cash accounting), evenly on the days of a period. What is open
in the last period of the model is settled in it.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from spvmodel.finance.construction import DISTRIBUTION, Cost, closing_flag, costs_of
from spvmodel.finance.operations.payables import cash_costs
from spvmodel.finance.operations.payment import cash_revenue, declare_unpaid
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, NUMBER, from_end
from spvmodel.lines import Expr, Number, Ref, absolute, equal, maximum, minimum, next_, prev, sum_of, total

LAST = Ref("vat.last_period")
RELEASED = Ref("vat.released")
"""VAT on construction that comes back too late to pay for construction, and so joins the cash flow (series, money)."""
WITHOUT = ("land", "working capital", DISTRIBUTION)
"""Kinds of use that bear no VAT."""


def on_construction(terms: Terms, group: str) -> list[Cost]:
    """The buildings and uses of an entry of ``funding`` that bear VAT."""
    vat = terms.deal.spec.vat
    if vat is None or vat.on_capex is None:
        return []
    return [cost for cost in costs_of(terms, group) if cost.kind not in WITHOUT]


def groups(terms: Terms) -> list[str]:
    """The entries of ``funding`` with spending that bears VAT."""
    return [group for group in terms.deal.spec.funding if on_construction(terms, group)]


def in_operation(terms: Terms) -> bool:
    """Whether revenue or operating costs bear VAT."""
    vat = terms.deal.spec.vat
    return vat is not None and (vat.on_opex is not None or vat.on_revenue is not None)


def collected(terms: Terms) -> list[Ref]:
    """VAT that comes in (series, money): from customers, and back from the authority."""
    found = [Ref("vat.output")] if terms.has("vat.on_revenue") else []
    found += [Ref("vat.recovered")] if terms.has("vat.on_opex") else []
    return found + ([RELEASED] if groups(terms) else [])


def handed_on(terms: Terms) -> list[Ref]:
    """VAT that goes out with operating costs (series, money): to suppliers, and to the authority."""
    found = [Ref("vat.input")] if terms.has("vat.on_opex") else []
    return found + ([Ref("vat.settled")] if terms.has("vat.on_revenue") else [])


def recoverable(terms: Terms) -> list[Ref]:
    """What the authority owes (series, money, at the period end)."""
    found = [Ref(f"funding.{group}.vat_receivable") for group in groups(terms)]
    return found + ([Ref("vat.receivable")] if terms.has("vat.on_opex") else [])


def payable(terms: Terms) -> list[Ref]:
    """What the authority is owed (series, money, at the period end)."""
    return [Ref("vat.payable")] if terms.has("vat.on_revenue") else []


def declare_vat(terms: Terms) -> None:
    """VAT on construction by entry of ``funding``, VAT in operation, and what of either is open (money, by period)."""
    if terms.deal.spec.vat is None:
        return
    g = terms.graph
    with g.place("VAT", "Settlement"):
        g.series(LAST.name, equal(next_(NUMBER), 0), "Last period of the model", "flag")
        for what, label in (("recovered", "VAT paid"), ("settled", "VAT collected")):
            if terms.has(f"vat.{what}_after"):
                day = from_end(terms, -terms[f"vat.{what}_after"])
                note = "the period end, less the lag"
                g.series(f"vat.{what}_up_to", day, f"{label} up to this day is {what}", "date", note)
    for group in groups(terms):
        with g.place("VAT", f"Construction: {terms.deal.spec.funding[group].label}"):
            _declare_construction(terms, group)
    if groups(terms):
        with g.place("VAT", "Construction"):
            for what, label in (
                ("vat_paid", "VAT paid on construction"),
                ("vat_recovered", "VAT on construction recovered"),
                ("vat_released", "of which joins the cash flow"),
            ):
                name = RELEASED.name if what == "vat_released" else f"vat.construction_{what.removeprefix('vat_')}"
                g.series(name, sum_of(*[Ref(f"funding.{n}.{what}") for n in groups(terms)]), label, "money", total=True)
    if in_operation(terms):
        with g.place("VAT", "Operation"):
            _declare_operation(terms)


def _declare_construction(terms: Terms, group: str) -> None:
    """``funding.<group>.vat``: VAT paid less what is recovered in time to pay for other spending, a use of funds."""
    g, at = terms.graph, f"funding.{group}"
    rate = g.scalar(
        f"{at}.vat_rate", terms["vat.rate"] * terms["vat.on_capex"], "VAT on spending that bears it", "share"
    )
    bearing = on_construction(terms, group)
    paid = g.series(
        f"{at}.vat_paid",
        rate * sum_of(*[Ref(f"{cost.at}.spend") for cost in bearing]),
        "VAT paid",
        "money",
        "on spending but for land, working capital and what goes to sponsors",
        total=True,
    )
    early = closing_flag(terms, group) * rate * reduce(add, [Ref(f"{cost.at}.spent_before_close") for cost in bearing])
    early = g.series(f"{at}.vat_at_close", early, "of which on the closing date", "money", total=True)
    recovered = _declare_balance(terms, f"{at}.vat_receivable", f"{at}.vat_recovered", paid, "VAT to be recovered")
    later = Ref(f"{at}.spend") - Ref(f"{at}.spend_at_close") + paid - early
    reused = minimum(recovered, later)
    note = "as far as it is spent after the close"
    reused = g.series(f"{at}.vat_reused", reused, "Recovered and spent on construction", "money", note, total=True)
    g.series(f"{at}.vat_released", recovered - reused, "Recovered, joins the cash flow", "money", total=True)
    note = "VAT paid less what is recovered and spent on construction"
    use = g.series(f"{at}.vat", paid - reused, "VAT not yet recovered", "money", note, total=True)
    g.scalar(f"{at}.vat_total", total(use), "VAT to be financed", "money")


def _declare_operation(terms: Terms) -> None:
    """VAT of revenue and costs, and the corkscrews of what is settled and recovered."""
    g, both = terms.graph, terms.has("vat.on_revenue") and terms.has("vat.on_opex")
    net: Expr = Number(0, "money")
    cash: Expr = Number(0, "money")
    if terms.has("vat.on_revenue"):
        charged = terms["vat.rate"] * terms["vat.on_revenue"] * cash_revenue(terms)
        net = net + g.series("vat.output", charged, "VAT collected from customers", "money", total=True)
    if terms.has("vat.on_opex"):
        borne = terms["vat.rate"] * terms["vat.on_opex"] * cash_costs(terms)
        net = net - g.series("vat.input", borne, "VAT on operating costs", "money", total=True)
    net = g.series("vat.net", net, "VAT of the period", "money", "collected less borne", total=True)
    cash = cash + net
    if terms.has("vat.on_revenue"):
        owed = maximum(0, net) if both else net
        owed = g.series("vat.charged", owed, "Owed to the authority for the period", "money", total=True)
        cash = cash - _declare_balance(terms, "vat.payable", "vat.settled", owed, "VAT to be settled")
    if terms.has("vat.on_opex"):
        claimed = maximum(0, -net) if both else -net
        claimed = g.series("vat.claimed", claimed, "Claimed from the authority for the period", "money", total=True)
        cash = cash + _declare_balance(terms, "vat.receivable", "vat.recovered", claimed, "VAT to be recovered")
    note = "collected and recovered, less paid to suppliers and settled"
    g.series("vat.cash", cash, "VAT in the cash flow of operations", "money", note, total=True)


def _declare_balance(terms: Terms, name: str, done: str, flow: Ref, label: str) -> Ref:
    """Opening + flow - ``done`` = closing, the line of that name; returns ``done`` (series, money)."""
    g, closing, what = terms.graph, Ref(name), done.rpartition("_")[2].rpartition(".")[2]
    by = Ref(f"vat.{what}_up_to")
    unpaid = declare_unpaid(terms, name, flow, DAYS, by, terms["time.close"], END, "VAT", "Days")
    opening = g.series(f"{name}_opening", prev(closing), f"{label}, opening", "money")
    note = "opening + VAT of the period - closing"
    settled = g.series(done, opening + flow - closing, f"VAT {what}", "money", note, total=True)
    note = "nothing in the last period"
    g.series(name, (1 - LAST) * unpaid, f"{label}, closing", "money", note)
    return settled


def declare_vat_checks(terms: Terms) -> None:
    """All VAT is settled or recovered by the end of the model: it costs nothing and brings nothing."""
    if terms.deal.spec.vat is None:
        return
    g, gaps = terms.graph, []
    with g.place("Checks", "VAT"):
        if groups(terms):
            gap = absolute(total(Ref("vat.construction_paid")) - total(Ref("vat.construction_recovered")))
            gaps.append(g.scalar("checks.vat_construction", gap, "VAT on construction not recovered", "money"))
        if in_operation(terms):
            gap = absolute(total(Ref("vat.cash")))
            gaps.append(g.scalar("checks.vat_operation", gap, "VAT in operation that costs or brings", "money"))
    label = "VAT neither costs nor brings anything in all"
    g.check("checks.vat", sum_of(*gaps), label, "money", terms["checks.tolerance"])
