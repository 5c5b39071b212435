"""The cash sweep by hand: the order of application, what gates it, the anticipated repayment date, the take-out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal import Deal
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model, Number, Ref, where

DEALS = Path(__file__).parents[1] / "deals"
FIRST = 4
"""The period that ends on 2026-03-31, the first with rent, principal and a sweep."""


def rewritten(folder: Path, name: str, *changes: tuple[str, str]) -> Deal:
    """A deal of the tests with passages replaced."""
    text = (DEALS / f"{name}.yaml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "deal.yaml").write_text(text)
    return spvmodel.load(str(folder / "deal.yaml"))


def solved(deal: Deal, case: str = "base") -> Result:
    """The deal's result, with every check passed."""
    result = spvmodel.solve(spvmodel.build(deal), case)
    assert [(check.name, check.value) for check in result.checks if not check.passed] == []
    return result


# 20 m lent, 1 m scheduled a quarter for 16 quarters, 4 m in the 17th. Rent is 3 m; a quarter of what is left after
# principal is swept. By hand, quarter by quarter: principal due, swept, balance.
BY_HAND = {
    # Due 1, excess 2, swept 0.5: the balance falls by 1.5 a quarter and is 0.5 after 13 quarters; then 0.5 is due,
    # 0 is left to sweep and nothing is due at maturity.
    "inverse": [(1.0, 0.5, 20 - 1.5 * k) for k in range(1, 14)] + [(0.5, 0.0, 0.0)] + [(0.0, 0.0, 0.0)] * 3,
    # The k-th quarter owes what of its 1 m the sweeps before have not paid: 1; 1 - 1/2; then 3/8 (of 5/8 swept) ...
    "forward": [
        (1.0, 0.5, 18.5),
        (0.5, 0.625, 17.375),
        (0.375, 0.65625, 16.34375),
        (0.34375, 0.6640625, 15.3359375),
    ],
    # What is owed is 1 m x balance / scheduled balance: 1; 18.5/19; 17.02... each by exact fractions.
    "pro rata": [
        (1.0, 0.5, 18.5),
        (18.5 / 19, (3 - 18.5 / 19) / 4, 18.5 * 18 / 19 - (3 - 18.5 / 19) / 4),
    ],
}


@pytest.mark.parametrize("application", BY_HAND)
def test_orders_of_application_by_hand(tmp_path: Path, application: str) -> None:
    result = solved(rewritten(tmp_path, "sweep", ("application: inverse", f"application: {application}")))
    lines = ("debt.senior.principal_due", "debt.senior.sweep", "debt.senior.closing")
    for t, wanted in enumerate(BY_HAND[application], FIRST):
        assert [result.series(name)[t] for name in lines] == pytest.approx(wanted, abs=1e-9), t
    assert result.series("debt.senior.scheduled_closing")[FIRST] == 19.0, "the schedule knows no sweep"
    assert result.series("debt.senior.closing")[-1] == pytest.approx(0.0, abs=1e-9)


def test_orders_of_application_leave_other_balloons(tmp_path: Path) -> None:
    """Inverse repays the balloon first; forward skips instalments and leaves it whole, as long as they last."""
    due = {}
    for application in BY_HAND:
        change = ("application: inverse", f"application: {application}")
        result = solved(rewritten(tmp_path, "sweep", change, ("share: 25%", "share: 5%")))
        due[application] = result.series("debt.senior.balloon_due")[FIRST + 16]
    # Inverse: 16 sweeps of 5% of 2 m, 1.6 m in all, come off the 4 m.
    assert due["inverse"] == pytest.approx(4 - 16 * 0.1, abs=1e-9)
    # Forward: only the last sweep is ahead of the balloon; it comes to rest at (2 + s) / 20, that is 2 / 19.
    assert due["forward"] == pytest.approx(4 - 2 / 19, abs=1e-9)
    assert due["inverse"] < due["pro rata"] < due["forward"] < 4


def test_nothing_is_swept_while_the_reserve_is_short(tmp_path: Path) -> None:
    """The rent falls after the reserve's target is set: what is left tops it up first."""
    deal = rewritten(tmp_path, "tranches")
    seen = 0
    for case in ("base", "low_rent", "very_low_rent", "high_rates"):
        result = solved(deal, case)
        rows = ("waterfall.sweep.paid", "waterfall.dsra.shortfall", "waterfall.unpaid")
        for swept, short, unpaid in zip(*map(result.series, rows), strict=True):
            if max(short, unpaid) > 1e-6:
                assert swept == 0
                seen += 1
    assert seen > 10


