"""What must hold of leases: keys that need or exclude each other, and values that fit together in every case."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import Problem, Values
from spvmodel.deal.schema import DealSpec, Lease, MarketRent
from spvmodel.deal.timeline import add_months
from spvmodel.deal.translate import Translator

BASES = {"rent": "capacity", "rent_per_mw": "capacity", "rent_per_area": "area", "amount": ""}
"""The bases of a base rent, and what of the building each is charged on."""

_EXAMPLES = {"capacity": "100 MW", "area": "250,000 sf"}
_UNITS = {"capacity": "MW", "area": "sf"}


def takes(spec: DealSpec, key: str, what: str) -> bool:
    """Whether a lease is known to take some capacity, or area, of its building: it says how much, or lets all of it.

    One that states the other of the two alone does not say; one at a yearly amount takes the whole building only where
    no other lease has a part in it.
    """
    lease = spec.lease[key]
    if lease.share is not None or getattr(lease, what) is not None:
        return True
    if lease.capacity is not None or lease.area is not None:
        return False
    alone = [other.building for other in spec.lease.values()].count(lease.building) == 1
    return alone or lease.amount is None


def lets_capacity(spec: DealSpec, key: str) -> bool:
    """Whether a lease lets a capacity that somebody states."""
    lease = spec.lease[key]
    stated = lease.capacity is not None or spec.building[lease.building].capacity is not None
    return stated and takes(spec, key, "capacity")


def lease_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of a lease's keys that means nothing or two things."""
    for key, lease in spec.lease.items():
        if (lease.term is None) == (lease.expiry is None):
            given = "neither term nor expiry" if lease.term is None else "both term and expiry"
            yield say.error(("lease", key), f"lease '{key}' has {given}", "exactly one of them", key=True)
        yield from _basis(spec, key, lease, say)
        yield from _escalation(key, lease, say)
        yield from _letting(spec, key, lease, say)
        yield from _renewals(spec, key, lease, say)


def _letting(spec: DealSpec, key: str, lease: Lease, say: Translator) -> Iterator[DealError]:
    """One way to state a cost, and a capacity for what is charged on it."""
    for part, cost in lease.letting.items():
        if (cost.cost is None) == (cost.amount is None):
            given = "neither cost nor amount" if cost.cost is None else "both cost and amount"
            message = f"'{part}' of lease '{key}' has {given}"
            yield say.error(("lease", key, "letting", part), message, "exactly one of them", key=True)
    if lets_capacity(spec, key):
        return
    places = [("letting", part) for part, cost in lease.letting.items() if cost.cost is not None]
    places += [("renewals", part) for part, option in lease.renewals.items() if option.cost is not None]
    for where in places:
        message = f"lease '{key}' lets no capacity that '{where[1]}' could cost something of"
        yield say.error(("lease", key, *where, "cost"), message, "a capacity, or no cost per kW", key=True)


def _renewals(spec: DealSpec, key: str, lease: Lease, say: Translator) -> Iterator[DealError]:
    """One rent of a further term."""
    for part, option in lease.renewals.items():
        at = ("lease", key, "renewals", part)
        if option.market_rent is None:
            continue
        if say.tree.find((*at, "rent_multiple")) is not None:
            message = f"'{part}' of lease '{key}' is renewed at a multiple of the old rent and at a market rent"
            yield say.error((*at, "market_rent"), message, "one of them", key=True)
        yield from market_errors((*at, "market_rent"), option.market_rent, spec, [key], say)


def market_errors(
    path: tuple[str, ...], rent: MarketRent, spec: DealSpec, leases: list[str], say: Translator
) -> Iterator[DealError]:
    """One basis of a market rent, and what every lease that bears it is charged on; an amount is of one lease."""
    bases = [name for name in BASES if getattr(rent, name) is not None]
    if len(bases) != 1:
        given = f"several bases: {', '.join(bases)}" if bases else "no basis"
        yield say.error(path, f"the market rent has {given}", f"exactly one of {', '.join(BASES)}", key=True)
        return
    if bases == ["amount"] and len(leases) > 1:
        message = f"the market rent is one amount for {len(leases)} leases"
        yield say.error((*path, "amount"), message, "rent, rent_per_mw or rent_per_area, or one lease", key=True)
    what = BASES[bases[0]]
    for key in leases:
        lease = spec.lease[key]
        own = getattr(lease, what) if what else None
        if what and own is None and (getattr(spec.building[lease.building], what) is None):
            message = f"lease '{key}' lets no {what} for the market rent to be charged on"
            yield say.error((*path, bases[0]), message, f"{what}: {_EXAMPLES[what]}, or another basis", key=True)


def _basis(spec: DealSpec, key: str, lease: Lease, say: Translator) -> Iterator[DealError]:
    bases = [name for name in BASES if getattr(lease, name) is not None]
    if len(bases) != 1:
        given = f"several base rents: {', '.join(bases)}" if bases else "no base rent"
        yield say.error(("lease", key), f"lease '{key}' has {given}", f"exactly one of {', '.join(BASES)}", key=True)
    for what in dict.fromkeys(BASES[name] for name in bases):
        if what and getattr(lease, what) is None and getattr(spec.building[lease.building], what) is None:
            message = f"building '{lease.building}' has no {what} for the rent of lease '{key}' to be charged on"
            yield say.error(("building", lease.building), message, f"{what}: {_EXAMPLES[what]}", key=True)
    for what in ("capacity", "area"):
        if lease.share is not None and getattr(lease, what) is not None:
            message = f"lease '{key}' lets a share of the building and a {what} of its own"
            yield say.error(("lease", key, what), message, "one of them", key=True)


