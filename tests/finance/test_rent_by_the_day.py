"""Rent of shipped, test and random deals against a count of days: whatever steps, ends or happens within a period."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

import spvmodel
from spvmodel.deal import Deal
from tests.finance.daily import Daily
from tests.finance.random_deals import Terms, deals, examples
from tests.finance.random_deals.deal import loaded

DEALS = Path(__file__).parents[1] / "deals"


def matches(deal: Deal) -> None:
    model = spvmodel.build(deal)
    for case in model.cases:
        result, daily = spvmodel.solve(model, case), Daily(deal, case)
        for lease in deal.spec.lease:
            found, wanted = list(result.series(f"lease.{lease}.rent_income")), daily.rent(lease)
            assert found == pytest.approx(wanted, rel=1e-9, abs=1e-10), (case, lease)


@pytest.mark.parametrize("name", ["events", "leases", "recoveries", "rich"])
def test_rent_of_the_test_deals_is_what_their_days_earn(name: str) -> None:
    matches(spvmodel.load(DEALS / f"{name}.yaml"))


@pytest.mark.parametrize("name", ["abilene", "hyperion", "river-bend"])
def test_rent_of_the_shipped_deals_is_what_their_days_earn(name: str) -> None:
    matches(spvmodel.load(name))


@examples(20)
@given(deal=deals())
def test_rent_of_any_deal_is_what_its_days_earn(deal: Terms) -> None:
    matches(loaded(deal))
