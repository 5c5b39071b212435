"""What the sponsors put in and get out, and what the project earns before financing."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_flow
from spvmodel.finance.covenants.cure import PAID as CURE
from spvmodel.finance.covenants.cure import cured_loans, has_cure
from spvmodel.finance.debt.bridge import bridges
from spvmodel.finance.debt.prepaid import sweeps_trapped, swept
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import LENDERS, SHAREHOLDER, ranked, steps_of
from spvmodel.finance.facility import drawable
from spvmodel.finance.funding import fees_from_sources
from spvmodel.finance.ratios import prior_contributions
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import INTEREST_FED_BACK, counts_interest
from spvmodel.finance.reserves.general import GENERAL, with_works
from spvmodel.finance.tax.income_tax import FED_BACK, has_tax, pays_tax, taxed_before_service
from spvmodel.finance.tax.payment import cash_tax
from spvmodel.finance.tax.vat import groups
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, END, LAST_DAY, PERIODS_PER_YEAR, START, YEAR_AGO
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    defined,
    highest,
    irr,
    lowest,
    maximum,
    mean,
    na,
    prev,
    ratio,
    sum_behind,
    sum_of,
    total,
    where,
    xirr,
)

PAID_IN_FIRST = "N/A where money is taken out before any is paid in"
"""What is said of a rate of return that would otherwise be the cost of borrowing."""


def declare_returns(terms: Terms) -> None:
    """Equity and project flows, internal rates, multiple and payback. No terminal value is assumed."""
    g = terms.graph
    _declare_shareholder_loans(terms)
    lent = [Ref(f"debt.{loan}.draw") for loan in ranked(terms, SHAREHOLDER)]
    with g.place("Returns", "Equity"):
        given, taken = Ref("funding.equity"), Ref("waterfall.distributions")
        brought: Expr = given + Ref("returns.shareholder_draws") if lent else given
        words = ["equity", *(["shareholder loans"] if lent else []), *(["cures"] if has_cure(terms) else [])]
        brought = brought + CURE if has_cure(terms) else brought
        note = " and ".join(words) if words[1:] else ""
        paid_in = declare_flow(terms, "returns.contributions", brought, "Contributions by sponsors", note)
        handed: Expr = taken
        if g.has("construction.distributed"):
            handed = handed + Ref("construction.distributed")
        handed = handed + Ref("returns.shareholder_service") if lent else handed
        label = "Distributions and service of shareholder loans" if lent else "Distributions"
        paid_out = declare_flow(terms, "returns.distributions", handed, label)
        flow = g.series("returns.equity_flow", paid_out - paid_in, "Equity cash flow", "money", total=True)
        running = _running(terms, "returns.equity_running", flow)
        back = _back_for_good(terms, running)
        payback = g.series("returns.paid_back", where(back, END, na()), "Date if paid back", "date")
        g.scalar(
            "returns.payback_date",
            lowest(payback),
            "Payback date",
            "date",
            "running total no longer negative, nor later; N/A where sponsors are never out of pocket",
        )
        peak = maximum(0, -lowest(running))
        g.scalar("returns.peak_equity", peak, "Peak equity", "money", "the most that sponsors are out of pocket")
        invested = _paid_in_first(terms, flow)
        note = f"effective, actual days / 365; {PAID_IN_FIRST}"
        g.scalar("returns.equity_irr", where(invested, xirr(flow, END), na()), "Equity IRR (XIRR)", "1/yr", note)
        if terms.closing_apart:
            _declare_equal_periods(terms, flow, invested, "", "")
        g.scalar(
            "returns.moic",
            ratio(total(paid_out), total(paid_in)),
            "MOIC",
            "x",
            "distributions / contributions",
        )
        _declare_signs(terms, flow)
    _declare_yield(terms, paid_in, paid_out)
    with g.place("Returns", "Recourse"):
        agreed: Expr = sum_of(given, *lent) if lent else given
        # A cure is a right of the sponsors, which nobody can claim.
        agreed = agreed + CURE if has_cure(terms) else agreed
        note = "non-recourse: sponsors pay for uses and for nothing else"
        note = f"{note}, as equity or as shareholder loans" if lent else note
        note = f"{note}; an equity bridge pays for them until they do" if bridges(terms) else note
        label = "Called from sponsors beyond their equity"
        called = declare_flow(terms, "returns.recourse", paid_in - agreed, label, note)
        g.scalar("returns.recourse_to_sponsors", total(called), "Recourse to sponsors", "money")
    with g.place("Returns", "Lenders"):
        loans = [*ranked(terms, *LENDERS), *bridges(terms)]
        charges = [*fees_from_sources(terms), *(Ref(f"debt.{loan}.capitalised") for loan in loans)]
        financed = declare_flow(terms, "returns.lender_charges", sum_of(*charges), "Fees and interest from sources")
        steps = ["fees", *steps_of(terms, LENDERS)] + (["sweep"] if swept(terms) else [])
        if terms.deal.spec.hedge:
            steps.append("hedge")
        steps += ["reimbursements"] if drawable(terms) else []
        steps += (["exit_fees"] if bears_exit_fee(terms) else []) + (["prepayment"] if prepaid_loans(terms) else [])
        paid: Expr = sum_of(*[Ref(f"waterfall.{step}.paid") for step in steps])
        paid = paid + Ref("reserves.trapped.swept") if sweeps_trapped(terms) else paid
        paid = paid + CURE if cured_loans(terms) else paid
        paid = g.series("returns.lender_service", paid, "Fees, interest, principal from cash flow", "money", total=True)
        drawn: Expr = Ref("funding.draws")
        drawn = drawn - Ref("returns.shareholder_draws") if lent else drawn
        for facility in drawable(terms):
            drawn = drawn + Ref(f"{facility.at}.drawn")
        received = financed + paid - drawn - Ref("waterfall.refinancing")
        if bridges(terms):
            received = received + Ref("funding.bridge_repaid")
        received = received - Ref("hedge.receivable") if terms.deal.spec.hedge else received
        note = "take-out proceeds net of its upfront fee"
        declare_flow(terms, "returns.lender_flow", received, "Cash flow of lenders", note)
    _declare_project(terms)
    _declare_present_values(terms)


def _back_for_good(terms: Terms, running: Ref) -> Expr:
    """Whether sponsors have been out of pocket, are so no longer, nor will be: equity may come in late."""
    g = terms.graph
    out = running < -terms["checks.tolerance"]
    out = g.series("returns.out_of_pocket", out, "Sponsors are out of pocket", "flag")
    last = default(highest(END, out), LAST_DAY)
    return END > g.scalar("returns.last_out_of_pocket", last, "Last period end at which they are", "date")


def _running(terms: Terms, name: str, flow: Ref) -> Ref:
    """The running total (series, millions) of a flow."""
    label = f"{terms.graph.label(flow.name)}, running total"
    return terms.graph.series(name, prev(Ref(name)) + flow, label, "money")


def _paid_in_first(terms: Terms, flow: Ref) -> Expr:
    """Whether owners pay in before they take out: otherwise they borrow, and a rate would be the cost of it."""
    g, tolerance, first = terms.graph, terms["checks.tolerance"], Ref(f"{flow.name}_first")
    sign = where(flow > tolerance, 1, where(flow < -tolerance, -1, 0))
    sign = where(prev(first) * prev(first), prev(first), sign)
    label = f"{g.label(flow.name)}: sign of the first"
    g.series(first.name, sign, label, "count", "1 taken out, -1 paid in, 0 none yet")
    return lowest(first) < 0


def declare_rate(terms: Terms, name: str, flow: Ref, label: str, note: str = "", dates: Ref = END) -> Expr:
    """The XIRR of a flow to owners (1/yr, effective); returns whether they pay in first, without which it is N/A."""
    g, at = terms.graph, flow.name
    peak = maximum(0, -lowest(_running(terms, f"{at}_running", flow)))
    g.scalar(f"{at}_peak", peak, f"{g.label(at)}: most out of pocket", "money")
    invested = _paid_in_first(terms, flow)
    g.scalar(name, where(invested, xirr(flow, dates), na()), label, "1/yr", f"{note}; {PAID_IN_FIRST}".lstrip("; "))
    return invested


def _declare_signs(terms: Terms, flow: Ref) -> None:
    """How often the equity flow changes sign: more than once, and several rates may solve it (definitions, 4)."""
    g, tolerance, last = terms.graph, terms["checks.tolerance"], Ref("returns.equity_sign")
    sign = where(flow > tolerance, 1, where(flow < -tolerance, -1, prev(last)))
    g.series(last.name, sign, "Sign of the last equity cash flow", "count", "1 received, -1 paid in, 0 none yet")
    turns = g.series("returns.equity_turns", last * prev(last) < 0, "Equity cash flow changes sign", "flag", total=True)
    g.scalar("returns.equity_sign_changes", total(turns), "Changes of sign of the equity cash flow", "count")


def _declare_yield(terms: Terms, paid_in: Ref, paid_out: Ref) -> None:
    """Distributions of twelve months on all that is paid in, from a year after all is built to the last revenue."""
    g = terms.graph
    with g.place("Returns", "Dividend yield"):
        so_far = Ref("returns.contributed")
        g.series(so_far.name, prev(so_far) + paid_in, "Contributions to date", "money")
        behind = sum_behind(paid_out, END, YEAR_AGO)
        behind = g.series("returns.distributions_behind", behind, "Distributions, last 12 months", "money")
        tested = Ref("ratios.year_complete") * (START < Ref("revenue.until"))
        dividend = ratio(behind, so_far * tested)
        note = "distributions of the last 12 months / contributions to date, from a year after all is built to the end"
        dividend = g.series("returns.dividend_yield", dividend, "Dividend yield", "share", note)
        g.scalar("returns.avg_dividend_yield", mean(dividend), "Average dividend yield", "share", "mean of the periods")


def _declare_present_values(terms: Terms) -> None:
    """Equity and project flows at the discount rate, from the end of the first period on (Excel XNPV, section 4)."""
    if terms.deal.spec.returns is None:
        return
    g = terms.graph
    with g.place("Returns", "Present value"):
        start = g.scalar("returns.valuation_date", lowest(END), "Valuation date", "date", "end of the first period")
        growth = 1 + terms["returns.discount_rate"] * A_YEAR
        factor = growth ** ((start - END) / Number(365, "days"))
        factor = g.series("returns.discount_factor", factor, "Discount factor", "factor", "actual days / 365")
        for what, label in (("equity", "Equity"), ("project", "Project")):
            value = Ref(f"returns.{what}_flow") * factor
            value = g.series(f"returns.{what}_discounted", value, f"{label} cash flow, discounted", "money", total=True)
            note = "at the discount rate" if what == "equity" else "before tax and financing, at the discount rate"
            g.scalar(f"returns.{what}_npv", total(value), f"{label} NPV (XNPV)", "money", note)


def _declare_equal_periods(terms: Terms, flow: Ref, invested: Expr, name: str, words: str) -> None:
    """An equity IRR of periods of equal length after the close, annualised (definitions, section 4)."""
    g = terms.graph
    rate = where(invested, irr(flow), na())
    periodic = g.scalar(f"returns.equity_irr_pp{name}", rate, f"Equity IRR{words}, of a period", "share")
    yearly = where(defined(periodic), (1 + default(periodic, 0)) ** (PERIODS_PER_YEAR * A_YEAR) - 1, na())
    label = f"Equity IRR{words} (equal periods)"
    g.scalar(f"returns.equity_irr_equal_periods{name}", yearly, label, "share", "effective")


def _declare_project(terms: Terms) -> None:
    """Flows before financing: before tax, and after the tax that the SPV pays (interest deducted)."""
    g, flow = terms.graph, Ref("ratios.cfads")
    before: Expr = flow
    if counts_interest(terms):
        before = before - INTEREST_FED_BACK
    if taxed_before_service(terms):
        before = before + FED_BACK
    # The project pays for works when they are done, not when the reserve saves for them.
    for _, contribution in prior_contributions(terms):
        before = before + contribution
    if capital_reserves(terms):
        before = before - Ref("reserves.capital.spending")
    if with_works(terms):
        before = before - Ref(f"{GENERAL}.spending")
    if groups(terms):
        before = before + Ref("vat.construction_recovered") - Ref("vat.construction_paid")
    spent: Expr = Ref("construction.spend")
    if g.has("construction.distributed"):
        spent = spent - Ref("construction.distributed")
    with g.place("Returns", "Project"):
        project = g.series(
            "returns.project_flow",
            before - spent,
            "Project cash flow",
            "money",
            total=True,
        )
        rate, note = where(_paid_in_first(terms, project), xirr(project, END), na()), "before tax and financing"
        g.scalar("returns.project_irr", rate, "Project IRR (XIRR)", "1/yr", f"{note}; {PAID_IN_FIRST}")
    if not has_tax(terms):
        return
    with g.place("Returns", "Tax"):
        after = g.series(
            "returns.project_flow_after_tax",
            project - cash_tax(terms),
            "Project cash flow after tax",
            "money",
            total=True,
        )
        note = "before financing, after the taxes of the SPV, which deduct its interest"
        note = f"{note}; {PAID_IN_FIRST}"
        rate = where(_paid_in_first(terms, after), xirr(after, END), na())
        g.scalar("returns.project_irr_after_tax", rate, "Project IRR after tax (XIRR)", "1/yr", note)
        if not pays_tax(terms):
            _declare_after_owners_tax(terms)
            return
        untaxed = Ref("returns.equity_flow") + Ref("waterfall.tax.paid") - Ref("tax.refund")
        note = "taxes paid, less those refunded, added back"
        untaxed = declare_flow(terms, "returns.equity_flow_before_tax", untaxed, "Equity cash flow before tax", note)
        declare_rate(terms, "returns.equity_irr_before_tax", untaxed, "Equity IRR before tax (XIRR)")


def _declare_after_owners_tax(terms: Terms) -> None:
    """What is left to the owners after the taxes that they pay themselves, or are refunded, on what the SPV earns."""
    left = Ref("returns.equity_flow") - cash_tax(terms)
    flow = declare_flow(terms, "returns.equity_flow_after_tax", left, "Equity cash flow after owners' tax")
    invested = declare_rate(terms, "returns.equity_irr_after_tax", flow, "Equity IRR after owners' tax (XIRR)")
    if terms.closing_apart:
        _declare_equal_periods(terms, flow, invested, "_after_tax", " after owners' tax")


def _declare_shareholder_loans(terms: Terms) -> None:
    """What sponsors lend and what they are paid on it.

    Interest capitalised during construction is paid out of the sources, and so is a receipt of the sponsors too.
    """
    g, loans = terms.graph, ranked(terms, SHAREHOLDER)
    if not loans:
        return
    with g.place("Returns", "Shareholder loans"):
        draws = sum_of(*[Ref(f"debt.{loan}.draw") for loan in loans])
        declare_flow(terms, "returns.shareholder_draws", draws, "Lent by sponsors")
        paid = [Ref(f"waterfall.{step}.paid") for step in steps_of(terms, (SHAREHOLDER,))]
        paid += [Ref(f"debt.{loan}.capitalised") for loan in loans]
        label = "Interest and principal paid to sponsors"
        note = "from cash flow, and what is capitalised during construction"
        declare_flow(terms, "returns.shareholder_service", sum_of(*paid), label, note)