def _escalation(key: str, lease: Lease, say: Translator) -> Iterator[DealError]:
    """One way to rise; a time of the year only for what rises each year."""
    given = [name for name in ("escalation", "steps", "indexation") if say.tree.find(("lease", key, name)) is not None]
    if len(given) > 1:
        message = f"the rent of lease '{key}' rises by {' and '.join(given)}"
        yield say.error(("lease", key, given[1]), message, "one of them", key=True)
    if lease.steps and say.tree.find(("lease", key, "escalates")) is not None:
        message = f"the rent of lease '{key}' rises on stated dates"
        yield say.error(("lease", key, "escalates"), message, "no escalates, or no steps", key=True)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule of leases that the values of one case break; ``periods`` are the period ends of the timeline."""
    values = Values(quantities)
    for key, lease in spec.lease.items():
        yield from _deliveries(values, key, lease)
        yield from _steps(values, key, lease, periods)
        yield from _floor(values, key, lease)
        yield from _termination(values, key, lease)
        yield from _paid(values, key, lease, periods[-1])
    for building in spec.building:
        here = [key for key, lease in spec.lease.items() if lease.building == building]
        for what in ("capacity", "area"):
            yield from _overlet(values, spec, building, here, what)


def _deliveries(values: Values, key: str, lease: Lease) -> Iterator[Problem]:
    """What is delivered is no more than the lease lets, before it ends."""
    names = [f"lease.{key}.delivery.{part}.share" for part in lease.delivery]
    whole = sum(map(values.number, names))
    if whole > 1 + 1e-9:
        yield Problem(tuple(names), f"the parts delivered of {short(lease.label)} are {whole:.4%}", "100% in all")
    end = values.lease_end(key)
    for part, delivery in lease.delivery.items():
        name = f"lease.{key}.delivery.{part}.date"
        day = add_months(values.date(name), values.delay)
        if day > end:
            message = f"{short(delivery.label)} of {short(lease.label)} is delivered on {day}, after the lease ends"
            yield Problem((name, "construction.delay"), message, f"by {end}")


def _steps(values: Values, key: str, lease: Lease, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A period has one rise at most."""
    found: dict[int, str] = {}
    for step, spec in lease.steps.items():
        name = f"lease.{key}.steps.{step}.date"
        day = add_months(values.date(name), values.delay)
        period = bisect_left(periods, day)
        if period in found:
            message = f"{short(spec.label)} of {short(lease.label)} falls on {day}, in one period with another step"
            yield Problem((name, found[period]), message, "one step in a period")
        found[period] = name


def _floor(values: Values, key: str, lease: Lease) -> Iterator[Problem]:
    floor, cap = f"lease.{key}.indexation.floor", f"lease.{key}.indexation.cap"
    if floor in values and cap in values and values.number(floor) > values.number(cap):
        message = f"the least rise of {short(lease.label)} ({values.number(floor):.2%}) is above the largest"
        yield Problem((floor, cap), message, f"at most {values.number(cap):.2%}")


def _termination(values: Values, key: str, lease: Lease) -> Iterator[Problem]:
    """A lease is terminated while it runs."""
    name, start = f"lease.{key}.termination.date", f"lease.{key}.commencement"
    if name not in values:
        return
    day, first, last = add_months(values.date(name), values.delay), values.delayed(start), values.first_term_end(key)
    first = max(first, values.date("time.close"))
    if not first < day <= last:
        message = f"{short(lease.label)} may be terminated on {day}, when it does not run"
        yield Problem((name, start), message, f"after {first}, by {last}")


def _paid(values: Values, key: str, lease: Lease, end: dt.date) -> Iterator[Problem]:
    """What letting costs is paid within the timeline."""
    close = values.date("time.close")
    for part, cost in lease.letting.items():
        stated = f"lease.{key}.letting.{part}.date"
        name = stated if stated in values else f"lease.{key}.commencement"
        day = add_months(values.date(name), values.delay)
        if not close <= day <= end:
            message = f"{short(cost.label)} of {short(lease.label)} is paid on {day}, outside the timeline"
            yield Problem((name, "construction.delay"), message, f"{close} to {end}")


def _overlet(values: Values, spec: DealSpec, building: str, leases: list[str], what: str) -> Iterator[Problem]:
    """Nobody lets more of a building than it has: looked at whenever a lease of it begins."""
    whole = f"building.{building}.{what}"
    if whole not in values:
        return
    for first in leases:
        day = values.delayed(f"lease.{first}.commencement")
        running = [key for key in leases if _runs(values, key, day) and takes(spec, key, what)]
        let = sum(_let(values, key, what, values.number(whole)) for key in running)
        if let > values.number(whole) * (1 + 1e-9):
            names = [name for key in running if (name := _own(values, key, what)) is not None]
            unit, label = _UNITS[what], short(spec.building[building].label)
            message = f"{let:,.3f} {unit} of {label} are let on {day}, more than its {what}"
            yield Problem((*names, whole), message, f"{values.number(whole):,.3f} {unit} in all")
            return


def _own(values: Values, key: str, what: str) -> str | None:
    """The input by which a lease lets less than the whole building."""
    return next((name for part in (what, "share") if (name := f"lease.{key}.{part}") in values), None)


def _let(values: Values, key: str, what: str, whole: float) -> float:
    name = _own(values, key, what)
    if name is None:
        return whole
    return values.number(name) * (whole if name.endswith(".share") else 1)


def _runs(values: Values, key: str, day: dt.date) -> bool:
    return values.delayed(f"lease.{key}.commencement") <= day <= values.lease_end(key)
