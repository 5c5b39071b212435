"""Uses, profiles of spending and orders of funding, against figures derived by hand.

The small deal of these tests costs 120: 20 for land, paid at close, and 100 for a hall, 25 at the end of each quarter
of 2025. Its rates are 0%, so that nothing but the terms under test costs money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report import tables
from spvmodel.report.view import View
from tests.finance.test_checks import failed, with_fault

PLANT = str(Path(__file__).parents[1] / "deals" / "plant.yaml")
QUARTERS = "{2025-03-31: 25%, 2025-06-30: 25%, 2025-09-30: 25%, 2025-12-31: 25%}"
LAND = "  land: {label: Land, kind: land, amount: 20m, funded_by: site}\n"
DEAL = """\
deal: small
title: Small
description: Costs 120.
currency: USD
as_of: 2025-01-01
time: {close: 2024-12-31, frequency: quarterly}
rates: {index: Test rate, curve: {2024-01-01: 0%}}
building:
  hall:
    label: Hall
    capacity: 1 MW
    budget: 100m
    SPENDING
    funded_by: site
  shed: {label: Shed, capacity: 1 MW}
use:
USES
funding:
  site: {label: Site, FUNDING}
lease:
  hall:
    label: Hall lease
    building: hall
    tenant: Anchor
    rent: 3,000 USD/kW-month
    commencement: 2026-01-01
    term: 10 years
  shed:
    label: Shed lease
    building: shed
    tenant: Early
    rent: 1,000 USD/kW-month
    commencement: START
    term: 9 years
