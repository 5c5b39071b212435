"""The tables of figures: headline, sources and uses, terms of contracts, and flows by calendar year."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from spvmodel.lines.expr import references
from spvmodel.report.format import NOT_APPLICABLE, show
from spvmodel.report.headline import why_missing
from spvmodel.report.view import Row, Table, View

_KINDS = (
    "building",
    "land",
    "hard",
    "hardware",
    "soft",
    "contingency",
    "development_fee",
    "working_capital",
    "distribution",
    "other",
)
_FINANCING = ("vat", "upfront_fee", "discount", "idc", "fees", "hedge", "lc_fee", "dsra", "working_capital", "accounts")
_STEP = (
    ("due", "Due, with arrears"),
    ("paid", "Paid"),
    ("shortfall", "Unpaid at year end"),
    ("cash_left", "Cash left"),
)
_ENDS = ("receipts", "cash_in", "distributions")
_BETWEEN = (*_ENDS, "excess", "distributable", "upstream")
"""Lines of the waterfall between its steps, beside ``cash_for_<step>`` and ``cash_after_<step>``."""
_SAID = ("loan", "loans", "kind", "payer", "tenant", "blocks_distributions")
"""Choices of an entry that stand beside its terms."""


def sources_and_uses(view: View) -> Table | None:
    """Uses and sources of each entry of funding over the whole model, and their share of the total."""
    groups = view.entries("funding.{}.uses")
    if not groups:
        return None
    total = math.fsum(_flow(view, f"funding.{group}.uses") for group in groups)
    rows: list[Row] = []
    named: list[str] = []
    for heading, items in (("Uses", _uses(view, groups)), ("Sources", _sources(view, groups))):
        rows.append(Row(heading, kind="group"))
        sums = [0.0] * len(groups)
        for label, names in items:
            named += [name for name in names if name]
            flows = [_flow(view, name) if name else 0.0 for name in names]
            sums = [a + b for a, b in zip(sums, flows, strict=True)]
            rows.append(Row(label, _across(view, flows, total)))
        rows.append(Row(f"Total {heading.lower()}", _across(view, sums, total), "total"))
    head = [*(view.entry_label(f"funding.{group}") for group in groups), "Total", "Share"]
    return Table("Sources and uses", head, rows, view.rows(*named), f"{view.currency} m")


def _uses(view: View, groups: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Spending, by kind where the model tells the kinds apart, and what financing costs."""
    kinds = _items(view, groups, [f"spend_{kind}" for kind in _KINDS])
    return [*(kinds or _items(view, groups, ["spend"])), *_items(view, groups, _FINANCING)]


