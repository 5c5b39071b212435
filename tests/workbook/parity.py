"""Hold a workbook against the engine: every formula cell, wherever it stands.

The engine's values are laid out cell by cell from the result and the layout (:func:`expected`), the formulas are
read from the file's XML (:func:`formulas`), and a recalculation by another program is compared with the former
(:func:`compare`). A formula cell that nothing expects is a mismatch, and so is an expected one that is no formula.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from spvmodel.engine import Result
from spvmodel.lines import Call, Model
from spvmodel.lines.expr import walk
from spvmodel.workbook.layout import (
    CHECK,
    CHECKS,
    CONSTANT,
    COVER,
    DASHBOARD,
    FIRST_ROW,
    HEADER,
    LABEL,
    OPENING,
    TOTAL,
    Layout,
    layout,
)

Cell = tuple[str, int, int]
"""Sheet, row and column, counted from 1."""
Value = float | str | bool
Values = Mapping[str, Mapping[tuple[int, int], Value]]

RELATIVE, ABSOLUTE, ROOT = 1e-9, 1e-11, 1e-7
"""Tolerances; the last, relative, for internal rates of return and what reads them."""
ROUNDING = 1e-14
"""A difference is no more exact than what it is taken of: allowed, times the largest amount of money in the model."""

FIRST_ALERT = 21
"""The row of the first alert on the cover; the headline follows."""

ENDS = ("First period ends", "Last period ends")
"""What the cover links to the time axis among the facts that are fixed."""

_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_FORMULA = re.compile(r"<f>(.*?)</f>", re.DOTALL)
_STORED = re.compile(r"<v>(.*?)</v>", re.DOTALL)
_SHEET = re.compile(r'<sheet name="([^"]*)" sheetId="(\d+)"')


@dataclass(frozen=True)
class Formula:
    """A formula cell of a file and the value stored beside it."""

    text: str
    stored: Value


@dataclass
class Comparison:
    """How many formula cells were compared, by kind, and what did not agree."""

    counts: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """All cells compared."""
        return self.counts.total()


def sheet_parts(path: Path) -> dict[str, str]:
    """The XML part of every sheet, as this project's files name them."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode("utf-8")
    return {unescape(name): f"xl/worksheets/sheet{number}.xml" for name, number in _SHEET.findall(book)}


def formulas(path: Path) -> dict[Cell, Formula]:
    """Every formula cell of a file, with the value stored beside it."""
    found: dict[Cell, Formula] = {}
    with zipfile.ZipFile(path) as archive:
        for sheet, part in sheet_parts(path).items():
            for letters, row, attributes, inside in _CELL.findall(archive.read(part).decode("utf-8")):
                formula = _FORMULA.search(inside)
                if formula is not None:
                    stored = _STORED.search(inside)
                    text = unescape(stored[1]) if stored else ""
                    value = text if ' t="' in attributes else float(text)
                    found[sheet, int(row), column(letters)] = Formula(unescape(formula[1]), value)
    return found


def column(letters: str) -> int:
    """The number of a column, counted from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def expected(result: Result) -> dict[Cell, tuple[str, Value]]:
    """The engine's value of every cell that must be a formula, with the kind of cell."""
    model, place = result.model, layout(result.model)
    cells: dict[Cell, tuple[str, Value]] = {}
    for name, line in model.lines.items():
        home = place.places[name]
        value = result.values[name]
        typed = line.is_input and line.series and name not in place.typed
        if isinstance(value, float):
            cells[home.sheet, home.row, CONSTANT + 1] = ("line", value)
        elif not typed:
            for period in range(1, model.periods + 1):
                cells[home.sheet, home.row, place.column(period) + 1] = ("line", value[period])
            if line.opening is not None:
                cells[home.sheet, home.row, OPENING + 1] = ("opening", value[0])
            if line.total:
                cells[home.sheet, home.row, TOTAL + 1] = ("total", math.fsum(v for v in value[1:] if v == v))
        if home.sheet != "Inputs":
            cells[home.sheet, home.row, CHECK + 1] = ("row check", 0.0)
    for sheet in place.sheets:
        for row in sheet.rows:
            if row.kind in ("base", "case"):
                cells[sheet.name, row.number, CHECK + 1] = ("row check", 0.0)
    for name in _scalar_inputs(place):
        cells["Inputs", place.places[name].row, place.low + 3] = ("guard", _guard(result, name))
    _frames(result, place, cells)
    _cover(result, cells)
    return cells


