"""Tenant and counterparty credit: who they are, what they are rated, how likely they are to fail, who passes it on."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from spvmodel.report.format import show
from spvmodel.report.tables import annual_row, value_in_case
from spvmodel.report.view import Row, Table, View

_MEASURES: Final = ("cds", "recovery", "default_rate")
_YEARS_SHOWN: Final = 5
_BOX, _GAP, _TALL, _BETWEEN, _EDGE = 178, 112, 62, 22, 2
"""Width and height of a box of the chain, the room between boxes, and the margin (pixels)."""
_SPV: Final = "The SPV"


@dataclass(frozen=True)
class Term:
    """One figure of a counterparty's credit, with where it comes from."""

    words: str
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Party:
    """A counterparty as the report prints it."""

    label: str
    role: str
    pays: str
    ratings: Sequence[Mapping[str, str]]
    terms: Sequence[Term]


@dataclass(frozen=True)
class Credit:
    """The section: the parties, the picture of the chain (empty where nobody depends on anybody), and the tables."""

    parties: Sequence[Party]
    chain: Markup
    chain_words: str
    probabilities: Table | None
    losses: Sequence[Table]


def credit(view: View) -> Credit | None:
    """Everything the section prints; None for a deal without counterparties."""
    known: dict[str, dict[str, Any]] = view.about.get("counterparties", {})
    if not known:
        return None
    parties = [_party(view, key, party) for key, party in known.items()]
    links = list(_links(view, known))
    words = "; ".join(f"{a} to {b}: {said}" for a, b, said in _in_words(known, links))
    return Credit(parties, _drawn(view, known, links), words, _probabilities(view, known), _losses(view))


def _party(view: View, key: str, party: Mapping[str, Any]) -> Party:
    at = f"counterparty.{key}"
    names = [*(f"{at}.{what}" for what in _MEASURES)]
    names += [name for name in view.stated if name.startswith(f"{at}.default_rates.")]
    names += [f"{at}.from", *(f"{at}.depends_on.{other}.passed_on" for other in party["depends_on"])]
    terms = [_term(view, name, party) for name in names if name in view.model.inputs]
    return Party(party["label"], party["role"], _list(party["pays"]), party["ratings"], terms)


def _list(labels: Sequence[str]) -> str:
    """Some names in full; of many, the first and how many more."""
    return ", ".join(labels) if len(labels) <= 3 else f"{labels[0]} and {len(labels) - 1} more"


def _term(view: View, name: str, party: Mapping[str, Any]) -> Term:
    given = view.model.inputs[name]
    said = view.line(name).label.removesuffix(f", {party['label']}")
    if ".depends_on." in name:
        other = view.about["counterparties"][name.split(".")[3]]["label"]
        said = f"Passed on by {other}"
    changed = view.result.case in dict(given.cases)
    source = "" if changed else given.source
    note = f"case {view.result.case}" if changed else given.note
    return Term(f"{said}: {value_in_case(view, name)}", given.status, source, note)


