"""Every sizing constraint binds in a case of a test deal, and is then met exactly by the loan as drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.finance.debt.sizing import LABELS
from spvmodel.lines import Model

DEALS = Path(__file__).parents[1] / "deals"
EXACT = 1e-9
OF_THE_MINIPERM = ("gearing", "exit_ltv", "exit_debt_yield", "refinancing")


@pytest.fixture(scope="module")
def sized() -> Model:
    return spvmodel.build(spvmodel.load(DEALS / "sized.yaml"))


@pytest.fixture(scope="module")
def miniperm() -> Model:
    return spvmodel.build(spvmodel.load(DEALS / "miniperm.yaml"))


def solve(name: str, sized: Model, miniperm: Model) -> Result:
    """The case in which a constraint binds."""
    if name in OF_THE_MINIPERM:
        return spvmodel.solve(miniperm, f"{name}_binds")
    return spvmodel.solve(sized, "base" if name == "dscr" else f"{name}_binds")


def binding(result: Result) -> str:
    line = result.model.lines["sizing.loan.binding"]
    return line.names[int(result.scalar(line.name)) - 1]


@pytest.mark.parametrize("name", LABELS)
def test_each_constraint_binds_in_its_case(sized: Model, miniperm: Model, name: str) -> None:
    result = solve(name, sized, miniperm)
    assert binding(result) == LABELS[name]
    size = result.scalar("sizing.loan.size")
    assert 0 < size == result.scalar(f"sizing.loan.{name}")
    assert result.scalar("debt.loan.amount") == pytest.approx(size, rel=EXACT)
    lines = [f"sizing.loan.{other}" for other in LABELS if f"sizing.loan.{other}" in result.values]
    capacities = [result.scalar(line) for line in lines]
    known = sorted(capacity for capacity in capacities if capacity == capacity)
    assert size == known[0]
    assert result.scalar("sizing.loan.headroom") == pytest.approx(known[1] - known[0], abs=EXACT)
    assert result.passed


def opening(result: Result) -> float:
    """The balance when repayment starts."""
    starts = result.series("debt.loan.first_repayment").index(1.0)
    return result.series("debt.loan.scheduled_opening")[starts]


def at(result: Result, line: str, flag: str) -> float:
    return result.series(line)[result.series(flag).index(1.0)]


MEASURED = {
    "gearing": lambda r: (opening(r) / r.scalar("funding.total_uses"), 0.60),
    "cost": lambda r: (opening(r), r.scalar("funding.total_uses")),
    "llcr": lambda r: (at(r, "sizing.loan.llcr_value", "debt.loan.first_repayment") / opening(r), 1.40),
    "plcr": lambda r: (at(r, "sizing.loan.plcr_value", "debt.loan.first_repayment") / opening(r), 1.60),
    "ltv": lambda r: (opening(r) / at(r, "valuation.value", "sizing.loan.sized"), 0.90),
    "debt_yield": lambda r: (at(r, "opex.noi_ahead", "sizing.loan.sized") / opening(r), 0.15),
    "exit_ltv": lambda r: (r.headline["balloon"] / at(r, "valuation.value", "debt.loan.matures"), 0.40),
    "exit_debt_yield": lambda r: (at(r, "opex.noi_ahead", "debt.loan.matures") / r.headline["balloon"], 0.25),
    "amount": lambda r: (opening(r), 500.0),
}


@pytest.mark.parametrize("name", MEASURED)
def test_what_binds_is_met_exactly_by_the_loan_as_drawn(sized: Model, miniperm: Model, name: str) -> None:
    measured, asked = MEASURED[name](solve(name, sized, miniperm))
    assert measured == pytest.approx(asked, rel=1e-8)


def test_target_cover_is_met_in_every_period(sized: Model) -> None:
    result = spvmodel.solve(sized)
    rows = zip(result.series("debt.loan.repaying"), result.series("ratios.dscr"), strict=True)
    covers = [cover for repaying, cover in rows if repaying]
    assert len(covers) > 40
    assert covers == pytest.approx([1.30] * len(covers), rel=1e-8)


def test_the_downside_cash_flow_covers_debt_service_at_its_own_target(sized: Model) -> None:
    result = spvmodel.solve(sized, "downside_binds")
    lines = ("debt.loan.repaying", "ratios.cfads", "debt.service")
    covers = [
        0.70 * cash / service
        for repaying, cash, service in zip(*(result.series(line) for line in lines), strict=True)
        if repaying
    ]
    assert min(covers) == pytest.approx(1.02, rel=1e-8)


def test_average_life_is_within_its_limit_and_as_long_as_it_may_be(sized: Model) -> None:
    result = spvmodel.solve(sized, "wal_binds")
    assert result.headline["wal_years"] <= 6.0
    lives = result.series("sizing.loan.life_to_date")
    last = result.series("debt.loan.last_repayment").index(1.0)
    # Draws come before repayment starts and cost no life here; the line counts the balance from close.
    assert lives[last] == pytest.approx(result.headline["wal_years"], rel=1e-9)
    assert lives[last + 1] > 6.0


def test_the_tail_is_left(sized: Model) -> None:
    result = spvmodel.solve(sized, "tail_binds")
    last = result.series("debt.loan.last_repayment").index(1.0)
    left = result.scalar("revenue.until") - result.series("time.end")[last]
    assert 730 <= left < 730 + 92


def test_the_refinancing_test_is_met_exactly(miniperm: Model) -> None:
    """The balloon, repaid level over 72 months at 10%, is covered 1.20 times by the NOI of the year after maturity."""
    result = spvmodel.solve(miniperm, "refinancing_binds")
    rate, count = 0.10 / 12, 72
    yearly = 12 * rate / (1 - (1 + rate) ** -count) * result.headline["balloon"]
    income = at(result, "opex.noi_ahead", "debt.loan.matures")
    assert income / yearly == pytest.approx(1.20, rel=1e-8)


def test_json_names_the_binding_constraint(sized: Model) -> None:
    from spvmodel.report import document

    assert document(spvmodel.solve(sized))["headline"]["binding_constraint"] == "DSCR"
    assert document(spvmodel.solve(sized, "ltv_binds"))["headline"]["binding_constraint"] == "LTV"


def test_level_debt_service_is_covered_by_the_least_cash_flow(miniperm: Model) -> None:
    result = spvmodel.solve(miniperm, "dscr_binds")
    rows = zip(result.series("sizing.loan.serving"), result.series("ratios.dscr"), strict=True)
    covers = [cover for serving, cover in rows if serving and cover == cover]
    assert min(covers) == pytest.approx(1.45, rel=1e-8)


def test_size_follows_inputs(sized: Model) -> None:
    """The debt re-sizes: more rent, more debt; a higher rate, less."""
    base = spvmodel.solve(sized).scalar("debt.loan.amount")
    rent = sized.inputs["lease.hall.rent"].value
    assert isinstance(rent, float)
    assert spvmodel.solve(sized, inputs={"lease.hall.rent": rent * 1.02}).scalar("debt.loan.amount") > base
    assert spvmodel.solve(sized, inputs={"rates.shift": 0.01}).scalar("debt.loan.amount") < base
