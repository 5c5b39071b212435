"""Rows through NumPy: one call a row, over a block of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from spvmodel.engine.many_dates import edate, eomonth, year
from spvmodel.engine.many_roots import irr, xirr
from spvmodel.engine.program import ARITY, Floats, Op, Program

BLOCK: Final = 1024
"""Cases at once: large enough to hide the cost of a call, small enough to stay in the cache."""

Step = Callable[..., object]


class Refused(Exception):
    """A value that one of the cases needs does not exist; ``case`` counts from the start of the block."""

    def __init__(self, row: int, case: int) -> None:
        super().__init__(row, case)
        self.row = row
        self.case = case


class Runner:
    """A program bound to registers for ``size`` cases."""

    def __init__(self, program: Program, size: int) -> None:
        self._registers = np.empty((program.registers, size))
        self._constants = program.constants.reshape(-1, 1)
        self._steps: list[tuple[Step, tuple[Floats, ...], Floats]] = []
        self._moves: dict[int, tuple[bool, int, Floats]] = {}
        for row, number in enumerate(program.ops.tolist()):
            op, out = Op(number), int(program.outs[row])
            if op is Op.LOAD:
                self._moves[row] = True, program.operands(row)[0], self._registers[out]
                self._steps.append((_nothing, (), self._registers[out]))
            elif op is Op.STORE:
                value = self._operand(program.operands(row)[0])
                self._moves[row] = False, out, value
                self._steps.append((_nothing, (), value))
            else:
                args = tuple(self._operand(arg) for arg in program.operands(row))
                self._steps.append((STEPS[op], args, self._registers[out]))

    def _operand(self, arg: int) -> Floats:
        return self._constants[~arg] if arg < 0 else self._registers[arg]

    def run(self, inputs: Floats, outputs: Floats) -> None:
        """Compute one block: ``inputs`` (inputs, cases) to ``outputs`` (outputs, cases).

        Raises :class:`Refused`.
        """
        with np.errstate(all="ignore"):
            for row, (step, args, out) in enumerate(self._steps):
                if row in self._moves:
                    load, place, register = self._moves[row]
                    if load:
                        register[:] = inputs[place]
                    else:
                        outputs[place] = register
                    continue
                bad = step(*args, out)
                if isinstance(bad, int):
                    raise Refused(row, bad)
