"""Where a user types: the case selector, the scalar inputs and the series of inputs."""

from __future__ import annotations

from collections.abc import Sequence

from spvmodel.lines import Input
from spvmodel.workbook.book import NO_DESCRIPTION, Book, FormulaSheet
from spvmodel.workbook.formula import row_template
from spvmodel.workbook.guards import (
    bounds,
    guard_formula,
    guard_value,
    overridden,
    row_guard_formula,
    row_guard_value,
    typed_values,
    words,
)
from spvmodel.workbook.layout import (
    BASE,
    CASE_NAME,
    CASE_NUMBER,
    CASE_NUMBER_NAME,
    CASES,
    CHECK,
    CONSTANT,
    FIRST,
    FIRST_CASE_ROW,
    INPUT_SERIES,
    INPUTS,
    LABEL,
    LEGEND_ROW,
    NAME,
    UNIT,
    Row,
    Sheet,
    letters,
)
from spvmodel.workbook.sheets.timed import (
    begin_timed,
    end_timed,
    label_width,
    write_heading,
    write_periods,
    write_totals,
)

PROVENANCE = ("Status", "Source", "As of", "As written", "Note")
LARGEST = 1e300
OVERRIDDEN = "set for this run; the deal file gives another value"


def write_cases(book: Book) -> None:
    """The selector, the number of the live case, and the table of cases."""
    sheet, style, cases = book.top(CASES), book.styles, book.model.cases
    last = FIRST_CASE_ROW + len(cases) - 1
    names = f"$D${FIRST_CASE_ROW}:$D${last}"
    at = int(CASE_NAME.rpartition("$")[2]) - 1
    sheet.text(at, 3, "Live case", style.get("label"))
    sheet.write_string(at, 4, book.result.case, style.get("input"))
    sheet.text(at, 5, "name", style.get("unit"))
    sheet.text(at, 6, "selector", style.status("default"))
    sheet.text(at, 7, "Choose a case in the yellow cell: the whole workbook follows.", style.get("text"))
    sheet.data_validation(
        at,
        4,
        at,
        4,
        {
            "validate": "list",
            "source": f"={names}",
            "error_title": "Unknown case",
            "error_message": "Choose one of the cases listed below.",
        },
    )
    sheet.text(at + 1, 3, "Number of the live case", style.get("label"))
    formula = f"=MATCH({CASE_NAME.rpartition('!')[2]}, {names}, 0)"
    sheet.formula(at + 1, 4, formula, style.get("scalar", "0"), float(cases.index(book.result.case) + 1))
    sheet.text(at + 1, 5, "count", style.get("unit"))
    book.workbook.define_name(CASE_NUMBER_NAME, f"={CASE_NUMBER}")
    for column, text in enumerate(("Number", "Case", "Label", "", "", "Description"), 2):
        sheet.text(FIRST_CASE_ROW - 2, column, text, style.get("legend"))
    known = book.about("cases", {})
    for number, case in enumerate(cases, 1):
        row, told = FIRST_CASE_ROW + number - 2, known.get(case, {})
        sheet.write_number(row, 2, number, style.get("wrap"))
        sheet.text(row, 3, case, style.get("wrap"))
        sheet.text(row, 4, told.get("label") or case, style.get("wrap"))
        sheet.wrapped(row, 7, told.get("description") or NO_DESCRIPTION, style.get("wrap"), 100)
    left_out = book.about("left_out", {})
    if left_out:
        row = FIRST_CASE_ROW + len(cases)
        sheet.text(row, 3, "Cases of the common set that do not fit this deal", style.get("legend"))
        for offset, (case, told) in enumerate(left_out.items(), 1):
            sheet.text(row + offset, 3, case, style.get("wrap"))
            sheet.text(row + offset, 4, told["label"], style.get("wrap"))
            sheet.wrapped(row + offset, 7, told["reason"], style.get("wrap"), 100)
    book.widths(CASES, (1.5, 1.5, 20, 40, 30, 8, 10, 100))
    book.finish(CASES, "foundation")