def _sources(view: View, groups: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Draws of each loan, then what revenue and equity pay; the draws of all loans where the model has no more."""
    revenue, equity = (_items(view, groups, [item]) for item in ("revenue_used", "equity"))
    if not all(_loans(view, group) for group in groups if view.has(f"funding.{group}.draws")):
        return [*_items(view, groups, ["draws"]), *revenue, *equity]
    # What an equity bridge lends is repaid by equity, which stands in full.
    bridged = {name.removesuffix(".rank") for name, (_, rank) in view.structure.items() if rank == "equity bridge"}
    loans = [
        (view.entry_label(f"debt.{loan}"), [f"debt.{loan}.draw" if here == group else "" for here in groups])
        for group in groups
        for loan in _loans(view, group)
        if f"debt.{loan}" not in bridged
    ]
    return [*loans, *revenue, *equity]


def _loans(view: View, group: str) -> list[str]:
    """The loans whose draws add up to those of an entry of funding."""
    name = f"funding.{group}.draws"
    if not view.has(name):
        return []
    expr = view.line(name).expr
    parts = [read for read, _ in references(expr)] if expr is not None else []
    found = [re.fullmatch(r"debt\.(\w+)\.draw", part) for part in parts]
    return [match[1] for match in found if match] if all(found) else []


def _items(view: View, groups: Sequence[str], items: Sequence[str]) -> list[tuple[str, list[str]]]:
    """A label and the line of each entry of funding, or "" where it has none; items that none has are left out."""
    found = []
    for item in items:
        names = [name if view.has(name := f"funding.{group}.{item}") else "" for group in groups]
        first = next(filter(None, names), "")
        if first:
            found.append((view.line(first).label, names))
    return found


def _flow(view: View, name: str) -> float:
    return math.fsum(view.result.series(name))


def _across(view: View, flows: Sequence[float], total: float) -> list[str]:
    """A row of flows with their sum and its share of the total."""
    whole = math.fsum(flows)
    share = show(whole / total, "share") if total else NOT_APPLICABLE
    return [*view.texts([*flows, whole], "money"), share]


def terms(view: View, section: str, title: str, by_entry: bool, within: str = "", nested: bool = False) -> Table | None:
    """The inputs of one section of the deal file: a row per entry, or a row per term.

    ``nested`` takes those of sections within its entries too; ``within`` names one of which alone they are.
    """
    fields: dict[str, dict[str, str]] = {}
    ids: list[str] = []
    for name in view.stated:
        parts = name.split(".")
        depth = len(parts) == 3 or (nested and len(parts) == 4)
        inside = parts[2:3] == [within] and len(parts) == 4 if within else depth
        if parts[0] == section and inside and not view.idle(name):
            fields.setdefault(view.term_label(name), {})[parts[1]] = name
            ids += [parts[1]] if parts[1] not in ids else []
    if not fields:
        return None
    labels = [view.entry_label(f"{section}.{entry}") for entry in ids]
    pairs = [(what, entry, name) for what, names in fields.items() for entry, name in names.items()]
    cells = {(what, entry): value_in_case(view, name) for what, entry, name in pairs}
    said = (
        []
        if within
        else [name for name in view.structure if name.split(".")[0] == section and name.split(".")[2] in _SAID]
    )
    for name in said:
        what, words = view.structure[name]
        fields = {what: {}} | fields
        cells[what, name.split(".")[1]] = words
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
    view: View,
    title: str,
    names: Sequence[str],
    totals: Sequence[str] = (),
    grouped: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Table | None:
    """Lines by calendar year: flows summed, opening balances at the start, other balances at the end of a year.

    A ratio shows its lowest period, a rate its mean weighted by opening balance; their labels say so. ``totals``
    are the names of lines printed as totals; ``grouped`` puts the heading of each line's group above its lines, and
    leaves out the groups in which nothing ever happens. ``labels`` are words for lines whose own lean on their group.
    """
    known = [name for name in view.only(names) if not grouped or _in_use(view, name)]
    if not known:
        return None
    rows: list[Row] = []
    for name in known:
        group = view.line(name).group
        alone = [view.line(other).group for other in known].count(group) == 1
        if grouped and not alone and group not in (row.label for row in rows if row.kind == "group"):
            rows.append(Row(group, kind="group"))
        facility = "" if grouped else view.facility(name)
        label = f"{facility}: {view.line(name).label.lower()}" if facility else (labels or {}).get(name, "")
        rows.append(annual_row(view, name, "total" if name in totals else "", label))
    return Table(title, view.years.labels, rows, view.rows(*known), f"{view.currency} m", wide=True)


def _in_use(view: View, name: str) -> bool:
    """Whether a line, or another of the same part of the model, is ever anything but 0."""
    at = name.rpartition(".")[0]
    closing = f"{at}.closing" if view.has(f"{at}.closing") and at.count(".") else name
    target = f"{at}.target"
    return any(any(view.result.series(one)) for one in view.only((name, closing, target)))


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


def scalars(view: View, title: str, names: Sequence[str]) -> Table | None:
    """Figures of the whole model, each with its unit."""
    known = view.only(names)
    if not known:
        return None
    rows = [Row(view.line(name).label, [view.text(name), view.unit(name)], name=name) for name in known]
    return Table(title, ["", "Unit"], rows, view.rows(*known), note=missing(view, known))


def missing(view: View, names: Sequence[str]) -> str:
    """Why some of the scalars of a table have no value, each reason once; empty where all have one."""
    labels: dict[str, list[str]] = {}
    for name in names:
        if math.isnan(view.result.scalar(name)):
            labels.setdefault(why_missing(view.result, name), []).append(view.line(name).label)
    # Several sponsors have a line of the same label.
    told = {reason: ", ".join(dict.fromkeys(found)) for reason, found in labels.items()}
    return " ".join(f"{who} {NOT_APPLICABLE}: {reason}." for reason, who in told.items())


def sponsors(view: View) -> Table | None:
    """What each sponsor of a joint venture pays in and is paid, by tier, and what it earns."""
    ids = view.entries("sponsors.{}.contributions")
    if not ids:
        return None
    hurdles = view.entries("promote.{}.promote")
    tiers = [*(["preferred"] if hurdles else []), *(f"above_{hurdle}" for hurdle in hurdles)]
    names: list[str] = []
    rows: list[Row] = []
    for what in ("share", "contributions", *tiers, "distributions", "promote", "irr", "moic"):
        found = {at: f"sponsors.{at}.{what}" for at in ids if view.has(f"sponsors.{at}.{what}")}
        if not found:
            continue
        names += found.values()
        first = next(iter(found.values()))
        label = view.term_label(first) if what == "share" else view.line(first).label
        rows.append(Row(label, [_figure(view, found.get(at, "")) for at in ids], "total" * (what == "distributions")))
    labels = [view.line(f"sponsors.{at}.contributions").group.removeprefix("Sponsor: ") for at in ids]
    rates = [name for name in names if name in view.model.lines and not view.line(name).series]
    note = missing(view, rates)
    return Table("Returns by sponsor", labels, rows, view.rows(*names), f"{view.currency} m", note=note)


def _figure(view: View, name: str) -> str:
    """A figure of one entry: a flow summed over the model, an input with its unit; a dash where it has none."""
    if not name:
        return "–"
    if name in view.model.inputs:
        return value_in_case(view, name)
    return view.texts([_flow(view, name)], "money")[0] if view.line(name).series else view.text(name)


def waterfall(view: View) -> Table | None:
    """The waterfall by calendar year: what each step was due, paid and left unpaid, and the cash after it.

    Flows are summed over the periods that end in the year. A shortfall is carried into the next period's due: a
    year's due counts it once, and due less paid is what is unpaid at the end of the year. Steps stand in the order in
    which cash meets them; those to which nothing is ever due are named below the table, and unpaid amounts stand only
    where there are any.
    """
    known = [name.split(".")[1:] for name in view.model.lines if name.startswith("waterfall.")]
    steps = [path[0] for path in known if path[1:] in (["due"], ["available"])]
    if not steps:
        return None
    rows: list[Row] = []
    idle: list[str] = []
    for at, *what in known:
        if at in steps and what in (["due"], ["available"]):
            heading, found = _step(view, at)
            if at != "sweep" and _nothing(annual_row(view, f"waterfall.{at}.due")):
                idle.append(heading.lower() if heading[1:2].islower() else heading)
                continue
            rows += [Row(heading, kind="group"), *found]
        elif not what and (at in _BETWEEN or at.startswith("cash_")):
            row = Row(view.line(f"waterfall.{at}").label, _sums(view, f"waterfall.{at}"), "total", f"waterfall.{at}")
            # Cash that only goes on from the step above needs no row of its own.
            if at in _ENDS or not rows or list(row.cells) != list(rows[-1].cells):
                rows.append(row)
    note = f"Nothing is ever due to these steps, which are left out: {', '.join(idle)}." if idle else ""
    place = view.rows(*(row.name for row in rows if row.name))
    title = "Cash waterfall by calendar year"
    return Table(title, view.years.labels, rows, place, f"{view.currency} m", wide=True, note=note)


def _step(view: View, step: str) -> tuple[str, list[Row]]:
    """The heading of a step and its rows; a sweep says what it could take, and from which loan it took what."""
    at = f"waterfall.{step}"
    if step == "sweep":
        swept = [f"debt.{loan}.sweep" for loan in view.entries("debt.{}.sweep")]
        names = view.only([f"{at}.available", f"{at}.budget", *swept])
        rows = [annual_row(view, name) for name in names]
        return "Cash sweep", [*rows, annual_row(view, f"{at}.cash_left", "total", "Cash left")]
    heading, *_ = view.line(f"{at}.due").label.rpartition(": ")
    rows = []
    for what, label in _STEP:
        name = f"{at}.{what}"
        if view.has(name):
            # What is added to the loan is neither due nor paid; it stands beside the interest that is.
            rows += _added(view, step) if what == "cash_left" else []
            if what == "shortfall" and _nothing(annual_row(view, name)):
                continue
            rows.append(annual_row(view, name, "total" if what == "cash_left" else "", label))
            rows += _support(view, at) if what == "paid" else []
    return heading or step, rows


def _support(view: View, at: str) -> list[Row]:
    """What accounts added to the cash of a step, where they ever did."""
    names = [name for name in view.model.lines if name.startswith(f"{at}.from_")]
    labels = {name: f"of which {view.line(name).label.rpartition(': ')[2]}" for name in names}
    return [row for name in names if not _nothing(row := annual_row(view, name, label=labels[name]))]


def _nothing(row: Row) -> bool:
    """Whether a row prints as dashes."""
    return all(cell == "–" for cell in row.cells)


def _added(view: View, step: str) -> list[Row]:
    """Interest that is added to the loans of the rank whose interest a step pays."""
    rank = (step.removesuffix("_interest") if step != "interest" else "senior").replace("_", " ")
    loans = [
        name.split(".")[1] for name, (_, words) in view.structure.items() if name.endswith(".rank") and words == rank
    ]
    names = view.only([f"debt.{loan}.pik" for loan in loans]) if step.endswith("interest") else []
    return [annual_row(view, name, label=f"{view.facility(name)}: added to the loan (PIK)") for name in names]


def _sums(view: View, name: str) -> list[str]:
    return view.texts(view.years.sums(view.result.series(name)), view.line(name).unit)


def by_period(
    view: View, title: str, names: Sequence[str], by_facility: bool = False, beside: Sequence[str] = ()
) -> Table | None:
    """Lines by period, a row for each; periods in which all are N/A or nothing are left out.

    ``beside`` are lines that alone keep no period; ``by_facility`` heads a column with the
    facility instead of the line, where the line belongs to one.
    """
    known = view.only(names)
    if not known:
        return None
    telling = [column for column, name in enumerate(known) if name not in beside]
    columns = [view.texts(view.result.series(name), view.line(name).unit, view.line(name).names) for name in known]
    rows = [
        Row(end, cells)
        for end, cells in zip(view.ends, (list(cells) for cells in zip(*columns, strict=True)), strict=True)
        if any(cells[column] not in ("", "–") for column in telling)
    ]
    labels = [(by_facility and view.facility(name)) or view.line(name).label for name in known]
    head = [f"{label} {_bracket(view.unit(name))}".rstrip() for label, name in zip(labels, known, strict=True)]
    return Table(title, head, rows, view.rows(*known))


def _bracket(unit: str) -> str:
    return f"({unit})" if unit else ""
