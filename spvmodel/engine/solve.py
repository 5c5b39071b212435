"""Solve a model for one case."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from spvmodel.engine.errors import SolveError
from spvmodel.engine.one import evaluate
from spvmodel.engine.result import Result
from spvmodel.lines import Model


def solve(model: Model, case: str = "base", inputs: Mapping[str, float | Sequence[float]] | None = None) -> Result:
    """Evaluate every line in one case.

    ``inputs`` overrides values of input lines by name: a float for a scalar, a value per period for a series;
    dates are spreadsheet day numbers. Raises :class:`SolveError` for an unknown case or input, or where a
    formula has no value.
    """
    if case not in model.cases:
        raise SolveError(f"case {case!r}", f"it is not one of {', '.join(model.cases)}")
    values: dict[str, float | tuple[float, ...]] = {name: i.in_case(case) for name, i in model.inputs.items()}
    for name, given in (inputs or {}).items():
        check_input(model, name)
        values[name] = _read(name, given, values[name])
    return Result(model, case, values, evaluate(model, values))


def check_input(model: Model, name: str) -> None:
    """Raise :class:`SolveError` with the nearest name unless the model has this input."""
    if name not in model.inputs:
        hint = get_close_matches(name, model.inputs, 1)
        raise SolveError(f"input {name!r}", "there is no such input" + (f"; {hint[0]}?" if hint else ""))


def _read(name: str, given: float | Sequence[float], before: float | tuple[float, ...]) -> float | tuple[float, ...]:
    """An override in the shape of the value it replaces."""
    value: float | tuple[float, ...]
    try:
        value = tuple(map(float, given)) if isinstance(before, tuple) else float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        shape = "a value per period" if isinstance(before, tuple) else "one number"
        raise SolveError(f"input {name!r}", f"it takes {shape}") from None
    if isinstance(value, tuple) and isinstance(before, tuple) and len(value) != len(before):
        raise SolveError(f"input {name!r}", f"it takes {len(before)} values, not {len(value)}")
    if not all(map(math.isfinite, value if isinstance(value, tuple) else (value,))):
        raise SolveError(f"input {name!r}", "it takes finite numbers only")
    return value
