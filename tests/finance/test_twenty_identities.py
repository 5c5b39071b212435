"""The twenty identities of definitions, section 6: where each is held.

A row of the Checks sheet holds it in every deal that is built, shipped or read; a test holds what is no row: what
compares two models (8, 9), what is reckoned apart from the lines (5, 11), what is written (19, 20).
"""

from __future__ import annotations

import ast
from fnmatch import fnmatch
from pathlib import Path

import pytest

import spvmodel
from tests.finance.rich import RICH

TESTS = Path(__file__).parents[1]
RANDOM, MANY = "finance/test_random_deals.py", "finance/test_many_deals.py"
SIZES = "finance/test_random_sizes.py"
EVERY_CHECK = f"{MANY}::identities_hold"

ROWS: dict[int, tuple[str, ...]] = {
    1: ("sources_uses", "*_uses"),
    2: ("debt_*_balance", "debt_*_positive", "reserves_*_positive", "promote_*_positive", "cash"),
    3: ("debt_*_repaid",),
    4: ("balance_sheet", "cash_statement"),
    5: ("*_step", "*_shared", "cash"),
    7: ("debt_*_repaid", "debt_*_balance", "interest"),
    10: ("debt_*_life",),
    12: ("providers",),
    13: ("interest_income",),
    15: ("lockup", "reserve_first"),
    16: ("tax_losses",),
    17: ("depreciation", "tax_book", "book_depreciation"),
    18: ("rent", "revenue"),
}
"""Checks of the deal that uses every section, without ``checks.``."""

ALERTS: dict[int, tuple[str, ...]] = {3: ("never_repaid", "unpaid", "refinancing"), 14: ("dsra_drawn",)}
"""What is no fault of the model, but must be said."""

PROPERTIES: dict[int, tuple[str, ...]] = {
    1: (f"{RANDOM}::test_every_check_holds_and_sources_equal_uses_in_every_case",),
    2: (
        EVERY_CHECK,
        "finance/test_reserves.py::test_every_check_holds_and_every_account_adds_up",
        "finance/test_accounts.py::test_every_account_adds_up_and_every_check_holds",
    ),
    3: (f"{RANDOM}::_principal_adds_up",),
    4: (EVERY_CHECK, "finance/test_statements.py::test_every_deal_balances_as_written_flexed_and_in_distress"),
    5: (f"{RANDOM}::test_cash_is_conserved_at_every_step_in_any_order", "finance/conserved.py::conserved"),
    6: (f"{SIZES}::test_a_sculpt_to_one_cover_has_it_as_dscr_and_llcr_until_nothing_is_owed",),
    7: (f"{RANDOM}::_principal_adds_up",),
    8: (f"{RANDOM}::test_scaling_all_money_leaves_ratios_and_returns",),
    9: (
        f"{RANDOM}::test_with_debt_fixed_a_higher_rate_or_a_lower_rent_never_raises_the_minimum_dscr",
        f"{RANDOM}::test_with_debt_fixed_a_later_completion_never_raises_the_minimum_dscr",
    ),
    10: (f"{MANY}::_average_life_is_balance_x_time",),
    11: (f"{MANY}::_nothing_is_worth_at_its_own_rate",),
    12: (EVERY_CHECK,),
    13: (EVERY_CHECK,),
    14: (f"{SIZES}::test_a_loan_sized_by_cover_never_draws_the_dsra",),
    15: (f"{MANY}::_no_distribution_while_locked",),
    16: (EVERY_CHECK,),
    17: (EVERY_CHECK,),
    18: (EVERY_CHECK,),
    19: ("workbook/test_deals.py::test_as_written_and_flexed", "workbook/test_parity.py::test_libreoffice"),
    20: (
        "report/test_html.py::test_same_result_same_bytes",
        "workbook/test_abilene.py::test_the_same_bytes",
        "cli/test_run.py::test_two_runs_write_the_same_bytes",
    ),
}
"""The tests, or the functions that tests of many random deals call in every case."""


def test_no_identity_is_without_a_test() -> None:
    assert list(PROPERTIES) == list(range(1, 21))
    # No row of one model can compare it with another, discount at a rate that it solves for, or recalculate itself.
    assert set(PROPERTIES) - set(ROWS) == {6, 8, 9, 11, 14, 19, 20}


@pytest.mark.parametrize("number", PROPERTIES)
def test_the_tests_exist(number: int) -> None:
    for name in PROPERTIES[number]:
        file, _, function = name.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert function in functions, name
        assert function.startswith("test_") or function == "conserved" or function in called, name


def test_the_rows_exist() -> None:
    model = spvmodel.build(spvmodel.load(RICH))
    checks, alerts = [check.name for check in model.checks], list(model.alerts)
    for names, prefix, wanted in ((checks, "checks", ROWS), (alerts, "alerts", ALERTS)):
        for number, patterns in wanted.items():
            for pattern in patterns:
                assert any(fnmatch(name, f"{prefix}.{pattern}") for name in names), (number, pattern)
