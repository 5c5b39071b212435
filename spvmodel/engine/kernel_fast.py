"""Rows through one small compiled interpreter, whatever the model (needs the extra ``spvmodel[fast]``).

It is compiled on first use and kept in Numba's cache. Every loop runs over a block of cases that stays in the
processor's cache. Dates and rates of return are left to the functions of the NumPy kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import njit

from spvmodel.engine.kernel import STEPS, NoValue
from spvmodel.engine.program import Floats, Ints, Op, Program

BLOCK: Final = 512

# A row of registers is a little longer than the block: rows a power of two apart would share cache sets.
_PADDING: Final = 8
_SCRATCH: Final = 6

_LOAD, _STORE = int(Op.LOAD), int(Op.STORE)
_ADD, _SUB, _MUL, _DIV, _RATIO, _POW = (int(op) for op in (Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.RATIO, Op.POW))
_NEG, _ABS, _FLOOR, _MIN, _MAX = (int(op) for op in (Op.NEG, Op.ABS, Op.FLOOR, Op.MIN, Op.MAX))
_LT, _LE, _GT, _GE, _EQ, _NE = (int(op) for op in (Op.LT, Op.LE, Op.GT, Op.GE, Op.EQ, Op.NE))
_WHERE, _DEFAULT, _DEFINED, _SUM = (int(op) for op in (Op.WHERE, Op.DEFAULT, Op.DEFINED, Op.SUM))
_LOWEST, _HIGHEST, _MEAN, _AT_LOWEST = (int(op) for op in (Op.LOWEST, Op.HIGHEST, Op.MEAN, Op.AT_LOWEST))
_SUM_AHEAD, _SUM_BEHIND, _FIRST_LEFT = int(Op.SUM_AHEAD), int(Op.SUM_BEHIND), int(Op.EDATE)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled; kept on disk where there is a place to keep it."""
    compiled: Callable[..., Any]
    try:
        compiled = njit(function, nogil=True, error_model="numpy", cache=True)
    except RuntimeError:
        compiled = njit(function, nogil=True, error_model="numpy")
    return compiled


class FastKernel:
    """A program with registers for ``size`` cases."""

    def __init__(self, program: Program, size: int) -> None:
        self._program = program
        self._size = size
        self._registers = np.empty((_SCRATCH + program.registers, size + _PADDING))

    def run(self, inputs: Floats, outputs: Floats, first: int) -> None:
        """Compute the cases from ``first`` on, ``inputs`` (inputs, cases) to ``outputs`` (outputs, cases).

        Raises :class:`NoValue`.
        """
        program, size, row = self._program, self._size, 0
        while True:
            row, case = _run(
                program.ops,
                program.outs,
                program.starts,
                program.args,
                program.constants,
                inputs,
                outputs,
                first,
                self._registers,
                size,
                row,
            )
            if case >= 0:
                raise NoValue(case, row)
            if row == len(program.ops):
                return
            try:
                self._step(row)
            except NoValue as error:
                raise NoValue(error.case, row) from None
            row += 1

    def _step(self, row: int) -> None:
        """A row that is not compiled."""
        program, registers = self._program, self._registers[_SCRATCH:, : self._size]
        operands = [
            program.constants[~arg : ~arg + 1 or None] if arg < 0 else registers[arg] for arg in program.operands(row)
        ]
        with np.errstate(all="ignore"):
            STEPS[Op(int(program.ops[row]))](*operands, registers[program.outs[row]])


@_compiled
def _operand(registers: Floats, constants: Floats, arg: int, scratch: int, size: int) -> Floats:
    """The values of an operand; a constant is spread over a row of scratch."""
    if arg >= 0:
        scratch = _SCRATCH + arg
    row: Floats = registers[scratch][:size]
    if arg < 0:
        row[:] = constants[~arg]
    return row


@_compiled
def _add_term(total: Floats, lost: Floats, term: Floats) -> None:
    """One term of a sum that is rounded once (see the NumPy kernel)."""
    for i in range(total.size):
        after = total[i] + term[i]
        part = after - total[i]
        lost[i] += (total[i] - (after - part)) + (term[i] - part)
        total[i] = after


@_compiled
def _elementwise(op: int, a: Floats, b: Floats, out: Floats) -> None:
    n = out.size
    if op == _ADD:
        for i in range(n):
            out[i] = a[i] + b[i]
    elif op == _SUB:
        for i in range(n):
            out[i] = a[i] - b[i]
    elif op == _MUL:
        for i in range(n):
            out[i] = a[i] * b[i]
    elif op == _DIV:
        for i in range(n):
            out[i] = a[i] / b[i]
    elif op == _RATIO:
        for i in range(n):
            out[i] = a[i] / b[i] if b[i] != 0.0 else np.nan
    elif op == _POW:
        for i in range(n):
            out[i] = a[i] ** b[i]
    elif op == _NEG:
        for i in range(n):
            out[i] = -a[i]
    elif op == _ABS:
        for i in range(n):
            out[i] = abs(a[i])
    elif op == _FLOOR:
        for i in range(n):
            out[i] = np.floor(a[i])
    elif op == _MIN:
        for i in range(n):
            out[i] = b[i] if b[i] < a[i] else a[i]
    elif op == _MAX:
        for i in range(n):
            out[i] = b[i] if b[i] > a[i] else a[i]
    elif op == _LT:
        for i in range(n):
            out[i] = 1.0 if a[i] < b[i] else 0.0
    elif op == _LE:
        for i in range(n):
            out[i] = 1.0 if a[i] <= b[i] else 0.0
    elif op == _GT:
        for i in range(n):
            out[i] = 1.0 if a[i] > b[i] else 0.0
    elif op == _GE:
        for i in range(n):
            out[i] = 1.0 if a[i] >= b[i] else 0.0
    elif op == _EQ:
        for i in range(n):
            out[i] = 1.0 if a[i] == b[i] else 0.0
    elif op == _NE:
        for i in range(n):
            out[i] = 1.0 if a[i] != b[i] else 0.0
    elif op == _DEFAULT:
        for i in range(n):
            out[i] = a[i] if a[i] == a[i] else b[i]
    elif op == _DEFINED:
        for i in range(n):
            out[i] = 1.0 if a[i] == a[i] else 0.0


