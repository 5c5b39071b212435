"""A line item: defined once, read by everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from spvmodel.lines.expr import Expr

_EPOCH: Final = date(1899, 12, 30)


def serial(day: date) -> float:
    """A date as the number spreadsheets use: days since 30 December 1899."""
    return float((day - _EPOCH).days)


def from_serial(number: float) -> date:
    """The date behind a spreadsheet's day number."""
    return _EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the model.

    ``expr`` is None for an input. A series has a value per period and one before the first period, its
    ``opening``; a scalar has one value. ``total`` marks flows whose sum over time means something.
    ``names`` are the words for the values 1, 2, 3 of a line that chooses.
    ``base`` is the plain name and ``turn`` the number of a feedback pass; 0 is the model itself.
    """

    name: str
    label: str
    unit: str
    section: str
    expr: Expr | None
    series: bool
    group: str = ""
    note: str = ""
    opening: Expr | None = None
    total: bool = False
    base: str = ""
    turn: int = 0
    names: tuple[str, ...] = ()

    @property
    def is_input(self) -> bool:
        """Whether the line is given rather than computed."""
        return self.expr is None


@dataclass(frozen=True, slots=True)
class Input:
    """What an input line holds, and where it comes from.

    ``value`` is a number for a scalar and one number per period for a series. ``cases`` holds the values of
    the cases that override it, by case name. ``low`` and ``high`` bound what makes sense, in the line's unit.
    """

    name: str
    value: float | tuple[float, ...]
    text: str = ""
    source: str = ""
    status: str = ""
    note: str = ""
    as_of: str = ""
    cases: tuple[tuple[str, float | tuple[float, ...]], ...] = ()
    low: float | None = None
    high: float | None = None

    def in_case(self, case: str) -> float | tuple[float, ...]:
        """The value in one case: the case's own, or the base value."""
        return dict(self.cases).get(case, self.value)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A loop, cut at one line: ``name`` starts at ``start`` and is then what ``fed_by`` was a pass before."""

    name: str
    start: Expr
    fed_by: str
    passes: int


@dataclass(frozen=True, slots=True)
class Check:
    """An identity of the model: line ``value`` may not exceed line ``tolerance`` (0 if ""); line ``passed`` is 0/1."""

    name: str
    value: str
    tolerance: str
    passed: str


@dataclass(frozen=True, slots=True)
class Ring:
    """The lines of one loop in order of evaluation, and the feedbacks that cut it."""

    names: tuple[str, ...]
    feedbacks: tuple[Feedback, ...]
    passes: int


@dataclass(frozen=True, slots=True)
class Block:
    """Lines evaluated together: period by period forwards (1), backwards (-1), or in any order (0)."""

    names: tuple[str, ...]
    direction: int
