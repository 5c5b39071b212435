"""How large a loan is and how it is repaid: keys that exclude or need each other, and schedules that do not add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

SIZE = "    commitment: {value: 700, source: S1, status: filed, note: Section 2.1, as_of: 2025-03-31}\n"
LOAN = "  senior:\n    label: Senior loan\n"
PROFILE = SMALL[SMALL.index("      profile: mortgage\n") : SMALL.index("    maturity: 2031-03-31\n")]
SCULPTED = "      profile: sculpted\n      interest_only_until: 2027-06-30\n"
CUSTOM = "      profile: custom {}\n      interest_only_until: 2027-06-30\n"

# What is replaced, by what (passages are divided by |; the error stands at the ^), and the error.
BROKEN = {
    "neither commitment nor sizing": (
        f"{LOAN}|{SIZE}",
        f"{LOAN.replace('senior:', '^senior:')}|",
        "loan 'senior' has neither commitment nor sizing. Allowed: exactly one of them.",
    ),
    "both commitment and sizing": (
        f"{LOAN}|{SIZE}",
        f"{LOAN.replace('senior:', '^senior:')}|{SIZE}    sizing: {{gearing: 70%}}\n",
        "loan 'senior' has both commitment and sizing. Allowed: exactly one of them.",
    ),
    "sizing without a limit": (
        SIZE,
        '    ^sizing: {above_cost: "yes"}\n',
        "nothing limits the size of loan 'senior'. Allowed: at least one of gearing, dscr, dscr_steps, "
        "downside, llcr, plcr, ltv, debt_yield, exit_ltv, exit_debt_yield, refinancing, amount, wal, tail.",
    ),
    "cover of merchant revenue alone": (
        SIZE,
        "    sizing: {gearing: 70%, ^dscr_merchant: 2x}\n",
        "the cover of merchant revenue stands alone. Allowed: dscr beside it.",
    ),
    "two target covers": (
        SIZE,
        "    sizing: {dscr: 1.3x, ^dscr_steps: {2026-01-01: 1.4x}}\n",
        "loan 'senior' has two target covers. Allowed: dscr or dscr_steps.",
    ),
    "ltv without valuation": (
        SIZE,
        "    sizing: {^ltv: 60%}\n",
        "the deal file values no collateral. Allowed: a section valuation.",
    ),
    "exit ltv without valuation": (
        SIZE,
        "    sizing: {^exit_ltv: 60%}\n",
        "the deal file values no collateral. Allowed: a section valuation.",
    ),
    "life of a loan that is not sculpted": (
        SIZE,
        "    sizing: {dscr: 1.3x, ^wal: 4 years}\n",
        "a loan of the profile 'mortgage' has the length its repayment gives it. "
        "Allowed: profile: sculpted, or no such limit.",
    ),
    "tail of a loan that is not sculpted": (
        SIZE,
        "    sizing: {dscr: 1.3x, ^tail: 6 months}\n",
        "a loan of the profile 'mortgage' has the length its repayment gives it. "
        "Allowed: profile: sculpted, or no such limit.",
    ),
    "tail and balloon": (
        f"{SIZE}|{PROFILE}",
        f"    sizing: {{dscr: 1.3x, tail: 6 months}}\n|{SCULPTED}      balloon: ^10%\n",
        "Senior loan is to be repaid early, and leaves a balloon. "
        "Allowed: no balloon, or no limit on its life or tail.",
    ),
    "sized loan with dated draws": (
        SIZE,
        "    sizing: {dscr: 1.3x}\n    ^draws: {2025-06-30: 100}\n",
        "loan 'senior' is sized and has dated draws. Allowed: one of them.",
    ),
    "mortgage without a term": (
        "    repayment:\n|      term: 20 years\n",
        "    ^repayment:\n|",
        "the profile 'mortgage' of loan 'senior' needs 'term'. Allowed: term: ....",
    ),
    "custom amounts without amounts": (
        f"    repayment:\n{PROFILE}",
        "    ^repayment:\n" + CUSTOM.format("amounts"),
        "the profile 'custom amounts' of loan 'senior' needs 'amounts'. Allowed: amounts: ....",
    ),
    "shares of a bullet": (
        PROFILE,
        "      profile: bullet\n      ^shares: {2031-03-31: 100%}\n",
        "'shares' means nothing for the profile 'bullet' of loan 'senior'. "
        "Allowed: profile: custom shares, or no shares.",
    ),
    "balloon of a mortgage": (
        PROFILE,
        f"{PROFILE}      ^balloon: 10%\n",
        "a loan of the profile 'mortgage' leaves the balloon that its schedule leaves. "
        "Allowed: no balloon, or profile: level, sculpted, straight line, custom amounts, custom shares.",
    ),
    "equal debt service of a sculpted loan": (
        PROFILE,
        f"{SCULPTED}      ^level_by: days\n",
        "'level_by' means nothing for the profile 'sculpted' of loan 'senior'. "
        "Allowed: profile: level, or no level_by.",
    ),
    "shares of principal that do not sum": (
        PROFILE,
        CUSTOM.format("shares") + "      shares: ^{2028-03-31: 40%, 2031-03-31: 59%}\n",
        "the shares of principal of Senior loan sum to 99.000000%. Allowed: 100.000000% in all, or a balloon.",
    ),
    "shares of principal that forget the balloon": (
        PROFILE,
        CUSTOM.format("shares") + "      shares: ^{2028-03-31: 40%, 2031-03-31: 60%}\n      balloon: 10%\n",
        "the shares of principal of Senior loan sum to 100.000000%. Allowed: 90.000000% in all.",
    ),
    "custom schedule that does not repay the loan": (
        PROFILE,
        CUSTOM.format("amounts") + "      amounts: ^{2028-03-31: 300, 2031-03-31: 399.5}\n",
        "the schedule of Senior loan repays 699.500000 of 700.000000. Allowed: 700.000000 in all, or a balloon.",
    ),
    "principal in the interest-only time": (
        PROFILE,
        CUSTOM.format("amounts") + "      amounts: ^{2027-06-30: 300, 2031-03-31: 400}\n",
        "the schedule of Senior loan has a date, 2027-06-30, outside its repayment. "
        "Allowed: after 2027-06-30, up to 2031-03-31.",
    ),
    "principal after maturity": (
        PROFILE,
        CUSTOM.format("shares") + "      shares: ^{2028-03-31: 40%, 2031-04-01: 60%}\n",
        "the schedule of Senior loan has a date, 2031-04-01, outside its repayment. "
        "Allowed: after 2027-06-30, up to 2031-03-31.",
    ),
    "target balance after maturity": (
        PROFILE,
        "      profile: target balance\n      balances: ^{2028-03-31: 400, 2031-06-30: 0}\n",
        "the schedule of Senior loan has a date, 2031-06-30, outside its repayment. "
        "Allowed: after 2026-06-30, up to 2031-03-31.",
    ),
    "principal before completion": (
        PROFILE,
        "      profile: custom shares\n      shares: ^{2026-06-30: 30%, 2031-03-31: 70%}\n",
        "the schedule of Senior loan has a date, 2026-06-30, outside its repayment. "
        "Allowed: after 2026-06-30, up to 2031-03-31.",
    ),
    "principal during the construction of a late case": (
        f"{PROFILE}|    set:\n      lease.hall.rent: $108/kW-month\n",
        "      profile: custom shares\n      shares: {2026-12-31: 30%, 2031-03-31: 70%}\n"
        "|    set:\n      construction.delay: ^6 months\n",
        "in case 'low_rent', the schedule of Senior loan has a date, 2026-12-31, outside its repayment. "
        "Allowed: after 2026-12-31, up to 2031-03-31.",
    ),
    "target balance before completion": (
        PROFILE,
        "      profile: target balance\n      balances: ^{2026-03-31: 400, 2031-03-31: 0}\n",
        "the schedule of Senior loan has a date, 2026-03-31, outside its repayment. "
        "Allowed: after 2026-06-30, up to 2031-03-31.",
    ),
    "target balance above the loan": (
        PROFILE,
        "      profile: target balance\n      balances: ^{2028-03-31: 700.5, 2031-03-31: 0}\n",
        "the target balance of Senior loan on 2028-03-31 (700.500) is above the 700.000 owed before. "
        "Allowed: at most 700.000.",
    ),
    "target balance that rises": (
        PROFILE,
        "      profile: target balance\n      balances: ^{2028-03-31: 200, 2029-12-31: 300}\n",
        "the target balance of Senior loan on 2029-12-31 (300.000) is above the 200.000 owed before. "
        "Allowed: at most 200.000.",
    ),
    "nothing lent": (
        SIZE,
        "    commitment: ^0\n",
        "Senior loan lends nothing. Allowed: a commitment above 0.",
    ),
    "draws after the first repayment": (
        "    availability_end: 2026-06-30\n",
        "    availability_end: ^2027-10-01\n",
        "End of availability, Senior loan (2027-10-01) comes after the first repayment, due on 2027-09-30. "
        "Allowed: on or before 2027-09-30, or a later first repayment.",
    ),
    "draws after completion, which is when repayment starts": (
        f"    availability_end: 2026-06-30\n|{PROFILE}",
        "    availability_end: ^2026-10-01\n|      profile: level\n",
        "End of availability, Senior loan (2026-10-01) comes after the first repayment, due on 2026-09-30. "
        "Allowed: on or before 2026-09-30, or a later first repayment.",
    ),
    "draws after the first of custom shares": (
        f"    availability_end: 2026-06-30\n|{PROFILE}",
        "    availability_end: ^2027-01-01\n"
        "|      profile: custom shares\n      shares: {2026-11-15: 30%, 2031-03-31: 70%}\n",
        "End of availability, Senior loan (2027-01-01) comes after the first repayment, due on 2026-12-31. "
        "Allowed: on or before 2026-12-31, or a later first repayment.",
    ),
    "sizing without a constraint": (
        SIZE,
        "    ^sizing: {}\n",
        "nothing limits the size of loan 'senior'. Allowed: at least one of gearing, dscr, dscr_steps, "
        "downside, llcr, plcr, ltv, debt_yield, exit_ltv, exit_debt_yield, refinancing, amount, wal, tail.",
    ),
    "sized loan with amounts of principal": (
        f"{SIZE}|{PROFILE}",
        "    sizing: {gearing: 50%}\n"
        "|      ^profile: custom amounts\n      amounts: {2028-03-31: 10, 2031-03-31: 20}\n",
        "loan 'senior' is sized, and the profile 'custom amounts' repays an amount that is stated. "
        "Allowed: custom shares, or another profile.",
    ),
    "sized loan with target balances": (
        f"{SIZE}|{PROFILE}",
        "    sizing: {gearing: 50%}\n|      ^profile: target balance\n      balances: {2031-03-31: 0}\n",
        "loan 'senior' is sized, and the profile 'target balance' repays an amount that is stated. "
        "Allowed: custom shares, or another profile.",
    ),
    "principal out of order": (
        PROFILE,
        CUSTOM.format("amounts") + "      amounts: {2028-03-31: 300, ^2028-03-30: 400}\n",
        "the date 2028-03-30 does not follow 2028-03-31. Allowed: dates in ascending order.",
    ),
    "margin steps out of order": (
        "    margin: 250 bp\n",
        "    margin: 250 bp\n    margin_steps: {2029-01-01: 3%, ^2028-01-01: 3.5%}\n",
        "the date 2028-01-01 does not follow 2029-01-01. Allowed: dates in ascending order.",
    ),
    "two margin steps on one day": (
        "    margin: 250 bp\n",
        "    margin: 250 bp\n    margin_steps: {2029-01-01: 3%, ^2029-01-01: 3.5%}\n",
        "duplicate key '2029-01-01', first given in line 47. Allowed: each key once.",
    ),
}


def replaced(olds: str, news: str) -> str:
    """The small deal with passages replaced, each of which stands in it once."""
    text = SMALL
    for old, new in zip(olds.split("|"), news.split("|"), strict=True):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(("olds", "news", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(olds: str, news: str, message: str, tmp_path: Path) -> None:
    marked = replaced(olds, news)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


KEPT = {
    "a size by gearing": (SIZE, "    sizing: {gearing: 70%}\n"),
    "ltv of a valuation": (f"{SIZE}|reserves:", "    sizing: {ltv: 60%}\n|valuation: {amount: 900}\nreserves:"),
    "a sculpted loan with a tail": (f"{SIZE}|{PROFILE}", f"    sizing: {{dscr: 1.3x, tail: 6 months}}\n|{SCULPTED}"),
    "shares that leave the balloon": (
        PROFILE,
        CUSTOM.format("shares") + "      shares: {2028-03-31: 40%, 2031-03-31: 50%}\n      balloon: 10%\n",
    ),
    "a schedule that repays the loan on its last day": (
        PROFILE,
        CUSTOM.format("amounts") + "      amounts: {2027-07-01: 300, 2031-03-31: 400}\n",
    ),
    "balances down to a balloon": (PROFILE, "      profile: target balance\n      balances: {2028-03-31: 400}\n"),
}


@pytest.mark.parametrize(("olds", "news"), KEPT.values(), ids=KEPT)
def test_kept_rule(olds: str, news: str, tmp_path: Path) -> None:
    assert load_text(replaced(olds, news), tmp_path).id == "harbour"


def test_a_case_in_which_the_schedule_repays_too_little(tmp_path: Path) -> None:
    text = spoiled(PROFILE, CUSTOM.format("amounts") + "      amounts: {2028-03-31: 300, 2031-03-31: 400}\n")
    text = text.replace("lease.hall.rent: $108/kW-month", "debt.senior.commitment: ^800")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: in case 'low_rent', the schedule of Senior loan repays 700.000000 of "
        "800.000000. Allowed: 800.000000 in all, or a balloon."
    ]
