"""Read a workbook back: all values, and the inputs that a user may have changed."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from spvmodel.lines import Model
from spvmodel.workbook.layout import BASE, CASE_NAME, INPUT_SERIES, INPUTS, Layout, layout

Cell = float | str | bool
_EPOCH: Final = datetime(1899, 12, 30)


def read_values(path: Path) -> dict[str, dict[tuple[int, int], Cell]]:
    """The stored values of all cells that are not empty: by sheet, then by row and column counted from 1.

    Dates are spreadsheet day numbers; errors are texts such as ``#DIV/0!``.
    """
    from python_calamine import load_workbook

    book = load_workbook(str(path))
    found: dict[str, dict[tuple[int, int], Cell]] = {}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        cells: dict[tuple[int, int], Cell] = {}
        for row, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
            for column, value in enumerate(values, 1):
                if value != "":
                    cells[row, column] = plain(value)
        found[name] = cells
    return found


def read_inputs(path: Path, model: Model) -> tuple[str, dict[str, dict[str, float | tuple[float, ...]]]]:
    """The live case of a workbook of this model, and what its input cells hold: by line, then by case.

    A case whose cells are blank is left out. Raises ValueError where a cell that needs a number holds none.
    """
    place, values = layout(model), read_values(path)
    sheet, cell = CASE_NAME.split("!")
    typed = str(values[sheet].get(coordinates(cell.replace("$", "")), ""))
    # The workbook finds its case without regard to capitals, so what it shows may be spelled otherwise.
    case = next((name for name in model.cases if name.casefold() == typed.casefold()), typed)
    found: dict[str, dict[str, float | tuple[float, ...]]] = {}
    for row in place.inputs.rows:
        if row.kind == "line":
            own: dict[str, float | tuple[float, ...]] = {}
            for offset, name in enumerate(model.cases):
                given = values[INPUTS].get((row.number, BASE + 1 + offset))
                if given is not None:
                    own[name] = _number(given, f"{row.name} in case {name}")
            found[row.name] = own
    found.update(_series(place, values.get(INPUT_SERIES, {})))
    return case, found


def _series(place: Layout, cells: dict[tuple[int, int], Cell]) -> dict[str, dict[str, float | tuple[float, ...]]]:
    found: dict[str, dict[str, float | tuple[float, ...]]] = {}
    rows = next((sheet.rows for sheet in place.sheets if sheet.name == INPUT_SERIES), ())
    columns = range(place.column(1) + 1, place.last + 2)
    for row in rows:
        if row.kind not in ("input", "base", "case"):
            continue
        typed = [cells.get((row.number, column)) for column in columns]
        base = found.get(row.name, {}).get(place.model.cases[0])
        if row.kind == "case" and all(value is None for value in typed):
            continue
        assert base is None or isinstance(base, tuple)
        full = [b if value is None else value for value, b in zip(typed, base or [0.0] * len(typed), strict=True)]
        numbers = tuple(_number(value, row.name) for value in full)
        found.setdefault(row.name, {})[row.case or place.model.cases[0]] = numbers
    return found


def coordinates(cell: str) -> tuple[int, int]:
    """Row and column, counted from 1, of a cell such as ``K24``."""
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d+)", cell)
    if not found:
        raise ValueError(f"{cell!r} is not a cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _number(value: Cell, what: str) -> float:
    if isinstance(value, str):
        raise ValueError(f"{what} is not a number but {value!r}")
    return float(value)


def plain(value: Any) -> Cell:
    """A value as a cell holds it: dates and times as spreadsheet day numbers."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, datetime):
        return (value - _EPOCH) / timedelta(days=1)
    if isinstance(value, date):
        return float((datetime(value.year, value.month, value.day) - _EPOCH).days)
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    return float(value)
