"""Extension of a loan: tests at the last period end before maturity, fee, margin step, final day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, from_serial
from tests.finance.refinanced import PATH, altered, at, balance, passed, section

INITIAL, EXTENDED = date(2029, 12, 31), date(2031, 12, 31)
PLAIN = "    extension: {until: 2031-12-31}\n"


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(PATH))


def final_day(result: Result) -> date:
    return from_serial(result.scalar("debt.senior.final_day"))


def test_granted_it_moves_the_balloon_and_amortisation_runs_on(model: Model) -> None:
    result = spvmodel.solve(model)
    assert final_day(result) == EXTENDED
    assert at(result, "debt.senior.balloon", INITIAL) == 0.0
    assert at(result, "debt.senior.balloon", EXTENDED) == pytest.approx(balance(19), rel=1e-9)
    assert result.scalar("alerts.senior_not_extended") == 0
    passed(result)


@pytest.mark.parametrize("case", ["low_rent", "high_cap_rate"])
def test_refused_the_balloon_falls_due_and_an_alert_is_raised(model: Model, case: str) -> None:
    result = spvmodel.solve(model, case)
    assert final_day(result) == INITIAL
    assert at(result, "debt.senior.balloon", INITIAL) == pytest.approx(balance(11), rel=1e-9)
    assert set(result.series("debt.senior.extension_fee")) == {0.0}
    assert result.scalar("alerts.senior_not_extended") == 1
    passed(result)


def service_of_four_quarters() -> float:
    """Interest at 6% ACT/360 and principal of payments 8 to 11, to 30 September 2029."""
    days = (92, 90, 91, 92)
    return sum(
        balance(k) * 0.06 * d / 360 + balance(k) - balance(k + 1) for k, d in zip(range(7, 11), days, strict=True)
    )


@pytest.mark.parametrize(
    ("test", "level", "worse"),
    [
        ("dscr", 120 / service_of_four_quarters(), 1),
        ("debt_yield", 120 / balance(11), 1),
        ("ltv", balance(11) / 1500, -1),
    ],
)
def test_each_test_alone_decides_at_its_level(model: Model, test: str, level: float, worse: int) -> None:
    for nudge, granted in ((-1e-9, 1), (1e-9, 0)):
        moved = {f"debt.senior.extension.{test}": level * (1 + worse * nudge)}
        result = spvmodel.solve(model, inputs=moved)
        assert result.scalar("debt.senior.extended") == granted
        assert result.scalar(f"debt.senior.extension_{test}_passed") == granted
        others = {"dscr", "debt_yield", "ltv"} - {test}
        assert all(result.scalar(f"debt.senior.extension_{other}_passed") == 1 for other in others)


def test_fee_and_margin_step(model: Model) -> None:
    result = spvmodel.solve(model)
    fee = 0.005 * balance(11)
    assert at(result, "debt.senior.extension_fee", INITIAL) == pytest.approx(fee, rel=1e-9)
    assert sum(result.series("debt.senior.extension_fee")) == pytest.approx(fee, rel=1e-9)
    assert at(result, "waterfall.fees.paid", INITIAL) == pytest.approx(fee, rel=1e-9)
    assert at(result, "debt.senior.rate", INITIAL) == pytest.approx(0.06)
    assert at(result, "debt.senior.rate", date(2030, 3, 31)) == pytest.approx(0.065)
    interest = balance(12) * 0.065 * 91 / 360  # the twelfth payment falls on the initial maturity
    assert at(result, "debt.senior.interest", date(2030, 6, 30)) == pytest.approx(balance(13) * 0.065 * 91 / 360)
    assert at(result, "debt.senior.interest", date(2030, 3, 31)) == pytest.approx(interest * 90 / 91)


def test_an_unpaid_fee_stays_due(model: Model) -> None:
    free = {f"debt.senior.extension.{what}": 0.0 for what in ("dscr", "debt_yield")}
    free |= {"debt.senior.extension.fee": 0.05, "valuation.cap_rate": 0.02, "lease.hall.rent": 47.0}
    result = spvmodel.solve(model, inputs=free)
    assert result.scalar("debt.senior.extended") == 1
    due = at(result, "waterfall.fees.due", INITIAL)
    assert due == pytest.approx(0.05 * at(result, "debt.senior.opening", INITIAL), rel=1e-9)
    short = at(result, "waterfall.fees.shortfall", INITIAL)
    assert short > 1
    assert at(result, "waterfall.fees.due", date(2030, 3, 31)) == pytest.approx(short, rel=1e-9)
    passed(result)


def test_granted_for_nothing_it_is_a_loan_of_the_later_maturity(tmp_path: Path) -> None:
    """Without fee and step nothing but the flags of the decision tells the two deals apart."""
    given = section("extension", 4)
    extended = spvmodel.solve(altered(tmp_path, (given, PLAIN)))
    later = spvmodel.solve(altered(tmp_path, (given, ""), ("maturity: 2029-12-31", "maturity: 2031-12-31")))
    same(extended, later, but="debt.senior.maturity")


@pytest.mark.parametrize("case", ["low_rent", "high_cap_rate"])
def test_refused_it_is_a_loan_without_one(tmp_path: Path, model: Model, case: str) -> None:
    same(spvmodel.solve(model, case), spvmodel.solve(altered(tmp_path, (section("extension", 4), "")), case))


def same(one: Result, other: Result, but: str = "") -> None:
    names = [n for n in other.model.lines if "@" not in n and n in one.model.lines and n != but]
    assert len(names) > 250
    for name in names:
        assert one.values[name] == pytest.approx(other.values[name], nan_ok=True, rel=1e-12, abs=1e-12), name


def test_an_overdue_payment_refuses_even_an_extension_without_tests(tmp_path: Path) -> None:
    model = altered(tmp_path, (section("extension", 4), PLAIN))
    assert final_day(spvmodel.solve(model, inputs={"lease.hall.rent": 50.0})) == EXTENDED
    unpaid = spvmodel.solve(model, inputs={"lease.hall.rent": 30.0})
    assert at(unpaid, "waterfall.unpaid", date(2029, 9, 30)) > 1
    assert final_day(unpaid) == INITIAL


def test_average_life_and_final_maturity_follow(tmp_path: Path) -> None:
    model = altered(tmp_path, (section("takeout"), ""))
    for case, last in (("base", EXTENDED), ("high_cap_rate", INITIAL)):
        result = spvmodel.solve(model, case)
        assert from_serial(result.scalar("ratios.final_maturity")) == last
        years = sum(
            (balance(k) - balance(k + 1)) * (from_serial(day) - date(2024, 12, 31)).days / 365
            for k, day in enumerate(d for d in result.series("time.end") if date(2026, 12, 31) < from_serial(d) < last)
        )
        left = balance(19 if last == EXTENDED else 11)
        years += left * (last - date(2024, 12, 31)).days / 365
        assert result.headline["wal_years"] == pytest.approx(years / 700, rel=1e-9)
