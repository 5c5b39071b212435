"""What must hold between the values of a deal, in the base case and in every other case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from spvmodel.deal.errors import short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.schema import DealSpec, Debt
from spvmodel.deal.timeline import add_months, lease_end

# What construction.delay moves.
_MOVING = {"spending_end", "commencement", "availability_end", "completion"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Values that do not fit together; ``names`` are the inputs involved, the likely offender first."""

    names: tuple[str, ...]
    message: str
    allowed: str


class Values:
    """The values of one case, by dotted name."""

    def __init__(self, quantities: Mapping[str, Quantity]) -> None:
        self.quantities = quantities

    def __contains__(self, name: str) -> bool:
        return name in self.quantities

    def date(self, name: str) -> dt.date:
        value = self.quantities[name].value
        assert isinstance(value, dt.date)
        return value

    def number(self, name: str) -> float:
        value = self.quantities[name].value
        assert isinstance(value, float)
        return value

    def points(self, name: str) -> tuple[tuple[dt.date, float], ...]:
        value = self.quantities[name].value
        assert isinstance(value, tuple)
        return value

    @property
    def delay(self) -> int:
        """Months by which completion is late."""
        return int(self.number("construction.delay"))

    def is_delayed(self, name: str) -> bool:
        """Whether a date moves with completion, and completion is late."""
        return self.delay > 0 and name.rpartition(".")[2] in _MOVING

    def delayed(self, name: str) -> dt.date:
        """A date as it falls when completion is late."""
        return add_months(self.date(name), self.delay if self.is_delayed(name) else 0)

    def lease_end(self, lease: str) -> dt.date:
        """Last day of a lease: its expiry, or its term counted from the delayed commencement."""
        if f"lease.{lease}.expiry" in self:
            return self.date(f"lease.{lease}.expiry")
        term = int(self.number(f"lease.{lease}.term"))
        return lease_end(self.date(f"lease.{lease}.commencement"), term, self.delay)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule the values of one case break; ``periods`` are the period ends of the timeline."""
    values, end = Values(quantities), periods[-1]
    yield from _general(values)
    for key in spec.building:
        yield from _order(values, f"building.{key}.spending_end", f"building.{key}.spending_start", strict=True)
        yield from _inside(values, f"building.{key}.spending_end", end)
    for key in spec.lease:
        yield from _lease(values, key, short(spec.lease[key].label), end)
    for key, loan in spec.debt.items():
        yield from _loan(values, f"debt.{key}", loan, end)
        yield from _budget(values, spec, key)
    if spec.takeout is not None:
        yield from _takeout(values, [f"debt.{key}.maturity" for key in spec.debt], periods)
        yield from _inside(values, "takeout.final_maturity", end)


def _general(values: Values) -> Iterator[Problem]:
    first, close = values.points("rates.curve")[0][0], values.date("time.close")
    if first > close:
        message = f"the base rate path begins on {first}, after financial close on {close}"
        yield Problem(("rates.curve", "time.close"), message, f"a first date on or before {close}")
    lockup, default = values.number("covenants.lockup_dscr"), values.number("covenants.default_dscr")
    if default > lockup:
        message = f"the default DSCR of {default:.2f}x lies above the lock-up DSCR of {lockup:.2f}x"
        yield Problem(("covenants.default_dscr", "covenants.lockup_dscr"), message, f"at most {lockup:.2f}x")


def _lease(values: Values, key: str, label: str, end: dt.date) -> Iterator[Problem]:
    name = f"lease.{key}"
    has_expiry = f"{name}.expiry" in values
    length = f"{name}.expiry" if has_expiry else f"{name}.term"
    last, start = values.lease_end(key), values.delayed(f"{name}.commencement")
    if has_expiry:
        ends_too_early = list(_order(values, length, f"{name}.commencement", strict=True))
        yield from ends_too_early or _inside(values, length, end)
        if ends_too_early:
            return
    elif last > end:
        message = f"{label} ends on {last}, after the timeline ends on {end}"
        yield Problem(
            (length, f"{name}.commencement", "construction.delay"),
            message,
            f"a lease that ends by {end}, or a later time.end",
        )
    free = values.number(f"{name}.free_rent")
    if add_months(start, int(free)) > last:
        # A delay shortens a lease with an expiry, and moves one with a term.
        names = (f"{name}.free_rent", length, *(_delay(values, f"{name}.commencement") if has_expiry else ()))
        message = f"{label} is free of rent for {free:.0f} months from {start} and ends on {last}, before rent is due"
        yield Problem(names, message, "a rent-free period shorter than the lease")


def _budget(values: Values, spec: DealSpec, loan: str) -> Iterator[Problem]:
    """Financing costs are a part of the budgets of the loan's buildings, and construction is the rest."""
    budgets = [f"building.{key}.budget" for key, building in spec.building.items() if building.funded_by == loan]
    budget, included = sum(map(values.number, budgets)), values.number(f"debt.{loan}.financing_budget")
    label = short(spec.debt[loan].label)
    if budget == 0:
        yield Problem(tuple(budgets), f"the buildings that {label} finances have no budget", "a budget above 0")
    elif included >= budget:
        message = f"the financing costs of {label} in the budget ({included:,.3f}) leave nothing of it ({budget:,.3f})"
        yield Problem((f"debt.{loan}.financing_budget", *budgets), message, f"less than {budget:,.3f}")


