"""What must hold of a waterfall that a deal file lists: which steps it has, their order, and what they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Final

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.schema import VERBS, DealSpec, WaterfallStep
from spvmodel.deal.steps import (
    AFTER_TEST,
    RANKS,
    SERVICE,
    STEPS,
    account_step,
    accounts,
    in_words,
    names_of,
    needed,
    ranked_step,
)
from spvmodel.deal.translate import Path, Translator, nearest

_LIMITED: Final = ("fees", "exit_fees", "capital_reserves", "dsra", "working_capital", "sweep")
_NEEDS: Final = {
    "tax": "a section tax whose taxes the SPV pays",
    "capital_reserves": "an entry of reserves.capital",
    "hedge": "an entry of hedge",
    "exit_fees": "a loan with exit_fee",
    "prepayment": "a loan with prepayment",
    "reimbursements": "an entry of facility, or a DSRA letter of credit with lc_margin or lc_rate",
    "working_capital": "reserves.working_capital_months",
    "sweep": "a section sweep, or a loan with ard",
}
"""What a deal must have for a step that it may do without."""


def waterfall_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every rule that the list breaks; those of order only where the steps themselves are right."""
    if spec.waterfall is None:
        return
    found = [*_steps(spec, spec.waterfall, say)]
    yield from found or _order(spec, spec.waterfall, say)


def _steps(spec: DealSpec, listed: list[WaterfallStep], say: Translator) -> Iterator[DealError]:
    has, seen = needed(spec), set[str]()
    wrong = False
    for place, step in enumerate(listed):
        path: Path = ("waterfall", place)
        if len(step.verbs) != 1:
            given = f"both {' and '.join(step.verbs[:2])}" if step.verbs else "no verb"
            yield say.error(path, f"a step has {given}", f"exactly one of {', '.join(VERBS)}")
            wrong = True
            continue
        here, names = (*path, step.verb), names_of(step.verb, step.object)
        said = f"{step.verb}: {step.object}"
        known = [*(words for verb, words in STEPS if verb == "fund"), *spec.reserves.account]
        if step.verb == "fund" and step.object not in known:
            message = f"'waterfall.{place}.fund' cannot be '{short(step.object)}'"
            yield say.error(here, message, ", ".join(known), nearest(step.object, known))
            wrong = True
            continue
        if seen & set(names):
            yield say.error(here, f"the step '{said}' stands twice in the waterfall", "each step once")
        elif not has >= set(names):
            rank = next((rank for rank in RANKS if names[0] == ranked_step(rank, names[0].rpartition("_")[2])), "")
            need = _NEEDS.get(names[0]) or f"a loan of rank {rank}"
            yield say.error(here, f"the deal has no use for the step '{said}'", f"{need}, or no such step")
        seen |= set(names)
        yield from _terms(spec, path, step, names, say)
    if wrong:
        return
    every = STEPS | {("fund", key): (account_step(key),) for key in spec.reserves.account}
    for (verb, words), names in every.items():
        if has >= set(names) and not seen & set(names):
            seen |= set(names)
            message = f"the waterfall lacks the step '{verb}: {words}', which the deal needs"
            yield say.error(("waterfall",), message, "every step of the deal, once", key=True)


def _terms(
    spec: DealSpec, path: Path, step: WaterfallStep, names: tuple[str, ...], say: Translator
) -> Iterator[DealError]:
    """What one step is given beside its verb."""
    said = f"{step.verb}: {step.object}"
    if step.limit is not None and names[0] not in _LIMITED and step.object not in spec.reserves.account:
        allowed = ", ".join(in_words(name) for name in _LIMITED)
        yield say.error((*path, "limit"), f"the step '{said}' has no limit", allowed, key=True)
    if step.from_ is not None and step.verb not in ("fund", "sweep"):
        yield say.error((*path, "from"), f"the step '{said}' has no first date", "a step fund or sweep", key=True)
    if step.support and (step.verb != "pay" or names[0] in ("prepayment", "reimbursements", *AFTER_TEST)):
        message = f"no account covers the step '{said}'"
        allowed = "support of obligations before the lock-up test"
        yield say.error((*path, "support"), message, allowed, key=True)
        return
    held = [account for account, filling in accounts(spec).items() if filling in needed(spec)] + list(spec.facility)
    for number, account in enumerate(step.support):
        at = (*path, "support", number)
        if account not in held:
            message = f"the deal has no account or facility '{short(account)}'"
            yield say.error(at, message, ", ".join(held), nearest(account, held))
        elif account in step.support[:number]:
            yield say.error(at, f"'{account}' stands twice in the support of '{said}'", "each once")


