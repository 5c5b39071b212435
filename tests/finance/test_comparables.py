"""Shipped comparables against the figures that were published of them, or that follow from those by arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy_financial
import pytest

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result


def repaying(result: Result, name: str, loan: str) -> list[float]:
    """A line in the periods in which a loan is repaid."""
    return [v for v, on in zip(result.series(name), result.series(f"debt.{loan}.repaying"), strict=True) if on]


@pytest.fixture(scope="module")
def river_bend() -> Result:
    return spvmodel.solve(spvmodel.build(spvmodel.load("river-bend")))


@pytest.fixture(scope="module")
def sculpted(tmp_path_factory: pytest.TempPathFactory) -> spvmodel.Model:
    """River Bend with the other repayment that its documents allow: sculpted to the rent."""
    text = (resources.models() / "river-bend.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("river") / "river-bend.yaml"
    assert text.count("profile: level") == 1
    path.write_text(text.replace("profile: level", "profile: sculpted"), encoding="utf-8")
    return spvmodel.build(spvmodel.load(path))


def test_level_debt_service_of_river_bend(river_bend: Result) -> None:
    """3,250 over 30 half-years at 6.192% is 335.8 a year; an average NOI of 454 covers it 1.35 times."""
    service = repaying(river_bend, "debt.service", "notes")
    assert len(service) == 30
    payment = -numpy_financial.pmt(0.06192 / 2, 30, 3250)
    assert service == pytest.approx([payment] * 30, rel=1e-12)
    assert 2 * payment == pytest.approx(335.8, abs=0.05)
    income = repaying(river_bend, "opex.noi", "notes")
    assert sum(income) / 15 == pytest.approx(454, abs=0.01)
    assert river_bend.headline["avg_dscr"] == pytest.approx(1.35, abs=0.005)
    assert river_bend.headline["balloon"] == 0


@pytest.mark.parametrize(("case", "cover", "noi"), [("base", 1.308, 454), ("noi_460", 1.325, 460)])
def test_sculpted_cover_of_river_bend_is_flat(sculpted: spvmodel.Model, case: str, cover: float, noi: float) -> None:
    result = spvmodel.solve(sculpted, case)
    covers = repaying(result, "ratios.dscr", "notes")
    assert covers == pytest.approx([covers[0]] * 30, rel=1e-9)
    assert covers[0] == pytest.approx(cover, abs=0.0005)
    assert sum(repaying(result, "opex.noi", "notes")) / 15 == pytest.approx(noi, abs=0.01)
    assert result.headline["min_llcr"] == pytest.approx(covers[0], rel=1e-9)


def test_the_llcr_of_level_river_bend_is_its_sculpted_cover_when_repayment_starts(river_bend: Result) -> None:
    eve = river_bend.series("debt.notes.repaying").index(1.0) - 1
    assert river_bend.series("ratios.llcr")[eve] == pytest.approx(1.308, abs=0.0005)


def test_notes_of_river_bend_are_issued_in_full_and_wait_to_be_spent(river_bend: Result) -> None:
    assert river_bend.series("debt.notes.draw")[0] == 3250
    held = river_bend.series("funding.campus.proceeds.closing")
    assert held[0] == pytest.approx(3250 - 184 - 474, rel=1e-12)
    assert held[3] == 0
    assert min(river_bend.series("funding.equity")) == 0


def test_elk_grove_village_is_what_the_agency_published() -> None:
    """Interest 25.875, NCF cover 2.32x, debt yield 13.3%, LTV 81.0% on the agency's value, 49.6% on the appraisal."""
    model = spvmodel.build(spvmodel.load("data-2023-cntr"))
    result = spvmodel.solve(model)
    first_years = slice(1, 41)
    interest = result.series("debt.mortgage.interest")[first_years]
    assert interest == pytest.approx([25.875 / 4] * 40, rel=1e-12)
    covers = result.series("ratios.dscr")[first_years]
    assert covers == pytest.approx([60 / 25.875] * 40, rel=1e-12)
    assert covers[0] == pytest.approx(2.32, abs=0.005)
    assert result.headline["debt_yield"] == pytest.approx(0.133, abs=0.0005)
    assert result.series("ratios.ltv")[1] == pytest.approx(0.810, abs=0.0005)
    agency = spvmodel.solve(model, "agency_ncf")
    assert agency.series("ratios.dscr")[1] == pytest.approx(1.88, abs=0.005)
    assert agency.headline["debt_yield"] == pytest.approx(0.108, abs=0.0005)
    assert spvmodel.solve(model, "appraisal").series("ratios.ltv")[1] == pytest.approx(0.496, abs=0.0005)


