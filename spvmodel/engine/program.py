"""Instruction rows: what is left of a model when only some inputs move.

A row is one operation on one cell (a line in a period) for every case at once. Its operands are registers or
constants; a register is used again as soon as nothing reads what it holds.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Op(IntEnum):
    """What a row does. Names are those of the operations of a formula, with ``SUM`` for every plain sum.

    ``LOAD`` reads an input, ``STORE`` writes an output. ``DIV``, ``POW``, ``LN`` and the dates may carry one operand
    more: where that is 0 the case does not need the value, and a value that does not exist is no error.
    """

    LOAD = 0
    STORE = auto()
    ADD = auto()
    SUB = auto()
    MUL = auto()
    DIV = auto()
    RATIO = auto()
    POW = auto()
    NEG = auto()
    ABS = auto()
    FLOOR = auto()
    MIN = auto()
    MAX = auto()
    WHERE = auto()
    LT = auto()
    LE = auto()
    GT = auto()
    GE = auto()
    EQ = auto()
    NE = auto()
    DEFAULT = auto()
    DEFINED = auto()
    SUM = auto()
    LOWEST = auto()
    HIGHEST = auto()
    MEAN = auto()
    AT_LOWEST = auto()
    SUM_AHEAD = auto()
    SUM_BEHIND = auto()
    # From here on the rows of both kernels are done by the same NumPy functions.
    EDATE = auto()
    EOMONTH = auto()
    YEAR = auto()
    MONTH = auto()
    DAY = auto()
    LN = auto()
    IRR = auto()
    XIRR = auto()


REASONS: Final = {
    Op.DIV: "division by zero",
    Op.POW: "a power that is no finite number",
    Op.EDATE: "a date out of range",
    Op.EOMONTH: "a date out of range",
    Op.YEAR: "a date out of range",
    Op.MONTH: "a date out of range",
    Op.DAY: "a date out of range",
    Op.LN: "a logarithm of what is not above 0",
}
"""The operations that can have no value, and what is then wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row before registers are given out.

    ``args`` are numbers of earlier rows, or ``~k`` for constant ``k``. ``target`` is the number of the input
    that is loaded or of the output that is written. ``line`` is the line being computed.
    """

    op: Op
    args: tuple[int, ...]
    line: str
    target: int = 0


@dataclass(frozen=True)
class Program:
    """Rows ready to run: ``ops[r]`` works on ``args[starts[r]:starts[r + 1]]`` and leaves register ``outs[r]``.

    An argument ``~k`` is ``constants[k]``. For ``LOAD`` the only argument is the number of the input, for
    ``STORE`` ``outs[r]`` is the number of the output. ``lines[r]`` names the line a row belongs to.
    """

    ops: Ints
    outs: Ints
    starts: Ints
    args: Ints
    constants: Floats
    registers: int
    lines: tuple[str, ...]

    def operands(self, row: int) -> list[int]:
        """The arguments of one row."""
        found: list[int] = self.args[self.starts[row] : self.starts[row + 1]].tolist()
        return found


def assemble(rows: Sequence[Row], constants: Sequence[float]) -> Program:
    """Leave out rows that nothing needs, and give the others registers."""
    kept = _order(rows, _needed(rows, constants))
    last_use: dict[int, int] = {}
    for place, number in enumerate(kept):
        last_use.update((arg, place) for arg in rows[number].args if arg >= 0)
    register: dict[int, int] = {}
    free: list[int] = []
    used = 0
    outs: list[int] = []
    starts = [0]
    args: list[int] = []
    for place, number in enumerate(kept):
        row = rows[number]
        args.extend(arg if arg < 0 else register[arg] for arg in row.args)
        if row.op is Op.LOAD:
            args.append(row.target)
        starts.append(len(args))
        if row.op is Op.STORE:
            outs.append(row.target)
        else:
            # The result never lies where an operand does: kernels may then vectorise without a look.
            if free:
                register[number] = heapq.heappop(free)
            else:
                register[number], used = used, used + 1
            outs.append(register[number])
        for arg in set(row.args):
            if arg >= 0 and last_use[arg] == place:
                heapq.heappush(free, register[arg])
        if row.op is not Op.STORE and number not in last_use:
            heapq.heappush(free, register[number])
    return Program(
        _ints([rows[number].op for number in kept]),
        _ints(outs),
        _ints(starts),
        _ints(args),
        np.array(constants or [0.0], dtype=np.float64),
        used,
        tuple(rows[number].line for number in kept),
    )


def _ints(values: Sequence[Any]) -> Ints:
    return np.array(values, dtype=np.int32)


def _can_fail(row: Row, constants: Sequence[float]) -> bool:
    if row.op is Op.DIV and row.args[1] < 0:
        return constants[~row.args[1]] == 0.0
    return row.op in REASONS


def _needed(rows: Sequence[Row], constants: Sequence[float]) -> list[int]:
    """The rows behind an output, and those that a single case would refuse, each list in order."""
    needed: set[int] = set()
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        if number in needed or row.op is Op.STORE or _can_fail(row, constants):
            needed.add(number)
            needed.update(arg for arg in row.args if arg >= 0)
    return sorted(needed)


def _order(rows: Sequence[Row], needed: Sequence[int]) -> list[int]:
    """An order in which a row comes soon after what it reads: fewer values wait, and those stay in the cache."""
    read = {arg for number in needed for arg in rows[number].args}
    done: dict[int, None] = {}
    for last in needed:
        if last in read:
            continue
        path = [last]
        while path:
            number = path[-1]
            waiting = [arg for arg in rows[number].args if arg >= 0 and arg not in done]
            if waiting:
                path.append(waiting[0])
            else:
                done[path.pop()] = None
    return list(done)
