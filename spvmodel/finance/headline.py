"""The headline metrics of the interface, and the line behind each."""

from __future__ import annotations

from typing import Final

from spvmodel.finance.collateral.acceleration import IN_HAND, enforces
from spvmodel.finance.debt.ranks import LENDERS, ranked
from spvmodel.finance.debt.refinanced import changes
from spvmodel.finance.debt.sizing import sized_loans
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, na, total, where

_LINES: Final = {
    "total_uses": "funding.total_uses",
    "debt_commitment": "funding.commitment",
    "peak_debt": "debt.peak",
    "equity": "funding.total_equity",
    "gearing": "funding.gearing",
    "debt_yield": "ratios.debt_yield_when_built",
    "min_dscr": "ratios.min_dscr",
    "min_dscr_date": "ratios.min_dscr_date",
    "avg_dscr": "ratios.avg_dscr",
    "avg_dscr_total": "ratios.avg_dscr_total",
    "min_llcr": "ratios.min_llcr",
    "min_plcr": "ratios.min_plcr",
    "min_icr": "ratios.min_icr",
    "wal_years": "debt.wal",
    "balloon": "debt.balloon_total",
    "refinance_proceeds": "headline.refinance_proceeds",
    "refinance_shortfall": "headline.refinance_shortfall",
    "refinance_dscr": "debt.takeout.refinance_dscr",
    "ltv_at_maturity": "ratios.ltv_at_maturity",
    "breakeven_cfads_cut": "ratios.breakeven_cfads_cut",
    "lockup_periods": "covenants.lockup_periods",
    "dsra_draws": "headline.dsra_draws",
    "equity_irr": "returns.equity_irr",
    "project_irr": "returns.project_irr",
    "moic": "returns.moic",
    "payback_date": "returns.payback_date",
    "recourse_to_sponsors": "returns.recourse_to_sponsors",
    "checks_failed": "checks.failed",
}

_ENFORCED: Final = {
    "balloon": "headline.balloon",
    "refinance_dscr": "headline.refinance_dscr",
    "equity_irr": "enforcement.equity_irr",
    "moic": "enforcement.moic",
    "payback_date": "enforcement.payback_date",
    "lender_loss": "enforcement.lender_loss",
    "lgd": "enforcement.lgd",
    "lender_irr": "enforcement.lender_irr",
    "sponsor_loss": "enforcement.sponsor_loss",
    "recourse_to_sponsors": "enforcement.recourse_to_sponsors",
}
"""The lines of a deal that says what lenders do after a default: it ends what owners receive, and no loan matures."""

ORDER: Final = (
    "total_uses",
    "debt_commitment",
    "peak_debt",
    "equity",
    "gearing",
    "debt_yield",
    "min_dscr",
    "min_dscr_date",
    "avg_dscr",
    "avg_dscr_total",
    "min_llcr",
    "min_plcr",
    "min_icr",
    "wal_years",
    "balloon",
    "refinance_proceeds",
    "refinance_shortfall",
    "refinance_dscr",
    "ltv_at_maturity",
    "breakeven_cfads_cut",
    "lockup_periods",
    "dsra_draws",
    "equity_irr",
    "project_irr",
    "moic",
    "payback_date",
    "lender_loss",
    "lgd",
    "lender_irr",
    "sponsor_loss",
    "recourse_to_sponsors",
    "binding_constraint",
    "checks_failed",
)
"""Every headline metric, in the order in which tables show them."""

_NO_LIQUIDATION: Final = "the deal file does not say what lenders do after a default"
_NO_DEFAULT: Final = "every payment is made, or made good within the cure period"
_NOT_APPLICABLE: Final = {
    "ltv_at_maturity": "the deal file states no value of the collateral",
    "lender_loss": _NO_LIQUIDATION,
    "lgd": _NO_LIQUIDATION,
    "lender_irr": _NO_LIQUIDATION,
    "sponsor_loss": _NO_LIQUIDATION,
}

_ACCELERATED: Final = "lenders accelerate the loans before a balloon falls due"
_NO_SERVICE: Final = "no debt service falls due"
_NO_TEST: Final = "no debt is owed when all is built"
_NO_RATE: Final = "money is taken out before any is paid in, or no rate between -99.99% and 1000% solves the flows"
WITHOUT_VALUE: Final = {
    "gearing": "there are no uses",
    "debt_yield": _NO_TEST,
    "min_dscr": _NO_SERVICE,
    "min_dscr_date": _NO_SERVICE,
    "avg_dscr": f"{_NO_SERVICE} once all is built",
    "avg_dscr_total": f"{_NO_SERVICE} once all is built",
    "min_llcr": _NO_TEST,
    "min_plcr": _NO_TEST,
    "min_icr": "no interest falls due",
    "wal_years": "no principal falls due",
    "balloon": _ACCELERATED,
    "refinance_proceeds": _ACCELERATED,
    "refinance_shortfall": _ACCELERATED,
    "refinance_dscr": "the take-out lends nothing, or lenders accelerate a loan before its balloon falls due",
    "ltv_at_maturity": "the collateral has no value at the last maturity, or that lies beyond the model or after "
    "acceleration by lenders",
    "breakeven_cfads_cut": f"{_NO_TEST}, or no cash flow comes after",
    "equity_irr": _NO_RATE,
    "project_irr": _NO_RATE,
    "moic": "sponsors pay nothing in",
    "lender_loss": _NO_DEFAULT,
    "lgd": _NO_DEFAULT,
    "lender_irr": _NO_RATE,
    "sponsor_loss": _NO_DEFAULT,
    "payback_date": "sponsors are never out of pocket, or not paid back within the model",
}
"""Why a metric that the model computes has no value, where it has none."""

