"""What lenders can turn into cash after a default declared at a period end: the property, cash, and support.

Every line is a series over the date of the default and reads the projection up to it: until the case's own default is
accelerated nobody has enforced. Amounts are money on the day of the sale, the cure period and the time to sell later.
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul
from typing import Final

from spvmodel.deal.events import contracts_of, incomes_of, leases_of
from spvmodel.deal.schema import DealSpec, Event, Support
from spvmodel.deal.steps import reimburses
from spvmodel.finance.collateral.acceleration import unsold
from spvmodel.finance.collateral.value import value_line
from spvmodel.finance.facility import drawable
from spvmodel.finance.operations.payables import PAYABLE, paid_later
from spvmodel.finance.operations.renewal import last_rent
from spvmodel.finance.reserves.dsra import has_letter_of_credit
from spvmodel.finance.tax.vat import payable
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS_365, END, YEAR, from_end
from spvmodel.lines import Expr, Number, Ref, default, maximum, minimum, prev, ratio, sum_ahead, sum_of, total, where

A_YEAR: Final = Number(1, "yr")
MONTHS_A_YEAR: Final = Number(12, "months/yr")
LEASED: Final = "re-let"
DARK: Final = "dark"
IDLE: Final = (DARK, "hardware")
"""Bases on which the property earns nothing until it is sold."""

BUILT: Final = Ref("time.built")
NO_TIME: Final = Number(0, "months")


def declare_timing(terms: Terms) -> None:
    """Months from the default to the sale, those of them without rent, and what of the downtime is left to a buyer."""
    g, enforcement = terms.graph, terms.deal.spec.enforcement
    assert enforcement is not None
    with g.place("Collateral", "Time to enforce"):
        months = terms["enforcement.cure_months"] + terms["enforcement.sale_months"]
        months = g.scalar("recovery.months", months, "From default to sale", "months", "cure period and time to sell")
        g.series("recovery.sale_date", from_end(terms, months), "Sale, if the default is declared here", "date")
        vacant: Expr = months
        if enforcement.basis == LEASED:
            down: Expr = terms["enforcement.relet.downtime"]
            declare = g.series if leaving(terms) else g.scalar
            parts = _declare_downtimes(terms, down) if leaving(terms) else [(None, down)]
            before, after = [maximum(NO_TIME, months - part) for _, part in parts], "Re-let before the sale"
            let = declare("recovery.months_relet", _mean(parts, before), after, "months")
            later = [maximum(NO_TIME, part - months) for _, part in parts]
            declare("recovery.months_left", _mean(parts, later), "Downtime left to the buyer", "months")
            vacant = months - let * (1 - Ref("recovery.sold_dark"))
        elif enforcement.basis not in IDLE:
            vacant = NO_TIME
        vacant = vacant * (1 - _stays(terms))
        note = "all of the time to the sale until all is built"
        g.series("recovery.months_vacant", where(BUILT, vacant, months), "Months without rent", "months", note)


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
        part = default(ratio(Ref(f"recovery.rent_{key}"), Ref("recovery.contract_rent")), 0)
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


def declare_price(terms: Terms) -> None:
    """Value, price after the haircut, costs of the sale, and what the property earns and costs until then."""
    g, enforcement = terms.graph, terms.deal.spec.enforcement
    assert enforcement is not None
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
        g.series("recovery.to_complete", total(paid) - so_far, "Cost to complete", "money")
    leased = declare_contract_rent(terms)
    with g.place("Collateral", "Price"):
        if enforcement.basis == LEASED:
            value, earned = _declare_relet(terms, leased)
        elif enforcement.basis in IDLE:
            value, earned = _at_sale(terms, enforcement.basis), None
        else:
            value, earned = _at_sale(terms, enforcement.basis), _earned_on(terms)
        if enforcement.tenant_stays is not None:
            value = where(_stays(terms), _at_sale(terms, "", "in_place"), value)
            earned = where(_stays(terms), _earned_on(terms), Number(0, "money") if earned is None else earned)
        unfinished = so_far * terms["enforcement.construction_share"]
        note = "until all is built: a share of the cost spent to date"
        value = g.series("recovery.value", where(BUILT, value, unfinished), "Value at the sale", "money", note)
        price = value * (1 - terms["enforcement.haircut"])
        price = g.series("recovery.price", price, "Price", "money", "value less the haircut")
        g.series("recovery.sale_costs", price * terms["enforcement.sale_costs"], "Costs of the sale", "money")
        if earned is not None:
            g.series("recovery.income", BUILT * earned, "Net income until the sale", "money")
    with g.place("Collateral", "Costs of enforcement"):
        holding = terms["enforcement.holding_costs"] * Ref("recovery.months_vacant") / MONTHS_A_YEAR
        holding = g.series("recovery.holding", holding, "Protective costs", "money", "while nobody pays rent")
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
        g.series("recovery.costs", costs, "Costs of enforcement", "money", note)


def declare_contract_rent(terms: Terms) -> Ref:
    """``recovery.contract_rent`` (money/yr): rent a year of the leases as signed, whatever is really paid.

    At the level of the last anniversary, and of the last renewal that may come about. A lease counts from its
    commencement, in rent-free months too. Before it begins and after it ends its rent stands for that of its space, as
    far as nobody else lets it (``recovery.free_<building>``). Contracts and income by the year count between their
    dates.
    """
    g, spec, parts = terms.graph, terms.deal.spec, []
    for building in spec.building:
        _declare_free(terms, building)
    with g.place("Collateral", "Rent of the leases as signed"):
        for name, lease in spec.lease.items():
            rent = last_rent(terms, name)
            counted = _counted(terms, name)
            rent = rent if counted is None else rent * counted
            parts.append(g.series(f"recovery.rent_{name}", rent, f"{lease.label}: rent as signed", "money/yr"))
        parts += _declare_other_rent(terms)
        note = "at the level of the last anniversary, whatever is really paid"
        return g.series("recovery.contract_rent", sum_of(*parts), "Rent of the leases as signed", "money/yr", note)


def _declare_other_rent(terms: Terms) -> list[Ref]:
    """What contracts and incomes by the year bring between their dates (money/yr, by period)."""
    g, spec, parts = terms.graph, terms.deal.spec, []
    for name, contract in spec.contract.items():
        at = f"contract.{name}"
        running = (END >= Ref(f"{at}.eve")) * (END < Ref(f"{at}.until"))
        due = Ref(f"{at}.annual") * terms[f"{at}.take_or_pay"] * Ref(f"{at}.index_after") * running
        label = f"{contract.label}: take or pay as signed"
        parts.append(g.series(f"recovery.contract_{name}", due, label, "money/yr"))
    for name, income in spec.income.items():
        if income.amount is not None:
            at = f"income.{name}"
            paid = (END >= Ref(f"{at}.eve")) * (END < Ref(f"{at}.until"))
            earned = terms[f"{at}.amount"] * Ref(f"{at}.index_after") * paid
            parts.append(g.series(f"recovery.income_{name}", earned, f"{income.label}: as signed", "money/yr"))
    return parts


def _sharing(terms: Terms, building: str) -> list[str]:
    """The leases of a building, where there are several."""
    leases = [name for name, lease in terms.deal.spec.lease.items() if lease.building == building]
    return leases if len(leases) > 1 else []


def _part(terms: Terms, name: str) -> Expr | None:
    """The share of its building that a lease lets; None where it says nothing of it, as for the rent of an antenna."""
    at, building = f"lease.{name}", f"building.{terms.deal.spec.lease[name].building}"
    if terms.has(f"{at}.share"):
        return terms[f"{at}.share"]
    for what in ("capacity", "area"):
        if terms.has(f"{at}.{what}"):
            return terms[f"{at}.{what}"] / terms[f"{building}.{what}"] if terms.has(f"{building}.{what}") else None
    return None if terms.has(f"{at}.amount") else Number(1)


def _let_now(name: str) -> Expr:
    """1 where a lease runs on the day after the period end (by period)."""
    return (Ref(f"lease.{name}.start") - DAY <= END) * (Ref(f"lease.{name}.until") > END)


def _declare_free(terms: Terms, building: str) -> None:
    """How much of the leases of a building that are not in force their rent still stands for (share, by period)."""
    parts = {name: part for name in _sharing(terms, building) if (part := _part(terms, name)) is not None}
    if len(parts) < 2:
        return
    g, label = terms.graph, terms.deal.spec.building[building].label
    with g.place("Collateral", "Space that is not let"):
        used = [part * _let_now(name) for name, part in parts.items()]
        let = g.series(f"recovery.let_{building}", sum(used[1:], used[0]), f"{label}: let", "share", "of the building")
        idle = [part * (1 - _let_now(name)) for name, part in parts.items()]
        free = minimum(1, default(ratio(maximum(0, 1 - let), sum(idle[1:], idle[0])), 1))
        note = "space that nobody lets / space of the leases that have not begun or have ended; at most all of it"
        g.series(f"recovery.free_{building}", free, f"{label}: free space of leases not in force", "share", note)


def _counted(terms: Terms, name: str) -> Expr | None:
    """The share of a lease that counts: all of it in force, and else as far as its space is free (by period).

    None where all of it always counts. Of leases that do not say what they let one takes the place of another where it
    begins after that has ended.
    """
    building = terms.deal.spec.lease[name].building
    sharing = _sharing(terms, building)
    unsized = [other for other in sharing if _part(terms, other) is None]
    if name not in unsized:
        free = f"recovery.free_{building}"
        return maximum(_let_now(name), Ref(free)) if terms.graph.has(free) else None
    begins, ends, factors = Ref(f"lease.{name}.start"), Ref(f"lease.{name}.until"), []
    for other in unsized:
        if other != name:
            followed = (Ref(f"lease.{other}.start") > ends) * (Ref(f"lease.{other}.start") - DAY <= END)
            preceded = (Ref(f"lease.{other}.until") < begins) * (begins - DAY > END)
            factors += [1 - followed, 1 - preceded]
    return reduce(mul, factors) if factors else None


def _declare_relet(terms: Terms, leased: Ref) -> tuple[Expr, Expr]:
    """The value of the re-let property for a buyer, and what it earns before the sale (series, money)."""
    g, at = terms.graph, "enforcement.relet"
    noi = leased * terms[f"{at}.share"] * (1 - terms[f"{at}.costs"])
    noi = g.series("recovery.relet_noi", noi, "NOI when re-let", "money/yr", "re-let share of the rent, less costs")
    worth: Expr = noi * A_YEAR
    if terms.has(f"{at}.cap_rate"):
        worth, note = worth / terms[f"{at}.cap_rate"], "NOI / capitalisation rate"
    else:
        rate, years = terms[f"{at}.discount_rate"], terms[f"{at}.term"] / YEAR
        factor = g.scalar("recovery.annuity", (1 - (1 + rate) ** (-years)) / rate, "Value of 1 a year", "x")
        worth, note = worth * factor, "NOI of the new term, discounted"
    worth = g.series("recovery.stabilised", worth, "Value when re-let", "money", note)
    lost = (noi + terms["enforcement.holding_costs"]) * Ref("recovery.months_left") / MONTHS_A_YEAR
    lost = g.series("recovery.downtime_left", lost, "Rent missing after the sale, and its costs", "money")
    cost: Expr = terms[f"{at}.cost"]
    if leaving(terms):
        cost = cost * (1 - Ref("recovery.relet_paid"))
    note = "less the rent that is missing, and the cost of re-letting that is still to be paid"
    value = g.series("recovery.relet_value", maximum(0, worth - lost - cost), "Value to a buyer", "money", note)
    # Nobody lets again what brings no less as it stands.
    dark = value_line(terms, DARK) if _has_dark_value(terms) else Number(0, "money")
    note = "re-let it would be worth no more than its dark value"
    vacant = g.series("recovery.sold_dark", value <= dark, "Sold vacant", "flag", note)
    income = (1 - vacant) * noi * Ref("recovery.months_relet") / MONTHS_A_YEAR
    return maximum(value, dark) if _has_dark_value(terms) else value, income


def _has_dark_value(terms: Terms) -> bool:
    valuation = terms.deal.spec.valuation
    return valuation is not None and valuation.dark is not None


def _stays(terms: Terms) -> Expr:
    """1 where the tenant pays on although the SPV is in default and the basis of the sale supposes otherwise."""
    return terms["enforcement.tenant_stays"] if terms.has("enforcement.tenant_stays") else Number(0)


def _at_sale(terms: Terms, method: str, name: str = "value") -> Expr:
    """The value by a method at the last period end up to the sale; beyond the model, at its end (series, money)."""
    g, value = terms.graph, value_line(terms, method) if method else Ref("valuation.value")
    moved = g.series(f"recovery.{name}_moves", value - prev(value), "Change of the value", "money")
    return value + sum_ahead(moved, END, Ref("recovery.sale_date"))


def _earned_on(terms: Terms) -> Expr:
    """The NOI of leases that go on, collected until the sale; not below 0 (series, money)."""
    noi = sum_ahead(Ref("opex.noi"), END, Ref("recovery.sale_date"))
    return maximum(0, terms.graph.series("recovery.noi_collected", noi, "NOI until the sale", "money"))


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


def declare_fixed_support(terms: Terms, sold: Ref) -> list[Ref]:
    """Termination fees and guarantees of the residual value: what does not depend on what lenders lose."""
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    found = []
    for key, support in enforcement.support.items():
        at = f"enforcement.support.{key}"
        if support.kind == "termination fee":
            rent = _rent_in_force(terms)
            amount: Expr = (1 - _stays(terms)) * rent * terms[f"{at}.months"] / MONTHS_A_YEAR
        elif support.kind == "residual value":
            amount = maximum(0, terms[f"{at}.threshold"] - sold)
        else:
            continue
        found.append(_declare_support(terms, key, BUILT * amount))
    return found


def _rent_in_force(terms: Terms) -> Ref:
    """``recovery.rent_in_force`` (money/yr): what leases, contracts and incomes in force owe under their terms."""
    g, name, spec = terms.graph, "recovery.rent_in_force", terms.deal.spec
    if g.has(name):
        return Ref(name)
    parts = [Ref("lease.rent_in_force")] if spec.lease else []
    parts += [Ref(f"recovery.contract_{key}") for key in spec.contract]
    parts += [Ref(f"recovery.income_{key}") for key, income in spec.income.items() if income.amount is not None]
    note = "renewed terms at their probability; nothing once they have ended"
    with g.place("Collateral", "Support"):
        return g.series(name, sum_of(*parts), "Rent of the leases in force", "money/yr", note)


def declare_guarantees(terms: Terms, missing: Ref) -> list[Ref]:
    """Completion and other guarantees, one after the other: each pays what is still ``missing``, within its limit."""
    g, enforcement = terms.graph, terms.deal.spec.enforcement
    assert enforcement is not None
    found: list[Ref] = []
    for key, support in enforcement.support.items():
        if support.kind not in ("completion", "guarantee"):
            continue
        with g.place("Collateral", "Support"):
            left: Expr = missing
            for paid in found:
                left = left - paid
            name = f"recovery.missing_{key}"
            left = g.series(name, maximum(0, left), f"{support.label}: missing before it", "money") if found else left
        amount: Expr = left
        if support.kind == "completion":
            amount = (1 - BUILT) * minimum(left, Ref("recovery.to_complete"))
        found.append(_declare_support(terms, key, amount))
    return found


def _declare_support(terms: Terms, key: str, amount: Expr) -> Ref:
    """What is paid of an amount: within the limit, as far as it is collected, for a default in its time."""
    g, at, enforcement = terms.graph, f"enforcement.support.{key}", terms.deal.spec.enforcement
    assert enforcement is not None
    support = enforcement.support[key]
    owed = minimum(amount, terms[f"{at}.limit"]) if support.limit is not None else amount
    paid = owed * _collected(terms, at, support)
    if support.until is not None:
        paid = paid * (END <= terms[f"{at}.until"])
    with g.place("Collateral", "Support"):
        note = f"{support.kind} of {support.payer}"
        return g.series(f"recovery.support.{key}", paid, f"{support.label}", "money", note)


def _collected(terms: Terms, at: str, support: Support) -> Expr:
    """The share of a support that is collected: of a guarantor that has failed in the case another one, or nothing."""
    collected = terms[f"{at}.collected"]
    if support.guarantor is None:
        return collected
    stands = Ref(f"counterparty.{support.guarantor}.standing")
    if support.collected_failed is None:
        return stands * collected
    return stands * collected + (1 - stands) * terms[f"{at}.collected_failed"]


def commitment(terms: Terms) -> Expr:
    """The most that sponsors have agreed to pay to lenders when they enforce (series, money); 0 without any support."""
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    most: Expr = Number(0, "money")
    for key, support in enforcement.support.items():
        if support.paid_by != "sponsors":
            continue
        at = f"enforcement.support.{key}"
        here: Expr = terms[f"{at}.limit"] if support.limit is not None else Ref(f"recovery.support.{key}")
        if support.kind == "completion":
            unfinished = Ref("recovery.to_complete")
            here = (1 - BUILT) * (minimum(here, unfinished) if support.limit is not None else unfinished)
        if support.until is not None:
            here = here * (END <= terms[f"{at}.until"])
        most = most + here
    return most


def declared_payers(terms: Terms) -> list[Ref]:
    """What others than sponsors pay in support (series, money)."""
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    return [Ref(f"recovery.support.{key}") for key, part in enforcement.support.items() if part.paid_by != "sponsors"]


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
