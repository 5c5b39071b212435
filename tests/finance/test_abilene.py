"""The shipped campus against what is public about it."""

from __future__ import annotations

from datetime import date

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, from_serial


@pytest.fixture(scope="module")
def base(abilene: Model) -> Result:
    return spvmodel.solve(abilene)


def by_end(result: Result, name: str) -> dict[date, float]:
    return dict(zip(map(from_serial, result.series("time.end")), result.series(name), strict=True))


def test_first_full_year_of_rent_is_the_audited_figure(base: Result) -> None:
    """Abilene DC 1 LLC's first-year base rent is $244.728m: 206 MW at exactly $99 per kW-month."""
    first_year = [date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30)]
    rent = sum(by_end(base, f"lease.{name}.rent_income")[end] for name in ("b1", "b2") for end in first_year)
    assert rent == pytest.approx(244.728, rel=1e-12)


def test_commitments_are_the_two_reported_loans(base: Result) -> None:
    assert base.headline["debt_commitment"] == 2288 + 7100 == 9388


def test_the_budget_is_all_in(base: Result) -> None:
    assert base.headline["total_uses"] == pytest.approx(15000, abs=1e-6)
    assert base.headline["equity"] == pytest.approx(15000 - 9388, abs=1e-6)


def test_financing_on_top_raises_uses_and_equity_alone(abilene: Model, base: Result) -> None:
    result = spvmodel.solve(abilene, "financing_on_top")
    assert result.headline["total_uses"] > 15000 + 500
    assert sum(result.series("funding.draws")) == pytest.approx(9388, abs=1e-6)
    assert result.scalar("funding.total_equity") == pytest.approx(result.headline["total_uses"] - 9388, abs=1e-6)


def test_sources_equal_uses_in_every_period_and_case(abilene: Model) -> None:
    for case in abilene.cases:
        result = spvmodel.solve(abilene, case)
        for uses, draws, equity in zip(
            *(result.series(f"funding.{what}") for what in ("uses", "draws", "equity")), strict=True
        ):
            assert uses == pytest.approx(draws + equity, rel=1e-12, abs=1e-9)


def test_every_identity_holds_in_every_case(abilene: Model) -> None:
    for case in abilene.cases:
        result = spvmodel.solve(abilene, case)
        assert [check.name for check in result.checks if not check.passed] == []
        assert result.headline["recourse_to_sponsors"] == 0.0
        assert result.headline["checks_failed"] == 0.0


def test_the_base_case_needs_no_reserve_and_refinances_in_full(base: Result) -> None:
    assert base.warnings == ()
    assert base.headline["dsra_draws"] == 0.0
    assert base.headline["refinance_shortfall"] == 0.0
    assert base.series("debt.closing")[-1] == 0.0


def test_the_draw_at_the_end_of_2025_is_near_the_audited_one(base: Result) -> None:
    """$2,025.861m was outstanding on loan A at 31 Dec 2025; the spending profile is ours, chosen to come near it."""
    drawn = by_end(base, "debt.loan_a.closing")[date(2025, 12, 31)]
    assert drawn == pytest.approx(2025.861, rel=0.03)


def test_a_shortfall_of_the_take_out_is_carried_as_overdue_principal(abilene: Model) -> None:
    result = spvmodel.solve(abilene, "phase_2_yield_on_cost")
    short = result.headline["refinance_shortfall"]
    assert short > 100
    unpaid = result.series("waterfall.balloon.shortfall")
    overdue = [
        a + b
        for a, b in zip(*(result.series(f"debt.{n}.principal_arrears") for n in ("loan_a", "loan_b")), strict=True)
    ]
    at = max(range(len(unpaid)), key=unpaid.__getitem__)
    assert unpaid[at] > 100
    assert overdue[at + 1] == pytest.approx(unpaid[at], rel=1e-12)
    assert "The take-out does not refinance the balloons in full" in result.warnings
