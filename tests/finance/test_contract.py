"""Compute contracts and hardware against amounts derived by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text
from tests.finance.changing import changed, with_fault

COMPUTE = (Path(__file__).parents[1] / "deals" / "compute.yaml").read_text()
WHOLE = 8000 * 3.00 * 8760 / 1e6  # GPUs x price per GPU-hour x hours of a year, in millions: 210.24
HOSTING = 4000 * 500 * 12 / 1e6  # kW x price per kW-month: 24


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return spvmodel.build(load_text(COMPUTE, tmp_path_factory.mktemp("compute")))


@pytest.fixture(scope="module")
def result(model: Model) -> Result:
    return spvmodel.solve(model)


def solved(folder: Path, *changes: tuple[str, str], case: str = "base") -> Result:
    return spvmodel.solve(spvmodel.build(load_text(changed(COMPUTE, *changes), folder)), case)


def test_every_check_passes_in_every_case(model: Model) -> None:
    for case in model.cases:
        assert [check.name for check in spvmodel.solve(model, case).checks if not check.passed] == []


def test_a_contract_invoices_what_is_used_above_take_or_pay(result: Result) -> None:
    """Quarters 3 to 18 from July 2026: 95% of 210.24 / 4, 2% less each July; 4 years, then nothing."""
    wanted = [0.0, 0.0, *[WHOLE / 4 * 0.95 * 0.98**year for year in range(4) for _ in range(4)], *[0.0] * 10]
    assert result.series("contract.training.invoiced") == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "share"),
    [
        ("utilisation: 95%", "utilisation: 40%", 0.90),
        ("    utilisation: 95%\n", "", 0.90),
        ("    take_or_pay: 90%\n", "", 1.00),
        ("take_or_pay: 90%\n", "take_or_pay: 90%\n    delivered: 50%\n", 0.475),
    ],
)
def test_the_share_that_is_invoiced(old: str, new: str, share: float, tmp_path: Path) -> None:
    """The larger of take or pay and use, of what is delivered."""
    found = solved(tmp_path, (old, new)).series("contract.training.invoiced")
    assert found[2] == pytest.approx(WHOLE / 4 * share, rel=1e-12)


def test_capacity_priced_by_kw_and_month_counts_days(result: Result) -> None:
    """24 a year from 16 August 2026 (46 of 92 days) to 14 November 2030 (45 of 92 days): 16 whole quarters between."""
    found = result.series("contract.hosting.invoiced")
    assert found[2] == pytest.approx(HOSTING / 4 * 46 / 92, rel=1e-12)
    assert found[3:19] == pytest.approx([HOSTING / 4] * 16, rel=1e-12)
    assert found[19] == pytest.approx(HOSTING / 4 * 45 / 92, rel=1e-12)
    assert found[20:] == [0.0] * 8


def test_after_the_contract_the_market_price_falls_from_commencement(result: Result) -> None:
    """42% (70% x 60%) of the first price, three quarters of the year before each July; until September 2031."""
    found = result.series("contract.training.market.revenue")
    wanted = [*[0.0] * 18, *[WHOLE / 4 * 0.42 * 0.75**4] * 4, WHOLE / 4 * 0.42 * 0.75**5, *[0.0] * 5]
    assert found == pytest.approx(wanted, rel=1e-12)
    whole = result.series("revenue.total")
    share = result.series("revenue.merchant_share")
    assert share[18] == pytest.approx(found[18] / whole[18], rel=1e-12) and share[17] == 0.0


def test_a_customer_that_leaves_early_meets_a_higher_market(model: Model) -> None:
    """The market takes over in July 2027, one decline after commencement."""
    found = spvmodel.solve(model, "leaves").series("contract.training.market.revenue")
    assert found[6] == pytest.approx(WHOLE / 4 * 0.42 * 0.75, rel=1e-12)


def test_a_prepayment_is_received_at_once_and_credited_by_days(result: Result) -> None:
    """60 on 15 February 2026, credited from July 2026 to December 2028 (915 days) by the days of each quarter."""
    at = "contract.training.prepayment"
    quarters = [92, 92, 90, 91, 92, 92, 91, 91, 92, 92]
    assert result.series(f"{at}.received") == [60.0, *[0.0] * 27]
    wanted = [0.0, 0.0, *[60 * days / sum(quarters) for days in quarters], *[0.0] * 16]
    assert result.series(f"{at}.credited") == pytest.approx(wanted, abs=1e-12)
    owed = 60.0
    for closing, credited in zip(result.series(f"{at}.closing"), wanted, strict=True):
        owed -= credited
        assert closing == pytest.approx(owed, abs=1e-9)


def test_cash_and_income_differ_by_the_prepayment(result: Result) -> None:
    """Revenue and taxes count invoices; CFADS, cash and the waterfall count what is received."""
    moved = result.series("contract.prepayments")
    assert sum(moved) == pytest.approx(0, abs=1e-9) and moved[0] == 65
    revenue, costs = result.series("revenue.total"), result.series("opex.total")
    wanted = [r - c + m for r, c, m in zip(revenue, costs, moved, strict=True)]
    assert result.series("ratios.cfads") == pytest.approx(wanted, abs=1e-9)
    assert result.series("opex.noi") == pytest.approx([r - c for r, c in zip(revenue, costs, strict=True)], abs=1e-9)
    assert result.series("statements.income.revenue") == pytest.approx(revenue, rel=1e-12)
    owed = result.series("statements.balance.customer_prepayments")
    assert owed[:2] == [65.0, 65.0] and owed[-1] == pytest.approx(0, abs=1e-9)


def test_a_prepayment_pays_for_hardware_before_debt_and_equity_do(result: Result, tmp_path: Path) -> None:
    """Received before completion it is used where the funding says so, and waits for completion where it does not."""
    assert result.series("funding.revenue_used")[0] == pytest.approx(65, rel=1e-12)
    kept = solved(tmp_path, ("{label: Fleet, revenue: used}", "{label: Fleet}"))
    assert kept.series("reserves.trapped.closing")[0] == pytest.approx(65, rel=1e-12)
    assert [check.name for check in kept.checks if not check.passed] == []


def test_what_invoices_do_not_bear_is_never_credited(model: Model) -> None:
    """A year of invoices bears its whole amount of a prepayment of 200; the rest stays owed, and an alert says so."""
    found = spvmodel.solve(model, "leaves")
    year = WHOLE * 0.95
    assert year < 200 == sum(found.series("contract.training.prepayment.received"))
    credited = found.series("contract.training.prepayment.credited")
    assert credited[2] == pytest.approx(min(200 * 92 / 365, year / 4), rel=1e-12)
    assert sum(credited) == pytest.approx(year, rel=1e-12)
    assert found.series("contract.training.prepayment.closing")[-1] == pytest.approx(200 - year, rel=1e-9)
    assert any("prepayment is not credited" in warning for warning in found.warnings)


def test_realization_is_invoiced_over_projected_of_three_months(model: Model, result: Result) -> None:
    """Projected is take or pay on the whole by the dates of the contract: late or partial delivery lowers it."""
    found = result.series("ratios.contract_realization")
    assert math.isnan(found[1])
    assert found[4] == pytest.approx((WHOLE * 0.95 + HOSTING) / (WHOLE * 0.90 + HOSTING), rel=1e-12)
    less = spvmodel.solve(model, "less_delivered").series("ratios.contract_realization")
    assert less[4] == pytest.approx(0.8 * found[4], rel=1e-12)
    late = spvmodel.solve(model, "late").series("ratios.contract_realization")
    assert late[2] == 0.0


def test_realization_below_its_level_is_a_default_from_the_first_test_on(model: Model, result: Result) -> None:
    """Four fifths of 1.0505x are 0.8404x, below 0.85x; the third quarter of 2026 comes before the first test."""
    assert set(result.series("covenants.realization_breached")) == {0.0}
    less = spvmodel.solve(model, "less_delivered").series("covenants.realization_breached")
    assert less == [0.0] * 3 + [1.0] * 17 + [0.0] * 8
    late = spvmodel.solve(model, "late").series("covenants.realization_breached")
    assert set(late) == {0.0}


def test_a_monthly_model_looks_back_three_months(tmp_path: Path) -> None:
    found = solved(tmp_path, ("frequency: quarterly", "frequency: monthly"), case="late")
    # Of August to October 2026 the first contract, a quarter late, invoices October alone; the second nothing yet.
    half = HOSTING / 12 * 16 / 31
    projected = 3 * WHOLE / 12 * 0.90 + half + 2 * HOSTING / 12
    realized = found.series("ratios.contract_realization")
    assert realized[9] == pytest.approx(WHOLE / 12 * 0.95 / projected, rel=1e-12)


def test_resale_value_falls_by_a_share_or_in_a_straight_line(result: Result) -> None:
    """Servers: 90% of 400, 70% of the year before, 365 days to the year. Network: 40, straight line over six years."""
    servers, network = result.series("hardware.servers.value"), result.series("hardware.network.value")
    assert servers[1] == pytest.approx(360, rel=1e-12) and network[1] == pytest.approx(40, rel=1e-12)
    # 30 June 2027 is 365 days after the eve of 1 July 2026; six years to 30 June 2032 have 2,192.
    assert servers[5] == pytest.approx(360 * 0.7, rel=1e-12)
    assert network[5] == pytest.approx(40 * (1 - 365 / 2192), rel=1e-12)
    assert servers[-1] == pytest.approx(360 * 0.7 ** (1826 / 365), rel=1e-12)
    assert network[-1] == pytest.approx(0, abs=1e-12)
    assert result.series("valuation.value")[5] == pytest.approx(servers[5] + network[5], rel=1e-12)
    owed = result.series("debt.closing")[5]
    assert result.series("ratios.ltv")[5] == pytest.approx(owed / (servers[5] + network[5]), rel=1e-12)


def test_obsolescence_lowers_the_resale_value_for_good(model: Model, result: Result) -> None:
    """From 10 February 2028, the ninth quarter, 60% of what the value would be, and 80% of the invoices."""
    after = spvmodel.solve(model, "obsolete")
    for line in ("hardware.servers.value", "hardware.network.value", "hardware.value", "valuation.value"):
        plain = result.series(line)
        assert after.series(line) == pytest.approx([*plain[:8], *[0.6 * value for value in plain[8:]]]), line
    assert after.series("contract.training.invoiced")[9] == pytest.approx(
        0.8 * result.series("contract.training.invoiced")[9]
    )


def test_a_decline_stops_at_the_residual(tmp_path: Path) -> None:
    found = solved(tmp_path, ("residual: 5%", "residual: 50%")).series("hardware.servers.value")
    assert found[9] == pytest.approx(200, rel=1e-12) and found[-1] == pytest.approx(200, rel=1e-12)


def test_an_overrun_adds_to_hardware(tmp_path: Path) -> None:
    text = ("use:\n  servers:", "construction: {overrun: 10%}\nuse:\n  servers:")
    assert sum(solved(tmp_path, text).series("construction.servers.spend")) == pytest.approx(440, rel=1e-12)


def test_an_event_takes_from_invoices_and_not_from_what_was_projected(tmp_path: Path) -> None:
    """The customer pays half from July 2027 on: invoices and realization are halved, the market price is not."""
    event = (
        "event:\n",
        "event:\n  cut: {label: Cut, kind: renegotiation, contracts: [training], happens: yes, on: 2027-07-01, "
        "rent_share: 50%}\n",
    )
    found = solved(tmp_path, event)
    assert [check.name for check in found.checks if not check.passed] == []
    paid = WHOLE / 4 * 0.95
    assert found.series("contract.training.invoiced")[5:7] == pytest.approx([paid, paid * 0.98 * 0.5], rel=1e-12)
    realized = (paid * 0.98 * 0.5 + HOSTING / 4) / (WHOLE / 4 * 0.9 * 0.98 + HOSTING / 4)
    assert found.series("ratios.contract_realization")[6] == pytest.approx(realized, rel=1e-12)
    assert found.series("contract.training.market.revenue")[18] == pytest.approx(WHOLE / 4 * 0.42 * 0.75**4, rel=1e-12)
    assert found.series("contract.hosting.invoiced")[6] == pytest.approx(HOSTING / 4, rel=1e-12)


def test_who_leaves_is_not_credited_against_the_invoices_of_who_follows(tmp_path: Path) -> None:
    """60 are credited over the 915 days to 31 December 2028; the customer fails on 1 October 2027, after 457 of them.

    From 1 January 2028, quarter 9, another hires the servers at half the price and pays all of it. What is not credited
    stays owed to the first. A customer that stays and pays half is credited on, as long as it is invoiced.
    """
    stop = "event:\n  stop: {label: Stop, kind: tenant default, contracts: [training], on: 2027-10-01, happens: yes, "
    left = solved(tmp_path, ("event:\n", f"{stop}downtime: 3 months, relet_share: 50%}}\n"))
    credited = left.series("contract.training.prepayment.credited")
    assert sum(credited[:7]) == pytest.approx(60 * 457 / 915)
    assert list(credited[7:]) == [0.0] * 21
    assert left.series("contract.training.prepayment.closing")[-1] == pytest.approx(60 * 458 / 915)
    invoiced = left.series("contract.training.invoiced")
    assert invoiced[7:9] == pytest.approx([0.0, 0.5 * WHOLE / 4 * 0.95 * 0.98])
    hosting = left.series("contract.hosting.prepayment.credited")
    assert left.series("contract.prepayments")[8:] == pytest.approx([-part for part in hosting[8:]])
    assert [check.name for check in left.checks if not check.passed] == []
    stays = solved(tmp_path, ("event:\n", f"{stop}rent_share: 50%}}\n"))
    assert sum(stays.series("contract.training.prepayment.credited")[:12]) == pytest.approx(60)


def test_lenders_resell_the_hardware_and_call_the_guarantee(result: Result) -> None:
    """A default in June 2027: servers and network resold in December for 80% less 3%, then up to 50 of the parent."""
    value = result.series("hardware.value")
    assert result.series("recovery.value")[5] == pytest.approx(value[7], rel=1e-12)
    net = value[7] * 0.8 * 0.97 + result.series("reserves.closing")[5] - 1
    missing = result.series("recovery.claim")[5] - net
    assert missing > 0
    assert result.series("recovery.support.parent")[5] == pytest.approx(min(50, missing), rel=1e-9)
    signed = WHOLE * 0.9 + HOSTING
    assert result.series("recovery.signed_rent")[5] == pytest.approx(WHOLE * 0.9 * 0.98**0 + HOSTING, rel=1e-12)
    assert result.series("recovery.signed_rent")[6] == pytest.approx(signed - WHOLE * 0.9 * 0.02, rel=1e-12)


@pytest.mark.parametrize(
    ("line", "unit", "check"),
    [
        ("contract.training.prepayment.received", "money", "checks.prepayments"),
        ("contract.training.prepayment.credited", "money", "checks.prepayments_credited"),
        ("contract.training.days", "days", "checks.contract_days"),
        ("revenue.total", "money", "checks.revenue"),
        ("contract.prepayments", "money", "checks.balance_sheet"),
    ],
)
def test_a_planted_fault_is_found(model: Model, line: str, unit: str, check: str) -> None:
    found = spvmodel.solve(with_fault(model, line, 1.0, unit, 20))
    assert check in [each.name for each in found.checks if not each.passed]
