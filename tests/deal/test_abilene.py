"""The shipped deal of Abilene against the facts it is made from."""

from __future__ import annotations

import datetime as dt

import pytest

from spvmodel.deal import Deal, load


@pytest.fixture(scope="module")
def deal() -> Deal:
    return load("abilene")


def number(deal: Deal, name: str) -> float:
    value = deal.inputs[name].value
    assert isinstance(value, float)
    return value


def test_rent_of_the_first_two_buildings_is_the_audited_one(deal: Deal) -> None:
    rent = sum(number(deal, f"lease.{b}.rent") * number(deal, f"building.{b}.capacity") for b in ("b1", "b2"))
    assert rent * 1000 * 12 / 1e6 == pytest.approx(244.728, abs=1e-9)


def test_campus(deal: Deal) -> None:
    buildings = list(deal.spec.building)
    assert buildings == [f"b{n}" for n in range(1, 9)]
    assert sum(number(deal, f"building.{b}.capacity") for b in buildings) == pytest.approx(1200, abs=1e-9)
    assert sum(number(deal, f"building.{b}.budget") for b in buildings) == pytest.approx(15_000, abs=1e-9)
    assert sum(number(deal, f"building.{b}.budget") for b in ("b1", "b2")) == 3400.0


def test_commitments(deal: Deal) -> None:
    assert number(deal, "debt.loan_a.commitment") + number(deal, "debt.loan_b.commitment") == 9388.0


def test_one_oracle_lease_of_15_years_per_building(deal: Deal) -> None:
    assert [lease.building for lease in deal.spec.lease.values()] == list(deal.spec.building)
    assert {lease.tenant for lease in deal.spec.lease.values()} == {"Oracle America, Inc."}
    assert {number(deal, f"lease.{lease}.term") for lease in deal.spec.lease} == {180.0}


def test_timeline(deal: Deal) -> None:
    assert deal.periods[0] == dt.date(2025, 3, 31)
    assert deal.periods[-1] == dt.date(2042, 6, 30)
    assert deal.months_per_period == 3


def test_every_value_says_where_it_comes_from(deal: Deal) -> None:
    for values in (deal.inputs, *(case.values for case in deal.cases.values())):
        for quantity in values.values():
            assert quantity.status != "unsourced", quantity.name
            if quantity.line:
                assert quantity.note or quantity.source, quantity.name
            if quantity.status in ("assumed", "derived"):
                assert len(quantity.note) > 10, f"{quantity.name} gives no reason"


def test_what_is_not_public_is_assumed(deal: Deal) -> None:
    not_public = ["debt.loan_a.margin", "debt.loan_a.maturity", "lease.b1.escalation", "rates.curve"]
    not_public += ["debt.loan_b.repayment.term", "lease.b3.rent"]
    assert {deal.inputs[name].status for name in not_public} == {"assumed"}


@pytest.mark.parametrize("group", ["phase_1", "phase_2"])
def test_financing_costs_in_the_budget_are_solved_and_say_so(deal: Deal, group: str) -> None:
    included = deal.inputs[f"funding.{group}.financing_budget"]
    budgets = [f"building.{key}.budget" for key, building in deal.spec.building.items() if building.funded_by == group]
    assert 0.03 < number(deal, included.name) / sum(number(deal, name) for name in budgets) < 0.07
    assert included.status == "derived"
    assert "whether the reported figure includes financing costs is not public" in included.note


def test_every_source_is_used_or_named(deal: Deal) -> None:
    cited = {quantity.source for quantity in deal.inputs.values()}
    words = " ".join(
        [quantity.note for quantity in deal.inputs.values()] + [s.note or "" for s in deal.sources.values()]
    )
    unused = {key for key in deal.sources if key not in cited and key not in words}
    assert unused <= {"A3", "A10"}  # they stand behind parties and qualifications
    assert cited - {""} <= set(deal.sources)


def test_cases(deal: Deal) -> None:
    own = [key for key, case in deal.cases.items() if not case.common]
    assert own == ["base", "phase_2_yield_on_cost", "financing_on_top"]
    assert list(deal.left_out) == ["non_renewal"]  # its leases have no option of renewal
    assert {case.common for case in deal.cases.values()} == {"", "downside"}
    assert {"rates_up_200", "delay_6_months", "escalator_zero", "rent_minus_10"} <= set(deal.cases)
    for case in list(deal.cases.values())[1:]:
        assert case.values and len(case.description) > 60
    phase_2 = deal.cases["phase_2_yield_on_cost"].values["lease.b3.rent"].value
    assert phase_2 == pytest.approx(11_600 * 0.072 / 994 / 12 * 1000, abs=0.1)
    on_top = deal.cases["financing_on_top"].values
    assert {name: quantity.value for name, quantity in on_top.items()} == {
        "funding.phase_1.financing_budget": 0.0,
        "funding.phase_2.financing_budget": 0.0,
    }
