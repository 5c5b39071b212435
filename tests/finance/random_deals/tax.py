"""Income tax and the classes of property."""

from __future__ import annotations

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import SHARES, Dates, Terms, maybe, percent


def tax(draw: st.DrawFn, deal: Terms, dates: Dates) -> Terms:
    schedules = [
        "MACRS 5",
        "MACRS 7",
        "MACRS 15",
        "MACRS 20",
        "straight line 5",
        "straight line 9",
        "straight line 20",
        "straight line 39",
        "straight line 12 mid-month",
    ]
    tax: Terms = {
        "federal_rate": percent(draw, 0, 35),
        "state_rate": percent(draw, 0, 10),
        "losses": draw(st.sampled_from(["refunded", "carried forward"])),
        "rank": draw(st.sampled_from(["before debt service", "after debt service", "paid by owners"])),
        "convention": draw(st.sampled_from(["half-year", "mid-quarter", "40% test"])),
        "payment": draw(st.sampled_from(["as assessed", "quarterly", "in arrears", "following year"])),
    }
    if tax["payment"] in ("in arrears", "following year"):
        tax["payment_lag"] = f"{draw(st.integers(0, 12))} months"
    if maybe(draw):
        tax["interest_limit"] = {"share": percent(draw, 0, 50), "ati": draw(st.sampled_from(["EBITDA", "EBIT"]))}
    if maybe(draw):
        tax["credit"] = {"share": percent(draw, 0, 50), "eligible": percent(draw, 0, 100)}
        tax["credit"] |= {"use": draw(st.sampled_from(["carried forward", "refunded"]))}
    if not maybe(draw):
        return tax | {"depreciation": draw(st.sampled_from(schedules))} | _bonus(draw)
    tax["classes"] = _classes(draw, deal, dates, schedules)
    if "credit" in tax and draw(st.booleans()):
        tax["credit"]["classes"] = [draw(st.sampled_from(sorted(tax["classes"])))]
    return tax


def vat(draw: st.DrawFn, deal: Terms) -> Terms:
    """VAT on some of construction, costs and revenue, each with the lag it needs."""
    bears = ["on_capex", "on_revenue", *(["on_opex"] if "opex" in deal else [])]
    given = draw(st.sets(st.sampled_from(bears), min_size=1))
    vat: Terms = {"rate": percent(draw, 0, 25)} | {name: percent(draw, 0, 100) for name in sorted(given)}
    if given - {"on_revenue"}:
        vat["recovered_after"] = f"{draw(st.integers(0, 9))} months"
    if "on_revenue" in given:
        vat["settled_after"] = f"{draw(st.integers(0, 9))} months"
    return vat


def _bonus(draw: st.DrawFn) -> Terms:
    return {"bonus": percent(draw, 0, 100)} if maybe(draw) else {}


def _classes(draw: st.DrawFn, deal: Terms, dates: Dates, schedules: list[str]) -> Terms:
    """Two or three classes by share, or a class of the buildings and one of the uses that are depreciated."""
    uses = [name for name, use in deal["use"].items() if use["kind"] != "land"]
    if uses and draw(st.booleans()):
        parts: list[Terms] = [{"covers": list(deal["building"])}, {"covers": uses}]
    else:
        parts = [{"share": share} for share in draw(st.sampled_from(SHARES[1:3])).split()]
    for number, part in enumerate(parts):
        part |= {"label": f"Class {number}", "depreciation": draw(st.sampled_from(schedules))}
        if maybe(draw):
            days = [dates.complete, add_months(dates.complete, 14)]
            part |= {"depreciation": "custom", "shares": {str(day): "50%" for day in days}}
        elif part["depreciation"] != "straight line 39" and "mid-month" not in part["depreciation"] and maybe(draw):
            part["acquired"] = draw(st.sampled_from(["2025-01-19", "2025-01-20"]))
        else:
            part |= _bonus(draw)
    return {f"class_{number}": part for number, part in enumerate(parts)}
