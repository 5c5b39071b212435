"""The headline metrics of a result, with labels, units and the reason where one does not apply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from spvmodel.engine import Result

_ACRONYMS: Final = {"ltv": "LTV", "lgd": "LGD", "cfads": "CFADS", "dscr": "DSCR", "irr": "IRR", "icr": "ICR"}


@dataclass(frozen=True, slots=True)
class Metric:
    """One headline metric.

    ``value`` is in ``unit``, nan where the metric does not apply; ``name`` is the line behind it, empty when the
    model has none; ``note`` says how it is measured, or why it does not apply.
    """

    key: str
    label: str
    value: float
    unit: str
    name: str
    note: str


def headline(result: Result) -> list[Metric]:
    """Every metric of the interface in its order, those that do not apply included."""
    about, names = result.model.about, result.model.headline
    order, given = about.get("metrics"), about.get("not_applicable")
    reasons = given if isinstance(given, dict) else {}
    found = []
    for key in order if isinstance(order, list) else names:
        if key not in names:
            found.append(Metric(key, _words(key), math.nan, "", "", reasons.get(key, "")))
            continue
        line, value = result.model.lines[names[key]], result.headline[key]
        note = line.note if value == value else reasons.get(key, "it has no value in this case")
        found.append(Metric(key, line.label, value, line.unit, line.name, note))
    return found


def _words(key: str) -> str:
    """The name of a metric in words."""
    text = " ".join(_ACRONYMS.get(word, word) for word in key.split("_"))
    return text[:1].upper() + text[1:]
