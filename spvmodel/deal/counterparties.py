"""What must hold of counterparties: one measure of credit, a chain without a ring, rates that do not fall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.events import contracts_of, incomes_of, leases_of
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import Problem, Values
from spvmodel.deal.schema import Counterparty, DealSpec, Event
from spvmodel.deal.translate import Translator, nearest

_MEASURES: Final = ("cds", "default_rate", "default_rates")


def counterparty_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Keys of counterparties that do not go together, and references that lead nowhere or round in a ring."""
    for key, party in spec.counterparty.items():
        yield from _credit(key, party, say)
        yield from _pays(key, party, spec, say)
        yield from _depends(key, party, spec, say)
    yield from _rings(spec, say)


def _credit(key: str, party: Counterparty, say: Translator) -> Iterator[DealError]:
    path = ("counterparty", key)
    given = [name for name in _MEASURES if getattr(party, name) is not None]
    if len(given) > 1:
        message = f"counterparty '{key}' has {' and '.join(given)}"
        yield say.error((*path, given[1]), message, f"one of {', '.join(_MEASURES)}", key=True)
    if party.cds is not None and party.recovery is None:
        message = f"the CDS spread of counterparty '{key}' says no hazard rate without a recovery"
        yield say.error((*path, "cds"), message, "recovery beside it, such as 40%", key=True)
    if party.recovery is not None and party.cds is None:
        message = f"'recovery' means nothing for counterparty '{key}', which has no CDS spread"
        yield say.error((*path, "recovery"), message, "cds beside it, or no recovery", key=True)
    if party.from_ is not None and not given:
        message = f"'from' means nothing for counterparty '{key}', which has no credit of its own"
        yield say.error((*path, "from"), message, f"one of {', '.join(_MEASURES)} beside it, or no from", key=True)


def _pays(key: str, party: Counterparty, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    known = [*spec.lease, *spec.contract, *spec.income]
    for place, name in enumerate(party.pays):
        at = ("counterparty", key, "pays", place)
        if name not in known:
            allowed = f"an entry of lease, contract or income ({', '.join(known)})"
            message = f"counterparty '{key}' pays '{short(name)}', which is no lease, contract or income"
            yield say.error(at, message, allowed, nearest(name, known))
        elif any(name in other.pays for before, other in _before(spec, key)) or name in party.pays[:place]:
            yield say.error(at, f"'{name}' has two payers or is named twice", "each lease, contract and income once")


def _before(spec: DealSpec, key: str) -> Iterator[tuple[str, Counterparty]]:
    for name, party in spec.counterparty.items():
        if name == key:
            return
        yield name, party


def _depends(key: str, party: Counterparty, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    for other in party.depends_on:
        at = ("counterparty", key, "depends_on", other)
        if other not in spec.counterparty:
            allowed = f"an entry of counterparty ({', '.join(spec.counterparty)})"
            message = f"unknown counterparty '{short(other)}'"
            yield say.error(at, message, allowed, nearest(other, spec.counterparty), key=True)
        elif not spec.counterparty[other].is_quantified:
            message = f"counterparty '{other}' has no default probability that '{key}' could depend on"
            yield say.error(at, message, f"one of {', '.join(_MEASURES)} there", key=True)


def failing(spec: DealSpec, event: Event) -> list[str]:
    """The counterparties that an event makes fail: as it says, or of a tenant default who pays what it changes."""
    if event.fails or event.kind != "tenant default":
        return list(event.fails)
    changed = {*leases_of(spec, event), *contracts_of(spec, event), *incomes_of(spec, event)}
    return [key for key, party in spec.counterparty.items() if changed & {*party.pays}]


def standing(spec: DealSpec) -> list[str]:
    """The guarantors that an event can make fail, and those they depend on, each after those."""
    struck = {key for event in spec.event.values() for key in failing(spec, event)}
    found: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> bool:
        # A ring, or a party that nobody has named, is refused elsewhere.
        if name in seen or name not in spec.counterparty:
            return name in found
        seen.add(name)
        others = [visit(other) for other in spec.counterparty[name].depends_on]
        if not (name in struck or any(others)):
            return False
        found.append(name)
        return True

    enforcement = spec.enforcement
    for support in enforcement.support.values() if enforcement is not None else ():
        if support.guarantor is not None:
            visit(support.guarantor)
    return found


def failure_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """A guarantor can fail, and the failure of a counterparty changes what somebody guarantees."""
    known = standing(spec)
    for key, event in spec.event.items():
        for place, name in enumerate(event.fails):
            if name in event.fails[:place]:
                message = f"'{name}' stands twice among those that fail by event '{key}'"
                yield say.error(("event", key, "fails", place), message, "each counterparty once")
            elif name not in known:
                message = f"nothing follows from the failure of '{name}' by event '{key}'"
                allowed = "the guarantor of a support, or one that it depends on"
                yield say.error(("event", key, "fails", place), message, allowed)
    for key, support in spec.enforcement.support.items() if spec.enforcement is not None else ():
        at = ("enforcement", "support", key)
        if support.guarantor is not None and support.guarantor not in known:
            message = f"no event makes '{support.guarantor}' fail, the guarantor of '{key}'"
            allowed = "an event with fails: [...], a tenant default of what it pays, or no guarantor"
            yield say.error((*at, "guarantor"), message, allowed)
        if support.collected_failed is not None and support.guarantor is None:
            message = f"'collected_failed' means nothing for the support '{key}', which names no guarantor"
            yield say.error((*at, "collected_failed"), message, "guarantor beside it, or no collected_failed", key=True)


def _rings(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Each ring once, at the first of its counterparties that the file names."""
    said: set[str] = set()
    for start in spec.counterparty:
        trail, seen = [start], {start}
        while trail:
            onward = [name for name in spec.counterparty[trail[-1]].depends_on if name in spec.counterparty]
            if start in onward and start not in said:
                said.update(trail)
                message = f"counterparties depend on each other: {' on '.join([*trail, start])}"
                yield say.error(("counterparty", start, "depends_on"), message, "no ring", key=True)
                break
            step = next((name for name in onward if name not in seen), None)
            if step is None:
                trail.pop()
            else:
                trail.append(step)
                seen.add(step)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity]) -> Iterator[Problem]:
    """Cumulative default rates that fall."""
    values = Values(quantities)
    for key, party in spec.counterparty.items():
        if party.default_rates is None:
            continue
        names = [f"counterparty.{key}.default_rates.year_{year}" for year in party.default_rates.years]
        for earlier, later in pairwise(names):
            if values.number(later) < values.number(earlier):
                low, high = values.number(later), values.number(earlier)
                message = f"the default rate of {short(party.label)} falls from {high:.2%} to {low:.2%}"
                yield Problem((later, earlier), message, f"{high:.2%} or more: the rates are cumulative")
