"""What the file itself must be: one relative formula per row, no number in between, no ring, nothing foreign."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from spvmodel.lines import Model
from spvmodel.workbook.formats import PALE_YELLOW, STATUS_COLOURS, YELLOW
from spvmodel.workbook.layout import BASE, CASES, CONSTANT, FIRST, INPUT_SERIES, INPUTS, UNIT, layout, letters
from tests.workbook.parity import Cell, Formula, column, formulas

FIRST_FREE_ROW = 4
VOLATILE = {"OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"}
_REFERENCE = re.compile(r"^(?:(?P<sheet>'(?:[^']|'')+'|[A-Za-z_]+)!)?(?P<first>[$A-Z0-9]+)(?::(?P<last>[$A-Z0-9]+))?$")
_CORNER = re.compile(r"^(\$?)([A-Z]{1,3})(\$?)(\d+)$")


Box = tuple[str, int, int, int, int]
"""A range of cells: sheet, first and last row, first and last column, counted from 1."""

_LETTERS = [letters(column - 1) for column in range(0, 16385)]


def tokens(formula: str) -> list[Token]:
    """The parts of a formula."""
    return list(Tokenizer("=" + formula).items)


def _is_range(token: Token) -> bool:
    return bool(token.type == Token.OPERAND and token.subtype == Token.RANGE)


@dataclass(frozen=True)
class Range:
    """A range in a formula; its columns are offsets from the formula's own where they are relative."""

    sheet: str
    rows: tuple[int, int]
    columns: tuple[tuple[bool, int], tuple[bool, int]]

    def at(self, col: int) -> Box:
        """The cells it means in a formula of column ``col``."""
        (fixed, first), (tied, last) = self.columns
        return self.sheet, *self.rows, first if fixed else first + col, last if tied else last + col


class Parsed:
    """A formula taken to pieces, which tells what it is in every other column of its row when copied across.

    Parsing a formula takes much longer than writing it again, and a row holds one formula.
    """

    def __init__(self, cell: Cell, formula: str, names: Mapping[str, Cell]) -> None:
        self.pieces: list[str | int] = []
        self.ranges: list[Range] = []
        self.fixed: list[Box] = []
        for token in tokens(formula):
            found = _REFERENCE.match(token.value) if _is_range(token) else None
            if not _is_range(token):
                self.pieces.append(token.value)
            elif token.value in names:
                self.pieces.append(token.value)
                sheet, row, col = names[token.value]
                self.fixed.append((sheet, row, row, col, col))
            else:
                corners = [_CORNER.match(part) for part in (found["first"], found["last"]) if part] if found else []
                assert found and all(corners), f"{token.value} in {formula} is no reference"
                self._take(cell, found["sheet"] or "", [corner for corner in corners if corner])

    def _take(self, cell: Cell, sheet: str, corners: list[re.Match[str]]) -> None:
        columns = []
        self.pieces.append(f"{sheet}!" if sheet else "")
        for place, corner in enumerate(corners):
            fixed = bool(corner[1])
            columns.append((fixed, column(corner[2]) if fixed else column(corner[2]) - cell[2]))
            self.pieces.append(":" if place else "")
            self.pieces.append(f"${corner[2]}" if fixed else columns[-1][1])
            self.pieces.append(f"{corner[3]}{corner[4]}")
        home = sheet.strip("'").replace("''", "'") or cell[0]
        rows = int(corners[0][4]), int(corners[-1][4])
        self.ranges.append(Range(home, rows, (columns[0], columns[-1])))

    def text(self, col: int) -> str:
        """The formula as it reads when copied to column ``col``."""
        return "".join(piece if isinstance(piece, str) else _LETTERS[piece + col] for piece in self.pieces)

    def boxes(self, col: int) -> list[Box]:
        """The ranges it then reads."""
        return [found.at(col) for found in self.ranges] + self.fixed


def parsed(cells: Mapping[Cell, Formula], names: Mapping[str, Cell]) -> dict[Cell, Parsed]:
    """What every formula is a copy of: a row that holds one formula throughout has one."""
    found: dict[Cell, Parsed] = {}
    latest: dict[tuple[str, int], Parsed] = {}
    for cell, formula in cells.items():
        known = latest.get(cell[:2])
        if known is None or known.text(cell[2]) != formula.text:
            known = latest[cell[:2]] = Parsed(cell, formula.text, names)
        found[cell] = known
    return found


def rings(cells: Mapping[Cell, Formula], names: Mapping[str, Cell]) -> list[Cell]:
    """The cells from which a walk along precedents comes back; empty when there is no circular reference."""
    return _rings(parsed(cells, names))


