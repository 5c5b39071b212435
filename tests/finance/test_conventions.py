"""Switches of the deal file that choose between conventions: what each one changes, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report import write_report
from tests.deal.files import lines_of, load_text, place, refusal
from tests.finance.changing import changed

SAM = Path(__file__).parents[1] / "deals" / "sam"
GEARED = (SAM / "C_level_fixed_fraction.yaml").read_text(encoding="utf-8")
RESERVES = (SAM / "D_reserves.yaml").read_text(encoding="utf-8")
SIZING = "sizing: {gearing: 70%, gearing_fee: first order}"
EXACT = 1e-9


def solved(text: str, folder: Path, name: str = "deal.yaml") -> Result:
    result = spvmodel.solve(spvmodel.build(load_text(text, folder, name)))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def test_gearing_holds_exactly_when_the_fee_is_solved(tmp_path: Path) -> None:
    result = solved(changed(GEARED, (SIZING, "sizing: {gearing: 70%}")), tmp_path)
    assert result.scalar("debt.loan.amount") / result.scalar("funding.total_uses") == pytest.approx(0.70, abs=EXACT)


def test_gearing_of_the_first_order_lends_a_little_less(tmp_path: Path) -> None:
    result = solved(GEARED, tmp_path)
    debt, uses, fee = result.scalar("debt.loan.amount"), result.scalar("funding.total_uses"), 0.02
    before = uses - fee * debt
    assert debt == pytest.approx(0.70 * before * (1 + 0.70 * fee), abs=EXACT)
    # 1 + x in place of 1 / (1 - x), of x = 70% of 2%: short by x squared.
    assert debt / (0.70 * before / (1 - 0.70 * fee)) == pytest.approx(1 - (0.70 * fee) ** 2, abs=EXACT)
    # The uses themselves stay a limit that is solved exactly.
    assert result.scalar("sizing.loan.cost") == pytest.approx(before / (1 - fee), abs=EXACT)


def test_a_fee_in_the_gearing_needs_a_gearing(tmp_path: Path) -> None:
    text = changed(GEARED, (SIZING, "sizing: {dscr: 1.30x, ^gearing_fee: first order}"))
    error = refusal(text.replace("^", ""), tmp_path)
    assert lines_of(error, tmp_path) == [
        f"deal.yaml:{place(text, '^')}: 'gearing_fee' means nothing for loan 'loan', which has no gearing. "
        "Allowed: gearing beside it, or no gearing_fee."
    ]


def test_owners_pay_outside_the_spv_what_it_would_pay_after_debt_service(tmp_path: Path) -> None:
    """With cash enough in every year, who pays the taxes changes the SPV's own flows, and nothing for the owners."""
    outside = solved(RESERVES, tmp_path, "outside.yaml")
    ranked = changed(RESERVES, ("rank: paid by owners", "rank: after debt service"))
    inside = solved(ranked, tmp_path, "inside.yaml")
    assert inside.series("waterfall.tax.shortfall") == [0.0] * 26
    assert max(inside.series("waterfall.tax.paid")) > 0.1
    assert not any(name.startswith("waterfall.tax") for name in outside.model.lines)
    for name in ("debt.loan.closing", "ratios.cfads", "tax.payable", "reserves.closing"):
        assert outside.series(name) == pytest.approx(inside.series(name), abs=EXACT), name
    after = outside.series("returns.equity_flow_after_tax")
    assert after == pytest.approx(inside.series("returns.equity_flow"), abs=EXACT)
    assert outside.series("returns.equity_flow") == pytest.approx(
        inside.series("returns.equity_flow_before_tax"), abs=EXACT
    )
    assert outside.scalar("returns.equity_irr_after_tax") == pytest.approx(
        inside.scalar("returns.equity_irr"), abs=1e-7
    )


def test_the_model_says_which_conventions_are_on(tmp_path: Path) -> None:
    result = solved(GEARED, tmp_path)
    stated = {
        "Fee in the gearing, Term loan": "first order",
        "First filling of the DSRA": "at close",
        "Cut period of the DSRA counts by": "months",
        "Rank of taxes": "paid by owners",
        "Tax losses": "refunded",
        "Tax depreciation": "straight line 20",
    }
    fixed = result.model.about["fixed"]
    assert isinstance(fixed, list)
    assert stated.items() <= dict(fixed).items()
    write_report(result, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for what, value in stated.items():
        assert f'<tr><th scope="row">{what}</th><td>{value}</td></tr>' in page


def test_the_report_says_which_tax_rules_are_on_and_which_are_unconfirmed(tmp_path: Path) -> None:
    result = solved((SAM.parent / "taxed.yaml").read_text(encoding="utf-8"), tmp_path)
    write_report(result, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    stated = {
        "Convention of the first tax year": "40% test",
        "Bonus depreciation by date": "Public Law 119-21, section 70301; earlier law by year in service",
        "Limit of interest deducted": "section 163(j), on EBIT",
        "Payment of taxes": "in arrears",
        "Straight-line rent": "accounting alone; cash flow and taxes on the rent as it is due",
    }
    for what, value in stated.items():
        assert f'<tr><th scope="row">{what}</th><td>{value}</td></tr>' in page
    notes = result.model.about["qualifications"]
    assert isinstance(notes, list)
    assert [note for note in notes if "unconfirmed" in note] == [notes[0], notes[1], notes[3]]
    for note in notes:
        assert f"<li>{note}</li>" in page
