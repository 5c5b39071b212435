"""Facilities that cover shortfalls, by hand: a gap of two quarters between leases, drawn and reimbursed with interest.

Rent is 3 m and principal 1 m a quarter, without interest on the loan; no rent is paid in the second half of 2027.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.report.html import render
from tests.finance.changing import changed, with_fault

DEAL = Path(__file__).parents[1] / "deals" / "revolver.yaml"
GAP = 10
"""The period that ends on 2027-09-30, the first without rent."""

FACILITIES = DEAL.read_text()[DEAL.read_text().index("facility:") : DEAL.read_text().index("cases:")]
REVOLVER = """\
facility:
  revolver:
    {label: Revolver, kind: revolver, limit: LIMIT, undrawn_fee: 3.6%, fixed_rate: 8%, close: 2026-01-01,
     until: 2029-12-31}
"""
CASES = DEAL.read_text()[DEAL.read_text().index("cases:") :]


def solved(folder: Path, facilities: str, *changes: tuple[str, str]) -> Result:
    """The deal with these facilities and reserves and without its cases; every check holds."""
    text = changed(DEAL.read_text(), (FACILITIES, facilities), (CASES, ""), *changes)
    (folder / "deal.yaml").write_text(text)
    result = spvmodel.solve(spvmodel.build(spvmodel.load(folder / "deal.yaml")))
    assert [(check.name, check.value) for check in result.checks if not check.passed] == []
    return result


def gap(result: Result, name: str, count: int = 4) -> list[float]:
    return list(result.series(name)[GAP : GAP + count])


def test_a_revolver_carries_the_gap_and_is_reimbursed_with_interest(tmp_path: Path) -> None:
    """Limit 5 m: the fee on what is not drawn and 1 m of principal are drawn twice, and owed at 8%, ACT/360."""
    result = solved(tmp_path, REVOLVER.replace("LIMIT", "5m"))
    fee = [5 * 0.036 * 92 / 360]
    first = fee[0] + 1
    fee.append((5 - first) * 0.036 * 92 / 360)
    second = fee[1] + 1
    interest = [0.0, first * 0.08 * 92 / 360]
    owed = first + interest[1] + second
    interest.append(owed * 0.08 * 91 / 360)
    fee.append((5 - owed) * 0.036 * 91 / 360)
    at = "facility.revolver"
    assert gap(result, f"{at}.drawn") == pytest.approx([first, second, 0, 0], abs=1e-9)
    assert gap(result, f"{at}.interest", 3) == pytest.approx(interest, abs=1e-9)
    assert gap(result, "waterfall.fees.paid", 3) == pytest.approx(fee, abs=1e-9)
    assert gap(result, "waterfall.principal.shortfall") == pytest.approx([0, 0, 0, 0], abs=1e-9)
    # 3 m of rent, less the fee and 1 m of principal, go to the revolver; the rest of it in the next quarter.
    paid = 3 - fee[2] - 1
    left = owed + interest[2] - paid
    assert left > 0
    rest = left * (1 + 0.08 * 91 / 360)
    assert gap(result, f"{at}.reimbursed") == pytest.approx([0, 0, paid, rest], abs=1e-9)
    assert gap(result, f"{at}.closing") == pytest.approx([first, owed, left, 0], abs=1e-9)
    # Nothing is distributed while it is drawn; then what is left of 3 m.
    last = 3 - (5 - left) * 0.036 * 91 / 360 - 1 - rest
    assert gap(result, "waterfall.distributions") == pytest.approx([0, 0, 0, last], abs=1e-9)
    assert gap(result, "covenants.facilities_repaid") == [0, 0, 0, 1]
    assert gap(result, "covenants.payment_default") == [0, 0, 0, 0]
    assert "Revolver is drawn" in result.warnings
    # The fee stands in debt service as if nothing were drawn; draws and their interest do not.
    assert gap(result, "debt.service", 2) == pytest.approx([1 + fee[0]] * 2, abs=1e-9)


def test_a_limit_holds_and_what_is_not_covered_stays_due(tmp_path: Path) -> None:
    """Limit 1.5 m: 1.0138 m, then the 0.4862 m that are left; 0.518273 m of principal wait for the next rent."""
    result = solved(tmp_path, REVOLVER.replace("LIMIT", "1.5m"))
    at = "facility.revolver"
    assert gap(result, f"{at}.available") == pytest.approx([1.5, 0.4862, 0, 1.430248], abs=1e-6)
    assert gap(result, f"{at}.drawn") == pytest.approx([1.0138, 0.4862, 0, 0], abs=1e-9)
    assert gap(result, "waterfall.fees.from_revolver") == pytest.approx([0.0138, 0.0044730, 0, 0], abs=1e-6)
    assert gap(result, "waterfall.principal.shortfall") == pytest.approx([0, 0.518273, 0, 0], abs=1e-6)
    assert gap(result, f"{at}.closing") == pytest.approx([1.0138, 1.520727, 0.069752, 0], abs=1e-6)
    assert gap(result, f"{at}.reimbursed") == pytest.approx([0, 0, 1.481727, 0.071162], abs=1e-6)


def test_a_revolver_is_drawn_only_while_it_is_available(tmp_path: Path) -> None:
    """Until the end of the first quarter without rent: the second is not covered, and what is owed stays due."""
    result = solved(tmp_path, REVOLVER.replace("LIMIT", "5m").replace("until: 2029-12-31", "until: 2027-10-31"))
    at, drawn = "facility.revolver", 1 + 5 * 0.036 * 92 / 360
    assert gap(result, f"{at}.drawn") == pytest.approx([drawn, 0, 0, 0], abs=1e-9)
    assert gap(result, f"{at}.days_open") == [92, 31, 0, 0]
    assert gap(result, f"{at}.fee_scheduled") == pytest.approx([drawn - 1, 5 * 0.036 * 31 / 360, 0, 0], abs=1e-9)
    assert gap(result, "waterfall.principal.shortfall", 2) == pytest.approx([0, 1], abs=1e-9)
    assert gap(result, f"{at}.closing", 2) == pytest.approx([drawn, drawn * (1 + 0.08 * 92 / 360)], abs=1e-9)


def test_a_drawn_letter_of_credit_becomes_a_loan_and_is_reinstated(tmp_path: Path) -> None:
    """1 m is stated for the next quarter's principal; the fee of 3.6% is not covered by it, and waits."""
    result = solved(tmp_path, "reserves:\n  dsra: {months: 3, lc_fee: 3.6%, lc_rate: 8%}\n")
    at = "reserves.dsra.lc_loan"
    assert gap(result, f"{at}.stated") == pytest.approx([1, 1, 1, 1], abs=1e-9)
    assert gap(result, f"{at}.drawn") == pytest.approx([1, 0, 0, 0], abs=1e-9)
    assert gap(result, "waterfall.principal.from_dsra_lc") == pytest.approx([1, 0, 0, 0], abs=1e-9)
    fee = 0.036 * 92 / 360
    assert gap(result, "waterfall.fees.due", 3) == pytest.approx([fee, fee, fee], abs=1e-9)
    assert gap(result, "waterfall.principal.due", 3) == pytest.approx([1, 1, 2], abs=1e-9)
    owed = 1 + 0.08 * 92 / 360
    paid = 3 - fee - 2
    left = owed * (1 + 0.08 * 91 / 360) - paid
    assert gap(result, f"{at}.closing") == pytest.approx([1, owed, left, 0], abs=1e-9)
    assert gap(result, f"{at}.reimbursed") == pytest.approx([0, 0, paid, left * (1 + 0.08 * 91 / 360)], abs=1e-9)
    # Reinstated as it is repaid: at the start of a period, the amount stated less what is outstanding.
    assert gap(result, f"{at}.available", 5) == pytest.approx([1, 0, 0, 1 - left, 1], abs=1e-9)
    assert gap(result, "waterfall.distributions", 3) == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_letter_of_credit_bears_its_fee_and_can_be_drawn_from_its_issue(tmp_path: Path) -> None:
    """Issued on completion, 15 February 2026, for the 1 m of the next quarter; the fee is of 45 days to 31 March.

    No rent is paid before July, so that the half instalment of the first quarter is drawn at once; the other half
    covers as much of the second quarter's, and is used up with that.
    """
    later = ("completion: 2026-01-01", "completion: 2026-02-15"), ("until: 2026-01-01", "until: 2026-02-15")
    unlet = ("commencement: 2026-01-01", "commencement: 2026-07-01")
    result = solved(tmp_path, "reserves:\n  dsra: {months: 3, lc_fee: 3.6%, lc_rate: 8%}\n", *later, unlet)
    at, first = "reserves.dsra.lc_loan", 4
    assert result.series("reserves.dsra.lc")[first - 1 : first + 1] == pytest.approx([0, 1])
    assert sum(result.series("reserves.dsra.lc_issued")) == pytest.approx(1)
    fees = [0.036 * days / 360 for days in (45, 91)]
    assert result.series("reserves.dsra.lc_fee_due")[: first + 2] == pytest.approx([0] * 4 + fees, abs=1e-12)
    assert result.series("debt.senior.amortisation")[first : first + 2] == pytest.approx([0.5, 1])
    assert result.series(f"{at}.available")[first : first + 2] == pytest.approx([1, 0.5], abs=1e-9)
    assert result.series(f"{at}.drawn")[first : first + 2] == pytest.approx([0.5, 0.5], abs=1e-9)
    assert result.series("waterfall.principal.shortfall")[first : first + 2] == pytest.approx([0, 0.5], abs=1e-9)
    assert result.series(f"{at}.closing")[first + 1] == pytest.approx(0.5 * (1 + 0.08 * 91 / 360) + 0.5)


