"""Loops laid out pass by pass."""

from __future__ import annotations

import math

import pytest

from spvmodel import lines
from spvmodel.engine import solve
from spvmodel.lines import DimensionError, Graph, GraphError, Input, Model, Ref, UnknownLine


def cosine(passes: int = 4, start: float = 1.0) -> Model:
    """size = 100 + a tenth of size, with lines around the ring that are not of it."""
    graph = Graph()
    with graph.place("Sheet"):
        base = graph.input(Input("base", 100.0), "Base", "m")
        before = graph.scalar("before", base * 1.0, "Before the ring", "m")
        guess = graph.feedback("guess", Ref("base") * start, "size", "Size, fed back", "m", passes)
        tenth = graph.scalar("tenth", guess * 0.1, "A tenth", "m")
        size = graph.scalar("size", before + tenth, "Size", "m")
        graph.scalar("after", size * 2.0, "After the ring", "m")
    return graph.compile(1)


def test_the_ring_is_found_and_laid_out() -> None:
    model = cosine(passes=3)
    (ring,) = model.rings
    assert ring.names == ("guess", "tenth", "size")
    assert ring.passes == 3
    copies = [name for name in model.lines if "@" in name]
    assert copies == [f"{name}@{turn}" for turn in (1, 2) for name in ring.names]
    for name in ("before", "after", "guess_residual"):
        assert f"{name}@1" not in model.lines


def test_each_pass_reads_the_one_before_and_the_last_has_the_plain_name() -> None:
    model = cosine(passes=3)
    assert model.lines["guess@1"].expr == Ref("base") * 1.0
    assert model.lines["guess@2"].expr == Ref("size@1")
    assert model.lines["guess"].expr == Ref("size@2")
    assert model.lines["tenth@2"].expr == Ref("guess@2") * 0.1
    assert model.lines["size"].expr == Ref("before") + Ref("tenth")
    assert model.precedents("after") == ("size",)


def test_copies_know_their_line_and_pass() -> None:
    model = cosine(passes=3)
    copy = model.lines["tenth@2"]
    assert (copy.base, copy.turn, copy.label, copy.unit) == ("tenth", 2, "A tenth", "m")
    assert model.lines["tenth"].turn == 0


def test_passes_come_closer_and_the_residual_says_how_close() -> None:
    values = [solve(cosine(passes)) for passes in (1, 2, 3, 12)]
    assert [result.scalar("size") for result in values[:3]] == pytest.approx([110.0, 111.0, 111.1])
    assert [result.scalar("guess_residual") for result in values[:3]] == pytest.approx([10.0, 1.0, 0.1])
    assert values[3].scalar("size") == pytest.approx(1000.0 / 9.0, abs=1e-9)
    assert values[3].scalar("guess_residual") < 1e-9
    assert values[3].scalar("after") == 2.0 * values[3].scalar("size")


def test_one_pass_is_the_start() -> None:
    model = cosine(passes=1)
    assert not [name for name in model.lines if "@" in name]
    assert solve(model).scalar("guess") == 100.0


def test_a_series_is_fed_back_with_the_largest_gap_as_residual() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        given = graph.input(Input("given", (1.0, 2.0, 4.0)), "Given", "m")
        fed = graph.feedback("fed", 0.0, "wanted", "Fed back", "m", 2, series=True)
        graph.series("wanted", given + fed * 0.5, "Wanted", "m")
    model = graph.compile(3)
    result = solve(model)
    assert result.series("fed@1") == [0.0, 0.0, 0.0]
    assert result.series("fed") == [1.0, 2.0, 4.0]
    assert result.series("wanted") == [1.5, 3.0, 6.0]
    assert result.series("fed_gap") == [0.5, 1.0, 2.0]
    assert result.scalar("fed_residual") == 2.0


