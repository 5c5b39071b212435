"""Periods in words, and periods gathered into calendar years."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from spvmodel.engine import Result
from spvmodel.lines import from_serial


def phases(result: Result) -> list[str]:
    """The phase of every period: construction, construction and operation, operation, or after the revenue.

    Construction lasts until the last spending on it, operation from the first revenue to the last.
    """
    periods = range(result.model.periods)
    building = _active(result, [n for n in result.model_lines() if _is_spending(n)])
    earning = _active(result, ["revenue.total"] if "revenue.total" in result.values else [])
    builds_until = max(building, default=-1)
    found = []
    for t in periods:
        names = []
        if t <= builds_until:
            names.append("construction")
        if earning and earning[0] <= t <= earning[-1]:
            names.append("operation")
        found.append(" and ".join(names) or ("after the revenue" if earning and t > earning[-1] else ""))
    return found


def _is_spending(name: str) -> bool:
    return name.startswith("construction.") and name.endswith(".spend")


def _active(result: Result, names: Sequence[str]) -> list[int]:
    """The periods, counted from 0, in which any of the lines is not 0."""
    rows = [result.series(name) for name in names]
    return [t for t in range(result.model.periods) if any(row[t] for row in rows)]


@dataclass(frozen=True)
class Years:
    """Calendar years and the periods that end in them (0-based, half open)."""

    labels: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, result: Result) -> Years:
        """The years of a result; a period belongs to the year in which it ends."""
        years = [from_serial(day).year for day in result.series("time.end")]
        labels, spans, start = [], [], 0
        for year, group in groupby(years):
            count = len(list(group))
            labels.append(str(year))
            spans.append((start, start + count))
            start += count
        return cls(tuple(labels), tuple(spans))

    def sums(self, values: Sequence[float]) -> list[float]:
        """The sum of a flow in every year, N/A left out."""
        return self._each(values, math.fsum)

    def first(self, values: Sequence[float]) -> list[float]:
        """An opening balance: the value of the first period of every year."""
        return [values[start] for start, _ in self.spans]

    def last(self, values: Sequence[float]) -> list[float]:
        """A closing balance: the value of the last period of every year."""
        return [values[end - 1] for _, end in self.spans]

    def lowest(self, values: Sequence[float]) -> list[float]:
        """The lowest value of every year; nan where all are N/A."""
        return self._each(values, lambda numbers: min(numbers, default=math.nan))

    def weighted(self, values: Sequence[float], weights: Sequence[float]) -> list[float]:
        """The mean of every year, each period by its weight; nan where nothing weighs."""
        products = self.sums([v * w for v, w in zip(values, weights, strict=True)])
        return [p / w if w else math.nan for p, w in zip(products, self.sums(weights), strict=True)]

    def due(self, dues: Sequence[float], shortfalls: Sequence[float]) -> list[float]:
        """What a step of the waterfall owes in every year, arrears counted once.

        A period's due includes the shortfall of the period before. A year's due is the shortfall brought forward
        into it and what falls newly due in it: the sum of the dues, less every shortfall carried on within the year.
        """
        return [math.fsum((*dues[a:b], *(-carried for carried in shortfalls[a : b - 1]))) for a, b in self.spans]

    def _each(self, values: Sequence[float], reduce: Callable[[list[float]], float]) -> list[float]:
        return [reduce([v for v in values[a:b] if not math.isnan(v)]) for a, b in self.spans]
