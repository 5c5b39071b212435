"""Interest of a loan: its rate, the days it accrues for, what accrues, and what of that is paid in cash.

Interest accrues on the opening balance over the accrual days of the period, and on each draw of the period from its
date. What accrues before completion is capitalised: it is a use of funds. Definitions, section 5.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.days import year_fraction
from spvmodel.finance.debt.ard import declare_ard
from spvmodel.finance.debt.ranks import BRIDGE, rank_of
from spvmodel.finance.debt.toggle import declare_pik
from spvmodel.finance.terms import Terms, declare_payment_days, margin_triggers, stepped
from spvmodel.finance.time import DAY, DAYS, DAYS_360, DAYS_365, END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.lines import Expr, Number, Ref, edate, equal, lift, maximum, minimum, prev, where

_DAYS_OF_A_YEAR: Final = {"ACT/360": DAYS_360, "ACT/365F": DAYS_365}
"""Day counts in which every day is the same part of a year."""


def declare_interest(terms: Terms, loan: str) -> None:
    """Rate, accrual, interest, and its split into what is capitalised and what is payable in cash.

    Rates are per annum, amounts in money of the period. Reads ``scheduled_opening``, the draws and the fees.
    """
    with terms.graph.place("Debt", f"{terms.deal.spec.debt[loan].label}: interest"):
        _declare_rate(terms, loan)
        _declare_accrual(terms, loan)
        _declare_split(terms, loan)


def base_rate(terms: Terms) -> Expr:
    """The floating base rate of the period (1/yr), the shift of a rate shock included: what hedges settle on."""
    return terms["rates.curve"] + terms["rates.shift"]


def _loan_base_rate(terms: Terms) -> tuple[Expr, str]:
    """The base rate of a loan (1/yr) before its floor and cap, and its words: with the credit spread adjustment."""
    if not terms.has("rates.spread_adjustment"):
        return base_rate(terms), "base rate + shift"
    return base_rate(terms) + terms["rates.spread_adjustment"], "base rate + shift + spread adjustment"


def payment_day(terms: Terms, loan: str, date: Expr) -> Expr:
    """``date``, a date within the period: where it is the period's start or end, the business day it is paid on.

    Only where the loan accrues up to its days of payment; any other date of a document is taken as it is written.
    """
    if not _accrues_to_payment_days(terms, loan):
        return date
    moved = Ref(f"debt.{loan}.payment_moved")
    return date + equal(date, END) * moved + equal(date, START) * (DAYS > Number(0, "days")) * prev(moved)


def accrual_dates(terms: Terms, loan: str, at: str, start: Expr, end: Expr) -> tuple[Ref, Ref]:
    """Declare ``accrual_from`` and ``accrual_until`` of the period, for what accrues from ``start`` to ``end``."""
    g = terms.graph
    opens = minimum(maximum(START, start), END)
    first = g.series(f"{at}.accrual_from", payment_day(terms, loan, opens), "Accrues from", "date")
    if not _accrues_to_payment_days(terms, loan):
        return first, g.series(f"{at}.accrual_until", maximum(first, minimum(END, end)), "Accrues until", "date")
    ends = g.series(f"{at}.ends_accruing", maximum(opens, minimum(END, end)), "Accrual ends", "date")
    closes = maximum(first, payment_day(terms, loan, ends))
    return first, g.series(f"{at}.accrual_until", closes, "Accrues until", "date", "the payment day, on a period end")


def accrual_fraction(terms: Terms, loan: str, first: Ref, last: Ref) -> Expr:
    """The fraction of a year (yr) from ``first`` to ``last``, two dates within the period, by a loan's day count."""
    final = Ref(f"debt.{loan}.final_day")
    return year_fraction(
        terms.deal.spec.debt[loan].day_count,
        first,
        last,
        period_start=payment_day(terms, loan, END - FULL_DAYS),
        period_end=payment_day(terms, loan, END),
        periods_per_year=PERIODS_PER_YEAR,
        last=payment_day(terms, loan, final),
    )


def _accrues_to_payment_days(terms: Terms, loan: str) -> bool:
    """Whether interest accrues up to business days in place of period ends."""
    days = terms.deal.spec.debt[loan].payment_days
    return days is not None and days.accrual == "adjusted"


def _declare_rate(terms: Terms, loan: str) -> None:
    g, at = terms.graph, f"debt.{loan}"
    if terms.has(f"{at}.fixed_rate"):
        rate: Expr = terms[f"{at}.fixed_rate"]
        note = "fixed"
    else:
        floating, words = _loan_base_rate(terms)
        base = maximum(floating, terms[f"{at}.floor"])
        note = f"max({words}, floor) + margin"
        if terms.has(f"{at}.cap"):
            base = minimum(base, terms[f"{at}.cap"])
            note = f"min(max({words}, floor), cap) + margin"
        rate = base + _margin(terms, loan)
    if terms.deal.spec.debt[loan].extension:
        rate, note = rate + Ref(f"{at}.extension_step"), f"{note}, and the step of the extension"
    if terms.deal.spec.debt[loan].ard:
        rate, note = rate + declare_ard(terms, at), f"{note}, and the step-up after the anticipated repayment date"
    if margin_triggers(terms, loan):
        rate, note = rate + Ref(f"{at}.trigger_step"), f"{note}, and the steps of triggers"
    g.series(f"{at}.rate", rate, "All-in rate", "1/yr", note)


