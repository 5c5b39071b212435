"""A lease that its tenant may end early: the last rent, the fee, and nothing of either where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finance.leased import END, TERM, solved

RENTS, FEES = "lease.hall.rent_income", "lease.hall.termination_fee"
QUARTER = 6.0
"""24 m a year from January 2026 to December 2036."""


def option(exercised: str) -> tuple[str, str]:
    return TERM, TERM + f"    termination: {{date: 2030-05-15, fee: 10m, exercised: {exercised}}}\n"


def test_a_lease_that_is_ended_pays_to_its_last_day_and_the_fee(tmp_path: Path) -> None:
    """On 15 May 2030, the 45th of 91 days of the eighteenth quarter."""
    result = solved(tmp_path, option("yes"))
    assert result.series(RENTS) == pytest.approx([QUARTER] * 17 + [QUARTER * 45 / 91] + [0.0] * 26)
    assert result.series(FEES) == pytest.approx([0.0] * 17 + [10.0] + [0.0] * 26)
    assert result.series("revenue.total")[17] == pytest.approx(QUARTER * 45 / 91 + 10)
    assert result.series("ratios.cfads")[17] == pytest.approx(QUARTER * 45 / 91 + 10)


def test_an_option_that_is_not_exercised_changes_nothing(tmp_path: Path) -> None:
    result, without = solved(tmp_path, option("no")), solved(tmp_path)
    assert result.series(RENTS) == without.series(RENTS)
    assert result.series(FEES) == [0.0] * 44
    assert result.headline["min_dscr"] == without.headline["min_dscr"]


def test_a_delay_moves_the_day(tmp_path: Path) -> None:
    """Three months later: 15 August, 46 of 92 days."""
    late = ("building:\n  hall", "construction: {delay: 3 months}\nbuilding:\n  hall")
    result = solved(tmp_path, option("yes"), late, (END, "  end: 2037-12-31\n"))
    assert result.series(RENTS)[17:20] == pytest.approx([QUARTER, QUARTER * 46 / 92, 0])
    assert result.series(FEES)[18] == pytest.approx(10)
