"""The cells of a workbook, held in memory and written again by XlsxWriter alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

Value = str | float | bool | date | None


@dataclass(frozen=True)
class Cell:
    """Row and column count from 0; ``formula`` begins with ``=`` or is empty; ``value`` is the stored one."""

    row: int
    column: int
    formula: str
    value: Value


def read_cells(path: Path) -> dict[str, list[Cell]]:
    """Every cell of a workbook that is not empty, by sheet."""
    formulas, values = load_workbook(path), load_workbook(path, data_only=True)
    sheets: dict[str, list[Cell]] = {}
    for sheet in formulas.worksheets:
        cells = sheets.setdefault(sheet.title, [])
        stored = values[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                held = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                formula = held if cell.data_type == "f" else ""
                value = stored.cell(cell.row, cell.column).value
                cells.append(Cell(cell.row - 1, cell.column - 1, formula, value))
    return sheets


def write_cells(sheets: dict[str, list[Cell]], path: Path) -> None:
    """The same cells without any format, by the plain methods of XlsxWriter: the least that a writer does."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for cell in cells:
                if cell.formula:
                    sheet.write_formula(cell.row, cell.column, cell.formula, None, cell.value)
                elif isinstance(cell.value, date):
                    sheet.write_datetime(cell.row, cell.column, cell.value)
                else:
                    sheet.write(cell.row, cell.column, cell.value)
