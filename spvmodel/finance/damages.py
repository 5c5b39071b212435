"""Liquidated damages for delay: what the contractor pays the SPV for every month by which completion is late."""

from __future__ import annotations

from typing import Final

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END
from spvmodel.lines import Expr, Number, Ref, absolute, default, edate, maximum, minimum, prev, ratio, total

DAMAGES: Final = "construction.damages"
RECEIVED: Final = Ref(f"{DAMAGES}.received")
MONTH = Number(1, "month/months")


def declare_damages(terms: Terms) -> None:
    """``construction.damages.received`` (money, by period): the monthly amount by days of delay, up to the cap.

    The days run from the agreed completion to the day before the late one. Without delay there are none.
    """
    if terms.deal.spec.construction.damages is None:
        return
    g = terms.graph
    with g.place("Construction", "Liquidated damages"):
        eve = g.scalar(f"{DAMAGES}.eve", terms[f"{DAMAGES}.agreed_completion"] - DAY, "Eve of the first day", "date")
        late = edate(terms[f"{DAMAGES}.agreed_completion"], terms["construction.delay"]) - DAY
        last = g.scalar(f"{DAMAGES}.last", late, "Last day of delay", "date")
        whole = terms[f"{DAMAGES}.monthly"] * terms["construction.delay"] * MONTH
        whole = g.scalar(f"{DAMAGES}.uncapped", whole, "Damages of the whole delay before the cap", "money")
        passed = default(ratio(maximum(0, minimum(END, last) - eve), last - eve), 0)
        passed = g.series(f"{DAMAGES}.passed", passed, "Share of the delay that has passed", "share")
        accrued: Expr = whole * passed
        if terms.has(f"{DAMAGES}.cap"):
            accrued = minimum(terms[f"{DAMAGES}.cap"], accrued)
        owed = g.series(f"{DAMAGES}.accrued", accrued, "Damages since the agreed completion", "money")
        g.series(RECEIVED.name, owed - prev(owed), "Liquidated damages received", "money", total=True)


def declare_damages_check(terms: Terms) -> Ref:
    """All damages (money), and the check that they are the monthly amount times the delay, at most the cap."""
    g = terms.graph
    with g.place("Checks", "Revenue by source"):
        received = g.scalar("checks.damages_received", total(RECEIVED), "Liquidated damages", "money")
    whole: Expr = Ref(f"{DAMAGES}.uncapped")
    if terms.has(f"{DAMAGES}.cap"):
        whole = minimum(terms[f"{DAMAGES}.cap"], whole)
    label = "Damages are those of the whole delay"
    g.check("checks.damages", absolute(received - whole), label, "money", terms["checks.tolerance"])
    return received
