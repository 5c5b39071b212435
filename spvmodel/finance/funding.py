"""Sources and uses of each loan and the buildings it finances.

Uses are construction, fees, interest during construction and the first filling of the DSRA. Debt and equity pay
them pro rata in every period. Uses that contain themselves (the interest on what was drawn to pay interest, fees
and reserve) are the loop of this model: ``funding.<loan>.carry`` is the feedback that cuts it.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, lift, minimum, ratio, sum_of, total

PASSES: Final = 12
"""Passes of the feedback; the live check of its residual says whether they suffice."""


def declare_funding(terms: Terms) -> None:
    """Uses, draws and equity of every loan, and their sums."""
    g = terms.graph
    loans = list(terms.deal.spec.debt)
    for loan in loans:
        _declare_costs(terms, loan)
        _declare_uses(terms, loan)
        _declare_sources(terms, loan)
    with g.place("Funding", "All loans"):
        for what, label in (("uses", "Uses"), ("draws", "Debt draws"), ("equity", "Equity contributions")):
            parts = [Ref(f"funding.{loan}.{what}") for loan in loans]
            g.series(f"funding.{what}", sum_of(*parts), label, "money", total=True)
        uses = g.scalar("funding.total_uses", total(Ref("funding.uses")), "Total uses", "money")
        debt = g.scalar("funding.total_debt", total(Ref("funding.draws")), "Debt drawn", "money")
        g.scalar("funding.total_equity", total(Ref("funding.equity")), "Equity", "money")
        g.scalar("funding.gearing", ratio(debt, uses), "Gearing", "share", "debt drawn / total uses")
        commitments = [terms[f"debt.{loan}.commitment"] for loan in loans]
        g.scalar("funding.commitment", sum_of(*commitments), "Debt commitments", "money")


def _declare_costs(terms: Terms, loan: str) -> None:
    """What is to be financed in all: construction, and the financing costs that the feedback brings to rest."""
    g, at, debt, spec = terms.graph, f"funding.{loan}", f"debt.{loan}", terms.deal.spec
    buildings = _buildings(terms, loan)
    with g.place("Funding", f"Costs financed by {spec.debt[loan].label}"):
        budgets = [terms[f"building.{name}.budget"] for name in buildings]
        budget = g.scalar(f"{at}.budget", sum_of(*budgets), "Budget", "money")
        included = terms[f"{debt}.financing_budget"]
        g.scalar(
            f"{at}.cost_scale",
            1 - included / budget,
            "Construction cost / budget",
            "share",
            "the budget less the financing costs it includes: what is paid for construction is the same in every case",
        )
        costs = [Ref(f"construction.{name}.cost") for name in buildings]
        cost = g.scalar(f"{at}.construction_cost", sum_of(*costs), "Construction cost", "money")
        carry = g.feedback(
            f"{at}.carry", 0, f"{at}.carry_costs", "Interest and fees during construction fed back", "money", PASSES
        )
        upfront = g.scalar(
            f"{at}.upfront_fee_total",
            terms[f"{debt}.commitment"] * terms[f"{debt}.upfront_fee"],
            "Upfront fee",
            "money",
        )
        # The filling is taken from its own feedback, so that one pass finances the reserve that it fills.
        financing = upfront + carry + Ref(f"{debt}.dsra_filling")
        financing = g.scalar(f"{at}.financing", financing, "Financing costs", "money")
        g.scalar(f"{at}.overrun", financing - included, "Financing costs above the budget", "money")
        g.scalar(f"{at}.total_uses", cost + financing, "Total uses to be financed", "money")
        early = [Ref(f"construction.{name}.spent_before_close") for name in buildings]
        g.scalar(f"{at}.spent_before_close", sum_of(*early), "Spent before the loan closes", "money")


def _declare_uses(terms: Terms, loan: str) -> None:
    g, at, debt = terms.graph, f"funding.{loan}", f"debt.{loan}"
    closes, capitalised = Ref(f"{debt}.closes"), Ref(f"{debt}.capitalised_share")
    with g.place("Funding", f"Uses financed by {terms.deal.spec.debt[loan].label}"):
        spends = [Ref(f"construction.{name}.spend") for name in _buildings(terms, loan)]
        spend = g.series(f"{at}.spend", sum_of(*spends), "Construction spending", "money", total=True)
        early = closes * Ref(f"{at}.spent_before_close")
        g.series(f"{at}.spend_at_close", early, "of which paid on the closing date", "money", total=True)
        upfront = closes * Ref(f"{at}.upfront_fee_total")
        upfront = g.series(f"{at}.upfront_fee", upfront, "Upfront fee, on the closing date", "money", total=True)
        idc = Ref(f"{debt}.interest") * capitalised
        idc = g.series(f"{at}.idc", idc, "Interest during construction", "money", total=True)
        fees = Ref(f"{debt}.fees") * capitalised
        fees = g.series(f"{at}.fees", fees, "Commitment and agency fees", "money", total=True)
        dsra = g.series(f"{at}.dsra", Ref(f"{debt}.dsra_funding"), "First filling of the DSRA", "money", total=True)
        financing = sum_of(upfront, idc, fees, dsra)
        financing = g.series(f"{at}.financing_uses", financing, "Financing costs", "money", total=True)
        g.scalar(f"{at}.carry_costs", total(idc) + total(fees), "Interest and fees during construction", "money")
        g.series(f"{at}.uses", spend + financing, "Uses", "money", total=True)


def _declare_sources(terms: Terms, loan: str) -> None:
    g, at, debt = terms.graph, f"funding.{loan}", f"debt.{loan}"
    with g.place("Funding", f"Sources of {terms.deal.spec.debt[loan].label}"):
        share = g.scalar(
            f"{at}.debt_share",
            minimum(1, terms[f"{debt}.commitment"] / Ref(f"{at}.total_uses")),
            "Debt share of every use",
            "share",
            "commitment / total uses: debt and equity are drawn pro rata",
        )
        at_close, building, at_end = _draws(terms, loan, share)
        parts = (
            g.series(f"{at}.draw_at_close", at_close, "Drawn on the closing date", "money", total=True),
            g.series(f"{at}.draw_construction", building, "Drawn for construction", "money", total=True),
            g.series(f"{at}.draw_at_end", at_end, "Drawn for interest, fees and reserve", "money", total=True),
        )
        draws = g.series(f"{at}.draws", sum_of(*parts), "Debt draws", "money", total=True)
        g.series(f"{at}.equity", Ref(f"{at}.uses") - draws, "Equity contributions", "money", total=True)


def _draws(terms: Terms, loan: str, share: Ref) -> tuple[Expr, Expr, Expr]:
    """Draws on the closing date, on construction's dates and at the period end: pro rata, or as documents fix them."""
    at, debt = f"funding.{loan}", f"debt.{loan}"
    if terms.has(f"{debt}.draws"):
        return lift(0), terms[f"{debt}.draws"], lift(0)
    part, early = Ref(f"{debt}.available") * share, Ref(f"{at}.spend_at_close")
    return (
        part * (Ref(f"{at}.upfront_fee") + early),
        part * (Ref(f"{at}.spend") - early),
        part * (Ref(f"{at}.idc") + Ref(f"{at}.fees") + Ref(f"{at}.dsra")),
    )


def _buildings(terms: Terms, loan: str) -> list[str]:
    return [name for name, building in terms.deal.spec.building.items() if building.funded_by == loan]