def write_inputs(book: Book) -> None:
    """Scalar inputs: the live value, one cell per case, and where each comes from."""
    sheet, style, cases = book.top(INPUTS), book.styles, book.model.cases
    low = book.place.low
    first_note = low + 3
    legend = LEGEND_ROW - 1
    headings = ["", "", "Line", "Label", "Live", "Unit", *cases, "Lowest", "Highest", "Guard", *PROVENANCE]
    for column, text in enumerate(headings):
        right = column == CONSTANT or BASE <= column < first_note
        sheet.text(legend, column, text, style.get("legend_right" if right else "legend"))
    sheet.text(3, 3, "Type in the yellow cells. A case that is left blank takes the base value.", style.get("text"))
    sheet.text(4, 3, "Every other sheet reads the live value of the case chosen on Cases.", style.get("text"))
    guard = "Guard: 0 where the live value is a number from lowest to highest and the base is not blank, else 1."
    sheet.text(5, 3, guard, style.get("text"))
    for row in book.place.inputs.rows:
        if row.kind == "line":
            _write_scalar(book, sheet, row, first_note)
        else:
            write_heading(book, sheet, row)
    widths = (*(max(13, len(case) + 2) for case in cases), 12, 12, 7)
    book.widths(INPUTS, (1.5, 1.5, 24, label_width(book, INPUTS), 13, 12, *widths, 10, 20, 11, 22, 100))
    bad = {"type": "cell", "criteria": "!=", "value": 0, "format": book.styles.signal("bad")}
    for row in book.place.inputs.rows:
        if row.kind == "line":
            sheet.conditional_format(row.number - 1, low + 2, row.number - 1, low + 2, bad)
    sheet.freeze_panes(LEGEND_ROW, BASE)
    sheet.repeat_rows(0, legend)
    sheet.repeat_columns(0, UNIT)
    book.finish(INPUTS, "foundation", large=True)


def _write_scalar(book: Book, sheet: FormulaSheet, row: Row, first_note: int) -> None:
    line, given, style, at = book.model.lines[row.name], book.model.inputs[row.name], book.styles, row.number - 1
    value = book.result.inputs[row.name]
    assert isinstance(value, float)
    sheet.text(at, NAME, row.name, style.get("name"))
    sheet.text(at, LABEL, line.label, style.get("label"))
    sheet.text(at, UNIT, book.unit(row.name), style.get("unit"))
    sheet.formula(at, CONSTANT, row_template(book.place, row.name), style.unit("scalar", line.unit, True), value)
    fixed = given.status == "fixed"
    for column, typed in enumerate(typed_values(book.result, given), BASE):
        if typed is None:
            sheet.write_blank(at, column, None, style.unit("fixed" if fixed else "blank", line.unit, True))
        else:
            assert isinstance(typed, float)
            sheet.write_number(at, column, typed, style.unit("fixed" if fixed else "input", line.unit, True))
    low, last = book.place.low, BASE + len(book.model.cases) - 1
    _write_bounds(book, sheet, at, low, row.name)
    text = guard_formula(book.place, row.name)
    sheet.formula(at, low + 2, text, style.get("rowcheck", "0"), guard_value(book.result, row.name))
    _validate(book, sheet, row.name, (at, BASE, BASE), (at, low), blank=False)
    if last > BASE:
        _validate(book, sheet, row.name, (at, BASE + 1, last), (at, low), blank=True)
    _write_provenance(book, sheet, at, first_note, given, line.note)


def _write_bounds(book: Book, sheet: FormulaSheet, at: int, column: int, name: str) -> None:
    """The lowest and the highest value that an input may have, in two cells side by side."""
    for offset, bound in enumerate(bounds(book.model, name)):
        style = book.styles.unit("bound", book.model.lines[name].unit, True)
        if bound is None:
            sheet.write_blank(at, column + offset, None, style)
        else:
            sheet.write_number(at, column + offset, bound, style)


def _validate(
    book: Book, sheet: FormulaSheet, name: str, cells: tuple[int, int, int], low: tuple[int, int], blank: bool
) -> None:
    """Refuse what is no number within the bounds that stand in the cell ``low`` and the one beside it.

    ``cells`` are a row and its first and last column, all from 0; only where ``blank`` may they be emptied.
    """
    unit, allowed = book.model.lines[name].unit, bounds(book.model, name)
    ends = [f"=${letters(low[1] + k)}${low[0] + 1}" for k in range(2)]
    rule: dict[str, object] = {
        "validate": "date" if unit == "date" else "whole" if unit in ("count", "flag") else "decimal",
        "ignore_blank": blank,
        "error_type": "stop",
        "error_title": "Not a value for this input",
        "error_message": words(allowed, unit),
    }
    if None not in allowed:
        rule |= {"criteria": "between", "minimum": ends[0], "maximum": ends[1]}
    elif allowed[0] is not None:
        rule |= {"criteria": ">=", "value": ends[0]}
    elif allowed[1] is not None:
        rule |= {"criteria": "<=", "value": ends[1]}
    else:
        rule |= {"criteria": "between", "minimum": -LARGEST, "maximum": LARGEST}
    sheet.data_validation(cells[0], cells[1], cells[0], cells[2], rule)


