"""The take-out: one long facility that refinances the balloons, sized on the income that repays it.

It lends at most what the lowest net operating income of its repayment periods carries as a level payment at the
target cover. Interest is by equal periods, as bonds pay it, so that every payment is level. What the balloons need
beyond that is the refinancing shortfall, due from the SPV's own cash.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.owed import declare_owed
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.lines import Expr, Number, Ref, default, lowest, maximum, minimum, next_, prev, ratio, sum_of, total

TAKEOUT = "debt.takeout"


def declare_takeout(terms: Terms) -> None:
    """Capacity, draws per refinanced loan, level schedule, and what is owed after the waterfall."""
    _declare_sizing(terms)
    _declare_draws(terms)
    _declare_schedule(terms)
    declare_owed(terms, TAKEOUT, "Take-out", Ref(f"{TAKEOUT}.draw"))


def _declare_sizing(terms: Terms) -> None:
    g = terms.graph
    with g.place("Debt", "Take-out: sizing"):
        maturities = [terms[f"debt.{loan}.maturity"] for loan in terms.deal.spec.debt]
        last = g.scalar(f"{TAKEOUT}.last_maturity", maximum(*maturities), "Last maturity refinanced", "date")
        paying = (START >= last) * (END <= terms["takeout.final_maturity"])
        paying = g.series(f"{TAKEOUT}.paying", paying, "Repayment period", "flag")
        rate = g.scalar(f"{TAKEOUT}.rate_pp", terms["takeout.rate"] / PERIODS_PER_YEAR, "Rate per period", "share")
        count = g.scalar(f"{TAKEOUT}.payments", maximum(1, total(paying)), "Payments", "count")
        factor = level_payment(rate, count)
        factor = g.scalar(f"{TAKEOUT}.payment_factor", factor, "Level payment per unit of debt", "share")
        low = lowest(Ref("opex.noi"), paying)
        low = g.scalar(f"{TAKEOUT}.noi", low, "Lowest net operating income of a repayment period", "money")
        noi = default(low, 0)
        g.scalar(
            f"{TAKEOUT}.capacity",
            noi / terms["takeout.dscr"] / factor,
            "Debt capacity",
            "money",
            "lowest NOI of a repayment period / target cover / level payment",
        )
        need = total(Ref(f"{TAKEOUT}.need")) * factor
        need = g.scalar(f"{TAKEOUT}.full_payment", need, "Level payment of a full refinancing", "money")
        g.scalar(
            f"{TAKEOUT}.refinance_dscr",
            ratio(noi, need),
            "Refinance DSCR",
            "x",
            "lowest NOI of a repayment period / level payment of the debt that refinances every balloon in full",
        )


def _declare_draws(terms: Terms) -> None:
    """What each balloon needs and gets: loans in the order of the deal file, while capacity lasts."""
    g, loans = terms.graph, terms.deal.spec.debt
    left: Expr = Ref(f"{TAKEOUT}.capacity") - prev(Ref(f"{TAKEOUT}.drawn"))
    needs, draws = [], []
    with g.place("Debt", "Take-out: draws"):
        for loan, spec in loans.items():
            need = g.series(
                f"debt.{loan}.refinancing_need",
                Ref(f"debt.{loan}.balloon") / (1 - terms["takeout.upfront_fee"]),
                f"Needed to refinance {spec.label}",
                "money",
                "the balloon and the take-out's own fee",
                total=True,
            )
            drawn = minimum(need, maximum(0, left))
            drawn = g.series(f"debt.{loan}.refinanced", drawn, f"Drawn for {spec.label}", "money", total=True)
            g.series(
                f"debt.{loan}.refinanced_days",
                drawn * maximum(0, END - terms[f"debt.{loan}.maturity"]),
                f"Drawn for {spec.label} x days to the period end",
                "money*days",
            )
            left = left - drawn
            needs.append(need)
            draws.append(drawn)
        g.series(f"{TAKEOUT}.need", sum_of(*needs), "Debt needed to refinance in full", "money", total=True)
        draw = g.series(f"{TAKEOUT}.draw", sum_of(*draws), "Draw", "money", total=True)
        g.series(f"{TAKEOUT}.drawn", prev(Ref(f"{TAKEOUT}.drawn")) + draw, "Drawn to date", "money")
        fee = g.series(f"{TAKEOUT}.fee", draw * terms["takeout.upfront_fee"], "Upfront fee", "money", total=True)
        g.series(f"{TAKEOUT}.net_proceeds", draw - fee, "Net proceeds", "money", total=True)


def _declare_schedule(terms: Terms) -> None:
    g, at = terms.graph, TAKEOUT
    since = [Ref(f"debt.{loan}.refinanced_days") for loan in terms.deal.spec.debt]
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
