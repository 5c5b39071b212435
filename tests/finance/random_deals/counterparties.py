"""Counterparties of random deals: some with credit of their own, some that depend on those named before them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.finance.random_deals.terms import Dates, Terms

ROLES = ("tenant", "guarantor", "end user", "contractor")


def counterparties(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
    """Up to four parties, at risk from before close, close or completion."""
    days = ["2024-06-30", str(dates.close), str(dates.complete)]
    found: Terms = {}
    paid = [*deal.get("lease", {}), *deal.get("income", {})]
    for number in range(draw(st.integers(1, len(ROLES)))):
        party: Terms = {"label": f"Party {number}", "role": draw(st.sampled_from(ROLES))}
        party |= _credit(draw)
        if len(party) > 2 and draw(st.booleans()):
            party["from"] = draw(st.sampled_from(days))
        others = [
            key for key, other in found.items() if set(other) & {"cds", "default_rate", "default_rates", "depends_on"}
        ]
        if others and draw(st.booleans()):
            chosen = draw(st.lists(st.sampled_from(others), unique=True, min_size=1))
            party["depends_on"] = {key: {"passed_on": f"{draw(st.integers(0, 100))}%"} for key in chosen}
        if paid and draw(st.booleans()):
            party["pays"] = [paid.pop(0)]
        found[f"party_{number}"] = party
    deal["counterparty"] = found


def guarantors(draw: st.DrawFn, deal: Terms) -> None:
    """A support is paid by the last counterparty, which an event makes fail, or one on which it depends."""
    support, events = deal.get("enforcement", {}).get("support"), deal.get("event")
    if not (support and events and "counterparty" in deal):
        return
    names = list(deal["counterparty"])
    guaranteed = support[draw(st.sampled_from(sorted(support)))]
    guaranteed["guarantor"] = names[-1]
    if draw(st.booleans()):
        guaranteed["collected_failed"] = f"{draw(st.integers(0, 100))}%"
    struck = [names[-1], *deal["counterparty"][names[-1]].get("depends_on", {})]
    events["event_one"]["fails"] = [draw(st.sampled_from(struck))]


def _credit(draw: st.DrawFn) -> Terms:
    match draw(st.sampled_from(["none", "cds", "rate", "table"])):
        case "cds":
            return {"cds": f"{draw(st.integers(0, 3000))} bp", "recovery": f"{draw(st.integers(0, 90))}%"}
        case "rate":
            return {"default_rate": f"{draw(st.integers(0, 99))}%"}
        case "table":
            rates = sorted(draw(st.lists(st.integers(0, 99), min_size=3, max_size=3)))
            years = sorted(draw(st.sets(st.sampled_from([2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20]), min_size=2, max_size=2)))
            return {
                "default_rates": {f"year_{year}": f"{rate}%" for year, rate in zip([1, *years], rates, strict=True)}
            }
        case _:
            return {}
