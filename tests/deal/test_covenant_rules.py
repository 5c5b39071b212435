"""Terms of covenants that do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, place, refusal, spoiled

LEVELS = "  lockup_dscr: 1.15x\n  default_dscr: 1.05x\n"

# The covenants of the small deal with the error marked by a ^, and the error.
BROKEN = {
    "a sweep of trapped cash to no loan": (
        f"{LEVELS}  ^sweep_after: 4\n",
        "trapped cash is to be swept, and nothing says to which loans. Allowed: a section sweep with its order.",
    ),
    "a test against no value": (
        f"{LEVELS}  ^default_ltv: 80%\n",
        "the deal file values no collateral. Allowed: a section valuation.",
    ),
    "a default LLCR above the lock-up LLCR": (
        f"{LEVELS}  lockup_llcr: 1.10x\n  default_llcr: ^1.20x\n",
        "the default LLCR of 1.20x lies above the lock-up LLCR of 1.10x. Allowed: at most 1.10x.",
    ),
    "a cure of nothing": (
        "  lockup_dscr: 1.15x\n  ^cure: {most: 2}\n",
        "the sponsors may cure a test that the deal does not have. Allowed: default_dscr beside it.",
    ),
    "more cures in a row than in all": (
        f"{LEVELS}  cure: {{most: 2, in_a_row: ^3}}\n",
        "3 cures in a row are more than the 2 there may be. Allowed: at most 2.",
    ),
    "no number of cures": (
        f"{LEVELS}  cure: {{most: ^0}}\n",
        "'0' is too small here. Allowed: 1 to 1,000.",
    ),
    "less than no cures": (
        f"{LEVELS}  cure: {{most: ^-1}}\n",
        "'-1' is outside the range of a count. Allowed: 1 to 1,000.",
    ),
    "a first test before close": (
        f"{LEVELS}  first_test: ^2025-01-01\n",
        "First test (2025-01-01) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "a first test after the timeline": (
        f"{LEVELS}  first_test: ^2042-01-01\n",
        "First test (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_covenants_that_do_not_fit(case: str, tmp_path: Path) -> None:
    marked, message = BROKEN[case]
    text = spoiled(LEVELS, marked)
    where = place(text, "^")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [f"deal.yaml:{where}: {message}"]
