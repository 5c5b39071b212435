"""Rates of return: the vectors of definitions, section 4, and other programs where there is a single root."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy_financial
import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st

from spvmodel import lines
from spvmodel.engine import solve, solve_many
from spvmodel.engine.many_roots import nearest_roots
from spvmodel.engine.roots import irr, nearest, roots, xirr
from spvmodel.lines import Graph, Input, Model, serial
from tests.engine.comparing import KERNELS

START = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        pytest.param([-100.0, 39.0, 59.0, 55.0, 20.0], 0.28094842115996, id="one root"),
        pytest.param([-100.0, 110.0], 0.10, id="a root on the grid"),
        pytest.param([100.0, -110.0], 0.10, id="a loan seen by the borrower"),
        pytest.param([-1e-9, 1.1e-9], 0.10, id="tiny flows"),
        pytest.param([-1e15, 1.1e15], 0.10, id="huge flows"),
        pytest.param([0.0, 0.0, -100.0, 110.0, 0.0], 0.10, id="zeros around"),
        pytest.param([-100.0, 0.0, 0.0, 50.0], 0.5 ** (1 / 3) - 1.0, id="a loss"),
        pytest.param([-1.0, 11.0], 10.0, id="the upper end of the grid"),
        pytest.param([-1.0, 12.0], math.nan, id="above the grid"),
        pytest.param([-50.0, -100.0, 600.0, 300.0, -100.0], -0.7688954706807807, id="of two, nearest 10%"),
        pytest.param([-100.0, 230.0, -132.0], 0.10, id="10% and 20%: nearest 10%"),
        pytest.param([100.0, -230.0, 132.0], 0.10, id="the same with opposite signs"),
        pytest.param([100.0, 10.0], math.nan, id="all of one sign"),
        pytest.param([0.0, 0.0], math.nan, id="nothing flows"),
        pytest.param([-100.0, 150.0, -100.0], math.nan, id="signs change, no root"),
    ],
)
def test_irr(flows: list[float], expected: float) -> None:
    np.testing.assert_allclose(irr(flows), expected, rtol=1e-12)
    times = np.arange(float(len(flows))).reshape(-1, 1)
    np.testing.assert_allclose(nearest_roots(np.array(flows).reshape(-1, 1), times), [expected], rtol=1e-12)


def test_all_roots_are_listed() -> None:
    found = roots([-50.0, -100.0, 600.0, 300.0, -100.0], range(5))
    np.testing.assert_allclose(found, [-0.7688954706807807, 1.854417828456178], rtol=1e-12)
    np.testing.assert_allclose(roots([-100.0, 230.0, -132.0], range(3)), [0.10, 0.20], rtol=1e-9)


def test_xirr_counts_actual_days_over_365() -> None:
    found = xirr([-100.0, 110.0], [serial(date(2024, 1, 1)), serial(date(2025, 1, 1))])
    assert found == pytest.approx(0.0997135859, abs=1e-10)
    assert found == pytest.approx(1.1 ** (365 / 366) - 1.0, rel=1e-14)


def test_a_long_loan_has_one_root_however_far_powers_reach() -> None:
    # At -99% the last flow weighs 1e720 times the first: more than a float holds.
    assert roots([100.0] + [-1.0] * 360, range(361)) == pytest.approx([0.009689245822581932], rel=1e-12)
    assert irr([0.0] * 400 + [-100.0, 110.0]) == pytest.approx(0.10, rel=1e-12)
    flows = np.array([[0.0] * 400 + [-100.0, 110.0]]).T
    assert nearest_roots(flows, np.arange(402.0).reshape(-1, 1)) == pytest.approx([0.10], rel=1e-12)


# An outlay, then income: one change of sign, so one root.
investments = st.tuples(
    st.lists(st.floats(1.0, 1e3), min_size=1, max_size=8), st.lists(st.floats(1.0, 1e3), min_size=1, max_size=40)
).map(lambda both: [-x for x in both[0]] + both[1])


@given(investments)
def test_irr_is_that_of_other_programs(flows: list[float]) -> None:
    found = irr(flows)
    assume(-0.5 < found < 1.0)
    assert found == pytest.approx(float(numpy_financial.irr(flows)), rel=1e-8, abs=1e-10)
    assert found == pytest.approx(pyxirr.irr(flows), rel=1e-8, abs=1e-10)


@given(investments, st.integers(1, 200))
def test_xirr_is_that_of_another_program(flows: list[float], step: int) -> None:
    days = [START + timedelta(days=k * step + k % 3) for k in range(len(flows))]
    found = xirr(flows, [serial(day) for day in days])
    assume(-0.5 < found < 1.0)
    # Its own root is good to about 1e-9.
    assert found == pytest.approx(pyxirr.xirr(days, flows), rel=1e-7, abs=1e-8)


@given(
    st.integers(2, 30).flatmap(
        lambda periods: st.lists(
            st.lists(st.sampled_from([-700.0, -31.0, -3.0, 0.0, 1.5, 17.0, 400.0]), min_size=periods, max_size=periods),
            min_size=1,
            max_size=6,
        )
    ),
    st.booleans(),
)
def test_many_cases_have_the_roots_of_one(flows: list[list[float]], same_times: bool) -> None:
    cases, periods = len(flows), len(flows[0])
    times = np.arange(float(periods)).reshape(-1, 1) * (1.0 if same_times else np.linspace(0.1, 2.0, cases))
    found = nearest_roots(np.array(flows).T, times)
    for case, own in enumerate(flows):
        expected = roots(own, times[:, 0 if same_times else case].tolist())
        # At a root that is almost a double one, rounding decides whether there are two roots or none.
        assume(all(abs(a - b) > 1e-4 for a, b in pairwise(expected)))
        np.testing.assert_allclose(found[case], nearest(expected), rtol=1e-9, atol=1e-12)


def returns_model() -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        flows = graph.input(Input("flows", (-100.0, 39.0, 59.0, 55.0, 20.0)), "Flows", "")
        first = graph.input(Input("first", serial(START)), "First day", "date")
        step = graph.input(Input("step", 12.0), "Step", "months")
        months = graph.series("months", lines.prev(graph.ref("months")) + step, "Months", "months", opening=-step)
        days = graph.series("days", lines.edate(first, months), "Days", "date")
        graph.scalar("irr", lines.irr(flows), "IRR", "")
        graph.scalar("xirr", lines.xirr(flows, days), "XIRR", "1/yr")
        graph.scalar("hurdle", lines.default(lines.irr(flows), 0.0) - 0.1, "Over the hurdle", "")
    return graph.compile(5)


@pytest.mark.parametrize("fast", KERNELS)
def test_rates_of_return_in_a_model(fast: bool) -> None:
    model = returns_model()
    assert solve(model).scalar("irr") == pytest.approx(0.28094842115996, rel=1e-12)
    flows = np.array([[-100.0, 39.0, 59.0, 55.0, 20.0], [1.0] * 5, [-10.0, 0.0, 0.0, 0.0, 20.0]]).T
    steps = np.array([12.0, 12.0, 3.0])
    many = solve_many(model, {"flows": flows, "step": steps}, keep=("irr", "xirr", "hurdle"), fast=fast)
    for case in range(3):
        one = solve(model, inputs={"flows": flows[:, case].tolist(), "step": steps[case]})
        for name in ("irr", "xirr", "hurdle"):
            np.testing.assert_allclose(many[name][case], one.scalar(name), rtol=1e-12, err_msg=name)
    assert math.isnan(many["irr"][1])
    # Twice the money after four quarters, one of which is longer than the others.
    assert many["xirr"][2] == pytest.approx(2.0 ** (365 / 366) - 1.0, rel=1e-12)
