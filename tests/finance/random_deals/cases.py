"""Cases of a random deal."""

from __future__ import annotations

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.leases import less_rent
from tests.finance.random_deals.terms import Terms, percent


def cases(draw: st.DrawFn, deal: Terms) -> Terms:
    """A bad year, a rate shock and a late completion, as far as the dates of the deal leave room for one."""
    cases: Terms = {
        "shock": {"label": "Shock", "description": "Rates up.", "set": {"rates.shift": percent(draw, -4, 4)}},
        "dear": {"label": "Dear", "description": "Overrun.", "set": {"construction.overrun": percent(draw, 5, 20)}},
    }
    poor: Terms = {}
    cut = draw(st.sampled_from([0.9, 0.5, 0.1]))
    for key, lease in deal.get("lease", {}).items():
        basis, rent = less_rent(lease, cut)
        poor[f"lease.{key}.{basis}"] = rent
    for key, income in deal.get("income", {}).items():
        if "amount" in income:
            poor[f"income.{key}.amount"] = f"{float(income['amount'][:-1]) * cut:.4f}m"
    for key in deal.get("contract", {}):
        poor[f"contract.{key}.delivered"] = f"{cut * 70:.0f}%"
    cases["poor"] = {"label": "Poor", "description": "Less income.", "set": poor}
    happens = {f"event.{name}.happens": "yes" for name in deal.get("event", {})}
    if happens:
        cases["events"] = {"label": "Events", "description": "What may happen does.", "set": happens}
    complete, waits = deal["debt"]["loan_0"]["completion"], draw(st.integers(1, 9))
    starts = [loan["repayment"].get("interest_only_until", loan["maturity"]) for loan in deal["debt"].values()]
    late_end = any("expiry" in part for key in ("lease", "income") for part in deal.get(key, {}).values())
    if add_months(complete, waits) <= min(starts) and not late_end:
        cases["late"] = {"label": "Late", "description": "Late.", "set": {"construction.delay": f"{waits} months"}}
    return cases
