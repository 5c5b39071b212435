"""Charts as inline SVG, drawn by Vega-Lite without a browser or a network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from spvmodel.report.format import show
from spvmodel.report.recovery import value_lines
from spvmodel.report.tables import by_period
from spvmodel.report.view import Table, View

# Blue, vermilion, green and grey of Okabe and Ito: told apart by colour-blind readers, and of different lightness.
BLUE, RED, GREEN, GREY, SKY = "#0072B2", "#D55E00", "#009E73", "#777777", "#8CC6E7"
ORANGE, PURPLE, YELLOW = "#E69F00", "#CC79A7", "#F0E442"
_FACILITIES: Final = (BLUE, SKY, GREEN, GREY, ORANGE, PURPLE, YELLOW, RED)
_WIDTH: Final = 860
# Vega measures text with the fonts it carries, whatever the machine has; the page may show another of equal width.
_FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
_CONFIG: Final[dict[str, Any]] = {
    "background": None,
    "font": _FONT,
    "aria": False,
    "view": {"stroke": None},
    "axis": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": "#e4e4e4",
             "domainColor": "#999", "tickColor": "#999", "labelColor": "#333", "titleColor": "#333"},
    "legend": {"orient": "top", "title": None, "labelFontSize": 12, "symbolStrokeWidth": 2.5, "labelLimit": 320,
               "columnPadding": 28},
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A chart, what it shows in words, and its numbers."""

    id: str
    title: str
    description: str
    svg: Markup
    data: Table
    place: str


def figures(view: View) -> dict[str, Figure]:
    """Every chart the model has lines for, by id."""
    drawn = [draw(view) for draw in (_funding, _debt, _service, _cover, _ltv, _recovery)]
    return {figure.id: figure for figure in drawn if figure is not None}


def _funding(view: View) -> Figure | None:
    names = ["funding.draws", "funding.equity"]
    if not view.has(*names):
        return None
    spec = _stack(view, names, [BLUE, SKY], f"{view.currency} m per period", live_only=True)
    text = "Debt draws and equity contributions in each period of construction, stacked to the uses they pay."
    if view.has("funding.bridge_repaid"):
        text += " Equity that repays an equity bridge stands in the period in which it does."
    return _figure(view, "funding", "Funding of the uses by period", text, spec, names)


def _debt(view: View) -> Figure | None:
    parts = [f"debt.{entry}.closing" for entry in view.entries("debt.{}.closing")]
    names = [name for name in parts if any(view.result.series(name))] or view.only(["debt.closing"])
    if not names:
        return None
    labels = [view.facility(name) or view.line(name).label for name in names]
    spec = _base(_values(view, names, labels)) | {
        "height": 260,
        "mark": {"type": "area", "interpolate": "step-before", "stroke": "white", "strokeWidth": 0.7},
        "encoding": {
            "x": _time(view),
            "y": {"field": "value", "type": "quantitative", "stack": "zero", "title": f"{view.currency} m"},
            "color": _colours(labels, _FACILITIES),
            "order": {"field": "rank", "type": "quantitative"},
        },
    }
    peak = max(sum(view.result.series(name)[t] for name in names) for t in range(view.model.periods))
    text = f"Debt outstanding at each period end by facility; the peak is {peak:,.1f} {view.currency} m."
    return _figure(view, "debt", "Debt outstanding", text, spec, names)


def _service(view: View) -> Figure | None:
    ranks = view.has("debt.service_junior")
    scheduled = view.as_left(["debt.interest_scheduled", "debt.amortisation"])
    bars = view.only(["debt.service", "debt.service_junior"] if ranks else scheduled)
    if not bars or not view.has("ratios.cfads"):
        return None
    cash = view.line("ratios.cfads").label
    shades = (BLUE, ORANGE) if ranks else (SKY, BLUE)
    spec = _stack(view, bars, shades, f"{view.currency} m per period")
    # One scale of colours for bars and line gives one legend.
    colours = _colours([*(view.line(name).label for name in bars), cash], [*shades[: len(bars)], RED])
    bar = {"mark": spec.pop("mark"), "encoding": spec.pop("encoding") | {"color": colours}}
    line = {
        "data": {"values": _values(view, ["ratios.cfads"], [cash])},
        "mark": {"type": "line", "interpolate": "step-before", "strokeWidth": 2},
        "encoding": {"x": _time(view), "y": {"field": "value", "type": "quantitative"}, "color": colours},
    }
    spec["layer"] = [bar, line]
    what = "debt service of the senior debt and of the ranks below it" if ranks else "interest and amortisation"
    text = f"Cash flow available for debt service (line) over scheduled {what}; balloons left out."
    return _figure(view, "service", "Cash flow and debt service", text, spec, ["ratios.cfads", *bars])


