"""What letting costs the SPV at the beginning of a lease: landlord's allowance, tenant improvements, commission."""

from __future__ import annotations

from spvmodel.finance.operations.rent import KW_PER_MW, let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import falls_here
from spvmodel.lines import Ref, edate


def declare_costs_of_leases(terms: Terms) -> list[Ref]:
    """``lease.<name>.letting.<cost>.paid`` (money, by period), on its day or that of commencement after delay.

    An operating cost of its period, which NOI before letting costs leaves out.
    """
    g, found = terms.graph, []
    for name, lease in terms.deal.spec.lease.items():
        for key, cost in lease.letting.items():
            at = f"lease.{name}.letting.{key}"
            with g.place("Lease", f"{lease.label}: {cost.label}"):
                day = Ref(f"lease.{name}.start")
                if cost.date is not None:
                    moved = edate(terms[f"{at}.date"], terms["construction.delay"])
                    day = g.scalar(f"{at}.day", moved, "Day of payment after delay", "date")
                if cost.amount is not None:
                    whole = terms[f"{at}.amount"]
                else:
                    let = let_capacity(terms, name)
                    assert let is not None
                    due = terms[f"{at}.cost"] * let * KW_PER_MW / terms.million
                    whole = g.scalar(f"{at}.total", due, "Cost of the capacity let", "money")
                found.append(g.series(f"{at}.paid", whole * falls_here(day), cost.label, "money", total=True))
    return found
