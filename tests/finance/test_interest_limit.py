"""The limit of interest deducted: six years by hand, and every year of a deal against a plain loop."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_tax import by_year
from tests.finance.works import FREQUENCIES, built

ONE = "depreciation: MACRS 15"
LIMIT = f"{ONE}\n  interest_limit: {{share: %s, ati: %s}}"
BY_HAND = """\
deal: by_hand
title: By hand
description: One building bought at close, one income, one loan repaid in five years.
currency: USD
as_of: 2025-12-31
time: {{close: 2025-12-31, frequency: annual, closing: on its own, end: 2036-12-31}}
use:
  hall: {{label: Hall, kind: hard, amount: 200m, funded_by: site}}
funding: {{site: {{label: Site}}}}
income:
  rent: {{label: Rent, payer: Tenant, amount: 24m}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2025-12-31
    commitment: 100m
    fixed_rate: 10%
    day_count: by period
    maturity: 2030-12-31
    repayment: {{profile: straight line}}
tax: {{federal_rate: 20%, depreciation: straight line 20, interest_limit: {limit}}}
"""


def by_hand(folder: Path, limit: str) -> Result:
    """Earns 24 m a year; 100 m repaid in five years; 10 m a year deducted of a cost of 200 m, half in the first."""
    return spvmodel.solve(spvmodel.build(load_text(BY_HAND.format(limit=limit), folder)))


def test_six_years_by_hand(tmp_path: Path) -> None:
    """Interest of 10, 8, 6, 4 and 2 m against 30% of 24 m = 7.2 m.

    Disallowed: 2.8; then 2.8 + 8 - 7.2 = 3.6; 3.6 + 6 - 7.2 = 2.4; 2.4 + 4 = 6.4 is deducted whole.
    Before tax: 24 less interest less depreciation of 5 in 2026 and 10 later.
    """
    result = by_hand(tmp_path, "{}")
    assert failed(result.model) == set()
    assert result.series("tax.interest_accrued")[1:7] == pytest.approx([10, 8, 6, 4, 2, 0], abs=1e-9)
    assert result.series("tax.interest_limit_to_date")[1:7] == pytest.approx([7.2] * 6)
    assert result.series("tax.interest_deducted")[1:7] == pytest.approx([7.2, 7.2, 7.2, 6.4, 2, 0], abs=1e-9)
    assert result.series("tax.interest_opening")[1:7] == pytest.approx([0, 2.8, 3.6, 2.4, 0, 0], abs=1e-9)
    assert result.series("tax.interest_closing")[1:7] == pytest.approx([2.8, 3.6, 2.4, 0, 0, 0], abs=1e-9)
    assert result.series("tax.income")[1:7] == pytest.approx([11.8, 6.8, 6.8, 7.6, 12, 14], abs=1e-9)
    assert result.series("tax.payable")[1:7] == pytest.approx([2.36, 1.36, 1.36, 1.52, 2.4, 2.8], abs=1e-9)


def test_after_depreciation_there_is_less_room(tmp_path: Path) -> None:
    """EBIT of 24 - 5 = 19, then 14 m: limits of 5.7 and 4.2 m.

    Disallowed: 4.3; 4.3 + 8 - 4.2 = 8.1; + 6 - 4.2 = 9.9; + 4 - 4.2 = 9.7; + 2 - 4.2 = 7.5; - 4.2 = 3.3; then none.
    """
    result = by_hand(tmp_path, "{ati: EBIT}")
    assert failed(result.model) == set()
    assert result.series("tax.interest_limit_to_date")[1:4] == pytest.approx([5.7, 4.2, 4.2])
    carried = result.series("tax.interest_closing")[1:8]
    assert carried == pytest.approx([4.3, 8.1, 9.9, 9.7, 7.5, 3.3, 0], abs=1e-9)
    assert result.series("tax.interest_deducted")[1:8] == pytest.approx([5.7, 4.2, 4.2, 4.2, 4.2, 4.2, 3.3], abs=1e-9)


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize(("share", "ati"), [(0.1, "EBITDA"), (0.3, "EBIT")])
def test_every_year_in_a_plain_loop(tmp_path: Path, share: float, ati: str, frequency: str) -> None:
    """With works expensed, fees and interest on accounts, in every case; what is left is carried to the end."""
    terms = LIMIT % (f"{share:.0%}", ati)
    model = built(tmp_path, (ONE, terms), ("frequency: annual", f"frequency: {frequency}"))
    for case in model.cases:
        result = spvmodel.solve(model, case)
        assert [check.name for check in result.checks if not check.passed] == []
        names = ["opex.noi", "debt.fees_scheduled", "reserves.capital.chillers.works_cost", "tax.depreciation_total"]
        noi, fees, works, depreciation = (by_year(result, name) for name in names)
        paid, earned = by_year(result, "debt.interest_scheduled"), by_year(result, "reserves.interest_earned")
        deducted, income = by_year(result, "tax.interest_deducted"), by_year(result, "tax.income")
        carried, disallowed = 0.0, 0
        for year, operating in noi.items():
            adjusted = operating - fees[year] - works[year] - (depreciation[year] if ati == "EBIT" else 0.0)
            room = share * max(0.0, adjusted) + earned[year]
            taken = min(carried + paid[year], room)
            carried += paid[year] - taken
            disallowed += carried > 0.1
            assert deducted[year] == pytest.approx(taken, abs=1e-9)
            left = operating + earned[year] - fees[year] - works[year] - depreciation[year] - taken
            assert income[year] == pytest.approx(left, abs=1e-9)
        assert disallowed > 2
        assert result.series("tax.interest_closing")[-1] == pytest.approx(carried, abs=1e-9)


def test_a_limit_that_never_binds_changes_nothing(tmp_path: Path) -> None:
    plain, wide = spvmodel.solve(built(tmp_path)), spvmodel.solve(built(tmp_path, (ONE, LIMIT % ("100%", "EBITDA"))))
    for name in ("tax.interest", "tax.payable", "ratios.cfads", "returns.equity_flow"):
        assert wide.series(name) == pytest.approx(plain.series(name), abs=1e-9), name
    assert not any(name.startswith("tax.interest_") for name in plain.model.lines)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return built(tmp_path_factory.mktemp("limited"), (ONE, LIMIT % ("10%", "EBIT")))


@pytest.mark.parametrize("name", ["tax.interest_deducted", "tax.interest_closing", "tax.interest_accrued"])
def test_a_fault_is_found(limited: Model, name: str) -> None:
    assert failed(limited) == set()
    assert "checks.tax_interest" in failed(with_fault(limited, name, "money"))
