"""The terms of a deal as input lines.

Every quantity of the deal file becomes one input line of the same dotted name. Dated points (a rate path, a draw
schedule) become one value per period here, because the periods are fixed when the model is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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
            *(serial(end) if isinstance(end, date) else end for end in deal.bounds(name)),
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
            return tuple(sum(v for day, v in value if _falls(day, start, end, starts[0])) for start, end in windows)
        # A period takes the rate of its first day; the periods before start the day after the last one ends.
        firsts = [starts[0], *(start + timedelta(days=1) for start in starts[1:])]
        return tuple(next(v for day, v in reversed(value) if day <= first) for first in firsts)
    return float(value)


def _falls(day: date, start: date, end: date, close: date) -> bool:
    """Whether a day belongs to the period that starts after ``start`` and ends with ``end``; close is in the first."""
    return start < day <= end or day == start == close


def declare_draw_days(terms: Terms, name: str) -> Ref:
    """Days from dated draws to the end of their period, weighted by amount: they accrue from their dates."""
    deal = terms.deal
    close = deal.inputs["time.close"].value
    assert isinstance(close, date)

    def days(quantity: Quantity) -> tuple[float, ...]:
        assert isinstance(quantity.value, tuple)
        found = []
        for start, end in zip([close, *deal.periods[:-1]], deal.periods, strict=True):
            here = [(amount, (end - day).days) for day, amount in quantity.value if _falls(day, start, end, close)]
            drawn = sum(amount for amount, _ in here)
            found.append(sum(amount * left for amount, left in here) / drawn if drawn else 0.0)
        return tuple(found)

    quantity = deal.inputs[name]
    cases = tuple((case.id, days(case.values[name])) for case in deal.cases.values() if name in case.values)
    given = Input(f"{name}_days", days(quantity), quantity.text, quantity.source, quantity.status, cases=cases)
    with terms.graph.place("Inputs", _heading(name, deal)):
        return terms.graph.input(given, f"{quantity.label}: days to the period end", "days")
