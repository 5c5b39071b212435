"""One case: the graph as generated Python over floats.

Each line becomes one statement. A scalar is a float; a series is a list of ``periods + 2`` floats: the
opening value, the periods, and the 0 that lies after the last one. N/A is nan, and never meets arithmetic:
the graph sees to that when it is compiled.

Time goes to reaching numbers as much as to computing them. A series is therefore packed into an array once no other
line reads it, a fifth of its size; and windows that begin and end alike are looked up once.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import fsum
from struct import Struct
from typing import Final, TypeAlias

from spvmodel.engine.errors import SolveError
from spvmodel.engine.functions import NAMED, NAN, WINDOWS
from spvmodel.lines import Block, Call, Expr, Line, Model, Number, Ref
from spvmodel.lines.expr import COMPARISONS, walk
from spvmodel.pause import no_collecting

Value: TypeAlias = "float | array[float]"
_PYTHON: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
BOUNDS: Final = {f"bounds_{op}": bounds for op, bounds in WINDOWS.items()}
_SIGNS: Final = {op: {"=": "==", "<>": "!="}.get(sign, sign) for op, sign in COMPARISONS.items()}


def evaluate(model: Model, inputs: Mapping[str, float | Sequence[float]]) -> dict[str, Value]:
    """Every line of the model for one set of input values.

    Returns floats for scalars and arrays of ``periods + 1`` floats (opening value first) for series.
    Raises :class:`SolveError` naming the line where a formula has no value.
    """
    size = model.periods
    # A run makes many lists and no cycles among them: to look for cycles meanwhile costs a fifth of its time.
    with no_collecting():
        run, slots = _program(model)
        values: list[Value | list[float]] = [0.0] * len(slots)
        for name in model.inputs:
            given = inputs[name]
            values[slots[name]] = [0.0, *map(float, given), 0.0] if isinstance(given, Sequence) else float(given)
        try:
            run(
                values,
                range(1, size + 1),
                range(size, 0, -1),
                size,
                NAN,
                _packing(size + 1),
                fsum,
                *NAMED.values(),
                *BOUNDS.values(),
            )
        except (ArithmeticError, ValueError, TypeError) as error:
            raise SolveError(_blame(model, error), str(error)) from error
    return {name: values[slot] for name, slot in slots.items()}  # type: ignore[misc]


def _packing(size: int) -> Callable[[list[float]], array[float]]:
    """What packs a series: ``size`` floats, without what lies after the last period."""
    pack = Struct(f"{size}d").pack

    def packed(line: list[float]) -> array[float]:
        line.pop()
        return array("d", pack(*line))

    return packed


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
    made = [("the model", f"def run(V, R, B, N, NAN, packed, fsum, {', '.join((*NAMED, *BOUNDS))}):")]
    for block, read in zip(model.order, _last_read(model), strict=True):
        first = model.lines[block.names[0]]
        if block.direction == 0 and (first.is_input or not first.series):
            target = text.target(first.name)
            made.append((first.name, f" {target}" if first.is_input else f" {target} = {text.of(first.expr)}"))
        else:
            made.extend((name, f" {statement}") for name in block.names for statement in text.windows(name, block))
            for name in block.names:
                opening = text.of(_opening(model.lines[name]))
                made.append((name, f" {text.target(name)} = [{opening}] + [0.0] * (N + 1)"))
            made.append((first.name, f" for t in {'B' if block.direction < 0 else 'R'}:"))
            made.extend((name, f"  {text.name(name)}[t] = {text.of(model.lines[name].expr)}") for name in block.names)
        made.extend((name, f" {text.target(name)} = packed({text.name(name)})") for name in read)
    return tuple(made)


def _last_read(model: Model) -> list[list[str]]:
    """For every block the series that no later block reads."""
    last: dict[str, int] = {}
    for place, block in enumerate(model.order):
        for name in block.names:
            last[name] = place
            last |= dict.fromkeys(_read_by(model.lines[name]), place)
    found: list[list[str]] = [[] for _ in model.order]
    for name, place in last.items():
        if model.lines[name].series:
            found[place].append(name)
    return found


def _read_by(line: Line) -> Iterator[str]:
    for given in (line.expr, line.opening):
        if given is not None:
            yield from (part.name for part in walk(given) if isinstance(part, Ref))


def _opening(line: Line) -> Expr:
    return Number(0.0) if line.opening is None else line.opening


class _Text:
    """Formulas as Python text."""

    def __init__(self, model: Model, slots: dict[str, int]) -> None:
        self.model = model
        self.slots = slots
        self.bounds: dict[tuple[str, Expr, Expr], str] = {}
        """Variables that hold where windows begin and end, by operation, key and limit."""

    def name(self, line: str) -> str:
        """The variable of a line."""
        return f"v{self.slots[line]}"

    def target(self, line: str) -> str:
        """The variable and the slot of a line."""
        return f"{self.name(line)} = V[{self.slots[line]}]"

    def windows(self, line: str, block: Block) -> Iterator[str]:
        """The statements that find where the windows of a line begin and end, unless they are known or move with it."""
        expr = self.model.lines[line].expr
        for part in walk(expr) if expr is not None else ():
            if not (isinstance(part, Call) and part.op in WINDOWS) or self._window(part) in self.bounds:
                continue
            _, key, limit = part.args
            if isinstance(key, Ref) and isinstance(limit, Ref) and not {key.name, limit.name} & set(block.names):
                self.bounds[self._window(part)] = variable = f"w{len(self.bounds)}"
                limits = self._line(limit) if self.model.lines[limit.name].series else f"[{self.of(limit)}] * (N + 2)"
                yield f"{variable} = bounds_{part.op}({self._line(key)}, {limits})"

    @staticmethod
    def _window(expr: Call) -> tuple[str, Expr, Expr]:
        return expr.op, expr.args[1], expr.args[2]

    def of(self, expr: Expr | None) -> str:
        if isinstance(expr, Number):
            return repr(float(expr.value))
        if isinstance(expr, Ref):
            variable = self.name(expr.name)
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
        if op in WINDOWS:
            if self._window(expr) in self.bounds:
                return f"fsum({self._line(args[0])}[{self.bounds[self._window(expr)]}[t]])"
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
        return self.name(expr.name)
