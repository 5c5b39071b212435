"""The Python that computes a graph for one case: a function, because its variables are the fastest Python has.

Each line becomes one statement. A scalar is a float; a series is ``periods + 2`` floats: the opening value, the
periods, and the 0 that lies after the last one.

Time goes to reaching numbers as much as to computing them. Lines that go through the periods together are therefore
variables of the period that is computed, as are those that they read in it, and every period is packed as one row of a
table; a list of a series is there only from the loop that makes it to the last that reads it by place. Sums over
windows of what is known before a loop are lists that are made before it, once for windows that are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from spvmodel.engine.functions import NAMED, WINDOWS, sums
from spvmodel.lines import Block, Call, Expr, Line, Model, Number, Ref
from spvmodel.lines.expr import COMPARISONS, walk

CALLED: Final = {**NAMED, "sums": sums, **{f"windows_{op}": windows for op, windows in WINDOWS.items()}}
"""Functions that generated Python calls by name."""
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
    made = [("the model", f"def run(V, R, B, N, NAN, packed, Table, fsum, {', '.join(CALLED)}):")]
    made.append(("the model", " windows, summed = [], {}"))
    there: set[str] = set()
    blocks = _together(model)
    last, listed = _last_read(model, blocks)
    for block, ends in zip(blocks, last, strict=True):
        first = model.lines[block.names[0]]
        if not first.series:
            made.append((first.name, text.scalar(first)))
            continue
        if len(block.names) == 1:
            made.extend((first.name, statement) for statement in text.series(first, block))
            there.add(first.name)
        else:
            kept = set(block.names).difference(ends)
            made.extend(text.loop(block, kept, listed))
            there |= kept
        if unread := there.intersection(ends):
            there -= unread
            made.append((first.name, f" del {', '.join(map(text.name, sorted(unread)))}"))
    return tuple(made)


def _together(model: Model) -> list[Block]:
    """The blocks in an order of evaluation, those that can go forwards through the periods together as one.

    Each goes with the first loop it can: few and long loops reach numbers soonest.
    """
    loop_of: dict[str, int] = {}
    forwards: dict[str, bool] = {}
    between: dict[int, list[Block]] = defaultdict(list)
    """Blocks that stand before a loop: scalars, inputs, and what goes backwards."""
    together: dict[int, list[str]] = defaultdict(list)
    for block in model.order:
        first = model.lines[block.names[0]]
        goes = first.series and not first.is_input and block.direction >= 0
        loop = 0
        for line in map(model.lines.__getitem__, block.names):
            whole = _read_by(line, _WHOLE)
            for name in _read_by(line).difference(block.names):
                after = forwards[name] and (not goes or name in whole)
                loop = max(loop, loop_of[name] + after)
        loop_of |= dict.fromkeys(block.names, loop)
        forwards |= dict.fromkeys(block.names, goes)
        if goes:
            together[loop] += block.names
        else:
            between[loop].append(block)
    made: list[Block] = []
    for loop in range(1 + max(loop_of.values(), default=0)):
        made += between[loop]
        if together[loop]:
            made.append(Block(tuple(together[loop]), 1))
    return made


def _last_read(model: Model, blocks: Sequence[Block]) -> tuple[list[list[str]], set[str]]:
    """For every block the series that no later block reads; and the series that some block reads as a list."""
    last: dict[str, int] = {}
    listed: set[str] = set()
    for place, block in enumerate(blocks):
        for name in block.names:
            last[name] = place
            for given in _formulas(model.lines[name]):
                for read, as_list in _reads(given, block):
                    last[read] = place
                    if as_list:
                        listed.add(read)
    found: list[list[str]] = [[] for _ in blocks]
    for name, place in last.items():
        if model.lines[name].series:
            found[place].append(name)
    return found, listed


def _reads(expr: Expr, block: Block) -> Iterator[tuple[str, bool]]:
    """The lines that a formula of a block reads, and whether beyond the period and so by their place in a list.

    Those of windows that are summed before the block are not among them.
    """
    if isinstance(expr, Ref):
        yield expr.name, False
    elif isinstance(expr, Call) and not _summed_before(expr, block):
        for arg in expr.args:
            if isinstance(arg, Ref) and (expr.op == "prev" or expr.op in _WHOLE):
                yield arg.name, True
            else:
                yield from _reads(arg, block)


def _read_by(line: Line, ops: frozenset[str] = frozenset()) -> set[str]:
    """The lines that a line reads; those that it reads by one of the operations alone, where any are named."""
    parts = [part for given in _formulas(line) for part in walk(given)]
    if ops:
        parts = [arg for part in parts if isinstance(part, Call) and part.op in ops for arg in part.args]
    return {part.name for part in parts if isinstance(part, Ref)}


def _summed_before(expr: Call, block: Block) -> bool:
    """Whether a formula is a sum over windows of what is known before a block."""
    return expr.op in WINDOWS and all(isinstance(arg, Ref) and arg.name not in block.names for arg in expr.args)


def _formulas(line: Line) -> list[Expr]:
    return [given for given in (line.expr, line.opening) if given is not None]


def _ref(expr: Expr) -> str:
    assert isinstance(expr, Ref)
    return expr.name


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


def _head(given: Sequence[str], block: Block) -> Iterator[str]:
    """The statements that begin a loop through the periods, with the values of lists that are there by then.

    A loop over all of them side by side reaches them sooner than a look into each.
    """
    if block.direction < 0:
        yield f" rows = zip({', '.join(('B', *(f'{each}[N::-1]' for each in given)))})"
    else:
        yield f" rows = zip({', '.join(('range(N + 1)', *given))}); next(rows)"
    yield f" for {', '.join(('t', *map(_in_period, given)))}, in rows:"


def _in_period(variable: str) -> str:
    """The variable that holds the value of a list in the period of a loop."""
    return f"x{variable}"


class _Text:
    """Formulas as Python text."""

    def __init__(self, model: Model, slots: dict[str, int]) -> None:
        self.model = model
        self.slots = slots
        self.windows: dict[tuple[str, str, str], str] = {}
        """Variables that hold the windows of every period, by operation and the slots of key and limit."""
        self.sums: dict[Call, str] = {}
        """Lists of the sums over windows that the block being written reads."""
        self.here: dict[str, None] | None = None
        """What has a variable of the period, in the loop of several lines that is being written; else nothing."""
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
        yield from (statement for _, statement in self.summed([line], block))
        yield f" {variable} = {self._blank(line)}"
        yield f" for t in {_periods(block)}: {variable}[t] = {self.of(line.expr)}"
        yield f" {slot} = packed({variable})"

    def loop(self, block: Block, kept: set[str], listed: set[str]) -> Iterator[tuple[str, str]]:
        """The statements of lines that go through the periods together, each with its line.

        What is ``kept`` for later has a variable: a list where it is ``listed``, else the array that is returned.
        """
        lines = [self.model.lines[name] for name in block.names]
        first, columns = block.names[0], len(lines)
        self.beside, whole = _reach(lines, block)
        yield from self.summed(lines, block)
        yield first, f" table = Table({columns}, N, [{', '.join(self.of(_opening(line)) for line in lines)}])"
        yield first, " put, stride = table.put, table.stride"
        for line in lines:
            if line.name in whole:
                yield line.name, f" {self.name(line.name)} = {self._blank(line)}"
            if line.name in self.beside:
                before = "0.0" if block.direction < 0 else self.of(_opening(line))
                yield line.name, f" {self._beside(line.name)} = {before}"
        self.here = {}
        body = []
        for line in lines:
            target = f"{self.name(line.name)}[t] = " if line.name in whole else ""
            body.append((line.name, f"  {self._here(line.name)} = {target}{self.of(line.expr)}"))
        own = set(map(self.name, block.names))
        yield from ((first, statement) for statement in _head([each for each in self.here if each not in own], block))
        yield from body
        yield first, f"  put(t * stride, {', '.join(map(self._here, block.names))})"
        for name in sorted(self.beside):
            yield name, f"  {self._beside(name)} = {self._here(name)}"
        self.here, self.beside = None, set()
        for column, name in enumerate(block.names):
            yield name, f" column = table.column({column})"
            if name in kept:
                yield name, f" {self.name(name)} = column{'.tolist()' if name in listed else ''}"
            yield name, f" column.pop(); {self.slot(name)} = column"

    def _blank(self, line: Line) -> str:
        return f"[{self.of(_opening(line))}] + [0.0] * (N + 1)"

    def _here(self, line: str) -> str:
        return _in_period(self.name(line))

    def _beside(self, line: str) -> str:
        return f"p{self.slots[line]}"

    def summed(self, lines: Sequence[Line], block: Block) -> Iterator[tuple[str, str]]:
        """The statements that sum over windows of what is known before a block, each with the line that reads it."""
        self.sums = {}
        for line in lines:
            for part in walk(line.expr) if line.expr is not None else ():
                if not (isinstance(part, Call) and _summed_before(part, block)) or part in self.sums:
                    continue
                self.sums[part] = f"s{len(self.sums)}"
                terms, key, limit = (self.slot(_ref(arg)) for arg in part.args)
                if (part.op, key, limit) not in self.windows:
                    self.windows[part.op, key, limit] = f"w{len(self.windows)}"
                    yield (
                        line.name,
                        f" {self.windows[part.op, key, limit]} = windows_{part.op}({key}, {limit}, windows)",
                    )
                yield line.name, f" {self.sums[part]} = sums({terms}, {self.windows[part.op, key, limit]}, summed)"

    def of(self, expr: Expr | None) -> str:
        if isinstance(expr, Number):
            return repr(float(expr.value))
        if isinstance(expr, Ref):
            if not self.model.lines[expr.name].series:
                return self.name(expr.name)
            return self._now(self.name(expr.name))
        assert isinstance(expr, Call)
        return self._call(expr)

    def _now(self, variable: str) -> str:
        """The value that a list has in the period."""
        if self.here is None:
            return f"{variable}[t]"
        self.here[variable] = None
        return _in_period(variable)

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
            if expr in self.sums:
                return self._now(self.sums[expr])
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
        return self.name(_ref(expr))


def slots_of(model: Model) -> dict[str, int]:
    """The slot of every line."""
    return {name: slot for slot, name in enumerate(model.lines)}
