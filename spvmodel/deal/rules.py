"""What must hold between the values of a deal, in the base case and in every other case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spvmodel.deal.quantity import Quantity
from spvmodel.deal.schema import DealSpec, Debt
from spvmodel.deal.timeline import lease_end


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

    def lease_end(self, lease: str) -> dt.date:
        """Last day of a lease: its expiry, or its term counted from the delayed commencement."""
        if f"lease.{lease}.expiry" in self:
            return self.date(f"lease.{lease}.expiry")
        months = int(self.number(f"lease.{lease}.term")), int(self.number("construction.delay"))
        return lease_end(self.date(f"lease.{lease}.commencement"), *months)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], end: dt.date) -> Iterator[Problem]:
    """Every rule the values of one case break; ``end`` is the last period end of the timeline."""
    values = Values(quantities)
    yield from _general(values)
    for key in spec.building:
        yield from _order(
            values, f"building.{key}.spending_end", f"building.{key}.spending_start", strict=True
        )
        yield from _inside(values, f"building.{key}.spending_end", end)
    for key in spec.lease:
        yield from _lease(values, key, end)
    for key, loan in spec.debt.items():
        yield from _loan(values, f"debt.{key}", loan, end)
        if spec.takeout is not None:
            yield from _order(values, "takeout.final_maturity", f"debt.{key}.maturity", strict=True)
    if spec.takeout is not None:
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


def _lease(values: Values, key: str, end: dt.date) -> Iterator[Problem]:
    name = f"lease.{key}"
    if f"{name}.expiry" in values:
        yield from _order(values, f"{name}.expiry", f"{name}.commencement", strict=True)
        yield from _inside(values, f"{name}.expiry", end)
        return
    term, free = values.number(f"{name}.term"), values.number(f"{name}.free_rent")
    if free > term:
        message = f"the rent-free period of {free:.0f} months is longer than the lease of {term:.0f} months"
        yield Problem((f"{name}.free_rent", f"{name}.term"), message, f"at most {term:.0f} months")
    last = values.lease_end(key)
    if last > end:
        names = (f"{name}.term", f"{name}.commencement", "construction.delay")
        message = f"the lease ends on {last}, after the timeline ends on {end}"
        yield Problem(names, message, f"a lease that ends by {end}, or a later time.end")


def _loan(values: Values, name: str, loan: Debt, end: dt.date) -> Iterator[Problem]:
    close, maturity, completion = f"{name}.close", f"{name}.maturity", f"{name}.completion"
    yield from _order(values, close, "time.close")
    ends_too_early = list(_order(values, maturity, close, strict=True))
    if ends_too_early:
        # Every other date of the loan would be reported too, for the same reason.
        yield from ends_too_early
        return
    yield from _inside(values, maturity, end)
    for date in (f"{name}.availability_end", completion):
        yield from _order(values, date, close)
        yield from _order(values, date, maturity, before=True)
    yield from _order(values, f"{name}.interest_only_until", completion)
    yield from _order(values, f"{name}.interest_only_until", maturity, before=True)
    if loan.draws is not None:
        yield from _draws(values, name)


def _draws(values: Values, name: str) -> Iterator[Problem]:
    draws, commitment = values.points(f"{name}.draws"), values.number(f"{name}.commitment")
    drawn = sum(amount for _, amount in draws)
    if drawn > commitment * (1 + 1e-12):
        message = f"the draws sum to {drawn:,.3f}, more than the commitment of {commitment:,.3f}"
        yield Problem((f"{name}.draws", f"{name}.commitment"), message, f"at most {commitment:,.3f} in all")
    close, last = values.date(f"{name}.close"), values.date(f"{name}.availability_end")
    for date, _ in draws:
        if not close <= date <= last:
            names = (f"{name}.draws", f"{name}.close", f"{name}.availability_end")
            yield Problem(
                names, f"a draw is dated {date}, outside the availability of the loan", f"{close} to {last}"
            )
            return


def _order(
    values: Values, name: str, other: str, *, before: bool = False, strict: bool = False
) -> Iterator[Problem]:
    """``name`` on or after ``other`` (strictly after; or on or before it)."""
    date, limit = values.date(name), values.date(other)
    wrong = date > limit if before else date <= limit if strict else date < limit
    if wrong:
        relation = "after" if before else "not after" if strict else "before"
        allowed = f"on or before {limit}" if before else f"after {limit}" if strict else f"{limit} or later"
        message = f"{_words(values, name)} ({date}) is {relation} {_words(values, other, name)} ({limit})"
        yield Problem((name, other), message, allowed)


def _inside(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    date = values.date(name)
    if date > end:
        message = f"{_words(values, name)} ({date}) lies after the timeline ends on {end}"
        yield Problem((name,), message, f"by {end}, or a later time.end")


def _words(values: Values, name: str, beside: str = "") -> str:
    """The label of an input in a sentence; without the entry that ``beside`` names already."""
    label = values.quantities[name].label
    field, _, entry = label.partition(", ")
    if beside and entry and values.quantities[beside].label.endswith(f", {entry}"):
        return field.lower()
    return label
