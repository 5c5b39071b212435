"""What the sponsors put in and get out, and what the project earns before financing."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Ref, lowest, na, prev, ratio, sum_of, total, where, xirr


def declare_returns(terms: Terms) -> None:
    """Equity and project flows, internal rates, multiple and payback. No terminal value is assumed."""
    g = terms.graph
    with g.place("Returns", "Equity"):
        paid_in = g.series(
            "returns.contributions", Ref("funding.equity"), "Contributions by sponsors", "money", total=True
        )
        paid_out = g.series(
            "returns.distributions", Ref("waterfall.distributions"), "Distributions", "money", total=True
        )
        flow = g.series("returns.equity_flow", paid_out - paid_in, "Equity cash flow", "money", total=True)
        running = g.series(
            "returns.equity_running",
            prev(Ref("returns.equity_running")) + flow,
            "Equity cash flow, running total",
            "money",
        )
        payback = g.series("returns.paid_back", where(running >= 0, END, na()), "Date if paid back", "date")
        g.scalar(
            "returns.payback_date",
            lowest(payback),
            "Payback date",
            "date",
            "running total no longer negative",
        )
        g.scalar("returns.equity_irr", xirr(flow, END), "Equity IRR (XIRR)", "1/yr", "effective, actual days / 365")
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
            paid_in - Ref("funding.equity"),
            "Called from sponsors beyond their equity",
            "money",
            "non-recourse: sponsors pay for uses and for nothing else",
            total=True,
        )
        g.scalar("returns.recourse_to_sponsors", total(called), "Recourse to sponsors", "money")
    with g.place("Returns", "Lenders"):
        loans = list(terms.deal.spec.debt)
        charges = [Ref(f"funding.{loan}.upfront_fee") for loan in loans] + [
            Ref(f"debt.{loan}.capitalised") for loan in loans
        ]
        financed = sum_of(*charges)
        financed = g.series("returns.lender_charges", financed, "Fees and interest from sources", "money", total=True)
        paid = sum_of(*[Ref(f"waterfall.{step}.paid") for step in ("fees", "interest", "principal", "balloon")])
        paid = g.series("returns.lender_service", paid, "Fees, interest, principal from cash flow", "money", total=True)
        g.series(
            "returns.lender_flow",
            financed + paid - Ref("funding.draws") - Ref("waterfall.refinancing"),
            "Cash flow of lenders",
            "money",
            "take-out proceeds net of its upfront fee",
            total=True,
        )
    with g.place("Returns", "Project"):
        project = g.series(
            "returns.project_flow",
            Ref("ratios.cfads") - Ref("construction.spend"),
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
