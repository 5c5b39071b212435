"""Declaring lines: names, labels, sections, shapes; what is refused and with which words."""

from __future__ import annotations

from datetime import date

import pytest

from spvmodel import lines
from spvmodel.lines import DuplicateLine, Graph, GraphError, Input, Model, Ref, UnknownLine, from_serial, serial


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    with graph.place("Sheet", "Heading"):
        graph.input(Input("height", 2.0), "Height", "m")
        graph.input(Input("growth", (0.1, 0.2, 0.3)), "Growth", "m")
    return graph


def declare(graph: Graph, name: str, expr: lines.expr.Operand, unit: str = "m") -> Ref:
    with graph.place("Sheet"):
        return graph.series(name, expr, name.title(), unit)


def declare_one(graph: Graph, name: str, expr: lines.expr.Operand, unit: str = "m") -> Ref:
    with graph.place("Sheet"):
        return graph.scalar(name, expr, name.title(), unit)


def test_a_line_keeps_what_it_was_declared_with(graph: Graph) -> None:
    with graph.place("Sheet", "Sums"):
        graph.series("size", Ref("height") * 2.0, "Size", "m", "twice", opening=Ref("height"), total=True)
    line = graph.compile(3).lines["size"]
    assert (line.label, line.unit, line.section, line.group, line.note) == ("Size", "m", "Sheet", "Sums", "twice")
    assert line.series
    assert line.total
    assert not line.is_input
    assert line.opening == Ref("height")


def test_lines_stay_in_declared_order(graph: Graph) -> None:
    declare(graph, "b", Ref("a") + Ref("growth"))
    declare(graph, "a", Ref("growth") + Ref("height"))
    model = graph.compile(3)
    assert list(model.lines) == ["height", "growth", "b", "a"]
    evaluated = [name for block in model.order for name in block.names]
    assert evaluated.index("a") < evaluated.index("b")


def test_places_nest() -> None:
    graph = Graph()
    with graph.place("Outer", "One"):
        with graph.place("Inner"):
            graph.scalar("a", 1.0, "A", "")
        graph.scalar("b", 1.0, "B", "")
    model = graph.compile(1)
    assert (model.lines["a"].section, model.lines["a"].group) == ("Inner", "")
    assert (model.lines["b"].section, model.lines["b"].group) == ("Outer", "One")


def test_a_place_ends_when_a_block_fails() -> None:
    graph = Graph()
    with graph.place("Outer"):
        with pytest.raises(DuplicateLine), graph.place("Inner"):
            graph.scalar("a", 1.0, "A", "")
            graph.scalar("a", 1.0, "A", "")
        graph.scalar("b", 1.0, "B", "")
    assert graph.compile(1).lines["b"].section == "Outer"


def test_a_duplicate_is_refused(graph: Graph) -> None:
    with pytest.raises(DuplicateLine, match="height is declared twice"):
        declare(graph, "height", 1.0)


@pytest.mark.parametrize("name", ["", "two words", "a..b", "a.", "1st", "a@1", "a-b"])
def test_a_name_is_dotted_identifiers(graph: Graph, name: str) -> None:
    with pytest.raises(GraphError, match="is not a dotted name"):
        declare(graph, name, 1.0)


@pytest.mark.parametrize(("label", "section"), [("", "Sheet"), ("Label", "")])
def test_label_and_section_are_needed(graph: Graph, label: str, section: str) -> None:
    with graph.place(section), pytest.raises(GraphError, match="needs a label and a section"):
        graph.scalar("line", 1.0, label, "")


def test_an_unknown_line_names_the_nearest(graph: Graph) -> None:
    declare(graph, "size", Ref("hieght") * 1.0)
    with pytest.raises(UnknownLine, match=r"size reads hieght, which no block declares; height\?"):
        graph.compile(3)


def test_an_unknown_line_unlike_any_other(graph: Graph) -> None:
    declare(graph, "size", Ref("zzzz") * 1.0)
    with pytest.raises(UnknownLine, match=r"size reads zzzz, which no block declares$"):
        graph.compile(3)


def test_an_unknown_line_in_an_opening(graph: Graph) -> None:
    with graph.place("Sheet"):
        graph.series("size", 1.0, "Size", "", opening=Ref("hight"))
    with pytest.raises(UnknownLine, match="size reads hight"):
        graph.compile(3)


def test_a_line_may_be_read_before_it_is_declared(graph: Graph) -> None:
    assert not graph.has("later")
    declare(graph, "size", graph.ref("later") + Ref("height"))
    declare(graph, "later", Ref("growth"))
    assert graph.has("later")
    assert [block.names for block in graph.compile(3).order][-1] == ("size",)