def _scalar_inputs(place: Layout) -> list[str]:
    return [row.name for row in place.inputs.rows if row.kind == "line"]


def _guard(result: Result, name: str) -> float:
    """0 for an input that is in order: as built where it is fixed, else within its bounds."""
    given, value = result.model.inputs[name], result.scalar(name)
    if given.status == "fixed":
        return float(value != given.value)
    low = -math.inf if given.low is None else given.low
    high = math.inf if given.high is None else given.high
    return float(not low <= value <= high)


def _failures(result: Result) -> tuple[float, float]:
    """Failed checks, and inputs out of order."""
    failed = result.values.get("checks.failed", 0.0)
    assert isinstance(failed, float)
    return failed, sum(_guard(result, name) for name in _scalar_inputs(layout(result.model)))


def raised(result: Result) -> float:
    """The number of alerts that are raised."""
    return float(sum(result.scalar(name) == 1.0 for name in result.model.alerts))


def _alerts_line(result: Result) -> str:
    return f"{raised(result):g} {'alert' if raised(result) == 1 else 'alerts'} raised"


def _frames(result: Result, place: Layout, cells: dict[Cell, tuple[str, Value]]) -> None:
    """The frozen rows of all sheets, the Cases, Dashboard and Checks sheets."""
    model = result.model
    failed, inputs = _failures(result)
    for sheet in place.order():
        if sheet != COVER:
            cells[sheet, 1, CONSTANT + 1] = ("frame", result.case)
            cells[sheet, 2, CONSTANT + 1] = ("frame", "OK" if failed + inputs == 0.0 else "FAILED")
            if model.alerts:
                cells[sheet, 2, LABEL + 1] = ("frame", _alerts_line(result))
    for sheet in [sheet.name for sheet in place.sheets]:
        for name, row in HEADER.items():
            if name in place.places:
                values = result.values[name]
                assert not isinstance(values, float)
                start = 0 if model.lines[name].opening is not None else 1
                for period in range(start, model.periods + 1):
                    cells[sheet, row, place.column(period) + 1] = ("frame", values[period])
    cells["Cases", 5, CONSTANT + 1] = ("frame", float(model.cases.index(result.case) + 1))
    level = model.lines.get("covenants.lockup_level")
    if level is not None and not level.series:
        for period in range(1, model.periods + 1):
            at = place.column(period) + 1
            cells[DASHBOARD, FIRST_ROW, at] = ("frame", result.scalar("covenants.lockup_level"))
    for _, row in place.errors + place.dates:
        cells[CHECKS, row, CONSTANT + 1] = ("frame", 0.0)
    cells[CHECKS, place.guards_row, CONSTANT + 1] = ("frame", inputs)
    if model.alerts:
        cells[CHECKS, place.alerts_row, CONSTANT + 1] = ("frame", raised(result))
    cells[CHECKS, place.master_row, CONSTANT + 1] = ("frame", failed + inputs)


def _cover(result: Result, cells: dict[Cell, tuple[str, Value]]) -> None:
    model = result.model
    failed, inputs = _failures(result)
    cells[COVER, 4, 2] = ("cover", "All checks pass" if failed + inputs == 0.0 else "CHECKS FAILED")
    if model.alerts:
        cells[COVER, 5, 2] = ("cover", _alerts_line(result))
    known: dict[str, dict[str, str]] = model.about.get("cases", {})  # type: ignore[assignment]
    told = known.get(result.case, {})
    live: list[Value] = [
        result.case,
        told.get("label", result.case),
        told.get("description", "no description"),
        failed,
        inputs,
    ]
    for row, text in enumerate(live, 7):
        cells[COVER, row, 3] = ("cover", text)
    for offset, name in enumerate(model.alerts):
        cells[COVER, FIRST_ALERT + offset, 4] = ("cover", result.scalar(name))
    first = first_headline(model)
    for offset, (metric, value) in enumerate(result.headline.items()):
        if metric in result.model.headline:
            names = result.model.lines[result.model.headline[metric]].names
            cells[COVER, first + offset, 4] = ("cover", names[int(value) - 1] if names else value)
    fixed: list[tuple[str, str]] = model.about.get("fixed", [])  # type: ignore[assignment]
    first += len(result.headline) + 2
    sizing = _sizing_of(model)
    for offset, name in enumerate(sizing):
        value, names = result.scalar(name), model.lines[name].names
        cells[COVER, first + offset, 4] = ("cover", names[int(value) - 1] if names else value)
    first += len(sizing) + 2 if sizing else 0
    for offset, (what, _) in enumerate(fixed):
        if what in ENDS:
            at = result.series("time.number").index(1.0) if what == ENDS[0] else -1
            cells[COVER, first + offset, 3] = ("cover", result.series("time.end")[at])


