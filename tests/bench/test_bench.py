"""What the benchmark measures with: cells are written again as they were, and children are measured one by one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from tests.bench.__main__ import COMMAND_LINE, ONE_COMMAND, Figure
from tests.bench.cells import Cell, read_cells, write_cells
from tests.bench.measure import child, medians, python


def test_cells_survive_being_written_again(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "one.xlsx") as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("First")
        sheet.write_number(0, 0, 1.5)
        sheet.write_formula(1, 2, "=A1*2", None, 3.0)
        sheet.write_string(4, 1, "words")
        sheet.write_datetime(2, 2, datetime(2025, 5, 21), day)
        book.add_worksheet("Second").write_formula("A1", "=First!A1", None, 1.5)
    cells = read_cells(tmp_path / "one.xlsx")
    assert cells["First"] == [
        Cell(0, 0, "", 1.5),
        Cell(1, 2, "=A1*2", 3),
        Cell(2, 2, "", datetime(2025, 5, 21)),
        Cell(4, 1, "", "words"),
    ]
    write_cells(cells, tmp_path / "two.xlsx")
    again = read_cells(tmp_path / "two.xlsx")
    assert list(again) == ["First", "Second"]
    assert {(c.row, c.column, c.formula) for c in again["First"]} == {
        (c.row, c.column, c.formula) for c in cells["First"]
    }
    assert again["Second"] == cells["Second"]


def test_measures_take_turns() -> None:
    order: list[str] = []

    def measure(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop(0)

    first, second = [5.0, 1.0, 2.0], [7.0, 9.0, 8.0]
    found = medians({"a": lambda: measure("a", first), "b": lambda: measure("b", second)}, 3)
    assert found == {"a": 2.0, "b": 8.0}
    assert order == ["a", "b"] * 3


def test_the_peak_of_a_child_is_its_own() -> None:
    large = child(python("x = bytearray(150 * 2**20); x[::4096] = b'1' * len(x[::4096])"))
    small = child(python("pass"))
    assert large.peak - small.peak == pytest.approx(150.0, abs=30.0)


def test_a_child_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exited with 3: no luck"):
        child(python("import sys; sys.stderr.write('no luck'); sys.exit(3)"))


def test_the_programs_that_are_compared_run() -> None:
    for code in (COMMAND_LINE, ONE_COMMAND):
        assert child(python(code, "--help")).seconds > 0.0


def test_a_figure_says_whether_its_target_is_met() -> None:
    assert str(Figure("run", 2.0, "times", 2.5)).endswith("target 2.5: met")
    assert str(Figure("run", 3.0, "times", 2.5)).endswith("target 2.5: MISSED")
    assert str(Figure("run", 1234.5, "ms")).endswith("1,234 ms")
