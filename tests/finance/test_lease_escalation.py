"""How rents rise: each January, by dated steps, with a price index; by hand, and by days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finance.leased import COMMENCEMENT, END, ESCALATION, TERM, solved

RENTS = "lease.hall.rent_income"
QUARTER = 6.0
"""24 m a year from January 2026 to December 2036."""
STEPS = """\
    steps:
      a: {label: A, date: 2027-02-15, rise: 10%}
      b: {label: B, date: 2030-01-01, rise: 5%}
"""
PRICES = "index: {cpi: {label: CPI, rates: {2025-12-31: 2%, 2027-01-01: 6%, 2028-01-01: -1%}}}\nbuilding:\n  hall"


def indexed(terms: str = "") -> tuple[tuple[str, str], tuple[str, str]]:
    return ("building:\n  hall", PRICES), (ESCALATION, f"    indexation: {{index: cpi{terms}}}\n")


def test_each_january_after_commencement(tmp_path: Path) -> None:
    """From April 2026: 275 days at 24 m, then 3% more each calendar year."""
    result = solved(
        tmp_path,
        (COMMENCEMENT, "    commencement: 2026-04-01\n"),
        (TERM, "    term: 9 years\n"),
        (ESCALATION, "    escalation: 3%\n    escalates: each January\n"),
        frequency="annual",
    )
    assert result.series(RENTS)[:3] == pytest.approx([24 * 275 / 365, 24 * 1.03, 24 * 1.03**2])


def test_a_lease_from_the_first_of_january_steps_alike(tmp_path: Path) -> None:
    rise = "    escalation: 3%\n"
    january = solved(tmp_path, (ESCALATION, rise + "    escalates: each January\n"))
    assert january.series(RENTS) == pytest.approx(solved(tmp_path, (ESCALATION, rise)).series(RENTS))


def test_dated_steps_compound_from_their_day(tmp_path: Path) -> None:
    """10% from 15 February 2027, 45 of the 90 days; 5% more from January 2030."""
    result = solved(tmp_path, (ESCALATION, STEPS))
    expected = [QUARTER] * 4 + [QUARTER * (45 + 45 * 1.1) / 90] + [QUARTER * 1.1] * 11 + [QUARTER * 1.1 * 1.05] * 28
    assert result.series(RENTS) == pytest.approx(expected)


def test_a_delay_moves_the_steps(tmp_path: Path) -> None:
    """Three months later: 15 May 2027, 47 of 91 days."""
    late = ("building:\n  hall", "construction: {delay: 3 months}\nbuilding:\n  hall")
    result = solved(tmp_path, (ESCALATION, STEPS), late, (END, "  end: 2037-12-31\n"))
    assert result.series(RENTS)[4:7] == pytest.approx([QUARTER, QUARTER * (44 + 47 * 1.1) / 91, QUARTER * 1.1])


@pytest.mark.parametrize(
    ("terms", "rises"),
    [
        ("", [0.06, -0.01, -0.01]),
        (", floor: 0%", [0.06, 0, 0]),
        (", cap: 4%, floor: 0.5%", [0.04, 0.005, 0.005]),
        (", lag: 3 months", [0.02, 0.06, -0.01]),
        (", lag: 24 months", [0.02, 0.02, 0.06]),
    ],
)
def test_a_price_index_with_lag_floor_and_cap(tmp_path: Path, terms: str, rises: list[float]) -> None:
    """2% in force in 2026, 6% in 2027, then -1%: at each anniversary the rate of that day, or of a day before it.

    With 24 months of lag the first step reads January 2025, before the close, and takes the rate of 2026.
    """
    result = solved(tmp_path, *indexed(terms), frequency="annual")
    level, expected = 24.0, [24.0]
    for rise in rises:
        level *= 1 + rise
        expected.append(level)
    assert result.series(RENTS)[:4] == pytest.approx(expected)


LATER = "\n".join(
    f"      y{year}: {{label: September {year}, date: {year}-09-01, level: 208.95}}" for year in range(2028, 2036)
)
LEVELS = f"""\
index:
  cpi:
    label: CPI
    levels:
      a: {{label: September 2025, date: 2025-09-01, level: 200}}
      b: {{label: October 2025, date: 2025-10-01, level: 202}}
      c: {{label: September 2026, date: 2026-09-01, level: 210}}
      d: {{label: October 2026, date: 2026-10-01, level: 214.12}}
      e: {{label: September 2027, date: 2027-09-01, level: 208.95}}
{LATER}
building:
  hall"""


@pytest.mark.parametrize(
    ("terms", "rises"),
    [
        # October to October: 214.12 / 202 = 1.06; then the level of September 2027, 208.95 / 214.12; then none.
        (", lag: 3 months", [1.06, 208.95 / 214.12, 1.0]),
        # September to September: 210 / 200 = 1.05, then 208.95 / 210 = 0.995.
        (", lag: 4 months", [1.05, 0.995, 1.0]),
        (", lag: 4 months, floor: 0.5%, cap: 4%", [1.04, 1.005, 1.005]),
    ],
)
def test_an_index_by_levels_rises_from_one_reference_month_to_the_next(
    tmp_path: Path, terms: str, rises: list[float]
) -> None:
    """The steps of January 2027, 2028 and 2029 take the ratio of the months before them by the lag."""
    result = solved(tmp_path, ("building:\n  hall", LEVELS), indexed(terms)[1], frequency="annual")
    level, expected = 24.0, [24.0]
    for rise in rises:
        level *= rise
        expected.append(level)
    assert result.series(RENTS)[:4] == pytest.approx(expected)


def test_an_index_of_one_rate_is_a_fixed_escalation(tmp_path: Path) -> None:
    (_, prices), terms = indexed()
    level = prices.replace("{2025-12-31: 2%, 2027-01-01: 6%, 2028-01-01: -1%}", "{2025-12-31: 2.5%}")
    start = (COMMENCEMENT, "    commencement: 2026-02-15\n"), (TERM, "    term: 10 years\n")
    follows = solved(tmp_path, ("building:\n  hall", level), terms, *start)
    fixed = solved(tmp_path, (ESCALATION, "    escalation: 2.5%\n"), *start)
    assert follows.series(RENTS) == pytest.approx(fixed.series(RENTS))


def test_an_indexed_lease_that_runs_already_has_its_base_rent_at_close(tmp_path: Path) -> None:
    """Let since 2024: its first step in the model is that of 1 January 2026, the day after the close."""
    start = (COMMENCEMENT, "    commencement: 2024-01-01\n"), (TERM, "    term: 13 years\n")
    result = solved(tmp_path, *indexed(), *start, frequency="annual")
    assert result.series(RENTS)[:3] == pytest.approx([24 * 1.02, 24 * 1.02 * 1.06, 24 * 1.02 * 1.06 * 0.99])
