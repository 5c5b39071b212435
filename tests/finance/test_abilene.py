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
    """The reported $15bn is read as including financing costs; what they come to is solved and stated in the file."""
    assert base.headline["total_uses"] == pytest.approx(15000, abs=2e-6)
    assert base.headline["equity"] == pytest.approx(15000 - 9388, abs=2e-6)
    for group in ("phase_1", "phase_2"):
        assert base.scalar(f"funding.{group}.overrun") == pytest.approx(0, abs=1e-6)


def test_a_stress_does_not_change_what_construction_costs(abilene: Model, base: Result) -> None:
    """Dearer money or a delay is an overrun that sponsors pay, not a cut of the contractor's price."""
    for case in ("rates_up_200", "delay_6_months"):
        result = spvmodel.solve(abilene, case)
        for group in ("phase_1", "phase_2"):
            cost = result.scalar(f"funding.{group}.construction_cost")
            assert cost == base.scalar(f"funding.{group}.construction_cost")
        overrun = result.scalar("funding.total_equity") - base.scalar("funding.total_equity")
        assert overrun > 50
        assert result.headline["total_uses"] == pytest.approx(15000 + overrun, abs=1e-5)
        assert result.headline["project_irr"] <= base.headline["project_irr"] + 1e-9


def test_financing_on_top_raises_uses_and_equity_alone(abilene: Model) -> None:
    result = spvmodel.solve(abilene, "financing_on_top")
    assert result.headline["total_uses"] > 15000 + 500
    assert sum(result.series("funding.draws")) == pytest.approx(9388, abs=1e-6)
    assert result.scalar("funding.total_equity") == pytest.approx(result.headline["total_uses"] - 9388, abs=1e-6)


def test_a_rate_holds_from_its_date(base: Result) -> None:
    """The file says 4.00% from 1 October 2025 and 3.60% from 1 January 2026; so do the quarters that start then."""
    path = by_end(base, "rates.curve")
    assert path[date(2025, 9, 30)] == pytest.approx(0.043)
    assert path[date(2025, 12, 31)] == pytest.approx(0.04)
    assert path[date(2026, 3, 31)] == pytest.approx(0.036)


def test_a_day_more_or_less_before_close_moves_little(abilene: Model) -> None:
    """Closing on the last day of a quarter, the day before or the day after finances the same uses."""
    eve = 45838.0  # 30 June 2025
    drawn = [
        spvmodel.solve(abilene, inputs={"debt.loan_b.close": eve + shift}).scalar("funding.total_debt")
        for shift in (-1, 0, 1)
    ]
    assert drawn == pytest.approx([9388.0] * 3, abs=1e-6)


def test_the_reserve_does_not_pay_balloons(abilene: Model) -> None:
    """When scheduled service is covered the DSRA is not drawn, however large the overdue balloon."""
    result = spvmodel.solve(abilene, "phase_2_yield_on_cost")
    assert max(result.series("waterfall.balloon.shortfall")) > 1000
    assert min(x for x in result.series("ratios.dscr") if x == x) >= 1.0
    assert result.headline["dsra_draws"] == 0.0


def test_the_take_out_meets_the_cover_it_is_sized_at(abilene: Model) -> None:
    for case in ("escalator_zero", "phase_2_yield_on_cost", "rent_minus_10"):
        result = spvmodel.solve(abilene, case)
        assert result.headline["refinance_shortfall"] > 100
        paying = [
            d for d, on in zip(result.series("ratios.dscr"), result.series("debt.takeout.paying"), strict=True) if on
        ]
        assert min(paying) == pytest.approx(1.30, rel=1e-9)


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


def test_a_shortfall_of_the_take_out_is_carried_and_is_a_default(abilene: Model) -> None:
    result = spvmodel.solve(abilene, "phase_2_yield_on_cost")
    short = result.headline["refinance_shortfall"]
    assert short > 100
    unpaid = result.series("waterfall.balloon.shortfall")
    facilities = ("loan_a", "loan_b", "takeout")
    overdue = [sum(x) for x in zip(*(result.series(f"debt.{n}.balloon_overdue") for n in facilities), strict=True)]
    at = max(range(len(unpaid)), key=unpaid.__getitem__)
    assert unpaid[at] > 100
    assert overdue[at + 1] == pytest.approx(unpaid[at], rel=1e-12)
    assert result.series("covenants.payment_default")[at] == 1.0
    assert "The take-out does not refinance the balloons in full" in result.warnings
