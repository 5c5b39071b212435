"""The small deal with other terms of its lease: 24 m a year for eleven years from January 2026, level."""

from __future__ import annotations

from pathlib import Path

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.deal.files import load_text
from tests.finance.changing import changed
from tests.finance.small import small

LOAN = "repayment: {profile: straight line, interest_only_until: 2027-12-31}"
RENT = "    rent: 200 USD/kW-month\n"
ESCALATION = "    escalation: 0%\n"
COMMENCEMENT = "    commencement: 2026-01-01\n"
TERM = "    term: 11 years\n"
CAPACITY = "    capacity: 10 MW\n"
COVENANTS = "covenants: {lockup_dscr: 0x, default_dscr: 0x}\n"
END = "  end: 2036-12-31\n"


def text_of(folder: Path, *changes: tuple[str, str], frequency: str = "quarterly") -> str:
    text = small(folder, LOAN, frequency, "0%").path.read_text(encoding="utf-8")
    return changed(text, *changes)


def model_of(folder: Path, *changes: tuple[str, str], frequency: str = "quarterly") -> Model:
    return spvmodel.build(load_text(text_of(folder, *changes, frequency=frequency), folder))


def solved(folder: Path, *changes: tuple[str, str], frequency: str = "quarterly", case: str = "base") -> Result:
    """A case of it; every check holds."""
    result = spvmodel.solve(model_of(folder, *changes, frequency=frequency), case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result
