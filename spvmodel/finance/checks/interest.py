"""Interest over all periods, for the check that all of it is capitalised or scheduled."""

from __future__ import annotations

from spvmodel.finance.debt.ranks import SENIOR, TAKEOUT, facilities
from spvmodel.finance.terms import Terms
from spvmodel.lines import Ref, total


def accrued(terms: Terms) -> list[Ref]:
    """Interest accrued on every facility, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{loan}accrued",
                total(Ref(f"debt.{loan}.interest")),
                f"{spec.label}: interest accrued",
                "money",
            )
            for loan, spec in terms.deal.spec.debt.items()
        ] + [
            g.scalar("checks.takeout_accrued", total(Ref(f"{at}.interest_scheduled")), "Take-out: interest", "money")
            for at in facilities(terms)
            if at == TAKEOUT
        ]


def scheduled_apart(terms: Terms) -> list[Ref]:
    """Scheduled interest over all periods that ``debt.interest_scheduled`` leaves out: other ranks, and PIK."""
    g, found = terms.graph, []
    with g.place("Checks", "Interest"):
        for loan, spec in terms.deal.spec.debt.items():
            at = f"debt.{loan}"
            apart = [f"{at}.pik_scheduled"] if spec.pik else []
            apart += [] if spec.rank == SENIOR else [f"{at}.interest_scheduled"]
            for name in apart:
                label = f"{spec.label}: {g.label(name).lower()}"
                found.append(g.scalar(f"checks.{loan}_{name.rpartition('.')[2]}", total(Ref(name)), label, "money"))
    return found


def capitalised(terms: Terms) -> list[Ref]:
    """Interest capitalised on every loan, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{group}_idc",
                total(Ref(f"funding.{group}.idc")),
                f"{spec.label}: interest capitalised",
                "money",
            )
            for group, spec in terms.deal.spec.funding.items()
            if terms.loans_of(group)
        ]
