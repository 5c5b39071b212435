"""What financing costs take off taxable income: interest of every loan to the SPV, and hedges, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result

TEXT = """\
deal: taxes
title: Financing costs and taxes, invented
description: A floating loan with a swap and a cap, a mezzanine loan, and a cost that is written off in five years.
currency: USD
as_of: 2024-12-31
time: {{close: 2024-12-31, frequency: annual, closing: on its own, end: 2029-12-31}}
rates: {{index: Test rate, curve: {{2024-12-31: 4%}}}}
use: {{plant: {{label: Plant, kind: hard, amount: 100m, funded_by: site}}}}
funding: {{site: {{label: Site}}}}
income: {{rent: {{label: Rent, payer: Buyer, amount: 60m, expiry: 2029-12-31}}}}
debt:
  senior:
    label: Senior loan
    funds: site
    close: 2024-12-31
    commitment: 50m
    margin: 2%
    day_count: by period
    repayment: {{profile: bullet}}
    maturity: 2029-12-31
  mezzanine:
    label: Mezzanine loan
    rank: mezzanine
    funds: site
    close: 2024-12-31
    commitment: 10m
    fixed_rate: 10%
    day_count: by period
    repayment: {{profile: bullet}}
    maturity: 2029-12-31
{hedge}
tax: {{federal_rate: 20%, depreciation: straight line 20{limit}}}
"""
SWAP = """\
hedge:
  swap: {label: Swap, kind: swap, loan: senior, share: 60%, rate: 5%, credit_margin: 20 bp}
  cap: {label: Cap, kind: cap, loan: senior, schedule: {2025-01-01: 10m}, rate: 3.5%}
"""
# A year's interest: 50 at 6% and 10 at 10%. The swap pays 30 x (5.2% - 4%), the cap receives 10 x 0.5%.
INTEREST = 3.0 + 1.0
HEDGES = 0.36 - 0.05


def solved(folder: Path, hedge: str, limit: str = "") -> Result:
    (folder / "deal.yaml").write_text(TEXT.format(hedge=hedge, limit=limit))
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(folder / "deal.yaml"))))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


@pytest.mark.parametrize(("hedge", "paid"), [("", 0.0), (SWAP, HEDGES)])
def test_interest_of_all_loans_to_the_spv_and_hedges_are_deducted(tmp_path: Path, hedge: str, paid: float) -> None:
    result = solved(tmp_path, hedge)
    depreciation = result["tax.depreciation_total"][1:]
    assert result["tax.income"][1:] == pytest.approx([60 - INTEREST - paid - d for d in depreciation])
    assert result["tax.federal"][1:] == pytest.approx([0.2 * (56 - paid - d) for d in depreciation])


def test_hedges_are_no_interest_that_is_limited(tmp_path: Path) -> None:
    """A limit of 5% of what is earned after hedges: 59.69 x 5% of the 4 that is due, the rest carried forward."""
    result = solved(tmp_path, SWAP, ", interest_limit: {share: 5%}")
    allowed = 0.05 * (60 - HEDGES)
    assert result["tax.interest_deducted"][1:] == pytest.approx([allowed] * 5)
    assert result["tax.interest_closing"][-1] == pytest.approx(5 * (INTEREST - allowed))
    depreciation = result["tax.depreciation_total"][1:]
    assert result["tax.income"][1:] == pytest.approx([60 - allowed - HEDGES - d for d in depreciation])


def test_interest_that_a_sweep_saves_is_not_deducted(tmp_path: Path) -> None:
    """All excess cash of 2025 repays the senior loan, and saves 6% of it in 2026."""
    sweep = "sweep: {share: 100%, order: [senior]}\n"
    result = solved(tmp_path, sweep)
    paid = result["debt.senior.interest_paid"] + result["debt.mezzanine.interest_paid"]
    assert result["tax.interest"] == pytest.approx(paid)
    swept = result["debt.senior.sweep"][1]
    assert swept == pytest.approx(60 - INTEREST - result["tax.due"][1])
    assert result["tax.interest"][2] == pytest.approx(1.0 + (50 - swept) * 0.06)


def test_interest_that_a_sweep_saves_is_not_limited_twice(tmp_path: Path) -> None:
    """What is deducted and what is carried forward is the interest that was due."""
    result = solved(tmp_path, "sweep: {share: 100%, order: [senior]}\n", ", interest_limit: {share: 3%}")
    due = sum(result["debt.senior.interest_paid"]) + sum(result["debt.mezzanine.interest_paid"])
    assert sum(result["tax.interest_deducted"]) + result["tax.interest_closing"][-1] == pytest.approx(due)
