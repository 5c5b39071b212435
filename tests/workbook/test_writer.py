"""What a written file promises: text stays text, the same bytes twice, nothing lost when writing fails."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from spvmodel.engine import Result, solve
from spvmodel.lines import Graph, Input, Number
from spvmodel.workbook import book, write_workbook, writer
from spvmodel.workbook.book import FormulaSheet
from spvmodel.workbook.read import read_inputs, read_values
from tests.workbook import flex
from tests.workbook.parity import check_stored, compare, formulas
from tests.workbook.toys import every_operation, loop, solved


@pytest.fixture(scope="module")
def result() -> Result:
    return solved(every_operation())


def test_the_same_result_gives_the_same_bytes(result: Result, tmp_path: Path) -> None:
    one = write_workbook(result, tmp_path / "one.xlsx")
    two = write_workbook(solved(every_operation()), tmp_path / "two.xlsx")
    assert one.read_bytes() == two.read_bytes()


def test_text_of_the_deal_stays_text(result: Result, tmp_path: Path) -> None:
    path = write_workbook(result, tmp_path / "toy.xlsx")
    written = load_workbook(path)
    dangerous: dict[str, set[str]] = {}
    for sheet in written.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")):
                    dangerous.setdefault(cell.data_type, set()).add(cell.value)
                assert cell.hyperlink is None or cell.hyperlink.location
    texts = {"+Toy <b>model</b> & Co", "=1+1", "@Toy SPV", "-nothing here is real", "=note", "=Low", "-2.5", "=Prices"}
    assert texts | {'=HYPERLINK("http://x.invalid")'} <= dangerous["s"]
    ours = {"=" + formula.text for formula in formulas(path).values()}
    assert dangerous["f"] <= ours
    with zipfile.ZipFile(path) as archive:
        assert not any(b"x.invalid" in archive.read(n) for n in archive.namelist() if n.endswith(".rels"))


def test_a_failure_leaves_the_earlier_file_and_no_other(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "toy.xlsx"
    path.write_bytes(b"earlier")

    def full(self: xlsxwriter.Workbook) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xlsxwriter.Workbook, "close", full)
    with pytest.raises(OSError, match="No space left"):
        write_workbook(result, path)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_an_os_error(result: Result, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write_workbook(result, tmp_path / "nowhere" / "toy.xlsx")


def failing() -> Result:
    g = Graph()
    with g.place("Inputs", ""):
        tolerance = g.input(Input("tolerance", 0.001), "Tolerance", "")
        g.input(Input("path", (1.0, 2.0)), "Path", "")
    g.check("check.one", Number(0.5), "Half is almost nothing", "", tolerance)
    return solve(g.compile(2))


def test_a_failed_check_stands_on_the_cover_and_on_every_sheet(tmp_path: Path) -> None:
    failed = failing()
    assert not failed.passed
    path = write_workbook(failed, tmp_path / "failed.xlsx")
    values = read_values(path)
    assert values["Cover"][4, 2] == "CHECKS FAILED"
    assert values["Inputs"][2, 5] == values["Trace"][2, 5] == "FAILED"
    assert check_stored(failed, path).mismatches == []
    cover = load_workbook(path)["Cover"]
    rules = [rule for block in cover.conditional_formatting for rule in block.rules]
    assert any('"All checks pass"' in rule.formula[0] and rule.operator == "notEqual" for rule in rules if rule.formula)


@pytest.mark.parametrize("case", ["base", "low"])
def test_overrides_stand_in_the_cells_of_their_case(case: str, tmp_path: Path) -> None:
    model = every_operation()
    changed: dict[str, flex.Given] = {
        "rate": 0.09,
        "plain": tuple(float(k) for k in range(9)),
        "flow": (-50.0, *([9.0] * 8)),
    }
    result = solve(model, case, changed)
    path = write_workbook(result, tmp_path / "toy.xlsx")
    live, inputs = read_inputs(path, model)
    assert live == case
    assert inputs["rate"] == {"base": 0.09 if case == "base" else 0.07, "low": 0.05 if case == "base" else 0.09}
    assert inputs["flow"][case] == changed["flow"]
    assert inputs["plain"] == {"base": changed["plain"]}
    assert check_stored(result, path).mismatches == []
    in_process = flex.recalculated_in_process(path, formulas(path))
    assert compare(result, path, in_process).mismatches == []


def test_inputs_come_back_as_they_were(tmp_path: Path) -> None:
    model = loop()
    path = write_workbook(solved(model, "low"), tmp_path / "toy.xlsx")
    live, inputs = read_inputs(path, model)
    assert live == "low"
    for name, given in model.inputs.items():
        assert inputs[name] == {"base": given.value, **dict(given.cases)}


def test_an_input_that_is_no_number_is_refused(tmp_path: Path) -> None:
    model = loop()
    path = write_workbook(solved(model), tmp_path / "toy.xlsx")
    cells = flex.cells_of(model, flex.Flex("base", {"fee": 0.5}))
    cells = {cell: "much" if value == 0.5 else value for cell, value in cells.items()}
    with pytest.raises(ValueError, match="fee in case base is not a number but 'much'"):
        read_inputs(flex.Patchable(path).write(tmp_path / "typed.xlsx", cells), model)


def test_formulas_pass_through_as_the_library_would_write_them() -> None:
    """The sheet that stores formulas unchanged overrides a method of XlsxWriter's: it must stay what it was."""
    texts = ["=SUM(A1:A3) * 2", '=IF(A1 = 0, "n/a", A2 / A1)', "=_xlfn.MINIFS(A1:A3, B1:B3, 1)", '=A1 < 3 & "&"']
    files = []
    for kind in (FormulaSheet, None):
        packed = io.BytesIO()
        with xlsxwriter.Workbook(packed, {"in_memory": True}) as workbook:
            workbook.set_properties({"created": writer.CREATED})
            sheet = workbook.add_worksheet("one", worksheet_class=kind)
            style = workbook.add_format({"bold": True})
            for row, text in enumerate(texts):
                sheet.write_formula(row, 3, text, style, 1.25 if row else "n/a")
        files.append(packed.getvalue())
    assert files[0] == files[1]


@pytest.mark.parametrize(("value", "kept"), [(float("nan"), "n/a"), (float("inf"), "#NUM!"), (0.1, 0.1), ("x", "x")])
def test_values_as_cells_store_them(value: float | str, kept: float | str) -> None:
    assert book.shown(value) == kept


def test_a_section_that_cannot_be_a_sheet_is_refused(tmp_path: Path) -> None:
    g = Graph()
    with g.place("Cover", ""):
        g.scalar("one", 1.0, "One", "")
    with pytest.raises(ValueError, match="'Cover' cannot be the name of a sheet"):
        write_workbook(solve(g.compile(1)), tmp_path / "toy.xlsx")
