"""The two ways in which lenders may sell: without the tenant, or with its leases in place where the tenant stays.

Every line of the recovery that depends on it stands once for each: ``recovery.*`` after a default of the tenant, which
is what dates and probabilities of default are about; ``in_place.*`` after a default of the SPV alone, which counts for
the own default of a case that says so (``tenant_stays``). Claims, cash and hedges stand in ``recovery.*`` for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, total, where

RECOVERY: Final = "recovery"
STAYS: Final = "enforcement.tenant_stays"
BUILT: Final = Ref("time.built")


@dataclass(frozen=True, slots=True)
class Sale:
    """A way to sell: the first part of its lines' names, and what the headings of their groups begin with."""

    at: str
    heading: str

    def name(self, what: str) -> str:
        """The name of one of its lines, given as ``price`` or as ``recovery.price``."""
        return f"{self.at}.{what.removeprefix(f'{RECOVERY}.')}"

    def ref(self, what: str) -> Ref:
        """The same as a reference."""
        return Ref(self.name(what))


GONE: Final = Sale(RECOVERY, "")
IN_PLACE: Final = Sale("in_place", "Leases in place: ")


def sales(terms: Terms) -> list[Sale]:
    """The ways to sell of a deal: the second only where the tenant may stay."""
    return [GONE, IN_PLACE] if terms.has(STAYS) else [GONE]


def of_case(terms: Terms, name: str) -> Expr:
    """A line ``recovery.*`` (by period) as the case has it: with leases in place where its tenant stays."""
    other = IN_PLACE.name(name)
    return where(terms[STAYS], Ref(other), Ref(name)) if terms.graph.has(other) else Ref(name)


def once_of_case(terms: Terms, name: str, flag: Ref) -> Expr:
    """The value of a line ``recovery.*`` in the period of a flag, as the case has it; 0 without such a period."""
    other, value = IN_PLACE.name(name), total(Ref(name), flag)
    return where(terms[STAYS], total(Ref(other), flag), value) if terms.graph.has(other) else value