def test_without_a_rate_the_letter_of_credit_is_not_drawn(tmp_path: Path) -> None:
    result = solved(tmp_path, "reserves:\n  dsra: {months: 3, lc_fee: 3.6%}\n")
    assert not [name for name in result.model.lines if "lc_loan" in name or "reimburse" in name]
    assert gap(result, "waterfall.principal.shortfall", 2) == pytest.approx([1, 2], abs=1e-9)


def test_facilities_are_drawn_in_the_order_that_a_step_names(tmp_path: Path) -> None:
    """Principal: 0.4 m of the second facility, then the first; they share a reimbursement by what is due to them."""
    two = REVOLVER.replace("LIMIT", "5m").replace("undrawn_fee: 3.6%, ", "")
    two += "  backstop: {label: Backstop, kind: letter of credit, limit: 0.4m, until: 2029-12-31, fixed_rate: 8%}\n"
    steps = ["pay: operating costs", "pay: fees", "pay: senior interest",
             "pay: senior principal\n    support: [backstop, revolver]", "pay: balloons", "pay: reimbursements",
             "fund: dsra", "test: lock-up", "distribute: equity"]  # fmt: skip
    text = two + "waterfall:\n" + "".join(f"  - {step}\n" for step in steps)
    # Half the rent of the second lease: 0.5 m a quarter is left for what is owed.
    rent = ('Another, rent: "1,000 USD', 'Another, rent: "500 USD')
    result = solved(tmp_path, text, rent)
    assert gap(result, "facility.backstop.drawn") == pytest.approx([0.4, 0, 0, 0], abs=1e-9)
    assert gap(result, "facility.revolver.drawn") == pytest.approx([0.6, 1, 0, 0], abs=1e-9)
    due = [gap(result, f"facility.{name}.due")[2] for name in ("backstop", "revolver")]
    got = [gap(result, f"facility.{name}.reimbursed")[2] for name in ("backstop", "revolver")]
    assert due[0] == pytest.approx(0.4 * (1 + 0.08 * 92 / 360) * (1 + 0.08 * 91 / 360), abs=1e-9)
    assert sum(got) == pytest.approx(0.5, abs=1e-9)
    assert got[0] / got[1] == pytest.approx(due[0] / due[1], rel=1e-9)


