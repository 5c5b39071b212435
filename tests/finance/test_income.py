"""Revenue and operating costs against amounts derived by hand, and against a plain count of days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model
from tests.deal.files import SMALL, load_text
from tests.engine.comparing import assert_engines_agree
from tests.finance.changing import changed, with_fault
from tests.finance.reference import add_months

TOLL = (Path(__file__).parents[1] / "deals" / "toll.yaml").read_text()
DAY = timedelta(days=1)
LEAP = 366  # days from 16 May 2027 to 15 May 2028


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return spvmodel.build(load_text(TOLL, tmp_path_factory.mktemp("toll")))


@pytest.fixture(scope="module")
def result(model: Model) -> Result:
    return spvmodel.solve(model)


def solved(text: str, folder: Path, case: str = "base") -> Result:
    return spvmodel.solve(spvmodel.build(load_text(text, folder)), case)


def failed(result: Result) -> list[str]:
    return [check.name for check in result.checks if not check.passed]


def test_every_check_passes_in_every_case(model: Model) -> None:
    assert model.cases == ("base", "late", "fewer_cars", "earlier_close")
    for case in model.cases:
        assert failed(spvmodel.solve(model, case)) == []


def test_a_whole_year_earns_the_yearly_amount(result: Result) -> None:
    """9m from 16 May 2027, 2% more each year, to 15 May 2045: 18 amounts, leap years or not."""
    wanted = [0.0] * 3 + [9 * 1.02**k for k in range(18)] + [0.0]
    assert result.series("income.availability.revenue") == pytest.approx(wanted, rel=1e-12)


def test_price_and_volume_step_on_the_anniversary(result: Result) -> None:
    """4m from 16 November 2027: 182 of 366 days of year 3, then 184 days at the first price and 181 at the next."""
    found = result.series("income.tolls.revenue")
    step = 1.03 * 0.995
    wanted = [4 * 182 / LEAP, 4 * (184 + 181 * step) / 365, 4 * (184 * step + 181 * step**2) / 365]
    assert found[:6] == pytest.approx([0.0, 0.0, 0.0, *wanted], rel=1e-12)
    # The last year is 16 May 2045 to 15 May 2046, the 18th and 19th year of the tolls.
    assert found[-1] == pytest.approx(4 * (184 * step**17 + 181 * step**18) / 365, rel=1e-12)


def test_single_receipts_fall_in_the_period_of_their_date(result: Result) -> None:
    """On the last day of year 1 and on the first day of year 21."""
    wanted = [0.0, 0.5, *[0.0] * 19, 2.0]
    assert result.series("income.salvage.revenue") == wanted


@pytest.mark.parametrize(("day", "number"), [("2025-05-15", 0), ("2025-05-16", 1), ("2026-05-16", 2)])
def test_a_receipt_at_close_stands_in_year_0(day: str, number: int, tmp_path: Path) -> None:
    found = solved(changed(TOLL, ("{2026-05-15: 0.5m", f"{{{day}: 0.5m")), tmp_path)
    assert found.series("income.salvage.revenue")[: number + 1] == [*[0.0] * number, 0.5]


def test_merchant_share(result: Result) -> None:
    parts = [result.series(f"income.{name}.revenue") for name in ("availability", "tolls", "salvage")]
    whole = [sum(row) for row in zip(*parts, strict=True)]
    assert result.series("revenue.total") == pytest.approx(whole, rel=1e-15)
    wanted = [(t + s) / w if w else 0.0 for t, s, w in zip(parts[1], parts[2], whole, strict=True)]
    assert result.series("revenue.merchant_share") == pytest.approx(wanted, rel=1e-15)
    assert wanted[1] == 1.0 and 0.1 < wanted[3] < 0.2


def test_a_merchant_lease_beside_a_contracted_income(tmp_path: Path) -> None:
    """Half a year of 144m of rent at market, and 56m under contract for the whole year."""
    income = "income:\n  grid: {label: Grid, payer: Operator, amount: 56, commencement: 2026-01-01}\n"
    text = changed(SMALL, ("term: 15 years", "term: 15 years\n    revenue: merchant"), ("debt:\n", income + "debt:\n"))
    found = solved(text, tmp_path)
    assert failed(found) == []
    assert found.series("revenue.total")[3:8] == pytest.approx([14, 14, 36 + 14, 36 + 14, 36 + 14], rel=1e-12)
    assert found.series("revenue.merchant_share")[3:8] == pytest.approx([0, 0, 0.72, 0.72, 0.72], rel=1e-12)
    assert found.scalar("revenue.from") == found.scalar("income.grid.eve") < found.scalar("lease.hall.rent_from")
    assert found.series("ratios.cfads") == found.series("revenue.total")


def test_income_without_a_commencement_runs_from_the_day_after_close_and_no_delay_moves_it(tmp_path: Path) -> None:
    text = changed(TOLL, ("    commencement: 2027-05-16\n    expiry: 2045-05-15\n", ""))
    for case in ("base", "late"):
        found = solved(text, tmp_path, case)
        earned = found.series("income.availability.revenue")
        assert earned == pytest.approx([0.0, *(9 * 1.02**k for k in range(21))], rel=1e-12)
        assert failed(found) == []
        assert "alerts.revenue_cut" not in found.warnings


def test_a_fall_in_price_is_an_escalation_below_zero(tmp_path: Path) -> None:
    text = changed(TOLL, ("expiry: 2045-05-15\n    escalation: 2%", "expiry: 2045-05-15\n    escalation: -1%"))
    found = solved(text, tmp_path).series("income.availability.revenue")
    assert found[3:6] == pytest.approx([9, 9 * 0.99, 9 * 0.99**2], rel=1e-12)


def by_days(result: Result, first: date, last: date, anniversary: date, value: Callable[[int], float]) -> list[float]:
    """A yearly amount added up day by day: ``value(k)`` on a day k whole years after ``anniversary``."""
    start, step = date(1899, 12, 30), result.inputs["time.months_per_period"]
    assert isinstance(step, float)
    steps = [add_months(anniversary, 12 * k) for k in range(1, 60)]
    found = []
    rows = zip(*(result.series(f"time.{what}") for what in ("start", "end", "full_days")), strict=True)
    for begin, end, whole in rows:
        total, day = 0.0, start + timedelta(days=begin) + DAY
        while day <= start + timedelta(days=end):
            if first <= day <= last:
                total += value(bisect_right(steps, day)) * step / 12 / whole
            day += DAY
        found.append(total)
    return found


VARIANTS = {
    "from the anniversary of close": ("annual", "2026-05-15"),
    "with a long first period": ("annual", "2026-11-15"),
    "to the middle of two months": ("semi-annual", "2025-11-15"),
    "to the 30th": ("quarterly", "2025-08-30"),
    "to the end of the month": ("monthly", "2025-05-31"),
}


@pytest.mark.parametrize("case", ["base", "late"])
@pytest.mark.parametrize(("frequency", "first_end"), VARIANTS.values(), ids=VARIANTS)
def test_yearly_amounts_are_what_a_count_of_days_gives(
    frequency: str, first_end: str, case: str, tmp_path: Path
) -> None:
    """Prices, volumes and costs step on the right day in periods that neither start in January nor at a month's end."""
    pairs = ("frequency: annual", f"frequency: {frequency}"), ("first_end: 2026-05-15", f"first_end: {first_end}")
    found = solved(changed(TOLL, *pairs), tmp_path, case)
    assert failed(found) == []
    late = 12 if case == "late" else 0
    end = date(1899, 12, 30) + timedelta(days=found.series("time.end")[-1])
    operation, opens = add_months(date(2027, 5, 16), late), add_months(date(2027, 11, 16), late)
    wanted = {
        "income.availability.earned": (operation, date(2045, 5, 15), operation, lambda k: 9 * 1.02**k),
        "income.tolls.earned": (opens, end, opens, lambda k: 4 * (1.03 * 0.995) ** k),
        "opex.property_tax.cost": (operation, end, operation, lambda k: max(0.0, 0.4 * (1 - 0.1 * k))),
        "opex.insurance.cost": (operation, end, date(2025, 1, 1), lambda k: 0.3 * 1.02**k),
    }
    for name, (first, last, anniversary, value) in wanted.items():
        rows = by_days(found, first, last, anniversary, value)
        assert found.series(name) == pytest.approx(rows, rel=1e-9, abs=1e-12), name
        assert sum(rows) > 1


