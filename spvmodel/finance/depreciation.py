"""Tax depreciation: published schedules, tax years, and what is deducted in each period.

A tax year is the model periods that end in one calendar year: calendar years, and for periods that end on other days
the fiscal years that end in them. A year's deduction falls on its periods by their days.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.capital_reserves import capital_reserves
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, END, START
from spvmodel.lines import (
    Expr,
    Input,
    Number,
    Ref,
    default,
    eomonth,
    equal,
    highest,
    maximum,
    minimum,
    next_,
    prev,
    ratio,
    sum_ahead,
    sum_behind,
    sum_of,
    total,
    year,
)

MACRS: Final = {
    5: (20.00, 32.00, 19.20, 11.52, 11.52, 5.76),
    7: (14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46),
    15: (5.00, 9.50, 8.55, 7.70, 6.93, 6.23, 5.90, 5.90, 5.91, 5.90, 5.91, 5.90, 5.91, 5.90, 5.91, 2.95),
    20: (3.750, 7.219, 6.677, 6.177, 5.713, 5.285, 4.888, 4.522, 4.462, 4.461, 4.462,
         4.461, 4.462, 4.461, 4.462, 4.461, 4.462, 4.461, 4.462, 4.461, 2.231),
}  # fmt: skip
"""Percentages by tax year, half-year convention: IRS Publication 946, Table A-1."""

TAX_YEAR: Final = Ref("tax.year")
SERVICE: Final = "tax.service_share"


def schedule(name: str) -> list[float]:
    """Shares of the cost by tax year of a schedule with the half-year convention, from the first; they sum to 1."""
    kind, _, years = name.rpartition(" ")
    n = int(years)
    if kind == "MACRS":
        return [rate / 100 for rate in MACRS[n]]
    return [0.5 / n, *[1 / n] * (n - 1), 0.5 / n]


def schedule_years(name: str) -> int:
    """Tax years over which a schedule deducts the whole cost."""
    return 40 if name == "straight line 39" else len(schedule(name))


def declare_tax_years(terms: Terms) -> None:
    """Tax years, and the share of a tax year's deduction that falls on each period."""
    g = terms.graph
    with g.place("Tax", "Tax years"):
        g.series(TAX_YEAR.name, year(END), "Tax year", "year", "the periods that end in this calendar year")
        g.series("tax.year_before", TAX_YEAR - 1, "Tax year before", "year")
        new = g.series("tax.year_starts", 1 - equal(TAX_YEAR, prev(TAX_YEAR)), "First period of a tax year", "flag")
        g.series("tax.year_ends", 1 - equal(next_(TAX_YEAR), TAX_YEAR), "Last period of a tax year", "flag")
        g.series("tax.year_goes_on", 1 - new, "Same tax year as the period before", "flag")
        stated = terms.has("tax.placed_in_service")
        eve = terms["tax.placed_in_service"] - DAY if stated else Ref("revenue.from")
        eve = maximum(eve, terms["time.close"])
        placed = g.scalar("tax.service_eve", eve, "Eve of the day placed in service", "date", "not before close")
        days = g.series("tax.service_days", maximum(0, minimum(DAYS, END - placed)), "Days in service", "days")
        g.series(SERVICE, _share_of_year(days), "Share of the tax year's days in service", "share")
        starts = g.series("tax.service_starts", (placed >= START) * (placed < END), "Placed in service here", "flag")
        first = g.scalar("tax.service_year", total(TAX_YEAR, starts), "Tax year placed in service", "year")
        age = maximum(0, TAX_YEAR - first + 1) * (first > 0)
        g.series("tax.service_age", age, "Tax years in service", "count", "1 in the first; 0 before")


def _share_of_year(days: Ref) -> Expr:
    whole = sum_behind(days, TAX_YEAR, Ref("tax.year_before")) + sum_ahead(days, TAX_YEAR, TAX_YEAR)
    return default(ratio(days, whole), 0)


def declare_depreciation(terms: Terms) -> None:
    """The depreciable cost, its depreciation and that of works (money, by period), and the tax book value."""
    g, tax = terms.graph, terms.deal.spec.tax
    assert tax is not None
    with g.place("Tax", "Depreciation"):
        basis = terms["tax.basis"] if tax.basis is not None else _basis(terms)
        basis = g.scalar("tax.depreciable", basis, "Depreciable cost", "money")
        rate = g.series("tax.rate", _rate(terms, tax.depreciation), "Share of the cost, tax year", "share")
        if tax.bonus is not None:
            bonus = terms["tax.bonus"]
            topped = rate * (1 - bonus) + bonus * equal(Ref("tax.service_age"), 1)
            rate = g.series("tax.rate_with_bonus", topped, "Share of the cost with bonus, tax year", "share")
        amount = basis * rate * Ref(SERVICE)
        amount = g.series("tax.depreciation_cost", amount, "Depreciation of the cost", "money", total=True)
    works = _declare_works(terms)
    with g.place("Tax", "Tax book value"):
        whole = g.series(
            "tax.depreciation_total",
            sum_of(amount, *[Ref(f"{at}.depreciation") for at in works]),
            "Depreciation",
            "money",
            total=True,
        )
        opening = g.series("tax.book_opening", prev(Ref("tax.book_closing")), "Opening balance", "money")
        added: Expr = Ref("tax.service_starts") * basis
        for at in works:
            added = added + Ref("tax.year_starts") * Ref(f"{at}.age_1")
        note = "works: at the start of their tax year, as their deduction falls on the whole year"
        added = g.series("tax.book_added", added, "Placed in service", "money", note, total=True)
        g.series("tax.book_closing", opening + added - whole, "Closing balance", "money")


