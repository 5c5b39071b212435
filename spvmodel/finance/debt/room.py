"""The debt service that cash flow carries of a loan at its target cover, and whether the loan as drawn keeps to it.

Cover is CFADS / (service of this loan and of those sized first + what stands before it: the fees of all lenders, the
fee of a letter of credit, and net payments of hedges). So what stands before comes off what the target cover leaves.
Hedges with a notional of their own and agency fees do not depend on any loan's size. What does (the service of loans
that fund the same uses, commitment fees after completion, a letter of credit over the service) is fed back.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.finance.debt.ranks import RANKS, SHAREHOLDER, ranked
from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, maximum, ratio, sum_of, total

TIE: Final = 1e-6
"""Covers that differ by less are the same."""


def sized_before(terms: Terms, loan: str) -> list[str]:
    """The loans that are sized first: those of a senior rank, and of the same rank those listed earlier."""
    names = [name for rank in RANKS for name in ranked(terms, rank)]
    return [name for name in names[: names.index(loan)] if terms.deal.spec.debt[name].rank != SHAREHOLDER]


def has_target(terms: Terms, loan: str) -> bool:
    """Whether the deal file states a target cover for the loan."""
    return any(terms.has(f"debt.{loan}.sizing.{name}") for name in ("dscr", "dscr_steps"))


def declare_room(terms: Terms, loan: str) -> None:
    """``service_room``: cash flow, not below 0, / target cover, less what stands before the loan's own service."""
    g, at, sizing = terms.graph, f"sizing.{loan}", terms.deal.spec.debt[loan].sizing
    cash = g.series(f"{at}.cash_flow", maximum(0, Ref("ratios.cfads")), "CFADS, not below 0", "money")
    prior = _declare_prior(terms, loan)
    note = "CFADS / target cover, less fees"
    note += ", hedges" if _scheduled(terms) else ""
    note += " and the service of loans sized first" if sized_before(terms, loan) else ""
    carried = maximum(0, cash / _target(terms, loan) - prior)
    g.series(f"{at}.service_room", carried, "Debt service that can be carried", "money", note)
    if sizing is not None and sizing.downside is not None:
        down = f"debt.{loan}.sizing.downside"
        stressed = maximum(0, cash * terms[f"{down}.income"] / terms[f"{down}.dscr"] - prior)
        g.series(f"{at}.downside_room", stressed, "Debt service that the downside carries", "money")


def declare_cover(terms: Terms, loan: str) -> None:
    """``cover`` of a loan with a target, by the schedule as drawn, and the periods in which it is below the target.

    Raises ``alerts.<loan>_cover_missed``. A loan sized to a target meets it by construction; terms that move its
    schedule afterwards (draws that come late) may not.
    """
    g, at, label = terms.graph, f"sizing.{loan}", terms.deal.spec.debt[loan].label
    first = [*sized_before(terms, loan), loan]
    owed = [Ref("debt.fees_scheduled"), *[Ref(f"debt.{name}.service") for name in first]]
    owed += [Ref(f"debt.{name}.hedge_scheduled") for name in _hedged(terms) if name not in first]
    target = _target(terms, loan)
    with g.place("Debt", f"{label}: cover"):
        due = g.series(f"{at}.due", sum_of(*owed), "Service with what stands before it", "money")
        g.series(f"{at}.cover", ratio(Ref("ratios.cfads"), due), "Cover", "x", "CFADS / it")
        # By products, so that hedges which pay more than falls due need no exception.
        owes = Ref(f"debt.{loan}.scheduled_opening") + Ref(f"debt.{loan}.draw_at_close") > terms["checks.tolerance"]
        serves = Ref(f"{at}.serving") * owes * (due > terms["checks.tolerance"])
        missed = serves * (Ref("ratios.cfads") < (target - TIE) * due)
        missed = g.series(f"{at}.cover_missed", missed, "Cover below its target", "flag")
        missed = g.scalar(f"{at}.periods_missed", total(missed), "Periods in which cover is below its target", "count")
    g.alert(f"alerts.{loan}_cover_missed", missed > 0, f"{label}: cover of debt service is below its target")


def _target(terms: Terms, loan: str) -> Expr:
    """Target cover of a period; 1 where the loan has none: then debt service follows cash flow as far as it reaches."""
    at, line = f"debt.{loan}.sizing", f"sizing.{loan}.target"
    found: Expr = Number(1)
    for name in (f"{at}.dscr", f"{at}.dscr_steps"):
        found = terms[name] if terms.has(name) else found
    if not terms.has(f"{at}.dscr_merchant"):
        return found
    if not terms.graph.has(line):
        share = Ref("revenue.merchant_share")
        blended = 1 / ((1 - share) / found + share / terms[f"{at}.dscr_merchant"])
        terms.graph.series(line, blended, "Target cover", "x", "of contracted and of merchant cash flow")
    return Ref(line)


