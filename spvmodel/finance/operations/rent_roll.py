"""The rent roll: how long leases still run, what of them expires when, on whom rent rests, and how far it may fall.

Contracted rent, at the level of the period end: rent-free months, abatement, deliveries and events do not lower it. A
lease counts from its commencement until its last day.
"""

from __future__ import annotations

from spvmodel.finance.operations.payment import with_payment
from spvmodel.finance.operations.recoveries import paid_back
from spvmodel.finance.operations.renewal import in_term, renewals_of, rent_in_term, term_until
from spvmodel.finance.operations.rent import let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS_365, END, falls_here
from spvmodel.lines import Expr, Ref, defined, lowest, maximum, na, prev, ratio, sum_of, where

RENT = Ref("lease.rent_in_force")
CAPACITY = Ref("lease.capacity_in_force")
RENT_CUT = Ref("ratios.rent_cut")


def declare_rent_roll(terms: Terms) -> None:
    """WALT by rent and capacity (years), what expires (money/yr, MW) and the largest tenant's share, by period end."""
    g, leases = terms.graph, terms.deal.spec.lease
    if not leases:
        return
    for name, lease in leases.items():
        with g.place("Lease", f"{lease.label}: in force"):
            _declare_lease(terms, name)
    with g.place("Lease", "Rent roll"):
        _declare_roll(terms, RENT, "rent", list(leases), "rent", "money/yr")
        sized = [name for name in leases if g.has(f"lease.{name}.capacity_in_force")]
        if sized:
            _declare_roll(terms, CAPACITY, "capacity", sized, "capacity", "MW")
        _declare_largest(terms)


def _declare_lease(terms: Terms, name: str) -> None:
    g, at = terms.graph, f"lease.{name}"
    until: Expr = Ref(f"{at}.until")
    running = g.series(f"{at}.in_force", (Ref(f"{at}.start") <= END) * (until > END), "In force", "flag")
    if renewals_of(terms, name):
        until = g.series(f"{at}.term_until", term_until(terms, name), "Last day of the term that runs", "date")
    left = running * (until - END) / DAYS_365
    g.series(f"{at}.remaining", left, "Remaining term", "yr", "period end to the last day, actual days / 365")
    g.series(
        f"{at}.rent_in_force",
        running * rent_in_term(terms, name),
        "Contracted rent at the period end",
        "money/yr",
        "before concessions and events",
    )
    let = let_capacity(terms, name)
    if let is not None:
        weight = in_term(terms, name)
        let = let if weight is None else let * weight
        g.series(f"{at}.capacity_in_force", running * let, "Capacity let at the period end", "MW")


def _declare_roll(terms: Terms, line: Ref, what: str, names: list[str], word: str, unit: str) -> None:
    """All leases: what is in force, the remaining term weighted by it, and what of it expires in each period."""
    g = terms.graph
    parts = [Ref(f"lease.{name}.{what}_in_force") for name in names]
    label = "Contracted rent at the period end" if what == "rent" else "Capacity let at the period end"
    whole = g.series(line.name, sum_of(*parts), label, unit)
    weighted = [part * Ref(f"lease.{name}.remaining") for part, name in zip(parts, names, strict=True)]
    walt = ratio(sum(weighted[1:], weighted[0]), whole)
    note = f"remaining term of leases in force, weighted by contracted {word}; N/A without any"
    g.series(f"lease.walt_{what}", walt, f"WALT by {word}", "yr", note)
    ends = [prev(part) * _ends_here(terms, name) for part, name in zip(parts, names, strict=True)]
    note = "of leases whose last day falls in the period, as at its beginning"
    if any(terms.deal.spec.lease[name].renewals for name in names):
        note = "of terms whose last day falls in the period, renewed or not, as at its beginning"
    label = f"{word.capitalize()} that expires"
    g.series(f"lease.{what}_expiring", sum(ends[1:], ends[0]), label, unit, note, total=True)


def _ends_here(terms: Terms, name: str) -> Expr:
    """1 in a period in which a term of a lease ends, the last or one before a renewal."""
    until = Ref(f"lease.{name}.until")
    here = falls_here(until)
    for renewal in renewals_of(terms, name):
        here = maximum(here, falls_here(renewal.eve) * (renewal.eve < until))
    return here


def _declare_largest(terms: Terms) -> None:
    """The share of contracted rent that the largest tenant owes; where one tenant owes all there is none."""
    g, leases = terms.graph, terms.deal.spec.lease
    tenants: dict[str, list[Ref]] = {}
    for name, lease in leases.items():
        tenants.setdefault(lease.tenant, []).append(Ref(f"lease.{name}.rent_in_force"))
    if len(tenants) > 1:
        largest = ratio(maximum(*[sum_of(*rents) for rents in tenants.values()]), RENT)
        note = "leases of one tenant together, of contracted rent"
        g.series("lease.largest_tenant", largest, "Share of the largest tenant", "share", note)


def declare_rent_cut(terms: Terms) -> None:
    """The share of rent by which every rent could fall with scheduled service still covered by CFADS (by period).

    In closed form (definitions, section 2, break-even reduction): costs that are a share of rent or revenue fall with
    it, and with them what tenants pay back of these; a cap or a stop that holds goes on to hold. Everything else stays:
    taxes, and recoveries of costs that do not depend on rent. Negative where rent does not suffice.
    """
    g, spec = terms.graph, terms.deal.spec
    if not spec.lease:
        return
    due = Ref("lease.rent_income")
    shares = [share for name in spec.opex if (share := _falls_with_rent(terms, name)) is not None]
    received = Ref("lease.rent_received") if with_payment(terms) else due
    with g.place("Ratios", "Break-even rent"):
        kept = received - sum(shares[1:], shares[0]) * due if shares else received
        note = "rent as received, less the costs that are a share of it and are not paid back"
        kept = g.series("ratios.rent_kept", kept, "Rent less costs that fall with it", "money", note)
        spare = Ref("ratios.cfads") - Ref("debt.service")
        told = defined(Ref("ratios.dscr")) * (kept > terms["checks.tolerance"])
        note = "(CFADS - scheduled service) / rent less costs that fall with it; taxes and all else unchanged"
        cut = g.series(RENT_CUT.name, where(told, ratio(spare, kept), na()), "Break-even cut of rent", "share", note)
        label, note = "Cut of rent with every payment in time", "the least of all periods with rent and service"
        g.scalar("ratios.timely_rent_cut", lowest(cut), label, "share", note)


def _falls_with_rent(terms: Terms, name: str) -> Expr | None:
    """The share of rent by which a cost falls with it, less what tenants pay back of it; None where it does not."""
    at = f"opex.{name}"
    given = [key for key in ("share_of_rent", "share_of_revenue") if terms.has(f"{at}.{key}")]
    if not given:
        return None
    falls: Expr = sum_of(*[terms[f"{at}.{key}"] for key in given])
    back = paid_back(terms, name)
    if not terms.has(f"{at}.cap") and back is None:
        return falls
    with terms.graph.place("Opex", f"{terms.deal.spec.opex[name].label}: with the rent"):
        if terms.has(f"{at}.cap"):
            falls = falls * Ref(f"{at}.below_cap")
        falls = falls * (1 - back) if back is not None else falls
        note = "not while a cap holds, and less what tenants pay back"
        return terms.graph.series(f"{at}.falls_with_rent", falls, "Falls with the rent", "share", note)
