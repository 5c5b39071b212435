"""Value of the collateral, LTV and LTC, by hand: rent of 120 a year from 2026 to 2040."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.lines import Model
from tests.finance.refinanced import PATH, altered, at, balance, passed, section


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(PATH))


@pytest.mark.parametrize(
    ("day", "noi"),
    [
        (date(2025, 3, 31), 30),  # of the four quarters ahead only the last has rent
        (date(2025, 9, 30), 90),
        (date(2025, 12, 31), 120),
        (date(2039, 12, 31), 120),
        (date(2040, 6, 30), 60),
        (date(2040, 12, 31), 0),
    ],
)
def test_value_is_the_income_of_the_next_twelve_months_over_the_cap_rate(model: Model, day: date, noi: float) -> None:
    assert at(spvmodel.solve(model), "valuation.value", day) == pytest.approx(noi / 0.08, rel=1e-12)


def test_a_stated_value_is_held(tmp_path: Path) -> None:
    result = spvmodel.solve(altered(tmp_path, ("  cap_rate: 8%", "  amount: 1,300"), ("cap_rate: 12%", "amount: 900")))
    assert set(result.series("valuation.value")) == {1300.0}


def test_ltv_and_ltc_once_built_while_debt_is_owed(model: Model) -> None:
    result = spvmodel.solve(model)
    uses = result.headline["total_uses"]
    day = date(2027, 12, 31)  # four payments made
    assert at(result, "ratios.ltv", day) == pytest.approx(balance(4) / 1500, rel=1e-9)
    assert at(result, "ratios.ltc", day) == pytest.approx(balance(4) / uses, rel=1e-9)
    assert math.isnan(at(result, "ratios.ltv", date(2025, 9, 30)))  # still building
    assert math.isnan(at(result, "ratios.ltc", date(2040, 12, 31)))  # all repaid


def test_a_building_without_income_has_no_ltv(model: Model) -> None:
    result = spvmodel.solve(model, inputs={"lease.hall.rent": 0.0})
    assert max(result.series("valuation.value")) == 0.0
    assert at(result, "debt.closing", date(2027, 12, 31)) > 600
    assert all(math.isnan(x) for x in result.series("ratios.ltv"))
    assert math.isnan(result.headline["ltv_at_maturity"])
    passed(result)


def test_costs_above_income_leave_no_value(tmp_path: Path) -> None:
    costs = "opex:\n  site:\n    label: Site\n    amount: 200\ndebt:\n"
    result = spvmodel.solve(altered(tmp_path, ("debt:\n", costs)))
    assert min(result.series("opex.noi_ahead")) < 0
    assert set(result.series("valuation.value")) == {0.0}


def test_ltv_at_maturity_is_the_debt_before_it_is_repaid(model: Model) -> None:
    """Eleven payments to the initial maturity, nineteen to the extended one; the take-out drawn then aside."""
    assert spvmodel.solve(model).headline["ltv_at_maturity"] == pytest.approx(balance(19) / 1500, rel=1e-9)
    refused = spvmodel.solve(model, "high_cap_rate")
    assert refused.headline["ltv_at_maturity"] == pytest.approx(balance(11) / 1000, rel=1e-9)


def test_without_a_valuation_the_metric_says_so(tmp_path: Path) -> None:
    model = altered(
        tmp_path,
        ("      ltv: 65%\n", ""),
        ("  ltv: 50%\n", ""),
        (section("valuation"), ""),
        (section("high_cap_rate", 2), ""),
    )
    assert "ltv_at_maturity" not in model.headline
    assert model.about["not_applicable"]["ltv_at_maturity"] == "the deal file states no value of the collateral"
    assert not [name for name in model.lines if name.startswith("valuation.") or name == "ratios.ltv"]


def test_with_a_valuation_the_metrics_that_need_a_sale_say_why_they_are_missing(model: Model) -> None:
    assert model.about["not_applicable"]["lgd"] == "the deal file does not say what lenders do after a default"


def test_a_shareholder_loan_is_not_secured(tmp_path: Path) -> None:
    sponsor = (
        "  sponsor: {label: Sponsors' loan, rank: shareholder, funds: site, close: 2024-12-31, commitment: 100, "
        "fixed_rate: 9%, availability_end: 2025-12-31, completion: 2026-01-01, repayment: {profile: bullet}, "
        "maturity: 2035-12-31}\n"
    )
    result = spvmodel.solve(altered(tmp_path, ("valuation:\n", sponsor + "valuation:\n")))
    assert at(result, "debt.sponsor.closing", date(2027, 12, 31)) > 50
    assert (
        at(result, "valuation.debt", date(2027, 12, 31)) == at(result, "debt.senior.closing", date(2027, 12, 31)) > 500
    )
    # It is owed for longer than the senior loan, whose nineteen payments the LTV at maturity is still read after.
    assert result.headline["ltv_at_maturity"] == pytest.approx(balance(19) / 1500, rel=1e-9)
