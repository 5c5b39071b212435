"""Rules of the deal as a whole: its close, its base rate and the levels of its covenants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.dates import words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import DealSpec


def general(values: Values, spec: DealSpec) -> Iterator[Problem]:
    close = values.date("time.close")
    first = values.points("rates.curve")[0][0] if "rates.curve" in values else close
    if first > close:
        message = f"the base rate path begins on {first}, after financial close on {close}"
        yield Problem(("rates.curve", "time.close"), message, f"a first date on or before {close}")
    lockup, default = values.number("covenants.lockup_dscr"), values.number("covenants.default_dscr")
    if default > lockup:
        message = f"the default DSCR of {default:.2f}x lies above the lock-up DSCR of {lockup:.2f}x"
        yield Problem(("covenants.default_dscr", "covenants.lockup_dscr"), message, f"at most {lockup:.2f}x")
    lockup_life, default_life = "covenants.lockup_llcr", "covenants.default_llcr"
    if lockup_life in values and default_life in values:
        most, level = values.number(lockup_life), values.number(default_life)
        if level > most:
            message = f"the default LLCR of {level:.2f}x lies above the lock-up LLCR of {most:.2f}x"
            yield Problem((default_life, lockup_life), message, f"at most {most:.2f}x")
    yield from _cure(values, spec)


def _cure(values: Values, spec: DealSpec) -> Iterator[Problem]:
    most, row = "covenants.cure.most", "covenants.cure.in_a_row"
    if most in values and values.number(row) > values.number(most):
        message = f"{values.number(row):.0f} cures in a row are more than the {values.number(most):.0f} there may be"
        yield Problem((row, most), message, f"at most {values.number(most):.0f}")
    cure, level = spec.covenants.cure, "covenants.default_dscr"
    if cure is not None and cure.by == "prepayment" and values.number(level) == 0:
        message = "no prepayment mends a default DSCR of 0.00x, which only negative CFADS fails"
        yield Problem((level,), message, "above 0x, or a cure by: cash")


def closing(values: Values, spec: DealSpec, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The periods follow the close of the base case; a case may move it, but not past the end of the first period."""
    close, first = values.date("time.close"), periods[1 if spec.time.closing == "on its own" else 0]
    if close >= first:
        message = f"{words(values, 'time.close')} ({close}) is not before the first period ends ({first})"
        yield Problem(("time.close",), message, f"before {first}")


def appraisals(values: Values, end: dt.date) -> Iterator[Problem]:
    """One of the values by date is in force while the model runs."""
    name = "valuation.amounts"
    if name in values and (first := min(day for day, _ in values.points(name))) > end:
        message = f"the first value of the collateral ({first}) lies after the timeline ends on {end}"
        yield Problem((name,), message, f"by {end}, or a later time.end")
