"""N/A: where it may come from, where it may go, and what leaves it out."""

from __future__ import annotations

import math

import pytest

from spvmodel import lines
from spvmodel.engine import solve
from spvmodel.lines import Expr, Graph, GraphError, Input, Model, Ref
from spvmodel.lines.not_applicable import lines_with_na

HOLED, X, A = Ref("holed"), Ref("x"), Ref("a")


def model_of(expr: Expr, series: bool = True, opening: Expr | None = None) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        graph.input(Input("a", 2.0), "A", "")
        graph.input(Input("x", (4.0, 0.0, 1.0, 0.0)), "X", "")
        graph.input(Input("on", (1.0, 1.0, 0.0, 0.0)), "On", "flag")
        graph.series("holed", lines.ratio(8.0, X), "Holed", "", opening=opening)
        (graph.series if series else graph.scalar)("line", expr, "Line", "")
    return graph.compile(4)


SOURCES = {
    "na": lines.na(),
    "ratio": lines.ratio(A, X),
    "line": HOLED,
    "prev": lines.prev(HOLED),
    "next": lines.next_(HOLED),
    "where": lines.where(X > 0, X, lines.na()),
    "default": lines.default(HOLED, HOLED),
}
ONE_VALUE = {
    "lowest": lines.lowest(HOLED),
    "highest": lines.highest(HOLED),
    "mean": lines.mean(HOLED),
    "lowest, flag": lines.lowest(X, Ref("on")),
    "mean, flag": lines.mean(X, Ref("on")),
    "at_lowest": lines.at_lowest(X, X),
    "irr": lines.irr(X),
}


@pytest.mark.parametrize("source", [*SOURCES, *ONE_VALUE])
def test_lines_that_may_be_na(source: str) -> None:
    model = model_of({**SOURCES, **ONE_VALUE}[source], source in SOURCES)
    assert "line" in lines_with_na(model.lines)


@pytest.mark.parametrize(
    ("expr", "series"),
    [
        pytest.param(lines.default(HOLED, 0.0), True, id="default"),
        pytest.param(lines.defined(HOLED), True, id="defined"),
        pytest.param(lines.where(X > 0, X, A), True, id="where"),
        pytest.param(lines.prev(X), True, id="prev"),
        pytest.param(lines.lowest(X), False, id="lowest of numbers"),
        pytest.param(lines.mean(X), False, id="mean of numbers"),
        pytest.param(lines.total(X), False, id="total"),
    ],
)
def test_lines_that_are_never_na(expr: Expr, series: bool) -> None:
    assert lines_with_na(model_of(expr, series).lines) == {"holed"}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda e: e + 1.0, id="add"),
        pytest.param(lambda e: 2.0 * e, id="mul"),
        pytest.param(lambda e: lines.minimum(e, 1.0), id="min"),
        pytest.param(lambda e: e > 1.0, id="compare"),
        pytest.param(lambda e: lines.where(e, 1.0, 2.0), id="condition"),
        pytest.param(lambda e: lines.ratio(e, 1.0), id="ratio"),
        pytest.param(lambda e: -e, id="neg"),
    ],
)
def test_no_arithmetic_meets_na(source: str, use: object) -> None:
    assert callable(use)
    with pytest.raises(GraphError, match=r"line: argument \d of \w+ may be N/A; say with default\(\)"):
        model_of(use(SOURCES[source]))
    model_of(use(lines.default(SOURCES[source], 0.0)))


@pytest.mark.parametrize(
    "expr",
    [
        lines.total(HOLED),
        lines.irr(HOLED),
        lines.at_lowest(HOLED, X),
        lines.lowest(X, HOLED),
    ],
    ids=["total", "irr", "key", "flag"],
)
def test_sums_keys_and_flags_need_numbers(expr: Expr) -> None:
    with pytest.raises(GraphError, match="may be N/A"):
        model_of(expr, series=False)


def test_windows_need_numbers() -> None:
    with pytest.raises(GraphError, match="argument 1 of sum_ahead may be N/A"):
        model_of(lines.sum_ahead(HOLED, X, X))


def test_an_opening_may_be_na_too() -> None:
    with pytest.raises(GraphError, match="argument 1 of add may be N/A"):
        graph = Graph()
        with graph.place("Sheet"):
            graph.series("x", 1.0, "X", "", opening=lines.na())
            graph.series("y", lines.prev(Ref("x")) + 1.0, "Y", "")
        graph.compile(2)


def test_na_is_passed_on_and_left_out() -> None:
    result = solve(model_of(lines.where(X > 0, HOLED, lines.na())))
    assert [x if x == x else None for x in result.series("line")] == [2.0, None, 8.0, None]
    assert solve(model_of(lines.lowest(HOLED), False)).scalar("line") == 2.0
    assert solve(model_of(lines.mean(HOLED), False)).scalar("line") == 5.0
    assert solve(model_of(lines.mean(HOLED, Ref("on")), False)).scalar("line") == 2.0
    assert solve(model_of(lines.at_lowest(X, HOLED), False)).scalar("line") == 4.0
    assert math.isnan(solve(model_of(lines.prev(HOLED), opening=lines.na())).series("line")[0])
    assert solve(model_of(lines.default(HOLED, -1.0))).series("line") == [2.0, -1.0, 8.0, -1.0]
    assert solve(model_of(lines.defined(HOLED))).series("line") == [1.0, 0.0, 1.0, 0.0]
