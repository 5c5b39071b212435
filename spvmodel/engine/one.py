"""One case: the graph as generated Python over floats, run.

N/A is nan, and never meets arithmetic: the graph sees to that when it is compiled.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from math import fsum
from struct import Struct
from typing import TypeAlias

from spvmodel.engine.errors import SolveError
from spvmodel.engine.functions import NAN
from spvmodel.engine.source import CALLED, slots_of, statements
from spvmodel.lines import Model
from spvmodel.pause import no_collecting

Value: TypeAlias = "float | array[float]"


def evaluate(model: Model, inputs: Mapping[str, float | Sequence[float]]) -> dict[str, Value]:
    """Every line of the model for one set of input values.

    Returns floats for scalars and arrays of ``periods + 1`` floats (opening value first) for series.
    Raises :class:`SolveError` naming the line where a formula has no value.
    """
    size = model.periods
    # A run makes many lists and no cycles among them: to look for cycles meanwhile costs a fifth of its time.
    with no_collecting():
        run, slots = _program(model)
        values: list[Value] = [0.0] * len(slots)
        for name in model.inputs:
            given = inputs[name]
            values[slots[name]] = array("d", (0.0, *given)) if isinstance(given, Sequence) else float(given)
        try:
            run(
                values,
                range(1, size + 1),
                range(size, 0, -1),
                size,
                NAN,
                _packing(size + 1),
                _Table,
                fsum,
                *CALLED.values(),
            )
        except (ArithmeticError, ValueError, TypeError) as error:
            raise SolveError(_blame(model, error), str(error)) from error
    return {name: values[slot] for name, slot in slots.items()}


def _packing(size: int) -> Callable[[list[float]], array[float]]:
    """What packs a series: ``size`` floats, without what lies after the last period."""
    pack = Struct(f"{size + 1}d").pack

    def packed(line: list[float]) -> array[float]:
        return array("d", pack(*line)[:-8])

    return packed


class _Table:
    """Lines that go through the periods together, a row a period: floats side by side that are no objects."""

    def __init__(self, columns: int, periods: int, openings: Sequence[float]) -> None:
        self._columns = columns
        self._floats = array("d", openings)
        self._floats.frombytes(bytes(8 * columns * (periods + 1)))
        self.put = partial(Struct(f"{columns}d").pack_into, self._floats)
        self.stride = 8 * columns

    def column(self, number: int) -> array[float]:
        """A line, with what lies after the last period."""
        return self._floats[number :: self._columns]


@lru_cache(maxsize=16)
def _program(model: Model) -> tuple[Callable[..., None], dict[str, int]]:
    scope: dict[str, Callable[..., None]] = {}
    exec(compile("\n".join(statement for _, statement in statements(model)), "<model>", "exec"), scope)
    return scope["run"], slots_of(model)


def _blame(model: Model, error: BaseException) -> str:
    trace = error.__traceback__
    number = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<model>":
            number = trace.tb_lineno
        trace = trace.tb_next
    return statements(model)[number - 1][0] if number else "the model"
