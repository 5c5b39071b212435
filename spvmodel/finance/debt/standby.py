"""Standby facilities: loans that pay for overruns of their funding and for nothing else.

The overrun is what ``construction.overrun`` adds to buildings and hard uses and, where the funding states a
``financing_budget``, what its financing costs exceed that by; a saving on one is set against the other. Interest on
what is drawn for an overrun is a financing cost, and so overrun itself: the loop closes in ``funding.<group>.carry``.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from spvmodel.finance.construction import BUILDING, HARD, Cost, costs_of
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, maximum, minimum, sum_of, total


def is_standby(terms: Terms, loan: str) -> bool:
    """Whether a loan pays for overruns only."""
    return terms.deal.spec.debt[loan].draws_for == "overrun"


def standbys(terms: Terms, group: str) -> list[str]:
    """The standby facilities of one entry of ``funding``, in the order of the deal file, in which they pay."""
    return [loan for loan in terms.loans_of(group) if is_standby(terms, loan)]


def counts_financing(terms: Terms, group: str) -> bool:
    """Whether financing costs have a budget that they can exceed: one that the deal file states."""
    return "financing_budget" in terms.deal.spec.funding[group].model_fields_set


def sized_beside(terms: Terms, group: str) -> list[str]:
    """The sized loans whose fee moves the overrun that a standby facility of the same funding pays."""
    if not standbys(terms, group) or not counts_financing(terms, group):
        return []
    return [loan for loan in terms.loans_of(group) if terms.deal.spec.debt[loan].sizing is not None]


def committed(terms: Terms, loan: str) -> Ref:
    """What the lenders hold ready (scalar, money), on which fees are charged: for a standby facility, all of it."""
    return terms[f"debt.{loan}.commitment"] if is_standby(terms, loan) else Ref(f"debt.{loan}.amount")


def left_to_draw(terms: Terms, loan: str) -> Ref:
    """What a loan may still lend at the start of a period (series, money)."""
    return Ref(f"debt.{loan}.lendable" if is_standby(terms, loan) else f"debt.{loan}.undrawn")


def declare_overrun(terms: Terms, group: str, financing: Expr, passes: int) -> None:
    """``funding.<group>.overrun_total`` (scalar, money): what standby facilities may pay, never below 0.

    ``financing`` is what financing costs before upfront fees exceed their budget by. The size of a sized loan follows
    from the overrun, and the overrun from its fee: ``funding.<group>.sized_fees_fed`` cuts that loop.
    """
    g, at, loans = terms.graph, f"funding.{group}", terms.loans_of(group)
    paid = costs_of(terms, group)
    # Without the overrun: the budget less the financing costs it includes.
    built = [terms[f"{cost.terms}.budget"] * Ref(f"{at}.cost_scale") for cost in paid if cost.kind == BUILDING]
    bought = [terms[f"{cost.terms}.amount"] for cost in paid if is_hard(terms, cost)]
    cost = reduce(add, [*built, *bought]) * terms["construction.overrun"]
    note = "what the cost overrun adds to buildings and hard uses"
    overrun: Expr = g.scalar(f"{at}.cost_overrun", cost, "Cost above the budget", "money", note)
    sized = sized_beside(terms, group)
    if sized:
        fees = sum_of(*[Ref(f"debt.{loan}.upfront_fee_total") for loan in sized])
        fees = g.scalar(f"{at}.sized_fees", fees, "Upfront fees of sized loans", "money")
        label = "Upfront fees of sized loans, fed back"
        overrun = overrun + financing + g.feedback(f"{at}.sized_fees_fed", 0, fees.name, label, "money", passes)
        given = [Ref(f"debt.{loan}.upfront_fee_total") for loan in loans if loan not in sized]
        overrun = overrun + sum_of(*given)
    elif counts_financing(terms, group):
        overrun = overrun + Ref(f"{at}.overrun")
    label = "Overrun that standby facilities may pay"
    g.scalar(f"{at}.overrun_total", maximum(0, overrun), label, "money", "never below 0")


def is_hard(terms: Terms, cost: Cost) -> bool:
    """Whether a cost overrun adds to a use: one of hard costs or hardware that is given as an amount."""
    return cost.kind in HARD and terms.has(f"{cost.terms}.amount")


def standby_amount(terms: Terms, loan: str) -> Expr:
    """What a standby facility lends: its share of the overrun, up to its commitment and to what others leave of it."""
    at, group = f"debt.{loan}", terms.deal.spec.debt[loan].funds
    overrun = Ref(f"funding.{group}.overrun_total")
    asked: Expr = terms[f"{at}.overrun_share"] * overrun if terms.has(f"{at}.overrun_share") else overrun
    every = standbys(terms, group)
    before = [Ref(f"debt.{other}.amount") for other in every[: every.index(loan)]]
    if before:
        asked = minimum(asked, maximum(0, overrun - sum_of(*before)))
    return minimum(terms[f"{at}.commitment"], asked)


def declare_standby_checks(terms: Terms) -> None:
    """What standby facilities lend is within their commitments, and within the overrun as flows show it."""
    g, spec = terms.graph, terms.deal.spec
    for group in (group for group in spec.funding if standbys(terms, group)):
        at, loans = f"funding.{group}", standbys(terms, group)
        overrun: Expr = Ref(f"{at}.cost_overrun")
        if counts_financing(terms, group):
            overrun = overrun + total(Ref(f"{at}.financing_uses")) - terms[f"{at}.financing_budget"]
        with g.place("Checks", "Overruns"):
            lent = [
                g.scalar(
                    f"checks.{loan}_lent", total(Ref(f"debt.{loan}.draw")), f"{spec.debt[loan].label}: lent", "money"
                )
                for loan in loans
            ]
        beyond = [drawn - committed(terms, loan) for drawn, loan in zip(lent, loans, strict=True)]
        gap = maximum(0, sum_of(*lent) - maximum(0, overrun), *beyond)
        label = f"{spec.funding[group].label}: standby facilities pay no more than the overrun and their commitments"
        g.check(f"checks.{group}_overrun", gap, label, "money", terms["checks.tolerance"])
