"""What the sponsors put in and get out, and what the project earns before financing."""

from __future__ import annotations

from spvmodel.finance.capital_reserves import capital_reserves
from spvmodel.finance.debt.prepaid import swept
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import LENDERS, SHAREHOLDER, ranked, steps_of
from spvmodel.finance.facility import drawable
from spvmodel.finance.funding import fees_from_sources
from spvmodel.finance.ratios import prior_contributions
from spvmodel.finance.tax import FED_BACK, PAYABLE, has_tax, pays_tax, taxed_before_service
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, PERIODS_PER_YEAR
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    defined,
    irr,
    lowest,
    maximum,
    na,
    prev,
    ratio,
    sum_of,
    total,
    where,
    xirr,
)


def declare_returns(terms: Terms) -> None:
    """Equity and project flows, internal rates, multiple and payback. No terminal value is assumed."""
    g = terms.graph
    _declare_shareholder_loans(terms)
    lent = [Ref(f"debt.{loan}.draw") for loan in ranked(terms, SHAREHOLDER)]
    with g.place("Returns", "Equity"):
        given, taken = Ref("funding.equity"), Ref("waterfall.distributions")
        paid_in = g.series(
            "returns.contributions",
            given + Ref("returns.shareholder_draws") if lent else given,
            "Contributions by sponsors",
            "money",
            "equity and shareholder loans" if lent else "",
            total=True,
        )
        handed: Expr = taken
        if g.has("construction.distributed"):
            handed = handed + Ref("construction.distributed")
        paid_out = g.series(
            "returns.distributions",
            handed + Ref("returns.shareholder_service") if lent else handed,
            "Distributions and service of shareholder loans" if lent else "Distributions",
            "money",
            total=True,
        )
        flow = g.series("returns.equity_flow", paid_out - paid_in, "Equity cash flow", "money", total=True)
        running = _running(terms, "returns.equity_running", flow)
        payback = g.series("returns.paid_back", where(running >= 0, END, na()), "Date if paid back", "date")
        g.scalar(
            "returns.payback_date",
            lowest(payback),
            "Payback date",
            "date",
            "running total no longer negative",
        )
        peak = maximum(0, -lowest(running))
        peak = g.scalar("returns.peak_equity", peak, "Peak equity", "money", "the most that sponsors are out of pocket")
        note = "effective, actual days / 365; N/A where sponsors are never out of pocket"
        rate = _invested(terms, peak, xirr(flow, END))
        g.scalar("returns.equity_irr", rate, "Equity IRR (XIRR)", "1/yr", note)
        if terms.closing_apart:
            _declare_equal_periods(terms, flow, peak, "", "")
        g.scalar(
            "returns.moic",
            ratio(total(paid_out), total(paid_in)),
            "MOIC",
            "x",
            "distributions / contributions",
        )
    with g.place("Returns", "Recourse"):
        called = g.series(
            "returns.recourse",
            paid_in - (sum_of(given, *lent) if lent else given),
            "Called from sponsors beyond their equity",
            "money",
            "non-recourse: sponsors pay for uses and for nothing else, as equity or as shareholder loans"
            if lent
            else "non-recourse: sponsors pay for uses and for nothing else",
            total=True,
        )
        g.scalar("returns.recourse_to_sponsors", total(called), "Recourse to sponsors", "money")
    with g.place("Returns", "Lenders"):
        loans = ranked(terms, *LENDERS)
        charges = [*fees_from_sources(terms), *(Ref(f"debt.{loan}.capitalised") for loan in loans)]
        financed = sum_of(*charges)
        financed = g.series("returns.lender_charges", financed, "Fees and interest from sources", "money", total=True)
        steps = ["fees", *steps_of(terms, LENDERS)] + (["sweep"] if swept(terms) else [])
        if terms.deal.spec.hedge:
            steps.append("hedge")
        steps += ["reimbursements"] if drawable(terms) else []
        steps += (["exit_fees"] if bears_exit_fee(terms) else []) + (["prepayment"] if prepaid_loans(terms) else [])
        paid = sum_of(*[Ref(f"waterfall.{step}.paid") for step in steps])
        paid = g.series("returns.lender_service", paid, "Fees, interest, principal from cash flow", "money", total=True)
        drawn = Ref("funding.draws") - Ref("returns.shareholder_draws") if lent else Ref("funding.draws")
        for facility in drawable(terms):
            drawn = drawn + Ref(f"{facility.at}.drawn")
        received = financed + paid - drawn - Ref("waterfall.refinancing")
        g.series(
            "returns.lender_flow",
            received - Ref("hedge.receivable") if terms.deal.spec.hedge else received,
            "Cash flow of lenders",
            "money",
            "take-out proceeds net of its upfront fee",
            total=True,
        )
    _declare_project(terms)


