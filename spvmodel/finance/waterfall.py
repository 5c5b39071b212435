"""The cash waterfall. It only allocates: other blocks say what is due, each step pays what cash allows.

Order: operating costs, taxes (where they rank before debt service), capital reserves, fees, net payments of hedges,
senior interest, principal, balloons and exit fees, DSRA top-up, voluntary prepayment, working-capital top-up, taxes
(where they rank after),
second lien, mezzanine, cash sweep, lock-up test, holdco loans, shareholder loans, distributions. Steps that the deal
does not need are not there. Trapped cash covers any obligation; the DSRA covers hedges, senior interest and principal,
never a balloon; take-out proceeds pay balloons; the working-capital reserve covers operating costs. Holdco and
shareholder loans are paid only out of cash that may be distributed.
"""

from __future__ import annotations

from spvmodel.finance.capital_reserves import capital_reserves
from spvmodel.finance.cure import PAID as CURE
from spvmodel.finance.cure import has_cure
from spvmodel.finance.debt.prepaid import swept
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import (
    SENIOR,
    SHAREHOLDER,
    STEPS,
    SUBORDINATED,
    UPSTREAM,
    facilities,
    present,
    step_of,
    steps_of,
)
from spvmodel.finance.debt.takeout import breaks_hedges
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.reserves import earns_interest
from spvmodel.finance.sweep import declare_sweep
from spvmodel.finance.tax import pays_tax, taxed_after_service, taxed_before_service
from spvmodel.finance.terms import Terms
from spvmodel.finance.working_capital import WORKING_CAPITAL, has_working_capital
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, prev, sum_of


def obligations(terms: Terms) -> list[str]:
    """The steps that are paid before the lock-up test and stay due when they are not."""
    hedge = ["hedge"] if terms.deal.spec.hedge else []
    tax = ["tax"] if pays_tax(terms) else []
    works = ["capital_reserves"] if capital_reserves(terms) else []
    first = ["operating_costs", *tax, *works, "fees", *hedge]
    exit_fees = ["exit_fees"] if bears_exit_fee(terms) else []
    return [*first, "interest", "principal", "balloon", *exit_fees, *steps_of(terms, SUBORDINATED)]


def reserve_steps(terms: Terms) -> list[str]:
    """The steps that top up reserves after senior debt service."""
    return ["dsra", "working_capital"] if has_working_capital(terms) else ["dsra"]


