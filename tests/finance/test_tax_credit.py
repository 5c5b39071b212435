"""The investment tax credit: half of it is lost of the depreciable cost, the rest of tax; derived by hand.

80 m of storage earn 30%: a credit of 24 m. Internal Revenue Code, section 50(c)(3): half of it, 12 m, is no depreciable
cost, so that the storage deducts 68 m by MACRS 5 and the civil works their 20 m over 20 years, half-year convention.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed
from tests.finance.test_checks import failed

DEAL = Path(__file__).parents[1] / "deals" / "credit.yaml"
MACRS_5 = [0.20, 0.32, 0.192, 0.1152, 0.1152, 0.0576, 0, 0]


def solved(folder: Path, *changes: tuple[str, str], case: str = "base") -> Result:
    path = folder / "credit.yaml"
    path.write_text(changed(DEAL.read_text(encoding="utf-8"), *changes), encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def federal(result: Result, storage: float, civil: float) -> list[float]:
    """Federal tax of each year before the credit, by a loop: 30 m of income less interest and depreciation."""
    taxes, carried = [], 0.0
    for year, rate in enumerate(MACRS_5):
        interest = 0.06 * (40 - 5 * year)
        income = 30 - interest - rate * storage - civil * (0.025 if year == 0 else 0.05)
        used = min(carried, 0.8 * max(0.0, income))
        carried += max(0.0, -income) - used
        taxed = max(0.0, income) - used
        taxes.append(0.20 * (taxed - 0.05 * taxed))
    assert result.series("debt.interest_scheduled") == pytest.approx([0.06 * (40 - 5 * year) for year in range(8)])
    return taxes


def used(taxes: list[float], credit: float) -> list[float]:
    """What each year's tax uses of a credit that is carried forward."""
    found = []
    for tax in taxes:
        found.append(min(credit, tax))
        credit -= found[-1]
    return found


def test_half_of_the_credit_is_no_depreciable_cost(tmp_path: Path) -> None:
    result = solved(tmp_path)
    assert result.scalar("tax.credit_amount") == pytest.approx(24)
    assert result.scalar("tax.depreciable") == pytest.approx(88)
    assert result.scalar("tax.classes.storage.cost") == pytest.approx(68)
    assert result.scalar("tax.classes.civil.cost") == pytest.approx(20)
    assert result.series("tax.classes.storage.depreciation") == pytest.approx([68 * rate for rate in MACRS_5])


@pytest.mark.parametrize(("case", "credit", "storage"), [("base", 24, 68), ("half", 12, 74), ("no_reduction", 24, 80)])
def test_a_credit_is_set_against_federal_tax_and_carried_forward(
    tmp_path: Path, case: str, credit: float, storage: float
) -> None:
    """Year 1: 30 - 2.4 - 13.6 - 0.5 = 13.5 m of income, 0.675 m of state tax, 2.565 m of federal tax, all offset."""
    result = solved(tmp_path, case=case)
    taxes = federal(result, storage, 20)
    if case == "base":
        assert taxes[0] == pytest.approx(2.565)
    assert result.series("tax.federal_before_credit") == pytest.approx(taxes)
    offset = used(taxes, credit)
    assert 0 < offset[-1] < taxes[-1] or sum(offset) == pytest.approx(credit)
    assert result.series("tax.credit_used") == pytest.approx(offset)
    assert result.series("tax.federal") == pytest.approx([tax - off for tax, off in zip(taxes, offset, strict=True)])
    state = [tax / 0.20 / 0.95 * 0.05 for tax in taxes]
    assert result.series("tax.state") == pytest.approx(state)


def test_a_refunded_credit_is_received_when_the_cost_is_placed_in_service(tmp_path: Path) -> None:
    """2.565 m of tax less 24 m: the first year refunds 21.435 m of federal tax, less 0.675 m of state tax."""
    result = solved(tmp_path, ("credit: {share: 30%,", "credit: {use: refunded, share: 30%,"))
    assert result.series("tax.federal")[0] == pytest.approx(2.565 - 24)
    assert result.series("tax.refund")[0] == pytest.approx(21.435 - 0.675)
    assert result.series("tax.federal")[1:] == pytest.approx(federal(result, 68, 20)[1:])


def test_a_schedule_for_the_whole_cost_loses_half_of_the_credit_on_all_of_it(tmp_path: Path) -> None:
    """30% of 100 m: a credit of 30 m, a depreciable cost of 85 m."""
    text = DEAL.read_text(encoding="utf-8")
    classes = text[text.index("  classes:") : text.index("covenants:")]
    result = solved(tmp_path, (classes, "  depreciation: MACRS 5\n  credit: {share: 30%}\n"))
    assert result.scalar("tax.credit_amount") == pytest.approx(30)
    assert result.series("tax.depreciation_cost") == pytest.approx([85 * rate for rate in MACRS_5])


def test_a_credit_in_quarters_is_earned_once_and_used_year_by_year(tmp_path: Path) -> None:
    annual, quarterly = solved(tmp_path), solved(tmp_path, ("frequency: annual", "frequency: quarterly"))
    assert sum(quarterly.series("tax.credit_earned")) == pytest.approx(24)
    ends = zip(quarterly.series("tax.credit_used"), quarterly.series("tax.year_ends"), strict=True)
    by_year = [value for value, end in ends if end]
    assert sum(by_year) == pytest.approx(24) == pytest.approx(sum(annual.series("tax.credit_used")))


def test_a_fault_is_found() -> None:
    model = spvmodel.build(spvmodel.load(DEAL))
    assert failed(model) == set()
    for name, found in (("tax.credit_used", set()), ("tax.credit_closing", {"checks.tax_credit"})):
        line = model.lines[name]
        assert line.expr is not None
        # A tenth that is not used is carried; a tenth that is not carried is lost.
        assert failed(replace(model, lines=model.lines | {name: replace(line, expr=line.expr * 0.9)})) == found