def _order(spec: DealSpec, listed: list[WaterfallStep], say: Translator) -> Iterator[DealError]:
    at = {name: place for place, step in enumerate(listed) for name in names_of(step.verb, step.object)}

    def error(name: str, message: str, allowed: str) -> DealError:
        return say.error(("waterfall", at[name], listed[at[name]].verb), message, allowed)

    for place, step in enumerate(listed):
        said, late = f"{step.verb}: {step.object}", place > at["lockup"]
        names = names_of(step.verb, step.object)
        if names[0] in AFTER_TEST and place < at["lockup"]:
            yield error(names[0], f"'{said}' is paid before the lock-up test", "after 'test: lock-up'")
        elif names[0] not in AFTER_TEST and late:
            yield error(names[0], f"'{said}' stands after the lock-up test", "before 'test: lock-up'")
        elif place > at["distributions"] > at["lockup"]:
            yield error(names[0], f"'{said}' stands after 'distribute: equity'", "equity as the last step")
        for number, account in enumerate(step.support):
            filling = accounts(spec).get(account, "")
            if filling and place > at[filling]:
                message = f"'{account}' covers '{said}' after it was filled"
                allowed = f"support before the step '{in_words(filling)}'"
                yield say.error(("waterfall", place, "support", number), message, allowed)
    yield from _taxes(spec, at, partial(error, "tax"))
    yield from _ranked(spec, at, error)
    for part in ("interest", "principal", "balloon"):
        steps = [name for rank in RANKS if (name := ranked_step(rank, part)) in at]
        for above, below in pairwise(steps):
            if at[below] < at[above]:
                message = f"'{in_words(below)}' is paid before '{in_words(above)}', which ranks above it"
                yield error(below, message, f"after '{in_words(above)}'")


def _taxes(spec: DealSpec, at: Mapping[str, int], error_at: Callable[[str, str], DealError]) -> Iterator[DealError]:
    """Taxes stand where ``tax.rank`` says: before every step of senior debt service, or after all of them."""
    if "tax" not in at or spec.tax is None:
        return
    service = [at[name] for name in SERVICE if name in at]
    if spec.tax.rank == "before debt service" and at["tax"] > min(service):
        yield error_at("taxes rank before debt service (tax.rank), and are paid after a part of it", _BEFORE)
    elif spec.tax.rank == "after debt service" and at["tax"] < max(service):
        yield error_at("taxes rank after debt service (tax.rank), and are paid before a part of it", _AFTER)


def _ranked(spec: DealSpec, at: Mapping[str, int], error: Callable[[str, str, str], DealError]) -> Iterator[DealError]:
    """An account that states its rank stands where it says."""
    service = [at[name] for name in SERVICE if name in at]
    for key, account in spec.reserves.account.items():
        step, rank = account_step(key), f"'{key}' ranks {account.rank} (reserves.account.{key}.rank)"
        if account.rank == "before debt service" and at[step] > min(service):
            yield error(step, f"{rank}, and is filled after a part of it", "before debt service, or another rank")
        elif account.rank == "after debt service" and at[step] < max(service):
            yield error(step, f"{rank}, and is filled before a part of it", "after debt service, or another rank")


_BEFORE: Final = "before hedges, senior interest and senior principal, or another tax.rank"
_AFTER: Final = "after hedges, senior interest and senior principal, or another tax.rank"
