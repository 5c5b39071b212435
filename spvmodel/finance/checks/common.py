"""What the checks share."""

from __future__ import annotations

from spvmodel.finance.reserves.general import GENERAL, filled_at_close
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, has_working_capital
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, absolute, highest, maximum


def largest(terms: Terms, name: str, difference: Expr, label: str) -> Expr:
    """The largest absolute value of a difference over all periods, with a row that shows where it lies."""
    with terms.graph.place("Checks", "By period"):
        return highest(terms.graph.series(f"checks.{name}_by_period", absolute(difference), label, "money"))


def excess(value: Expr) -> Expr:
    return maximum(0, value)


def account_fillings(terms: Terms) -> list[Ref]:
    """The first fillings of general accounts, where there are any."""
    return [Ref(f"{GENERAL}.funding")] if filled_at_close(terms) else []


def working_capital_filling(terms: Terms) -> list[Ref]:
    """The first filling of the working-capital reserve, where there is one."""
    return [Ref(f"{WORKING_CAPITAL}.funding")] if has_working_capital(terms) else []
