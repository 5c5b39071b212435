"""What a user may break by typing: the master check must say so after a recalculation, by a program not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from spvmodel.engine import Result, solve
from spvmodel.lines import Graph, Input, Model, Ref, edate, prev, total
from spvmodel.workbook import layout, write_workbook
from spvmodel.workbook.layout import BASE, CASE_NAME, CHECK, CONSTANT
from spvmodel.workbook.read import coordinates, read_inputs, read_values
from spvmodel.workbook.recalc import recalculate
from tests.workbook.flex import Patchable
from tests.workbook.parity import Cell, check_stored, compare

PERIODS = 4
CASES = ("base", "low")
BLANK = ""


def guarded() -> Model:
    """Inputs with bounds: a share, one of a case, one that is fixed, a series, and a series of a case."""
    g = Graph()
    with g.place("Inputs", ""):
        share = g.input(Input("share", 0.5, low=0.0, high=1.0, status="assumed"), "Share", "")
        g.input(Input("count", 2.0, low=1.0, status="assumed", cases=(("low", 1.0),)), "Count", "count")
        g.input(Input("free", 7.0, high=9.0, status="assumed"), "Free", "x")
        g.input(Input("any", 7.0, status="assumed"), "Anything", "x")
        step = g.input(Input("step", 3.0, status="fixed"), "Step", "months")
        close = g.input(Input("close", 45657.0, status="filed"), "Close", "date")
        tolerance = g.input(Input("tolerance", 1e-6, low=0.0, status="default"), "Tolerance", "")
        path = g.input(Input("path", (1.0, 2.0, 3.0, 4.0), low=0.0, high=10.0, status="assumed"), "Path", "")
        other = Input("other", (1.0,) * 4, status="assumed", cases=(("low", (2.0,) * 4),))
        g.input(other, "Other", "")
    with g.place("Time", ""):
        g.series("time.number", prev(Ref("time.number")) + 1, "Period", "count")
        g.series("time.end", edate(close, Ref("time.number") * step), "Period end", "date")
    with g.place("Work", ""):
        g.series("work.product", path * share + Ref("other") * 0 + Ref("time.number") * 0, "Product", "")
        g.scalar("work.sum", total(Ref("work.product")), "Sum", "")
    g.check("check.none", share * 0, "Nothing", "", tolerance)
    g.alert("alert.much", Ref("work.sum") > 4, "The sum is large")
    return g.compile(PERIODS, {"sum": "work.sum"}, CASES)


def faults(model: Model) -> dict[str, tuple[dict[Cell, float | str], str]]:
    """What is typed where, and the row of the Checks sheet that must count it."""
    place = layout(model)

    def scalar(name: str, column: int = BASE) -> Cell:
        return "Inputs", place.places[name].row, column + 1

    def period(name: str, number: int, sheet: str = "InputSeries") -> Cell:
        return sheet, place.places[name].row, place.column(number) + 1

    typed_base, typed_case = place.typed["other"]
    last = place.column(PERIODS) + 1
    selector: Cell = ("Cases", *coordinates(CASE_NAME.rpartition("!")[2]))
    return {
        "text": ({scalar("share"): "half"}, "guards"),
        "blank base": ({scalar("share"): BLANK}, "guards"),
        "too high": ({scalar("share"): 1.5}, "guards"),
        "too low": ({scalar("share"): -0.5}, "guards"),
        "too low without a highest": ({scalar("count"): 0.0}, "guards"),
        "too high without a lowest": ({scalar("free"): 9.5}, "guards"),
        "text without bounds": ({scalar("any"): "seven"}, "guards"),
        "text in the live case": ({scalar("count", BASE + 1): "one", selector: "low"}, "guards"),
        "what is fixed": ({scalar("step"): 4.0}, "guards"),
        "a constant over a live value": ({scalar("share", CONSTANT): 0.5}, "guards"),
        "text in a series": ({period("path", 2): "two"}, "InputSeries"),
        "blank in a series": ({period("path", 2): BLANK}, "InputSeries"),
        "a series out of bounds": ({period("path", 2): 11.0}, "InputSeries"),
        "blank in a base series": ({("InputSeries", typed_base, last): BLANK}, "InputSeries"),
        "text in a series of a case": ({("InputSeries", typed_case, last): "one"}, "InputSeries"),
        "a constant over a formula": ({period("work.product", 3, "Work"): 1.5}, "Work"),
        "a constant over a scalar": ({("Work", place.places["work.sum"].row, CONSTANT + 1): 5.0}, "Work"),
        "a shifted header date": ({("Work", 4, place.column(3) + 1): 45000.0}, "date Work"),
        "text in a header date": ({("Work", 4, place.column(3) + 1): "soon"}, "date Work"),
        "an unknown case": ({selector: "none"}, "master"),
    }


NAMES = sorted(faults(guarded()))


@pytest.fixture(scope="module")
def result() -> Result:
    return solve(guarded())


@pytest.fixture(scope="module")
def path(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(result, tmp_path_factory.mktemp("guards") / "guarded.xlsx")


@pytest.fixture(scope="module")
def recalculated(path: Path, result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, book = tmp_path_factory.mktemp("typed"), Patchable(path)
    written = {
        name: book.write(folder / f"{number}.xlsx", cells)
        for number, (name, (cells, _)) in enumerate(faults(result.model).items())
    }
    copies = recalculate([path, *written.values()], folder / "recalculated")
    return dict(zip(["sound", *written], copies, strict=True))


@pytest.mark.xdist_group("office")
def test_a_sound_workbook_passes(result: Result, path: Path, recalculated: dict[str, Path]) -> None:
    assert check_stored(result, path).mismatches == []
    values = read_values(recalculated["sound"])
    assert compare(result, path, values).mismatches == []
    assert values["Cover"][4, 2] == "All checks pass"
    assert values["Cover"][5, 2] == values["Work"][2, 4] == "1 alert raised"


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("name", NAMES)
def test_what_is_typed_wrong_fails_the_master_check(name: str, result: Result, recalculated: dict[str, Path]) -> None:
    place, values = layout(result.model), read_values(recalculated[name])
    rows = {**dict(place.errors), **{f"date {sheet}": row for sheet, row in place.dates}}
    rows |= {"guards": place.guards_row, "master": place.master_row}
    counted = values["Checks"][rows[faults(result.model)[name][1]], CONSTANT + 1]
    assert isinstance(counted, float)
    assert counted >= 1.0
    assert values["Checks"][place.master_row, CONSTANT + 1] != 0.0
    assert values["Cover"][4, 2] == "CHECKS FAILED"
    assert values["Work"][2, CONSTANT + 1] == "FAILED"


def test_every_typed_cell_refuses_what_is_out_of_bounds(result: Result, path: Path) -> None:
    place, book = layout(result.model), load_workbook(path)
    rules = {
        (sheet.title, cell): rule
        for sheet in (book["Inputs"], book["InputSeries"])
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
        for cell in area.cells
    }
    wanted = {("Inputs", (place.places[r.name].row, BASE + k)) for r in place.inputs.rows for k in (1, 2) if r.name}
    typed = [r for s in place.sheets for r in s.rows if r.kind in ("input", "base", "case")]
    wanted |= {("InputSeries", (r.number, place.column(p) + 1)) for r in typed for p in range(1, PERIODS + 1)}
    assert rules.keys() == wanted
    assert all(rule.errorStyle in (None, "stop") and rule.showErrorMessage for rule in rules.values())
    share = rules["Inputs", (place.places["share"].row, BASE + 1)]
    row = place.places["share"].row
    assert (share.type, share.operator, share.allow_blank) == ("decimal", None, False)
    assert [share.formula1, share.formula2] == [f"$I${row}", f"$J${row}"]
    assert [book["Inputs"].cell(row, 9).value, book["Inputs"].cell(row, 10).value] == [0, 1]
    assert share.error == "Type a number from 0 to 1."
    assert rules["Inputs", (row, BASE + 2)].allow_blank
    fixed = rules["Inputs", (place.places["step"].row, BASE + 1)]
    assert fixed.error == "This value is fixed when the model is built: it must stay 3."


def test_no_text_is_empty(path: Path) -> None:
    for sheet in load_workbook(path).worksheets:
        for line in sheet.iter_rows():
            assert all(cell.value != "" for cell in line)


def test_a_case_in_other_capitals_is_read_as_the_model_spells_it(result: Result, path: Path, tmp_path: Path) -> None:
    selector: Cell = ("Cases", *coordinates(CASE_NAME.rpartition("!")[2]))
    typed = Patchable(path).write(tmp_path / "typed.xlsx", {selector: "LOW"})
    assert read_inputs(typed, result.model)[0] == "low"


def test_a_result_whose_input_is_out_of_bounds_is_written_as_failed(tmp_path: Path) -> None:
    beyond = solve(guarded(), "base", {"share": 1.5, "path": (1.0, 2.0, 30.0, 4.0)})
    path = write_workbook(beyond, tmp_path / "beyond.xlsx")
    values, place = read_values(path), layout(beyond.model)
    assert values["Cover"][4, 2] == "CHECKS FAILED"
    assert values["Checks"][place.master_row, CONSTANT + 1] == 2.0
    assert values["InputSeries"][place.places["path"].row, CHECK + 1] == 1.0
