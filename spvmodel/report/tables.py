"""The tables of figures: headline, sources and uses, terms of contracts, and flows by calendar year."""

from __future__ import annotations

import math
from collections.abc import Sequence

from spvmodel.report.format import NOT_APPLICABLE, show
from spvmodel.report.view import Row, Table, View

_USES = ("spend", "upfront_fee", "idc", "fees", "dsra")
_SOURCES = ("draws", "equity")
_STEP = (
    ("due", "Due, with arrears"),
    ("paid", "Paid"),
    ("shortfall", "Unpaid at year end"),
    ("cash_left", "Cash left"),
)


def sources_and_uses(view: View) -> Table | None:
    """Uses and sources of each loan over the whole model, and their share of the total."""
    loans = view.entries("funding.{}.uses")
    if not loans:
        return None
    total = math.fsum(_flow(view, f"funding.{loan}.uses") for loan in loans)
    rows, named = [], []
    for heading, items, sum_label in (("Uses", _USES, "Total uses"), ("Sources", _SOURCES, "Total sources")):
        rows.append(Row(heading, kind="group"))
        sums = [0.0] * len(loans)
        for item in items:
            names = [f"funding.{loan}.{item}" for loan in loans]
            if not view.has(*names):
                continue
            named += names
            flows = [_flow(view, name) for name in names]
            sums = [a + b for a, b in zip(sums, flows, strict=True)]
            rows.append(Row(view.line(names[0]).label, _across(view, flows, total)))
        rows.append(Row(sum_label, _across(view, sums, total), "total"))
    head = [*(view.entry_label(f"debt.{loan}") for loan in loans), "Total", "Share"]
    return Table("Sources and uses", head, rows, view.rows(*named), f"{view.currency} m")


def _flow(view: View, name: str) -> float:
    return math.fsum(view.result.series(name))


def _across(view: View, flows: Sequence[float], total: float) -> list[str]:
    """A row of flows with their sum and its share of the total."""
    whole = math.fsum(flows)
    share = show(whole / total, "share") if total else NOT_APPLICABLE
    return [*view.texts([*flows, whole], "money"), share]


def terms(view: View, section: str, title: str, by_entry: bool) -> Table | None:
    """The inputs of one section of the deal file: a row per entry, or a row per term."""
    fields: dict[str, dict[str, str]] = {}
    for name in view.model.inputs:
        parts = name.split(".")
        if len(parts) == 3 and parts[0] == section:
            fields.setdefault(view.term_label(name), {})[parts[1]] = name
    if not fields:
        return None
    ids = list(dict.fromkeys(entry for names in fields.values() for entry in names))
    labels = [view.entry_label(f"{section}.{entry}") for entry in ids]
    pairs = [(what, entry, name) for what, names in fields.items() for entry, name in names.items()]
    cells = {(what, entry): value_in_case(view, name) for what, entry, name in pairs}
    place = view.rows(*(name for *_, name in pairs))
    if by_entry:
        rows = [
            Row(label, [cells.get((what, entry), "") for what in fields])
            for entry, label in zip(ids, labels, strict=True)
        ]
        return Table(title, list(fields), rows, place)
    rows = [Row(what, [cells.get((what, entry), "") for entry in ids]) for what in fields]
    return Table(title, labels, rows, place)


def value_in_case(view: View, name: str) -> str:
    """An input as the case has it, with its unit; a series as it was written."""
    value = view.result.inputs[name]
    if isinstance(value, tuple):
        given = view.model.inputs[name]
        return f"see case {view.result.case}" if view.result.case in dict(given.cases) else given.text
    return view.input_text(name, value)


