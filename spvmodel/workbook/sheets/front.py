"""What a reader meets first: cover, contents, guide, qualifications, change log, sources."""

from __future__ import annotations

from spvmodel.lines import from_serial
from spvmodel.workbook.book import NO_DESCRIPTION, NOT_APPLICABLE, Book, FormulaSheet
from spvmodel.workbook.formats import NUMBERS, STATUS_COLOURS
from spvmodel.workbook.guards import counted
from spvmodel.workbook.layout import (
    CASE_NAME,
    CASE_NUMBER,
    CASE_NUMBER_NAME,
    CASES,
    CHECKS,
    CONSTANT,
    COVER,
    DASHBOARD,
    FIRST_CASE_ROW,
    INPUT_SERIES,
    INPUTS,
    PASSES,
    letters,
    quote,
)

PURPOSE = {
    COVER: ("control", "What this is, whether it holds, the headline"),
    "Contents": ("control", "This list"),
    "Guide": ("control", "How to read and use the workbook"),
    "Qualifications": ("control", "What to know before relying on it"),
    "ChangeLog": ("control", "Which version made it"),
    CASES: ("foundation", "Choose the live case"),
    INPUTS: ("foundation", "Single values: type here"),
    INPUT_SERIES: ("foundation", "Values per period: type here"),
    PASSES: ("workings", "The passes in which loops of the model settle"),
    DASHBOARD: ("presentation", "Charts"),
    CHECKS: ("control", "Identities, alerts and the master check"),
    "Sources": ("foundation", "Documents behind the inputs"),
    "Trace": ("control", "Every line: where it is and how it is computed"),
}

FAILED = "checks.failed"
COVER_WIDTH, TEXT_WIDTH = 50, 120
ABBREVIATIONS = {"ltv": "LTV", "lgd": "LGD", "cfads": "CFADS", "irr": "IRR", "dscr": "DSCR"}

STATUS_MEANING = {
    "filed": "filed with an authority or exchange",
    "company": "stated by a company that is party to the deal",
    "reported": "reported by press or analysts",
    "derived": "computed from sourced figures",
    "assumed": "our assumption; the note gives the reason",
    "unsourced": "given without a source",
    "default": "not stated in the deal file: the program's default",
    "fixed": "fixed when the model is built; not an input",
}

CONVENTIONS = (
    ("One formula per row", "A row holds one formula, copied across all periods. The opening column before the "
     "first period lets that period use the same formula as every other."),
    ("Columns", "A and B headings, C the line's name, D label, E constant, F unit, G total over time, H faulty cells "
     "in the row (errors, or no formula), I opening (before the model), J onwards the periods."),
    ("Frozen rows", "Title and live case; master check; period start, end, number, phase and days; headings."),
    ("Signs", "Amounts in workings are positive and the label says which way they flow."),
    ("Timing", "A balance is of the period end; a flow falls on the period end unless its label says otherwise."),
    ("n/a", "A figure that does not apply, such as a cover ratio without debt service. It is no zero, and minima "
     "and means leave it out."),
    ("Loops", "Nothing is circular, iterated or pasted. Where debt size, interest during construction, fees and "
     "reserves depend on each other, the same lines are written out pass by pass on Passes; the last pass is the "
     "model, and a check shows that it no longer moves."),
    ("Case selector", "The yellow cell on Cases. Inputs and InputSeries take the live case's value, or the base "
     "value where the case leaves its cell blank."),
    ("Recalculation", "Every figure is a formula. Each cell also stores the value the program computed, so that "
     "previews show figures; press F9, or Ctrl+Alt+F9 for all, to recompute."),
)  # fmt: skip

COLOURS = (
    ("input", "Typed input"),
    ("blank", "Input of a case, blank: as base"),
    ("fixed", "Fixed when the model is built"),
    ("opening", "Opening value, before the model"),
    ("calc", "Formula"),
    ("total", "Total over time"),
)


def write_cover(book: Book) -> None:
    """Title, case, run, master check, headline by link, sizing, alerts, what is fixed, parties."""
    sheet, style = book.sheets[COVER], book.styles
    sheet.set_row(1, 28)
    sheet.text(1, 1, book.about("title") or book.about("deal"), style.get("title"))
    sheet.set_row(3, 30)
    for column in range(1, 7):
        sheet.write_blank(3, column, None, style.get("banner"))
    book.master_link(sheet, 3, 1, "banner")
    failing = {"type": "formula", "criteria": '=$B$4<>"All checks pass"', "format": style.signal("bad")}
    sheet.conditional_format(3, 2, 3, 6, failing)
    book.alerts_line(sheet, 4, 1)
    row = _facts(book, sheet, 6)
    row = _alerts(book, sheet, row + 1)
    row = _headline(book, sheet, row + 1)
    row = _sizing(book, sheet, row)
    row = _pairs(book, sheet, row + 1, "Fixed when this model was built", book.about("fixed", []))
    _pairs(book, sheet, row + 1, "Parties", dict(book.about("parties", {})).items())
    book.widths(COVER, (2, 28, COVER_WIDTH, 14, 10, 32, 76))
    book.finish(COVER, "control")


