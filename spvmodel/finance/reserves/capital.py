"""Reserves for works that come round every few years: filled evenly, spent when the works are done.

What is scheduled (the works, what the reserve must hold, the contribution) follows from the deal alone, so CFADS and
the sizing of debt rest on it. What is paid in and spent follows the waterfall: missing money falls due again.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow, due_until_sale
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, FULL_DAYS, LAST_DAY, START
from spvmodel.lines import (
    Expr,
    Ref,
    default,
    edate,
    eomonth,
    equal,
    maximum,
    minimum,
    next_,
    prev,
    ratio,
    sum_of,
    where,
    year,
)


def capital_reserves(terms: Terms) -> list[str]:
    """The line prefix of every capital reserve, in the order of the deal file."""
    return [f"reserves.capital.{name}" for name in terms.deal.spec.reserves.capital]


def declare_capital_reserves(terms: Terms) -> None:
    """Works, scheduled contribution and corkscrew (money, by period) of every capital reserve, and their sums."""
    every = capital_reserves(terms)
    if not every:
        return
    g = terms.graph
    for at, spec in zip(every, terms.deal.spec.reserves.capital.values(), strict=True):
        with g.place("Reserves", f"{spec.label}: works"):
            _declare_works(terms, at)
        with g.place("Reserves", f"{spec.label}: account"):
            _declare_account(terms, at)
    with g.place("Reserves", "All capital reserves"):
        for what, label in (
            ("contribution", "Scheduled contributions"),
            ("due", "Contributions due"),
            ("opening", "Opening balance"),
            ("funding", "Contributions paid"),
            ("spending", "Spent on works"),
            ("closing", "Closing balance"),
        ):
            parts = [Ref(f"{at}.{what}") for at in every]
            flows = what in ("contribution", "funding", "spending")
            g.series(f"reserves.capital.{what}", sum_of(*parts), label, "money", total=flows)


def _declare_works(terms: Terms, at: str) -> None:
    """When works fall, what they cost, and what the reserve must hold by the end of each period.

    The month counts in proportion to its days, so that every full period of a cycle saves alike.
    """
    g, cycle, months = terms.graph, terms[f"{at}.cycle"], Ref("time.months_per_period")
    start, until, prices = _dates(terms, at)
    done = g.series(
        f"{at}.works_before", prev(Ref(f"{at}.works_before")) + prev(Ref(f"{at}.works")), "Works before", "count"
    )
    due = g.series(f"{at}.works_date", _after(start, (done + 1) * cycle), "Date of the next works", "date")
    cost = terms[f"{at}.cost"] * (1 + terms[f"{at}.escalation"]) ** maximum(0, year(due) - year(prices))
    price = g.series(f"{at}.works_price", cost * (due <= until), "Cost of the next works", "money", "0 if never done")
    works = g.series(f"{at}.works", due <= END, "Works fall in the period", "flag")
    g.series(f"{at}.works_cost", works * price, "Cost of works done", "money", total=True)
    since = where(works, due, maximum(START, start))
    elapsed = g.series(
        f"{at}.months_saved",
        (1 - works) * prev(Ref(f"{at}.months_saved")) + months * (maximum(0, END - since) / FULL_DAYS),
        "Months of the cycle passed",
        "months",
    )
    g.series(
        f"{at}.required",
        next_(price) * minimum(1, elapsed / cycle),
        "Required balance",
        "money",
        "cost of the next works x share of the cycle that has passed",
    )
    g.series(
        f"{at}.contribution",
        Ref(f"{at}.works_cost") + Ref(f"{at}.required") - prev(Ref(f"{at}.required")),
        "Scheduled contribution",
        "money",
        "cost of works done + rise of the required balance",
        total=True,
    )


def _dates(terms: Terms, at: str) -> tuple[Expr, Expr, Expr]:
    """Start of the cycles, last day of works, date of the prices."""
    close = terms["time.close"]
    start = terms[f"{at}.start"] if terms.has(f"{at}.start") else close
    until = terms[f"{at}.until"] if terms.has(f"{at}.until") else LAST_DAY
    return start, until, terms[f"{at}.price_date"] if terms.has(f"{at}.price_date") else close


def _after(start: Expr, months: Expr) -> Expr:
    """The date ``months`` after ``start``; a month-end stays one."""
    return where(equal(start, eomonth(start, 0)), eomonth(start, months), edate(start, months))


def _declare_account(terms: Terms, at: str) -> None:
    """Paid in as far as the waterfall pays, spent as far as there is money; works not paid stay owed."""
    g = terms.graph
    opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
    late = prev(Ref(f"{at}.unpaid"))
    owed = due_until_sale(terms, late + Ref(f"{at}.works_cost"), late)
    owed = g.series(f"{at}.owed", owed, "Works to be paid", "money")
    due = maximum(0, owed + Ref(f"{at}.required") - opening)
    note = "with what was not paid in before"
    due = declare_flow(terms, f"{at}.due", due, "Contribution due", note, total=False)
    part = default(ratio(due, Ref("waterfall.capital_reserves.due")), 0)
    funding = due - Ref("waterfall.capital_reserves.shortfall") * part
    funding = g.series(f"{at}.funding", funding, "Contribution paid", "money", total=True)
    spending = declare_flow(terms, f"{at}.spending", minimum(owed, opening + funding), "Spent on works")
    declare_balance(terms, f"{at}.unpaid", owed - spending, "Works not paid")
    declare_balance(terms, f"{at}.closing", opening + funding - spending, "Closing balance")
