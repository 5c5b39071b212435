"""The income statement: what is earned and what it costs, when it accrues and not when it is paid."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_flow
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import RANKS, TAKEOUT, facilities
from spvmodel.finance.facility import drawable, fees_saved
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import earns_interest
from spvmodel.finance.reserves.general import with_works
from spvmodel.finance.statements.enforced import declare_enforced_income
from spvmodel.finance.tax.depreciation import capitalised
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.payment import PAYABLE
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, sum_of

INCOME = "statements.income"


def declare_income_statement(terms: Terms) -> None:
    """``statements.income.<what>`` (money, by period): income positive, costs negative, each subtotal a sum.

    Interest, fees and net payments of hedges are those after completion; before it they are part of the cost of the
    asset. What falls due and is not paid is a cost all the same, and stands as a liability.
    """
    g = terms.graph
    with g.place("Statements", "Income statement"):
        parts = [_line(terms, "revenue", _revenue(terms), _revenue_label(terms))]
        parts.append(_line(terms, "operating_costs", -Ref("opex.total"), "Operating costs"))
        expensed = [Ref(f"{at}.works_cost") for at in capital_reserves(terms) if at not in capitalised(terms)]
        expensed += [terms[f"{at}.works"] for at in with_works(terms)]
        if expensed:
            parts.append(_line(terms, "works", -sum_of(*expensed), "Works expensed"))
        ebitda = _subtotal(terms, "ebitda", parts, "EBITDA")
        depreciation = _line(terms, "depreciation", -Ref("statements.fixed_assets.depreciation"), "Depreciation")
        operating = _subtotal(terms, "operating_profit", [ebitda, depreciation], "Operating profit")
        parts = [operating, *_declare_financial(terms), *declare_enforced_income(terms)]
        profit = _subtotal(terms, "before_tax", parts, "Profit before tax")
        parts = [profit]
        if pays_tax(terms):
            note = "of the income of the period; no deferred taxes; positive: refunded"
            parts.append(_line(terms, "tax", -PAYABLE, "Income tax", note))
        _subtotal(terms, "net_income", parts, "Net income")


def interest_accrued(terms: Terms, at: str) -> Expr:
    """Interest of a facility after completion (money, by period), paid, overdue or added to its balance.

    By accrual: scheduled interest, in cash and PIK, with interest on overdue and accreted amounts, less what
    prepayments saved; from the balances, not from what the waterfall pays.
    """
    g = terms.graph
    accrued: Expr = Ref(f"{at}.interest_scheduled")
    for what in ("pik_scheduled", "interest_on_overdue", "interest_on_accreted"):
        if g.has(f"{at}.{what}"):
            accrued = accrued + Ref(f"{at}.{what}")
    return accrued - Ref(f"{at}.interest_saved") if g.has(f"{at}.interest_saved") else accrued


def _line(terms: Terms, what: str, expr: Expr, label: str, note: str = "") -> Ref:
    return declare_flow(terms, f"{INCOME}.{what}", expr, label, note)


def _subtotal(terms: Terms, what: str, parts: list[Ref], label: str) -> Ref:
    """A sum of lines, of which some may be booked with the sale."""
    return terms.graph.series(f"{INCOME}.{what}", sum_of(*parts), label, "money", total=True)


def _revenue(terms: Terms) -> Expr:
    """Revenue with rent as it is due or, where the deal spreads it, evenly over the terms of the leases."""
    revenue = Ref("revenue.total")
    if not terms.graph.has("lease.straight_line_rent"):
        return revenue
    return revenue - Ref("lease.rent_income") + Ref("lease.straight_line_rent")


def _revenue_label(terms: Terms) -> str:
    return "Revenue, rent straight line" if terms.graph.has("lease.straight_line_rent") else "Revenue"


def _declare_financial(terms: Terms) -> list[Ref]:
    """Everything between operating profit and profit before tax."""
    interest = [interest_accrued(terms, at) for at in facilities(terms, *RANKS)]
    interest += [Ref(f"{facility.at}.interest") for facility in drawable(terms)]
    costs = sum(interest[1:], interest[0])
    note = "accrued after completion, with PIK and interest on overdue amounts"
    found = [_line(terms, "interest", -costs, "Interest expense", note)]
    fees = [Ref("debt.fees_scheduled")]
    fees += [Ref(f"debt.{loan}.extension_fee") for loan, spec in terms.deal.spec.debt.items() if spec.extension]
    charged: Expr = sum_of(*fees)
    charged = charged - sum_of(*fees_saved(terms)) if fees_saved(terms) else charged
    found.append(_line(terms, "fees", -charged, "Commitment, agency and other fees", "after completion"))
    if terms.deal.spec.hedge:
        found.append(_line(terms, "hedges", -Ref("hedge.net"), "Net payments of hedges", "positive: received"))
        broken = -Ref("hedge.break_cost_at_refinancing")
        found.append(_line(terms, "break_costs", broken, "Break costs of hedges", "positive: received"))
    repaying = [Ref(f"debt.{loan}.exit_fee_due") for loan in bears_exit_fee(terms)]
    repaying += [Ref(f"debt.{loan}.prepayment_cost") for loan in prepaid_loans(terms)]
    repaying += [Ref(f"{TAKEOUT}.fee")] if terms.deal.spec.takeout else []
    if repaying:
        label = "Exit, prepayment and take-out fees"
        found.append(_line(terms, "repayment_costs", -sum_of(*repaying), label))
    if earns_interest(terms):
        found.append(_line(terms, "interest_income", Ref("reserves.interest_earned"), "Interest on accounts"))
    return found
