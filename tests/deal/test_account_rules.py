"""Reserve accounts whose keys, dates or places in the waterfall do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

RESERVES = "  dsra: {months: 6}\n"
OPEX = "opex:\n  care: {label: Care, amount: 1m}\n"


def account(terms: str, before: str = "") -> str:
    """The small deal with one account of these terms beside its name, and sections that stand before reserves."""
    text = spoiled("reserves:\n", f"{before}reserves:\n")
    return text.replace(RESERVES, f"{RESERVES}  account:\n    a:\n      label: Cash\n      {terms}\n")


# Terms of the account with the error marked by a ^, what stands before reserves, and the error.
BROKEN = {
    "no target": (
        account("start: 2026-07-01").replace("    a:\n", "    ^a:\n"),
        "account 'a' has no target. Allowed: exactly one of amount, months, per_kw, weights.",
    ),
    "two targets": (
        account("amount: 5m\n      months: 3", OPEX).replace("    a:\n", "    ^a:\n"),
        "account 'a' has both amount and months. Allowed: exactly one of amount, months, per_kw, weights.",
    ),
    "costs of an amount": (
        account("amount: 5m\n      ^costs: [care]", OPEX),
        "'costs' means nothing for account 'a', whose target is of amount. "
        "Allowed: months in place of amount, or no costs.",
    ),
    "a cap of an amount": (
        account("amount: 5m\n      ^cap: 6m"),
        "'cap' means nothing for account 'a', whose target is of amount. "
        "Allowed: per_kw in place of amount, or no cap.",
    ),
    "instalments of months": (
        account("months: 3\n      ^full_by: 2030-06-30", OPEX),
        "'full_by' means nothing for account 'a', whose target is of months. "
        "Allowed: amount in place of months, or no full_by.",
    ),
    "months without costs": (
        account("^months: 3"),
        "account 'a' holds months of operating costs, and the deal has none. Allowed: an entry of opex.",
    ),
    "costs that the deal does not have": (
        account("months: 3\n      costs: [^car]", OPEX),
        "unknown opex 'car'. Allowed: an entry of opex (care). Did you mean 'care'?",
    ),
    "costs named twice": (
        account("months: 3\n      costs: [care, ^care]", OPEX),
        "'care' stands twice in the costs of account 'a'. Allowed: each cost once.",
    ),
    "weights without works": (
        account("^weights: {year_1: 100%}"),
        "account 'a' saves for works, and has none. Allowed: works beside them.",
    ),
    "weights from the second year": (
        account("^weights: {year_2: 100%}\n      works: {2030-06-30: 1m}"),
        "missing key 'year_1' in reserves.account.a.weights. Allowed: the required keys: year_1.",
    ),
    "an accrual filled at close": (
        account("^per_kw: 12\n      funded: at close"),
        "account 'a' is filled at close, and 'per_kw' fills it later. Allowed: funded: from cash flow, or no per_kw.",
    ),
    "a start and a filling at close": (
        account("amount: 5m\n      ^start: 2026-07-01\n      funded: at close"),
        "account 'a' is filled at close, and 'start' fills it later. Allowed: funded: from cash flow, or no start.",
    ),
    "instalments and a filling at close": (
        account("amount: 5m\n      ^full_by: 2027-07-01\n      funded: at close"),
        "account 'a' is filled at close, and 'full_by' fills it later. Allowed: funded: from cash flow, or no full_by.",
    ),
    "an account named as the DSRA": (
        account("amount: 5m").replace("    a:\n", "    ^dsra:\n"),
        "'dsra' is the debt service reserve account. Allowed: another id.",
    ),
    "a charge a month": (
        account("per_kw: ^12 USD/kW-month"),
        "'12 USD/kW-month' is not a charge a year. Allowed: 12.00, 12.00 USD/kW-year.",
    ),
    "a start before close": (
        account("amount: 5m\n      start: ^2025-03-30"),
        "Start, Cash (2025-03-30) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "instalments that end as they start": (
        account("amount: 5m\n      start: 2027-01-01\n      full_by: ^2027-01-01"),
        "Full by, Cash (2027-01-01) is not after start (2027-01-01). Allowed: after 2027-01-01.",
    ),
    "a release before it is full": (
        account("amount: 5m\n      full_by: 2028-12-31\n      until: ^2028-12-31"),
        "Until, Cash (2028-12-31) is not after full by (2028-12-31). Allowed: after 2028-12-31.",
    ),
    "held at no period end": (
        account("amount: 5m\n      start: 2028-10-01\n      until: ^2028-12-31"),
        "Cash is held from 2028-10-01 and released on 2028-12-31, before a period ends. "
        "Allowed: a period end between the two.",
    ),
    "a release after the timeline": (
        account("amount: 5m\n      until: ^2042-01-01"),
        "Until, Cash (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "works on the day of close": (
        account("amount: 5m\n      works: ^{2025-03-31: 1m}"),
        "works of Cash are dated 2025-03-31, outside the timeline. "
        "Allowed: after 2025-03-31, by 2041-12-31, or a later time.end.",
    ),
    "works after the timeline": (
        account("amount: 5m\n      works: ^{2030-06-30: 1m, 2042-01-01: 1m}"),
        "works of Cash are dated 2042-01-01, outside the timeline. "
        "Allowed: after 2025-03-31, by 2041-12-31, or a later time.end.",
    ),
}

ORDER = """\
waterfall:
  - pay: operating costs
  - pay: fees
  - pay: senior interest
  - pay: senior principal
  - pay: balloons
  - fund: dsra
  - fund: a
  - test: lock-up
  - distribute: equity
