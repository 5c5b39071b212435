"""What the file itself must be: one relative formula per row, no number in between, no ring, nothing foreign."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from spvmodel.lines import Model
from spvmodel.workbook.formats import PALE_YELLOW, STATUS_COLOURS, YELLOW
from spvmodel.workbook.layout import BASE, CASES, CONSTANT, FIRST, INPUT_SERIES, INPUTS, UNIT, layout
from tests.workbook.parity import Cell, Formula, column, formulas

FIRST_FREE_ROW = 4
VOLATILE = {"OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"}
_REFERENCE = re.compile(r"^(?:(?P<sheet>'(?:[^']|'')+'|[A-Za-z_]+)!)?(?P<first>[$A-Z0-9]+)(?::(?P<last>[$A-Z0-9]+))?$")
_CORNER = re.compile(r"^(\$?)([A-Z]{1,3})(\$?)(\d+)$")


def tokens(formula: str) -> list[Token]:
    """The parts of a formula."""
    return list(Tokenizer("=" + formula).items)


def relative(formula: str, row: int, col: int) -> str:
    """A formula with references relative to its own cell, as R1C1 notation writes them."""
    return "".join(_relative(token.value, row, col) if _is_range(token) else token.value for token in tokens(formula))


def _is_range(token: Token) -> bool:
    return bool(token.type == Token.OPERAND and token.subtype == Token.RANGE)


def _relative(text: str, row: int, col: int) -> str:
    found = _REFERENCE.match(text)
    corners = [_CORNER.match(part) for part in (found["first"], found["last"]) if part] if found else []
    if not found or not all(corners):
        return text
    shown = []
    for corner in corners:
        assert corner
        across, down = column(corner[2]), int(corner[4])
        shown.append(
            (f"R{down}" if corner[3] else f"R[{down - row}]") + (f"C{across}" if corner[1] else f"C[{across - col}]")
        )
    return (f"{found['sheet']}!" if found["sheet"] else "") + ":".join(shown)


def precedents(sheet: str, formula: str, names: Mapping[str, Cell]) -> Iterator[Cell]:
    """Every cell a formula reads."""
    for token in tokens(formula):
        if not _is_range(token):
            continue
        if token.value in names:
            yield names[token.value]
            continue
        found = _REFERENCE.match(token.value)
        assert found, f"{token.value} in {formula} is no reference"
        home = (found["sheet"] or sheet).strip("'").replace("''", "'")
        first = _CORNER.match(found["first"])
        last = _CORNER.match(found["last"] or found["first"])
        assert first and last, f"{token.value} in {formula} is no reference"
        for row in range(int(first[4]), int(last[4]) + 1):
            for col in range(column(first[2]), column(last[2]) + 1):
                yield home, row, col


def rings(cells: Mapping[Cell, Formula], names: Mapping[str, Cell]) -> list[Cell]:
    """The cells from which a walk along precedents comes back; empty when there is no circular reference."""
    reads = {cell: [p for p in precedents(cell[0], f.text, names) if p in cells] for cell, f in cells.items()}
    waiting = {cell: len(found) for cell, found in reads.items()}
    readers: dict[Cell, list[Cell]] = {}
    for cell, found in reads.items():
        for precedent in found:
            readers.setdefault(precedent, []).append(cell)
    ready = [cell for cell, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for reader in readers.get(ready.pop(), ()):
            waiting[reader] -= 1
            if waiting[reader] == 0:
                ready.append(reader)
    return [cell for cell, count in waiting.items() if count] if done < len(cells) else []


def faults(model: Model, path: Path) -> list[str]:
    """Everything that is wrong with the structure of a workbook of this model."""
    cells = formulas(path)
    found = [*_parts(path), *_rows(model, cells), *_inputs(model, path), *_functions(cells)]
    ring = rings(cells, {"case_number": (CASES, 5, CONSTANT + 1)})
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


def _rows(model: Model, cells: Mapping[Cell, Formula]) -> Iterator[str]:
    """Rows that hold a formula in some periods: it must be in all, and the same."""
    first, last = FIRST + 1, layout(model).last + 1
    by_row: dict[tuple[str, int], dict[int, str]] = {}
    for (sheet, row, col), formula in cells.items():
        if first <= col <= last and sheet not in (INPUTS, CASES, "Cover"):
            by_row.setdefault((sheet, row), {})[col] = relative(formula.text, row, col)
    for (sheet, row), texts in by_row.items():
        missing = [col for col in range(first, last + 1) if col not in texts]
        if missing:
            yield f"{sheet} row {row}: no formula in column {missing[0]}"
        if len(set(texts.values())) > 1:
            yield f"{sheet} row {row}: {len(set(texts.values()))} different formulas"


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
