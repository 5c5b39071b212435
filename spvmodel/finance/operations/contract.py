"""Compute contracts: what is invoiced and paid, and what the hardware earns at market prices afterwards.

A customer pays for the larger of its take or pay share and what it uses, of the capacity that is delivered. What it has
paid ahead is a liability that its invoices are credited against: revenue as invoiced, cash without the credit. A
customer that an event takes away leaves what is not credited as its claim, which nobody pays.
"""

from __future__ import annotations

from spvmodel.finance.operations.anniversaries import Days, Weighted, declare_days, declare_indexed_days
from spvmodel.finance.operations.events import Due, customer_left_by_events, left_by_events
from spvmodel.finance.operations.rent import KW_PER_MW, MONTHS_A_YEAR
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAY, END, FULL_DAYS, LAST_DAY, PERIODS_PER_YEAR, falls_here, from_end
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    absolute,
    default,
    edate,
    highest,
    lowest,
    maximum,
    minimum,
    prev,
    ratio,
    sum_behind,
    sum_of,
    total,
)

HOURS_A_YEAR = Number(8760, "hour/yr")
THREE_MONTHS = Number(-3, "months")

PREPAID = Ref("contract.prepayments")
"""Cash of customer prepayments beside what is invoiced: received less credited (money, by period)."""

REALIZATION = Ref("ratios.contract_realization")


def prepaying(terms: Terms) -> list[str]:
    """The contracts whose customer pays ahead."""
    return [name for name, spec in terms.deal.spec.contract.items() if spec.prepayment is not None]


def tests_realization(terms: Terms) -> bool:
    """Whether a covenant tests what is invoiced against what was projected."""
    return terms.deal.spec.covenants.default_realization is not None


def declare_contracts(terms: Terms) -> None:
    """``contract.<name>.revenue`` (money, by period, as invoiced), prepayments, and contract realization.

    ``contract.prepayments`` (money, by period; negative while they are credited) is what cash differs from revenue by.
    ``ratios.contract_realization`` (x): invoiced / projected of the last three months; definitions, section 2.
    """
    g, names = terms.graph, list(terms.deal.spec.contract)
    for name in names:
        _declare_contract(terms, name)
    if prepaying(terms):
        with g.place("Revenue", "Customer prepayments"):
            at = [f"contract.{name}.prepayment" for name in prepaying(terms)]
            moves = [Ref(f"{a}.received") - Ref(f"{a}.credited") for a in at]
            note = "received less credited against invoices: cash beside revenue"
            g.series(PREPAID.name, sum(moves[1:], moves[0]), "Customer prepayments, net", "money", note, total=True)
            owed = sum_of(*[Ref(f"{a}.closing") for a in at])
            g.series("contract.prepayments_owed", owed, "Prepayments still to be credited", "money")
    if tests_realization(terms):
        _declare_realization(terms)


def _declare_contract(terms: Terms, name: str) -> None:
    g, at, contract = terms.graph, f"contract.{name}", terms.deal.spec.contract[name]
    with g.place("Revenue", f"{contract.label}: {contract.customer}"):
        start = edate(terms[f"{at}.commencement"], terms["construction.delay"])
        start = g.scalar(f"{at}.start", start, "Commencement after delay", "date")
        eve = g.scalar(f"{at}.eve", start - DAY, "Eve of the first day that is invoiced", "date")
        until = g.scalar(f"{at}.until", _until(terms, at, start), "Last day of the contract", "date")
        g.scalar(f"{at}.annual", _annual(terms, at), "Price of the whole capacity, first year", "money/yr")
        whole, days = _declare_whole(terms, at, eve, until, start)
        paid: Expr = terms[f"{at}.take_or_pay"]
        if terms.has(f"{at}.utilisation"):
            paid = maximum(paid, terms[f"{at}.utilisation"])
        note = "take or pay, or use where it is more, of what is delivered"
        paid = g.scalar(f"{at}.paid_share", terms[f"{at}.delivered"] * paid, "Share that is invoiced", "share", note)
        invoice = Due([Weighted(days, at)], lambda weighted: _price(at, weighted) * paid)
        due = left_by_events(terms, at, [invoice], whole * paid)
        parts = [g.series(f"{at}.invoiced", due, "Invoiced under the contract", "money", total=True)]
        if contract.market is not None:
            parts.append(_declare_market(terms, at, until, start))
        g.series(f"{at}.revenue", sum_of(*parts), "Revenue", "money", total=True)
    if contract.prepayment is not None:
        with g.place("Revenue", f"{contract.label}: prepayment"):
            own = customer_left_by_events(terms, at, invoice, Ref(f"{at}.under_contract"))
            _declare_prepayment(terms, at, own)


