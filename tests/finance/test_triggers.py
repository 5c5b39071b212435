"""Triggers by hand: a margin that steps by cover, a longer reserve, a larger sweep, distributions blocked.

80 m is repaid in twenty quarters of 4 m at 6% by period: interest of quarter t is 1.2 - 0.06 (t - 1), service 4 more.
Income is 7 m a quarter, 5 m in 2027 (quarters 9 to 12).
"""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.changing import with_fault

DEALS = Path(__file__).parents[1] / "deals"
TEXT = """\
deal: stepping
title: Stepping
description: Invented.
currency: USD
as_of: 2024-12-31
time: {{close: 2024-12-31, frequency: quarterly, end: 2029-12-31}}
rates: {{index: Test rate, curve: {{2024-12-31: 4%}}}}
use: {{plant: {{label: Plant, kind: hard, amount: 100m, funded_by: site}}}}
funding: {{site: {{label: Site}}}}
income:
  base: {{label: Base, payer: Buyer, amount: 20m, expiry: 2029-12-31}}
  early: {{label: Early, payer: Buyer, amount: 8m, expiry: 2026-12-31}}
  late: {{label: Late, payer: Buyer, amount: 8m, commencement: 2028-01-01, expiry: 2029-12-31}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 80m
    margin: 2%
    day_count: by period
    repayment: {{profile: {profile}}}
    maturity: 2029-12-31
valuation: {{amount: 70m}}
trigger:
  one: {{label: First trigger, {trigger}}}
{more}
"""
SERVICE = [5.2 - 0.06 * (t - 1) for t in range(1, 21)]
INCOME = [7.0] * 8 + [5.0] * 4 + [7.0] * 8
ON_DATE = "on: 2026-05-15"
"""Falls in quarter 6, and acts from quarter 7 on."""


def built(folder: Path, trigger: str, more: str = "", profile: str = "straight line") -> Model:
    path = folder / "stepping.yaml"
    path.write_text(TEXT.format(trigger=trigger, more=more, profile=profile), encoding="utf-8")
    return spvmodel.build(spvmodel.load(path))


def solved(folder: Path, trigger: str, more: str = "", profile: str = "straight line") -> Result:
    result = spvmodel.solve(built(folder, trigger, more, profile))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def quarters(result: Result, name: str) -> list[int]:
    """The quarters in which a flag is up, counted from 1."""
    return [t for t, flag in enumerate(result.series(name), 1) if flag]


def test_a_margin_steps_on_the_quarter_after_the_cover_fails(tmp_path: Path) -> None:
    """Below 1.20x, 1% more. By hand, sums of four quarters:

    quarter 10: 24 / (4.84 + 4.78 + 4.72 + 4.66) = 24 / 19.00 = 1.263, passed;
    quarter 11: 22 / (4.78 + 4.72 + 4.66 + 4.60) = 22 / 18.76 = 1.173, failed: quarter 12 pays 7% on 36 m, 0.63;
    quarter 12: 20 / (4.72 + 4.66 + 4.60 + 4.63) = 20 / 18.61 = 1.075, failed: quarter 13 pays 7% on 32 m, 0.56;
    quarter 13: 22 / (4.66 + 4.60 + 4.63 + 4.56) = 22 / 18.45 = 1.192, failed because of the step itself
    (22 / 18.28 = 1.203 without it): quarter 14 pays 7% on 28 m, 0.49;
    quarter 14: 24 / (4.60 + 4.63 + 4.56 + 4.49) = 24 / 18.28 = 1.313, passed: quarter 15 pays 6% on 24 m, 0.36.
    """
    result = solved(tmp_path, "dscr_below: 1.20x, margin: 1%")
    assert quarters(result, "trigger.one.tested") == [11, 12, 13]
    assert quarters(result, "trigger.one.active") == [12, 13, 14]
    interest = result.series("debt.loan.interest")
    assert interest[10:15] == pytest.approx([0.60, 0.63, 0.56, 0.49, 0.36], rel=1e-12)
    assert result.series("ratios.dscr_historic")[9:14] == pytest.approx(
        [24 / 19.00, 22 / 18.76, 20 / 18.61, 22 / 18.45, 24 / 18.28], rel=1e-12
    )
    assert result.series("debt.loan.rate")[10:15] == pytest.approx([0.06, 0.07, 0.07, 0.07, 0.06], rel=1e-12)
    assert result.scalar("alerts.trigger_one") == 1
    assert result.scalar("trigger.one.periods") == 3
    assert result.scalar("trigger.one.fed_residual") == 0


