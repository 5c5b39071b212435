"""Where every line lives in the workbook: sheet, row and column. Pure; read by the writer, the trace and others.

Every sheet with a time axis has the same columns: A and B heading levels, C the line's name, D label,
E constant, F unit, G total, H row check, I the opening column before the model, J the first period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from spvmodel.lines import Line, Model
from spvmodel.lines.not_applicable import lines_with_na

NAME, LABEL, CONSTANT, UNIT, TOTAL, CHECK, OPENING, FIRST = range(2, 10)
"""Columns of a sheet with a time axis, counted from 0."""

BASE: Final = 6
"""Column of the base value on the Inputs sheet, counted from 0; the other cases follow it."""

HEADER: Final = {"time.start": 3, "time.end": 4, "time.number": 5, "time.phase": 6, "time.days": 7}
"""Lines repeated in the frozen rows of every sheet with a time axis, and the row of each."""

LEGEND_ROW: Final = 8
FIRST_ROW: Final = 10
"""The first row below the frozen ones that holds anything."""

COVER, CASES, INPUTS, INPUT_SERIES = "Cover", "Cases", "Inputs", "InputSeries"
PASSES, DASHBOARD, CHECKS = "Passes", "Dashboard", "Checks"
FRONT: Final = (COVER, "Contents", "Guide", "Qualifications", "ChangeLog", CASES)
BACK: Final = (DASHBOARD, CHECKS, "Sources", "Trace")
CASE_NAME: Final = f"{CASES}!$E$4"
"""The cell in which a user chooses the live case."""
CASE_NUMBER: Final = f"{CASES}!$E$5"
CASE_NUMBER_NAME: Final = "case_number"
"""The defined name of the live case's number."""
FIRST_CASE_ROW: Final = 8
"""The row of the base case in the table of the Cases sheet; its name stands in column D."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a line sheet.

    ``kind`` is ``section`` or ``group`` (a heading, its words in ``text``), ``line`` (a line that is computed
    or a live input), ``input`` (a series that is typed and read as it stands), ``base`` or ``case`` (typed
    values of a series behind its live row). ``name`` is the line, ``case`` the case of a ``case`` row.
    """

    number: int
    kind: str
    text: str = ""
    name: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of lines and its rows from top to bottom."""

    name: str
    rows: tuple[Row, ...]

    @property
    def last_row(self) -> int:
        """The last row in use."""
        return self.rows[-1].number if self.rows else FIRST_ROW


@dataclass(frozen=True, slots=True)
class Place:
    """The sheet and row of a line."""

    sheet: str
    row: int


@dataclass(frozen=True, eq=False)
class Layout:
    """The places of all lines of a model.

    ``inputs`` is the Inputs sheet, ``sheets`` are the sheets with a time axis in workbook order. ``typed`` gives
    the rows of base values and of the last case of every series that some case overrides. ``errors`` gives, for
    every sheet that counts its faulty cells, the row on the Checks sheet that adds them up; ``dates`` does so for
    the header cells that differ from the Time sheet's. ``guards_row`` counts the inputs that are out of order,
    ``alerts_row`` the alerts that are raised, and ``master_row`` is the row of the master check, whose value is
    the number of failures (0: all is well).
    """

    model: Model
    inputs: Sheet
    sheets: tuple[Sheet, ...]
    places: Mapping[str, Place]
    typed: Mapping[str, tuple[int, int]]
    errors: tuple[tuple[str, int], ...]
    dates: tuple[tuple[str, int], ...]
    guards_row: int
    alerts_row: int
    master_row: int

    @cached_property
    def with_na(self) -> frozenset[str]:
        """The lines that can be N/A, whose extremes may not exist."""
        return lines_with_na(self.model.lines)

    @property
    def last(self) -> int:
        """The column of the last period, counted from 0."""
        return self.column(self.model.periods)

    @property
    def master(self) -> str:
        """The cell of the master check."""
        return f"{CHECKS}!$E${self.master_row}"

    @property
    def faults(self) -> str:
        """The cells of the Checks sheet that count faulty cells, header dates and inputs."""
        return f"$E${self.errors[0][1]}:$E${self.guards_row}"

    @property
    def low(self) -> int:
        """The column of the lowest sensible value on Inputs; the highest and the guard follow it."""
        return BASE + len(self.model.cases)

    @property
    def low_of_series(self) -> int:
        """The column of the lowest sensible value on InputSeries; the highest follows it."""
        return self.last + 2

    def column(self, period: int) -> int:
        """The column of a period, counted from 0; period 0 is the opening column, 1 the first period."""
        return OPENING + period

    def sheet_of(self, name: str) -> str:
        """The sheet on which a line lives. Raises KeyError for an unknown line."""
        return self.places[name].sheet

    def cell(self, name: str, period: int | None = None) -> str:
        """The cell of a line, such as ``Ratios!K24``.

        ``period`` counts from 1; 0 is the opening column. For a series without a period it is the row of all
        periods (``Ratios!J24:CA24``). Raises KeyError for an unknown line.
        """
        place = self.places[name]
        sheet = quote(place.sheet)
        if not self.model.lines[name].series:
            return f"{sheet}!{letters(CONSTANT)}{place.row}"
        if period is None:
            return f"{sheet}!{letters(FIRST)}{place.row}:{letters(self.last)}{place.row}"
        if not 0 <= period <= self.model.periods:
            raise ValueError(f"{name} has periods 1 to {self.model.periods}, not {period}")
        return f"{sheet}!{letters(self.column(period))}{place.row}"

    def header(self, sheet: str) -> dict[str, int]:
        """The lines that the frozen rows of a sheet repeat, and the row of each."""
        known = {name: row for name, row in HEADER.items() if name in self.places}
        return {name: row for name, row in known.items() if self.sheet_of(name) != sheet}

    def order(self) -> tuple[str, ...]:
        """The names of all sheets in workbook order."""
        middle = [sheet.name for sheet in self.sheets if sheet.name != CHECKS]
        return (*FRONT, INPUTS, *middle, *BACK)


@lru_cache(maxsize=8)
def layout(model: Model) -> Layout:
    """Lay a model out. Raises ValueError for a section whose name cannot be a sheet's."""
    first = model.cases[0]
    if any(first in dict(given.cases) for given in model.inputs.values()):
        raise ValueError(f"the first case, {first!r}, is the base of the others: it overrides no input")
    own = [line for line in model.lines.values() if not line.turn]
    given = [line for line in own if line.is_input]
    sections: dict[str, list[Line]] = {}
    for line in own:
        if not line.is_input:
            sections.setdefault(_sheet_name(line.section), []).append(line)
    check_lines = sections.pop(CHECKS, [])
    passes = [line for line in model.lines.values() if line.turn]

    inputs = Sheet(INPUTS, tuple(_rows(line for line in given if not line.series)))
    sheets = []
    typed_series = [line for line in given if line.series]
    if typed_series:
        sheets.append(Sheet(INPUT_SERIES, tuple(_series_inputs(model, typed_series))))
    sheets += [Sheet(name, tuple(_rows(lines, sections=False))) for name, lines in sections.items()]
    if passes:
        passes.sort(key=lambda line: line.turn)
        sheets.append(Sheet(PASSES, tuple(_rows(passes))))
    checks = Sheet(CHECKS, tuple(_rows(check_lines, sections=False)))
    sheets.append(checks)

    places = {
        row.name: Place(sheet.name, row.number)
        for sheet in (inputs, *sheets)
        for row in sheet.rows
        if row.kind in ("line", "input")
    }
    typed: dict[str, tuple[int, int]] = {}
    for row in (row for sheet in sheets for row in sheet.rows if row.kind in ("base", "case")):
        typed[row.name] = (typed.get(row.name, (row.number, 0))[0], row.number)
    # Below the lines of the checks: blocks with a heading each and an empty row between them.
    start = checks.last_row + 3
    errors = tuple((sheet.name, start + k) for k, sheet in enumerate(sheets))
    start += len(errors) + 2
    copied = _copied_header(places, [sheet.name for sheet in sheets])
    dates = tuple((name, start + k) for k, name in enumerate(copied))
    guards = start + len(dates) + 2
    return Layout(model, inputs, tuple(sheets), places, typed, errors, dates, guards, guards + 3, guards + 6)


