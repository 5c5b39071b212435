"""Income taxes: schedules as published, tax years, losses, ranks; derived by hand and by plain loops."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.finance.tax.depreciation import schedule, schedule_years
from spvmodel.finance.tax.macrs import MACRS
from spvmodel.lines import Model
from tests.finance.test_checks import failed, with_fault
from tests.finance.works import FREQUENCIES, WORKS, built

MONTHLY = ("frequency: annual", "frequency: monthly")
AFTER = ("depreciation: MACRS 15", "depreciation: MACRS 15\n  rank: after debt service")
REFUNDED = ("depreciation: MACRS 15", "depreciation: MACRS 15\n  losses: refunded")


def scheduled(name: str) -> tuple[str, str]:
    """The change of the deal that depreciates a cost of 82.7m by another schedule."""
    return "depreciation: MACRS 15", f"depreciation: {name}\n  basis: 82.7m"


@pytest.fixture(scope="module", params=FREQUENCIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The deal that pays taxes before debt service, in annual and in monthly periods."""
    return built(tmp_path_factory.mktemp("works"), ("frequency: annual", f"frequency: {request.param}"))


@pytest.fixture(scope="module")
def works() -> Result:
    """The same deal, annual, base case."""
    return spvmodel.solve(spvmodel.build(spvmodel.load(str(WORKS))))


def by_year(result: Result, name: str) -> dict[int, float]:
    """The sum of a line over the periods of each calendar year."""
    found: dict[int, float] = {}
    for year, value in zip(result.series("tax.year"), result.series(name), strict=True):
        found[int(year)] = found.get(int(year), 0.0) + value
    return found


def test_published_schedules_deduct_the_whole_cost() -> None:
    """IRS Publication 946, Table A-1: n years and a half year at either end."""
    for years, rates in MACRS.items():
        assert len(rates) == years + 1
        assert sum(rates) == pytest.approx(100, abs=1e-9)
    assert MACRS[5] == (20.0, 32.0, 19.2, 11.52, 11.52, 5.76)
    for name in ("MACRS 7", "straight line 5", "straight line 15", "straight line 20"):
        assert sum(schedule(name)) == pytest.approx(1)
        assert schedule_years(name) == int(name.split()[-1]) + 1


@pytest.mark.parametrize(("years", "declining"), [(5, 2.0), (7, 2.0), (15, 1.5), (20, 1.5)])
def test_published_schedules_are_declining_balances(years: int, declining: float) -> None:
    """The tables round 200% or 150% declining balance, switched to straight line when that deducts more."""
    left, wanted = 100.0, []
    for year in range(years + 1):
        remaining = years + 0.5 - year if year else float(years)
        rate = max(declining / years, 1 / remaining if year else 0.0) if year < years else 1.0
        taken = left * rate * (0.5 if year == 0 else 1.0)
        wanted.append(taken)
        left -= taken
    assert list(MACRS[years]) == pytest.approx(wanted, abs=0.0101)


@pytest.mark.parametrize("name", ["MACRS 5", "MACRS 20", "straight line 20"])
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_depreciation_by_tax_year(tmp_path: Path, name: str, frequency: str) -> None:
    result = spvmodel.solve(built(tmp_path, scheduled(name), ("frequency: annual", f"frequency: {frequency}")))
    rates = schedule(name)
    found = by_year(result, "tax.depreciation_cost")
    wanted = {year: 82.7 * rates[year - 2026] if 0 <= year - 2026 < len(rates) else 0.0 for year in range(2025, 2046)}
    assert found == pytest.approx(wanted, abs=1e-12)
    assert [check.name for check in result.checks if not check.passed] == []
    if frequency == "monthly":  # by days: January 2026, February 2028
        monthly = result.series("tax.depreciation_cost")
        assert monthly[12] == pytest.approx(82.7 * rates[0] * 31 / 365)
        assert monthly[37] == pytest.approx(82.7 * rates[2] * 29 / 366)


def test_depreciation_of_an_independent_program(tmp_path: Path) -> None:
    """NREL SAM on a cost of 82.7m: 5-year MACRS, and straight line over 20 years."""
    five = spvmodel.solve(built(tmp_path, scheduled("MACRS 5"))).series("tax.depreciation_cost")
    assert five[1:8] == pytest.approx([16.54, 26.464, 15.8784, 9.52704, 9.52704, 4.76352, 0.0])
    twenty = spvmodel.solve(built(tmp_path, scheduled("straight line 20"))).series("tax.depreciation_cost")
    assert twenty[1:] == pytest.approx([2.0675, *[4.135] * 19])


