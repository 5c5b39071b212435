"""The Checks sheet with its one master check, and the Trace sheet."""

from __future__ import annotations

from spvmodel.workbook.book import Book
from spvmodel.workbook.formula import formula_in_names
from spvmodel.workbook.guards import counted
from spvmodel.workbook.layout import (
    CHECK,
    CHECKS,
    CONSTANT,
    FIRST,
    FIRST_ROW,
    INPUT_SERIES,
    INPUTS,
    LABEL,
    NAME,
    UNIT,
    Sheet,
    letters,
    quote,
)
from spvmodel.workbook.sheets.timed import write_timed


def write_checks(book: Book, sheet: Sheet) -> None:
    """The lines of the checks, the error values of every sheet, and the master check that joins them."""
    write_timed(book, sheet)
    page, style, place = book.sheets[CHECKS], book.styles, book.place
    constant = letters(CONSTANT)
    for check in book.model.checks:
        row = place.places[check.passed].row - 1
        for criteria, signal in (("==", "good"), ("!=", "bad")):
            rule = {"type": "cell", "criteria": criteria, "value": 1, "format": style.signal(signal)}
            page.conditional_format(row, CONSTANT, row, CONSTANT, rule)
    for name in book.model.alerts:
        row = place.places[name].row - 1
        rule = {"type": "cell", "criteria": "!=", "value": 0, "format": style.signal("alert")}
        page.conditional_format(row, CONSTANT, row, CONSTANT, rule)

    first, last = letters(FIRST), letters(place.last)

    def count(row: int, label: str, text: str, value: float) -> None:
        page.text(row - 1, LABEL, label, style.get("label"))
        page.text(row - 1, UNIT, "count", style.get("unit"))
        page.formula(row - 1, CONSTANT, text, style.get("scalar", "0"), value)

    page.text(place.errors[0][1] - 2, 1, "Errors, and cells without formula or number, by sheet", style.get("group"))
    column = letters(CHECK)
    for name, row in place.errors:
        bottom = next(s.last_row for s in place.sheets if s.name == name)
        prefix = "" if name == CHECKS else f"{quote(name)}!"
        cells = f"{prefix}${column}${FIRST_ROW}:${column}${bottom}"
        count(row, name, f"={counted(cells)}", book.series_value if name == INPUT_SERIES else 0.0)

    if place.dates:
        heading = "Header cells that differ from the sheet they repeat, by sheet"
        page.text(place.dates[0][1] - 2, 1, heading, style.get("group"))
    for name, row in place.dates:
        prefix = "" if name == CHECKS else f"{quote(name)}!"
        terms = []
        for line, at in place.header(name).items():
            home = place.places[line]
            there = "" if home.sheet == CHECKS else f"{quote(home.sheet)}!"
            here = f"{prefix}${first}${at}:${last}${at}"
            terms.append(f"SUMPRODUCT(({here} <> {there}${first}${home.row}:${last}${home.row}) * 1)")
        count(row, name, f"={' + '.join(terms)}", 0.0)

    page.text(place.guards_row - 2, 1, "Inputs", style.get("group"))
    guards = f"{INPUTS}!${letters(place.low + 2)}${FIRST_ROW}:${letters(place.low + 2)}${place.inputs.last_row}"
    label = "Scalar inputs that are blank, no number or out of bounds"
    count(place.guards_row, label, f"=COUNTA({guards}) - COUNTIF({guards}, 0)", book.guards_value)

    row = place.alerts_row
    if book.model.alerts:
        page.text(row - 2, 1, "Alerts (outcomes to know; they fail nothing)", style.get("group"))
        flags = [f"{constant}{place.places[name].row}" for name in book.model.alerts]
        text = f"=SUM({flags[0]}:{flags[-1]})" if _together(book) else f"=SUM({', '.join(flags)})"
        count(row, "Alerts raised", text, book.alerts_value)

    row = place.master_row
    page.text(row - 2, 1, "Master check of the workbook", style.get("group"))
    page.text(row - 1, NAME, "master", style.get("name"))
    page.text(row - 1, LABEL, "Failed checks and faults (0: all is well)", style.get("subtitle"))
    page.text(row - 1, UNIT, "count", style.get("unit"))
    text = f"={counted(place.faults)}"
    if "checks.failed" in place.places:
        failed = f"{constant}{place.places['checks.failed'].row}"
        text = f"=IF(ISNUMBER({failed}), {failed}, 1) + {counted(place.faults)}"
    page.formula(row - 1, CONSTANT, text, style.get("total", "0"), book.master_value)
    for criteria, signal in (("==", "good"), ("!=", "bad")):
        rule = {"type": "cell", "criteria": criteria, "value": 0, "format": style.signal(signal)}
        page.conditional_format(row - 1, CONSTANT, row - 1, CONSTANT, rule)


def _together(book: Book) -> bool:
    """Whether the alerts stand below each other."""
    rows = [book.place.places[name].row for name in book.model.alerts]
    return rows == list(range(rows[0], rows[0] + len(rows)))


def write_trace(book: Book) -> None:
    """Every line: name, sheet, row, label, unit, formula in names, note. Feedback passes are left out."""
    sheet, style, place = book.top("Trace"), book.styles, book.place
    headings = ("Line", "Label", "Sheet", "Row", "Unit", "Formula", "Opening", "Note")
    for column, text in enumerate(headings, 2):
        sheet.text(3, column, text, style.get("legend_right" if text == "Row" else "legend"))
    own = (line for line in book.model.lines.values() if not line.turn)
    for row, line in enumerate(own, 4):
        home = place.places[line.name]
        formula = "input" if line.expr is None else formula_in_names(line.expr)
        opening = formula_in_names(line.opening) if line.opening is not None else ""
        sheet.text(row, 2, line.name, style.get("text"))
        sheet.text(row, 3, line.label, style.get("text"))
        sheet.write_url(row, 4, f"internal:{quote(home.sheet)}!D{home.row}", style.get("link"), home.sheet)
        sheet.write_number(row, 5, home.row, style.get("scalar", "0"))
        for column, text in enumerate((book.unit(line.name), formula, opening, line.note), 6):
            sheet.text(row, column, text, style.get("text"))
    book.widths("Trace", (1.5, 1.5, 36, 48, 14, 7, 14, 90, 30, 60))
    sheet.freeze_panes(4, 4)
    sheet.repeat_rows(0, 3)
    book.finish("Trace", "control")