_NOT_SIZED: Final = "the commitments are given by the loan documents, not sized"
_NO_TAKEOUT: Final = "the deal file has no take-out"


def declare_headline(terms: Terms) -> None:
    """Sums that only the headline needs."""
    g = terms.graph
    with g.place("Returns", "Headline"):
        g.scalar(
            "headline.dsra_draws",
            total(Ref("reserves.dsra.draw")),
            "DSRA draws",
            "money",
            "sum over all periods",
        )
        if enforces(terms):
            _declare_accelerated(terms)
        if terms.deal.spec.takeout:
            _declare_refinancing(terms)


def _declare_refinancing(terms: Terms) -> None:
    """What the take-out lends and what is missing; where lenders enforce, of balloons that fall due before that."""
    g, draw, need = terms.graph, Ref("debt.takeout.draw"), Ref("debt.takeout.need")
    flag = (IN_HAND,) if enforces(terms) else ()
    short = total(need, *flag) - total(draw, *flag)
    if terms.deal.spec.takeout and terms.deal.spec.takeout.release_excess == "yes":
        short = short + total(Ref("debt.takeout.excess"), *flag)
    lent: Expr = total(draw, *flag)
    if enforces(terms):
        tolerance = terms["checks.tolerance"]
        early = total(need) - total(need, IN_HAND)
        early = g.scalar("headline.refinancing_accelerated", early, "Refinancing that comes to nothing", "money")
        never = (early > tolerance) * (total(need, IN_HAND) <= tolerance)
        short, lent = where(never, na(), short), where(never, na(), lent)
        cover = where(early > tolerance, na(), Ref("debt.takeout.refinance_dscr"))
        note = "N/A where lenders accelerate a loan that is to be refinanced"
        g.scalar("headline.refinance_dscr", cover, "Refinance DSCR", "x", note)
    g.scalar("headline.refinance_proceeds", lent, "Refinance proceeds", "money", "take-out debt drawn")
    note = "take-out debt needed to repay every balloon, less what it lends"
    g.scalar("headline.refinance_shortfall", short, "Refinance shortfall", "money", note)


def _declare_accelerated(terms: Terms) -> None:
    """Balloons that fall due, N/A where lenders accelerate all of them before (scalars, money)."""
    g, whole, tolerance = terms.graph, Ref("debt.balloon_total"), terms["checks.tolerance"]
    parts = [f"debt.{loan}.balloon" for loan in ranked(terms, *LENDERS)]
    parts += [f"debt.{loan}.balloon_moved" for loan in ranked(terms, *LENDERS) if changes(terms, loan)]
    lost = [total(Ref(name)) - total(Ref(name), IN_HAND) for name in parts]
    note = "by their schedule"
    label = "Balloons of loans that lenders accelerate before"
    early = g.scalar("headline.balloon_accelerated", sum(lost[1:], lost[0]), label, "money", note)
    due = whole - early
    value = where((early > tolerance) * (due <= tolerance), na(), due)
    g.scalar("headline.balloon", value, "Balloon", "money", "what falls due before lenders accelerate")


def headline_lines(terms: Terms) -> dict[str, str]:
    """The line behind each metric that applies to this deal, in order."""
    missing = _left_out(terms)
    lines = dict(_LINES)
    if terms.deal.spec.enforcement:
        lines |= _ENFORCED
    for loan in sized_loans(terms)[:1]:
        lines["binding_constraint"] = f"sizing.{loan}.binding"
    return {metric: lines[metric] for metric in ORDER if metric not in missing}


def not_applicable(terms: Terms) -> dict[str, str]:
    """Why a metric does not apply to this deal or, for one that does, why it has no value in a case that gives none."""
    return WITHOUT_VALUE | _left_out(terms)


def _left_out(terms: Terms) -> dict[str, str]:
    """The metrics that the model of this deal has no line for, each with the reason."""
    reasons = dict(_NOT_APPLICABLE)
    if not sized_loans(terms):
        reasons["binding_constraint"] = _NOT_SIZED
    if terms.deal.spec.valuation:
        del reasons["ltv_at_maturity"]
    if terms.deal.spec.enforcement:
        for metric in ("lender_loss", "lgd", "lender_irr", "sponsor_loss"):
            del reasons[metric]
    if not terms.deal.spec.takeout:
        reasons |= dict.fromkeys(("refinance_proceeds", "refinance_shortfall", "refinance_dscr"), _NO_TAKEOUT)
    return reasons
