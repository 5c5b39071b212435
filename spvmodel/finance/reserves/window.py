"""Windows of some months on either side of a period end: what of a line falls in them.

A period that the window cuts counts in part: by its days in the window, or by months.
"""

from __future__ import annotations

from dataclasses import dataclass

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, FIRST_DAY, from_end
from spvmodel.lines import Expr, Ref, default, floor, ratio, sum_ahead, sum_behind


@dataclass(frozen=True, slots=True)
class Window:
    """A window that ends at ``limit`` (a date per period), or begins there where it looks back.

    ``cut_share`` is the share of the period that it cuts which lies inside.
    """

    limit: Ref
    cut_share: Ref
    behind: bool = False


def declare_window(
    terms: Terms, at: str, months: Ref, *, by_months: bool = False, behind: bool = False, moving: bool = False
) -> Window:
    """The window of ``months`` (a line, months) after every period end, or before it: ``{at}.limit``, ``.cut_share``.

    Periods count in full when they lie in the window; ``by_months`` says that a cut one counts by months, ``moving``
    that ``months`` differ by period.
    """
    g = terms.graph
    label = "Start of the look-back window" if behind else "End of the look-ahead window"
    limit = g.series(f"{at}.limit", from_end(terms, -months if behind else months), label, "date")
    if by_months:
        declare = g.series if moving else g.scalar
        periods = declare(f"{at}.periods", months / Ref("time.months_per_period"), "Periods in the window", "count")
        share = periods - floor(periods)
    else:
        covered, touched = _sums(terms, limit, DAYS, f"{at}.days", "Days", "days", behind=behind)
        length = END - limit if behind else limit - END
        share = default(ratio(length - covered, touched - covered), 0)
    cut_share = g.series(f"{at}.cut_share", share, "Share of the cut period inside the window", "share")
    return Window(limit, cut_share, behind)


def declare_sum(terms: Terms, window: Window, line: Ref, at: str, label: str) -> Expr:
    """What of a line (money) falls in the window, from the sums ``{at}_whole`` and ``{at}_touched``."""
    whole, touched = _sums(terms, window.limit, line, at, label, "money", behind=window.behind)
    return whole + window.cut_share * (touched - whole)


def _sums(terms: Terms, limit: Ref, line: Ref, at: str, label: str, unit: str, *, behind: bool) -> tuple[Ref, Ref]:
    """The sum over the periods that lie in the window, and over those that lie in it or are cut by it."""
    g, side = terms.graph, "behind" if behind else "ahead"
    sums = (sum_behind, FIRST_DAY, END) if behind else (sum_ahead, END, FIRST_DAY)
    within, key, cut_key = sums
    whole = g.series(f"{at}_whole", within(line, key, limit), f"{label} of whole periods {side}", unit)
    label = f"{label} of whole and cut periods {side}"
    return whole, g.series(f"{at}_touched", within(line, cut_key, limit), label, unit)
