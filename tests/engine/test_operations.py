"""Every operation: its value by hand, and the same bits from one case, NumPy and the compiled kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from spvmodel import lines
from spvmodel.engine import solve
from spvmodel.lines import Expr, Graph, Input, Model, Ref, serial
from spvmodel.lines.expr import ELEMENTWISE, SHIFTS, TERMINAL, WINDOWS, Call, walk
from tests.engine.comparing import assert_engines_agree

NAN = math.nan


def elementwise_model(formula: Callable[[Ref, Ref, Ref], Expr], unit: str, dated: bool) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        a = graph.input(Input("a", 1.0), "A", "date" if dated else "")
        b = graph.input(Input("b", 1.0), "B", "months" if dated else "")
        c = graph.input(Input("c", 1.0), "C", "")
        graph.scalar("value", formula(a, b, c), "Value", unit)
    return graph.compile(periods=1)


def cut(expr: Expr, a: Ref) -> Expr:
    """``expr``, N/A where ``a`` is negative."""
    return lines.where(a < 0, lines.na(), expr)


# operation: formula of a, b, c; and for some a, b, c the value by hand
ELEMENTWISE_ROWS: dict[str, tuple[Callable[[Ref, Ref, Ref], Expr], list[tuple[float, float, float, float]]]] = {
    "add": (lambda a, b, c: a + b, [(0.1, 0.2, 0, 0.1 + 0.2), (1e16, 1.0, 0, 1e16)]),
    "sub": (lambda a, b, c: a - b, [(5, 3, 0, 2), (0.3, 0.1, 0, 0.3 - 0.1)]),
    "mul": (lambda a, b, c: a * b, [(5, -3, 0, -15), (0.1, 0.1, 0, 0.1 * 0.1)]),
    "div": (lambda a, b, c: a / b, [(1, 3, 0, 1 / 3), (0, 7, 0, 0)]),
    "pow": (lambda a, b, c: a**b, [(2, 10, 0, 1024), (4, 0.5, 0, 2), (2, -1, 0, 0.5), (-2, 3, 0, -8)]),
    "neg": (lambda a, b, c: -a, [(3, 0, 0, -3), (-3, 0, 0, 3)]),
    "abs": (lambda a, b, c: lines.absolute(a), [(3, 0, 0, 3), (-3, 0, 0, 3)]),
    "floor": (lambda a, b, c: lines.floor(a), [(2.9, 0, 0, 2), (-2.1, 0, 0, -3), (4, 0, 0, 4)]),
    "ln": (
        lambda a, b, c: lines.ln(a),
        [(1, 0, 0, 0), (2, 0, 0, 0.6931471805599453), (0.5, 0, 0, -0.6931471805599453)],
    ),
    "min": (lambda a, b, c: lines.minimum(a, b), [(2, 3, 0, 2), (3, 2, 0, 2), (2, 2, 0, 2)]),
    "max": (lambda a, b, c: lines.maximum(a, b), [(2, 3, 0, 3), (3, 2, 0, 3), (2, 2, 0, 2)]),
    "where": (lambda a, b, c: lines.where(a, b, c), [(1, 5, 6, 5), (0, 5, 6, 6), (-0.5, 5, 6, 5)]),
    "lt": (lambda a, b, c: a < b, [(1, 2, 0, 1), (2, 2, 0, 0), (3, 2, 0, 0)]),
    "le": (lambda a, b, c: a <= b, [(1, 2, 0, 1), (2, 2, 0, 1), (3, 2, 0, 0)]),
    "gt": (lambda a, b, c: a > b, [(1, 2, 0, 0), (2, 2, 0, 0), (3, 2, 0, 1)]),
    "ge": (lambda a, b, c: a >= b, [(1, 2, 0, 0), (2, 2, 0, 1), (3, 2, 0, 1)]),
    "eq": (lambda a, b, c: lines.equal(a, b), [(1, 2, 0, 0), (2, 2, 0, 1), (3, 2, 0, 0)]),
    "ne": (lambda a, b, c: Call("ne", (a, b)), [(1, 2, 0, 1), (2, 2, 0, 0), (3, 2, 0, 1)]),
    "na": (lambda a, b, c: cut(b, a), [(-1, 5, 0, NAN), (1, 5, 0, 5)]),
    "ratio": (lambda a, b, c: lines.ratio(a, b), [(1, 4, 0, 0.25), (1, 0, 0, NAN), (0, 0, 0, NAN)]),
    "default": (lambda a, b, c: lines.default(cut(b, a), c), [(-1, 5, 6, 6), (1, 5, 6, 5)]),
    "defined": (lambda a, b, c: lines.defined(cut(b, a)), [(-1, 5, 0, 0), (1, 5, 0, 1)]),
}

JAN_31, FEB_29 = serial(date(2024, 1, 31)), serial(date(2024, 2, 29))
DATED_ROWS: dict[str, tuple[Callable[[Ref, Ref, Ref], Expr], list[tuple[float, float, float, float]]]] = {
    "edate": (
        lambda a, b, c: lines.edate(a, b),
        [
            (JAN_31, 1, 0, FEB_29),
            (JAN_31, 13, 0, serial(date(2025, 2, 28))),
            (FEB_29, -12, 0, serial(date(2023, 2, 28))),
            (JAN_31, 0.9, 0, JAN_31),
            (JAN_31, -1.9, 0, serial(date(2023, 12, 31))),
        ],
    ),
    "eomonth": (
        lambda a, b, c: lines.eomonth(a, b),
        [(JAN_31, 1, 0, FEB_29), (FEB_29, 0, 0, FEB_29), (JAN_31 - 3, -1, 0, serial(date(2023, 12, 31)))],
    ),
    "year": (lambda a, b, c: lines.year(a), [(JAN_31, 0, 0, 2024), (JAN_31 - 31, 0, 0, 2023)]),
    "month": (lambda a, b, c: lines.month(a), [(JAN_31, 0, 0, 1), (JAN_31 - 31, 0, 0, 12), (FEB_29 + 0.9, 0, 0, 2)]),
    "day": (lambda a, b, c: lines.day(a), [(JAN_31, 0, 0, 31), (JAN_31 + 1, 0, 0, 1), (FEB_29 + 0.9, 0, 0, 29)]),
}


@pytest.mark.parametrize("op", [*ELEMENTWISE_ROWS, *DATED_ROWS])
def test_elementwise_operation(op: str) -> None:
    dated = op in DATED_ROWS
    formula, rows = (DATED_ROWS if dated else ELEMENTWISE_ROWS)[op]
    model = elementwise_model(formula, "date" if op in ("edate", "eomonth") else "", dated)
    used = {node.op for node in walk(model.lines["value"].expr) if isinstance(node, Call)}
    assert op in used
    for a, b, c, expected in rows:
        np.testing.assert_equal(solve(model, inputs={"a": a, "b": b, "c": c}).scalar("value"), expected)
    columns = np.array(rows, dtype=float).T
    # Each input moves alone as well, so that the others are constants of the rows.
    assert_engines_agree(model, dict(zip("abc", columns[:3], strict=True)))
    for name, column in zip("abc", columns[:3], strict=True):
        others = dict(zip("abc", np.array(rows[0][:3]), strict=True))
        assert_engines_agree(model, others | {name: column})


PERIODS = 5
X = [3.0, -1.0, 2.0, -1.0, 7.0]
FLAGS = [0.0, 1.0, 1.0, 0.0, 1.0]
KEYS = [10.0, 20.0, 20.0, 30.0, 40.0]
HOLES = [1.0, 0.0, 1.0, 1.0, 0.0]


def series_model(formula: Callable[[Graph, dict[str, Ref]], object]) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        refs = {
            "x": graph.input(Input("x", tuple(X)), "X", ""),
            "flag": graph.input(Input("flag", tuple(FLAGS)), "Flag", "flag"),
            "key": graph.input(Input("key", tuple(KEYS)), "Key", ""),
            "holes": graph.input(Input("holes", tuple(HOLES)), "Holes", "flag"),
            "scale": graph.input(Input("scale", 1.0), "Scale", ""),
            "reach": graph.input(Input("reach", 10.0), "Reach", ""),
        }
        refs["y"] = graph.series("y", refs["x"] * refs["scale"], "Y", "", opening=100.0 * refs["scale"])
        holes = lines.where(refs["holes"], refs["y"], lines.na())
        refs["holed"] = graph.series("holed", holes, "Y, sometimes N/A", "")
        refs["limit"] = graph.series("limit", refs["key"] + refs["reach"], "Limit", "")
        refs["back"] = graph.series("back", refs["key"] - refs["reach"], "Limit behind", "")
        formula(graph, refs)
    return graph.compile(PERIODS)


def series_of(expr: Callable[[dict[str, Ref]], Expr], unit: str = "") -> Model:
    return series_model(lambda graph, refs: graph.series("value", expr(refs), "Value", unit))


def scalar_of(expr: Callable[[dict[str, Ref]], Expr], unit: str = "") -> Model:
    return series_model(lambda graph, refs: graph.scalar("value", expr(refs), "Value", unit))


SERIES_ROWS: dict[str, tuple[Model, list[float]]] = {
    "prev": (series_of(lambda r: lines.prev(r["y"])), [100.0, 3.0, -1.0, 2.0, -1.0]),
    "next": (series_of(lambda r: lines.next_(r["y"])), [-1.0, 2.0, -1.0, 7.0, 0.0]),
    "sum_ahead": (series_of(lambda r: lines.sum_ahead(r["y"], r["key"], r["limit"])), [1, 1, -1, 7, 0]),
    "sum_behind": (series_of(lambda r: lines.sum_behind(r["y"], r["key"], r["back"])), [3, -1, 1, -1, 7]),
}

SCALAR_ROWS: dict[str, tuple[Model, float]] = {
    "total": (scalar_of(lambda r: lines.total(r["y"])), 10.0),
    "total, flag": (scalar_of(lambda r: lines.total(r["y"], r["flag"])), 8.0),
    "lowest": (scalar_of(lambda r: lines.lowest(r["holed"])), -1.0),
    "lowest, flag": (scalar_of(lambda r: lines.lowest(r["holed"], r["flag"])), 2.0),
    "highest": (scalar_of(lambda r: lines.highest(r["holed"])), 3.0),
    "highest, flag": (scalar_of(lambda r: lines.highest(r["y"], r["flag"])), 7.0),
    "mean": (scalar_of(lambda r: lines.mean(r["holed"])), 4.0 / 3.0),
    "mean, flag": (scalar_of(lambda r: lines.mean(r["holed"], r["flag"])), 2.0),
    "at_lowest": (scalar_of(lambda r: lines.at_lowest(r["key"], r["y"])), 20.0),
    "at_lowest, N/A": (scalar_of(lambda r: lines.at_lowest(r["key"], r["holed"])), 30.0),
    "sum_of": (
        series_model(lambda g, r: g.scalar("value", lines.sum_of(r["scale"], r["reach"], r["scale"]), "Value", "")),
        12.0,
    ),
}

MOVING = {
    "scale": np.array([1.0, 0.0, -2.5, 0.1]),
    "reach": np.array([10.0, 0.0, 25.0, 1000.0]),
    "x": np.array([X, X[::-1], [0.1] * 5, [1e15, 1.0, -1e15, 0.3, 0.0]]).T,
    "flag": np.array([FLAGS, [0.0] * 5, [1.0] * 5, FLAGS[::-1]]).T,
    "holes": np.array([HOLES, [0.0] * 5, [1.0] * 5, HOLES[::-1]]).T,
    "key": np.array([KEYS, [1.0] * 5, [10.0, 11.0, 12.0, 13.0, 14.0], KEYS]).T,
}


@pytest.mark.parametrize("op", SERIES_ROWS)
def test_operation_over_periods(op: str) -> None:
    model, expected = SERIES_ROWS[op]
    assert solve(model).series("value") == expected
    for moving in (MOVING, {"scale": MOVING["scale"]}, {"key": MOVING["key"]}, {"reach": MOVING["reach"]}):
        assert_engines_agree(model, moving)


@pytest.mark.parametrize("op", SCALAR_ROWS)
def test_operation_to_one_value(op: str) -> None:
    model, expected = SCALAR_ROWS[op]
    assert solve(model).scalar("value") == expected
    assert_engines_agree(model, MOVING)
    for name, values in MOVING.items():
        assert_engines_agree(model, {name: values})


@pytest.mark.parametrize("op", ["lowest", "highest", "mean", "at_lowest, N/A", "lowest, flag", "mean, flag"])
def test_statistic_of_nothing_is_not_applicable(op: str) -> None:
    model, _ = SCALAR_ROWS[op]
    assert math.isnan(solve(model, inputs={"holes": [0.0] * PERIODS}).scalar("value"))


def test_windows_stop_at_the_edges_of_the_model() -> None:
    ahead, _ = SERIES_ROWS["sum_ahead"]
    behind, _ = SERIES_ROWS["sum_behind"]
    assert solve(ahead, inputs={"reach": 1e6}).series("value") == [7.0, 8.0, 6.0, 7.0, 0.0]
    assert solve(behind, inputs={"reach": 1e6}).series("value") == [3.0, 2.0, 4.0, 3.0, 10.0]


def test_no_operation_is_left_out() -> None:
    tested = {*ELEMENTWISE_ROWS, *DATED_ROWS, *SERIES_ROWS, *(name.split(",")[0] for name in SCALAR_ROWS)}
    rates_of_return = {"irr", "xirr"}  # in test_roots.py
    assert tested | rates_of_return == {*ELEMENTWISE, *SHIFTS, *WINDOWS, *TERMINAL, "sum_of"}
