"""Values that do not fit together, in the base case and in every other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

TAKEOUT = "takeout: {rate: 6%, dscr: 1.3x, final_maturity: 2041-03-31}\n"

JUNIOR = (
    "  junior: {{label: Junior loan, funds: site, close: 2025-03-31, commitment: 50, fixed_rate: 9%, "
    "availability_end: 2026-06-30, completion: 2026-07-01, repayment: {{profile: bullet}}, maturity: 2033-03-31, {}}}\n"
)

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "maturity before close": (
        "maturity: 2031-03-31",
        "maturity: ^2025-01-31",
        "Maturity, Senior loan (2025-01-31) is not after close (2025-03-31). Allowed: after 2025-03-31.",
    ),
    "lease end before commencement": (
        "term: 15 years",
        "expiry: ^2026-06-30",
        "Expiry, Hall lease (2026-06-30) is not after commencement (2026-07-01). Allowed: after 2026-07-01.",
    ),
    "lease beyond the timeline": (
        "term: 15 years",
        "term: ^16 years",
        "Hall lease ends on 2042-06-30, after the timeline ends on 2041-12-31. "
        "Allowed: a lease that ends by 2041-12-31, or a later time.end.",
    ),
    "expiry beyond the timeline": (
        "term: 15 years",
        "expiry: ^2042-01-01",
        "Expiry, Hall lease (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "rent-free for as long as the lease": (
        "term: 15 years",
        "term: 12 months\n    free_rent: ^12 months",
        "Hall lease is free of rent for 12 months from 2026-07-01 and ends on 2027-06-30, before rent is due. "
        "Allowed: a rent-free period shorter than the lease.",
    ),
    "rent-free beyond the expiry of the lease": (
        "term: 15 years",
        "expiry: 2027-06-30\n    free_rent: ^13 months",
        "Hall lease is free of rent for 13 months from 2026-07-01 and ends on 2027-06-30, before rent is due. "
        "Allowed: a rent-free period shorter than the lease.",
    ),
    "building without budget": (
        "budget: 1,000",
        "budget: ^0",
        "the buildings of Site have no budget. Allowed: a budget above 0.",
    ),
    "financing costs as large as the budget": (
        "    label: Site\n",
        "    label: Site\n    financing_budget: ^1bn\n",
        "the financing costs of Site in the budget (1,000.000) leave nothing of it (1,000.000). "
        "Allowed: less than 1,000.000.",
    ),
    "spending that ends before it starts": (
        "spending_end: 2026-06-30",
        "spending_end: ^2025-03-31",
        "End of spending, Hall (2025-03-31) is not after start of spending (2025-04-01). Allowed: after 2025-04-01.",
    ),
    "loan that closes before the deal": (
        "    close: 2025-03-31\n    commitment",
        "    close: ^2025-03-30\n    commitment",
        "Close, Senior loan (2025-03-30) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "availability that ends before close": (
        "availability_end: 2026-06-30",
        "availability_end: ^2025-03-30",
        "End of availability, Senior loan (2025-03-30) is before close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "availability that ends after maturity": (
        "availability_end: 2026-06-30",
        "availability_end: ^2031-04-01",
        "End of availability, Senior loan (2031-04-01) is after maturity (2031-03-31). "
        "Allowed: on or before 2031-03-31.",
    ),
    "completion after maturity": (
        "completion: 2026-07-01",
        "completion: ^2031-04-01",
        "Completion, Senior loan (2031-04-01) is after maturity (2031-03-31). Allowed: on or before 2031-03-31.",
    ),
    "repayment before completion": (
        "interest_only_until: 2027-06-30",
        "interest_only_until: ^2026-06-30",
        "Interest only until, Senior loan (2026-06-30) is before completion (2026-07-01). "
        "Allowed: 2026-07-01 or later.",
    ),
    "repayment after maturity": (
        "interest_only_until: 2027-06-30",
        "interest_only_until: ^2031-04-01",
        "Interest only until, Senior loan (2031-04-01) is after maturity (2031-03-31). "
        "Allowed: on or before 2031-03-31.",
    ),
    "maturity beyond the timeline": (
        "maturity: 2031-03-31",
        "maturity: ^2042-01-01",
        "Maturity, Senior loan (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "draws beyond commitment": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    draws: ^{2025-06-30: 600, 2025-09-30: 100.001}",
        "the draws of Senior loan sum to 700.001, more than the commitment of 700.000. "
        "Allowed: at most 700.000 in all.",
    ),
    "draw after availability": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    draws: ^{2025-06-30: 600, 2026-07-01: 100}",
        "a draw of Senior loan is dated 2026-07-01, outside its availability. Allowed: 2025-03-31 to 2026-06-30.",
    ),
    "extension that ends with the loan": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    extension: {until: ^2031-03-31}",
        "Extended maturity, Senior loan (2031-03-31) is not after maturity (2031-03-31). Allowed: after 2031-03-31.",
    ),
    "extension beyond the timeline": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    extension: {until: ^2042-01-01}",
        "Extended maturity, Senior loan (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "extension tested against no value": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    extension: {until: 2032-03-31, ltv: ^60%}",
        "the extension of Senior loan is tested against a value and the deal has no valuation. Allowed: a valuation.",
    ),
    "take-out tested against no value": (
        "reserves:",
        TAKEOUT.replace("dscr", "ltv: ^60%, dscr") + "reserves:",
        "the take-out is tested against a value and the deal has no valuation. Allowed: a valuation.",
    ),
    "take-out that ends before the extended loan": (
        "maturity: 2031-03-31\nreserves:",
        "maturity: 2031-03-31\n    extension: {until: 2033-03-31}\n"
        + TAKEOUT.replace("2041-03-31", "^2033-03-31")
        + "reserves:",
        "Take-out final maturity (2033-03-31) leaves no whole period after Extended maturity, Senior loan "
        "(2033-03-31). Allowed: 2033-06-30 or later.",
    ),
    "exit fee of a junior loan": (
        "reserves:\n",
        JUNIOR.format("rank: mezzanine, exit_fee: ^1%") + "reserves:\n",
        "Junior loan bears an exit fee and ranks as mezzanine. Allowed: only on a loan of rank senior.",
    ),
    "prepayment of a junior loan": (
        "reserves:\n",
        JUNIOR.format("rank: holdco, prepayment: {amounts: ^{2028-03-31: 1}}") + "reserves:\n",
        "Junior loan is prepaid and ranks as holdco. Allowed: only on a loan of rank senior.",
    ),
    "prepayment before completion": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    prepayment: {amounts: ^{2026-06-30: 1, 2028-03-31: 1}}",
        "a prepayment of Senior loan is dated 2026-06-30, outside the time from completion to maturity. "
        "Allowed: from 2026-07-01, before 2031-03-31.",
    ),
    "prepayment at maturity": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    prepayment: {amounts: ^{2031-03-31: 1}}",
        "a prepayment of Senior loan is dated 2031-03-31, outside the time from completion to maturity. "
        "Allowed: from 2026-07-01, before 2031-03-31.",
    ),
    "valuation without a basis": (
        "reserves:",
        "^valuation: {}\nreserves:",
        "the valuation has no method. Allowed: at least one of cap_rate, amount, amounts, dcf, per_mw, hardware, dark.",
    ),
    "valuation on two bases": (
        "reserves:",
        "^valuation: {cap_rate: 6%, amount: 900}\nreserves:",
        "the valuation has cap_rate and amount. Allowed: method: cap rate, amount, or one of them.",
    ),
    "take-out that ends with the loan": (
        "reserves:",
        TAKEOUT.replace("2041-03-31", "^2031-03-31") + "reserves:",
        "Take-out final maturity (2031-03-31) leaves no whole period after Maturity, Senior loan (2031-03-31). "
        "Allowed: 2031-06-30 or later.",
    ),
    "take-out that ends within the first period after the loan": (
        "reserves:",
        TAKEOUT.replace("2041-03-31", "^2031-06-29") + "reserves:",
        "Take-out final maturity (2031-06-29) leaves no whole period after Maturity, Senior loan (2031-03-31). "
        "Allowed: 2031-06-30 or later.",
    ),
    "take-out beyond the timeline": (
        "reserves:",
        TAKEOUT.replace("2041-03-31", "^2042-03-31") + "reserves:",
        "Take-out final maturity (2042-03-31) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "curve that begins after close": (
        "    2025-01-01: 4.30%",
        "    ^2025-04-01: 4.30%",
        "the base rate path begins on 2025-04-01, after financial close on 2025-03-31. "
        "Allowed: a first date on or before 2025-03-31.",
    ),
    "default above lock-up": (
        "default_dscr: 1.05x",
        "default_dscr: ^1.16x",
        "the default DSCR of 1.16x lies above the lock-up DSCR of 1.15x. Allowed: at most 1.15x.",
    ),
    "timeline that ends before close": (
        "end: 2041-12-31",
        "end: ^2025-03-31",
        "the timeline ends on 2025-03-31, not after financial close on 2025-03-31. Allowed: after 2025-03-31.",
    ),
    "case in which the loan matures before close": (
        "lease.hall.rent: $108/kW-month",
        "debt.senior.maturity: ^2025-01-31",
        "in case 'low_rent', Maturity, Senior loan (2025-01-31) is not after close (2025-03-31). "
        "Allowed: after 2025-03-31.",
    ),
    "case in which the lease outlasts the timeline": (
        "lease.hall.rent: $108/kW-month",
        "construction.delay: ^7 months",
        "in case 'low_rent', Hall lease ends on 2042-01-31, after the timeline ends on 2041-12-31. "
        "Allowed: a lease that ends by 2041-12-31, or a later time.end.",
    ),
    "case in which financing costs exceed the budget": (
        "lease.hall.rent: $108/kW-month",
        "funding.site.financing_budget: ^1,001",
        "in case 'low_rent', the financing costs of Site in the budget (1,001.000) leave nothing of it "
        "(1,000.000). Allowed: less than 1,000.000.",
    ),
    "case in which the take-out ends too soon": (
        "lease.hall.rent: $108/kW-month",
        "takeout.final_maturity: ^2031-06-29\n" + TAKEOUT.rstrip("\n"),
        "in case 'low_rent', Take-out final maturity (2031-06-29) leaves no whole period after Maturity, Senior loan "
        "(2031-03-31). Allowed: 2031-06-30 or later.",
    ),
    "case in which the curve begins too late": (
        "lease.hall.rent: $108/kW-month",
        "rates.curve: ^{2025-06-30: 3%}",
        "in case 'low_rent', the base rate path begins on 2025-06-30, after financial close on 2025-03-31. "
        "Allowed: a first date on or before 2025-03-31.",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    marked = spoiled(old, new)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


KEPT = {
    "draws up to the commitment": ("maturity: 2031-03-31", "maturity: 2031-03-31\n    draws: {2025-03-31: 700}"),
    "default at lock-up": ("default_dscr: 1.05x", "default_dscr: 1.15x"),
    "a lease that ends with the timeline": ("term: 15 years", "expiry: 2041-12-31"),
    "a case late within the timeline": ("lease.hall.rent: $108/kW-month", "construction.delay: 6 months"),
    "a rent-free period up to the last month": ("term: 15 years", "term: 12 months\n    free_rent: 11 months"),
    "a rent-free period that leaves the day of expiry": ("term: 15 years", "expiry: 2027-07-01\n    free_rent: 1 year"),
    "financing costs below the budget": ("    label: Site\n", "    label: Site\n    financing_budget: 999.999\n"),
    "a tolerance of 0.01": ("cases:", "checks: {tolerance: 0.01}\ncases:"),
    "a take-out fee of 20%": ("reserves:", TAKEOUT.replace("dscr", "upfront_fee: 20%, dscr") + "reserves:"),
    "a take-out of one period": ("reserves:", TAKEOUT.replace("2041-03-31", "2031-06-30") + "reserves:"),
    "an extension to the end of the timeline": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    extension: {until: 2041-12-31}",
    ),
    "a prepayment on the day of completion": (
        "maturity: 2031-03-31",
        "maturity: 2031-03-31\n    prepayment: {amounts: {2026-07-01: 1, 2031-03-30: 1}}",
    ),
    "a value for the take-out": (
        "reserves:",
        TAKEOUT.replace("dscr", "ltv: 60%, dscr") + "valuation: {amount: 900}\nreserves:",
    ),
    "a take-out": ("reserves:", TAKEOUT + "reserves:"),
    "a loan that closes later": ("    close: 2025-03-31\n    commitment", "    close: 2025-06-30\n    commitment"),
}


@pytest.mark.parametrize(("old", "new"), KEPT.values(), ids=KEPT)
def test_kept_rule(old: str, new: str, tmp_path: Path) -> None:
    assert load_text(spoiled(old, new), tmp_path).id == "harbour"


def test_a_take_out_needs_a_period_of_the_timeline(tmp_path: Path) -> None:
    text = spoiled("    maturity: 2031-03-31", "    maturity: 2041-10-01")
    text = text.replace("reserves:", TAKEOUT.replace("2041-03-31", "^2041-12-31") + "reserves:")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: Take-out final maturity (2041-12-31) leaves no whole period after Maturity, "
        "Senior loan (2041-10-01). Allowed: an earlier maturity, or a later time.end."
    ]


def test_the_take_out_follows_the_last_loan(tmp_path: Path) -> None:
    loan = SMALL[SMALL.index("  senior:\n") : SMALL.index("reserves:\n")]
    junior = loan.replace("senior:", "junior:").replace("Senior", "Junior").replace("2031-03-31", "2032-04-01")
    takeout = TAKEOUT.replace("2041-03-31", "^2032-06-30")
    text = SMALL.replace("reserves:\n", junior + takeout + "reserves:\n")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: Take-out final maturity (2032-06-30) leaves no whole period after Maturity, "
        "Junior loan (2032-04-01). Allowed: 2032-09-30 or later."
    ]


def test_a_delay_shortens_a_lease_with_an_expiry(tmp_path: Path) -> None:
    text = spoiled("term: 15 years", "expiry: 2027-06-30\n    free_rent: 6 months")
    text = text.replace("lease.hall.rent: $108/kW-month", "construction.delay: ^6 months")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: in case 'low_rent', Hall lease is free of rent for 6 months from 2027-01-01 "
        "and ends on 2027-06-30, before rent is due. Allowed: a rent-free period shorter than the lease."
    ]


def test_a_fault_that_aliases_share_names_every_entry(tmp_path: Path) -> None:
    lease = SMALL[SMALL.index("  hall:\n    label: Hall lease") : SMALL.index("debt:\n")]
    lease, whole = lease.replace("building: hall", "building: hall\n    capacity: 50 MW"), lease
    second = lease.replace("  hall:", "  annex:").replace("Hall lease", "Annex lease").replace("15 years", "*term")
    text = SMALL.replace(whole, lease + second).replace("term: 15 years", "term: &term 16 years")
    assert [error.message for error in refusal(text, tmp_path).errors] == [
        f"{name} lease ends on 2042-06-30, after the timeline ends on 2041-12-31" for name in ("Hall", "Annex")
    ]
    assert {(error.line, error.column) for error in refusal(text, tmp_path).errors} == {
        tuple(map(int, place(text, "&term").split(":")))
    }


def test_a_name_of_several_lines_stays_on_one(tmp_path: Path) -> None:
    text = spoiled("label: Senior loan", 'label: "Senior\\nloan"').replace(
        "maturity: 2031-03-31", "maturity: 2025-01-31"
    )
    assert [error.message for error in refusal(text, tmp_path).errors] == [
        "Maturity, Senior loan (2025-01-31) is not after close (2025-03-31)"
    ]


def test_what_is_wrong_in_the_base_case_is_said_once(tmp_path: Path) -> None:
    text = spoiled("default_dscr: 1.05x", "default_dscr: 1.2x")
    assert len(refusal(text, tmp_path).errors) == 1


def test_a_case_that_repeats_the_fault_is_named(tmp_path: Path) -> None:
    text = SMALL.replace("default_dscr: 1.05x", "default_dscr: 1.2x")
    text = text.replace("lease.hall.rent: $108/kW-month", "covenants.default_dscr: 1.3x")
    assert [error.message.startswith("in case") for error in refusal(text, tmp_path).errors] == [False, True]


def test_a_delay_counts_in_the_order_of_dates(tmp_path: Path) -> None:
    text = spoiled("  end: 2041-12-31\n", "")
    text = text.replace("lease.hall.rent: $108/kW-month", "construction.delay: ^1 year")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: in case 'low_rent', Interest only until, Senior loan (2027-06-30) is before "
        "completion (2027-07-01), 12 months of delay counted. Allowed: 2027-07-01 or later."
    ]


def test_spending_may_be_delayed_to_the_end_of_the_timeline_alone(tmp_path: Path) -> None:
    text = SMALL.replace("term: 15 years", "expiry: 2041-12-31")
    text = text.replace("lease.hall.rent: $108/kW-month", "construction.delay: 187 months")
    messages = [error.message for error in refusal(text, tmp_path).errors]
    assert (
        "in case 'low_rent', End of spending, Hall (2042-01-30) lies after the timeline ends on 2041-12-31, "
        "187 months of delay counted"
    ) in messages


SWEPT = SMALL.replace("reserves:\n", "sweep: {share: 50%, order: [senior], start: DAY}\nreserves:\n")


def test_a_sweep_starts_before_the_last_of_its_loans_is_due(tmp_path: Path) -> None:
    """The loan matures on 2031-03-31, so that the last sweep is that of the period from 2030-10-01 to 2030-12-31."""
    load_text(SWEPT.replace("DAY", "2030-10-01"), tmp_path)
    text = SWEPT.replace("DAY", "2030-10-02")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '2030-10-02')}: the sweep starts on 2030-10-02 and finds nothing to repay: the last "
        "of its loans falls due on 2031-03-31. Allowed: 2030-10-01 or earlier."
    ]
