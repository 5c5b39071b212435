"""How every loan was sized: the capacity of each constraint, its headroom, and which one binds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from spvmodel.engine import Result
from spvmodel.report.format import chosen

_NO_LIMIT: Final = 1e9
"""Capacity (money) of a constraint that limits nothing, as the model writes it."""
_TAKEOUT: Final = "takeout"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint: its capacity and headroom over the size (money), nan where it does not limit the loan."""

    key: str
    label: str
    capacity: float
    headroom: float
    lines: tuple[str, ...]

    @property
    def limits(self) -> bool:
        """Whether the constraint applies in this case."""
        return not math.isnan(self.capacity)


@dataclass(frozen=True, slots=True)
class Sized:
    """A loan that is sized: its size (money), the constraint that binds and the one that would bind next."""

    loan: str
    label: str
    size: float
    binding: Constraint
    second: Constraint | None
    constraints: tuple[Constraint, ...]
    lines: tuple[str, ...]


def sized(result: Result) -> list[Sized]:
    """Every loan that is sized, in the order of the deal file, then a take-out that several constraints limit."""
    found = re.compile(r"sizing\.(\w+)\.binding")
    loans = [match[1] for name in result.model_lines() if (match := found.fullmatch(name))]
    rows = [_loan(result, loan) for loan in loans]
    return rows + ([_takeout(result)] if "debt.takeout.binding" in result.values else [])


def _loan(result: Result, loan: str) -> Sized:
    at = f"sizing.{loan}"
    ends = [name for name in result.model_lines() if name.startswith(f"{at}.") and name.endswith("_headroom")]
    keys = [name.removeprefix(f"{at}.").removesuffix("_headroom") for name in ends]
    labels = result.model.lines[f"{at}.binding"].names
    limits = []
    for key, label in zip(keys, labels, strict=True):
        names = (f"{at}.{key}", f"{at}.{key}_headroom")
        limits.append(_constraint(key, label, result.scalar(names[0]), result.scalar(names[1]), names))
    told = dict(result.model.about.get("sized", {})).get(loan, {})  # type: ignore[call-overload]
    return _sized(result, loan, told.get("label", loan), f"{at}.size", f"{at}.binding", limits)


def _takeout(result: Result) -> Sized:
    at, size = "debt.takeout", "debt.takeout.capacity"
    limits = []
    for label in result.model.lines[f"{at}.binding"].names:
        key = label.lower().replace(" ", "_")
        capacity = result.scalar(f"{size}_{key}")
        room = capacity - result.scalar(size)
        limits.append(_constraint(key, label[:1].upper() + label[1:], capacity, room, (f"{size}_{key}",)))
    return _sized(result, _TAKEOUT, "Take-out", size, f"{at}.binding", limits)


def _constraint(key: str, label: str, capacity: float, headroom: float, lines: tuple[str, ...]) -> Constraint:
    if capacity >= _NO_LIMIT:
        capacity = headroom = math.nan
    return Constraint(key, label, capacity, headroom, lines)


def _sized(result: Result, loan: str, label: str, size: str, binding: str, limits: list[Constraint]) -> Sized:
    name = chosen(result.scalar(binding), result.model.lines[binding].names).lower()
    binds = next(limit for limit in limits if limit.label.lower() == name)
    others = [limit for limit in limits if limit is not binds and limit.limits]
    after = min(others, key=lambda limit: limit.headroom, default=None)
    lines = (*(line for limit in limits for line in limit.lines), size, binding)
    return Sized(loan, label, result.scalar(size), binds, after, tuple(limits), lines)
