"""Sums over windows: those of all periods at once are those of each, and as many as can be are made at once."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel import lines
from spvmodel.engine import functions, solve
from spvmodel.engine.source import statements

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
    windows = functions.WINDOWS[op](key, limit)
    assert functions.sums((line, windows)) == [wanted]


def test_a_limit_can_be_one_for_all() -> None:
    key = array("d", [0.0, 1.0, 2.0, 3.0])
    line = array("d", [0.0, 10.0, 20.0, 40.0])
    assert functions.sums((line, functions.windows_ahead(key, 2.0))) == [[0.0, 20.0, 0.0, 0.0]]
    assert functions.sums((line, functions.windows_behind(key, 1.0))) == [[0.0, 0.0, 20.0, 60.0]]


def test_windows_that_are_the_same_are_summed_once() -> None:
    key = array("d", [0.0, 1.0, 2.0, 3.0])
    line = array("d", [0.0, 10.0, 20.0, 40.0])
    whole = functions.windows_ahead(key, 3.0)
    other = functions.windows_ahead(key, 2.0, whole)
    same = functions.windows_ahead(key, array("d", [3.5] * 4), other, whole)
    assert same is whole
    assert other is not whole
    first, shorter, again = functions.sums((line, whole), (line, other), (line, same))
    assert first is again
    assert (first, shorter) == ([0.0, 60.0, 40.0, 0.0], [0.0, 20.0, 0.0, 0.0])


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
    assert sum("= sums(" in text for text in texts) == 2
    result = solve(model)
    assert result.series("a_2") == result.series("b_2") == [5.0, 8.0, 3.0]
