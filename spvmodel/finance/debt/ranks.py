"""Ranks of debt: who is paid before whom, and what the waterfall's steps are called.

Senior loans, second lien and mezzanine are loans to the SPV: what is not paid stays due. Holdco and shareholder loans
stand above it: they are paid only out of cash that the lock-up test lets go. An equity bridge has no place in the
waterfall: equity repays it (``bridge.py``).
"""

from __future__ import annotations

from typing import Final

from spvmodel.deal.steps import ranked_step
from spvmodel.finance.terms import Terms

TAKEOUT: Final = "debt.takeout"
"""The line prefix of the take-out, which ranks as the senior loans do."""

SENIOR: Final = "senior"
SHAREHOLDER: Final = "shareholder"
BRIDGE: Final = "equity bridge"
SUBORDINATED: Final = ("second lien", "mezzanine")
"""Ranks paid after the senior debt and its reserves, before the lock-up test, in order."""
JUNIOR: Final = (*SUBORDINATED, "holdco")
"""Ranks of lenders below the senior debt, in order."""
UPSTREAM: Final = ("holdco", SHAREHOLDER)
"""Ranks paid only out of cash that may be distributed, in order."""
LENDERS: Final = (SENIOR, *JUNIOR)
"""Every rank but the sponsors' own loans and what stands for their equity."""
RANKS: Final = (*LENDERS, SHAREHOLDER)
"""Every rank that the waterfall pays."""

STEPS: Final = (("interest", "Interest"), ("principal", "Principal"), ("balloon", "Balloon"))
"""What every rank is paid, in order."""


def rank_of(terms: Terms, at: str) -> str:
    """The rank of a facility by its line prefix (``debt.loan_a``); the take-out is senior."""
    loans = terms.deal.spec.debt
    loan = at.removeprefix("debt.")
    return loans[loan].rank if loan in loans else SENIOR


def ranked(terms: Terms, *ranks: str) -> list[str]:
    """The loans of these ranks, in the order of the deal file."""
    return [name for name, loan in terms.deal.spec.debt.items() if loan.rank in ranks]


def facilities(terms: Terms, *ranks: str) -> list[str]:
    """The line prefix of every facility, or of those of these ranks: loans in file order, then the take-out."""
    loans = [f"debt.{loan}" for loan in (ranked(terms, *ranks) if ranks else terms.deal.spec.debt)]
    senior = not ranks or SENIOR in ranks
    return loans + ([TAKEOUT] if senior and terms.deal.spec.takeout else [])


def refinanced(terms: Terms) -> list[str]:
    """The loans that the take-out refinances, those to the SPV itself: by rank, then in the order of the deal file."""
    return [loan for rank in (SENIOR, *SUBORDINATED) for loan in ranked(terms, rank)]


def present(terms: Terms, ranks: tuple[str, ...]) -> list[str]:
    """Those of ``ranks`` that the deal has, in the same order."""
    return [rank for rank in ranks if ranked(terms, rank)]


def step_of(rank: str, what: str) -> str:
    """The waterfall step that pays a rank its interest, principal or balloon: senior steps bear the plain name."""
    return ranked_step(rank, what)


def steps_of(terms: Terms, ranks: tuple[str, ...]) -> list[str]:
    """Every waterfall step of these ranks, as far as the deal has them, in order of payment."""
    return [step_of(rank, what) for rank in present(terms, ranks) for what, _ in STEPS]
