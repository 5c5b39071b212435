"""Deal files that say what a deal file may not say: message, place, what is allowed, nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from spvmodel.deal import DealError
from tests.deal.files import SMALL, lines_of, place, refusal, spoiled

LOAN_KEYS = (
    "label, rank, sequence, funds, draws_for, overrun_share, close, commitment, sizing, margin, margin_steps, "
    "fixed_rate, floor, cap, default_margin, day_count, payment_days, upfront_fee, discount, commitment_fee, "
    "agency_fee, exit_fee, "
    "availability_end, completion, repayment, maturity, draws, pik, ard, extension, prepayment"
)

LEASES = SMALL[SMALL.index("lease:\n") : SMALL.index("debt:\n")]
LOANS = SMALL[SMALL.index("debt:\n") : SMALL.index("reserves:\n")]

# What is replaced, by what (the error stands at the ^), and the error.
BAD = {
    "wrong type of text": (
        "title: Harbour",
        "title: ^[Harbour]",
        "'title' must be a text. Allowed: words or a number.",
    ),
    "wrong type of section": (
        "reserves:\n  dsra: {months: 6}",
        "reserves: ^6 months",
        "'reserves' must be a mapping. Allowed: the keys dsra, capital, account, working_capital_months, interest, "
        "interest_in_cfads.",
    ),
    "a useful life of less than a month": (
        "reserves:\n",
        "accounting: {life: ^0 months}\nreserves:\n",
        "'0 months' is too small here. Allowed: 1 month to 1,200 months.",
    ),
    "an unknown key of accounting": (
        "reserves:\n",
        "accounting: {^live: 30 years}\nreserves:\n",
        "unknown key 'live' in accounting. Allowed: straight_line_rent, life. Did you mean 'life'?",
    ),
    "wrong type of list": (
        "parties:\n  Borrower: Harbour LLC",
        "qualifications: ^none at all",
        "'qualifications' must be a list. Allowed: lines that begin with '- '.",
    ),
    "wrong type of quantity": (
        "margin: 250 bp",
        "margin: ^[250 bp]",
        "a rate cannot be a list. Allowed: 2.50%, 250 bp, 0.025.",
    ),
    "wrong type of date": (
        "as_of: 2025-11-30",
        "as_of: ^[2025]",
        "a date cannot be a list. Allowed: 2025-05-21 (year-month-day).",
    ),
    "words for a number": (
        "budget: 1,000",
        "budget: ^a thousand",
        "'a thousand' is not an amount of money. Allowed: 3,400 (in millions), 3.4bn, USD 3,400m.",
    ),
    "negative amount": (
        "budget: 1,000",
        "budget: ^-1,000",
        "'-1,000' is outside the range of an amount of money. "
        "Allowed: 0 to 10,000,000 million; a figure without m or bn is in millions.",
    ),
    "absurd amount": (
        "budget: 1,000",
        "budget: ^3,400,000,000",
        "'3,400,000,000' is outside the range of an amount of money. "
        "Allowed: 0 to 10,000,000 million; a figure without m or bn is in millions.",
    ),
    "percentage out of range": (
        "margin: 250 bp",
        "margin: ^250%",
        "'250%' is outside the range of a rate. Allowed: 0% to 50%.",
    ),
    "share out of range": (
        "tenant: Tenant Inc.",
        "tenant: Tenant Inc.\n    escalation: ^120%",
        "'120%' is outside the range of a share. Allowed: 0% to 100%.",
    ),
    "negative margin": (
        "margin: 250 bp",
        "margin: ^-1%",
        "'-1%' is too small here. Allowed: 0% to 50%.",
    ),
    "lease of no length": (
        "term: 15 years",
        "term: ^0",
        "'0' is too small here. Allowed: 1 month to 1,200 months.",
    ),
    "take-out fee of more than a fifth": (
        "reserves:",
        "takeout: {rate: 6%, upfront_fee: ^21%, dscr: 1.3x, final_maturity: 2041-03-31}\nreserves:",
        "'21%' is too large here. Allowed: 0% to 20%.",
    ),
    "tolerance that forgives everything": (
        "cases:",
        "checks: {tolerance: {value: ^0.011, status: assumed}}\ncases:",
        "'0.011' is too large here. Allowed: 0 to 0.01.",
    ),
    "value in a case below the range of its input": (
        "lease.hall.rent: $108/kW-month",
        "lease.hall.term: ^0",
        "'0' is too small here. Allowed: 1 month to 1,200 months.",
    ),
    "value in a case above the range of its input": (
        "lease.hall.rent: $108/kW-month",
        "checks.tolerance: ^1",
        "'1' is too large here. Allowed: 0 to 0.01.",
    ),
    "digits of another script": (
        "budget: 1,000",
        "budget: ^１,０００",
        "'１,０００' is not an amount of money. Allowed: 3,400 (in millions), 3.4bn, USD 3,400m.",
    ),
    "date in digits of another script": (
        "maturity: 2031-03-31",
        "maturity: ^２０３１-03-31",
        "'２０３１-03-31' is not a date. Allowed: 2025-05-21 (year-month-day).",
    ),
    "funding that pays for nothing": (
        "lease:\n",
        "  ^spare: {label: Spare}\nlease:\n",
        "funding 'spare' pays for nothing. Allowed: a building or use with funded_by: spare.",
    ),
    "rate without unit": (
        "margin: 250 bp",
        "margin: ^2.5",
        "'2.5' has no unit: is it per cent or basis points. Allowed: '2.5%', '2.5 bp'.",
    ),
    "not a number": (
        "margin: 250 bp",
        "margin: ^.nan",
        "'.nan' is not a rate. Allowed: 2.50%, 250 bp, 0.025.",
    ),
    "infinite": (
        "budget: 1,000",
        "budget: ^.inf",
        "'.inf' is not an amount of money. Allowed: 3,400 (in millions), 3.4bn, USD 3,400m.",
    ),
    "no such day": (
        "maturity: 2031-03-31",
        "maturity: ^2031-02-29",
        "'2031-02-29' is not a day of the calendar. Allowed: 2025-05-21 (year-month-day).",
    ),
    "another currency": (
        "rent: $120/kW-month\n    commencement",
        "rent: ^120 EUR/kW-month\n    commencement",
        "'EUR' is not the currency of this deal, USD. Allowed: amounts in USD.",
    ),
    "currency code": (
        "currency: USD",
        "currency: ^dollars",
        "'currency' cannot be 'dollars'. Allowed: three capital letters, such as USD.",
    ),
    "unknown frequency": (
        "frequency: quarterly",
        "frequency: ^quaterly",
        "'time.frequency' cannot be 'quaterly'. Allowed: monthly, quarterly, semi-annual, annual. Did "
        "you mean 'quarterly'?",
    ),
    "unknown source": (
        "source: S1",
        "source: ^S2",
        "unknown source 'S2'. Allowed: an entry of sources (S1).",
    ),
    "unknown status": (
        "status: filed",
        "status: ^file",
        "unknown status 'file'. Allowed: filed, company, reported, derived, assumed. Did you mean 'filed'?",
    ),
    "status that claims a source": (
        "margin: 250 bp",
        "margin: {value: 250 bp, status: ^reported}",
        "the status 'reported' needs a source. Allowed: a source beside it; without one derived or assumed.",
    ),
    "unknown key of a quantity": (
        "source: S1",
        "^sorce: S1",
        "unknown key 'sorce' in a quantity. Allowed: value, source, status, note, as_of. Did you mean 'source'?",
    ),
    "source that is a list": (
        "source: S1",
        "source: ^[S1]",
        "'source' must be a text. Allowed: words or a date.",
    ),
    "date of a value": (
        "as_of: 2025-03-31}",
        "as_of: ^March}",
        "'March' is not a date. Allowed: 2025-05-21 (year-month-day).",
    ),
    "quantity without value": (
        "margin: 250 bp",
        "margin: ^{note: soon}",
        "the quantity has no value. Allowed: value: ..., with source, status, note, as_of.",
    ),
    "funding that does not exist": (
        "funded_by: site",
        "funded_by: ^sit",
        "unknown funding 'sit'. Allowed: an entry of funding (site). Did you mean 'site'?",
    ),
    "loan of a funding that does not exist": (
        "funds: site",
        "funds: ^sites",
        "unknown funding 'sites'. Allowed: an entry of funding (site). Did you mean 'site'?",
    ),
    "building that does not exist": (
        "building: hall\n",
        "building: ^hal\n",
        "unknown building 'hal'. Allowed: an entry of building (hall). Did you mean 'hall'?",
    ),
    "id": (
        "deal: harbour",
        "deal: ^Harbour One",
        "'Harbour One' is not an id. Allowed: lower-case letters, digits, _ and -, a letter first.",
    ),
    "id of a case": (
        "low_rent:",
        "^low-rent:",
        "'low-rent' is not an id. Allowed: lower-case letters, digits and _, a letter first.",
    ),
    "curve that is a number": (
        "curve:\n    2025-01-01: 4.30%\n    2027-01-01: 3.10%",
        "curve: ^4.30%",
        "a curve needs dates with values. Allowed: dates with rates, 2025-01-01: 4.30%; rates as 2.50%, 250 bp, 0.025.",
    ),
    "empty curve": (
        "curve:\n    2025-01-01: 4.30%\n    2027-01-01: 3.10%",
        "curve: ^{}",
        "a curve needs dates with values. Allowed: dates with rates, 2025-01-01: 4.30%; rates as 2.50%, 250 bp, 0.025.",
    ),
    "curve out of order": (
        "2027-01-01: 3.10%",
        "^2024-01-01: 3.10%",
        "the date 2024-01-01 does not follow 2025-01-01. Allowed: dates in ascending order.",
    ),
    "curve with a key that is no date": (
        "2027-01-01: 3.10%",
        "^later: 3.10%",
        "'later' is not a date. Allowed: 2025-05-21 (year-month-day).",
    ),
    "curve with a rate out of range": (
        "2027-01-01: 3.10%",
        "2027-01-01: ^310%",
        "'310%' is outside the range of a rate. Allowed: -5% to 50%.",
    ),
    "no loans": (
        LOANS,
        "^debt: {}\n",
        "'debt' has no entry. Allowed: at least one.",
    ),
    "unknown input in a case": (
        "lease.hall.rent:",
        "^lease.hall.rnt:",
        "unknown input 'lease.hall.rnt' in case 'low_rent'. Allowed: dotted names of inputs that the "
        "base case gives. Did you mean 'lease.hall.rent'?",
    ),
    "structure in a case": (
        "lease.hall.rent: $108/kW-month",
        "^building.hall.funded_by: senior",
        "'building.hall.funded_by' is no input of the base case: a case changes values, never "
        "structure. Allowed: dotted names of inputs that the base case gives.",
    ),
    "value in a case": (
        "$108/kW-month",
        "^eleven",
        "'eleven' is not a rent. Allowed: 99.00, 99.00 USD/kW-month.",
    ),
    "source in a case": (
        "lease.hall.rent: $108/kW-month",
        "lease.hall.rent: {value: 108, source: ^S3}",
        "unknown source 'S3'. Allowed: an entry of sources (S1).",
    ),
    "case named base": (
        "low_rent:",
        "^base:",
        "'base' is the deal file itself. Allowed: another id.",
    ),
    "term and expiry": (
        LEASES,
        LEASES.replace("  hall:", "  ^hall:").replace("term: 15 years", "term: 15 years\n    expiry: 2041-01-01"),
        "lease 'hall' has both term and expiry. Allowed: exactly one of them.",
    ),
    "neither term nor expiry": (
        LEASES,
        LEASES.replace("  hall:", "  ^hall:").replace("    term: 15 years\n", ""),
        "lease 'hall' has neither term nor expiry. Allowed: exactly one of them.",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BAD.values(), ids=BAD)
def test_bad_input(old: str, new: str, message: str, tmp_path: Path) -> None:
    marked = spoiled(old, new)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert f"deal.yaml:{place(marked, '^')}: {message}" in lines


def test_unknown_key_with_the_nearest_name(tmp_path: Path) -> None:
    text = spoiled("maturity: 2031-03-31", "maturity: 2031-03-31\n    comitment_fee: 50 bp")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'comitment_fee')}: unknown key 'comitment_fee' in debt.senior. "
        f"Allowed: {LOAN_KEYS}. Did you mean 'commitment_fee'?"
    ]


def test_unknown_section(tmp_path: Path) -> None:
    error = refusal(SMALL + "hedges: {}\n", tmp_path)
    assert (error.line, error.column) == (SMALL.count("\n") + 1, 1)
    assert error.message == "unknown key 'hedges'"
    assert error.allowed.startswith("deal, title, description, currency, as_of, sources, ")


def test_missing_key_stands_where_its_parent_is_named(tmp_path: Path) -> None:
    text = spoiled("    close: 2025-03-31\n", "")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'senior:')}: missing key 'close' in debt.senior. Allowed: the required keys: "
        "label, funds, close, repayment, maturity."
    ]


def test_missing_section(tmp_path: Path) -> None:
    text = SMALL.replace(SMALL[SMALL.index("debt:\n") : SMALL.index("reserves:\n")], "")
    error = refusal(text, tmp_path)
    assert (error.line, error.column, error.message) == (1, 1, "missing key 'debt'")


def test_what_aliases_repeat_is_said_once(tmp_path: Path) -> None:
    text = SMALL.replace("lockup_dscr: 1.15x", "lockup_dscr: &cover 115%").replace("default_dscr: 1.05x",
                         "default_dscr: *cover")  # fmt: skip
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '&cover')}: '115%' is not a multiple. Allowed: 1.15x, 1.15."
    ]


def test_every_error_is_told_in_file_order(tmp_path: Path) -> None:
    text = SMALL.replace("250 bp", "250%").replace("quarterly", "weekly").replace("100 MW", "100 MWh")
    error = refusal(text, tmp_path)
    places = [place(text, word) for word in ("weekly", "100 MWh", "250%")]
    assert [f"{one.line}:{one.column}" for one in error.errors] == places
    assert (error.line, error.message) == (error.errors[0].line, error.errors[0].message)
    assert len(str(error).split("\n")) == 3


def test_an_error_knows_its_parts(tmp_path: Path) -> None:
    error = refusal(spoiled("frequency: quarterly", "frequency: quaterly"), tmp_path)
    assert isinstance(error, DealError)
    assert error.file == str(tmp_path / "deal.yaml")
    assert (error.line, error.column, error.nearest) == (12, 14, "quarterly")
    assert error.allowed == "monthly, quarterly, semi-annual, annual"
    assert error.errors[0].errors == (error.errors[0],)
