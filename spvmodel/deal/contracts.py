"""What must hold of compute contracts and of hardware: how they are priced, how long they run, what is paid ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import A_DAY, Problem, Values, long_first_period
from spvmodel.deal.schema import Contract, DealSpec
from spvmodel.deal.timeline import add_months, lease_end
from spvmodel.deal.translate import Translator

_PRICED: Final = (("amount",), ("gpus", "gpu_hour_price"), ("capacity", "capacity_price"))
"""The ways to price a contract: the keys of exactly one of them."""

_WAYS: Final = "exactly one of amount, gpus with gpu_hour_price, capacity with capacity_price"


def contract_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Keys of contracts and hardware that do not go together, or lean on what the deal does not have."""
    for key, contract in spec.contract.items():
        yield from _contract(("contract", key), contract, say)
    covenants = spec.covenants
    if covenants.default_realization is not None and not spec.contract:
        message = "the deal has no contract whose realization could be tested"
        yield say.error(("covenants", "default_realization"), message, "a section contract", key=True)
    if covenants.first_realization_test is not None and covenants.default_realization is None:
        message = "'first_realization_test' dates a test that the deal does not have"
        yield say.error(("covenants", "first_realization_test"), message, "default_realization beside it", key=True)
    for key, use in spec.use.items():
        if use.hardware is not None and use.kind != "hardware":
            message = f"use '{key}' is of the kind {use.kind} and has a resale value"
            yield say.error(("use", key, "hardware"), message, "kind: hardware", key=True)


def _contract(path: tuple[str, str], contract: Contract, say: Translator) -> Iterator[DealError]:
    key = path[1]
    given = [name for way in _PRICED for name in way if getattr(contract, name) is not None]
    if tuple(given) not in _PRICED:
        has = f"is priced by {', '.join(given)}" if given else "has no price"
        yield say.error(path, f"contract '{key}' {has}", _WAYS, key=True)
    if (contract.term is None) == (contract.expiry is None):
        has = "neither term nor expiry" if contract.term is None else "both term and expiry"
        yield say.error(path, f"contract '{key}' has {has}", "exactly one of them", key=True)


def contract_ends(spec: DealSpec, values: Values) -> list[dt.date]:
    """The last day of every contract, and of what its capacity earns at market where that is stated."""
    found = [contract_end(values, f"contract.{key}") for key in spec.contract]
    named = [f"contract.{key}.market.until" for key in spec.contract]
    return found + [values.date(name) for name in named if name in values]


def contract_end(values: Values, name: str) -> dt.date:
    """Last day of a contract: its expiry, or its term counted from the delayed commencement."""
    if f"{name}.expiry" in values:
        return values.date(f"{name}.expiry")
    return lease_end(values.date(f"{name}.commencement"), int(values.number(f"{name}.term")), values.delay)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule on contracts and hardware that the values of one case break."""
    values = Values(quantities)
    for key, contract in spec.contract.items():
        name, label = f"contract.{key}", short(contract.label)
        yield from _dates(values, name, label, periods)
        yield from long_first_period(values, f"{name}.commencement", label, periods)
    first = "covenants.first_realization_test"
    if first in values:
        close, end = values.date("time.close"), periods[-1]
        if not close <= values.date(first) <= end:
            message = f"the first test of the contract realization ({values.date(first)}) lies outside the timeline"
            yield Problem((first, "time.close"), message, f"{close} to {end}")
    for key, use in spec.use.items():
        new, least = f"use.{key}.hardware.new_value", f"use.{key}.hardware.residual"
        if use.hardware is not None and values.number(least) > values.number(new):
            message = (
                f"{short(use.label)} is worth {values.number(least):.0%} at the end of its life, more than when new"
            )
            yield Problem((least, new), message, f"at most {values.number(new):.0%}")


def _dates(values: Values, name: str, label: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A contract runs for a time, within the timeline; what follows it, and what is paid ahead, falls within it too."""
    end, close = periods[-1], values.date("time.close")
    start, last = values.delayed(f"{name}.commencement"), contract_end(values, name)
    length = f"{name}.expiry" if f"{name}.expiry" in values else f"{name}.term"
    moved = ("construction.delay",) if values.delay else ()
    late = f", {values.delay} months of delay counted" if values.delay else ""
    names = (length, f"{name}.commencement", *moved)
    if last < start:
        yield Problem(names, f"{label} ends on {last}, before it commences on {start}{late}", f"{start} or later")
        return
    if last <= close:
        message = f"{label} ends on {last}, not after financial close on {close}"
        yield Problem((*names, "time.close"), message, f"a contract that ends after {close}")
        return
    if last > end:
        message = f"{label} ends on {last}, after the timeline ends on {end}{late}"
        yield Problem(names, message, f"a contract that ends by {end}, or a later time.end")
    until = f"{name}.market.until"
    if until in values and values.date(until) > end:
        message = f"{label} earns at market until {values.date(until)}, after the timeline ends on {end}"
        yield Problem((until,), message, f"by {end}, or a later time.end")
    paid = f"{name}.prepayment.on"
    if paid in values and not close <= values.date(paid) <= min(last, end):
        message = f"the prepayment of {label} is dated {values.date(paid)}"
        yield Problem((paid, "time.close", length), message, f"from {close}, to the last day of the contract, {last}")
    term = f"{name}.prepayment.credit_term"
    if term in values:
        credited = add_months(start, int(values.number(term))) - A_DAY
        if credited > last:
            message = f"the prepayment of {label} is credited to {credited}, after the contract ends on {last}{late}"
            yield Problem((term, *names), message, "a shorter term, or none: to the end of the contract")