def _takeout(values: Values, maturities: list[str], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The take-out is repaid in whole periods after the one in which the last loan matures."""
    name, maturity = "takeout.final_maturity", max(maturities, key=values.date)
    after = [end for end in periods if end >= values.date(maturity)][1:]
    if values.date(maturity) > periods[-1] or (after and values.date(name) >= after[0]):
        return
    message = f"{_words(values, name)} ({values.date(name)}) leaves no whole period after "
    message += f"{_words(values, maturity)} ({values.date(maturity)})"
    allowed = f"{after[0]} or later" if after else "an earlier maturity, or a later time.end"
    yield Problem((name, maturity), message, allowed)


def _loan(values: Values, name: str, loan: Debt, end: dt.date) -> Iterator[Problem]:
    close, maturity, completion = f"{name}.close", f"{name}.maturity", f"{name}.completion"
    yield from _order(values, close, "time.close")
    ends_too_early = list(_order(values, maturity, close, strict=True))
    if ends_too_early:
        # Every other date of the loan would be reported too, for the same reason.
        yield from ends_too_early
        return
    yield from _inside(values, maturity, end)
    availability, interest_only = f"{name}.availability_end", f"{name}.interest_only_until"
    yield from _order(values, availability, close)
    yield from _order(values, availability, maturity, before=True)
    phases = chain(
        _order(values, completion, close),
        _order(values, completion, maturity, before=True),
        _order(values, interest_only, completion),
        _order(values, interest_only, maturity, before=True),
    )
    yield from islice(phases, 1)  # a second one would follow from the first
    if loan.draws is not None:
        yield from _draws(values, name, short(loan.label))


def _draws(values: Values, name: str, label: str) -> Iterator[Problem]:
    draws, commitment = values.points(f"{name}.draws"), values.number(f"{name}.commitment")
    drawn = sum(amount for _, amount in draws)
    if drawn > commitment * (1 + 1e-12):
        message = f"the draws of {label} sum to {drawn:,.3f}, more than the commitment of {commitment:,.3f}"
        yield Problem((f"{name}.draws", f"{name}.commitment"), message, f"at most {commitment:,.3f} in all")
    close, last = values.date(f"{name}.close"), values.date(f"{name}.availability_end")
    for date, _ in draws:
        if not close <= date <= last:
            names = (f"{name}.draws", f"{name}.close", f"{name}.availability_end")
            message = f"a draw of {label} is dated {date}, outside its availability"
            yield Problem(names, message, f"{close} to {last}")
            return


def _order(values: Values, name: str, other: str, *, before: bool = False, strict: bool = False) -> Iterator[Problem]:
    """``name`` on or after ``other`` (strictly after; or on or before it), the earlier one delayed."""
    early, late = (name, other) if before else (other, name)
    early_date, late_date = values.delayed(early), values.date(late)
    if early_date < late_date or (early_date == late_date and not strict):
        return
    date, limit = (early_date, late_date) if before else (late_date, early_date)
    relation = "after" if before else "not after" if strict else "before"
    allowed = f"on or before {limit}" if before else f"after {limit}" if strict else f"{limit} or later"
    message = f"{_words(values, name)} ({date}) is {relation} {_words(values, other, name)} ({limit})"
    if values.is_delayed(early):
        message += f", {values.delay} months of delay counted"
    yield Problem((name, other, *_delay(values, early)), message, allowed)


def _inside(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    date = values.delayed(name)
    if date > end:
        message = f"{_words(values, name)} ({date}) lies after the timeline ends on {end}"
        if values.is_delayed(name):
            message += f", {values.delay} months of delay counted"
        yield Problem((name, *_delay(values, name)), message, f"by {end}, or a later time.end")


def _delay(values: Values, name: str) -> tuple[str, ...]:
    return ("construction.delay",) if values.is_delayed(name) else ()


def _words(values: Values, name: str, beside: str = "") -> str:
    """The label of an input in a sentence; without the entry that ``beside`` names already."""
    label = values.quantities[name].label
    field, _, entry = label.partition(", ")
    if beside and entry and values.quantities[beside].label.endswith(f", {entry}"):
        return field.lower()
    return short(label)
