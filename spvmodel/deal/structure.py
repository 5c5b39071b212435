"""What a deal file may combine: keys that exclude or need each other, whatever their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec, Debt
from spvmodel.deal.translate import Translator

_NEEDED: Final = {
    "mortgage": ("term", "rate"),
    "custom amounts": ("amounts",),
    "custom shares": ("shares",),
    "target balance": ("balances",),
}
"""Keys of ``repayment`` that one profile needs and no other takes."""

_STATED: Final = ("custom amounts", "target balance")
"""Profiles whose principal is stated in money, which only a loan of a stated amount can repay."""

_WITH_BALLOON: Final = ("level", "sculpted", "straight line", "custom amounts", "custom shares")


def debt_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of a loan's keys that means nothing or two things."""
    for key, loan in spec.debt.items():
        yield from _amount(spec, key, loan, say)
        yield from _repayment(key, loan, say)
        yield from _standby(spec, key, loan, say)
        yield from _bridge(spec, key, loan, say)


def covenant_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """What covenants lean on that the deal does not have."""
    covenants = spec.covenants
    if covenants.sweep_after is not None and spec.sweep is None:
        message = "trapped cash is to be swept, and nothing says to which loans"
        yield say.error(("covenants", "sweep_after"), message, "a section sweep with its order", key=True)
    if covenants.default_ltv is not None and spec.valuation is None:
        message = "the deal file values no collateral"
        yield say.error(("covenants", "default_ltv"), message, "a section valuation", key=True)
    if covenants.cure is not None and say.tree.find(("covenants", "default_dscr")) is None:
        message = "the sponsors may cure a test that the deal does not have"
        yield say.error(("covenants", "cure"), message, "default_dscr beside it", key=True)
    yield from _cure(spec, say)