def _until(terms: Terms, at: str, start: Expr) -> Expr:
    return terms[f"{at}.expiry"] if terms.has(f"{at}.expiry") else edate(start, terms[f"{at}.term"]) - DAY


def _annual(terms: Terms, at: str) -> Expr:
    if terms.has(f"{at}.amount"):
        return terms[f"{at}.amount"]
    if terms.has(f"{at}.gpus"):
        return terms[f"{at}.gpus"] * terms[f"{at}.gpu_hour_price"] * HOURS_A_YEAR / terms.million
    return terms[f"{at}.capacity"] * KW_PER_MW * terms[f"{at}.capacity_price"] * MONTHS_A_YEAR / terms.million


def _declare_whole(terms: Terms, at: str, eve: Expr, until: Expr, start: Expr) -> tuple[Ref, Days]:
    """The price of the whole capacity (money, by period) between two dates, and its days; steps from ``start``."""

    def index(years: Expr) -> Expr:
        key = f"{at.removesuffix('.projected')}.escalation"
        return (1 + terms[key] * A_YEAR) ** years if terms.has(key) else Number(1) + 0 * years

    days = declare_days(terms, at, eve, until, "under contract")
    weighted = declare_indexed_days(terms, at, days, start, index, "under contract", "price")
    whole = _price(at.removesuffix(".projected"), weighted)
    return terms.graph.series(f"{at}.whole", whole, "Price of the whole capacity", "money", total=True), days


def _price(contract: str, weighted: Expr) -> Expr:
    """The price of the whole capacity for indexed days (money)."""
    return Ref(f"{contract}.annual") / PERIODS_PER_YEAR * weighted / FULL_DAYS


def _declare_market(terms: Terms, contract: str, until: Ref, start: Ref) -> Ref:
    """What the capacity earns after the contract, at a price that falls from commencement."""
    g, at = terms.graph, f"{contract}.market"
    last = terms[f"{at}.until"] if terms.has(f"{at}.until") else LAST_DAY
    last = g.scalar(f"{at}.last", maximum(until, last), "Last day that earns at market", "date")
    days = declare_days(terms, at, until, last, "at market")
    decline = 1 - terms[f"{at}.decline"]
    weighted = declare_indexed_days(terms, at, days, start, lambda years: decline**years, "at market", "market price")
    sold = terms[f"{at}.price"] * terms[f"{at}.utilisation"] * terms[f"{contract}.delivered"]
    sold = g.scalar(f"{at}.sold_share", sold, "Market price x utilisation", "share", "of the contract's first price")
    earned = Ref(f"{contract}.annual") * sold / PERIODS_PER_YEAR * weighted / FULL_DAYS
    return g.series(f"{at}.revenue", earned, "Earned at market", "money", total=True)


def _declare_prepayment(terms: Terms, contract: str, invoiced: Ref) -> None:
    """The liability of a prepayment: opening + received - credited = closing (money, by period).

    It is credited against what its own customer is ``invoiced``, not against invoices to who hires the capacity later.
    """
    g, at = terms.graph, f"{contract}.prepayment"
    day = terms[f"{at}.on"] if terms.has(f"{at}.on") else terms["time.close"]
    last: Expr = Ref(f"{contract}.until")
    if terms.has(f"{at}.credit_term"):
        last = minimum(last, edate(Ref(f"{contract}.start"), terms[f"{at}.credit_term"]) - DAY)
    last = g.scalar(f"{at}.until", last, "Last day of the credit", "date")
    eve = Ref(f"{contract}.eve")
    note = "by days from commencement to the last day of the credit"
    due = maximum(0, minimum(END, last) - eve) / maximum(DAY, last - eve)
    due = g.series(f"{at}.credit_share", due, "Share to be credited by the period end", "share", note)
    opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
    received = terms[f"{at}.amount"] * falls_here(day)
    received = g.series(f"{at}.received", received, "Received from the customer", "money", total=True)
    before = g.series(f"{at}.credited_before", prev(Ref(f"{at}.credited_to_date")), "Credited before", "money")
    owed = maximum(0, terms[f"{at}.amount"] * due - before)
    credited = minimum(owed, minimum(invoiced, opening + received))
    note = "evenly over the term, no more than the customer is invoiced"
    credited = g.series(f"{at}.credited", credited, "Credited against invoices", "money", note, total=True)
    g.series(f"{at}.credited_to_date", before + credited, "Credited to date", "money")
    g.series(f"{at}.closing", opening + received - credited, "Closing balance", "money", "owed to the customer")


