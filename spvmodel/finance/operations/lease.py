"""Lease income: one block per lease, by days, with rent steps on each anniversary of commencement."""

from __future__ import annotations

from spvmodel.finance.operations.anniversaries import declare_days, declare_indexed_days
from spvmodel.finance.operations.events import left_by_events
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, FULL_DAYS, PERIODS_PER_YEAR
from spvmodel.lines import Number, Ref, edate, sum_of

MONTHS_A_YEAR = Number(12, "month/yr")
KW_PER_MW = Number(1000, "kW/MW")


def declare_leases(terms: Terms) -> None:
    """Base rent of every lease, and their sum. Triple net: recoveries and the costs they recover cancel out."""
    g, names = terms.graph, list(terms.deal.spec.lease)
    for name in names:
        _declare_lease(terms, name)
    if names:
        with g.place("Lease", "All leases"):
            rents = [Ref(f"lease.{name}.rent_income") for name in names]
            g.series("lease.rent_income", sum_of(*rents), "Lease income", "money", total=True)


def _declare_lease(terms: Terms, name: str) -> None:
    g, lease = terms.graph, terms.deal.spec.lease[name]
    at = f"lease.{name}"
    # Rents are in single units of the currency, amounts in millions of it.
    million = Number(1_000_000, f"{terms.deal.currency}/money")
    with g.place("Lease", f"{lease.label}: {lease.tenant}"):
        start = g.scalar(
            f"{at}.start",
            edate(terms[f"{at}.commencement"], terms["construction.delay"]),
            "Commencement after delay",
            "date",
        )
        rent_from = g.scalar(
            f"{at}.rent_from",
            edate(start, terms[f"{at}.free_rent"]) - DAY,
            "Eve of the first rent day",
            "date",
        )
        until = terms[f"{at}.expiry"] if terms.has(f"{at}.expiry") else edate(start, terms[f"{at}.term"]) - DAY
        until = g.scalar(f"{at}.until", until, "Last day of the lease", "date")
        annual = g.scalar(
            f"{at}.annual_rent",
            terms[f"{at}.rent"] * terms[f"building.{lease.building}.capacity"] * KW_PER_MW * MONTHS_A_YEAR / million,
            "Base rent, first lease year",
            "money/yr",
        )
        let = declare_days(terms, at, rent_from, until, "with rent", "let_until")
        weighted = declare_indexed_days(
            terms, at, let, start, lambda years: (1 + terms[f"{at}.escalation"]) ** years, "with rent"
        )
        g.series(
            f"{at}.rent_income",
            left_by_events(terms, at, annual / PERIODS_PER_YEAR * weighted / FULL_DAYS),
            "Rent",
            "money",
            total=True,
        )