def _copied_header(places: Mapping[str, Place], sheets: list[str]) -> list[str]:
    """The sheets whose frozen rows repeat lines of another sheet."""
    homes = {places[name].sheet for name in HEADER if name in places}
    return [name for name in sheets if homes - {name}]


def _rows(lines: Iterable[Line], sections: bool = True, start: int = FIRST_ROW) -> list[Row]:
    """Headings and lines from ``start`` down: sections (or passes) first, then groups, in declared order."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        top = (f"Pass {line.turn}" if line.turn else line.section) if sections else ""
        group = " · ".join(filter(None, (line.section, line.group))) if line.turn else line.group
        found.setdefault(top, {}).setdefault(group, []).append(line.name)
    rows: list[Row] = []
    number = start
    for top, groups in found.items():
        if top and len(found) > 1:
            number += 1 if rows else 0
            rows.append(Row(number, "section", top))
            number += 1
        for group, names in groups.items():
            if group:
                number += 1 if rows and rows[-1].kind != "section" else 0
                rows.append(Row(number, "group", group))
                number += 1
            for name in names:
                rows.append(Row(number, "line", name=name))
                number += 1
    return rows


def _series_inputs(model: Model, lines: list[Line]) -> list[Row]:
    """The rows of typed series: one each, or one per case and a live row where a case overrides the series."""
    rows: list[Row] = []
    number = FIRST_ROW
    for row in _rows(lines):
        if row.kind != "line":
            number += 1 if row.kind == "section" and rows else 0
            rows.append(Row(number, row.kind, row.text))
        elif not model.inputs[row.name].cases:
            rows.append(Row(number, "input", name=row.name))
        else:
            rows.append(Row(number, "base", name=row.name, case=model.cases[0]))
            for case in model.cases[1:]:
                number += 1
                rows.append(Row(number, "case", name=row.name, case=case))
            number += 1
            rows.append(Row(number, "line", name=row.name))
        number += 1
    return rows


def _sheet_name(section: str) -> str:
    taken = {INPUTS, INPUT_SERIES, PASSES, *FRONT, *BACK} - {CHECKS}
    if section in taken or len(section) > 31 or re.search(r"[][:*?/\\{}']", section):
        raise ValueError(f"the section {section!r} cannot be the name of a sheet")
    return section


@lru_cache(maxsize=4096)
def letters(column: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@lru_cache(maxsize=256)
def quote(sheet: str) -> str:
    """A sheet's name as formulas write it: in quotes where it could be read as something else."""
    if re.fullmatch(r"[A-Za-z_]+", sheet) and sheet.upper() not in ("R", "C", "RC", "TRUE", "FALSE"):
        return sheet
    return "'" + sheet.replace("'", "''") + "'"
