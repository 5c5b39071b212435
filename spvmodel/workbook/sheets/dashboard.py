"""Native charts over the rows of the model."""

from __future__ import annotations

from typing import Any, Final

from spvmodel.workbook.book import Book
from spvmodel.workbook.formats import DARK_RED, FONT, NAVY
from spvmodel.workbook.formula import in_column
from spvmodel.workbook.layout import (
    CONSTANT,
    DASHBOARD,
    FIRST,
    FIRST_ROW,
    LABEL,
    UNIT,
    letters,
    quote,
)
from spvmodel.workbook.sheets.timed import WIDTHS

COLOURS: Final = ("#1F3552", "#4F81BD", "#8DB4E2", "#5B9A68", "#B5D3A7", "#E6C84F", "#C0504D", "#8C8C8C")
RATIO, LEVEL = "ratios.dscr", "covenants.lockup_level"
HIGHEST_RATIO: Final = 3
"""Where the axis of ratios ends: a period with little debt service would flatten all others."""
WIDTH, HEIGHT = 1180, 330
ROWS_OF_CHART, COLUMNS_OF_CHART = 18, 5


def write_dashboard(book: Book) -> None:
    """The charts that this model has lines for."""
    page = book.top(DASHBOARD)
    row = FIRST_ROW
    level = _level(book, row)
    at = row + (2 if level and level[0] == DASHBOARD else 0)
    for chart in (_ratio(book, level), _balance(book), _stack(book, "Cash flow available and debt service", FLOWS)):
        if chart is not None:
            page.insert_chart(at, LABEL, chart, {"object_position": 2})
            at += ROWS_OF_CHART
    book.widths(DASHBOARD, WIDTHS)
    page.freeze_panes(2, 0)
    book.finish(DASHBOARD, "presentation")
    page.print_area(0, 0, at, FIRST + COLUMNS_OF_CHART)


FLOWS: Final = (("ratios.cfads", "area"), ("debt.service", "line"))


def _series(book: Book, name: str) -> bool:
    line = book.model.lines.get(name)
    return line is not None and line.series and not line.turn


def _level(book: Book, row: int) -> tuple[str, int] | None:
    """The row of the lock-up level: its own, or one on this sheet that repeats a level of one value."""
    line = book.model.lines.get(LEVEL)
    if line is None:
        return None
    place = book.place.places[LEVEL]
    if line.series:
        return place.sheet, place.row
    page, style = book.sheets[DASHBOARD], book.styles
    page.text(row - 1, LABEL, line.label, style.get("label"))
    page.text(row - 1, UNIT, book.unit(LEVEL), style.get("unit"))
    template = f"={quote(place.sheet)}!${letters(CONSTANT)}${place.row}"
    value = book.result.scalar(LEVEL)
    for period in range(1, book.model.periods + 1):
        column = book.place.column(period)
        page.formula(row - 1, column, in_column(template, column), style.unit("calc", line.unit), value)
    return DASHBOARD, row


def _cells(book: Book, sheet: str, row: int) -> list[object]:
    return [sheet, row - 1, FIRST, row - 1, book.place.last]


def _data(book: Book, name: str) -> dict[str, Any]:
    place = book.place.places[name]
    return {
        "name": [place.sheet, place.row - 1, LABEL],
        "categories": _cells(book, book.place.sheet_of("time.end"), book.place.places["time.end"].row),
        "values": _cells(book, place.sheet, place.row),
    }


def _ratio(book: Book, level: tuple[str, int] | None) -> Any:
    if not _series(book, RATIO):
        return None
    # Columns, because a period without a ratio (n/a) then shows nothing.
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series({**_data(book, RATIO), "fill": {"color": COLOURS[1]}, "gap": 30})
    if level is not None:
        line = book.workbook.add_chart({"type": "line"})
        data = {**_data(book, LEVEL), "values": _cells(book, *level)}
        line.add_series({**data, "line": {"color": DARK_RED, "width": 1.75, "dash_type": "dash"}})
        chart.combine(line)
    label = f"{book.model.lines[RATIO].label} (the axis ends at {HIGHEST_RATIO}.00)"
    return _dress(book, chart, label, "0.00", {"max": HIGHEST_RATIO})


def _balance(book: Book) -> Any:
    lines = book.model.lines
    ends = [name for name in lines if name.startswith("debt.") and name.endswith(".closing") and _series(book, name)]
    # The facilities stacked; their sum only where there are none.
    names = [name for name in ends if name != "debt.closing"] or ends
    if not names:
        return None
    chart = book.workbook.add_chart({"type": "area", "subtype": "stacked"})
    for name, colour in zip(names, COLOURS * len(names), strict=False):
        data = _data(book, name)
        groups = {lines[n].group for n in names}
        if len(groups) == len(names) and len(names) > 1:
            data["name"] = lines[name].group.partition(":")[0]
        chart.add_series({**data, "fill": {"color": colour}})
    return _dress(book, chart, f"Debt outstanding, {book.currency} m", "#,##0")


def _stack(book: Book, title: str, flows: tuple[tuple[str, str], ...]) -> Any:
    if not all(_series(book, name) for name, _ in flows):
        return None
    chart = book.workbook.add_chart({"type": "area"})
    for (name, kind), colour in zip(flows, (COLOURS[2], NAVY), strict=False):
        if kind == "area":
            chart.add_series({**_data(book, name), "fill": {"color": colour}})
        else:
            line = book.workbook.add_chart({"type": "line"})
            line.add_series({**_data(book, name), "line": {"color": colour, "width": 2}})
            chart.combine(line)
    return _dress(book, chart, f"{title}, {book.currency} m", "#,##0")


def _dress(book: Book, chart: Any, title: str, numbers: str, ends: dict[str, float] | None = None) -> Any:
    """Title, size, legend and axes of a chart; ``ends`` fixes where the value axis begins or ends."""
    font = {"name": FONT["font_name"], "size": 9}
    chart.set_title({"name": title, "name_font": {**font, "size": 12, "color": NAVY}, "overlay": False})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    chart.set_legend({"position": "bottom", "font": font})
    interval = max(1, round(book.model.periods / 16))
    axis = {
        "num_format": "yyyy-mm",
        "num_font": {**font, "rotation": -45},
        "interval_unit": interval,
        "text_axis": True,
    }
    chart.set_x_axis({**axis, "interval_tick": interval, "label_position": "low"})
    chart.set_y_axis(
        {
            "num_format": numbers,
            "num_font": font,
            **(ends or {}),
            "major_gridlines": {"visible": True, "line": {"color": "#E3E3E3"}},
        }
    )
    return chart
