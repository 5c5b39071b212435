"""Construction spending, building by building: straight line by days, nothing before the loan closes.

What was spent before the loan closed is paid (reimbursed) on its closing date.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Ref, edate, maximum, minimum, prev, sum_of


def declare_construction(terms: Terms) -> None:
    """Spending per building and in total. The cost of a building follows its loan's ``cost_scale``."""
    g = terms.graph
    buildings = terms.deal.spec.building
    for name, building in buildings.items():
        at, loan = f"building.{name}", building.funded_by
        close = terms[f"debt.{loan}.close"]
        start = terms[f"{at}.spending_start"]
        with g.place("Construction", building.label):
            end = g.scalar(
                f"construction.{name}.spending_end",
                edate(terms[f"{at}.spending_end"], terms["construction.delay"]),
                "End of spending after delay",
                "date",
            )
            early = g.scalar(
                f"construction.{name}.share_at_close",
                minimum(1, maximum(0, close - start) / (end - start)),
                "Share spent before the loan closes",
                "share",
            )
            progress = g.series(
                f"construction.{name}.progress",
                (END > close) * minimum(1, maximum(0, END - start) / (end - start)),
                "Share spent by the period end",
                "share",
            )
            cost = g.scalar(
                f"construction.{name}.cost",
                terms[f"{at}.budget"] * Ref(f"funding.{loan}.cost_scale"),
                "Construction cost",
                "money",
                "the budget less the financing costs it includes",
            )
            g.scalar(f"construction.{name}.spent_before_close", cost * early, "Spent before the loan closes", "money")
            g.series(
                f"construction.{name}.spend",
                cost * (progress - prev(progress)),
                "Construction spending",
                "money",
                total=True,
            )
    with g.place("Construction", "All buildings"):
        spends = [Ref(f"construction.{name}.spend") for name in buildings]
        g.series("construction.spend", sum_of(*spends), "Construction spending", "money", total=True)
