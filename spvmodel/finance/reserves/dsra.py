"""Accounts: the debt service reserve (DSRA), the account that holds trapped cash, and all accounts together.

Reserves for works are in ``capital_reserves.py``, the one for operating costs in ``working_capital.py``, those that a
deal file states freely in ``accounts.py``.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.deal.steps import SERVICE
from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow, enforces, settled
from spvmodel.finance.covenants.cure import cured_loans, senior_dues
from spvmodel.finance.covenants.triggers import months_held, raises_reserve
from spvmodel.finance.debt.prepaid import sweeps_trapped
from spvmodel.finance.debt.ranks import SENIOR, TAKEOUT, facilities
from spvmodel.finance.funding import PASSES
from spvmodel.finance.reserves.capital import capital_reserves, declare_capital_reserves
from spvmodel.finance.reserves.general import declare_accounts, reserve_accounts
from spvmodel.finance.reserves.window import Window, declare_sum, declare_window
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, declare_working_capital, has_working_capital
from spvmodel.finance.sources import prefunded
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.finance.waterfall.steps import precedes, supported
from spvmodel.finance.waterfall.sweep import declare_trapped_sweep
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    highest,
    lift,
    maximum,
    minimum,
    prev,
    sum_of,
    total,
)

DSRA = "reserves.dsra"
TRAPPED = "reserves.trapped"
INTEREST_FED_BACK: Final = Ref("reserves.interest_fed_back")


def declare_reserves(terms: Terms) -> None:
    """Targets and corkscrews of every account, their sum, and the interest that they earn."""
    _declare_target(terms)
    _declare_dsra(terms)
    declare_capital_reserves(terms)
    declare_working_capital(terms)
    declare_accounts(terms)
    _declare_trapped(terms)
    _declare_all(terms)


def accounts(terms: Terms) -> list[str]:
    """The line prefix of every account that holds cash."""
    working_capital = [WORKING_CAPITAL] if has_working_capital(terms) else []
    reserves = [DSRA, *capital_reserves(terms), *working_capital, *reserve_accounts(terms)]
    return [*reserves, *proceeds_accounts(terms), TRAPPED]


def proceeds_accounts(terms: Terms) -> list[str]:
    """The line prefix of every account of loan proceeds that wait to be spent."""
    kept = "held" if enforces(terms) else "proceeds"
    return [f"funding.{group}.{kept}" for group in terms.deal.spec.funding if prefunded(terms, group)]


def earns_interest(terms: Terms) -> bool:
    """Whether the deal states a rate of interest on accounts."""
    return terms.deal.spec.reserves.interest is not None


def counts_interest(terms: Terms) -> bool:
    """Whether interest on accounts counts in CFADS."""
    return terms.deal.spec.reserves.interest_in_cfads == "yes"


def has_letter_of_credit(terms: Terms) -> bool:
    """Whether a letter of credit stands in place of cash in the DSRA."""
    return terms.deal.spec.reserves.dsra.lc_fee is not None


def _declare_target(terms: Terms) -> None:
    """Debt service of the months ahead or behind of every facility, or a fixed amount; a letter of credit instead."""
    g, dsra = terms.graph, terms.deal.spec.reserves.dsra
    if dsra.amount is not None or dsra.look == "behind":
        _declare_last_service(terms)
    window = None if dsra.amount is not None else _declare_window(terms)
    targets = [_declare_loan_target(terms, loan, window) for loan in terms.deal.spec.debt]
    if terms.deal.spec.takeout and window is not None:
        with g.place("Reserves", "DSRA target: take-out"):
            targets.append(_within(terms, TAKEOUT, window))
    with g.place("Reserves", "DSRA target"):
        target = sum_of(*targets)
        if has_letter_of_credit(terms):
            target = _declare_letter_of_credit(terms, target)
        g.series(f"{DSRA}.target", target, "DSRA target", "money")


def _declare_window(terms: Terms) -> Window:
    """The window whose debt service the reserve holds."""
    dsra = terms.deal.spec.reserves.dsra
    by_months, behind = dsra.proration == "months", dsra.look == "behind"
    with terms.graph.place("Reserves", "DSRA window"):
        months, moving = months_held(terms), raises_reserve(terms)
        return declare_window(terms, DSRA, months, by_months=by_months, behind=behind, moving=moving)


def _declare_last_service(terms: Terms) -> None:
    """The period end of the last scheduled senior service, after which no reserve is held."""
    g = terms.graph
    with g.place("Reserves", "DSRA window"):
        service = sum_of(*[Ref(f"{at}.service") for at in facilities(terms, SENIOR)])
        serves = g.series(f"{DSRA}.serves", service > 0, "Senior service falls due", "flag")
        last = default(highest(END, serves), terms["time.close"])
        g.scalar(f"{DSRA}.last_service", last, "Last senior service", "date")


def _declare_loan_target(terms: Terms, loan: str, window: Window | None) -> Ref:
    """A loan's part of the target once complete (closed, where the reserve is filled then), and its first filling."""
    g, at = terms.graph, f"debt.{loan}"
    with g.place("Reserves", f"DSRA target: {terms.deal.spec.debt[loan].label}"):
        if window is None:
            target = _fixed(terms, at)
        elif terms.deal.spec.debt[loan].rank == SENIOR:
            target = _within(terms, at, window)
        else:
            target = _no_reserve(terms, at, "the reserve is held for senior debt")
        held = g.series(f"{at}.complete", END >= Ref(f"{at}.completion_eve"), "Complete", "flag")
        event, once = "Completion", "complete"
        if filled_at_close(terms):
            held = g.series(f"{at}.closed", END >= terms[f"{at}.close"], "Closed", "flag")
            event, once = "Close", "closed"
        fills = g.series(f"{at}.dsra_fills", held * (1 - prev(held)), f"{event} falls here", "flag")
        # No cure comes before the first filling, which would else depend on all that cures depend on.
        first = Ref(f"{at}.dsra_scheduled") if g.has(f"{at}.dsra_scheduled") else target
        needed = total(first, fills) if _filled_from_sources(terms) else lift(0)
        g.scalar(f"{at}.dsra_needed", needed, f"Target at {event.lower()}", "money")
        # The filling is itself drawn and so raises the service ahead: the second feedback of the ring.
        filling = g.feedback(f"{at}.dsra_filling", 0, f"{at}.dsra_needed", "First filling fed back", "money", PASSES)
        g.series(f"{at}.dsra_funding", fills * filling, "First filling, from sources", "money", total=True)
        return g.series(f"{at}.dsra_held", held * target, f"Target once {once}", "money")


