"""Events of a random deal: what changes the rent of leases, and damages for delay."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from tests.finance.random_deals.leases import market_rent
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def events(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    """Up to two events that change the rent of all or of one, and damages for delay; the cases make them happen."""
    if maybe(draw):
        damages: Terms = {"payer": "Contractor", "monthly": f"{whole / 200:.4f}m", "agreed_completion": dates.complete}
        deal["construction"]["damages"] = damages | ({"cap": f"{whole / 50:.4f}m"} if draw(st.booleans()) else {})
    for name in ("one", "two")[: draw(st.sampled_from([0, 0, 1, 2]))]:
        day = dates.close + dt.timedelta(days=draw(st.integers(0, (dates.end - dates.close).days)))
        found: Terms = {"label": f"Event {name}", "on": day, "rent_share": percent(draw, 0, 100)}
        found["kind"] = draw(st.sampled_from(["tenant default", "abatement", "power shortfall"]))
        if maybe(draw):
            found["passed_on"] = percent(draw, 0, 100)
        if "lease" in deal and draw(st.booleans()):
            found["leases"] = [draw(st.sampled_from(sorted(deal["lease"])))]
        if draw(st.booleans()):
            found["downtime"] = f"{draw(st.integers(1, 30))} months"
            if "leases" in found and name == "one" and draw(st.booleans()):
                found["relet_rent"] = market_rent(draw, {"amount": f"{whole / 20:.4f}m"}, dates)
            else:
                found["relet_share"] = percent(draw, 0, 100)
            if "lease" in deal and maybe(draw):
                found["relet_cost"] = f"{whole * 2:.2f} USD/kW"
        elif draw(st.booleans()):
            found["until"] = day + dt.timedelta(days=draw(st.integers(0, 700)))
        deal.setdefault("event", {})[f"event_{name}"] = found
