"""What a deal file may say of facilities that cover shortfalls, and of a drawn letter of credit of the DSRA."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, load_text, place, refusal, spoiled

TERMS = "label: Revolver, kind: revolver, limit: 5m, until: 2030-12-31, undrawn_fee: 1%, margin: 3%"
REVOLVER = f"facility:\n  revolver: {{{TERMS}}}\n"
FLOATING = "    margin: 250 bp\n"
RATES = "rates:\n  index: Term SOFR\n  curve:\n    2025-01-01: 4.30%\n    2027-01-01: 3.10%\n"
TEXT = spoiled("reserves:\n", f"{REVOLVER}reserves:\n")
STEPS = """\
waterfall:
  - pay: operating costs
  - pay: fees
  - pay: senior interest
    support: [dsra, revolver]
  - pay: senior principal
  - pay: balloons
  - pay: reimbursements
  - fund: dsra
  - test: lock-up
  - distribute: equity
"""

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "no limit": (
        ", limit: 5m",
        "",
        "missing key 'limit' in facility.revolver. Allowed: the required keys: label, kind, limit, until.",
    ),
    "unknown kind": (
        "kind: revolver",
        "kind: ^revolvr",
        "'facility.revolver.kind' cannot be 'revolvr'. Allowed: revolver, letter of credit. Did you mean 'revolver'?",
    ),
    "no rate": (
        ", margin: 3%",
        "",
        "facility 'revolver' has neither margin nor fixed_rate. Allowed: exactly one of them.",
    ),
    "two rates": (
        "margin: 3%",
        "margin: 3%, fixed_rate: 3%",
        "facility 'revolver' has both margin and fixed_rate. Allowed: exactly one of them.",
    ),
    "name of an account": ("  revolver: {", "  ^dsra: {", "'dsra' is the name of an account. Allowed: another id."),
    "available before close": (
        "until: 2030",
        "close: ^2025-03-30, until: 2030",
        "Available from, Revolver (2025-03-30) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "no period end while it is available": (
        "until: 2030-12-31",
        "close: 2030-10-05, until: ^2030-12-30",
        "Available until, Revolver (2030-12-30) and its first day (2030-10-05) have no period end between them, so "
        "that nothing is ever drawn. Allowed: a period end between the two.",
    ),
    "never available": (
        "until: 2030-12-31",
        "close: 2030-12-31, until: ^2030-12-31",
        "Available until, Revolver (2030-12-31) is not after available from (2030-12-31). Allowed: after 2030-12-31.",
    ),
    "available after the timeline": (
        "until: 2030-12-31",
        "until: ^2042-01-01",
        "Available until, Revolver "
        "(2042-01-01) lies after the timeline ends on 2041-12-31. Allowed: by 2041-12-31, "
        "or a later time.end.",
    ),
    "a margin of a letter of credit that is cash": (
        "{months: 6}",
        "{months: 6, ^lc_margin: 2%}",
        "'lc_margin' means nothing where the DSRA holds cash. Allowed: lc_fee beside it.",
    ),
    "two rates of a letter of credit": (
        "{months: 6}",
        "{months: 6, lc_fee: 1%, lc_margin: 2%, ^lc_rate: 5%}",
        "a drawn letter of credit of the DSRA bears a margin and a fixed rate. Allowed: lc_margin or lc_rate.",
    ),
    "a step for reimbursements missing": (
        "reserves:\n",
        "^" + STEPS.replace("  - pay: reimbursements\n", "") + "reserves:\n",
        "the waterfall lacks the step 'pay: reimbursements', which the deal needs. "
        "Allowed: every step of the deal, once.",
    ),
    "an idle facility": (
        "reserves:\n",
        STEPS.replace(", revolver", "") + "reserves:\n",
        "no step of the waterfall is covered by facility 'revolver'. "
        "Allowed: support: [revolver] of a step, or no such facility.",
    ),
    "a facility misspelt": (
        "reserves:\n",
        STEPS.replace("principal\n", "principal\n    support: [^revolvers]\n") + "reserves:\n",
        "the deal has no account or facility 'revolvers'. Allowed: dsra, revolver. Did you mean 'revolver'?",
    ),
    "support of reimbursements": (
        "reserves:\n",
        STEPS.replace("reimbursements\n", "reimbursements\n    ^support: [revolver]\n") + "reserves:\n",
        "no account covers the step 'pay: reimbursements'. Allowed: support of obligations before the lock-up test.",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert TEXT.count(old) == 1
    marked = TEXT.replace(old, new)
    if "^" not in marked:
        marked = marked.replace("  revolver: {", "  ^revolver: {")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


def test_a_step_for_reimbursements_needs_a_facility(tmp_path: Path) -> None:
    marked = spoiled("reserves:\n", STEPS.replace(", revolver", "").replace("reimb", "^reimb") + "reserves:\n")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [
        f"deal.yaml:{place(marked, '^')}: the deal has no use for the step 'pay: reimbursements'. Allowed: an entry of "
        "facility, or a DSRA letter of credit with lc_margin or lc_rate, or no such step."
    ]


def test_a_margin_needs_a_base_rate_that_reaches_as_far(tmp_path: Path) -> None:
    fixed = TEXT.replace(FLOATING, "    fixed_rate: 5%\n")
    marked = fixed.replace(RATES, "").replace("  revolver: {", "  ^revolver: {")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    message = "facility.revolver floats, and the deal has no base rate. Allowed: rates: with index and curve."
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]
    short = fixed.replace("  curve:\n", "  until: 2029-12-31\n  curve:\n")
    message = "the base rate path ends on 2029-12-31, before the last period of Revolver begins on 2030-10-01"
    assert message in str(refusal(short, tmp_path))


KEPT = {
    "as it is": ("", ""),
    "a fixed rate": ("margin: 3%", "fixed_rate: 3%"),
    "a letter of credit that is drawn": ("{months: 6}", "{months: 6, lc_fee: 1%, lc_rate: 5%}"),
    "a list": ("reserves:\n", f"{STEPS}reserves:\n"),
    "a list without cash in the DSRA": (
        "reserves:\n  dsra: {months: 6}", f"{STEPS}reserves:\n  dsra: {{months: 6, lc_fee: 1%, lc_margin: 2%}}"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), KEPT.values(), ids=KEPT)
def test_kept_rule(old: str, new: str, tmp_path: Path) -> None:
    assert load_text(TEXT.replace(old, new) if old else TEXT, tmp_path).id == "harbour"