def filled_at_close(terms: Terms) -> bool:
    """Whether the first filling of the DSRA is due when a loan closes."""
    return terms.deal.spec.reserves.dsra.funded == "at close"


def _filled_from_sources(terms: Terms) -> bool:
    return terms.deal.spec.reserves.dsra.funded != "from cash flow" and not has_letter_of_credit(terms)


def _declare_letter_of_credit(terms: Terms, amount: Expr) -> Expr:
    """The letter of credit and its fee, a senior fee; returns the cash that the account must still hold.

    The fee accrues ACT/360 on the amount stated at the start of the period, and on what is issued in it from then on
    (definitions, section 3, DSRA by LC). Where the deal says at which rate, a draw becomes a loan (``facility.py``);
    otherwise the letter of credit is not drawn, and service that cash does not cover stays unpaid.
    """
    g = terms.graph
    amount = g.series(f"{DSRA}.lc", amount, "Letter of credit", "money", "the whole of the target; no cash is held")
    issued, since = [], []
    for loan, spec in terms.deal.spec.debt.items():
        if spec.rank == SENIOR:
            at = f"debt.{loan}"
            eve = terms[f"{at}.close"] if filled_at_close(terms) else Ref(f"{at}.completion_eve")
            part = Ref(f"{at}.dsra_fills") * Ref(f"{at}.dsra_target")
            part = g.series(f"{at}.lc_issued", part, f"{spec.label}: issued for it", "money", total=True)
            issued.append(part)
            since.append(part * maximum(0, END - maximum(START, eve)))
    g.series(f"{DSRA}.lc_issued", sum_of(*issued), "Issued in the period", "money", total=True)
    accrued = reduce(add, since, prev(amount) * DAYS)
    fee = terms[f"{DSRA}.lc_fee"] * accrued / DAYS_360
    g.series(f"{DSRA}.lc_fee_due", fee, "Fee of the letter of credit", "money", "ranks with the other fees", total=True)
    return lift(0)


def _counts_fees(terms: Terms, at: str) -> bool:
    """Whether fees of this facility count in the service that the reserve holds; the take-out has none by period."""
    return terms.deal.spec.reserves.dsra.fees == "yes" and at != TAKEOUT


def _within(terms: Terms, at: str, window: Window) -> Ref:
    service = Ref(f"{at}.service")
    if _counts_fees(terms, at):
        # Definitions, section 1: debt service with the fees that rank with it, by a switch.
        note = "interest and amortisation net of hedges, commitment and agency fees"
        held = service + Ref(f"{at}.fees_scheduled")
        service = terms.graph.series(f"{at}.service_with_fees", held, "Scheduled debt service with fees", "money", note)
    amount = declare_sum(terms, window, service, f"{at}.service", "Service")
    if window.behind:
        amount = amount * (END < Ref(f"{DSRA}.last_service"))
    if at.removeprefix("debt.") in cured_loans(terms) and not has_letter_of_credit(terms):
        amount = _less_cures(terms, at, window, amount)
    return terms.graph.series(
        f"{at}.dsra_target",
        maximum(0, amount),
        "Service in the window",
        "money",
        "not below 0: hedges may pay more than the loan costs",
    )


