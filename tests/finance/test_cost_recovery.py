"""Depreciation by class, convention and day acquired: tables as published, and deductions worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.finance.tax.macrs import MACRS, MID_QUARTER, quarter_table
from spvmodel.lines import Model
from tests.deal.files import load_text
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_tax import by_year
from tests.finance.works import FREQUENCIES, WORKS, built

COST = 82.7
ONE = "depreciation: MACRS 15"


def recovered(folder: Path, terms: str, frequency: str = "annual") -> Result:
    """The deal with these terms of tax in place of its one schedule; every check of it holds."""
    model = built(folder, (ONE, terms), ("frequency: annual", f"frequency: {frequency}"))
    result = spvmodel.solve(model)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def deducted(result: Result, line: str = "tax.depreciation_cost", first: int = 2026, years: int = 8) -> list[float]:
    """What each tax year from the first deducts."""
    found = by_year(result, line)
    return [found[year] for year in range(first, first + years)]


def padded(shares: list[float], years: int = 8) -> list[float]:
    return [COST * share for share in (shares + [0.0] * years)[:years]]


def test_mid_quarter_tables_as_published() -> None:
    """IRS Publication 946, Tables A-2 to A-5: some of their columns, and every column sums to 100."""
    assert [quarter_table(quarter) for quarter in MID_QUARTER] == ["A-2", "A-3", "A-4", "A-5"]
    assert MID_QUARTER[1][5] == (35.00, 26.00, 15.60, 11.01, 11.01, 1.38)
    assert MID_QUARTER[2][7] == (17.85, 23.47, 16.76, 11.97, 8.87, 8.87, 8.87, 3.34)
    assert MID_QUARTER[3][5] == (15.00, 34.00, 20.40, 12.24, 11.30, 7.06)
    assert MID_QUARTER[4][7] == (3.57, 27.55, 19.68, 14.06, 10.04, 8.73, 8.73, 7.64)
    assert MID_QUARTER[4][15][:3] == (1.25, 9.88, 8.89)
    for quarter, tables in MID_QUARTER.items():
        assert sorted(tables) == sorted(MACRS)
        for years, rates in tables.items():
            assert len(rates) == years + 1
            assert sum(rates) == pytest.approx(100, abs=1e-9), (quarter, years)


@pytest.mark.parametrize("quarter", MID_QUARTER)
@pytest.mark.parametrize(("years", "declining"), [(5, 2.0), (7, 2.0), (15, 1.5), (20, 1.5)])
def test_mid_quarter_tables_are_declining_balances(quarter: int, years: int, declining: float) -> None:
    """The first year counts from the middle of the quarter: 10.5, 7.5, 4.5 or 1.5 months of 12.

    The tables round so that they sum to 100, so the last year may differ by what the others leave.
    """
    first = {1: 10.5, 2: 7.5, 3: 4.5, 4: 1.5}[quarter] / 12
    left, wanted = 100.0, [100 * declining / years * first]
    left -= wanted[0]
    for year in range(1, years):
        taken = left * max(declining / years, 1 / (years - first - year + 1))
        wanted.append(taken)
        left -= taken
    assert list(MID_QUARTER[quarter][years][:-1]) == pytest.approx(wanted, abs=0.0101)
    assert MID_QUARTER[quarter][years][-1] == pytest.approx(left, abs=0.0145)


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", 1), ("2026-03-31", 1), ("2026-04-01", 2), ("2026-07-20", 3), ("2026-10-01", 4), ("2026-12-31", 4)],
)
def test_the_quarter_follows_the_day_placed_in_service(tmp_path: Path, day: str, quarter: int, frequency: str) -> None:
    terms = f"depreciation: MACRS 5\n  convention: mid-quarter\n  basis: 82.7m\n  placed_in_service: {day}"
    result = recovered(tmp_path, terms, frequency)
    assert result.scalar("tax.service_quarter") == quarter
    assert deducted(result) == pytest.approx(padded([rate / 100 for rate in MID_QUARTER[quarter][5]]), abs=1e-12)


def test_a_delay_moves_the_quarter_by_formula(tmp_path: Path) -> None:
    """In service on 1 January 2026; four months later in the second quarter, twelve months later in the next year."""
    model = built(tmp_path, (ONE, "depreciation: MACRS 7\n  convention: mid-quarter\n  basis: 82.7m"))
    for months, year, quarter in ((0, 2026, 1), (4, 2026, 2), (8, 2026, 3), (9, 2026, 4), (12, 2027, 1)):
        late = spvmodel.solve(model, inputs={"construction.delay": float(months)})
        assert (late.scalar("tax.service_year"), late.scalar("tax.service_quarter")) == (year, quarter)
        shares = [rate / 100 for rate in MID_QUARTER[quarter][7]]
        assert deducted(late, first=year) == pytest.approx(padded(shares), abs=1e-12)


def test_the_quarter_counts_in_the_tax_year_of_the_model(tmp_path: Path) -> None:
    """Tax years that end in June: 1 January 2026 begins the third quarter of the one that ends in 2026."""
    terms = "depreciation: MACRS 5\n  convention: mid-quarter"
    times = ("{close: 2024-12-31, frequency: annual}", "{close: 2024-12-31, frequency: annual, first_end: 2025-06-30}")
    result = spvmodel.solve(built(tmp_path, (ONE, terms), times))
    assert result.scalar("tax.service_quarter") == 3
    assert deducted(result)[0] == pytest.approx(result.scalar("tax.depreciable") * 0.15)


@pytest.mark.parametrize(("day", "mid_quarter"), [("2026-09-30", 0), ("2026-10-01", 1)])
def test_the_forty_percent_test(tmp_path: Path, day: str, mid_quarter: int) -> None:
    """All of the cost on one day: more than 40% of it in the last three months of the year, or nothing."""
    terms = f"depreciation: MACRS 15\n  convention: 40% test\n  basis: 82.7m\n  placed_in_service: {day}"
    result = recovered(tmp_path, terms)
    assert result.scalar("tax.mid_quarter") == mid_quarter
    rates = MID_QUARTER[4][15] if mid_quarter else MACRS[15]
    assert deducted(result, years=16) == pytest.approx(padded([rate / 100 for rate in rates], 16), abs=1e-12)


def test_works_stay_half_year(tmp_path: Path) -> None:
    """The roof of 2030 costs 3 m at 2.5% a year from 2025, and is deducted by Table A-1."""
    result = recovered(tmp_path, "depreciation: MACRS 5\n  convention: mid-quarter")
    assert by_year(result, "tax.works_macrs_5.depreciation")[2030] == pytest.approx(3 * 1.025**5 * 0.20)


@pytest.mark.parametrize(
    ("convention", "day", "first"),
    [("half-year", "2026-11-05", 1 / 2), ("mid-quarter", "2026-11-05", 1 / 8), ("mid-quarter", "2026-01-05", 7 / 8),
     ("40% test", "2026-05-05", 1 / 2), ("40% test", "2026-11-05", 1 / 8)],
)  # fmt: skip
def test_a_straight_line_of_any_number_of_years(tmp_path: Path, convention: str, day: str, first: float) -> None:
    """82.7 m over six years: the first takes its part of a year, the seventh the rest of it."""
    terms = f"depreciation: straight line 6\n  convention: {convention}\n  basis: 82.7m\n  placed_in_service: {day}"
    wanted = padded([first / 6, *[1 / 6] * 5, (1 - first) / 6])
    assert deducted(recovered(tmp_path, terms)) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(("month", "percent"), [(1, 2.396), (4, 1.771), (10, 0.521), (12, 0.104)])
def test_forty_years_of_the_alternative_system_begin_in_mid_month(tmp_path: Path, month: int, percent: float) -> None:
    """IRS Publication 946, Table A-13: then 2.500% a year."""
    terms = f"depreciation: straight line 40 mid-month\n  basis: 82.7m\n  placed_in_service: 2026-{month:02}-15"
    found = deducted(recovered(tmp_path, terms, "monthly"))
    assert found[0] / COST * 100 == pytest.approx(percent, abs=0.0005)
    assert found[1:] == pytest.approx([COST * 0.025] * 7)


CLASSES = """classes:
    shell: {label: Shell, share: 60%, depreciation: straight line 39}
    plant: {label: Plant, share: 25%, depreciation: MACRS 15, bonus: 40%}
    servers: {label: Servers, share: 15%, depreciation: MACRS 5}
  basis: 100m"""


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_each_class_has_its_own_schedule(tmp_path: Path, frequency: str) -> None:
    """100 m in service on 1 January 2026: 60 m by Table A-7a, 25 m by A-1 after 40% at once, 15 m by A-1."""
    result = recovered(tmp_path, CLASSES, frequency)
    shell, plant, servers = (f"tax.classes.{key}.depreciation" for key in ("shell", "plant", "servers"))
    assert deducted(result, shell, years=3) == pytest.approx([60 * 11.5 / 12 / 39, 60 / 39, 60 / 39])
    assert deducted(result, plant, years=3) == pytest.approx(
        [25 * (0.4 + 0.6 * 0.05), 25 * 0.6 * 0.095, 25 * 0.6 * 0.0855]
    )
    assert deducted(result, servers, years=7) == pytest.approx([3.0, 4.8, 2.88, 1.728, 1.728, 0.864, 0.0])
    sums = [sum(parts) for parts in zip(*(deducted(result, name) for name in (shell, plant, servers)), strict=True)]
    assert deducted(result) == pytest.approx(sums)


def test_one_class_of_everything_is_the_one_schedule(tmp_path: Path) -> None:
    whole = "classes: {all: {label: All, share: 100%, depreciation: MACRS 15, bonus: 10%}}"
    one, two = recovered(tmp_path, f"{ONE}\n  bonus: 10%"), recovered(tmp_path, whole)
    for name in ("tax.depreciation_total", "tax.book_closing", "tax.payable", "returns.equity_flow"):
        assert two.series(name) == one.series(name)


USES = """use:
  land: {label: Land, kind: land, amount: 10m, funded_by: site}
  roads: {label: Roads, kind: hard, amount: 20m, funded_by: site}
  design: {label: Design, kind: soft, amount: 5m, funded_by: site}
