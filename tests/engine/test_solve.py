"""One case: values, overrides, and errors that name what is wrong."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from spvmodel import lines
from spvmodel.engine import SolveError, plain, solve
from spvmodel.lines import Graph, Input, Model


def savings() -> Model:
    """A balance that grows at a rate; its mean yield; a check and an alert."""
    graph = Graph()
    with graph.place("Account"):
        rate = graph.input(Input("rate", 0.10, cases=(("low", 0.05),)), "Rate", "")
        paid = graph.input(Input("paid", (10.0, 0.0, 5.0)), "Paid in", "money")
        start = graph.input(Input("start", 100.0), "Start", "money")
        tolerance = graph.input(Input("tolerance", 1e-9), "Tolerance", "money")
        opening = graph.series("opening", lines.prev(graph.ref("closing")), "Opening", "money")
        interest = graph.series("interest", opening * rate, "Interest", "money", total=True)
        closing = graph.series("closing", opening + interest + paid, "Closing", "money", opening=start)
        share = graph.series("share", lines.ratio(interest, paid), "Interest on payments", "")
        graph.scalar("per_unit", lines.total(interest) / start, "Interest per unit", "")
        graph.scalar("mean_share", lines.mean(share), "Mean", "")
    with graph.place("Checks"):
        moved = lines.total(interest) + lines.total(paid) + start
        last = graph.scalar("last", lines.highest(closing), "Last balance", "money")
        graph.check("adds_up", lines.absolute(moved - last), "Balance adds up", "money", tolerance)
        graph.alert("negative", lines.lowest(closing) < 0, "The account is overdrawn")
    headline = {"last": "last", "mean_share": "mean_share"}
    return graph.compile(3, headline, ("base", "low"))


def test_values_of_every_line() -> None:
    result = solve(savings())
    assert result.series("opening") == [100.0, 120.0, 132.0]
    assert result.series("closing") == pytest.approx([120.0, 132.0, 150.2])
    assert result.values["closing"][0] == 100.0
    np.testing.assert_allclose(result["interest"], [10.0, 12.0, 13.2])
    assert result["per_unit"] == pytest.approx(0.352)
    assert math.isnan(result.series("share")[1])
    assert result.headline["mean_share"] == pytest.approx((1.0 + 13.2 / 5.0) / 2)
    assert plain(result.series("share")[1]) is None
    assert plain(1.5) == 1.5


def test_checks_and_alerts() -> None:
    result = solve(savings())
    assert result.passed
    assert [(c.name, c.label, c.passed) for c in result.checks] == [("adds_up", "Balance adds up", True)]
    assert result.scalar("checks.failed") == 0.0
    assert result.warnings == ()
    # Money paid out at the end leaves the highest balance behind.
    overdrawn = solve(savings(), inputs={"paid": [10.0, 0.0, -500.0]})
    assert not overdrawn.passed
    assert overdrawn.scalar("checks.failed") == 1.0
    assert overdrawn.warnings == ("The account is overdrawn",)


def test_a_case_changes_the_inputs_it_names() -> None:
    assert solve(savings(), "low").series("interest")[0] == 5.0
    assert solve(savings(), "low", {"rate": 0.2}).series("interest")[0] == 20.0


@pytest.mark.parametrize(
    "given", [[1.0, 2.0, 3.0], (1, 2, 3), np.array([1.0, 2.0, 3.0])], ids=["list", "tuple", "array"]
)
def test_a_series_takes_any_sequence(given: object) -> None:
    assert solve(savings(), inputs={"paid": given}).series("paid") == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("given", [1, True, np.float64(1.0), np.int64(1)])
def test_a_scalar_takes_any_number(given: float) -> None:
    assert solve(savings(), inputs={"rate": given}).series("interest")[0] == 100.0


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"rat": 0.1}, "input 'rat' cannot be computed: there is no such input; rate?"),
        ({"interest": 0.1}, "there is no such input"),
        ({"rate": [0.1, 0.1, 0.1]}, "it takes one number"),
        ({"rate": "ten"}, "it takes one number"),
        ({"rate": math.nan}, "it takes finite numbers only"),
        ({"paid": 1.0}, "it takes a value per period"),
        ({"paid": [1.0, 2.0]}, "it takes 3 values, not 2"),
        ({"paid": [1.0, math.inf, 2.0]}, "it takes finite numbers only"),
    ],
)
def test_wrong_inputs(inputs: dict[str, float], message: str) -> None:
    with pytest.raises(SolveError, match=message.replace("?", r"\?")):
        solve(savings(), inputs=inputs)


def test_an_unknown_case_names_the_cases() -> None:
    with pytest.raises(SolveError, match="'hgih' cannot be computed: it is not one of base, low"):
        solve(savings(), "hgih")


def test_a_division_by_zero_names_its_line() -> None:
    with pytest.raises(SolveError, match="division by zero") as caught:
        solve(savings(), inputs={"start": 0.0})
    assert caught.value.line == "per_unit"


def one_line(expr: lines.Expr, **inputs: float) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        for name, value in inputs.items():
            graph.input(Input(name, value), name, "date" if name == "day" else "")
        graph.series("first", lines.prev(graph.ref("first")) + 1.0, "First", "", opening=1.0)
        unit = "date" if "day" in inputs else ""
        graph.series("value", expr, "Value", unit, opening=lines.Ref("day") if "day" in inputs else None)
    return graph.compile(2)


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(one_line(lines.Ref("a") ** lines.Ref("b"), a=-1.0, b=0.5), id="root of a negative"),
        pytest.param(one_line(lines.Ref("a") ** lines.Ref("b"), a=0.0, b=-1.0), id="zero to the minus one"),
        pytest.param(one_line(lines.Ref("a") ** lines.Ref("b"), a=10.0, b=400.0), id="too large"),
        pytest.param(one_line(lines.edate(lines.Ref("day"), lines.Number(1e6, "months")), day=45678.0), id="date"),
        pytest.param(one_line(lines.prev(lines.Ref("value")) + 0.0 / lines.Ref("a"), a=0.0), id="recurrence"),
    ],
)
def test_whatever_has_no_value_names_its_line(model: Model) -> None:
    with pytest.raises(SolveError) as caught:
        solve(model)
    assert caught.value.line == "value"


def test_only_the_branch_that_is_taken_needs_a_value() -> None:
    a = lines.Ref("a")
    model = one_line(lines.where(lines.equal(a, 0.0), 7.0, 1.0 / a), a=0.0)
    assert solve(model).series("value") == [7.0, 7.0]
    assert solve(model, inputs={"a": 4.0}).series("value") == [0.25, 0.25]


def test_one_case_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'numba', 'scipy'}"
    code = f"import sys, spvmodel.engine; sys.exit(len({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
