"""Internal rates of return of many cases at once, by the same policy as one case (:mod:`.roots`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spvmodel.engine.program import Floats
from spvmodel.engine.roots import DAYS_IN_YEAR, GRID, GUESS, PRECISION, TRIES

Ints = NDArray[np.int64]
Values = Callable[[Floats], tuple[Floats, Floats]]
"""The value of each case's flows at a rate of its own, and its slope."""

_RATES: Final = np.array(GRID)
_FEW: Final = 8


def irr(*flows_and_out: Floats) -> None:
    """The rate per period of each case; arguments are the flows by period, then the result."""
    *flows, out = flows_and_out
    out[:] = nearest_roots(_stack(flows, out.size), np.arange(float(len(flows))).reshape(-1, 1))


def xirr(*flows_dates_and_out: Floats) -> None:
    """The effective annual rate of each case; arguments are flows by period, dates, then the result."""
    *both, out = flows_dates_and_out
    periods = len(both) // 2
    same = all(date.size == 1 for date in both[periods:])
    dates = _stack(both[periods:], 1 if same else out.size)
    out[:] = nearest_roots(_stack(both[:periods], out.size), (dates - dates[0]) / DAYS_IN_YEAR)


def nearest_roots(flows: Floats, times: Floats) -> Floats:
    """For each case the root nearest 10%, nan where there is none.

    ``flows`` is (periods, cases); ``times`` is (periods, 1) where it is the same in all cases, and the roots
    are then found much faster, or (periods, cases).
    """
    found = np.full(flows.shape[1], np.nan)
    cases = np.flatnonzero((flows.min(axis=0) < 0.0) & (flows.max(axis=0) > 0.0))
    flows, times = flows[:, cases], _of(times, cases)
    if cases.size:
        at = _on_grid(flows, times)
        crossed = at == 0.0
        crossed[:-1] |= at[:-1] * at[1:] < 0.0
        which, cells = np.nonzero(crossed.T)
        roots = _close_in(flows, times, which, cells, at)
        # From the farthest to the nearest, so that the nearest is written last.
        for place in np.argsort(-np.abs(roots - GUESS), kind="stable"):
            found[cases[which[place]]] = roots[place]
    return found


def _stack(rows: list[Floats], cases: int) -> Floats:
    return np.array([np.broadcast_to(row, cases) for row in rows])


def _of(times: Floats, cases: Ints) -> Floats:
    return times if times.shape[1] == 1 else times[:, cases]


def _on_grid(flows: Floats, times: Floats) -> Floats:
    """The value of each case at every rate of the grid, (rates, cases), up to a positive factor."""
    if times.shape[1] > 1:
        value = _valuer(flows, times)
        return np.array([value(np.full(flows.shape[1], rate))[0] for rate in GRID])
    growth = np.log1p(_RATES)[:, np.newaxis]
    base = np.where(growth > 0.0, times.min(), times.max())
    factors = np.exp(growth * (base - times.T))
    at: Floats = factors @ (flows / np.abs(flows).max(axis=0))
    if not factors.all():
        # Where all factors of a case are too small to be told from 0, its value is not 0 but unknown.
        at[factors @ (flows != 0.0).astype(np.float64) == 0.0] = np.nan
    return at


def _valuer(flows: Floats, times: Floats) -> Values:
    """Value and slope of each case at a rate of its own: at the first flow, or the last for rates below 0."""
    flowing = flows != 0.0
    start = np.where(flowing, times, np.inf).min(axis=0)
    end = np.where(flowing, times, -np.inf).max(axis=0)
    scaled = flows / np.abs(flows).max(axis=0)
    # A term of no flow may lie before the first one and would grow without bound.
    inside = np.clip(times, start, end)

    def value(rates: Floats) -> tuple[Floats, Floats]:
        growth = np.log1p(rates)
        ages = np.where(growth > 0.0, start, end) - inside
        terms = scaled * np.exp(growth * ages)
        slope: Floats = np.einsum("pc,pc->c", terms, ages) / (1.0 + rates)
        total: Floats = terms.sum(axis=0)
        return total, slope

    return value


def _close_in(flows: Floats, times: Floats, which: Ints, cells: Ints, at: Floats) -> Floats:
    """The root of case ``which`` in each cell: Newton's steps, bisection where one leads out of the bracket."""
    ends = np.minimum(cells + 1, len(GRID) - 1)
    low, high, at_low, at_high = _RATES[cells], _RATES[ends], at[cells, which], at[ends, which]
    with np.errstate(all="ignore"):
        secant = low - at_low * (high - low) / (at_high - at_low)
    rates = np.where(at_low == 0.0, low, np.where(at_high == 0.0, high, secant))
    left = np.flatnonzero((at_low != 0.0) & (at_high != 0.0))
    # Almost all cases are done in a few tries; only the others go on.
    for tries in (_FEW, TRIES):
        if left.size:
            value = _valuer(flows[:, which[left]], _of(times, which[left]))
            bracket = low[left], high[left], at_low[left]
            rates[left], low[left], high[left], done = _newton(value, rates[left], *bracket, tries)
            left = left[~done]
    return rates


def _newton(
    value: Values, rates: Floats, low: Floats, high: Floats, at_low: Floats, tries: int
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """At most ``tries`` steps of all cases: rates, brackets, and which cases move no more."""
    done = np.zeros(rates.shape, dtype=np.bool_)
    for _ in range(tries):
        here, slope = value(rates)
        below = here * at_low > 0.0
        low, high = np.where(below, rates, low), np.where(below, high, rates)
        with np.errstate(all="ignore"):
            step = here / slope
        done |= np.fmin(np.abs(step), high - low) <= PRECISION * np.maximum(1.0, np.abs(rates))
        after = rates - step
        after = np.where((low < after) & (after < high), after, 0.5 * (low + high))
        rates = np.where(done, rates, after)
        if done.all():
            break
    return rates, low, high, done