def _declare_realization(terms: Terms) -> None:
    """What was to be invoiced: take or pay on the whole capacity by the dates of the contract, without delay."""
    g, projected = terms.graph, []
    for name, contract in terms.deal.spec.contract.items():
        at = f"contract.{name}"
        with g.place("Revenue", f"{contract.label}: projected"):
            start = terms[f"{at}.commencement"]
            until = _until(terms, at, start)
            whole, _ = _declare_whole(terms, f"{at}.projected", start - DAY, until, start)
            due = whole * terms[f"{at}.take_or_pay"]
            projected.append(g.series(f"{at}.projected.due", due, "Projected under the contract", "money", total=True))
    with g.place("Ratios", "Contract realization"):
        ago = g.series("time.quarter_ago", from_end(terms, THREE_MONTHS), "Three months ago", "date")
        invoiced = sum_of(*[Ref(f"contract.{name}.invoiced") for name in terms.deal.spec.contract])
        invoiced = g.series("contract.invoiced", invoiced, "Invoiced under contracts", "money", total=True)
        due = g.series("contract.projected", sum_of(*projected), "Projected under contracts", "money", total=True)
        behind = sum_behind(invoiced, END, ago)
        behind = g.series("contract.invoiced_behind", behind, "Invoiced, last three months", "money")
        hoped = g.series(
            "contract.projected_behind", sum_behind(due, END, ago), "Projected, last three months", "money"
        )
        note = "invoiced / projected of the last three months, at least the period; take or pay, without delay"
        g.series(REALIZATION.name, ratio(behind, hoped), "Contract realization", "x", note)


def realization_breached(terms: Terms) -> Expr:
    """1 where less is realized than the covenant asks; a ratio that cannot be computed does not fail."""
    level = terms["covenants.default_realization"]
    breached: Expr = default(REALIZATION, level) < level
    if terms.has("covenants.first_realization_test"):
        breached = breached * (END >= terms["covenants.first_realization_test"])
    return breached


def declare_contract_checks(terms: Terms) -> None:
    """Every prepayment is received, and is credited or still owed; nothing is credited beyond invoices."""
    g, tolerance = terms.graph, terms["checks.tolerance"]
    names = prepaying(terms)
    if not names:
        return
    gaps, over = [], []
    with g.place("Checks", "Customer prepayments"):
        g.series("checks.prepayment_last", END >= LAST_DAY, "Last period of the model", "flag")
        for name in names:
            at, label = f"contract.{name}.prepayment", terms.deal.spec.contract[name].label
            left = terms[f"{at}.amount"] - total(Ref(f"{at}.credited")) - _last(terms, at)
            gaps.append(g.scalar(f"checks.prepayment_{name}", absolute(left), f"{label}: not accounted for", "money"))
            beyond = maximum(0, Ref(f"{at}.credited") - Ref(f"contract.{name}.invoiced"))
            beyond = g.series(f"checks.credited_{name}_by_period", beyond, f"{label}: credited beyond", "money")
            beyond = highest(beyond) + maximum(0, -lowest(Ref(f"{at}.closing")))
            over.append(g.scalar(f"checks.credited_{name}", beyond, f"{label}: credited beyond", "money"))
    label = "Customer prepayments are credited or still owed"
    g.check("checks.prepayments", sum_of(*gaps), label, "money", tolerance)
    label = "No invoice is credited beyond its amount, nor more than was received"
    g.check("checks.prepayments_credited", sum_of(*over), label, "money", tolerance)


def declare_contract_alerts(terms: Terms) -> None:
    """A prepayment that the contract does not last to credit is still owed to the customer."""
    for name in prepaying(terms):
        at, label = f"contract.{name}.prepayment", terms.deal.spec.contract[name].label
        left = terms[f"{at}.amount"] - total(Ref(f"{at}.credited")) > terms["checks.tolerance"]
        message = f"{label}: a part of the prepayment is not credited by the end of the model"
        terms.graph.alert(f"alerts.{name}_prepayment", left, message)


def _last(terms: Terms, at: str) -> Expr:
    """The closing balance of the last period (money, scalar)."""
    return total(Ref(f"{at}.closing"), Ref("checks.prepayment_last"))
