"""Equity bridge loans against figures derived by hand: drawn in place of equity, repaid by it at maturity.

The small deal of ``test_funding.py``: land of 20 at close, a hall of 100, 25 at the end of each quarter of 2025.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.report import debt, tables
from spvmodel.report.charts import figures
from spvmodel.report.view import View
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_funding import flows, loan, near, solve

DEAL = Path(__file__).parents[1] / "deals" / "standby.yaml"
IN_TURN = "order: debt first, loans: in turn"
NOT_BRIDGED = (
    "ratios.min_dscr",
    "ratios.min_llcr",
    "ratios.debt_when_built",
    "debt.wal",
    "debt.peak",
    "funding.gearing",
)


def bridge(
    amount: int = 30, matures: str = "2026-02-15", margin: str = "0%", until: str = "2025-12-31", more: str = ""
) -> str:
    complete = min(matures, "2026-01-01")
    return (
        f"  b: {{label: Bridge, rank: equity bridge, funds: site, close: 2024-12-31, commitment: {amount}m, "
        f"margin: {margin}, availability_end: {until}, completion: {complete}, "
        f"maturity: {matures}, {more} repayment: {{profile: bullet}}}}\n"
    )


def test_drawn_first_and_repaid_by_equity(tmp_path: Path) -> None:
    """The bridge pays 30 of the first 45; equity comes when it matures, in the first quarter of 2026."""
    result = solve(tmp_path, IN_TURN, bridge() + loan("a", 90))
    assert flows(result, "debt.b.draw") == near([30, 0, 0, 0])
    assert flows(result, "debt.a.draw") == near([15, 25, 25, 25])
    assert flows(result, "funding.equity", 5) == near([0, 0, 0, 0, 30])
    assert flows(result, "debt.b.repaid", 5) == near([0, 0, 0, 0, 30])
    assert flows(result, "debt.b.closing", 4) == near([30] * 4)
    assert result.scalar("returns.recourse_to_sponsors") == 0
    assert result.warnings == solve(tmp_path, IN_TURN, loan("a", 90)).warnings


def test_it_is_no_debt_and_equity_earns_more_by_coming_later(tmp_path: Path) -> None:
    with_bridge = solve(tmp_path, IN_TURN, bridge() + loan("a", 90))
    without = solve(tmp_path, "order: debt first", loan("a", 90))
    for name in (
        *NOT_BRIDGED,
        "funding.total_debt",
        "funding.total_equity",
        "funding.commitment",
        "headline.dsra_draws",
    ):
        assert with_bridge.scalar(name) == pytest.approx(without.scalar(name), rel=1e-12), name
    assert with_bridge.scalar("funding.gearing") == pytest.approx(0.75)
    assert with_bridge.series("debt.service") == without.series("debt.service")
    assert with_bridge.series("waterfall.distributions") == without.series("waterfall.distributions")
    assert with_bridge.scalar("returns.equity_irr") > without.scalar("returns.equity_irr") + 0.01
    running = with_bridge.series("returns.equity_running")
    first = next(t for t in range(4, len(running)) if running[t] >= 0)
    ends = with_bridge.series("time.end")
    assert running[3] == 0 and running[4] < 0
    assert with_bridge.scalar("returns.payback_date") == ends[first] > ends[4]
    # The first quarter of rent stands beside the contribution of the same quarter.
    assert with_bridge.scalar("returns.peak_equity") < 30


def test_in_every_order_equity_comes_at_maturity(tmp_path: Path) -> None:
    for funding in ("order: pro rata", "order: equity first", "order: debt first", "order: pro rata, loans: in turn"):
        result = solve(tmp_path, funding, loan("a", 90) + bridge())
        assert flows(result, "funding.equity", 5) == near([0, 0, 0, 0, 30])
    part = solve(tmp_path, "order: equity first", loan("a", 90) + bridge(18))
    # The loans leave 12, which equity pays first of all.
    assert flows(part, "funding.equity", 5) == near([12, 0, 0, 0, 18])
    assert part.series("funding.site.equity_to_come")[:6] == near([12, 0, 0, 0, 0, 0])


def test_what_is_drawn_of_a_large_bridge_is_repaid(tmp_path: Path) -> None:
    """Of 50 committed, 30 are drawn after the senior loan."""
    result = solve(tmp_path, IN_TURN, loan("a", 90) + bridge(50))
    assert flows(result, "debt.b.draw") == near([0, 0, 5, 25])
    assert flows(result, "funding.equity", 5) == near([0, 0, 0, 0, 30])
    assert "Part of a commitment is never drawn" in result.warnings


def test_interest_is_drawn_while_it_can_be_and_paid_by_equity_after(tmp_path: Path) -> None:
    """12% ACT/360: drawn on the bridge until the end of 2025, then paid by equity for the 46 days to maturity."""
    result = solve(tmp_path, IN_TURN, loan("a", 90) + bridge(50, margin="12%"))
    balance, drawn, accrued = 0.0, [], []
    for days, building, room in ((90, 0, 45), (91, 0, 20), (92, 5, 0), (92, 25, 0)):
        accrued.append(0.12 * (balance * days + building * days / 2) / 360)
        drawn.append(building + (0 if room else accrued[-1]))
        balance += drawn[-1]
    accrued.append(0.12 * balance * 46 / 360)
    assert flows(result, "debt.b.interest", 5) == near(accrued)
    assert flows(result, "debt.b.draw") == near(drawn)
    assert flows(result, "funding.equity", 5) == near([0, 0, 0, 0, balance + accrued[4]])
    assert result.scalar("funding.total_uses") == pytest.approx(120 + math.fsum(accrued))
    assert not any(result.series("debt.b.interest_scheduled"))
    # What the bank lends it gets back with interest, and all lenders together what they are paid.
    lent = [
        i - d + r
        for i, d, r in zip(*(result.series(f"debt.b.{n}") for n in ("interest", "draw", "repaid")), strict=True)
    ]
    assert math.fsum(lent) == pytest.approx(math.fsum(accrued))
    alone = solve(tmp_path, IN_TURN, loan("a", 90))
    beside = [
        x - y for x, y in zip(result.series("returns.lender_flow"), alone.series("returns.lender_flow"), strict=True)
    ]
    assert beside == near(lent)


def test_drawn_in_the_period_in_which_it_matures(tmp_path: Path) -> None:
    """Completion, last draw and maturity on 15 November: 25 drawn half-way from October on accrue 23 days of 46."""
    short = bridge(30, "2025-11-15", "12%", "2025-11-15")
    result = solve(tmp_path, IN_TURN, loan("a", 90) + short)
    interest = [0, 0, 0.12 * 5 * 46 / 360]
    interest.append(0.12 * ((5 + interest[2]) * 46 + (25 - interest[2]) * 23) / 360)
    assert flows(result, "debt.b.interest") == near(interest)
    assert flows(result, "debt.b.draw") == near([0, 0, 5 + interest[2], 25 - interest[2]])
    assert flows(result, "debt.b.repaid") == near([0, 0, 0, 30])
    assert flows(result, "funding.equity") == near([0, 0, 0, 30 + math.fsum(interest)])


def test_fees_are_uses_of_funds_until_maturity(tmp_path: Path) -> None:
    """1% of 30 at close, 1.8% a year on what is undrawn, 0.365 a year for the agent until 15 February 2026."""
    fees = "upfront_fee: 1%, commitment_fee: 1.8%, agency_fee: 0.365m,"
    result = solve(tmp_path, IN_TURN, loan("a", 150) + bridge(more=fees))
    wanted = [0.018 * 30 * d / 360 + 0.001 * d for d in (90, 91, 92, 92)] + [0.001 * 46]
    assert flows(result, "debt.b.fees", 5) == near(wanted)
    assert flows(result, "debt.b.capitalised", 5) == near(wanted)
    assert result.scalar("funding.total_uses") == pytest.approx(120.3 + math.fsum(wanted))
    assert not any(result.series("debt.fees_scheduled"))


def test_revenue_before_completion_pays_uses_until_completion_and_not_until_maturity(tmp_path: Path) -> None:
    """The shed earns 3 a quarter; in 2026 the bridge is still owed, and its interest is paid by equity."""
    late = bridge(50, "2026-09-30", "12%")
    result = solve(tmp_path, f"{IN_TURN}, revenue: used", loan("a", 90) + late, start="2025-01-01")
    assert flows(result, "funding.revenue_used") == near([3, 3, 3, 3])
    assert all(result.series("funding.equity")[4:7])
    assert result.series("waterfall.receipts")[:5] == near([0, 0, 0, 0, 12])


def test_gearing_of_a_sized_loan_counts_the_bridge_as_equity(tmp_path: Path) -> None:
    """70% of 120 and of the fee of the bridge."""
    sized = loan("a", 90).replace("commitment: 90m", "sizing: {gearing: 70%}")
    result = solve(tmp_path, IN_TURN, bridge(20, more="upfront_fee: 5%,") + sized)
    assert result.scalar("debt.a.amount") == pytest.approx(0.7 * 121)
    assert result.scalar("funding.total_equity") == pytest.approx(0.3 * 121)


def test_the_table_of_sources_and_uses_shows_the_equity_and_not_the_bridge(tmp_path: Path) -> None:
    table = tables.sources_and_uses(View(solve(tmp_path, IN_TURN, bridge() + loan("a", 90))))
    assert table is not None
    rows = {row.label: row.cells for row in table.rows}
    assert rows["Total uses"] == rows["Total sources"]
    assert rows["Equity contributions"][0] == "30.00"
    assert "Bridge" not in rows


def test_dated_draws_of_a_bridge_wait_until_they_are_spent(tmp_path: Path) -> None:
    """Notes of 90 and a bridge of 30, both drawn in full at once: 75 of proceeds wait, and equity pays at maturity."""
    dated = bridge(more="draws: {2025-01-15: 30m},") + loan("a", 90, "draws: {2025-01-15: 90m},")
    result = solve(tmp_path, "", dated)
    assert flows(result, "funding.site.proceeds.closing") == near([75, 50, 25, 0])
    assert flows(result, "funding.equity", 5) == near([0, 0, 0, 0, 30])


def test_the_report_tells_the_bridge_from_the_senior_debt(tmp_path: Path) -> None:
    view = View(solve(tmp_path, IN_TURN, bridge() + loan("a", 90)))
    assert debt.beside_senior(view)
    table = debt.balances(view)
    assert table is not None
    rows = {row.label: row.cells for row in table.rows}
    assert rows["Repaid by equity"][:2] == ["–", "30.00"]
    assert rows["Closing balance, senior"][0] == "90.00"
    assert "Equity that repays an equity bridge" in figures(view)["funding"].description


# The deal that uses one beside a standby facility


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(DEAL))


def test_cash_is_conserved_in_every_case(model: Model) -> None:
    """Nothing comes from the sponsors but uses less debt, and the bridge is even with them."""
    for case in model.cases:
        result: Result = spvmodel.solve(model, case)
        assert [check.name for check in result.checks if not check.passed] == []
        sums = {
            n: math.fsum(result.series(f"funding.{n}"))
            for n in ("uses", "draws", "equity", "bridge_draws", "bridge_repaid")
        }
        assert sums["bridge_draws"] == pytest.approx(sums["bridge_repaid"]) == pytest.approx(30)
        assert sums["equity"] == pytest.approx(sums["uses"] - sums["draws"] + sums["bridge_draws"])
        assert result.series("debt.bridge.closing")[-1] == 0


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("debt.bridge.repaid", "bridge_bridged"),
        ("debt.bridge.closing", "debt_bridge_balance"),
        ("funding.site.bridge_repaid", "sources_uses"),
        ("funding.bridge_repaid", "providers"),
    ],
)
def test_a_fault_is_found(model: Model, line: str, check: str) -> None:
    assert f"checks.{check}" in failed(with_fault(model, line, "money"))
