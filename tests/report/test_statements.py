"""The statements of the report: rows by year, and the sentence on what was distributed before it was earned."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report.html import render
from spvmodel.report.statements import statements
from spvmodel.report.view import Table, View
from tests.report.pages import Page
from tests.report.toy import solved

DEALS = Path(__file__).parents[1] / "deals"


@pytest.fixture(scope="module")
def result() -> Result:
    """The deal whose statements are worked out by hand in the tests of the finance blocks."""
    return spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / "statements.yaml")))


@pytest.fixture(scope="module")
def tables(result: Result) -> dict[str, Table]:
    """Its tables by the first words of their titles."""
    return {table.title.partition(" by")[0].partition(" at")[0]: table for table in statements(View(result))}


def _row(table: Table, label: str) -> list[str]:
    return next(list(row.cells) for row in table.rows if row.label == label)


def test_a_table_for_each_statement(tables: dict[str, Table]) -> None:
    assert list(tables) == ["Income statement", "Cash-flow statement", "Balance sheet", "Fixed assets"]
    assert all(list(table.head) == ["2024", "2025", "2026", "2027"] for table in tables.values())
    assert all(table.place.startswith("Statements rows ") for table in tables.values())


def test_figures_are_signed_and_gathered_by_year(tables: dict[str, Table]) -> None:
    assert _row(tables["Income statement"], "Net income") == ["–", "-35.00", "114.90", "-28.00"]
    assert _row(tables["Cash-flow statement"], "Equity contributions") == ["52.00", "–", "–", "–"]
    assert _row(tables["Balance sheet"], "Loan") == ["60.00", "60.00", "–", "–"]
    assert _row(tables["Balance sheet"], "Total equity") == ["52.00", "17.00", "44.00", "10.00"]
    assert _row(tables["Fixed assets"], "Depreciation") == ["–", "34.00", "34.00", "34.00"]


def test_rows_of_nothing_are_left_out_but_for_totals(tables: dict[str, Table]) -> None:
    labels = [row.label for row in tables["Balance sheet"].rows]
    assert "Interest unpaid" in labels and "Operating costs unpaid" not in labels and "Cash, DSRA" not in labels
    assert "Movement of cash" in [row.label for row in tables["Cash-flow statement"].rows]
    assert [row.label for row in tables["Fixed assets"].rows] == [
        "Opening balance",
        "Construction and other uses",
        "Interest, fees, discounts and hedging costs capitalised",
        "Depreciation",
        "Closing balance",
    ]


def test_the_dividend_trap_is_told(result: Result, tables: dict[str, Table]) -> None:
    """87.86 and 6 are distributed; 79.86 of the first were earned."""
    note = tables["Balance sheet"].note
    assert note.startswith("Of distributions of 93.90, 14.00 exceed what had been earned and kept by then")
    assert "14.00 exceed" in Page(render(result)).text


def test_where_all_is_earned_the_note_says_so(result: Result) -> None:
    longer = spvmodel.solve(result.model, inputs={"accounting.life": 1200.0, "income.rent.amount": 60.0})
    notes = [table.note for table in statements(View(longer))]
    assert "All distributions come out of retained earnings." in notes


def test_the_section_names_both_and_is_left_out_without_them(result: Result) -> None:
    assert "Tax and statements" in Page(render(result)).text
    assert statements(View(solved())) == []
    assert "Tax and statements" not in Page(render(solved())).text