def _cover(view: View) -> Figure | None:
    names = view.only(["ratios.dscr", "ratios.dscr_historic", "ratios.dscr_forward", "ratios.dscr_total"])
    if not names:
        return None
    labels = [view.line(name).label for name in names]
    values = _values(view, names, labels)
    levels = {name: _tested(view, name) for name in view.only(["covenants.lockup_level", "covenants.default_level"])}
    # A level of 0 is none.
    levels = {name: level for name, level in levels.items() if any(row["value"] for row in level)}
    numbers = [row["value"] for row in values]
    marks = [row["value"] for level in levels.values() for row in level[:1]]
    # The cover of a loan that is almost repaid, or hardly drawn, would press the years that matter flat.
    top = min(max(numbers, default=1.0), 2 * max([min(numbers, default=1.0), *marks]))
    scale = {"domain": [round(min([*numbers, *marks], default=1.0) - 0.1, 2), round(top, 2)], "nice": False}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "strokeWidth": 2, "clip": True},
            "encoding": {
                "x": _time(view),
                "y": {"field": "value", "type": "quantitative", "title": "times", "scale": scale},
                "color": _colours(labels, [GREY, BLUE, GREEN, ORANGE]),
                "strokeDash": {
                    "field": "line",
                    "scale": {"domain": labels, "range": [[1, 0], [1, 0], [6, 3], [1, 0]][: len(labels)]},
                },
            },
        }
    ]  # fmt: skip
    words = []
    for (name, level), colour in zip(levels.items(), (RED, "#8B0000"), strict=False):
        layers += _level(level, view.line(name).label, colour, view)
        words.append(f"{view.line(name).label} {show(level[0]['value'], 'x')}")
    lowest = min((row for row in values if row["rank"] == 0), key=lambda row: row["value"], default=None)
    if lowest is not None:
        layers += _mark(lowest, view)
        words.append(f"the minimum of {show(lowest['value'], 'x')} falls on {lowest['end']}")
    if top < max(numbers, default=1.0):
        words.append(f"values above {show(top, 'x')} are cut off here and stand in the table")
    spec = _base(values) | {"height": 300, "layer": layers}
    text = f"Debt service cover by period. {'; '.join(words)}."
    return _figure(view, "cover", "Debt service cover", text, spec, [*names, *levels])


def _ltv(view: View) -> Figure | None:
    names = [name for name in value_lines(view) if name.startswith("ratios.ltv")]
    if not view.has("recovery.loss") or not any(view.numbers(name) for name in names):
        return None
    labels = [view.line(name).label for name in names]
    values = _values(view, names, labels)
    # What is almost repaid, or a value that falls to nothing, would press the years that matter flat.
    top = min(max(row["value"] for row in values), 2.0)
    scale = {"domain": [0, round(top, 2)], "nice": True}
    axis = {"field": "value", "type": "quantitative", "title": "share of the value", "scale": scale}
    spec = _base(values) | {
        "height": 240,
        "mark": {"type": "line", "strokeWidth": 2, "clip": True},
        "encoding": {"x": _time(view), "y": axis | {"axis": {"format": "%"}}, "color": _colours(labels, _FACILITIES)},
    }
    text = "Closing debt over the value of the collateral by each method; above 100% the value does not cover the debt."
    if max(row["value"] for row in values) > top:
        text += " Values above 200% are cut off here and stand in the table."
    return _figure(view, "ltv", "Loan to value", text, spec, names)


def _recovery(view: View) -> Figure | None:
    names = ["recovery.recovered", "recovery.loss"]
    if not view.has(*names) or not any(view.numbers("recovery.claim")):
        return None
    spec = _stack(view, names, [BLUE, RED], f"{view.currency} m")
    worst = max(view.numbers("recovery.loss"))
    day = view.ends[view.result.series("recovery.loss").index(worst)]
    text = "What lenders recover and lose if the tenant's default is declared at each period end. "
    text += f"The largest loss is {worst:,.1f} {view.currency} m, {day}." if worst else "They lose nothing at any date."
    return _figure(view, "recovery", "Recovery and loss by date of default", text, spec, names)


