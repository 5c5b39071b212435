"""Where a number comes from: its formula, what the formula read, and so on down to inputs and their sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from spvmodel.engine import Result
from spvmodel.lines import Call, Expr, Input, Ref, from_serial
from spvmodel.lines.expr import SHIFTS, TERMINAL, WINDOWS
from spvmodel.workbook import formula_in_names, layout

DEPTH = 3
"""Levels of precedents that :func:`trace` follows unless told otherwise."""


class UnknownName(LookupError):
    """No line or period of that name; ``nearest`` holds the names most like it."""

    def __init__(self, message: str, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Step:
    """One number of the model and what it was made of.

    Attributes:
        name, label, unit: the line.
        period: 1-based period of the value, 0 for the opening column, None for a scalar.
        number: what the model counts that period as; 0 is financial close where it stands on its own.
        end: end of that period; None for a scalar and for the opening column.
        value: in the unit of the line (a date is a spreadsheet day number); nan is N/A.
        formula: in the names of lines; empty for an input.
        in_values: the same formula with the numbers it read.
        cell: where the workbook shows the number.
        read: what the formula above read of this line, when that was more than one value.
        given: the record of an input, with its source and status.
        changed: whether the case of the result sets this input.
        precedents: what the formula read, in its own order.
        elsewhere: the precedents stand elsewhere in the tree, at least as near its root, and are not repeated.
    """

    name: str
    label: str
    unit: str
    period: int | None
    number: int | None
    end: date | None
    value: float
    formula: str
    in_values: str
    cell: str
    read: str = ""
    given: Input | None = None
    changed: bool = False
    precedents: tuple[Step, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """One reading of a line by a formula: the period that stands for it, and what else was read."""

    name: str
    period: int | None
    what: str = ""

    @property
    def key(self) -> tuple[str, int | None]:
        """The value that is read."""
        return self.name, self.period


def period_of(result: Result, text: str) -> int:
    """The position, from 1, of the period a user means by its number, or by a date (ISO) that lies in it.

    The first day of a period is the day after the end of the one before; a date on a boundary belongs to the
    period that ends there. Raises :class:`UnknownName`.
    """
    ends = [from_serial(day) for day in result.series("time.end")]
    if text.isdecimal():
        numbers = _numbers(result)
        if int(text) in numbers:
            return numbers.index(int(text)) + 1
        raise UnknownName(f"there is no period {text}: they run from {numbers[0]} to {numbers[-1]}")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnknownName(f"{text!r} is neither a period number nor a date such as {ends[-1]}") from None
    first = from_serial(result.series("time.start")[0])
    for number, end in enumerate(ends, 1):
        if first <= day <= end:
            return number
    raise UnknownName(f"no period contains {day}: they run from {first} to {ends[-1]}")


def _numbers(result: Result) -> list[int]:
    """What the model counts its periods as, from 1, or from 0 where financial close stands on its own."""
    return [int(number) for number in result.series("time.number")]


def trace(result: Result, name: str, period: int | None = None, depth: int = DEPTH) -> Step:
    """The tree behind one value, ``depth`` levels down, and the inputs that the last level reads.

    A formula over many periods is followed at one of them, which ``read`` names: the lowest for a minimum, the
    largest flow for a total or an IRR. A value already followed is not followed twice. Raises
    :class:`UnknownName` for a line the model does not have and for a series without a period.
    """
    lines = result.model.lines
    if name not in lines:
        own = [known for known in lines if "@" not in known]
        nearest = get_close_matches(name, own, 3, 0.5) or [known for known in own if name in known][:3]
        raise UnknownName(f"there is no line {name!r}", tuple(nearest))
    if lines[name].series and period is None:
        raise UnknownName(f"{name} has a value in every period: give one, as a date or a number")
    if not lines[name].series:
        period = None
    return _Walk(result, _Read(name, period), depth).tree()


class _Walk:
    """One walk from a value down the graph."""

    def __init__(self, result: Result, root: _Read, depth: int) -> None:
        self.result = result
        self.model = result.model
        self.place = layout(result.model)
        self.numbers = _numbers(result)
        self.root = root
        self.levels = self._levels(depth)
        self.followed: set[tuple[str, int | None]] = set()

    def _levels(self, depth: int) -> dict[tuple[str, int | None], int]:
        """The level nearest the root on which each value is followed, the root on 0."""
        levels: dict[tuple[str, int | None], int] = {}
        reads = [self.root]
        for level in range(depth):
            found: list[_Read] = []
            for read in reads:
                expr = self.formula(read)
                if expr is not None and read.key not in levels:
                    levels[read.key] = level
                    found += self.reads(expr, read.period)
            reads = found
        return levels

    def tree(self) -> Step:
        """The root with its precedents."""
        return self._step(self.root, 0)

    def _step(self, read: _Read, level: int) -> Step:
        line, expr = self.model.lines[read.name], self.formula(read)
        here = self.levels.get(read.key) == level and read.key not in self.followed
        precedents: list[Step] = []
        if expr is not None and here:
            self.followed.add(read.key)
            reads = {found.key: found for found in self.reads(expr, read.period)}
            precedents = [self._step(found, level + 1) for found in reads.values()]
        elif expr is not None and read.key not in self.levels:
            # The last level: what it takes from the deal file is shown, for that is where numbers come from.
            reads = {found.key: found for found in self.reads(expr, read.period)}
            precedents = [self._step(found, level + 1) for found in reads.values() if found.name in self.model.inputs]
        given = self.model.inputs.get(read.name)
        return Step(
            line.name,
            line.label,
            line.unit,
            read.period,
            self.numbers[read.period - 1] if read.period else None,
            from_serial(self.result.series("time.end")[read.period - 1]) if read.period else None,
            _value(self.result, read.name, read.period),
            formula_in_names(expr) if expr is not None else "",
            formula_in_names(self.with_values(expr, read.period)) if expr is not None else "",
            self.place.cell(read.name, read.period),
            read.what,
            given,
            given is not None and self.result.case in dict(given.cases),
            tuple(precedents),
            read.key in self.levels and not here,
        )

    def formula(self, read: _Read) -> Expr | None:
        """The formula behind a value; None for an input and an opening column that is not used."""
        line = self.model.lines[read.name]
        return line.opening if read.period == 0 else line.expr

    def reads(self, expr: Expr, period: int | None) -> Iterator[_Read]:
        """Every line a formula reads, in its order."""
        if isinstance(expr, Ref):
            yield _Read(expr.name, period if self.model.lines[expr.name].series else None)
        elif isinstance(expr, Call):
            if expr.op in SHIFTS or expr.op in WINDOWS or expr.op in TERMINAL:
                yield from self.across(expr, period)
            else:
                for arg in expr.args:
                    yield from self.reads(arg, period)

    def across(self, expr: Call, period: int | None) -> Iterator[_Read]:
        """The readings of an operation that looks at other periods than this one."""
        first, *others = (_name(arg) for arg in expr.args)
        if expr.op in SHIFTS:
            assert period is not None
            beside = period + SHIFTS[expr.op]
            if beside <= self.model.periods:
                yield _Read(first, beside)
        elif expr.op in WINDOWS:
            assert period is not None
            window = self.window(expr, period)
            if window:
                at = window[0] if WINDOWS[expr.op] > 0 else window[-1]
                yield _Read(first, at, self.span(window))
            yield from self.reads(expr.args[2], period)
        else:
            yield from self.over_all(expr.op, first, others)

    def over_all(self, op: str, first: str, others: list[str]) -> Iterator[_Read]:
        """The readings of an operation over all periods, each at the period that decides it."""
        ranked = others[0] if op == "at_lowest" else first
        flag = others[0] if others and op in ("total", "lowest", "highest", "mean") else None
        values = {
            t: value
            for t, value in enumerate(self.result.series(ranked), 1)
            if not math.isnan(value) and (flag is None or _value(self.result, flag, t) != 0.0)
        }
        if not values:
            return
        if op in ("lowest", "at_lowest"):
            at, why = min(values, key=values.__getitem__), "the lowest"
        elif op == "highest":
            at, why = max(values, key=values.__getitem__), "the highest"
        else:
            at, why = max(values, key=lambda t: abs(values[t])), "the largest"
        what = f"{why} of {len(values)} periods"
        for name in (first, *others):
            yield _Read(name, at, what)

    def window(self, expr: Call, period: int) -> list[int]:
        """The periods that a moving sum covers at this one."""
        key, limit = self.result.series(_name(expr.args[1])), _value(self.result, _name(expr.args[2]), period)
        if WINDOWS[expr.op] > 0:
            return [t for t in range(period + 1, len(key) + 1) if key[t - 1] <= limit]
        return [t for t in range(1, period + 1) if key[t - 1] > limit]

    def span(self, window: list[int]) -> str:
        ends = self.result.series("time.end")
        first, last = (from_serial(ends[t - 1]) for t in (window[0], window[-1]))
        return f"one of {len(window)} periods, which end {first} to {last}"

    def with_values(self, expr: Expr, period: int | None) -> Expr:
        """The formula with every line replaced by the value read; an operation over periods by its result."""
        if isinstance(expr, Ref):
            here = period if self.model.lines[expr.name].series else None
            return self.written(expr.name, _value(self.result, expr.name, here))
        if not isinstance(expr, Call):
            return expr
        if expr.op in SHIFTS:
            assert period is not None
            beside, name = period + SHIFTS[expr.op], _name(expr.args[0])
            return self.written(name, _value(self.result, name, beside) if beside <= self.model.periods else 0.0)
        if expr.op in WINDOWS:
            assert period is not None
            name = _name(expr.args[0])
            parts = [self.written(name, _value(self.result, name, t)) for t in self.window(expr, period)]
            return Call("sum_of", tuple(parts)) if parts else Ref("0")
        if expr.op in TERMINAL:
            return Call(expr.op, (Ref(f"{self.model.periods} periods of {_name(expr.args[0])}"),))
        return Call(expr.op, tuple(self.with_values(arg, period) for arg in expr.args))

    def written(self, name: str, value: float) -> Ref:
        """A value as it stands in a formula, in the place of a name."""
        if math.isnan(value):
            return Ref("n/a")
        if self.model.lines[name].unit == "date":
            return Ref(from_serial(value).isoformat())
        text = f"{value:.10g}"
        return Ref(f"({text})" if value < 0 else text)


def _value(result: Result, name: str, period: int | None) -> float:
    """One value of a line: of a period, of the opening column (0), or of a scalar (None)."""
    value = result.values[name]
    if isinstance(value, float):
        return value
    assert period is not None
    return value[period]


def _name(expr: Expr) -> str:
    assert isinstance(expr, Ref)
    return expr.name
