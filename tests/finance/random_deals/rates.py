"""The index, what is added to it, and hedges."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def curve(draw: st.DrawFn, dates: Dates) -> Terms:
    points = {dt.date(2024, 12, 31): percent(draw, 0, 8)}
    for year in sorted(draw(st.sets(st.integers(2026, 2034), max_size=3))):
        points[dt.date(year, 1, 1)] = percent(draw, 0, 8)
    return {str(day): rate for day, rate in points.items()}


def rates(draw: st.DrawFn, deal: Terms) -> None:
    if maybe(draw):
        deal["rates"]["fixing"] = "compounded in arrears"
        deal["rates"]["lookback"] = str(draw(st.sampled_from([0, 5])))
        first, *_ = deal["rates"]["curve"]
        deal["rates"]["curve"] = {"2024-12-01": deal["rates"]["curve"].pop(first)} | deal["rates"]["curve"]
    if maybe(draw):
        deal["rates"]["spread_adjustment"] = percent(draw, 0, 0.5)
    for loan in deal["debt"].values():
        if maybe(draw):
            loan["default_margin"] = percent(draw, 0, 4)


def hedges(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
    for name, loan in deal["debt"].items():
        if "margin" not in loan or not maybe(draw):
            continue
        hedge: Terms = {"label": f"Hedge of {name}", "loan": name, "rate": percent(draw, 1, 5)}
        if draw(st.booleans()):
            hedge |= {"kind": "swap", "credit_margin": percent(draw, 0, 0.25)}
        else:
            hedge |= {"kind": "cap", "premium": "0.5m"}
        if draw(st.booleans()):
            hedge["share"] = percent(draw, 10, 100)
        else:
            # Before the loan is drawn a notional of its own would pay for uses that there are not.
            hedge["schedule"] = {str(add_months(dates.complete, dates.step)): "15m"}
            hedge["end"] = add_months(loan["maturity"], draw(st.sampled_from([0, 6])))
        if maybe(draw):
            hedge["start"] = add_months(dates.close, 2)
        deal.setdefault("hedge", {})[f"hedge_{name}"] = hedge