def test_rent_steps_on_the_anniversary_in_periods_across_two_calendar_years(tmp_path: Path) -> None:
    """Semi-annual to 15 May and 15 November; the lease of 144m a year steps by 10% on 1 December."""
    text = changed(
        SMALL,
        ("frequency: quarterly", "frequency: semi-annual\n  first_end: 2025-11-15"),
        ("end: 2041-12-31", "end: 2042-05-15"),
        ("commencement: 2026-07-01", "commencement: 2026-12-01\n    escalation: 10%"),
    )
    found = solved(text, tmp_path)
    # To 15 May 2027: 1 December to 15 May are 166 of 181 days; to 15 May 2028: 15 days, then 167 of 182 at 1.1.
    wanted = [72 * 166 / 181, 72, 72 * (15 + 167 * 1.1) / 182, 72 * 1.1]
    assert found.series("lease.hall.rent_income")[3:7] == pytest.approx(wanted, rel=1e-12)
    assert failed(found) == []


def test_costs_by_year_of_operation(result: Result) -> None:
    """1.5m from the first day of operation, 2.5% more each year of it, and 1% of all revenue from the first receipt."""
    revenue = result.series("revenue.total")
    own = [0.0] * 3 + [1.5 * 1.025**k for k in range(19)]
    wanted = [a + 0.01 * r for a, r in zip(own, revenue, strict=True)]
    assert result.series("opex.operation.cost") == pytest.approx(wanted, rel=1e-12)
    assert wanted[1] == 0.005


