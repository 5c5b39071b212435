"""Interest over all periods, for the check that all of it is capitalised or scheduled."""

from __future__ import annotations

from spvmodel.finance.debt.ranks import SENIOR, TAKEOUT, facilities
from spvmodel.finance.terms import Terms
from spvmodel.lines import Ref, total


def accrued(terms: Terms) -> list[Ref]:
    """Interest accrued on every facility, over all periods."""
    found = [
        _over_all(terms, f"{loan}_accrued", f"debt.{loan}.interest", f"{spec.label}: interest accrued")
        for loan, spec in terms.deal.spec.debt.items()
    ]
    if TAKEOUT in facilities(terms):
        found.append(_over_all(terms, "takeout_accrued", f"{TAKEOUT}.interest_scheduled", "Take-out: interest"))
    return found


def scheduled_apart(terms: Terms) -> list[Ref]:
    """Scheduled interest over all periods that ``debt.interest_scheduled`` leaves out: other ranks, and PIK."""
    found = []
    for loan, spec in terms.deal.spec.debt.items():
        apart = ["pik_scheduled"] if spec.pik else []
        apart += [] if spec.rank == SENIOR else ["interest_scheduled"]
        for name in apart:
            line = f"debt.{loan}.{name}"
            label = f"{spec.label}: {terms.graph.label(line).lower()}"
            found.append(_over_all(terms, f"{loan}_{name}", line, label))
    return found


def capitalised(terms: Terms) -> list[Ref]:
    """Interest capitalised on every loan, over all periods."""
    return [
        _over_all(terms, f"{group}_idc", f"funding.{group}.idc", f"{spec.label}: interest capitalised")
        for group, spec in terms.deal.spec.funding.items()
        if terms.loans_of(group)
    ]


def _over_all(terms: Terms, name: str, line: str, label: str) -> Ref:
    with terms.graph.place("Checks", "Interest"):
        return terms.graph.scalar(f"checks.{name}", total(Ref(line)), label, "money")