def write_input_series(book: Book, sheet: Sheet) -> None:
    """Series of inputs: a row of yellow cells, or one per case with a live row below them."""
    page = begin_timed(book, INPUT_SERIES)
    first_note = book.place.low_of_series + 2
    for column, text in enumerate(("Lowest", "Highest"), book.place.low_of_series):
        page.text(LEGEND_ROW - 1, column, text, book.styles.get("legend_right"))
    for column, text in enumerate(PROVENANCE[1:], first_note):
        page.text(LEGEND_ROW - 1, column, text, book.styles.get("legend"))
    page.text(LEGEND_ROW - 1, CONSTANT, "Status", book.styles.get("legend"))
    for row in sheet.rows:
        if row.kind in ("section", "group"):
            write_heading(book, page, row)
        else:
            _write_series_row(book, page, row, first_note)
    end_timed(book, INPUT_SERIES, "foundation")
    for column, width in enumerate((12, 12, 20, 11, 40, 100), book.place.low_of_series):
        page.set_column(column, column, width)


def _write_series_row(book: Book, page: FormulaSheet, row: Row, first_note: int) -> None:
    line, given, style, at = book.model.lines[row.name], book.model.inputs[row.name], book.styles, row.number - 1
    page.text(at, UNIT, book.unit(row.name), style.get("unit"))
    if row.kind in ("base", "case"):
        page.text(at, LABEL, f"{line.label}: {row.case}", style.get("sublabel"))
    else:
        page.text(at, NAME, row.name, style.get("name"))
        page.text(at, LABEL, line.label, style.get("label"))
    if row.kind == "line":
        values = book.result.values[row.name]
        assert not isinstance(values, float)
        shape = style.unit("calc", line.unit, True)
        write_periods(book, page, row.number, row_template(book.place, row.name), shape, values)
        write_totals(book, page, row.number, row.name)
        return
    page.text(at, CONSTANT, given.status or "unsourced", style.status(given.status or "unsourced"))
    # Without rows for cases there is one row of values, those of this run.
    typed: float | tuple[float, ...] | None = book.result.inputs[row.name]
    if row.case:
        typed = typed_values(book.result, given)[book.model.cases.index(row.case)]
    numbers: Sequence[float | None] = typed if isinstance(typed, tuple) else (None,) * book.model.periods
    for column, number in enumerate(numbers, FIRST):
        if number is None:
            page.write_blank(at, column, None, style.unit("blank", line.unit, True))
        else:
            page.write_number(at, column, number, style.unit("input", line.unit, True))
    low = book.place.low_of_series
    _write_bounds(book, page, at, low, row.name)
    _validate(book, page, row.name, (at, FIRST, book.place.last), (at, low), blank=row.kind == "case")
    text = row_guard_formula(book.place, row)
    page.formula(at, CHECK, text, style.get("rowcheck", "0"), row_guard_value(book.result, row))
    if row.kind != "case":
        texts = (given.source, given.as_of, given.text, _note(book, given, line.note))
        for column, text in enumerate(texts, first_note):
            page.text(at, column, text, style.get("note"))


def _note(book: Book, given: Input, note: str) -> str:
    changed = OVERRIDDEN if overridden(book.result, given) else ""
    return "; ".join(filter(None, (changed, given.note or note)))


def _write_provenance(book: Book, sheet: FormulaSheet, at: int, column: int, given: Input, note: str) -> None:
    status = given.status or "unsourced"
    sheet.text(at, column, status, book.styles.status(status))
    texts = (given.source, given.as_of, given.text, _note(book, given, note))
    for offset, text in enumerate(texts, 1):
        sheet.text(at, column + offset, text, book.styles.get("note"))
