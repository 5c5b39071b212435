"""Tax depreciation: published schedules, tax years, and what is deducted in each period.

A tax year is the model periods that end in one calendar year: calendar years, and for periods that end on other days
the fiscal years that end in them. A year's deduction falls on its periods by their days.
"""

from __future__ import annotations

from typing import Final

from spvmodel.deal.schedules import CUSTOM, in_mid_month, life
from spvmodel.deal.taxes import NOT_DEPRECIATED
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.tax.credit import class_cost, reduced_cost
from spvmodel.finance.tax.macrs import MACRS, MID_QUARTER, quarter_table
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
    floor,
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
    where,
    year,
)

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
    return life(name) + 1


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
        basis = reduced_cost(terms, terms["tax.basis"] if tax.basis is not None else _basis(terms))
        basis = g.scalar("tax.depreciable", basis, "Depreciable cost", "money")
        whole = basis * declare_rate(terms, "tax", tax.depreciation) * Ref(SERVICE) if tax.depreciation else Number(0)
    if tax.classes:
        whole = sum_of(*declare_classes(terms, basis))
    with g.place("Tax", "Depreciation"):
        amount = g.series("tax.depreciation_cost", whole, "Depreciation of the cost", "money", total=True)
    works = _declare_works(terms)
    with g.place("Tax", "Tax book value"):
        deducted = g.series(
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
        g.series("tax.book_closing", opening + added - deducted, "Closing balance", "money")


def capitalised(terms: Terms) -> list[str]:
    """The capital reserves whose works are depreciated."""
    specs = terms.deal.spec.reserves.capital.values()
    return [at for at, spec in zip(capital_reserves(terms), specs, strict=True) if spec.depreciation != "expensed"]


def _basis(terms: Terms) -> Expr:
    """Uses less land, working capital, distributions and the filling of reserves."""
    uses = terms.deal.spec.use.items()
    basis = total(Ref("construction.spend"))
    for name in (name for name, use in uses if use.kind in NOT_DEPRECIATED):
        basis = basis - Ref(f"construction.{name}.cost")
    for group in filter(terms.loans_of, terms.deal.spec.funding):
        basis = basis + total(Ref(f"funding.{group}.upfront_fee")) + Ref(f"funding.{group}.carry_costs")
    return basis


def declare_classes(terms: Terms, basis: Ref) -> list[Ref]:
    """Cost (money) and depreciation (money, by period) of every class of the depreciable cost; the latter's lines."""
    g, tax = terms.graph, terms.deal.spec.tax
    assert tax is not None
    covered = [name for part in tax.classes.values() for name in part.covers]
    if covered:
        with g.place("Tax", "Depreciation"):
            whole = sum_of(*[Ref(f"construction.{name}.cost") for name in covered])
            g.scalar("tax.covered", whole, "Cost before financing costs", "money", "of what the classes cover")
    found = []
    for key, part in tax.classes.items():
        at = f"tax.classes.{key}"
        with g.place("Tax", f"Depreciation of {part.label}"):
            if part.covers:
                own = sum_of(*[Ref(f"construction.{name}.cost") for name in part.covers])
                share: Expr = default(ratio(own, Ref("tax.covered")), 0)
                share = g.scalar(f"{at}.part", share, "Share of the depreciable cost", "share", "by cost covered")
            else:
                share = terms[f"{at}.share"]
            cost = g.scalar(f"{at}.cost", class_cost(terms, key, basis, share), "Depreciable cost", "money")
            if part.depreciation == CUSTOM:
                amount = cost * _declare_dated_rate(terms, at)
            else:
                amount = cost * declare_rate(terms, at, part.depreciation) * Ref(SERVICE)
            label = f"Depreciation of {part.label}"
            found.append(g.series(f"{at}.depreciation", amount, label, "money", total=True))
    return found


def _declare_dated_rate(terms: Terms, at: str) -> Ref:
    """Share of the cost that each period deducts of a custom schedule; nothing before it is placed in service."""
    g = terms.graph
    by_now = g.series(
        f"{at}.shares_by",
        prev(Ref(f"{at}.shares_by")) + terms[f"{at}.shares"],
        "Share dated by the period end",
        "share",
    )
    taken = (END > Ref("tax.service_eve")) * by_now
    taken = g.series(f"{at}.taken_by", taken, "Share deducted by the period end", "share", "once placed in service")
    return g.series(f"{at}.rate", taken - prev(taken), "Share of the cost, period", "share")


def declare_rate(terms: Terms, at: str, name: str) -> Ref:
    """The share of a cost that each tax year deducts by a schedule, with the bonus of the inputs under ``at``."""
    g = terms.graph
    rate = g.series(f"{at}.rate", _rate(terms, name), "Share of the cost, tax year", "share")
    if terms.has(f"{at}.bonus"):
        bonus = terms[f"{at}.bonus"]
    elif terms.has(f"{at}.acquired"):
        bonus = _declare_bonus(terms, at)
    else:
        return rate
    topped = rate * (1 - bonus) + bonus * equal(Ref("tax.service_age"), 1)
    return g.series(f"{at}.rate_with_bonus", topped, "Share of the cost with bonus, tax year", "share")


def _declare_bonus(terms: Terms, at: str) -> Ref:
    """Bonus share by the day acquired and, under the earlier law, the calendar year placed in service."""
    g, rates = terms.graph, "tax.bonus_rates"
    placed = Ref("tax.service_calendar_year")
    if not g.has(placed.name):
        g.scalar(placed.name, year(Ref("tax.service_eve") + DAY), "Calendar year placed in service", "year")
    years = range(2023, 2027)
    earlier = (placed < years[0]) * terms[f"{rates}.placed_to_2022"]
    for one in years:
        earlier = earlier + equal(placed, one) * terms[f"{rates}.placed_{one}"]
    earlier = earlier + (placed > years[-1]) * terms[f"{rates}.placed_later"]
    bonus = where(terms[f"{at}.acquired"] >= terms[f"{rates}.since"], terms[f"{rates}.full"], earlier)
    note = "in full if acquired under the law of 2025, else by the year placed in service (168(k))"
    return g.scalar(f"{at}.bonus_share", bonus, "Bonus depreciation", "share", note)


def _rate(terms: Terms, name: str) -> Expr:
    """The share of the cost that this tax year deducts, by its age."""
    tax, age = terms.deal.spec.tax, Ref("tax.service_age")
    assert tax is not None
    by_quarter = tax.convention != "half-year"
    if in_mid_month(name) or (by_quarter and not name.startswith("MACRS")):
        begun = _declare_mid_month(terms) if in_mid_month(name) else _declare_begun(terms)
        years = Number(life(name))
        passed, before = maximum(0, age - 1 + begun) / years, maximum(0, age - 2 + begun) / years
        return minimum(1, passed) - minimum(1, before)
    table = _declare_table_by_quarter(terms, name) if by_quarter else declare_table(terms, name)
    parts = [share * equal(age, place + 1) for place, share in enumerate(table)]
    return sum(parts[1:], parts[0])


def _declare_months_left(terms: Terms) -> Ref:
    """Months of the tax year left when the cost is placed in service, that of service counted."""
    g, day = terms.graph, Ref("tax.service_eve") + DAY
    months = Ref("tax.service_months")
    if g.has(months.name):
        return months
    first = g.series("tax.service_first_year", equal(Ref("tax.service_age"), 1), "First tax year in service", "flag")
    end = default(highest(END, first), day)
    end = g.scalar("tax.service_year_end", end, "End of the tax year placed in service", "date")
    left = [eomonth(day, Number(months, "months")) <= end for months in range(12)]
    return g.scalar(months.name, sum(left[1:], left[0]), "Months left in it, that of service counted", "count")


def _declare_mid_month(terms: Terms) -> Ref:
    """Share of the first tax year that counts: from the middle of the month in which the cost is placed in service."""
    share = Ref("tax.first_year_share")
    if terms.graph.has(share.name):
        return share
    months = _declare_months_left(terms)
    return terms.graph.scalar(share.name, (months - 0.5) / 12, "Share of the first tax year", "share")


def _declare_quarter(terms: Terms) -> Ref:
    """Quarter of the tax year in which the cost is placed in service, 1 to 4: a delay moves it."""
    quarter = Ref("tax.service_quarter")
    if terms.graph.has(quarter.name):
        return quarter
    months = _declare_months_left(terms)
    return terms.graph.scalar(
        quarter.name, minimum(4, 4 - floor((months - 1) / 3)), "Quarter of the tax year placed in service", "count"
    )


def _declare_mid_quarter(terms: Terms) -> Expr:
    """1 where the mid-quarter convention holds.

    All of the cost is placed in service on one day, so that more than 40% of it falls in the last three months of the
    tax year exactly where that day does.
    """
    tax, flag = terms.deal.spec.tax, Ref("tax.mid_quarter")
    assert tax is not None
    if tax.convention == "mid-quarter":
        return Number(1)
    if terms.graph.has(flag.name):
        return flag
    return terms.graph.scalar(
        flag.name, equal(_declare_quarter(terms), 4), "Mid-quarter convention holds", "flag", "40% test, 168(d)(3)"
    )


def _declare_begun(terms: Terms) -> Ref:
    """Share of the first tax year that a straight line counts: from the middle of the quarter, or a half."""
    begun = Ref("tax.first_year_part")
    if terms.graph.has(begun.name):
        return begun
    middle = (9 - 2 * _declare_quarter(terms)) / 8
    share = where(_declare_mid_quarter(terms), middle, 0.5)
    return terms.graph.scalar(begun.name, share, "Share of the first tax year, by quarter", "share")


def _declare_table_by_quarter(terms: Terms, name: str) -> list[Ref]:
    """A published schedule as lines by the quarter placed in service: the share of each tax year from the first."""
    g, years, at = terms.graph, life(name), f"tax.{_key(name)}"
    if g.has(f"{at}.chosen_1"):
        return [Ref(f"{at}.chosen_{place}") for place in range(1, years + 2)]
    quarter, flag = _declare_quarter(terms), _declare_mid_quarter(terms)
    half_year = [] if isinstance(flag, Number) else declare_table(terms, name)
    columns = []
    for one, tables in MID_QUARTER.items():
        shares = [rate / 100 for rate in tables[years]]
        source = f"IRS Publication 946, Table {quarter_table(one)}"
        columns.append(_declare_shares(terms, name, f"{at}.quarter_{one}", f"{name}, quarter {one}", shares, source))
    found = []
    with g.place("Tax", f"Schedule: {name}"):
        for place in range(years + 1):
            parts = [equal(quarter, one) * column[place] for one, column in enumerate(columns, start=1)]
            share = sum(parts[1:], parts[0])
            if half_year:
                share = where(flag, share, half_year[place])
            label = f"{name}: share of tax year {place + 1}, by quarter"
            found.append(g.scalar(f"{at}.chosen_{place + 1}", share, label, "share"))
    return found


def declare_table(terms: Terms, name: str) -> list[Ref]:
    """A published schedule as lines, half-year convention: the share of each tax year from the first."""
    source = "IRS Publication 946, Table A-1" if name.startswith("MACRS") else "straight line, half-year convention"
    return _declare_shares(terms, name, f"tax.{_key(name)}", name, schedule(name), source)


def _declare_shares(terms: Terms, name: str, at: str, label: str, shares: list[float], source: str) -> list[Ref]:
    g, found = terms.graph, []
    with g.place("Tax", f"Schedule: {name}"):
        for place, share in enumerate(shares, start=1):
            line = f"{at}.year_{place}"
            if g.has(line):
                found.append(Ref(line))
            else:
                given = Input(line, share, f"{share:.4%}", status="fixed")
                found.append(g.input(given, f"{label}: share of tax year {place}", "share", source))
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