def _facts(book: Book, sheet: FormulaSheet, row: int) -> int:
    style = book.styles
    facts = (
        ("Deal", book.about("deal")),
        ("As of", book.about("as_of")),
        ("Currency", f"{book.currency}, amounts in millions"),
        ("Run", f"{book.result.run_id}, made for the case {book.result.case}"),
        ("Deal file", book.about("fingerprint")),
        ("Made by", f"spvmodel {book.version}"),
        ("About", book.about("description")),
    )
    row = _live(book, sheet, row)
    for offset, (what, text) in enumerate(facts):
        sheet.text(row + offset, 1, what, style.get("wrap"))
        sheet.wrapped(row + offset, 2, text, style.get("wrap"), COVER_WIDTH)
    return row + len(facts)


def _live(book: Book, sheet: FormulaSheet, row: int) -> int:
    """What follows the inputs: the case that is live, and what the master check consists of."""
    style, result = book.styles, book.result
    known = book.about("cases", {})
    told = known.get(result.case, {})
    last = FIRST_CASE_ROW + len(book.model.cases) - 1
    label, described = (f"=INDEX({CASES}!${at}${FIRST_CASE_ROW}:${at}${last}, {CASE_NUMBER_NAME})" for at in ("E", "H"))
    failed = f"={_absolute(book, FAILED)}" if FAILED in book.place.places else "=0"
    faults = f"={counted(f'{CHECKS}!{book.place.faults}')}"
    count = style.get("fact", "0")
    facts = (
        ("Live case", f"={CASE_NAME}", style.get("status"), result.case),
        ("Case", label, style.get("fact_wrap"), told.get("label") or result.case),
        ("What the case is", described, style.get("fact_wrap"), told.get("description") or NO_DESCRIPTION),
        ("Checks that fail", failed, count, book.failed_value),
        ("Faulty cells and inputs", faults, count, book.guards_value + book.series_value),
    )
    for offset, (what, text, shape, value) in enumerate(facts):
        sheet.text(row + offset, 1, what, style.get("wrap"))
        sheet.formula(row + offset, 2, text, shape, value)
    longest = max((str(case.get("description", "")) for case in known.values()), key=len, default="")
    sheet.fit(row + 2, longest, COVER_WIDTH)
    return row + len(facts)


def _headline(book: Book, sheet: FormulaSheet, row: int) -> int:
    """Every headline metric, linked to its line; one that does not apply says why."""
    style = book.styles
    for column, text in enumerate(("Headline", "", "Value", "Unit", "Metric", "Note"), 1):
        sheet.text(row, column, text, style.get("legend_right" if column == 3 else "legend"))
    reasons = dict(book.about("not_applicable", {}))
    for metric in book.result.headline:
        row += 1
        name = book.model.headline.get(metric)
        sheet.text(row, 5, metric, style.get("name"))
        if name is None:
            sheet.text(row, 1, _words(metric), style.get("label"))
            sheet.text(row, 3, NOT_APPLICABLE, style.get("scalar"))
            sheet.text(row, 6, reasons.get(metric, ""), style.get("note"))
            continue
        line, value = book.model.lines[name], book.result.scalar(name)
        sheet.text(row, 1, line.label, style.get("label"))
        link = _absolute(book, name)
        if line.names:
            _choice(book, sheet, row, name)
            continue
        sheet.formula(row, 3, f"={link}", style.unit("scalar", line.unit, line.is_input), value)
        sheet.text(row, 4, book.unit(name), style.get("unit"))
        if metric in reasons:
            sheet.text(row, 6, f"{NOT_APPLICABLE} where {reasons[metric]}", style.get("note"))
    return row + 1


def _choice(book: Book, sheet: FormulaSheet, row: int, name: str) -> None:
    """The word that the number of a choice stands for."""
    names = book.model.lines[name].names
    words = ", ".join(f'"{word}"' for word in names)
    chosen = names[int(book.result.scalar(name)) - 1]
    sheet.formula(row, 3, f"=CHOOSE({_absolute(book, name)}, {words})", book.styles.get("scalar"), chosen)


