"""What a solved case holds."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from spvmodel.engine.functions import NAN
from spvmodel.engine.one import Value
from spvmodel.lines import Model, from_serial

if TYPE_CHECKING:
    import numpy
    import pandas


@dataclass(frozen=True)
class CheckResult:
    """One identity of the model: passed while ``value`` is at most ``tolerance``."""

    name: str
    label: str
    passed: bool
    value: float
    tolerance: float


@dataclass(frozen=True)
class Result:
    """Every line of a model in one case.

    ``values`` holds a float per scalar and ``periods + 1`` floats per series (the opening value first); nan
    is N/A. ``result["ratios.dscr"]`` gives the periods alone, as an array.
    """

    model: Model
    case: str
    inputs: Mapping[str, float | tuple[float, ...]]
    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> numpy.ndarray[Any, Any] | float:
        value = self.values[name]
        if isinstance(value, float):
            return value
        import numpy

        return numpy.array(value[1:])

    def scalar(self, name: str) -> float:
        """The value of a scalar line."""
        value = self.values[name]
        if not isinstance(value, float):
            raise TypeError(f"{name} is a series")
        return value

    def series(self, name: str) -> list[float]:
        """The values of a series line in every period, without the opening value."""
        value = self.values[name]
        if isinstance(value, float):
            raise TypeError(f"{name} is a scalar")
        return value[1:].tolist()

    @cached_property
    def headline(self) -> dict[str, float]:
        """The headline metrics of the contract; nan where a metric does not apply."""
        known = self.model.about.get("metrics")
        every = dict.fromkeys(known, NAN) if isinstance(known, list) else {}
        return every | {metric: self.scalar(name) for metric, name in self.model.headline.items()}

    @cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Every integrity check."""
        lines = self.model.lines
        return tuple(
            CheckResult(
                check.name,
                lines[check.name].label,
                self.scalar(check.passed) == 1.0,
                self.scalar(check.value),
                self.scalar(check.tolerance) if check.tolerance else 0.0,
            )
            for check in self.model.checks
        )

    @cached_property
    def run_id(self) -> str:
        """What identifies this run: a hash of the deal file's fingerprint, the case and every input value."""
        content = [self.model.about.get("fingerprint"), self.case, sorted(self.inputs.items())]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def passed(self) -> bool:
        """Whether every integrity check holds."""
        return all(check.passed for check in self.checks)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """The alerts that are raised, in words."""
        return tuple(self.model.lines[name].label for name in self.model.alerts if self.scalar(name))

    def model_lines(self) -> Iterator[str]:
        """The names of the model's own lines, feedback passes left out."""
        return (name for name, line in self.model.lines.items() if not line.turn)

    def frame(self) -> pandas.DataFrame:
        """All series as a table, lines by period ends (pandas)."""
        import pandas

        ends = [from_serial(day) for day in self.series("time.end")]
        names = [name for name in self.model_lines() if self.model.lines[name].series]
        return pandas.DataFrame([self.series(name) for name in names], index=names, columns=ends)


def plain(value: float) -> float | None:
    """A number for JSON: N/A is null."""
    return None if math.isnan(value) else value
