"""What is refused of price indices: message, place, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

TERM = "    term: 15 years\n"


def text_of(index: str, terms: str = ", lag: 1 month") -> str:
    text = SMALL.replace(TERM, f"{TERM}    indexation: {{index: cpi{terms}}}\n")
    return text.replace("building:\n", f"index:\n  cpi: {{label: CPI{index}}}\nbuilding:\n", 1)


def levels(*dates: str) -> str:
    parts = [f"m{number}: {{label: M, date: {day}, level: {100 + number}}}" for number, day in enumerate(dates)]
    return f", levels: {{{', '.join(parts)}}}"


YEARS = [f"{year}-06-01" for year in range(2026, 2039)]
GOOD = levels(*YEARS, "2039-06-01", "2039-06-02")
"""The first step, of 1 July 2027, reads June 2027 and June 2026; the last, of July 2040, June 2040 and June 2039."""


@pytest.mark.parametrize(
    ("index", "given"),
    [("", "neither rates nor levels"), (f", rates: {{2025-01-01: 2%}}{GOOD}", "both rates and levels")],
)
def test_an_index_has_rates_or_levels(index: str, given: str, tmp_path: Path) -> None:
    text = text_of(index)
    expected = (
        f"deal.yaml:{place(text, 'cpi', after='index:')}: the index 'cpi' has {given}. Allowed: exactly one of them."
    )
    assert expected in lines_of(refusal(text, tmp_path), tmp_path)
    load_text(text_of(GOOD), tmp_path)


@pytest.mark.parametrize(
    ("dates", "word", "message", "allowed"),
    [
        (
            ("2026-06-02", "2039-07-01"),
            "2026-06-02",
            "the levels of CPI begin on 2026-06-02; the first step of Hall lease reads 2026-06-01",
            "a level of 2026-06-01 or before",
        ),
        (
            ("2026-01-01", "2039-06-01"),
            "2039-06-01",
            "the levels of CPI end on 2039-06-01; the last step of Hall lease reads 2040-06-01",
            "levels, as forecast, to 2039-06-02 or later",
        ),
        (
            ("2026-01-01", "2040-01-01", "2039-07-01"),
            "2039-07-01",
            "a level of CPI is dated 2039-07-01, and follows that of 2040-01-01",
            "levels in the order of their dates",
        ),
        # A level of 1 June 2030 holds for less than a year: the step of July 2031 needs one of 2 June 2030 or later.
        (
            (*YEARS[:5], "2031-06-02", *YEARS[6:], "2039-06-01", "2039-06-02"),
            "2031-06-02",
            "the levels of CPI have none between 2030-06-01 and 2031-06-02, where Hall lease reads 2031-06-01",
            "a level for every twelve months",
        ),
        (
            (*YEARS[:5], *YEARS[8:], "2039-06-01", "2039-06-02"),
            "2034-06-01",
            "the levels of CPI have none between 2030-06-01 and 2034-06-01, where Hall lease reads 2031-06-01",
            "a level for every twelve months",
        ),
    ],
)
def test_levels_reach_as_far_as_they_are_read(
    dates: tuple[str, ...], word: str, message: str, allowed: str, tmp_path: Path
) -> None:
    text = text_of(levels(*dates))
    expected = f"deal.yaml:{place(text, word)}: {message}. Allowed: {allowed}."
    assert expected in lines_of(refusal(text, tmp_path), tmp_path)


def test_levels_may_miss_where_no_step_reads_them(tmp_path: Path) -> None:
    """Those before June 2026, and days between the reference months."""
    load_text(text_of(levels("2020-01-01", *(f"{year}-05-31" for year in range(2026, 2041)))), tmp_path)


def test_so_many_levels_do_not_fit_into_a_formula(tmp_path: Path) -> None:
    months = [f"{2026 + number // 12}-{number % 12 + 1:02}-01" for number in range(101)]
    text = text_of(levels(*months))
    expected = f"deal.yaml:{place(text, 'levels')}: the index 'cpi' has 101 levels. Allowed: 100 at most."
    assert expected in lines_of(refusal(text, tmp_path), tmp_path)