@pytest.mark.parametrize(("day", "table"), [("2026-01-01", 2.461), ("2026-07-20", 1.177), ("2026-12-31", 0.107)])
def test_thirty_nine_years_begin_in_mid_month(tmp_path: Path, day: str, table: float) -> None:
    """IRS Publication 946, Table A-7a, which rounds a month's part up: 2.461% for January, then 2.564% a year."""
    name, basis = scheduled("straight line 39")
    month = int(day[5:7])
    for frequency in FREQUENCIES:
        model = built(
            tmp_path, (name, f"{basis}\n  placed_in_service: {day}"), ("frequency: annual", f"frequency: {frequency}")
        )
        found = by_year(spvmodel.solve(model), "tax.depreciation_cost")
        assert found[2025] == 0
        assert found[2026] == pytest.approx(82.7 * (12.5 - month) / 12 / 39)
        assert found[2026] / 82.7 * 100 == pytest.approx(table, abs=0.005)
        assert found[2027] == pytest.approx(82.7 / 39)
        assert found[2045] == pytest.approx(82.7 / 39)


def test_bonus_depreciation_is_taken_in_the_first_year(tmp_path: Path) -> None:
    name, basis = scheduled("MACRS 5")
    result = spvmodel.solve(built(tmp_path, (name, f"{basis}\n  bonus: 40%")))
    rates = [0.4 * (year == 0) + 0.6 * rate for year, rate in enumerate(schedule("MACRS 5"))]
    assert result.series("tax.depreciation_cost")[1:8] == pytest.approx([82.7 * rate for rate in [*rates, 0.0]])


def test_the_depreciable_cost_is_all_uses_but_the_reserves(works: Result) -> None:
    reserves = sum(works.series("reserves.dsra.funding")) + sum(works.series("reserves.working_capital.funding"))
    assert reserves > 1
    assert works.scalar("tax.depreciable") == pytest.approx(works.scalar("funding.total_uses") - reserves)


def test_a_delay_places_the_cost_in_service_later(tmp_path: Path) -> None:
    model = built(tmp_path)
    late = spvmodel.solve(model, inputs={"construction.delay": 12.0})
    assert late.scalar("tax.service_year") == 2027
    assert late.series("tax.depreciation_cost")[1] == 0


def test_works_are_depreciated_from_their_tax_year_or_expensed(model: Model) -> None:
    """Roof: 5-year MACRS from 2030, 2035, 2040, 2045. Chillers: deducted when done."""
    result = spvmodel.solve(model)
    cost = {year: 3 * 1.025 ** (year - 2025) for year in (2030, 2035, 2040, 2045)}
    wanted = dict.fromkeys(range(2025, 2046), 0.0)
    for done, amount in cost.items():
        for age, rate in enumerate(schedule("MACRS 5")):
            if done + age <= 2045:
                wanted[done + age] += amount * rate
    assert by_year(result, "tax.works_macrs_5.depreciation") == pytest.approx(wanted)
    for income, noi, earned, interest, depreciation, chillers in zip(
        *map(result.series, ("tax.income", "opex.noi", "reserves.interest_earned", "tax.interest")),
        *map(result.series, ("tax.depreciation_total", "reserves.capital.chillers.works_cost")),
        strict=True,
    ):
        assert income == pytest.approx(noi + earned - interest - depreciation - chillers, abs=1e-12)


def test_losses_are_carried_and_offset_a_share_of_income(model: Model) -> None:
    """Year by year in a plain loop, with state tax on what is left and federal tax on that less state tax."""
    for case in model.cases:
        result = spvmodel.solve(model, case)
        limit = 0.5 if case == "low_limit" else 0.8
        carried, used_at_all, limited = 0.0, 0.0, 0
        for year, income in by_year(result, "tax.income").items():
            used = min(carried, limit * max(0.0, income))
            limited += 0 < used < carried
            carried += max(0.0, -income) - used
            used_at_all += used
            taxed = max(0.0, income) - used
            state = 0.07 * taxed
            assert by_year(result, "tax.state")[year] == pytest.approx(state, abs=1e-9)
            assert by_year(result, "tax.federal")[year] == pytest.approx(0.21 * (taxed - state), abs=1e-9)
        assert result.series("tax.losses_closing")[-1] == pytest.approx(carried, abs=1e-9)
        if case != "base" or result.scalar("time.periods_per_year") == 1:
            assert used_at_all > 0
            assert limited > 0 or case == "base"


def test_a_loss_of_the_year_gives_back_what_the_year_paid(model: Model) -> None:
    """Taxes of the year to date never fall below nothing, so refunds never exceed what was paid in the year."""
    if model.periods < 200:
        return
    result = spvmodel.solve(model)
    paid: dict[int, float] = {}
    for year, payable in zip(result.series("tax.year"), result.series("tax.payable"), strict=True):
        paid[int(year)] = paid.get(int(year), 0.0) + payable
        assert paid[int(year)] >= -1e-12
    assert min(result.series("tax.payable")) < 0


