"""A small valid deal file that tests spoil in one place each."""

from __future__ import annotations

from pathlib import Path

import pytest

from spvmodel.deal import Deal, DealError, load

SMALL = """\
deal: harbour
title: Harbour
description: One building, one lease, one loan.
currency: USD
as_of: 2025-11-30
sources:
  S1: {title: Term sheet of March 2025}
parties:
  Borrower: Harbour LLC
time:
  close: 2025-03-31
  frequency: quarterly
  end: 2041-12-31
rates:
  index: Term SOFR
  curve:
    2025-01-01: 4.30%
    2027-01-01: 3.10%
construction:
  delay: 0 months
building:
  hall:
    label: Hall
    capacity: 100 MW
    budget: 1,000
    spending_start: 2025-04-01
    spending_end: 2026-06-30
    funded_by: site
funding:
  site:
    label: Site
lease:
  hall:
    label: Hall lease
    building: hall
    tenant: Tenant Inc.
    rent: $120/kW-month
    commencement: 2026-07-01
    term: 15 years
debt:
  senior:
    label: Senior loan
    funds: site
    close: 2025-03-31
    commitment: {value: 700, source: S1, status: filed, note: Section 2.1, as_of: 2025-03-31}
    margin: 250 bp
    availability_end: 2026-06-30
    completion: 2026-07-01
    repayment:
      profile: mortgage
      interest_only_until: 2027-06-30
      term: 20 years
      rate: 6%
    maturity: 2031-03-31
reserves:
  dsra: {months: 6}
covenants:
  lockup_dscr: 1.15x
  default_dscr: 1.05x
cases:
  low_rent:
    label: Low rent
    description: Rent a tenth lower.
    set:
      lease.hall.rent: $108/kW-month
"""


def place(text: str, word: str, *, after: str = "") -> str:
    """The ``line:column`` of the first ``word`` in a text, after another word if one is given."""
    start = text.index(word, text.index(after) + len(after) if after else 0)
    line_start = text.rfind("\n", 0, start) + 1
    return f"{text.count(chr(10), 0, start) + 1}:{start - line_start + 1}"


def spoiled(old: str, new: str) -> str:
    """The small deal with one passage replaced."""
    assert SMALL.count(old) == 1, f"{old!r} must stand once in the small deal"
    return SMALL.replace(old, new)


def load_text(text: str | bytes, folder: Path, name: str = "deal.yaml") -> Deal:
    """The deal of a text, read from a file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path)


def refusal(text: str | bytes, folder: Path) -> DealError:
    """The error a text is refused with."""
    with pytest.raises(DealError) as caught:
        load_text(text, folder)
    return caught.value


def lines_of(error: DealError, folder: Path) -> list[str]:
    """The lines of an error, without the folder of the test."""
    return str(error).replace(f"{folder / 'deal.yaml'}", "deal.yaml").split("\n")
