"""Equity cures by prepayment: the smallest amount that brings the test back, by hand, and what limits it.

Service of the schedule: 2 of the first loan, 7 of the second and 4% on 56 less 7 a year: 11.24 in 2025, 0.28 less each
year. The default level is 1.10x. A cure removes a share of a loan's later instalments, and whatever lenders measure
counts with what is left of them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text, refusal
from tests.finance.changing import changed, with_fault

DEAL = (Path(__file__).parents[1] / "deals" / "cure.yaml").read_text(encoding="utf-8")
IN_2025, IN_2027, IN_2028, IN_2029, IN_2030 = 1, 3, 4, 5, 6
"""Periods; 0 is the closing date."""


@lru_cache(maxsize=1)
def model() -> Model:
    return spvmodel.build(spvmodel.load(Path(__file__).parents[1] / "deals" / "cure.yaml"))


def solved(case: str = "base") -> Result:
    result = spvmodel.solve(model(), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def row(result: Result, name: str) -> list[float]:
    return list(result.series(name))


def test_a_share_of_the_service_is_worth_that_share_of_the_balance() -> None:
    """2027 covers 11 / 10.68: CFADS carries 11 / 1.1 = 10 of service, 0.68 must go, which is 34% of the 2 of the loan.

    It owes 10 at the end of 2027, of which 3.4 are prepaid; its instalments are 1.32 from then on.
    """
    result = solved()
    assert result.series("covenants.cure.missing")[IN_2027] == pytest.approx(1.1 * 10.68 - 11)
    assert result.series("covenants.cure.paid")[:IN_2029] == pytest.approx([0, 0, 0, 3.4, 0])
    assert result.series("covenants.cure.dscr")[IN_2027] == pytest.approx(1.1)
    assert result.series("covenants.cure.dscr")[IN_2028] == pytest.approx(11 / (10.4 - 0.68))
    assert result.series("debt.first.closing")[IN_2027 : IN_2029 + 1] == pytest.approx([6.6, 5.28, 3.96 - SECOND])
    assert result.series("debt.first.principal_due")[IN_2028] == pytest.approx(2 * 0.66)
    assert row(result, "covenants.default") == [0.0] * 9


LEFT = (10.12 - 0.68 - 9.4 / 1.1) / (2 * 0.66)
"""The share of the first loan that the second cure prepays, as below."""
SECOND = 3.96 * LEFT


def test_a_second_cure_counts_on_what_the_first_has_left() -> None:
    """2029 covers 9.4 / (10.12 - 0.68): of the 1.32 that the loan still counts with, 9.44 - 9.4 / 1.1 must go.

    It owes 5.28 - 1.32 = 3.96 then.
    """
    result = solved()
    assert result.series("covenants.cure.due")[IN_2029] == pytest.approx(9.44)
    assert result.series("covenants.cure.paid")[IN_2029] == pytest.approx(SECOND)
    assert pytest.approx(2.683636, abs=1e-6) == SECOND
    assert result.series("debt.first.cure_left")[IN_2029] == pytest.approx(0.66 * (1 - LEFT))
    assert result.series("covenants.cure.dscr")[IN_2030] == pytest.approx(9.4 / (9.84 - 2 + 2 * 0.66 * (1 - LEFT)))


def test_what_is_left_of_the_service_is_what_falls_due() -> None:
    """The test counts what the loan really owes: instalments and interest are the schedule's times the share left."""
    for case in ("base", "strict"):
        result = solved(case)
        for loan in ("first", "second"):
            left = row(result, f"debt.{loan}.cure_left")
            for t in range(2, 9):
                due = result.series(f"debt.{loan}.amortisation")[t] * left[t - 1]
                assert result.series(f"debt.{loan}.amortisation_after_cures")[t] == pytest.approx(due)
                new = (
                    result.series(f"debt.{loan}.principal_due")[t] - result.series(f"debt.{loan}.principal_overdue")[t]
                )
                assert new == pytest.approx(due, abs=1e-9), (case, loan, t)
                saved = result.series(f"debt.{loan}.interest_saved")[t]
                scheduled = result.series(f"debt.{loan}.interest_scheduled")[t]
                assert scheduled - saved == pytest.approx(scheduled * left[t - 1], abs=1e-9), (case, loan, t)
                after = result.series(f"debt.{loan}.interest_scheduled_after_cures")[t]
                assert after == pytest.approx(scheduled * left[t - 1], abs=1e-12)
                closing = result.series(f"debt.{loan}.scheduled_closing_after_cures")[t]
                assert closing == pytest.approx(result.series(f"debt.{loan}.closing")[t], abs=1e-9)


