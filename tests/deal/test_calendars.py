"""Business days and schedules: rules by hand, another library on random schedules, and errors others have made."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest
import QuantLib as ql

from spvmodel.deal.calendars import CALENDARS, RULES, Period, adjust, is_business_day, schedule

# The same calendars and rules there.
THERE = {
    "none": ql.WeekendsOnly(),
    "US government securities": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "Federal Reserve": ql.UnitedStates(ql.UnitedStates.FederalReserve),
    "TARGET": ql.TARGET(),
}
RULES_THERE = {
    "unadjusted": ql.Unadjusted,
    "following": ql.Following,
    "modified following": ql.ModifiedFollowing,
    "half-month modified following": ql.HalfMonthModifiedFollowing,
    "preceding": ql.Preceding,
    "modified preceding": ql.ModifiedPreceding,
    "nearest": ql.Nearest,
}


def quantlib(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def ours(day: ql.Date) -> date:
    return date(day.year(), day.month(), day.dayOfMonth())


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def dates(text: str) -> list[date]:
    """Dates written year-month-day, apart by spaces."""
    return [date.fromisoformat(part) for part in text.split()]


def ends(accruals: tuple[Period, ...]) -> list[date]:
    """The unadjusted dates of a schedule, its start first."""
    return [accruals[0].start, *(accrual.end for accrual in accruals)]


def moved(accruals: tuple[Period, ...]) -> list[date]:
    """The adjusted dates of a schedule, its start first."""
    return [accruals[0].adjusted_start, *(accrual.adjusted_end for accrual in accruals)]


# What the other calendar takes for known: it has no full close on the 12th of September 2001, and it counts every
# later Good Friday on which employment figures are due as an early close before SIFMA has said so.
def disputed(day: date) -> bool:
    good_friday = not ql.TARGET().isBusinessDay(quantlib(day)) and day.weekday() == 4 and 3 <= day.month <= 4
    return day == date(2001, 9, 12) or (day.year > 2026 and day.day <= 7 and good_friday)


@pytest.mark.parametrize("calendar", THERE)
def test_calendars_are_those_of_another_library(calendar: str) -> None:
    different = [
        day
        for day in days(date(1999, 1, 1), date(2069, 12, 31))
        if is_business_day(day, calendar) != THERE[calendar].isBusinessDay(quantlib(day))
    ]
    if calendar == "US government securities":
        assert all(disputed(day) for day in different)
        assert len(different) < 10
    else:
        assert different == []


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        # Good Friday, Columbus Day, Christmas Eve, and the 1st of May.
        ("2025-04-18", {"US government securities", "TARGET"}),
        ("2025-10-13", {"US government securities", "Federal Reserve"}),
        ("2025-12-24", set()),
        ("2025-05-01", {"TARGET"}),
        # Juneteenth on a Saturday: the Federal Reserve stays open on the Friday before.
        ("2027-06-18", {"US government securities"}),
        ("2027-06-19", set(THERE)),
    ],
)
def test_holidays(day: str, closed: set[str]) -> None:
    assert {calendar for calendar in THERE if not is_business_day(date.fromisoformat(day), calendar)} == closed


def test_every_calendar_and_every_rule_is_held_against_another_library() -> None:
    assert set(THERE) == set(CALENDARS)
    assert set(RULES_THERE) == set(RULES)


# Saturday the 31st of May 2025, Sunday the 1st of June, Saturday the 14th and Sunday the 15th; "none" knows no more.
RULES_BY_HAND = {
    "unadjusted": "2025-05-31 2025-06-01 2025-06-14 2025-06-15",
    "following": "2025-06-02 2025-06-02 2025-06-16 2025-06-16",
    "modified following": "2025-05-30 2025-06-02 2025-06-16 2025-06-16",
    "half-month modified following": "2025-05-30 2025-06-02 2025-06-13 2025-06-13",
    "preceding": "2025-05-30 2025-05-30 2025-06-13 2025-06-13",
    "modified preceding": "2025-05-30 2025-06-02 2025-06-13 2025-06-13",
    "nearest": "2025-05-30 2025-06-02 2025-06-13 2025-06-16",
}


@pytest.mark.parametrize("rule", RULES_BY_HAND)
def test_rules_by_hand(rule: str) -> None:
    weekend = dates("2025-05-31 2025-06-01 2025-06-14 2025-06-15")
    assert [adjust(day, rule) for day in weekend] == dates(RULES_BY_HAND[rule])


def test_the_nearest_business_day_of_two_is_the_later() -> None:
    # Thursday, the 1st of January 2026: Wednesday and Friday are open.
    assert adjust(date(2026, 1, 1), "nearest", "Federal Reserve") == date(2026, 1, 2)


@pytest.mark.parametrize("calendar", THERE)
@pytest.mark.parametrize("rule", RULES)
def test_rules_are_those_of_another_library(rule: str, calendar: str) -> None:
    for day in days(date(2015, 1, 1), date(2032, 12, 31)):
        found = adjust(day, rule, calendar)
        assert quantlib(found) == THERE[calendar].adjust(quantlib(day), RULES_THERE[rule]), day
        assert rule == "unadjusted" or is_business_day(found, calendar)


def there(start: date, end: date, months: int, backward: bool, end_of_month: bool, rule: str) -> list[date]:
    """The schedule of another library, over weekends only; what moves to the same day stands once."""
    made = ql.Schedule(
        quantlib(start),
        quantlib(end),
        ql.Period(months, ql.Months),
        ql.WeekendsOnly(),
        RULES_THERE[rule],
        RULES_THERE[rule],
        ql.DateGeneration.Backward if backward else ql.DateGeneration.Forward,
        end_of_month,
    )
    return [ours(day) for day in made]


@pytest.mark.parametrize("rule", ["unadjusted", "following", "modified following", "preceding", "nearest"])
@pytest.mark.parametrize("backward", [True, False])
def test_schedules_are_those_of_another_library(backward: bool, rule: str) -> None:
    draw = random.Random(11)
    for _ in range(600):
        months = draw.choice((1, 3, 6, 12))
        start = date(2020, 1, 1) + timedelta(days=draw.randrange(4000))
        end = start + timedelta(days=draw.randrange(15, 4000))
        if draw.random() < 0.5:
            end = (end.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = schedule(start, end, months, anchor=None if backward else start, rule=rule)
        assert list(dict.fromkeys(moved(found))) == there(start, end, months, backward, False, rule), (start, end)


@pytest.mark.parametrize("rule", ["unadjusted", "modified following"])
def test_schedules_of_month_ends_are_those_of_another_library(rule: str) -> None:
    for number in range(60):
        start = date(2020 + number // 12, 1 + number % 12, 1) - timedelta(days=1)
        for length in (1, 7, 30, 61):
            end = date(start.year + (start.month + length) // 12, 1 + (start.month + length) % 12, 1) - timedelta(1)
            found = schedule(start, end, 3, end_of_month=True, rule=rule)
            assert moved(found)[1:] == there(start, end, 3, True, True, rule)[1:], (start, end)


def test_a_schedule_has_no_gap() -> None:
    draw = random.Random(5)
    for _ in range(500):
        start = date(2020, 1, 1) + timedelta(days=draw.randrange(4000))
        end = start + timedelta(days=draw.randrange(1, 3000))
        anchor = start + timedelta(days=draw.randrange((end - start).days + 1))
        stubs = [draw.choice(("short", "long")) for _ in range(2)]
        found = schedule(start, end, draw.choice((1, 3, 6)), anchor=anchor, first=stubs[0], last=stubs[1])
        assert (found[0].start, found[-1].end) == (start, end)
        for before, after in pairwise(found):
            assert before.end == after.start
            assert before.regular[-1][1] == after.regular[0][0]
        for accrual in found:
            assert accrual.start < accrual.end
            assert accrual.regular[0][0] <= accrual.start
            assert accrual.end <= accrual.regular[-1][1]
        assert not any(accrual.is_stub for accrual in found[1:-1])
        assert anchor in ends(found)


def test_a_short_first_stub_is_a_part_of_a_regular_period() -> None:
    found = schedule(date(2025, 5, 21), date(2026, 3, 31), 3)
    assert ends(found) == dates("2025-05-21 2025-06-30 2025-09-30 2025-12-31 2026-03-31")
    assert found[0].regular == ((date(2025, 3, 31), date(2025, 6, 30)),)
    assert [accrual.is_stub for accrual in found] == [True, False, False, False]


def test_a_long_stub_spans_two_regular_periods() -> None:
    found = schedule(date(2025, 5, 21), date(2026, 3, 31), 3, first="long")
    assert ends(found) == dates("2025-05-21 2025-09-30 2025-12-31 2026-03-31")
    assert found[0].regular == ((date(2025, 3, 31), date(2025, 6, 30)), (date(2025, 6, 30), date(2025, 9, 30)))


def test_a_long_stub_ends_with_the_first_payment_date() -> None:
    """The anchor is a payment date: a stub is joined with what comes before it, never with what comes after."""
    start, end = date(2025, 5, 21), date(2026, 3, 31)
    late = schedule(start, end, 3, anchor=date(2025, 9, 30), first="long", day=31)
    assert ends(late) == dates("2025-05-21 2025-09-30 2025-12-31 2026-03-31")
    early = schedule(start, end, 3, anchor=date(2025, 6, 30), first="long", day=31)
    assert ends(early) == dates("2025-05-21 2025-06-30 2025-09-30 2025-12-31 2026-03-31")


def test_only_a_stub_is_made_long() -> None:
    found = schedule(date(2025, 3, 31), date(2026, 3, 31), 3, anchor=date(2025, 12, 31), first="long", last="long")
    assert ends(found) == dates("2025-03-31 2025-06-30 2025-09-30 2025-12-31 2026-03-31")


def test_forward_leaves_the_stub_at_the_end() -> None:
    start, end = date(2025, 1, 31), date(2025, 9, 15)
    short = schedule(start, end, 3, anchor=start)
    assert ends(short) == dates("2025-01-31 2025-04-30 2025-07-31 2025-09-15")
    assert short[-1].regular == ((date(2025, 7, 31), date(2025, 10, 31)),)
    assert ends(schedule(start, end, 3, anchor=start, last="long")) == dates("2025-01-31 2025-04-30 2025-09-15")


def test_a_maturity_may_be_cut_off_its_day_of_the_month() -> None:
    """Payments fall on the 30th; the maturity in February cannot say so."""
    found = schedule(date(2025, 2, 28), date(2026, 2, 28), 3, day=30)
    assert ends(found) == dates("2025-02-28 2025-05-30 2025-08-30 2025-11-30 2026-02-28")
    assert not any(accrual.is_stub for accrual in found)


@pytest.mark.parametrize("end_of_month", [False, True])
def test_the_end_of_month_rule(end_of_month: bool) -> None:
    found = schedule(date(2024, 2, 29), date(2025, 2, 28), 3, end_of_month=end_of_month)
    expected = "2024-02-29 2024-05-31 2024-08-31 2024-11-30 2025-02-28"
    if not end_of_month:
        # Rolled from the 28th, which leaves a stub a day short of a quarter.
        expected = "2024-02-29 2024-05-28 2024-08-28 2024-11-28 2025-02-28"
    assert ends(found) == dates(expected)


def test_the_end_of_month_rule_leaves_other_days_alone() -> None:
    found = schedule(date(2025, 1, 30), date(2025, 7, 30), 1, end_of_month=True)
    assert ends(found) == dates("2025-01-30 2025-02-28 2025-03-30 2025-04-30 2025-05-30 2025-06-30 2025-07-30")


# Errors that other programs have made; dates by hand.


def test_financepy_69_schedules_to_different_maturities_share_their_dates() -> None:
    """A maturity moved to a business day was rolled on, so that two swaps had different dates (FinancePy #69)."""
    # Both roll from the 31st of March; Friday the 30th of March 2007 stands for a Saturday, as do two of September.
    four = schedule(date(2005, 3, 31), date(2009, 3, 31), 6, rule="modified following", calendar="Federal Reserve")
    six = schedule(date(2005, 3, 31), date(2011, 3, 31), 6, rule="modified following", calendar="Federal Reserve")
    assert moved(four) == dates(
        "2005-03-31 2005-09-30 2006-03-31 2006-09-29 2007-03-30 2007-09-28 2008-03-31 2008-09-30 2009-03-31"
    )
    assert moved(six)[: len(four) + 1] == moved(four)


def test_financepy_105_a_tenor_gives_the_same_dates_whatever_its_length() -> None:
    """Two and three years from the 30th of August paid on different days in common years (FinancePy #105)."""
    start = date(2021, 8, 30)
    two = schedule(start, date(2023, 8, 30), 6, rule="following", calendar="Federal Reserve")
    three = schedule(start, date(2024, 8, 30), 6, rule="following", calendar="Federal Reserve")
    assert ends(two) == dates("2021-08-30 2022-02-28 2022-08-30 2023-02-28 2023-08-30")
    assert moved(three) == dates("2021-08-30 2022-02-28 2022-08-30 2023-02-28 2023-08-30 2024-02-29 2024-08-30")
    assert moved(three)[:5] == moved(two)


def test_financepy_144_a_maturity_on_a_weekend_moves_no_other_date() -> None:
    """The maturity moved from Saturday to Monday, and every payment date with it, one too many (FinancePy #144)."""
    found = schedule(date(2021, 6, 7), date(2031, 6, 7), 12, rule="following")
    assert ends(found) == [date(year, 6, 7) for year in range(2021, 2032)]
    assert moved(found) == dates(
        "2021-06-07 2022-06-07 2023-06-07 2024-06-07 2025-06-09 2026-06-08 2027-06-07 2028-06-07 2029-06-07 "
        "2030-06-07 2031-06-09"
    )


def test_financepy_222_the_31st_is_not_lost_in_a_month_of_30_days() -> None:
    """From the 31st of May six months end on the 30th of November, and rolled from there (FinancePy #222)."""
    half = schedule(date(2023, 5, 31), date(2023, 11, 30), 3, day=31)
    whole = schedule(date(2023, 5, 31), date(2024, 5, 31), 3, day=31)
    assert ends(half) == dates("2023-05-31 2023-08-31 2023-11-30")
    assert ends(whole) == dates("2023-05-31 2023-08-31 2023-11-30 2024-02-29 2024-05-31")
    assert half == schedule(date(2023, 5, 31), date(2023, 11, 30), 3, end_of_month=True) == whole[:2]


def test_quantlib_210_the_regular_period_of_a_stub_keeps_the_end_of_month() -> None:
    """A short first coupon to the 28th of February had a regular period from the 28th of August (QuantLib #210)."""
    found = schedule(date(2017, 1, 29), date(2018, 2, 28), 6, end_of_month=True)
    assert ends(found) == dates("2017-01-29 2017-02-28 2017-08-31 2018-02-28")
    assert found[0].regular == ((date(2016, 8, 31), date(2017, 2, 28)),)
    # 30 of its 181 days, at two periods a year.
    assert fraction_of(found[0], 2) == pytest.approx(30 / 181 / 2, rel=1e-15)


def test_quantlib_1910_a_full_first_period_is_no_stub() -> None:
    """The first coupon of a Treasury note to the end of September was not half of its rate (QuantLib #1910)."""
    found = schedule(date(2017, 9, 30), date(2022, 9, 30), 6, anchor=date(2018, 3, 31), end_of_month=True)
    assert ends(found)[:4] == dates("2017-09-30 2018-03-31 2018-09-30 2019-03-31")
    assert [fraction_of(accrual, 2) for accrual in found] == [0.5] * 10


def test_quantlib_swig_632_stubs_at_both_ends_are_parts_of_regular_periods() -> None:
    """A short first coupon was divided by its own days (QuantLib-SWIG #632)."""
    found = schedule(date(2023, 2, 15), date(2024, 5, 31), 3, anchor=date(2023, 4, 30), end_of_month=True, last="long")
    assert ends(found) == dates("2023-02-15 2023-04-30 2023-07-31 2023-10-31 2024-01-31 2024-05-31")
    # 74 of the 89 days from the 31st of January, then a quarter and 31 of the 92 days from the 30th of April.
    assert fraction_of(found[0], 4) == pytest.approx(74 / 89 / 4, rel=1e-15)
    assert fraction_of(found[-1], 4) == pytest.approx((1 + 31 / 92) / 4, rel=1e-15)


def fraction_of(accrual: Period, per_year: int) -> float:
    """The fraction of a year by ICMA: the shares of its regular periods, each one part of a year."""
    shares = [
        (min(accrual.end, closes) - max(accrual.start, opens)) / (closes - opens) for opens, closes in accrual.regular
    ]
    return sum(shares) / per_year


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"end": date(2025, 1, 1)}, "a schedule from 2025-01-01 ends after it, not on 2025-01-01"),
        ({"anchor": date(2027, 1, 1)}, "the anchor 2027-01-01 lies outside the schedule: 2025-01-01 to 2026-01-01"),
        ({"day": 2}, "the anchor 2026-01-01 is not on day 2 of its month"),
        ({"months": 0}, "a period has 1 month or more, not 0"),
        ({"rule": "next"}, "unknown business-day rule 'next': one of unadjusted, following, modified following"),
        ({"rule": "following", "calendar": "NY"}, "unknown calendar 'NY': one of none, US government securities"),
    ],
)
def test_what_makes_no_schedule_is_refused(given: dict[str, object], message: str) -> None:
    usual = {"start": date(2025, 1, 1), "end": date(2026, 1, 1), "months": 3}
    with pytest.raises(ValueError, match=f"^{message}"):
        schedule(**(usual | given))


def test_years_before_the_calendars_are_refused() -> None:
    with pytest.raises(ValueError, match="the calendar TARGET is not known for 1998: 1999 or later"):
        adjust(date(1998, 12, 31), "following", "TARGET")
    assert adjust(date(1998, 12, 26), "following") == date(1998, 12, 28)


def test_the_package_of_holidays_is_imported_only_when_it_is_asked() -> None:
    code = "import sys, spvmodel.deal.calendars; print('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
