"""The mechanism of every case of the shipped deal is visible in a trace: the input it sets, and its value."""

from __future__ import annotations

import pytest

import spvmodel
from spvmodel.audit import Step, trace
from spvmodel.lines import Model

MODEL = spvmodel.build(spvmodel.load("abilene"))
DEPTH = 50
"""The whole tree."""


def set_by(model: Model, case: str) -> dict[str, float | tuple[float, ...]]:
    """The inputs to which a case gives another value than the base case."""
    return {n: v for n, g in model.inputs.items() if (v := g.in_case(case)) != g.in_case("base")}


def steps(step: Step) -> list[Step]:
    """A step and everything below it."""
    return [step, *(found for below in step.precedents for found in steps(below))]


@pytest.mark.parametrize("case", [case for case in MODEL.cases if case != "base"])
def test_the_trace_names_what_the_case_sets(case: str) -> None:
    """From a line that reads a changed input, the trace ends at that input, with the value of the case."""
    changed = set_by(MODEL, case)
    assert changed
    result = spvmodel.solve(MODEL, case)
    for name, value in changed.items():
        readers = [line for line in MODEL.readers[name] if "@" not in line]
        assert readers, f"nothing reads {name}"
        line = readers[0]
        period = MODEL.periods // 2 if MODEL.lines[line].series else None
        found = [step for step in steps(trace(result, line, period, DEPTH)) if step.name == name]
        assert found and all(step.given is not None for step in found), f"{line} does not show {name}"
        assert any(step.changed for step in found)
        if not isinstance(value, tuple):
            assert {step.value for step in found} == {value}