def test_ratios_count_with_what_cures_have_left() -> None:
    """2028: of 10.4 the cure of 2027 has removed 0.68. The cure of 2029 is no part of the service of its own day.

    Ahead of 2027 lie 11 of CFADS and the same 9.72; ahead of 2028, 9.4 and 10.12 - 0.68: that of 2029 is not foreseen.
    """
    result = solved()
    assert result.series("debt.service")[IN_2027 : IN_2029 + 1] == pytest.approx([10.68, 9.72, 9.44])
    assert result.series("debt.service_before_cures")[IN_2027 : IN_2029 + 1] == pytest.approx([10.68, 10.4, 10.12])
    covers = [11 / 10.68, 11 / 9.72, 9.4 / 9.44, 9.4 / (9.84 - 2 + 1.32 * (1 - LEFT))]
    for name in ("ratios.dscr", "ratios.dscr_historic"):
        assert result.series(name)[IN_2027 : IN_2030 + 1] == pytest.approx(covers)
    assert result.series("ratios.dscr_forward")[IN_2027 : IN_2029 + 1] == pytest.approx(covers[1:])
    assert result.headline["min_dscr"] == pytest.approx(9.4 / 9.44)
    # The lock-up level is 1.12x: without the cures 2028 would cover 1.06x and 2030 0.96x.
    assert result.series("covenants.historic_passed")[IN_2027 : IN_2030 + 1] == pytest.approx([0, 1, 0, 1])
    assert result.series("covenants.headroom")[IN_2028] == pytest.approx(11 / 9.72 - 1.12)


def test_the_average_of_covers_counts_with_what_cures_have_left() -> None:
    """At 1.50x the cures of 2025, 2027 and 2029 take the whole first loan, and from the second what is still too much.

    Service of the second alone is 8.96 in 2026, 8.68, 8.4, 8.12, 7.84, 7.56 and 7.28. What is left of it is L1, then L2
    and L3: 8.68 x L2 is 11 / 1.5, and 8.12 x L3 is 9.4 / 1.5.
    """
    result = solved("strict")
    l1 = 1 - (11.24 - 13 / 1.5 - 2) / 9.24
    l2, l3 = 11 / 1.5 / 8.68, 9.4 / 1.5 / 8.12
    covers = [13 / 11.24, 13 / (8.96 * l1), 11 / (8.68 * l1), 11 / (8.4 * l2), 9.4 / (8.12 * l2)]
    covers += [9.4 / (service * l3) for service in (7.84, 7.56, 7.28)]
    assert result.series("ratios.dscr")[1:] == pytest.approx(covers)
    assert result.headline["avg_dscr"] == pytest.approx(sum(covers) / 8)
    served = 11.24 + (8.96 + 8.68) * l1 + (8.4 + 8.12) * l2 + (7.84 + 7.56 + 7.28) * l3
    assert result.headline["avg_dscr_total"] == pytest.approx((2 * 13 + 2 * 11 + 4 * 9.4) / served)
    # Interest of the second: 4% on 49 in 2026.
    assert result.series("ratios.icr")[IN_2025 + 1] == pytest.approx(13 / (1.96 * l1))


