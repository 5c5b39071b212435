"""Voluntary prepayment: cash, cost, the instalments it replaces; make-whole by a plain sum over dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, from_serial
from tests.finance.refinanced import altered, at, balance, passed, section
from tests.finance.test_identities import COMMON, flexes, holds

FIRST, SECOND, MATURITY = date(2028, 3, 31), date(2028, 6, 30), date(2029, 12, 31)
NOTHING = {"debt.senior.prepayment.amounts": [0.0] * 64}
TERMS = "    prepayment: {amounts: {2028-02-15: 30, 2028-06-30: 10}, make_whole: 4%, fee: 1%}\n"


def prepaid(folder: Path, terms: str = TERMS) -> Model:
    """The deal with prepayments in place of the extension, the take-out and the exit fee."""
    return altered(folder, (section("extension", 4), terms), (section("takeout"), ""), ("    exit_fee: 1%\n", ""))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return prepaid(tmp_path_factory.mktemp("prepaid"))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Model:
    terms = f"{TERMS}    extension:\n"
    return altered(tmp_path_factory.mktemp("everything"), ("    extension:\n", terms))


def quarters(after: date) -> list[tuple[int, int]]:
    """Payments made before each later quarter to maturity, and its days."""
    ends = [date(y, m, d) for y in range(2026, 2030) for m, d in ((3, 31), (6, 30), (9, 30), (12, 31))]
    return [(k - 4, (day - ends[k - 1]).days) for k, day in enumerate(ends) if day > after]


def premium(day: date, rate: float) -> float:
    """Value per unit, at a rate by ACT/360, of interest at 6%, principal and balloon after a day; less the unit."""
    value, factor = 0.0, 1.0
    later = quarters(day)
    for made, days in later:
        factor /= 1 + rate * days / 360
        last = made == later[-1][0]
        principal = balance(made) if last else balance(made) - balance(made + 1)
        value += factor * (balance(made) * 0.06 * days / 360 + principal)
    return max(0.0, value / balance(later[0][0]) - 1)


def test_the_premium_is_the_value_of_later_service_less_the_principal(model: Model) -> None:
    result = spvmodel.solve(model)
    assert premium(FIRST, 0.04) > 0.03
    for day in (FIRST, SECOND, date(2029, 9, 30)):
        assert at(result, "debt.senior.make_whole_unit", day) == pytest.approx(premium(day, 0.04), rel=1e-9)


@pytest.mark.parametrize("rate", [0.06, 0.08])
def test_no_premium_at_the_loans_own_rate_or_above(model: Model, rate: float) -> None:
    result = spvmodel.solve(model, inputs={"debt.senior.prepayment.make_whole": rate})
    assert max(result.series("debt.senior.make_whole_unit")) == pytest.approx(0, abs=1e-12)
    cost = sum(result.series("debt.senior.prepayment_cost"))
    assert cost == pytest.approx(0.01 * sum(result.series("debt.senior.voluntary")), rel=1e-9)


def test_it_is_paid_with_its_cost_from_the_cash_that_is_left(model: Model) -> None:
    """30 is asked in the first quarter and cash does not reach; 10 in the second, which it does."""
    result = spvmodel.solve(model)
    cash = at(result, "waterfall.dsra.cash_left", FIRST)
    unit = 1 + 0.01 + premium(FIRST, 0.04)
    assert cash < 30
    assert at(result, "debt.senior.voluntary", FIRST) == pytest.approx(cash / unit, rel=1e-9)
    assert at(result, "waterfall.prepayment.paid", FIRST) == pytest.approx(cash, rel=1e-9)
    assert at(result, "waterfall.prepayment.cash_left", FIRST) == pytest.approx(0, abs=1e-9)
    assert at(result, "debt.senior.voluntary", SECOND) == pytest.approx(10, rel=1e-9)
    assert at(result, "debt.senior.prepayment_cost", SECOND) == pytest.approx(10 * (0.01 + premium(SECOND, 0.04)))
    assert sum(1 for x in result.series("debt.senior.voluntary") if x) == 2  # what was missed is not made up
    passed(result)


def test_it_saves_interest_and_replaces_the_last_instalments(model: Model) -> None:
    result, without = spvmodel.solve(model), spvmodel.solve(model, inputs=NOTHING)
    first, second = (at(result, "debt.senior.voluntary", day) for day in (FIRST, SECOND))
    both = first + second
    for day, lead, days in ((SECOND, first, 91), (date(2028, 9, 30), both, 92), (MATURITY, both, 92)):
        saved = at(without, "debt.senior.interest_due", day) - at(result, "debt.senior.interest_due", day)
        assert saved == pytest.approx(lead * 0.06 * days / 360, rel=1e-9)
    for day in (FIRST, SECOND, date(2029, 9, 30)):
        assert at(result, "debt.senior.principal_due", day) == at(without, "debt.senior.principal_due", day)
    assert at(result, "debt.senior.balloon_due", MATURITY) == pytest.approx(balance(11) - both, rel=1e-9)


def test_without_an_amount_nothing_changes(tmp_path: Path, model: Model) -> None:
    idle = spvmodel.solve(model, inputs=NOTHING)
    plain = spvmodel.solve(prepaid(tmp_path, ""))
    for name in plain.model.lines:
        if "@" not in name:
            assert idle.values[name] == pytest.approx(plain.values[name], nan_ok=True, rel=1e-12, abs=1e-12), name


def test_a_loan_prepaid_in_full_owes_nothing_more(tmp_path: Path) -> None:
    """Two instalments of 3 remain after balloon and most of the principal are prepaid; the rest asked is not taken."""
    rich = {"lease.hall.rent": 3000.0}
    result = spvmodel.solve(prepaid(tmp_path, TERMS.replace("30,", "650,").replace(": 10", ": 900")), inputs=rich)
    assert at(result, "debt.senior.voluntary", FIRST) == pytest.approx(650, rel=1e-9)
    assert at(result, "debt.senior.voluntary", SECOND) == pytest.approx(balance(6) - 650, rel=1e-9)
    assert at(result, "debt.senior.closing", SECOND) == pytest.approx(0, abs=1e-9)
    later = [from_serial(day) > SECOND for day in result.series("time.end")]
    for name in ("principal_due", "balloon_due", "interest_due"):
        due = [x for x, after in zip(result.series(f"debt.senior.{name}"), later, strict=True) if after]
        assert max(map(abs, due)) == pytest.approx(0, abs=1e-9), name
    passed(result)


def test_principal_still_due_is_paid_before_the_part_that_is_prepaid(tmp_path: Path) -> None:
    """With 650 prepaid of some 684 the next instalments fall due in full until the rest is repaid."""
    terms = TERMS.replace("{2028-02-15: 30, 2028-06-30: 10}", "{2028-02-15: 682}")
    result = spvmodel.solve(prepaid(tmp_path, terms), inputs={"lease.hall.rent": 3000.0})
    left = balance(5) - 682
    due = [at(result, "debt.senior.principal_due", day) for day in (SECOND, date(2028, 9, 30))]
    step = balance(5) - balance(6)
    assert due == [pytest.approx(min(left, step), rel=1e-6), pytest.approx(max(0, left - step), abs=1e-6)]
    assert at(result, "debt.senior.balloon_due", MATURITY) == pytest.approx(0, abs=1e-9)
    passed(result)


def test_an_exit_fee_is_part_of_its_cost(tmp_path: Path) -> None:
    model = altered(tmp_path, (section("extension", 4), TERMS), (section("takeout"), ""))
    result = spvmodel.solve(model)
    cost = 10 * (0.01 + 0.01 + premium(SECOND, 0.04))
    assert at(result, "debt.senior.prepayment_cost", SECOND) == pytest.approx(cost, rel=1e-9)
    scheduled = 700 - sum(result.series("debt.senior.voluntary"))
    assert sum(result.series("debt.senior.exit_fee_due")) == pytest.approx(0.01 * scheduled, rel=1e-9)
    passed(result)


@pytest.mark.parametrize("case", ["low_rent", "high_cap_rate"])
def test_checks_hold_in_every_case(model: Model, case: str) -> None:
    result = spvmodel.solve(model, case)
    passed(result)
    assert conserved(result)


def conserved(result: Result) -> bool:
    """What lenders get is what they lent, with interest, fees and cost: no cash leaves in between."""
    paid = sum(result.series("waterfall.prepayment.paid"))
    parts = sum(result.series("debt.senior.voluntary")) + sum(result.series("debt.senior.prepayment_cost"))
    return paid > 0 and paid == pytest.approx(parts, rel=1e-12)


def refinanced(folder: Path, *pairs: tuple[str, str]) -> Model:
    """The deal with prepayments and its take-out, which lends enough."""
    return altered(folder, (section("extension", 4), TERMS), ("  dscr: 1.40x", "  dscr: 1.00x"), *pairs)


def test_the_take_out_draws_less_for_a_loan_that_was_prepaid(tmp_path: Path) -> None:
    result = spvmodel.solve(refinanced(tmp_path))
    need = (balance(11) - sum(result.series("debt.senior.voluntary"))) * 1.01 / 0.99
    assert result.headline["refinance_proceeds"] == pytest.approx(need, rel=1e-9)
    assert result.headline["refinance_shortfall"] == pytest.approx(0, abs=1e-9)
    assert at(result, "debt.takeout.closing", MATURITY) == pytest.approx(need, rel=1e-9)
    assert at(result, "waterfall.refinancing", MATURITY) == pytest.approx(need * 0.99, rel=1e-9)
    later = [k for k, on in enumerate(result.series("debt.takeout.paying")) if on]
    payment = need * 0.015 / (1 - 1.015 ** -len(later))
    for k in later:
        paid = result.series("debt.takeout.interest_paid")[k] + result.series("debt.takeout.principal_paid")[k]
        assert paid == pytest.approx(payment, rel=1e-9)
    assert at(result, "debt.takeout.closing", date(2040, 12, 31)) == pytest.approx(0, abs=1e-9)
    passed(result)


def test_a_take_out_that_lends_too_little_draws_what_it_can(tmp_path: Path) -> None:
    """What was prepaid first makes the shortfall smaller."""
    result = spvmodel.solve(refinanced(tmp_path), inputs={"takeout.ltv": 0.40})
    need = (balance(11) - sum(result.series("debt.senior.voluntary"))) * 1.01 / 0.99
    assert need > 600
    assert result.headline["refinance_proceeds"] == pytest.approx(600, rel=1e-9)
    assert result.headline["refinance_shortfall"] == pytest.approx(need - 600, rel=1e-9)
    passed(result)


def test_what_is_not_drawn_bears_no_interest_in_the_period_of_the_draw(tmp_path: Path) -> None:
    """A maturity 46 days before the end of its quarter: the take-out accrues 46 of 92 days on what it lent."""
    pair = ("maturity: 2029-12-31", "maturity: 2029-11-15")
    result = spvmodel.solve(refinanced(tmp_path, pair))
    drawn = result.headline["refinance_proceeds"]
    assert drawn < balance(11) * 1.01 / 0.99 - 20
    assert at(result, "debt.takeout.interest_due", MATURITY) == pytest.approx(drawn * 0.015 * 46 / 92, rel=1e-9)
    passed(result)


def test_a_take_out_drawn_to_capacity_leaves_what_was_prepaid_to_the_waterfall(tmp_path: Path) -> None:
    result = spvmodel.solve(refinanced(tmp_path, ("takeout:\n", "takeout:\n  release_excess: yes\n")))
    assert result.headline["refinance_proceeds"] == pytest.approx(750, rel=1e-9)
    left = 750 * 0.99 - (balance(11) - sum(result.series("debt.senior.voluntary"))) * 1.01
    assert at(result, "waterfall.exit_fees.cash_left", MATURITY) > left
    passed(result)


@pytest.mark.parametrize("maturity", ["2029-12-31", "2029-11-15"])
def test_the_premium_does_not_foresee_an_extension(tmp_path: Path, maturity: str) -> None:
    """It is that of the same loan without one, also where the maturity cuts a quarter; later there is none."""
    moved = ("maturity: 2029-12-31", f"maturity: {maturity}")
    model = altered(tmp_path, ("    extension:\n", f"{TERMS}    extension:\n"), moved)
    result = spvmodel.solve(model)
    assert result.scalar("debt.senior.extended") == 1
    plain = spvmodel.solve(altered(tmp_path, (section("extension", 4), TERMS), moved))
    units = [r.series("debt.senior.make_whole_unit") for r in (result, plain)]
    assert units[0] == pytest.approx(units[1], rel=1e-9, abs=1e-12)
    assert max(units[0]) > 0.03


def test_a_prepayment_can_earn_the_extension(tmp_path: Path) -> None:
    """At a cap rate of 12% the debt is too large by a little; what was prepaid brings it below."""
    model = altered(tmp_path, ("    extension:\n", f"{TERMS}    extension:\n"))
    assert spvmodel.solve(model, "high_cap_rate", NOTHING).scalar("debt.senior.extended") == 0
    result = spvmodel.solve(model, "high_cap_rate")
    assert result.scalar("debt.senior.extended") == 1
    passed(result)


@COMMON
@given(data=st.data())
def test_every_check_holds_for_random_inputs(everything: Model, data: st.DataObject) -> None:
    """Extension, take-out, exit fee and prepayment together, with other rents, rates, dates and levels."""
    inputs = data.draw(flexes(everything))
    holds(spvmodel.solve(everything, data.draw(st.sampled_from(everything.cases)), inputs))
