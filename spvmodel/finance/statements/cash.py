"""The cash-flow statement: what is really paid and received, and so the movement of all accounts."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_flow, enforces, in_hand
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import BRIDGE, LENDERS, RANKS, SHAREHOLDER, TAKEOUT, facilities, ranked
from spvmodel.finance.facility import drawable
from spvmodel.finance.funding import fees_from_sources
from spvmodel.finance.operations.contract import PREPAID, prepaying
from spvmodel.finance.operations.payment import cash_revenue
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import earns_interest
from spvmodel.finance.reserves.general import with_works
from spvmodel.finance.statements.assets import construction_cost
from spvmodel.finance.statements.enforced import (
    declare_enforced_claims,
    declare_enforced_operations,
    declare_enforced_sale,
)
from spvmodel.finance.statements.equity import contributions, distributions
from spvmodel.finance.tax.depreciation import capitalised
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.vat import RELEASED, collected, groups, handed_on, in_operation
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, prev, sum_of

CASH = "statements.cash"


def declare_cash_flow(terms: Terms) -> None:
    """``statements.cash.<what>`` (money, by period): receipts positive, payments negative, each subtotal a sum.

    Interest and fees paid after completion are operating flows. Draws are net of original issue discount; what is
    drawn and not spent stays in an account, and so is no payment.
    """
    g = terms.graph
    with g.place("Statements", "Cash-flow statement"):
        parts = [
            _subtotal(terms, "operations", "Cash flow from operations", _declare_operations(terms)),
            _subtotal(terms, "investing", "Cash flow from investing", _declare_investing(terms)),
            _subtotal(terms, "financing", "Cash flow from financing", _declare_financing(terms)),
        ]
        movement = _subtotal(terms, "movement", "Movement of cash", parts)
        opening = g.series(f"{CASH}.opening", prev(Ref(f"{CASH}.closing")), "Cash, opening", "money")
        g.series(f"{CASH}.closing", opening + movement, "Cash, closing", "money")


def _line(terms: Terms, what: str, expr: Expr, label: str) -> Ref:
    return declare_flow(terms, f"{CASH}.{what}", expr, label)


def _subtotal(terms: Terms, what: str, label: str, parts: list[Ref]) -> Ref:
    return _with_sale(terms, what, sum_of(*parts), label)


def _with_sale(terms: Terms, what: str, expr: Expr, label: str) -> Ref:
    """A line of which the sale books a part, after acceleration."""
    return terms.graph.series(f"{CASH}.{what}", expr, label, "money", total=True)


def _declare_operations(terms: Terms) -> list[Ref]:
    found = [
        _line(terms, "revenue", cash_revenue(terms), "Revenue received"),
        _line(terms, "operating_costs", -Ref("waterfall.operating_costs.paid"), _costs_label(terms)),
    ]
    if in_operation(terms):
        back = sum_of(*[vat for vat in collected(terms) if vat != RELEASED])
        found.append(_line(terms, "vat", back, "VAT collected and recovered"))
    if prepaying(terms):
        found.append(_line(terms, "prepayments", PREPAID, "Customer prepayments received, less credited"))
    works = [Ref(f"{at}.spending") for at in capital_reserves(terms) if at not in capitalised(terms)]
    works += [Ref(f"{at}.spending") for at in with_works(terms)]
    if works:
        found.append(_line(terms, "works_expensed", -sum_of(*works), "Works paid, expensed"))
    if pays_tax(terms):
        tax = Ref("tax.refund") - Ref("waterfall.tax.paid")
        found.append(_line(terms, "tax", tax, "Income tax paid, net of refunds"))
    paid = [Ref(f"{at}.interest_paid") for at in facilities(terms, *RANKS)]
    found.append(_line(terms, "interest", -sum_of(*paid), "Interest paid"))
    found.append(_line(terms, "fees", -Ref("waterfall.fees.paid"), "Commitment, agency and other fees paid"))
    if terms.deal.spec.hedge:
        net = Ref("hedge.receivable") - Ref("waterfall.hedge.paid")
        found.append(_line(terms, "hedges", net, "Net payments and break costs of hedges"))
    repaying = [Ref("waterfall.exit_fees.paid")] if bears_exit_fee(terms) else []
    repaying += [Ref(f"debt.{loan}.prepayment_cost") for loan in prepaid_loans(terms)]
    repaying += [Ref(f"{TAKEOUT}.fee")] if terms.deal.spec.takeout else []
    if repaying:
        label = "Exit, prepayment and take-out fees paid"
        found.append(_line(terms, "repayment_costs", -sum_of(*repaying), label))
    if earns_interest(terms):
        found.append(_line(terms, "interest_income", Ref("reserves.interest_earned"), "Interest on accounts"))
    return found + declare_enforced_operations(terms)


def _costs_label(terms: Terms) -> str:
    return "Operating costs and VAT paid" if handed_on(terms) else "Operating costs paid"


def _declare_investing(terms: Terms) -> list[Ref]:
    found = [_line(terms, "construction", -construction_cost(terms), "Construction and other uses")]
    if groups(terms):
        vat = Ref("vat.construction_recovered") - Ref("vat.construction_paid")
        found.append(_line(terms, "vat_construction", vat, "VAT on construction, net of what is recovered"))
    kept = [Ref(f"funding.{group}.discount") for group in terms.deal.spec.funding]
    costs = [fee for fee in fees_from_sources(terms) if fee not in kept]
    costs += [Ref(f"debt.{loan}.capitalised") for loan in terms.deal.spec.debt]
    label = "Interest, fees and hedging costs capitalised"
    found.append(_line(terms, "financing_costs", -sum_of(*costs), label))
    works = [Ref(f"{at}.spending") for at in capitalised(terms)]
    if works:
        found.append(_line(terms, "works", -sum_of(*works), "Works paid, capitalised"))
    return found + declare_enforced_sale(terms)


def _declare_financing(terms: Terms) -> list[Ref]:
    found = []
    for what, ranks, label in (
        ("debt", LENDERS, "Debt"),
        ("equity_bridge", (BRIDGE,), "Equity bridge loans"),
        ("shareholder_loans", (SHAREHOLDER,), "Shareholder loans"),
    ):
        lent = facilities(terms, *ranks)
        if not lent:
            continue
        drawn: Expr = sum_of(*[Ref(f"{at}.draw") for at in lent])
        kept = [
            Ref(f"debt.{loan}.discount_kept") for loan in ranked(terms, *ranks) if terms.has(f"debt.{loan}.discount")
        ]
        drawn = drawn - sum_of(*kept) if kept else drawn
        found.append(
            _line(terms, f"{what}_drawn", drawn, f"{label} drawn, net of discount" if kept else f"{label} drawn")
        )
        repaid: Expr = sum_of(*[Ref(f"{at}.repaid") for at in lent])
        if enforces(terms) and what == "equity_bridge":
            repaid = in_hand(terms, repaid) + sum_of(*[Ref(f"{at}.recovered") for at in lent])
            found.append(_with_sale(terms, f"{what}_repaid", -repaid, f"{label} repaid"))
        else:
            found.append(_line(terms, f"{what}_repaid", -repaid, f"{label} repaid"))
    if drawable(terms):
        drawn = sum_of(*[Ref(f"{facility.at}.drawn") for facility in drawable(terms)])
        found.append(_line(terms, "facilities_drawn", drawn, "Facilities drawn"))
        repaid = -sum_of(*[Ref(f"{facility.at}.reimbursed") for facility in drawable(terms)])
        found.append(_line(terms, "facilities_reimbursed", repaid, "Facilities reimbursed, with interest"))
    found += declare_enforced_claims(terms)
    found.append(_with_sale(terms, "contributions", contributions(terms), "Equity contributions"))
    found.append(_with_sale(terms, "distributions", -distributions(terms), "Distributions"))
    return found