def test_a_balloon_is_smaller_by_the_share_of_a_cure_too(tmp_path: Path) -> None:
    """The second repays half: 3.5 a year and 28 at the end. At 1.80x 2025 carries 13 / 1.8 of its 2 + 3.5 + 2.24.

    It is the one cure there may be, of the second alone. In 2032 it is due 3.5 + 4% of 31.5, and 28, x what is left.
    """
    text = changed(
        DEAL,
        ("[first, second], most: 3, in_a_row: 2", "[second], most: 1"),
        ("lockup_dscr: 1.12x\n  default_dscr: 1.10x", "lockup_dscr: 1.80x\n  default_dscr: 1.80x"),
    )
    head, _, tail = text.rpartition("{profile: straight line}")
    result = spvmodel.solve(
        spvmodel.build(load_text(f"{head}{{profile: straight line, balloon: 50%}}{tail}", tmp_path))
    )
    assert [check.name for check in result.checks if not check.passed] == []
    left = 1 - (7.74 - 13 / 1.8) / 5.74
    assert result.series("debt.second.cure_left")[IN_2025] == pytest.approx(left)
    assert result.series("ratios.dscr")[-1] == pytest.approx(9.4 / (2 + 4.76 * left))
    assert result.series("ratios.dscr_with_balloon")[-1] == pytest.approx(9.4 / (2 + (4.76 + 28) * left))
    assert result.headline["balloon"] == pytest.approx(28 * left)
    assert result.series("debt.second.balloon_due")[-1] == pytest.approx(28 * left)


def test_the_reserve_holds_service_that_cures_have_left() -> None:
    """Three of twelve months: a quarter of 10.68 at the end of 2026, and of 9.72 at the end of 2027, with its cure.

    Nothing is due after 2032, and 2029's cure is not foreseen at the end of 2028: a quarter of 9.44. What the cure of
    2027 makes too much is released with what a year less of interest does: 2.67 - 2.43.
    """
    result = solved()
    assert result.series("reserves.dsra.target")[IN_2027 - 1 : IN_2029] == pytest.approx([2.67, 2.43, 2.36])
    assert result.series("reserves.dsra.release")[IN_2027] == pytest.approx(0.24)
    assert result.series("debt.first.dsra_scheduled")[IN_2027] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "dsra",
    [
        "months: 12 months, lc_fee: 1%",
        "months: 12 months, lc_fee: 1%, lc_rate: 5%",
        "amount: 2m, funded: from cash flow",
    ],
)
def test_a_letter_of_credit_and_a_fixed_amount_do_not_follow_cures(tmp_path: Path, dsra: str) -> None:
    """A letter of credit is of the twelve months as agreed: 10.4 at the end of 2027."""
    old = "months: 3 months, proration: months, funded: from cash flow"
    text = changed(DEAL, (old, dsra))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    assert sum(row(result, "covenants.cure.paid")) > 0
    if "lc_fee" in dsra:
        assert result.series("reserves.dsra.lc")[IN_2027] == pytest.approx(10.4)
    else:
        assert result.series("reserves.dsra.target")[IN_2027] == pytest.approx(2)


def test_the_average_life_counts_a_cure_on_its_day() -> None:
    """First: 2 a year, 3.4 by the cure of 2027, then 1.32 a year, SECOND by the cure of 2029, and 1.32 x (1 - LEFT).

    Second: 7 a year. Years are actual days / 365; there is a leap day in 2028 and one in 2032.
    """
    years = [1, 2, 3, 1461 / 365, 1826 / 365, 2191 / 365, 2556 / 365, 2922 / 365]
    first = [2, 2, 2 + 3.4, 1.32, 1.32 + SECOND, *[1.32 * (1 - LEFT)] * 3]
    assert sum(first) == pytest.approx(16)
    result = solved()
    years_of_first = sum(paid * year for paid, year in zip(first, years, strict=True))
    assert result.scalar("debt.first.principal_years") == pytest.approx(years_of_first)
    assert result.scalar("debt.principal_scheduled") == pytest.approx(72)
    assert result.headline["wal_years"] == pytest.approx((years_of_first + 7 * sum(years)) / 72)


