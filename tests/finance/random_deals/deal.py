"""A whole deal file, and the model of it."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

from hypothesis import event, note, reject
from hypothesis import strategies as st
from hypothesis.control import currently_in_test_context

import spvmodel
from spvmodel.deal import Deal, DealError
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months
from spvmodel.lines import Model
from tests.finance.random_deals import (
    accounts,
    construction,
    contracts,
    counterparties,
    covenants,
    enforcement,
    events,
    exits,
    loans,
    rates,
    revenue,
    tax,
    waterfall,
)
from tests.finance.random_deals import cases as cases_of_a_deal
from tests.finance.random_deals.terms import ANY, Dates, Kind, Terms, maybe, percent


def written(deal: Terms) -> str:
    """The deal file."""
    return json.dumps(deal, indent=1, default=str)


def loaded(deal: Terms) -> Deal:
    """A random deal as loaded; one that a rule refuses is no example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.yaml"
        path.write_text(written(deal), encoding="utf-8")
        try:
            found = spvmodel.load(path)
        except DealError as error:
            if not currently_in_test_context():
                raise
            event(f"refused: {error.message.split(' (')[0][:60]}")
            reject()
    if currently_in_test_context():
        note(written(deal))
    return found


def model_of(deal: Terms) -> Model:
    """The model of a random deal."""
    return spvmodel.build(loaded(deal))


@st.composite
def deals(draw: st.DrawFn, kind: Kind = ANY) -> Terms:
    """A deal file as a mapping."""
    frequency = draw(st.sampled_from(["annual", "semi-annual", "quarterly"]))
    step = MONTHS_PER_PERIOD[frequency]
    close = dt.date(2025, draw(st.integers(1, 12)), draw(st.sampled_from([1, 15, 28])))
    complete = add_months(close, draw(st.integers(3, 30))) + dt.timedelta(days=draw(st.integers(0, 20)))
    years = draw(st.integers(5, 7 if frequency == "quarterly" else 10))
    dates = Dates(close, complete, add_months(complete, 12 * years), step)
    deal: Terms = {
        "deal": "random",
        "title": "Random",
        "description": "Random.",
        "currency": "USD",
        "as_of": "2025-01-01",
        "time": {"close": close, "frequency": frequency, "end": add_months(dates.end, 30)},
        "rates": {"index": "Test rate", "curve": rates.curve(draw, dates)},
        "construction": {"draw_timing": percent(draw, 0, 100), "overrun": percent(draw, 0, 5)},
        "covenants": {"lockup_dscr": draw(st.sampled_from(["0x", "1.10x", "1.30x"])), "default_dscr": "0x"},
    }
    if maybe(draw):
        months = draw(st.integers(1, 12 if frequency == "annual" else 2 * step))
        deal["time"]["first_end"] = add_months(close, months)
    if maybe(draw):
        deal["time"]["closing"] = "on its own"
    groups = ["north", "south", "west"][: draw(st.integers(1, 3 if kind.loans > 1 else 1))]
    deal |= {"building": {}, "use": {}, "funding": {}}
    costs = {group: construction.costs(draw, deal, group, dates, kind) for group in groups}
    whole = sum(costs.values())
    revenue.revenue(draw, deal, dates, whole)
    loans.loans(draw, deal, dates, costs, kind)
    construction.funding(draw, deal, kind)
    if kind.hedged:
        rates.hedges(draw, deal, dates)
    if kind.options:
        accounts.accounts(draw, deal, dates, whole)
        covenants.sweep(draw, deal, dates)
        covenants.covenants(draw, deal)
        rates.rates(draw, deal)
    if kind.taxed and maybe(draw):
        deal["tax"] = tax.tax(draw, deal, dates)
    if kind.options and maybe(draw):
        deal["vat"] = tax.vat(draw, deal)
    if kind.options and maybe(draw):
        deal["accounting"] = {"life": f"{draw(st.integers(1, 360))} months"}
    if "valuation" in deal or maybe(draw):
        deal["valuation"] = (
            {"cap_rate": percent(draw, 4, 12)} if draw(st.booleans()) else {"amount": f"{whole * 1.3:.2f}m"}
        )
    if kind.options and maybe(draw):
        enforcement.enforcement(draw, deal, dates, whole)
    if kind.refinanced and maybe(draw):
        deal["takeout"] = exits.takeout(draw, deal, dates)
    if kind.options and maybe(draw):
        exits.venture(draw, deal)
    if kind.options and maybe(draw):
        counterparties.counterparties(draw, deal, dates)
    if kind.options:
        covenants.triggers(draw, deal, dates)
    if kind.ordered or (kind.options and maybe(draw)):
        deal["waterfall"] = waterfall.waterfall(draw, deal, dates)
    if kind.options:
        events.events(draw, deal, dates, whole)
        contracts.contracts(draw, deal, dates, whole)
        counterparties.guarantors(draw, deal)
    deal["cases"] = cases_of_a_deal.cases(draw, deal)
    if "lease" in deal and maybe(draw):
        deal.setdefault("accounting", {})["straight_line_rent"] = "yes"
    return deal
