"""One case: the graph as generated Python over floats.

Each line becomes one statement. A scalar is a float; a series is a list of ``periods + 2`` floats: the
opening value, the periods, and the 0 that lies after the last one. N/A is nan, and never meets arithmetic:
the graph sees to that when it is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from spvmodel.engine.errors import SolveError
from spvmodel.engine.functions import NAMED, NAN
from spvmodel.lines import Call, Expr, Line, Model, Number, Ref
from spvmodel.lines.expr import COMPARISONS
from spvmodel.pause import no_collecting

Value = float | list[float]
_PYTHON: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_SIGNS: Final = {op: {"=": "==", "<>": "!="}.get(sign, sign) for op, sign in COMPARISONS.items()}


def evaluate(model: Model, inputs: Mapping[str, float | Sequence[float]]) -> dict[str, Value]:
    """Every line of the model for one set of input values.

    Returns floats for scalars and lists of ``periods + 1`` floats (opening value first) for series.
    Raises :class:`SolveError` naming the line where a formula has no value.
    """
    size = model.periods
    # A run makes many lists and no cycles among them: to look for cycles meanwhile costs a fifth of its time.
    with no_collecting():
        run, slots = _program(model)
        values: list[Value] = [0.0] * len(slots)
        for name in model.inputs:
            given = inputs[name]
            values[slots[name]] = [0.0, *map(float, given), 0.0] if isinstance(given, Sequence) else float(given)
        try:
            run(values, range(1, size + 1), range(size, 0, -1), size, NAN, *NAMED.values())
        except (ArithmeticError, ValueError, TypeError) as error:
            raise SolveError(_blame(model, error), str(error)) from error
    found: dict[str, Value] = {}
    for name, slot in slots.items():
        value = values[slot]
        # What lies after the last period goes; a copy without it would touch every number again.
        if isinstance(value, list) and len(value) == size + 2:
            value.pop()
        found[name] = value
    return found


def source(model: Model) -> str:
    """The Python that computes the model: a function, because its variables are the fastest Python has.

    It fills ``V``, one slot a line, over the periods forwards ``R`` or backwards ``B``, ``N`` of them.
    """
    return "\n".join(statement for _, statement in _statements(model))


@lru_cache(maxsize=16)
def _program(model: Model) -> tuple[Callable[..., None], dict[str, int]]:
    scope: dict[str, Callable[..., None]] = {}
    exec(compile(source(model), "<model>", "exec"), scope)
    return scope["run"], _slots(model)


def _slots(model: Model) -> dict[str, int]:
    return {name: slot for slot, name in enumerate(model.lines)}


def _blame(model: Model, error: BaseException) -> str:
    trace = error.__traceback__
    number = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<model>":
            number = trace.tb_lineno
        trace = trace.tb_next
    return _statements(model)[number - 1][0] if number else "the model"


@lru_cache(maxsize=16)
def _statements(model: Model) -> tuple[tuple[str, str], ...]:
    """Pairs of the line a statement computes and the statement, each on one source line."""
    text = _Text(model, _slots(model))
    made = [("the model", f"def run(V, R, B, N, NAN, {', '.join(NAMED)}):")]
    names = {name: f"v{slot}" for name, slot in text.slots.items()}
    for block in model.order:
        if block.direction == 0:
            line = model.lines[block.names[0]]
            if line.is_input or not line.series:
                target = f"{names[line.name]} = V[{text.slots[line.name]}]"
                made.append((line.name, f" {target}" if line.is_input else f" {target} = {text.of(line.expr)}"))
                continue
        for name in block.names:
            opening = text.of(_opening(model.lines[name]))
            made.append((name, f" {names[name]} = V[{text.slots[name]}] = [{opening}] + [0.0] * (N + 1)"))
        made.append((block.names[0], f" for t in {'B' if block.direction < 0 else 'R'}:"))
        made.extend((name, f"  {names[name]}[t] = {text.of(model.lines[name].expr)}") for name in block.names)
    return tuple(made)


def _opening(line: Line) -> Expr:
    return Number(0.0) if line.opening is None else line.opening


class _Text:
    """Formulas as Python text."""

    def __init__(self, model: Model, slots: dict[str, int]) -> None:
        self.model = model
        self.slots = slots

    def of(self, expr: Expr | None) -> str:
        if isinstance(expr, Number):
            return repr(expr.value)
        if isinstance(expr, Ref):
            variable = f"v{self.slots[expr.name]}"
            return f"{variable}[t]" if self.model.lines[expr.name].series else variable
        assert isinstance(expr, Call)
        return self._call(expr)

    def _call(self, expr: Call) -> str:
        op, args = expr.op, expr.args
        if op in _PYTHON:
            return f"({self.of(args[0])} {_PYTHON[op]} {self.of(args[1])})"
        if op in _SIGNS:
            return f"(1.0 if {self._condition(expr)} else 0.0)"
        if op == "where":
            return f"({self.of(args[1])} if {self._condition(args[0])} else {self.of(args[2])})"
        if op == "neg":
            return f"(-{self.of(args[0])})"
        if op == "na":
            return "NAN"
        if op in ("prev", "next"):
            return f"{self._line(args[0])}[t {'-' if op == 'prev' else '+'} 1]"
        if op in ("sum_ahead", "sum_behind"):
            return f"{op}({self._line(args[0])}, {self._line(args[1])}, {self.of(args[2])}, t)"
        if op in ("total", "lowest", "highest", "mean", "at_lowest", "irr", "xirr"):
            return f"{op}({', '.join(f'{self._line(arg)}[1:-1]' for arg in args)})"
        return f"{op}({', '.join(self.of(arg) for arg in args)})"

    def _condition(self, expr: Expr) -> str:
        if isinstance(expr, Call) and expr.op in _SIGNS:
            return f"{self.of(expr.args[0])} {_SIGNS[expr.op]} {self.of(expr.args[1])}"
        return f"{self.of(expr)} != 0.0"

    def _line(self, expr: Expr) -> str:
        assert isinstance(expr, Ref)
        return f"v{self.slots[expr.name]}"
