"""What is refused of the timeline, of income and of what depends on them: message, place, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

TOLL = (Path(__file__).parents[1] / "deals" / "toll.yaml").read_text()

SALVAGE = "    label: Sale of equipment\n    payer: Market\n"
BASE_RATE = "rates:\n  index: Test rate\n  curve: {2025-01-01: 3.00%}\n"

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "first period that ends with close": (
        "first_end: 2026-05-15",
        "first_end: ^2025-05-15",
        "the first period ends on 2025-05-15; financial close is on 2025-05-15. "
        "Allowed: after 2025-05-15, and by 2027-05-15: two periods at most.",
    ),
    "first period of more than two periods": (
        "first_end: 2026-05-15",
        "first_end: ^2027-05-16",
        "the first period ends on 2027-05-16; financial close is on 2025-05-15. "
        "Allowed: after 2025-05-15, and by 2027-05-15: two periods at most.",
    ),
    "close of a case after the first period": (
        "set: {time.close: 2025-05-01}",
        "set: {time.close: ^2026-05-15}",
        "in case 'earlier_close', Financial close (2026-05-15) is not before the first period ends (2026-05-15). "
        "Allowed: before 2026-05-15.",
    ),
    "commencement after the timeline": (
        "commencement: 2027-11-16",
        "commencement: ^2046-05-16",
        "Commencement, Tolls (2046-05-16) lies after the timeline ends on 2046-05-15. "
        "Allowed: by 2046-05-15, or a later time.end.",
    ),
    "commencement after the timeline in a late case": (
        "commencement: 2027-11-16",
        "commencement: 2045-11-16",
        "in case 'late', Commencement, Tolls (2046-11-16) lies after the timeline ends on 2046-05-15, "
        "12 months of delay counted. Allowed: by 2046-05-15, or a later time.end.",
    ),
    "expiry after the timeline": (
        "expiry: 2045-05-15",
        "expiry: ^2046-05-16",
        "Expiry, Availability payment (2046-05-16) lies after the timeline ends on 2046-05-15. "
        "Allowed: by 2046-05-15, or a later time.end.",
    ),
    "expiry before commencement": (
        "expiry: 2045-05-15",
        "expiry: ^2027-05-15",
        "Expiry, Availability payment (2027-05-15) is before commencement (2027-05-16). Allowed: 2027-05-16 or later.",
    ),
    "receipt before close": (
        "amounts: {2026-05-15: 0.5m",
        "amounts: ^{2025-05-14: 0.5m",
        "Dated amounts, Sale of equipment: 2025-05-14 lies outside the timeline. "
        "Allowed: 2025-05-15 to 2046-05-15, or a later time.end.",
    ),
    "receipt after the timeline": (
        "2045-05-16: 2m}",
        "2046-05-16: 2m}",
        "Dated amounts, Sale of equipment: 2046-05-16 lies outside the timeline. "
        "Allowed: 2025-05-15 to 2046-05-15, or a later time.end.",
    ),
    "income of nothing": (
        f"  salvage:\n{SALVAGE}    amounts: {{2026-05-15: 0.5m, 2045-05-16: 2m}}\n",
        f"  ^salvage:\n{SALVAGE}",
        "income 'salvage' earns nothing. Allowed: an amount a year, dated amounts, or both.",
    ),
    "expiry of an income without a yearly amount": (
        "    payer: Market\n",
        "    payer: Market\n    ^expiry: 2040-01-01\n",
        "income 'salvage' has no yearly amount that 'expiry' could hold for. Allowed: an amount beside it.",
    ),
    "share of rent without a lease": (
        "    amount: 1.5m\n",
        "    amount: 1.5m\n    ^share_of_rent: 2%\n",
        "the cost 'operation' is a share of rent, and the deal has no lease. Allowed: share_of_revenue.",
    ),
    "margin without a base rate": (
        BASE_RATE,
        "",
        "debt.senior floats, and the deal has no base rate. Allowed: rates: with index and curve.",
    ),
}
PLACES = {
    "commencement after the timeline in a late case": "12 months",
    "receipt after the timeline": "{2026-05-15: 0.5m",
    "margin without a base rate": "senior:",
}


def spoiled(old: str, new: str) -> str:
    assert TOLL.count(old) == 1, f"{old!r} must stand once in the deal"
    return TOLL.replace(old, new)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule(name: str, tmp_path: Path) -> None:
    old, new, message = BROKEN[name]
    marked = spoiled(old, new)
    text = marked.replace("^", "")
    at = place(text, PLACES[name]) if name in PLACES else place(marked, "^")
    assert f"deal.yaml:{at}: {message}" in lines_of(refusal(text, tmp_path), tmp_path)


def test_a_first_period_of_more_than_a_year_earns_in_its_last_year_alone(tmp_path: Path) -> None:
    """To 15 November 2026 from 15 May 2025: income may begin on 16 November 2025, and not a day before."""
    text = spoiled("first_end: 2026-05-15", "first_end: 2026-11-15")
    early = text.replace("commencement: 2027-05-16", "commencement: 2025-11-15")
    assert lines_of(refusal(early, tmp_path), tmp_path) == [
        f"deal.yaml:{place(early, '2025-11-15')}: Availability payment earns from 2025-11-15, more than a year before "
        "the first period ends on 2026-11-15. Allowed: from 2025-11-16 on, or an earlier time.first_end."
    ]
    assert load_text(text.replace("commencement: 2027-05-16", "commencement: 2025-11-16"), tmp_path).id == "toll"
    unsaid = text.replace("    commencement: 2027-11-16\n", "")
    assert lines_of(refusal(unsaid, tmp_path), tmp_path) == [
        f"deal.yaml:{place(unsaid, '2025-05-15')}: Tolls earns from 2025-05-16, more than a year before "
        "the first period ends on 2026-11-15. Allowed: from 2025-11-16 on, or an earlier time.first_end."
    ]


def test_a_deal_earns_something_that_lasts(tmp_path: Path) -> None:
    start, end = TOLL.index("  availability:\n"), TOLL.index("  salvage:\n")
    receipts = (TOLL[:start] + TOLL[end:]).replace("  fewer_cars:\n", "  x:\n").replace("income.tolls.amount: 2m", "")
    error = refusal(receipts, tmp_path)
    assert lines_of(error, tmp_path) == [
        f"deal.yaml:{place(receipts, 'income:')}: the deal has no lasting revenue. "
        "Allowed: a lease, a contract, or an income with a yearly amount."
    ]
    nothing = receipts[: receipts.index("income:\n")] + receipts[receipts.index("opex:\n") :]
    assert lines_of(refusal(nothing, tmp_path), tmp_path) == [
        f"deal.yaml:{place(nothing, 'deal:')}: the deal has no lasting revenue. "
        "Allowed: a lease, a contract, or an income with a yearly amount."
    ]


def test_the_timeline_ends_with_the_last_expiry_or_says_where(tmp_path: Path) -> None:
    text = spoiled("  end: 2046-05-15\n", "").replace(", 2045-05-16: 2m", "")
    assert load_text(text, tmp_path).periods[-1].isoformat() == "2045-05-15"
    later = text.replace("set: {income.tolls.amount: 2m}", "set: {income.availability.expiry: 2045-05-16}")
    assert load_text(later, tmp_path).periods[-1].isoformat() == "2046-05-15"
    endless = text.replace("    expiry: 2045-05-15\n", "")
    assert lines_of(refusal(endless, tmp_path), tmp_path) == [
        f"deal.yaml:{place(endless, 'time:')}: nothing says where the timeline ends. "
        "Allowed: an end, or the expiry of an income."
    ]


def test_a_lease_that_ends_before_close(tmp_path: Path) -> None:
    text = SMALL.replace("commencement: 2026-07-01", "commencement: 2010-04-01").replace("15 years", "^15 years")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: Hall lease ends on 2025-03-31, not after financial close on 2025-03-31. "
        "Allowed: a lease that ends after 2025-03-31."
    ]


def test_a_let_building_needs_a_capacity(tmp_path: Path) -> None:
    text = SMALL.replace("    capacity: 100 MW\n", "")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'hall:')}: building 'hall' has no capacity for the rent of lease 'hall' to be "
        "charged on. Allowed: capacity: 100 MW."
    ]


def test_a_hedge_needs_a_base_rate(tmp_path: Path) -> None:
    hedge = "hedge:\n  swap: {label: Swap, kind: swap, loan: senior, share: 50%, rate: 3%}\n"
    text = spoiled(BASE_RATE, "").replace("reserves:\n", hedge + "reserves:\n")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'senior:')}: debt.senior floats, and the deal has no base rate. "
        "Allowed: rates: with index and curve."
    ]