debt:
DEBT
"""


def loan(name: str, amount: int, more: str = "", close: str = "2024-12-31", until: str = "2025-12-31") -> str:
    """A loan of ``amount`` that costs nothing but what ``more`` says."""
    available = f"availability_end: {until}, " if until else ""
    return (
        f"  {name}: {{label: Loan {name}, funds: site, close: {close}, commitment: {amount}m, margin: 0%, {more} "
        f"{available}completion: 2026-01-01, maturity: 2033-12-31, "
        "repayment: {profile: mortgage, interest_only_until: 2026-03-31, term: 30 years, rate: 5%}}\n"
    )


def solve(
    folder: Path,
    funding: str = "",
    debt: str = loan("a", 90),
    uses: str = LAND,
    spending: str = f"profile: table\n    table: {QUARTERS}",
    start: str = "2026-01-01",
    inputs: Mapping[str, float] | None = None,
) -> Result:
    """The small deal with the terms under test; every check must pass."""
    parts = {"FUNDING": funding, "DEBT": debt, "USES": uses, "SPENDING": spending, "START": start}
    text = DEAL
    for word, part in parts.items():
        text = text.replace(word, part.rstrip("\n"))
    path = folder / "small.yaml"
    path.write_text(text.replace("{label: Site, }", "{label: Site}"), encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)), inputs=dict(inputs or {}))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def flows(result: Result, name: str, periods: int = 4) -> list[float]:
    """The first periods of a line, the only ones in which it may be other than 0."""
    found = result.series(name)
    assert not any(found[periods:])
    return found[:periods]


def near(wanted: list[float]) -> object:
    return pytest.approx(wanted, rel=1e-9, abs=1e-9)


def pays(result: Result, equity: list[float], **draws: list[float]) -> None:
    """What equity and each loan pay in the quarters of 2025: land and the first quarter of the hall in the first."""
    assert flows(result, "funding.site.equity") == near(equity)
    for name, wanted in draws.items():
        assert flows(result, f"debt.{name}.draw") == near(wanted)


# Orders


def test_pro_rata(tmp_path: Path) -> None:
    """90 of 120 is 75% of every payment: 45 x 75% in the first quarter, 25 x 75% then."""
    result = solve(tmp_path)
    pays(result, [11.25, 6.25, 6.25, 6.25], a=[33.75, 18.75, 18.75, 18.75])
    assert flows(result, "debt.a.draw_at_close", 1) == near([15.0])


def test_equity_first(tmp_path: Path) -> None:
    """Equity of 30 pays the land and 10 of the first quarter."""
    result = solve(tmp_path, "order: equity first")
    pays(result, [30, 0, 0, 0], a=[15, 25, 25, 25])
    assert flows(result, "debt.a.draw_at_close", 1) == [0.0]


def test_debt_first(tmp_path: Path) -> None:
    pays(solve(tmp_path, "order: debt first"), [0, 0, 5, 25], a=[45, 25, 20, 0])


def test_loans_together(tmp_path: Path) -> None:
    debt = loan("a", 30) + loan("b", 60)
    pays(solve(tmp_path, debt=debt), [11.25, 6.25, 6.25, 6.25], a=[11.25] + [6.25] * 3, b=[22.5] + [12.5] * 3)
    pays(
        solve(tmp_path, "order: debt first", debt), [0, 0, 5, 25], a=[15, 25 / 3, 20 / 3, 0], b=[30, 50 / 3, 40 / 3, 0]
    )
    pays(solve(tmp_path, "order: equity first", debt), [30, 0, 0, 0], a=[5] + [25 / 3] * 3, b=[10] + [50 / 3] * 3)


def test_loans_in_turn(tmp_path: Path) -> None:
    debt = loan("a", 30) + loan("b", 60)
    pays(solve(tmp_path, "loans: in turn", debt), [11.25, 6.25, 6.25, 6.25], a=[30, 0, 0, 0], b=[3.75] + [18.75] * 3)
    pays(solve(tmp_path, "loans: in turn, order: debt first", debt), [0, 0, 5, 25], a=[30, 0, 0, 0], b=[15, 25, 20, 0])
    pays(
        solve(tmp_path, "loans: in turn, order: equity first", debt), [30, 0, 0, 0], a=[15, 15, 0, 0], b=[0, 10, 25, 25]
    )


def test_more_debt_than_uses(tmp_path: Path) -> None:
    """Of 150 in loans, 120 are drawn and no equity is paid."""
    for order in ("pro rata", "equity first", "debt first"):
        pays(solve(tmp_path, f"order: {order}", loan("a", 150)), [0] * 4, a=[45, 25, 25, 25])


def test_a_loan_is_drawn_only_while_it_is_available(tmp_path: Path) -> None:
    """Availability ends with June; equity pays the rest, and the loan that closes late takes over from then on."""
    short = loan("a", 90, until="2025-06-30")
    pays(solve(tmp_path, "order: debt first", short), [0, 0, 25, 25], a=[45, 25, 0, 0])
    late = loan("a", 50) + loan("b", 40, close="2025-07-01")
    pays(solve(tmp_path, "order: debt first", late), [0, 20, 0, 10], a=[45, 5, 0, 0], b=[0, 0, 25, 15])


def test_without_an_end_of_availability_a_loan_is_drawn_as_it_closes(tmp_path: Path) -> None:
    pays(solve(tmp_path, "order: debt first", loan("a", 90, until="")), [25, 25, 25, 25], a=[20, 0, 0, 0])


def test_dated_draws(tmp_path: Path) -> None:
    result = solve(tmp_path, debt=loan("a", 90, "draws: {2025-02-10: 40m, 2025-09-30: 20m},"))
    pays(result, [5, 25, 5, 25], a=[40, 0, 20, 0])


# What financing costs


def test_the_fee_of_a_later_loan_is_paid_when_it_closes(tmp_path: Path) -> None:
    """2% of 50 at close and 5% of 40 in the quarter in which the second loan closes: 123 in all, 33 of it equity."""
    debt = loan("a", 50, "upfront_fee: 2%,") + loan("b", 40, "upfront_fee: 5%,", close="2025-05-15")
    result = solve(tmp_path, "order: equity first", debt)
    assert flows(result, "funding.site.upfront_fee") == near([1, 2, 0, 0])
    assert flows(result, "debt.b.upfront_fee_paid") == near([0, 2, 0, 0])
    # 13 asked of debt in the first quarter; 27 in the second, shared as 37 to 40, of which the first loan has 37 left.
    pays(
        result,
        [33, 0, 0, 0],
        a=[13, *[part * 37 / 77 for part in (27, 25, 25)]],
        b=[0, *[p * 40 / 77 for p in (27, 25, 25)]],
    )


def test_original_issue_discount(tmp_path: Path) -> None:
    """A loan of 90 brings 81 of the 120 in cash: 67.5% of each payment, drawn as 75% of it."""
    result = solve(tmp_path, debt=loan("a", 90, "discount: 10%,"))
    pays(result, [14.625, 8.125, 8.125, 8.125], a=[33.75, 18.75, 18.75, 18.75])
    assert flows(result, "funding.site.discount") == near([3.375, 1.875, 1.875, 1.875])
    assert result.scalar("funding.site.total_uses") == pytest.approx(129)
    # The lenders' own flow counts what they keep.
    assert flows(result, "returns.lender_charges") == near([3.375, 1.875, 1.875, 1.875])


def test_original_issue_discount_by_order(tmp_path: Path) -> None:
    debt = loan("a", 30, "discount: 10%,") + loan("b", 60)
    result = solve(tmp_path, "loans: in turn, order: debt first", debt)
    # The first loan brings 27: the land takes 20 / 0.9, the hall the last 7 in cash.
    assert flows(result, "debt.a.draw_at_close", 1) == near([20 / 0.9])
    pays(result, [0, 0, 8, 25], a=[30, 0, 0, 0], b=[18, 25, 17, 0])
    result = solve(tmp_path, "order: debt first", debt)
    # Together 87 in cash, 45 of it in the first quarter: each loan draws 45/87 of its amount.
    pays(result, [0, 0, 8, 25], a=[30 * p / 87 for p in (45, 25, 17, 0)], b=[60 * p / 87 for p in (45, 25, 17, 0)])
    result = solve(tmp_path, "order: equity first", debt)
    # Equity pays 33 of the first 45, and the loans the rest: what they draw beside it is the discount.
    pays(result, [33, 0, 0, 0], a=[30 * p / 87 for p in (12, 25, 25, 25)], b=[60 * p / 87 for p in (12, 25, 25, 25)])


def test_fee_of_an_equity_letter_of_credit(tmp_path: Path) -> None:
    """3.6% a year, ACT/360, on the equity still to come, which the fee itself raises."""
    result = solve(tmp_path, "order: debt first, equity_lc_fee: 3.6%")
    days, equity = (90, 91, 92, 92), 30.0
    for _ in range(50):
        room, paid, fees = 90.0, 0.0, []
        for span, due in zip(days, (45, 25, 25, 25), strict=True):
            fees.append(0.036 * (equity - paid) * span / 360)
            drawn = min(room, due + fees[-1])
            room, paid = room - drawn, paid + due + fees[-1] - drawn
        equity = 30 + math.fsum(fees)
    assert flows(result, "funding.site.lc_fee") == near(fees)
    assert fees[0] == pytest.approx(0.009 * equity)
    assert math.fsum(flows(result, "funding.site.equity")) == pytest.approx(equity)
    assert flows(result, "returns.lender_charges") == near(fees)


def test_interest_on_a_loan_drawn_in_turn(tmp_path: Path) -> None:
    """The loop of uses that contain themselves, against a plain roll-forward to rest: 12% on the second loan."""
    debt = loan("a", 30) + loan("b", 60).replace("margin: 0%", "margin: 12%")
    result = solve(tmp_path, "loans: in turn, order: debt first", debt)
    balance, left, wanted = 0.0, 60.0, []
    for span, due in ((90, 15), (91, 25), (92, 25), (92, 25)):
        # Construction is drawn half-way through the quarter, interest at its end.
        building = min(left, due)
        interest = 0.12 * (balance * span + building * span / 2) / 360
        at_end = min(left - building, interest)
        wanted.append(building + at_end)
        balance, left = balance + building + at_end, left - building - at_end
    assert flows(result, "debt.b.draw") == near(wanted)


# Revenue before completion


def test_revenue_before_completion_pays_uses(tmp_path: Path) -> None:
    """The shed earns 3 a quarter, 12 before completion; from then on the revenue goes to the waterfall."""
    result = solve(tmp_path, "order: debt first, revenue: used", start="2025-01-01")
    pays(result, [0, 0, 0, 18], a=[42, 22, 22, 4])
    assert flows(result, "funding.revenue_used") == near([3, 3, 3, 3])
    assert result.series("waterfall.receipts")[:5] == near([0, 0, 0, 0, 12])
    pays(solve(tmp_path, "order: equity first, revenue: used", start="2025-01-01"), [18, 0, 0, 0], a=[24, 22, 22, 22])
    # Pro rata, debt pays 90 / (120 - 12) of what revenue leaves.
    pays(solve(tmp_path, "revenue: used", start="2025-01-01"), [42 / 6, *[22 / 6] * 3], a=[35, *[22 / 1.2] * 3])


def test_revenue_above_the_uses_stays_in_the_waterfall(tmp_path: Path) -> None:
    result = solve(tmp_path, "order: debt first, revenue: used", start="2025-01-01", inputs={"lease.shed.rent": 9000.0})
    assert flows(result, "funding.revenue_used") == near([25, 25, 25, 25])
    assert result.series("waterfall.receipts")[:4] == near([2, 2, 2, 2])
    pays(result, [0] * 4, a=[20, 0, 0, 0])


def test_kept_revenue_stays_in_the_waterfall(tmp_path: Path) -> None:
    result = solve(tmp_path, start="2025-01-01")
    assert result.series("waterfall.receipts")[:4] == near([3, 3, 3, 3])
    assert not result.model.lines.keys() & {"funding.revenue_used"}


# Costs and profiles

SHARES = """\
  land: {label: Land, kind: land, amount: 20m, funded_by: site}
  within: {label: Contingency, kind: contingency, share: 5%, share_of: [hall], includes_itself: "yes", funded_by: site}
  on_top: {label: Reserve, kind: contingency, share: 5%, funded_by: site}
  fee: {label: Fee, kind: development fee, share: 10%, share_of: [within, land], funded_by: site}
