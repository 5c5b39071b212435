"""Many cases at once: results over blocks of cases."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from importlib.util import find_spec
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from spvmodel.engine import kernel
from spvmodel.engine.errors import SolveError
from spvmodel.engine.one import Value
from spvmodel.engine.program import REASONS, Floats, Op, Program, Row, assemble
from spvmodel.engine.solve import check_input, solve
from spvmodel.engine.unroll import Unrolled
from spvmodel.lines import Model

Fixed = tuple[tuple[str, float | tuple[float, ...]], ...]
"""Inputs that differ from the case but are the same in all cases."""


@dataclass(frozen=True)
class ManyResult:
    """Lines of a model in many cases.

    ``result["ratios.dscr"]`` has shape (periods, cases), a scalar line (cases,); nan is N/A. Only the lines
    that were kept are there. Arrays of lines that do not move with the inputs cannot be written to.
    """

    model: Model
    case: str
    cases: int
    values: Mapping[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        if name not in self.values:
            raise KeyError(f"{name} was not kept; say keep=({name!r},)")
        return self.values[name]

    @cached_property
    def headline(self) -> dict[str, Floats]:
        """The headline metrics of the contract, each of shape (cases,); nan where one does not apply."""
        known = self.model.about.get("metrics")
        missing = np.broadcast_to(np.nan, (self.cases,))
        every = dict.fromkeys(known, missing) if isinstance(known, list) else {}
        return every | {metric: self.values[name] for metric, name in self.model.headline.items()}


def solve_many(
    model: Model,
    inputs: Mapping[str, ArrayLike],
    case: str = "base",
    keep: Sequence[str] | None = None,
    *,
    fast: bool | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> ManyResult:
    """Evaluate the model in many cases that differ from ``case`` in some inputs.

    ``inputs`` gives, by name, (cases,) numbers for a scalar and (periods, cases) for a series; one number for
    a scalar, or (periods,) for a series, holds in all cases. Dates are spreadsheet day numbers. Of the lines,
    the headline metrics and those in ``keep`` are returned.

    Values are those of :func:`solve` to the last bit, but for rates of return, and powers under NumPy: what
    depends on those agrees to about 1e-12.

    ``fast`` chooses the compiled kernel (True needs the extra ``spvmodel[fast]``) or NumPy (False); by default
    the compiled one where it is installed. ``progress`` is called with the cases done and the cases in all.

    Raises :class:`SolveError` for an unknown case, input or line, for values of a wrong shape or that are not
    finite, and where a formula has no value in ``case`` itself or in one of the cases.
    """
    fixed, varied, cases = _read(model, inputs)
    lines = tuple(dict.fromkeys(chain(model.headline.values(), keep or ())))
    for name in lines:
        if name not in model.lines:
            hint = get_close_matches(name, model.lines, 1)
            raise SolveError(f"line {name!r}", "there is no such line" + (f"; {hint[0]}?" if hint else ""))
    plan = _plan(model, case, fixed, tuple(varied), lines)
    stacked = np.empty((plan.inputs, cases))
    for name, first in plan.first_input.items():
        stacked[first : first + len(varied[name])] = varied[name]
    outputs = np.empty((plan.outputs, cases))
    if cases and plan.program.lines:
        use_fast = find_spec("numba") is not None if fast is None else fast
        _run(plan.program, stacked, outputs, use_fast, progress or (lambda done, of: None))
    values = {name: _result(plan, name, outputs, model, cases) for name in lines}
    return ManyResult(model, case, cases, values)


def _read(model: Model, inputs: Mapping[str, ArrayLike]) -> tuple[Fixed, dict[str, Floats], int]:
    """Inputs that are the same in all cases, those that are not as (values, cases), and how many cases."""
    fixed: list[tuple[str, float | tuple[float, ...]]] = []
    varied: dict[str, Floats] = {}
    for name, given in inputs.items():
        check_input(model, name)
        series = model.lines[name].series
        try:
            array = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            raise SolveError(f"input {name!r}", "its values are not numbers") from None
        if not np.isfinite(array).all():
            raise SolveError(f"input {name!r}", "it takes finite numbers only")
        if series and array.ndim and len(array) != model.periods:
            raise SolveError(f"input {name!r}", f"it takes {model.periods} periods, not {len(array)}")
        if array.ndim == series:
            fixed.append((name, tuple(array.tolist()) if series else float(array)))
        elif array.ndim == series + 1:
            varied[name] = array if series else array[np.newaxis]
        else:
            shape = "(periods, cases)" if series else "(cases,)"
            raise SolveError(f"input {name!r}", f"its values have the shape {array.shape}, not {shape}")
    counts = {name: array.shape[1] for name, array in varied.items()}
    if len(set(counts.values())) > 1:
        sizes = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise SolveError("the inputs", f"they have different numbers of cases: {sizes}")
    return tuple(sorted(fixed)), varied, next(iter(counts.values()), 1)


@dataclass(frozen=True)
class _Plan:
    """Rows for one set of varied inputs and kept lines, and where values are found in its outputs."""

    program: Program
    inputs: int
    outputs: int
    first_input: dict[str, int]
    first_output: dict[str, int]
    base: Mapping[str, Value]


@lru_cache(maxsize=8)
def _plan(model: Model, case: str, fixed: Fixed, varied: tuple[str, ...], keep: tuple[str, ...]) -> _Plan:
    base = solve(model, case, dict(fixed)).values
    unrolled = Unrolled(model, base, varied)
    first: dict[str, int] = {}
    size = 0
    for name in keep:
        if name in unrolled.cells:
            first[name] = size
            cells = unrolled.cells[name]
            for cell in cells[1:-1] if model.lines[name].series else cells:
                unrolled.rows.append(Row(Op.STORE, (unrolled.coded(cell),), name, size))
                size += 1
    program = assemble(unrolled.rows, unrolled.constants)
    return _Plan(program, unrolled.size, size, unrolled.inputs, first, base)


def _result(plan: _Plan, name: str, outputs: Floats, model: Model, cases: int) -> Floats:
    series = model.lines[name].series
    if name in plan.first_output:
        first = plan.first_output[name]
        return outputs[first : first + model.periods] if series else outputs[first]
    value = np.asarray(plan.base[name])
    if series:
        return np.broadcast_to(value[1:, np.newaxis], (model.periods, cases))
    return np.broadcast_to(value, (cases,))


class _Kernel(Protocol):
    def run(self, inputs: Floats, outputs: Floats, first: int) -> None: ...


def _run(program: Program, inputs: Floats, outputs: Floats, fast: bool, progress: Callable[[int, int], object]) -> None:
    """All cases, block by block. The compiled kernel runs one block a processor at a time."""
    cases = inputs.shape[1]
    make, block = _kernel(program, len(inputs), len(outputs), fast)
    spans = [(start, min(start + block, cases)) for start in range(0, cases, block)]
    workers = min(len(spans), os.cpu_count() or 1) if fast else 1

    idle: list[tuple[int, _Kernel]] = []

    def solve_block(span: tuple[int, int]) -> int:
        start, end = span
        try:
            size, runner = idle.pop()
        except IndexError:
            size = 0
        if size != end - start:
            size, runner = end - start, make(end - start)
        try:
            runner.run(inputs, outputs, start)
        except kernel.NoValue as error:
            reason = REASONS[Op(int(program.ops[error.row]))]
            raise SolveError(program.lines[error.row], f"{reason} in case {start + error.case}") from None
        idle.append((size, runner))
        return end

    if workers == 1:
        for done in map(solve_block, spans):
            progress(done, cases)
        return
    with ThreadPoolExecutor(workers) as pool:
        for done in pool.map(solve_block, spans):
            progress(done, cases)


def _kernel(program: Program, inputs: int, outputs: int, fast: bool) -> tuple[Callable[[int], _Kernel], int]:
    """What makes a kernel for a number of cases, and the best number of cases at once."""
    if not fast:
        return lambda size: kernel.NumpyKernel(program, inputs, outputs, size), kernel.BLOCK
    from spvmodel.engine import kernel_fast

    return lambda size: kernel_fast.FastKernel(program, size), kernel_fast.BLOCK
