"""What is refused of operating costs and what tenants pay back of them: message, place, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

TERM = "    term: 15 years\n"
LEASE = SMALL[SMALL.index("lease:\n") : SMALL.index("debt:\n")]
CARE = "label: Care, amount: 4m"

# Entry of opex, terms added to the lease (the error stands at the ^), and the error.
BROKEN = {
    "cap without a share": (
        f"{CARE}, ^cap: 1m",
        "",
        "the cost 'care' has no share that a cap could hold for. Allowed: share_of_rent or share_of_revenue beside it.",
    ),
    "nothing to abate": (
        "label: Care, share_of_rent: 1%, ^abatement: {2026-01-01: 50%}",
        "",
        "the cost 'care' has no yearly amount that could be abated. Allowed: an amount beside it.",
    ),
    "recoverable and passed through": (
        f"{CARE}, recoverable: 50%, ^passed_through: 50%",
        "",
        "the cost 'care' is recoverable as leases say, and passed through whatever they say. Allowed: one of them.",
    ),
    "a stop of nothing": (
        f"{CARE}, ^expense_stop: 2m",
        "",
        "'expense_stop' means nothing for the cost 'care', which no lease lets recover. "
        "Allowed: recoverable beside it, or no expense_stop.",
    ),
    "a structure that nobody pays": (
        f"{CARE}, ^structural: yes",
        "",
        "'structural' means nothing for the cost 'care', which no lease lets recover. "
        "Allowed: recoverable beside it, or no structural.",
    ),
    "a stop without a lease": (
        f"{CARE}, recoverable: 100%, ^expense_stop: 2m",
        "",
        "no lease has an expense stop for the cost 'care'. Allowed: a lease with recoveries: modified gross.",
    ),
    "double net of nothing": (
        CARE,
        "^recoveries: double net",
        "no operating cost is recoverable under lease 'hall'. Allowed: an entry of opex with recoverable.",
    ),
    "modified gross without a stop": (
        f"{CARE}, recoverable: 100%",
        "^recoveries: modified gross",
        "no operating cost has an expense stop for the modified-gross lease 'hall'. "
        "Allowed: an entry of opex with expense_stop.",
    ),
    "a base year of nothing": (
        CARE,
        "^recoveries: base year",
        "no operating cost is recoverable above the base year of lease 'hall'. "
        "Allowed: an entry of opex with recoverable.",
    ),
    "a base year that does not count": (
        f"{CARE}, recoverable: 100%",
        "^base_year: 2027-01-01",
        "'base_year' means nothing for lease 'hall', whose recoveries are triple net. "
        "Allowed: recoveries: base year, or no base_year.",
    ),
    "a share of nothing": (
        CARE,
        "^proportionate_share: 50%",
        "lease 'hall' has a proportionate share, and no cost is recovered under it. Allowed: no proportionate_share.",
    ),
    "an abatement beyond the whole": (
        f"{CARE}, abatement: {{2026-01-01: ^120%}}",
        "",
        "'120%' is outside the range of a share. Allowed: 0% to 100%.",
    ),
}


def text_of(entry: str, terms: str) -> str:
    added = f"    {terms}\n" if terms else ""
    return SMALL.replace(TERM, TERM + added).replace("debt:\n", f"opex:\n  care: {{{entry}}}\ndebt:\n", 1)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_refused(name: str, tmp_path: Path) -> None:
    entry, terms, message = BROKEN[name]
    marked = text_of(entry, terms)
    text = marked.replace("^", "")
    assert f"deal.yaml:{place(marked, '^')}: {message}" in lines_of(refusal(text, tmp_path), tmp_path)
    assert load_text(text_of(CARE, ""), tmp_path).spec.lease["hall"].recoveries == "triple net"


@pytest.mark.parametrize("what", ["recoverable", "passed_through"])
def test_nobody_pays_back_where_there_is_no_lease(what: str, tmp_path: Path) -> None:
    income = "income: {toll: {label: Toll, payer: Market, amount: 90m}}\n"
    text = text_of(f"{CARE}, {what}: 50%", "").replace(LEASE, income)
    text = text.replace("lease.hall.rent: $108/kW-month", "income.toll.amount: 80m")
    message = f"nobody pays back the cost 'care': the deal has no lease. Allowed: no {what}."
    assert f"deal.yaml:{place(text, what)}: {message}" in lines_of(refusal(text, tmp_path), tmp_path)


def test_a_lease_by_area_says_what_share_its_tenant_pays(tmp_path: Path) -> None:
    text = text_of(f"{CARE}, recoverable: 50%", "area: 1000 sf").replace(
        "    rent: $120/kW-month\n", "    amount: 90m\n"
    )
    text = text.replace("lease.hall.rent: $108/kW-month", "lease.hall.amount: 80m")
    message = (
        "nothing says what share of recoverable costs the tenant of lease 'hall' pays. "
        "Allowed: proportionate_share: 25%, or a capacity that is let."
    )
    at = place(text, "hall:", after="lease:")
    assert f"deal.yaml:{at}: {message}" in lines_of(refusal(text, tmp_path), tmp_path)
    load_text(text.replace("area: 1000 sf", "area: 1000 sf\n    proportionate_share: 25%"), tmp_path)


def test_a_lease_at_a_yearly_amount_beside_others_says_what_share_its_tenant_pays(tmp_path: Path) -> None:
    """It lets no known capacity of a hall that another tenant has."""
    masts = "  masts: {label: Masts, building: hall, tenant: Carrier, amount: 1m, commencement: 2026-07-01, "
    masts += "term: 9 years}\n"
    text = text_of(f"{CARE}, recoverable: 100%", "").replace("opex:\n", masts + "opex:\n", 1)
    message = "nothing says what share of recoverable costs the tenant of lease 'masts' pays"
    assert message in str(refusal(text, tmp_path))
    load_text(text.replace("amount: 1m,", "amount: 1m, recoveries: gross,"), tmp_path)


def test_tenants_pay_all_of_a_cost_at_most(tmp_path: Path) -> None:
    """60% by capacity and 41% as stated: one after the other they may, beside each other they may not."""
    hall = LEASE[len("lease:\n") :]
    other = hall.replace("  hall:\n", "  next:\n", 1).replace("Hall lease", "Next lease")
    other = other.replace(TERM, f"{TERM}    capacity: 40 MW\n    proportionate_share: 41%\n")
    first = hall.replace(TERM, f"{TERM}    capacity: 60 MW\n")
    text = SMALL.replace(hall, first + other).replace(
        "debt:\n", f"opex:\n  care: {{{CARE}, recoverable: 1%}}\ndebt:\n", 1
    )
    message = (
        f"deal.yaml:{place(text, '41%')}: tenants pay 101.0000% of recoverable costs from the beginning of Hall lease "
        "on 2026-07-01. Allowed: 100% in all."
    )
    assert message in lines_of(refusal(text, tmp_path), tmp_path)
    load_text(text.replace("41%", "40%"), tmp_path)
    load_text(text.replace(other, other.replace("2026-07-01", "2041-07-01").replace("15 years", "3 months")), tmp_path)


@pytest.mark.parametrize(
    ("first", "message", "allowed"),
    [
        (
            "2025-03-31",
            "begins on 2025-03-31: its costs are not all modelled",
            "after 2025-03-31, or a modified-gross lease with expense stops",
        ),
        (
            "2025-06-30",
            "ends on 2026-06-29, before any cost of operation",
            "a base year that ends on 2026-07-01 or later",
        ),
        (
            "2040-07-01",
            "ends on 2041-06-30: nothing could be paid above its costs",
            "a base year that ends before 2041-06-30",
        ),
    ],
)
def test_a_base_year_has_costs_and_years_after_it(first: str, message: str, allowed: str, tmp_path: Path) -> None:
    text = text_of(f"{CARE}, recoverable: 100%", f"recoveries: base year\n    base_year: {first}")
    at = place(text, first, after="base_year")
    expected = f"deal.yaml:{at}: the base year of Hall lease {message}. Allowed: {allowed}."
    assert expected in lines_of(refusal(text, tmp_path), tmp_path)
    load_text(text.replace(f"base_year: {first}", "base_year: 2026-01-01"), tmp_path)