def test_the_tested_llcr_counts_with_balances_that_cures_have_left(tmp_path: Path) -> None:
    """At the end of 2027 the schedule owes 10 and 35; of the 10 the cure has left 6.6. None is owed by the first but
    at 0%, so that the average rate is 4% x second / both, of the schedule as agreed.
    """
    text = changed(DEAL, ("  lockup_dscr", "  lockup_llcr: 1.05x\n  lockup_dscr"))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    assert result.series("covenants.llcr_due")[IN_2027] == pytest.approx(41.6)
    value, rows = 0.0, [(9.4, 7, 2), (9.4, 14, 4), (9.4, 21, 6), (9.4, 28, 8), (11, 35, 10)]
    for cash, second, first in rows:
        value = (value + cash) / (1 + 0.04 * second / (second + first))
    assert result.series("covenants.llcr")[IN_2027] == pytest.approx(value / 41.6)


def test_the_test_counts_a_cure_for_its_twelve_months_and_ratios_for_what_falls_due(tmp_path: Path) -> None:
    """By half-years. 2027 earns 11; its service is 5.34 and 5.27, and 10.61 - 11 / 1.1 = 0.61 must go of the first's 2.

    It owes 10 at the end of 2027, of which 3.05 are prepaid. Half a year later the service agreed was 5.27 + 5.2. The
    test counts both halves with 0.695 of the first's 1; the ratios count only the second with it, as it fell due. Ahead
    of 2027 lie 5.2 + 5.13 less 0.61.
    """
    text = changed(
        DEAL, ("frequency: annual", "frequency: semi-annual"), ("first_end: 2025-12-31", "first_end: 2025-06-30")
    )
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    at_2027 = 6
    assert result.series("covenants.cure.paid")[: at_2027 + 1] == pytest.approx([0, 0, 0, 0, 0, 0, 3.05])
    assert result.series("covenants.cure.dscr")[at_2027 : at_2027 + 2] == pytest.approx([1.1, 11 / (10.47 - 0.61)])
    historic = [11 / 10.61, 11 / (10.47 - 0.305)]
    assert result.series("ratios.dscr_historic")[at_2027 : at_2027 + 2] == pytest.approx(historic)
    assert result.series("ratios.dscr_forward")[at_2027] == pytest.approx(11 / (10.33 - 0.61))


def test_nothing_is_cured_while_senior_service_is_missed() -> None:
    """2025 earns 8.3 against 11.24, and nothing is in reserve: lenders that are not paid take no cure of a ratio."""
    result = solved("missed")
    assert result.series("waterfall.principal.shortfall")[IN_2025] == pytest.approx(11.24 - 8.3)
    assert result.series("covenants.cure.needed")[IN_2025] == pytest.approx(14 + 49 * (11.24 - 8.3 / 1.1 - 2) / 9.24)
    assert result.series("covenants.cure.current")[IN_2025] == 0.0
    assert sum(row(result, "covenants.cure.paid")) == 0.0
    assert result.series("covenants.default")[IN_2025] == 1.0


STEPS = ("pay: operating costs", "pay: fees", "pay: senior interest", "pay: senior principal", "pay: balloons")


@pytest.mark.parametrize("place", [2, 3, 4])
@pytest.mark.parametrize("early", ["fund: dsra", "sweep: excess cash"])
def test_what_comes_before_service_does_not_wait_for_the_cure_of_its_date(
    tmp_path: Path, early: str, place: int
) -> None:
    """The reserve or the sweep takes cash before a part of the service, and so before it is known to be paid.

    The reserve then holds service as before the cure of its date: 2.6 at the end of 2027, a quarter of 10.4.
    """
    steps = [*STEPS[:place], early, *STEPS[place:]]
    steps += [step for step in ("fund: dsra", "sweep: excess cash") if step != early]
    order = "".join(f"  - {{{step}}}\n" for step in [*steps, "test: lock-up", "distribute: equity"])
    sweep = "sweep: {share: 1%, order: [second], application: pro rata}\n"
    text = changed(DEAL, ("covenants:\n", f"{sweep}waterfall:\n{order}covenants:\n"))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("covenants.cure.paid")[IN_2027] == pytest.approx(3.4)
    assert result.series("reserves.dsra.target")[IN_2027] == pytest.approx(2.6 if early == "fund: dsra" else 2.43)


