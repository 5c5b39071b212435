"""The costs the landlord bears itself under a triple-net lease, and net operating income."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, FULL_DAYS, PERIODS_PER_YEAR, START, YEAR_AHEAD
from spvmodel.lines import Ref, maximum, minimum, sum_ahead, sum_of, year


def declare_opex(terms: Terms) -> None:
    """Each cost: a share of rent plus a yearly amount while any lease runs, indexed each January."""
    g = terms.graph
    rent = Ref("lease.rent_income")
    with g.place("Opex", "Operation"):
        days = g.series(
            "opex.days",
            maximum(0, minimum(END, Ref("lease.until")) - maximum(START, Ref("lease.rent_from"))),
            "Days of operation",
            "days",
        )
    costs = []
    for name, cost in terms.deal.spec.opex.items():
        at = f"opex.{name}"
        with g.place("Opex", cost.label):
            years = maximum(0, year(END) - year(terms["time.close"]))
            index = g.series(f"{at}.index", (1 + terms[f"{at}.escalation"]) ** years, "Cost index", "x")
            fixed = terms[f"{at}.amount"] / PERIODS_PER_YEAR * index * days / FULL_DAYS
            costs.append(
                g.series(f"{at}.cost", terms[f"{at}.share_of_rent"] * rent + fixed, "Cost", "money", total=True)
            )
    with g.place("Opex", "Net operating income"):
        total = g.series("opex.total", sum_of(*costs) if costs else 0, "Operating costs", "money", total=True)
        noi = g.series("opex.noi", rent - total, "Net operating income", "money", total=True)
        g.series(
            "opex.noi_ahead",
            sum_ahead(noi, END, YEAR_AHEAD),
            "Net operating income of the next twelve months",
            "money",
        )
