"""The file itself: sound for the toys, and every planted fault is found."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.workbook import layout, write_workbook
from tests.workbook.flex import Patchable, recalculated_in_process
from tests.workbook.parity import Formula, check_stored, compare, formulas
from tests.workbook.structure import Box, Parsed, faults, rings
from tests.workbook.toys import every_operation, loop, solved


@pytest.fixture(scope="module", params=["every", "loop"])
def model(request: pytest.FixtureRequest) -> Model:
    return every_operation() if request.param == "every" else loop()


@pytest.fixture(scope="module")
def result(model: Model) -> Result:
    return solved(model)


@pytest.fixture(scope="module")
def path(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(result, tmp_path_factory.mktemp("structure") / "toy.xlsx")


def test_a_workbook_is_sound(model: Model, path: Path) -> None:
    assert faults(model, path) == []


def test_a_wrong_stored_value_is_found(model: Model, result: Result, path: Path, tmp_path: Path) -> None:
    row = layout(model).places["time.days"].row
    cell = f"L{row}"
    text = Patchable(path).contents[Patchable(path).parts["Time"]].decode("utf-8")
    old = text[text.index(f'r="{cell}"') :].partition("</c>")[0]
    wrong = Patchable(path).replace(tmp_path / "wrong.xlsx", "Time", old, old.replace("<v>9", "<v>8"))
    found = check_stored(result, wrong).mismatches
    assert len(found) == 1
    assert f"Time row {row} column 12" in found[0]


def test_a_wrong_formula_in_one_period_is_found(model: Model, result: Result, path: Path, tmp_path: Path) -> None:
    place = layout(model)
    row, end = place.places["time.days"].row, place.places["time.end"].row
    old = f'<c r="L{row}" s="'
    text = Patchable(path).contents[Patchable(path).parts["Time"]].decode("utf-8")
    cell = text[text.index(old) :].partition("</c>")[0]
    wrong = Patchable(path).replace(tmp_path / "wrong.xlsx", "Time", cell, cell.replace(f"L{end} -", f"K{end} -"))
    assert [f for f in faults(model, wrong) if "different formulas" in f] == [f"Time row {row}: 2 different formulas"]
    recalculated = recalculated_in_process(wrong, formulas(wrong))
    found = compare(result, wrong, recalculated).mismatches
    assert any(f"Time row {row} column 12" in line for line in found)


def test_a_number_over_a_formula_is_found(model: Model, result: Result, path: Path, tmp_path: Path) -> None:
    row = layout(model).places["time.days"].row
    wrong = Patchable(path).write(tmp_path / "wrong.xlsx", {("Time", row, 12): 91.0})
    assert f"Time row {row}: no formula in column 12" in faults(model, wrong)
    assert f"Time L{row}: the number 91.0 is typed among formulas" in faults(model, wrong)
    assert check_stored(result, wrong).mismatches == [f"Time row {row} column 12: no formula"]


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("xl/workbook.xml", '<calcPr calcId="124519" fullCalcOnLoad="1"/>', '<calcPr iterate="1"/>', "not plain"),
        ("Time", "EOMONTH(", "OFFSET(", "OFFSET"),
        ("xl/workbook.xml", '<sheet name="Time"', '<sheet state="hidden" name="Time"', "hides something"),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", '<R TargetMode="External"/></Relationships>', "outside"),
    ],
)
def test_what_is_foreign_is_found(
    part: str, old: str, new: str, said: str, path: Path, tmp_path: Path, model: Model
) -> None:
    book = Patchable(path)
    part = book.parts.get(part, part)
    text = book.contents[part].decode("utf-8")
    assert old in text
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_bytes(book.packed({part: text.replace(old, new, 1)}))
    if part == "xl/workbook.xml" or part.endswith(".rels"):
        # openpyxl need not open what is broken on purpose: the parts alone tell.
        from tests.workbook.structure import _parts

        assert any(said in fault for fault in _parts(wrong))
    else:
        assert any(said in fault for fault in faults(model, wrong))


def test_a_ring_is_found() -> None:
    cells = {
        ("A", 1, 1): Formula("B!B1 + 1", 0.0),
        ("B", 1, 2): Formula("SUM(A!A1:A9)", 0.0),
        ("B", 2, 2): Formula("C9", 0.0),
    }
    assert set(rings(cells, {})) == {("A", 1, 1), ("B", 1, 2)}
    del cells["A", 1, 1]
    assert rings(cells, {}) == []


@pytest.mark.parametrize(
    ("formula", "copied", "boxes"),
    [
        ("K12 * $E$14", "L12 * $E$14", [("A", 12, 12, 12, 12), ("A", 14, 14, 5, 5)]),
        ("SUM('a b'!$J4:K$4)", "SUM('a b'!$J4:L$4)", [("a b", 4, 4, 10, 12)]),
        ('IF(K1 = 0, "K1", case_number)', 'IF(L1 = 0, "K1", case_number)', [("A", 1, 1, 12, 12), ("C", 5, 5, 5, 5)]),
    ],
)
def test_a_formula_copied_across(formula: str, copied: str, boxes: list[Box]) -> None:
    parsed = Parsed(("A", 13, 11), formula, {"case_number": ("C", 5, 5)})
    assert (parsed.text(11), parsed.text(12)) == (formula, copied)
    assert parsed.boxes(12) == boxes


def test_the_file_is_a_plain_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
