"""The values of one case, and what is said where they do not fit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from spvmodel.deal.quantity import Quantity
from spvmodel.deal.timeline import add_months, lease_end

A_DAY = dt.timedelta(days=1)

# What construction.delay moves.
_MOVING = {"spending_end", "commencement", "availability_end", "completion", "first_test"}


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
        """Last day of a lease with the renewals that may come about."""
        last, at = self.first_term_end(lease), f"lease.{lease}.renewals."
        for name in self.quantities:
            if name.startswith(at) and name.endswith(".probability"):
                if self.number(name) <= 0:
                    break
                term = int(self.number(f"{name.removesuffix('.probability')}.term"))
                last = lease_end(last + dt.timedelta(days=1), term, 0)
        return last

    def first_term_end(self, lease: str) -> dt.date:
        """Last day of a lease without renewal: its expiry, or its term counted from the delayed commencement."""
        if f"lease.{lease}.expiry" in self:
            return self.date(f"lease.{lease}.expiry")
        term = int(self.number(f"lease.{lease}.term"))
        return lease_end(self.date(f"lease.{lease}.commencement"), term, self.delay)