"""
FIRST = ORDER.replace("  - fund: a\n", "").replace("  - pay: fees\n", "  - fund: a\n  - pay: fees\n")

BROKEN |= {
    "an account that the deal does not have": (
        account("amount: 5m", ORDER.replace("fund: a\n", "fund: ^b\n")),
        "'waterfall.6.fund' cannot be 'b'. Allowed: capital reserves, dsra, working capital, a.",
    ),
    "an account that is not funded": (
        account("amount: 5m", "^" + ORDER.replace("  - fund: a\n", "")),
        "the waterfall lacks the step 'fund: a', which the deal needs. Allowed: every step of the deal, once.",
    ),
    "an account that is funded twice": (
        account("amount: 5m", ORDER.replace("fund: a\n", "fund: a\n  - fund: ^a\n")),
        "the step 'fund: a' stands twice in the waterfall. Allowed: each step once.",
    ),
    "support by an account that the deal does not have": (
        account("amount: 5m", ORDER.replace("fees\n", "fees\n    support: [^cash]\n")),
        "the deal has no account or facility 'cash'. Allowed: dsra, a.",
    ),
    "support by an account that is filled before": (
        account("amount: 5m", FIRST.replace("principal\n", "principal\n    support: [^a]\n")),
        "'a' covers 'pay: senior principal' after it was filled. Allowed: support before the step 'fund: a'.",
    ),
    "a rank before debt service that stands after it": (
        account("amount: 5m\n      rank: before debt service", ORDER.replace("fund: a\n", "fund: ^a\n")),
        "'a' ranks before debt service (reserves.account.a.rank), and is filled after a part of it. "
        "Allowed: before debt service, or another rank.",
    ),
    "a rank after debt service that stands before it": (
        account("amount: 5m\n      rank: after debt service", FIRST.replace("fund: a\n", "fund: ^a\n")),
        "'a' ranks after debt service (reserves.account.a.rank), and is filled before a part of it. "
        "Allowed: after debt service, or another rank.",
    ),
}


@pytest.mark.parametrize(("marked", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(marked: str, message: str, tmp_path: Path) -> None:
    assert marked.count("^") == 1
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


def test_an_accrual_needs_capacity(tmp_path: Path) -> None:
    """A deal that lets nothing need not say what its buildings can carry."""
    text = account("^per_kw: 12").replace("    capacity: 100 MW\n", "")
    start, end = text.index("lease:\n"), text.index("debt:\n")
    income = (
        "income:\n  sales: {label: Sales, payer: Market, amount: 140m, commencement: 2026-07-01, expiry: 2041-06-30}\n"
    )
    text = (text[:start] + income + text[end:]).replace("lease.hall.rent: $108/kW-month", "income.sales.amount: 120m")
    message = "account 'a' accrues by capacity, and no building has one. Allowed: a building with capacity."
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [f"deal.yaml:{place(text, '^')}: {message}"]


def test_the_rules_hold_in_every_case(tmp_path: Path) -> None:
    text = account("amount: 5m\n      full_by: 2028-12-31\n      until: 2030-12-31")
    text = text.replace("lease.hall.rent: $108/kW-month", "reserves.account.a.until: ^2028-06-30")
    message = "in case 'low_rent', Until, Cash (2028-06-30) is not after full by (2028-12-31)"
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: {message}. Allowed: after 2028-12-31."
    ]


KEPT = {
    "an amount in instalments": account("amount: 5m\n      start: 2025-03-31\n      full_by: 2028-12-31"),
    "months filled at close": account("months: 15\n      costs: [care]\n      funded: at close", OPEX),
    "an accrual": account("per_kw: $12/kW-year\n      cap: 3m\n      works: {2025-04-01: 1m, 2041-12-31: 1m}"),
    "five years of works": account(
        "weights: {year_1: 100%, year_3: 50%, year_5: 10%}\n      works: {2030-06-30: 1m}\n      until: 2041-12-31"
    ),
    "a place without a rank": account("amount: 5m", FIRST),
    "a place as ranked": account("amount: 5m\n      rank: before debt service", FIRST),
    "a last place as ranked": account("amount: 5m\n      rank: after debt service", ORDER),
    "limit, date and support": account(
        "amount: 5m",
        ORDER.replace("fund: a\n", "fund: a\n    limit: 2m\n    from: 2027-01-01\n").replace(
            "principal\n", "principal\n    support: [a, dsra]\n"
        ),
    ),
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_kept_rule(text: str, tmp_path: Path) -> None:
    assert load_text(text, tmp_path).id == "harbour"


def test_terms_of_an_account_are_inputs(tmp_path: Path) -> None:
    deal = load_text(account("per_kw: 12.50 USD/kW-year\n      cap: 3m\n      works: {2030-06-30: 1m}"), tmp_path)
    charge = deal.inputs["reserves.account.a.per_kw"]
    assert (charge.label, charge.unit, charge.value) == ("Accrual, Cash", "USD/kW/yr", 12.5)
    assert deal.bounds("reserves.account.a.per_kw") == (0.0, 1e4)
    assert deal.inputs["reserves.account.a.cap"].label == "Cap, Cash"
    assert "reserves.account" not in " ".join(load_text(SMALL, tmp_path, "plain.yaml").inputs)