def _less_cures(terms: Terms, at: str, window: Window, amount: Expr) -> Expr:
    """The service in the window without the share of the loan's interest and principal that cures have removed.

    A letter of credit does not follow: its fee is debt service, which sizing looks ahead at. A reserve that is filled
    before debt service does not know of the cure of its date, which waits for that service.
    """
    g = terms.graph
    g.series(f"{at}.dsra_scheduled", maximum(0, amount), "Service in the window, before cures", "money")
    served = declare_sum(terms, window, Ref(f"{at}.cure_service"), f"{at}.cure_service", "Interest and principal")
    if window.behind:
        served = served * (END < Ref(f"{DSRA}.last_service"))
    early = any(precedes(terms, "dsra", step) for step in senior_dues(terms))
    left = Ref(f"{at}.cure_left_before" if early else f"{at}.cure_left")
    return amount - (1 - left) * served


def _fixed(terms: Terms, at: str) -> Ref:
    """A fixed amount is held from the first senior loan of the deal file on, until the last senior service."""
    if at != facilities(terms, SENIOR)[0]:
        return _no_reserve(terms, at, "the first senior loan holds the whole of a fixed amount")
    amount = terms[f"{DSRA}.amount"] * (END < Ref(f"{DSRA}.last_service"))
    note = "a fixed amount, until the last senior service"
    return terms.graph.series(f"{at}.dsra_target", amount, "Amount held", "money", note)


def _no_reserve(terms: Terms, at: str, why: str) -> Ref:
    return terms.graph.series(f"{at}.dsra_target", Number(0), "Service in the window", "money", why)


def _declare_dsra(terms: Terms) -> None:
    g, at = terms.graph, DSRA
    loans = list(terms.deal.spec.debt)
    with g.place("Reserves", "Debt service reserve account"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        event = "close" if filled_at_close(terms) else "completion"
        filled = sum_of(*[Ref(f"debt.{loan}.dsra_funding") for loan in loans])
        funding = declare_flow(terms, f"{at}.funding", filled, f"Filled from sources at {event}")
        draws = [Ref(f"waterfall.{step}.from_dsra") for step in supported(terms, "dsra")]
        drawn: Expr = sum_of(*draws) if draws else lift(0)
        service = set(supported(terms, "dsra")) <= set(SERVICE)
        label = "Drawn for debt service" if service else "Drawn to meet obligations"
        draw = g.series(f"{at}.draw", drawn, label, "money", total=True)
        before = g.series(f"{at}.before_top_up", opening + funding - draw, "Balance before top-up", "money")
        top_up = g.series(f"{at}.top_up", Ref("waterfall.dsra.paid"), "Topped up from cash flow", "money", total=True)
        release = maximum(0, before - Ref(f"{at}.target"))
        release = declare_flow(terms, f"{at}.release", release, "Released above target")
        declare_balance(terms, f"{at}.closing", before + top_up - release, "Closing balance")


def _declare_trapped(terms: Terms) -> None:
    g, at = terms.graph, TRAPPED
    allowed = Ref("covenants.distribution_allowed")
    with g.place("Reserves", "Trapped cash account"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        need = Ref("waterfall.obligations") - Ref("waterfall.receipts")
        support = minimum(opening, maximum(0, need))
        support = declare_flow(terms, f"{at}.support", support, "Drawn to meet obligations")
        kept = (1 - allowed) * Ref("waterfall.distributable")
        trapped = g.series(f"{at}.trapped", kept, "Trapped in lock-up", "money", total=True)
        held = opening - support
        if sweeps_trapped(terms):
            held = held - declare_trapped_sweep(terms, held)
        release = g.series(f"{at}.release", allowed * held, "Released", "money", total=True)
        declare_balance(terms, f"{at}.closing", held + trapped - release, "Closing balance")


def _declare_all(terms: Terms) -> None:
    """Cash in all accounts, its movement, and the interest on it.

    Interest is earned on opening balances: a full period earns rate / periods a year, a first, short one by its days
    (definitions, section 1: interest on accounts is cash, and in CFADS by a switch).
    """
    g = terms.graph
    with g.place("Reserves", "All accounts"):
        every = sum_of(*[Ref(f"{at}.closing") for at in accounts(terms)])
        cash = g.series("reserves.closing", every, "Closing balance", "money")
        if enforces(terms):
            note = "to the lenders, who share it with the proceeds of the sale"
            handed = settled(terms, prev(cash))
            g.series("reserves.handed_over", handed, "Handed over at the sale", "money", note, total=True)
        g.series("reserves.movement", cash - prev(cash), "Movement", "money", total=True)
        if earns_interest(terms):
            rate = terms["reserves.interest"] / PERIODS_PER_YEAR * DAYS / FULL_DAYS
            declare_flow(terms, "reserves.interest_earned", rate * prev(cash), "Interest earned")
        if counts_interest(terms):
            counted = rate * (prev(cash) - prev(Ref(f"{TRAPPED}.closing")))
            note = "without that on trapped cash"
            counted = g.series("reserves.interest_counted", counted, "Interest in CFADS", "money", note, total=True)
            # Reserves follow the debt service that CFADS with their interest carries: the loop that this cuts.
            label = "Interest in CFADS fed back"
            g.feedback(INTEREST_FED_BACK.name, 0, counted.name, label, "money", PASSES, series=True)