def test_who_lends_on_a_revolver_is_a_lender(tmp_path: Path) -> None:
    """What they give and get back is in the flow of lenders, and is in all the interest that they earn."""
    result = solved(tmp_path, REVOLVER.replace("LIMIT", "5m"))
    drawn, back = sum(result.series("facility.revolver.drawn")), sum(result.series("facility.revolver.reimbursed"))
    interest = sum(result.series("facility.revolver.interest"))
    assert back - drawn == pytest.approx(interest, abs=1e-9)
    flow = sum(result.series("returns.lender_flow"))
    # The loan bears no interest, so that lenders earn fees and the interest on what is drawn.
    assert flow == pytest.approx(interest + sum(result.series("waterfall.fees.paid")), abs=1e-9)


def test_readers_see_what_is_drawn_and_that_it_is_not_in_debt_service(tmp_path: Path) -> None:
    result = solved(tmp_path, REVOLVER.replace("LIMIT", "5m"))
    page = render(result)
    assert "Reimbursed, with interest" in page and "of which from Revolver" in page
    assert "without what is drawn on facilities, and its interest" in result.model.lines["debt.service"].note


FAULTS = {
    "facility.revolver.closing": "checks.facility_revolver_balance",
    "facility.revolver.drawn": "checks.cash",
    "facility.revolver.reimbursed": "checks.reimbursements_shared",
    "waterfall.reimbursements.paid": "checks.reimbursements_step",
    "reserves.dsra.lc_loan.drawn": "checks.providers",
    "reserves.dsra.lc_loan.opening": "checks.facility_dsra_lc_balance",
    "covenants.locked": "checks.lockup",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    model = spvmodel.build(spvmodel.load(DEAL))
    faulty = with_fault(model, name, 0.01, model.lines[name].unit, GAP + 5)
    inputs = {key: given.value for key, given in faulty.inputs.items()}
    result = Result(faulty, "base", inputs, evaluate(faulty, inputs))
    assert FAULTS[name] in {check.name for check in result.checks if not check.passed}
