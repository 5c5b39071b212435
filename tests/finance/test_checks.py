"""Every check can fail: a fault planted in one formula is found by the check that is there for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model, Number, Ref, where

ONE = Number(1, "money")
FAULTS = {
    "time.days": ("checks.days", "days"),
    "lease.b3.days": ("checks.lease_days", "days"),
    "lease.rent_income": ("checks.rent", "money"),
    "construction.b1.spend": ("checks.phase_1_uses", "money"),
    "construction.spend": ("checks.sources_uses", "money"),
    "funding.equity": ("checks.sources_uses", "money"),
    "funding.phase_1.idc": ("checks.interest", "money"),
    "debt.loan_a.interest_scheduled": ("checks.interest", "money"),
    "debt.loan_b.closing": ("checks.debt_loan_b_balance", "money"),
    "debt.loan_b.interest_paid": ("checks.interest_shared", "money"),
    "debt.loan_a.balloon_paid": ("checks.balloon_shared", "money"),
    "debt.takeout.principal_paid": ("checks.principal_shared", "money"),
    "debt.takeout.balloon": ("checks.debt_takeout_repaid", "money"),
    "waterfall.interest.paid": ("checks.interest_step", "money"),
    "waterfall.principal.paid": ("checks.principal_step", "money"),
    "waterfall.operating_costs.paid": ("checks.operating_costs_step", "money"),
    "waterfall.distributions": ("checks.cash", "money"),
    "covenants.locked": ("checks.lockup", "flag"),
    "reserves.dsra.closing": ("checks.cash", "money"),
    "reserves.dsra.release": ("checks.reserve_first", "money"),
    "returns.contributions": ("checks.recourse", "money"),
    "returns.lender_flow": ("checks.providers", "money"),
}
SCALARS = {
    "funding.phase_1.carry_residual": "checks.phase_1_feedback",
    "debt.loan_b.dsra_filling_residual": "checks.phase_2_feedback",
    "funding.phase_2.debt_share": "checks.loan_b_commitment",
}


def failed(model: Model) -> set[str]:
    inputs = {name: given.value for name, given in model.inputs.items()}
    result = Result(model, "base", inputs, evaluate(model, inputs))
    return {check.name for check in result.checks if not check.passed}


def with_fault(model: Model, name: str, unit: str) -> Model:
    """The model with one line 1 too high in the 20th period (a series) or for good (a scalar)."""
    line = model.lines[name]
    assert line.expr is not None
    amount = Number(1, unit)
    wrong = where(Ref("time.number") >= 20, where(Ref("time.number") <= 20, amount, 0), 0) if line.series else amount
    return replace(model, lines=model.lines | {name: replace(line, expr=line.expr + wrong)})


def test_nothing_fails_without_a_fault(abilene: Model) -> None:
    assert failed(abilene) == set()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_one_period_is_found(abilene: Model, name: str) -> None:
    check, unit = FAULTS[name]
    assert check in failed(with_fault(abilene, name, unit))


@pytest.mark.parametrize("name", SCALARS)
def test_a_fault_in_a_scalar_is_found(abilene: Model, name: str) -> None:
    assert SCALARS[name] in failed(with_fault(abilene, name, "money"))
