"""What a deal file may say of the value of the collateral and of its enforcement."""

from __future__ import annotations

from pathlib import Path

import pytest

from spvmodel.deal.collateral import METHODS, method_of, methods
from spvmodel.deal.schema.collateral import Valuation
from tests.deal.files import lines_of, load_text, place, refusal, spoiled

VALUATION = "valuation: {cap_rate: 6%, dark: {per_mw: 2m/MW}}\n"
RELET = "relet: {downtime: 18 months, share: 70%, costs: 2%, cap_rate: 8%}"
PARENT = "parent: {label: Parent, payer: Parent, paid_by: sponsors, kind: guarantee, limit: 10m}"
ENFORCEMENT = (
    f"enforcement:\n  basis: re-let\n  cure_months: 1 month\n  sale_months: 12 months\n  {RELET}\n"
    f"  support:\n    {PARENT}\n"
)
TEXT = spoiled("reserves:\n", f"{VALUATION}{ENFORCEMENT}reserves:\n")

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "no method": (
        "valuation: {cap_rate: 6%, dark: {per_mw: 2m/MW}}",
        "^valuation: {}",
        "the valuation has no method. Allowed: at least one of cap_rate, amount, amounts, dcf, per_mw, hardware, dark.",
    ),
    "two methods, none named": (
        "valuation: {cap_rate: 6%",
        "^valuation: {cap_rate: 6%, per_mw: 9m/MW",
        "the valuation has cap_rate and per_mw. Allowed: method: cap rate, per MW, or one of them.",
    ),
    "a first value after the model": (
        "valuation: {cap_rate: 6%, dark: {per_mw: 2m/MW}}",
        "valuation: {amounts: ^{2042-01-01: 900m}}",
        "the first value of the collateral (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "a method that is not given": (
        "cap_rate: 6%, dark",
        "cap_rate: 6%, method: ^dcf, dark",
        "the valuation is taken by 'dcf', which it does not give. Allowed: cap rate, dark.",
    ),
    "dark without a value": (
        "dark: {per_mw: 2m/MW}",
        "^dark: {}",
        "the dark value has neither per_mw nor amount. Allowed: exactly one of them.",
    ),
    "two dark values": (
        "dark: {per_mw: 2m/MW}",
        "^dark: {per_mw: 2m/MW, amount: 200m}",
        "the dark value has both per_mw and amount. Allowed: exactly one of them.",
    ),
    "a basis that is not given": (
        "basis: re-let",
        "basis: ^amount",
        "the collateral is sold by 'amount', which the deal file does not give. Allowed: it in valuation "
        "(cap rate, amount, amounts, dcf, per MW, hardware, dark), or one of those given: cap rate, dark, re-let.",
    ),
    "re-let without terms": (
        f"basis: re-let\n  cure_months: 1 month\n  sale_months: 12 months\n  {RELET}\n",
        "basis: ^re-let\n  cure_months: 1 month\n  sale_months: 12 months\n",
        "the collateral is sold by 're-let', which the deal file does not give. Allowed: a section relet, "
        "or one of those given: cap rate, dark.",
    ),
    "no value of the new NOI": (
        RELET,
        "^relet: {downtime: 18 months, share: 70%, costs: 2%}",
        "the re-letting has neither cap_rate nor discount_rate. Allowed: exactly one of them.",
    ),
    "two values of the new NOI": (
        RELET,
        "^relet: {downtime: 18 months, share: 70%, costs: 2%, cap_rate: 8%, discount_rate: 9%}",
        "the re-letting has both cap_rate and discount_rate. Allowed: exactly one of them.",
    ),
    "no new rent": (
        RELET,
        "^relet: {downtime: 18 months, costs: 2%, cap_rate: 8%}",
        "the re-letting has no new rent. Allowed: exactly one of share, rent, rent_per_mw.",
    ),
    "two new rents": (
        RELET,
        "^relet: {downtime: 18 months, share: 70%, rent: 90 USD/kW-month, costs: 2%, cap_rate: 8%}",
        "the re-letting has share and rent. Allowed: exactly one of share, rent, rent_per_mw.",
    ),
    "a discount rate without a term": (
        RELET,
        "^relet: {downtime: 18 months, share: 70%, costs: 2%, discount_rate: 9%}",
        "the re-letting has a discount_rate and no term. Allowed: term: 10 years.",
    ),
    "a term without a discount rate": (
        "cap_rate: 8%}",
        "cap_rate: 8%, ^term: 10 years}",
        "'term' means nothing where the new NOI is capitalised. Allowed: discount_rate, or no term.",
    ),
    "a tenant that stays where the leases go on": (
        "basis: re-let",
        "basis: cap rate\n  ^tenant_stays: yes",
        "the tenant stays in any case where the collateral is sold by 'cap rate'. Allowed: basis: re-let, dark, or no "
        "tenant_stays.",
    ),
    "a tenant that stays in property without a value": (
        f"{VALUATION}enforcement:\n  basis: re-let",
        "enforcement:\n  basis: re-let\n  ^tenant_stays: yes",
        "the tenant may stay, and the deal file values no collateral. Allowed: a section valuation.",
    ),
    "a guarantee without a limit": (
        PARENT,
        "^parent: {label: Parent, payer: Parent, paid_by: sponsors, kind: guarantee}",
        "the guarantee 'parent' has no limit. Allowed: limit: ....",
    ),
    "a residual value without a threshold": (
        PARENT,
        "^parent: {label: Parent, payer: Parent, paid_by: tenant, kind: residual value}",
        "the residual value 'parent' has no threshold. Allowed: threshold: ....",
    ),
    "a termination fee without months": (
        PARENT,
        "^parent: {label: Parent, payer: Parent, paid_by: tenant, kind: termination fee}",
        "the termination fee 'parent' has no months. Allowed: months: ....",
    ),
    "months of a guarantee": (
        "limit: 10m}",
        "limit: 10m, ^months: 6 months}",
        "'months' means nothing for the guarantee 'parent'. Allowed: kind: termination fee, or no months.",
    ),
    "a support that ends before financial close": (
        "limit: 10m}",
        "limit: 10m, until: ^2024-12-31}",
        "Until, Parent (2024-12-31) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
}


