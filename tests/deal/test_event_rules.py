"""Events and damages of a deal file: what does not go together, with its place and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

CASES = "cases:\n"
MASTS = (
    "income:\n"
    "  masts: {label: Masts, payer: Carrier, amount: 1m, expiry: 2040-01-01}\n"
    "  sale: {label: Sale, payer: Market, amounts: {2030-01-01: 1m}}\n"
)


def with_event(terms: str, of_case: str = "") -> str:
    """The small deal with an income and an event of these terms, and a case that sets other values of it."""
    event = f"event:\n  stop: {{label: Stop, {terms}}}\n"
    case = f"  stops:\n    label: Stops\n    description: It happens.\n    set: {{{of_case}}}\n" if of_case else ""
    return SMALL.replace(CASES, MASTS + event + CASES) + case


DEFAULT = "kind: tenant default, on: 2030-01-01"

# The terms of the event, where the error stands, and the error.
BROKEN = {
    "unknown kind": (
        "kind: flood, on: 2030-01-01",
        "flood",
        "'event.stop.kind' cannot be 'flood'. Allowed: tenant default, renegotiation, end-user failure, non-renewal, "
        "go-dark, power shortfall, obsolescence, regulation, abatement.",
    ),
    "unknown lease": (
        f"{DEFAULT}, leases: [hal]",
        "hal]",
        "unknown lease 'hal'. Allowed: an entry of lease (hall). Did you mean 'hall'?",
    ),
    "a lease twice": (
        f"{DEFAULT}, leases: [hall, hall]",
        "hall]",
        "'hall' stands twice among the leases of event 'stop'. Allowed: each of the leases once.",
    ),
    "an income without a yearly amount": (
        f"{DEFAULT}, incomes: [sale]",
        "sale]",
        "the income 'sale' of event 'stop' has no yearly amount. Allowed: an income with an amount a year.",
    ),
    "a share of the new rent without a downtime": (
        f"{DEFAULT}, relet_share: 70%",
        "relet_share",
        "'relet_share' means nothing for event 'stop', after which nothing is let again. "
        "Allowed: downtime beside it, or no relet_share.",
    ),
    "a downtime without a new rent": (
        f"{DEFAULT}, downtime: 12 months",
        "downtime",
        "event 'stop' has a downtime, and nothing says what rent follows it. "
        "Allowed: relet_share or relet_rent beside it.",
    ),
    "two new rents": (
        f"{DEFAULT}, leases: [hall], downtime: 1 month, relet_share: 70%, relet_rent: {{amount: 1m}}",
        "relet_rent",
        "event 'stop' lets again at a share of the rent and at a market rent. Allowed: one of them.",
    ),
    "a market rent of other income": (
        f"{DEFAULT}, downtime: 1 month, relet_rent: {{amount: 1m}}",
        "relet_rent",
        "the market rent of event 'stop' is one of leases, and the event changes other income too. "
        "Allowed: leases named in it, and nothing else.",
    ),
    "a market rent without a basis": (
        f"{DEFAULT}, leases: [hall], downtime: 1 month, relet_rent: {{growth: 2%}}",
        "relet_rent",
        "the market rent has no basis. Allowed: exactly one of rent, rent_per_mw, rent_per_area, amount.",
    ),
    "a market rent by an area that is not let": (
        f"{DEFAULT}, leases: [hall], downtime: 1 month, relet_rent: {{rent_per_area: 9}}",
        "rent_per_area",
        "lease 'hall' lets no area for the market rent to be charged on. Allowed: area: 250,000 sf, or another basis.",
    ),
    "two ends": (
        f"{DEFAULT}, downtime: 12 months, relet_share: 70%, until: 2031-01-01",
        "until: 2031",
        "event 'stop' ends by its last day and by letting again. Allowed: until or downtime.",
    ),
    "a cost of letting nothing": (
        f"{DEFAULT}, incomes: [masts], downtime: 12 months, relet_share: 70%, relet_cost: 100 USD/kW",
        "relet_cost",
        "event 'stop' changes no lease of a capacity that could be let again at a cost. Allowed: a lease of a "
        "capacity, or no relet_cost.",
    ),
    "a value of no hardware": (
        f"{DEFAULT}, hardware_share: 60%",
        "hardware_share",
        "'hardware_share' means nothing for event 'stop': the deal has no hardware with a resale value. Allowed: a use "
        "with hardware, or no hardware_share.",
    ),
    "an end before the day": (
        f"{DEFAULT}, until: 2029-12-31",
        "2029-12-31",
        "Stop ends on 2029-12-31, before 2030-01-01. Allowed: 2030-01-01 or later.",
    ),
    "a day after the timeline": (
        "kind: abatement, on: 2042-01-01, happens: yes",
        "2042-01-01",
        "Stop happens on 2042-01-01, after the timeline ends on 2041-12-31. Allowed: by 2041-12-31, or happens: no.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule(name: str, tmp_path: Path) -> None:
    terms, word, message = BROKEN[name]
    text = with_event(terms)
    at = place(text, word, after="event:\n")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"deal.yaml:{at}: {message}"]


def test_a_case_makes_an_event_happen_after_the_timeline(tmp_path: Path) -> None:
    text = with_event("kind: abatement, on: 2042-01-01", "event.stop.happens: yes")
    at = place(text, "yes}")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: in case 'stops', Stop happens on 2042-01-01, after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or happens: no."
    ]


def test_two_events_do_not_let_one_lease_again_at_a_market_rent(tmp_path: Path) -> None:
    terms = f"{DEFAULT}, leases: [hall], downtime: 1 month, relet_rent: {{amount: 90m}}"
    text = with_event(terms, "event.stop.happens: yes, event.leave.happens: yes")
    text = text.replace("event:\n", f"event:\n  leave: {{label: Leave, {terms}}}\n")
    at = place(text, "yes, event.leave")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: in case 'stops', Stop lets Hall lease again at a market rent, as does Leave. "
        "Allowed: one of them that happens."
    ]


def test_a_market_rent_is_one_amount_of_one_lease(tmp_path: Path) -> None:
    terms = f"{DEFAULT}, leases: [hall, next], downtime: 1 month, relet_rent: {{amount: 90m}}"
    hall = SMALL[SMALL.index("  hall:\n    label: Hall lease") : SMALL.index("debt:\n")]
    other = hall.replace("hall:", "next:", 1).replace(
        "2026-07-01\n    term: 15 years", "2041-07-01\n    term: 3 months"
    )
    text = with_event(terms).replace(hall, hall + other)
    at = place(text, "amount: 90m")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: the market rent is one amount for 2 leases. "
        "Allowed: rent, rent_per_mw or rent_per_area, or one lease."
    ]


def test_a_case_never_changes_what_an_event_is(tmp_path: Path) -> None:
    text = with_event(DEFAULT, "event.stop.kind: abatement")
    at = place(text, "event.stop.kind")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: 'event.stop.kind' is no input of the base case: a case changes values, never structure. "
        "Allowed: dotted names of inputs that the base case gives."
    ]


def test_the_values_of_an_event_are_inputs_of_the_deal(tmp_path: Path) -> None:
    terms = f"{DEFAULT}, downtime: 12 months, relet_share: 70%, relet_cost: 100 USD/kW"
    deal = load_text(with_event(terms, "event.stop.happens: yes, event.stop.downtime: 2 years"), tmp_path)
    found = {name.removeprefix("event.stop."): deal.inputs[name].value for name in deal.inputs if "event." in name}
    assert {name: value for name, value in found.items() if name != "on"} == {
        "happens": 0.0, "rent_share": 0.0, "passed_on": 1.0, "downtime": 12.0, "relet_share": 0.7, "relet_cost": 100.0,
    }  # fmt: skip
    assert {q.name: q.value for q in deal.cases["stops"].values.values()} == {
        "event.stop.happens": 1.0,
        "event.stop.downtime": 24.0,
    }


def test_damages_begin_within_the_timeline(tmp_path: Path) -> None:
    damages = "  damages: {payer: Contractor, monthly: 1m, agreed_completion: 2025-03-30}\n"
    text = SMALL.replace("  delay: 0 months\n", "  delay: 0 months\n" + damages)
    at = place(text, "2025-03-30")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: Agreed completion (2025-03-30) is before Financial close (2025-03-31). "
        "Allowed: 2025-03-31 or later."
    ]


def test_a_delay_moves_the_first_test_with_it(tmp_path: Path) -> None:
    text = SMALL.replace("covenants:\n", "covenants:\n  first_test: 2041-12-31\n").replace("15 years", "14 years")
    assert load_text(text, tmp_path).id == "harbour"
    late = text.replace("delay: 0 months", "delay: 1 month")
    at = place(late, "2041-12-31", after="first_test")
    assert lines_of(refusal(late, tmp_path), tmp_path) == [
        f"deal.yaml:{at}: First test (2042-01-31) lies after the timeline ends on 2041-12-31, "
        "1 months of delay counted. Allowed: by 2041-12-31, or a later time.end."
    ]
