"""Equity cures by prepayment: the smallest amount that brings the test back, by hand, and what limits it.

Service of the schedule: 2 of the first loan, 7 of the second and 4% on 56 less 7 a year: 11.24 in 2025, 0.28 less each
year. The default level is 1.10x.
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
    for case in ("base", "deep"):
        result = solved(case)
        for loan in ("first", "second"):
            left = row(result, f"debt.{loan}.cure_left")
            for t in range(2, 9):
                due = result.series(f"debt.{loan}.amortisation")[t] * left[t - 1]
                new = (
                    result.series(f"debt.{loan}.principal_due")[t] - result.series(f"debt.{loan}.principal_overdue")[t]
                )
                assert new == pytest.approx(due, abs=1e-9), (case, loan, t)
                saved = result.series(f"debt.{loan}.interest_saved")[t]
                scheduled = result.series(f"debt.{loan}.interest_scheduled")[t]
                assert scheduled - saved == pytest.approx(scheduled * left[t - 1], abs=1e-9), (case, loan, t)


def test_the_second_loan_is_prepaid_once_the_first_is_gone() -> None:
    """2025 covers 8.3 / 11.24: 11.24 - 8.3 / 1.1 must go, 2 of it with the 14 that the first loan is not due.

    The rest is a share of the 9.24 of the second, of which 49 are not due.
    """
    result = solved("deep")
    rest = (11.24 - 8.3 / 1.1 - 2) / 9.24
    assert result.series("debt.first.cured")[IN_2025] == pytest.approx(14)
    assert result.series("debt.second.cured")[IN_2025] == pytest.approx(49 * rest)
    assert result.series("covenants.cure.dscr")[IN_2025] == pytest.approx(1.1)
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


def test_the_number_of_cures_is_limited() -> None:
    assert solved("once").series("covenants.cure.paid")[1:] == pytest.approx([0, 0, 3.4, 0, 0, 0, 0, 0])
    assert solved("once").series("covenants.default")[IN_2029] == 1.0


def test_what_prepayment_cannot_mend_is_not_cured(tmp_path: Path) -> None:
    """The first loan alone is to be prepaid: its 2 are less than the 3.69 that must go, so nothing is paid in 2025."""
    result = spvmodel.solve(
        spvmodel.build(load_text(changed(DEAL, ("order: [first, second]", "order: [first]")), tmp_path)), "deep"
    )
    assert result.series("covenants.cure.incurable")[IN_2025] == pytest.approx(11.24 - 8.3 / 1.1 - 2)
    assert result.series("covenants.cure.paid")[IN_2025] == 0.0
    assert result.series("covenants.default")[IN_2025] == 1.0


def test_left_out_the_order_is_that_of_the_senior_loans(tmp_path: Path) -> None:
    text = changed(DEAL, ("order: [first, second], ", ""))
    result = spvmodel.solve(spvmodel.build(load_text(text, tmp_path)), "deep")
    assert row(result, "debt.second.cured") == row(solved("deep"), "debt.second.cured")


def test_a_sweep_takes_what_the_cure_has_left(tmp_path: Path) -> None:
    """All excess cash is swept to the first loan: what a cure prepays is not there to be swept."""
    sweep = "sweep: {share: 100%, order: [first], application: pro rata}\ncovenants:"
    result = spvmodel.solve(spvmodel.build(load_text(changed(DEAL, ("covenants:", sweep)), tmp_path)), "deep")
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("debt.first.prepayable")[IN_2025] == pytest.approx(0, abs=1e-12)


def test_a_cure_that_does_not_reach_the_lenders_fails_checks() -> None:
    wrong = spvmodel.solve(with_fault(model(), "debt.first.cured", 0.5, "money", IN_2027))
    assert "checks.balance_sheet" in {check.name for check in wrong.checks if not check.passed}


BROKEN = {
    ("by: prepayment, ", ""): "a cure in cash stays in the SPV: there is no order of loans that it prepays.",
    ("[first, second]", "[first, first]"): "the order of the cure names 'first' twice. Allowed: each loan once.",
    ("    label: Second loan", "    rank: mezzanine\n    label: Second loan"): (
        "the cure prepays 'second' of the rank mezzanine, and mends the DSCR of senior debt. "
        "Allowed: loans of the rank senior."
    ),
    ("covenants:", "sweep: {share: 50%, order: [first]}\ncovenants:"): (
        "a cure prepays all instalments alike, and the sweep applies what is prepaid 'inverse'. "
        "Allowed: by: cash, or application: pro rata of the sweep."
    ),
    ("default_dscr: 1.10x", "default_dscr: 0x"): (
        "no prepayment mends a default DSCR of 0.00x, which only negative CFADS fails. "
        "Allowed: above 0x, or a cure by: cash."
    ),
}


@pytest.mark.parametrize("change", BROKEN)
def test_cures_that_cannot_be_are_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    assert BROKEN[change] in str(refusal(changed(DEAL, change), tmp_path))
