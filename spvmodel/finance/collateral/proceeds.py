"""What lenders can turn into cash after a default declared at a period end: the property, and cash.

Every line is a series over the date of the default and reads the projection up to it: until the case's own default is
accelerated nobody has enforced. Amounts are money on the day of the sale, the cure period and the time to sell later.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Final

from spvmodel.deal.events import contracts_of, incomes_of, leases_of
from spvmodel.deal.schema import DealSpec, Event
from spvmodel.deal.steps import reimburses
from spvmodel.finance.collateral.acceleration import unsold
from spvmodel.finance.collateral.market_rent import declare_rents_then
from spvmodel.finance.collateral.sales import BUILT, GONE, STAYS, Sale
from spvmodel.finance.collateral.value import capacity, ends_with_leases, value_line
from spvmodel.finance.facility import drawable
from spvmodel.finance.operations.income import certain_until
from spvmodel.finance.operations.payables import PAYABLE, paid_later
from spvmodel.finance.operations.rent import rent_by_capacity
from spvmodel.finance.reserves.dsra import has_letter_of_credit
from spvmodel.finance.tax.vat import payable
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import (
    A_YEAR,
    DAYS,
    DAYS_365,
    END,
    LAST_DAY,
    MONTHS_A_YEAR,
    START,
    YEAR,
    falls_here,
    from_end,
)
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    maximum,
    minimum,
    prev,
    ratio,
    sum_ahead,
    sum_of,
    total,
    where,
)

LEASED: Final = "re-let"
DARK: Final = "dark"
IDLE: Final = (DARK, "hardware")
"""Bases on which the property earns nothing until it is sold."""

NO_TIME: Final = Number(0, "months")
RENT: Final = "money/yr"


def declare_timing(terms: Terms) -> None:
    """Months from the default to the sale, those in which the space is let again, and the downtime left to a buyer."""
    g, enforcement = terms.graph, terms.deal.spec.enforcement
    assert enforcement is not None
    with g.place("Collateral", "Time to enforce"):
        months = terms["enforcement.cure_months"] + terms["enforcement.sale_months"]
        months = g.scalar("recovery.months", months, "From default to sale", "months", "cure period and time to sell")
        g.series("recovery.sale_date", from_end(terms, months), "Sale, if the default is declared here", "date")
        if enforcement.basis == LEASED:
            down: Expr = terms["enforcement.relet.downtime"]
            declare = g.series if leaving(terms) else g.scalar
            parts = _declare_downtimes(terms, down) if leaving(terms) else [(None, down)]
            before, after = [maximum(NO_TIME, months - part) for _, part in parts], "Re-let before the sale"
            declare("recovery.months_relet", _mean(parts, before), after, "months")
            later = [maximum(NO_TIME, part - months) for _, part in parts]
            declare("recovery.months_left", _mean(parts, later), "Downtime left to the buyer", "months")


def leaving(terms: Terms) -> list[str]:
    """The events by which the tenant of a lease, or of all, leaves, and another is found after a downtime.

    Where nothing is leased they are those that end every compute contract, or else every income.
    """
    spec = terms.deal.spec
    return [
        name
        for name, event in spec.event.items()
        if event.kind in ("tenant default", "non-renewal")
        and event.downtime is not None
        and (leases_of(spec, event) or _ends_all(spec, event))
    ]


def _ends_all(spec: DealSpec, event: Event) -> bool:
    if spec.lease:
        return len(leases_of(spec, event)) == len(spec.lease)
    if spec.contract:
        return len(contracts_of(spec, event)) == len(spec.contract)
    return not (event.leases or event.contracts or event.incomes) or len(incomes_of(spec, event)) == len(spec.income)


def _declare_downtimes(terms: Terms, whole: Expr) -> list[tuple[Expr | None, Ref]]:
    """Months without rent that are still to come (series): a tenant that has left before has been missing since then.

    One of all, without a weight, where every such event is of all leases; else one of each lease that some tenant
    leaves, weighed by its share of the rent as signed, and one of the rest. ``recovery.relet_paid`` (share): what of
    the space has been let again by then, at the cost of the event. That falls on the day after the downtime; space that
    nobody lets at any rent is not let again.
    """
    g, spec = terms.graph, terms.deal.spec
    events = leaving(terms)
    of_all = [name for name in events if _ends_all(spec, spec.event[name])]
    if of_all == events:
        down, paid = _declare_downtime(terms, "", "", events, whole)
        g.series("recovery.relet_paid", paid, "Let again already", "share", "at the cost of the event")
        return [(None, down)]
    found: list[tuple[Expr | None, Ref]] = []
    parts: list[Expr] = []
    rest: Expr = Number(1)
    for key, lease in spec.lease.items():
        here = [name for name in events if key in leases_of(spec, spec.event[name])]
        if here == of_all:
            continue
        part = default(ratio(Ref(f"recovery.rent_{key}"), Ref("recovery.signed_rent")), 0)
        label = f"{lease.label}: share of the rent as signed"
        weight = g.series(f"recovery.rent_share_{key}", part, label, "share", "at the date of default")
        down, paid = _declare_downtime(terms, f"_{key}", f"{lease.label}: ", here, whole)
        found.append((weight, down))
        parts.append(weight * paid)
        rest = rest - weight
    down, paid = _declare_downtime(terms, "", "Other leases: ", of_all, whole)
    found.append((rest, down))
    relet = reduce(add, [*parts, rest * paid])
    g.series("recovery.relet_paid", relet, "Let again already", "share", "by rent, at the cost of the event")
    return found


def _declare_downtime(terms: Terms, key: str, of: str, events: list[str], whole: Expr) -> tuple[Ref, Expr]:
    """Months of downtime to come of what some events empty, and whether it has been let again (series)."""
    g, gone, let = terms.graph, [], []
    for name in events:
        at = f"event.{name}"
        since = maximum(Number(0, "days"), END - Ref(f"{at}.eve")) / DAYS_365 * MONTHS_A_YEAR
        gone.append(Ref(f"{at}.weight") * since)
        found = Ref(f"{at}.weight") * (END > Ref(f"{at}.relet_eve"))
        let.append(found * (terms[f"{at}.relet_share"] > 0) if terms.has(f"{at}.relet_share") else found)
    label, note = f"{of}since the tenant left", "actual days / 365"
    past = maximum(*gone) if gone else NO_TIME
    past = g.series(f"recovery.months_gone{key}", past, label[0].upper() + label[1:], "months", note)
    label = f"{of}downtime still to come"
    down = g.series(f"recovery.downtime{key}", maximum(NO_TIME, whole - past), label[0].upper() + label[1:], "months")
    return down, maximum(*let) if let else Number(0)


def _mean(parts: list[tuple[Expr | None, Ref]] | list[tuple[None, Expr]], months: list[Expr]) -> Expr:
    """Months of each part by its weight; of one without a weight as they are."""
    weights = [weight for weight, _ in parts]
    return reduce(
        add, [span if weight is None else weight * span for weight, span in zip(weights, months, strict=True)]
    )


def declare_cost_of_construction(terms: Terms) -> None:
    """``recovery.spent`` and ``recovery.to_complete`` (series, money)."""
    g = terms.graph
    with g.place("Collateral", "Cost of construction"):
        paid = Ref("construction.spend")
        if g.has("construction.distributed"):
            paid = g.series(
                "recovery.spend",
                Ref("construction.spend") - Ref("construction.distributed"),
                "Spent on the property",
                "money",
                total=True,
            )
        so_far = Ref("recovery.spent")
        g.series(so_far.name, prev(so_far) + paid, "Spent to date", "money", "what goes to sponsors is left out")
        whole = g.scalar("recovery.whole_cost", total(paid), "Cost when complete", "money")
        g.series("recovery.to_complete", whole - so_far, "Cost to complete", "money")


def declare_price(terms: Terms, sale: Sale) -> None:
    """Value, price after the haircut, costs of the sale, and what the property earns and costs until then."""
    g = terms.graph
    with g.place("Collateral", f"{sale.heading}Price"):
        value, earned, vacant = _sold(terms) if sale is GONE else _sold_with_leases(terms, sale, "")
        unfinished = Ref("recovery.spent") * terms["enforcement.construction_share"]
        note = "until all is built: a share of the cost spent to date"
        value = g.series(sale.name("value"), where(BUILT, value, unfinished), "Value at the sale", "money", note)
        price = value * (1 - terms["enforcement.haircut"])
        price = g.series(sale.name("price"), price, "Price", "money", "value less the haircut")
        g.series(sale.name("sale_costs"), price * terms["enforcement.sale_costs"], "Costs of the sale", "money")
        if earned is not None:
            g.series(sale.name("income"), BUILT * earned, "Net income until the sale", "money")
    with g.place("Collateral", f"{sale.heading}Costs of enforcement"):
        note = "all of the time to the sale until all is built"
        vacant = where(BUILT, vacant, Ref("recovery.months"))
        vacant = g.series(sale.name("months_vacant"), vacant, "Months without rent", "months", note)
        holding = terms["enforcement.holding_costs"] * vacant / MONTHS_A_YEAR
        holding = g.series(sale.name("holding"), holding, "Protective costs", "money", "while nobody pays rent")
        arrears: Expr = Ref("waterfall.operating_costs.shortfall")
        note = "with protective costs and arrears of operating costs; paid first, without interest; for what is owed"
        if paid_later(terms):
            arrears, note = arrears + PAYABLE, note.replace("arrears of operating", "unpaid operating")
        if payable(terms):
            arrears, note = (
                arrears + sum_of(*payable(terms)),
                note.replace("costs; paid", "costs, VAT to be settled; paid"),
            )
        owed = Ref("recovery.claim") > terms["checks.tolerance"]
        costs = owed * (terms["enforcement.costs"] + holding + arrears)
        g.series(sale.name("costs"), costs, "Costs of enforcement", "money", note)


def _sold(terms: Terms) -> tuple[Expr, Expr | None, Expr]:
    """Value of the property by the basis of the sale, what it earns until then (money), and months without rent."""
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    if enforcement.basis == LEASED:
        return _declare_relet(terms, Ref("recovery.signed_rent"))
    if enforcement.basis in IDLE:
        earned = Number(0, "money") if terms.has(STAYS) else None
        return _at_sale(terms, GONE, value_line(terms, enforcement.basis)), earned, Ref("recovery.months")
    return _sold_with_leases(terms, GONE, enforcement.basis)


def _sold_with_leases(terms: Terms, sale: Sale, method: str) -> tuple[Expr, Expr, Expr]:
    """The same where the leases go on: by a method of the valuation, or by its own.

    Where nothing of the value lies after the leases, a buyer gets what the property is worth then as well, and once
    they are over the property is sold as one without a tenant.
    """
    value = value_line(terms, method) if method else Ref("valuation.value")
    worth, earned = _at_sale(terms, sale, value), _earned_on(terms, sale)
    if method or not ends_with_leases(terms):
        return worth, earned, NO_TIME
    worth, runs = worth + _declare_reversion(terms, sale), END < _term_end(terms)
    return (
        where(runs, worth, GONE.ref("value")),
        where(runs, earned, GONE.ref("income")),
        where(runs, NO_TIME, GONE.ref("months_vacant")),
    )


def _term_end(terms: Terms) -> Expr:
    """The last day of the certain term of the leases, or of the model (date)."""
    return minimum(certain_until(terms), LAST_DAY)


def _declare_reversion(terms: Terms, sale: Sale) -> Ref:
    """What the property is worth after its leases, on the day of the sale (series, money).

    ``in_place.after_leases`` (scalar): at the end of the certain term, as one that has to be let again, or vacant. It
    is discounted from there; of several leases and incomes each part, by its share of the rent then, from its own end.
    """
    g, at, worth = terms.graph, "enforcement.relet", list[Expr]()
    ends = g.series(sale.name("term_ends"), falls_here(_term_end(terms)), "The certain term of the leases ends", "flag")
    factor = _discount(terms, certain_until(terms))
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    if enforcement.basis == LEASED:
        parts = declare_rents_then(terms, sale, ends)
        rent = g.scalar(sale.name("rent_then"), sum_of(*[rent for rent, _ in parts]), "Rent as signed then", RENT)
        noi, stabilised = _declare_stabilised(terms, sale, rent, g.scalar)
        missing = (noi + terms["enforcement.holding_costs"]) * terms[f"{at}.downtime"] / MONTHS_A_YEAR
        left = maximum(0, stabilised - missing - terms[f"{at}.cost"])
        note = "less the rent that is missing for a whole downtime, its costs, and the cost of re-letting"
        worth.append(g.scalar(sale.name("relet_after"), left, "Re-let after the leases", "money", note))
        if len(parts) > 1:
            factor = _declare_discounts(terms, sale, parts, rent, factor)
    if _has_dark_value(terms):
        worth.append(total(value_line(terms, DARK), ends))
    note = "at the end of their certain term: let again on the rent as signed then, less the cost of it, or vacant"
    after = g.scalar(sale.name("after_leases"), reduce(maximum, worth), "Value after the leases", "money", note)
    note = "from the end of the certain term, actual days / 365; of several parts from the end of each"
    factor = g.series(sale.name("discount"), factor, "Value at the sale of 1 after the leases", "share", note)
    note = "discounted at the rate of the valuation"
    return g.series(sale.name("reversion"), after * factor, "Value after the leases, at the sale", "money", note)


def _declare_discounts(terms: Terms, sale: Sale, parts: list[tuple[Ref, Ref]], rent: Ref, last: Expr) -> Expr:
    """The discount of each part from its own end, by its share of the rent (share); without any rent the last."""
    g, shares, after = terms.graph, list[Expr](), list[Expr]()
    for part, until in parts:
        label = g.label(part.name)
        shares.append(g.scalar(f"{part.name}_share", default(ratio(part, rent), 0), f"{label}, share", "share"))
        discounted = shares[-1] * _discount(terms, until)
        after.append(g.series(f"{part.name}_discount", discounted, f"{label}, share discounted", "share"))
    return reduce(add, after) + (1 - reduce(add, shares)) * last


def _discount(terms: Terms, until: Expr) -> Expr:
    """Value on the day of the sale of 1 on a day (share), at the discount rate of the valuation."""
    days = maximum(Number(0, "days"), minimum(until, LAST_DAY) - Ref("recovery.sale_date"))
    return 1 / (1 + terms["valuation.dcf.discount_rate"]) ** (days / DAYS_365 / A_YEAR)


def _declare_stabilised(terms: Terms, sale: Sale, leased: Ref, declare: Callable[..., Ref]) -> tuple[Ref, Ref]:
    """NOI a year (money/yr) and value (money) of the property when let again: both series, or both scalars."""
    at, by_share = "enforcement.relet", terms.has("enforcement.relet.share")
    rent = leased * terms[f"{at}.share"] if by_share else rent_by_capacity(terms, at, capacity(terms))
    note = f"{'re-let share of the rent' if by_share else 'rent by the market'}, less costs"
    noi = declare(sale.name("relet_noi"), rent * (1 - terms[f"{at}.costs"]), "NOI when re-let", RENT, note)
    if terms.has(f"{at}.cap_rate"):
        worth, note = noi * A_YEAR / terms[f"{at}.cap_rate"], "NOI / capitalisation rate"
    else:
        rate, years, annuity = terms[f"{at}.discount_rate"], terms[f"{at}.term"] / YEAR, Ref("recovery.annuity")
        if not terms.graph.has(annuity.name):
            terms.graph.scalar(annuity.name, (1 - (1 + rate) ** (-years)) / rate, "Value of 1 a year", "x")
        worth, note = noi * A_YEAR * annuity, "NOI of the new term, discounted"
    return noi, declare(sale.name("stabilised"), worth, "Value when re-let", "money", note)


def _declare_relet(terms: Terms, leased: Ref) -> tuple[Expr, Expr, Expr]:
    """The value of the re-let property for a buyer, what it earns before the sale (series, money), months without rent.

    Where the property is worth no less dark, nobody lets it again, and it is sold vacant.
    """
    g, at = terms.graph, "enforcement.relet"
    noi, stabilised = _declare_stabilised(terms, GONE, leased, g.series)
    lost = (noi + terms["enforcement.holding_costs"]) * Ref("recovery.months_left") / MONTHS_A_YEAR
    lost = g.series("recovery.downtime_left", lost, "Rent missing after the sale, and its costs", "money")
    cost: Expr = terms[f"{at}.cost"]
    if leaving(terms):
        cost = cost * (1 - Ref("recovery.relet_paid"))
    note = "less the rent that is missing, and the cost of re-letting that is still to be paid"
    value = g.series("recovery.relet_value", maximum(0, stabilised - lost - cost), "Value to a buyer", "money", note)
    dark = value_line(terms, DARK) if _has_dark_value(terms) else Number(0, "money")
    note = "re-let it would be worth no more than its dark value"
    vacant = g.series("recovery.sold_dark", value <= dark, "Sold vacant", "flag", note)
    let = g.series("recovery.months_let", (1 - vacant) * Ref("recovery.months_relet"), "Months of new rent", "months")
    worth: Expr = maximum(value, dark) if _has_dark_value(terms) else value
    return worth, noi * let / MONTHS_A_YEAR, Ref("recovery.months") - let


def _has_dark_value(terms: Terms) -> bool:
    valuation = terms.deal.spec.valuation
    return valuation is not None and valuation.dark is not None


def _at_sale(terms: Terms, sale: Sale, value: Ref) -> Expr:
    """A value on the day of the sale, between those of the period ends around it; beyond the model, at its end."""
    moved = terms.graph.series(sale.name("value_moves"), value - prev(value), "Change of the value", "money")
    return value + _until_sale(terms, moved)


def _earned_on(terms: Terms, sale: Sale) -> Expr:
    """The NOI of leases that go on, collected until the sale; not below 0 (series, money)."""
    noi = _until_sale(terms, Ref("opex.noi"))
    return maximum(0, terms.graph.series(sale.name("noi_collected"), noi, "NOI until the sale", "money"))


def _until_sale(terms: Terms, flow: Ref) -> Expr:
    """What of a flow falls after the period end and by the sale; of the period of the sale by its days."""
    g, day = terms.graph, Ref("recovery.sale_date")
    share = Ref("recovery.sale_share")
    if not g.has(share.name):
        ended, begun = sum_ahead(DAYS, END, day), sum_ahead(DAYS, START, day)
        part = default(ratio(day - END - ended, begun - ended), 0)
        g.series(share.name, part, "Share of the period of the sale that is over by then", "share")
    ended = sum_ahead(flow, END, day)
    return ended + share * (sum_ahead(flow, START, day) - ended)


def declare_cash(terms: Terms) -> list[Ref]:
    """Cash in all accounts, the letter of credit of the DSRA, and what hedges are worth (series, money)."""
    g = terms.graph
    with g.place("Collateral", "Cash and other sources"):
        found = [g.series("recovery.cash", Ref("reserves.closing"), "Cash in all accounts", "money")]
        if has_letter_of_credit(terms):
            left: Expr = Ref("reserves.dsra.lc")
            if reimburses(terms.deal.spec):
                left = maximum(0, left - Ref("reserves.dsra.lc_loan.closing"))
            note = "called in full; its issuer then has a claim"
            left = unsold(terms, left)
            found.append(g.series("recovery.lc_called", left, "Letter of credit of the DSRA", "money", note))
        worth = [unsold(terms, maximum(0, -value)) for value in broken(terms)]
        if worth:
            received = worth[0]
            for more in worth[1:]:
                received = received + more
            found.append(g.series("recovery.hedges_received", received, "Received for hedges when broken", "money"))
    return found


def broken(terms: Terms) -> list[Expr]:
    """What each hedge costs when it is broken (series, money; negative: received), while its loan has not matured."""
    return [
        Ref(f"hedge.{name}.break_value") * (1 - Ref(f"hedge.{name}.loan_matured")) for name in terms.deal.spec.hedge
    ]


def facility_owed(terms: Terms) -> list[tuple[str, str, Expr, Expr]]:
    """Name, label, exposure (money) and rate (1/yr) of every facility, and of the issuer of the DSRA letter of credit.

    The issuer of a letter of credit has paid what is called of it; where its draws bear no rate they bear none here.
    """
    found: list[tuple[str, str, Expr, Expr]] = []
    letter = has_letter_of_credit(terms)
    for facility in drawable(terms):
        owed: Expr = Ref(f"{facility.at}.closing")
        name = f"recovery.facility.{facility.key}"
        if facility.at == "reserves.dsra.lc_loan":
            owed, letter, name = owed + Ref("recovery.lc_called"), False, "recovery.facility.dsra_lc"
        found.append((name, facility.label, owed, Ref(f"{facility.at}.rate")))
    if letter:
        called = Ref("recovery.lc_called")
        found.insert(0, ("recovery.facility.dsra_lc", "DSRA letter of credit", called, Number(0, "1/yr")))
    return found


def shared(amount: Expr, part: Expr, whole: Expr) -> Expr:
    """The part of an amount in proportion to ``part`` of ``whole``; 0 where there is nothing."""
    return amount * default(ratio(part, whole), 0)
