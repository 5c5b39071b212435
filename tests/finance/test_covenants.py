"""Covenants by hand: first test, lock-up, trap, release, sweep of trapped cash, default, cures and their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.finance import build
from tests.finance.changing import changed, with_fault

DEAL = Path(__file__).parents[1] / "deals" / "covenants.yaml"
FIRST = 4
"""The period that ends on 2026-03-31, the first with rent and principal."""


def solved(case: str = "base", *pairs: tuple[str, str], folder: Path | None = None) -> Result:
    """The deal, with passages replaced; every check holds."""
    path = DEAL
    if folder is not None:
        path = folder / "deal.yaml"
        path.write_text(changed(DEAL.read_text(encoding="utf-8"), *pairs), encoding="utf-8")
    result = spvmodel.solve(build(spvmodel.load(path)), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def rows(result: Result, lines: tuple[str, ...], count: int) -> list[list[float]]:
    return [[result.series(name)[t] for name in lines] for t in range(FIRST, FIRST + count)]


# Rent of 1.5 m a quarter in 2026, 0.9 m from 2027 on; 1 m of principal a quarter. Of the last twelve months and of the
# next: covers are rent of four quarters / 4. Lock-up is below 1.19x, default below 1.04x.
TRAP = ("reserves.trapped.support", "reserves.trapped.trapped", "reserves.trapped.swept", "reserves.trapped.closing")
STORY = ("covenants.result", *TRAP, "covenants.cure.paid", "debt.senior.closing", "waterfall.unpaid")
BY_HAND = [
    # 2026: the year ahead covers 1.35x and 1.20x, then 1.05x and 0.90x: half a million is trapped twice.
    [1, 0.0, 0.0, 0.0, 0.0, 0.0, 19.0, 0.0],
    [1, 0.0, 0.0, 0.0, 0.0, 0.0, 18.0, 0.0],
    [2, 0.0, 0.5, 0.0, 0.5, 0.0, 17.0, 0.0],
    [2, 0.0, 0.5, 0.0, 1.0, 0.0, 16.0, 0.0],
    # 2027: rent misses 0.1 of the principal, which trapped cash pays. After four tests in lock-up the rest is swept.
    [2, 0.1, 0.0, 0.0, 0.9, 0.0, 15.0, 0.0],
    [2, 0.1, 0.0, 0.0, 0.8, 0.0, 14.0, 0.0],
    [2, 0.1, 0.0, 0.7, 0.0, 0.0, 12.3, 0.0],
    # The year covers 3.6 / 4 = 0.90x: 4.16 - 3.6 = 0.56 cures it, pays the missing 0.1, and 0.46 is trapped.
    [2, 0.0, 0.46, 0.0, 0.46, 0.56, 11.3, 0.0],
    # The cure counts for a year: (3.6 + 0.56) / 4 = 1.04x. 0.1 of it supports, 0.36 is swept; then 0.1 stays unpaid.
    [2, 0.1, 0.0, 0.36, 0.0, 0.0, 9.94, 0.0],
    [3, 0.0, 0.0, 0.0, 0.0, 0.0, 9.04, 0.1],
    [3, 0.0, 0.0, 0.0, 0.0, 0.0, 8.14, 0.2],
    # Twelve months on the cure counts no more, and a second one would pass the limit of 0.6 m.
    [3, 0.0, 0.0, 0.0, 0.0, 0.0, 7.24, 0.3],
]


def test_a_long_fall_of_the_rent_by_hand() -> None:
    result = solved("rent_stays_low")
    for found, wanted in zip(rows(result, STORY, len(BY_HAND)), BY_HAND, strict=True):
        assert found == pytest.approx(wanted, abs=1e-9)
    assert result.series("covenants.cure.missing")[FIRST + 11] == pytest.approx(0.56, abs=1e-9)
    assert result.series("covenants.default")[FIRST : FIRST + 12] == [0.0] * 11 + [1.0]


# CFADS to come / scheduled principal to come, without interest, at the ends of 2026's quarters, of 2027 and of 2028.
LIFE_COVER = {
    # 6 m in 2026, 3.6 m in 2027, 6 m a year from 2028 to 2030: 27.6 m for 20 m.
    "base": [26.1 / 19, 24.6 / 18, 23.1 / 17, 21.6 / 16, 18 / 12, 12 / 8],
    # 6 m in 2026, 3.6 m a year from 2027 to 2029, 6 m in 2030: 22.8 m for 20 m.
    "rent_stays_low": [21.3 / 19, 19.8 / 18, 18.3 / 17, 16.8 / 16, 13.2 / 12, 9.6 / 8],
}
DATES = [FIRST, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 7, FIRST + 11]


@pytest.mark.parametrize("case", LIFE_COVER)
def test_life_cover_of_the_schedule_by_hand(case: str) -> None:
    """At 1.05x at the end of 2026, the rent that stays low is just at the lock-up level, and passes."""
    result, wanted = solved(case), LIFE_COVER[case]
    tested = [result.series("covenants.llcr")[t] for t in DATES]
    assert tested == pytest.approx(wanted, abs=1e-12)
    assert result.scalar("covenants.min_llcr") == pytest.approx(min(wanted), abs=1e-12)
    over = [result.series("covenants.default_llcr_headroom")[t] for t in DATES]
    assert over == pytest.approx([cover - 1.02 for cover in wanted], abs=1e-12)
    share = [result.series("covenants.llcr_headroom_share")[t] for t in DATES]
    assert share == pytest.approx([1 - 1.05 / cover for cover in wanted], abs=1e-12)
    assert sum(result.series("covenants.llcr_breached")) == 0.0
    assert min(result.series("covenants.llcr_passed")) == 1.0
    assert result.series("covenants.llcr")[-1] != result.series("covenants.llcr")[-1], "no test after the debt"


def test_a_prepayment_moves_the_life_cover_but_not_the_one_tested() -> None:
    """1.06 m is swept in all by September 2028 and 0.2 m is overdue then: 8.14 m are owed, 9 m by schedule."""
    result, t = solved("rent_stays_low"), FIRST + 10
    to_come = 0.9 + 4 * 0.9 + 6
    assert result.series("ratios.llcr")[t] == pytest.approx(to_come / 8.14, abs=1e-9)
    assert result.series("covenants.llcr")[t] == pytest.approx(to_come / 9, abs=1e-12)


def test_a_lock_up_by_life_cover_alone(tmp_path: Path) -> None:
    """1.3588x and 1.35x in the second half of 2026 fail 1.36x: 0.5 m is trapped twice; 1.38x in March 2027 passes."""
    changes = [
        ("lockup_dscr: 1.19x", "lockup_dscr: 0x"),
        ("default_dscr: 1.04x", "default_dscr: 0x"),
        ("lockup_llcr: 1.05x", "lockup_llcr: 1.36x"),
    ]
    result = solved("base", *changes, folder=tmp_path)
    assert result.series("covenants.distribution_allowed")[FIRST : FIRST + 5] == [1.0, 1.0, 0.0, 0.0, 1.0]
    assert result.series("reserves.trapped.trapped")[FIRST : FIRST + 4] == pytest.approx([0, 0, 0.5, 0.5], abs=1e-9)
    assert sum(result.series("covenants.default")) == 0.0


def test_life_cover_is_discounted_at_the_rate_of_the_debt(tmp_path: Path) -> None:
    """At 1% and as long as nothing is prepaid or overdue it is the LLCR of the actual balances."""
    result = solved("base", ("fixed_rate: 0%", "fixed_rate: 1%"), ("  sweep_after: 4\n", ""), folder=tmp_path)
    actual, scheduled = result.series("debt.closing"), result.series("debt.scheduled_closing")
    assert actual == pytest.approx(scheduled, abs=1e-9)
    tested, found = result.series("covenants.llcr"), result.series("ratios.llcr")
    assert tested[FIRST:23] == pytest.approx(found[FIRST:23], rel=1e-9)
    assert tested[FIRST] < LIFE_COVER["base"][0]


def test_headroom_by_hand() -> None:
    """At the end of 2026 the year covers 6 / 4 = 1.5x: 0.31x over lock-up, and CFADS may fall by 1 - 1.19 / 1.5."""
    result = solved()
    t = FIRST + 3
    assert result.series("covenants.headroom")[t] == pytest.approx(0.31, abs=1e-12)
    assert result.series("covenants.headroom_share")[t] == pytest.approx(1 - 1.19 / 1.5, abs=1e-12)
    assert result.series("covenants.default_headroom")[t] == pytest.approx(0.46, abs=1e-12)
    assert result.series("covenants.default_headroom_share")[t] == pytest.approx(1 - 1.04 / 1.5, abs=1e-12)
    assert all(value != value for value in result.series("covenants.headroom")[:t]), "no test before a whole year"


def test_a_cure_is_paid_by_sponsors_and_is_no_recourse() -> None:
    result = solved("rent_stays_low")
    assert result.series("returns.contributions")[FIRST + 7] == pytest.approx(0.56, abs=1e-9)
    assert result.headline["recourse_to_sponsors"] == 0.0
    assert result.scalar("alerts.cured") == 1.0


@pytest.mark.parametrize(
    ("given", "dates"),
    [
        ("{most: 1, in_a_row: 1}", [7]),
        ("{most: 2, in_a_row: 1}", [7, 11]),
        ("{most: 9, in_a_row: 1}", [7, 11, 15]),
        ("{most: 9, in_a_row: 1, limit: 1.2m}", [7, 11]),
        ("{most: 9, in_a_row: 1, limit: 0.5m}", []),
    ],
)
def test_limits_of_cures(given: str, dates: list[int], tmp_path: Path) -> None:
    result = solved("rent_stays_low", ("{most: 2, in_a_row: 1, limit: 0.6m}", given), folder=tmp_path)
    paid = result.series("covenants.cure.paid")
    assert [t - FIRST for t, amount in enumerate(paid) if amount] == dates
    assert all(paid[t + FIRST] == pytest.approx(0.56, abs=1e-9) for t in dates)


def test_cures_in_a_row_are_limited(tmp_path: Path) -> None:
    """Rent of 0.6 m from 2027: the year to September earns 3.3 and misses 0.86 of 4.16, that to December 0.9 more."""
    low = (("rent: 300 USD", "rent: 200 USD"), ("lockup_dscr: 1.19x", "lockup_dscr: 1.04x"))
    low += (("  lockup_llcr: 1.05x\n  default_llcr: 1.02x\n", ""),)
    short = "USD/kW-month, commencement: 2026-01-01, term: 1 year"
    wing = (f"rent: 200 {short}", f"rent: 300 {short}")
    for most, paid, defaults in ((1, [0.86, 0.0], [0.0, 1.0]), (2, [0.86, 0.9], [0.0, 0.0])):
        cure = ("{most: 2, in_a_row: 1, limit: 0.6m}", f"{{most: 9, in_a_row: {most}}}")
        result = solved("rent_stays_low", *low, wing, cure, folder=tmp_path)
        assert result.series("covenants.cure.paid")[FIRST + 6 : FIRST + 8] == pytest.approx(paid, abs=1e-9)
        assert result.series("covenants.default")[FIRST + 6 : FIRST + 8] == defaults


def test_nothing_is_tested_before_the_first_test(tmp_path: Path) -> None:
    """With a first test at the end of 2027 nothing is trapped before, and that test fails as it did."""
    first = ("first_test: 2026-03-31", "first_test: 2027-12-31")
    result = solved("rent_stays_low", first, folder=tmp_path)
    results = result.series("covenants.result")
    assert results[FIRST : FIRST + 4] == [1.0] * 4
    assert sum(result.series("reserves.trapped.trapped")[: FIRST + 4]) == 0.0
    # Nothing was trapped, so the rent of 2027 leaves 0.1 of each principal unpaid: a payment default is no test.
    assert results[FIRST + 4 : FIRST + 7] == [3.0] * 3
    assert result.series("covenants.default")[FIRST : FIRST + 8] == [0.0] * 8
    assert result.series("covenants.cure.paid")[FIRST + 7] == pytest.approx(0.56, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "periods"),
    [
        # 1.3667x in June 2026, 1.3588x in September and 1.35x in December, 1.38x in March.
        (("lockup_llcr: 1.05x\n  default_llcr: 1.02x", "default_llcr: 1.36x"), [6, 7]),
        # NOI of the next twelve months / debt after the period's principal: 5.4 / 19, 4.8 / 18, 4.2 / 17, 3.6 / 16.
        (("default_debt_yield: 10%", "default_debt_yield: 24%"), [7]),
        # Debt / (NOI / 10%): 19 / 54, 18 / 48, 17 / 42, 16 / 36, then 15 / 42.
        (("default_ltv: 90%", "default_ltv: 40%"), [6, 7]),
    ],
)
def test_other_ratios_default_and_block_distributions(
    change: tuple[str, str], periods: list[int], tmp_path: Path
) -> None:
    result = solved("base", change, folder=tmp_path)
    assert [t for t, flag in enumerate(result.series("covenants.default")) if flag] == periods
    assert all(result.series("covenants.distribution_allowed")[t] == 0.0 for t in periods)


def test_a_release_after_two_passed_tests(tmp_path: Path) -> None:
    """The test of June 2027 passes at 1.20x; with two in a row asked for, its cash stays trapped."""
    one, two = (
        solved("base", ("  sweep_after: 4\n", f"  release_tests: {count}\n"), folder=tmp_path) for count in (1, 2)
    )
    assert one.series("reserves.trapped.release")[FIRST + 5] == pytest.approx(0.8, abs=1e-9)
    assert two.series("reserves.trapped.release")[FIRST + 5] == 0.0
    assert two.series("covenants.passed_in_a_row")[FIRST + 5] == 1.0


def test_a_fault_in_the_sweep_of_trapped_cash_is_found() -> None:
    model = with_fault(build(spvmodel.load(DEAL)), "debt.senior.trapped_sweep", 0.1, "money", 10)
    failed = {check.name for check in spvmodel.solve(model, "rent_stays_low").checks if not check.passed}
    assert failed == {"checks.trapped_sweep"}


def test_covenants_end_with_the_debt(tmp_path: Path) -> None:
    """Rent of 1.5 m a quarter, 1 m of principal in 20 quarters, and a lock-up level that is never met.

    Half a million is trapped in each of 19 quarters. The 20th repays the last of the loan: the 9.5 m and the half
    million of the quarter are distributed, and the 1.5 m of each of the four quarters that the model goes on.
    """
    pairs = (
        ("lockup_dscr: 1.19x", "lockup_dscr: 2x"),
        ("  sweep_after: 4\n", ""),
        ("commencement: 2028-01-01, term: 4 years", "commencement: 2027-01-01, term: 5 years"),
    )
    result = solved("base", *pairs, folder=tmp_path)
    assert result.series("covenants.lockup")[FIRST:] == [1.0] * 19 + [0.0] * 5
    trapped = [0.5 * quarters for quarters in range(1, 20)]
    assert result.series("reserves.trapped.closing")[FIRST:] == pytest.approx([*trapped, *[0.0] * 5], abs=1e-9)
    paid = result.series("waterfall.distributions")[FIRST:]
    assert paid == pytest.approx([*[0.0] * 19, 10.0, *[1.5] * 4], abs=1e-9)


def test_trapped_cash_repays_what_a_prepayment_after_the_sweep_leaves(tmp_path: Path) -> None:
    """Half a million is trapped in each of 16 quarters; the 17th, 2030's first, begins with 4 m owed and 1 m of it due.

    Half a million of the quarter is prepaid after the sweep, so that 2.5 m is left for trapped cash to repay. No loan
    is left, and the other 5.5 m are distributed.
    """
    order = ["operating costs", "fees", "senior interest", "senior principal", "balloons"]
    listed = "".join(f"  - {{pay: {step}}}\n" for step in order)
    listed += "  - {fund: dsra}\n  - {sweep: excess cash}\n  - {pay: prepayments}\n"
    listed += "  - {test: lock-up}\n  - {distribute: equity}\n"
    pairs = (
        ("lockup_dscr: 1.19x", "lockup_dscr: 2x"),
        ("sweep_after: 4", "sweep_after: 16"),
        ("commencement: 2028-01-01, term: 4 years", "commencement: 2027-01-01, term: 5 years"),
        ("    maturity: 2030-12-31\n", "    maturity: 2030-12-31\n    prepayment: {amounts: {2030-03-31: 0.5m}}\n"),
        ("sweep: {share", f"waterfall:\n{listed}sweep: {{share"),
    )
    result = solved("base", *pairs, folder=tmp_path)
    last = FIRST + 16
    assert result.series("reserves.trapped.closing")[last - 1 : last + 1] == pytest.approx([8.0, 0.0], abs=1e-9)
    parts = ("voluntary", "trapped_sweep", "closing")
    assert [result.series(f"debt.senior.{part}")[last] for part in parts] == pytest.approx([0.5, 2.5, 0.0], abs=1e-9)
    assert result.series("waterfall.distributions")[last] == pytest.approx(5.5, abs=1e-9)
