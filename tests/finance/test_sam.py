"""Four deals solved by NREL SAM: every row of every year, and every headline figure, to a cent."""

from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path

import numpy_financial
import pytest

import spvmodel
from spvmodel.engine import Result

HERE = Path(__file__).parent / "sam"
DEALS = Path(__file__).parents[1] / "deals" / "sam"
CASES = ("A_sculpt_notax", "B_sculpt_tax_macrs5", "C_level_fixed_fraction", "D_reserves")
DOLLARS = 1e6
CENT = 0.01
IRR_POINTS = 5e-5

LINES = {
    "cf_total_revenue": "revenue.total",
    "cf_operating_expenses": "opex.total",
    "cf_ebitda": "opex.noi",
    "cf_debt_balance": "debt.loan.closing",
    "cf_debt_payment_interest": "debt.loan.interest_paid",
    "cf_debt_payment_principal": "debt.loan.principal_paid",
    "cf_debt_payment_total": "debt.service",
    "cf_reserve_debtservice": "reserves.dsra.closing",
    "cf_reserve_om": "reserves.working_capital.closing",
    "cf_reserve_total": "reserves.closing",
    "cf_reserve_interest": "reserves.interest_earned",
    "cf_feddepr_total": "tax.depreciation_total",
    "cf_project_return_pretax": "returns.equity_flow",
    "cf_project_return_aftertax": "returns.equity_flow_after_tax",
}
"""Columns that are a line of ours, in dollars where the line is in millions."""

TAXES = {"cf_statax": "tax.state", "cf_fedtax": "tax.federal"}
"""Columns in which a tax is negative and a refund positive."""


def rows(case: str) -> list[dict[str, float]]:
    with (HERE / f"{case}.csv").open(encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module", params=CASES)
def solved(request: pytest.FixtureRequest) -> tuple[str, Result]:
    result = spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / f"{request.param}.yaml")))
    assert [check.name for check in result.checks if not check.passed] == []
    return request.param, result


def ours(result: Result, column: str) -> list[float]:
    """A column of SAM from our lines, in dollars, year 0 first."""
    if column in TAXES:
        return [-value * DOLLARS for value in result.series(TAXES[column])]
    if column == "cf_cash_for_ds":
        # SAM shows cash for debt service in the years of the loan only.
        inside = result.series("debt.loan.window")
        return [v * f * DOLLARS for v, f in zip(result.series("ratios.cfads"), inside, strict=True)]
    return [value * DOLLARS for value in result.series(LINES[column])]


def test_every_row_of_every_year(solved: tuple[str, Result], capsys: pytest.CaptureFixture[str]) -> None:
    case, result = solved
    expected = rows(case)
    differences: dict[str, float] = {}
    for column in expected[0]:
        if column in ("year", "cf_pretax_dscr"):
            continue
        pairs = zip(ours(result, column), (row[column] for row in expected), strict=True)
        differences[column] = max(abs(a - b) for a, b in pairs)
    covers = [0.0 if math.isnan(cover) else cover for cover in result.series("ratios.dscr")]
    assert covers == pytest.approx([row["cf_pretax_dscr"] for row in expected], abs=1e-9)
    worst = max(differences, key=lambda name: differences[name])
    with capsys.disabled():
        sys.stdout.write(
            f"\nSAM {case}: {len(expected)} years, {len(differences) + 1} columns; "
            f"largest difference ${differences[worst]:.7f} ({worst})\n"
        )
    assert len(expected) == 26
    assert len(differences) >= 10
    assert differences[worst] < CENT


def test_headline_figures(solved: tuple[str, Result]) -> None:
    case, result = solved
    inputs = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))[case]
    answers = inputs["results"]
    debt, uses = result.scalar("debt.loan.amount"), result.scalar("funding.total_uses")
    measured = {
        "size_of_debt": debt * DOLLARS,
        "size_of_equity": result.scalar("funding.total_equity") * DOLLARS,
        "cost_installed": uses * DOLLARS,
        "cost_debt_upfront": result.scalar("debt.loan.upfront_fee_total") * DOLLARS,
    }
    for name, value in measured.items():
        assert value == pytest.approx(answers[name], abs=CENT), name
    assert 100 * debt / uses == pytest.approx(answers["debt_fraction"], abs=1e-7)
    assert result.headline["min_dscr"] == pytest.approx(answers["min_dscr"], abs=1e-9)
    irr = 100 * result.scalar("returns.equity_irr_equal_periods_after_tax")
    assert irr == pytest.approx(answers["project_return_aftertax_irr"], abs=IRR_POINTS)
    discount = (1 + inputs["inflation_rate"] / 100) * (1 + inputs["real_discount_rate"] / 100) - 1
    npv = numpy_financial.npv(discount, result.series("returns.equity_flow_after_tax")) * DOLLARS
    assert npv == pytest.approx(answers["project_return_aftertax_npv"], abs=CENT)
    assert set(answers) == {
        *measured, "debt_fraction", "min_dscr", "project_return_aftertax_irr", "project_return_aftertax_npv"
    }  # fmt: skip
