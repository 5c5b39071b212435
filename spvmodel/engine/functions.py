"""What each operation does to floats, wherever an operator of Python does not already say it.

N/A is nan. Sums are rounded once, at the end, so that their value does not depend on the order of the terms;
the engine for many cases gives the same bits.
"""

from __future__ import annotations

import math
import operator
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from spvmodel.engine import dates, roots

NAN: Final = float("nan")
Windows: TypeAlias = list[slice]
"""The window of every period, by its number; that of the opening value is empty."""


def floor(a: float) -> float:
    """The largest whole number not above ``a``."""
    return float(math.floor(a))


def ratio(a: float, b: float) -> float:
    """``a / b``, N/A where ``b`` is 0."""
    return a / b if b != 0.0 else NAN


def default(a: float, b: float) -> float:
    """``a``, or ``b`` where ``a`` is N/A."""
    return a if a == a else b


def defined(a: float) -> float:
    """1 where ``a`` is a number, 0 where it is N/A."""
    return 1.0 if a == a else 0.0


def sum_of(*terms: float) -> float:
    """The sum of any number of scalars."""
    return math.fsum(terms)


def total(line: Sequence[float], flag: Sequence[float] | None = None) -> float:
    """The sum over the periods, each weighted with its flag."""
    return math.fsum(line if flag is None else (x * f for x, f in zip(line, flag, strict=True)))


def lowest(line: Sequence[float], flag: Sequence[float] | None = None) -> float:
    """The smallest number where the flag is 1, N/A when there is none."""
    return min(_numbers(line, flag), default=NAN)


def highest(line: Sequence[float], flag: Sequence[float] | None = None) -> float:
    """The largest number where the flag is 1, N/A when there is none."""
    return max(_numbers(line, flag), default=NAN)


def mean(line: Sequence[float], flag: Sequence[float] | None = None) -> float:
    """The mean of the numbers where the flag is 1, N/A when there is none."""
    numbers = _numbers(line, flag)
    return math.fsum(numbers) / len(numbers) if numbers else NAN


def at_lowest(key: Sequence[float], line: Sequence[float]) -> float:
    """``key`` where ``line`` first takes its smallest number, N/A when it has none."""
    low = lowest(line)
    return key[line.index(low)] if low == low else NAN


def ahead(key: Sequence[float], limit: float, t: int) -> range:
    """The periods after ``t`` whose key is at most ``limit``; ``key[0]`` and ``key[-1]`` are no periods.

    A key never decreases over time, so that halving finds the end: a window of a year is no longer in months.
    """
    return range(t + 1, bisect_right(key, limit, t + 1, len(key) - 1))


def behind(key: Sequence[float], limit: float, t: int) -> range:
    """The periods up to and with ``t`` whose key is above ``limit``; ``key[0]`` is no period."""
    return range(bisect_right(key, limit, 1, t + 1), t + 1)


def sum_ahead(line: Sequence[float], key: Sequence[float], limit: float, t: int) -> float:
    """The sum of ``line`` over the periods :func:`ahead`."""
    window = ahead(key, limit, t)
    return math.fsum(line[window.start : window.stop])


def sum_behind(line: Sequence[float], key: Sequence[float], limit: float, t: int) -> float:
    """The sum of ``line`` over the periods :func:`behind`."""
    window = behind(key, limit, t)
    return math.fsum(line[window.start : window.stop])


def windows_ahead(key: Sequence[float], limit: Sequence[float], known: list[Windows]) -> Windows:
    """The periods :func:`ahead` of every period, by its number: windows that are known, where they are the same."""
    return _windows(ahead, key, limit, known)


def windows_behind(key: Sequence[float], limit: Sequence[float], known: list[Windows]) -> Windows:
    """The periods :func:`behind` every period, by its number: windows that are known, where they are the same."""
    return _windows(behind, key, limit, known)


def _windows(
    of: Callable[[Sequence[float], float, int], range],
    key: Sequence[float],
    limit: Sequence[float],
    known: list[Windows],
) -> Windows:
    keys = [*key, 0.0]
    windows = (of(keys, limit[t], t) for t in range(1, len(key)))
    found = [slice(0, 0), *[slice(window.start, window.stop) for window in windows]]
    for same in known:
        if same == found:
            return same
    known.append(found)
    return found


def sums(line: array[float], windows: Windows, known: dict[tuple[int, int], list[float]]) -> list[float]:
    """The sum of a line over the window of every period: a list that is known, where line and windows are the same.

    Both must be there for as long as ``known`` is, which tells them by their identity.
    """
    same = id(line), id(windows)
    if same not in known:
        known[same] = list(map(math.fsum, map(line.tolist().__getitem__, windows)))
    return known[same]


def _numbers(line: Sequence[float], flag: Sequence[float] | None) -> list[float]:
    if flag is None:
        return [x for x in line if x == x]
    return [x for x, f in zip(line, flag, strict=True) if x == x and f == 1.0]


NAMED: Final[dict[str, Callable[..., float]]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "pow": math.pow,
    "floor": floor,
    "ln": math.log,
    "edate": dates.edate,
    "eomonth": dates.eomonth,
    "year": dates.year,
    "month": dates.month,
    "day": dates.day,
    "ratio": ratio,
    "default": default,
    "defined": defined,
    "sum_of": sum_of,
    "total": total,
    "lowest": lowest,
    "highest": highest,
    "mean": mean,
    "at_lowest": at_lowest,
    "sum_ahead": sum_ahead,
    "sum_behind": sum_behind,
    "irr": roots.irr,
    "xirr": roots.xirr,
}
"""Operations that generated Python calls by name."""

WINDOWS: Final[dict[str, Callable[..., Windows]]] = {
    "sum_ahead": windows_ahead,
    "sum_behind": windows_behind,
}
"""What finds the windows of every period, by the operation that sums over them."""


def _flag(test: Callable[[float, float], bool]) -> Callable[..., float]:
    return lambda a, b: 1.0 if test(a, b) else 0.0


ELEMENTWISE: Final[dict[str, Callable[..., float]]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    **{sign: _flag(getattr(operator, sign)) for sign in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{name: NAMED[name] for name in ("pow", "abs", "floor", "ln", "min", "max")},
    **{name: NAMED[name] for name in ("edate", "eomonth", "year", "month", "day")},
    **{name: NAMED[name] for name in ("ratio", "default", "defined", "sum_of")},
}
"""Operations that read one period only, as functions."""
