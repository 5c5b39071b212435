"""What a deal file may say of ranks, sweeps and anticipated repayment dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

MEZZANINE = """\
  mezzanine:
    label: Mezzanine loan
    rank: mezzanine
    funds: works
    close: 2025-03-31
    commitment: 50
    margin: 700 bp
    availability_end: 2026-06-30
    completion: 2026-07-01
    repayment: {profile: mortgage, interest_only_until: 2027-06-30, term: 20 years, rate: 6%}
    maturity: 2031-03-31
    pik: {share: 50%, toggle: "yes"}
"""
SWEEP = "sweep: {share: 50%, order: [senior, mezzanine]}\n"
WORKS = "  works: {label: Works, capacity: 1 MW, budget: 90, spending_start: 2025-04-01, spending_end: 2026-06-30, funded_by: works}\n"  # noqa: E501
TEXT = (
    SMALL.replace("reserves:\n", MEZZANINE + SWEEP + "reserves:\n")
    .replace("funding:\n", WORKS + "funding:\n  works: {label: Works}\n")
    .replace("    maturity: 2031-03-31\nreserves", "    maturity: 2031-03-31\nreserves")
)

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "sweep of an unknown loan": (
        "[senior, mezzanine]",
        "[senior, ^mezanine]",
        "unknown debt 'mezanine'. Allowed: an entry of debt (senior, mezzanine). Did you mean 'mezzanine'?",
    ),
    "loan swept twice": (
        "[senior, mezzanine]",
        "[senior, mezzanine, ^senior]",
        "'senior' stands twice in the order of the sweep. Allowed: each loan once.",
    ),
    "swept shareholder loan": (
        'rank: mezzanine\n|[senior, mezzanine]|    pik: {share: 50%, toggle: "yes"}\n',
        "rank: shareholder\n|[senior, ^mezzanine]|",
        "'mezzanine' is a shareholder loan and cannot be swept. "
        "Allowed: a loan of rank senior, second lien, mezzanine.",
    ),
    "holdco loan with an anticipated repayment date": (
        'rank: mezzanine|toggle: "yes"}|sweep: {share: 50%, order: [senior, mezzanine]}\n',
        'rank: holdco|toggle: "yes"}\n    ard: ^{date: 2029-12-31}|',
        "a holdco loan has no anticipated repayment date. Allowed: a loan of rank senior, second lien, mezzanine.",
    ),
    "toggle on a senior loan": (
        'rank: mezzanine|toggle: "yes"',
        'rank: senior|toggle: ^"yes"',
        "senior interest of Mezzanine loan cannot be added to the loan for want of cash. "
        "Allowed: no, or a rank below senior.",
    ),
    "anticipated repayment date at maturity": (
        'toggle: "yes"}',
        'toggle: "yes"}\n    ard: {date: ^2031-03-31}',
        "Anticipated repayment date, Mezzanine loan (2031-03-31) is not before maturity (2031-03-31). "
        "Allowed: before 2031-03-31.",
    ),
    "shareholder loan with a fee": (
        'rank: mezzanine|    pik: {share: 50%, toggle: "yes"}\n|[senior, mezzanine]',
        "rank: shareholder|    upfront_fee: ^1%\n|[senior]",
        "Mezzanine loan is a shareholder loan and bears no fees, yet upfront fee is above 0. Allowed: 0.",
    ),
}


def changed(olds: str, news: str) -> str:
    """The deal with passages replaced, each of which stands in it once; passages are divided by |."""
    text = TEXT
    for old, new in zip(olds.split("|"), news.split("|"), strict=True):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = changed(old, new)
    error = refusal(text.replace("^", ""), tmp_path)
    assert lines_of(error, tmp_path) == [f"deal.yaml:{place(text, '^')}: {message}"]


def test_ard_before_completion(tmp_path: Path) -> None:
    text = changed('toggle: "yes"}', 'toggle: "yes"}\n    ard: {date: 2026-06-30}')
    (message,) = [error.message for error in refusal(text, tmp_path).errors]
    assert message == "Completion, Mezzanine loan (2026-07-01) is after anticipated repayment date (2026-06-30)"


def test_no_senior_loan(tmp_path: Path) -> None:
    text = TEXT.replace("    label: Senior loan\n", "    label: Senior loan\n    rank: second lien\n")
    assert [error.message for error in refusal(text, tmp_path).errors] == ["no loan is senior"]


def test_kept_rules(tmp_path: Path) -> None:
    deal = load_text(TEXT, tmp_path)
    assert deal.spec.sweep is not None and deal.spec.sweep.order == ["senior", "mezzanine"]
    load_text(changed('toggle: "yes"}', 'toggle: "yes"}\n    ard: {date: 2031-03-30, step_up: 2%}'), tmp_path)
