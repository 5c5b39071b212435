"""Events by hand: what each leaves of the rent, by days, what letting again costs, and damages for delay.

The hall pays 1m a month from July 2026 to the end of 2031, the annex 0.4m from 16 August 2026 to March 2031, the
contract 0.3m a quarter from July 2026. Quarters are counted from 1, which ends on 31 March 2026.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.dates import edate
from spvmodel.lines import Model, from_serial, serial
from tests.finance.changing import changed, with_fault

DEAL = Path(__file__).parents[1] / "deals" / "events.yaml"


@cache
def built() -> Model:
    return spvmodel.build(spvmodel.load(DEAL))


def model_from(text: str, folder: Path) -> Model:
    path = folder / "events.yaml"
    path.write_text(text, encoding="utf-8")
    return spvmodel.build(spvmodel.load(path))


@pytest.fixture
def model() -> Model:
    return built()


def solved(model: Model, case: str = "base", **inputs: float) -> Result:
    result = spvmodel.solve(model, case, inputs={name.replace("__", "."): value for name, value in inputs.items()})
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def quarters(result: Result, name: str, first: int, last: int) -> list[float]:
    return list(result.series(name)[first - 1 : last])


def test_nothing_happens_in_the_base_case(model: Model) -> None:
    result = solved(model)
    assert quarters(result, "lease.hall.rent_income", 1, 24) == pytest.approx([0.0] * 2 + [3.0] * 22, rel=1e-12)
    # 46 of 92 days in the third quarter; the lease ends with quarter 21.
    annex = [0.0, 0.0, 0.6] + [1.2] * 18 + [0.0] * 3
    assert quarters(result, "lease.annex.rent_income", 1, 24) == pytest.approx(annex, rel=1e-12)
    for name in ("default", "renegotiation", "end_user", "abatement", "power"):
        assert set(result.series(f"event.{name}.rent_left")) == {1.0}
    assert set(result.series("event.default.letting")) == {0.0}
    assert set(result.series("construction.damages.received")) == {0.0}


def test_a_tenant_default_stops_the_rent_until_the_space_is_let_again(model: Model) -> None:
    """From 15 February 2028: 45 of 91 days are paid in quarter 9. Let again on 15 February 2029 at 70%: of the 90 days
    of quarter 13, 45 earn 70%. Letting 10 MW again costs 200 USD/kW, 2m, in that quarter.
    """
    result = solved(model, "tenant_default")
    rent = [3.0, 3 * 45 / 91, 0.0, 0.0, 0.0, 3 * 45 / 90 * 0.7, 2.1, 2.1]
    assert quarters(result, "lease.hall.rent_income", 8, 15) == pytest.approx(rent, rel=1e-12)
    assert quarters(result, "lease.hall.under_contract", 8, 15) == pytest.approx([3.0] * 8, rel=1e-12)
    assert quarters(result, "event.default.letting", 12, 14) == pytest.approx([0.0, 2.0, 0.0], rel=1e-12)
    # Only the hall: the annex and the contract pay on. Costs are 2% of rent and, in quarter 13, the letting.
    assert quarters(result, "lease.annex.rent_income", 9, 13) == pytest.approx([1.2] * 5, rel=1e-12)
    costs = 0.02 * (1.05 + 1.2) + 2.0
    assert result.series("opex.total")[12] == pytest.approx(costs, rel=1e-12)
    assert result.series("opex.noi")[12] == pytest.approx(1.05 + 1.2 + 0.3 - costs, rel=1e-12)
    assert result.series("ratios.cfads")[12] == pytest.approx(1.05 + 1.2 + 0.3 - costs, rel=1e-12)
    # What a valuer capitalises at the end of quarter 12 is a year of income without what is paid once.
    ahead = (1.05 + 1.2 + 0.3 - 0.045) + 3 * (2.1 + 1.2 + 0.3 - 0.066)
    assert result.series("opex.noi_ahead")[11] == pytest.approx(ahead, rel=1e-12)
    assert result.series("valuation.value")[11] == pytest.approx(ahead / 0.08, rel=1e-12)
    assert result.series("statements.income.operating_costs")[12] == pytest.approx(-costs, rel=1e-12)


def test_a_default_on_the_first_day_of_a_lease_within_a_quarter_takes_all_of_it(model: Model) -> None:
    """The annex is let for 46 days of quarter 3: an event from its first day leaves nothing, from half of them half."""
    day = serial(date(2026, 8, 16))
    result = solved(model, "everything", event__power__happens=0, event__renegotiation__on=day)
    assert result.series("lease.annex.rent_income")[2] == pytest.approx(0.6 * 0.9, rel=1e-12)
    half = solved(model, "everything", event__power__happens=0, event__renegotiation__on=day + 23)
    assert half.series("lease.annex.rent_income")[2] == pytest.approx(0.3 + 0.3 * 0.9, rel=1e-12)
    # The hall loses 23 of the 92 days of the whole quarter.
    assert half.series("lease.hall.rent_income")[2] == pytest.approx(3 * (1 - 0.1 * 23 / 92), rel=1e-12)


def test_the_failure_of_an_end_user_reaches_the_rent_with_its_probability(model: Model) -> None:
    """80% is lost, half of it is passed on: 40% of 1.2m from January 2029, quarter 13, to the end of the lease."""
    result = solved(model, "end_user")
    assert quarters(result, "lease.annex.rent_income", 12, 22) == pytest.approx([1.2] + [0.72] * 9 + [0.0], rel=1e-12)
    assert quarters(result, "lease.hall.rent_income", 12, 14) == pytest.approx([3.0] * 3, rel=1e-12)


def test_an_abatement_ends_and_several_events_multiply(model: Model) -> None:
    """Quarter 6: rents at 90%, less power for the hall and the contract (80%), and 61 of 91 days without any rent."""
    result = solved(model, "everything")
    paid = 30 / 91
    assert result.series("lease.hall.rent_income")[5] == pytest.approx(3 * 0.9 * 0.8 * paid, rel=1e-12)
    assert result.series("lease.annex.rent_income")[5] == pytest.approx(1.2 * 0.9 * paid, rel=1e-12)
    assert result.series("income.roof.revenue")[5] == pytest.approx(0.3 * 0.8 * paid, rel=1e-12)
    assert result.series("event.abatement.rent_left")[4:7] == pytest.approx((1.0, paid, 1.0), rel=1e-12)
    assert quarters(result, "lease.hall.rent_income", 3, 5) == pytest.approx([2.4, 2.4, 2.16], rel=1e-12)
    assert quarters(result, "income.roof.revenue", 7, 9) == pytest.approx([0.24, 0.24, 0.3], rel=1e-12)


def test_events_in_a_quarter_in_which_the_rent_steps_take_the_rent_of_their_days(model: Model) -> None:
    """The annex, 1.2m a quarter, rises by 4% on 16 August 2027: 46 of the 92 days of quarter 7 bear 1, the others 1.04.

    The end user fails on 8 September, 23 days before the end of the quarter: 60% is left. Rents are cut to 90% on 24
    July besides, after 23 days. And in the same quarter a fire stops all rent from 8 to 22 September.
    """
    inputs = {"lease__annex__escalation": 0.04, "event__end_user__on": serial(date(2027, 9, 8))}
    one = solved(model, "end_user", **inputs)
    day = 1.2 / 92
    rent = day * (46 + 23 * 1.04 + 23 * 1.04 * 0.6)
    assert one.series("lease.annex.rent_income")[6] == pytest.approx(rent, rel=1e-12)
    assert one.series("lease.annex.event.end_user.due")[5:8] == pytest.approx((0, day * (46 + 23 * 1.04), 0), rel=1e-12)
    inputs |= {"event__renegotiation__happens": 1.0, "event__renegotiation__on": serial(date(2027, 7, 24))}
    two = solved(model, "end_user", **inputs)
    rent = day * (23 + 0.9 * (23 + 23 * 1.04 + 23 * 1.04 * 0.6))
    assert two.series("lease.annex.rent_income")[6] == pytest.approx(rent, rel=1e-12)
    # Quarter 8 lies behind both: 90% of 60%.
    assert two.series("lease.annex.rent_income")[7] == pytest.approx(1.2 * 1.04 * 0.9 * 0.6, rel=1e-12)
    inputs |= {"event__abatement__happens": 1.0, "event__abatement__on": serial(date(2027, 9, 8))}
    three = solved(model, "end_user", **inputs, event__abatement__until=serial(date(2027, 9, 22)))
    rent = day * (23 + 0.9 * (23 + 23 * 1.04 + 8 * 1.04 * 0.6))
    assert three.series("lease.annex.rent_income")[6] == pytest.approx(rent, rel=1e-12)


def test_space_is_let_again_at_a_market_rent_that_other_events_cut(model: Model) -> None:
    """The annex is left on 10 May 2028 with 80%: 28% is paid until 9 October, then the 20% of the tenant that stays.

    80% of the market rent comes to it: 90 USD/kW-month of 5 MW are 5.4m a year on 30 June 2026, and grow 3% a year for
    833 days to 10 October 2028. It rises 4% a year after that. Fire stops all rent in the first 46 of the 92 days of
    quarter 16, in which that step falls.
    """
    result = solved(model, "market")
    market = 0.8 * 5.4 * 1.03 ** (833 / 365) / 4
    expected = [1.2 * (39 + 52 * 0.28) / 91, 1.2 * 0.28, (1.2 * (9 * 0.28 + 83 * 0.2) + market * 83) / 92]
    expected += [1.2 * 0.2 + market] * 3 + [(1.2 * 0.2 + market * 1.04) * 46 / 92, 1.2 * 0.2 + market * 1.04]
    assert quarters(result, "lease.annex.rent_income", 10, 17) == pytest.approx(expected, rel=1e-12)
    assert result.series("lease.annex.event.vacated.market.due")[15] == pytest.approx(
        market * (9 + 83 * 1.04) / 92, rel=1e-12
    )
    assert result.series("event.vacated.letting")[11] == pytest.approx(0.8 * 5 * 0.1, rel=1e-12)
    assert sum(result.series("event.vacated.letting")) == pytest.approx(0.4, rel=1e-12)
    # The lease before it would have ended with quarter 21.
    assert quarters(result, "lease.annex.rent_income", 22, 24) == [0.0] * 3


def test_letting_a_lease_that_has_ended_costs_nothing(model: Model) -> None:
    """After a downtime to 15 February 2032 no lease is left to let again."""
    result = solved(model, "tenant_default", event__default__downtime=48)
    assert result.scalar("event.default.relet_capacity") == 0
    assert set(result.series("event.default.letting")) == {0.0}
    assert quarters(result, "lease.hall.rent_income", 10, 24) == [0.0] * 15


def test_letting_again_costs_what_each_lease_lets_at_the_probability_of_its_term(tmp_path: Path) -> None:
    """4 of 10 MW of the hall to March 2029 with a renewal at 50%, and 5 MW to 2031: the default lets 5 + 0.5 x 4 MW
    again on 15 February 2030, at 200 USD/kW 1.4m. In the first term, on 15 February 2029, 9 MW: 1.8m.

    Two leases of the whole hall, one after the other, are 10 MW: 2m. The masts at 0.1m a year let no capacity.
    """
    entry = "commencement: 2026-07-01, expiry: 2031-12-31}"
    text = DEAL.read_text()
    parts = changed(
        text,
        (
            entry,
            "commencement: 2026-07-01, expiry: 2029-03-31, capacity: 4 MW, renewals: {more: {label: More, "
            "term: 24 months, probability: 50%}}}\n  half: {label: Half, building: hall, tenant: Third, rent: 100 "
            f"USD/kW-month, capacity: 5 MW, {entry}\n  masts: {{label: Masts, building: hall, tenant: Carrier, "
            f"amount: 0.1m, {entry}",
        ),
        ("leases: [hall]\n    on: 2028-02-15", "leases: [hall, half, masts]\n    on: 2028-02-15"),
    )
    model = model_from(parts, tmp_path)
    later = spvmodel.solve(model, "tenant_default", inputs={"event.default.downtime": 24.0})
    assert later.scalar("event.default.relet_capacity") == pytest.approx(7)
    assert sum(later.series("event.default.letting")) == pytest.approx(1.4)
    assert sum(spvmodel.solve(model, "tenant_default").series("event.default.letting")) == pytest.approx(1.8)
    turns = changed(
        text,
        (
            entry,
            "commencement: 2026-07-01, expiry: 2029-06-30}\n  next: {label: Next, building: hall, tenant: Third, rent: "
            "100 USD/kW-month, commencement: 2029-07-01, expiry: 2031-12-31}",
        ),
        ("leases: [hall]\n    on: 2028-02-15", "leases: [hall, next]\n    on: 2028-02-15"),
    )
    whole = spvmodel.solve(model_from(turns, tmp_path), "tenant_default")
    assert sum(whole.series("event.default.letting")) == pytest.approx(2.0)


@settings(max_examples=12, deadline=None)
@given(
    share=st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted),
    relet=st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted),
    downtime=st.tuples(st.integers(1, 40), st.integers(1, 40)).map(sorted),
    passed=st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted),
    day=st.integers(0, 2500),
)
def test_revenue_never_falls_with_what_is_left_and_never_rises_with_downtime(
    share: list[int], relet: list[int], downtime: list[int], passed: list[int], day: int
) -> None:
    """Where the space is let again for no less than is paid in the downtime."""
    relet = [max(share[1], part) for part in relet]
    worst = {"rent_share": share[0] / 100, "relet_share": relet[0] / 100, "downtime": float(downtime[1])}
    worst |= {"passed_on": passed[1] / 100, "on": serial(date(2025, 12, 31)) + day}

    def revenue(**better: float) -> float:
        given = {f"event.default.{name}": value for name, value in (worst | better).items()}
        result = spvmodel.solve(built(), "tenant_default", inputs=given)
        assert result.scalar("checks.events") == 0
        return sum(result.series("revenue.total"))

    low = revenue() - 1e-9
    assert revenue(rent_share=share[1] / 100) >= low
    assert revenue(relet_share=relet[1] / 100) >= low
    assert revenue(downtime=float(downtime[0])) >= low
    assert revenue(passed_on=passed[0] / 100) >= low
    assert revenue(happens=0.0) >= low


def test_a_fault_in_the_rent_left_fails_a_check(model: Model) -> None:
    wrong = with_fault(model, "lease.hall.rent_income", 0.5, "money", 5)
    result = spvmodel.solve(wrong, "base")
    assert result.scalar("checks.events") == pytest.approx(0.5, rel=1e-12)
    assert "checks.events" in [check.name for check in result.checks if not check.passed]


def test_damages_fall_while_completion_is_late_up_to_their_cap(model: Model) -> None:
    """0.3m a month from July 2026. Two months: 0.6m over 62 days, all in quarter 3. Five months: 1.5m over 153 days;
    by the end of quarter 3 92 / 153 of it, 0.902m, which the cap of 0.8m cuts, so that nothing follows.
    """
    two = solved(model, "late")
    assert quarters(two, "construction.damages.received", 2, 4) == pytest.approx([0.0, 0.6, 0.0], rel=1e-12)
    # The hall earns from 1 September: 30 of 92 days. The annex from 16 October: 77 of 92 days of quarter 4.
    assert two.series("revenue.total")[2] == pytest.approx(3 * 30 / 92 + 0.3 * 30 / 92 + 0.6, rel=1e-12)
    five = solved(model, construction__delay=5)
    assert quarters(five, "construction.damages.received", 2, 5) == pytest.approx([0.0, 0.8, 0.0, 0.0], rel=1e-12)
    high = solved(model, construction__delay=5, construction__damages__cap=100)
    parts = [0.0, 1.5 * 92 / 153, 1.5 * 61 / 153, 0.0]
    assert quarters(high, "construction.damages.received", 2, 5) == pytest.approx(parts, rel=1e-12)


# By months of delay: the last day before the lease, days of the hall's rent in quarters 3 and 4, and the first quarter
# that is tested. The first test is due on 30 June 2027: one to three months later the next period end is in September.
LATE = {
    0: ("2026-06-30", 92, 92, 6),
    1: ("2026-07-31", 61, 92, 7),
    2: ("2026-08-31", 30, 92, 7),
    3: ("2026-09-30", 0, 92, 7),
    4: ("2026-10-31", 0, 61, 8),
}


@pytest.mark.parametrize("months", LATE)
def test_a_delay_moves_commencement_interest_damages_and_tests_together(model: Model, months: int) -> None:
    """Also by parts of a quarter. The loan pays its interest out of its sources until the late completion."""
    eve, third, fourth, tested = LATE[months]
    result = solved(model, construction__delay=months)
    assert from_serial(result.scalar("lease.hall.rent_from")) == date.fromisoformat(eve)
    assert result.scalar("construction.hall.spending_end") == edate(serial(date(2026, 6, 30)), months)
    assert quarters(result, "lease.hall.rent_income", 3, 4) == pytest.approx([3 * third / 92, 3 * fourth / 92])
    assert sum(result.series("construction.damages.received")) == pytest.approx(min(0.8, 0.3 * months), rel=1e-12)
    # Interest is capitalised up to the day of completion, and from then on due in cash: on the days of the hall's rent.
    interest, due = result.series("debt.senior.interest"), result.series("debt.senior.interest_scheduled")
    assert due[:4] == pytest.approx((0.0, 0.0, interest[2] * third / 92, interest[3] * fourth / 92), rel=1e-12)
    assert result.series("debt.senior.capitalised")[2] == pytest.approx(interest[2] * (1 - third / 92), rel=1e-12)
    # Nothing covers its debt service twenty times: a test fails in the first quarter in which it is made.
    forced = solved(model, construction__delay=months, covenants__lockup_dscr=20.0, covenants__default_dscr=0.0)
    passed = forced.series("covenants.historic_passed")
    assert next(number for number, flag in enumerate(passed, 1) if not flag) == tested


def test_no_delay_gives_exactly_nothing(model: Model, tmp_path: Path) -> None:
    """With the section damages and without it every other line of the model has the same values."""
    text = changed(
        DEAL.read_text(),
        ("  damages: {payer: Contractor, monthly: 0.3m a month, agreed_completion: 2026-07-01, cap: 0.8m}\n", ""),
    )
    plain = spvmodel.solve(model_from(text, tmp_path))
    whole = solved(model)
    assert {name for name in whole.values if name not in plain.values} >= {"construction.damages.received"}
    assert repr({name: whole.values[name] for name in plain.values}) == repr(plain.values)
