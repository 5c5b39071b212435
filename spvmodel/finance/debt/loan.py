"""A construction loan that turns into a term loan: rate, interest, schedule, balloon.

These lines are the *schedule*: what the loan owes if every payment is made. What is really paid and owed after
the waterfall is in ``owed.py``. Interest accrues ACT/360 on the opening balance and on dated draws; what accrues
before completion is capitalised.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.owed import declare_owed
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, DAYS_360, END, PERIODS_PER_YEAR, START
from spvmodel.lines import Ref, edate, maximum, minimum, prev


def declare_loan(terms: Terms, loan: str) -> None:
    """Every line of one loan's schedule, and what is owed after the waterfall."""
    _declare_interest(terms, loan)
    _declare_schedule(terms, loan)
    at, label = f"debt.{loan}", terms.deal.spec.debt[loan].label
    declare_owed(terms, at, label, Ref(f"funding.{loan}.draws"))


def _declare_interest(terms: Terms, loan: str) -> None:
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    opening = Ref(f"{at}.scheduled_opening")
    with g.place("Debt", f"{label}: interest"):
        base = terms["rates.curve"] + terms["rates.shift"]
        g.series(
            f"{at}.rate",
            maximum(base, terms[f"{at}.floor"]) + terms[f"{at}.margin"],
            "All-in rate",
            "1/yr",
            "max(base rate + shift, floor) + margin",
        )
        accrual = maximum(0, minimum(END, terms[f"{at}.maturity"]) - maximum(START, terms[f"{at}.close"]))
        days = g.series(f"{at}.accrual_days", accrual, "Accrual days", "days")
        drawn = (opening + Ref(f"funding.{loan}.draw_at_close")) * days
        drawn = drawn + Ref(f"funding.{loan}.draw_construction") * Ref(f"{at}.days_from_draw")
        g.series(f"{at}.balance_days", drawn, "Balance x days", "money*days", "opening balance and dated draws")
        interest = g.series(
            f"{at}.interest",
            Ref(f"{at}.rate") * Ref(f"{at}.balance_days") / DAYS_360,
            "Interest accrued",
            "money",
            total=True,
        )
        eve = g.scalar(
            f"{at}.completion_eve",
            edate(terms[f"{at}.completion"], terms["construction.delay"]) - DAY,
            "Eve of completion after delay",
            "date",
        )
        share = g.series(
            f"{at}.capitalised_share",
            minimum(1, maximum(0, eve - START) / DAYS),
            "Share of the period before completion",
            "share",
            "interest and fees of this share are capitalised",
        )
        payable = g.series(
            f"{at}.interest_scheduled",
            interest * (1 - share),
            "Interest payable in cash",
            "money",
            total=True,
        )
        fees = Ref(f"{at}.fees") * (1 - share)
        fees = g.series(f"{at}.fees_scheduled", fees, "Fees payable in cash", "money", total=True)
        g.series(
            f"{at}.capitalised",
            interest - payable + Ref(f"{at}.fees") - fees,
            "Interest and fees capitalised",
            "money",
            total=True,
        )


def _declare_schedule(terms: Terms, loan: str) -> None:
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    maturity = terms[f"{at}.maturity"]
    with g.place("Debt", f"{label}: schedule"):
        rate = g.scalar(
            f"{at}.amortisation_rate_pp",
            terms[f"{at}.amortisation_rate"] / PERIODS_PER_YEAR,
            "Notional rate per period",
            "share",
        )
        count = g.scalar(
            f"{at}.amortisation_periods",
            terms[f"{at}.amortisation_term"] / Ref("time.months_per_period"),
            "Periods of the notional schedule",
            "count",
        )
        factor = g.scalar(
            f"{at}.payment_factor",
            level_payment(rate, count),
            "Level payment per unit of balance",
            "share",
        )
        amortising = g.series(
            f"{at}.amortising",
            (END > terms[f"{at}.interest_only_until"]) * (END < maturity),
            "Amortising",
            "flag",
        )
        opening = g.series(f"{at}.scheduled_opening", prev(Ref(f"{at}.scheduled_closing")), "Opening balance", "money")
        starts = g.series(f"{at}.amortisation_starts", amortising * (1 - prev(amortising)), "First repayment", "flag")
        base = g.series(
            f"{at}.amortisation_base",
            starts * opening + (1 - starts) * prev(Ref(f"{at}.amortisation_base")),
            "Balance at the first repayment",
            "money",
        )
        amortisation = g.series(
            f"{at}.amortisation",
            amortising * minimum(opening, maximum(0, base * factor - opening * rate)),
            "Scheduled amortisation",
            "money",
            "principal part of the notional level payment",
            total=True,
        )
        matures = g.series(f"{at}.matures", (maturity > START) * (maturity <= END), "Matures", "flag")
        balloon = g.series(f"{at}.balloon", matures * opening, "Balloon", "money", total=True)
        g.series(
            f"{at}.scheduled_closing",
            opening + Ref(f"funding.{loan}.draws") - amortisation - balloon,
            "Scheduled closing balance",
            "money",
        )
        g.series(
            f"{at}.service",
            Ref(f"{at}.interest_scheduled") + amortisation,
            "Scheduled debt service",
            "money",
            "interest and amortisation, without the balloon",
            total=True,
        )
