"""The owners: their shares, promotes, and how returns are measured."""

from __future__ import annotations

from typing import Annotated

from spvmodel.deal.schema.kinds import Id, NonNegativeRate, Section, Share, Text, said
from spvmodel.deal.stated import (
    Kinded,
    Reference,
    Stated,
)


class Sponsor(Section):
    """An owner of the SPV: pays its share of what sponsors pay in, and is paid out of what they receive."""

    label: Text = said("Name", "Name of the sponsor.")
    share: Share = said(
        "Share of the capital",
        "Share of every contribution and, up to the first hurdle, of every distribution; all shares are 100% in all.",
    )


class Promote(Section):
    """A hurdle of the joint venture: above it one sponsor is paid a promote before the rest is shared pro rata."""

    label: Text = said("Name", "Name of the hurdle.")
    hurdle: NonNegativeRate = said(
        "Hurdle rate",
        "Preferred return per annum on the capital, compounding by actual days / 365; above the hurdle before it.",
    )
    to: Annotated[Id, Reference("sponsors")] = said("Promote to", "The sponsor that receives the promote.")
    share: Annotated[Stated, Kinded("share", high=0.95)] = said(
        "Promote",
        "Share of the cash above this hurdle, up to the next one, that the sponsor receives beside its own share "
        "of the rest; at most 95%.",
    )


class Returns(Section):
    """How returns are measured."""

    discount_rate: NonNegativeRate = said(
        "Discount rate",
        "Per annum, effective, actual days / 365; present values are as of the end of the first period.",
    )
