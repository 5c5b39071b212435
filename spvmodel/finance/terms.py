"""The terms of a deal as input lines.

Every quantity of the deal file becomes one input line of the same dotted name. Dated points (a rate path, a draw
schedule) become one value per period here, because the periods are fixed when the model is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from spvmodel.deal import Deal, Quantity
from spvmodel.lines import Graph, Input, Ref, serial


@dataclass(frozen=True, slots=True)
class Terms:
    """A deal and the graph its blocks declare lines in."""

    deal: Deal
    graph: Graph

    def __getitem__(self, name: str) -> Ref:
        """An input of the deal by its dotted name."""
        if name not in self.deal.inputs:
            raise KeyError(name)
        return Ref(name)

    def has(self, name: str) -> bool:
        """Whether the deal states this input (or the schema gives it a default)."""
        return name in self.deal.inputs


def declare_terms(deal: Deal, graph: Graph) -> Terms:
    """Declare every input of the deal, grouped as the deal file groups them."""
    close = deal.inputs["time.close"].value
    assert isinstance(close, date)
    starts = [close, *deal.periods[:-1]]
    for name, quantity in deal.inputs.items():
        cases = tuple(
            (case.id, _value(case.values[name], deal, starts)) for case in deal.cases.values() if name in case.values
        )
        given = Input(
            name,
            _value(quantity, deal, starts),
            quantity.text,
            quantity.source,
            quantity.status,
            quantity.note,
            quantity.as_of.isoformat() if quantity.as_of else "",
            cases,
        )
        with graph.place("Inputs", _heading(name, deal)):
            unit = "1/yr" if quantity.kind == "curve" else "money" if quantity.kind == "amounts" else quantity.unit
            graph.input(given, quantity.label, unit)
    with graph.place("Inputs", "Fixed when the model is built"):
        first_end = deal.periods[0]
        graph.input(
            Input("time.first_end", serial(first_end), first_end.isoformat(), status="fixed"),
            "End of the first period",
            "date",
        )
        graph.input(
            Input(
                "time.months_per_period",
                float(deal.months_per_period),
                str(deal.months_per_period),
                status="fixed",
            ),
            "Months per period",
            "months",
        )
    return Terms(deal, graph)


def _heading(name: str, deal: Deal) -> str:
    parts = name.split(".")
    section: object = getattr(deal.spec, parts[0])
    if isinstance(section, Mapping):
        return f"{parts[0].capitalize()}: {section[parts[1]].label}"
    return parts[0].capitalize()


def _value(quantity: Quantity, deal: Deal, starts: list[date]) -> float | tuple[float, ...]:
    """The number behind a quantity; for dated points a number per period."""
    value = quantity.value
    if isinstance(value, date):
        return serial(value)
    if isinstance(value, tuple):
        windows = list(zip(starts, deal.periods, strict=True))
        if quantity.kind == "amounts":
            # A draw on the first day of the timeline belongs to the first period, hence start <= day < end.
            return tuple(sum(v for day, v in value if start <= day < end) for start, end in windows)
        return tuple(next(v for day, v in reversed(value) if day <= start) for start, _ in windows)
    return float(value)
