"""The take-out: one long facility that refinances the balloons, sized on the income that repays it.

It lends at most what the lowest cash flow (CFADS) of its repayment periods carries as a level payment at the target
cover, at a stressed rate where the deal gives one, and no more than the loan to value and the debt yield it
is given allow at issue, the end of the period in which the last loan matures. Its proceeds repay the balloons with
their exit fees and what it costs to break hedges that outlive their loan. Interest is by equal periods, as bonds pay
it, so that every payment is level. What the balloons need beyond that is the refinancing shortfall, due from the
SPV's own cash.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.owed import declare_owed
from spvmodel.finance.debt.ranks import TAKEOUT as TAKEOUT
from spvmodel.finance.debt.ranks import refinanced
from spvmodel.finance.debt.refinanced import balloon_left
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    lowest,
    maximum,
    minimum,
    next_,
    prev,
    ratio,
    sum_of,
    total,
    where,
)


def declare_takeout(terms: Terms) -> None:
    """Capacity, draws per refinanced loan, level schedule, and what is owed after the waterfall."""
    _declare_sizing(terms)
    _declare_draws(terms)
    _declare_schedule(terms)
    declare_owed(terms, TAKEOUT, "Take-out", Ref(f"{TAKEOUT}.draw"))


def _declare_sizing(terms: Terms) -> None:
    g = terms.graph
    with g.place("Debt", "Take-out: sizing"):
        maturities = [Ref(f"debt.{loan}.final_day") for loan in refinanced(terms)]
        last = g.scalar(f"{TAKEOUT}.last_maturity", maximum(*maturities), "Last maturity refinanced", "date")
        paying = (START >= last) * (END <= terms["takeout.final_maturity"])
        paying = g.series(f"{TAKEOUT}.paying", paying, "Repayment period", "flag")
        rate = g.scalar(f"{TAKEOUT}.rate_pp", terms["takeout.rate"] / PERIODS_PER_YEAR, "Rate per period", "share")
        count = g.scalar(f"{TAKEOUT}.payments", maximum(1, total(paying)), "Payments", "count")
        factor = level_payment(rate, count)
        factor = g.scalar(f"{TAKEOUT}.payment_factor", factor, "Level payment per unit of debt", "share")
        low = lowest(Ref("ratios.cfads"), paying)
        low = g.scalar(f"{TAKEOUT}.cfads", low, "Lowest CFADS of a repayment period", "money")
        cash = default(low, 0)
        _declare_capacity(terms, cash, factor, count)
        need = total(Ref(f"{TAKEOUT}.need")) * factor
        need = g.scalar(f"{TAKEOUT}.full_payment", need, "Level payment of a full refinancing", "money")
        g.scalar(
            f"{TAKEOUT}.refinance_dscr",
            ratio(cash, need),
            "Refinance DSCR",
            "x",
            "lowest CFADS of a repayment period / level payment of the debt that refinances every balloon in full",
        )


def _declare_capacity(terms: Terms, cash: Expr, factor: Ref, count: Ref) -> None:
    """``debt.takeout.capacity`` (money): the smallest of what the constraints of the deal file allow.

    With several constraints each has a line of its own, and ``debt.takeout.binding`` is the number of the one that
    binds (the first of equals), in the order of its note.
    """
    g, spec = terms.graph, terms.deal.spec.takeout
    assert spec is not None
    if spec.sizing_rate is not None:
        rate = terms["takeout.sizing_rate"] / PERIODS_PER_YEAR
        rate = g.scalar(f"{TAKEOUT}.sizing_rate_pp", rate, "Sizing rate per period", "share")
        note = "at the sizing rate"
        factor = g.scalar(
            f"{TAKEOUT}.sizing_factor", level_payment(rate, count), "Level payment, sizing", "share", note
        )
    carried = cash / terms["takeout.dscr"] / factor
    basis = "lowest CFADS of a repayment period / target cover / level payment"
    if spec.ltv is None and spec.debt_yield is None:
        g.scalar(f"{TAKEOUT}.capacity", carried, "Debt capacity", "money", basis)
        return
    last = Ref(f"{TAKEOUT}.last_maturity")
    issue = g.series(f"{TAKEOUT}.issue", (last > START) * (last <= END), "Issue", "flag", "the last loan matures")
    limits = {"DSCR": g.scalar(f"{TAKEOUT}.capacity_dscr", carried, "Capacity: DSCR", "money", basis)}
    if spec.ltv is not None:
        value = total(Ref("valuation.value"), issue) * terms["takeout.ltv"]
        limits["LTV"] = g.scalar(
            f"{TAKEOUT}.capacity_ltv", value, "Capacity: LTV", "money", "value at issue x take-out LTV"
        )
    if spec.debt_yield is not None:
        income = maximum(0, total(Ref("opex.noi_ahead"), issue)) / terms["takeout.debt_yield"]
        limits["debt yield"] = g.scalar(
            f"{TAKEOUT}.capacity_debt_yield",
            income,
            "Capacity: debt yield",
            "money",
            "NOI of the twelve months after issue / take-out debt yield",
        )
    least = g.scalar(f"{TAKEOUT}.capacity", minimum(*limits.values()), "Debt capacity", "money", "the smallest")
    places = [where(limit <= least, place, len(limits)) for place, limit in enumerate(limits.values(), start=1)]
    words = ", ".join(f"{place} {name}" for place, name in enumerate(limits, start=1))
    label = "Constraint that binds the take-out"
    g.scalar(f"{TAKEOUT}.binding", minimum(*places), label, "count", words, names=tuple(limits))


def _declare_draws(terms: Terms) -> None:
    """What each balloon needs and gets while capacity lasts: loans by rank and in file order, then hedges."""
    g, loans, spec = terms.graph, terms.deal.spec.debt, terms.deal.spec.takeout
    assert spec is not None
    left: Expr = Ref(f"{TAKEOUT}.capacity") - prev(Ref(f"{TAKEOUT}.drawn"))
    net, needs, draws = 1 - terms["takeout.upfront_fee"], [], []
    with g.place("Debt", "Take-out: draws"):
        for loan in refinanced(terms):
            terms_of, owed = loans[loan], balloon_left(terms, loan)
            note = "the balloon and the take-out's own fee"
            if terms_of.exit_fee is not None:
                owed = owed * (1 + terms[f"debt.{loan}.exit_fee"])
                note = "the balloon, its exit fee and the take-out's own fee"
            need, drawn = _declare_draw(terms, f"debt.{loan}", owed / net, left, terms_of.label, note)
            g.series(
                f"debt.{loan}.refinanced_days",
                drawn * maximum(0, END - Ref(f"debt.{loan}.final_day")),
                f"Drawn for {terms_of.label} x days to the period end",
                "money*days",
            )
            left = left - drawn
            needs.append(need)
            draws.append(drawn)
        if breaks_hedges(terms):
            cost = maximum(0, Ref("hedge.break_cost_at_refinancing"))
            note = "the break cost and the take-out's own fee"
            need, drawn = _declare_draw(terms, f"{TAKEOUT}.hedges", cost / net, left, "breaking hedges", note)
            g.series(f"{TAKEOUT}.hedges.net_proceeds", drawn * net, "Proceeds to break hedges", "money", total=True)
            left = left - drawn
            needs.append(need)
            draws.append(drawn)
        g.series(f"{TAKEOUT}.need", sum_of(*needs), "Debt needed to refinance in full", "money", total=True)
        if spec.release_excess == "yes":
            last = Ref(f"{TAKEOUT}.last_maturity")
            excess = (last > START) * (last <= END) * maximum(0, left)
            excess = g.series(
                f"{TAKEOUT}.excess",
                excess,
                "Drawn beyond the need",
                "money",
                "up to capacity, left to the waterfall",
                total=True,
            )
            g.series(
                f"{TAKEOUT}.excess_days",
                excess * maximum(0, END - last),
                "Drawn beyond the need x days to the period end",
                "money*days",
            )
            draws.append(excess)
        draw = g.series(f"{TAKEOUT}.draw", sum_of(*draws), "Draw", "money", total=True)
        g.series(f"{TAKEOUT}.drawn", prev(Ref(f"{TAKEOUT}.drawn")) + draw, "Drawn to date", "money")
        fee = g.series(f"{TAKEOUT}.fee", draw * terms["takeout.upfront_fee"], "Upfront fee", "money", total=True)
        g.series(f"{TAKEOUT}.net_proceeds", draw - fee, "Net proceeds", "money", total=True)


def breaks_hedges(terms: Terms) -> bool:
    """Whether the take-out also pays for breaking hedges that outlive their loans."""
    return terms.deal.spec.takeout is not None and any(h.schedule is not None for h in terms.deal.spec.hedge.values())


def _declare_draw(terms: Terms, at: str, need: Expr, left: Expr, label: str, note: str) -> tuple[Ref, Ref]:
    """``<at>.refinancing_need`` and ``<at>.refinanced``, which is the need while capacity is left."""
    g = terms.graph
    need = g.series(f"{at}.refinancing_need", need, f"Needed to refinance {label}", "money", note, total=True)
    drawn = minimum(need, maximum(0, left))
    return need, g.series(f"{at}.refinanced", drawn, f"Drawn for {label}", "money", total=True)


def _declare_schedule(terms: Terms) -> None:
    g, at = terms.graph, TAKEOUT
    since = [Ref(f"debt.{loan}.refinanced_days") for loan in refinanced(terms)]
    if g.has(f"{at}.excess_days"):
        since.append(Ref(f"{at}.excess_days"))
    draw, paying = Ref(f"{at}.draw"), Ref(f"{at}.paying")
    with g.place("Debt", "Take-out: schedule"):
        g.series(f"{at}.rate", terms["takeout.rate"], "Rate", "1/yr")
        opening = g.series(f"{at}.scheduled_opening", prev(Ref(f"{at}.scheduled_closing")), "Opening balance", "money")
        balance = opening * FULL_DAYS + sum_of(*since)
        balance = g.series(f"{at}.balance_days", balance, "Balance x days", "money*days", "a full period counts whole")
        interest = g.series(
            f"{at}.interest_scheduled",
            Ref(f"{at}.rate_pp") * balance / FULL_DAYS,
            "Interest",
            "money",
            "rate / periods a year for a full period; by days in the period of the draw",
            total=True,
        )
        last = g.series(f"{at}.last_payment", paying * (1 - next_(paying)), "Last payment", "flag")
        level = total(draw) * Ref(f"{at}.payment_factor")
        level = g.scalar(f"{at}.level_payment", level, "Level payment", "money")
        amortisation = g.series(
            f"{at}.amortisation",
            paying * minimum(opening, maximum(level - opening * Ref(f"{at}.rate_pp"), last * opening)),
            "Amortisation",
            "money",
            "level payment less interest; the last payment repays the rest",
            total=True,
        )
        g.series(f"{at}.balloon", Number(0), "Balloon", "money", "none: repaid in full by its final maturity")
        g.series(f"{at}.scheduled_closing", opening + draw - amortisation, "Scheduled closing balance", "money")
        g.series(f"{at}.service", interest + amortisation, "Scheduled debt service", "money", total=True)
