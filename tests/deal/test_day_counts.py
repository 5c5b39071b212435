"""The day count of a loan: every name a deal file may give, and names that mean several things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, place, refusal, spoiled


def with_day_count(name: str) -> str:
    return spoiled("    margin: 250 bp\n", f"    margin: 250 bp\n    day_count: {name}\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "30/360",
            "'30/360' is not one day count but several. Allowed: 30/360 Bond Basis, 30U/360, 30E/360, 30E/360 ISDA.",
        ),
        ("ACT/ACT", "'ACT/ACT' is not one day count but several. Allowed: ACT/ACT ISDA, ACT/ACT ICMA."),
        (
            "ACT/365",
            "'debt.senior.day_count' cannot be 'ACT/365'. Allowed: ACT/360, ACT/365F, ACT/ACT ISDA, ACT/ACT ICMA, "
            "30/360 Bond Basis, 30U/360, 30E/360, 30E/360 ISDA, NL/365, 1/1, by period. Did you mean 'ACT/365F'?",
        ),
    ],
)
def test_a_name_that_is_not_one_rule_is_refused(name: str, message: str, tmp_path: Path) -> None:
    text = with_day_count(name)
    error = refusal(text, tmp_path)
    assert f"deal.yaml:{place(text, name, after='day_count: ')}: {message}" in lines_of(error, tmp_path)
