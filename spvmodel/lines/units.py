"""Dimensions of lines: money plus a rate is an error, a rate times a year fraction is a number.

A unit is written as a product: ``money``, ``money/yr``, ``1/yr``, ``USD/kW/month``. Every word is a
dimension of its own, so that a conversion is an explicit constant with a unit (``Number(12, "months/yr")``).
``date`` is a point in time: the difference of two dates is ``days``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from spvmodel.lines.errors import DimensionError
from spvmodel.lines.expr import COMPARISONS, Call, Expr, Number, Ref

_PLAIN = frozenset({"", "1", "x", "flag", "count", "factor", "share", "year", "index"})


@dataclass(frozen=True, slots=True)
class Dimension:
    """Powers of base units, sorted by name; ``point`` marks a date."""

    powers: tuple[tuple[str, int], ...] = ()
    point: bool = False

    def __str__(self) -> str:
        if self.point:
            return "date"
        if not self.powers:
            return "a plain number"
        above = "*".join(u for u, p in self.powers for _ in range(p) if p > 0) or "1"
        return above + "".join(f"/{u}" for u, p in self.powers for _ in range(-p) if p < 0)


PLAIN = Dimension()
DATE = Dimension(point=True)
DAYS = Dimension((("days", 1),))


@cache
def parse_unit(unit: str) -> Dimension:
    """The dimension of a unit string."""
    if unit == "date":
        return DATE
    powers: dict[str, int] = {}
    for position, part in enumerate(unit.split("/")):
        for word in part.split("*"):
            if word not in _PLAIN:
                powers[word] = powers.get(word, 0) + (1 if position == 0 else -1)
    return _dimension(powers)


def _dimension(powers: dict[str, int]) -> Dimension:
    return Dimension(tuple(sorted((u, p) for u, p in powers.items() if p)))


def _combine(a: Dimension, b: Dimension, sign: int) -> Dimension:
    powers = dict(a.powers)
    for unit, power in b.powers:
        powers[unit] = powers.get(unit, 0) + sign * power
    return _dimension(powers)


def check_dimension(name: str, unit: str, expr: Expr, units: dict[str, str]) -> None:
    """Raise :class:`DimensionError` unless ``expr`` has the dimension of ``unit``.

    ``units`` gives the unit of every line the formula may read.
    """
    try:
        found = _infer(expr, units)
        if found is not None and found != parse_unit(unit):
            raise DimensionError(f"the formula gives {found}, the line is declared in {unit or 'plain numbers'}")
    except DimensionError as error:
        raise DimensionError(f"{name}: {error}") from None


def _infer(expr: Expr, units: dict[str, str]) -> Dimension | None:
    """The dimension of a formula; None for what fits any (0 and N/A)."""
    if isinstance(expr, Number):
        return None if expr.value == 0 and not expr.unit else parse_unit(expr.unit)
    if isinstance(expr, Ref):
        return parse_unit(units[expr.name])
    assert isinstance(expr, Call)
    args = [_infer(arg, units) for arg in expr.args]
    op = expr.op
    if op == "na":
        return None
    if op in ("add", "sub"):
        return _sum(op, args[0], args[1])
    if op in ("mul", "div", "ratio"):
        return _product(-1 if op != "mul" else 1, args[0] or PLAIN, args[1] or PLAIN)
    if op in ("min", "max", "default", "sum_of"):
        return _same(op, args)
    if op in COMPARISONS:
        _same(op, args)
        return PLAIN
    if op == "where":
        _plain("the condition of where()", args[0])
        return _same(op, args[1:])
    if op in ("neg", "abs", "prev", "next", "lowest", "highest", "mean", "total", "at_lowest", "irr"):
        if op in ("lowest", "highest", "mean", "total") and len(args) == 2:
            _plain(f"the flag of {op}()", args[1])
        return PLAIN if op == "irr" else args[0]
    if op in ("sum_ahead", "sum_behind"):
        _same(f"the key and the limit of {op}()", args[1:])
        return args[0]
    if op == "xirr":
        return parse_unit("1/yr")
    if op in ("edate", "eomonth"):
        if args[0] != DATE or args[1] not in (None, parse_unit("months")):
            raise DimensionError(f"{op}() takes a date and months, not {args[0]} and {args[1]}")
        return DATE
    if op in ("year", "month", "day"):
        if args[0] != DATE:
            raise DimensionError(f"{op}() takes a date, not {args[0]}")
        return PLAIN
    if op in ("pow", "floor", "ln"):
        for arg in args:
            _plain(f"{op}()", arg)
        return PLAIN
    assert op == "defined", op
    return PLAIN


def _sum(op: str, a: Dimension | None, b: Dimension | None) -> Dimension | None:
    if a == DATE and b == DATE:
        if op == "sub":
            return DAYS
        raise DimensionError("two dates cannot be added")
    if a == DATE and b in (DAYS, None):
        return DATE
    return _same(op, [a, b])


def _product(sign: int, a: Dimension, b: Dimension) -> Dimension:
    if DATE in (a, b):
        raise DimensionError("a date cannot be multiplied or divided")
    return _combine(a, b, sign)


def _same(what: str, dimensions: list[Dimension | None]) -> Dimension | None:
    known = [d for d in dimensions if d is not None]
    if any(d != known[0] for d in known):
        raise DimensionError(f"{what} mixes " + " and ".join(str(d) for d in known))
    return known[0] if known else None


def _plain(what: str, dimension: Dimension | None) -> None:
    if dimension not in (None, PLAIN):
        raise DimensionError(f"{what} takes a plain number, not {dimension}")