def declare_waterfall(terms: Terms) -> None:
    """Every step with due, paid, shortfall and cash left."""
    g = terms.graph
    takeout = terms.deal.spec.takeout is not None
    with g.place("Waterfall", "Cash in"):
        proceeds: Expr = Ref("debt.takeout.net_proceeds") if takeout else Number(0)
        refinancing = g.series("waterfall.refinancing", proceeds, "Take-out proceeds, net", "money", total=True)
        held: Expr = refinancing
        if breaks_hedges(terms):
            # Hedges are paid before debt service: what is drawn to break them does not wait for the balloons.
            held = refinancing - Ref("debt.takeout.hedges.net_proceeds")
        receipts: Expr = Ref("revenue.total") + refinancing
        if terms.deal.spec.hedge:
            receipts = receipts + Ref("hedge.receivable")
        if g.has("funding.revenue_used"):
            # What paid uses before completion is gone.
            receipts = receipts - Ref("funding.revenue_used")
        if earns_interest(terms):
            receipts = receipts + Ref("reserves.interest_earned")
        if pays_tax(terms):
            receipts = receipts + Ref("tax.refund")
        if has_cure(terms):
            receipts = receipts + CURE
        receipts = g.series("waterfall.receipts", receipts, "Receipts", "money", total=True)
        dues = [Ref(f"waterfall.{step}.due") for step in obligations(terms)]
        g.series("waterfall.obligations", sum_of(*dues), "Obligations of the period", "money")
        cash = g.series(
            "waterfall.cash_in",
            receipts - held + Ref("reserves.trapped.support"),
            "Cash for the first step",
            "money",
            "receipts and trapped cash; take-out proceeds wait for the balloons",
        )
    if has_working_capital(terms):
        with g.place("Waterfall", "Operating costs"):
            topped = cash + Ref(f"{WORKING_CAPITAL}.draw")
            cash = g.series("waterfall.cash_for_costs", topped, "Cash with working-capital draw", "money")
    cash = _step(terms, "operating_costs", "Operating costs", _with_unpaid("operating_costs", Ref("opex.total")), cash)
    if taxed_before_service(terms):
        cash = _step(terms, "tax", "Taxes", _with_unpaid("tax", Ref("tax.due")), cash)
    if capital_reserves(terms):
        cash = _step(terms, "capital_reserves", "Capital reserves", Ref("reserves.capital.due"), cash)
    extended = [name for name, loan in terms.deal.spec.debt.items() if loan.extension]
    fees = sum_of(Ref("debt.fees_scheduled"), *[Ref(f"debt.{loan}.extension_fee") for loan in extended])
    name = "Commitment, agency and extension fees" if extended else "Commitment and agency fees"
    cash = _step(terms, "fees", name, _with_unpaid("fees", fees if extended else Ref("debt.fees_scheduled")), cash)
    with g.place("Waterfall", "Senior interest"):
        cash = g.series("waterfall.cash_for_service", cash + Ref("reserves.dsra.draw"), "Cash with DSRA draw", "money")
    if terms.deal.spec.hedge:
        cash = _step(terms, "hedge", "Payments to hedge banks", _with_unpaid("hedge", Ref("hedge.payable")), cash)
    cash = _pay(terms, SENIOR, "interest", "Senior interest", cash)
    cash = _pay(terms, SENIOR, "principal", "Senior principal", cash)
    with g.place("Waterfall", "Balloons"):
        cash = g.series("waterfall.cash_for_balloon", cash + held, "Cash with take-out proceeds", "money")
    cash = _pay(terms, SENIOR, "balloon", "Balloons", cash)
    if bears_exit_fee(terms):
        due = sum_of(*[Ref(f"debt.{loan}.exit_fee_due") for loan in bears_exit_fee(terms)])
        cash = _step(terms, "exit_fees", "Exit fees", _with_unpaid("exit_fees", due), cash)
    gap = maximum(0, Ref("reserves.dsra.target") - Ref("reserves.dsra.before_top_up"))
    cash = _step(terms, "dsra", "DSRA top-up", gap, cash)
    if prepaid_loans(terms):
        due = sum_of(*[Ref(f"debt.{loan}.prepayment_due") for loan in prepaid_loans(terms)])
        cash = _step(terms, "prepayment", "Voluntary prepayment", due, cash)
    cash, released = _declare_reserves(terms, cash)
    free = _declare_subordinated(terms, cash, released)
    upstream = _declare_upstream(terms, free)
    with g.place("Waterfall", "Distributions"):
        g.series(
            "waterfall.distributions",
            upstream,
            "Distributions",
            "money",
            "all cash, with what was trapped, when the lock-up test allows it",
            total=True,
        )
    with g.place("Waterfall", "Obligations"):
        paid = [Ref(f"waterfall.{step}.paid") for step in obligations(terms)]
        g.series("waterfall.obligations_paid", sum_of(*paid), "Obligations paid", "money", total=True)
        short = [Ref(f"waterfall.{step}.shortfall") for step in obligations(terms)]
        unpaid = g.series("waterfall.unpaid", sum_of(*short), "Obligations not paid in time", "money")
        _declare_overdue(terms, unpaid)


def _declare_overdue(terms: Terms, unpaid: Ref) -> None:
    """What stays due, where a loan before the lock-up test adds unpaid interest to its balance instead."""
    added = [Ref(f"{at}.interest_shortfall") for at in facilities(terms, *SUBORDINATED) if accretes(terms, at)]
    if added:
        overdue = unpaid - sum_of(*added)
        terms.graph.series("waterfall.overdue", overdue, "Obligations that stay due", "money")


