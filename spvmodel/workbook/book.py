"""The open workbook that the sheets are written into."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from textwrap import wrap
from typing import Any, Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

import spvmodel
from spvmodel.engine import Result
from spvmodel.workbook.formats import Styles, unit_shown
from spvmodel.workbook.guards import guard_value, row_guard_value
from spvmodel.workbook.layout import CASE_NAME, CHECKS, CONSTANT, INPUT_SERIES, Layout, layout, letters

NOT_APPLICABLE: Final = "n/a"
NO_DESCRIPTION: Final = "no description"
LONGEST_TEXT: Final = 32_767
LINE_HEIGHT: Final = 12.0
TEXT_PER_WIDTH: Final = 1.1
"""Characters of running text for every digit that a column is wide."""
RUN_DIGITS: Final = 12
TAB_COLOURS: Final = {"foundation": "#E6C84F", "workings": "#4F81BD", "presentation": "#5B9A68", "control": "#8C8C8C"}
"""Tab colours by class of sheet."""


class FormulaSheet(Worksheet):  # type: ignore[misc]  # the library carries no types
    """A worksheet that stores formulas as they are: ours need no rewriting of function names, which is slow."""

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: object = 0
    ) -> int:
        if self._check_dimensions(row, col):
            return -1
        self.table[row][col] = CellFormulaTuple(formula[1:], cell_format, value)
        return 0

    def formula(self, row: int, column: int, text: str, style: Format, value: float | str) -> None:
        """Write a formula with the value it has; rows and columns count from 0."""
        self._write_formula(row, column, text, style, shown(value))

    def text(self, row: int, column: int, text: object, style: Format | None = None) -> None:
        """Write text as text, whatever it looks like, cut to what a cell can hold; no text leaves a cell blank."""
        if text in ("", None):
            self.write_blank(row, column, None, style)
        else:
            self.write_string(row, column, str(text)[:LONGEST_TEXT], style)

    def wrapped(self, row: int, column: int, text: object, style: Format, width: float) -> None:
        """Write text that wraps in a column of that width, and make its row high enough."""
        self.text(row, column, text, style)
        self.fit(row, text, width)

    def fit(self, row: int, text: object, width: float) -> None:
        """Make a row high enough for text that wraps in a column of that width."""
        lines = max(1, sum(len(wrap(part, int(width * TEXT_PER_WIDTH))) or 1 for part in str(text).splitlines()))
        self.set_row(row, max(LINE_HEIGHT * lines + 3, self.row_sizes.get(row, [0])[0]))


class Book:
    """A result, its layout, and the workbook being written."""

    def __init__(self, result: Result, workbook: Workbook) -> None:
        self.result = result
        self.model = result.model
        self.place: Layout = layout(result.model)
        self.workbook = workbook
        self.styles = Styles(workbook)
        self.sheets: dict[str, FormulaSheet] = {}
        for name in self.place.order():
            self.sheets[name] = workbook.add_worksheet(name, worksheet_class=FormulaSheet)

    def about(self, key: str, otherwise: Any = "") -> Any:
        """A text the model carries about its deal."""
        return self.model.about.get(key, otherwise)

    @property
    def currency(self) -> str:
        """The currency of all money."""
        return str(self.about("currency"))

    @property
    def version(self) -> str:
        """The version of the program that made the model."""
        return str(self.about("version") or spvmodel.__version__)

    @property
    def run(self) -> str:
        """The beginning of the run's id, enough to tell runs apart; the cover gives all of it."""
        return self.result.run_id[:RUN_DIGITS]

    def unit(self, name: str) -> str:
        """A line's unit as the unit column shows it."""
        line = self.model.lines[name]
        return unit_shown(line.unit, self.currency, line.is_input)

    @property
    def failed_value(self) -> float:
        """The number of failed checks."""
        values = self.result.values.get("checks.failed", 0.0)
        assert isinstance(values, float)
        return values

    @cached_property
    def guards_value(self) -> float:
        """The number of scalar inputs that are out of order."""
        return sum(guard_value(self.result, row.name) for row in self.place.inputs.rows if row.kind == "line")

    @cached_property
    def series_value(self) -> float:
        """The number of cells in typed series that are out of order."""
        rows = (row for sheet in self.place.sheets if sheet.name == INPUT_SERIES for row in sheet.rows)
        return sum(row_guard_value(self.result, row) for row in rows if row.kind in ("input", "base", "case"))

    @property
    def master_value(self) -> float:
        """The value of the master check: failed checks and inputs out of order; faulty cells there are none."""
        return self.failed_value + self.guards_value + self.series_value

    @property
    def alerts_value(self) -> float:
        """The number of alerts that are raised."""
        return float(sum(self.result.scalar(name) == 1.0 for name in self.model.alerts))

    def alerts_line(self, sheet: FormulaSheet, row: int, column: int, style: str = "status") -> None:
        """The number of alerts in words, amber where one is raised; nothing for a model without alerts."""
        if not self.model.alerts:
            return
        count, value = f"{CHECKS}!${letters(CONSTANT)}${self.place.alerts_row}", self.alerts_value
        words = f'{count} & IF({count} = 1, " alert", " alerts") & " raised"'
        told = f"{value:g} {'alert' if value == 1 else 'alerts'} raised"
        sheet.formula(row, column, f"={words}", self.styles.get(style), told)
        rule = {
            "type": "formula",
            "criteria": f'=LEFT({letters(column)}{row + 1}, 2) <> "0 "',
            "format": self.styles.signal("alert"),
        }
        sheet.conditional_format(row, column, row, column, rule)

    def master_link(self, sheet: FormulaSheet, row: int, column: int, style: str = "status") -> None:
        """The master check in words, green or red."""
        words = ("OK", "FAILED") if style == "status" else ("All checks pass", "CHECKS FAILED")
        text = f'=IF({self.place.master} = 0, "{words[0]}", "{words[1]}")'
        value = words[0] if self.master_value == 0 else words[1]
        sheet.formula(row, column, text, self.styles.get(style), value)
        for criteria, word, signal in (("==", words[0], "good"), ("!=", words[0], "bad")):
            rule = {"type": "cell", "criteria": criteria, "value": f'"{word}"', "format": self.styles.signal(signal)}
            sheet.conditional_format(row, column, row, column, rule)

    def top(self, name: str) -> FormulaSheet:
        """The first two rows of every sheet but the cover: its name, the deal, the live case, the master check."""
        sheet = self.sheets[name]
        style = self.styles.get
        sheet.set_row(0, 21)
        sheet.text(0, 0, name, style("title"))
        sheet.text(0, 3, self.about("title"), style("subtitle"))
        sheet.formula(0, 4, f"={CASE_NAME}", style("status"), self.result.case)
        sheet.text(1, 0, "Master check", style("text"))
        self.alerts_line(sheet, 1, 3)
        self.master_link(sheet, 1, 4)
        return sheet

    def finish(self, name: str, kind: str, pages_wide: int = 1, large: bool = False) -> None:
        """Tab colour and print set-up of a sheet: A4, or A3 where it is ``large``."""
        sheet = self.sheets[name]
        sheet.set_tab_color(TAB_COLOURS[kind])
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(8 if large else 9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(pages_wide, 0)
        # An ampersand starts a code of the footer, so one of the text is doubled.
        run = self.run.replace("&", "&&")
        sheet.set_footer(f"&L&8&F&C&8&A · run {run}&R&8&P / &N")

    def widths(self, name: str, widths: Iterable[float]) -> None:
        """Column widths from A on, in characters."""
        for column, width in enumerate(widths):
            self.sheets[name].set_column(column, column, width)


def shown(value: float | str) -> float | str:
    """A value as a cell stores it: N/A is a text, and what is no number an error."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return NOT_APPLICABLE
    return value if math.isfinite(value) else "#NUM!"
