"""What must hold of operating costs and what tenants pay back of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.leases import lets_capacity
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import A_DAY, Problem, Values
from spvmodel.deal.schema import DealSpec, Lease, Opex
from spvmodel.deal.timeline import add_months
from spvmodel.deal.translate import Translator


def is_recovered(cost: Opex, lease: Lease) -> bool:
    """Whether a tenant under this lease pays back a part of this cost."""
    if cost.passed_through is not None:
        return True
    if cost.recoverable is None or lease.recoveries == "gross":
        return False
    return lease.recoveries != "double net" or cost.structural == "no"


def recovery_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of keys of costs and leases that means nothing or two things."""
    for key, cost in spec.opex.items():
        yield from _cost(spec, key, cost, say)
    for key, lease in spec.lease.items():
        yield from _lease(spec, key, lease, say)


def _cost(spec: DealSpec, key: str, cost: Opex, say: Translator) -> Iterator[DealError]:
    at = ("opex", key)
    if cost.cap is not None and cost.share_of_rent is None and cost.share_of_revenue is None:
        yield say.error((*at, "cap"), f"the cost '{key}' has no share that a cap could hold for",
                        "share_of_rent or share_of_revenue beside it", key=True)  # fmt: skip
    if cost.abatement is not None and say.tree.find((*at, "amount")) is None:
        message = f"the cost '{key}' has no yearly amount that could be abated"
        yield say.error((*at, "abatement"), message, "an amount beside it", key=True)
    if cost.recoverable is not None and cost.passed_through is not None:
        message = f"the cost '{key}' is recoverable as leases say, and passed through whatever they say"
        yield say.error((*at, "passed_through"), message, "one of them", key=True)
    for name in ("recoverable", "passed_through"):
        if getattr(cost, name) is not None and not spec.lease:
            message = f"nobody pays back the cost '{key}': the deal has no lease"
            yield say.error((*at, name), message, f"no {name}", key=True)
    for name in ("expense_stop", "structural"):
        if say.tree.find((*at, name)) is not None and cost.recoverable is None:
            message = f"'{name}' means nothing for the cost '{key}', which no lease lets recover"
            yield say.error((*at, name), message, f"recoverable beside it, or no {name}", key=True)
    gross = any(lease.recoveries == "modified gross" for lease in spec.lease.values())
    if cost.expense_stop is not None and cost.recoverable is not None and not gross:
        message = f"no lease has an expense stop for the cost '{key}'"
        yield say.error((*at, "expense_stop"), message, "a lease with recoveries: modified gross", key=True)


def _lease(spec: DealSpec, key: str, lease: Lease, say: Translator) -> Iterator[DealError]:
    at = ("lease", key)
    if lease.recoveries == "double net" and all(cost.recoverable is None for cost in spec.opex.values()):
        message = f"no operating cost is recoverable under lease '{key}'"
        yield say.error((*at, "recoveries"), message, "an entry of opex with recoverable", key=True)
    if lease.recoveries == "modified gross" and all(cost.expense_stop is None for cost in spec.opex.values()):
        message = f"no operating cost has an expense stop for the modified-gross lease '{key}'"
        yield say.error((*at, "recoveries"), message, "an entry of opex with expense_stop", key=True)
    if lease.recoveries == "base year" and all(cost.recoverable is None for cost in spec.opex.values()):
        message = f"no operating cost is recoverable above the base year of lease '{key}'"
        yield say.error((*at, "recoveries"), message, "an entry of opex with recoverable", key=True)
    if lease.base_year is not None and lease.recoveries != "base year":
        message = f"'base_year' means nothing for lease '{key}', whose recoveries are {lease.recoveries}"
        yield say.error((*at, "base_year"), message, "recoveries: base year, or no base_year", key=True)
    pays = any(is_recovered(cost, lease) for cost in spec.opex.values())
    if lease.proportionate_share is not None and not pays:
        message = f"lease '{key}' has a proportionate share, and no cost is recovered under it"
        yield say.error((*at, "proportionate_share"), message, "no proportionate_share", key=True)
    if pays and lease.proportionate_share is None and not _has_capacity(spec, key):
        message = f"nothing says what share of recoverable costs the tenant of lease '{key}' pays"
        yield say.error(at, message, "proportionate_share: 25%, or a capacity that is let", key=True)