def _declare_reserves(terms: Terms, cash: Ref) -> tuple[Ref, Expr]:
    """Working-capital top-up and taxes after debt service; returns cash left, and reserve releases not yet in it."""
    g, released = terms.graph, Ref("reserves.dsra.release")
    if has_working_capital(terms):
        gap = maximum(0, Ref(f"{WORKING_CAPITAL}.target") - Ref(f"{WORKING_CAPITAL}.before_top_up"))
        cash = _step(terms, "working_capital", "Working-capital top-up", gap, cash)
    free: Expr = released
    if has_working_capital(terms):
        free = released + Ref(f"{WORKING_CAPITAL}.release")
    if taxed_after_service(terms):
        with g.place("Waterfall", "Taxes"):
            cash = g.series("waterfall.cash_for_tax", cash + free, "Cash with reserve releases", "money")
        cash, free = _step(terms, "tax", "Taxes", _with_unpaid("tax", Ref("tax.due")), cash), Number(0, "money")
    return cash, free


def _declare_subordinated(terms: Terms, cash: Ref, release: Expr) -> Ref:
    """Second lien, mezzanine and sweep, as far as the deal has them; returns the cash that the lock-up test tests."""
    g = terms.graph
    ranks, sweeps = present(terms, SUBORDINATED), bool(swept(terms))
    if ranks or sweeps:
        with g.place("Waterfall", "After senior debt"):
            cash = g.series("waterfall.excess", cash + release, "Cash after senior debt, with releases", "money")
        for rank in ranks:
            cash = _pay_rank(terms, rank, cash)
        cash = declare_sweep(terms, cash) if sweeps else cash
    with g.place("Waterfall", "Distributions"):
        free, label = (cash, "Cash left") if ranks or sweeps else (cash + release, _free_label(terms))
        return g.series("waterfall.distributable", free, label, "money", total=True)


def _declare_upstream(terms: Terms, free: Ref) -> Expr:
    """Holdco and shareholder loans, paid from what the lock-up test lets go; returns the rest of it."""
    g, ranks = terms.graph, present(terms, UPSTREAM)
    released = Ref("covenants.distribution_allowed") * free + Ref("reserves.trapped.release")
    if not ranks:
        return released
    with g.place("Waterfall", "After the lock-up test"):
        cash = g.series(
            "waterfall.upstream", released, "Cash that may leave the SPV", "money", "with what was trapped", total=True
        )
    for rank in ranks:
        cash = _pay_rank(terms, rank, cash)
    with g.place("Waterfall", "After the lock-up test"):
        paid = sum_of(*[Ref(f"waterfall.{step}.paid") for step in steps_of(terms, UPSTREAM)])
        g.series("waterfall.upstream_service", paid, "Service of holdco and shareholder loans", "money", total=True)
    return cash


def _pay_rank(terms: Terms, rank: str, cash: Ref) -> Ref:
    """The three steps of a rank below the senior debt."""
    name = "Shareholder loan" if rank == SHAREHOLDER else rank.capitalize()
    for what, _ in STEPS:
        cash = _pay(terms, rank, what, f"{name} {what}", cash)
    return cash


def _pay(terms: Terms, rank: str, what: str, label: str, cash: Ref) -> Ref:
    """The step that pays a rank its interest, principal or balloon."""
    due = sum_of(*[Ref(f"{at}.{what}_due") for at in facilities(terms, rank)])
    return _step(terms, step_of(rank, what), label, due, cash)


def _free_label(terms: Terms) -> str:
    if taxed_after_service(terms):
        return "Cash after tax"
    return "Cash with reserve releases" if has_working_capital(terms) else "Cash with DSRA release"


def _with_unpaid(step: str, due: Expr) -> Expr:
    return due + prev(Ref(f"waterfall.{step}.shortfall"))


def _step(terms: Terms, name: str, label: str, due: Expr, cash: Ref) -> Ref:
    """Declare one step; returns the cash it leaves."""
    g, at = terms.graph, f"waterfall.{name}"
    with g.place("Waterfall", label):
        owed = g.series(f"{at}.due", due, f"{label}: due", "money")
        paid = g.series(f"{at}.paid", minimum(owed, maximum(0, cash)), f"{label}: paid", "money", total=True)
        g.series(f"{at}.shortfall", owed - paid, f"{label}: shortfall", "money")
        return g.series(f"{at}.cash_left", cash - paid, f"{label}: cash left", "money")
