"""What a deal file may combine in its reserve accounts, and how their dates must lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec, ReserveAccount
from spvmodel.deal.translate import Translator

_TARGETS: Final = ("amount", "months", "per_kw", "weights")
"""Keys of which an account has exactly one: what its target is made of."""

_GOES_WITH: Final = {"costs": "months", "cap": "per_kw", "full_by": "amount"}
"""Keys that mean something beside one kind of target alone."""


def reserve_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of the keys of reserves that means nothing or two things."""
    yield from _dsra(spec, say)
    for key, account in spec.reserves.account.items():
        yield from _account(spec, key, account, say)
    if spec.reserves.interest_in_cfads == "yes" and spec.reserves.interest is None:
        message = "the accounts earn no interest that could count in CFADS"
        yield say.error(("reserves", "interest_in_cfads"), message, "interest beside it, or no", key=True)


def _dsra(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    path = ("reserves", "dsra")
    if spec.reserves.dsra.amount is None:
        return
    for key in ("months", "look", "proration", "fees"):
        if say.tree.find((*path, key)) is not None:
            message = f"'{key}' means nothing for a DSRA of a fixed amount"
            allowed = f"amount, or months of debt service; no {key} beside an amount"
            yield say.error((*path, key), message, allowed, key=True)
    for key, trigger in spec.trigger.items():
        if trigger.dsra_months is not None:
            message = f"trigger '{key}' raises the months of a DSRA of a fixed amount"
            yield say.error(("trigger", key, "dsra_months"), message, "months in place of the amount", key=True)


def _account(spec: DealSpec, key: str, account: ReserveAccount, say: Translator) -> Iterator[DealError]:
    path = ("reserves", "account", key)
    if key == "dsra":
        yield say.error(path, "'dsra' is the debt service reserve account", "another id", key=True)
    given = [name for name in _TARGETS if getattr(account, name) is not None]
    if len(given) != 1:
        message = f"account '{key}' has {f'both {given[0]} and {given[1]}' if given else 'no target'}"
        yield say.error(path, message, f"exactly one of {', '.join(_TARGETS)}", key=True)
        return
    for name, target in _GOES_WITH.items():
        if getattr(account, name) and target not in given:
            message = f"'{name}' means nothing for account '{key}', whose target is of {given[0]}"
            yield say.error((*path, name), message, f"{target} in place of {given[0]}, or no {name}", key=True)
    if account.months is not None and not spec.opex:
        message = f"account '{key}' holds months of operating costs, and the deal has none"
        yield say.error((*path, "months"), message, "an entry of opex", key=True)
    for place, cost in enumerate(account.costs):
        if cost in account.costs[:place]:
            message = f"'{cost}' stands twice in the costs of account '{key}'"
            yield say.error((*path, "costs", place), message, "each cost once")
    if account.per_kw is not None and all(building.capacity is None for building in spec.building.values()):
        message = f"account '{key}' accrues by capacity, and no building has one"
        yield say.error((*path, "per_kw"), message, "a building with capacity", key=True)
    if account.weights is not None and account.works is None:
        message = f"account '{key}' saves for works, and has none"
        yield say.error((*path, "weights"), message, "works beside them", key=True)
    yield from _at_close(key, account, say)


def _at_close(key: str, account: ReserveAccount, say: Translator) -> Iterator[DealError]:
    """What is filled at close is held from then on, and at once."""
    if account.funded != "at close":
        return
    for name in ("per_kw", "start", "full_by"):
        if getattr(account, name) is not None:
            message = f"account '{key}' is filled at close, and '{name}' fills it later"
            allowed = f"funded: from cash flow, or no {name}"
            yield say.error(("reserves", "account", key, name), message, allowed, key=True)
