"""Expected loss by hand: 100 m until the end of 2027, of which 60 m is recovered; one in ten tenants fails a year."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed, with_fault

DEALS = Path(__file__).parents[1] / "deals"
TEXT = """\
deal: tiny
title: Tiny
description: Invented.
currency: USD
as_of: 2024-12-31
time: {close: 2024-12-31, frequency: annual, closing: on its own, end: 2027-12-31}
use: {hall: {label: Hall, kind: hard, amount: 120m, funded_by: site}}
funding: {site: {label: Site}}
income:
  rent: {label: Rent, payer: Tenant, amount: 30m, expiry: 2027-12-31}
  sale: {label: Sale, payer: Market, amounts: {2027-12-31: 100m}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2024-12-31
    commitment: 100m
    fixed_rate: 10%
    day_count: by period
    repayment: {profile: bullet}
    maturity: 2027-12-31
valuation: {amount: 60m}
enforcement: {basis: amount, cure_months: 0 months, sale_months: 0 months}
counterparty:
  tenant: {label: Tenant, role: tenant, pays: [rent], default_rate: 10%}
"""


def solved(folder: Path, text: str = TEXT) -> Result:
    path = folder / "tiny.yaml"
    path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def test_the_customer_of_a_compute_contract_may_fail_like_a_tenant(tmp_path: Path) -> None:
    """The same 30 m a year under a contract: the same expected loss of 4.0 and 3.6."""
    text = changed(
        TEXT,
        (
            "income:\n  rent: {label: Rent, payer: Tenant, amount: 30m, expiry: 2027-12-31}\n",
            "contract:\n  gpus: {label: GPUs, customer: Tenant, amount: 30m, commencement: 2025-01-01, "
            "expiry: 2027-12-31}\nincome:\n",
        ),
        ("pays: [rent]", "pays: [gpus]"),
    )
    result = solved(tmp_path, text)
    assert result.series("expected_loss.loss") == pytest.approx([0, 4.0, 3.6, 0], abs=1e-9)


def test_every_figure_of_a_tiny_deal(tmp_path: Path) -> None:
    """Fails in 2025: 10%, in 2026: 9%, each time 40 of 100 are lost; in 2027 nothing is owed at the end any more.

    Expected loss 10% x 40 + 9% x 40 = 7.6, expected claims 19, LGD 40%. At 10% the loss at close is 4 / 1.1 + 3.6 /
    1.21 = 6.6116. Lent until the default, at close: 100 / 1.1 + 0.9 x 100 / 1.21 = 165.29; the margin for the loss is
    6.6116 / 165.29 = 4% = default rate x LGD.
    """
    result = solved(tmp_path)
    assert result.series("recovery.loss") == pytest.approx([40, 40, 40, 0], abs=1e-9)
    assert result.series("expected_loss.loss") == pytest.approx([0, 4.0, 3.6, 0], abs=1e-9)
    assert result.series("expected_loss.exposed") == pytest.approx([0, 10, 9, 0], abs=1e-9)
    assert result.scalar("expected_loss.total") == pytest.approx(7.6, abs=1e-9)
    assert result.scalar("expected_loss.share") == pytest.approx(0.076, abs=1e-12)
    assert result.scalar("expected_loss.lgd") == pytest.approx(0.4, abs=1e-12)
    assert result.scalar("expected_loss.probability") == pytest.approx(0.19, abs=1e-12)
    assert result.scalar("expected_loss.value") == pytest.approx(4 / 1.1 + 3.6 / 1.21, abs=1e-9)
    assert result.scalar("expected_loss.spread") == pytest.approx(0.04, abs=1e-12)
    assert result.scalar("expected_loss.loan.loan.total") == pytest.approx(7.6, abs=1e-9)
    assert result.scalar("expected_loss.loan.loan.share") == pytest.approx(0.076, abs=1e-12)


def test_no_loss_where_the_value_covers_the_claim(tmp_path: Path) -> None:
    result = solved(tmp_path, changed(TEXT, ("{amount: 60m}", "{amount: 100m}")))
    assert result.scalar("expected_loss.total") == 0.0
    assert result.scalar("expected_loss.lgd") == 0.0
    assert result.scalar("expected_loss.probability") == pytest.approx(0.19, abs=1e-12)


def test_the_first_of_several_payers_to_fail(tmp_path: Path) -> None:
    """Two payers of 10% each: 19% that one of them fails in a year, and 0.81 x 19% in the second."""
    more = "  market: {label: Market, role: other, pays: [sale], default_rate: 10%}\n"
    result = solved(tmp_path, TEXT + more)
    first = [0, 0.19, 0.81 * 0.19, 0.81**2 * 0.19]
    assert result.series("expected_loss.default_probability") == pytest.approx(first, abs=1e-12)
    assert result.scalar("expected_loss.total") == pytest.approx(0.19 * 40 + 0.81 * 0.19 * 40, abs=1e-9)


def test_a_likelier_default_or_a_lower_value_never_costs_less(tmp_path: Path) -> None:
    result = solved(tmp_path)
    rates = [0.0, 0.05, 0.1, 0.3]
    inputs = {"counterparty.tenant.default_rate": rates}
    by_rate = spvmodel.solve_many(result.model, inputs, keep=("expected_loss.total",))["expected_loss.total"]
    assert [float(x) for x in by_rate] == pytest.approx([40 * (p + (1 - p) * p) for p in rates], abs=1e-9)
    values = spvmodel.solve_many(result.model, {"valuation.amount": [0, 30, 60, 90]}, keep=("expected_loss.total",))
    assert [float(x) for x in values["expected_loss.total"]] == pytest.approx([19, 13.3, 7.6, 1.9], abs=1e-9)


def test_no_lines_without_a_payer_or_a_recovery(tmp_path: Path) -> None:
    without = [
        changed(TEXT, ("pays: [rent], ", "")),
        changed(TEXT, (", default_rate: 10%", "")),
        changed(TEXT, ("enforcement: {basis: amount, cure_months: 0 months, sale_months: 0 months}\n", "")),
    ]
    for text in without:
        assert not any(name.startswith("expected_loss") for name in solved(tmp_path, text).model.lines)


def test_loans_of_several_ranks_lose_what_lenders_lose() -> None:
    """But for costs of enforcement that nothing is left for, which no loan bears; here they are recovered first."""
    result = spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / "parties.yaml")))
    loans = [result.scalar(f"expected_loss.loan.{loan}.total") for loan in ("loan", "mezzanine")]
    assert sum(loans) == pytest.approx(result.scalar("expected_loss.total"), abs=1e-9)
    assert loans[1] / result.scalar("expected_loss.loan.mezzanine.peak") > loans[0] / 45


def test_a_fault_is_found() -> None:
    model = spvmodel.build(spvmodel.load(DEALS / "parties.yaml"))
    wrong = with_fault(model, "expected_loss.loan.mezzanine.loss", 5.0, "money", 4)
    failed = [check.name for check in spvmodel.solve(wrong).checks if not check.passed]
    assert failed == ["checks.expected_loss"]
