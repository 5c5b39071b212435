"""The take-out: one long facility that refinances the balloons, sized on forward income.

It lends at most what forward net operating income carries as a level payment at the target cover until its final
maturity. What the balloons need beyond that is the refinancing shortfall, due from the SPV's own cash.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.owed import declare_owed
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, END, PERIODS_PER_YEAR, START
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, next_, prev, ratio, sum_of, total

TAKEOUT = "debt.takeout"
A_YEAR = Number(1, "yr")


def declare_takeout(terms: Terms) -> None:
    """Capacity, draws per refinanced loan, level schedule, and what is owed after the waterfall."""
    _declare_sizing(terms)
    _declare_schedule(terms)
    declare_owed(terms, TAKEOUT, "Take-out", Ref(f"{TAKEOUT}.draw"))


def _declare_sizing(terms: Terms) -> None:
    g, loans = terms.graph, list(terms.deal.spec.debt)
    with g.place("Debt", "Take-out: sizing"):
        maturities = [terms[f"debt.{loan}.maturity"] for loan in loans]
        last = g.scalar(f"{TAKEOUT}.last_maturity", maximum(*maturities), "Last maturity refinanced", "date")
        paying = g.series(
            f"{TAKEOUT}.paying",
            (START >= last) * (END <= terms["takeout.final_maturity"]),
            "Repayment period",
            "flag",
        )
        rate = g.scalar(f"{TAKEOUT}.rate_pp", terms["takeout.rate"] / PERIODS_PER_YEAR, "Rate per period", "share")
        count = g.scalar(f"{TAKEOUT}.payments", maximum(1, total(paying)), "Payments", "count")
        factor = g.scalar(
            f"{TAKEOUT}.payment_factor",
            level_payment(rate, count),
            "Level payment per unit of debt",
            "share",
        )
        sized = g.series(f"{TAKEOUT}.sized", (last > START) * (last <= END), "Sizing period", "flag")
        noi = g.scalar(
            f"{TAKEOUT}.noi",
            total(Ref("opex.noi_ahead"), sized) / A_YEAR,
            "Forward net operating income",
            "money/yr",
        )
        capacity = g.scalar(
            f"{TAKEOUT}.capacity",
            noi / terms["takeout.dscr"] / (factor * PERIODS_PER_YEAR),
            "Debt capacity",
            "money",
            "forward NOI / target cover / level payment a year",
        )
        left: Expr = capacity - prev(Ref(f"{TAKEOUT}.drawn"))
        for loan in loans:
            need = g.series(
                f"debt.{loan}.refinancing_need",
                Ref(f"debt.{loan}.balloon") / (1 - terms["takeout.upfront_fee"]),
                f"Needed to refinance {terms.deal.spec.debt[loan].label}",
                "money",
                "the balloon and the take-out's own fee",
                total=True,
            )
            drawn = g.series(
                f"debt.{loan}.refinanced",
                minimum(need, maximum(0, left)),
                "Drawn for it",
                "money",
                total=True,
            )
            left = left - drawn
        draws = [Ref(f"debt.{loan}.refinanced") for loan in loans]
        draw = g.series(f"{TAKEOUT}.draw", sum_of(*draws), "Draw", "money", total=True)
        g.series(f"{TAKEOUT}.drawn", prev(Ref(f"{TAKEOUT}.drawn")) + draw, "Drawn to date", "money")
        needs = [Ref(f"debt.{loan}.refinancing_need") for loan in loans]
        need = g.series(f"{TAKEOUT}.need", sum_of(*needs), "Debt needed to refinance in full", "money", total=True)
        g.scalar(
            f"{TAKEOUT}.full_service",
            total(need) * factor * PERIODS_PER_YEAR,
            "Level service of a full refinancing",
            "money/yr",
        )
        g.scalar(
            f"{TAKEOUT}.refinance_dscr",
            ratio(noi, Ref(f"{TAKEOUT}.full_service")),
            "Refinance DSCR",
            "x",
            "forward NOI / level service of the debt that refinances every balloon in full",
        )


def _declare_schedule(terms: Terms) -> None:
    g, loans = terms.graph, list(terms.deal.spec.debt)
    at = TAKEOUT
    with g.place("Debt", "Take-out: schedule"):
        draw = Ref(f"{at}.draw")
        fee = g.series(f"{at}.fee", draw * terms["takeout.upfront_fee"], "Upfront fee", "money", total=True)
        g.series(f"{at}.net_proceeds", draw - fee, "Net proceeds", "money", total=True)
        g.series(f"{at}.rate", terms["takeout.rate"] * Ref(f"{at}.outstanding"), "Rate", "1/yr")
        since = [
            g.series(
                f"debt.{loan}.refinanced_days",
                Ref(f"debt.{loan}.refinanced") * maximum(0, END - terms[f"debt.{loan}.maturity"]),
                f"Drawn for {terms.deal.spec.debt[loan].label} x days to the period end",
                "money*days",
            )
            for loan in loans
        ]
        opening = g.series(f"{at}.scheduled_opening", prev(Ref(f"{at}.scheduled_closing")), "Opening balance", "money")
        g.series(f"{at}.outstanding", Number(1) * (draw + opening > 0), "Outstanding", "flag")
        g.series(f"{at}.balance_days", opening * DAYS + sum_of(*since), "Balance x days", "money*days")
        g.series(
            f"{at}.interest_scheduled",
            terms["takeout.rate"] * Ref(f"{at}.balance_days") / DAYS_360,
            "Interest",
            "money",
            total=True,
        )
        paying = Ref(f"{at}.paying")
        last = g.series(f"{at}.last_payment", paying * (1 - next_(paying)), "Last payment", "flag")
        level = total(draw) * Ref(f"{at}.payment_factor")
        level = g.scalar(f"{at}.level_payment", level, "Level payment", "money")
        amortisation = g.series(
            f"{at}.amortisation",
            paying * minimum(opening, maximum(level - opening * Ref(f"{at}.rate_pp"), last * opening)),
            "Amortisation",
            "money",
            "level payment less notional interest; the last payment repays the rest",
            total=True,
        )
        g.series(f"{at}.balloon", Number(0), "Balloon", "money", "none: repaid in full by its final maturity")
        g.series(f"{at}.scheduled_closing", opening + draw - amortisation, "Scheduled closing balance", "money")
        g.series(
            f"{at}.service",
            Ref(f"{at}.interest_scheduled") + amortisation,
            "Scheduled debt service",
            "money",
            total=True,
        )