def test_losses_refunded_are_receipts(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path, REFUNDED), "low_rent")
    assert [check.name for check in result.checks if not check.passed] == []
    rate = 0.07 + 0.21 * 0.93
    income, payable = result.series("tax.income"), result.series("tax.payable")
    assert payable == pytest.approx([rate * taxable for taxable in income])
    assert sum(result.series("tax.refund")) > 1
    for due, back, tax in zip(result.series("tax.due"), result.series("tax.refund"), payable, strict=True):
        assert (due, back) == pytest.approx((max(0.0, tax), max(0.0, -tax)))


@pytest.mark.parametrize("changes", [(), (REFUNDED,), (MONTHLY,)])
def test_taxes_before_debt_service_reduce_cfads(tmp_path: Path, changes: tuple[tuple[str, str], ...]) -> None:
    result = spvmodel.solve(built(tmp_path, *changes))
    for cfads, noi, saved, tax in zip(
        *map(result.series, ("ratios.cfads", "opex.noi", "reserves.capital.contribution", "tax.payable")), strict=True
    ):
        assert cfads == pytest.approx(noi - saved - tax, abs=1e-9)
    assert result.scalar("tax.paid_fed_back_residual") < 1e-9
    assert result.scalar("tax.paid_fed_back_residual") <= result.inputs["checks.tolerance"]


def test_taxes_after_debt_service_leave_cfads(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path, AFTER))
    assert [check.name for check in result.checks if not check.passed] == []
    assert "tax.paid_fed_back" not in result.model.lines
    for cfads, noi, saved in zip(
        *map(result.series, ("ratios.cfads", "opex.noi", "reserves.capital.contribution")), strict=True
    ):
        assert cfads == pytest.approx(noi - saved, abs=1e-12)
    taxes = sum(result.series("tax.payable"))
    assert taxes > 10
    assert sum(result.series("waterfall.tax.paid")) == pytest.approx(taxes)
    # Debt service and the reserves are paid first.
    assert result.series("waterfall.cash_for_tax") == pytest.approx(
        [
            left + dsra + capital
            for left, dsra, capital in zip(
                result.series("waterfall.working_capital.cash_left"),
                result.series("reserves.dsra.release"),
                result.series("reserves.working_capital.release"),
                strict=True,
            )
        ]
    )


def test_taxes_that_cash_does_not_cover_stay_due(tmp_path: Path) -> None:
    """Rent that pays some tax and no more: what is short is due again in the next period."""
    result = spvmodel.solve(built(tmp_path, AFTER), inputs={"lease.hall.rent": 62.0, "tax.federal_rate": 0.9})
    short = result.series("waterfall.tax.shortfall")
    assert max(short) > 0.01
    for due, before, now in zip(
        result.series("waterfall.tax.due")[1:], short, result.series("tax.due")[1:], strict=False
    ):
        assert due == pytest.approx(before + now)
    assert [check.name for check in result.checks if not check.passed] == []


def test_flows_before_and_after_tax(works: Result) -> None:
    taxes = works.series("tax.payable")
    for name in ("project", "equity"):
        flow = f"returns.{name}_flow"
        before, after = (flow, f"{flow}_after_tax") if name == "project" else (f"{flow}_before_tax", flow)
        gap = [b - a for b, a in zip(works.series(before), works.series(after), strict=True)]
        assert gap == pytest.approx(taxes, abs=1e-9)
    assert works.scalar("returns.project_irr") > works.scalar("returns.project_irr_after_tax")
    assert works.scalar("returns.equity_irr_before_tax") > works.scalar("returns.equity_irr")
    spent = works.series("reserves.capital.spending")
    for project, noi, works_done, built_for in zip(
        works.series("returns.project_flow"), works.series("opex.noi"), spent, works.series("construction.spend"),
        strict=True,
    ):  # fmt: skip
        assert project == pytest.approx(noi - works_done - built_for, abs=1e-9)


def test_the_recipe_says_where_taxes_and_reserves_rank(tmp_path: Path, works: Result) -> None:
    before = "; ".join(works.model.about["cfads_recipe"])
    assert "less income taxes, which rank before debt service" in before
    assert "less scheduled contributions to capital reserves" in before
    after = "; ".join(built(tmp_path, AFTER).about["cfads_recipe"])
    assert "before tax, which ranks after debt service" in after


FAULTS = {
    "tax.depreciation_cost": "checks.depreciation",
    "tax.depreciation_total": "checks.tax_book",
    "tax.losses_closing": "checks.tax_losses",
    "tax.payable": "checks.tax_feedback",
    "tax.refund": "checks.tax_due",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(works: Result, name: str) -> None:
    assert FAULTS[name] in failed(with_fault(works.model, name, "money"))