@pytest.fixture(scope="module")
def hyperion() -> spvmodel.Model:
    return spvmodel.build(spvmodel.load("hyperion"))


def test_level_debt_service_of_hyperion(hyperion: spvmodel.Model) -> None:
    """27,294 over 80 quarters at 6.581% is about 2,464 a year; rent of 12,300 over 4 years covers it about 1.25x."""
    result = spvmodel.solve(hyperion)
    service = [due for due in result.series("debt.service") if due > 0]
    assert len(service) == 80
    payment = -numpy_financial.pmt(0.06581 / 4, 80, 27294)
    assert service == pytest.approx([payment] * 80, rel=1e-9)
    assert 4 * payment == pytest.approx(2464, abs=0.5)
    rent = repaying(result, "lease.rent_income", "bond")
    assert sum(rent[:16]) == pytest.approx(12300, abs=0.05)
    covers = [cover for cover in result.series("ratios.dscr") if cover == cover]
    assert covers == pytest.approx([12300 / 4 / (4 * payment)] * 80, abs=0.00001)
    assert covers[0] == pytest.approx(1.25, abs=0.005)
    assert result.headline["balloon"] == 0


def test_the_bond_of_hyperion_is_issued_in_full_and_pays_its_interest_until_rent_begins(
    hyperion: spvmodel.Model,
) -> None:
    """By 30/360 the 13 quarters and one month to May 2029, 43 months in all, cost 27,294 x 6.581% x 43 / 12."""
    result = spvmodel.solve(hyperion)
    assert result.series("debt.bond.draw")[0] == 27294
    interest = 27294 * 0.06581 * 43 / 12
    assert sum(result.series("debt.bond.capitalised")) == pytest.approx(interest, rel=1e-12)
    assert interest == pytest.approx(6436.4, abs=0.05)
    assert result.headline["equity"] == pytest.approx(2750, abs=0.001)
    on_top = spvmodel.solve(hyperion, "interest_on_top")
    assert on_top.headline["equity"] == pytest.approx(27000 + interest - 27294, abs=0.001)


def test_what_hyperion_owes_when_its_tenant_does_not_renew(hyperion: spvmodel.Model) -> None:
    """After 16 of 80 payments the annuity of the other 64 is owed: less than the threshold of the guarantee, 28,000."""
    result = spvmodel.solve(hyperion, "no_renewal")
    rent, owed = result.series("lease.rent_income"), result.series("debt.closing")
    last = max(place for place, paid in enumerate(rent) if paid > 0)
    assert sum(rent) == pytest.approx(12300, abs=0.05)
    payment = -numpy_financial.pmt(0.06581 / 4, 80, 27294)
    left = -numpy_financial.pv(0.06581 / 4, 64, payment)
    assert owed[last] == pytest.approx(left, rel=1e-9)
    assert left == pytest.approx(24267, abs=5)
    assert result.series("ratios.dscr")[last] == pytest.approx(1.248, abs=0.0005)
    assert result.series("ratios.dscr")[last + 1] == 0


@pytest.mark.parametrize("name", ["river-bend", "data-2023-cntr", "hyperion"])
def test_every_check_holds_in_every_case(name: str) -> None:
    model = spvmodel.build(spvmodel.load(name))
    for case in model.cases:
        assert [check.name for check in spvmodel.solve(model, case).checks if not check.passed] == []


def test_shipped_files_name_the_deals_they_hold() -> None:
    for path in sorted(Path(resources.models()).glob("*.yaml")):
        assert spvmodel.load(path).id == path.stem