def test_the_second_loan_is_prepaid_once_the_first_is_gone() -> None:
    """At 1.50x 2025 covers 13 / 11.24: 11.24 - 13 / 1.5 must go, 2 of it with the 14 that the first loan is not due.

    The rest is a share of the 9.24 of the second, of which 49 are not due.
    """
    result = solved("strict")
    rest = (11.24 - 13 / 1.5 - 2) / 9.24
    assert result.series("debt.first.cured")[IN_2025] == pytest.approx(14)
    assert result.series("debt.second.cured")[IN_2025] == pytest.approx(49 * rest)
    assert result.series("covenants.cure.dscr")[IN_2025] == pytest.approx(1.5)
    assert result.series("debt.first.cure_left")[IN_2025] == pytest.approx(0, abs=1e-12)


def test_sponsors_pay_lenders_and_the_waterfall_is_not_touched() -> None:
    result = solved()
    assert result.series("returns.contributions")[IN_2027] == pytest.approx(3.4)
    assert result.series("returns.recourse")[IN_2027] == pytest.approx(0)
    assert result.series("waterfall.receipts")[IN_2027] == pytest.approx(11)
    assert result.series("statements.cash.contributions")[IN_2027] == pytest.approx(3.4)
    assert result.series("statements.cash.debt_repaid")[IN_2027] == pytest.approx(-(9 + 3.4))
    assert result.series("statements.contributed_capital.contributions")[IN_2027] == pytest.approx(3.4)
    assert result.series("debt.first.prepaid")[IN_2027] == pytest.approx(3.4)
    assert result.series("returns.lender_service")[IN_2027] == pytest.approx(10.68 + 3.4)


def test_a_cure_that_a_limit_does_not_allow_whole_is_not_made() -> None:
    """At most 3: not the 3.4 of 2027. 2028 needs 10.4 - 11 / 1.1 = 0.4 of 2, a fifth of 8; then 1.4 are left.

    2029 would need 9.72 - 9.4 / 1.1 of the 1.6 that the loan still counts with, of 4.8: 3.52.
    """
    result = solved("small")
    needed = 4.8 * (9.72 - 9.4 / 1.1) / 1.6
    assert result.series("covenants.cure.needed")[IN_2027 : IN_2029 + 1] == pytest.approx([3.4, 1.6, needed])
    assert result.series("covenants.cure.paid")[IN_2027 : IN_2029 + 1] == pytest.approx([0, 1.6, 0])
    assert row(result, "covenants.default")[:6] == [0, 0, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("changes", "allowed", "short"),
    [
        ((), "3.4m", "3.3999m"),
        ((("cure: {by: prepayment, order: [first, second], ", "cure: {by: cash, "),), "0.748m", "0.7479m"),
    ],
)
def test_a_limit_of_just_what_the_test_needs_allows_it(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], allowed: str, short: str
) -> None:
    """2027 needs 34% of the 10 of the first loan, or 1.1 x 10.68 - 11 in cash, whatever floating point makes of it."""
    for limit, cured in ((allowed, 1.0), (short, 0.0)):
        text = changed(DEAL, *changes, ("limit: 40m", f"limit: {limit}"))
        result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
        assert result.series("covenants.cure.cures")[IN_2027] == cured
        assert result.series("covenants.default")[IN_2027] == 1 - cured


