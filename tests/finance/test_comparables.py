"""Shipped comparables against the figures that were published of them, or that follow from those by arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy_financial
import pytest

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result
from spvmodel.lines import from_serial


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


def test_the_residual_value_guarantee_of_hyperion_makes_bondholders_whole(hyperion: spvmodel.Model) -> None:
    """It pays what bondholders miss, within what 28,000 exceeds the sale by: here at half the value."""
    result = spvmodel.solve(hyperion, "no_renewal", inputs={"enforcement.haircut": 0.50})
    names = ("support.residual_value", "sold", "missing", "loss", "surplus")
    paid, sold, missing, loss, surplus = (result.series(f"recovery.{name}") for name in names)
    last = max(place for place, rent in enumerate(result.series("lease.rent_income")) if rent > 0)
    assert sold[last] < result.series("debt.closing")[last] < 28000
    assert paid[last] == pytest.approx(missing[last], rel=1e-9)
    assert paid[last] < 28000 - sold[last]
    assert loss[last] == pytest.approx(0, abs=1e-6) == surplus[last]
    # Its last day: by date of default, of a campus that is sold for next to nothing.
    result = spvmodel.solve(hyperion, inputs={"enforcement.haircut": 0.90})
    paid = result.series("recovery.support.residual_value")
    ends = [from_serial(day).isoformat() for day in result.series("time.end")]
    assert paid[ends.index("2045-05-31")] > 0
    assert paid[ends.index("2045-08-31")] == 0


def test_hyperion_loses_where_the_guarantee_fails_with_the_tenant(hyperion: spvmodel.Model) -> None:
    """Common cases collect in full what bondholders miss of the group that defaults; ``meta_fails`` 40% of the same."""
    alike, fails = (spvmodel.solve(hyperion, case) for case in ("default_downtime_24", "meta_fails"))
    place = alike.series("enforcement.at_default").index(1.0)
    due = alike.series("recovery.support.residual_value")[place]
    assert alike.series("recovery.sold")[place] + due < 28000
    assert alike.headline["lender_loss"] == pytest.approx(0, abs=1e-6) == alike.scalar("enforcement.surplus")
    assert fails.headline["lender_loss"] == pytest.approx(0.6 * due, rel=1e-9)
    assert 0.6 * due > 3000


@pytest.fixture(scope="module")
def ddtl() -> spvmodel.Model:
    return spvmodel.build(spvmodel.load("coreweave-ddtl-3"))


def test_ddtl_3_is_drawn_to_its_commitment_and_to_the_loan_to_cost_of_the_notes(ddtl: spvmodel.Model) -> None:
    """2,600 by July 2026, 85% of uses; 0.50% on what is not drawn is a cost of the project."""
    result = spvmodel.solve(ddtl)
    ends, drawn = result.series("time.end"), result.series("debt.ddtl.closing")
    assert [from_serial(day).isoformat() for day in ends[3:5]] == ["2026-04-30", "2026-07-31"]
    assert drawn[4] == pytest.approx(2600, rel=1e-9) and drawn[3] < 2000
    assert result.headline["gearing"] == pytest.approx(0.85, abs=0.00001)
    assert sum(result.series("debt.ddtl.draw")) == pytest.approx(2600, rel=1e-9)


def test_ddtl_3_repays_in_equal_instalments_and_ddtl_1_at_five_per_cent_of_the_facility(ddtl: spvmodel.Model) -> None:
    """16 quarters of 2,600; DDTL 1.0 repaid 230 in two quarters, 115 each, which is 5% of 2,300."""
    paid = [p for p in spvmodel.solve(ddtl).series("debt.ddtl.amortisation") if p > 0]
    assert paid == pytest.approx([2600 / 16] * 16, rel=1e-9)
    pace = (2012.5 - 1782.5) / 2 / 2300
    assert pace == 0.05
    slow = spvmodel.solve(ddtl, "ddtl_1_pace")
    paid = [p for p in slow.series("debt.ddtl.amortisation") if p > 0]
    assert paid == pytest.approx([2600 * pace] * 16, rel=1e-9)
    assert slow.headline["balloon"] == pytest.approx(2600 * (1 - 16 * pace), rel=1e-9)
    due = slow.series("debt.ddtl.balloon")
    assert from_serial(slow.series("time.end")[due.index(max(due))]).isoformat() == "2030-10-31"
    assert sum(slow.series("covenants.payment_default")) > 0


def test_ddtl_3_bears_compounded_sofr_and_four_per_cent(ddtl: spvmodel.Model) -> None:
    """2,600 from August to October 2026, 92 days of ACT/360 at 4.00% over 3.60% compounded day by day."""
    result = spvmodel.solve(ddtl)
    base = result.series("rates.curve")[5]
    assert base == pytest.approx(0.0360, abs=0.0002)
    assert result.series("debt.ddtl.interest")[5] == pytest.approx(2600 * (base + 0.04) * 92 / 360, rel=1e-9)


def test_cover_of_ddtl_3_starts_just_above_its_covenant(ddtl: spvmodel.Model) -> None:
    """EBITDA of 3,058.8 / 2.5 a year over an instalment of 162.5 and interest: 1.435x in the first quarter."""
    result = spvmodel.solve(ddtl)
    covers = [cover for cover in result.series("ratios.dscr") if cover == cover]
    quarter = 1529.4 * 0.8 / 4
    assert 4 * quarter == pytest.approx(2600 / 0.85 / 2.5, abs=0.1)
    assert covers[0] == pytest.approx(quarter / (162.5 + 2600 * 0.0762 * 92 / 360), abs=0.002)
    assert min(covers) == covers[0] and 1.40 <= covers[0] < 1.45
    assert sum(result.series("covenants.default")) == 0


@pytest.mark.parametrize(("case", "first"), [("base", "2027-04-30"), ("amended", "2027-10-31")])
def test_the_covenant_of_ddtl_3_is_tested_from_its_date(ddtl: spvmodel.Model, case: str, first: str) -> None:
    """Between 1x and 1.40x: a default from the first test on, or from a year after the last draw."""
    inputs = {"opex.operation.share_of_revenue": [0.33]}
    cover = spvmodel.solve_many(ddtl, inputs, case=case, keep=["covenants.default", "time.end"])
    flags = [float(flag) for flag in cover["covenants.default"][:, 0]]
    day = from_serial(spvmodel.solve(ddtl).series("time.end")[flags.index(1.0)]).isoformat()
    assert day == max(first, "2027-07-31")


def test_a_fifth_not_accepted_breaches_contract_realization_at_once(ddtl: spvmodel.Model) -> None:
    """80% of what was projected, against 0.85x: a year before twelve months of cover can be tested."""
    result = spvmodel.solve(ddtl, "delivered_80")
    realized = [ratio for ratio in result.series("ratios.contract_realization") if ratio == ratio]
    assert realized == pytest.approx([0.80] * 17, rel=1e-9)
    first = result.series("covenants.default").index(1.0)
    assert from_serial(result.series("time.end")[first]).isoformat() == "2026-10-31"


def test_what_is_left_when_the_customer_of_ddtl_3_stops_paying(ddtl: spvmodel.Model) -> None:
    """Nothing from August to October 2028, then 75% x 75% x 70% of the price, while the contract would have run."""
    result = spvmodel.solve(ddtl, "openai_stops")
    invoiced, ends = result.series("contract.openai.invoiced"), result.series("time.end")
    stops = [from_serial(day).isoformat() for day in ends].index("2028-10-31")
    assert invoiced[stops] == pytest.approx(0, abs=1e-9)
    assert invoiced[stops + 1] == pytest.approx(1529.4 / 4 * 0.75 * 0.75 * 0.70, rel=1e-9)
    assert result.series("debt.closing")[stops - 1] == pytest.approx(1300, rel=1e-9)
    assert result.series("covenants.realization_breached")[stops : stops + 9] == [1.0] * 9


def test_the_guarantee_of_ddtl_3_pays_a_part_of_what_lenders_miss_and_no_more(ddtl: spvmodel.Model) -> None:
    """40% of what the servers do not bring; nothing once their resale value covers the loan."""
    result = spvmodel.solve(ddtl, "openai_stops")
    paid, missing = result.series("recovery.support.parent"), result.series("recovery.loss")
    assert max(paid) > 0 and max(paid) <= 2600 * 0.40
    for support, lost in zip(paid, missing, strict=True):
        assert support == pytest.approx(0.40 * (support + lost), abs=1e-6)


def test_the_published_order_of_ddtl_4_changes_only_where_cash_waits(tmp_path: Path) -> None:
    """The alternative in the file, with a liquidity and a power reserve, pays lenders as the default order does."""
    text = (resources.models() / "coreweave-ddtl-3.yaml").read_text(encoding="utf-8")
    path = tmp_path / "coreweave-ddtl-3.yaml"
    path.write_text(text.replace("#~ ", ""), encoding="utf-8")
    model = spvmodel.build(spvmodel.load(path))
    found, usual = spvmodel.solve(model), spvmodel.solve(spvmodel.build(spvmodel.load("coreweave-ddtl-3")))
    assert [check.name for check in found.checks if not check.passed] == []
    assert found.series("debt.service") == pytest.approx(usual.series("debt.service"), rel=1e-9)
    held = found.series("reserves.account.liquidity.closing")
    assert max(held) == pytest.approx(26, rel=1e-9)
    late, early = sum(found.series("waterfall.distributions")), sum(usual.series("waterfall.distributions"))
    assert late == pytest.approx(early, rel=1e-9)


@pytest.mark.parametrize("name", ["river-bend", "data-2023-cntr", "hyperion", "coreweave-ddtl-3"])
def test_every_check_holds_in_every_case(name: str) -> None:
    model = spvmodel.build(spvmodel.load(name))
    for case in model.cases:
        assert [check.name for check in spvmodel.solve(model, case).checks if not check.passed] == []


def test_shipped_files_name_the_deals_they_hold() -> None:
    for path in sorted(Path(resources.models()).glob("*.yaml")):
        assert spvmodel.load(path).id == path.stem
