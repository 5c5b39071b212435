"""Many cases: shapes, what is kept, blocks, and errors that name line and case."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

from spvmodel import lines
from spvmodel.engine import SolveError, solve, solve_many
from spvmodel.engine.kernel import BLOCK, NumpyKernel
from spvmodel.engine.kernel_fast import BLOCK as FAST_BLOCK
from spvmodel.engine.program import Op, Program, Row, assemble
from spvmodel.engine.unroll import Unrolled
from spvmodel.lines import Graph, Input, Model
from tests.engine.comparing import KERNELS, assert_engines_agree

PERIODS = 4


def savings() -> Model:
    graph = Graph()
    with graph.place("Account"):
        rate = graph.input(Input("rate", 0.10, cases=(("low", 0.05),)), "Rate", "")
        paid = graph.input(Input("paid", (10.0, 0.0, 5.0, 0.0)), "Paid in", "")
        spread = graph.input(Input("spread", 4.0), "Spread over", "")
        opening = graph.series("opening", lines.prev(graph.ref("closing")), "Opening", "")
        interest = graph.series("interest", opening * rate, "Interest", "")
        graph.series("closing", opening + interest + paid, "Closing", "", opening=100.0)
        graph.scalar("spread_interest", lines.total(interest) / spread, "Interest spread", "")
        graph.scalar("share", lines.ratio(lines.total(paid), rate), "Payments over rate", "")
        graph.series("half", paid * 0.5, "Half of the payments", "")
        graph.scalar("unread", 1.0 / spread, "Read by nothing", "")
    return graph.compile(PERIODS, {"spread_interest": "spread_interest"}, ("base", "low"))


RATES = np.array([0.0, 0.05, 0.10])


@pytest.mark.parametrize("fast", KERNELS)
def test_shapes_and_what_is_kept(fast: bool) -> None:
    model = savings()
    plain = solve_many(model, {"rate": RATES}, fast=fast)
    assert set(plain.values) == {"spread_interest"}
    assert plain.headline["spread_interest"].shape == (3,)
    assert plain.cases == 3
    with pytest.raises(KeyError, match="was not kept"):
        plain["closing"]
    many = solve_many(model, {"rate": RATES}, keep=("closing", "half", "share", "paid"), fast=fast)
    assert many["closing"].shape == many["half"].shape == many["paid"].shape == (PERIODS, 3)
    assert math.isnan(many["share"][0])
    np.testing.assert_array_equal(many["half"], np.array([[5.0, 0.0, 2.5, 0.0]] * 3).T)
    np.testing.assert_array_equal(many["closing"][:, 2], solve(model)["closing"])


def test_metrics_that_do_not_apply_are_not_applicable() -> None:
    model = savings()
    model.about["metrics"] = ["spread_interest", "unheard_of"]
    many = solve_many(model, {"rate": RATES})
    assert list(many.headline) == ["spread_interest", "unheard_of"]
    assert np.isnan(many.headline["unheard_of"]).tolist() == [True] * 3


@pytest.mark.parametrize("fast", KERNELS)
def test_one_value_holds_in_all_cases(fast: bool) -> None:
    model = savings()
    paid = [1.0, 2.0, 3.0, 4.0]
    many = solve_many(model, {"rate": RATES, "paid": paid, "spread": 2.0}, keep=("closing",), fast=fast)
    for case, rate in enumerate(RATES):
        one = solve(model, inputs={"rate": rate, "paid": paid, "spread": 2.0})
        np.testing.assert_array_equal(many["closing"][:, case], one["closing"])
        assert many.headline["spread_interest"][case] == one.headline["spread_interest"]


def test_a_case_is_the_base_of_all_cases() -> None:
    model = savings()
    many = solve_many(model, {"spread": np.array([1.0, 2.0])}, "low")
    assert many.case == "low"
    expected = solve(model, "low", {"spread": 1.0}).headline["spread_interest"]
    assert many.headline["spread_interest"].tolist() == [expected, expected / 2]


def test_nothing_moves_and_nothing_is_asked() -> None:
    assert solve_many(savings(), {}).headline["spread_interest"].shape == (1,)
    assert solve_many(savings(), {"rate": np.empty(0)}).headline["spread_interest"].shape == (0,)


@pytest.mark.parametrize("fast", KERNELS)
@pytest.mark.parametrize("cases", [1, FAST_BLOCK, FAST_BLOCK + 1, 2 * BLOCK + 17])
def test_blocks_join_without_a_seam(fast: bool, cases: int) -> None:
    model = savings()
    rates = np.linspace(-0.5, 0.5, cases)
    many = solve_many(model, {"rate": rates}, keep=("closing",), fast=fast)
    balance = np.full(cases, 100.0)
    for t, paid in enumerate([10.0, 0.0, 5.0, 0.0]):
        balance = balance + balance * rates + paid
        np.testing.assert_array_equal(many["closing"][t], balance)


@pytest.mark.parametrize("fast", KERNELS)
def test_progress_counts_up_to_all_cases(fast: bool) -> None:
    seen: list[tuple[int, int]] = []
    cases = 3 * BLOCK
    rates = np.linspace(0.0, 0.1, cases)
    solve_many(savings(), {"rate": rates}, fast=fast, progress=lambda *done: seen.append(done))
    assert seen[-1] == (cases, cases)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("fast", KERNELS)
@pytest.mark.parametrize("line", ["spread_interest", "unread"])
def test_a_division_by_zero_names_line_and_case(fast: bool, line: str) -> None:
    # One case refuses a line that nothing reads, so many cases do as well.
    model = savings()
    spread = np.ones(2 * BLOCK)
    spread[BLOCK + 3] = 0.0
    inputs = {"spread": spread} if line == "unread" else {"spread": spread, "rate": np.full(2 * BLOCK, 0.1)}
    with pytest.raises(SolveError, match=f"division by zero in case {BLOCK + 3}") as caught:
        solve_many(model, inputs, fast=fast)
    assert caught.value.line in ("spread_interest", "unread")


def test_a_line_that_is_refused_need_not_be_kept() -> None:
    for fast in (False, True):
        with pytest.raises(SolveError, match="unread cannot be computed: division by zero in case 1"):
            solve_many(of_unread(), {"spread": np.array([1.0, 0.0])}, fast=fast)


def of_unread() -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        spread = graph.input(Input("spread", 1.0), "Spread", "")
        graph.scalar("unread", 1.0 / spread, "Read by nothing", "")
        graph.scalar("still", 1.0, "Moves with nothing", "")
    return graph.compile(1, {"still": "still"})


def test_without_the_extra_numpy_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Spy(NumpyKernel):
        def __init__(self, program: Program, inputs: int, outputs: int, size: int) -> None:
            made.append(size)
            super().__init__(program, inputs, outputs, size)

    monkeypatch.setattr("spvmodel.engine.kernel.NumpyKernel", Spy)
    solve_many(savings(), {"rate": RATES})
    assert made == []
    monkeypatch.setitem(sys.modules, "numba", None)
    assert solve_many(savings(), {"rate": RATES}).cases == 3
    assert made == [3]


def of_two(formula: Any, unit: str = "", a_unit: str = "") -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        a = graph.input(Input("a", 1.0), "A", a_unit)
        b = graph.input(Input("b", 1.0), "B", "")
        graph.scalar("value", formula(a, b), "Value", unit)
    return graph.compile(1, {"value": "value"})


MONTH = lines.Number(1, "months")
REFUSED = {
    "pow": (of_two(lambda a, b: a**b), [2.0, -2.0], [0.5, 0.5], "a power that is no finite number"),
    "edate": (of_two(lambda a, b: lines.edate(a, b * MONTH), "date", "date"), [1.0, 9e9], [1.0, 1.0], "a date"),
    "eomonth": (of_two(lambda a, b: lines.eomonth(a, b * MONTH), "date", "date"), [1.0, 1.0], [1.0, 9e9], "a date"),
    "year": (of_two(lambda a, b: lines.year(a) * b, "", "date"), [1.0, -9e9], [1.0, 1.0], "a date out of range"),
    "month": (of_two(lambda a, b: lines.month(a) * b, "", "date"), [1.0, -9e9], [1.0, 1.0], "a date out of range"),
    "day": (of_two(lambda a, b: lines.day(a) * b, "", "date"), [1.0, 9e9], [1.0, 1.0], "a date out of range"),
    "ln": (of_two(lambda a, b: lines.ln(a) * b), [1.0, 0.0], [1.0, 1.0], "a logarithm of what is not above 0"),
    "div": (of_two(lambda a, b: 1.0 / (a - b * 3.0)), [1.0, 3.0], [2.0, 1.0], "division by zero"),
}


@pytest.mark.parametrize("fast", KERNELS)
@pytest.mark.parametrize("op", REFUSED)
def test_what_has_no_value_in_one_case_is_refused(op: str, fast: bool) -> None:
    model, a, b, reason = REFUSED[op]
    assert np.isfinite(solve_many(model, {"a": np.array(a[:1]), "b": np.array(b[:1])}, fast=fast)["value"][0])
    with pytest.raises(SolveError, match=rf"^value cannot be computed: {reason}.* in case 1$"):
        solve_many(model, {"a": np.array(a), "b": np.array(b)}, fast=fast)
    with pytest.raises(SolveError, match=r"^value cannot be computed"):
        solve(model, inputs={"a": a[1], "b": b[1]})


@pytest.mark.parametrize(
    "formula",
    [
        pytest.param(lambda a, b: lines.where(lines.equal(b, 0.0), a, a / b), id="otherwise"),
        pytest.param(lambda a, b: lines.where(b, a / b, a), id="then"),
        pytest.param(lambda a, b: lines.where(b > 0, lines.where(b > 1, a / b, a / (b + 1)), a), id="nested"),
        pytest.param(lambda a, b: lines.where(b > 0, b**-0.5, a), id="power"),
        pytest.param(lambda a, b: lines.where(b > 0, lines.ln(b), a), id="logarithm"),
        pytest.param(lambda a, b: lines.where(lines.equal(a, a), 1.0, a / (b * 0)), id="never"),
        pytest.param(lambda a, b: lines.where(b - b, 1.0 / (lines.Number(0.0) * 1.0), a), id="constants"),
    ],
)
def test_only_the_branch_that_is_taken_needs_a_value(formula: Any) -> None:
    inputs = {"a": np.array([5.0, 5.0, 0.0, 2.0]), "b": np.array([0.0, 2.0, 1.0, 0.0])}
    assert_engines_agree(of_two(formula), inputs)


def test_the_branch_that_is_taken_is_refused_without_a_value() -> None:
    model = of_two(lambda a, b: lines.where(a, 1.0 / b, 1.0))
    for fast in (False, True):
        with pytest.raises(SolveError, match="division by zero in case 2"):
            solve_many(model, {"a": np.array([0.0, 1.0, 1.0]), "b": np.array([0.0, 1.0, 0.0])}, fast=fast)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"rat": RATES}, r"input 'rat' cannot be computed: there is no such input; rate\?"),
        ({"rate": np.ones((2, 2))}, r"shape \(2, 2\), not \(cases,\)"),
        ({"paid": np.ones((3, 5))}, "it takes 4 periods, not 3"),
        ({"paid": np.float64(1.0)}, r"shape \(\), not \(periods, cases\)"),
        ({"rate": RATES, "spread": np.ones(4)}, "different numbers of cases: rate 3, spread 4"),
        ({"rate": np.array([0.1, np.nan])}, "finite numbers only"),
        ({"rate": ["a", "b"]}, "not numbers"),
    ],
)
def test_wrong_inputs(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(SolveError, match=message):
        solve_many(savings(), inputs)


def test_an_unknown_line_or_case() -> None:
    with pytest.raises(SolveError, match=r"line 'closng' cannot be computed: there is no such line; closing\?"):
        solve_many(savings(), {"rate": RATES}, keep=("closng",))
    with pytest.raises(SolveError, match="not one of base, low"):
        solve_many(savings(), {"rate": RATES}, "hgih")


def test_powers_agree_to_a_tolerance() -> None:
    # The power of the processor's vector unit may differ in the last bit from that of the C library.
    rng = np.random.default_rng(1)
    inputs = {"a": rng.uniform(0.1, 3.0, 500), "b": rng.uniform(-9.0, 9.0, 500)}
    assert_engines_agree(of_two(lambda a, b: a**b), inputs, relative=1e-13)


def test_sums_are_rounded_once() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        x = graph.input(Input("x", (0.0,) * PERIODS), "X", "")
        graph.scalar("total", lines.total(x), "Total", "")
    model = graph.compile(PERIODS)
    x_values = np.array([[1e16, 1.0, -1e16, 1.0], [0.1, 0.2, 0.3, -0.6], [1e100, 1.0, -1e100, 1.0]]).T
    assert_engines_agree(model, {"x": x_values[:, :2]})
    for fast in (False, True):
        many = solve_many(model, {"x": x_values}, keep=("total",), fast=fast)
        assert many["total"][0] == 2.0


def test_rows_that_nothing_needs_are_left_out() -> None:
    model = savings()
    rows = Unrolled(model, solve(model).values, ("rate",)).rows
    # The inputs it is not varied in fold into constants, so no payment is computed again.
    assert {row.line for row in rows} == {"rate", "interest", "closing", "spread_interest", "share"}
    program = assemble([Row(Op.LOAD, (), "a"), Row(Op.NEG, (0,), "b"), Row(Op.STORE, (0,), "a")], [])
    assert [Op(op) for op in program.ops] == [Op.LOAD, Op.STORE]


def test_registers_are_used_again() -> None:
    rows = [Row(Op.LOAD, (), "a")] + [Row(Op.NEG, (k,), "b") for k in range(100)] + [Row(Op.STORE, (100,), "b")]
    program = assemble(rows, [])
    assert program.registers == 2
    for row in range(1, 101):
        assert program.outs[row] not in program.operands(row)
