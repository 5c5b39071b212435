"""Checks of the timeline, and of the days that leases, contracts and incomes run."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, LAST_DAY, without_days
from spvmodel.lines import Ref, absolute, maximum, minimum, sum_of, total


def declare_time_checks(terms: Terms) -> None:
    """Days are whole numbers, so these differences must be 0 exactly."""
    g = terms.graph
    gap = absolute(total(DAYS) - (LAST_DAY - terms["time.close"]))
    g.check("checks.days", gap, "Days of the periods add up to the length of the model", "days", None)
    with g.place("Checks", "By period"):
        backward = g.series("checks.backward", without_days(terms), "Period without days", "flag")
    g.check("checks.timeline", total(backward), "Every period is later than the one before", "flag", None)
    leases = {name: lease.label for name, lease in terms.deal.spec.lease.items()}
    contracts = {name: part.label for name, part in terms.deal.spec.contract.items()}
    incomes = {name: part.label for name, part in terms.deal.spec.income.items() if part.amount is not None}
    for section, labels, eve, what in (
        ("lease", leases, "rent_from", "Days of rent"),
        ("contract", contracts, "eve", "Days under contract"),
        ("income", incomes, "eve", "Days that earn"),
    ):
        gaps = []
        with g.place("Checks", f"{what} by {section}"):
            for name, label in labels.items():
                at = f"{section}.{name}"
                until = minimum(Ref(f"{at}.until"), LAST_DAY)
                days = maximum(0, until - maximum(Ref(f"{at}.{eve}"), terms["time.close"]))
                gap = absolute(total(Ref(f"{at}.days")) - days)
                # An income may be named as a lease is.
                key = f"checks.{name}_days" if section == "lease" else f"checks.{section}_{name}_days"
                gaps.append(g.scalar(key, gap, f"{label}: {what.lower()} not as its dates say", "days"))
        if gaps:
            label = f"{what} are those between the dates of each {section}"
            g.check(f"checks.{section}_days", sum_of(*gaps), label, "days", None)