def _running(terms: Terms, name: str, flow: Ref) -> Ref:
    """The running total (series, millions) of a flow."""
    label = f"{terms.graph.label(flow.name)}, running total"
    return terms.graph.series(name, prev(Ref(name)) + flow, label, "money")


def _invested(terms: Terms, peak: Expr, rate: Expr) -> Expr:
    """A rate of return where there is an investment to return on, which needs not be so where money comes in first."""
    return where(peak > terms["checks.tolerance"], rate, na())


def _taxed_irr(terms: Terms, name: str, flow: Ref, label: str) -> Ref:
    """An equity IRR before or after tax; returns the most that the owners are then out of pocket."""
    g, at = terms.graph, flow.name
    peak = maximum(0, -lowest(_running(terms, f"{at}_running", flow)))
    peak = g.scalar(f"{at}_peak", peak, f"{g.label(at)}: most out of pocket", "money")
    g.scalar(name, _invested(terms, peak, xirr(flow, END)), label, "1/yr")
    return peak


def _declare_equal_periods(terms: Terms, flow: Ref, peak: Ref, name: str, words: str) -> None:
    """An equity IRR of periods of equal length after the close, annualised (definitions, section 4)."""
    g = terms.graph
    rate = _invested(terms, peak, irr(flow))
    periodic = g.scalar(f"returns.equity_irr_pp{name}", rate, f"Equity IRR{words}, of a period", "share")
    yearly = where(defined(periodic), (1 + default(periodic, 0)) ** (PERIODS_PER_YEAR * Number(1, "yr")) - 1, na())
    label = f"Equity IRR{words} (equal periods)"
    g.scalar(f"returns.equity_irr_equal_periods{name}", yearly, label, "share", "effective")


def _declare_project(terms: Terms) -> None:
    """Flows before financing: before tax, and after the tax that the SPV pays (interest deducted)."""
    g, flow = terms.graph, Ref("ratios.cfads")
    before: Expr = flow
    if taxed_before_service(terms):
        before = before + FED_BACK
    # The project pays for works when they are done, not when the reserve saves for them.
    for _, contribution in prior_contributions(terms):
        before = before + contribution
    if capital_reserves(terms):
        before = before - Ref("reserves.capital.spending")
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
        g.scalar(
            "returns.project_irr",
            xirr(project, END),
            "Project IRR (XIRR)",
            "1/yr",
            "before tax and financing",
        )
    if not has_tax(terms):
        return
    with g.place("Returns", "Tax"):
        after = g.series(
            "returns.project_flow_after_tax", project - PAYABLE, "Project cash flow after tax", "money", total=True
        )
        note = "before financing, after the taxes of the SPV, which deduct its interest"
        g.scalar("returns.project_irr_after_tax", xirr(after, END), "Project IRR after tax (XIRR)", "1/yr", note)
        if not pays_tax(terms):
            _declare_after_owners_tax(terms)
            return
        untaxed = g.series(
            "returns.equity_flow_before_tax",
            Ref("returns.equity_flow") + Ref("waterfall.tax.paid") - Ref("tax.refund"),
            "Equity cash flow before tax",
            "money",
            "taxes paid, less those refunded, added back",
            total=True,
        )
        _taxed_irr(terms, "returns.equity_irr_before_tax", untaxed, "Equity IRR before tax (XIRR)")


def _declare_after_owners_tax(terms: Terms) -> None:
    """What is left to the owners after the taxes that they pay themselves, or are refunded, on what the SPV earns."""
    g = terms.graph
    flow = Ref("returns.equity_flow") - PAYABLE
    flow = g.series("returns.equity_flow_after_tax", flow, "Equity cash flow after owners' tax", "money", total=True)
    peak = _taxed_irr(terms, "returns.equity_irr_after_tax", flow, "Equity IRR after owners' tax (XIRR)")
    if terms.closing_apart:
        _declare_equal_periods(terms, flow, peak, "_after_tax", " after owners' tax")


def _declare_shareholder_loans(terms: Terms) -> None:
    """What sponsors lend and what they are paid on it.

    Interest capitalised during construction is paid out of the sources, and so is a receipt of the sponsors too.
    """
    g, loans = terms.graph, ranked(terms, SHAREHOLDER)
    if not loans:
        return
    with g.place("Returns", "Shareholder loans"):
        draws = sum_of(*[Ref(f"debt.{loan}.draw") for loan in loans])
        g.series("returns.shareholder_draws", draws, "Lent by sponsors", "money", total=True)
        paid = [Ref(f"waterfall.{step}.paid") for step in steps_of(terms, (SHAREHOLDER,))]
        paid += [Ref(f"debt.{loan}.capitalised") for loan in loans]
        g.series(
            "returns.shareholder_service",
            sum_of(*paid),
            "Interest and principal paid to sponsors",
            "money",
            "from cash flow, and what is capitalised during construction",
            total=True,
        )
