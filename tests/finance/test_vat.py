"""VAT on construction, costs and revenue: what it ties up and when it comes back, by hand.

Lags of a whole quarter, so that each quarter recovers and settles what the one before it paid or collected.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text, place, refusal
from tests.finance.changing import changed, with_fault

TERMS = "on_capex: 100%, on_opex: 50%, on_revenue: 100%, recovered_after: 3 months, settled_after: 3 months"
VAT = f"vat: {{rate: 20%, {TERMS}}}"
DEAL = f"""\
deal: taxed
title: VAT
description: A hall of 100 that is paid in four parts, revenue of 10 and cost of 2 a quarter, no interest.
currency: EUR
as_of: 2025-12-31
time: {{close: 2025-12-31, frequency: quarterly, closing: on its own, first_end: 2026-03-31, end: 2027-12-31}}
building:
  hall:
    label: Hall
    budget: 100m
    profile: table
    table: {{2025-12-31: 10%, 2026-03-31: 40%, 2026-06-30: 30%, 2026-09-30: 20%}}
    funded_by: site
funding:
  site: {{label: Site}}
income:
  hall: {{label: Hall, payer: Tenant, amount: 40m, commencement: 2026-10-01, expiry: 2027-12-31}}
opex:
  care: {{label: Care, amount: 8m}}
