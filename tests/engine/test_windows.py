"""Sums over windows, made for all periods at once, and the loops between them."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel import lines
from spvmodel.engine import SolveError, functions, solve
from spvmodel.engine.source import statements
from spvmodel.lines.expr import call

AMOUNTS = st.one_of(st.just(0.0), st.floats(-1e6, 1e6), st.sampled_from([1e16, -1e16, 2.0**-60, 5e-324]))


@st.composite
def _periods(draw: st.DrawFn) -> tuple[array[float], array[float], array[float]]:
    """A line, a key that never decreases and a limit, each an opening value and the periods."""
    size = draw(st.integers(1, 30))
    places = st.integers(-1, size + 2).map(float)
    line, key, limit = (draw(st.lists(each, min_size=size, max_size=size)) for each in (AMOUNTS, places, places))
    return array("d", [7.0, *line]), array("d", [-1.0, *sorted(key)]), array("d", [0.0, *limit])


@pytest.mark.parametrize("op", functions.WINDOWS)
@given(_periods())
def test_sums_of_all_periods_are_those_of_each(op: str, drawn: tuple[array[float], array[float], array[float]]) -> None:
    line, key, limit = drawn
    one = functions.NAMED[op]
    wanted = [0.0, *(one([*line, 0.0], [*key, 0.0], limit[t], t) for t in range(1, len(line)))]
    assert functions.sums(line, functions.WINDOWS[op](key, limit, []), {}) == wanted


def test_windows_that_are_the_same_are_summed_once() -> None:
    key = array("d", [0.0, 1.0, 2.0, 3.0])
    line = array("d", [0.0, 10.0, 20.0, 40.0])
    known: list[functions.Windows] = []
    whole, other, same = (functions.windows_ahead(key, array("d", [limit] * 4), known) for limit in (3.0, 2.0, 3.5))
    assert same is whole
    assert known == [whole, other]
    summed: dict[tuple[int, int], list[float]] = {}
    first, shorter, again = (functions.sums(line, windows, summed) for windows in (whole, other, same))
    assert first is again
    assert (first, shorter) == ([0.0, 60.0, 40.0, 0.0], [0.0, 20.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("limit", "wanted"), [(lines.Ref("key") + 1.0, [2.0, 3.0, 0.0]), (lines.Number(2.0), [2.0, 0.0, 0.0])]
)
def test_a_limit_can_be_a_formula(limit: lines.Expr, wanted: list[float]) -> None:
    graph = lines.Graph()
    with graph.place("Sheet"):
        key = graph.input(lines.Input("key", (1.0, 2.0, 3.0)), "Key", "")
        graph.series("sum", call("sum_ahead", key, key, limit), "Sum", "")
    assert solve(graph.compile(3)).series("sum") == wanted


def test_an_error_names_the_line_that_sums() -> None:
    graph = lines.Graph()
    with graph.place("Sheet"):
        key = graph.input(lines.Input("key", (1.0, 2.0, 3.0)), "Key", "")
        large = graph.input(lines.Input("large", (1.0, 1.0, 1.0)), "Large", "")
        far = graph.series("far", key + 9.0, "Far", "")
        other = graph.series("other", lines.sum_ahead(key, key, far) + lines.next_(far), "Other", "")
        graph.series("sum", lines.sum_ahead(large, key, far) + other, "Sum", "")
    with pytest.raises(SolveError, match=r"^sum cannot be computed"):
        solve(graph.compile(3), inputs={"large": [0.0, 1e308, 1e308]})


def test_lines_go_with_the_first_loop_they_can() -> None:
    """Two chains that stand one after the other take no more loops than one: each sums the line before it."""
    graph = lines.Graph()
    with graph.place("Sheet"):
        number = graph.series("number", lines.prev(lines.Ref("number")) + 1.0, "Number", "count")
        limit = graph.series("limit", number + 1.0, "Limit", "count")
        for chain in ("a", "b"):
            first = graph.series(f"{chain}_1", number * 2.0, "First", "count")
            second = graph.series(f"{chain}_2", lines.sum_ahead(first, number, limit) + number, "Second", "count")
            graph.series(f"{chain}_3", lines.sum_behind(second, number, limit) - number, "Third", "count")
    model = graph.compile(3)
    texts = [text for _, text in statements(model)]
    assert sum(text.startswith(" for t") for text in texts) == 3
    assert sum("= sums(" in text for text in texts) == 4
    result = solve(model)
    assert result.series("a_2") == result.series("b_2") == [5.0, 8.0, 3.0]


def test_a_model_without_lines_has_no_values() -> None:
    assert solve(lines.Graph().compile(1)).values == {}
