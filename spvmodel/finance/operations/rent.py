"""What a lease is charged on: a yearly base rent by capacity, area or amount, and the parts that bear it from when."""

from __future__ import annotations

from dataclasses import dataclass

from spvmodel.deal.leases import takes
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY
from spvmodel.lines import Expr, Number, Ref, edate, maximum

MONTHS_A_YEAR = Number(12, "month/yr")
KW_PER_MW = Number(1000, "kW/MW")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the let premises and of its rent: ``share`` of it bears rent after ``eve`` (a date, scalar)."""

    key: str
    label: str
    share: Expr
    eve: Expr


def let_capacity(terms: Terms, name: str) -> Expr | None:
    """Capacity that a lease lets (MW); None where nobody states it, or the lease is not known to take any."""
    return _let(terms, name, "capacity") if takes(terms.deal.spec, name, "capacity") else None


def yearly_rent(terms: Terms, name: str) -> Expr:
    """Base rent of the first lease year (money/yr), on the basis that the lease states."""
    return rent_on(terms, f"lease.{name}", name)


def rent_on(terms: Terms, at: str, name: str) -> Expr:
    """A yearly rent (money/yr) that ``at`` states for the premises of the lease ``name``, on whichever basis."""
    if terms.has(f"{at}.amount"):
        return terms[f"{at}.amount"]
    by_area = terms.has(f"{at}.rent_per_area")
    let = _let(terms, name, "area" if by_area else "capacity")
    assert let is not None
    if by_area:
        return terms[f"{at}.rent_per_area"] * let / terms.million
    return rent_by_capacity(terms, at, let)


def rent_by_capacity(terms: Terms, at: str, let: Expr) -> Expr:
    """A yearly rent (money/yr) that ``at`` states per MW a year or per kW and month, of a capacity (MW)."""
    if terms.has(f"{at}.rent_per_mw"):
        return terms[f"{at}.rent_per_mw"] * let
    return terms[f"{at}.rent"] * let * KW_PER_MW * MONTHS_A_YEAR / terms.million


def _let(terms: Terms, name: str, what: str) -> Expr | None:
    at, whole = f"lease.{name}", f"building.{terms.deal.spec.lease[name].building}.{what}"
    if terms.has(f"{at}.{what}"):
        return terms[f"{at}.{what}"]
    if not terms.has(whole):
        return None
    return terms[whole] * terms[f"{at}.share"] if terms.has(f"{at}.share") else terms[whole]


def declare_parts(terms: Terms, name: str, start: Expr, rent_from: Ref) -> list[Part]:
    """The parts that bear rent from different days: deliveries, and of each what abatement lets go for a time.

    Empty where the whole lease bears rent from its first rent day. Shares of the yearly rent, 100% in all at the end.
    """
    g, at, lease = terms.graph, f"lease.{name}", terms.deal.spec.lease[name]
    parts = []
    for key, delivery in lease.delivery.items():
        here = f"{at}.delivery.{key}"
        handed = edate(terms[f"{here}.date"], terms["construction.delay"]) - DAY
        label = f"{delivery.label}: eve of the first rent day"
        eve = g.scalar(f"{here}.eve", maximum(rent_from, handed), label, "date")
        parts.append(Part(f"delivery.{key}", delivery.label, terms[f"{here}.share"], eve))
    if lease.abatement is None:
        return parts
    parts = parts or [Part("full", "not abated", Number(1), rent_from)]
    months = terms[f"{at}.free_rent"] + terms[f"{at}.abatement.months"]
    end = g.scalar(f"{at}.abated_until", edate(start, months) - DAY, "Last day of the abatement", "date")
    abated = terms[f"{at}.abatement.share"]
    found = []
    for part in parts:
        charged = Part(part.key, part.label, part.share * (1 - abated), part.eve)
        later = Part(
            f"{part.key}_abated", f"{part.label}, abated at first", part.share * abated, maximum(part.eve, end)
        )
        found += [charged, later]
    return found
