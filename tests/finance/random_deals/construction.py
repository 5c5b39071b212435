"""Buildings and other uses, and how they are funded."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import SHARES, Dates, Kind, Terms, maybe, percent


def costs(draw: st.DrawFn, deal: Terms, group: str, dates: Dates, kind: Kind) -> float:
    """A building and other uses of one funding (millions)."""
    budget = draw(st.integers(20, 300))
    building: Terms = {"label": f"Hall {group}", "capacity": "10 MW", "budget": f"{budget}m", "funded_by": group}
    building |= _spending(draw, dates, kind)
    deal["building"][f"hall_{group}"] = building
    if maybe(draw):
        amount = draw(st.integers(1, 10))
        use: Terms = {"label": f"Land {group}", "kind": "land", "amount": f"{amount}m", "funded_by": group}
        deal["use"][f"land_{group}"] = use | (_spending(draw, dates, kind) if draw(st.booleans()) else {})
        budget += amount
    if maybe(draw):
        use = {"label": f"Reserve {group}", "kind": "contingency", "share": percent(draw, 1, 10), "funded_by": group}
        if draw(st.booleans()):
            use["includes_itself"] = "yes"
        if draw(st.booleans()):
            use["share_of"] = [f"hall_{group}"]
        deal["use"][f"reserve_{group}"] = use | _spending(draw, dates, kind)
    deal["funding"][group] = {"label": f"Funding {group}"}
    return budget


def _spending(draw: st.DrawFn, dates: Dates, kind: Kind) -> Terms:
    profile = draw(st.sampled_from(["straight line", "s-curve", "table"]))
    # Spending is done when the loans are: nobody lends for what is paid after completion.
    last = dates.complete - dt.timedelta(days=1)
    if profile == "table":
        shares = draw(st.sampled_from(SHARES)).split()
        span = (last - dates.close).days
        days = sorted(draw(st.sets(st.integers(0, span), min_size=len(shares), max_size=len(shares))))
        table = {str(dates.close + dt.timedelta(days=day)): share for day, share in zip(days, shares, strict=True)}
        return {"profile": "table", "table": table}
    start = add_months(dates.close, -draw(st.sampled_from([0, 0, 2])))
    return {"profile": profile, "spending_start": start, "spending_end": last}


def funding(draw: st.DrawFn, deal: Terms, kind: Kind) -> None:
    if not kind.options:
        return
    for group, funding in deal["funding"].items():
        loans = [loan for loan in deal["debt"].values() if loan["funds"] == group]
        if not loans:
            continue
        funding["order"] = draw(st.sampled_from(["pro rata", "equity first", "debt first"]))
        funding["loans"] = draw(st.sampled_from(["together", "in turn"]))
        funding["revenue"] = draw(st.sampled_from(["kept", "used"]))
        if funding["order"] == "debt first" and maybe(draw):
            funding["equity_lc_fee"] = "1.25%"
        if maybe(draw):
            funding["financing_budget"] = "1m"
