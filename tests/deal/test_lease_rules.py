"""What is refused of leases: message, place, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

RENT = "    rent: $120/kW-month\n"
TERM = "    term: 15 years\n"
DELIVERY = """\
    delivery:
      first: {label: First part, date: 2026-07-01, share: 60%}
      second: {label: Second part, date: 2026-10-01, share: ^50%}
"""

HALL = "hall:"
PLACES: dict[str, str] = {}
AFTER = {"no area": "building:"}
"""Where the error stands that is not at a ^: at the lease, else at this word, after this one."""

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "no rent": (
        RENT,
        "",
        "lease 'hall' has no base rent. Allowed: exactly one of rent, rent_per_mw, rent_per_area, amount.",
    ),
    "two rents": (
        RENT,
        RENT + "    amount: 100m\n",
        "lease 'hall' has several base rents: rent, amount. "
        "Allowed: exactly one of rent, rent_per_mw, rent_per_area, amount.",
    ),
    "no area": (
        RENT,
        "    rent_per_area: 30 USD/sf-year\n",
        "building 'hall' has no area for the rent of lease 'hall' to be charged on. Allowed: area: 250,000 sf.",
    ),
    "a share and a capacity": (
        RENT,
        RENT + "    share: 50%\n    ^capacity: 20 MW\n",
        "lease 'hall' lets a share of the building and a capacity of its own. Allowed: one of them.",
    ),
    "more let than there is": (
        RENT,
        RENT + "    capacity: ^101 MW\n",
        "101.000 MW of Hall are let on 2026-07-01, more than its capacity. Allowed: 100.000 MW in all.",
    ),
    "more delivered than there is": (
        TERM,
        TERM + DELIVERY.replace("60%", "^60%").replace("^50%", "50%"),
        "the parts delivered of Hall lease are 110.0000%. Allowed: 100% in all.",
    ),
    "two rents of a renewal": (
        TERM,
        "    term: 14 years\n    renewals: {a: {label: A, term: 1 year, probability: 50%, rent_multiple: 1x, "
        "^market_rent: {rent: 90}}}\n",
        "'a' of lease 'hall' is renewed at a multiple of the old rent and at a market rent. Allowed: one of them.",
    ),
    "two ways to rise": (
        TERM,
        TERM + "    escalation: 2%\n    ^steps: {a: {label: A, date: 2030-01-01, rise: 5%}}\n",
        "the rent of lease 'hall' rises by escalation and steps. Allowed: one of them.",
    ),
    "steps each January": (
        TERM,
        TERM + "    steps: {a: {label: A, date: 2030-01-01, rise: 5%}}\n    ^escalates: each January\n",
        "the rent of lease 'hall' rises on stated dates. Allowed: no escalates, or no steps.",
    ),
    "two steps in a quarter": (
        TERM,
        TERM + "    steps:\n      a: {label: Step A, date: 2030-01-01, rise: 5%}\n"
        "      b: {label: Step B, date: ^2030-03-31, rise: 5%}\n",
        "Step B of Hall lease falls on 2030-03-31, in one period with another step. Allowed: one step in a period.",
    ),
    "floor above cap": (
        "building:\n",
        "index: {cpi: {label: CPI, rates: {2025-01-01: 2%}}}\nbuilding:\n",
        "the least rise of Hall lease (4.00%) is above the largest. Allowed: at most 3.00%.",
    ),
    "unknown index": (
        TERM,
        TERM + "    indexation: {index: ^cpi}\n",
        "unknown index 'cpi'. Allowed: an entry of index (there is none).",
    ),
    "terminated after the end": (
        TERM,
        TERM + "    termination: {date: ^2041-07-01, fee: 5m}\n",
        "Hall lease may be terminated on 2041-07-01, when it does not run. Allowed: after 2026-07-01, by 2041-06-30.",
    ),
    "terminated after the first term": (
        TERM,
        "    term: 14 years\n    renewals: {a: {label: Option A, term: 1 year, probability: 50%}}\n"
        "    termination: {date: ^2040-07-01, fee: 5m}\n",
        "Hall lease may be terminated on 2040-07-01, when it does not run. Allowed: after 2026-07-01, by 2040-06-30.",
    ),
    "renewed after the timeline": (
        TERM,
        "    term: 14 years\n    renewals: {a: {label: Option A, term: ^30 years, probability: 50%}}\n",
        "Hall lease may be renewed to 2070-06-30, after the timeline ends on 2041-12-31. "
        "Allowed: renewals that end by 2041-12-31, or a later time.end.",
    ),
    "a cost of a renewal without capacity": (
        RENT,
        "    rent_per_area: 30 USD/sf-year\n    area: 100 sf\n"
        "    renewals: {a: {label: Option A, term: 1 year, probability: 0%, ^cost: 5 USD/kW}}\n",
        "lease 'hall' lets no capacity that 'a' could cost something of. Allowed: a capacity, or no cost per kW.",
    ),
    "a letting cost stated twice": (
        TERM,
        TERM + "    letting: {^works: {label: Works, cost: 5 USD/kW, amount: 1m}}\n",
        "'works' of lease 'hall' has both cost and amount. Allowed: exactly one of them.",
    ),
    "a letting cost after the timeline": (
        TERM,
        TERM + "    letting: {works: {label: Works, amount: 1m, date: ^2042-07-01}}\n",
        "Works of Hall lease is paid on 2042-07-01, outside the timeline. Allowed: 2025-03-31 to 2041-12-31.",
    ),
    "delivered after the end": (
        TERM,
        TERM + DELIVERY.replace("2026-10-01, share: ^50%", "^2041-07-01, share: 40%"),
        "Second part of Hall lease is delivered on 2041-07-01, after the lease ends. Allowed: by 2041-06-30.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_refused(name: str, tmp_path: Path) -> None:
    old, new, message = BROKEN[name]
    assert SMALL.count(old) == 1
    marked = SMALL.replace(old, new)
    if name == "floor above cap":
        marked = marked.replace(TERM, TERM + "    indexation: {index: cpi, floor: ^4%, cap: 3%}\n")
    text = marked.replace("^", "")
    at = place(marked, "^") if "^" in marked else place(text, PLACES.get(name, HALL), after=AFTER.get(name, "lease:"))
    assert f"deal.yaml:{at}: {message}" in lines_of(refusal(text, tmp_path), tmp_path)


def test_two_leases_may_not_let_the_same_space_at_one_time(tmp_path: Path) -> None:
    """Each lets 60 MW of 100: one after the other they may, beside each other they may not."""
    lease = SMALL[SMALL.index("  hall:\n    label: Hall lease") : SMALL.index("debt:\n")]
    other = lease.replace("  hall:\n", "  next:\n", 1).replace("Hall lease", "Next lease")
    both = SMALL.replace(lease, (lease + other).replace(RENT, RENT + "    capacity: 60 MW\n"))
    first = "    commencement: 2026-07-01\n    term: 15 years\n"
    after = both.replace(first, first.replace("15", "5"), 1)
    after = after.replace(first, "    commencement: 2031-07-01\n    term: 5 years\n")
    assert len(load_text(after, tmp_path).spec.lease) == 2
    whole = after.replace("    capacity: 60 MW\n", "").replace("2031-07-01", "2031-06-30")
    error = str(refusal(whole, tmp_path))
    assert "200.000 MW of Hall are let on 2031-06-30, more than its capacity. Allowed: 100.000 MW in all." in error
    error = str(refusal(after.replace("2031-07-01", "2031-06-30"), tmp_path))
    assert "120.000 MW of Hall are let on 2031-06-30, more than its capacity. Allowed: 100.000 MW in all." in error