def _sizing(book: Book, sheet: FormulaSheet, row: int) -> int:
    """Every sized loan, and a take-out that several constraints limit: size, binding constraint, headroom."""
    rows = [name for name in book.model.lines if name.endswith(".binding") and book.model.lines[name].names]
    if not rows:
        return row
    row += 1
    style = book.styles
    for column, text in enumerate(("Sizing", "", "Value", "Unit", "Line", ""), 1):
        sheet.text(row, column, text, style.get("legend_right" if column == 3 else "legend"))
    for binding in rows:
        at = binding.removesuffix(".binding")
        label, _, _ = book.model.lines[binding].group.partition(": ")
        for name in (f"{at}.size", f"{at}.capacity", binding, f"{at}.headroom"):
            if name not in book.model.lines:
                continue
            row += 1
            line = book.model.lines[name]
            sheet.text(row, 1, f"{label}: {line.label[:1].lower()}{line.label[1:]}", style.get("label"))
            sheet.text(row, 5, name, style.get("name"))
            if line.names:
                _choice(book, sheet, row, name)
                continue
            sheet.formula(
                row, 3, f"={_absolute(book, name)}", style.unit("scalar", line.unit), book.result.scalar(name)
            )
            sheet.text(row, 4, book.unit(name), style.get("unit"))
    return row + 1


def _words(metric: str) -> str:
    """A metric without a line, in words."""
    words = " ".join(ABBREVIATIONS.get(word, word) for word in metric.split("_"))
    return words[:1].upper() + words[1:]


def _alerts(book: Book, sheet: FormulaSheet, row: int) -> int:
    if not book.model.alerts:
        return row
    style = book.styles
    for column, text in enumerate(("Alerts", "", "Raised", "", "Line", ""), 1):
        sheet.text(row, column, text, style.get("legend_right" if column == 3 else "legend"))
    for name in book.model.alerts:
        row += 1
        sheet.text(row, 5, name, style.get("name"))
        sheet.text(row, 1, book.model.lines[name].label, style.get("label"))
        value = book.result.scalar(name)
        sheet.formula(row, 3, f"={_absolute(book, name)}", style.unit("scalar", "flag"), value)
        alert = {"type": "cell", "criteria": "!=", "value": 0, "format": style.signal("alert")}
        sheet.conditional_format(row, 3, row, 3, alert)
    return row + 1


def _absolute(book: Book, name: str) -> str:
    place = book.place.places[name]
    return f"{quote(place.sheet)}!${letters(CONSTANT)}${place.row}"


def _pairs(book: Book, sheet: FormulaSheet, row: int, heading: str, pairs: object) -> int:
    items = list(pairs) if not isinstance(pairs, str) else []  # type: ignore[call-overload]
    if not items:
        return row
    linked = _period_ends(book)
    for column in range(1, 7):
        sheet.text(row, column, heading if column == 1 else "", book.styles.get("legend"))
    for what, value in items:
        row += 1
        sheet.text(row, 1, what, book.styles.get("wrap"))
        if value in linked:
            text, number = linked[value]
            sheet.formula(row, 2, text, book.styles.get("fact", NUMBERS["date"]), number)
        else:
            sheet.wrapped(row, 2, value, book.styles.get("wrap"), COVER_WIDTH)
    return row + 1


def _period_ends(book: Book) -> dict[str, tuple[str, float]]:
    """The first and the last period end as dates in words, the formulas that link to them, and their values.

    The first is that of period 1: financial close on its own is period 0.
    """
    if "time.end" not in book.place.places:
        return {}
    values = book.result.series("time.end")
    first = book.result.series("time.number").index(1.0)
    ends = ((first + 1, values[first]), (book.model.periods, values[-1]))
    return {from_serial(day).isoformat(): (f"={book.place.cell('time.end', at)}", day) for at, day in ends}


def write_contents(book: Book) -> None:
    """All sheets by class, with links."""
    sheet, style = book.top("Contents"), book.styles
    for column, text in enumerate(("Sheet", "Class", "Holds", "Lines"), 3):
        sheet.text(4, column, text, style.get("legend_right" if text == "Lines" else "legend"))
    counts: dict[str, int] = {}
    for place in book.place.places.values():
        counts[place.sheet] = counts.get(place.sheet, 0) + 1
    for row, name in enumerate(book.place.order(), 5):
        kind, purpose = PURPOSE.get(name) or ("workings", _groups(book, name))
        sheet.write_url(row, 3, f"internal:{quote(name)}!A1", style.get("link"), name)
        sheet.text(row, 4, kind, style.get("text"))
        sheet.text(row, 5, purpose, style.get("text"))
        if name in counts:
            sheet.write_number(row, 6, counts[name], style.get("scalar", "0"))
    book.widths("Contents", (1.5, 1.5, 20, 36, 16, 100, 8))
    book.finish("Contents", "control")


def _groups(book: Book, name: str) -> str:
    rows = next(sheet.rows for sheet in book.place.sheets if sheet.name == name)
    groups = [row.text for row in rows if row.kind == "group"]
    more = f" and {len(groups) - 6} more" if len(groups) > 6 else ""
    return ", ".join(groups[:6]) + more