def _probabilities(view: View, known: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """Hazard rate, probability of default and survival by calendar year, of every counterparty that has them."""
    rows: list[Row] = []
    names: list[str] = []
    years = view.years
    for key, party in known.items():
        at = f"counterparty.{key}"
        if not view.has(f"{at}.survival"):
            continue
        rows.append(Row(f"{party['label']}, {party['role']}", kind="group"))
        rates = years.weighted(view.result.series(f"{at}.hazard"), view.result.series("counterparty.years"))
        rows.append(Row("Hazard rate p.a.", view.texts(rates, "1/yr"), name=f"{at}.hazard"))
        rows.append(annual_row(view, f"{at}.default_probability", label="Default in the year"))
        gone = [1 - left for left in years.last(view.result.series(f"{at}.survival"))]
        rows.append(Row("Default by the year end", view.texts(gone, "share"), "total", f"{at}.survival"))
        names += [f"{at}.hazard", f"{at}.default_probability", f"{at}.survival"]
    if not rows:
        return None
    note = (
        "As seen from financial close. Probabilities that follow from a spread are those that the market charges for, "
        "which lie above what default studies have seen."
    )
    return Table("Probability of default by calendar year", years.labels, rows, view.rows(*names), wide=True, note=note)


_LOSS: Final = tuple(
    f"expected_loss.{what}" for what in ("probability", "peak", "total", "share", "lgd", "value", "spread")
)


def _losses(view: View) -> list[Table]:
    """Expected loss in all, of every loan, and by calendar year."""
    if not view.has("expected_loss.total"):
        return []
    rows = [Row(view.line(name).label, [view.text(name), view.unit(name)], name=name) for name in _LOSS]
    note = "Probability of default by date x what lenders lose at that date; the tenant pays until then."
    if not math.isnan(view.result.scalar("enforcement.default_date")):
        note = (
            "Probability of default by date x what lenders lose at that date, until the case itself ends in a "
            "default; so this is no expected loss of the deal: read that in a case that pays."
        )
    found = [Table("Expected loss", ["", "Unit"], rows, view.rows(*_LOSS), note=note)]
    loans = view.entries("expected_loss.loan.{}.total")
    parts = ("peak", "total", "share")
    head = ["Largest exposure", "Expected loss", "Expected loss / largest exposure"]
    lines = [[f"expected_loss.loan.{loan}.{part}" for part in parts] for loan in loans]
    labels = [view.line(names[1]).label.rpartition(": ")[0] for names in lines]
    by_loan = [Row(label, [view.text(name) for name in names]) for label, names in zip(labels, lines, strict=True)]
    place = view.rows(*(name for names in lines for name in names))
    found.append(Table("Expected loss by loan", head, by_loan, place, f"{view.currency} m"))
    return found


Link = tuple[str, str, str]
"""Who fails, to whom that reaches, and in which words; the SPV is ""."""


def _links(view: View, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Link]:
    for key, party in known.items():
        for other in party["depends_on"]:
            name = f"counterparty.{key}.depends_on.{other}.passed_on"
            share = view.result.inputs[name]
            assert isinstance(share, float)
            yield other, key, f"{round(share * 100, 2):g}% passed on"
        if party["pays"]:
            yield key, "", "pays"


def _in_words(known: Mapping[str, Mapping[str, Any]], links: Sequence[Link]) -> list[Link]:
    return [(known[a]["label"], known[b]["label"] if b else _SPV, said) for a, b, said in links]


def _drawn(view: View, known: Mapping[str, Mapping[str, Any]], links: Sequence[Link]) -> Markup:
    """The chain from left to right: boxes of parties, arrows with what is passed on, the SPV at the end."""
    if not any(b for _, b, _ in links):
        return Markup("")
    ahead = {a: [b for one, b, _ in links if one == a] for a, _, _ in links}

    def steps(key: str) -> int:
        return 1 + max((steps(other) for other in ahead.get(key, [])), default=-1)

    keys = ["", *dict.fromkeys(key for a, b, _ in links for key in (a, b) if key)]
    depth = max(map(steps, keys))
    columns: dict[int, list[str]] = {}
    for key in keys:
        columns.setdefault(depth - steps(key), []).append(key)
    tallest = max(map(len, columns.values()))
    places = {
        key: (
            _EDGE + column * (_BOX + _GAP),
            _EDGE + (row + (tallest - len(inside)) / 2) * (_TALL + _BETWEEN),
        )
        for column, inside in columns.items()
        for row, key in enumerate(inside)
    }
    width = 2 * _EDGE + (depth + 1) * _BOX + depth * _GAP
    height = 2 * _EDGE + tallest * _TALL + (tallest - 1) * _BETWEEN
    parts = [_arrow(places[a], places[b], said) for a, b, said in links]
    parts += [_box(places[key], *_box_words(view, key, known)) for key in keys]
    start = (
        f'<svg role="img" aria-labelledby="chain-title" xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height:g}" viewBox="0 0 {width} {height:g}" font-family="Liberation Sans, Arial, Helvetica, '
        'sans-serif">'
    )
    head = (
        '<marker id="chain-head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
        '<path d="M0 0 L9 4 L0 8 z" fill="#5a6675"/></marker>'
    )
    title = Markup('<title id="chain-title">{}</title>').format("Whose failure reaches whom")
    return Markup(start) + title + Markup(f"<defs>{head}</defs>") + Markup("").join(parts) + Markup("</svg>")


def _box_words(view: View, key: str, known: Mapping[str, Mapping[str, Any]]) -> tuple[str, str, str]:
    """Name, role and probability of default of a box."""
    if not key:
        return _SPV, "borrower", ""
    survival = f"counterparty.{key}.survival"
    if not view.has(survival):
        return known[key]["label"], known[key]["role"], ""
    year = min(_YEARS_SHOWN, len(view.years.labels) - 1)
    gone = 1 - view.years.last(view.result.series(survival))[year]
    return known[key]["label"], known[key]["role"], f"defaults by {view.years.labels[year]}: {show(gone, 'share')}"


def _box(place: tuple[float, float], label: str, role: str, below: str) -> Markup:
    x, y = place
    text = Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="4" fill="#f4f6f9" stroke="#12395b"/>'
        '<text x="{}" y="{}" font-size="12.5" font-weight="600" fill="#12395b">{}</text>'
        '<text x="{}" y="{}" font-size="11.5" fill="#5a6675">{}</text>'
        '<text x="{}" y="{}" font-size="11.5" fill="#1c2430">{}</text>'
    )
    short = textwrap.shorten(label, 25, placeholder=" …") if " " in label[:25] else label[:25]
    lines = [(y + 20, short), (y + 36, role), (y + 53, below)]
    words = [part for at, said in lines for part in (f"{x + 9:g}", f"{at:g}", escape(said))]
    return text.format(f"{x:g}", f"{y:g}", _BOX, _TALL, *words)


def _arrow(start: tuple[float, float], end: tuple[float, float], said: str) -> Markup:
    x1, y1, x2, y2 = start[0] + _BOX, start[1] + _TALL / 2, end[0], end[1] + _TALL / 2
    text = Markup(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#5a6675" stroke-width="1.4" marker-end="url(#chain-head)"/>'
        '<text x="{}" y="{}" font-size="11" text-anchor="middle" fill="#1c2430" stroke="#fff" stroke-width="4" '
        'paint-order="stroke">{}</text>'
    )
    # Words stand in the gap behind the box that the arrow leaves, where arrows to one box are still apart.
    x = x1 + 0.45 * _GAP
    y = y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return text.format(f"{x1:g}", f"{y1:g}", f"{x2 - 1:g}", f"{y2:g}", f"{x:g}", f"{y - 5:g}", said)
