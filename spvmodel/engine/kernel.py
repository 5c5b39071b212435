"""Rows through NumPy: one call a row, over a block of cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from spvmodel.engine import many_dates
from spvmodel.engine.many_dates import Bools
from spvmodel.engine.many_roots import irr, xirr
from spvmodel.engine.program import Floats, Op, Program

BLOCK: Final = 1024
"""Cases at once: large enough to hide the cost of a call, small enough for the cache."""


class NoValue(Exception):
    """A value that one of the cases needs does not exist; ``case`` counts from the start of the block."""

    def __init__(self, case: int, row: int = -1) -> None:
        super().__init__(case, row)
        self.case = case
        self.row = row


class NumpyKernel:
    """A program bound to registers for ``size`` cases."""

    def __init__(self, program: Program, inputs: int, outputs: int, size: int) -> None:
        self._inputs = np.empty((inputs, size))
        self._outputs = np.empty((outputs, size))
        registers = np.empty((program.registers, size))
        constants = program.constants.reshape(-1, 1)
        self._steps: list[tuple[Callable[..., object], tuple[Floats, ...]]] = []
        for row, number in enumerate(program.ops.tolist()):
            op, out, args = Op(number), int(program.outs[row]), program.operands(row)
            if op is Op.LOAD:
                self._steps.append((np.copyto, (registers[out], self._inputs[args[0]])))
                continue
            operands = [constants[~arg] if arg < 0 else registers[arg] for arg in args]
            if op is Op.STORE:
                self._steps.append((np.copyto, (self._outputs[out], operands[0])))
            else:
                self._steps.append((STEPS[op], (*operands, registers[out])))

    def run(self, inputs: Floats, outputs: Floats, first: int) -> None:
        """Compute the cases from ``first`` on, ``inputs`` (inputs, cases) to ``outputs`` (outputs, cases).

        Raises :class:`NoValue`.
        """
        block = slice(first, first + self._inputs.shape[1])
        self._inputs[:] = inputs[:, block]
        row = 0
        try:
            with np.errstate(all="ignore"):
                for row, (step, args) in enumerate(self._steps):  # noqa: B007
                    step(*args)
        except NoValue as error:
            raise NoValue(error.case, row) from None
        outputs[:, block] = self._outputs


def _refuse(bad: Bools, needed: tuple[Floats, ...]) -> None:
    for flag in needed:
        bad = bad & (flag != 0.0)
    if bad.any():
        raise NoValue(int(bad.argmax()))


def _div(a: Floats, b: Floats, *rest: Floats) -> None:
    *needed, out = rest
    if not b.all():
        _refuse(b == 0.0, tuple(needed))
    np.divide(a, b, out)


def _ratio(a: Floats, b: Floats, out: Floats) -> None:
    np.divide(a, b, out)
    np.copyto(out, np.nan, where=b == 0.0)


def _pow(a: Floats, b: Floats, *rest: Floats) -> None:
    *needed, out = rest
    np.power(a, b, out)
    _refuse(~np.isfinite(out), tuple(needed))


def _min(a: Floats, b: Floats, out: Floats) -> None:
    np.minimum(a, b, out=out)


def _max(a: Floats, b: Floats, out: Floats) -> None:
    np.maximum(a, b, out=out)


def _where(condition: Floats, then: Floats, otherwise: Floats, out: Floats) -> None:
    np.copyto(out, otherwise)
    np.copyto(out, then, where=condition != 0.0)


def _default(value: Floats, otherwise: Floats, out: Floats) -> None:
    np.copyto(out, value)
    np.copyto(out, otherwise, where=np.isnan(value))


def _defined(value: Floats, out: Floats) -> None:
    np.equal(value, value, out)


def _sum(*terms_and_out: Floats) -> None:
    """The sum, rounded once: what each addition loses is added up beside it (Ogita, Rump and Oishi)."""
    *terms, out = terms_and_out
    out[:] = terms[0]
    lost = np.zeros_like(out)
    for term in terms[1:]:
        before = out.copy()
        np.add(before, term, out)
        part = out - before
        lost += (before - (out - part)) + (term - part)
    out += lost


def _lowest(*terms_and_out: Floats) -> None:
    *terms, out = terms_and_out
    out[:] = terms[0]
    for term in terms[1:]:
        np.fmin(out, term, out=out)


def _highest(*terms_and_out: Floats) -> None:
    *terms, out = terms_and_out
    out[:] = terms[0]
    for term in terms[1:]:
        np.fmax(out, term, out=out)


def _mean(*terms_and_out: Floats) -> None:
    *terms, out = terms_and_out
    known = [~np.isnan(term) for term in terms]
    _sum(*(np.where(there, term, 0.0) for there, term in zip(known, terms, strict=True)), out)
    np.divide(out, sum(there.astype(np.float64) for there in known), out)


def _at_lowest(*keys_values_and_out: Floats) -> None:
    *both, out = keys_values_and_out
    half = len(both) // 2
    best = np.full_like(out, np.nan)
    out[:] = np.nan
    for key, value in zip(both[:half], both[half:], strict=True):
        better = ~(value >= best) & ~np.isnan(value)
        np.copyto(best, value, where=better)
        np.copyto(out, key, where=better)


def _window(limit: Floats, *pairs_and_out: Floats, ahead: bool) -> None:
    *pairs, out = pairs_and_out
    inside = np.ones(out.shape, dtype=np.bool_)
    terms = [np.zeros_like(out)]
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        inside &= (key <= limit) if ahead else (key > limit)
        if not inside.any():
            break
        terms.append(np.where(inside, value, 0.0))
    _sum(*terms, out)


def _sum_ahead(*args: Floats) -> None:
    _window(*args, ahead=True)


def _sum_behind(*args: Floats) -> None:
    _window(*args, ahead=False)


def _edate(day: Floats, months: Floats, *rest: Floats) -> None:
    *needed, out = rest
    _refuse(many_dates.edate(day, months, out), tuple(needed))


def _eomonth(day: Floats, months: Floats, *rest: Floats) -> None:
    *needed, out = rest
    _refuse(many_dates.eomonth(day, months, out), tuple(needed))


def _year(day: Floats, *rest: Floats) -> None:
    *needed, out = rest
    _refuse(many_dates.year(day, out), tuple(needed))


def _month(day: Floats, *rest: Floats) -> None:
    *needed, out = rest
    _refuse(many_dates.month(day, out), tuple(needed))


def _day(day: Floats, *rest: Floats) -> None:
    *needed, out = rest
    _refuse(many_dates.day(day, out), tuple(needed))


def _ln(a: Floats, *rest: Floats) -> None:
    """The logarithm of the C library, value by value: that of a processor's vector unit may differ in the last bit."""
    *needed, out = rest
    _refuse(a <= 0.0, tuple(needed))
    out[:] = [math.log(x) if not x <= 0.0 else np.nan for x in a]


