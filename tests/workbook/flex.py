"""Change inputs inside a written workbook, as a user would, and hold what follows against the engine.

A flex names a case and new values of inputs. It is applied twice: in the cells of the file (:func:`cells_of`), and
as overrides of the engine (:func:`solved`).
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from spvmodel.engine import Result, solve
from spvmodel.lines import Model
from spvmodel.workbook.layout import BASE, CASE_NAME, INPUT_SERIES, INPUTS, layout, letters
from spvmodel.workbook.read import coordinates, plain
from tests.workbook.parity import Cell, Value, sheet_parts

DATE_FORMAT = "yyyy-mm-dd"
"""As the file spells it."""

_ROW_OF_FORMULAS = re.compile(r"SUMPRODUCT\(_xlfn\.ISFORMULA\(([A-Z0-9:]+)\) \* 1\)")
_FORMULA_CELL = re.compile(r"_xlfn\.ISFORMULA\([A-Z0-9]+\)")

Given = float | tuple[float, ...]


@dataclass(frozen=True)
class Flex:
    """A case and the inputs changed in it."""

    case: str
    changes: Mapping[str, Given]


def solved(model: Model, flex: Flex) -> Result:
    """The engine's answer."""
    return solve(model, flex.case, dict(flex.changes))


def cells_of(model: Model, flex: Flex) -> dict[Cell, float | str]:
    """The input cells a user would type into: the case's own cell where it has one, else the base cell."""
    place = layout(model)
    sheet, cell = CASE_NAME.split("!")
    cells: dict[Cell, float | str] = {(sheet, *coordinates(cell)): flex.case}
    for name, value in flex.changes.items():
        own = flex.case in dict(model.inputs[name].cases)
        if not isinstance(value, tuple):
            case = model.cases.index(flex.case) if own else 0
            cells[INPUTS, place.places[name].row, BASE + 1 + case] = value
            continue
        wanted = ("input", "") if name not in place.typed else ("case", flex.case) if own else ("base", model.cases[0])
        row = next(
            row.number
            for lines in place.sheets
            if lines.name == INPUT_SERIES
            for row in lines.rows
            if row.name == name and (row.kind, row.case) == wanted
        )
        for period, number in enumerate(value, 1):
            cells[INPUT_SERIES, row, place.column(period) + 1] = number
    return cells


def random_flex(model: Model, seed: int, least: int = 10, distressed: bool = False) -> Flex:
    """A random case and at least ``least`` inputs changed by as much as a user might; or a deal in distress."""
    random = Random(seed)
    case = random.choice(model.cases)
    free = [n for n, given in model.inputs.items() if given.status != "fixed" and "tolerance" not in n]
    names = random.sample(free, min(len(free), random.randint(least, 2 * least)))
    changes: dict[str, Given] = {}
    for name in sorted(names):
        value = model.inputs[name].in_case(case)
        changes[name] = _other(random, value, model.lines[name].unit, name)
    if distressed:
        changes |= _distress(random, model, case)
    return Flex(case, {name: _bounded(model, name, value) for name, value in changes.items()})


def _distress(random: Random, model: Model, case: str) -> dict[str, Given]:
    """Rents down to two fifths, a completion that is late by up to a year, maturities moved by up to two years."""
    changes: dict[str, Given] = {}
    rent = random.choice((0.4, 0.6, 0.8))
    for name, given in model.inputs.items():
        value, unit = given.in_case(case), model.lines[name].unit
        if isinstance(value, tuple) or given.status == "fixed":
            continue
        if name.startswith("lease.") and "rent" in name and unit not in ("date", "flag", "months", "count"):
            changes[name] = value * rent
        elif name == "construction.delay":
            changes[name] = float(random.randint(6, 12))
        elif name.endswith(".maturity") and unit == "date":
            changes[name] = value + random.choice((-365, -182, 182, 365, 730))
    return changes


def _bounded(model: Model, name: str, value: Given) -> Given:
    """A value no further out than the input may go."""
    given = model.inputs[name]
    low = -math.inf if given.low is None else given.low
    high = math.inf if given.high is None else given.high
    if isinstance(value, tuple):
        return tuple(min(max(number, low), high) for number in value)
    return min(max(value, low), high)


def _other(random: Random, value: Given, unit: str, name: str) -> Given:
    """Another value of the same kind: dates by days, months and counts whole, flags turned, the rest by a tenth."""
    if isinstance(value, tuple):
        factor = random.uniform(0.9, 1.1)
        return tuple(number * factor for number in value)
    if unit == "date":
        # A close cannot come before the timeline begins.
        return value + random.randint(0 if name.endswith("close") else -45, 45)
    if unit == "months":
        return max(0.0, value + random.randint(-3, 3))
    if unit == "count":
        return max(1.0, value + random.randint(-1, 2))
    if unit == "flag":
        return 1.0 - value
    return value * random.uniform(0.9, 1.1) if value else random.uniform(0.0, 0.01)


