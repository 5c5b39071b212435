"""Cover ratios, averages and returns against plain arithmetic on the model's own cash flows (definitions, 2 and 4)."""

from __future__ import annotations

import math
from datetime import date

import numpy_financial
import pytest
import pyxirr

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, from_serial, serial
from tests.finance.reference import _month_end


@pytest.fixture(scope="module", params=["base", "delay_6_months", "phase_2_yield_on_cost", "rates_up_200"])
def result(request: pytest.FixtureRequest, abilene: Model) -> Result:
    return spvmodel.solve(abilene, request.param)


def ends(result: Result) -> list[date]:
    return [from_serial(day) for day in result.series("time.end")]


def matches(found: list[float], wanted: list[float | None]) -> None:
    assert [None if math.isnan(x) else pytest.approx(x, rel=1e-9) for x in found] == wanted
    assert any(x is not None for x in wanted)


def test_dscr_is_cfads_over_fees_interest_and_amortisation(result: Result) -> None:
    parts = ("debt.fees_scheduled", "debt.interest_scheduled", "debt.amortisation")
    service = [math.fsum(x) for x in zip(*map(result.series, parts), strict=True)]
    cfads = [a - b for a, b in zip(result.series("lease.rent_income"), result.series("opex.total"), strict=True)]
    matches(result.series("ratios.dscr"), [c / s if s else None for c, s in zip(cfads, service, strict=True)])


def test_twelve_month_ratios_sum_the_right_quarters(result: Result) -> None:
    """Historic: four quarters to the date, once built for a year. Forward: the next four, while any has service."""
    cfads, service, days = result.series("ratios.cfads"), result.series("debt.service"), ends(result)
    built = from_serial(result.scalar("time.built_by"))
    historic: list[float | None] = []
    forward: list[float | None] = []
    for t, day in enumerate(days):
        due, coming = sum(service[max(0, t - 3) : t + 1]), sum(service[t + 1 : t + 5])
        tested = _month_end(day, -12) >= built
        historic.append(sum(cfads[max(0, t - 3) : t + 1]) / due if due and tested else None)
        begun = (days[t - 1] if t else from_serial(result.scalar("time.close"))) >= built
        earned = sum(c for c, s in zip(cfads[t + 1 : t + 5], service[t + 1 : t + 5], strict=True) if s)
        forward.append(earned / coming if coming and begun else None)
    matches(result.series("ratios.dscr_historic"), historic)
    matches(result.series("ratios.dscr_forward"), forward)


def test_llcr_and_plcr_discount_later_cfads_at_the_debts_own_rate(result: Result) -> None:
    cfads, days = result.series("ratios.cfads"), ends(result)
    rate, debt = result.series("debt.rate_pp"), result.series("debt.closing")
    final = from_serial(result.model.inputs["takeout.final_maturity"].value)  # type: ignore[arg-type]
    last = from_serial(result.scalar("revenue.until"))
    for name, until in (("ratios.llcr", final), ("ratios.plcr", last)):
        wanted: list[float | None] = []
        for t, day in enumerate(days):
            value, factor = 0.0, 1.0
            for s in range(t + 1, len(days)):
                factor /= 1 + rate[s]
                value += factor * cfads[s] * (days[s - 1] < until)
            owed = debt[t] > 1e-6 and day >= from_serial(result.scalar("time.built_by")) and day < until
            owed = owed and not result.series("enforcement.accelerated")[t]
            wanted.append(value / debt[t] if owed else None)
        matches(result.series(name), wanted)


def test_the_take_out_pays_as_an_annuity(result: Result) -> None:
    """Interest and principal of every repayment period are those of numpy-financial's level payment."""
    paying = [t for t, on in enumerate(result.series("debt.takeout.paying")) if on]
    debt = sum(result.series("debt.takeout.draw"))
    for k, t in enumerate(paying, start=1):
        interest = -numpy_financial.ipmt(0.06192 / 4, k, len(paying), debt)
        principal = -numpy_financial.ppmt(0.06192 / 4, k, len(paying), debt)
        assert result.series("debt.takeout.interest_scheduled")[t] == pytest.approx(float(interest), rel=1e-9)
        assert result.series("debt.takeout.amortisation")[t] == pytest.approx(float(principal), rel=1e-9)
    assert result.series("debt.takeout.scheduled_closing")[paying[-1]] == 0.0


def test_amortisation_is_the_principal_part_of_a_level_payment(abilene: Model) -> None:
    result = spvmodel.solve(abilene)
    balance = result.series("debt.loan_a.scheduled_opening")
    repaid = result.series("debt.loan_a.amortisation")
    first = next(t for t, x in enumerate(repaid) if x)
    for k in range(1, 17):
        wanted = -float(numpy_financial.ppmt(0.06 / 4, k, 100, balance[first]))
        assert repaid[first + k - 1] == pytest.approx(wanted, rel=1e-9)


def test_average_life_counts_each_repayment_from_its_loans_close(result: Result) -> None:
    years = principal = 0.0
    for loan in ("loan_a", "loan_b"):
        given = result.inputs
        close, maturity = (from_serial(given[f"debt.{loan}.{what}"]) for what in ("close", "maturity"))  # type: ignore[arg-type]
        for day, repaid, balloon in zip(
            ends(result),
            result.series(f"debt.{loan}.amortisation"),
            result.series(f"debt.{loan}.balloon"),
            strict=True,
        ):
            years += repaid * (day - close).days / 365 + balloon * (maturity - close).days / 365
            principal += repaid + balloon
    assert result.headline["wal_years"] == pytest.approx(years / principal, rel=1e-12)


def test_returns_are_those_of_other_libraries(result: Result) -> None:
    """Where lenders enforce, of the flows up to the default and what is left of the sale, on its day."""
    enforced = not math.isnan(result.scalar("enforcement.default_date"))
    flow, days = result.series("enforcement.equity_flow" if enforced else "returns.equity_flow"), ends(result)
    if enforced:
        sold = from_serial(result.scalar("enforcement.sale_date"))
        days[next(t for t, day in enumerate(days) if day >= sold)] = sold
    assert result.headline["equity_irr"] == pytest.approx(pyxirr.xirr(days, flow), rel=1e-7)
    if not enforced:
        paid_out, paid_in = result.series("returns.distributions"), result.series("returns.contributions")
        assert result.headline["moic"] == pytest.approx(sum(paid_out) / sum(paid_in), rel=1e-12)
    running, paid_back = 0.0, math.nan
    for day, x in zip(days, flow, strict=True):
        running += x
        if running >= 0 and math.isnan(paid_back):
            paid_back = serial(day)
    assert result.headline["payback_date"] == pytest.approx(paid_back, nan_ok=True)
