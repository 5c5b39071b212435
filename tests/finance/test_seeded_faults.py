"""Every check of every deal can fail: one line changed in one period is found.

Checks are told apart by family: ``checks.debt_<loan>_balance`` is one check, whatever the loan is called. Each
family is tried on the smallest deal that has it. The fault is sought among the lines of the model behind the check,
nearest first, never among those of the Checks sheet itself or the movements that a feedback shows: one of them, higher
or lower in one period, must make the check fail. All lines that read it, other checks too, see the same fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import spvmodel
from spvmodel.deal import Deal
from spvmodel.engine import SolveError
from spvmodel.engine.one import evaluate
from spvmodel.lines import Block, Check, Input, Line, Model, Ref

DEALS = Path(__file__).parents[1] / "deals"
FILES = [*DEALS.glob("**/*.yaml"), *(Path(spvmodel.__file__).parents[1] / "models").glob("*.yaml")]
NEAREST = 30
"""How many lines behind a check are tried."""


def names_of(deal: Deal) -> dict[str, str]:
    """What the names of the deal file stand for."""
    spec = deal.spec
    sections = {
        "funding": spec.funding,
        "loan": spec.debt,
        "trigger": spec.trigger,
        "facility": spec.facility,
        "hurdle": spec.promote,
        "account": spec.reserves.account,
        "works": spec.reserves.capital,
    }
    return {name: f"<{what}>" for what, entries in sections.items() for name in entries}


def family(check: str, names: dict[str, str]) -> str:
    """A check without the name that the deal file gave."""
    for name in sorted(names, key=len, reverse=True):
        found = re.sub(rf"(?<=[._]){name}(?=_|$)", names[name], check, count=1)
        if found != check:
            return found
    return check


def smallest() -> dict[Path, tuple[Model, dict[str, Check]]]:
    """For each deal that is needed its model, and the families of checks that are tried on it."""
    deals = {path: spvmodel.load(path) for path in sorted(FILES)}
    models = {path: spvmodel.build(deal) for path, deal in deals.items()}
    found: dict[Path, tuple[Model, dict[str, Check]]] = {}
    seen: set[str] = set()
    for path, model in sorted(models.items(), key=lambda item: len(item[1].lines) * item[1].periods):
        names = names_of(deals[path])
        first = {family(check.name, names): check for check in reversed(model.checks)}
        if fresh := {what: check for what, check in first.items() if what not in seen}:
            found[path] = model, fresh
            seen |= set(fresh)
    return found


def behind(model: Model, check: Check) -> list[str]:
    """The computed lines that a check reads, directly or through others, nearest first."""
    reached = [check.value]
    for name in reached:
        reached += [read for read in model.precedents(name) if read not in reached]
        if len(reached) > 12 * NEAREST:
            break
    return [name for name in reached if _may_be_wrong(model.lines[name])][:NEAREST]


def _may_be_wrong(line: Line) -> bool:
    shown = line.name.endswith(("_residual", "_gap"))
    return line.expr is not None and line.section != "Checks" and not line.turn and not shown


def with_faults(model: Model, names: dict[str, str]) -> Model:
    """The model in which an input is added to each of these lines; ``names`` gives that of the input."""
    lines, inputs = dict(model.lines), dict(model.inputs)
    for name, fault in names.items():
        line = lines[name]
        assert line.expr is not None
        lines[name] = replace(line, expr=line.expr + Ref(fault))
        lines[fault] = replace(line, name=fault, expr=None, opening=None)
        inputs[fault] = Input(fault, (0.0,) * model.periods if line.series else 0.0)
    order = tuple(Block((fault,), 0) for fault in names.values())
    return replace(model, lines=lines, inputs=inputs, order=order + model.order)


def faults(model: Model, name: str) -> Iterator[float | tuple[float, ...]]:
    """The changes that are tried of a line: 1 more or less, in one period."""
    n = model.periods
    if not model.lines[name].series:
        yield from (1.0, -1.0)
        return
    for t in dict.fromkeys((n // 2, n // 4, 3 * n // 4, 1 % n, n - 1, 0)):
        for amount in (1.0, -1.0):
            yield tuple(amount if period == t else 0.0 for period in range(n))


def found_by(model: Model, check: Check, candidates: dict[str, str]) -> str:
    """The first line with a fault in which the check fails, and the case in which it does."""
    for case in model.cases:
        given = {name: given.in_case(case) for name, given in model.inputs.items()}
        for name, fault in candidates.items():
            for change in faults(model, name):
                try:
                    values = evaluate(model, given | {fault: change})
                except SolveError:
                    continue  # a fault that leaves a formula without a value is found by that
                if not values[check.passed]:
                    return f"{name} in {case}"
    return ""


def test_every_check_can_fail() -> None:
    found: dict[str, str] = {}
    for model, checks in smallest().values():
        lines = {what: behind(model, check) for what, check in checks.items()}
        every = {name for names in lines.values() for name in names}
        number = {name: f"fault.{number}" for number, name in enumerate(sorted(every))}
        faulty = with_faults(model, number)
        for case in faulty.cases:
            sound = spvmodel.solve(faulty, case)
            assert [check.name for check in sound.checks if not check.passed] == [], case
        found |= {what: found_by(faulty, checks[what], {n: number[n] for n in names}) for what, names in lines.items()}
    assert len(found) > 100
    assert [what for what, name in found.items() if not name] == []