def test_a_sweep_that_depends_on_cover(tmp_path: Path) -> None:
    """Rent of 3 m over 1 m of principal is a cover of 3.0x: swept below 3.5x, not below 2.5x."""
    for level, runs in (("3.5x", True), ("2.5x", False)):
        result = solved(rewritten(tmp_path, "sweep", ("share: 25%", f"share: 25%\n  below_dscr: {level}")))
        historic, swept = result.series("ratios.dscr_historic"), result.series("debt.senior.sweep")
        assert historic[FIRST + 3] == pytest.approx(3.0, rel=1e-9)
        assert swept[FIRST] == 0, "before the first test nothing is swept"
        assert (swept[FIRST + 3] == pytest.approx(0.5, abs=1e-9)) if runs else max(swept) == 0


def test_a_sweep_starts_with_the_first_whole_period(tmp_path: Path) -> None:
    result = solved(rewritten(tmp_path, "sweep", ("start: 2026-01-01", "start: 2026-02-15")))
    assert result.series("debt.senior.sweep")[FIRST : FIRST + 2] == pytest.approx([0.0, 0.5], abs=1e-9)


def test_interest_stops_on_what_is_swept(tmp_path: Path) -> None:
    """At 8%: the second quarter's interest is that of the balance after the first sweep, by actual days / 360."""
    result = solved(rewritten(tmp_path, "sweep", ("margin: 0 bp", "margin: 8%")))
    opening = result.series("debt.senior.opening")[FIRST + 1]
    assert opening < result.series("debt.senior.scheduled_opening")[FIRST + 1] - 0.1
    wanted = opening * 0.08 * 91 / 360
    assert result.series("debt.senior.interest_due")[FIRST + 1] == pytest.approx(wanted, rel=1e-12)


def test_after_the_anticipated_repayment_date_all_excess_cash_repays(tmp_path: Path) -> None:
    """5% of excess is swept before 2027-12-31, then all 2 m: 20 - 8 x 1.1 = 11.2 m, then 3 m less each quarter."""
    change = ("    maturity: 2030-03-31", "    maturity: 2030-03-31\n    ard: {date: 2027-12-31, step_up: 0%}")
    result = solved(rewritten(tmp_path, "sweep", change, ("share: 25%", "share: 5%")))
    closing = result.series("debt.senior.closing")[FIRST + 7 : FIRST + 12]
    assert closing == pytest.approx([11.2, 8.2, 5.2, 2.2, 0.0], abs=1e-9)
    given = result.series("waterfall.distributions")[FIRST + 7 : FIRST + 12]
    assert given == pytest.approx([1.9, 0.0, 0.0, 0.0, 0.8], abs=1e-9)


def test_an_ard_without_a_sweep(tmp_path: Path) -> None:
    text = (DEALS / "sweep.yaml").read_text()
    head, _, _ = text.partition("sweep:\n  share")
    ard = "    maturity: 2030-03-31\n    ard: {date: 2027-12-31, step_up: 2%}"
    (tmp_path / "deal.yaml").write_text(head.replace("    maturity: 2030-03-31", ard))
    result = solved(spvmodel.load(str(tmp_path / "deal.yaml")))
    rates = result.series("debt.senior.rate")
    assert rates[FIRST + 7] == 0 and rates[FIRST + 8] == pytest.approx(0.02)
    # 12 m is left; the first quarter after the date pays 1 m and interest for 91 days, and sweeps the rest of 3 m.
    interest = 12 * 0.02 * 91 / 360
    assert result.series("debt.senior.sweep")[FIRST + 8] == pytest.approx(3 - 1 - interest, abs=1e-9)
    assert result.series("waterfall.distributions")[FIRST + 8] == pytest.approx(0.0, abs=1e-9)


def test_the_take_out_lends_what_the_sweep_left_of_the_balloon(tmp_path: Path) -> None:
    """Inverse sweeps of 0.1 m a quarter leave 2.4 m of the balloon of 4 m; the take-out lends that and its fee."""
    text = (DEALS / "sweep.yaml").read_text().replace("share: 25%", "share: 5%").replace("end: 2031", "end: 2040")
    text = text.replace("term: 6 years", "term: 15 years")
    text += (
        "takeout: {rate: 6%, dscr: 1.3x, upfront_fee: 1%, final_maturity: 2039-12-31}\nreserves: {dsra: {months: 6}}\n"
    )
    (tmp_path / "deal.yaml").write_text(text)
    result = solved(spvmodel.load(str(tmp_path / "deal.yaml")))
    left = result.series("debt.senior.balloon_due")
    assert 2.3 < sum(left) < 2.6
    assert sum(result.series("debt.takeout.draw")) == pytest.approx(sum(left) / 0.99, abs=1e-9)
    assert max(result.series("waterfall.balloon.shortfall")) <= 1e-9


