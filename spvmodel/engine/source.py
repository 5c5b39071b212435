"""The Python that computes a graph for one case: a function, because its variables are the fastest Python has.

Each line becomes one statement. A scalar is a float; a series is ``periods + 2`` floats: the opening value, the
periods, and the 0 that lies after the last one.

Time goes to reaching numbers as much as to computing them. Lines that go through the periods together are therefore
variables of the period that is computed, and every period is packed as one row of a table; a list of a series is there
only from the loop that makes it to the last that reads it; and windows that begin and end alike are looked up once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from spvmodel.engine.functions import NAMED, WINDOWS
from spvmodel.lines import Block, Call, Expr, Line, Model, Number, Ref
from spvmodel.lines.expr import COMPARISONS, walk

BOUNDS: Final = {f"bounds_{op}": bounds for op, bounds in WINDOWS.items()}
"""Functions that generated Python calls by name, beside the operations."""
_PYTHON: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_SIGNS: Final = {op: {"=": "==", "<>": "!="}.get(sign, sign) for op, sign in COMPARISONS.items()}
_WHOLE: Final = frozenset({"next", "total", "lowest", "highest", "mean", "at_lowest", "irr", "xirr", *WINDOWS})
"""Operations that read a series beyond the period that is computed and the one before it."""


@lru_cache(maxsize=16)
def statements(model: Model) -> tuple[tuple[str, str], ...]:
    """Pairs of the line a statement computes and the statement, each on one source line.

    The function fills ``V``, one slot a line, over the periods forwards ``R`` or backwards ``B``, ``N`` of them.
    """
    text = _Text(model, slots_of(model))
    made = [("the model", f"def run(V, R, B, N, NAN, packed, Table, fsum, {', '.join((*NAMED, *BOUNDS))}):")]
    lists: set[str] = set()
    blocks = _together(model)
    for block, ends in zip(blocks, _last_read(model, blocks), strict=True):
        first = model.lines[block.names[0]]
        if not first.series:
            made.append((first.name, text.scalar(first)))
            continue
        if len(block.names) == 1:
            made.extend((first.name, statement) for statement in text.series(first, block))
            lists.add(first.name)
        else:
            kept = set(block.names).difference(ends)
            made.extend(text.loop(block, kept))
            lists |= kept
        if unread := lists.intersection(ends):
            lists -= unread
            made.append((first.name, f" del {', '.join(map(text.name, sorted(unread)))}"))
    return tuple(made)


def _together(model: Model) -> list[Block]:
    """The blocks in an order of evaluation, those that can go forwards through the periods together as one."""
    made: list[Block] = []
    names: dict[str, None] = {}

    def close() -> None:
        if names:
            made.append(Block(tuple(names), 1))
            names.clear()

    for block in model.order:
        first = model.lines[block.names[0]]
        forwards = first.series and not first.is_input and block.direction >= 0
        if forwards and not any(names.keys() & _read_by(model.lines[name], _WHOLE) for name in block.names):
            names |= dict.fromkeys(block.names)
        elif not forwards and not any(names.keys() & _read_by(model.lines[name]) for name in block.names):
            made.append(block)
        else:
            close()
            if forwards:
                names |= dict.fromkeys(block.names)
            else:
                made.append(block)
    close()
    return made


def _last_read(model: Model, blocks: Sequence[Block]) -> list[list[str]]:
    """For every block the series that no later block reads."""
    last: dict[str, int] = {}
    for place, block in enumerate(blocks):
        for name in block.names:
            last[name] = place
            last |= dict.fromkeys(_read_by(model.lines[name]), place)
    found: list[list[str]] = [[] for _ in blocks]
    for name, place in last.items():
        if model.lines[name].series:
            found[place].append(name)
    return found


def _read_by(line: Line, ops: frozenset[str] = frozenset()) -> set[str]:
    """The lines that a line reads; those that it reads by one of the operations alone, where any are named."""
    parts = [part for given in (line.expr, line.opening) if given is not None for part in walk(given)]
    if ops:
        parts = [arg for part in parts if isinstance(part, Call) and part.op in ops for arg in part.args]
    return {part.name for part in parts if isinstance(part, Ref)}


def _opening(line: Line) -> Expr:
    return Number(0.0) if line.opening is None else line.opening


def _periods(block: Block) -> str:
    return "B" if block.direction < 0 else "R"


def _reach(lines: Sequence[Line], block: Block) -> tuple[set[str], set[str]]:
    """Lines of a block that it reads in the period computed before, and those that it reads in any other."""
    step = "next" if block.direction < 0 else "prev"
    beside: set[str] = set()
    whole: set[str] = set()
    for line in lines:
        for part in walk(line.expr) if line.expr is not None else ():
            if isinstance(part, Call) and part.op in ("prev", "next", *WINDOWS):
                read = part.args[:2] if part.op in WINDOWS else part.args
                names = {arg.name for arg in read if isinstance(arg, Ref)}.intersection(block.names)
                (beside if part.op == step else whole).update(names)
    return beside - whole, whole


class _Text:
    """Formulas as Python text."""

    def __init__(self, model: Model, slots: dict[str, int]) -> None:
        self.model = model
        self.slots = slots
        self.bounds: dict[tuple[str, Expr, Expr], str] = {}
        """Variables that hold where windows begin and end, by operation, key and limit."""
        self.here: set[str] = set()
        """Lines of the loop being written that are variables of the period by now."""
        self.beside: set[str] = set()
        """Lines of the loop being written whose value in the period computed before is a variable."""

    def name(self, line: str) -> str:
        """The variable of a line: a scalar, or the list of a series."""
        return f"v{self.slots[line]}"

    def slot(self, line: str) -> str:
        """Where the value of a line is returned."""
        return f"V[{self.slots[line]}]"

    def scalar(self, line: Line) -> str:
        """The statement of a scalar."""
        made = f" {self.name(line.name)} = {self.slot(line.name)}"
        return made if line.is_input else f"{made} = {self.of(line.expr)}"

    def series(self, line: Line, block: Block) -> Iterator[str]:
        """The statements of a series that is alone in its block: they fill its list and pack it."""
        variable, slot = self.name(line.name), self.slot(line.name)
        if line.is_input:
            yield f" {variable} = [*{slot}, 0.0]"
            return
        yield from self.windows(line.name, block)
        yield f" {variable} = {self._blank(line)}"
        yield f" for t in {_periods(block)}: {variable}[t] = {self.of(line.expr)}"
        yield f" {slot} = packed({variable})"

    def loop(self, block: Block, kept: set[str]) -> Iterator[tuple[str, str]]:
        """The statements of lines that go through the periods together, each with its line; ``kept`` become lists."""
        lines = [self.model.lines[name] for name in block.names]
        first, columns = block.names[0], len(lines)
        self.beside, whole = _reach(lines, block)
        for line in lines:
            yield from ((line.name, statement) for statement in self.windows(line.name, block))
        yield first, f" table = Table({columns}, N, [{', '.join(self.of(_opening(line)) for line in lines)}])"
        yield first, " put, stride = table.put, table.stride"
        for line in lines:
            if line.name in whole:
                yield line.name, f" {self.name(line.name)} = {self._blank(line)}"
            if line.name in self.beside:
                before = "0.0" if block.direction < 0 else self.of(_opening(line))
                yield line.name, f" {self._beside(line.name)} = {before}"
        yield first, f" for t in {_periods(block)}:"
        for line in lines:
            target = f"{self.name(line.name)}[t] = " if line.name in whole else ""
            yield line.name, f"  {self._here(line.name)} = {target}{self.of(line.expr)}"
            self.here.add(line.name)
        yield first, f"  put(t * stride, {', '.join(map(self._here, block.names))})"
        for name in sorted(self.beside):
            yield name, f"  {self._beside(name)} = {self._here(name)}"
        self.here, self.beside = set(), set()
        for column, name in enumerate(block.names):
            yield name, f" column = table.column({column})"
            if name in kept:
                yield name, f" {self.name(name)} = column.tolist()"
            yield name, f" column.pop(); {self.slot(name)} = column"

    def _blank(self, line: Line) -> str:
        return f"[{self.of(_opening(line))}] + [0.0] * (N + 1)"

    def _here(self, line: str) -> str:
        return f"x{self.slots[line]}"

    def _beside(self, line: str) -> str:
        return f"p{self.slots[line]}"

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
                yield f" {variable} = bounds_{part.op}({self._line(key)}, {limits})"

    @staticmethod
    def _window(expr: Call) -> tuple[str, Expr, Expr]:
        return expr.op, expr.args[1], expr.args[2]

    def of(self, expr: Expr | None) -> str:
        if isinstance(expr, Number):
            return repr(float(expr.value))
        if isinstance(expr, Ref):
            if expr.name in self.here:
                return self._here(expr.name)
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
            if isinstance(args[0], Ref) and args[0].name in self.beside:
                return self._beside(args[0].name)
            return f"{self._line(args[0])}[t {'-' if op == 'prev' else '+'} 1]"
        if op in WINDOWS:
            if self._window(expr) in self.bounds:
                return f"fsum({self._line(args[0])}[{self.bounds[self._window(expr)]}[t]])"
            return f"{op}({self._line(args[0])}, {self._line(args[1])}, {self.of(args[2])}, t)"
        if op in ("total", "lowest", "highest", "mean", "at_lowest", "irr", "xirr"):
            return f"{op}({', '.join(f'{self._line(arg)}[1:-1]' for arg in args)})"
        return self._inline(op, args) or f"{op}({', '.join(self.of(arg) for arg in args)})"

    def _inline(self, op: str, args: Sequence[Expr]) -> str:
        """What a function does, without the call; empty where an operand that is no plain value stands in the way.

        ``m`` holds such an operand. It is read at once, so that functions within functions can share it.
        """
        texts = [self.of(arg) for arg in args]
        plain = [isinstance(arg, Number | Ref) for arg in args]
        if op == "sum_of":
            return f"fsum(({', '.join(texts)},))"
        if op in ("min", "max") and len(args) == 2 and any(plain):
            # As Python does it: the first, unless the second is beyond it.
            (a, b), sign = texts, "<" if op == "min" else ">"
            if plain[0]:
                return f"({b} if {b} {sign} {a} else {a})" if plain[1] else f"(m if (m := {b}) {sign} {a} else {a})"
            return f"({b} if {b} {sign} (m := {a}) else m)"
        if op == "ratio" and plain[1]:
            return f"({texts[0]} / {texts[1]} if {texts[1]} != 0.0 else NAN)" if plain[0] else ""
        if op == "default" and plain[1]:
            return f"(m if (m := {texts[0]}) == m else {texts[1]})"
        return ""

    def _condition(self, expr: Expr) -> str:
        if isinstance(expr, Call) and expr.op in _SIGNS:
            return f"{self.of(expr.args[0])} {_SIGNS[expr.op]} {self.of(expr.args[1])}"
        return f"{self.of(expr)} != 0.0"

    def _line(self, expr: Expr) -> str:
        assert isinstance(expr, Ref)
        return self.name(expr.name)


def slots_of(model: Model) -> dict[str, int]:
    """The slot of every line."""
    return {name: slot for slot, name in enumerate(model.lines)}
