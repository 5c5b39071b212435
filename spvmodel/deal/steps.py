"""The steps of the waterfall: how a deal file words them, which of them a deal needs, and in which order they stand.

A step has one name here and in the lines (``waterfall.second_lien_interest.paid``). A deal file lists steps in its own
order, some of them together (``pay: second lien`` is interest, principal and balloons); without a list the default
order holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spvmodel.deal.schema import DealSpec

RANKS: Final = ("senior", "second lien", "mezzanine", "holdco", "shareholder")
"""Ranks of debt in order of payment."""

_PARTS: Final = (("interest", "interest"), ("principal", "principal"), ("balloon", "balloons"))
"""What a rank is paid: in the name of a step, and in the words of a deal file."""


def ranked_step(rank: str, part: str) -> str:
    """The step that pays a rank its interest, principal or balloon: senior steps bear the plain name."""
    return part if rank == "senior" else f"{rank.replace(' ', '_')}_{part}"


def _words() -> dict[tuple[str, str], tuple[str, ...]]:
    """The steps that each verb and object of a deal file stand for."""
    found: dict[tuple[str, str], tuple[str, ...]] = {
        ("pay", "operating costs"): ("operating_costs",),
        ("pay", "taxes"): ("tax",),
        ("pay", "fees"): ("fees",),
        ("pay", "hedges"): ("hedge",),
        ("pay", "senior interest"): ("interest",),
        ("pay", "senior principal"): ("principal",),
        ("pay", "balloons"): ("balloon",),
        ("pay", "exit fees"): ("exit_fees",),
        ("pay", "reimbursements"): ("reimbursements",),
        ("pay", "prepayments"): ("prepayment",),
        ("fund", "capital reserves"): ("capital_reserves",),
        ("fund", "dsra"): ("dsra",),
        ("fund", "working capital"): ("working_capital",),
        ("sweep", "excess cash"): ("sweep",),
        ("test", "lock-up"): ("lockup",),
        ("distribute", "equity"): ("distributions",),
    }
    for rank in RANKS[1:]:
        named, all_of_it = ("shareholder loan", "shareholder loans") if rank == "shareholder" else (rank, rank)
        found["pay", all_of_it] = tuple(ranked_step(rank, part) for part, _ in _PARTS)
        found |= {("pay", f"{named} {words}"): (ranked_step(rank, part),) for part, words in _PARTS}
    return found


STEPS: Final = _words()

_ALWAYS: Final = (
    "operating_costs", "fees", "interest", "principal", "balloon", "dsra", "lockup", "distributions"
)  # fmt: skip

_ORDER: Final = (
    "operating_costs", "tax before", "capital_reserves", "accounts before", "fees", "hedge", "interest",
    "principal", "balloon", "exit_fees", "reimbursements", "dsra", "prepayment", "working_capital", "accounts after",
    "tax after", "second lien", "mezzanine", "sweep", "lockup", "holdco", "shareholder", "distributions",
)  # fmt: skip
"""The default order; a rank is its interest, principal and balloon, taxes and accounts stand where their rank says."""

_SUPPORTED: Final = {"operating_costs": "working capital", "hedge": "dsra", "interest": "dsra", "principal": "dsra"}
"""The account that covers a step in the default order."""

_BACKED: Final = ("operating_costs", "fees", "hedge", "interest", "principal")
"""The steps that facilities cover in the default order, after the accounts."""

DSRA_LC: Final = "dsra_lc"
"""The letter of credit in place of the DSRA, as lines of the waterfall name it."""

ACCOUNTS: Final = {"dsra": "dsra", "working capital": "working_capital"}
"""The accounts that may cover a shortfall, and the steps that fill them; others are entries of ``reserves.account``."""

AFTER_TEST: Final = (
    *STEPS["pay", "holdco"], *STEPS["pay", "shareholder loans"], "distributions"
)  # fmt: skip
"""Steps paid only out of what the lock-up test lets go."""

SERVICE: Final = ("hedge", "interest", "principal")
"""The steps of senior debt service."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall.

    Attributes:
        name: of the step in the lines, ``waterfall.<name>.paid``.
        support: the accounts and facilities that cover what cash does not, in the order in which they are drawn, as
            a deal file words them.
    """

    name: str
    support: tuple[str, ...] = ()


def account_step(key: str) -> str:
    """The step that fills an entry of ``reserves.account``."""
    return f"account_{key}"


def accounts(spec: DealSpec) -> dict[str, str]:
    """Every account that may cover a shortfall, as a deal file words it, and the step that fills it."""
    return ACCOUNTS | {key: account_step(key) for key in spec.reserves.account}


def names_of(verb: str, words: str) -> tuple[str, ...]:
    """The steps that a verb and its object stand for; what else is funded is an entry of ``reserves.account``."""
    return STEPS.get((verb, words)) or ((account_step(words),) if verb == "fund" else ("",))


def has_working_capital(spec: DealSpec) -> bool:
    """Whether the deal holds operating costs in reserve."""
    return spec.reserves.working_capital_months is not None


def reimburses(spec: DealSpec) -> bool:
    """Whether a letter of credit in place of the DSRA can be drawn, and what is drawn is owed."""
    return spec.reserves.dsra.lc_margin is not None or spec.reserves.dsra.lc_rate is not None


def needed(spec: DealSpec) -> frozenset[str]:
    """The names of the steps that the waterfall of a deal has, whatever their order."""
    loans = spec.debt.values()
    found = set(_ALWAYS)
    for name, has in (
        ("tax", spec.tax is not None and spec.tax.rank != "paid by owners"),
        ("capital_reserves", bool(spec.reserves.capital)),
        ("hedge", bool(spec.hedge)),
        ("exit_fees", any(loan.exit_fee is not None for loan in loans)),
        ("prepayment", any(loan.prepayment is not None for loan in loans)),
        ("working_capital", spec.reserves.working_capital_months is not None),
        ("reimbursements", bool(spec.facility) or reimburses(spec)),
        ("sweep", spec.sweep is not None or any(loan.ard is not None for loan in loans)),
    ):
        if has:
            found.add(name)
    found |= {account_step(key) for key in spec.reserves.account}
    for rank in {loan.rank for loan in loans} & set(RANKS):
        found |= {ranked_step(rank, part) for part, _ in _PARTS}
    return frozenset(found)


def ordered(spec: DealSpec) -> tuple[Step, ...]:
    """The steps of a deal's waterfall in order: as its file lists them, or the default order."""
    if spec.waterfall is None:
        return _default(spec)
    return tuple(
        Step(name, tuple(given.support)) for given in spec.waterfall for name in names_of(given.verb, given.object)
    )


