"""Internal rates of return, by the root policy of definitions, section 4.

Flows are scaled by the largest of them, roots are bracketed on a grid from -99.99% to 1000% and closed in on;
of several roots the one nearest 10% is returned, as Excel would from its default guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

NAN: Final = float("nan")
GUESS: Final = 0.10
DAYS_IN_YEAR: Final = 365.0
HIGHEST_RATE: Final = 10.0
GRID: Final = (
    -0.9999,
    *(k / 100 for k in range(-99, 101)),
    *(float(k) for k in range(2, int(HIGHEST_RATE) + 1)),
)
"""Rates between which the sign of the value is compared."""

PRECISION: Final = 1e-15
TRIES: Final = 100

_Value = Callable[[float], tuple[float, float]]
"""The value of all flows at a rate, and its slope."""


def roots(flows: Sequence[float], times: Sequence[float]) -> list[float]:
    """Every rate between -99.99% and 1000% at which ``sum(flow / (1 + rate) ** time)`` is 0, ascending.

    Flows that change sign once have one root at most (Descartes), which bisection of the grid finds; any
    others are looked for in every cell of it. Two roots within one cell of the grid are not seen.
    """
    flowing = [(time, flow) for flow, time in zip(flows, times, strict=True) if flow]
    flowing.sort(key=itemgetter(0))
    changes = sum(a[1] * b[1] < 0.0 for a, b in pairwise(flowing))
    if not changes:
        return []
    start, end = flowing[0][0], flowing[-1][0]
    largest = max(abs(flow) for _, flow in flowing)
    scaled = [(time, flow / largest) for time, flow in flowing]

    def value(rate: float) -> tuple[float, float]:
        # Valued at the first flow, or at the last one for negative rates: no power can then overflow.
        growth = math.log1p(rate)
        base = start if growth > 0.0 else end
        terms = [flow * math.exp(growth * (base - time)) for time, flow in scaled]
        slope = math.fsum(term * (base - time) for term, (time, _) in zip(terms, scaled, strict=True))
        return math.fsum(terms), slope / (1.0 + rate)

    cells = _bisect(value) if changes == 1 else _scan(value)
    return [_close_in(value, GRID[k], GRID[min(k + 1, len(GRID) - 1)]) for k in cells]


def irr(flows: Sequence[float]) -> float:
    """The rate per period, N/A (nan) when there is none. Flow ``k`` falls ``k`` periods after the first."""
    return nearest(roots(flows, [float(k) for k in range(len(flows))]))


def xirr(flows: Sequence[float], dates: Sequence[float]) -> float:
    """The effective annual rate over actual days / 365 from the first date, N/A (nan) when there is none."""
    return nearest(roots(flows, [(day - dates[0]) / DAYS_IN_YEAR for day in dates]))


def nearest(found: Sequence[float]) -> float:
    """Of several roots the one nearest 10%; N/A (nan) of none."""
    return min(found, key=lambda rate: abs(rate - GUESS), default=NAN)


def _bisect(value: _Value) -> list[int]:
    """The cell of the grid that holds the only root, if any does."""
    low, high = 0, len(GRID) - 1
    at_high = value(GRID[high])[0]
    if value(GRID[low])[0] * at_high > 0.0:
        return []
    while high - low > 1:
        middle = (low + high) // 2
        if value(GRID[middle])[0] * at_high <= 0.0:
            low = middle
        else:
            high = middle
    return [low]


def _scan(value: _Value) -> list[int]:
    """The cells of the grid over which the value changes sign, or that begin with a root."""
    at = [value(rate)[0] for rate in GRID]
    cells = [k for k, (here, after) in enumerate(pairwise(at)) if here * after < 0.0 or here == 0.0]
    return cells + [len(at) - 1] * (at[-1] == 0.0)


def _close_in(value: _Value, low: float, high: float) -> float:
    """The root between two rates: Newton's steps, and bisection where one would lead out of the bracket."""
    at_low, at_high = value(low)[0], value(high)[0]
    if at_low == 0.0 or at_high == 0.0:
        return low if at_low == 0.0 else high
    rate = low - at_low * (high - low) / (at_high - at_low)
    for _ in range(TRIES):
        here, slope = value(rate)
        low, high = (rate, high) if here * at_low > 0.0 else (low, rate)
        step = here / slope if slope else math.inf
        if min(abs(step), high - low) <= PRECISION * max(1.0, abs(rate)):
            break
        after = rate - step
        rate = after if low < after < high else 0.5 * (low + high)
    return rate