def _hedged(terms: Terms) -> list[str]:
    return [name for name in terms.deal.spec.debt if terms.hedges_of(name)]


def _net(terms: Terms, hedges: list[str], first: list[str]) -> list[Expr]:
    """Net payments in cash of hedges; what those of loans sized later receive is not lent on."""
    found: list[Expr] = []
    for name in hedges:
        loan, net = terms.deal.spec.hedge[name].loan, Ref(f"hedge.{name}.net")
        found.append((net if loan in first else maximum(0, net)) * (1 - Ref(f"debt.{loan}.capitalised_share")))
    return found


def _scheduled(terms: Terms) -> list[str]:
    """The hedges with a notional of their own, which is paid whatever the loan."""
    return [name for name, hedge in terms.deal.spec.hedge.items() if hedge.schedule is not None]


def _declare_prior(terms: Terms, loan: str) -> Expr:
    """What stands before the loan's own service and the hedges of a share of it (money, by period)."""
    g, at, loans = terms.graph, f"sizing.{loan}", terms.deal.spec.debt
    agents: list[Expr] = [
        Ref(f"debt.{name}.agency_fee_accrued") * (1 - Ref(f"debt.{name}.capitalised_share")) for name in loans
    ]
    agents += [Ref(f"facility.{key}.fee_scheduled") for key in terms.deal.spec.facility]
    note = "part of debt service" if len(agents) == 1 else "of all lenders, paid before debt service"
    label = "Agency fees, and fees of facilities" if terms.deal.spec.facility else "Agency fees"
    parts: list[Expr] = [g.series(f"{at}.fees", reduce(add, agents), label, "money", note)]
    moved: list[Expr] = []
    if _fees_follow(terms):
        moved.append(Ref("debt.fees_scheduled") - Ref(f"{at}.fees"))
    if hedges := _scheduled(terms):
        net = reduce(add, _net(terms, hedges, [*sized_before(terms, loan), loan]))
        parts.append(g.series(f"{at}.hedges", net, "Net payments of hedges with a schedule", "money"))
    if first := sized_before(terms, loan):
        drawn = reduce(add, [Ref(f"debt.{name}.amount") * Ref(f"debt.{name}.pattern_service") for name in first])
        drawn = g.series(f"{at}.earlier_if_drawn", drawn, "Service of loans sized first, if fully drawn", "money")
        parts.append(drawn)
        # Principal is counted as of the whole amount: drawing makes no more of it.
        change = reduce(add, [_interest_moved(name) for name in first])
        for net in _net(terms, [name for name in hedges if terms.deal.spec.hedge[name].loan in first], first):
            change = change - net
        moved.append(change)
    specs = terms.deal.spec.hedge
    later = [name for name, hedge in specs.items() if hedge.schedule is None and hedge.loan not in (*first, loan)]
    moved += _net(terms, later, first)
    if moved:
        change = g.series(f"{at}.prior_change", reduce(add, moved), "What drawing and sizes change of it", "money")
        label = "What drawing and sizes change, fed back"
        parts.append(g.feedback(f"{at}.prior_fed", 0, change.name, label, "money", PASSES, series=True))
    if len(parts) == 1:
        return parts[0]
    return g.series(f"{at}.prior", reduce(add, parts), "Fees, hedges and service that stand before it", "money")


def _interest_moved(loan: str) -> Expr:
    """The interest of a loan as drawn, with its hedges, less that of its whole amount (money, by period)."""
    at = f"debt.{loan}"
    whole = Ref(f"{at}.amount") * (Ref(f"{at}.pattern_service") - Ref(f"{at}.pattern"))
    return Ref(f"{at}.service") - Ref(f"{at}.amortisation") - whole


def _fees_follow(terms: Terms) -> bool:
    """Whether fees that count as debt service follow the size: of a letter of credit, on what is not yet drawn."""
    if terms.deal.spec.reserves.dsra.lc_fee is not None:
        return True
    loans = terms.deal.spec.debt
    stated = [name for name in loans if terms.deal.inputs[f"debt.{name}.commitment_fee"].status != "default"]
    return any(loans[name].availability_end is not None for name in stated)