def _level(values: list[dict[str, Any]], label: str, colour: str, view: View) -> list[dict[str, Any]]:
    """A dashed line at a level of the covenant, with its name at the right end."""
    x, y = _time(view), {"field": "value", "type": "quantitative"}
    name = {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": colour, "fontSize": 11}
    return [
        {
            "data": {"values": values},
            "mark": {"type": "line", "color": colour, "strokeDash": [3, 3], "strokeWidth": 1.5},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": values[-1:]},
            "mark": name | {"text": f"{label} {show(values[0]['value'], 'x')}"},
            "encoding": {"x": x, "y": y},
        },
    ]


def _mark(lowest: dict[str, Any], view: View) -> list[dict[str, Any]]:
    """A point and a word at the minimum."""
    encoding = {"x": _time(view), "y": {"field": "value", "type": "quantitative"}}
    words = f"minimum {show(lowest['value'], 'x')}, {lowest['end']}"
    # Towards an end of the axis the words stand on the inner side of the point.
    place = view.ends.index(lowest["end"]) / len(view.ends)
    align = "left" if place < 0.2 else "right" if place > 0.8 else "center"
    text = {"type": "text", "align": align, "baseline": "top", "dy": 9, "color": "#111", "fontSize": 12, "text": words}
    point = {"type": "point", "color": "#111", "size": 70, "filled": True}
    data = {"values": [lowest]}
    return [{"data": data, "mark": point, "encoding": encoding}, {"data": data, "mark": text, "encoding": encoding}]


def _stack(
    view: View, names: Sequence[str], colours: Sequence[str], title: str, live_only: bool = False
) -> dict[str, Any]:
    """Bars of several flows, one on the other."""
    labels = [view.line(name).label for name in names]
    values = _values(view, names, labels)
    if live_only:
        live = {row["end"] for row in values if row["value"]}
        values = [row for row in values if row["end"] in live]
    wide = max(3.0, 0.62 * _WIDTH / max(1, len({row["end"] for row in values})))
    spec = _base(values) | {
        "height": 220,
        "mark": {"type": "bar", "width": min(wide, 46.0)},
        "encoding": {
            "x": _time(view),
            "y": {"field": "value", "type": "quantitative", "stack": "zero", "title": title},
            "color": _colours(labels, colours),
            "order": {"field": "rank", "type": "quantitative"},
        },
    }
    if live_only:
        # A handful of periods: each is named, instead of an axis of years.
        axis = {"labelAngle": 0, "labelOverlap": "parity"}
        spec["encoding"]["x"] = {"field": "end", "type": "ordinal", "title": None, "axis": axis}
        spec["mark"] = {"type": "bar"}
    return spec


def _base(values: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "data": {"values": values},
        "config": _CONFIG,
    }


def _time(view: View) -> dict[str, Any]:
    """The axis of years: in UTC, so that a date is the same day on every machine."""
    step = 1 if len(view.years.labels) <= 20 else 5
    return {
        "field": "end",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "scale": {"type": "utc"},
        "title": None,
        "axis": {"format": "%Y", "tickCount": {"interval": "year", "step": step}, "grid": False},
    }


def _colours(labels: Sequence[str], colours: Sequence[str]) -> dict[str, Any]:
    shades = [colours[k % len(colours)] for k in range(len(labels))]
    return {"field": "line", "type": "nominal", "scale": {"domain": list(labels), "range": shades}}


def _values(view: View, names: Sequence[str], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of data; N/A is left out."""
    return [
        {"end": end, "line": label, "rank": rank, "value": round(value, 9)}
        for rank, (name, label) in enumerate(zip(names, labels, strict=True))
        for end, value in zip(view.ends, view.result.series(name), strict=True)
        if not math.isnan(value)
    ]


def _tested(view: View, name: str) -> list[dict[str, Any]]:
    """A level that applies while cover is tested: from the first period with a DSCR to the last."""
    covered = [t for t, value in enumerate(view.result.series("ratios.dscr")) if not math.isnan(value)]
    values = view.result.values[name]
    row = [values] * view.model.periods if isinstance(values, float) else values[1:]
    span = range(covered[0], covered[-1] + 1) if covered else range(view.model.periods)
    return [{"end": view.ends[t], "value": round(row[t], 9)} for t in span]


def _figure(view: View, id_: str, title: str, description: str, spec: dict[str, Any], names: Sequence[str]) -> Figure:
    import vl_convert

    svg = vl_convert.vegalite_to_svg(spec)
    data = by_period(view, f"{title}: numbers", names, by_facility=id_ == "debt")
    assert data is not None
    return Figure(id_, title, description, _described(svg, id_, title, description), data, view.rows(*names))


def _described(svg: str, id_: str, title: str, description: str) -> Markup:
    """An SVG with its title and description, for readers who hear it."""
    # Vega numbers its clips through the life of a process: here they are numbered within the figure.
    numbers = {name: f"{id_}-clip-{k}" for k, name in enumerate(dict.fromkeys(re.findall(r'id="(clip\d+)"', svg)))}
    svg = re.sub(r"\bclip\d+\b", lambda found: numbers.get(found[0], found[0]), svg)
    start, _, rest = svg.partition(">")
    start = start.replace("<svg ", f'<svg role="img" aria-labelledby="{id_}-title {id_}-desc" ', 1)
    titles = f'<title id="{id_}-title">{escape(title)}</title><desc id="{id_}-desc">{escape(description)}</desc>'
    # Vega escapes every text it draws; the two texts above are escaped here.
    return Markup(f"{start}>{titles}{rest}")