def _default(spec: DealSpec) -> tuple[Step, ...]:
    has, taxed = needed(spec), f"tax {spec.tax.rank.split()[0]}" if spec.tax else ""
    ranked = {"accounts before": _ranked(spec, before=True), "accounts after": _ranked(spec, before=False)}
    found: list[Step] = []
    for entry in _ORDER:
        parts = [ranked_step(entry, part) for part, _ in _PARTS] if entry in RANKS else [entry]
        parts = ["tax"] if entry == taxed else ranked.get(entry, parts)
        found += [Step(name, _covered(spec, name, has)) for name in parts if name in has]
    return tuple(found)


def _ranked(spec: DealSpec, *, before: bool) -> list[str]:
    """The steps that fill accounts before debt service, or after it."""
    every = spec.reserves.account.items()
    return [account_step(key) for key, account in every if (account.rank == "before debt service") == before]


def _covered(spec: DealSpec, name: str, has: frozenset[str]) -> tuple[str, ...]:
    """What covers a step in the default order: its own account, those held for its kind, then every facility."""
    own = _SUPPORTED.get(name, "")
    found = [own] if own and ACCOUNTS[own] in has else []
    for key, account in spec.reserves.account.items():
        at_once = account.amount is not None and account.full_by is None and account.works is None
        liquid = at_once and account.rank != "before debt service"
        if (name == "operating_costs" and account.months is not None) or (name in SERVICE and liquid):
            found.append(key)
    return tuple(found + list(spec.facility if name in _BACKED else ()))


def in_words(name: str) -> str:
    """A step as a deal file words it, such as ``pay: fees``."""
    if name.startswith(account_step("")):
        return f"fund: {name.removeprefix(account_step(''))}"
    return next(f"{verb}: {words}" for (verb, words), names in STEPS.items() if names == (name,))
