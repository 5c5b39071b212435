"""Repayment profiles against schedules computed by plain arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy_financial
import pytest

from spvmodel.engine import Result
from tests.finance.small import solved

LOAN = 100.0
EXACT = 1e-9


def rows(result: Result, name: str, flag: str = "debt.loan.repaying") -> list[float]:
    """A line in the periods of repayment."""
    return [v for v, on in zip(result.series(name), result.series(flag), strict=True) if on]


def principal(result: Result) -> list[float]:
    return rows(result, "debt.loan.amortisation")


def test_level_by_days_pays_the_same_every_period_and_ends_at_nothing(tmp_path: Path) -> None:
    result = solved(tmp_path, "repayment: {profile: level, interest_only_until: 2026-12-31}")
    service = rows(result, "debt.loan.service")
    assert len(service) == 20
    assert service == pytest.approx([service[0]] * 20, rel=EXACT)
    # ACT/360 on the days and rates of each period, rolled forward by hand.
    balance = LOAN
    for payment, days, end in zip(service, rows(result, "time.days"), rows(result, "time.end"), strict=True):
        rate = 0.06 if end < 46753 else 0.07  # 2028-01-01
        balance = balance * (1 + rate * days / 360) - payment
    assert balance == pytest.approx(0, abs=1e-9)
    assert result.headline["balloon"] == 0


def test_level_by_period_is_the_annuity_of_the_textbook(tmp_path: Path) -> None:
    """Interest by period at a fixed rate: the payment is that of numpy-financial, to the last cent."""
    loan = "day_count: by period\nrepayment: {profile: level, interest_only_until: 2026-12-31}"
    result = solved(tmp_path, loan, rate="fixed_rate: 6%")
    payment = float(-numpy_financial.pmt(0.015, 20, LOAN))
    assert rows(result, "debt.loan.service") == pytest.approx([payment] * 20, rel=EXACT)
    assert principal(result) == pytest.approx(
        [float(-numpy_financial.ppmt(0.015, k, 20, LOAN)) for k in range(1, 21)], rel=EXACT
    )


def test_level_by_period_with_interest_by_days_leaves_the_difference_to_the_last_payment(tmp_path: Path) -> None:
    """Payments are reckoned at the rate per period; interest accrues by days, and more of it by ACT/360."""
    loan = "repayment: {profile: level, interest_only_until: 2026-12-31, level_by: period}"
    result = solved(tmp_path, loan, rate="fixed_rate: 6%")
    balance = LOAN
    payment = float(-numpy_financial.pmt(0.015, 20, LOAN))
    for paid, opening in zip(principal(result)[:-1], rows(result, "debt.loan.scheduled_opening"), strict=False):
        assert opening == pytest.approx(balance, rel=EXACT)
        assert paid == pytest.approx(payment - balance * 0.015, rel=EXACT)
        balance -= paid
    assert principal(result)[-1] == pytest.approx(balance, rel=EXACT)


def test_straight_line_repays_the_same_amount_every_period(tmp_path: Path) -> None:
    result = solved(tmp_path, "repayment: {profile: straight line, interest_only_until: 2026-12-31}")
    assert principal(result) == pytest.approx([LOAN / 20] * 20, rel=EXACT)
    assert result.headline["balloon"] == 0


def test_a_balloon_is_kept_for_maturity(tmp_path: Path) -> None:
    for profile in ("straight line", "level", "sculpted"):
        loan = f"repayment: {{profile: {profile}, interest_only_until: 2026-12-31, balloon: 40%}}"
        result = solved(tmp_path, loan)
        assert sum(principal(result)) == pytest.approx(60, rel=EXACT)
        assert result.headline["balloon"] == pytest.approx(40, rel=EXACT)
        assert result.series("debt.loan.balloon")[23] == pytest.approx(40, rel=EXACT)


def test_level_service_with_a_balloon_stays_level(tmp_path: Path) -> None:
    loan = "repayment: {profile: level, interest_only_until: 2026-12-31, balloon: 40%}"
    service = rows(solved(tmp_path, loan), "debt.loan.service")
    assert service == pytest.approx([service[0]] * 20, rel=EXACT)


def test_custom_shares_and_amounts_are_paid_on_their_dates(tmp_path: Path) -> None:
    dates = "{2027-03-31: 10%, 2028-06-15: 60%, 2031-12-31: 30%}"
    result = solved(tmp_path, f"repayment: {{profile: custom shares, shares: {dates}}}")
    paid = {t: v for t, v in enumerate(result.series("debt.loan.amortisation")) if v}
    assert paid == pytest.approx({4: 10, 9: 60, 23: 30}, rel=EXACT)
    dates = "{2027-03-31: 10m, 2028-06-15: 60m, 2030-12-31: 10m}"
    result = solved(tmp_path, f"repayment: {{profile: custom amounts, balloon: 20%, amounts: {dates}}}")
    paid = {t: v for t, v in enumerate(result.series("debt.loan.amortisation")) if v}
    assert paid == pytest.approx({4: 10, 9: 60, 19: 10}, rel=EXACT)
    assert result.headline["balloon"] == pytest.approx(20, rel=EXACT)


def test_bullet(tmp_path: Path) -> None:
    result = solved(tmp_path, "repayment: {profile: bullet}")
    assert sum(result.series("debt.loan.amortisation")) == 0
    assert result.headline["balloon"] == pytest.approx(LOAN, rel=EXACT)


def test_target_balances_are_reached(tmp_path: Path) -> None:
    dates = "{2027-12-31: 80m, 2029-06-30: 55m, 2030-12-31: 0}"
    result = solved(tmp_path, f"repayment: {{profile: target balance, balances: {dates}}}")
    closing = result.series("debt.loan.scheduled_closing")
    assert [closing[t] for t in (6, 7, 12, 13, 18, 19)] == pytest.approx([100, 80, 80, 55, 55, 0], abs=1e-9)


def test_mortgage_is_a_notional_schedule_cut_at_maturity(tmp_path: Path) -> None:
    loan = "repayment: {profile: mortgage, interest_only_until: 2026-12-31, term: 20 years, rate: 6%}"
    result = solved(tmp_path, loan)
    expected = [float(-numpy_financial.ppmt(0.015, k, 80, LOAN)) for k in range(1, 20)]
    assert principal(result) == pytest.approx(expected, rel=EXACT)
    assert result.headline["balloon"] == pytest.approx(LOAN - sum(expected), rel=EXACT)


@pytest.mark.parametrize("frequency", ["monthly", "quarterly", "semi-annual", "annual"])
def test_sculpted_service_has_one_cover_in_every_period(tmp_path: Path, frequency: str) -> None:
    """A given amount, sculpted: the cover that repays it comes out, flat; and LLCR equals it (definitions, 6.6)."""
    loan = "repayment: {profile: sculpted, interest_only_until: 2026-12-31}"
    result = solved(tmp_path, loan, frequency=frequency)
    covers = rows(result, "ratios.dscr")
    assert covers == pytest.approx([covers[0]] * len(covers), rel=EXACT)
    llcr = rows(result, "ratios.llcr")[:-1]
    assert llcr == pytest.approx([covers[0]] * len(llcr), rel=1e-9)
    assert result.series("debt.loan.scheduled_closing")[-1] == 0


def test_sculpting_by_date_keeps_the_proportion_of_the_targets(tmp_path: Path) -> None:
    steps = "{2025-12-31: 1.30x, 2029-01-01: 1.56x}"
    loan = "repayment: {profile: sculpted, interest_only_until: 2026-12-31}"
    result = solved(tmp_path, loan, amount=f"sizing: {{dscr_steps: {steps}, amount: 60m}}")
    covers = rows(result, "ratios.dscr")
    assert covers[:8] == pytest.approx([covers[0]] * 8, rel=EXACT)
    assert covers[8:] == pytest.approx([1.2 * covers[0]] * 12, rel=EXACT)
    assert covers[0] > 1.30
