"""Internal rates of return, by the root policy of definitions, section 4.

Flows are scaled by the largest of them, roots are bracketed on a grid from -99.99% to 1000% and closed in on;
of several roots the one nearest 10% is returned, as Excel would from its default guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

NAN: Final = float("nan")
GUESS: Final = 0.10
DAYS_IN_YEAR: Final = 365.0
GRID: Final = (
    -0.9999,
    *(k / 100 for k in range(-99, 101)),
    *(float(k) for k in range(2, 11)),
)
"""Rates between which the sign of the value is compared."""

PRECISION: Final = 1e-15
TRIES: Final = 200


def roots(flows: Sequence[float], times: Sequence[float]) -> list[float]:
    """Every rate between -99.99% and 1000% at which ``sum(flow / (1 + rate) ** time)`` is 0, ascending.

    Flows that change sign once have one root at most (Descartes), which bisection of the grid finds; any
    others are looked for in every cell of it. Two roots within one cell of the grid are not seen.
    """
    flowing = sorted((time, flow) for flow, time in zip(flows, times, strict=True) if flow)
    changes = sum(a[1] * b[1] < 0.0 for a, b in pairwise(flowing))
    if not changes:
        return []
    start, end = flowing[0][0], flowing[-1][0]
    largest = max(abs(flow) for _, flow in flowing)
    scaled = [(time, flow / largest) for time, flow in flowing]

    def value(rate: float) -> float:
        # Valued at the first flow, or at the last one for negative rates: no power can then overflow.
        growth = math.log1p(rate)
        base = start if growth > 0.0 else end
        return math.fsum(flow * math.exp(growth * (base - time)) for time, flow in scaled)

    if changes == 1:
        cells = _bisect(value)
    else:
        at = [value(rate) for rate in GRID]
        cells = [k for k in range(len(GRID) - 1) if at[k] * at[k + 1] < 0.0 or at[k] == 0.0]
        if at[-1] == 0.0:
            cells.append(len(GRID) - 1)
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


def _bisect(value: Callable[[float], float]) -> list[int]:
    """The cell of the grid that holds the only root, if any does."""
    low, high = 0, len(GRID) - 1
    at_low, at_high = value(GRID[low]), value(GRID[high])
    if at_low * at_high > 0.0:
        return []
    while high - low > 1:
        middle = (low + high) // 2
        if value(GRID[middle]) * at_high <= 0.0:
            low = middle
        else:
            high = middle
    return [low]


def _close_in(value: Callable[[float], float], low: float, high: float) -> float:
    """The root between two rates: regula falsi that halves the side that does not move (Illinois)."""
    at_low, at_high = value(low), value(high)
    if at_low == 0.0 or at_high == 0.0:
        return low if at_low == 0.0 else high
    for _ in range(TRIES):
        middle = low - at_low * (high - low) / (at_high - at_low)
        if not min(low, high) < middle < max(low, high):
            middle = 0.5 * (low + high)
        here = value(middle)
        if here == 0.0 or abs(high - low) < PRECISION * max(1.0, abs(middle)):
            return middle
        if here * at_high < 0.0:
            low, at_low = high, at_high
        else:
            at_low *= 0.5
        high, at_high = middle, here
    return 0.5 * (low + high)