def test_a_grid_is_a_trigger_for_each_of_its_steps(tmp_path: Path) -> None:
    """1% below 1.20x and 0.5% more below 1.15x. The second test fails once: at the end of quarter 12 with 1.075x."""
    more = "  two: {label: Second trigger, dscr_below: 1.15x, margin: 0.5%, loans: [loan]}"
    result = solved(tmp_path, "dscr_below: 1.20x, margin: 1%", more)
    assert quarters(result, "trigger.two.active") == [13]
    # Quarter 13 pays 7.5% on 32 m, 0.60; quarters 11 to 14 then serve 4.60 + 4.63 + 4.60 + 4.49 = 18.32.
    assert result.series("debt.loan.interest")[11:15] == pytest.approx([0.63, 0.60, 0.49, 0.36], rel=1e-12)
    assert result.series("ratios.dscr_historic")[13] == pytest.approx(24 / 18.32, rel=1e-12)


def test_a_test_that_never_fails_changes_nothing_and_raises_no_alert(tmp_path: Path) -> None:
    """A cover that cannot be computed is not below a level, nor is one on the level but for rounding."""
    lowest = 20 / (4.72 + 4.66 + 4.60 + 4.54)
    result = solved(tmp_path, f"dscr_below: {lowest:.9f}x, margin: 1%")
    assert quarters(result, "trigger.one.tested") == []
    assert result.series("debt.loan.service") == pytest.approx(SERVICE, rel=1e-12)
    assert result.scalar("alerts.trigger_one") == 0


@pytest.mark.parametrize("profile", ["level", "straight line"])
def test_a_step_down_from_a_date(tmp_path: Path, profile: str) -> None:
    """An upgrade: 25 bp less in every quarter that begins on or after 15 May 2026, looked ahead at without a loop."""
    result = solved(tmp_path, f"{ON_DATE}, margin: -0.25%", profile=profile)
    assert result.series("debt.loan.rate") == pytest.approx([0.06] * 6 + [0.0575] * 14, rel=1e-12)
    assert "trigger.one.fed" not in result.model.lines
    assert result.series("debt.loan.closing")[-1] == pytest.approx(0.0, abs=1e-9)
    if profile == "level":
        # A payment p that repays 80 m: 80 = p x sum of discount factors at 1.5%, then 1.4375%.
        factors = [1.015 ** -min(k, 6) * 1.014375 ** -max(0, k - 6) for k in range(1, 21)]
        assert result.series("debt.loan.service") == pytest.approx([80 / sum(factors)] * 20, rel=1e-9)


@pytest.mark.parametrize(("day", "first"), [("2026-06-30", 7), ("2026-07-01", 7), ("2026-07-02", 8), ("2024-01-01", 1)])
def test_an_event_acts_from_the_first_quarter_that_begins_on_or_after_it(tmp_path: Path, day: str, first: int) -> None:
    result = solved(tmp_path, f"on: {day}, margin: 1%")
    assert quarters(result, "trigger.one.active") == list(range(first, 21))


def test_an_event_beyond_the_timeline_never_happens(tmp_path: Path) -> None:
    result = solved(tmp_path, "on: 2099-12-31, margin: 1%, blocks_distributions: yes")
    assert quarters(result, "trigger.one.active") == []
    assert result.scalar("alerts.trigger_one") == 0
    assert result.series("waterfall.distributions") == pytest.approx(
        [income - service for income, service in zip(INCOME, SERVICE, strict=True)], abs=1e-9
    )


def test_an_event_raises_the_reserve_which_cash_flow_tops_up(tmp_path: Path) -> None:
    """From 3 to 6 months in quarter 7. By hand, from service of 4.84, 4.78, 4.72, 4.66, 4.60 in quarters 7 to 11:

    quarter 6: target 4.84, held since the first quarters filled it;
    quarter 7: target 4.78 + 4.72 = 9.50, 4.66 short, 7 - 4.84 = 2.16 topped up;
    quarter 8: target 4.72 + 4.66 = 9.38, 2.38 short, 7 - 4.78 = 2.22 topped up;
    quarter 9: target 4.66 + 4.60 = 9.26, 0.04 short of 0.28, and the rest is distributed.
    """
    months = "reserves: {dsra: {months: 3 months, funded: from cash flow}}\n"
    result = solved(tmp_path, f"{ON_DATE}, dsra_months: 6 months", months)
    assert result.series("reserves.dsra.months_held") == [3.0] * 6 + [6.0] * 14
    assert result.series("reserves.dsra.target")[5:9] == pytest.approx([4.84, 9.50, 9.38, 9.26], rel=1e-12)
    assert result.series("reserves.dsra.top_up")[5:9] == pytest.approx([0.0, 2.16, 2.22, 0.04], abs=1e-9)
    assert result.series("reserves.dsra.closing")[5:9] == pytest.approx([4.84, 7.0, 9.22, 9.26], rel=1e-12)
    assert result.series("waterfall.distributions")[6:9] == pytest.approx([0.0, 0.0, 0.24], abs=1e-9)


