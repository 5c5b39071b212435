"""A small deal whose loan tests give their own terms: fully drawn at once, then repaid from two years of rent on."""

from __future__ import annotations

from pathlib import Path

import spvmodel
from spvmodel.deal import Deal, load
from spvmodel.engine import Result

TEXT = """\
deal: small
title: Small
description: One building that stands almost at once, one lease, one loan.
currency: USD
as_of: 2026-01-01
time:
  close: 2025-12-31
  frequency: {frequency}
  end: 2036-12-31
rates: {{index: Test rate, curve: {{2025-12-31: 4%, 2028-01-01: 5%}}}}
building:
  hall:
    label: Hall
    capacity: 10 MW
    budget: 200m
    spending_start: 2025-12-31
    spending_end: 2026-01-01
    funded_by: site
funding: {{site: {{label: Site}}}}
lease:
  hall:
    label: Lease
    building: hall
    tenant: Tenant
    rent: 200 USD/kW-month
    commencement: 2026-01-01
    term: 11 years
    escalation: {escalation}
debt:
  loan:
    label: Loan
    funds: site
    close: 2025-12-31
    {amount}
    {rate}
    availability_end: 2026-01-31
    completion: 2026-01-01
    maturity: 2031-12-31
{loan}
covenants: {{lockup_dscr: 0x, default_dscr: 0x}}
"""


def small(
    folder: Path,
    loan: str,
    frequency: str = "quarterly",
    escalation: str = "3%",
    amount: str = "commitment: 100m",
    rate: str = "margin: 2%",
) -> Deal:
    """The deal with these lines of the loan, indented as the file wants them."""
    path = folder / "small.yaml"
    indented = "\n".join(f"    {line}" for line in loan.strip("\n").splitlines())
    text = TEXT.format(loan=indented, frequency=frequency, escalation=escalation, amount=amount, rate=rate)
    path.write_text(text, encoding="utf-8")
    return load(path)


def solved(folder: Path, loan: str, **terms: str) -> Result:
    """Its base case; every check of it holds."""
    result = spvmodel.solve(spvmodel.build(small(folder, loan, **terms)))
    assert [check.name for check in result.checks if not check.passed] == []
    return result
