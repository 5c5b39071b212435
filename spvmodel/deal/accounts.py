"""What a deal file may combine in its reserve accounts, and how their dates must lie."""

from __future__ import annotations

from collections.abc import Iterator

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.translate import Translator


def reserve_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of the keys of reserves that means nothing or two things."""
    yield from _dsra(spec, say)
    if spec.reserves.interest_in_cfads == "yes" and spec.reserves.interest is None:
        message = "the accounts earn no interest that could count in CFADS"
        yield say.error(("reserves", "interest_in_cfads"), message, "interest beside it, or no", key=True)


def _dsra(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    path = ("reserves", "dsra")
    if spec.reserves.dsra.amount is None:
        return
    for key in ("months", "look", "proration"):
        if say.tree.find((*path, key)) is not None:
            message = f"'{key}' means nothing for a DSRA of a fixed amount"
            yield say.error(
                (*path, key), message, f"amount, or months of debt service; no {key} beside an amount", key=True
            )