def test_a_decline_is_straight_and_ends_at_zero(result: Result) -> None:
    wanted = [0.0] * 3 + [0.4 - 0.04 * k for k in range(10)] + [0.0] * 9
    assert result.series("opex.property_tax.cost") == pytest.approx(wanted, rel=1e-12, abs=1e-15)


def test_a_decline_and_an_escalation_multiply(tmp_path: Path) -> None:
    text = changed(TOLL, ("    decline: 10%", "    decline: 10%\n    escalation: 3%"))
    found = solved(text, tmp_path).series("opex.property_tax.cost")
    assert found[3:6] == pytest.approx([0.4, 0.4 * 0.9 * 1.03, 0.4 * 0.8 * 1.03**2], rel=1e-12)


def test_each_january_within_a_period(result: Result) -> None:
    """0.3m at prices of 2025, 2% more each January: 230 days of 2027 and 136 of 2028 in year 3."""
    found = result.series("opex.insurance.cost")[3]
    assert found == pytest.approx(0.3 * (230 * 1.02**2 + 136 * 1.02**3) / LEAP, rel=1e-12)


def test_each_january_in_calendar_periods_is_a_count_of_days_too(tmp_path: Path) -> None:
    """The short way, one index a period, and the way by days agree where both are right: in calendar quarters."""
    costs = "opex: {guard: {label: Guard, amount: 2, escalation: 5%}}\n"
    found = solved(changed(SMALL, ("debt:\n", costs + "debt:\n")), tmp_path)
    assert "opex.guard.index" in found.model.lines
    rows = by_days(found, date(2026, 7, 1), date(2041, 6, 30), date(2025, 1, 1), lambda k: 2 * 1.05**k)
    assert found.series("opex.guard.cost") == pytest.approx(rows, rel=1e-12)
    assert sum(rows) > 30


def test_a_deal_of_the_least_there_can_be(tmp_path: Path) -> None:
    """No lease, no cost, no covenant, no capacity: the lines of what is left out are not there."""
    text = TOLL[: TOLL.index("opex:\n")] + TOLL[TOLL.index("debt:\n") :]
    found = solved(text, tmp_path)
    assert failed(found) == []
    names = set(found.model.lines)
    assert not {name for name in names if name.startswith(("lease.", "opex.")) and name.count(".") > 1}
    assert not {"lease.rent_income", "opex.days", "checks.rent", "checks.lease_days"} & names
    assert {"checks.income_days", "checks.revenue"} <= names
    assert found.series("opex.noi") == found.series("revenue.total")


@pytest.mark.parametrize(
    ("name", "unit", "check"),
    [
        ("income.tolls.days", "days", "checks.income_days"),
        ("revenue.total", "money", "checks.revenue"),
        ("waterfall.receipts", "money", "checks.providers"),
    ],
)
def test_a_fault_is_found(model: Model, name: str, unit: str, check: str) -> None:
    spoiled = with_fault(model, name, 1.0, unit, 7)
    inputs = {key: given.value for key, given in spoiled.inputs.items()}
    assert check in failed(Result(spoiled, "base", inputs, evaluate(spoiled, inputs)))


def test_many_cases_are_single_cases(model: Model) -> None:
    inputs = {
        "income.tolls.amount": np.array([4.0, 2.0, 0.0]),
        "income.tolls.escalation": np.array([0.03, -0.02, 0.05]),
        "construction.delay": np.array([0.0, 5.0, 11.0]),
        "opex.property_tax.decline": np.array([0.1, 0.0, 1.0]),
    }
    assert_engines_agree(model, inputs, relative=1e-9)