def test_the_headroom_over_default_is_that_of_the_ratio_with_cures(tmp_path: Path) -> None:
    """2027 covers 11 / 10.68, and just 1.1x with its cure. 2028 covers 11 / 9.72; CFADS may fall by 11 - 1.1 x 9.72.

    In cash 2027 is cured with 0.748, which counts for its own twelve months; of 2028 1.1 x 10.4 - 11 is missing.
    """
    result = solved()
    over = result.series("covenants.default_headroom")
    assert over[1:4] == pytest.approx([13 / 11.24 - 1.1, 13 / 10.96 - 1.1, 0], abs=1e-12)
    assert over[IN_2028] == pytest.approx(11 / 9.72 - 1.1)
    assert result.series("covenants.default_headroom_share")[IN_2028] == pytest.approx(1 - 1.1 * 9.72 / 11)
    # The lock-up test does not count the cure of its own date.
    assert result.series("covenants.headroom")[IN_2027] == pytest.approx(11 / 10.68 - 1.12)
    text = changed(DEAL, ("cure: {by: prepayment, order: [first, second], ", "cure: {by: cash, "))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)))
    assert result.series("covenants.cure.paid")[IN_2027:IN_2029] == pytest.approx([0.748, 0.44])
    over = result.series("covenants.default_headroom")
    assert over[IN_2027:IN_2029] == pytest.approx([0, 0], abs=1e-12)


PREPAID = (
    "    repayment: {profile: straight line}\n    maturity: 2032-12-31\nreserves:",
    "    repayment: {profile: straight line}\n    maturity: 2032-12-31\n"
    "    prepayment: {amounts: {2026-12-31: 0.5m}}\nreserves:",
)


