"""Cash flow available for debt service and cover ratios (definitions, sections 1 and 2)."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, START, YEAR_AGO, YEAR_AHEAD
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    at_lowest,
    highest,
    lowest,
    maximum,
    mean,
    na,
    next_,
    ratio,
    sum_ahead,
    sum_behind,
    total,
    where,
)

A_YEAR = Number(1, "yr")

CFADS_RECIPE = (
    "lease income (cash rent, triple net: recoveries and the costs they recover cancel out)",
    "less operating costs the landlord bears",
    "before tax (pass-through entity), before working capital, interest on accounts and reserve movements",
    "without equity, debt, take-out proceeds and opening cash",
)
"""How CFADS is made, line by line, for the disclosure rule of definitions, section 1."""


def declare_ratios(terms: Terms) -> None:
    """CFADS, DSCR (period, historic, forward), ICR, LLCR, PLCR and debt yield."""
    g = terms.graph
    with g.place("Ratios", "Cash flow available for debt service"):
        cfads = g.series(
            "ratios.cfads",
            Ref("lease.rent_income") - Ref("opex.total"),
            "CFADS",
            "money",
            "; ".join(CFADS_RECIPE),
            total=True,
        )
        _declare_completion(terms)
    _declare_dscr(terms, cfads)
    _declare_life_cover(terms, cfads)
    with g.place("Ratios", "Debt yield"):
        noi, debt = Ref("opex.noi_ahead"), Ref("debt.closing")
        g.series(
            "ratios.debt_yield",
            where(Ref("ratios.outstanding"), ratio(noi, debt), na()),
            "Debt yield",
            "share",
            "NOI of the next twelve months / closing debt",
        )
        first = Ref("ratios.completes")
        g.scalar(
            "ratios.debt_yield_at_completion",
            ratio(total(noi, first), total(debt, first)),
            "Debt yield at completion",
            "share",
        )


def _declare_completion(terms: Terms) -> None:
    g, loans = terms.graph, list(terms.deal.spec.debt)
    eves = [Ref(f"debt.{loan}.completion_eve") for loan in loans]
    last = g.scalar("ratios.completion_eve", maximum(*eves), "Eve of the last completion", "date")
    g.series("ratios.complete", END >= last, "All buildings complete", "flag")
    g.series("ratios.completes", (last > START) * (last <= END), "Last completion falls here", "flag")
    with g.place("Time", "Phases"):
        g.series(
            "time.phase",
            1 + (START >= last) + (START >= Ref("lease.until")),
            "Phase",
            "count",
            "1 construction, 2 operation, 3 after the last lease",
        )
    owed = (Ref("debt.closing") > terms["checks.tolerance"]) * Ref("ratios.complete")
    g.series("ratios.outstanding", owed, "Complete, and debt outstanding", "flag")


def _declare_dscr(terms: Terms, cfads: Ref) -> None:
    g, service = terms.graph, Ref("debt.service")
    with g.place("Ratios", "Debt service cover"):
        dscr = g.series(
            "ratios.dscr",
            ratio(cfads, service * (1 - Ref("debt.final_balloon"))),
            "DSCR",
            "x",
            "CFADS / scheduled debt service; N/A in a last period that pays a balloon and a stub of interest",
        )
        with_balloon = g.series(
            "ratios.dscr_with_balloon", ratio(cfads, service + Ref("debt.balloon")), "DSCR with balloon", "x"
        )
        behind = g.series("ratios.cfads_behind", sum_behind(cfads, END, YEAR_AGO), "CFADS, last 12 months", "money")
        due = g.series("ratios.service_behind", sum_behind(service, END, YEAR_AGO), "Service, last 12 months", "money")
        g.series(
            "ratios.dscr_historic",
            where(YEAR_AGO >= Ref("ratios.completion_eve"), ratio(behind, due), na()),
            "DSCR, last 12 months",
            "x",
            "from twelve months after the last completion",
        )
        serving = g.series("ratios.cfads_serving", cfads * (service > 0), "CFADS of periods with service", "money")
        ahead = g.series("ratios.cfads_ahead", sum_ahead(serving, END, YEAR_AHEAD), "CFADS, next 12 months", "money")
        coming = g.series(
            "ratios.service_ahead", sum_ahead(service, END, YEAR_AHEAD), "Service, next 12 months", "money"
        )
        g.series(
            "ratios.dscr_forward",
            where(Ref("ratios.complete"), ratio(ahead, coming), na()),
            "DSCR, next 12 months",
            "x",
            "from the last completion",
        )
        g.series(
            "ratios.icr",
            ratio(cfads, Ref("debt.interest_scheduled")),
            "ICR",
            "x",
            "CFADS / scheduled interest",
        )
        g.scalar("ratios.min_dscr", lowest(dscr), "Minimum DSCR", "x")
        g.scalar("ratios.min_dscr_date", at_lowest(END, dscr), "Date of the minimum DSCR", "date")
        # While a loan still capitalises its interest the period ratio flatters, so averages begin at completion.
        complete = Ref("ratios.complete")
        g.scalar(
            "ratios.avg_dscr",
            mean(dscr, complete),
            "Average DSCR",
            "x",
            "mean of period ratios from the last completion",
        )
        g.scalar(
            "ratios.avg_dscr_total",
            ratio(total(Ref("ratios.cfads_serving"), complete), total(service, complete)),
            "Average DSCR by totals",
            "x",
            "total CFADS of periods with service / total service, from the last completion",
        )
        g.scalar("ratios.min_dscr_with_balloon", lowest(with_balloon), "Minimum DSCR with balloons", "x")
        g.scalar("ratios.min_icr", lowest(Ref("ratios.icr")), "Minimum ICR", "x")


def _declare_life_cover(terms: Terms, cfads: Ref) -> None:
    """LLCR to final maturity (the take-out's, where there is one) and PLCR to the end of the leases."""
    g = terms.graph
    with g.place("Ratios", "Loan life and project life cover"):
        maturities = [terms[f"debt.{loan}.maturity"] for loan in terms.deal.spec.debt]
        final: Expr = terms["takeout.final_maturity"] if terms.deal.spec.takeout else maximum(*maturities)
        final = g.scalar("ratios.final_maturity", final, "Final maturity", "date")
        life = g.series("ratios.cfads_life", cfads * (START < final), "CFADS to final maturity", "money")
        for what, flow, label, end in (("loan", life, "LLCR", final), ("project", cfads, "PLCR", Ref("lease.until"))):
            value = Ref(f"ratios.pv_{what}")
            g.series(
                value.name,
                (next_(value) + next_(flow)) / (1 + next_(Ref("debt.rate_pp"))),
                f"Present value of later CFADS, {what} life",
                "money",
                "discounted at the average rate of the debt",
            )
            cover = g.series(
                f"ratios.{label.lower()}",
                where(Ref("ratios.outstanding") * (END < end), ratio(value, Ref("debt.closing")), na()),
                label,
                "x",
                "present value of later CFADS / closing debt; not tested once no such flow is left",
            )
            g.scalar(f"ratios.min_{label.lower()}", lowest(cover), f"Minimum {label}", "x")
        g.scalar("ratios.max_dscr", highest(Ref("ratios.dscr")), "Highest DSCR", "x")
