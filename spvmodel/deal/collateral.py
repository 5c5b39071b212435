"""What a deal file may combine in the valuation of the collateral and in its enforcement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.schema.collateral import Relet, Support, Valuation
from spvmodel.deal.translate import Translator

METHODS: Final = {
    "cap rate": "cap_rate",
    "amount": "amount",
    "amounts": "amounts",
    "dcf": "dcf",
    "per MW": "per_mw",
    "hardware": "hardware",
    "dark": "dark",
}
"""Every method of valuation, and the key that gives it."""

_TERMS: Final = {"residual value": "threshold", "termination fee": "months"}
"""Kinds of support, and the key that each of them needs and no other takes."""

TAKEN: Final = frozenset({"cash", "fees", "hedge_banks", "recourse", "takeout"})
"""Names that lines of the recovery and its checks have, so that no loan that is enforced can bear them."""


def methods(valuation: Valuation) -> list[str]:
    """The methods that a valuation gives, in the order of :data:`METHODS`."""
    return [method for method, key in METHODS.items() if getattr(valuation, key) is not None]


def method_of(valuation: Valuation) -> str:
    """The method whose value LTV takes: the one the file names, or the only one, or the only one beside dark."""
    return valuation.method or methods(valuation)[0]


def valuation_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """A valuation has a method, says which counts where there are several, and has the capacity it is taken of."""
    valuation, path = spec.valuation, ("valuation",)
    if valuation is None:
        return
    given, every = methods(valuation), ", ".join(METHODS.values())
    if not given:
        yield say.error(path, "the valuation has no method", f"at least one of {every}", key=True)
    lasting = [method for method in given if method != "dark"]
    if valuation.method is None and len(lasting) > 1:
        keys = " and ".join(METHODS[method] for method in lasting)
        yield say.error(path, f"the valuation has {keys}", f"method: {', '.join(lasting)}, or one of them", key=True)
    elif valuation.method is not None and valuation.method not in given:
        message = f"the valuation is taken by '{valuation.method}', which it does not give"
        yield say.error((*path, "method"), message, ", ".join(given) or every)
    if valuation.dark is not None and (valuation.dark.per_mw is None) == (valuation.dark.amount is None):
        has = "neither per_mw nor amount" if valuation.dark.amount is None else "both per_mw and amount"
        yield say.error((*path, "dark"), f"the dark value has {has}", "exactly one of them", key=True)
    if valuation.hardware is not None and all(use.hardware is None for use in spec.use.values()):
        message, allowed = "the deal has no hardware with a resale value", "a use with a section hardware"
        yield say.error((*path, "hardware"), message, allowed, key=True)
    without = all(building.capacity is None for building in spec.building.values())
    by_mw: list[tuple[str, ...]] = [("per_mw",)] if valuation.per_mw is not None else []
    by_mw += [("dark", "per_mw")] if valuation.dark is not None and valuation.dark.per_mw is not None else []
    for at in by_mw if without else []:
        yield say.error((*path, *at), "no building has a capacity to be valued", "a capacity of a building", key=True)


def enforcement_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """The basis of the sale is given; so is what each support is measured by."""
    enforcement, path = spec.enforcement, ("enforcement",)
    if enforcement is None:
        return
    for key in sorted(TAKEN & spec.debt.keys()):
        yield say.error(("debt", key), f"'{key}' is the name of a line of the recovery", "another id", key=True)
    given = methods(spec.valuation) if spec.valuation is not None else []
    given += ["re-let"] if enforcement.relet is not None else []
    if enforcement.basis not in given:
        needs = "a section relet" if enforcement.basis == "re-let" else f"it in valuation ({', '.join(METHODS)})"
        message = f"the collateral is sold by '{enforcement.basis}', which the deal file does not give"
        yield say.error((*path, "basis"), message, f"{needs}, or one of those given: {', '.join(given) or 'none'}")
    if enforcement.tenant_stays is not None and spec.valuation is None:
        message = "the tenant may stay, and the deal file values no collateral"
        yield say.error((*path, "tenant_stays"), message, "a section valuation", key=True)
    if enforcement.tenant_stays is not None and enforcement.basis not in ("re-let", "dark"):
        message = f"the tenant stays in any case where the collateral is sold by '{enforcement.basis}'"
        yield say.error((*path, "tenant_stays"), message, "basis: re-let, dark, or no tenant_stays", key=True)
    if enforcement.relet is not None:
        yield from _relet(enforcement.relet, spec, say)
    for key, support in enforcement.support.items():
        yield from _support((*path, "support", key), support, say)


def _relet(relet: Relet, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    path = ("enforcement", "relet")
    rents = [key for key in ("share", "rent", "rent_per_mw") if getattr(relet, key) is not None]
    if len(rents) != 1:
        has = " and ".join(rents) if rents else "no new rent"
        yield say.error(path, f"the re-letting has {has}", "exactly one of share, rent, rent_per_mw", key=True)
    elif rents != ["share"] and all(building.capacity is None for building in spec.building.values()):
        message = "no building has a capacity to be let again"
        yield say.error((*path, *rents), message, "share, or a capacity of a building", key=True)
    if (relet.cap_rate is None) == (relet.discount_rate is None):
        has = "neither cap_rate nor discount_rate" if relet.cap_rate is None else "both cap_rate and discount_rate"
        yield say.error(path, f"the re-letting has {has}", "exactly one of them", key=True)
    elif (relet.discount_rate is None) != (relet.term is None):
        if relet.term is None:
            yield say.error(path, "the re-letting has a discount_rate and no term", "term: 10 years", key=True)
        else:
            message = "'term' means nothing where the new NOI is capitalised"
            yield say.error((*path, "term"), message, "discount_rate, or no term", key=True)


def _support(path: tuple[str, str, str], support: Support, say: Translator) -> Iterator[DealError]:
    name, kind = path[-1], support.kind
    for owner, key in _TERMS.items():
        given = getattr(support, key) is not None
        if owner == kind and not given:
            yield say.error(path, f"the {kind} '{name}' has no {key}", f"{key}: ...", key=True)
        elif owner != kind and given:
            message = f"'{key}' means nothing for the {kind} '{name}'"
            yield say.error((*path, key), message, f"kind: {owner}, or no {key}", key=True)
    if kind == "guarantee" and support.limit is None:
        yield say.error(path, f"the guarantee '{name}' has no limit", "limit: ...", key=True)