def test_a_right_to_cure_that_is_not_used_leaves_the_order_of_prepayments(tmp_path: Path) -> None:
    """Of 56 by 7 a year, 0.5 prepaid at the end of 2026 is missing from the last instalment alone."""
    levels = ("lockup_dscr: 1.12x\n  default_dscr: 1.10x", "lockup_dscr: 0.5x\n  default_dscr: 0.5x")
    result = spvmodel.solve(spvmodel.build(load_text(changed(DEAL, levels, PREPAID), tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    assert sum(row(result, "covenants.cure.paid")) == 0.0
    assert result.series("debt.second.voluntary")[2] == pytest.approx(0.5)
    assert row(result, "debt.second.principal_replaced")[1:] == pytest.approx([0] * 7 + [0.5])


def test_a_cure_falls_alike_on_the_instalments_that_prepayments_have_left(tmp_path: Path) -> None:
    """The second loan alone is cured: in 2027 by 0.68 of its service of 7 + 4% x 42.

    It owes 56 - 21 - 0.5 then. What the prepayment took, the end of the last instalment, stays gone; all that is left
    is smaller by the share: 7 a year, and 6.5 in 2032, times what cures have left.
    """
    order = ("order: [first, second]", "order: [second]")
    result = spvmodel.solve(spvmodel.build(load_text(changed(DEAL, order, PREPAID), tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    share = 0.68 / (7 + 0.04 * 42)
    assert result.series("debt.second.cured")[IN_2027] == pytest.approx(share * 34.5)
    assert result.series("debt.second.principal_due")[IN_2027 : IN_2028 + 1] == pytest.approx([7, 7 * (1 - share)])
    assert result.series("covenants.cure.cures")[IN_2029] == 1.0
    left = result.series("debt.second.cure_left")[IN_2029]
    assert left < 1 - share
    due = [7 * (1 - share), 7 * left, 7 * left, 6.5 * left]
    assert result.series("debt.second.principal_due")[IN_2029:] == pytest.approx(due)
    assert result.series("debt.second.closing")[-1] == pytest.approx(0, abs=1e-9)


def test_a_sweep_in_inverse_order_stands_beside_cures(tmp_path: Path) -> None:
    """What the sweep of 2025 and 2026 takes is missing at the end of the first loan, and cures remove shares of it."""
    sweep = ("covenants:\n", "sweep: {share: 20%, order: [first], application: inverse}\ncovenants:\n")
    result = spvmodel.solve(spvmodel.build(load_text(changed(DEAL, sweep), tmp_path)))
    assert [check.name for check in result.checks if not check.passed] == []
    swept = sum(row(result, "debt.first.sweep")[:IN_2027])
    assert swept > 0
    assert result.series("debt.first.cured")[IN_2027] == pytest.approx(0.34 * (10 - swept))
    assert result.series("debt.first.principal_due")[IN_2027 : IN_2028 + 1] == pytest.approx([2, 1.32])


def test_the_number_of_cures_is_limited() -> None:
    assert solved("once").series("covenants.cure.paid")[1:] == pytest.approx([0, 0, 3.4, 0, 0, 0, 0, 0])
    assert solved("once").series("covenants.default")[IN_2029] == 1.0


def test_what_prepayment_cannot_mend_is_not_cured(tmp_path: Path) -> None:
    """The first loan alone is to be prepaid: its 2 are less than the 2.57 that must go, so nothing is paid in 2025."""
    result = spvmodel.solve(
        spvmodel.build(load_text(changed(DEAL, ("order: [first, second]", "order: [first]")), tmp_path)), "strict"
    )
    assert result.series("covenants.cure.incurable")[IN_2025] == pytest.approx(11.24 - 13 / 1.5 - 2)
    assert result.series("covenants.cure.paid")[IN_2025] == 0.0
    assert result.series("covenants.default")[IN_2025] == 1.0


def test_left_out_the_order_is_that_of_the_senior_loans(tmp_path: Path) -> None:
    text = changed(DEAL, ("order: [first, second], ", ""))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)), "strict")
    assert row(result, "debt.second.cured") == row(solved("strict"), "debt.second.cured")


def test_a_sweep_takes_what_the_cure_has_left(tmp_path: Path) -> None:
    """All excess cash is swept to the first loan: what a cure prepays is not there to be swept."""
    sweep = "sweep: {share: 100%, order: [first], application: pro rata}\ncovenants:"
    result = spvmodel.solve(spvmodel.build(load_text(changed(DEAL, ("covenants:", sweep)), tmp_path)), "strict")
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("debt.first.prepayable")[IN_2025] == pytest.approx(0, abs=1e-12)


def test_a_cure_that_does_not_reach_the_lenders_fails_checks() -> None:
    wrong = spvmodel.solve(with_fault(model(), "debt.first.cured", 0.5, "money", IN_2027))
    assert "checks.balance_sheet" in {check.name for check in wrong.checks if not check.passed}


@pytest.mark.parametrize(
    ("line", "failed"),
    [
        ("debt.first.amortisation_after_cures", {"checks.debt_first_cured", "checks.debt_first_life"}),
        ("debt.second.interest_scheduled_after_cures", {"checks.debt_second_cured"}),
        ("debt.first.principal_cured", {"checks.debt_first_life"}),
        ("debt.first.cure_left", {"checks.debt_first_cured"}),
    ],
)
def test_a_schedule_after_cures_that_is_not_what_falls_due_fails_checks(line: str, failed: set[str]) -> None:
    unit = "share" if line.endswith("left") else "money"
    wrong = spvmodel.solve(with_fault(model(), line, 0.5, unit, IN_2028))
    assert {check.name for check in wrong.checks if not check.passed} >= failed


BROKEN = {
    ("by: prepayment, ", ""): "a cure in cash stays in the SPV: there is no order of loans that it prepays.",
    ("[first, second]", "[first, first]"): "the order of the cure names 'first' twice. Allowed: each loan once.",
    ("    label: Second loan", "    rank: mezzanine\n    label: Second loan"): (
        "the cure prepays 'second' of the rank mezzanine, and mends the DSCR of senior debt. "
        "Allowed: loans of the rank senior."
    ),
    ("covenants:", "sweep: {share: 50%, order: [first], application: forward}\ncovenants:"): (
        "a cure prepays all instalments alike, and the sweep applies what is prepaid 'forward'. "
        "Allowed: by: cash, or application: inverse or pro rata of the sweep."
    ),
    ("default_dscr: 1.10x", "default_dscr: 0x"): (
        "no prepayment mends a default DSCR of 0.00x, which only negative CFADS fails. "
        "Allowed: above 0x, or a cure by: cash."
    ),
}


@pytest.mark.parametrize("change", BROKEN)
def test_cures_that_cannot_be_are_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    assert BROKEN[change] in str(refusal(changed(DEAL, change), tmp_path))
