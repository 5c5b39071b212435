"""The terms of a deal as input lines.

Every quantity of the deal file becomes one input line of the same dotted name. Dated points (a rate path, a draw
schedule) become one value per period here, because the periods are fixed when the model is built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from spvmodel.deal import Deal, Quantity
from spvmodel.deal.calendars import adjust
from spvmodel.deal.overnight import compounded
from spvmodel.deal.quantity import KINDS
from spvmodel.deal.timeline import is_month_end, period_eves
from spvmodel.lines import Expr, Graph, Input, Number, Ref, serial, where

A_DAY = timedelta(days=1)


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

    @property
    def closing_apart(self) -> bool:
        """Whether the closing date is a period of its own, of no days, before the first."""
        return self.deal.spec.time.closing == "on its own"

    @property
    def first_end(self) -> date:
        """End of the first period that has days: the anchor of every later end."""
        return self.deal.periods[1 if self.closing_apart else 0]

    @property
    def ends_months(self) -> bool:
        """Whether every period ends with a month."""
        return is_month_end(self.first_end)

    @property
    def in_calendar_years(self) -> bool:
        """Whether no period reaches from one calendar year into the next."""
        return all(eve.year == end.year or eve == date(end.year - 1, 12, 31) for eve, end in self.windows())

    @property
    def in_arrears(self) -> bool:
        """Whether the base rate of a period is compounded from the overnight rates of its days."""
        rates = self.deal.spec.rates
        return rates is not None and rates.fixing == "compounded in arrears"

    def windows(self) -> list[tuple[date, date]]:
        """Eve and end of every period: a day falls in the period after whose eve, up to whose end, it comes."""
        close = self.deal.inputs["time.close"].value
        assert isinstance(close, date)
        return list(zip(period_eves(close, self.deal.periods), self.deal.periods, strict=True))

    @property
    def million(self) -> Number:
        """Single units of the currency in one of money: prices are in the former, amounts in millions."""
        return Number(1_000_000, f"{self.deal.currency}/money")

    def loans_of(self, group: str) -> list[str]:
        """The loans that fund the uses of one entry of ``funding``, in the order of the deal file."""
        return [name for name, loan in self.deal.spec.debt.items() if loan.funds == group]

    def hedges_of(self, loan: str) -> list[str]:
        """The hedges of a loan, in the order of the deal file."""
        return [name for name, hedge in self.deal.spec.hedge.items() if hedge.loan == loan]

    def triggers_with(self, effect: str) -> list[str]:
        """The triggers with an effect that is an input (``margin``), in the order of the deal file."""
        return [name for name in self.deal.spec.trigger if self.has(f"trigger.{name}.{effect}")]

    def has(self, name: str) -> bool:
        """Whether the deal states this input (or the schema gives it a default)."""
        return name in self.deal.inputs


def declare_terms(deal: Deal, graph: Graph) -> Terms:
    """Declare every input of the deal, grouped as the deal file groups them."""
    terms = Terms(deal, graph)
    windows = terms.windows()
    for name, quantity in deal.inputs.items():
        arrears = name == "rates.curve" and terms.in_arrears
        value = partial(_compounded, terms) if arrears else partial(_value, windows=windows)
        cases = tuple((case.id, value(case.values[name])) for case in deal.cases.values() if name in case.values)
        given = Input(
            name,
            value(quantity),
            quantity.text,
            quantity.source,
            quantity.status,
            quantity.note,
            quantity.as_of.isoformat() if quantity.as_of else "",
            cases,
            *(serial(end) if isinstance(end, date) else end for end in deal.bounds(name)),
        )
        with graph.place("Inputs", _heading(name, deal)):
            graph.input(given, quantity.label + (", compounded in arrears" if arrears else ""), quantity.unit)
    with graph.place("Inputs", "Fixed when the model is built"):
        graph.input(
            Input("time.first_end", serial(terms.first_end), terms.first_end.isoformat(), status="fixed"),
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
    return terms


def _heading(name: str, deal: Deal) -> str:
    parts = name.split(".")
    section: object = getattr(deal.spec, parts[0])
    if isinstance(section, Mapping):
        return f"{parts[0].capitalize()}: {section[parts[1]].label}"
    return parts[0].capitalize()


def _value(quantity: Quantity, windows: list[tuple[date, date]]) -> float | tuple[float, ...]:
    """The number behind a quantity; for dated points a number per period."""
    value = quantity.value
    if isinstance(value, date):
        return serial(value)
    if isinstance(value, tuple):
        if quantity.kind in ("amounts", "shares"):
            return tuple(sum(v for day, v in value if eve < day <= end) for eve, end in windows)
        if quantity.kind == "balances":
            # Before the first date no target holds: the largest amount a deal file can state.
            none = KINDS["balances"].high
            return tuple(next((v for day, v in reversed(value) if day <= end), none) for _, end in windows)
        # A period takes the rate of its first day.
        # Before the first date no level stands; other dated values are used there only with :func:`stepped`.
        before = 0.0 if quantity.kind == "levels" else value[0][1]
        return tuple(next((v for day, v in reversed(value) if day <= eve + A_DAY), before) for eve, _ in windows)
    return float(value)


def _compounded(terms: Terms, quantity: Quantity) -> tuple[float, ...]:
    """The overnight rates of a path compounded over the days of every period (1/yr, ACT/360); see ``overnight``."""
    rates, close = terms.deal.spec.rates, terms.deal.inputs["time.close"].value
    assert rates is not None and isinstance(close, date) and isinstance(quantity.value, tuple)
    path, lookback = quantity.value, rates.lookback
    # The first period begins on financial close, of which its eve is the day before.
    return tuple(compounded(path, max(eve, close), end, lookback) for eve, end in terms.windows())


def margin_triggers(terms: Terms, loan: str) -> list[str]:
    """The triggers that step the margin of a loan: those that name it, or name none where it is senior."""
    spec = terms.deal.spec
    senior = spec.debt[loan].rank == "senior"
    found = terms.triggers_with("margin")
    return [name for name in found if loan in spec.trigger[name].loans or (senior and not spec.trigger[name].loans)]


def stepped(terms: Terms, name: str, before: Ref) -> Expr:
    """Dated values that hold from their dates, in the unit of the input; ``before`` holds before the first date.

    A period takes the value of its first day.
    """

    def holds(quantity: Quantity) -> tuple[float, ...]:
        assert isinstance(quantity.value, tuple)
        since = quantity.value[0][0]
        return tuple(float(since <= eve + A_DAY) for eve, _ in terms.windows())

    flag = _derive(terms, name, "holds", "a dated value holds", "flag", holds)
    return where(flag, terms[name], before)


def declare_draw_days(terms: Terms, name: str) -> Ref:
    """Days from dated draws to the end of their period, weighted by amount: they accrue from their dates."""

    def days(quantity: Quantity) -> tuple[float, ...]:
        assert isinstance(quantity.value, tuple)
        found = []
        for eve, end in terms.windows():
            here = [(amount, (end - day).days) for day, amount in quantity.value if eve < day <= end]
            drawn = sum(amount for amount, _ in here)
            found.append(sum(amount * left for amount, left in here) / drawn if drawn else 0.0)
        return tuple(found)

    return _derive(terms, name, "days", "days to the period end", "days", days)


def _derive(
    terms: Terms, name: str, suffix: str, label: str, unit: str, values: Callable[[Quantity], tuple[float, ...]]
) -> Ref:
    """An input per period that follows from dated points, and from those of each case that gives others."""
    deal, quantity = terms.deal, terms.deal.inputs[name]
    cases = tuple((case.id, values(case.values[name])) for case in deal.cases.values() if name in case.values)
    given = Input(f"{name}_{suffix}", values(quantity), quantity.text, quantity.source, quantity.status, cases=cases)
    with terms.graph.place("Inputs", _heading(name, deal)):
        return terms.graph.input(given, f"{quantity.label}: {label}", unit)


def declare_payment_days(terms: Terms, loan: str) -> Ref:
    """Days from each period end to the business day on which a loan is paid, fixed when the model is built.

    Negative where payment comes first. The closing date, where it is a period of its own, does not move.
    """
    spec = terms.deal.spec.debt[loan]
    assert spec.payment_days is not None
    rule, calendar = spec.payment_days.rule, spec.payment_days.calendar
    days = [(adjust(end, rule, calendar) - end).days for end in terms.deal.periods]
    if terms.closing_apart:
        days[0] = 0
    given = Input(f"debt.{loan}.payment_moved", tuple(map(float, days)), f"{rule}, {calendar}", status="fixed")
    with terms.graph.place("Inputs", "Fixed when the model is built"):
        return terms.graph.input(given, f"Days from the period end to the payment day, {spec.label}", "days")


def declare_share_at_close(terms: Terms, name: str, group: str) -> Ref:
    """The share of a table of spending that is dated on or before the close of its funding, and so is paid then."""
    deal, loans = terms.deal, terms.loans_of(group)
    closes = [f"debt.{loan}.close" for loan in loans] or ["time.close"]

    def share(case: str) -> float:
        values = deal.values(case)
        table = values[name].value
        close = min(day for day in (values[close].value for close in closes) if isinstance(day, date))
        assert isinstance(table, tuple)
        return math.fsum(part for day, part in table if day <= close)

    quantity = deal.inputs[name]
    cases = tuple((case, share(case)) for case in deal.cases if share(case) != share("base"))
    about = (quantity.text, quantity.source, quantity.status)
    given = Input(f"{name}_at_close", share("base"), *about, cases=cases, low=0.0, high=1.0)
    with terms.graph.place("Inputs", _heading(name, deal)):
        return terms.graph.input(given, f"{quantity.label}: on or before the close", "share")
