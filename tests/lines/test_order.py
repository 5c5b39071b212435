"""The order of evaluation: recurrences back and ahead, and circularities with their ring."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel import lines
from spvmodel.engine import solve
from spvmodel.lines import Circularity, Expr, Graph, Input, Model, Ref
from spvmodel.lines.line import Block
from spvmodel.lines.rings import components, shortest_path, sort_within

X, Y, Z = Ref("x"), Ref("y"), Ref("z")


def model_of(scalars: dict[str, Expr] | None = None, **series: Expr) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        graph.input(Input("given", (1.0, 2.0, 3.0)), "Given", "")
        for name, expr in series.items():
            graph.series(name, expr, name, "", opening=10.0)
        for name, expr in (scalars or {}).items():
            graph.scalar(name, expr, name, "")
    return graph.compile(3)


def test_a_recurrence_looks_back() -> None:
    model = model_of(x=lines.prev(X) + Ref("given"))
    assert Block(("x",), 1) in model.order
    assert solve(model).series("x") == [11.0, 13.0, 16.0]


def test_a_recurrence_looks_ahead() -> None:
    model = model_of(x=lines.next_(X) + Ref("given"))
    assert Block(("x",), -1) in model.order
    assert solve(model).series("x") == [6.0, 5.0, 3.0]


def test_lines_of_a_recurrence_follow_what_they_read() -> None:
    model = model_of(z=Y * 2.0, y=X + 1.0, x=lines.prev(Z))
    assert Block(("x", "y", "z"), 1) in model.order
    assert solve(model).series("z") == [22.0, 46.0, 94.0]


def test_a_window_behind_joins_a_recurrence() -> None:
    # y is 1/10 of what x was so far, x what y was a period ago plus 1.
    model = model_of(y=lines.sum_behind(X, Ref("given"), Z) * 0.1, x=lines.prev(Y) + 1.0, z=Ref("given") * 0.0)
    assert Block(("x", "y"), 1) in model.order
    assert solve(model).series("x") == pytest.approx([11.0, 2.1, 2.31])


def test_a_window_ahead_joins_a_recurrence() -> None:
    model = model_of(x=lines.sum_ahead(X, Ref("given"), Z) + 1.0, z=Ref("given") * 10.0)
    assert Block(("x",), -1) in model.order
    assert solve(model).series("x") == [4.0, 2.0, 1.0]


def test_prev_reads_the_opening_and_next_reads_zero_after_the_end() -> None:
    model = model_of(x=Ref("given") * 1.0, y=lines.prev(X), z=lines.next_(X))
    result = solve(model)
    assert result.series("y") == [10.0, 1.0, 2.0]
    assert result.series("z") == [2.0, 3.0, 0.0]


def test_the_opening_of_an_input_is_zero() -> None:
    assert solve(model_of(x=lines.prev(Ref("given")))).series("x") == [0.0, 1.0, 2.0]


def test_without_an_opening_the_first_period_reads_zero() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        graph.series("x", lines.prev(Ref("x")) + 1.0, "X", "")
    assert solve(graph.compile(3)).series("x") == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("series", "scalars", "ring", "message"),
    [
        pytest.param({"x": X + 1.0}, {}, {"x"}, "within one period", id="itself"),
        pytest.param({"x": Y + 1.0, "y": X * 2.0}, {}, {"x", "y"}, "within one period", id="two"),
        pytest.param({"x": Y + lines.prev(X), "y": X}, {}, {"x", "y"}, "within one period", id="beside a recurrence"),
        pytest.param({}, {"a": Ref("b"), "b": Ref("a")}, {"a", "b"}, "within one period", id="scalars"),
        pytest.param({"x": lines.prev(X) + lines.next_(X)}, {}, {"x"}, "both directions", id="back and ahead"),
        pytest.param({"x": lines.prev(Y), "y": lines.next_(X)}, {}, {"x", "y"}, "both directions", id="crossing"),
        pytest.param(
            {"x": Ref("given") * Ref("a")}, {"a": lines.total(X)}, {"x", "a"}, "both directions", id="a total"
        ),
        pytest.param(
            {"x": lines.sum_behind(Y, Ref("given"), Ref("given")), "y": lines.next_(X)},
            {},
            {"x", "y"},
            "both directions",
            id="a window behind and ahead",
        ),
    ],
)
def test_a_circularity_is_refused_and_its_ring_named(
    series: dict[str, Expr], scalars: dict[str, Expr], ring: set[str], message: str
) -> None:
    with pytest.raises(Circularity, match=message) as caught:
        model_of(scalars, **series)
    assert set(caught.value.ring) == ring
    assert caught.value.ring[0] == caught.value.ring[-1]
    assert " <- ".join(caught.value.ring) in str(caught.value)


def test_a_ring_is_named_without_its_neighbours() -> None:
    with pytest.raises(Circularity) as caught:
        model_of(before=Ref("given") + 1.0, x=Y + Ref("before"), y=X * 1.0, after=X + Y)
    assert set(caught.value.ring) == {"x", "y"}


def test_each_step_of_a_ring_is_a_reference() -> None:
    exprs = {"x": lines.prev(Y), "y": Z + 1.0, "z": lines.next_(X) + lines.prev(Z)}
    with pytest.raises(Circularity) as caught:
        model_of(**exprs)
    for name, read in pairwise(caught.value.ring):
        assert read in {found for found, _ in lines.expr.references(exprs[name])}


edges_of_names = st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=8, max_size=8).map(
    lambda rows: {str(k): [str(to) for to in row] for k, row in enumerate(rows)}
)


def reachable(edges: dict[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    queue = list(edges[start])
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue += edges[name]
    return seen


@given(edges_of_names)
def test_components_are_what_reaches_each_other(edges: dict[str, list[str]]) -> None:
    found = components(edges)
    assert sorted(name for component in found for name in component) == sorted(edges)
    done: set[str] = set()
    reach = {name: reachable(edges, name) for name in edges}
    for component in found:
        done.update(component)
        for name in component:
            together = {other for other in edges if other in reach[name] and name in reach[other]} | {name}
            assert set(component) == together
            assert reach[name] <= done


@given(edges_of_names)
def test_an_order_or_a_ring(edges: dict[str, list[str]]) -> None:
    order, ring = sort_within(edges, {name: int(name) for name in edges})
    if ring:
        assert not order
        assert ring[0] == ring[-1]
        assert all(after in edges[before] for before, after in pairwise(ring))
    else:
        assert sorted(order) == sorted(edges)
        assert all(order.index(to) < order.index(name) for name in edges for to in edges[name])


def test_a_long_chain_needs_no_recursion() -> None:
    edges = {str(k): [str(k + 1)] for k in range(5000)} | {"5000": []}
    assert [component[0] for component in components(edges)][:2] == ["5000", "4999"]


def test_a_shortest_path() -> None:
    edges = {"a": ["b", "c"], "b": ["d"], "c": ["e"], "d": ["e"], "e": []}
    assert shortest_path(edges, "a", "e") == ["a", "c", "e"]
    assert shortest_path(edges, "a", "a") == ["a"]
