"""What ends a deal or shares it out: the take-out, and the sponsors with their promotes."""

from __future__ import annotations

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def takeout(draw: st.DrawFn, deal: Terms, dates: Dates) -> Terms:
    takeout: Terms = {"rate": percent(draw, 0, 8), "dscr": draw(st.sampled_from(["1.0x", "1.25x"]))}
    takeout |= {"final_maturity": add_months(dates.end, 28), "upfront_fee": percent(draw, 0, 3)}
    if maybe(draw):
        takeout["sizing_rate"] = percent(draw, 0, 9)
    if maybe(draw):
        takeout["debt_yield"] = percent(draw, 6, 12)
    if "valuation" in deal and maybe(draw):
        takeout["ltv"] = percent(draw, 40, 80)
    if maybe(draw):
        takeout["release_excess"] = "yes"
    if maybe(draw):
        takeout["default_margin"] = percent(draw, 0, 3)
    return takeout


def venture(draw: st.DrawFn, deal: Terms) -> None:
    """Sponsors, hurdles with promotes, and a discount rate."""
    first = draw(st.integers(0, 100))
    deal["sponsors"] = {
        "fund": {"label": "Fund", "share": f"{first}%"},
        "builder": {"label": "Builder", "share": f"{100 - first}%"},
    }
    hurdles = sorted(draw(st.sets(st.integers(0, 25), max_size=3)))
    if hurdles:
        to = st.sampled_from(["fund", "builder"])
        deal["promote"] = {
            f"over_{hurdle}": {
                "label": f"Over {hurdle}",
                "hurdle": f"{hurdle}%",
                "to": draw(to),
                "share": percent(draw, 0, 95),
            }
            for hurdle in hurdles
        }
    if draw(st.booleans()):
        deal["returns"] = {"discount_rate": percent(draw, 0, 20)}
