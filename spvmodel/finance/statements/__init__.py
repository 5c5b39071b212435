"""The three statements (feature X5): income statement, cash-flow statement and balance sheet, by period.

Nothing reads them: they are the same flows told three times, so that a flow that one block forgets shows as a balance
sheet that does not balance. Statements are signed: what comes in and what is owned is positive, what goes out is
negative, and every subtotal is a sum. Accounts follow the cash of the model: there are no deferred taxes, fees at close
and original issue discounts are part of the cost of the asset, and so are interest, fees and net payments of hedges
before completion.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.reserves.dsra import accounts, earns_interest
from spvmodel.finance.statements.assets import declare_fixed_assets, not_depreciated
from spvmodel.finance.statements.balance import declare_balance_sheet
from spvmodel.finance.statements.cash import declare_cash_flow
from spvmodel.finance.statements.equity import declare_equity
from spvmodel.finance.statements.income import declare_income_statement
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, FULL_DAYS, PERIODS_PER_YEAR
from spvmodel.lines import Expr, Ref, absolute, highest, prev, sum_of


def declare_statements(terms: Terms) -> None:
    """Every statement (money, by period, signed), the corkscrews behind them and their checks."""
    declare_income_statement(terms)
    declare_cash_flow(terms)
    declare_balance_sheet(terms)
    declare_fixed_assets(terms)
    declare_equity(terms)
    _declare_checks(terms)


def _declare_checks(terms: Terms) -> None:
    """Definitions, section 6, numbers 4, 13 and, for the books, 17."""
    at = "statements.balance"
    gap: Expr = Ref(f"{at}.assets") - Ref(f"{at}.liabilities") - Ref(f"{at}.equity")
    _declare_check(terms, "balance_sheet", gap, "Assets = liabilities + equity")
    gap = Ref("statements.cash.closing") - sum_of(*[Ref(f"{account}.closing") for account in accounts(terms)])
    _declare_check(terms, "cash_statement", gap, "Cash in the cash-flow statement = sum of the accounts")
    if earns_interest(terms):
        rate = terms["reserves.interest"] / PERIODS_PER_YEAR * DAYS / FULL_DAYS
        earned = [rate * prev(Ref(f"{account}.closing")) for account in accounts(terms)]
        gap = Ref("statements.income.interest_income") - in_hand(terms, sum(earned[1:], earned[0]))
        _declare_check(terms, "interest_income", gap, "Interest income = sum of what each account accrues")
    _declare_check(terms, "book_depreciation", *not_depreciated(terms))


def _declare_check(terms: Terms, name: str, gap: Expr, label: str) -> None:
    g = terms.graph
    with g.place("Checks", "By period"):
        gap = g.series(f"checks.{name}_by_period", absolute(gap), label, "money")
    g.check(f"checks.{name}", highest(gap), label, "money", terms["checks.tolerance"])