@pytest.mark.parametrize("proration", ["days", "months"])
def test_a_reserve_that_a_ratio_raises_is_released_when_the_test_passes(tmp_path: Path, proration: str) -> None:
    """No reserve but below 1.20x: from quarter 12 to 13, as 22 / 18.28 = 1.203 passes; 4 months cut a quarter.

    By months, a third of the second quarter ahead: quarter 12 wants 4.48 + 4.42 / 3 and gets 5 - 4.54 = 0.46,
    quarter 13 wants 4.42 + 4.36 / 3 and gets 7 - 4.48 = 2.52 more; quarter 14 lets go of all 2.98.
    """
    months = f"reserves: {{dsra: {{proration: {proration}}}}}\n"
    result = solved(tmp_path, "dscr_below: 1.20x, dsra_months: 4 months", months)
    assert quarters(result, "reserves.dsra.target") == [12, 13]
    # Of quarter 14 and 15, to 30 April and 31 July: 30 of 91 days, 31 of 92.
    cut = (1 / 3, 1 / 3) if proration == "months" else (30 / 91, 31 / 92)
    wanted = [4.48 + 4.42 * cut[0], 4.42 + 4.36 * cut[1]]
    assert result.series("reserves.dsra.target")[11:13] == pytest.approx(wanted, rel=1e-12)
    assert result.series("reserves.dsra.closing")[10:14] == pytest.approx([0.0, 0.46, 2.98, 0.0], abs=1e-9)
    assert result.series("reserves.dsra.release")[13] == pytest.approx(2.98, rel=1e-12)


def test_a_ratio_raises_a_letter_of_credit_whose_fee_is_debt_service(tmp_path: Path) -> None:
    """Debt yield below 43% after quarters 1 to 3 and 6 to 8: six months stated in quarters 2 to 4 and 7 to 9.

    The fee of 2% accrues on what is stated at the start of a quarter, and the sweep reads cover tests that count it.
    """
    more = "reserves: {dsra: {months: 0 months, lc_fee: 2%}}\nsweep: {share: 0%, order: [loan], below_dscr: 2x}\n"
    result = solved(tmp_path, "debt_yield_below: 43%, dsra_months: 6 months", more)
    stated = [SERVICE[t] + SERVICE[t + 1] if t in (2, 3, 4, 7, 8, 9) else 0.0 for t in range(1, 11)]
    assert result.series("reserves.dsra.lc")[:10] == pytest.approx(stated, rel=1e-12)
    fees = result.series("reserves.dsra.lc_fee_due")
    assert fees[2] == pytest.approx(0.02 * (5.08 + 5.02) * 92 / 360, rel=1e-12)
    assert fees[5] == 0.0
    assert result.series("debt.service")[2] == pytest.approx(5.08 + fees[2], rel=1e-12)


def test_an_event_raises_the_sweep(tmp_path: Path) -> None:
    """From a quarter of excess cash to three quarters; the first quarter opens with no balance to sweep."""
    more = "sweep: {share: 25%, order: [loan]}\n"
    result = solved(tmp_path, f"{ON_DATE}, sweep_share: 75%", more)
    owed, swept = 80.0, []
    for t, income in enumerate(INCOME, 1):
        due = min(4.0, owed)
        excess = income - 0.015 * owed - due
        share = 0 if t == 1 else 0.75 if t >= 7 else 0.25
        swept.append(min(owed - due, share * excess))
        owed -= due + swept[-1]
    assert owed == 0.0 and max(swept) > 1
    assert result.series("debt.loan.sweep") == pytest.approx(swept, abs=1e-9)
    assert result.series("waterfall.sweep.share") == pytest.approx([0.25] * 6 + [0.75] * 14, rel=1e-12)


def test_a_trigger_starts_a_sweep_that_waits_and_never_lowers_it(tmp_path: Path) -> None:
    more = "sweep: {share: 50%, order: [loan], start: 2028-01-01}\n"
    result = solved(tmp_path, f"{ON_DATE}, sweep_share: 20%", more)
    assert result.series("waterfall.sweep.share") == pytest.approx([0.0] * 6 + [0.2] * 6 + [0.5] * 8, rel=1e-12)


