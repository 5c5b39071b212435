"""Lease income: one block per lease, by days, with rent steps on each anniversary of commencement."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.lines import Number, Ref, edate, maximum, minimum, sum_of, year

MONTHS_A_YEAR = Number(12, "month/yr")
KW_PER_MW = Number(1000, "kW/MW")


def declare_leases(terms: Terms) -> None:
    """Base rent of every lease, and their sum. Triple net: recoveries and the costs they recover cancel out."""
    g = terms.graph
    names = list(terms.deal.spec.lease)
    for name in names:
        _declare_lease(terms, name)
    with g.place("Lease", "All leases"):
        g.series("lease.rent_income", sum_of(*_of(names, "rent_income")), "Lease income", "money", total=True)
        g.scalar("lease.rent_from", minimum(*_of(names, "rent_from")), "Eve of the first rent day", "date")
        g.scalar("lease.until", maximum(*_of(names, "until")), "Last day of the last lease", "date")


def _of(names: list[str], what: str) -> list[Ref]:
    return [Ref(f"lease.{name}.{what}") for name in names]


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
        let_until = g.series(f"{at}.let_until", minimum(END, until), "Let until, at the latest period end", "date")
        days = g.series(
            f"{at}.days",
            maximum(0, let_until - maximum(START, rent_from)),
            "Days with rent",
            "days",
            total=True,
        )
        years = g.series(
            f"{at}.years", maximum(0, year(END) - year(start)), "Anniversary of this calendar year", "count"
        )
        step = g.series(
            f"{at}.step_eve",
            edate(start, years * Number(12, "months")) - DAY,
            "Eve of that anniversary",
            "date",
        )
        stepped = g.series(
            f"{at}.days_stepped",
            minimum(days, maximum(0, let_until - step)),
            "Days with rent after the anniversary",
            "days",
        )
        growth = 1 + terms[f"{at}.escalation"]
        before = g.series(
            f"{at}.index_before", growth ** maximum(0, years - 1), "Rent index before the anniversary", "x"
        )
        after = g.series(f"{at}.index_after", growth**years, "Rent index after the anniversary", "x")
        weighted = g.series(
            f"{at}.indexed_days",
            (days - stepped) * before + stepped * after,
            "Days with rent, indexed",
            "days",
        )
        g.series(
            f"{at}.rent_income",
            annual / PERIODS_PER_YEAR * weighted / FULL_DAYS,
            "Rent",
            "money",
            total=True,
        )
