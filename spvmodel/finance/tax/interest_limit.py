"""Limit of the interest that a tax year deducts (feature X3; Internal Revenue Code, section 163(j)).

A tax year deducts interest up to a share of its adjusted taxable income and the interest it earns. What is disallowed
is carried forward without limit of time and deducted when there is room. Reckoned for the tax year to date, as taxes
are. Fees are no interest (Treasury Decision 9905, 2020); interest capitalised into the depreciable cost is not
limited.
"""

from __future__ import annotations

from functools import reduce
from operator import add, sub

from spvmodel.finance.debt.prepaid import prepays
from spvmodel.finance.debt.ranks import SENIOR, SUBORDINATED, facilities
from spvmodel.finance.facility import drawable, fees_saved
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import earns_interest
from spvmodel.finance.reserves.general import with_works
from spvmodel.finance.tax.depreciation import capitalised
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, absolute, maximum, minimum, prev, sum_of, total

GOES_ON = Ref("tax.year_goes_on")


def limits_interest(terms: Terms) -> bool:
    """Whether the deal limits the interest that is deducted."""
    tax = terms.deal.spec.tax
    return tax is not None and tax.interest_limit is not None


def interest_payable(terms: Terms) -> Expr:
    """Interest of every loan to the SPV and of facilities that are drawn, as it accrues (money, by period).

    As scheduled, with what is added to a loan in place of cash (original issue discount: Internal Revenue Code, section
    163(e)), less what prepayments save; interest on overdue amounts is not in it.
    """
    accrued, saved = sum_of(*_interest_lines(terms)), prepaid_interest(terms)
    return accrued - sum_of(*saved) if saved else accrued


def fees_payable(terms: Terms) -> Expr:
    """Fees as scheduled, less those not due on what is drawn of a facility (money, by period)."""
    fees: Expr = Ref("debt.fees_scheduled")
    return fees - sum_of(*fees_saved(terms)) if fees_saved(terms) else fees


def _interest_lines(terms: Terms) -> list[Ref]:
    """Interest of the senior debt, of each loan below it, what is added to loans, and of facilities that are drawn.

    That of holdco and sponsors is not the SPV's own.
    """
    g, own = terms.graph, facilities(terms, SENIOR, *SUBORDINATED)
    added = [f"{at}.{what}" for at in own for what in ("pik_scheduled", "interest_on_accreted")]
    return [
        Ref("debt.interest_scheduled"),
        *[Ref(f"{at}.interest_scheduled") for at in facilities(terms, *SUBORDINATED)],
        *[Ref(name) for name in added if g.has(name)],
        *[Ref(f"{facility.at}.interest") for facility in drawable(terms)],
    ]


def prepaid_interest(terms: Terms) -> list[Ref]:
    """Interest that prepayments of each loan save (money, by period)."""
    return [Ref(f"{at}.interest_saved") for at in facilities(terms, SENIOR, *SUBORDINATED) if prepays(terms, at)]


def hedge_cost(terms: Terms) -> Expr:
    """Net payments and break costs of hedges in cash (money, by period), negative where they are received.

    They are income or cost as they fall due and no interest (Treasury Decision 9905, as to swaps).
    """
    assert terms.deal.spec.hedge
    return Ref("hedge.net") + Ref("hedge.break_cost_at_refinancing")


def declare_interest_limit(terms: Terms) -> Ref:
    """Interest of the tax year to date, its limit and the corkscrew of what is disallowed; returns what is deducted.

    All in money; ``tax.interest_deducted`` by period is negative where a later period of the year leaves less room.
    """
    g, tax = terms.graph, terms.deal.spec.tax
    assert tax is not None and tax.interest_limit is not None
    with g.place("Tax", "Limit of interest, tax year to date"):
        accrued = g.series(
            "tax.interest_accrued", interest_payable(terms), "Interest of the period", "money", total=True
        )
        income = _adjusted_income(terms, tax.interest_limit.ati == "EBITDA")
        note = "before interest paid and earned, and before depreciation"
        note = note if tax.interest_limit.ati == "EBITDA" else "before interest paid and earned, after depreciation"
        income = g.series("tax.adjusted_income", income, "Adjusted taxable income", "money", note, total=True)
        adjusted = _to_date(terms, "tax.adjusted_income_to_date", income, "Adjusted taxable income to date")
        limit: Expr = terms["tax.interest_limit.share"] * maximum(0, adjusted)
        if earns_interest(terms):
            earned = Ref("reserves.interest_earned")
            limit = limit + _to_date(terms, "tax.interest_earned_to_date", earned, "Interest earned to date")
        limit = g.series("tax.interest_limit_to_date", limit, "Limit to date", "money", "163(j)")
    with g.place("Tax", "Interest carried forward, tax year to date"):
        opening = Ref("tax.interest_opening")
        carried = GOES_ON * prev(opening) + (1 - GOES_ON) * prev(Ref("tax.interest_closing"))
        g.series(opening.name, carried, "Disallowed before, at the start of the tax year", "money")
        to_date = _to_date(terms, "tax.interest_to_date", accrued, "Interest to date")
        deducted = minimum(opening + to_date, limit)
        deducted = g.series("tax.interest_deducted_to_date", deducted, "Deducted to date", "money", "up to the limit")
        g.series("tax.interest_closing", opening + to_date - deducted, "Disallowed, carried forward", "money")
        return g.series(
            "tax.interest_deducted", deducted - GOES_ON * prev(deducted), "Interest deducted", "money", total=True
        )


def _to_date(terms: Terms, name: str, flow: Ref, label: str) -> Ref:
    return terms.graph.series(name, GOES_ON * prev(Ref(name)) + flow, label, "money")


def _adjusted_income(terms: Terms, before_depreciation: bool) -> Expr:
    """Taxable income before losses, interest paid and interest earned; of the period."""
    income = Ref("opex.noi") - fees_payable(terms)
    if terms.deal.spec.hedge:
        income = income - hedge_cost(terms)
    for at in capital_reserves(terms):
        if at not in capitalised(terms):
            income = income - Ref(f"{at}.works_cost")
    for at in with_works(terms):
        income = income - terms[f"{at}.works"]
    return income if before_depreciation else income - Ref("tax.depreciation_total")


def declare_interest_check(terms: Terms, last: Ref) -> None:
    """Interest deducted and carried forward is the interest accrued; ``last`` flags the last period."""
    if not limits_interest(terms):
        return
    g = terms.graph
    carried = total(Ref("tax.interest_closing"), last)
    due = reduce(add, [total(line) for line in _interest_lines(terms)])
    due = reduce(sub, [total(line) for line in prepaid_interest(terms)], due)
    gap = due - total(Ref("tax.interest_deducted")) - carried
    label = "Interest accrued is deducted for tax or carried forward"
    g.check("checks.tax_interest", absolute(gap), label, "money", terms["checks.tolerance"])
