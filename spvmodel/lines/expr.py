"""Expressions over lines: what a formula of the model is made of.

An expression is a small immutable tree of three kinds of node. It knows nothing of how it is evaluated or
written; the engine, the workbook and the trace each read the same tree.

Three families of operation differ in which periods of a line they look at:

- *elementwise*: this period only (``a + b``, :func:`where`, :func:`edate`);
- *shifts*: the period before or after (:func:`prev`, :func:`next_`);
- *ranges*: many periods at once (:func:`total`, :func:`sum_ahead`, :func:`xirr`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import is_
from typing import Final, Union

Operand = Union["Expr", float, int]

ELEMENTWISE: Final[dict[str, int]] = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "neg": 1, "abs": 1, "floor": 1, "ln": 1,
    "min": 2, "max": 2, "where": 3,
    "lt": 2, "le": 2, "gt": 2, "ge": 2, "eq": 2, "ne": 2,
    "edate": 2, "eomonth": 2, "year": 1, "month": 1, "day": 1,
    "na": 0, "ratio": 2, "default": 2, "defined": 1,
}  # fmt: skip
"""Elementwise operations and how many arguments each takes."""

SHIFTS: Final[dict[str, int]] = {"prev": -1, "next": 1}
"""Shifts and the period they read, relative to this one."""

WINDOWS: Final[dict[str, int]] = {"sum_behind": -1, "sum_ahead": 1}
"""Sums over a moving window of one line, and the side of this period on which the window lies."""

TERMINAL: Final = frozenset({"total", "lowest", "highest", "mean", "at_lowest", "irr", "xirr"})
"""Operations that turn whole lines into one scalar."""

COMPARISONS: Final[dict[str, str]] = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=", "ne": "<>"}


class Expr:
    """A node of a formula. Python's operators build larger formulas out of it; comparisons give 0 or 1."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __add__(self, other: Operand) -> Expr:
        return call("add", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return call("add", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return call("sub", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return call("sub", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return call("mul", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return call("mul", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return call("div", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return call("div", other, self)

    def __pow__(self, other: Operand) -> Expr:
        return call("pow", self, other)

    def __neg__(self) -> Expr:
        return call("neg", self)

    def __lt__(self, other: Operand) -> Expr:
        return call("lt", self, other)

    def __le__(self, other: Operand) -> Expr:
        return call("le", self, other)

    def __gt__(self, other: Operand) -> Expr:
        return call("gt", self, other)

    def __ge__(self, other: Operand) -> Expr:
        return call("ge", self, other)

    def __bool__(self) -> bool:
        raise TypeError("a formula has no truth value; use where(), equal() or a product of flags")


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A universal constant written in a formula, with its unit: ``Number(12, "months/yr")``."""

    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Ref(Expr):
    """The value of a line: of this period for a series, its one value for a scalar."""

    name: str


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """An operation on other expressions."""

    op: str
    args: tuple[Expr, ...]


def lift(value: Operand) -> Expr:
    """``value`` as an expression; a plain number becomes a dimensionless :class:`Number`."""
    return value if isinstance(value, Expr) else Number(float(value))


def call(op: str, *args: Operand) -> Expr:
    """An operation node. The functions below are the readable way to make one."""
    return Call(op, tuple(lift(a) for a in args))


def minimum(first: Operand, *others: Operand) -> Expr:
    """The smallest of the values."""
    return reduce(lambda a, b: call("min", a, b), others, lift(first))


def maximum(first: Operand, *others: Operand) -> Expr:
    """The largest of the values."""
    return reduce(lambda a, b: call("max", a, b), others, lift(first))


def absolute(a: Operand) -> Expr:
    """The size of a value without its sign."""
    return call("abs", a)


def floor(a: Operand) -> Expr:
    """The largest whole number not above ``a``."""
    return call("floor", a)


def ln(a: Operand) -> Expr:
    """The natural logarithm of a plain number above 0."""
    return call("ln", a)


def equal(a: Operand, b: Operand) -> Expr:
    """1 where the two values are the same, else 0."""
    return call("eq", a, b)


def where(condition: Operand, then: Operand, otherwise: Operand) -> Expr:
    """``then`` where the condition is not 0, else ``otherwise``."""
    return call("where", condition, then, otherwise)


def ratio(numerator: Operand, denominator: Operand) -> Expr:
    """The quotient, or N/A where the denominator is 0."""
    return call("ratio", numerator, denominator)


def na() -> Expr:
    """Not applicable: a value of its own, never 0, left out of minima and means."""
    return call("na")


def default(value: Operand, otherwise: Operand) -> Expr:
    """``value``, or ``otherwise`` where ``value`` is N/A."""
    return call("default", value, otherwise)


def defined(value: Operand) -> Expr:
    """1 where ``value`` is a number, 0 where it is N/A."""
    return call("defined", value)


def edate(date: Operand, months: Operand) -> Expr:
    """The same day ``months`` later, or that month's last day where it has no such day (Excel EDATE)."""
    return call("edate", date, months)


def eomonth(date: Operand, months: Operand) -> Expr:
    """The last day of the month ``months`` later (Excel EOMONTH)."""
    return call("eomonth", date, months)


def year(date: Operand) -> Expr:
    """The calendar year of a date."""
    return call("year", date)


def month(date: Operand) -> Expr:
    """The month of a date in its year, 1 to 12."""
    return call("month", date)


def day(date: Operand) -> Expr:
    """The day of a date in its month, 1 to 31."""
    return call("day", date)


def prev(line: Ref) -> Expr:
    """The line one period earlier; in the first period its opening value (the before-the-model column)."""
    return call("prev", line)


def next_(line: Ref) -> Expr:
    """The line one period later; 0 after the last period."""
    return call("next", line)


def total(line: Ref, flag: Ref | None = None) -> Expr:
    """The sum over all periods, or over those in which ``flag`` is 1."""
    return call("total", line) if flag is None else call("total", line, flag)


def lowest(line: Ref, flag: Ref | None = None) -> Expr:
    """The smallest value that is not N/A (where ``flag`` is 1, if given); N/A when there is none."""
    return call("lowest", line) if flag is None else call("lowest", line, flag)


def highest(line: Ref, flag: Ref | None = None) -> Expr:
    """The largest value that is not N/A (where ``flag`` is 1, if given); N/A when there is none."""
    return call("highest", line) if flag is None else call("highest", line, flag)


def mean(line: Ref, flag: Ref | None = None) -> Expr:
    """The mean of the values that are not N/A (where ``flag`` is 1, if given); N/A when there is none."""
    return call("mean", line) if flag is None else call("mean", line, flag)


def at_lowest(key: Ref, line: Ref) -> Expr:
    """``key`` in the first period in which ``line`` takes its smallest value; N/A when it has none."""
    return call("at_lowest", key, line)


def sum_ahead(line: Ref, key: Ref, limit: Ref) -> Expr:
    """The sum of ``line`` over later periods whose ``key`` is at most this period's ``limit``.

    ``key`` must not decrease over time; this period itself is left out.
    """
    return call("sum_ahead", line, key, limit)


def sum_behind(line: Ref, key: Ref, limit: Ref) -> Expr:
    """The sum of ``line`` over periods up to and including this one whose ``key`` is above this ``limit``."""
    return call("sum_behind", line, key, limit)


def sum_of(*lines: Ref) -> Expr:
    """The sum of any number of lines."""
    return call("sum_of", *lines)


def irr(flows: Ref) -> Expr:
    """The rate per period at which the flows of all periods have no net present value; N/A when none."""
    return call("irr", flows)


def xirr(flows: Ref, dates: Ref) -> Expr:
    """The effective annual rate (actual days / 365) at which dated flows have no net present value.

    N/A when all flows have one sign. Convention: definitions, section 4 (Excel XIRR).
    """
    return call("xirr", flows, dates)


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of a formula, outermost first."""
    yield expr
    if isinstance(expr, Call):
        for arg in expr.args:
            yield from walk(arg)


def references(expr: Expr) -> Iterator[tuple[str, str]]:
    """Every line a formula reads, with how it reads it.

    Yields ``(name, reach)``; ``reach`` is ``"now"``, ``"before"``, ``"after"``, ``"until"`` (a window that
    ends with this period) or ``"all"``.
    """
    if isinstance(expr, Ref):
        yield expr.name, "now"
    elif isinstance(expr, Call):
        reaches = _reaches(expr)
        for arg, reach in zip(expr.args, reaches, strict=True):
            if reach == "now":
                yield from references(arg)
            elif isinstance(arg, Ref):
                yield arg.name, reach
            else:
                raise TypeError(f"{expr.op}() reads a line, not a formula: give that formula a line of its own")


def _reaches(expr: Call) -> list[str]:
    """How each argument of an operation is read."""
    if expr.op in SHIFTS:
        return ["before" if SHIFTS[expr.op] < 0 else "after"]
    if expr.op in WINDOWS:
        side = "until" if WINDOWS[expr.op] < 0 else "after"
        return [side, side, "now"]
    if expr.op in TERMINAL:
        return ["all"] * len(expr.args)
    return ["now"] * len(expr.args)


def rename(expr: Expr, names: dict[str, str]) -> Expr:
    """The same formula with some lines replaced by others; what does not change is not copied."""
    if isinstance(expr, Ref):
        return Ref(names[expr.name]) if expr.name in names else expr
    if isinstance(expr, Call):
        args = tuple([rename(arg, names) for arg in expr.args])
        return expr if all(map(is_, args, expr.args)) else Call(expr.op, args)
    return expr
