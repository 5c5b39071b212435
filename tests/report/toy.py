"""A model of eight quarters with the lines a report looks for, and texts that try to be markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from spvmodel.engine import Result, solve
from spvmodel.lines import (
    Graph,
    Input,
    Model,
    Number,
    Ref,
    at_lowest,
    default,
    eomonth,
    lowest,
    maximum,
    minimum,
    na,
    prev,
    ratio,
    serial,
    total,
    where,
)

QUARTERS = 8
SPENDING = (60.0, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
RENT = (0.0, 0.0, 12.0, 12.0, 12.0, 12.0, 9.0, 12.0)
EVIL = "<script>alert('x')</script><img src=http://x.invalid/a.png>"

ABOUT: dict[str, object] = {
    "deal": "toy",
    "title": "Toy & Sons <b>SPV</b>",
    "description": f"A toy. {EVIL}",
    "currency": "EUR",
    "as_of": "2025-01-31",
    "fingerprint": "0123456789abcdef" * 4,
    "parties": {"Borrower </th>": EVIL},
    "sources": {
        "S1": {"title": f"Terms {EVIL}", "url": 'https://example.org/a?b=1&c="2"', "date": "2025-01-01", "note": "n"},
        "S2": {"title": "No address", "url": "javascript:alert(1)", "date": "", "note": ""},
    },
    "qualifications": [EVIL, "second"],
    "cases": {
        "base": {"label": "Base case", "description": "As written."},
        "low": {"label": "Low <i>rent</i>", "description": "Half the rent."},
    },
    "cfads_recipe": ["rent"],
    "metrics": ["gearing", "min_dscr", "min_dscr_date", "lgd"],
    "not_applicable": {"lgd": "no value of the collateral"},
    "fixed": [("Periods", "8")],
}  # fmt: skip


def _inputs(g: Graph) -> None:
    with g.place("Inputs", "Debt: Loan A"):
        commitment = Input("debt.a.commitment", 70.0, "70m", "S1", "filed", "</td><td>note", "2025-01-01")
        g.input(commitment, "Commitment, Loan A", "money")
        g.input(Input("debt.a.rate", 0.08, "8%", "", "assumed", "as peers"), "Rate, Loan A", "1/yr")
        maturity = Input("debt.a.maturity", serial(date(2026, 12, 31)), "2026-12-31", "S2", "reported")
        g.input(maturity, "Maturity, Loan A", "date")
        g.input(Input("debt.a.fee", 0.01, "1%", "", ""), "Upfront fee, Loan A", "")
    with g.place("Inputs", "Lease"):
        low = tuple(rent / 2 for rent in RENT)
        rents = Input("lease.rents", RENT, EVIL, "S1", "derived", cases=(("low", low),))
        g.input(rents, "Rents", "money")
        g.input(Input("covenants.lockup_dscr", 1.2, "1.20x", "", "assumed", cases=(("low", 1.1),)), "Lock-up DSCR", "x")
        g.input(Input("construction.costs", SPENDING, "60, 40", "S1", "filed"), "Costs", "money")
        g.input(Input("tolerance", 1e-9, "", "", "fixed"), "Tolerance", "money")


def _time(g: Graph) -> None:
    with g.place("Time", "Periods"):
        number = g.series("time.number", prev(Ref("time.number")) + 1, "Period number", "count")
        first = Number(serial(date(2025, 1, 31)), "date")
        end = g.series(
            "time.end", eomonth(first, number * Number(3, "months") - Number(1, "months")), "Period end", "date",
            opening=Number(serial(date(2024, 12, 31)), "date"),
        )  # fmt: skip
        g.series("time.start", prev(end), "Period start", "date")


def _cash(g: Graph) -> None:
    with g.place("Lease"):
        rent = g.series("revenue.total", Ref("lease.rents"), "Revenue", "money", total=True)
    with g.place("Construction"):
        spend = g.series("construction.hall.spend", Ref("construction.costs"), "Spending", "money", total=True)
    with g.place("Funding"):
        g.series("funding.a.spend", spend, "Construction", "money", total=True)
        g.series("funding.a.uses", spend, "Uses", "money", total=True)
        draws = g.series("funding.a.draws", spend * 0.7, "Debt draws", "money", total=True)
        g.series("funding.a.equity", spend - draws, "Equity", "money", total=True)
        g.series("funding.draws", draws, "Debt draws", "money", total=True)
        g.series("funding.equity", Ref("funding.a.equity"), "Equity", "money", total=True)
        g.scalar("funding.gearing", ratio(total(draws), total(spend)), "Gearing", "share")
    with g.place("Ratios"):
        g.series("ratios.cfads", rent, "CFADS", "money", "rent and nothing else", total=True)


def _debt(g: Graph) -> None:
    with g.place("Debt", "Loan A: balance"):
        opening = g.series("debt.a.opening", prev(Ref("debt.a.closing")), "Opening balance", "money")
        interest = opening * Ref("debt.a.rate") * Number(0.25, "yr") * (Ref("revenue.total") > 0)
        g.series("debt.interest_scheduled", interest, "Scheduled interest", "money", total=True)
        due = minimum(opening, where(Ref("revenue.total") > 0, Number(8, "money"), 0))
        g.series("debt.amortisation", due, "Scheduled amortisation", "money", total=True)
        paid = g.series("debt.a.paid", Ref("waterfall.service.paid"), "Paid", "money", total=True)
        repaid = maximum(0, paid - Ref("debt.interest_scheduled"))
        g.series("debt.a.closing", opening + Ref("funding.a.draws") - repaid, "Closing balance", "money")
    with g.place("Debt", "All"):
        g.series("debt.opening", opening, "Opening balance", "money")
        g.series("debt.closing", Ref("debt.a.closing"), "Closing balance", "money")
        service = Ref("debt.interest_scheduled") + Ref("debt.amortisation")
        g.series("debt.service", service, "Debt service", "money", total=True)


def _waterfall(g: Graph) -> None:
    with g.place("Waterfall"):
        overdue = prev(Ref("waterfall.service.shortfall"))
        owed = minimum(Ref("debt.service") + overdue, Ref("debt.a.opening") + Ref("debt.interest_scheduled"))
        due = g.series("waterfall.service.due", owed, "Debt service: due", "money")
        paid = g.series(
            "waterfall.service.paid", minimum(due, Ref("ratios.cfads")), "Debt service: paid", "money", total=True
        )
        g.series("waterfall.service.shortfall", due - paid, "Debt service: shortfall", "money")
        left = g.series("waterfall.service.cash_left", Ref("ratios.cfads") - paid, "Debt service: cash left", "money")
        g.series("waterfall.distributions", left, "Distributions", "money", total=True)


def _cover(g: Graph, fails: bool) -> None:
    with g.place("Ratios"):
        cover = where(Ref("ratios.cfads") > 0, ratio(Ref("ratios.cfads"), Ref("debt.service")), na())
        dscr = g.series("ratios.dscr", cover, "DSCR", "x", "CFADS / debt service")
        g.scalar("ratios.min_dscr", lowest(dscr), "Minimum DSCR", "x")
        g.scalar("ratios.min_dscr_date", at_lowest(Ref("time.end"), dscr), "Date of the minimum DSCR", "date")
    with g.place("Covenants"):
        g.series("covenants.lockup_level", Ref("covenants.lockup_dscr"), "Lock-up level", "x")
        missed = Ref("waterfall.service.shortfall") > Ref("tolerance")
        g.series("covenants.payment_default", missed, "Payment default", "flag")
    gap = total(Ref("funding.a.uses")) - total(Ref("funding.a.draws")) - total(Ref("funding.a.equity"))
    g.scalar("funding.gap", gap, "Uses less sources", "money")
    difference = Ref("funding.gap") + Number(1.5 if fails else 0, "money")
    g.check("checks.sources", maximum(0, difference), "Sources equal <uses>", "money", Ref("tolerance"))
    below = default(Ref("ratios.min_dscr"), 0) < Ref("covenants.lockup_dscr")
    g.alert("alerts.low", below, "Cover below <lock-up>")


def toy(fails: bool = False) -> Model:
    """The model; ``fails`` breaks its check."""
    g = Graph()
    for declare in (_inputs, _time, _cash, _debt, _waterfall):
        declare(g)
    with g.place("Ratios"):
        _cover(g, fails)
    headline = {"gearing": "funding.gearing", "min_dscr": "ratios.min_dscr", "min_dscr_date": "ratios.min_dscr_date"}
    return replace(g.compile(QUARTERS, headline, ("base", "low")), about=ABOUT)


def bare() -> Model:
    """A model with nothing but a timeline: every block of a report that it has no lines for is left out."""
    g = Graph()
    _time(g)
    about = ABOUT | {"sources": {}, "qualifications": [], "metrics": [], "cases": {}, "fixed": [], "parties": {}}
    return replace(g.compile(QUARTERS), about=about)


def solved(case: str = "base", fails: bool = False) -> Result:
    """The toy in one case."""
    return solve(toy(fails), case)