class Patchable:
    """A written workbook whose cells can be changed in copies, by editing the XML in the archive."""

    def __init__(self, path: Path) -> None:
        self.parts = sheet_parts(path)
        with zipfile.ZipFile(path) as archive:
            self.contents = {name: archive.read(name) for name in archive.namelist()}

    def write(self, target: Path, cells: Mapping[Cell, float | str]) -> Path:
        """A copy at ``target`` in which the cells hold other values (none for an empty text), no formulas."""
        changed: dict[str, str] = {}
        for (sheet, row, column), value in cells.items():
            part = self.parts[sheet]
            text = changed.get(part) or self.contents[part].decode("utf-8")
            changed[part] = _replace(text, f"{letters(column - 1)}{row}", value)
        return self._save(target, changed)

    def replace(self, target: Path, sheet: str, old: str, new: str) -> Path:
        """A copy at ``target`` in which ``old``, which occurs once in the XML of a sheet, is ``new``."""
        text = self.contents[self.parts[sheet]].decode("utf-8")
        assert text.count(old) == 1, f"{old} occurs {text.count(old)} times"
        return self._save(target, {self.parts[sheet]: text.replace(old, new)})

    def corrupt(self, target: Path, stored: str) -> Path:
        """A copy at ``target`` in which every stored number beside a formula is ``stored``."""
        changed = {}
        for part in self.parts.values():
            text = self.contents[part].decode("utf-8")
            changed[part] = re.sub(r"(</f><v>)-?[\d.eE+-]+(</v>)", rf"\g<1>{stored}\g<2>", text)
        return self._save(target, changed)

    def packed(self, changed: Mapping[str, str]) -> bytes:
        """The archive with some parts changed."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in self.contents.items():
                archive.writestr(name, changed[name].encode("utf-8") if name in changed else content)
        return packed.getvalue()

    def _save(self, target: Path, changed: Mapping[str, str]) -> Path:
        target.write_bytes(self.packed(changed))
        return target


def _replace(text: str, cell: str, value: float | str) -> str:
    found = re.search(rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', text, re.DOTALL)
    assert found, f"there is no cell {cell}"
    style = found[1] or ""
    if value == "":
        inside = f'<c r="{cell}"{style}/>'
    elif isinstance(value, str):
        inside = f'<c r="{cell}"{style} t="inlineStr"><is><t>{value}</t></is></c>'
    else:
        inside = f'<c r="{cell}"{style}><v>{value!r}</v></c>'
    return text[: found.start()] + inside + text[found.end() :]


def recalculated_in_process(path: Path, wanted: Mapping[Cell, object]) -> dict[str, dict[tuple[int, int], Value]]:
    """Every value of a workbook by formualizer, an engine of spreadsheet formulas that is not ours either.

    ``wanted`` says how far each sheet reaches. Cells in a date format would be handed over as dates, which some
    functions of formualizer (0.13) count a day too far: the file is read without that format. It knows no ISFORMULA
    either: the cells asked about are taken to be formulas here, and LibreOffice and the planted faults hold the rest.
    """
    import formualizer

    plain_numbers = Patchable(path)
    styles = plain_numbers.contents["xl/styles.xml"].decode("utf-8")
    assert DATE_FORMAT in styles
    changed = {"xl/styles.xml": styles.replace(DATE_FORMAT, "0")}
    for part in plain_numbers.parts.values():
        text = plain_numbers.contents[part].decode("utf-8")
        if "ISFORMULA" in text:
            changed[part] = _ROW_OF_FORMULAS.sub(r"COLUMNS(\1)", text)
            changed[part] = _FORMULA_CELL.sub("TRUE", changed[part])
    book: Any = formualizer.load_workbook_bytes(plain_numbers.packed(changed))
    book.evaluate_all()
    sizes: dict[str, tuple[int, int]] = {}
    for sheet, row, column in wanted:
        rows, columns = sizes.get(sheet, (0, 0))
        sizes[sheet] = max(rows, row), max(columns, column)
    found: dict[str, dict[tuple[int, int], Value]] = {}
    for sheet, (rows, columns) in sizes.items():
        table = book.sheet(sheet).get_values(formualizer.RangeAddress(sheet, 1, 1, rows, columns))
        found[sheet] = {
            (r, c): _plain(value)
            for r, line in enumerate(table, 1)
            for c, value in enumerate(line, 1)
            if value is not None
        }
    return found


def _plain(value: Any) -> Value:
    """A value of formualizer's: an error is a mapping that says which."""
    return f"#{value.get('kind', value)}" if isinstance(value, dict) else plain(value)