debt:
  loan:
    label: Loan
    funds: site
    close: 2025-12-31
    commitment: 52m
    fixed_rate: 0%
    availability_end: 2026-09-30
    completion: 2026-10-01
    repayment: {{profile: straight line, interest_only_until: 2026-12-31}}
    maturity: 2027-12-31
{VAT}
"""
BUILT = 4
"""The quarter from October 2026, the first with revenue; period 0 is the closing date."""


def model_of(folder: Path, *changes: tuple[str, str]) -> Model:
    return spvmodel.build(load_text(changed(DEAL, *changes), folder))


def solved(folder: Path, *changes: tuple[str, str]) -> Result:
    result = spvmodel.solve(model_of(folder, *changes))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def row(result: Result, name: str) -> list[float]:
    return list(result.series(name))


def test_vat_on_construction_is_financed_until_it_is_recovered(tmp_path: Path) -> None:
    """A fifth of 10, 40, 30, 20 is paid and comes back a quarter later; of that, 2, 8 and 6 pay for construction.

    The last 4 come back when nothing is spent any more: they are what is financed, 104 of uses in all, of which the
    loan of 52 pays a half of each.
    """
    result = solved(tmp_path)
    at = "funding.site"
    assert row(result, f"{at}.vat_paid")[:5] == pytest.approx([2, 8, 6, 4, 0])
    assert row(result, f"{at}.vat_recovered")[:5] == pytest.approx([0, 2, 8, 6, 4])
    assert row(result, f"{at}.vat_reused")[:5] == pytest.approx([0, 2, 8, 6, 0])
    assert row(result, f"{at}.vat")[:5] == pytest.approx([2, 6, -2, -2, 0])
    assert row(result, f"{at}.uses")[:5] == pytest.approx([12, 46, 28, 18, 0])
    assert result.scalar("funding.total_uses") == pytest.approx(104)
    assert row(result, "debt.loan.draw")[:5] == pytest.approx([6, 23, 14, 9, 0])
    assert row(result, f"{at}.equity")[:5] == pytest.approx([6, 23, 14, 9, 0])
    assert row(result, "vat.released")[:5] == pytest.approx([0, 0, 0, 0, 4])
    assert row(result, "statements.balance.vat_receivable")[:5] == pytest.approx([2, 8, 6, 4, 0])
    assert row(result, "statements.cash.vat_construction")[:5] == pytest.approx([-2, -6, 2, 2, 4])
    assert result.series("statements.balance.fixed_assets")[3] == pytest.approx(100)


def test_vat_in_operation_is_working_capital(tmp_path: Path) -> None:
    """2 collected on 10 of revenue less 0.2 borne on half of 2 of cost: 1.8 a quarter, settled a quarter later.

    The first quarter keeps it, the last one settles two quarters.
    """
    result = solved(tmp_path)
    assert row(result, "vat.output")[BUILT:] == pytest.approx([2.0] * 5)
    assert row(result, "vat.input")[BUILT:] == pytest.approx([0.2] * 5)
    assert row(result, "vat.settled")[BUILT:] == pytest.approx([0, 1.8, 1.8, 1.8, 3.6])
    assert row(result, "vat.payable")[BUILT:] == pytest.approx([1.8, 1.8, 1.8, 1.8, 0])
    assert row(result, "ratios.cfads")[BUILT:] == pytest.approx([9.8, 8, 8, 8, 6.2])
    assert row(result, "waterfall.operating_costs.paid")[BUILT:] == pytest.approx([2.2, 4, 4, 4, 5.8])
    assert row(result, "opex.working_capital")[BUILT:] == pytest.approx([-1.8] * 4 + [0])
    assert row(result, "opex.noi")[BUILT:] == pytest.approx([8.0] * 5)
    assert row(result, "statements.income.ebitda")[BUILT:] == pytest.approx([8.0] * 5)
    assert row(result, "statements.balance.vat_payable")[BUILT:] == pytest.approx([1.8] * 4 + [0])
    assert row(result, "statements.cash.vat")[BUILT:] == pytest.approx([2.0] * 5)


def test_what_comes_back_after_construction_is_cash_and_no_cfads(tmp_path: Path) -> None:
    """The first quarter with revenue: 10 + 2 collected + 4 recovered, less 2.2; no service falls due yet."""
    result = solved(tmp_path)
    assert result.series("waterfall.receipts")[BUILT] == pytest.approx(16)
    assert result.series("ratios.cfads")[BUILT] == pytest.approx(9.8)
    assert result.series("waterfall.distributions")[BUILT] == pytest.approx(16 - 2.2)
    assert result.series("returns.project_flow")[:5] == pytest.approx([-12, -46, -28, -18, 9.8 + 4])


def test_more_borne_than_collected_is_claimed(tmp_path: Path) -> None:
    """0.1 collected on a twentieth of 10, less 0.2: 0.1 a quarter is claimed, and comes back a quarter later."""
    result = solved(tmp_path, ("on_revenue: 100%", "on_revenue: 5%"))
    assert row(result, "vat.claimed")[BUILT:] == pytest.approx([0.1] * 5)
    assert row(result, "vat.recovered")[BUILT:] == pytest.approx([0, 0.1, 0.1, 0.1, 0.2])
    assert row(result, "ratios.cfads")[BUILT:] == pytest.approx([7.9, 8, 8, 8, 8.1])
    assert row(result, "statements.balance.vat_receivable")[BUILT:] == pytest.approx([0.1] * 4 + [0])


def test_a_lag_within_the_quarter_counts_by_days(tmp_path: Path) -> None:
    """A month: on 31 March 2026 the 31 days of March of 90 are open; the two of the closing date are recovered."""
    result = solved(tmp_path, ("recovered_after: 3", "recovered_after: 1"))
    assert result.series("funding.site.vat_receivable")[:2] == pytest.approx([2, 8 * 31 / 90])
    assert result.series("funding.site.vat")[1] == pytest.approx(8 - (2 + 8 - 8 * 31 / 90))


def test_recovered_at_once_it_ties_up_nothing_but_on_the_closing_date(tmp_path: Path) -> None:
    """Without a lag what is paid is recovered the same day; on the closing date nothing is spent after the close."""
    result = solved(tmp_path, ("recovered_after: 3", "recovered_after: 0"))
    assert row(result, "funding.site.vat")[:5] == pytest.approx([2, 0, 0, 0, 0])
    assert row(result, "vat.released")[:5] == pytest.approx([2, 0, 0, 0, 0])


def test_land_and_what_equity_alone_funds(tmp_path: Path) -> None:
    """Land of 5 bears none; permits of 10 at close bear 2, which come back as cash: equity funds nothing later."""
    uses = (
        "use:\n  land: {label: Land, kind: land, amount: 5m, funded_by: plot}\n"
        "  permits: {label: Permits, kind: soft, amount: 10m, funded_by: plot}\nfunding:\n  plot: {label: Plot}\n"
    )
    result = solved(tmp_path, ("funding:\n", uses))
    assert row(result, "funding.plot.uses")[:2] == pytest.approx([17, 0])
    assert row(result, "funding.plot.equity")[:2] == pytest.approx([17, 0])
    assert row(result, "vat.released")[:3] == pytest.approx([0, 2, 0])


def test_what_vat_would_cost_fails_checks(tmp_path: Path) -> None:
    model = model_of(tmp_path)
    for line, found in (
        ("vat.settled", {"checks.vat", "checks.working_capital"}),
        ("funding.site.vat_recovered", {"checks.vat", "checks.balance_sheet"}),
        ("funding.site.vat", {"checks.balance_sheet"}),
    ):
        wrong = spvmodel.solve(with_fault(model, line, 0.5, "money", 2))
        assert found <= {check.name for check in wrong.checks if not check.passed}, line


def test_vat_of_one_kind_alone(tmp_path: Path) -> None:
    for terms, cfads in (
        ("on_capex: 100%, recovered_after: 3 months", [8.0, 8, 8, 8, 8]),
        ("on_opex: 50%, recovered_after: 3 months", [7.8, 8, 8, 8, 8.2]),
        ("on_revenue: 100%, settled_after: 3 months", [10.0, 8, 8, 8, 6]),
    ):
        assert row(solved(tmp_path, (TERMS, terms)), "ratios.cfads")[BUILT:] == pytest.approx(cfads), terms


BROKEN = {
    "{rate: 20%}": "nothing bears the VAT. Allowed: at least one of on_capex, on_opex, on_revenue.",
    "{rate: 20%, on_capex: 100%}": "VAT 'on_capex' needs a lag. Allowed: recovered_after: 2 months.",
    "{rate: 20%, on_revenue: 100%}": "VAT 'on_revenue' needs a lag. Allowed: settled_after: 2 months.",
    "{rate: 20%, on_revenue: 100%, settled_after: 1 month, recovered_after: 1 month}": (
        "'recovered_after' means nothing for VAT without on_capex or on_opex. "
        "Allowed: on_capex or on_opex beside it, or no recovered_after."
    ),
    "{rate: 20%, on_opex: 100%, settled_after: 1 month, recovered_after: 1 month}": (
        "'settled_after' means nothing for VAT without on_revenue. Allowed: on_revenue beside it, or no settled_after."
    ),
}


DEAD = {
    "recovered_after: 3": ("recovered_after: 600", "no VAT is recovered before 2075-12-31"),
    "settled_after: 3": ("settled_after: 600", "no VAT is settled before 2075-12-31"),
}


@pytest.mark.parametrize("lag", DEAD)
def test_a_lag_longer_than_the_model_is_refused(tmp_path: Path, lag: str) -> None:
    said, message = DEAD[lag]
    text = changed(DEAL, (lag, said))
    allowed = "Allowed: a lag that ends within the timeline, or a later time.end."
    error = str(refusal(text, tmp_path))
    assert f":{place(text, said.split(': ')[1])}: {message}, after the timeline ends on" in error and allowed in error


@pytest.mark.parametrize("terms", BROKEN)
def test_terms_that_cannot_act_are_refused(tmp_path: Path, terms: str) -> None:
    assert BROKEN[terms] in str(refusal(changed(DEAL, (VAT, f"vat: {terms}")), tmp_path))


def test_vat_on_costs_that_the_deal_does_not_have_is_refused(tmp_path: Path) -> None:
    text = changed(DEAL, ("opex:\n  care: {label: Care, amount: 8m}\n", ""))
    message = "the deal has no operating cost that could bear VAT. Allowed: no on_opex."
    assert message in str(refusal(text, tmp_path))