@pytest.mark.parametrize("periods", [0, -1])
def test_a_model_has_a_period(graph: Graph, periods: int) -> None:
    with pytest.raises(GraphError, match="at least one period"):
        graph.compile(periods)


def test_an_input_has_a_value_for_each_period(graph: Graph) -> None:
    with pytest.raises(GraphError, match="growth has 3 values for 4 periods"):
        graph.compile(4)


def test_one_value_cannot_read_a_series(graph: Graph) -> None:
    declare_one(graph, "size", Ref("growth"))
    with pytest.raises(GraphError, match="size is one value but reads the series growth"):
        graph.compile(3)


def test_an_opening_cannot_read_a_series(graph: Graph) -> None:
    with graph.place("Sheet"):
        graph.series("size", Ref("height"), "Size", "m", opening=Ref("growth"))
    with pytest.raises(GraphError, match="size is one value but reads the series growth"):
        graph.compile(3)


@pytest.mark.parametrize(
    "expr",
    [
        lines.prev(Ref("height")),
        lines.next_(Ref("height")),
        lines.total(Ref("height")),
        lines.sum_ahead(Ref("growth"), Ref("growth"), Ref("height")),
        lines.sum_behind(Ref("growth"), Ref("height"), Ref("growth")),
    ],
    ids=["prev", "next", "total", "limit", "key"],
)
def test_periods_of_one_value_are_refused(graph: Graph, expr: lines.Expr) -> None:
    declare(graph, "size", expr)
    with pytest.raises(GraphError, match=r"size: \w+\(\) reads height, which is a scalar"):
        graph.compile(3)


def test_a_shift_reads_a_line_not_a_formula(graph: Graph) -> None:
    declare(graph, "size", lines.expr.call("prev", Ref("growth") + Ref("growth")))
    with pytest.raises(TypeError, match=r"prev\(\) reads a line, not a formula"):
        graph.compile(3)


def test_a_formula_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="no truth value"):
        if Ref("a") > 1:
            pass


def test_a_headline_metric_is_a_scalar_line(graph: Graph) -> None:
    assert graph.compile(3, {"tall": "height"}).headline == {"tall": "height"}
    for name in ("growth", "nothing"):
        with pytest.raises(UnknownLine, match=f"the headline metric tall names {name}"):
            graph.compile(3, {"tall": name})


def test_precedents_and_readers(graph: Graph) -> None:
    with graph.place("Sheet"):
        expr = Ref("growth") + Ref("height") + Ref("growth")
        graph.series("size", expr, "Size", "m", opening=Ref("height") * 2.0)
    declare_one(graph, "most", lines.highest(Ref("size")))
    model = graph.compile(3)
    assert model.precedents("size") == ("growth", "height")
    assert model.precedents("most") == ("size",)
    assert model.precedents("height") == ()
    assert model.readers["height"] == ("size",)
    assert model.readers["most"] == ()


def test_an_input_has_a_value_in_each_case() -> None:
    given = Input("rate", 1.0, cases=(("high", 2.0),))
    assert given.in_case("base") == 1.0
    assert given.in_case("high") == 2.0


def checked(*names: str) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        tolerance = graph.input(Input("tolerance", 0.1), "Tolerance", "m")
    for name in names:
        graph.check(name, 0.5 * tolerance, f"{name} holds", "m", tolerance)
    graph.alert("look", 0.0, "Look here")
    return graph.compile(1)


def test_checks_and_alerts_are_lines_of_the_checks_sheet() -> None:
    model = checked("one", "two")
    assert [(c.name, c.value, c.tolerance, c.passed) for c in model.checks] == [
        ("one", "one", "tolerance", "one.passed"),
        ("two", "two", "tolerance", "two.passed"),
    ]
    assert model.alerts == ("look",)
    for name in ("one", "one.passed", "look", "checks.failed"):
        assert model.lines[name].section == "Checks"
    assert set(model.precedents("checks.failed")) == {"one.passed", "two.passed"}


def test_a_model_without_checks_has_no_master_check(graph: Graph) -> None:
    assert "checks.failed" not in graph.compile(3).lines


def test_dates_are_spreadsheet_day_numbers() -> None:
    assert serial(date(2025, 5, 21)) == 45798.0
    assert from_serial(45798.0) == date(2025, 5, 21)
    assert from_serial(serial(date(2000, 2, 29)) + 366) == date(2001, 3, 1)