@_compiled
def _refused(op: int, b: Floats, out: Floats, needed: Floats) -> int:
    """The first case that needs a value it does not have, or -1."""
    for i in range(out.size):
        missing = b[i] == 0.0 if op == _DIV else not np.isfinite(out[i])
        if missing and needed[i] != 0.0:
            return i
    return -1


@_compiled
def _many_terms(op: int, args: Ints, constants: Floats, registers: Floats, size: int, out: Floats) -> None:
    """Operations on any number of operands."""
    lost, count = registers[3][:size], registers[4][:size]
    lost[:] = 0.0
    if op == _SUM:
        out[:] = 0.0
        for arg in args:
            _add_term(out, lost, _operand(registers, constants, arg, 0, size))
        for i in range(size):
            out[i] += lost[i]
    elif op in (_LOWEST, _HIGHEST):
        out[:] = np.nan
        sign = 1.0 if op == _LOWEST else -1.0
        for arg in args:
            term = _operand(registers, constants, arg, 0, size)
            for i in range(size):
                if term[i] == term[i] and not sign * term[i] >= sign * out[i]:
                    out[i] = term[i]
    elif op == _MEAN:
        out[:] = 0.0
        count[:] = 0.0
        known = registers[1][:size]
        for arg in args:
            term = _operand(registers, constants, arg, 0, size)
            for i in range(size):
                known[i] = term[i] if term[i] == term[i] else 0.0
                count[i] += 1.0 if term[i] == term[i] else 0.0
            _add_term(out, lost, known)
        for i in range(size):
            out[i] = (out[i] + lost[i]) / count[i]
    elif op == _AT_LOWEST:
        best, half = lost, args.size // 2
        best[:] = np.nan
        out[:] = np.nan
        for place in range(half):
            key = _operand(registers, constants, args[place], 0, size)
            term = _operand(registers, constants, args[half + place], 1, size)
            for i in range(size):
                if term[i] == term[i] and not term[i] >= best[i]:
                    best[i] = term[i]
                    out[i] = key[i]


@_compiled
def _window(op: int, args: Ints, constants: Floats, registers: Floats, size: int, out: Floats) -> None:
    """Sums over a window whose ends differ between cases."""
    lost, inside, part = registers[3][:size], registers[4][:size], registers[5][:size]
    limit = _operand(registers, constants, args[0], 2, size)
    lost[:] = 0.0
    inside[:] = 1.0
    out[:] = 0.0
    for place in range(1, args.size, 2):
        key = _operand(registers, constants, args[place], 0, size)
        term = _operand(registers, constants, args[place + 1], 1, size)
        some = 0.0
        for i in range(size):
            reached = key[i] <= limit[i] if op == _SUM_AHEAD else key[i] > limit[i]
            inside[i] = inside[i] if reached else 0.0
            part[i] = term[i] if inside[i] != 0.0 else 0.0
            some = max(some, inside[i])
        if some == 0.0:
            break
        _add_term(out, lost, part)
    for i in range(size):
        out[i] += lost[i]


@_compiled
def _run(
    ops: Ints,
    outs: Ints,
    starts: Ints,
    args: Ints,
    constants: Floats,
    inputs: Floats,
    outputs: Floats,
    first: int,
    registers: Floats,
    size: int,
    row: int,
) -> tuple[int, int]:
    """Run rows from ``row`` on: (the row that is left to NumPy or the end, -1) or (row, the case refused)."""
    while row < ops.size:
        op = ops[row]
        if op >= _FIRST_LEFT:
            return row, -1
        own = args[starts[row] : starts[row + 1]]
        if op == _LOAD:
            registers[_SCRATCH + outs[row]][:size] = inputs[own[0]][first : first + size]
        elif op == _STORE:
            outputs[outs[row]][first : first + size] = _operand(registers, constants, own[0], 0, size)
        else:
            out = registers[_SCRATCH + outs[row]][:size]
            if op == _WHERE:
                test = _operand(registers, constants, own[0], 0, size)
                then = _operand(registers, constants, own[1], 1, size)
                otherwise = _operand(registers, constants, own[2], 2, size)
                for i in range(size):
                    out[i] = then[i] if test[i] != 0.0 else otherwise[i]
            elif op < _SUM:
                a = _operand(registers, constants, own[0], 0, size)
                b = a if own.size == 1 else _operand(registers, constants, own[1], 1, size)
                _elementwise(op, a, b, out)
                if op in (_DIV, _POW):
                    needed = registers[2][:size]
                    if own.size == 3:
                        needed = _operand(registers, constants, own[2], 2, size)
                    else:
                        needed[:] = 1.0
                    case = _refused(op, b, out, needed)
                    if case >= 0:
                        return row, case
            elif op < _SUM_AHEAD:
                _many_terms(op, own, constants, registers, size, out)
            else:
                _window(op, own, constants, registers, size, out)
        row += 1
    return row, -1
