"""The working-capital reserve: operating costs of the months ahead, held from financial close."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow
from spvmodel.finance.operations.payables import cash_costs
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, YEAR, YEAR_AHEAD
from spvmodel.finance.waterfall.steps import before_service, supported
from spvmodel.lines import Expr, Number, Ref, maximum, prev, sum_ahead, sum_of, total

WORKING_CAPITAL = "reserves.working_capital"


def has_working_capital(terms: Terms) -> bool:
    """Whether the deal holds operating costs in reserve."""
    return terms.deal.spec.reserves.working_capital_months is not None


def funds_working_capital(terms: Terms, group: str) -> bool:
    """Whether an entry of ``funding`` pays for the first filling: the first one with a loan does."""
    with_loans = (entry for entry in terms.deal.spec.funding if terms.loans_of(entry))
    return has_working_capital(terms) and group == next(with_loans)


def declare_working_capital(terms: Terms) -> None:
    """Target and corkscrew (money, by period) of the working-capital reserve.

    Target: months / 12 x operating costs of the next twelve months, so it is released when they end. The first filling
    is the target at the end of the period of financial close, a use of funds; a later rise comes from cash flow, where
    the waterfall places it. The reserve covers the steps that name it: operating costs, by default.
    """
    if not has_working_capital(terms):
        return
    g, at = terms.graph, WORKING_CAPITAL
    with g.place("Reserves", "Working-capital reserve"):
        held = g.series(f"{at}.held", Number(1), "Held", "flag", "from financial close", opening=0)
        first = g.series(f"{at}.fills", held - prev(held), "Financial close falls here", "flag")
        costs = sum_ahead(cash_costs(terms), END, YEAR_AHEAD)
        costs = g.series(f"{at}.costs_ahead", costs, "Operating costs of the next twelve months", "money")
        share = terms["reserves.working_capital_months"] / YEAR
        target = g.series(f"{at}.target", share * costs, "Target", "money")
        initial = g.scalar(f"{at}.initial", total(target, first), "First filling", "money", "a use of funds")
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        funding = g.series(f"{at}.funding", first * initial, "First filling, from sources", "money", total=True)
        covered = supported(terms, "working capital")
        drawn: Expr = Number(0)
        if covered:
            drawn = sum_of(*[Ref(f"waterfall.{step}.from_working_capital") for step in covered])
        label = "Drawn for operating costs" if covered == ["operating_costs"] else "Drawn to meet obligations"
        draw = g.series(f"{at}.draw", drawn, label, "money", total=True)
        before = g.series(f"{at}.before_top_up", opening + funding - draw, "Balance before top-up", "money")
        top_up = Ref("waterfall.working_capital.paid")
        top_up = g.series(f"{at}.top_up", top_up, "Topped up from cash flow", "money", total=True)
        release = declare_flow(terms, f"{at}.release", maximum(0, before - target), "Released above target")
        declare_balance(terms, f"{at}.closing", before + top_up - release, "Closing balance")
        if before_service(terms, "working_capital"):
            rise = (1 - first) * (target - prev(target))
            note = "ranks before debt service: the rise of the target after its first filling, less its fall"
            g.series(f"{at}.contribution", rise, "Scheduled contribution", "money", note, total=True)
