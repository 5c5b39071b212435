"""Sources and uses of each loan and the buildings it finances.

Uses are construction, fees, interest during construction and the first filling of the DSRA. Debt and equity pay
them pro rata in every period. Uses that contain themselves (the interest on what was drawn to pay interest, fees
and reserve) are the loop of this model: ``funding.<loan>.carry_share`` is the feedback that cuts it.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.terms import Terms
from spvmodel.lines import Number, Ref, minimum, ratio, sum_of, total

PASSES: Final = 10
"""Passes of the feedback; the live check of its residual says whether they suffice."""


def declare_funding(terms: Terms) -> None:
    """Uses, draws and equity of every loan, and their sums."""
    g = terms.graph
    loans = list(terms.deal.spec.debt)
    for loan in loans:
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


def _declare_uses(terms: Terms, loan: str) -> None:
    g, at, debt = terms.graph, f"funding.{loan}", f"debt.{loan}"
    spec = terms.deal.spec
    buildings = [name for name, building in spec.building.items() if building.funded_by == loan]
    spends = [Ref(f"construction.{name}.spend") for name in buildings]
    closes = Ref(f"{debt}.closes")
    capitalised = Ref(f"{debt}.capitalised_share")
    with g.place("Funding", f"Uses financed by {spec.debt[loan].label}"):
        budget = g.scalar(
            f"{at}.budget",
            sum_of(*[terms[f"building.{name}.budget"] for name in buildings]),
            "Budget",
            "money",
        )
        carry = g.feedback(
            f"{at}.carry_share",
            0,
            f"{at}.carry_share_found",
            "Interest and fees during construction / construction cost, fed back",
            "share",
            PASSES,
        )
        upfront = g.scalar(
            f"{at}.upfront_fee_total",
            terms[f"{debt}.commitment"] * terms[f"{debt}.upfront_fee"],
            "Upfront fee",
            "money",
        )
        # The filling is taken from its own feedback, so that one pass finances the reserve that it fills.
        lump = g.scalar(
            f"{at}.lump_costs", upfront + Ref(f"{debt}.dsra_filling"), "Upfront fee and DSRA filling", "money"
        )
        all_in = terms["construction.financing_in_budget"]
        scale = g.scalar(
            f"{at}.cost_scale",
            (1 - all_in * lump / budget) / (1 + all_in * carry),
            "Construction cost / budget",
            "share",
            "below 1 where the budget is all-in: financing costs come out of it. Carry grows with the cost it is paid "
            "on, so cost + carry + lump = budget is solved for the cost, and only the carry's share is fed back",
        )
        financing = g.scalar(
            f"{at}.financing", lump + carry * scale * budget, "Financing costs to be financed", "money"
        )
        spend = g.series(f"{at}.spend", sum_of(*spends), "Construction spending", "money", total=True)
        early = [Ref(f"construction.{name}.spent_before_close") for name in buildings]
        reimbursed = g.scalar(f"{at}.spent_before_close", sum_of(*early), "Spent before the loan closes", "money")
        g.series(
            f"{at}.spend_at_close",
            closes * reimbursed,
            "of which paid on the closing date",
            "money",
            total=True,
        )
        g.series(
            f"{at}.upfront_fee",
            closes * upfront,
            "Upfront fee, on the closing date",
            "money",
            total=True,
        )
        g.series(
            f"{at}.idc",
            Ref(f"{debt}.interest") * capitalised,
            "Interest during construction",
            "money",
            total=True,
        )
        g.series(f"{at}.fees", Ref(f"{debt}.fees") * capitalised, "Commitment and agency fees", "money", total=True)
        g.series(f"{at}.dsra", Ref(f"{debt}.dsra_funding"), "First filling of the DSRA", "money", total=True)
        costs = [Ref(f"{at}.{what}") for what in ("upfront_fee", "idc", "fees", "dsra")]
        costs_total = g.series(f"{at}.financing_uses", sum_of(*costs), "Financing costs", "money", total=True)
        g.scalar(
            f"{at}.carry_costs",
            total(Ref(f"{at}.idc")) + total(Ref(f"{at}.fees")),
            "Interest and fees during construction",
            "money",
        )
        g.series(f"{at}.uses", spend + costs_total, "Uses", "money", total=True)
        costs = [Ref(f"construction.{name}.cost") for name in buildings]
        cost = g.scalar(f"{at}.construction_cost", sum_of(*costs), "Construction cost", "money")
        g.scalar(
            f"{at}.carry_share_found", Ref(f"{at}.carry_costs") / cost, "Interest and fees / construction cost", "share"
        )
        g.scalar(f"{at}.total_uses", cost + financing, "Total uses to be financed", "money")


def _declare_sources(terms: Terms, loan: str) -> None:
    g, at, debt = terms.graph, f"funding.{loan}", f"debt.{loan}"
    available = Ref(f"{debt}.available")
    with g.place("Funding", f"Sources of {terms.deal.spec.debt[loan].label}"):
        share = g.scalar(
            f"{at}.debt_share",
            minimum(1, terms[f"{debt}.commitment"] / Ref(f"{at}.total_uses")),
            "Debt share of every use",
            "share",
            "commitment / total uses: debt and equity are drawn pro rata",
        )
        at_close = available * share * (Ref(f"{at}.upfront_fee") + Ref(f"{at}.spend_at_close"))
        building = available * share * (Ref(f"{at}.spend") - Ref(f"{at}.spend_at_close"))
        if terms.has(f"{debt}.draws"):
            # Documents fix the draws; they are dated like construction spending.
            at_close, building = Number(0), terms[f"{debt}.draws"]
        draw_close = g.series(f"{at}.draw_at_close", at_close, "Drawn on the closing date", "money", total=True)
        draw_build = g.series(f"{at}.draw_construction", building, "Drawn for construction", "money", total=True)
        rest = available * share * (Ref(f"{at}.idc") + Ref(f"{at}.fees") + Ref(f"{at}.dsra"))
        if terms.has(f"{debt}.draws"):
            rest = Number(0)
        draw_end = g.series(
            f"{at}.draw_at_end",
            rest,
            "Drawn at the period end for interest, fees and reserve",
            "money",
            total=True,
        )
        draws = g.series(f"{at}.draws", draw_close + draw_build + draw_end, "Debt draws", "money", total=True)
        g.series(f"{at}.equity", Ref(f"{at}.uses") - draws, "Equity contributions", "money", total=True)
