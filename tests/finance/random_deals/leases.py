"""Terms of a lease beside its rent, its dates and its escalation."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import SHARES, Dates, Terms, maybe, percent

RENTS = {"rent": " USD/kW-month", "rent_per_mw": "m USD/MW-year", "rent_per_area": " USD/sf-year", "amount": "m"}
"""The bases of a rent, and what is written behind its number."""


def terms_of_lease(draw: st.DrawFn, deal: Terms, lease: Terms, building: Terms, dates: Dates) -> None:
    """Another basis for the same yearly rent of 10 MW; deliveries, abatement, payment."""
    yearly = float(lease["rent"].split()[0]) * 12 * 10_000 / 1e6
    match draw(st.sampled_from(["rent", "rent", "share", "rent_per_mw", "rent_per_area", "amount"])):
        case "share":
            lease |= {"rent": f"{yearly / 0.12 / 0.8:.4f} USD/kW-month", "share": "80%"}
        case "rent_per_mw":
            lease["rent_per_mw"] = f"{yearly / 10:.6f}m USD/MW-year"
            del lease["rent"]
        case "rent_per_area":
            lease["rent_per_area"] = f"{yearly * 1e6 / 200_000:.4f} USD/sf-year"
            building["area"] = "200,000 sf"
            del lease["rent"]
        case "amount":
            lease["amount"] = f"{yearly:.4f}m"
            del lease["rent"]
    if maybe(draw):
        shares = draw(st.sampled_from(SHARES)).split()
        days = sorted(draw(st.sets(st.integers(0, 400), min_size=len(shares), max_size=len(shares))))
        lease["delivery"] = {
            f"part_{number}": {"label": f"Part {number}", "date": dates.complete + dt.timedelta(day), "share": share}
            for number, (day, share) in enumerate(zip(days, shares, strict=True))
        }
    if maybe(draw):
        lease["abatement"] = {"months": f"{draw(st.integers(0, 8))} months", "share": percent(draw, 0, 100)}
    _escalation(draw, deal, lease, dates)
    if maybe(draw):
        day = add_months(dates.complete, draw(st.integers(20, 50)))
        exercised = draw(st.sampled_from(["yes", "no"]))
        lease["termination"] = {"date": day, "fee": f"{yearly / 2:.4f}m", "exercised": exercised}
    if maybe(draw):
        lease["renewals"] = {
            f"option_{number}": {
                "label": f"Option {number}",
                "term": f"{draw(st.integers(1, 9))} months",
                "probability": draw(st.sampled_from(["0%", "100%", percent(draw, 1, 99)])),
                "rent_multiple": f"{draw(st.integers(80, 120)) / 100}x",
            }
            for number in range(1, draw(st.integers(1, 2)) + 1)
        }
        if "rent_per_area" not in lease and draw(st.booleans()):
            lease["renewals"]["option_1"]["cost"] = "20 USD/kW"
        if draw(st.booleans()):
            option = lease["renewals"][draw(st.sampled_from(sorted(lease["renewals"])))]
            del option["rent_multiple"]
            option["market_rent"] = market_rent(draw, {"amount": f"{yearly:.4f}m"}, dates)
    if maybe(draw):
        day = add_months(dates.complete, draw(st.integers(2, 20)))
        lease["letting"] = {"works": {"label": "Works", "amount": f"{yearly / 50:.4f}m", "date": day}}
        if "rent_per_area" not in lease and draw(st.booleans()):
            lease["letting"]["agent"] = {"label": "Agent", "cost": "10 USD/kW"}
    if maybe(draw):
        lease["payment"] = {
            "timing": draw(st.sampled_from(["in advance", "in arrears"])),
            "every": f"{draw(st.sampled_from([1, 3, 12]))} months",
            "lag": f"{draw(st.integers(0, 4))} months",
            "lag_days": f"{draw(st.integers(0, 40))} days",
        }


def _escalation(draw: st.DrawFn, deal: Terms, lease: Terms, dates: Dates) -> None:
    """At times each January, by dated steps or with a price index."""
    match draw(st.sampled_from(["yearly", "yearly", "january", "steps", "index"])):
        case "january":
            lease["escalates"] = "each January"
        case "steps":
            del lease["escalation"]
            years = sorted(draw(st.sets(st.integers(1, 4), min_size=1, max_size=3)))
            lease["steps"] = {
                f"step_{year}": {
                    "label": f"Step {year}",
                    "date": add_months(dates.complete, 12 * year) + dt.timedelta(draw(st.integers(0, 20))),
                    "rise": percent(draw, 0, 10),
                }
                for year in years
            }
        case "index":
            del lease["escalation"]
            deal.setdefault("index", {}).setdefault("prices", {"label": "Prices", **_prices(draw)})
            lease["indexation"] = {"index": "prices", "lag": f"{draw(st.integers(0, 14))} months"}
            if draw(st.booleans()):
                lease["indexation"] |= {"floor": "0%", "cap": "3%"}


def _prices(draw: st.DrawFn) -> Terms:
    """An index by its rates, or by levels twice a year for all that a lease could read."""
    if draw(st.booleans()):
        return {"rates": {"2024-12-31": percent(draw, 0, 6), "2028-02-10": percent(draw, -3, 6)}}
    levels: Terms = {}
    level = 250.0
    for number in range(44):
        day = add_months(dt.date(2022, 3, 1), 6 * number)
        levels[f"level_{number}"] = {"label": f"{day:%B %Y}", "date": day, "level": f"{level:.2f}"}
        level *= draw(st.sampled_from([0.99, 1.01, 1.03]))
    return {"levels": levels}


def market_rent(draw: st.DrawFn, stated: Terms, dates: Dates) -> Terms:
    """A market rent that grows, and then rises."""
    since = {"from": dates.complete} if draw(st.booleans()) else {}
    return stated | since | {"growth": percent(draw, -2, 4), "escalation": percent(draw, 0, 4)}


def less_rent(lease: Terms, cut: float) -> tuple[str, str]:
    """The key of the lease's base rent, and a share of it."""
    basis = next(name for name in RENTS if name in lease)
    return basis, f"{float(lease[basis].split()[0].rstrip('m')) * cut:.4f}{RENTS[basis]}"
