"""Straight-line rent: levels and balances worked out by hand, and nothing deferred after the last lease."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text
from tests.finance.changing import with_fault as at_number
from tests.finance.small import small
from tests.finance.test_checks import failed, with_fault

LOAN = "repayment: {profile: straight line, interest_only_until: 2027-12-31}"
RENT = 24.0
"""Of the first year: 10 MW at 200 USD per kW-month, in millions."""


def model_of(folder: Path, *changes: tuple[str, str], escalation: str = "3%", frequency: str = "quarterly") -> Model:
    """The small deal with its eleven-year lease from January 2026, straight-lined, and passages replaced."""
    text = small(folder, LOAN, frequency, escalation).path.read_text(encoding="utf-8")
    for old, new in (("covenants:", "accounting: {straight_line_rent: yes}\ncovenants:"), *changes):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return spvmodel.build(load_text(text, folder))


def solved(folder: Path, *changes: tuple[str, str], escalation: str = "3%", frequency: str = "quarterly") -> Result:
    result = spvmodel.solve(model_of(folder, *changes, escalation=escalation, frequency=frequency))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


@pytest.mark.parametrize(("frequency", "periods"), [("quarterly", 4), ("annual", 1)])
def test_a_rent_that_rises_is_level_over_the_term(tmp_path: Path, frequency: str, periods: int) -> None:
    """24 m rising 3% a year for eleven years: 24 x (1.03^11 - 1) / 0.03 / 11 = 27.944 m a year."""
    result = solved(tmp_path, frequency=frequency)
    level = RENT * (1.03**11 - 1) / 0.03 / 11
    assert level == pytest.approx(27.9443, abs=1e-4)
    assert result.series("lease.straight_line_rent") == pytest.approx([level / periods] * (11 * periods), rel=1e-12)
    deferred = result.series("lease.deferred_rent")[periods - 1 :: periods]
    due = [RENT * 1.03**year for year in range(11)]
    assert deferred == pytest.approx([level * (year + 1) - sum(due[: year + 1]) for year in range(11)], abs=1e-9)
    assert max(deferred) > 10
    assert deferred[-1] == pytest.approx(0, abs=1e-9)
    openings = result.series("lease.deferred_rent_opening")
    assert openings == [0.0, *result.series("lease.deferred_rent")[:-1]]


def test_a_level_rent_defers_nothing(tmp_path: Path) -> None:
    """Quarters of 90 to 92 days count alike, as they do in the rent."""
    result = solved(tmp_path, escalation="0%")
    assert result.series("lease.straight_line_rent") == pytest.approx([RENT / 4] * 44)
    assert result.series("lease.deferred_rent") == pytest.approx([0.0] * 44, abs=1e-9)


def test_rent_free_months_are_part_of_the_term(tmp_path: Path) -> None:
    """Two of 44 quarters free: 42 x 6 m over 44 quarters = 5.7273 m; 11.4545 m deferred when rent begins."""
    result = solved(tmp_path, ("term: 11 years", "term: 11 years\n    free_rent: 6 months"), escalation="0%")
    level = 42 * 6 / 44
    assert result.series("lease.straight_line_rent") == pytest.approx([level] * 44)
    assert result.series("lease.deferred_rent")[:3] == pytest.approx([level, 2 * level, 3 * level - 6])
    assert result.series("lease.deferred_rent")[-1] == pytest.approx(0, abs=1e-9)


def test_a_lease_that_runs_already_is_level_over_what_is_left(tmp_path: Path) -> None:
    """Let since January 2024 for thirteen years: eleven of them are in the model, at 24 x 1.03^2 m and rising."""
    result = solved(
        tmp_path, ("commencement: 2026-01-01", "commencement: 2024-01-01"), ("term: 11 years", "term: 13 years")
    )
    level = RENT * 1.03**2 * (1.03**11 - 1) / 0.03 / 44
    assert result.series("lease.straight_line_rent") == pytest.approx([level] * 44, rel=1e-12)


def test_a_delay_moves_the_term(tmp_path: Path) -> None:
    """Three months later: nothing in the first quarter, the same level in the 44 that follow."""
    model = model_of(tmp_path, ("end: 2036-12-31", "end: 2037-12-31"))
    result = spvmodel.solve(model, inputs={"construction.delay": 3.0})
    assert [check.name for check in result.checks if not check.passed] == []
    level = RENT * (1.03**11 - 1) / 0.03 / 44
    assert result.series("lease.straight_line_rent") == pytest.approx([0.0, *[level] * 44, *[0.0] * 3], rel=1e-12)


def test_cash_and_taxes_stay_on_the_rent_that_is_due(tmp_path: Path) -> None:
    tax = ("covenants:", "tax: {federal_rate: 21%, depreciation: MACRS 15}\ncovenants:")
    level = solved(tmp_path, tax)
    text = (tmp_path / "deal.yaml").read_text(encoding="utf-8").replace("accounting: {straight_line_rent: yes}\n", "")
    plain = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    for name in ("revenue.total", "tax.income", "tax.payable", "ratios.cfads", "returns.equity_flow"):
        assert level.series(name) == plain.series(name)
    assert not any("straight_line" in name or "deferred" in name for name in plain.model.lines)
    notes = level.model.about["qualifications"]
    assert isinstance(notes, list)
    assert any("section 467 is unconfirmed" in note for note in notes)


def test_faults_are_found(tmp_path: Path) -> None:
    model = model_of(tmp_path)
    assert failed(model) == set()
    assert "checks.straight_line" in failed(with_fault(model, "lease.hall.straight_line_rent", "money"))
    assert "checks.deferred_rent" in failed(with_fault(model, "lease.straight_line_rent", "money"))
    assert failed(at_number(model, "lease.deferred_rent", 1.0, "money", 44)) == {"checks.deferred_rent"}
