"""The small deal with reserves and other sections that a test gives: 24m of rent a year, a loan of 60m at 4%."""

from __future__ import annotations

from pathlib import Path

import spvmodel
from spvmodel.deal import load
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.small import small

LOAN = "repayment: {profile: straight line, interest_only_until: 2027-12-31}\nday_count: by period"
"""Interest of 2.4m in 2027, then 15m a year and interest on what is left."""


def model_with(
    folder: Path, reserves: str, loan: str = LOAN, frequency: str = "annual", more: str = "", rent: str = "200"
) -> Model:
    """Its model; ``reserves`` are the entries of that section, ``more`` is any other section."""
    deal = small(folder, loan, frequency=frequency, amount="commitment: 60m", rate="fixed_rate: 4%", escalation="0%")
    text = deal.path.read_text(encoding="utf-8").replace("rent: 200", f"rent: {rent}")
    text = text.replace("covenants:", f"{more}\nreserves: {{{reserves}}}\ncovenants:")
    deal.path.write_text(text, encoding="utf-8")
    return spvmodel.build(load(deal.path))


def solved_with(
    folder: Path, reserves: str, loan: str = LOAN, frequency: str = "annual", more: str = "", rent: str = "200"
) -> Result:
    """Its base case; every check of it holds."""
    result = spvmodel.solve(model_with(folder, reserves, loan, frequency, more, rent))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def by_year(result: Result, name: str, first: int = 2026, last: int = 2036) -> dict[int, float]:
    """An annual line of that deal, whose first period is 2026."""
    return {2026 + t: value for t, value in enumerate(result.series(name)) if first <= 2026 + t <= last}
