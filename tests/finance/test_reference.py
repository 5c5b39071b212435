"""The model against a second computation that shares nothing with it but the deal file."""

from __future__ import annotations

import pytest

import spvmodel
from spvmodel.deal import Deal
from spvmodel.lines import Model
from tests.finance.reference import Reference


def same(found: list[float], wanted: list[float]) -> None:
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-7)
    assert any(wanted), "a comparison of zeros proves nothing"


def test_rent_is_what_a_count_of_days_gives(deal: Deal, model: Model) -> None:
    for case in model.cases:
        result, reference = spvmodel.solve(model, case), Reference(deal, case)
        for lease in deal.spec.lease:
            same(list(result.series(f"lease.{lease}.rent_income")), reference.rent(lease))


def test_loans_are_what_a_plain_roll_forward_gives(deal: Deal, model: Model) -> None:
    """The feedback passes of the model come to where an iteration to rest comes, in every case."""
    lines = {
        "interest": "debt.{}.interest",
        "cash_interest": "debt.{}.interest_scheduled",
        "fees": "debt.{}.fees_scheduled",
        "draws": "debt.{}.draw",
        "closing": "debt.{}.scheduled_closing",
        "amortisation": "debt.{}.amortisation",
        "balloon": "debt.{}.balloon",
        "held": "debt.{}.dsra_held",
    }
    for case in model.cases:
        result, reference = spvmodel.solve(model, case), Reference(deal, case)
        for loan in deal.spec.debt:
            rows = reference.loan(loan)
            for key, line in lines.items():
                same(result.series(line.format(loan)), rows[key])
            group = deal.spec.debt[loan].funds
            same(result.series(f"funding.{group}.equity"), rows["equity"])
            assert result.scalar(f"funding.{group}.carry_costs") == pytest.approx(rows["carry"], rel=1e-9)
            assert result.scalar(f"debt.{loan}.dsra_needed") == pytest.approx(rows["filling"], rel=1e-9)


def test_the_waterfall_is_what_plain_arithmetic_gives(deal: Deal, model: Model) -> None:
    """Cash is allocated step by step with Python's own min and max; balances carry over."""
    for case in model.cases:
        result = spvmodel.solve(model, case)
        rows = {name: result.series(name) for name in result.model_lines() if model.lines[name].series}
        dsra = trapped = unpaid_costs = unpaid_fees = 0.0
        for t in range(model.periods):
            if "enforcement.accelerated" in rows and rows["enforcement.accelerated"][t]:
                break  # the SPV stands still, which tests/finance/test_enforcement.py derives
            refinancing = rows["debt.takeout.net_proceeds"][t] if "debt.takeout.net_proceeds" in rows else 0.0
            due = {
                "operating_costs": rows["opex.total"][t] + unpaid_costs,
                "fees": rows["debt.fees_scheduled"][t] + unpaid_fees,
                "interest": rows["waterfall.interest.due"][t],
                "principal": rows["waterfall.principal.due"][t],
                "balloon": rows["waterfall.balloon.due"][t],
            }
            support = min(trapped, max(0.0, sum(due.values()) - rows["revenue.total"][t] - refinancing))
            cash, paid = rows["revenue.total"][t] + support, {}
            for step in due:
                if step == "interest":
                    drawn = min(dsra, max(0.0, due["interest"] + due["principal"] - cash))
                    cash += drawn
                if step == "balloon":
                    cash += refinancing
                paid[step] = min(due[step], cash)
                cash -= paid[step]
                assert paid[step] == pytest.approx(rows[f"waterfall.{step}.paid"][t], rel=1e-9, abs=1e-9)
            unpaid_costs, unpaid_fees = due["operating_costs"] - paid["operating_costs"], due["fees"] - paid["fees"]
            held = dsra + rows["reserves.dsra.funding"][t] - drawn
            target = rows["reserves.dsra.target"][t]
            top_up = min(cash, max(0.0, target - held))
            cash += max(0.0, held - target) - top_up
            dsra = held + top_up - max(0.0, held - target)
            allowed = rows["covenants.distribution_allowed"][t]
            given = allowed * (cash + trapped - support)
            trapped = (1 - allowed) * (cash + trapped - support)
            assert given == pytest.approx(rows["waterfall.distributions"][t], rel=1e-9, abs=1e-7)
            assert dsra == pytest.approx(rows["reserves.dsra.closing"][t], rel=1e-9, abs=1e-7)
            assert trapped == pytest.approx(rows["reserves.trapped.closing"][t], rel=1e-9, abs=1e-7)