def _has_capacity(spec: DealSpec, key: str) -> bool:
    """Whether a lease lets a capacity, of buildings whose capacity is stated."""
    return spec.building[spec.lease[key].building].capacity is not None and lets_capacity(spec, key)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], end: dt.date) -> Iterator[Problem]:
    """A base year whose costs are modelled, and no cost that is paid back twice, in the values of one case."""
    values = Values(quantities)
    for key, lease in spec.lease.items():
        if lease.recoveries == "base year":
            yield from _base_year(values, spec, key, end)
    yield from _beyond(values, spec)


def _base_year(values: Values, spec: DealSpec, key: str, end: dt.date) -> Iterator[Problem]:
    """The base year lies within the timeline, has days of operation, and ends before the lease does."""
    stated, started = f"lease.{key}.base_year", f"lease.{key}.commencement"
    name = stated if stated in values else started
    first = add_months(values.date(name), values.delay)
    last = add_months(first, 12) - A_DAY
    close, label = values.date("time.close"), short(spec.lease[key].label)
    if first <= close:
        message = f"the base year of {label} begins on {first}: its costs are not all modelled"
        yield Problem((name,), message, f"after {close}, or a modified-gross lease with expense stops")
    operating, until = _first_day(values, spec), min(end, values.lease_end(key))
    if last < operating:
        message = f"the base year of {label} ends on {last}, before any cost of operation"
        yield Problem((name, "construction.delay"), message, f"a base year that ends on {operating} or later")
    elif last >= until:
        message = f"the base year of {label} ends on {last}: nothing could be paid above its costs"
        yield Problem((name, "construction.delay"), message, f"a base year that ends before {until}")


def _first_day(values: Values, spec: DealSpec) -> dt.date:
    """The first day with revenue by the day, which is the first of operation."""
    days = [
        add_months(values.delayed(f"lease.{key}.commencement"), int(values.number(f"lease.{key}.free_rent")))
        for key in spec.lease
    ]
    days += [values.delayed(f"contract.{key}.commencement") for key in spec.contract]
    for key, income in spec.income.items():
        if income.amount is not None:
            name = f"income.{key}.commencement"
            days.append(values.delayed(name) if name in values else values.date("time.close") + A_DAY)
    return min(days)


def _beyond(values: Values, spec: DealSpec) -> Iterator[Problem]:
    """Tenants pay all of a cost at most: looked at whenever a lease begins."""
    pay = {
        key: f"lease.{key}"
        for key, lease in spec.lease.items()
        if any(is_recovered(cost, lease) for cost in spec.opex.values())
    }
    stated = [at for at in pay.values() if f"{at}.proportionate_share" in values]
    for first in pay.values() if stated else ():
        day = values.delayed(f"{first}.commencement")
        running = [
            key for key, at in pay.items() if values.delayed(f"{at}.commencement") <= day <= values.lease_end(key)
        ]
        whole = sum(_share(values, spec, key) for key in running)
        if whole > 1 + 1e-9:
            names = [name for key in running if (name := f"lease.{key}.proportionate_share") in values]
            label = short(spec.lease[first.removeprefix("lease.")].label)
            message = f"tenants pay {whole:.4%} of recoverable costs from the beginning of {label} on {day}"
            yield Problem(tuple(names or stated), message, "100% in all")
            return


def _share(values: Values, spec: DealSpec, key: str) -> float:
    at, building = f"lease.{key}", f"building.{spec.lease[key].building}.capacity"
    if f"{at}.proportionate_share" in values:
        return values.number(f"{at}.proportionate_share")
    all_of = [f"building.{name}.capacity" for name in spec.building]
    whole = sum(values.number(name) for name in all_of if name in values)
    if f"{at}.capacity" in values:
        return values.number(f"{at}.capacity") / whole
    return values.number(building) * (values.number(f"{at}.share") if f"{at}.share" in values else 1.0) / whole
