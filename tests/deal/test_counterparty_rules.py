"""Counterparties of a deal file: what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

CASES = "cases:\n"
MEASURES = "one of cds, default_rate, default_rates"


def with_parties(*parties: str) -> str:
    """The small deal with counterparties a, b, ... of these terms."""
    lines = [
        f"  {name}: {{label: Party {name}, role: tenant, {terms}}}\n"
        for name, terms in zip("abc", parties, strict=False)
    ]
    return SMALL.replace(CASES, "counterparty:\n" + "".join(lines) + CASES)


# The terms of the counterparties, where the error stands, and the error.
BROKEN = {
    "two measures": (
        ["cds: 1%, recovery: 40%, default_rate: 2%"],
        "default_rate",
        f"counterparty 'a' has cds and default_rate. Allowed: {MEASURES}.",
    ),
    "a spread alone": (
        ["cds: 1%"],
        "cds",
        "the CDS spread of counterparty 'a' says no hazard rate without a recovery. "
        "Allowed: recovery beside it, such as 40%.",
    ),
    "a recovery alone": (
        ["recovery: 40%, default_rate: 1%"],
        "recovery",
        "'recovery' means nothing for counterparty 'a', which has no CDS spread. "
        "Allowed: cds beside it, or no recovery.",
    ),
    "too high a recovery": (["cds: 1%, recovery: 95%"], "95%", "'95%' is too large here. Allowed: 0% to 90%."),
    "certain default": (["default_rate: 100%"], "100%", "'100%' is too large here. Allowed: 0% to 99%."),
    "a date of no risk": (
        ["from: 2026-01-01"],
        "from",
        "'from' means nothing for counterparty 'a', which has no credit of its own. "
        f"Allowed: {MEASURES} beside it, or no from.",
    ),
    "another role": (["role: lender"], "lender", "'counterparty.a.role' cannot be 'lender'."),
    "a lease that is none": (
        ["pays: [hal]"],
        "hal]",
        "counterparty 'a' pays 'hal', which is no lease, contract or income. "
        "Allowed: an entry of lease, contract or income (hall). Did you mean 'hall'?",
    ),
    "two payers": (
        ["pays: [hall]", "pays: [hall]"],
        "hall]}\ncases",
        "'hall' has two payers or is named twice. Allowed: each lease, contract and income once.",
    ),
    "paid twice": (
        ["pays: [hall, hall]"],
        "hall]",
        "'hall' has two payers or is named twice. Allowed: each lease, contract and income once.",
    ),
    "unknown": (
        ["depends_on: {bb: {passed_on: 50%}}", "default_rate: 1%"],
        "bb",
        "unknown counterparty 'bb'. Allowed: an entry of counterparty (a, b).",
    ),
    "no credit to depend on": (
        ["depends_on: {b: {passed_on: 50%}}", "ratings: []"],
        "b: {passed",
        f"counterparty 'b' has no default probability that 'a' could depend on. Allowed: {MEASURES} there.",
    ),
    "itself": (
        ["depends_on: {a: {passed_on: 50%}}"],
        "depends_on",
        "counterparties depend on each other: a on a. Allowed: no ring.",
    ),
    "a ring": (
        ["depends_on: {b: {passed_on: 50%}}", "depends_on: {c: {passed_on: 50%}}", "depends_on: {a: {passed_on: 50%}}"],
        "depends_on",
        "counterparties depend on each other: a on b on c on a. Allowed: no ring.",
    ),
    "a rating without a date": (
        ["ratings: [{agency: A, grade: BBB, source: S1}]"],
        "{agency",
        "missing key 'date' in counterparty.a.ratings.0.",
    ),
    "a rating of an unknown source": (
        ["ratings: [{agency: A, grade: BBB, date: 2025-01-01, source: S9}]"],
        "S9",
        "unknown sources 'S9'. Allowed: an entry of sources (S1).",
    ),
    "rates that fall": (
        ["default_rates: {year_1: 2%, year_5: 1%}"],
        "1%}",
        "the default rate of Party a falls from 2.00% to 1.00%. Allowed: 2.00% or more: the rates are cumulative.",
    ),
    "no first year": (
        ["default_rates: {year_5: 1%}"],
        "default_rates",
        "missing key 'year_1' in counterparty.a.default_rates.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_counterparty(name: str, tmp_path: Path) -> None:
    terms, at, message = BROKEN[name]
    text = with_parties(*terms)
    if name == "another role":
        text = text.replace("role: tenant, role", "role")
    found = lines_of(refusal(text, tmp_path), tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"deal.yaml:{place(text, at, after='counterparty:')}: {message}")


def test_rates_that_fall_in_a_case(tmp_path: Path) -> None:
    text = with_parties("default_rates: {year_1: 2%, year_5: 3%}")
    text += "      counterparty.a.default_rates.year_5: 1.5%\n"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '1.5%')}: in case 'low_rent', the default rate of Party a falls from 2.00% to 1.50%. "
        "Allowed: 2.00% or more: the rates are cumulative."
    ]


def test_a_case_changes_the_credit(tmp_path: Path) -> None:
    text = with_parties("depends_on: {b: {passed_on: 50%}}", "cds: 1%, recovery: 40%")
    deal = load_text(text + "      counterparty.a.depends_on.b.passed_on: 100%\n", tmp_path)
    assert deal.inputs["counterparty.b.cds"].label == "CDS spread, Party b"
    assert deal.inputs["counterparty.a.depends_on.b.passed_on"].label == "Share passed on, Party a"
    assert deal.values("low_rent")["counterparty.a.depends_on.b.passed_on"].value == 1.0


def test_diamonds_are_no_rings(tmp_path: Path) -> None:
    deal = load_text(
        with_parties(
            "depends_on: {b: {passed_on: 50%}, c: {passed_on: 50%}}",
            "depends_on: {c: {passed_on: 50%}}",
            "default_rate: 1%",
        ),
        tmp_path,
    )
    assert list(deal.spec.counterparty) == ["a", "b", "c"]


RELET = "{downtime: 12 months, share: 70%, costs: 15%, cap_rate: 8%}"
SUPPORT = "{label: G, payer: G, paid_by: others, kind: guarantee, limit: 1m"


def guaranteed(support: str, event: str) -> str:
    """The small deal with parties a, which pays the lease and depends on b, and c; a support and an event."""
    parties = with_parties("pays: [hall], depends_on: {b: {passed_on: 50%}}", "default_rate: 1%", "default_rate: 1%")
    enforced = f"enforcement:\n  basis: re-let\n  relet: {RELET}\n  cure_months: 1\n  sale_months: 6\n"
    enforced += f"  support:\n    g: {SUPPORT}{support}}}\n"
    return parties.replace(CASES, f"{enforced}event:\n  e: {{label: E, on: 2030-01-01, {event}}}\n{CASES}")


# Terms of the support, of the event, where the error stands, and the error.
UNMOVED = {
    "a guarantor that cannot fail": (
        ", guarantor: c",
        "kind: tenant default",
        "c}",
        "no event makes 'c' fail, the guarantor of 'g'. "
        "Allowed: an event with fails: [...], a tenant default of what it pays, or no guarantor.",
    ),
    "a failure of which nothing follows": (
        ", guarantor: a",
        "kind: go-dark, fails: [b, c]",
        "c]",
        "nothing follows from the failure of 'c' by event 'e'. "
        "Allowed: the guarantor of a support, or one that it depends on.",
    ),
    "a failure twice": (
        ", guarantor: a",
        "kind: go-dark, fails: [b, b]",
        "b]",
        "'b' stands twice among those that fail by event 'e'. Allowed: each counterparty once.",
    ),
    "a share of nobody": (
        ", collected_failed: 40%",
        "kind: tenant default",
        "collected_failed",
        "'collected_failed' means nothing for the support 'g', which names no guarantor. "
        "Allowed: guarantor beside it, or no collected_failed.",
    ),
}


@pytest.mark.parametrize("name", UNMOVED)
def test_who_fails_and_who_guarantees_belong_together(name: str, tmp_path: Path) -> None:
    support, event, word, message = UNMOVED[name]
    text = guaranteed(support, event)
    at = place(text, word, after="support:" if "guarantor: c" in support or "failed" in support else "event:")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"deal.yaml:{at}: {message}"]
    load_text(guaranteed(", guarantor: a, collected_failed: 40%", "kind: tenant default"), tmp_path)
    load_text(guaranteed(", guarantor: a", "kind: go-dark, fails: [b]"), tmp_path)
