"""What financing costs take off taxable income: interest of every loan to the SPV, and hedges, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed

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


PIK = ("    commitment: 10m\n", "    commitment: 10m\n    pik: {share: 40%}\n")


def pik(folder: Path, limit: str = "", *changes: tuple[str, str]) -> Result:
    """The deal without hedges, the mezzanine loan of which adds 40% of its interest to the balance."""
    text = changed(TEXT.format(hedge="", limit=limit), PIK, *changes)
    (folder / "deal.yaml").write_text(text)
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(folder / "deal.yaml"))))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def test_interest_added_to_a_loan_is_deducted_as_it_accrues(tmp_path: Path) -> None:
    """10% of 10, of which 0.4 is added; 4% more each year: 1.0, 1.04, 1.0816 ... 1.04^4, and 3 of the senior loan."""
    result = pik(tmp_path)
    accrued = [1.04**year for year in range(5)]
    assert result["debt.mezzanine.interest_paid"][1] == pytest.approx(0.6)
    assert result["tax.interest"][1:] == pytest.approx([3 + interest for interest in accrued])
    assert result["tax.interest"] == pytest.approx(-result["statements.income.interest"])
    depreciation = result["tax.depreciation_total"][1:]
    expected = [60 - 3 - interest - d for interest, d in zip(accrued, depreciation, strict=True)]
    assert result["tax.income"][1:] == pytest.approx(expected)


def test_interest_added_to_a_loan_is_limited_as_interest(tmp_path: Path) -> None:
    """5% of the 60 earned is 3: of 3 + 1.04^t the rest is carried forward."""
    result = pik(tmp_path, ", interest_limit: {share: 5%}")
    assert result["tax.interest_accrued"][1:] == pytest.approx([3 + 1.04**year for year in range(5)])
    assert result["tax.interest_deducted"][1:] == pytest.approx([3.0] * 5)
    assert result["tax.interest_closing"][-1] == pytest.approx(sum(1.04**year for year in range(5)))


def test_interest_that_would_have_been_added_is_not_deducted_once_prepaid(tmp_path: Path) -> None:
    """Excess cash of 2025 repays the 10 owed, before the 0.4 of that year is added: interest of 0.04, then 4% of it."""
    result = pik(tmp_path, "", ("tax: ", "sweep: {share: 100%, order: [mezzanine]}\ntax: "))
    assert result["debt.mezzanine.closing"][1:3] == pytest.approx([0.4, 0.016])
    assert result["tax.interest"][1:] == pytest.approx([3 + 0.04**year for year in range(5)])


def test_interest_of_a_toggle_is_deducted_once(tmp_path: Path) -> None:
    """Nothing is earned before 2027: interest that falls due unpaid is added, and bears interest of its own.

    Of the mezzanine loan's 10, 0.4 of the 1.0 is added by schedule and 0.6 for want of cash: 11 at the end of 2025.
    So 1.0, 1.1, 1.21 accrue, and nothing of it a second time when it is paid.
    """
    late = ("amount: 60m, expiry", "amount: 60m, commencement: 2027-01-01, expiry")
    result = pik(tmp_path, "", late, ("pik: {share: 40%}", 'pik: {share: 40%, toggle: "yes"}'))
    assert result["debt.mezzanine.closing"][1:3] == pytest.approx([11, 12.1])
    assert result["tax.interest"][1:4] == pytest.approx([3 + 1.0, 3 + 1.1, 3 + 1.21])


REVOLVER = Path(__file__).parents[1] / "deals" / "revolver.yaml"


@pytest.mark.parametrize("limit", ["", ", interest_limit: {share: 30%}"])
def test_interest_on_drawn_facilities_is_deducted_and_fees_saved_are_not(tmp_path: Path, limit: str) -> None:
    """A revolver and two letters of credit are drawn in a gap between leases, and owed with interest until repaid."""
    tax = f"tax: {{federal_rate: 20%, depreciation: straight line 20{limit}}}\ncases:\n"
    (tmp_path / "deal.yaml").write_text(changed(REVOLVER.read_text(), ("cases:\n", tax)))
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(tmp_path / "deal.yaml"))))
    assert [check.name for check in result.checks if not check.passed] == []
    drawn = sum(result[f"{at}.interest"] for at in ("facility.revolver", "facility.backstop", "reserves.dsra.lc_loan"))
    assert max(drawn) > 0.01
    # The loan bears none: all interest is that of the facilities; the income statement charges fees net of those saved.
    if limit:
        assert result["tax.interest_accrued"] == pytest.approx(drawn)
    fees = -result["statements.income.fees"]
    assert sum(fees) < sum(result["debt.fees_scheduled"])
    assert result["tax.interest"] == pytest.approx(drawn + fees)
