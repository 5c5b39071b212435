"""What every section of a random deal draws with: its dates, its kind, percentages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months

DAY_COUNTS = [
    "ACT/360", "ACT/365F", "ACT/ACT ISDA", "ACT/ACT ICMA", "30/360 Bond Basis", "30U/360", "30E/360",
    "30E/360 ISDA", "NL/365", "1/1", "by period",
]  # fmt: skip
PROFILES = [
    "mortgage", "level", "sculpted", "straight line", "custom amounts", "custom shares", "bullet", "target balance",
]  # fmt: skip
RANKS = ["senior", "second lien", "mezzanine", "holdco", "shareholder"]
SWEPT = RANKS[:3]
SHARES = ("100%", "60% 40%", "25% 25% 50%", "10% 20% 30% 40%")
Terms = dict[str, Any]
"""A section of the deal file."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a strategy may draw; a property that does not hold of some terms leaves them out."""

    loans: int = 4
    sized: bool = True
    profiles: tuple[str, ...] = tuple(PROFILES)
    hedged: bool = True
    taxed: bool = True
    refinanced: bool = True
    options: bool = True
    """PIK, ARD, extension, prepayment, sweep, reserves, discounts, triggers, sponsors, orders of sources, steps."""
    ordered: bool = False
    """Always with a waterfall of its own."""


ANY = Kind()
"""Whatever a deal file can say."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The programme of a deal: everything else is dated from it."""

    close: dt.date
    complete: dt.date
    end: dt.date
    step: int

    def month(self, draw: st.DrawFn, first: dt.date, last: dt.date) -> dt.date:
        """A day some whole months after ``first``, at most ``last``."""
        months = max(0, (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day))
        return add_months(first, draw(st.integers(0, months)))


def percent(draw: st.DrawFn, low: float, high: float) -> str:
    """A percentage in steps of an eighth, so that shrinking finds round ones."""
    return f"{draw(st.integers(round(low * 8), round(high * 8))) / 8}%"


def maybe(draw: st.DrawFn) -> bool:
    return draw(st.sampled_from([False, False, True]))