def test_debt_yield_is_tested_at_the_period_end(tmp_path: Path) -> None:
    """Income of four quarters / debt: 28 / 48 at quarter 8 ... 28 / 76 at the first; 20 / 48 when 2027 lies ahead.

    Quarters 1 to 4: 28 / 76, 28 / 72, 28 / 68, 28 / 64; 5 to 8: 26 / 60, 24 / 56, 22 / 52, 20 / 48. Below 43% are all
    but quarters 4 and 5 (43.75%, 43.33%), up to quarter 8; 22 / 44 at quarter 9 is above for good.
    """
    result = solved(tmp_path, "debt_yield_below: 43%, blocks_distributions: yes")
    assert quarters(result, "trigger.one.tested") == [1, 2, 3, 6, 7, 8]
    assert quarters(result, "trigger.one.active") == [2, 3, 4, 7, 8, 9]


def test_distributions_are_blocked_and_then_let_go(tmp_path: Path) -> None:
    """Debt / 70 m is above 60% until 40 m are owed, at the end of quarter 10: quarters 2 to 10 are blocked.

    The first quarter pays out 7 - 5.2 = 1.8 m. Kept are 7 x 7 - 34.72 = 14.28 to quarter 8, then 5 - 4.72 and 5 - 4.66:
    14.90 in all, let go in quarter 11 with its own 5 - 4.60.
    """
    result = solved(tmp_path, "ltv_above: 60%, blocks_distributions: yes")
    assert quarters(result, "trigger.one.active") == list(range(2, 11))
    paid = result.series("waterfall.distributions")
    assert paid[:12] == pytest.approx([1.8, *[0.0] * 9, 15.30, 0.46], abs=1e-9)
    assert result.series("reserves.trapped.closing")[9] == pytest.approx(14.90, abs=1e-9)
    assert quarters(result, "covenants.lockup") == list(range(2, 11))
    assert result.scalar("alerts.lockup") == 1


def test_the_block_check_finds_a_distribution_that_a_block_let_through(tmp_path: Path) -> None:
    model = built(tmp_path, "ltv_above: 60%, blocks_distributions: yes")
    result = spvmodel.solve(with_fault(model, "waterfall.distributions", 0.25, "money", 5))
    check = next(check for check in result.checks if check.name == "checks.blocked_distributions")
    assert not check.passed and check.value == pytest.approx(0.25, abs=1e-9)


def test_a_trigger_without_rest_fails_its_check(tmp_path: Path) -> None:
    """Cover sizes a level loan, and a debt yield below 38% adds 8% to what it costs.

    Dear, the loan is small and its debt yield passes; cheap, it is large and fails: no answer exists.
    """
    text = TEXT.format(trigger="debt_yield_below: 38%, margin: 8%", more="", profile="level")
    text = text.replace("commitment: 80m", "sizing: {dscr: 1.05x}")
    (tmp_path / "restless.yaml").write_text(text)
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "restless.yaml")))
    assert "checks.trigger_one" in [check.name for check in result.checks if not check.passed]
    assert result.scalar("trigger.one.fed_residual") == 1


@pytest.mark.parametrize(("profile", "level"), [("level", 1.30), ("sculpted", 1.42)])
def test_a_margin_by_cover_comes_to_rest_where_repayment_looks_ahead(
    tmp_path: Path, profile: str, level: float
) -> None:
    """At rest the flags that the rate reads are those that its covers give, and the loan is repaid."""
    result = solved(tmp_path, f"dscr_below: {level}x, margin: 1%", profile=profile)
    active = result.series("trigger.one.active")
    assert result.series("trigger.one.fed") == active
    assert sum(active) > 3
    covers = result.series("ratios.dscr_historic")
    assert [float(0 < cover < level - 1e-6) for cover in covers][:-1] == list(active[1:])
    assert result.series("debt.loan.rate") == pytest.approx([0.06 + 0.01 * on for on in active], rel=1e-12)
    assert result.series("debt.loan.closing")[-1] == pytest.approx(0.0, abs=1e-9)


def test_the_deal_of_all_triggers_in_every_case() -> None:
    model = spvmodel.build(spvmodel.load(DEALS / "triggers.yaml"))
    names = list(model.about["structure"])  # type: ignore[call-overload]
    assert {f"trigger.{name}.label" for name in ("weak", "weaker", "yield", "leverage", "downgrade")} <= set(names)
    for case in model.cases:
        result = spvmodel.solve(model, case)
        assert [check.name for check in result.checks if not check.passed] == []
        assert result.scalar("alerts.trigger_downgrade") == (case != "no_downgrade")
        assert result.scalar("alerts.trigger_leverage") == 1
    low = spvmodel.solve(model, "low_income")
    assert sum(low.series("debt.senior.interest_on_overdue")) > 0.01


def test_without_triggers_there_are_no_lines_of_them() -> None:
    lines = spvmodel.build(spvmodel.load(DEALS / "sweep.yaml")).lines
    assert not [n for n in lines if "trigger" in n or n in ("reserves.dsra.months_held", "waterfall.sweep.share")]
