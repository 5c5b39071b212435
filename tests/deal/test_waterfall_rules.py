"""What a deal file may say of the waterfall: steps, their order, and what they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, load_text, place, refusal, spoiled
from tests.deal.test_ranks import MEZZANINE, TEXT

STEPS = """\
waterfall:
  - pay: operating costs
  - pay: fees
  - pay: senior interest
    support: [dsra]
  - pay: senior principal
  - pay: balloons
  - fund: dsra
  - test: lock-up
  - distribute: equity
"""
SMALL = spoiled("covenants:\n", f"{STEPS}covenants:\n")
TAX = "tax: {federal_rate: 21%, depreciation: MACRS 5}\n"

ALLOWED_PAY = (
    "operating costs, taxes, fees, hedges, senior interest, senior principal, balloons, exit fees, reimbursements, "
    "prepayments, second lien, second lien interest, second lien principal, second lien balloons, mezzanine, "
    "mezzanine interest, mezzanine principal, mezzanine balloons, holdco, holdco interest, holdco principal, "
    "holdco balloons, shareholder loans, shareholder loan interest, shareholder loan principal, "
    "shareholder loan balloons"
)

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "unknown step": (
        "pay: senior interest",
        "pay: ^senoir interest",
        f"'waterfall.2.pay' cannot be 'senoir interest'. Allowed: {ALLOWED_PAY}. Did you mean 'senior interest'?",
    ),
    "unknown verb": (
        "pay: senior principal",
        "^pays: senior principal",
        "unknown key 'pays' in waterfall.3. Allowed: pay, fund, sweep, test, distribute, limit, from, support. "
        "Did you mean 'pay'?",
    ),
    "no verb": (
        "  - pay: fees\n",
        "  - ^support: [dsra]\n",
        "a step has no verb. Allowed: exactly one of pay, fund, sweep, test, distribute.",
    ),
    "two verbs": (
        "  - pay: fees\n",
        "  - ^pay: fees\n    fund: dsra\n",
        "a step has both pay and fund. Allowed: exactly one of pay, fund, sweep, test, distribute.",
    ),
    "a step twice": (
        "  - pay: balloons\n",
        "  - pay: balloons\n  - pay: ^fees\n",
        "the step 'pay: fees' stands twice in the waterfall. Allowed: each step once.",
    ),
    "two lock-up tests": (
        "  - test: lock-up\n",
        "  - test: lock-up\n  - test: ^lock-up\n",
        "the step 'test: lock-up' stands twice in the waterfall. Allowed: each step once.",
    ),
    "a rank that the deal has no loan of": (
        "  - fund: dsra\n",
        "  - fund: dsra\n  - pay: ^mezzanine\n",
        "the deal has no use for the step 'pay: mezzanine'. Allowed: a loan of rank mezzanine, or no such step.",
    ),
    "a part of a rank that the deal has no loan of": (
        "  - test: lock-up\n",
        "  - test: lock-up\n  - pay: ^shareholder loan interest\n",
        "the deal has no use for the step 'pay: shareholder loan interest'. Allowed: a loan of rank shareholder, "
        "or no such step.",
    ),
    "taxes of a deal without": (
        "  - pay: fees\n",
        "  - pay: ^taxes\n  - pay: fees\n",
        "the deal has no use for the step 'pay: taxes'. Allowed: a section tax whose taxes the SPV pays, "
        "or no such step.",
    ),
    "a sweep of a deal without": (
        "  - fund: dsra\n",
        "  - fund: dsra\n  - sweep: ^excess cash\n",
        "the deal has no use for the step 'sweep: excess cash'. Allowed: a section sweep, or a loan with ard, "
        "or no such step.",
    ),
    "a missing step": (
        "waterfall:|  - pay: fees\n",
        "^waterfall:|",
        "the waterfall lacks the step 'pay: fees', which the deal needs. Allowed: every step of the deal, once.",
    ),
    "no lock-up test": (
        "waterfall:|  - test: lock-up\n",
        "^waterfall:|",
        "the waterfall lacks the step 'test: lock-up', which the deal needs. Allowed: every step of the deal, once.",
    ),
    "a limit of interest": (
        "    support: [dsra]\n",
        "    ^limit: 1m\n",
        "the step 'pay: senior interest' has no limit. Allowed: pay: fees, pay: exit fees, fund: capital reserves, "
        "fund: dsra, fund: working capital, sweep: excess cash.",
    ),
    "a first date of fees": (
        "  - pay: fees\n",
        "  - pay: fees\n    ^from: 2030-01-01\n",
        "the step 'pay: fees' has no first date. Allowed: a step fund or sweep.",
    ),
    "a first date after the timeline": (
        "  - fund: dsra\n",
        "  - fund: dsra\n    from: ^2042-01-01\n",
        "From, dsra (2042-01-01) lies after the timeline ends on 2041-12-31. Allowed: by 2041-12-31, "
        "or a later time.end.",
    ),
    "support of a reserve": (
        "  - fund: dsra\n",
        "  - fund: dsra\n    ^support: [dsra]\n",
        "no account covers the step 'fund: dsra'. Allowed: support of obligations before the lock-up test.",
    ),
    "an account that the deal does not have": (
        "support: [dsra]",
        "support: [dsra, ^working capital]",
        "the deal has no account or facility 'working capital'. Allowed: dsra.",
    ),
    "an account misspelt": (
        "support: [dsra]",
        "support: [^drsa]",
        "the deal has no account or facility 'drsa'. Allowed: dsra. Did you mean 'dsra'?",
    ),
    "an account twice": (
        "support: [dsra]",
        "support: [dsra, ^dsra]",
        "'dsra' stands twice in the support of 'pay: senior interest'. Allowed: each once.",
    ),
    "an account that is filled before": (
        "  - pay: balloons\n  - fund: dsra\n",
        "  - fund: dsra\n  - pay: balloons\n    support: [^dsra]\n",
        "'dsra' covers 'pay: balloons' after it was filled. Allowed: support before the step 'fund: dsra'.",
    ),
    "a reserve after the test": (
        "  - fund: dsra\n  - test: lock-up\n",
        "  - test: lock-up\n  - fund: ^dsra\n",
        "'fund: dsra' stands after the lock-up test. Allowed: before 'test: lock-up'.",
    ),
    "distributions before the test": (
        "  - test: lock-up\n  - distribute: equity\n",
        "  - distribute: ^equity\n  - test: lock-up\n",
        "'distribute: equity' is paid before the lock-up test. Allowed: after 'test: lock-up'.",
    ),
    "no list": (
        STEPS, "waterfall: ^no\n", "'waterfall' must be a list. Allowed: lines that begin with '- '.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    marked = SMALL
    for one, other in zip(old.split("|"), new.split("|"), strict=True):
        assert marked.count(one) == 1, one
        marked = marked.replace(one, other)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


TAXED = {
    "before debt service, paid between": (
        TAX, "  - pay: senior interest\n    support: [dsra]\n", "  - pay: ^taxes\n",
        "taxes rank before debt service (tax.rank), and are paid after a part of it. "
        "Allowed: before hedges, senior interest and senior principal, or another tax.rank.",
    ),
    "after debt service, paid before": (
        TAX.replace("}", ", rank: after debt service}"), "  - pay: fees\n", "  - pay: ^taxes\n",
        "taxes rank after debt service (tax.rank), and are paid before a part of it. "
        "Allowed: after hedges, senior interest and senior principal, or another tax.rank.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tax", "after", "step", "message"), TAXED.values(), ids=TAXED)
def test_taxes_stand_where_their_rank_says(tax: str, after: str, step: str, message: str, tmp_path: Path) -> None:
    marked = SMALL.replace("covenants:\n", f"{tax}covenants:\n").replace(after, after + step)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


def test_equity_comes_last(tmp_path: Path) -> None:
    text = TEXT.replace("rank: mezzanine", "rank: shareholder").replace("[senior, mezzanine]", "[senior]")
    steps = RANKED.replace("  - pay: mezzanine\n", "") + "  - pay: ^shareholder loans\n"
    marked = text.replace("covenants:\n", f"{steps}covenants:\n")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    message = "'pay: shareholder loans' stands after 'distribute: equity'. Allowed: equity as the last step."
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


RANKED = STEPS.replace("  - fund: dsra\n", "  - fund: dsra\n  - sweep: excess cash\n  - pay: mezzanine\n")


def test_a_rank_is_not_paid_before_the_one_above_it(tmp_path: Path) -> None:
    assert "rank: mezzanine" in MEZZANINE
    steps = RANKED.replace("  - pay: mezzanine\n", "").replace("  - pay: senior interest", "  - pay: ^mezzanine\nX")
    marked = TEXT.replace("covenants:\n", f"{steps}covenants:\n").replace("X", "  - pay: senior interest")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    at = place(marked, "^")
    assert lines == [
        f"deal.yaml:{at}: 'pay: mezzanine {part}' is paid before 'pay: senior {above}', which ranks above it. "
        f"Allowed: after 'pay: senior {above}'."
        if part != "balloons"
        else f"deal.yaml:{at}: 'pay: mezzanine balloons' is paid before 'pay: balloons', which ranks above it. "
        "Allowed: after 'pay: balloons'."
        for part, above in (("interest", "interest"), ("principal", "principal"), ("balloons", ""))
    ]


def test_a_missing_rank_and_a_missing_part_of_one_are_named(tmp_path: Path) -> None:
    lacks = "the waterfall lacks the step '{}', which the deal needs. Allowed: every step of the deal, once."
    steps = RANKED.replace("  - pay: mezzanine\n", "")
    marked = TEXT.replace("covenants:\n", f"^{steps}covenants:\n")
    at = place(marked, "^")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{at}: {lacks.format('pay: mezzanine')}"]
    marked = marked.replace("  - sweep: excess cash\n", "  - sweep: excess cash\n  - pay: mezzanine interest\n")
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [
        f"deal.yaml:{at}: {lacks.format(step)}" for step in ("pay: mezzanine principal", "pay: mezzanine balloons")
    ]


KEPT = {
    "as it is": ("", ""),
    "a limit and a date": ("  - fund: dsra\n", "  - fund: dsra\n    limit: 1m\n    from: 2030-01-01\n"),
    "support of fees": ("  - pay: fees\n", "  - pay: fees\n    support: [dsra]\n"),
    "principal before interest": (
        "  - pay: senior interest\n    support: [dsra]\n  - pay: senior principal\n",
        "  - pay: senior principal\n  - pay: senior interest\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), KEPT.values(), ids=KEPT)
def test_kept_rule(old: str, new: str, tmp_path: Path) -> None:
    assert load_text(SMALL.replace(old, new) if old else SMALL, tmp_path).id == "harbour"


def test_limits_and_dates_are_inputs_with_a_place(tmp_path: Path) -> None:
    text = SMALL.replace("  - fund: dsra\n", "  - fund: dsra\n    limit: 1m\n    from: 2030-01-01\n")
    deal = load_text(text, tmp_path)
    limit, start = deal.inputs["waterfall.dsra.limit"], deal.inputs["waterfall.dsra.from"]
    assert (limit.label, limit.kind, limit.value) == ("Limit, dsra", "money_per_year", 1.0)
    assert f"{limit.line}:{limit.column}" == place(text, "1m")
    assert start.label == "From, dsra" and f"{start.line}:{start.column}" == place(text, "2030-01-01")
    assert deal.bounds("waterfall.dsra.limit")[0] == 0.0


def test_a_case_changes_a_limit_that_the_deal_file_gives_and_no_other(tmp_path: Path) -> None:
    text = SMALL.replace("lease.hall.rent: $108/kW-month", "waterfall.fees.limit: 1m")
    message = "unknown input 'waterfall.fees.limit' in case 'low_rent'"
    assert message in str(refusal(text, tmp_path))
    text = text.replace("  - pay: fees\n", "  - pay: fees\n    limit: 2m\n")
    value = load_text(text, tmp_path).values("low_rent")["waterfall.fees.limit"].value
    assert value == 1.0