# Every check can fail

FAULTS = {
    "waterfall.sweep.paid": {"checks.sweep", "checks.cash"},
    "debt.senior_a.sweep": {"checks.sweep"},
    "debt.senior_a.ahead_gained": {"checks.debt_senior_a_schedule"},
    "debt.mezzanine.pik": {"checks.debt_mezzanine_schedule"},
    "debt.mezzanine.pik_scheduled": {"checks.interest"},
    "debt.mezzanine.accreted_added": {"checks.debt_mezzanine_interest"},
    "debt.mezzanine.scheduled_closing": {"checks.debt_mezzanine_repaid"},
    "debt.second_lien.interest_paid": {"checks.second_lien_interest_shared"},
    "debt.holdco.principal_paid": {"checks.holdco_principal_shared"},
    "waterfall.mezzanine_principal.paid": {"checks.mezzanine_principal_step"},
    "waterfall.shareholder_interest.paid": {"checks.shareholder_interest_step"},
    "waterfall.upstream": {"checks.cash"},
    "returns.shareholder_service": {"checks.providers"},
    "returns.shareholder_draws": {"checks.recourse"},
    "covenants.locked": {"checks.lockup"},
}


@pytest.fixture(scope="module")
def tranches() -> Model:
    return spvmodel.build(spvmodel.load(str(DEALS / "tranches.yaml")))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(tranches: Model, name: str) -> None:
    """One line 1 too high in the 20th period."""
    line = tranches.lines[name]
    assert line.expr is not None
    wrong = where(Ref("time.number") >= 20, where(Ref("time.number") <= 20, Number(1, line.unit), 0), 0)
    faulty = replace(tranches, lines=tranches.lines | {name: replace(line, expr=line.expr + wrong)})
    inputs = {key: given.value for key, given in faulty.inputs.items()}
    result = Result(faulty, "base", inputs, evaluate(faulty, inputs))
    assert FAULTS[name] & {check.name for check in result.checks if not check.passed}


DRAWN_AND_REPAID = """\
deal: refinanced
title: A plant that earns already, invented
description: A loan drawn at close repays from the first period on, which is the period of its draw.
currency: USD
as_of: 2024-12-31
time: {{close: 2024-12-31, frequency: quarterly, end: 2026-12-31}}
use: {{plant: {{label: Plant, kind: hard, amount: 10m, funded_by: site}}}}
funding: {{site: {{label: Site}}}}
income: {{rent: {{label: Rent, payer: Buyer, amount: 8m, expiry: 2026-12-31}}}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 8m
    fixed_rate: 0%
    repayment: {{profile: straight line}}
    maturity: 2026-12-31
sweep: {{share: {share}, order: [loan], application: {application}}}
"""


@pytest.mark.parametrize("application", ["inverse", "pro rata", "forward"])
def test_the_first_instalment_of_a_loan_drawn_in_its_period_is_no_balloon(tmp_path: Path, application: str) -> None:
    """8 m in 8 quarters, of which the first is the one of the draw; nothing is swept, so nothing is replaced."""
    (tmp_path / "deal.yaml").write_text(DRAWN_AND_REPAID.format(share="0%", application=application))
    result = solved(spvmodel.load(str(tmp_path / "deal.yaml")))
    assert result["debt.loan.principal_paid"] == pytest.approx([1.0] * 8)
    assert result["debt.loan.balloon_due"] == pytest.approx([0.0] * 8)
    assert result.scalar("debt.balloon_total") == pytest.approx(0)
    assert result.warnings == ()


def test_a_loan_drawn_in_the_period_of_its_first_instalment_is_swept_inversely(tmp_path: Path) -> None:
    """Rent of 2 pays 1 a quarter, and half of the rest is swept from the second quarter on, the first whole one.

    What is owed: 7, then 1.5 less a quarter: 5.5, 4, 2.5, 1; the sixth pays 1.
    """
    (tmp_path / "deal.yaml").write_text(DRAWN_AND_REPAID.format(share="50%", application="inverse"))
    result = solved(spvmodel.load(str(tmp_path / "deal.yaml")))
    assert result["debt.loan.closing"] == pytest.approx([7, 5.5, 4, 2.5, 1, 0, 0, 0])
    assert result["debt.loan.principal_paid"] == pytest.approx([1, 1, 1, 1, 1, 1, 0, 0])
    assert result.scalar("debt.balloon_total") == pytest.approx(0)
