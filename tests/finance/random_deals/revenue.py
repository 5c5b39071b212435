"""Leases, incomes and operating costs."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from tests.finance.random_deals.leases import terms_of_lease
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent

CLASSES = ["triple net", "double net", "modified gross", "base year", "gross"]


def revenue(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    """Leases and incomes that together earn 8 to 25% of the cost a year."""
    yearly = whole * draw(st.integers(8, 25)) / 100
    leased = draw(st.sampled_from([1.0, 0.5, 0.0]))
    until = dates.end - dt.timedelta(days=1)
    if leased:
        halls = list(deal["building"])
        for hall in halls:
            rent = yearly * leased / len(halls) / (10_000 * 12) * 1e6
            lease: Terms = {
                "label": f"Lease of {hall}",
                "building": hall,
                "tenant": "Tenant",
                "rent": f"{rent:.4f} USD/kW-month",
                "commencement": dates.complete,
                "escalation": percent(draw, 0, 3),
                "free_rent": f"{draw(st.sampled_from([0, 0, 0, 2]))} months",
            }
            terms_of_lease(draw, deal, lease, deal["building"][hall], dates)
            length = {"expiry": until} if draw(st.booleans()) else {"term": f"{_months(dates)} months"}
            deal.setdefault("lease", {})[hall] = lease | length
    if leased < 1:
        amounts = [0.7, 0.3] if draw(st.booleans()) else [1.0]
        for number, share in enumerate(amounts):
            income: Terms = {
                "label": f"Income {number}",
                "payer": "Payer",
                "amount": f"{yearly * (1 - leased) * share:.4f}m",
                "commencement": dates.complete,
                "expiry": until,
                "revenue": "merchant" if number else "contracted",
            }
            if draw(st.booleans()):
                income |= {"escalation": percent(draw, -1, 3), "degradation": percent(draw, 0, 1)}
            deal.setdefault("income", {})[f"income_{number}"] = income
    if maybe(draw):
        salvage = {"label": "Salvage", "payer": "Market", "amounts": {str(until): f"{whole / 20:.4f}m"}}
        deal.setdefault("income", {})["salvage"] = salvage
    if maybe(draw):
        cost: Terms = {"label": "Upkeep", "amount": f"{yearly / 20:.4f}m", "escalation": percent(draw, 0, 3)}
        cost["escalates"] = draw(st.sampled_from(["each January", "each year of operation"]))
        if maybe(draw):
            cost["payment"] = {
                "lag": f"{draw(st.integers(0, 7))} months",
                "lag_days": f"{draw(st.integers(0, 100))} days",
            }
        deal["opex"] = {"upkeep": cost | ({"share_of_revenue": "2%"} if draw(st.booleans()) else {})}
        _recoveries(draw, deal, yearly)


def _recoveries(draw: st.DrawFn, deal: Terms, yearly: float) -> None:
    """A cap, an abatement, and what tenants pay back of the upkeep, each lease by its class."""
    upkeep = deal["opex"]["upkeep"]
    if "share_of_revenue" in upkeep and maybe(draw):
        upkeep["cap"] = f"{yearly / 60:.4f}m"
    if maybe(draw):
        upkeep["abatement"] = {str(deal["time"]["close"]): percent(draw, 0, 100), "2031-05-16": "100%"}
    if "lease" not in deal or not maybe(draw):
        return
    if draw(st.booleans()):
        deal["opex"]["power"] = {"label": "Power", "amount": f"{yearly / 10:.4f}m", "passed_through": "90%"}
    upkeep["recoverable"] = percent(draw, 0, 100)
    upkeep["structural"] = draw(st.sampled_from(["yes", "no"]))
    classes = [draw(st.sampled_from(CLASSES)) for _ in deal["lease"]]
    if "modified gross" in classes:
        upkeep["expense_stop"] = f"{yearly / 25:.4f}m"
    for lease, recoveries in zip(deal["lease"].values(), classes, strict=True):
        lease["recoveries"] = recoveries
        if _pays(deal, recoveries):
            lease["proportionate_share"] = f"{draw(st.integers(0, 100)) / len(classes):.4f}%"
        if recoveries == "base year" and draw(st.booleans()):
            lease["base_year"] = lease["commencement"] + dt.timedelta(draw(st.integers(0, 500)))


def _pays(deal: Terms, recoveries: str) -> bool:
    structural = deal["opex"]["upkeep"]["structural"] == "yes"
    return "power" in deal["opex"] or not (recoveries == "gross" or (recoveries == "double net" and structural))


def _months(dates: Dates) -> int:
    return (dates.end.year - dates.complete.year) * 12 + dates.end.month - dates.complete.month