"""


def test_shares_of_costs(tmp_path: Path) -> None:
    """100 x 5% / 95% within its total, 120 x 5% on top of what is given as amounts, 10% of a share and the land."""
    result = solve(tmp_path, uses=SHARES)
    wanted = {"hall": 100, "land": 20, "within": 500 / 95, "on_top": 6, "fee": 0.1 * (20 + 500 / 95)}
    for name, cost in wanted.items():
        assert result.scalar(f"construction.{name}.cost") == pytest.approx(cost, rel=1e-12)
    assert wanted["within"] == pytest.approx(0.05 * (100 + wanted["within"]))
    assert result.scalar("funding.total_uses") == pytest.approx(sum(wanted.values()), rel=1e-12)
    assert result.series("funding.site.spend_contingency")[0] == pytest.approx(wanted["within"] + 6)


def test_a_cost_overrun_raises_hard_costs_alone(tmp_path: Path) -> None:
    uses = LAND + "  dock: {label: Dock, kind: hard, amount: 10m, funded_by: site}\n"
    result = solve(tmp_path, uses=uses, inputs={"construction.overrun": 0.1})
    assert [result.scalar(f"construction.{name}.cost") for name in ("hall", "land", "dock")] == near([110, 20, 11])


def smooth(p: float) -> float:
    return p * p * (3 - 2 * p)


def test_s_curve(tmp_path: Path) -> None:
    """From the end of September 2024 to that of 2025: 92 of 365 days have passed at close, and are paid then."""
    spending = "spending_start: 2024-09-30\n    spending_end: 2025-09-30\n    profile: s-curve"
    result = solve(tmp_path, spending=spending)
    ends = [smooth(days / 365) for days in (92, 182, 273, 365)]
    assert result.scalar("construction.hall.spent_before_close") == pytest.approx(100 * ends[0])
    wanted = [100 * ends[1], 100 * (ends[2] - ends[1]), 100 * (ends[3] - ends[2])]
    assert flows(result, "construction.hall.spend", 3) == near(wanted)
    assert sum(wanted) == pytest.approx(100)
    assert flows(result, "funding.site.spend_at_close", 1) == near([20 + 100 * ends[0]])


def test_a_delay_stretches_an_s_curve_and_leaves_a_table(tmp_path: Path) -> None:
    late = {"construction.delay": 3.0}
    spending = "spending_start: 2024-12-31\n    spending_end: 2025-09-30\n    profile: s-curve"
    result = solve(tmp_path, spending=spending, inputs=late)
    # EDATE of 2025-09-30 by three months is 2025-12-30.
    assert flows(result, "construction.hall.spend")[0] == pytest.approx(100 * smooth(90 / 364))
    assert flows(solve(tmp_path, inputs=late), "construction.hall.spend") == near([25] * 4)


def test_a_share_of_a_table_that_is_dated_on_the_close_is_paid_then(tmp_path: Path) -> None:
    result = solve(tmp_path, spending="profile: table\n    table: {2024-12-31: 40%, 2025-02-01: 35%, 2025-07-01: 25%}")
    assert flows(result, "construction.hall.spend") == near([75, 0, 25, 0])
    assert flows(result, "funding.site.spend_at_close", 1) == near([60])


def test_what_is_dated_before_a_late_close_is_paid_at_it(tmp_path: Path) -> None:
    result = solve(tmp_path, debt=loan("a", 90, close="2025-07-15"))
    assert flows(result, "construction.hall.spend") == near([0, 0, 75, 25])
    assert flows(result, "funding.site.spend_at_close") == near([0, 0, 70, 0])


# The deal that uses many of these at once


@pytest.fixture(scope="module")
def plant() -> spvmodel.lines.Model:
    return spvmodel.build(spvmodel.load(PLANT))


def test_every_check_holds_in_every_case(plant: spvmodel.lines.Model) -> None:
    for case in plant.cases:
        result = spvmodel.solve(plant, case)
        assert [check.name for check in result.checks if not check.passed] == [], case


@pytest.mark.parametrize("size", [0.3, 0.8, 1.5, 3.0])
@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_every_check_holds_for_other_amounts(plant: spvmodel.lines.Model, size: float, shift: float) -> None:
    moved = {name: given.value * size for name, given in plant.inputs.items() if name.endswith(".commitment")}
    result = spvmodel.solve(plant, inputs={**moved, "rates.shift": shift})
    assert [check.name for check in result.checks if not check.passed] == []


def test_orders_hold_in_every_case(plant: spvmodel.lines.Model) -> None:
    """Debt first: no equity while the loans have room. Equity first: no draw before equity has paid its part."""
    for case in plant.cases:
        result = spvmodel.solve(plant, case)
        room = 225.0
        for drawn, equity in zip(
            result.series("funding.plant.draws"), result.series("funding.plant.equity"), strict=True
        ):
            room -= drawn
            assert equity < 1e-6 or room < 1e-6
        paid, wanted = 0.0, result.scalar("funding.grid.equity_share")
        for drawn, equity in zip(
            result.series("funding.grid.draws"), result.series("funding.grid.equity"), strict=True
        ):
            paid += equity
            assert drawn < 1e-6 or paid > wanted - 1e-6
        second = result.series("debt.second.draw")
        first = next(t for t, drawn in enumerate(second) if drawn > 1e-6)
        assert math.fsum(result.series("debt.first.draw")[: first + 1]) == pytest.approx(40)


def test_a_building_that_stands_already_costs_nothing(plant: spvmodel.lines.Model) -> None:
    assert not [name for name in plant.lines if name.startswith("construction.shed")]


def test_sources_and_uses_of_many_kinds(plant: spvmodel.lines.Model) -> None:
    table = tables.sources_and_uses(View(spvmodel.solve(plant)))
    assert table is not None
    rows = {row.label: row.cells for row in table.rows}
    assert rows["Total uses"] == rows["Total sources"]
    assert rows["Land"] == ["20.00", "–", "–", "20.00", "4.20%"]
    assert rows["Second grid loan"][:4] == ["–", "25.00", "–", "25.00"]
    assert {"Buildings", "Contingency", "Original issue discount", "Revenue used", "Bank loan"} <= set(rows)


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("funding.revenue_used", "sources_uses"),
        ("construction.road.spend", "access_uses"),
        ("funding.plant.discount", "plant_feedback"),
        ("funding.plant.lc_fee", "plant_feedback"),
        ("debt.second.draw_at_end", "second_commitment"),
    ],
)
def test_a_fault_is_found(plant: spvmodel.lines.Model, line: str, check: str) -> None:
    """One line 1 too high in one period: the check that is there for it fails."""
    assert f"checks.{check}" in failed(with_fault(plant, line, "money"))