STEPS: Final[dict[Op, Callable[..., object]]] = {
    Op.ADD: np.add,
    Op.SUB: np.subtract,
    Op.MUL: np.multiply,
    Op.DIV: _div,
    Op.RATIO: _ratio,
    Op.POW: _pow,
    Op.NEG: np.negative,
    Op.ABS: np.absolute,
    Op.FLOOR: np.floor,
    Op.MIN: _min,
    Op.MAX: _max,
    Op.WHERE: _where,
    Op.LT: np.less,
    Op.LE: np.less_equal,
    Op.GT: np.greater,
    Op.GE: np.greater_equal,
    Op.EQ: np.equal,
    Op.NE: np.not_equal,
    Op.DEFAULT: _default,
    Op.DEFINED: _defined,
    Op.SUM: _sum,
    Op.LOWEST: _lowest,
    Op.HIGHEST: _highest,
    Op.MEAN: _mean,
    Op.AT_LOWEST: _at_lowest,
    Op.SUM_AHEAD: _sum_ahead,
    Op.SUM_BEHIND: _sum_behind,
    Op.EDATE: _edate,
    Op.EOMONTH: _eomonth,
    Op.YEAR: _year,
    Op.MONTH: _month,
    Op.DAY: _day,
    Op.LN: _ln,
    Op.IRR: irr,
    Op.XIRR: xirr,
}
"""What to call for an operation, with its operands and then the array for the result."""
