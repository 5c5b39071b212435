"""Spending on buildings and other uses: how much, and when. Nothing is paid before the funding closes.

What was spent before the funding closed is paid (reimbursed) on its closing date, and so is what has no dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spvmodel.deal.schema import Building, Use
from spvmodel.finance.terms import Terms, declare_share_at_close
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Ref, edate, lift, maximum, minimum, prev, sum_of

BUILDING: Final = "building"
HARD: Final = ("hard", "hardware")
"""Kinds of use that a cost overrun adds to."""

DISTRIBUTION: Final = "distribution"
"""The kind of a use that goes to the sponsors, such as the proceeds of notes that exceed cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A building or a use that is paid for: ``at`` is its line prefix, ``terms`` that of its inputs."""

    at: str
    terms: str
    spec: Building | Use

    @property
    def kind(self) -> str:
        """What the money is spent on: ``building`` or the kind of the use."""
        return BUILDING if isinstance(self.spec, Building) else self.spec.kind


def costs(terms: Terms) -> list[Cost]:
    """The buildings and uses that are paid for; a building without a budget stands already."""
    spec = terms.deal.spec
    buildings = [
        Cost(f"construction.{n}", f"building.{n}", b) for n, b in spec.building.items() if b.budget is not None
    ]
    return buildings + [Cost(f"construction.{n}", f"use.{n}", use) for n, use in spec.use.items()]


def costs_of(terms: Terms, group: str) -> list[Cost]:
    """The buildings and uses that one entry of ``funding`` pays for."""
    return [cost for cost in costs(terms) if cost.spec.funded_by == group]


def closing_flag(terms: Terms, group: str) -> Ref:
    """The flag (series) of the period in which an entry of ``funding`` closes, with the first of its loans."""
    loans = terms.loans_of(group)
    return Ref(f"debt.{loans[0]}.closes") if len(loans) == 1 else Ref(f"funding.{group}.closes")


def declare_construction(terms: Terms) -> None:
    """Cost and spending (millions, by period) of every building and use, and the total."""
    g, spends = terms.graph, []
    for cost in costs(terms):
        with g.place("Construction", cost.spec.label):
            spends.append(_declare_spending(terms, cost))
    with g.place("Construction", "All buildings and uses" if terms.deal.spec.use else "All buildings"):
        g.series("construction.spend", sum_of(*spends), "Construction spending", "money", total=True)
        given = [Ref(f"{cost.at}.spend") for cost in costs(terms) if cost.kind == DISTRIBUTION]
        if given:
            g.series("construction.distributed", sum_of(*given), "of which goes to sponsors", "money", total=True)


def _declare_spending(terms: Terms, cost: Cost) -> Ref:
    """Cost and spending of one building or use: what is spent before the close falls on it."""
    g, at = terms.graph, cost.at
    early, progress = _declare_profile(terms, cost)
    note = "the budget less the financing costs it includes" if isinstance(cost.spec, Building) else ""
    total = g.scalar(f"{at}.cost", _cost(terms, cost), "Construction cost" if note else "Cost", "money", note)
    before = g.scalar(f"{at}.spent_before_close", total * early, "Spent before the loan closes", "money")
    spend = (
        before * closing_flag(terms, cost.spec.funded_by or "")
        if progress is None
        else total * (progress - prev(progress))
    )
    return g.series(f"{at}.spend", spend, "Construction spending", "money", total=True)


def _cost(terms: Terms, cost: Cost) -> Expr:
    """Cost of a building or use. A share of a total that contains it is base x share / (1 - share)."""
    spec, overrun = cost.spec, 1 + terms["construction.overrun"]
    if isinstance(spec, Building):
        return terms[f"{cost.terms}.budget"] * Ref(f"funding.{spec.funded_by}.cost_scale") * overrun
    if spec.amount is not None:
        amount = terms[f"{cost.terms}.amount"]
        return amount * overrun if spec.kind in HARD else amount
    share = terms[f"{cost.terms}.share"]
    assert spec.funded_by is not None
    given = [c.at for c in costs_of(terms, spec.funded_by) if isinstance(c.spec, Building) or c.spec.amount is not None]
    base = sum_of(*[Ref(f"{at}.cost") for at in ([f"construction.{n}" for n in spec.share_of] or given)])
    return base * share / (1 - share) if spec.includes_itself == "yes" else base * share


def _declare_profile(terms: Terms, cost: Cost) -> tuple[Expr, Ref | None]:
    """Share spent before the close, and by the end of each period (0 before the close); None: all at close.

    Straight line: elapsed days. S-curve: 3p^2 - 2p^3 of the share p of days elapsed, the smooth step that starts and
    ends with no spending and is half spent half-way (general practice, unconfirmed). Table: dated shares.
    """
    g, at, spec = terms.graph, cost.at, cost.spec
    close = Ref(f"funding.{spec.funded_by}.close")
    if spec.table is not None:
        early = declare_share_at_close(terms, f"{cost.terms}.table", spec.funded_by or "")
        by_now = Ref(f"{at}.paid_by")
        g.series(by_now.name, prev(by_now) + terms[f"{cost.terms}.table"], "Share due by the period end", "share")
        return early, g.series(f"{at}.progress", (END >= close) * by_now, "Share spent by the period end", "share")
    if spec.spending_start is None:
        return lift(1), None
    start = terms[f"{cost.terms}.spending_start"]
    end = g.scalar(
        f"{at}.spending_end",
        edate(terms[f"{cost.terms}.spending_end"], terms["construction.delay"]),
        "End of spending after delay",
        "date",
    )
    before: Expr = minimum(1, maximum(0, close - start) / (end - start))
    passed: Expr = minimum(1, maximum(0, END - start) / (end - start))
    note = ""
    if spec.profile == "s-curve":
        before = g.scalar(f"{at}.elapsed_at_close", before, "Share of the time passed before the loan closes", "share")
        passed = g.series(f"{at}.elapsed", passed, "Share of the time passed by the period end", "share")
        before, passed = before * before * (3 - 2 * before), passed * passed * (3 - 2 * passed)
        note = "3p^2 - 2p^3 of the share p of the time passed"
    early = g.scalar(f"{at}.share_at_close", before, "Share spent before the loan closes", "share", note)
    return early, g.series(f"{at}.progress", (END >= close) * passed, "Share spent by the period end", "share", note)
