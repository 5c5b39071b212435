"""Level payments and average lives over dated periods: identities, and another library (definitions, section 4)."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel.engine import Result, solve
from spvmodel.finance.days import year_fraction
from spvmodel.finance.debt.annuity import level_payment
from spvmodel.lines import Graph, Input, Model, Number, Ref, eomonth, prev, serial, total

PERIODS = 24
AMOUNT = 250.0
# Those whose fractions of adjoining periods add up to the fraction of both: all that count days one by one.
ADDITIVE = ("ACT/360", "ACT/365F", "ACT/ACT ISDA", "NL/365")


def loan(day_count: str) -> Model:
    """A loan of one amount, drawn at close and repaid in level payments by period, with a balloon if cut short."""
    g = Graph()
    with g.place("Inputs"):
        close = g.input(Input("close", serial(date(2025, 1, 31))), "Close", "date")
        rate = g.input(Input("rate", 0.02), "Rate per period", "share")
        count = g.input(Input("count", float(PERIODS)), "Periods of the schedule", "count")
        amount = g.input(Input("amount", AMOUNT), "Amount", "money")
    with g.place("Loan"):
        number = g.series("number", prev(Ref("number")) + 1, "Number", "count")
        end = g.series("end", eomonth(close, number * Number(3, "months")), "End", "date", opening=close)
        start = g.series("start", prev(end), "Start", "date")
        year = g.series("year", year_fraction(day_count, start, end), "Fraction of a year", "yr")
        time = g.series("time", prev(Ref("time")) + year, "Years since close", "yr")
        factor = g.scalar("factor", level_payment(rate, count), "Level payment per unit", "share")
        opening = g.series("opening", prev(Ref("closing")), "Opening", "money")
        matures = number >= PERIODS
        repaid = amount * factor - opening * rate
        principal = g.series("principal", matures * opening + (1 - matures) * repaid, "Principal", "money")
        g.series("closing", opening - principal, "Closing", "money", opening=amount)
        g.series("principal_time", principal * time, "Principal x time", "money*yr")
        g.series("balance_time", opening * year, "Balance x time", "money*yr")
        g.scalar("whole", year_fraction(day_count, close, eomonth(close, Number(3 * PERIODS, "months"))), "All", "yr")
        g.scalar("wal", total(Ref("principal_time")) / total(principal), "Average life", "yr")
        g.scalar("wal_of_balances", total(Ref("balance_time")) / amount, "Average life from balances", "yr")
    return g.compile(PERIODS)


LOANS = {name: loan(name) for name in ADDITIVE}


def of(day_count: str, rate: float, count: int) -> Result:
    return solve(LOANS[day_count], inputs={"rate": rate, "count": float(count)})


@given(st.floats(1e-6, 0.2), st.integers(1, 400))
def test_the_level_payment_is_that_of_another_library(rate: float, count: int) -> None:
    result = of("ACT/360", rate, count)
    assert result.scalar("factor") == pytest.approx(-npf.pmt(rate, count, 1.0), rel=1e-9)


def test_without_interest_the_level_payment_is_an_equal_part() -> None:
    assert of("ACT/360", 0.0, 40).scalar("factor") == 1 / 40


@given(st.floats(1e-4, 0.1))
def test_principal_is_that_of_another_library(rate: float) -> None:
    result = of("ACT/360", rate, PERIODS)
    expected = -npf.ppmt(rate, np.arange(1, PERIODS + 1), PERIODS, AMOUNT)
    np.testing.assert_allclose(result.series("principal"), expected, rtol=1e-9)


@pytest.mark.parametrize("day_count", ADDITIVE)
@given(rate=st.floats(0.0, 0.1), count=st.integers(PERIODS, 400))
def test_the_average_life_is_the_area_under_the_balance(day_count: str, rate: float, count: int) -> None:
    result = of(day_count, rate, count)
    assert sum(result.series("principal")) == pytest.approx(AMOUNT, rel=1e-12)
    assert result.scalar("wal") == pytest.approx(result.scalar("wal_of_balances"), rel=1e-12)


@pytest.mark.parametrize("day_count", ADDITIVE)
def test_fractions_of_adjoining_periods_add_up(day_count: str) -> None:
    result = of(day_count, 0.02, PERIODS)
    assert sum(result.series("year")) == pytest.approx(result.scalar("whole"), rel=1e-14)
    # Six years from the 31st of January 2025, with one leap day.
    expected = {"ACT/360": 2191 / 360, "ACT/365F": 2191 / 365, "ACT/ACT ISDA": 6.0, "NL/365": 6.0}
    assert result.scalar("whole") == pytest.approx(expected[day_count], rel=1e-15)
