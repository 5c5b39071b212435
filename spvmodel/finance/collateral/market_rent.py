"""The rent at which space is let again after a default: as signed, of every lease by its share of the building."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import mul

from spvmodel.finance.collateral.sales import Sale
from spvmodel.finance.operations.renewal import certain_rent, last_rent, rent_in_term
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, START
from spvmodel.lines import Expr, Number, Ref, default, maximum, minimum, ratio, sum_of, total


def declare_contract_rent(terms: Terms) -> None:
    """``recovery.signed_rent`` (money/yr): rent a year of the leases as signed, whatever is really paid.

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
        g.series("recovery.signed_rent", sum_of(*parts), "Rent of the leases as signed", "money/yr", note)


def declare_rents_then(terms: Terms, sale: Sale, ends: Ref) -> list[tuple[Ref, Ref]]:
    """The rent (money/yr) of each lease, contract and income by the year as its certain terms end, and its last day.

    ``ends`` is the flag of the period in which the last of them ends. A lease that has ended before stands for the
    market of its space, as far as it is free; a contract or an income does not.
    """
    g, spec, found = terms.graph, terms.deal.spec, []
    for name, lease in spec.lease.items():
        rent, until = Ref(f"recovery.rent_{name}"), Ref(f"lease.{name}.until")
        if lease.renewals:
            until, signed, counted = (
                Ref(f"lease.{name}.certain_until"),
                certain_rent(terms, name),
                _counted(terms, name),
            )
            signed = signed if counted is None else signed * counted
            rent = g.series(sale.name(rent.name), signed, f"{lease.label}: rent of certain terms", "money/yr")
        found.append((rent, until))
    for label, rent, signed, until in _others(terms):
        running = signed * (START < until)
        rent = g.series(sale.name(rent.name), running, f"{label}: until its last day", "money/yr")
        found.append((rent, until))
    return [
        (g.scalar(f"{sale.name(rent.name)}_then", total(rent, ends), f"{g.label(rent.name)}, then", "money/yr"), until)
        for rent, until in found
    ]


def _declare_other_rent(terms: Terms) -> list[Ref]:
    """What contracts and incomes by the year bring between their dates (money/yr, by period)."""
    return [
        terms.graph.series(rent.name, signed * (END < until), label, "money/yr")
        for label, rent, signed, until in _others(terms)
    ]


def _others(terms: Terms) -> Iterator[tuple[str, Ref, Expr, Ref]]:
    """Contracts and incomes by the year: label, line, what they bring once they have begun (money/yr), last day."""
    for name, contract in terms.deal.spec.contract.items():
        at = f"contract.{name}"
        due = Ref(f"{at}.annual") * terms[f"{at}.take_or_pay"] * Ref(f"{at}.index_after") * (END >= Ref(f"{at}.eve"))
        yield f"{contract.label}: take or pay as signed", Ref(f"recovery.contract_{name}"), due, Ref(f"{at}.until")
    for name, income in terms.deal.spec.income.items():
        if income.amount is not None:
            at = f"income.{name}"
            earned = terms[f"{at}.amount"] * Ref(f"{at}.index_after") * (END >= Ref(f"{at}.eve"))
            yield f"{income.label}: as signed", Ref(f"recovery.income_{name}"), earned, Ref(f"{at}.until")


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


def declare_rent_owed(terms: Terms) -> Ref:
    """``recovery.owed_rent`` (money/yr): what leases, contracts and incomes that have not ended owe by their terms."""
    g, name, spec, parts = terms.graph, "recovery.owed_rent", terms.deal.spec, list[Expr]()
    if g.has(name):
        return Ref(name)
    for key in spec.lease:
        parts.append(rent_in_term(terms, key) * (Ref(f"lease.{key}.until") > END))
    parts += [Ref(f"recovery.contract_{key}") for key in spec.contract]
    parts += [Ref(f"recovery.income_{key}") for key, income in spec.income.items() if income.amount is not None]
    note = "as signed, before they begin too; renewed terms at their probability"
    with g.place("Collateral", "Support"):
        whole = sum(parts[1:], parts[0]) if parts else Number(0, "money/yr")
        return g.series(name, whole, "Rent of the leases that have not ended", "money/yr", note)