funding:
  site: {label: Site}"""
COVERS = """classes:
    shell: {label: Shell, covers: [hall, design], depreciation: straight line 20}
    site: {label: Site, covers: [roads], depreciation: MACRS 15}"""


def test_classes_cover_buildings_and_uses_and_land_is_never_depreciated(tmp_path: Path) -> None:
    """Hall 100 m and design 5 m, roads 20 m: financing costs are spread over 125 m; land of 10 m is left out."""
    result = spvmodel.solve(built(tmp_path, (ONE, COVERS), ("funding:\n  site: {label: Site}", USES)))
    assert [check.name for check in result.checks if not check.passed] == []
    whole = result.scalar("tax.depreciable")
    reserves = sum(result.series("reserves.dsra.funding")) + sum(result.series("reserves.working_capital.funding"))
    assert whole == pytest.approx(result.scalar("funding.total_uses") - reserves - 10)
    assert whole > 125
    assert result.scalar("tax.classes.shell.cost") == pytest.approx(whole * 105 / 125)
    assert result.scalar("tax.classes.site.cost") == pytest.approx(whole * 20 / 125)
    assert deducted(result, "tax.classes.site.depreciation", years=2) == pytest.approx(
        [whole * 0.16 * 0.05, whole * 0.16 * 0.095]
    )


def test_dated_shares_wait_for_the_day_placed_in_service(tmp_path: Path) -> None:
    """Shares of 31 March 2026 are deducted in July, in which the cost is placed in service."""
    terms = (
        "classes: {all: {label: All, share: 100%, depreciation: custom, "
        "shares: {2026-03-31: 30%, 2026-12-31: 10%, 2028-05-15: 60%}}}\n  basis: 82.7m\n  placed_in_service: 2026-07-20"
    )
    monthly = recovered(tmp_path, terms, "monthly").series("tax.depreciation_cost")
    found = {number: amount for number, amount in enumerate(monthly, start=1) if amount}
    assert found == pytest.approx({19: COST * 0.3, 24: COST * 0.1, 41: COST * 0.6})
    assert deducted(recovered(tmp_path, terms), years=4) == pytest.approx(padded([0.4, 0.0, 0.6, 0.0], 4))


def acquired(folder: Path, day: str, placed: str, earlier: int = 0) -> Model:
    """The deal acquired and placed in service on two days, all its dates some years earlier."""
    text = WORKS.read_text(encoding="utf-8")
    text = re.sub(r"\b20\d\d(?=-\d\d-\d\d)", lambda year: str(int(year[0]) - earlier), text)
    terms = f"depreciation: MACRS 5\n  basis: 82.7m\n  acquired: {day}\n  placed_in_service: {placed}"
    return spvmodel.build(load_text(text.replace(ONE, terms), folder))


@pytest.mark.parametrize(
    ("day", "placed", "bonus"),
    [
        ("2025-01-20", "2025-01-20", 1.0),
        ("2025-01-20", "2026-06-30", 1.0),
        ("2025-06-01", "2029-06-30", 1.0),
        ("2025-01-19", "2025-06-30", 0.4),
        ("2025-01-19", "2025-12-31", 0.4),
        ("2025-01-19", "2026-01-01", 0.2),
        ("2024-06-30", "2026-12-31", 0.2),
        ("2024-06-30", "2027-01-01", 0.0),
        ("2024-06-30", "2030-01-01", 0.0),
        ("2021-06-30", "2022-12-31", 1.0),
        ("2021-06-30", "2023-06-30", 0.8),
        ("2021-06-30", "2024-06-30", 0.6),
    ],
)
def test_bonus_by_the_day_acquired_and_the_year_placed_in_service(
    tmp_path: Path, day: str, placed: str, bonus: float
) -> None:
    """Internal Revenue Code 168(k): 100% if acquired after 19 January 2025 (Public Law 119-21), else 100% to 2022,
    80% in 2023, 60% in 2024, 40% in 2025, 20% in 2026, nothing later (Public Law 115-97)."""
    earlier = 0 if placed >= "2025" else 3
    result = spvmodel.solve(acquired(tmp_path, day, placed, earlier))
    assert result.scalar("tax.bonus_share") == pytest.approx(bonus)
    year = int(placed[:4])
    rates = [bonus * (age == 0) + (1 - bonus) * rate / 100 for age, rate in enumerate(MACRS[5])]
    assert deducted(result, first=year, years=6) == pytest.approx(padded(rates, 6), abs=1e-12)


def test_a_delay_and_other_rates_move_the_bonus(tmp_path: Path) -> None:
    """In service on 1 January 2026, acquired in 2024: 20%; a year later nothing; or what the inputs say."""
    model = built(tmp_path, (ONE, "depreciation: MACRS 5\n  acquired: 2024-12-31"))
    assert spvmodel.solve(model).scalar("tax.bonus_share") == 0.2
    assert spvmodel.solve(model, inputs={"construction.delay": 12.0}).scalar("tax.bonus_share") == 0.0
    assert spvmodel.solve(model, inputs={"tax.bonus_rates.placed_2026": 0.35}).scalar("tax.bonus_share") == 0.35
    for name, given in model.inputs.items():
        if name.startswith("tax.bonus_rates."):
            assert given.status == "default"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return built(tmp_path_factory.mktemp("classes"), (ONE, CLASSES))


@pytest.mark.parametrize(
    ("name", "unit", "check"),
    [
        ("tax.classes.plant.cost", "money", "checks.tax_classes"),
        ("tax.classes.servers.depreciation", "money", "checks.depreciation"),
        ("tax.classes.servers.rate", "share", "checks.depreciation"),
    ],
)
def test_a_fault_is_found(classes: Model, name: str, unit: str, check: str) -> None:
    assert failed(classes) == set()
    assert check in failed(with_fault(classes, name, unit))