def _sizing_of(model: Model) -> list[str]:
    """The lines of the block of the cover that says how loans are sized."""
    ends = {"sizing": ("size", "binding", "headroom"), "debt": ("capacity", "binding")}
    found = [name for name in model.lines if name.endswith(".binding")]
    tops = [(name.partition(".")[0], name.rpartition(".")[0]) for name in found]
    return [f"{at}.{what}" for top, at in tops for what in ends[top]]


def first_headline(model: Model) -> int:
    """The row of the first headline metric on the cover."""
    return FIRST_ALERT + (len(model.alerts) + 2 if model.alerts else 1)


def rooted(model: Model) -> frozenset[str]:
    """Internal rates of return, and every line that reads one."""
    found = {
        name
        for name, line in model.lines.items()
        if line.expr is not None and any(isinstance(e, Call) and e.op in ("irr", "xirr") for e in walk(line.expr))
    }
    waiting = list(found)
    while waiting:
        for reader in model.readers[waiting.pop()]:
            if reader not in found:
                found.add(reader)
                waiting.append(reader)
    return frozenset(found)


def loose_cells(result: Result) -> frozenset[Cell]:
    """The cells whose value comes from an internal rate of return."""
    model = result.model
    place, names = layout(model), rooted(model)
    cells = {(place.places[n].sheet, place.places[n].row, CONSTANT + 1) for n in names if not model.lines[n].series}
    headline = enumerate(result.headline, first_headline(model))
    return frozenset(cells | {(COVER, row, 4) for row, metric in headline if model.headline.get(metric) in names})


def noise(result: Result) -> float:
    """How far amounts that cancel may differ in absolute terms."""
    amounts = (
        abs(value) if isinstance(value, float) else max(map(abs, value))
        for name, value in result.values.items()
        if result.model.lines[name].unit == "money"
    )
    return max(ABSOLUTE, ROUNDING * max((amount for amount in amounts if amount == amount), default=0.0))


def same(a: Value, b: Value, root: bool = False, absolute: float = ABSOLUTE) -> bool:
    """Whether two values agree; N/A is a text in a cell and nan in the engine."""
    if isinstance(a, float) and math.isnan(a):
        a = "n/a"
    if isinstance(b, float) and math.isnan(b):
        b = "n/a"
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    size = max(abs(a), abs(b))
    return abs(a - b) <= max((ROOT if root else RELATIVE) * size, absolute)


def check_stored(result: Result, path: Path) -> Comparison:
    """Hold formulas and stored values of a file against the engine, without recalculating."""
    return _hold(result, formulas(path), None)


def compare(result: Result, path: Path, recalculated: Values) -> Comparison:
    """Hold a recalculation of a file against the engine, formula cell by formula cell."""
    return _hold(result, formulas(path), recalculated)


def compare_known(result: Result, cells: Mapping[Cell, Formula], recalculated: Values) -> Comparison:
    """The same with the formulas of the file already at hand."""
    return _hold(result, cells, recalculated)


def _hold(result: Result, cells: Mapping[Cell, Formula], recalculated: Values | None) -> Comparison:
    done, want, loose, absolute = Comparison(), expected(result), loose_cells(result), noise(result)
    for cell, formula in cells.items():
        if cell not in want:
            done.mismatches.append(f"{_place(cell)}: nobody expects the formula {formula.text}")
            continue
        kind, value = want[cell]
        done.counts[kind] += 1
        got = formula.stored if recalculated is None else recalculated[cell[0]].get(cell[1:], "")
        if got != value and not same(got, value, cell in loose, absolute):
            done.mismatches.append(f"{_place(cell)} ({kind}): {got!r} is not {value!r}, {formula.text}")
    for cell in want.keys() - cells.keys():
        done.mismatches.append(f"{_place(cell)}: no formula")
    return done


def _place(cell: Cell) -> str:
    return f"{cell[0]} row {cell[1]} column {cell[2]}"
