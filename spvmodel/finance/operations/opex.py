"""The costs of the landlord, before what tenants pay back of them (``recoveries.py``), and net operating income."""

from __future__ import annotations

from collections.abc import Callable

from spvmodel.finance.operations.anniversaries import Days, declare_days, declare_indexed_days, january_of
from spvmodel.finance.operations.events import declare_letting_costs
from spvmodel.finance.operations.letting import declare_costs_of_leases
from spvmodel.finance.operations.recoveries import may_stand_empty, revenue_before_recoveries, vacant_share
from spvmodel.finance.operations.renewal import declare_renewal_costs
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, PERIODS_PER_YEAR, YEAR_AHEAD
from spvmodel.lines import Expr, Ref, maximum, minimum, sum_ahead, sum_of, year


def declare_opex(terms: Terms) -> None:
    """Each cost: a share of rent or revenue plus a yearly amount by days of operation, indexed; and NOI.

    Operation lasts from the first day with revenue to the last. Definitions, section 1 (NOI).
    """
    g, costs = terms.graph, []
    if terms.deal.spec.opex:
        with g.place("Opex", "Operation"):
            days = declare_days(terms, "opex", Ref("revenue.from"), Ref("revenue.until"), "of operation")
        for name, cost in terms.deal.spec.opex.items():
            with g.place("Opex", cost.label):
                costs.append(_declare_cost(terms, name, days))
    letting = declare_letting_costs(terms) + declare_costs_of_leases(terms) + declare_renewal_costs(terms)
    costs += letting
    with g.place("Opex", "Net operating income"):
        total = g.series("opex.total", sum_of(*costs) if costs else 0, "Operating costs", "money", total=True)
        noi = g.series("opex.noi", Ref("revenue.total") - total, "Net operating income", "money", total=True)
        if letting:
            # Letting is paid for once: a year's income that is capitalised, or yields on debt, is that before it.
            label = "Net operating income before letting costs"
            noi = g.series("opex.noi_before_letting", noi + sum_of(*letting), label, "money", total=True)
        g.series(
            "opex.noi_ahead",
            sum_ahead(noi, END, YEAR_AHEAD),
            "Net operating income of the next twelve months",
            "money",
        )


def _declare_cost(terms: Terms, name: str, days: Days) -> Ref:
    g, spec, at = terms.graph, terms.deal.spec, f"opex.{name}"
    index, base = _index(terms, at), terms[f"{at}.amount"] / PERIODS_PER_YEAR
    if spec.opex[name].escalates == "each year of operation":
        fixed = base * declare_indexed_days(terms, at, days, Ref("revenue.from") + DAY, index, "of operation")
    elif terms.in_calendar_years:
        years = maximum(0, year(END) - year(terms["time.close"]))
        fixed = base * g.series(f"{at}.index", index(years), "Cost index", "x") * days.days
    else:
        start = january_of(terms["time.close"])
        start = g.scalar(f"{at}.january", start, "1 January of the year of financial close", "date")
        fixed = base * declare_indexed_days(terms, at, days, start, index, "of operation")
    parts: list[Expr] = []
    if terms.has(f"{at}.share_of_rent"):
        parts.append(terms[f"{at}.share_of_rent"] * Ref("lease.rent_income"))
    if terms.has(f"{at}.share_of_revenue"):
        parts.append(terms[f"{at}.share_of_revenue"] * revenue_before_recoveries(terms))
    if terms.has(f"{at}.cap"):
        most = terms[f"{at}.cap"] / PERIODS_PER_YEAR * days.days / FULL_DAYS
        most = g.series(f"{at}.most", most, "Most that shares cost", "money", "by days of operation", total=True)
        shares = sum(parts[1:], parts[0])
        parts = [minimum(shares, most)]
        g.series(f"{at}.below_cap", shares < most, "Below the cap", "flag")
    fixed = fixed / FULL_DAYS
    if terms.has(f"{at}.abatement"):
        whole = g.series(f"{at}.unabated", fixed, "Yearly amount before abatement", "money", total=True)
        fixed = terms[f"{at}.abatement"] * whole
    parts.append(fixed)
    if spec.opex[name].passed_through is not None and may_stand_empty(terms):
        whole = g.series(
            f"{at}.metered", sum(parts[1:], parts[0]), "Cost with all let space in use", "money", total=True
        )
        note = "empty space uses none of the yearly amount"
        return g.series(f"{at}.cost", whole - fixed * vacant_share(terms), "Cost", "money", note, total=True)
    return g.series(f"{at}.cost", sum(parts[1:], parts[0]), "Cost", "money", total=True)


def _index(terms: Terms, at: str) -> Callable[[Expr], Expr]:
    """The cost index by whole years passed: compound escalation times what a straight-line decline leaves."""
    growth = 1 + terms[f"{at}.escalation"]
    if not terms.has(f"{at}.decline"):
        return lambda years: growth**years
    return lambda years: growth**years * maximum(0, 1 - terms[f"{at}.decline"] * years)
