"""What a deal file may combine in facilities and in the letter of credit of the DSRA."""

from __future__ import annotations

from collections.abc import Iterator

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.steps import ACCOUNTS, DSRA_LC
from spvmodel.deal.translate import Translator

_TAKEN = (*ACCOUNTS.values(), DSRA_LC)
"""Names that lines of the waterfall have for accounts."""


def facility_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every combination of keys that means nothing or two things."""
    for key, facility in spec.facility.items():
        path = ("facility", key)
        if key in _TAKEN:
            yield say.error(path, f"'{key}' is the name of an account", "another id", key=True)
        if (facility.margin is None) == (facility.fixed_rate is None):
            given = "neither margin nor fixed_rate" if facility.margin is None else "both margin and fixed_rate"
            yield say.error(path, f"facility '{key}' has {given}", "exactly one of them", key=True)
        if spec.waterfall is not None and not any(key in step.support for step in spec.waterfall):
            message = f"no step of the waterfall is covered by facility '{key}'"
            yield say.error(path, message, f"support: [{key}] of a step, or no such facility", key=True)
    dsra, at = spec.reserves.dsra, ("reserves", "dsra")
    rates = [name for name in ("lc_margin", "lc_rate") if getattr(dsra, name) is not None]
    if len(rates) == 2:
        message = "a drawn letter of credit of the DSRA bears a margin and a fixed rate"
        yield say.error((*at, "lc_rate"), message, "lc_margin or lc_rate", key=True)
    if rates and dsra.lc_fee is None:
        message = f"'{rates[0]}' means nothing where the DSRA holds cash"
        yield say.error((*at, rates[0]), message, "lc_fee beside it", key=True)
