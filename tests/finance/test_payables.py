"""Creditor days: costs that are paid later than they are incurred, by hand and by days."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.deal.files import refusal
from tests.finance.changing import with_fault
from tests.finance.leased import model_of, solved, text_of

RENT, COST = 6.0, 3.0
"""Of a quarter: 24 m of rent and 12 m of cost a year, level, from January 2026 to December 2036."""


def opex(payment: str) -> tuple[str, str]:
    terms = f", payment: {{{payment}}}" if payment else ""
    return ("debt:\n", f"opex:\n  care: {{label: Care, amount: 12m{terms}}}\ndebt:\n")


def paid(folder: Path, payment: str, *changes: tuple[str, str]) -> Result:
    return solved(folder, opex(payment), *changes)


def test_thirty_days_of_the_last_month_are_owed(tmp_path: Path) -> None:
    """On 31 March what was incurred after 1 March is owed, 30 of 90 days; on 30 June 30 of 91."""
    result = paid(tmp_path, "lag_days: 30 days")
    first, second = COST * 30 / 90, COST * 30 / 91
    assert result.series("opex.payable")[:2] == pytest.approx([first, second])
    falling = [COST - first, first + COST - second]
    assert result.series("opex.falling_due")[:2] == pytest.approx(falling)
    assert result.series("waterfall.operating_costs.paid")[:2] == pytest.approx(falling)
    assert result.series("ratios.cfads")[:2] == pytest.approx([RENT - due for due in falling])
    assert result.series("opex.working_capital_increase")[:2] == pytest.approx([-first, first - second])
    assert result.series("opex.noi")[:2] == pytest.approx([RENT - COST] * 2)
    assert result.series("statements.income.operating_costs")[:2] == pytest.approx([-COST] * 2)
    assert result.series("statements.cash.operating_costs")[:2] == pytest.approx([-due for due in falling])
    assert result.series("statements.balance.payables")[:2] == pytest.approx([first, second])


def test_all_is_paid_in_the_last_period(tmp_path: Path) -> None:
    """A lag of four months owes the quarter and, of the one before, what came after the end of the second month.

    On 30 June 2026 that is March, 31 of 90 days, and on 30 September 2036 June, 30 of 91. The last quarter pays its own
    cost with what was owed before.
    """
    result = paid(tmp_path, "lag: 4 months")
    owed = COST + COST * 30 / 91
    assert result.series("opex.payable")[0] == pytest.approx(COST)
    assert result.series("opex.payable")[1] == pytest.approx(COST + COST * 31 / 90)
    assert result.series("opex.payable")[42:] == pytest.approx([owed, 0])
    assert result.series("opex.falling_due")[43] == pytest.approx(owed + COST)
    assert sum(result.series("opex.falling_due")) == pytest.approx(44 * COST)


def test_months_and_days_add_up(tmp_path: Path) -> None:
    """On 31 March a month and 14 days before is 14 February: 45 of 90 days are owed."""
    assert paid(tmp_path, "lag: 1 month, lag_days: 14 days").series("opex.payable")[0] == pytest.approx(COST * 45 / 90)


def test_receivable_and_payable_make_working_capital(tmp_path: Path) -> None:
    """Rent 30 days late and costs 30 days late: 6 - 3 of a quarter x 30 / 90 is tied up at the end of the first."""
    lag = ("    term: ", "    payment: {timing: in arrears, lag_days: 30 days}\n    term: ")
    result = paid(tmp_path, "lag_days: 30 days", lag)
    # Rent of months that ended 30 days ago is paid: February on 30 March, March is owed, 31 days.
    tied = RENT * 31 / 90 - COST * 30 / 90
    assert result.series("opex.working_capital")[0] == pytest.approx(tied)
    assert result.series("ratios.cfads")[0] == pytest.approx(RENT - COST - tied)


def test_reserves_hold_what_falls_due(tmp_path: Path) -> None:
    """Three months of cost in reserve: on 30 September 2035 the costs that fall due in the next year, x 3 / 12.

    They are those of the year to 30 September 2036 less a quarter's cost that is owed before it and owed after it: the
    same 12. On 31 December 2035 they are larger, as the last quarter pays all: 12 + 3.
    """
    change = ("covenants:", "reserves: {working_capital_months: 3 months}\ncovenants:")
    result = paid(tmp_path, "lag: 3 months", change)
    assert result.series("reserves.working_capital.target")[38:40] == pytest.approx([12 / 4, 15 / 4])


def test_the_recipe_says_that_costs_count_when_they_fall_due(tmp_path: Path) -> None:
    plain = "; ".join(model_of(tmp_path, opex("")).about["cfads_recipe"])  # type: ignore[arg-type]
    assert "less operating costs the SPV bears; " in plain and "before working capital, interest" in plain.replace(
        "before tax (pass-through entity), ", ""
    )
    later = "; ".join(model_of(tmp_path, opex("lag_days: 30 days")).about["cfads_recipe"])  # type: ignore[arg-type]
    assert "less operating costs the SPV bears, as they fall due for payment; " in later
    assert "working capital" not in later


def test_lenders_pay_suppliers_first_when_they_enforce(tmp_path: Path) -> None:
    sections = "valuation: {amount: 150m}\nenforcement: {basis: amount, cure_months: 0, sale_months: 6 months}\n"
    change = ("covenants:", f"{sections}covenants:")
    late, prompt = paid(tmp_path, "lag: 3 months", change), paid(tmp_path, "", change)
    more = [a - b for a, b in zip(late.series("recovery.costs"), prompt.series("recovery.costs"), strict=True)]
    assert more[3] == pytest.approx(COST)


@pytest.mark.parametrize("line", ["opex.falling_due", "opex.care.payable"])
def test_a_cost_that_is_lost_or_paid_twice_fails_checks(tmp_path: Path, line: str) -> None:
    model = model_of(tmp_path, opex("lag: 1 month"))
    wrong = spvmodel.solve(with_fault(model, line, 0.5, "money", 44))
    failed = {check.name for check in wrong.checks if not check.passed}
    assert "checks.opex_paid" in failed
    assert line == "opex.care.payable" or "checks.working_capital" in failed


def test_costs_paid_as_they_are_incurred_have_no_lines_of_it(tmp_path: Path) -> None:
    names = set(model_of(tmp_path, opex("")).lines)
    assert not {"opex.payable", "opex.falling_due", "opex.working_capital", "checks.opex_paid"} & names


def test_a_payment_that_says_nothing_is_refused(tmp_path: Path) -> None:
    message = refusal(text_of(tmp_path, opex("")).replace("amount: 12m", "amount: 12m, payment: {}"), tmp_path)
    assert "the payment of the cost 'care' says nothing of when. Allowed: lag, lag_days, or both." in str(message)
