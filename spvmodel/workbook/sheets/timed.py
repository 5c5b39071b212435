"""Sheets with a time axis: the frozen header, and one row per line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xlsxwriter.format import Format

from spvmodel.workbook.book import Book, FormulaSheet
from spvmodel.workbook.formats import SMALL_NUMBERS
from spvmodel.workbook.formula import in_column, opening_formula, row_template
from spvmodel.workbook.layout import (
    CHECK,
    CHECKS,
    CONSTANT,
    FIRST,
    HEADER,
    LABEL,
    LEGEND_ROW,
    NAME,
    OPENING,
    TOTAL,
    UNIT,
    Row,
    Sheet,
    letters,
    quote,
)

WIDTHS = (1.5, 1.5, 24, 44, 13, 10, 14, 6, 12)
"""Columns A to I; D is widened to its labels."""
WIDEST_LABEL = 60
PERIOD_WIDTH = 11
PERIODS_PER_PAGE = 16
"""More periods than this on one printed page cannot be read."""


def write_timed(book: Book, sheet: Sheet) -> None:
    """Write a sheet of lines."""
    page = begin_timed(book, sheet.name)
    for row in sheet.rows:
        if row.kind in ("section", "group"):
            write_heading(book, page, row)
        elif row.kind == "line":
            write_line(book, page, row)
    end_timed(book, sheet.name, "control" if sheet.name == CHECKS else "workings")


def begin_timed(book: Book, name: str) -> FormulaSheet:
    """The frozen rows: title, case, master check, the time axis, column headings."""
    page = book.top(name)
    style, place, values = book.styles, book.place, book.result.values
    for line_name, row in HEADER.items():
        if line_name not in place.places:
            continue
        line = book.model.lines[line_name]
        for column in range(FIRST):
            page.write_blank(row - 1, column, None, style.get("header_label"))
        meaning = f": {line.note}" if line_name == "time.phase" and line.note else ""
        page.text(row - 1, LABEL, line.label + meaning, style.get("header_label"))
        page.text(row - 1, UNIT, book.unit(line_name), style.get("header_label"))
        sheet = place.sheet_of(line_name)
        prefix = "" if sheet == name else f"{quote(sheet)}!"
        series = values[line_name]
        assert not isinstance(series, float)
        shape = style.unit("header", line.unit)
        for period in range(0 if line.opening is not None else 1, book.model.periods + 1):
            column = place.column(period)
            text = f"={prefix}{letters(column)}{place.places[line_name].row}"
            page.formula(row - 1, column, text, shape, series[period])
    legend = LEGEND_ROW - 1
    for column in range(FIRST, place.last + 1):
        page.write_blank(legend, column, None, style.get("legend"))
    page.write_blank(legend, 0, None, style.get("legend"))
    page.write_blank(legend, 1, None, style.get("legend"))
    for column, text in ((NAME, "Line"), (LABEL, "Label"), (UNIT, "Unit")):
        page.text(legend, column, text, style.get("legend"))
    for column, text in ((CONSTANT, "Constant"), (TOTAL, "Total"), (CHECK, "Errors"), (OPENING, "Opening")):
        page.text(legend, column, text, style.get("legend_right"))
    page.text(legend, FIRST, f"Periods · money in millions of {book.currency}", style.get("legend"))
    return page


def end_timed(book: Book, name: str, kind: str) -> None:
    """Columns, panes and print set-up."""
    page, last = book.sheets[name], book.place.last
    book.widths(name, WIDTHS)
    page.set_column(LABEL, LABEL, label_width(book, name))
    page.set_column(FIRST, last + 1, PERIOD_WIDTH)
    page.freeze_panes(LEGEND_ROW, TOTAL)
    page.set_zoom(85)
    page.repeat_rows(0, LEGEND_ROW - 1)
    page.repeat_columns(0, UNIT)
    book.finish(name, kind, pages_wide=math.ceil(book.model.periods / PERIODS_PER_PAGE), large=True)


def label_width(book: Book, name: str) -> float:
    """The width of the column of labels that fits the longest label of a sheet."""
    labels = (line.label for line in book.model.lines.values() if book.place.places[line.name].sheet == name)
    return min(WIDEST_LABEL, max([WIDTHS[LABEL], *map(len, labels)]))


def write_heading(book: Book, page: FormulaSheet, row: Row) -> None:
    """A section or group heading."""
    column = 0 if row.kind == "section" else 1
    page.text(row.number - 1, column, row.text, book.styles.get(row.kind))


def write_line(book: Book, page: FormulaSheet, row: Row) -> None:
    """One line: name, label, constant or series, unit, total, count of faulty cells."""
    line, style, at = book.model.lines[row.name], book.styles, row.number - 1
    value = book.result.values[row.name]
    page.text(at, NAME, row.name, style.get("name"))
    page.text(at, LABEL, line.label, style.get("label"))
    page.text(at, UNIT, book.unit(row.name), style.get("unit"))
    if isinstance(value, float):
        text = row_template(book.place, row.name)
        page.formula(at, CONSTANT, text, _scalar_style(book, row.name), value)
        cell = f"{letters(CONSTANT)}{row.number}"
        text = f"=1 - _xlfn.ISFORMULA({cell}) * NOT(ISERROR({cell}))"
        page.formula(at, CHECK, text, style.get("rowcheck", "0"), 0)
        return
    before = opening_formula(book.place, row.name)
    if before:
        page.formula(at, OPENING, before, style.unit("opening", line.unit), value[0])
    write_periods(book, page, row.number, row_template(book.place, row.name), style.unit("calc", line.unit), value)
    write_totals(book, page, row.number, row.name)


def write_periods(
    book: Book, page: FormulaSheet, number: int, template: str, style: Format, values: Sequence[float]
) -> None:
    """One formula, copied across all periods, each cell with its value."""
    for period in range(1, book.model.periods + 1):
        column = book.place.column(period)
        page.formula(number - 1, column, in_column(template, column), style, values[period])


def write_totals(book: Book, page: FormulaSheet, number: int, name: str) -> None:
    """The total of a flow, and the count of cells in the row that are errors or hold no formula."""
    line, values = book.model.lines[name], book.result.series(name)
    last = letters(book.place.last)
    if line.total:
        cells = f"{letters(FIRST)}{number}:{last}{number}"
        style = book.styles.unit("total", line.unit)
        page.formula(number - 1, TOTAL, f"=SUM({cells})", style, math.fsum(v for v in values if v == v))
    # The opening column counts where it is in use.
    first = FIRST if line.opening is None else OPENING
    cells = f"{letters(first)}{number}:{last}{number}"
    missing = f"COLUMNS({cells}) - SUMPRODUCT(_xlfn.ISFORMULA({cells}) * 1)"
    style = book.styles.get("rowcheck", "0")
    page.formula(number - 1, CHECK, f"=SUMPRODUCT(ISERROR({cells}) * 1) + {missing}", style, 0)


def _scalar_style(book: Book, name: str) -> Format:
    if any(check.value == name for check in book.model.checks):
        return book.styles.get("scalar", SMALL_NUMBERS)
    return book.styles.unit("scalar", book.model.lines[name].unit)
