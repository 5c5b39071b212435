"""Enforcement of a random deal: how the collateral is sold after a default, and who supports it."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def enforcement(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    """A sale after a default, by any basis, and up to three supports; values by the methods that this needs."""
    basis = draw(st.sampled_from(["re-let", "re-let", "dark", "cap rate", "amount", "amounts", "dcf", "per MW"]))
    given: Terms = {
        "dark": {"dark": {"per_mw": "1m/MW"}},
        "cap rate": {"cap_rate": percent(draw, 4, 12)},
        "amount": {"amount": f"{whole:.2f}m"},
        "amounts": {"amounts": {str(dates.close): f"{whole:.2f}m", "2030-01-01": f"{whole / 2:.2f}m"}},
        "dcf": {"dcf": {"discount_rate": percent(draw, 4, 12), "terminal_value": f"{whole / 4:.2f}m"}},
        "per MW": {"per_mw": "9m/MW"},
    }
    if basis != "re-let":
        valuation = deal.setdefault("valuation", {})
        lasting = [key for key in valuation if key not in ("dark", "method")]
        valuation |= given[basis]
        if basis != "dark" and lasting and next(iter(given[basis])) not in lasting:
            valuation["method"] = {"cap_rate": "cap rate", "amount": "amount"}[lasting[0]]
    relet: Terms = {"downtime": f"{draw(st.integers(0, 30))} months", "share": percent(draw, 20, 100)}
    relet |= {"costs": percent(draw, 0, 20), "cost": f"{whole / 50:.2f}m"}
    relet |= {"cap_rate": "8%"} if draw(st.booleans()) else {"discount_rate": "9%", "term": "10 years"}
    support: Terms = {}
    kinds: list[Terms] = [
        {"kind": "guarantee", "limit": f"{whole / 10:.2f}m"},
        {"kind": "completion"} | ({"limit": f"{whole / 8:.2f}m"} if draw(st.booleans()) else {}),
        {"kind": "residual value", "threshold": {str(dates.close): f"{whole / 2:.2f}m"}, "until": dates.end},
        {"kind": "termination fee", "months": "6 months", "collected": percent(draw, 0, 100)},
    ]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=3))):
        paid_by = draw(st.sampled_from(["sponsors", "tenant", "others"]))
        support[f"support_{number}"] = {"label": f"Support {number}", "payer": "Payer", "paid_by": paid_by, **kind}
    deal["enforcement"] = {
        "basis": basis,
        **({"tenant_stays": "yes"} if basis in ("re-let", "dark") and "valuation" in deal and maybe(draw) else {}),
        "cure_months": f"{draw(st.sampled_from([0, 1, 6]))} months",
        "sale_months": f"{draw(st.sampled_from([0, 9, 18]))} months",
        "haircut": percent(draw, 0, 60),
        "sale_costs": percent(draw, 0, 5),
        "costs": f"{whole / 100:.2f}m",
        "holding_costs": f"{whole / 60:.2f}m",
        "construction_share": percent(draw, 0, 100),
        **({"relet": relet} if basis == "re-let" else {}),
        "support": support,
    }