def capitalised(terms: Terms) -> list[str]:
    """The capital reserves whose works are depreciated."""
    specs = terms.deal.spec.reserves.capital.values()
    return [at for at, spec in zip(capital_reserves(terms), specs, strict=True) if spec.depreciation != "expensed"]


def _basis(terms: Terms) -> Expr:
    """Uses less land, working capital, distributions and the filling of reserves."""
    uses = terms.deal.spec.use.items()
    basis = total(Ref("construction.spend"))
    for name in (name for name, use in uses if use.kind in ("land", "working capital", "distribution")):
        basis = basis - Ref(f"construction.{name}.cost")
    for group in filter(terms.loans_of, terms.deal.spec.funding):
        basis = basis + total(Ref(f"funding.{group}.upfront_fee")) + Ref(f"funding.{group}.carry_costs")
    return basis


def _rate(terms: Terms, name: str) -> Expr:
    """The share of the cost that this tax year deducts, by its age."""
    age = Ref("tax.service_age")
    if name == "straight line 39":
        life, begun = Number(39), _declare_mid_month(terms)
        passed, before = maximum(0, age - 1 + begun) / life, maximum(0, age - 2 + begun) / life
        return minimum(1, passed) - minimum(1, before)
    table = declare_table(terms, name)
    parts = [share * equal(age, place + 1) for place, share in enumerate(table)]
    return sum(parts[1:], parts[0])


def _declare_mid_month(terms: Terms) -> Ref:
    """Share of the first tax year that counts: from the middle of the month in which the cost is placed in service."""
    g, day = terms.graph, Ref("tax.service_eve") + DAY
    first = g.series("tax.service_first_year", equal(Ref("tax.service_age"), 1), "First tax year in service", "flag")
    end = default(highest(END, first), day)
    end = g.scalar("tax.service_year_end", end, "End of the tax year placed in service", "date")
    left = [eomonth(day, Number(months, "months")) <= end for months in range(12)]
    months = g.scalar(
        "tax.service_months", sum(left[1:], left[0]), "Months left in it, that of service counted", "count"
    )
    return g.scalar("tax.first_year_share", (months - 0.5) / 12, "Share of the first tax year", "share")


def declare_table(terms: Terms, name: str) -> list[Ref]:
    """A published schedule as lines: the share of each tax year from the first."""
    g, at = terms.graph, f"tax.{_key(name)}"
    source = "IRS Publication 946, Table A-1" if name.startswith("MACRS") else "straight line, half-year convention"
    found = []
    with g.place("Tax", f"Schedule: {name}"):
        for place, share in enumerate(schedule(name), start=1):
            line = f"{at}.year_{place}"
            if g.has(line):
                found.append(Ref(line))
            else:
                given = Input(line, share, f"{share:.4%}", status="fixed")
                found.append(g.input(given, f"{name}: share of tax year {place}", "share", source))
    return found


def _declare_works(terms: Terms) -> list[str]:
    """Depreciation of works, schedule by schedule; the first tax year is that of the works. Returns line prefixes."""
    if not capitalised(terms):
        return []
    g = terms.graph
    with g.place("Tax", "Tax years"):
        share = g.series("tax.year_share", _share_of_year(DAYS), "Share of the tax year's days", "share")
    names = dict.fromkeys(spec.depreciation for spec in terms.deal.spec.reserves.capital.values())
    return [_declare_class(terms, name, share) for name in names if name != "expensed"]


def _declare_class(terms: Terms, name: str, share: Ref) -> str:
    """Works by the tax years since they were done, and the share of their cost that each period deducts."""
    g, at = terms.graph, f"tax.works_{_key(name)}"
    specs = terms.deal.spec.reserves.capital
    table = declare_table(terms, name)
    with g.place("Tax", f"Depreciation of works: {name}"):
        every = [Ref(f"reserves.capital.{key}.works_cost") for key, spec in specs.items() if spec.depreciation == name]
        works = g.series(f"{at}.cost", sum_of(*every), "Cost of works done", "money", total=True)
        # Works of this tax year count whole in each of its periods; those of earlier years are differences of windows.
        since = g.series(
            f"{at}.since_1", sum_behind(works, TAX_YEAR, Ref("tax.year_before")), "Works of the year to date", "money"
        )
        later = since + sum_ahead(works, TAX_YEAR, TAX_YEAR)
        aged = [g.series(f"{at}.age_1", later, "Works in their tax year 1", "money")]
        for age in range(2, len(table) + 1):
            limit = g.series(f"{at}.limit_{age}", TAX_YEAR - age, f"{age} tax years ago", "year")
            window = sum_behind(works, TAX_YEAR, limit)
            window = g.series(f"{at}.since_{age}", window, f"Works of {age} tax years to date", "money")
            aged.append(g.series(f"{at}.age_{age}", window - since, f"Works in their tax year {age}", "money"))
            since = window
        parts = [rate * cost for rate, cost in zip(table, aged, strict=True)]
        amount = sum(parts[1:], parts[0]) * share
        g.series(f"{at}.depreciation", amount, "Depreciation of works", "money", total=True)
    return at


def _key(name: str) -> str:
    return name.replace(" ", "_").lower()
