"""What must hold of triggers: one condition, some effect, and what each of them needs of the rest of the deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import Problem, Values
from spvmodel.deal.schema import DealSpec, Trigger
from spvmodel.deal.stated import Stated
from spvmodel.deal.translate import Translator

_CONDITIONS: Final = ("dscr_below", "debt_yield_below", "ltv_above", "on")
_EFFECTS: Final = ("margin", "dsra_months", "sweep_share")


def misfits(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Keys of triggers that do not go together, or miss what they act on."""
    for key, trigger in spec.trigger.items():
        yield from _trigger(("trigger", key), trigger, spec, say)


def _trigger(path: tuple[str, str], trigger: Trigger, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    key = path[1]
    given = [name for name in _CONDITIONS if getattr(trigger, name) is not None]
    if len(given) != 1:
        has = f"the conditions {', '.join(given)}" if given else "no condition"
        allowed = f"exactly one of {', '.join(_CONDITIONS)}"
        yield say.error(path, f"trigger '{key}' has {has}", allowed, key=True)
    if all(getattr(trigger, name) is None for name in _EFFECTS) and trigger.blocks_distributions == "no":
        allowed = f"at least one of {', '.join(_EFFECTS)}, blocks_distributions: yes"
        yield say.error(path, f"trigger '{key}' has no effect", allowed, key=True)
    if trigger.ltv_above is not None and spec.valuation is None:
        yield say.error((*path, "ltv_above"), "the deal file values no collateral", "a section valuation", key=True)
    if trigger.sweep_share is not None and spec.sweep is None:
        message = f"trigger '{key}' raises a sweep, and the deal has none"
        yield say.error((*path, "sweep_share"), message, "a section sweep", key=True)
    yield from _idle(path, trigger, spec, say)
    if trigger.loans and trigger.margin is None:
        message = f"'loans' means nothing for trigger '{key}', which steps no margin"
        yield say.error((*path, "loans"), message, "margin beside it, or no loans", key=True)
    for place, loan in enumerate(trigger.loans):
        if loan in trigger.loans[:place]:
            message = f"'{loan}' stands twice among the loans of trigger '{key}'"
            yield say.error((*path, "loans", place), message, "each loan once")


def _idle(path: tuple[str, str], trigger: Trigger, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """A trigger raises the DSRA or the sweep above what holds without it, in the base case or in one that says so."""
    changed = {name for case in spec.cases.values() for name in case.set}
    dsra, sweep = spec.reserves.dsra, spec.sweep
    if trigger.dsra_months is not None and dsra.amount is None:
        names = {f"trigger.{path[1]}.dsra_months", "reserves.dsra.months"}
        most, least = _number(trigger.dsra_months), _number(dsra.months)
        if most <= least and not names & changed:
            message = f"trigger '{path[1]}' holds {most:g} months in a DSRA that always holds {least:g}"
            yield say.error((*path, "dsra_months"), message, f"more than {least:g} months, or no dsra_months")
    # While a sweep waits for its start or for low cover, a trigger sweeps before it does.
    if trigger.sweep_share is not None and sweep is not None and sweep.start is None and sweep.below_dscr is None:
        names = {f"trigger.{path[1]}.sweep_share", "sweep.share"}
        most, least = _number(trigger.sweep_share), _number(sweep.share)
        if most <= least and not names & changed:
            message = f"trigger '{path[1]}' sweeps {most:.2%} of the cash of which {least:.2%} is always swept"
            yield say.error((*path, "sweep_share"), message, f"more than {least:.2%}, or no sweep_share")


def _number(stated: Stated) -> float:
    assert isinstance(stated.value, float)
    return stated.value


def problems(spec: DealSpec, quantities: Mapping[str, Quantity]) -> Iterator[Problem]:
    """Triggers together do not take more off a margin or a fixed rate than there is of it."""
    values = Values(quantities)
    for loan, terms in spec.debt.items():
        steps = []
        for key, trigger in spec.trigger.items():
            named = loan in trigger.loans or (not trigger.loans and terms.rank == "senior")
            name = f"trigger.{key}.margin"
            if trigger.margin is not None and named and values.number(name) < 0:
                steps.append(name)
        own = f"debt.{loan}.margin" if terms.margin is not None else f"debt.{loan}.fixed_rate"
        lowest = values.number(own)
        if terms.margin_steps is not None:
            lowest = min(lowest, *(margin for _, margin in values.points(f"debt.{loan}.margin_steps")))
        left = lowest + sum(map(values.number, steps))
        if steps and left < -1e-12:
            what = "margin" if terms.margin is not None else "rate"
            message = f"triggers take {short(terms.label)} to a {what} of {left:.2%}"
            yield Problem((*steps, own), message, f"steps down of at most {lowest:.2%} in all")