def _margin(terms: Terms, loan: str) -> Ref:
    """The margin of the period: of its first day, where margins step up or down by date."""
    at = f"debt.{loan}"
    margin = terms[f"{at}.margin"]
    if not terms.has(f"{at}.margin_steps"):
        return margin
    steps = stepped(terms, f"{at}.margin_steps", margin)
    return terms.graph.series(f"{at}.margin_applied", steps, "Margin of the period", "1/yr", "on its first day")


def _declare_accrual(terms: Terms, loan: str) -> None:
    g, at = terms.graph, f"debt.{loan}"
    rate, since = Ref(f"{at}.rate"), Ref(f"{at}.days_from_draw")
    to_payment: Expr = since
    if _accrues_to_payment_days(terms, loan):
        to_payment = since + declare_payment_days(terms, loan)
    bridge = rank_of(terms, at) == BRIDGE
    if bridge:
        # It may be drawn in the very period in which it matures, and accrues no longer than that.
        to_payment = maximum(0, to_payment - maximum(0, END - Ref(f"{at}.final_day")))
    first, last = accrual_dates(terms, loan, at, terms[f"{at}.close"], Ref(f"{at}.final_day"))
    days = g.series(f"{at}.accrual_days", last - first, "Accrual days", "days")
    day_count = terms.deal.spec.debt[loan].day_count
    fraction = g.series(
        f"{at}.year_fraction", accrual_fraction(terms, loan, first, last), "Year fraction", "yr", day_count
    )
    opening = Ref(f"{at}.opening" if bridge else f"{at}.scheduled_opening")
    balance = (opening + Ref(f"{at}.draw_at_close")) * days
    balance = balance + Ref(f"{at}.draw_construction") * to_payment
    balance = g.series(f"{at}.balance_days", balance, "Balance x days", "money*days", "opening balance and dated draws")
    if day_count in _DAYS_OF_A_YEAR:
        interest = rate * balance / _DAYS_OF_A_YEAR[day_count]
    else:
        # A draw within the period bears the part of the year fraction that its days are of the accrual days.
        per_day = where(days > Number(0, "days"), fraction / maximum(days, DAY), 0)
        interest = rate * balance * g.series(f"{at}.year_per_day", per_day, "Year fraction of a day", "yr/days")
    g.series(f"{at}.interest", interest, "Interest accrued", "money", total=True)
    carry: Expr = g.series(f"{at}.interest_pp", rate * fraction, "Interest on one unit of opening balance", "share")
    for hedge in terms.hedges_of(loan):
        if terms.has(f"hedge.{hedge}.share"):
            carry = carry + terms[f"hedge.{hedge}.share"] * Ref(f"hedge.{hedge}.net_pp")
    g.series(
        f"{at}.carry_pp",
        carry,
        "Cost of one unit of opening balance",
        "share",
        "interest, and net payments of the hedges of a share of the balance",
    )


def _declare_split(terms: Terms, loan: str) -> None:
    """Interest and fees of the days before completion are capitalised; without a completion nothing is.

    Those of an equity bridge are uses of funds until it matures: no cash flow pays it.
    """
    g, at = terms.graph, f"debt.{loan}"
    eve: Expr = terms[f"{at}.close"]
    if terms.has(f"{at}.completion"):
        eve = edate(terms[f"{at}.completion"], terms["construction.delay"]) - DAY
    eve = g.scalar(f"{at}.completion_eve", eve, "Eve of completion after delay", "date")
    before = minimum(1, maximum(0, eve - START) / maximum(DAYS, DAY)) if terms.has(f"{at}.completion") else lift(0)
    label, note = "Share of the period before completion", "interest and fees of this share are capitalised"
    if rank_of(terms, at) == BRIDGE:
        before, label, note = lift(1), "Share of interest and fees capitalised", "up to its maturity: equity repays it"
    g.series(f"{at}.capitalised_share", before, label, "share", note)
    share = Ref(f"{at}.capitalised_share")
    interest, fees = Ref(f"{at}.interest") * (1 - share), Ref(f"{at}.fees") * (1 - share)
    cash = declare_pik(terms, at, interest) if terms.deal.spec.debt[loan].pik else interest
    g.series(f"{at}.interest_scheduled", cash, "Interest payable in cash", "money", total=True)
    g.series(f"{at}.fees_scheduled", fees, "Fees payable in cash", "money", total=True)
    capitalised = (Ref(f"{at}.interest") + Ref(f"{at}.fees")) * share
    g.series(f"{at}.capitalised", capitalised, "Interest and fees capitalised", "money", total=True)
