"""Uses of each entry of ``funding``, and the sums of its sources over all of them.

Uses are construction and other costs, fees, interest during construction, what lenders keep of their draws, and the
first filling of the DSRA. Uses that contain themselves (the interest on what was drawn to pay interest, fees and
reserve) are the loop of this model: ``funding.<group>.carry`` is the feedback that cuts it. How debt, equity and
revenue before completion pay the uses is in ``sources.py``.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.finance.construction import BUILDING, closing_flag, costs, costs_of
from spvmodel.finance.debt.bridge import bridges, declare_bridged
from spvmodel.finance.debt.ranks import SHAREHOLDER, ranked
from spvmodel.finance.debt.standby import committed, declare_overrun, sized_beside, standbys
from spvmodel.finance.reserves.general import GENERAL, filled_at_close, funds_accounts
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, funds_working_capital
from spvmodel.finance.sources import declare_sources, discounted
from spvmodel.finance.tax.vat import on_construction
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS_360, falls_here
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, ratio, sum_of, total

PASSES: Final = 14
"""Passes of the feedback; the live check of its residual says whether they suffice."""

_KINDS: Final = {
    BUILDING: "Buildings",
    "land": "Land",
    "hard": "Other hard costs",
    "hardware": "Computing hardware",
    "soft": "Soft costs",
    "contingency": "Contingency",
    "development fee": "Development fee",
    "working capital": "Working capital",
    "distribution": "Distribution to sponsors",
    "other": "Other costs",
}
"""What money is spent on, as the table of sources and uses names it."""


def declare_funding(terms: Terms) -> None:
    """Uses, draws and equity of every entry of ``funding``, and their sums."""
    g, spec = terms.graph, terms.deal.spec
    groups, loans = list(spec.funding), list(spec.debt)
    for group in groups:
        _declare_costs(terms, group)
        _declare_uses(terms, group)
        declare_sources(terms, group)
    used = [group for group in groups if spec.funding[group].revenue == "used"]
    with g.place("Funding", "All funding"):
        for what, label, parts in (
            ("uses", "Uses", groups),
            ("draws", "Debt draws", [group for group in groups if terms.loans_of(group)]),
            ("revenue_used", "Revenue before completion, used", used),
            ("equity", "Equity contributions", groups),
        ):
            if parts:
                flows = [Ref(f"funding.{group}.{what}") for group in parts]
                g.series(f"funding.{what}", sum_of(*flows), label, "money", total=True)
        uses = g.scalar("funding.total_uses", total(Ref("funding.uses")), "Total uses", "money")
        drawn, note = total(Ref("funding.draws")), ""
        if bridges(terms):
            declare_bridged(terms)
            drawn, note = drawn - total(Ref("funding.bridge_draws")), "without equity bridge loans, which equity repays"
        debt = g.scalar("funding.total_debt", drawn, "Debt drawn", "money", note)
        g.scalar("funding.total_equity", total(Ref("funding.equity")), "Equity", "money")
        counted = "debt drawn / total uses" + ("; an equity bridge counts as equity" if note else "")
        counted += "; shareholder loans count as debt" if ranked(terms, SHAREHOLDER) else ""
        g.scalar("funding.gearing", ratio(debt, uses), "Gearing", "share", counted)
        commitments = [committed(terms, loan) for loan in loans if loan not in bridges(terms)]
        g.scalar("funding.commitment", sum_of(*commitments), "Debt commitments", "money", note)


def feedbacks(terms: Terms, group: str) -> list[str]:
    """The feedbacks (scalars, money) by which an entry of ``funding`` comes to rest."""
    at, found = f"funding.{group}", []
    if terms.loans_of(group):
        found.append(f"{at}.carry")
    if discounted(terms, group):
        found.append(f"{at}.discount_fed")
    if terms.deal.spec.funding[group].revenue == "used":
        found.append(f"{at}.revenue_fed")
    if sized_beside(terms, group):
        found.append(f"{at}.sized_fees_fed")
    return found


def fees_from_sources(terms: Terms) -> list[Ref]:
    """Upfront fees, discounts, fees of letters of credit and costs of hedges paid as uses (series, millions)."""
    found = []
    for group in terms.deal.spec.funding:
        if terms.loans_of(group):
            found.append(Ref(f"funding.{group}.upfront_fee"))
        if discounted(terms, group):
            found.append(Ref(f"funding.{group}.discount"))
        if terms.has(f"funding.{group}.equity_lc_fee"):
            found.append(Ref(f"funding.{group}.lc_fee"))
        if terms.deal.spec.hedge:
            found.append(Ref(f"funding.{group}.hedge"))
    return found


def _declare_costs(terms: Terms, group: str) -> None:
    """What is to be financed in all: construction, and the financing costs that the feedback brings to rest."""
    g, at, spec, loans = terms.graph, f"funding.{group}", terms.deal.spec, terms.loans_of(group)
    paid = costs_of(terms, group)
    with g.place("Funding", f"Costs financed by {spec.funding[group].label}"):
        dates = [terms[f"debt.{loan}.close"] for loan in loans] or [terms["time.close"]]
        close = g.scalar(f"{at}.close", minimum(*dates), "Close", "date")
        if len(loans) != 1:
            g.series(closing_flag(terms, group).name, falls_here(close), "Closes", "flag")
        included = terms[f"{at}.financing_budget"]
        budgets = [terms[f"{cost.terms}.budget"] for cost in paid if cost.kind == BUILDING]
        if budgets:
            budget = g.scalar(f"{at}.budget", sum_of(*budgets), "Budget", "money")
            g.scalar(
                f"{at}.cost_scale",
                1 - included / budget,
                "Construction cost / budget",
                "share",
                "the budget less the financing costs it includes: "
                "what is paid for construction is the same in every case",
            )
        cost = sum_of(*[Ref(f"{cost.at}.cost") for cost in paid])
        cost = g.scalar(f"{at}.construction_cost", cost, "Construction cost", "money")
        uses: Expr = cost
        if on_construction(terms, group):
            uses = uses + Ref(f"{at}.vat_total")
        if loans:
            carried, fees = _financing(terms, group)
            # Apart, because sizing takes its own fee out of what it may lend by algebra.
            if funds_working_capital(terms, group):
                carried = carried + Ref(f"{WORKING_CAPITAL}.initial")
            if funds_accounts(terms, group):
                carried = carried + sum_of(*[Ref(f"{account}.initial") for account in filled_at_close(terms)])
            before = g.scalar(f"{at}.uses_before_fees", uses + carried, "Uses before fees at close", "money")
            financing = g.scalar(f"{at}.financing", before - uses + fees, "Financing costs", "money")
            g.scalar(f"{at}.overrun", financing - included, "Financing costs above the budget", "money")
            if standbys(terms, group):
                kept = Ref(f"{at}.discount_fed") if discounted(terms, group) else Number(0, "money")
                declare_overrun(terms, group, before - uses + kept - included, PASSES)
            uses = uses + financing
        g.scalar(f"{at}.total_uses", uses, "Total uses to be financed", "money")
        if spec.funding[group].revenue == "used":
            g.feedback(f"{at}.revenue_fed", 0, f"{at}.revenue_total", "Revenue used, fed back", "money", PASSES)
        early = [Ref(f"{cost.at}.spent_before_close") for cost in paid]
        g.scalar(f"{at}.spent_before_close", sum_of(*early), "Spent before the loan closes", "money")


def _financing(terms: Terms, group: str) -> tuple[Expr, Expr]:
    """What the feedbacks bring to rest with the fillings of the DSRA; fees at close and discounts."""
    g, at, loans = terms.graph, f"funding.{group}", terms.loans_of(group)
    carry = g.feedback(
        f"{at}.carry", 0, f"{at}.carry_costs", "Interest and fees during construction fed back", "money", PASSES
    )
    fees = sum_of(*[Ref(f"debt.{loan}.upfront_fee_total") for loan in loans])
    upfront = g.scalar(f"{at}.upfront_fee_total", fees, "Upfront fee", "money")
    # The filling is taken from its own feedback, so that one pass finances the reserve that it fills.
    carried = _sum([carry, *(Ref(f"debt.{loan}.dsra_filling") for loan in loans)])
    kept: Expr = upfront
    if discounted(terms, group):
        kept = upfront + g.feedback(
            f"{at}.discount_fed", 0, f"{at}.discount_total", "Original issue discount fed back", "money", PASSES
        )
    return carried, kept


def _declare_uses(terms: Terms, group: str) -> None:
    """The uses of each period (millions): spending, then what each loan costs."""
    g, at, spec, loans = terms.graph, f"funding.{group}", terms.deal.spec, terms.loans_of(group)
    with g.place("Funding", f"Uses financed by {spec.funding[group].label}"):
        if spec.use:
            _declare_kinds(terms, group)
        spends = [Ref(f"{cost.at}.spend") for cost in costs_of(terms, group)]
        spend = g.series(f"{at}.spend", sum_of(*spends), "Construction spending", "money", total=True)
        flows = [spend, *([Ref(f"{at}.vat")] if on_construction(terms, group) else [])]
        early = closing_flag(terms, group) * Ref(f"{at}.spent_before_close")
        g.series(f"{at}.spend_at_close", early, "of which paid on the closing date", "money", total=True)
        if not loans:
            g.series(f"{at}.uses", sum_of(*flows), "Uses", "money", total=True)
            return
        upfront = sum_of(*[Ref(f"debt.{loan}.upfront_fee_paid") for loan in loans])
        upfront = g.series(f"{at}.upfront_fee", upfront, "Upfront fee, on the closing date", "money", total=True)
        idc = _sum([Ref(f"debt.{loan}.interest") * Ref(f"debt.{loan}.capitalised_share") for loan in loans])
        idc = g.series(f"{at}.idc", idc, "Interest during construction", "money", total=True)
        fees = _sum([Ref(f"debt.{loan}.fees") * Ref(f"debt.{loan}.capitalised_share") for loan in loans])
        fees = g.series(f"{at}.fees", fees, "Commitment and agency fees", "money", total=True)
        fillings = sum_of(*[Ref(f"debt.{loan}.dsra_funding") for loan in loans])
        dsra = g.series(f"{at}.dsra", fillings, "First filling of the DSRA", "money", total=True)
        carried, others = [idc, fees], []
        if terms.has(f"{at}.equity_lc_fee"):
            carried.append(_declare_lc_fee(terms, group))
        if discounted(terms, group):
            kept = sum_of(*[Ref(f"debt.{loan}.discount_kept") for loan in discounted(terms, group)])
            others.append(g.series(f"{at}.discount", kept, "Original issue discount", "money", total=True))
            g.scalar(f"{at}.discount_total", total(others[0]), "Original issue discount", "money")
        if spec.hedge:
            carried.append(Ref(f"{at}.hedge"))
        if funds_working_capital(terms, group):
            working = Ref(f"{WORKING_CAPITAL}.funding")
            others.append(g.series(f"{at}.working_capital", working, "Working-capital reserve", "money", total=True))
        if funds_accounts(terms, group):
            fillings = Ref(f"{GENERAL}.funding")
            label = "Reserve accounts, first filling"
            others.append(g.series(f"{at}.accounts", sum_of(fillings), label, "money", total=True))
        financing = sum_of(upfront, *carried, dsra, *others)
        financing = g.series(f"{at}.financing_uses", financing, "Financing costs", "money", total=True)
        during = _sum([total(cost) for cost in carried])
        g.scalar(f"{at}.carry_costs", during, "Interest and fees during construction", "money")
        spent = spend + flows[1] if flows[1:] else spend
        g.series(f"{at}.uses", spent + financing, "Uses", "money", total=True)


def _declare_kinds(terms: Terms, group: str) -> None:
    """Spending by kind of use, as the table of sources and uses shows it."""
    paid = costs_of(terms, group)
    for kind in dict.fromkeys(cost.kind for cost in costs(terms)):
        parts = [Ref(f"{cost.at}.spend") for cost in paid if cost.kind == kind]
        if parts:
            name, label = f"funding.{group}.spend_{kind.replace(' ', '_')}", _KINDS[kind]
            terms.graph.series(name, sum_of(*parts), label, "money", total=True)


def _declare_lc_fee(terms: Terms, group: str) -> Ref:
    """Fee of the letter of credit that stands for equity still to come, ACT/360 while a loan can be drawn."""
    at = f"funding.{group}"
    open_days = [Ref(f"debt.{loan}.days_open") for loan in terms.loans_of(group)]
    fee = terms[f"{at}.equity_lc_fee"] * Ref(f"{at}.equity_to_come") * maximum(*open_days) / DAYS_360
    return terms.graph.series(f"{at}.lc_fee", fee, "Fee of the equity letter of credit", "money", total=True)


def _sum(parts: list[Ref] | list[Expr]) -> Expr:
    return reduce(add, parts)