def write_guide(book: Book) -> None:
    """Conventions, colours, source statuses, names, the recipe of CFADS."""
    sheet, style = book.top("Guide"), book.styles
    row = 3
    row = _heading(book, sheet, row, "Conventions")
    for what, text in CONVENTIONS:
        sheet.text(row, 3, what, style.get("wrap"))
        sheet.wrapped(row, 4, text, style.get("wrap"), TEXT_WIDTH)
        row += 1
    row = _heading(book, sheet, row + 1, "Colours")
    for role, text in COLOURS:
        sheet.write_blank(row, 3, None, style.get(role))
        sheet.text(row, 4, text, style.get("text"))
        row += 1
    row = _heading(book, sheet, row + 1, "Status of an input's source")
    for status in STATUS_COLOURS:
        sheet.text(row, 3, status, style.status(status))
        sheet.text(row, 4, STATUS_MEANING[status], style.get("text"))
        row += 1
    row = _heading(book, sheet, row + 1, "Defined names")
    sheet.text(row, 3, CASE_NUMBER_NAME, style.get("text"))
    sheet.text(row, 4, f"number of the live case, {CASE_NUMBER}", style.get("text"))
    row += 1
    recipe = book.about("cfads_recipe", [])
    if recipe:
        row = _heading(book, sheet, row + 1, "Cash flow available for debt service")
        for step in recipe:
            sheet.wrapped(row, 4, step, style.get("wrap"), TEXT_WIDTH)
            row += 1
    book.widths("Guide", (1.5, 1.5, 20, 36, TEXT_WIDTH))
    book.finish("Guide", "control")


def write_qualifications(book: Book) -> None:
    """What a reader must know before relying on the figures."""
    sheet, style = book.top("Qualifications"), book.styles
    row = _heading(book, sheet, 3, "Qualifications and weaknesses")
    texts = book.about("qualifications", []) or ["None is stated in the deal file."]
    for number, text in enumerate(texts, 1):
        sheet.write_number(row, 2, number, style.get("wrap"))
        sheet.wrapped(row, 3, text, style.get("wrap"), TEXT_WIDTH)
        row += 1
    unsourced = [name for name, given in book.model.inputs.items() if given.status in ("", "unsourced")]
    assumed = [name for name, given in book.model.inputs.items() if given.status == "assumed"]
    for heading, names in (("Inputs that are assumed", assumed), ("Inputs without a source", unsourced)):
        row = _heading(book, sheet, row + 1, f"{heading}: {len(names)}")
        for name in names:
            sheet.text(row, 3, f"{book.model.lines[name].label} ({name})", style.get("text"))
            row += 1
    book.widths("Qualifications", (1.5, 1.5, 24, TEXT_WIDTH, 14))
    book.finish("Qualifications", "control")


def write_change_log(book: Book) -> None:
    """The version that made the file, and room for what is changed by hand."""
    sheet, style = book.top("ChangeLog"), book.styles
    headings = ("Version", "Change", "Run")
    for column, text in enumerate(headings, 2):
        sheet.text(3, column, text, style.get("legend"))
    sheet.text(4, 2, book.version, style.get("text"))
    sheet.text(4, 3, f"Made from the deal file, case {book.result.case}", style.get("text"))
    sheet.text(4, 4, book.result.run_id, style.get("text"))
    sheet.text(6, 3, "What is changed by hand in this file is to be noted below.", style.get("note"))
    book.widths("ChangeLog", (1.5, 1.5, 20, 60, 70))
    book.finish("ChangeLog", "control")


def write_sources(book: Book) -> None:
    """The documents behind the inputs, by the key the inputs name."""
    sheet, style = book.top("Sources"), book.styles
    for column, text in enumerate(("Key", "Title", "Date", "Address", "Note"), 2):
        sheet.text(3, column, text, style.get("legend"))
    for row, (key, source) in enumerate(dict(book.about("sources", {})).items(), 4):
        texts = (key, *(source.get(part) or "" for part in ("title", "date", "url", "note")))
        for column, text in enumerate(texts, 2):
            width = {3: 70, 5: 60, 6: 70}.get(column, 24)
            sheet.wrapped(row, column, text, style.get("wrap"), width)
    book.widths("Sources", (1.5, 1.5, 24, 70, 16, 60, 70))
    book.finish("Sources", "foundation")


def _heading(book: Book, sheet: FormulaSheet, row: int, text: str) -> int:
    # A height of its own: where it is left to the program, the row below can be clipped.
    sheet.set_row(row, 18)
    sheet.text(row, 3, text, book.styles.get("section"))
    sheet.write_blank(row, 4, None, book.styles.get("section"))
    return row + 1