def _cure(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """A cure by prepayment repays senior loans, each once, and falls on all of their instalments alike.

    A sweep that takes the place of the next instalments cannot stand beside it: the cure replaces a share of each.
    """
    cure, path, seen = spec.covenants.cure, ("covenants", "cure"), set[str]()
    if cure is None:
        return
    if cure.by == "cash" and cure.order:
        message = "a cure in cash stays in the SPV: there is no order of loans that it prepays"
        yield say.error((*path, "order"), message, "by: prepayment, or no order", key=True)
        return
    for place, loan in enumerate(cure.order):
        if spec.debt[loan].rank != "senior":
            message = f"the cure prepays '{loan}' of the rank {spec.debt[loan].rank}, and mends the DSCR of senior debt"
            yield say.error((*path, "order", place), message, "loans of the rank senior")
        elif loan in seen:
            yield say.error((*path, "order", place), f"the order of the cure names '{loan}' twice", "each loan once")
        seen.add(loan)
    if cure.by == "prepayment" and spec.sweep is not None and spec.sweep.application == "forward":
        message = (
            f"a cure prepays all instalments alike, and the sweep applies what is prepaid '{spec.sweep.application}'"
        )
        yield say.error((*path, "by"), message, "by: cash, or application: inverse or pro rata of the sweep")


def _amount(spec: DealSpec, key: str, loan: Debt, say: Translator) -> Iterator[DealError]:
    path = ("debt", key)
    if (loan.commitment is None) == (loan.sizing is None):
        given = "neither commitment nor sizing" if loan.sizing is None else "both commitment and sizing"
        yield say.error(path, f"loan '{key}' has {given}", "exactly one of them", key=True)
    if loan.sizing is None:
        return
    sizing, at = loan.sizing, (*path, "sizing")
    limits = [name for name in type(sizing).model_fields if name not in ("above_cost", "dscr_merchant", "gearing_fee")]
    if all(getattr(sizing, name) is None for name in limits):
        yield say.error(
            at, f"nothing limits the size of loan '{key}'", f"at least one of {', '.join(limits)}", key=True
        )
    if loan.repayment.profile in _STATED:
        message = f"loan '{key}' is sized, and the profile '{loan.repayment.profile}' repays an amount that is stated"
        yield say.error((*path, "repayment", "profile"), message, "custom shares, or another profile", key=True)
    if sizing.dscr_merchant is not None and sizing.dscr is None and sizing.dscr_steps is None:
        yield say.error(
            (*at, "dscr_merchant"), "the cover of merchant revenue stands alone", "dscr beside it", key=True
        )
    if sizing.gearing is None and say.tree.find((*at, "gearing_fee")) is not None:
        message = f"'gearing_fee' means nothing for loan '{key}', which has no gearing"
        yield say.error((*at, "gearing_fee"), message, "gearing beside it, or no gearing_fee", key=True)
    if sizing.dscr is not None and sizing.dscr_steps is not None:
        yield say.error((*at, "dscr_steps"), f"loan '{key}' has two target covers", "dscr or dscr_steps", key=True)
    for name in ("ltv", "exit_ltv"):
        if getattr(sizing, name) is not None and spec.valuation is None:
            yield say.error((*at, name), "the deal file values no collateral", "a section valuation", key=True)
    for name in ("wal", "tail"):
        if getattr(sizing, name) is not None and loan.repayment.profile != "sculpted":
            message = f"a loan of the profile '{loan.repayment.profile}' has the length its repayment gives it"
            yield say.error((*at, name), message, "profile: sculpted, or no such limit", key=True)
    if loan.draws is not None:
        yield say.error((*path, "draws"), f"loan '{key}' is sized and has dated draws", "one of them", key=True)


def _repayment(key: str, loan: Debt, say: Translator) -> Iterator[DealError]:
    path, profile = ("debt", key, "repayment"), loan.repayment.profile
    for owner, names in _NEEDED.items():
        for name in names:
            given = getattr(loan.repayment, name) is not None
            if owner == profile and not given:
                message = f"the profile '{profile}' of loan '{key}' needs '{name}'"
                yield say.error(path, message, f"{name}: ...", key=True)
            elif owner != profile and given:
                message = f"'{name}' means nothing for the profile '{profile}' of loan '{key}'"
                yield say.error((*path, name), message, f"profile: {owner}, or no {name}", key=True)
    if profile not in _WITH_BALLOON and say.tree.find((*path, "balloon")) is not None:
        message = f"a loan of the profile '{profile}' leaves the balloon that its schedule leaves"
        yield say.error((*path, "balloon"), message, f"no balloon, or profile: {', '.join(_WITH_BALLOON)}", key=True)
    if profile != "level" and say.tree.find((*path, "level_by")) is not None:
        message = f"'level_by' means nothing for the profile '{profile}' of loan '{key}'"
        yield say.error((*path, "level_by"), message, "profile: level, or no level_by", key=True)


_NOT_BRIDGED: Final = ("sequence", "pik", "extension", "prepayment", "exit_fee", "default_margin")
"""Keys that mean nothing for a loan that the waterfall does not pay."""


def _standby(spec: DealSpec, key: str, loan: Debt, say: Translator) -> Iterator[DealError]:
    """A standby facility has a commitment, no draws of its own, and something that can overrun."""
    path = ("debt", key)
    if loan.draws_for != "overrun":
        if loan.overrun_share is not None:
            message = f"loan '{key}' has a share of the overrun and pays for uses"
            yield say.error((*path, "overrun_share"), message, "draws_for: overrun, or no overrun_share", key=True)
        return
    if loan.sizing is not None:
        message = f"the standby facility '{key}' is sized: an overrun says what it lends"
        yield say.error((*path, "sizing"), message, "commitment, no sizing", key=True)
    if loan.draws is not None:
        message = f"the standby facility '{key}' has dated draws: an overrun says what it lends"
        yield say.error((*path, "draws"), message, "no draws, or draws_for: uses", key=True)
    built = [b.funded_by for b in spec.building.values() if b.budget is not None]
    built += [use.funded_by for use in spec.use.values() if use.kind in ("hard", "hardware") and use.amount is not None]
    if loan.funds not in built:
        message = f"funding '{loan.funds}' of the standby facility '{key}' has nothing whose cost can overrun"
        allowed = "a building with a budget, or a use of the kind hard with an amount"
        yield say.error((*path, "draws_for"), message, allowed, key=True)


def _bridge(spec: DealSpec, key: str, loan: Debt, say: Translator) -> Iterator[DealError]:
    """Equity repays a bridge at once, at maturity: no schedule, no size, no term of a loan that cash flow pays."""
    path = ("debt", key)
    if loan.rank != "equity bridge":
        return
    if loan.repayment.profile != "bullet":
        message = f"equity repays the bridge '{key}' at maturity, and its profile is '{loan.repayment.profile}'"
        yield say.error((*path, "repayment", "profile"), message, "bullet")
    if loan.sizing is not None:
        yield say.error((*path, "sizing"), f"the equity bridge '{key}' is sized", "commitment, no sizing", key=True)
    if loan.completion is None:
        yield say.error(path, f"the equity bridge '{key}' has no completion", "completion: ...", key=True)
    if loan.draws_for == "overrun":
        message = f"the equity bridge '{key}' pays for overruns alone"
        yield say.error((*path, "draws_for"), message, "uses, or another rank")
    for name in _NOT_BRIDGED:
        if getattr(loan, name) is not None:
            message = f"'{name}' means nothing for the equity bridge '{key}', which equity repays"
            yield say.error((*path, name), message, f"no {name}, or another rank", key=True)
    for name, hedge in spec.hedge.items():
        if hedge.loan == key:
            message = f"the hedge '{name}' is of the equity bridge '{key}'"
            yield say.error(("hedge", name, "loan"), message, "a loan that the cash flow repays")