def annual(
    view: View, title: str, names: Sequence[str], totals: Sequence[str] = (), grouped: bool = False
) -> Table | None:
    """Lines by calendar year: flows summed, opening balances at the start, other balances at the end of a year.

    A ratio shows its lowest period, a rate its mean weighted by opening balance; their labels say so. ``totals``
    are the names of lines printed as totals; ``grouped`` puts the heading of each line's group above its lines.
    """
    known = view.only(names)
    if not known:
        return None
    rows: list[Row] = []
    for name in known:
        group = view.line(name).group
        alone = [view.line(other).group for other in known].count(group) == 1
        if grouped and not alone and group not in (row.label for row in rows if row.kind == "group"):
            rows.append(Row(group, kind="group"))
        facility = "" if grouped else view.facility(name)
        label = f"{facility}: {view.line(name).label.lower()}" if facility else ""
        rows.append(annual_row(view, name, "total" if name in totals else "", label))
    return Table(title, view.years.labels, rows, view.rows(*known), f"{view.currency} m", wide=True)


def annual_row(view: View, name: str, kind: str = "", label: str = "") -> Row:
    """One line by calendar year."""
    line = view.line(name)
    values, how = by_year(view, name)
    return Row(", ".join(filter(None, (label or line.label, how))), view.texts(values, line.unit), kind, name)


def by_year(view: View, name: str) -> tuple[list[float], str]:
    """A line by calendar year, and what a reader must be told of how its periods were gathered."""
    line, years, values = view.line(name), view.years, view.result.series(name)
    at, _, what = name.rpartition(".")
    if line.unit == "x":
        return years.lowest(values), "lowest period"
    if what == "rate" and view.has(f"{at}.opening"):
        return years.weighted(values, view.result.series(f"{at}.opening")), "weighted by opening balance"
    if what == "due" and view.has(f"{at}.shortfall"):
        return years.due(values, view.result.series(f"{at}.shortfall")), ""
    if line.total or what == "cash_left":
        return years.sums(values), ""
    return years.first(values) if what == "opening" else years.last(values), ""


def waterfall(view: View) -> Table | None:
    """The waterfall by calendar year: what each step was due, paid and left unpaid, and the cash after it.

    Flows are summed over the periods that end in the year. A shortfall is carried into the next period's due: a
    year's due counts it once, and due less paid is what is unpaid at the end of the year.
    """
    steps = view.entries("waterfall.{}.due")
    if not steps:
        return None
    rows, named = [], []
    for name in view.only(("waterfall.receipts", "waterfall.cash_in")):
        rows.append(Row(view.line(name).label, _sums(view, name), "total", name))
        named.append(name)
    for step in steps:
        at = f"waterfall.{step}"
        heading, *_ = view.line(f"{at}.due").label.rpartition(": ")
        rows.append(Row(heading or step, kind="group"))
        for what, label in _STEP:
            name = f"{at}.{what}"
            if view.has(name):
                cells = annual_row(view, name).cells
                rows.append(Row(label, cells, "total" if what == "cash_left" else "", name))
                named.append(name)
    for name in view.only(("waterfall.distributable", "waterfall.distributions")):
        rows.append(Row(view.line(name).label, _sums(view, name), "total", name))
        named.append(name)
    title = "Cash waterfall by calendar year"
    return Table(title, view.years.labels, rows, view.rows(*named), f"{view.currency} m", wide=True)


def _sums(view: View, name: str) -> list[str]:
    return view.texts(view.years.sums(view.result.series(name)), view.line(name).unit)


def by_period(view: View, title: str, names: Sequence[str], by_facility: bool = False) -> Table | None:
    """Lines by period, a row for each; periods in which all are N/A or nothing are left out.

    ``by_facility`` heads a column with the facility instead of the line, where the line belongs to one.
    """
    known = view.only(names)
    if not known:
        return None
    columns = [view.texts(view.result.series(name), view.line(name).unit) for name in known]
    rows = [
        Row(end, cells)
        for end, cells in zip(view.ends, (list(cells) for cells in zip(*columns, strict=True)), strict=True)
        if any(cell not in ("", "–") for cell in cells)
    ]
    labels = [(by_facility and view.facility(name)) or view.line(name).label for name in known]
    head = [f"{label} {_bracket(view.unit(name))}".rstrip() for label, name in zip(labels, known, strict=True)]
    return Table(title, head, rows, view.rows(*known))


def _bracket(unit: str) -> str:
    return f"({unit})" if unit else ""