def _rings(known: Mapping[Cell, Parsed]) -> list[Cell]:
    # A range of several cells is a node of its own, which many formulas share.
    reads: dict[Cell | Box, list[Cell | Box]] = {}
    ranges: set[Box] = set()
    for cell, formula in known.items():
        found: list[Cell | Box] = []
        for box in formula.boxes(cell[2]):
            sheet, first, last, left, right = box
            if first == last and left == right:
                if (sheet, first, left) in known:
                    found.append((sheet, first, left))
            else:
                ranges.add(box)
                found.append(box)
        reads[cell] = found
    for sheet, first, last, left, right in ranges:
        inside = ((sheet, row, col) for row in range(first, last + 1) for col in range(left, right + 1))
        reads[sheet, first, last, left, right] = [cell for cell in inside if cell in known]
    waiting = {node: len(found) for node, found in reads.items()}
    readers: dict[Cell | Box, list[Cell | Box]] = {}
    for node, found in reads.items():
        for precedent in found:
            readers.setdefault(precedent, []).append(node)
    ready = [node for node, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for reader in readers.get(ready.pop(), ()):
            waiting[reader] -= 1
            if waiting[reader] == 0:
                ready.append(reader)
    return [node for node, count in waiting.items() if count and len(node) == 3] if done < len(reads) else []


def faults(model: Model, path: Path) -> list[str]:
    """Everything that is wrong with the structure of a workbook of this model."""
    cells = formulas(path)
    known = parsed(cells, {"case_number": (CASES, 5, CONSTANT + 1)})
    found = [*_parts(path), *_rows(model, known), *_inputs(model, path), *_functions(cells)]
    ring = _rings(known)
    return found + ([f"circular reference through {len(ring)} cells, such as {ring[0]}"] if ring else [])


def _parts(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for part in ("vba", "externalLink", "connections", "queryTable", "pivot", "activeX", "embeddings"):
                if part.lower() in name.lower():
                    yield f"the file holds {name}"
            text = archive.read(name).decode("utf-8")
            if name.endswith(".rels") and re.search(r'TargetMode="External"', text):
                yield f"{name} links outside the file"
            if 't="array"' in text or 't="dataTable"' in text or " cm=" in text:
                yield f"{name} holds an array formula"
            if re.search(r'<(?:row|col|sheet) [^>]*(?:hidden="1"|state="(?:very)?[hH]idden")', text):
                yield f"{name} hides something"
        book = archive.read("xl/workbook.xml").decode("utf-8")
        if "iterate" in book or "calcMode" in book or "fullPrecision" in book or 'date1904="1"' in book:
            yield f"calculation is not plain: {re.findall('<calcPr[^>]*>', book)}"


def _functions(cells: Mapping[Cell, Formula]) -> Iterator[str]:
    pattern = re.compile(r"\b(" + "|".join(sorted(VOLATILE)) + r")\(")
    for cell, formula in cells.items():
        if pattern.search(formula.text) or "[" in formula.text:
            yield f"{cell}: {formula.text}"


def _rows(model: Model, known: Mapping[Cell, Parsed]) -> Iterator[str]:
    """Rows that hold a formula in some periods: it must be in all, and the same."""
    first, last = FIRST + 1, layout(model).last + 1
    by_row: dict[tuple[str, int], dict[int, Parsed]] = {}
    for (sheet, row, col), formula in known.items():
        if first <= col <= last and sheet not in (INPUTS, CASES, "Cover"):
            by_row.setdefault((sheet, row), {})[col] = formula
    for (sheet, row), held in by_row.items():
        missing = [col for col in range(first, last + 1) if col not in held]
        if missing:
            yield f"{sheet} row {row}: no formula in column {missing[0]}"
        texts = {formula.text(first) for formula in held.values()}
        if len(texts) > 1:
            yield f"{sheet} row {row}: {len(texts)} different formulas"


def _inputs(model: Model, path: Path) -> Iterator[str]:
    """Typed numbers stand in input cells only, and every input cell has a unit and a source status beside it."""
    book = load_workbook(path)
    statuses, place = {*STATUS_COLOURS, "selector"}, layout(model)
    yellow = {"FF" + colour[1:] for colour in (YELLOW, PALE_YELLOW)}
    cells_of_inputs = 0
    # The selector of the case stands directly below the title.
    for sheet in book.worksheets:
        for line in sheet.iter_rows(min_row=FIRST_FREE_ROW):
            for cell in line:
                typed = cell.fill.fgColor.rgb in yellow and sheet.title != "Guide"
                if typed:
                    cells_of_inputs += 1
                    beside = [other.value for other in line if other.column != cell.column]
                    if not line[UNIT].value:
                        yield f"{sheet.title} {cell.coordinate}: an input without a unit"
                    if not statuses & {value for value in beside if isinstance(value, str)}:
                        yield f"{sheet.title} {cell.coordinate}: an input without a source status"
                    if cell.data_type == "f":
                        yield f"{sheet.title} {cell.coordinate}: a formula in an input cell"
                timed = sheet.title in {s.name for s in place.sheets} - {INPUT_SERIES} or sheet.title == "Dashboard"
                if timed and cell.data_type == "n" and cell.value is not None:
                    yield f"{sheet.title} {cell.coordinate}: the number {cell.value} is typed among formulas"
    scalars = [row.name for row in place.inputs.rows if row.kind == "line"]
    free = [name for name in scalars if model.inputs[name].status != "fixed"]
    series_rows = [row for s in place.sheets if s.name == INPUT_SERIES for row in s.rows]
    typed_rows = [row for row in series_rows if row.kind in ("input", "base", "case")]
    wanted = len(free) * len(model.cases) + len(typed_rows) * model.periods + 1
    if cells_of_inputs != wanted:
        yield f"{cells_of_inputs} input cells instead of {wanted}"
    for name in scalars:
        at = place.places[name].row
        if book[INPUTS].cell(at, BASE + 1).value is None:
            yield f"{name} has no base value"
