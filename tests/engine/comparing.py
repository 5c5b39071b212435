"""One case and many cases side by side: what the tests of both engines share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from spvmodel.engine import solve, solve_many
from spvmodel.lines import Model

KERNELS = [pytest.param(False, id="numpy"), pytest.param(True, id="compiled")]

Floats = NDArray[np.float64]


def one_by_one(model: Model, inputs: Mapping[str, Floats], cases: int) -> dict[str, Floats]:
    """Every line from one solve a case: (periods, cases) for a series, (cases,) for a scalar.

    ``inputs`` are those of ``solve_many``.
    """
    results = []
    for case in range(cases):
        own = {name: _of_case(model, name, values, case) for name, values in inputs.items()}
        results.append(solve(model, inputs=own))
    return {name: np.array([result[name] for result in results]).T for name in model.lines}


def _of_case(model: Model, name: str, values: Floats, case: int) -> float | Sequence[float]:
    moves = values.ndim > model.lines[name].series
    found: float | list[float] = values[..., case].tolist() if moves else values.tolist()
    return found


def assert_engines_agree(
    model: Model, inputs: Mapping[str, Floats], relative: float = 0.0, kernels: Sequence[bool] = (False, True)
) -> None:
    """Both kernels give, for every line, what one solve a case gives; to the last bit by default."""
    cases = max(values.shape[-1] for name, values in inputs.items() if values.ndim > model.lines[name].series)
    expected = one_by_one(model, inputs, cases)
    for fast in kernels:
        many = solve_many(model, inputs, keep=tuple(model.lines), fast=fast)
        for name, value in expected.items():
            np.testing.assert_allclose(many[name], value, rtol=relative, atol=relative, err_msg=name)
            assert many[name].shape == value.shape, name
