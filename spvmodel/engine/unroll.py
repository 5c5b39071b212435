"""From a graph to rows: every cell that moves with the inputs, written out period by period.

What does not move is a constant, taken from one solve of the case or folded on the way; ``x * 0``, ``x + 0``
and ``where`` with a constant condition leave no row. Nothing is rearranged that would change a bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from spvmodel.engine import functions
from spvmodel.engine.one import Value
from spvmodel.engine.program import REASONS, Op, Row
from spvmodel.lines import Block, Call, Expr, Model, Number, Ref
from spvmodel.lines.expr import TERMINAL, WINDOWS, walk

Cell = float | int
"""A constant (float), or the number of the row that computes the cell (int)."""

_RISKY = {op.name.lower() for op in REASONS}


class Unrolled:
    """The rows of a model of which only ``varied`` inputs move.

    ``inputs`` gives the number of the first row of each varied input: one row for a scalar, one a period for a
    series; ``size`` is the number of all of them. ``cells`` holds every line that moves: for a series the
    opening value, the periods, and the 0 after the last.
    """

    def __init__(self, model: Model, base: Mapping[str, Value], varied: Iterable[str]) -> None:
        self.model = model
        self.rows: list[Row] = []
        self.constants: list[float] = []
        self.cells: dict[str, list[Cell]] = {}
        self.inputs: dict[str, int] = {}
        self.size = 0
        self._base = base
        self._fixed: dict[str, list[Cell]] = {}
        self._numbers: dict[object, int] = {}
        self._known: dict[tuple[Op, tuple[int, ...]], int] = {}
        self._line = ""
        self._guard: Cell = 1.0
        for name in varied:
            self._load(name)
        for block in model.order:
            if any(self._moves(name) for name in block.names):
                self._block(block)

    def _moves(self, name: str) -> bool:
        return name not in self.cells and any(read in self.cells for read in self.model.precedents(name))

    def _load(self, name: str) -> None:
        series = self.model.lines[name].series
        self.inputs[name] = self.size
        cells: list[Cell] = []
        for _ in range(self.model.periods if series else 1):
            self.rows.append(Row(Op.LOAD, (), name, self.size))
            cells.append(len(self.rows) - 1)
            self.size += 1
        self.cells[name] = [0.0, *cells, 0.0] if series else cells

    def _block(self, block: Block) -> None:
        periods = self.model.periods
        lines = [self.model.lines[name] for name in block.names]
        for line in lines:
            self._line = line.name
            if line.series:
                opening = self._value(line.opening, 0) if line.opening is not None else 0.0
                self.cells[line.name] = [opening] + [0.0] * (periods + 1)
            else:
                assert line.expr is not None
                self.cells[line.name] = [self._value(line.expr, 0)]
        for t in range(1, periods + 1) if block.direction >= 0 else range(periods, 0, -1):
            for line in lines:
                if line.series and line.expr is not None:
                    self._line = line.name
                    self.cells[line.name][t] = self._value(line.expr, t)

    def of(self, name: str) -> list[Cell]:
        """The cells of a line, constants included."""
        if name in self.cells:
            return self.cells[name]
        if name not in self._fixed:
            value = self._base[name]
            self._fixed[name] = [*map(float, value), 0.0] if not isinstance(value, float) else [value]
        return self._fixed[name]

    def _value(self, expr: Expr, t: int) -> Cell:
        if isinstance(expr, Number):
            return float(expr.value)
        if isinstance(expr, Ref):
            return self.of(expr.name)[t if self.model.lines[expr.name].series else 0]
        assert isinstance(expr, Call)
        op, args = expr.op, expr.args
        if op == "where":
            return self._where(args, t)
        if op == "prev":
            return self._periods(args[0])[t - 1]
        if op == "next":
            return self._periods(args[0])[t + 1]
        if op in WINDOWS:
            return self._window(op, self._periods(args[0]), self._periods(args[1]), self._value(args[2], t), t)
        if op in TERMINAL:
            return self._terminal(op, [self._periods(arg)[1:-1] for arg in args])
        if op == "na":
            return functions.NAN
        if op == "sum_of":
            return self._sum([self._value(arg, t) for arg in args])
        return self._elementwise(op, [self._value(arg, t) for arg in args])

    def _periods(self, expr: Expr) -> list[Cell]:
        assert isinstance(expr, Ref)
        return self.of(expr.name)

    def _where(self, args: Sequence[Expr], t: int) -> Cell:
        condition = self._value(args[0], t)
        if isinstance(condition, float):
            return self._value(args[1] if condition != 0.0 else args[2], t)
        # One case computes only the branch it takes, so the other one may have no value.
        outer = self._guard
        if _risky(args[1]):
            self._guard = self._emit(Op.WHERE, [condition, outer, 0.0])
        then = self._value(args[1], t)
        self._guard = outer
        if _risky(args[2]):
            self._guard = self._emit(Op.WHERE, [condition, 0.0, outer])
        otherwise = self._value(args[2], t)
        self._guard = outer
        return then if _same(then, otherwise) else self._emit(Op.WHERE, [condition, then, otherwise])

    def _elementwise(self, op: str, args: list[Cell]) -> Cell:
        if all(isinstance(arg, float) for arg in args):
            try:
                return float(functions.ELEMENTWISE[op](*args))
            except (ArithmeticError, ValueError):
                pass  # The row below refuses the cases that need the value, as one case would.
        elif len(args) == 2:
            a, b = args
            if op == "mul" and (_same(a, 0.0) or _same(b, 0.0)):
                return 0.0
            if (op == "mul" and _same(a, 1.0)) or (op == "add" and _same(a, 0.0)):
                return b
            if op in ("mul", "div") and _same(b, 1.0):
                return a
            if op in ("add", "sub") and _same(b, 0.0):
                return a
            if op == "default" and isinstance(a, float):
                return b if math.isnan(a) else a
        if op in _RISKY and not _same(self._guard, 1.0):
            args = [*args, self._guard]
        return self._emit(Op[op.upper()], args)

    def _sum(self, terms: Sequence[Cell]) -> Cell:
        """The sum, rounded once. What is constant is carried as a number and the rest its rounding left."""
        moving: list[Cell] = [term for term in terms if not isinstance(term, float)]
        fixed = [term for term in terms if isinstance(term, float)]
        known = math.fsum(fixed)
        rest = math.fsum([*fixed, -known])
        if not moving:
            return known
        moving += [constant for constant in (known, rest) if constant != 0.0]
        if len(moving) == 1:
            return moving[0]
        return self._emit(Op.ADD if len(moving) == 2 else Op.SUM, moving)

    def _window(self, op: str, line: list[Cell], key: list[Cell], limit: Cell, t: int) -> Cell:
        last = self.model.periods
        reach = range(t + 1, last + 1) if op == "sum_ahead" else range(t, 0, -1)
        keys = [key[s] for s in reach]
        if isinstance(limit, float) and all(isinstance(k, float) for k in keys):
            inside = functions.ahead if op == "sum_ahead" else functions.behind
            return self._sum([line[s] for s in inside(_floats(key), limit, t)])
        pairs = [cell for s in reach for cell in (key[s], line[s])]
        return self._emit(Op[op.upper()], [limit, *pairs]) if pairs else 0.0

    def _terminal(self, op: str, args: list[list[Cell]]) -> Cell:
        if all(isinstance(cell, float) for arg in args for cell in arg):
            return float(functions.NAMED[op](*args))
        if op == "total":
            weighted = args[0]
            if len(args) == 2:
                weighted = [self._elementwise("mul", [x, f]) for x, f in zip(*args, strict=True)]
            return self._sum(weighted)
        if op in ("lowest", "highest", "mean"):
            return self._statistic(Op[op.upper()], self._flagged(*args))
        return self._emit(Op[op.upper()], [cell for arg in args for cell in arg])

    def _flagged(self, line: list[Cell], flag: list[Cell] | None = None) -> list[Cell]:
        """The cells a statistic may count: N/A where the flag is not 1, left out where it never is."""
        found: list[Cell] = []
        for x, f in zip(line, flag or [1.0] * len(line), strict=True):
            if isinstance(f, float):
                found += [x] if f == 1.0 else []
            else:
                on = self._emit(Op.EQ, [f, 1.0])
                found.append(self._emit(Op.WHERE, [on, x, functions.NAN]))
        return [x for x in found if not (isinstance(x, float) and math.isnan(x))]

    def _statistic(self, op: Op, cells: list[Cell]) -> Cell:
        fixed = [x for x in cells if isinstance(x, float)]
        if op is not Op.MEAN and len(fixed) > 1:
            extreme = min(fixed) if op is Op.LOWEST else max(fixed)
            cells = [*(x for x in cells if not isinstance(x, float)), extreme]
            fixed = [extreme]
        if len(fixed) == len(cells):
            return functions.mean(fixed)
        return cells[0] if len(cells) == 1 else self._emit(op, cells)

    def _emit(self, op: Op, args: Sequence[Cell]) -> int:
        """A row, or the earlier one that does the same."""
        coded = tuple(self.coded(arg) for arg in args)
        if (op, coded) not in self._known:
            self.rows.append(Row(op, coded, self._line))
            self._known[op, coded] = len(self.rows) - 1
        return self._known[op, coded]

    def coded(self, cell: Cell) -> int:
        """A cell as the argument of a row: the number of a row, or ``~k`` for constant ``k``."""
        if not isinstance(cell, float):
            return cell
        key = cell if cell == cell else "n/a"
        if key not in self._numbers:
            self._numbers[key] = len(self.constants)
            self.constants.append(cell)
        return ~self._numbers[key]


def _same(a: Cell, b: Cell) -> bool:
    return type(a) is type(b) and a == b


def _floats(cells: Sequence[Cell]) -> list[float]:
    """Constants of cells; what moves lies outside the window that is asked for."""
    return [cell if isinstance(cell, float) else math.nan for cell in cells]


def _risky(expr: Expr) -> bool:
    return any(isinstance(node, Call) and node.op in _RISKY for node in walk(expr))