def test_several_feedbacks_of_one_ring_advance_together() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        a = graph.feedback("a", 1.0, "new_a", "A", "", 3)
        b = graph.feedback("b", 2.0, "new_b", "B", "", 5)
        graph.scalar("new_a", b * 0.5, "New A", "")
        graph.scalar("new_b", a + 1.0, "New B", "")
    model = graph.compile(1)
    (ring,) = model.rings
    assert ring.passes == 5
    assert {cut.name for cut in ring.feedbacks} == {"a", "b"}
    a_value, b_value = 1.0, 2.0
    for turn in range(1, 6):
        suffix = f"@{turn}" if turn < 5 else ""
        result = solve(model)
        assert (result.scalar(f"a{suffix}"), result.scalar(f"b{suffix}")) == (a_value, b_value)
        a_value, b_value = b_value * 0.5, a_value + 1.0


def test_rings_apart_are_laid_out_apart() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        a = graph.feedback("a", 1.0, "new_a", "A", "", 2)
        new_a = graph.scalar("new_a", a * 0.5, "New A", "")
        b = graph.feedback("b", 1.0, "new_b", "B", "", 3)
        graph.scalar("new_b", b * 0.5 + new_a, "New B", "")
    model = graph.compile(1)
    assert sorted(ring.passes for ring in model.rings) == [2, 3]
    assert "new_a@2" not in model.lines
    assert model.lines["new_b@1"].expr == Ref("b@1") * 0.5 + Ref("new_a")


def test_a_recurrence_with_its_opening_may_lie_in_a_ring() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        guess = graph.feedback("guess", 50.0, "needed", "Guess", "", 40)
        balance = Ref("balance")
        graph.series("balance", lines.prev(balance) * 1.1 - 10.0, "Balance", "", opening=guess)
        graph.scalar("needed", guess - lines.lowest(balance) * 0.5, "What leaves nothing", "")
    model = graph.compile(3)
    assert model.lines["balance@1"].opening == Ref("guess@1")
    expected = 10.0 * sum(1.1**-t for t in (1, 2, 3))
    assert solve(model).scalar("guess") == pytest.approx(expected, rel=1e-9)


def test_a_line_that_nothing_feeds_back_just_reads() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        base = graph.input(Input("base", 3.0), "Base", "")
        graph.feedback("guess", 0.0, "size", "Guess", "", 5)
        graph.scalar("size", base * 2.0, "Size", "")
    model = graph.compile(1)
    assert model.rings == ()
    assert solve(model).scalar("guess") == 6.0
    assert solve(model).scalar("guess_residual") == 0.0


def looped(start: lines.expr.Operand, passes: int = 3, unit: str = "m") -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        graph.input(Input("rate", 0.1), "Rate", "1/yr")
        graph.input(Input("flows", (1.0, 2.0)), "Flows", "m")
        guess = graph.feedback("guess", start, "size", "Guess", unit, passes)
        graph.scalar("size", guess * 0.5, "Size", unit)
    return graph.compile(2)


@pytest.mark.parametrize("passes", [0, -1])
def test_a_feedback_takes_a_pass(passes: int) -> None:
    with pytest.raises(GraphError, match="guess takes at least one pass"):
        looped(0.0, passes)


def test_the_start_is_checked_like_any_formula() -> None:
    with pytest.raises(UnknownLine, match=r"the start of guess reads rte, which no block declares; rate\?"):
        looped(Ref("rte"))
    with pytest.raises(DimensionError, match="the start of guess: the formula gives 1/yr"):
        looped(Ref("rate"))
    with pytest.raises(GraphError, match="the start of guess is one value but reads the series flows"):
        looped(Ref("flows"))
    with pytest.raises(GraphError, match="the start of guess may be N/A"):
        looped(lines.ratio(1.0, 0.0), unit="")
    assert math.isclose(solve(looped(lines.total(Ref("flows")))).scalar("guess"), 0.75)


def test_a_start_that_depends_on_the_ring_is_a_circularity() -> None:
    with pytest.raises(GraphError, match="within one period"):
        looped(Ref("size") * 2.0)
