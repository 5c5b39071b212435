"""What is refused of compute contracts and hardware: message, place, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, load_text, place, refusal

COMPUTE = (Path(__file__).parents[1] / "deals" / "compute.yaml").read_text()
SPENT = "    spending_start: 2026-01-01\n    spending_end: 2026-06-30\n"
WAYS = "Allowed: exactly one of amount, gpus with gpu_hour_price, capacity with capacity_price."

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "no price": (
        '  training:\n    label: Training contract\n    customer: "=Lab & <Co>"\n    gpus: 8,000 GPUs\n'
        "    gpu_hour_price: 3.00 USD/GPU-hour\n",
        "  ^training:\n    label: Training contract\n    customer: Lab\n",
        f"contract 'training' has no price. {WAYS}",
    ),
    "half a price": (
        "  hosting:\n    label: Hosting contract\n    customer: Bank\n    capacity: 4 MW\n",
        "  ^hosting:\n    label: Hosting contract\n    customer: Bank\n",
        f"contract 'hosting' is priced by capacity_price. {WAYS}",
    ),
    "no length": (
        "  hosting:\n    label: Hosting contract\n    customer: Bank\n    capacity: 4 MW\n"
        "    capacity_price: 500 USD/kW-month\n    commencement: 2026-08-16\n    expiry: 2030-11-14\n",
        "  ^hosting:\n    label: Hosting contract\n    customer: Bank\n    capacity: 4 MW\n"
        "    capacity_price: 500 USD/kW-month\n    commencement: 2026-08-16\n",
        "contract 'hosting' has neither term nor expiry. Allowed: exactly one of them.",
    ),
    "expiry before commencement": (
        "expiry: 2030-11-14",
        "expiry: ^2026-08-15",
        "Hosting contract ends on 2026-08-15, before it commences on 2026-08-16. Allowed: 2026-08-16 or later.",
    ),
    "after the timeline": (
        "term: 4 years",
        "term: ^7 years",
        "Training contract ends on 2033-06-30, after the timeline ends on 2032-12-31. "
        "Allowed: a contract that ends by 2032-12-31, or a later time.end.",
    ),
    "over before close": (
        "    commencement: 2026-07-01\n    term: 4 years\n",
        "    commencement: 2021-07-01\n    term: ^4 years\n",
        "Training contract ends on 2025-06-30, not after financial close on 2025-12-31. "
        "Allowed: a contract that ends after 2025-12-31.",
    ),
    "market after the timeline": (
        "until: 2031-09-30",
        "until: ^2033-01-01",
        "Training contract earns at market until 2033-01-01, after the timeline ends on 2032-12-31. "
        "Allowed: by 2032-12-31, or a later time.end.",
    ),
    "prepayment before close": (
        "on: 2026-02-15",
        "on: ^2025-12-30",
        "the prepayment of Training contract is dated 2025-12-30. "
        "Allowed: from 2025-12-31, to the last day of the contract, 2030-06-30.",
    ),
    "credit beyond the contract": (
        "credit_term: 30 months",
        "credit_term: ^49 months",
        "the prepayment of Training contract is credited to 2030-07-31, after the contract ends on 2030-06-30. "
        "Allowed: a shorter term, or none: to the end of the contract.",
    ),
    "first test outside the timeline": (
        "first_realization_test: 2026-12-31",
        "first_realization_test: ^2033-01-31",
        "the first test of the contract realization (2033-01-31) lies outside the timeline. "
        "Allowed: 2025-12-31 to 2032-12-31.",
    ),
    "first test of nothing": (
        "  default_realization: 0.85x\n  first_realization_test",
        "  ^first_realization_test",
        "'first_realization_test' dates a test that the deal does not have. Allowed: default_realization beside it.",
    ),
    "resale value of what is no hardware": (
        f"    kind: hardware\n    amount: 40m\n{SPENT}    hardware",
        f"    kind: hard\n    amount: 40m\n{SPENT}    ^hardware",
        "use 'network' is of the kind hard and has a resale value. Allowed: kind: hardware.",
    ),
    "residual above the value when new": (
        "residual: 5%",
        "residual: ^95%",
        "GPU servers is worth 95% at the end of its life, more than when new. Allowed: at most 90%.",
    ),
    "two values": (
        "valuation: {hardware: resale}",
        "^valuation: {hardware: resale, amount: 5m}",
        "the valuation has amount and hardware. Allowed: method: amount, hardware, or one of them.",
    ),
    "prices per kW for GPUs": (
        "3.00 USD/GPU-hour",
        "^3.00 USD/kW-month",
        "'3.00 USD/kW-month' is not a price per GPU-hour. Allowed: 2.50, 2.50 USD/GPU-hour.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule(name: str, tmp_path: Path) -> None:
    old, new, message = BROKEN[name]
    assert COMPUTE.count(old) == 1, f"{old!r} must stand once in the deal"
    marked = COMPUTE.replace(old, new)
    found = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert f"deal.yaml:{place(marked, '^')}: {message}" in found


def test_a_value_of_hardware_needs_hardware(tmp_path: Path) -> None:
    text = COMPUTE.replace("    hardware: {life: 6 years}\n", "")
    text = text.replace("    hardware: {life: 5 years, decline: 30%, new_value: 90%, residual: 5%}\n", "")
    value, share = place(text, "hardware: resale"), place(text, "hardware_share")
    assert sorted(lines_of(refusal(text, tmp_path), tmp_path)) == sorted(
        [
            f"deal.yaml:{value}: the deal has no hardware with a resale value. Allowed: a use with a section hardware.",
            f"deal.yaml:{share}: 'hardware_share' means nothing for event 'obsolete': the deal has no hardware with a "
            "resale value. Allowed: a use with hardware, or no hardware_share.",
        ]
    )


def test_realization_needs_a_contract(tmp_path: Path) -> None:
    toll = (Path(__file__).parents[1] / "deals" / "toll.yaml").read_text()
    text = toll.replace("cases:\n", "covenants: {default_realization: 0.85x}\ncases:\n")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'default_realization')}: the deal has no contract whose realization could be tested. "
        "Allowed: a section contract."
    ]


def test_a_delay_that_outlasts_the_timeline_is_said_with_the_case(tmp_path: Path) -> None:
    text = COMPUTE.replace("construction.delay: 3 months", "construction.delay: 36 months")
    found = lines_of(refusal(text, tmp_path), tmp_path)
    assert any(
        "in case 'late', Training contract ends on 2033-06-30, after the timeline ends on 2032-12-31, "
        "36 months of delay counted. Allowed: a contract that ends by 2032-12-31, or a later time.end." in line
        for line in found
    )


def test_the_timeline_ends_with_contract_and_market(tmp_path: Path) -> None:
    text = COMPUTE.replace("  end: 2032-12-31\n", "")
    assert load_text(text, tmp_path).periods[-1].isoformat() == "2031-09-30"
    without = text.replace("    market: {price: 70%, decline: 25%, utilisation: 60%, until: 2031-09-30}\n", "")
    assert load_text(without, tmp_path).periods[-1].isoformat() == "2030-12-31"