def test_it_is_read(tmp_path: Path) -> None:
    deal = load_text(TEXT, tmp_path)
    assert deal.inputs["valuation.dark.per_mw"].value == 2.0
    assert deal.inputs["valuation.dark.per_mw"].unit == "money/MW"
    assert deal.inputs["enforcement.haircut"].value == 0.0
    assert deal.inputs["enforcement.support.parent.limit"].label == "Limit, Parent"


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_go_together(name: str, tmp_path: Path) -> None:
    old, new, message = BROKEN[name]
    assert TEXT.count(old) == 1
    marked = TEXT.replace(old, new)
    error = refusal(marked.replace("^", ""), tmp_path)
    assert lines_of(error, tmp_path)[0] == f"deal.yaml:{place(marked, '^')}: {message}"


def test_per_mw_needs_a_capacity(tmp_path: Path) -> None:
    text = TEXT[: TEXT.index("lease:\n")] + "income:\n  fee: {label: Fee, payer: City, amount: 90m}\n"
    text += TEXT[TEXT.index("debt:\n") : TEXT.index("cases:\n")]
    text = text.replace("    capacity: 100 MW\n", "")
    error = refusal(text, tmp_path)
    message = "no building has a capacity to be valued. Allowed: a capacity of a building."
    assert lines_of(error, tmp_path) == [f"deal.yaml:{place(text, 'per_mw')}: {message}"]


def test_a_new_rent_by_capacity_needs_one(tmp_path: Path) -> None:
    text = TEXT[: TEXT.index("lease:\n")] + "income:\n  fee: {label: Fee, payer: City, amount: 90m}\n"
    text += TEXT[TEXT.index("debt:\n") : TEXT.index("cases:\n")]
    text = text.replace("    capacity: 100 MW\n", "").replace("{per_mw: 2m/MW}", "{amount: 200m}")
    text = text.replace("share: 70%, costs", "rent: 90 USD/kW-month, costs")
    message = "no building has a capacity to be let again. Allowed: share, or a capacity of a building."
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"deal.yaml:{place(text, 'rent: 90')}: {message}"]


def test_the_dark_value_is_not_the_one_for_ltv_unless_it_is_alone() -> None:
    both = Valuation.model_validate({"cap_rate": "6%", "dark": {"amount": "20m"}})
    alone = Valuation.model_validate({"dark": {"amount": "20m"}})
    assert (methods(both), method_of(both), method_of(alone)) == (["cap rate", "dark"], "cap rate", "dark")
    assert set(METHODS.values()) == set(Valuation.model_fields) - {"method"}
