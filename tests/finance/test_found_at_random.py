"""Faults that random deals found, each by figures worked out by hand: 3 m of rent a quarter, 20 m lent first."""

from __future__ import annotations

import math
from typing import Any

import pytest

import spvmodel
from tests.finance.random_deals import CENT, Terms, failed, model_of


def two_loans(**terms: Any) -> Terms:
    """A senior loan repaid at 1.25 m a quarter, and behind it one sized to 1.50x that pays for the same building."""
    dates = {"funds": "site", "close": "2024-12-31", "availability_end": "2025-03-31", "completion": "2025-04-01"}
    dates |= {"maturity": "2029-03-31"}
    senior = {"label": "Senior", "commitment": "20m", "repayment": {"profile": "straight line"}} | dates
    junior = {"label": "Junior", "rank": "second lien", "fixed_rate": "0%", "sizing": {"dscr": "1.50x"}} | dates
    return {
        "deal": "two",
        "title": "Two loans",
        "description": "Invented.",
        "currency": "USD",
        "as_of": "2025-01-01",
        "time": {"close": "2024-12-31", "frequency": "quarterly"},
        "rates": {"index": "Test rate", "curve": {"2024-12-31": "4%"}},
        "building": {
            "hall": {
                "label": "Hall",
                "capacity": "10 MW",
                "budget": "40m",
                "spending_start": "2024-12-31",
                "spending_end": "2025-03-31",
                "funded_by": "site",
            }
        },
        "funding": {"site": {"label": "Site"}},
        "lease": {
            "hall": {
                "label": "Lease",
                "building": "hall",
                "tenant": "Tenant",
                "rent": "100 USD/kW-month",
                "commencement": "2025-04-01",
                "term": "6 years",
            }
        },
        "debt": {"senior": senior | {"fixed_rate": "0%"}, "junior": junior | {"repayment": {"profile": "sculpted"}}},
    } | terms


def test_a_loan_is_sized_behind_one_that_pays_for_the_same_uses() -> None:
    """16 quarters of 3 / 1.50 - 1.25 = 0.75 m: the size moves the draws of the senior loan, and was a ring of lines."""
    result = spvmodel.solve(model_of(two_loans()))
    assert failed(result) == []
    assert result.scalar("debt.junior.amount") == pytest.approx(12.0, rel=1e-12)


def test_a_reserve_is_never_negative_where_a_hedge_pays_more_than_the_service() -> None:
    """A swap of 300 m at 1% receives about 2.25 m a quarter: more than 1.25 m of principal and 0.2 m of interest."""
    deal = two_loans(reserves={"dsra": {"months": "6 months"}})
    deal["debt"] = {"senior": deal["debt"]["senior"] | {"margin": "0%"}}
    del deal["debt"]["senior"]["fixed_rate"]
    deal["hedge"] = {"swap": {"label": "Swap", "kind": "swap", "loan": "senior", "rate": "1%"}}
    deal["hedge"]["swap"] |= {"schedule": {"2025-04-01": "300m"}, "start": "2025-04-01"}
    result = spvmodel.solve(model_of(deal))
    assert min(result.series("debt.senior.service")) < 0
    assert min(result.series("reserves.dsra.closing")) == 0
    assert failed(result) == []


def test_working_capital_is_paid_for_by_the_first_funding_that_has_a_loan() -> None:
    """A road paid by equity alone stands before the hall; operating costs of 4 m a year are held for three months."""
    deal = two_loans(reserves={"working_capital_months": "3 months"}, opex={"care": {"label": "Care", "amount": "4m"}})
    deal["funding"] = {"road": {"label": "Road"}} | deal["funding"]
    deal["use"] = {"road": {"label": "Road", "kind": "hard", "amount": "5m", "funded_by": "road"}}
    result = spvmodel.solve(model_of(deal))
    assert failed(result) == []
    held = math.fsum(result.series("reserves.working_capital.funding"))
    assert held > 0
    assert math.fsum(result.series("funding.site.working_capital")) == pytest.approx(held)
    assert math.fsum(result.series("funding.road.uses")) == pytest.approx(5.0)


def test_a_size_moves_the_draws_of_another_funding_through_the_revenue_that_is_left() -> None:
    """The sized loan's funding uses revenue first, the senior loan's after it: this was a ring of lines too."""
    deal = two_loans()
    deal["funding"] = {"road": {"label": "Road", "revenue": "used"}, "site": {"label": "Site", "revenue": "used"}}
    deal["use"] = {"road": {"label": "Road", "kind": "hard", "amount": "15m", "funded_by": "road"}}
    deal["debt"]["junior"]["funds"] = "road"
    result = spvmodel.solve(model_of(deal))
    assert failed(result) == []
    assert result.scalar("debt.junior.amount") == pytest.approx(12.0, rel=1e-12)


def test_trapped_cash_is_drawn_for_a_reserve_that_stands_before_debt_service() -> None:
    """Two years of rent, all of it trapped, then 0.4 m a year against costs of 1 m, a fifth more each January.

    The reserve holds a quarter of the costs of the next twelve months, so that it rises by a quarter of what the
    quarter a year ahead costs more than the one that has begun: before principal is paid.
    """
    deal = two_loans(reserves={"working_capital_months": "3 months"}, covenants={"lockup_dscr": "20x"})
    deal["opex"] = {"care": {"label": "Care", "amount": "1m", "escalation": "20%"}}
    deal["lease"]["hall"]["term"], deal["time"]["end"] = "2 years", "2030-12-31"
    small = {"label": "Small", "payer": "User", "amount": "0.4m", "commencement": "2027-04-01", "expiry": "2030-12-31"}
    deal["income"] = {"small": small}
    del deal["debt"]["junior"]
    order = ["operating costs", "fund: working capital", "fees", "senior interest", "senior principal", "balloons"]
    deal["waterfall"] = [{"fund": "working capital"} if step.startswith("fund") else {"pay": step} for step in order]
    deal["waterfall"] += [{"fund": "dsra"}, {"test": "lock-up"}, {"distribute": "equity"}]
    result = spvmodel.solve(model_of(deal))
    assert failed(result) == []
    names = ("revenue.total", "opex.total", "debt.senior.amortisation", "reserves.trapped.support")
    earned, costs, principal, support = (result.series(name) for name in names)
    rises, held = result.series("reserves.working_capital.top_up"), result.series("reserves.trapped.closing")
    unpaid = result.series("waterfall.unpaid")
    dry = [t for t in range(9, 13) if held[t] > CENT]
    assert len(dry) >= 3 and all(rises[t] > CENT for t in dry)
    for t in dry:
        assert rises[t] == pytest.approx((costs[t + 4] - costs[t]) / 4)
        assert support[t] == pytest.approx(costs[t] + rises[t] + principal[t] - earned[t])
        assert unpaid[t] == pytest.approx(0, abs=CENT)
