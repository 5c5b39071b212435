"""The shipped deals in many cases, every input moved: what the random models are too small to show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import spvmodel
from spvmodel.lines import Call, Model
from spvmodel.lines.expr import walk
from tests.engine.comparing import Floats, one_by_one

DEALS = sorted(path.stem for path in (Path(__file__).parents[2] / "models").glob("*.yaml"))
CASES = 4
WHOLE = ("months", "flag", "count")


def moved_inputs(model: Model) -> dict[str, Floats]:
    """Amounts and rates by up to 3% either way, dates by up to 60 days; counts stay."""
    rng = np.random.default_rng(20250521)
    found = {}
    for name, given in model.inputs.items():
        unit = model.lines[name].unit
        series = isinstance(given.value, tuple)
        base = np.array(given.value)[..., np.newaxis]
        shape = (model.periods, CASES) if series else (CASES,)
        if unit == "date":
            found[name] = base + rng.integers(0, 60, shape)
        elif unit not in WHOLE:
            found[name] = base * rng.uniform(0.97, 1.03, shape)
    return found


def after_rates_of_return(model: Model) -> set[str]:
    """Lines that depend on an IRR or XIRR, which are found to a precision and not to the last bit."""
    found: set[str] = set()
    queue = [
        name
        for name, line in model.lines.items()
        if line.expr is not None
        and any(isinstance(node, Call) and node.op in ("irr", "xirr") for node in walk(line.expr))
    ]
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += model.readers[name]
    return found


@pytest.mark.parametrize("deal", DEALS)
def test_many_cases_are_single_cases(deal: str) -> None:
    model = spvmodel.build(spvmodel.load(deal))
    inputs = moved_inputs(model)
    expected = one_by_one(model, inputs, CASES)
    fast, plain = (spvmodel.solve_many(model, inputs, keep=tuple(model.lines), fast=f) for f in (True, False))
    inexact = after_rates_of_return(model)
    for name, value in expected.items():
        tolerance = 1e-12 if name in inexact else 0.0
        np.testing.assert_allclose(fast[name], value, rtol=tolerance, atol=tolerance, err_msg=name)
        # NumPy's own powers differ in the last bit, and sums of large amounts then in a few.
        np.testing.assert_allclose(plain[name], value, rtol=1e-11, atol=1e-9, err_msg=name)
    moved = [name for name, value in expected.items() if not np.array_equal(value[..., :1], value[..., 1:2], True)]
    assert len(moved) > len(model.lines) // 3
