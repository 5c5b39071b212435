"""What it costs to repay principal: exit fees, and voluntary prepayment with its fee and make-whole premium.

A voluntary prepayment is dated and stated in the deal file. It is paid at the end of its period from the cash left
after debt service and a full DSRA, with what it costs; what cash or the balance does not allow is not made up later.
It takes the place of the last instalments first, or of those that the sweep of the deal says (``prepaid.py``).
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_flow
from spvmodel.finance.debt.interest import payment_day
from spvmodel.finance.debt.prepaid import swept
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, START
from spvmodel.finance.waterfall.steps import precedes
from spvmodel.lines import Expr, Ref, default, maximum, minimum, next_, ratio, where


def bears_exit_fee(terms: Terms) -> list[str]:
    """The loans that bear an exit fee, in the order of the deal file."""
    return [name for name, loan in terms.deal.spec.debt.items() if loan.exit_fee is not None]


def prepaid_loans(terms: Terms) -> list[str]:
    """The loans with voluntary prepayments, in the order of the deal file."""
    return [name for name, loan in terms.deal.spec.debt.items() if loan.prepayment is not None]


def declare_exit_fee(terms: Terms, loan: str) -> None:
    """``debt.<loan>.exit_fee_due`` (money): the fee on principal that falls due, due with it.

    What falls due is the due of the period less what was overdue already, so that no fee is charged twice.
    """
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    with g.place("Debt", f"{spec.label}: owed and paid"):
        principal = Ref(f"{at}.principal_due") - Ref(f"{at}.principal_overdue")
        principal = principal + Ref(f"{at}.balloon_due") - Ref(f"{at}.balloon_overdue")
        fee = terms[f"{at}.exit_fee"] * principal
        g.series(f"{at}.exit_fee_due", fee, "Exit fee", "money", "on principal and balloon falling due", total=True)


def declare_prepayment(terms: Terms, loan: str) -> None:
    """``debt.<loan>.voluntary`` (money): principal prepaid, at the period end, and ``prepayment_cost`` beside it.

    The waterfall's step ``prepayment`` pays ``prepayment_due``, principal and cost; loans share a shortfall of cash in
    proportion to it, so that each unit prepaid is paid with its cost.
    """
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    with g.place("Debt", f"{spec.label}: voluntary prepayment"):
        cost: Expr = terms[f"{at}.prepayment.fee"]
        if spec.exit_fee is not None:
            cost = cost + terms[f"{at}.exit_fee"]
        if terms.has(f"{at}.prepayment.make_whole"):
            cost = cost + _declare_make_whole(terms, loan)
        cost = g.series(f"{at}.prepayment_cost_unit", cost, "Cost of prepaying one unit", "share")
        most: Expr = Ref(f"{at}.prepayable")
        if loan in swept(terms) and precedes(terms, "sweep", "prepayment"):
            most = most - Ref(f"{at}.sweep")
        asked = minimum(terms[f"{at}.prepayment.amounts"], most)
        asked = declare_flow(terms, f"{at}.prepayment_asked", asked, "Prepayment, at most what is left")
        due = g.series(f"{at}.prepayment_due", asked * (1 + cost), "Prepayment with its cost", "money", total=True)
        short = Ref("waterfall.prepayment.shortfall") * default(ratio(due, Ref("waterfall.prepayment.due")), 0)
        paid = g.series(f"{at}.prepayment_paid", due - short, "Paid, with its cost", "money", total=True)
        principal = paid / (1 + cost)
        principal = g.series(f"{at}.voluntary", principal, "Voluntary prepayment", "money", total=True)
        g.series(f"{at}.prepayment_cost", paid - principal, "Fee and premium of prepayment", "money", total=True)


def _declare_make_whole(terms: Terms, loan: str) -> Ref:
    """Premium per unit prepaid: value of the scheduled service still to come / balance - 1, never below 0.

    Service is interest, amortisation and balloon of one unit of the scheduled balance, discounted at the make-whole
    rate by the loan's own year fractions: at its own rate the value is the balance, and there is no premium. An
    extension is not foreseen: the balance is then due at the initial maturity.
    """
    g, at = terms.graph, f"debt.{loan}"
    value = Ref(f"{at}.make_whole_value")
    interest: Expr = Ref(f"{at}.interest_scheduled")
    fraction: Expr = Ref(f"{at}.year_fraction")
    principal = Ref(f"{at}.amortisation") + Ref(f"{at}.balloon")
    service = interest + principal
    if g.has(f"{at}.extended"):
        maturity = terms[f"{at}.maturity"]
        until = payment_day(terms, loan, minimum(END, maturity))
        days = maximum(0, until - Ref(f"{at}.accrual_from"))
        before = default(ratio(days, Ref(f"{at}.accrual_days")), 0)
        before = g.series(f"{at}.make_whole_share", before, "Share of the accrual before the maturity", "share")
        due = where(Ref(f"{at}.extension_due"), Ref(f"{at}.scheduled_opening"), (START < maturity) * principal)
        service, fraction = interest * before + due, fraction * before
    service = g.series(f"{at}.make_whole_service", service, "Scheduled service with balloon", "money")
    rate = terms[f"{at}.prepayment.make_whole"] * fraction
    rate = g.series(f"{at}.make_whole_pp", rate, "Make-whole rate of the period", "share")
    g.series(
        value.name,
        (next_(value) + next_(service)) / (1 + next_(rate)),
        "Value of later service at the make-whole rate",
        "money",
    )
    per_unit = default(ratio(value, Ref(f"{at}.scheduled_closing")), 1)
    return g.series(
        f"{at}.make_whole_unit",
        Ref(f"{at}.complete") * maximum(0, per_unit - 1),
        "Make-whole premium per unit",
        "share",
        "once complete; never below 0",
    )
