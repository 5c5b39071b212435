"""What must hold of taxes and of straight-line rent by the structure of a deal file, whatever the values are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spvmodel.deal.schedules import BONUS_YEARS, CUSTOM, in_mid_month, life
from spvmodel.deal.schema import DealSpec, Tax, TaxClass
from spvmodel.deal.uses import Misfit

NOT_DEPRECIATED: Final = ("land", "working capital", "distribution")
"""Kinds of use that are no part of the depreciable cost."""

_LAGGED: Final = ("in arrears", "following year")


def depreciable(spec: DealSpec) -> list[str]:
    """The buildings and uses that are part of the depreciable cost, in the order of the deal file."""
    buildings = [key for key, building in spec.building.items() if building.budget is not None]
    return buildings + [key for key, use in spec.use.items() if use.kind not in NOT_DEPRECIATED]


def tax_misfits(spec: DealSpec) -> Iterator[Misfit]:
    """Every fault of the sections ``tax`` and ``accounting``."""
    if spec.accounting.straight_line_rent == "yes" and not spec.lease:
        message = "the deal has no lease whose rent could be straight-lined"
        yield Misfit(("accounting", "straight_line_rent"), message, "no, or a lease", at_value=True)
    tax = spec.tax
    if tax is None:
        return
    if (tax.depreciation is None) == (not tax.classes):
        given = "neither depreciation nor classes" if tax.depreciation is None else "both depreciation and classes"
        yield Misfit(("tax",), f"the tax has {given}", "exactly one of them")
    yield from _bonus(("tax",), "the tax", tax.depreciation, tax)
    if tax.classes:
        for name in ("bonus", "acquired"):
            if getattr(tax, name) is not None:
                yield Misfit(("tax", name), f"'{name}' stands beside classes", f"'{name}' in the classes it holds for")
    acquired = [tax.acquired, *(part.acquired for part in tax.classes.values())]
    if tax.bonus_rates is not None and not any(acquired):
        message = "nothing is acquired on a stated day, which bonus_rates could hold for"
        yield Misfit(("tax", "bonus_rates"), message, "acquired beside them or in a class, or no bonus_rates")
    for key, part in tax.classes.items():
        yield from _class(key, part)
    yield from _covered(spec, tax)
    yield from _credit(tax)
    if tax.losses == "refunded" and "loss_limit" in tax.model_fields_set:
        message = "'loss_limit' means nothing for losses that are refunded"
        yield Misfit(("tax", "loss_limit"), message, "losses: carried forward, or no loss_limit")
    if tax.payment in _LAGGED and tax.payment_lag is None:
        yield Misfit(("tax", "payment"), f"taxes paid '{tax.payment}' need a lag", "payment_lag: 4 months")
    if tax.payment not in _LAGGED and tax.payment_lag is not None:
        allowed = f"payment: {' or '.join(_LAGGED)}, or no payment_lag"
        yield Misfit(("tax", "payment_lag"), f"'payment_lag' means nothing for taxes paid '{tax.payment}'", allowed)


def _credit(tax: Tax) -> Iterator[Misfit]:
    """Classes that earn a credit are classes of the tax, each once."""
    path, seen = ("tax", "credit", "classes"), set[str]()
    for name in tax.credit.classes if tax.credit else []:
        if name not in tax.classes:
            allowed = f"one of {', '.join(tax.classes)}" if tax.classes else "no classes: all of the cost earns it"
            yield Misfit(path, f"'{name}' is no tax class", allowed, at_value=True)
        elif name in seen:
            yield Misfit(path, f"'{name}' is named twice", "each class once", at_value=True)
        seen.add(name)


def _bonus(path: tuple[str, ...], what: str, name: str | None, part: Tax | TaxClass) -> Iterator[Misfit]:
    """One bonus at most; by date only where the law gives one."""
    if part.bonus is not None and part.acquired is not None:
        yield Misfit(path, f"{what} has both bonus and acquired", "at most one of them")
    if part.acquired is not None and name is not None and (in_mid_month(name) or life(name) > BONUS_YEARS):
        message = f"there is no bonus by date for '{name}'"
        yield Misfit((*path, "acquired"), message, f"a recovery period of at most {BONUS_YEARS} years, or bonus")


def _class(key: str, part: TaxClass) -> Iterator[Misfit]:
    path, what = ("tax", "classes", key), f"tax class '{key}'"
    if (part.share is None) == (not part.covers):
        given = "neither share nor covers" if part.share is None else "both share and covers"
        yield Misfit(path, f"{what} has {given}", "exactly one of them")
    yield from _bonus(path, what, part.depreciation, part)
    if part.depreciation == CUSTOM:
        if part.shares is None:
            yield Misfit((*path, "depreciation"), f"{what} has no shares", "shares: dates with shares")
        for name in ("bonus", "acquired"):
            if getattr(part, name) is not None:
                message = f"'{name}' means nothing for the custom schedule of {what}"
                yield Misfit((*path, name), message, "shares that hold the bonus")
    elif part.shares is not None:
        yield Misfit((*path, "shares"), f"the shares of {what} are not used", f"depreciation: {CUSTOM}")


def _covered(spec: DealSpec, tax: Tax) -> Iterator[Misfit]:
    """All classes are given by shares or all by what they cover, and then each depreciable cost is in one."""
    covering = {key: part for key, part in tax.classes.items() if part.covers}
    if not covering:
        return
    for key, part in tax.classes.items():
        if part.share is not None and not part.covers:
            message = f"tax class '{key}' has a share, others say what they cover"
            yield Misfit(("tax", "classes", key, "share"), message, "covers in every class, or share in every one")
    known, seen = depreciable(spec), set[str]()
    for key, part in covering.items():
        path = ("tax", "classes", key, "covers")
        for name in part.covers:
            if name in spec.use and spec.use[name].kind in NOT_DEPRECIATED:
                message = f"'{name}' is {spec.use[name].kind}, which is not depreciated"
                yield Misfit(path, message, ", ".join(known), at_value=True)
            elif name not in known:
                allowed = ", ".join(known) or "there is none"
                yield Misfit(path, f"'{name}' is no building or use with a cost", allowed, at_value=True)
            elif name in seen:
                yield Misfit(path, f"'{name}' is covered twice", "each cost in one class", at_value=True)
            seen.add(name)
    missing = [name for name in known if name not in seen]
    if missing:
        message = f"no tax class covers {', '.join(missing)}"
        yield Misfit(("tax", "classes"), message, "every building and use that is depreciated in one class")
