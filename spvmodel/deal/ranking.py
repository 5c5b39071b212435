"""What a deal file may say of ranks, whatever the values: who can be swept, and whose interest can wait."""

from __future__ import annotations

from collections.abc import Iterator

from spvmodel.deal.errors import short
from spvmodel.deal.schema import DealSpec

_SWEPT = ("senior", "second lien", "mezzanine")

Misplaced = tuple[tuple[str | int, ...], str, str]
"""Where it stands, what is wrong, and what is allowed."""


def misplaced(spec: DealSpec) -> Iterator[Misplaced]:
    """Every rule of ranks that a deal file breaks."""
    if all(loan.rank != "senior" for loan in spec.debt.values()):
        yield ("debt",), "no loan is senior", "at least one loan of rank senior"
    for key, loan in spec.debt.items():
        if loan.ard and loan.rank not in _SWEPT:
            yield ("debt", key, "ard"), f"{_loan(loan.rank)} has no anticipated repayment date", _allowed()
        if loan.pik and loan.pik.toggle == "yes" and loan.rank == "senior":
            message = f"senior interest of {short(loan.label)} cannot be added to the loan for want of cash"
            yield ("debt", key, "pik", "toggle"), message, "no, or a rank below senior"
    order = spec.sweep.order if spec.sweep else []
    for place, key in enumerate(order):
        if key in order[:place]:
            yield ("sweep", "order", place), f"'{key}' stands twice in the order of the sweep", "each loan once"
        elif spec.debt[key].rank not in _SWEPT:
            yield ("sweep", "order", place), f"'{key}' is {_loan(spec.debt[key].rank)} and cannot be swept", _allowed()


def _loan(rank: str) -> str:
    return f"{'an' if rank == 'equity bridge' else 'a'} {rank} loan"


def _allowed() -> str:
    return f"a loan of rank {', '.join(_SWEPT)}"
