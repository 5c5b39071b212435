"""What must hold of events: what they change, and the keys and dates that go together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.leases import lets_capacity, market_errors
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import Problem, Values
from spvmodel.deal.schema import DealSpec, Event
from spvmodel.deal.translate import Translator

_CUTS: Final = ("renegotiation", "obsolescence", "regulation")


def leases_of(spec: DealSpec, event: Event) -> list[str]:
    """The leases whose rent an event changes, in the order of the deal file."""
    return [key for key in spec.lease if key in event.leases or _all(event)]


def contracts_of(spec: DealSpec, event: Event) -> list[str]:
    """The compute contracts whose invoices an event changes, in the order of the deal file."""
    return [key for key in spec.contract if key in event.contracts or _all(event)]


def incomes_of(spec: DealSpec, event: Event) -> list[str]:
    """The incomes whose yearly amount an event changes, in the order of the deal file."""
    yearly = [key for key, income in spec.income.items() if income.amount is not None]
    return [key for key in yearly if key in event.incomes or _all(event)]


def vacates(event: Event) -> bool:
    """Whether space stands empty while an event lasts; one that only cuts the rent leaves its user in place."""
    return event.kind not in _CUTS or event.downtime is not None


def _all(event: Event) -> bool:
    """Whether an event names nothing, and so changes everything that lasts."""
    return not (event.leases or event.contracts or event.incomes)


def misfits(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Keys of events that do not go together, or miss what they act on."""
    for key, event in spec.event.items():
        yield from _event(("event", key), event, spec, say)


def _event(path: tuple[str, str], event: Event, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    key = path[1]
    for name, listed in (("leases", event.leases), ("contracts", event.contracts), ("incomes", event.incomes)):
        for place, entry in enumerate(listed):
            if entry in listed[:place]:
                message = f"'{entry}' stands twice among the {name} of event '{key}'"
                yield say.error((*path, name, place), message, f"each of the {name} once")
            elif name == "incomes" and spec.income[entry].amount is None:
                message = f"the income '{entry}' of event '{key}' has no yearly amount"
                yield say.error((*path, name, place), message, "an income with an amount a year")
    for name in ("relet_share", "relet_rent", "relet_cost"):
        if getattr(event, name) is not None and event.downtime is None:
            message = f"'{name}' means nothing for event '{key}', after which nothing is let again"
            yield say.error((*path, name), message, f"downtime beside it, or no {name}", key=True)
    if event.hardware_share is not None and all(use.hardware is None for use in spec.use.values()):
        message = f"'hardware_share' means nothing for event '{key}': the deal has no hardware with a resale value"
        yield say.error((*path, "hardware_share"), message, "a use with hardware, or no hardware_share", key=True)
    if event.downtime is not None and event.relet_share is None and event.relet_rent is None:
        message = f"event '{key}' has a downtime, and nothing says what rent follows it"
        yield say.error((*path, "downtime"), message, "relet_share or relet_rent beside it", key=True)
    if event.relet_share is not None and event.relet_rent is not None:
        message = f"event '{key}' lets again at a share of the rent and at a market rent"
        yield say.error((*path, "relet_rent"), message, "one of them", key=True)
    elif event.relet_rent is not None and (contracts_of(spec, event) or incomes_of(spec, event)):
        message = f"the market rent of event '{key}' is one of leases, and the event changes other income too"
        yield say.error((*path, "relet_rent"), message, "leases named in it, and nothing else", key=True)
    elif event.relet_rent is not None:
        yield from market_errors((*path, "relet_rent"), event.relet_rent, spec, leases_of(spec, event), say)
    if event.downtime is not None and event.until is not None:
        message = f"event '{key}' ends by its last day and by letting again"
        yield say.error((*path, "until"), message, "until or downtime", key=True)
    if event.relet_cost is not None and not any(lets_capacity(spec, name) for name in leases_of(spec, event)):
        message = f"event '{key}' changes no lease of a capacity that could be let again at a cost"
        yield say.error((*path, "relet_cost"), message, "a lease of a capacity, or no relet_cost", key=True)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], end: dt.date) -> Iterator[Problem]:
    """An event ends after its day; one that happens does so within the timeline, which ends on ``end``."""
    values = Values(quantities)
    yield from _let_twice(values, spec)
    for key, event in spec.event.items():
        at, label = f"event.{key}", short(event.label)
        day = values.date(f"{at}.on")
        if f"{at}.until" in values and values.date(f"{at}.until") < day:
            last = values.date(f"{at}.until")
            yield Problem((f"{at}.until", f"{at}.on"), f"{label} ends on {last}, before {day}", f"{day} or later")
        if values.number(f"{at}.happens") == 1.0 and day > end:
            message = f"{label} happens on {day}, after the timeline ends on {end}"
            yield Problem((f"{at}.on", f"{at}.happens"), message, f"by {end}, or happens: no")


def _let_twice(values: Values, spec: DealSpec) -> Iterator[Problem]:
    """Two events that happen do not both let one lease again at a market rent: each would take that of the other."""
    found: dict[str, str] = {}
    for key, event in spec.event.items():
        if event.relet_rent is None or not values.number(f"event.{key}.happens"):
            continue
        for lease in leases_of(spec, event):
            if lease in found:
                message = f"{short(event.label)} lets {short(spec.lease[lease].label)} again at a market rent, as does "
                names = (f"event.{key}.happens", f"event.{found[lease]}.happens")
                label = short(spec.event[found[lease]].label)
                yield Problem(names, f"{message}{label}", "one of them that happens")
                return
            found[lease] = key
