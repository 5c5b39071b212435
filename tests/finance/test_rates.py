"""Default interest, the credit spread adjustment and rates compounded in arrears, by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal.calendars import is_business_day
from spvmodel.engine import Result
from spvmodel.lines import from_serial

TEXT = """\
deal: rates
title: Rates
description: Invented.
currency: USD
as_of: 2024-12-31
time: {{close: 2024-12-31, frequency: quarterly, end: 2026-12-31{time}}}
rates: {{index: Test rate, curve: {{2024-12-01: 4%, 2025-08-20: 3%}}{rates}}}
use: {{plant: {{label: Plant, kind: hard, amount: 100m, funded_by: site}}}}
funding: {{site: {{label: Site}}}}
income: {{base: {{label: Base, payer: Buyer, amount: {income}, expiry: 2026-12-31}}}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 80m
    margin: 2%
{loan}
    repayment: {{profile: straight line}}
    maturity: 2026-12-31
hedge:
  swap: {{label: Swap, kind: swap, loan: loan, share: 50%, rate: 3.5%}}
cases:
  falling:
    label: Falling
    description: Another path.
    set: {{rates.curve: {{2024-12-01: 5%, 2025-02-03: 2%}}}}
"""


def solved(
    folder: Path, rates: str = "", loan: str = "", time: str = "", income: str = "60m", case: str = "base"
) -> Result:
    path = folder / "rates.yaml"
    path.write_text(TEXT.format(rates=rates, loan=loan, time=time, income=income), encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def test_default_interest_is_on_overdue_amounts_alone(tmp_path: Path) -> None:
    """Income of 1 m a quarter; 90 days of the first quarter, 91 of the second.

    The first quarter owes 10 m of principal and 80 x 6% x 90 / 360 = 1.2 m of interest. The swap pays 3.5% for 4% and
    receives 40 x 0.5% x 90 / 360 = 0.05 m, so 1.05 m pays interest: 0.15 m of it and 10 m are overdue. They bear 8% in
    the second quarter, and 6% without default interest; the other 70 m bear 6% either way.
    """
    result = solved(tmp_path, loan="    default_margin: 2%", income="4m")
    late = 10 + 80 * 0.06 * 90 / 360 - (1 + 40 * 0.005 * 90 / 360)
    assert late == pytest.approx(10.15, rel=1e-12)
    overdue = result.series("debt.loan.interest_on_overdue")
    assert overdue[:2] == pytest.approx([0.0, late * 0.08 * 91 / 360], rel=1e-12)
    assert result.series("debt.loan.rate")[1] == pytest.approx(0.06, rel=1e-12)
    assert result.series("debt.loan.interest")[1] == pytest.approx(70 * 0.06 * 91 / 360, rel=1e-12)
    plain = solved(tmp_path, income="4m")
    assert plain.series("debt.loan.interest_on_overdue")[1] == pytest.approx(late * 0.06 * 91 / 360, rel=1e-12)


def test_a_loan_that_is_paid_in_time_bears_no_default_interest(tmp_path: Path) -> None:
    with_margin, without = solved(tmp_path, loan="    default_margin: 2%"), solved(tmp_path)
    for name in without.model.lines:
        if "@" not in name:
            assert with_margin.values[name] == pytest.approx(without.values[name], nan_ok=True), name


@pytest.mark.parametrize(
    ("loan", "rates"),
    [
        ("", (0.061143, 0.051143)),  # 4% and 3% with 11.43 bp, and the margin of 2%
        ("    floor: 3.10%", (0.061143, 0.051143)),  # 3.1143% is above the floor
        ("    floor: 3.20%", (0.061143, 0.052)),
        ("    cap: 4%", (0.06, 0.051143)),
    ],
)
def test_the_spread_adjustment_is_in_the_base_rate_of_the_loan_and_not_of_the_swap(
    tmp_path: Path, loan: str, rates: tuple[float, float]
) -> None:
    result = solved(tmp_path, rates=", spread_adjustment: 11.43 bp", loan=loan)
    assert [result.series("debt.loan.rate")[t] for t in (0, 3)] == pytest.approx(rates, rel=1e-12)
    # 3.5% against 4% on half of 80 m over 90 days: received.
    assert result.series("hedge.swap.net")[0] == pytest.approx(40 * (0.035 - 0.04) * 90 / 360, rel=1e-12)
    assert result.series("hedge.discount_pp")[0] == pytest.approx(0.04 * 90 / 360, rel=1e-12)


def by_day(path: dict[date, float], start: date, end: date, lookback: int) -> float:
    """The compounded rate of a period, a calendar day at a time: an accrual that closes on each business day."""

    def open_on(day: date) -> bool:
        return is_business_day(day, "US government securities")

    owed, simple, day = 1.0, 0.0, start
    while day < end:
        seen = day
        while not open_on(seen):
            seen -= timedelta(days=1)
        for _ in range(lookback):
            seen -= timedelta(days=1)
            while not open_on(seen):
                seen -= timedelta(days=1)
        simple += owed * next(rate for since, rate in reversed(path.items()) if since <= seen) / 360
        day += timedelta(days=1)
        if open_on(day):
            owed, simple = owed + simple, 0.0
    return (owed + simple - 1) * 360 / (end - start).days


@pytest.mark.parametrize("lookback", [0, 5])
@pytest.mark.parametrize("time", ["", ", closing: on its own"])
@pytest.mark.parametrize("case", ["base", "falling"])
def test_in_arrears_a_period_takes_the_rates_of_its_days(tmp_path: Path, lookback: int, time: str, case: str) -> None:
    words = ", fixing: compounded in arrears" + (f", lookback: {lookback}" if lookback else "")
    result = solved(tmp_path, rates=words, time=time, case=case)
    path = {date(2024, 12, 1): 0.04, date(2025, 8, 20): 0.03}
    if case == "falling":
        path = {date(2024, 12, 1): 0.05, date(2025, 2, 3): 0.02}
    starts, ends = (result.series(f"time.{what}") for what in ("start", "end"))
    found = result.series("rates.curve")
    for start, end, rate in zip(starts, ends, found, strict=True):
        if end > start:
            wanted = by_day(path, from_serial(start), from_serial(end), lookback)
            assert rate == pytest.approx(wanted, rel=1e-12)
    first = 1 if time else 0
    days = (90, 91)
    assert result.series("debt.loan.rate")[first] == pytest.approx(found[first] + 0.02, rel=1e-12)
    # The swap settles on the same compounded rate.
    net = 40 * (0.035 - found[first]) * days[0] / 360
    assert result.series("hedge.swap.net")[first] == pytest.approx(net, rel=1e-9)
    if time:
        assert starts[0] == ends[0]
        assert found[0] == (0.05 if case == "falling" else 0.04)


def test_one_rate_throughout_compounds_above_itself(tmp_path: Path) -> None:
    """4% over the second quarter: 91 nights, weekends and holidays simple. Above 4%, below daily compounding."""
    rate = solved(tmp_path, rates=", fixing: compounded in arrears").series("rates.curve")[1]
    assert 0.04 < rate < ((1 + 0.04 / 360) ** 91 - 1) * 360 / 91
    assert rate == pytest.approx(0.04 + 0.04**2 * 91 / 720, rel=1e-3)


def test_the_fixing_is_named_among_what_is_fixed(tmp_path: Path) -> None:
    result = solved(tmp_path, rates=", fixing: compounded in arrears, lookback: 5")
    fixed = dict(result.model.about["fixed"])  # type: ignore[call-overload]
    words = "compounded in arrears, 5 business days back, US government securities"
    assert fixed["Fixing of the base rate"] == words
    assert result.model.lines["rates.curve"].label == "Base rate path, compounded in arrears"
    assert "Fixing of the base rate" not in dict(solved(tmp_path).model.about["fixed"])  # type: ignore[call-overload]
