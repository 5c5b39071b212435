"""A loan sized to a target cover meets it in every period of its life: figures worked out by hand.

10 m a quarter at 1.25x carry a service of 8 m; rates are 2% a quarter, by period. An annuity of 1 over n quarters is
worth ``a(n) = (1 - 1.02 ** -n) / 0.02``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result

EXACT = 1e-9
TEXT = """\
deal: carried
title: Carried
description: Invented; one income, loans that are drawn at close.
currency: USD
as_of: 2026-01-01
time: {{close: {close}, frequency: quarterly, {closing}end: 2045-12-31}}
rates: {{index: Test rate, curve: {{2025-12-31: 4%}}}}
use: {{works: {{label: Works, kind: other, amount: 900m, funded_by: site}}}}
funding: {{site: {{label: Site}}}}
income:
{income}
debt:
{debt}
covenants: {{lockup_dscr: 0x, default_dscr: 0x}}
{rest}
"""
SCULPTED = "repayment: {profile: sculpted}"


def a(count: int, rate: float = 0.02) -> float:
    return float((1 - (1 + rate) ** -count) / rate)


def income(*parts: str) -> str:
    return "\n".join(f"  part_{n}: {{label: Part, payer: Payer, {part}}}" for n, part in enumerate(parts))


def loan(terms: str, name: str = "loan", rate: str = "fixed_rate: 8%", close: str = "2025-12-31") -> str:
    return f"  {name}: {{label: {name}, funds: site, close: {close}, day_count: by period, {rate}, {terms}}}\n"


def solved(
    folder: Path,
    debt: str,
    earned: str = income("amount: 40m, expiry: 2040-12-31"),
    rest: str = "",
    close: str = "2025-12-31",
    closing: str = "closing: on its own, ",
    inputs: dict[str, float] | None = None,
) -> Result:
    path = folder / "carried.yaml"
    text = TEXT.format(close=close, closing=closing, income=earned, debt=debt, rest=rest)
    path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)), inputs=inputs or {})
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def covers(result: Result, name: str = "loan") -> list[float]:
    """Cover of debt service in the periods in which a loan is served."""
    rows = zip(result.series("ratios.dscr"), result.series(f"debt.{name}.service"), strict=True)
    return [cover for cover, service in rows if service > 1e-9]


def alerts(result: Result) -> set[str]:
    return {name.removeprefix("alerts.") for name in result.model.alerts if result.scalar(name)}


RISING = income("amount: 40m, expiry: 2027-12-31", "amount: 200m, commencement: 2028-01-01, expiry: 2040-12-31")


def test_interest_is_never_above_what_a_low_cash_flow_carries(tmp_path: Path) -> None:
    """8 m a quarter for two years, then 40 m for three: worth 420 m, but 8 m pay the interest of 400 m and no more."""
    worth = 8 * a(8) + 40 * a(12) * 1.02**-8
    assert worth > 419
    result = solved(tmp_path, loan(f"sizing: {{dscr: 1.25x}}, {SCULPTED}, maturity: 2030-12-31"), RISING)
    assert result.scalar("debt.loan.amount") == pytest.approx(8 / 0.02, rel=EXACT)
    assert covers(result)[:8] == pytest.approx([1.25] * 8, rel=EXACT)
    # Interest only until then; afterwards one cover that repays 400 m in twelve quarters.
    assert result.series("debt.loan.amortisation")[8] == pytest.approx(0, abs=1e-9)
    assert covers(result)[8:] == pytest.approx([50 / (400 / a(12))] * 12, rel=EXACT)
    assert "loan_cover_missed" not in alerts(result)


def test_a_loan_is_repaid_before_a_gap_in_the_income(tmp_path: Path) -> None:
    """Twelve quarters of 8 m come before half a year without income: 8 a(12) is all that can be lent."""
    gap = income("amount: 40m, expiry: 2028-12-31", "amount: 40m, commencement: 2029-07-01, expiry: 2040-12-31")
    result = solved(tmp_path, loan(f"sizing: {{dscr: 1.25x}}, {SCULPTED}, maturity: 2035-12-31"), gap)
    assert result.scalar("debt.loan.amount") == pytest.approx(8 * a(12), rel=EXACT)
    assert covers(result) == pytest.approx([1.25] * 12, rel=EXACT)


def test_a_later_tranche_carries_its_interest_while_the_earlier_is_repaid(tmp_path: Path) -> None:
    """60 m a year at 1.25x: 12 m a quarter. 75 m repaid level in eight leave 1.76 m, the interest of 58.7 m at 3%."""
    first = "sequence: 1, commitment: 75m, repayment: {profile: level}, maturity: 2027-12-31"
    then = f"sequence: 2, sizing: {{dscr: 1.25x}}, {SCULPTED}, maturity: 2030-12-31"
    debt = loan(first, "first") + loan(then, "then", "fixed_rate: 12%")
    result = solved(tmp_path, debt, income("amount: 60m, expiry: 2040-12-31"))
    left = 12 - 75 / a(8)
    assert left * a(8, 0.03) + 12 * a(12, 0.03) * 1.03**-8 > 100  # what it is worth
    assert result.scalar("debt.then.amount") == pytest.approx(left / 0.03, rel=EXACT)
    assert covers(result, "then")[:8] == pytest.approx([1.25] * 8, rel=EXACT)
    assert min(covers(result, "then")[8:]) > 2


def test_interest_of_a_balloon_is_carried_to_the_last(tmp_path: Path) -> None:
    """8 m for three years, then 1 m: a balloon of half the loan costs 1%, so the loan is at most 100 m."""
    falling = income("amount: 40m, expiry: 2028-12-31", "amount: 5m, commencement: 2029-01-01, expiry: 2040-12-31")
    terms = "repayment: {profile: sculpted, balloon: 50%}, maturity: 2030-12-31"
    result = solved(tmp_path, loan(f"sizing: {{dscr: 1.25x}}, {terms}"), falling)
    assert result.scalar("debt.loan.amount") == pytest.approx(1 / 0.02 / 0.5, rel=EXACT)
    assert min(covers(result)) >= 1.25 - EXACT
    assert result.headline["balloon"] == pytest.approx(50, rel=EXACT)


def test_a_smaller_loan_keeps_the_shape_with_more_cover(tmp_path: Path) -> None:
    terms = f"sizing: {{dscr: 1.25x, amount: 200m}}, {SCULPTED}, maturity: 2030-12-31"
    result = solved(tmp_path, loan(terms), RISING)
    assert result.scalar("debt.loan.amount") == 200
    assert covers(result)[:8] == pytest.approx([2.5] * 8, rel=EXACT)


def test_a_swap_with_a_schedule_is_paid_before_the_loan(tmp_path: Path) -> None:
    """6% for 4% on 100 m costs 0.5 m a quarter for two years, whatever the loan: it is worth 0.5 a(8) less."""
    terms = loan(f"sizing: {{dscr: 1.25x}}, {SCULPTED}, maturity: 2030-12-31", rate="margin: 4%")
    swap = "{label: Swap, kind: swap, loan: loan, rate: 6%, schedule: {2025-12-31: 100m, 2028-01-01: 0}}"
    result = solved(tmp_path, terms, rest=f"hedge: {{swap: {swap}}}")
    assert result.scalar("debt.loan.amount") == pytest.approx(8 * a(20) - 0.5 * a(8), rel=EXACT)
    assert covers(result) == pytest.approx([1.25] * 20, rel=EXACT)


@pytest.mark.parametrize(("matures", "left"), [("2030-12-31", 140.0), ("2029-12-31", 240.0)])
def test_exit_tests_leave_room_for_the_balloons_of_loans_sized_first(tmp_path: Path, matures: str, left: float) -> None:
    """60% of 400 m at the exit, of which a senior bullet of 100 m takes its part, if it is still owed."""
    senior = loan(f"commitment: 100m, repayment: {{profile: bullet}}, maturity: {matures}", "senior")
    tests = "exit_ltv: 60%, exit_debt_yield: 16.666666666666%"
    junior = f"rank: mezzanine, sizing: {{{tests}}}, repayment: {{profile: bullet}}, maturity: 2030-12-31"
    result = solved(tmp_path, senior + loan(junior, "junior"), rest="valuation: {amount: 400m}")
    assert result.scalar("sizing.junior.exit_ltv") == pytest.approx(left, rel=EXACT)
    assert result.scalar("sizing.junior.exit_debt_yield") == pytest.approx(left, rel=1e-8)


def test_the_refinancing_test_counts_the_balloon_of_the_loan_sized_first(tmp_path: Path) -> None:
    """40 m a year at 1.6x pay 25 m: at 8% over 20 quarters that refinances 6.25 a(20), 80 m of it for the senior."""
    senior = loan("commitment: 80m, repayment: {profile: bullet}, maturity: 2030-12-31", "senior")
    test = "refinancing: {dscr: 1.6x, rate: 8%, term: 5 years}"
    junior = f"rank: mezzanine, sizing: {{{test}}}, repayment: {{profile: bullet}}, maturity: 2030-12-31"
    result = solved(tmp_path, senior + loan(junior, "junior"))
    assert result.scalar("debt.junior.amount") == pytest.approx(6.25 * a(20) - 80, rel=EXACT)


def test_tests_at_the_start_count_what_the_loan_sized_first_then_owes(tmp_path: Path) -> None:
    """The senior loan has repaid 8 of 20 parts of 100 m when the junior one starts: 60 m of 240 m."""
    senior = loan("commitment: 100m, repayment: {profile: straight line}, maturity: 2030-12-31", "senior")
    repaid = "repayment: {profile: straight line, interest_only_until: 2027-12-31}, maturity: 2030-12-31"
    result = solved(
        tmp_path,
        senior + loan(f"rank: mezzanine, sizing: {{ltv: 60%}}, {repaid}", "junior"),
        rest="valuation: {amount: 400m}",
    )
    assert result.scalar("debt.junior.amount") == pytest.approx(240 - 60, rel=EXACT)


def test_interest_that_is_added_is_part_of_the_balloon(tmp_path: Path) -> None:
    """20 quarters at 2%, the last of them paid in cash: 200 m at exit are 200 / 1.02^19 drawn."""
    terms = "sizing: {exit_ltv: 50%}, pik: {share: 100%}, repayment: {profile: bullet}, maturity: 2030-12-31"
    result = solved(tmp_path, loan(terms), rest="valuation: {amount: 400m}")
    assert result.scalar("debt.loan.amount") == pytest.approx(200 / 1.02**19, rel=EXACT)
    assert result.headline["balloon"] == pytest.approx(200, rel=EXACT)


@pytest.mark.parametrize("limit", ["tail: 120 months", "wal: 120 months, tail: 120 months", "wal: 240 months"])
def test_limits_on_the_length_of_a_loan_count_what_is_added(tmp_path: Path, limit: str) -> None:
    """One year of all interest added, then 8 m a quarter to the end of 2030, or of 2035 where no limit binds."""
    repaid = "repayment: {profile: sculpted, interest_only_until: 2026-12-31}, maturity: 2035-12-31"
    result = solved(tmp_path, loan(f"sizing: {{dscr: 1.25x, {limit}}}, pik: {{share: 100%}}, {repaid}"))
    quarters = 16 if "tail" in limit else 36
    # The last period of the loan, which is its maturity, has no interest added; an earlier last repayment has.
    assert result.scalar("debt.loan.amount") == pytest.approx(8 * a(quarters) / 1.02**4, rel=EXACT)
    assert covers(result) == pytest.approx([1.25] * quarters, rel=EXACT)


@pytest.mark.parametrize("profile", ["level", "level, level_by: period", "sculpted"])
def test_level_and_sculpted_service_repay_what_is_added(tmp_path: Path, profile: str) -> None:
    """Half the interest is added; 8 m a quarter still repay 8 a(20), as what is not paid as interest is principal."""
    terms = f"sizing: {{dscr: 1.25x}}, pik: {{share: 50%}}, repayment: {{profile: {profile}}}, maturity: 2030-12-31"
    result = solved(tmp_path, loan(terms))
    assert result.scalar("debt.loan.amount") == pytest.approx(8 * a(20), rel=EXACT)
    assert covers(result) == pytest.approx([1.25] * 20, rel=EXACT)
    first = result.series("debt.loan.amortisation")[1]
    assert first == pytest.approx(8 - 0.01 * 8 * a(20), rel=EXACT)


def test_straight_line_repays_equal_parts_of_what_is_left_with_what_is_added(tmp_path: Path) -> None:
    terms = "commitment: 100m, pik: {share: 50%}, repayment: {profile: straight line}, maturity: 2026-12-31"
    result = solved(tmp_path, loan(terms))
    balance, paid = 100.0, []
    for left in (4, 3, 2, 1):
        paid.append(balance / left)
        balance += (0.01 * balance if left > 1 else 0) - balance / left
    assert balance == 0
    assert result.series("debt.loan.amortisation")[1:5] == pytest.approx(paid, rel=EXACT)
    assert result.headline["balloon"] == 0


def test_a_loan_grows_by_what_is_added_before_it_is_repaid(tmp_path: Path) -> None:
    """Four quarters of all interest added make 1.02^4 of each unit; its value limit is of the balance then."""
    repaid = "repayment: {profile: level, interest_only_until: 2026-12-31}, maturity: 2031-12-31"
    result = solved(
        tmp_path, loan(f"sizing: {{ltv: 50%}}, pik: {{share: 100%}}, {repaid}"), rest="valuation: {amount: 200m}"
    )
    assert result.scalar("debt.loan.amount") == pytest.approx(100 / 1.02**4, rel=EXACT)
    assert result.series("debt.loan.scheduled_closing")[4] == pytest.approx(100, rel=EXACT)
    assert result.series("debt.loan.service")[5:25] == pytest.approx([100 / a(20)] * 20, rel=EXACT)


@pytest.mark.parametrize("application", ["inverse", "forward", "pro rata"])
def test_a_prepaid_loan_repays_what_is_added_in_its_last_instalment_and_no_more(
    tmp_path: Path, application: str
) -> None:
    """All is repaid a year before the maturity, in a period in which interest is still added: 1% of what is left."""
    repaid = "repayment: {profile: target balance, balances: {2027-12-31: 0}}, maturity: 2028-12-31"
    early = "prepayment: {amounts: {2026-06-30: 6m}}"
    rest = f"sweep: {{share: 0%, order: [loan], application: {application}}}"
    debt = loan(f"commitment: 100m, pik: {{share: 50%}}, {early}, {repaid}")
    result = solved(tmp_path, debt, income("amount: 800m, expiry: 2040-12-31"), rest)
    # Prepaid as of 30 June 2026, when two quarters have added 1% each; six more follow.
    balance = (100 * 1.01**2 - 6) * 1.01**6
    assert result.series("debt.loan.principal_paid")[8] == pytest.approx(balance, rel=EXACT)
    assert result.series("debt.loan.closing")[8:] == pytest.approx([0] * 73, abs=1e-9)


@pytest.mark.parametrize("profile", ["sculpted", "level"])
def test_the_period_of_completion_pays_for_its_days_alone(tmp_path: Path, profile: str) -> None:
    """Complete on 15 February, 45 of 90 days: half an instalment, half the interest, from half the income."""
    dates = "availability_end: 2027-02-14, completion: 2027-02-15, maturity: 2031-12-31"
    terms = f"sizing: {{dscr: 1.25x}}, repayment: {{profile: {profile}}}, {dates}"
    result = solved(tmp_path, loan(terms), income("amount: 40m, commencement: 2027-02-15, expiry: 2040-12-31"))
    assert result.scalar("debt.loan.amount") == pytest.approx((4 + 8 * a(19)) / 1.01, rel=EXACT)
    found = covers(result)
    assert len(found) == 20
    assert found[1:] == pytest.approx([1.25] * 19, rel=EXACT)
    # What is drawn at the end of that quarter for interest has not borne any.
    assert 1.25 < found[0] < 1.26


def test_draws_in_the_period_of_the_first_repayment_are_in_every_instalment(tmp_path: Path) -> None:
    dates = "availability_end: 2027-02-14, completion: 2027-02-15, maturity: 2028-12-31"
    terms = f"sizing: {{amount: 85m}}, repayment: {{profile: straight line}}, {dates}"
    result = solved(tmp_path, loan(terms), income("amount: 400m, commencement: 2027-02-15, expiry: 2040-12-31"))
    # Half an instalment and seven whole ones.
    parts = [85 / 7.5 / 2] + [85 / 7.5] * 7
    assert result.series("debt.loan.amortisation")[5:13] == pytest.approx(parts, rel=EXACT)


def test_life_cover_ends_with_the_last_repayment(tmp_path: Path) -> None:
    """Fifteen years of income, a tail of ten: 20 quarters of 10 m count for an LLCR of 1.6x, not those after."""
    terms = f"sizing: {{dscr: 1.25x, tail: 120 months, llcr: 1.6x}}, {SCULPTED}, maturity: 2040-12-31"
    result = solved(tmp_path, loan(terms))
    assert result.scalar("sizing.loan.tail") == pytest.approx(8 * a(20), rel=EXACT)
    assert result.scalar("sizing.loan.llcr") == pytest.approx(10 * a(20) / 1.6, rel=EXACT)
    assert covers(result) == pytest.approx([1.6] * 20, rel=EXACT)


def test_every_fee_that_counts_in_cover_comes_off_what_is_carried(tmp_path: Path) -> None:
    """Agents of both lenders, and a letter of credit over the service of the year ahead, which follows the size."""
    senior = loan(f"agency_fee: 1m, sizing: {{dscr: 1.25x}}, {SCULPTED}, maturity: 2030-12-31")
    junior = "rank: mezzanine, agency_fee: 0.5m, commitment: 5m, repayment: {profile: level}, maturity: 2032-12-31"
    reserve = "reserves: {dsra: {months: 12 months, lc_fee: 3%, funded: at close}}"
    result = solved(tmp_path, senior + loan(junior, "junior"), rest=reserve)
    found = covers(result)
    assert len(found) == 20
    assert found == pytest.approx([1.25] * 20, rel=1e-9)
    # Agency fees by days / 365; the fee of the letter on what is due in the four quarters after the opening.
    due, days = result.series("debt.loan.service"), result.series("time.days")
    letter = [0.03 * sum(due[t : t + 4]) * days[t] / 360 for t in range(2, 21)]
    fees = [1.5 * days[t] / 365 for t in range(2, 21)]
    assert [due[t] + f + x for t, f, x in zip(range(2, 21), fees, letter, strict=True)] == pytest.approx([8] * 19)


@pytest.mark.parametrize("profile", ["level", "straight line"])
def test_a_first_stub_takes_its_days_of_an_instalment(tmp_path: Path, profile: str) -> None:
    """One day of a quarter of 90, then twelve quarters."""
    terms = f"commitment: 90.083333333333m, repayment: {{profile: {profile}}}, maturity: 2029-03-30"
    debt = loan(terms, rate="fixed_rate: 0%", close="2026-03-30")
    result = solved(tmp_path, debt, close="2026-03-30", closing="")
    part = 90.083333333333 / (12 + 1 / 90)
    assert result.series("debt.loan.amortisation")[:13] == pytest.approx([part / 90] + [part] * 12, rel=EXACT)


def test_cover_below_its_target_is_said(tmp_path: Path) -> None:
    """A case of the workbook that no rule has seen: completion nine months late, and the draws after repayment began.

    What is drawn late is repaid in less time, so that the last instalments cost more than the target leaves.
    """
    dates = "availability_end: 2026-12-31, completion: 2027-01-01, maturity: 2029-12-31"
    repaid = "repayment: {profile: sculpted, interest_only_until: 2027-01-01}"
    debt = loan(f"sizing: {{dscr: 1.25x}}, {repaid}, {dates}")
    late = income("amount: 40m, expiry: 2040-12-31")
    assert "loan_cover_missed" not in alerts(solved(tmp_path, debt, late))
    result = solved(tmp_path, debt, late, inputs={"construction.delay": 9})
    assert "loan_cover_missed" in alerts(result)
    missed = result.series("sizing.loan.cover_missed")
    assert sum(missed) == result.scalar("sizing.loan.periods_missed") > 0
    at = missed.index(1.0)
    cover = result.series("ratios.cfads")[at] / result.series("debt.service")[at]
    assert result.series("sizing.loan.cover")[at] == pytest.approx(cover, rel=EXACT)
    assert cover < 1.25


def test_of_a_loan_above_cost_no_more_than_the_uses_is_drawn(tmp_path: Path) -> None:
    """900 m of works; a debt yield of 4% on 40 m lends 1,000 m, of which 100 m have nothing to pay for."""
    terms = 'sizing: {debt_yield: 4%, above_cost: "yes"}, repayment: {profile: bullet}, maturity: 2030-12-31'
    result = solved(tmp_path, loan(terms))
    assert result.scalar("debt.loan.amount") == pytest.approx(1000, rel=EXACT)
    assert sum(result.series("debt.loan.draw")) == pytest.approx(900, rel=EXACT)
    assert "undrawn" in alerts(result)
