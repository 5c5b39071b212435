"""What a facility is owed and paid after the waterfall: the schedule plus whatever was not paid in time.

Unpaid amounts stay due and bear the facility's own rate, with default interest where the deal states it. An unpaid
balloon stays a balloon: it ranks after scheduled principal, and the DSRA does not pay it. Interest is due on the
actual balance: what was prepaid saves interest, and unpaid interest that was added to the loan (``toggle.py``) bears
it.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import (
    SETTLES,
    as_missed,
    declare_balance,
    declare_flow,
    due_until_sale,
    enforces,
    in_hand,
)
from spvmodel.finance.debt.interest import DAYS_OF_A_YEAR, accrual_fraction
from spvmodel.finance.debt.prepaid import declare_prepaid, prepays
from spvmodel.finance.debt.ranks import SHAREHOLDER, STEPS, TAKEOUT, facilities, rank_of, step_of
from spvmodel.finance.debt.toggle import accretes, capitalises, declare_accreted, declare_added
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, END, FULL_DAYS, PERIODS_PER_YEAR, START
from spvmodel.lines import Expr, Number, Ref, default, equal, maximum, minimum, prev, ratio


def declare_owed(terms: Terms, at: str, label: str, draw: Ref) -> None:
    """Due, paid and owed lines of the facility ``at`` (``debt.loan_a``), shares of the waterfall's payments.

    The facility's schedule gives ``interest_scheduled``, ``amortisation``, ``balloon`` and ``rate``. Facilities of one
    rank share a shortfall in proportion to what is due to them, principal in the order of their sequence.
    """
    g, ahead, accreted = terms.graph, prepays(terms, at), accretes(terms, at)
    with g.place("Debt", f"{label}: owed and paid"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        _declare_due(terms, at, ahead=ahead, accreted=accreted)
        for step, what in STEPS:
            _declare_payment(terms, at, step, what)
        repaid: Expr = Ref(f"{at}.principal_paid") + Ref(f"{at}.balloon_paid")
        what = "Principal and balloon paid"
        if ahead:
            repaid, what = repaid + Ref(f"{at}.prepaid"), "Principal, balloon and prepayments paid"
        repaid = g.series(f"{at}.repaid", repaid, what, "money", total=True)
        owed = opening + in_hand(terms, draw)
        if capitalises(terms, at):
            owed = owed + declare_added(terms, at, ahead=ahead)
        owed = owed - repaid
        if enforces(terms):
            owed = owed + declare_settled(terms, at)
        g.series(f"{at}.closing", owed, "Closing balance", "money")
    if accreted:
        declare_accreted(terms, at, label, ahead=ahead)
    if ahead:
        declare_prepaid(terms, at, label)


def declare_settled(terms: Terms, at: str) -> Expr:
    """What the sale does to the balance of a facility (money): what its claim adds, less what is recovered and lost.

    The claim stands in place of the balance: it has what is due and unpaid, and interest until the sale. Loans of
    sponsors have no claim and are lost.
    """
    g, opening = terms.graph, Ref(f"{at}.opening")
    claimed, got, lost = (Ref(f"{at}.{what}") for what in ("claimed", "recovered", "lost"))
    if at.startswith("debt.") and rank_of(terms, at) == SHAREHOLDER:
        return -g.series(lost.name, SETTLES * opening, "Lost at the sale", "money", total=True)
    name = claim_name(at)
    note = "what is due and unpaid, and interest until the sale"
    g.series(claimed.name, got + lost - SETTLES * opening, "Claim beyond the balance", "money", note, total=True)
    g.series(got.name, SETTLES * as_missed(f"{name}.recovered"), "Recovered at the sale", "money", total=True)
    g.series(lost.name, SETTLES * as_missed(f"{name}.loss"), "Lost at the sale", "money", total=True)
    return claimed - got - lost


def settled_balance(terms: Terms, at: str, moved: Expr) -> tuple[Expr, str]:
    """A movement of the balance of a facility without what the sale settles of it, and the words for that."""
    words = ""
    if enforces(terms):
        for what in ("claimed", "recovered", "lost"):
            if terms.graph.has(f"{at}.{what}"):
                part = Ref(f"{at}.{what}")
                moved, sign = (moved - part, "+") if what == "claimed" else (moved + part, "-")
                words = f"{words} {sign} {what}"
    return moved, words


def claim_name(at: str) -> str:
    """The prefix under which ``recovery.py`` has the claim of a facility."""
    if at == "reserves.dsra.lc_loan":
        return "recovery.facility.dsra_lc"
    return at.replace("debt.", "recovery.") if at.startswith("debt.") else f"recovery.{at}"


def _declare_due(terms: Terms, at: str, *, ahead: bool, accreted: bool) -> None:
    """The schedule with what is overdue, less what prepayments replaced, plus interest that was added."""
    g = terms.graph
    # Interest that is added to the loan is never overdue.
    overdue = {
        step: declare_balance(terms, f"{at}.{step}_overdue", prev(Ref(f"{at}.{step}_shortfall")), f"{what} overdue")
        for step, what in STEPS
        if step != "interest" or not accreted
    }
    late: Expr = overdue["principal"] + overdue["balloon"]
    interest: Expr = Ref(f"{at}.interest_scheduled")
    principal: Expr = Ref(f"{at}.amortisation") + overdue["principal"]
    balloon: Expr = Ref(f"{at}.balloon") + overdue["balloon"]
    if not accreted:
        late = overdue["interest"] + overdue["principal"] + overdue["balloon"]
        interest = interest + overdue["interest"]
    late = late * _overdue_rate(terms, at) * _whole_period(terms, at)
    if at.removeprefix("debt.") in terms.deal.spec.debt:
        late = late + prev(_declare_since_maturity(terms, at))
    note = "at the rate and the default interest" if terms.has(_default_margin(at)) else ""
    late = declare_flow(terms, f"{at}.interest_on_overdue", late, "Interest on overdue amounts", note)
    interest = interest + late
    if accreted:
        interest = interest + Ref(f"{at}.interest_on_accreted") - _added(terms, at, "pik_on_accreted")
        balloon = balloon + Ref(f"{at}.accreted_due")
    if ahead:
        interest = interest - Ref(f"{at}.interest_saved") + _added(terms, at, "pik_saved")
        principal = principal - Ref(f"{at}.principal_replaced")
        balloon = balloon - Ref(f"{at}.balloon_replaced")
    for (step, what), due in zip(STEPS, (interest, principal, balloon), strict=True):
        due = due_until_sale(terms, due, overdue.get(step, Number(0, "money")))
        g.series(f"{at}.{step}_due", due, f"{what} due", "money")


def _overdue_rate(terms: Terms, at: str) -> Expr:
    """What overdue amounts bear (1/yr): the rate of the facility, and default interest where it has a margin for it."""
    rate = Ref(f"{at}.rate")
    margin = _default_margin(at)
    return rate + terms[margin] if terms.has(margin) else rate


def _default_margin(at: str) -> str:
    """The input of a facility's default interest, which a deal need not state."""
    return "takeout.default_margin" if at == TAKEOUT else f"{at}.default_margin"


def _whole_period(terms: Terms, at: str) -> Expr:
    """The fraction of a year (yr) of the whole period, as the facility counts days."""
    loan = at.removeprefix("debt.")
    if loan not in terms.deal.spec.debt:
        return DAYS / FULL_DAYS / PERIODS_PER_YEAR
    fraction = accrual_fraction(terms, loan, START, END)
    if terms.deal.spec.debt[loan].day_count in DAYS_OF_A_YEAR:
        return fraction
    name = f"{at}.whole_period_fraction"
    return (
        Ref(name)
        if terms.graph.has(name)
        else terms.graph.series(name, fraction, "Year fraction of the whole period", "yr")
    )


def _declare_since_maturity(terms: Terms, at: str) -> Ref:
    """What a balloon that is not paid at maturity bears up to the end of that period; due in the next one (money)."""
    g, final = terms.graph, Ref(f"{at}.final_day")
    days = Ref(f"{at}.matures") * maximum(Number(0, "days"), END - final)
    missed = Ref(f"{at}.balloon_shortfall") * _overdue_rate(terms, at) * _whole_period(terms, at)
    label = "Interest from maturity to the period end"
    note = "on the balloon not paid; due in the next period"
    return g.series(f"{at}.interest_since_maturity", missed * days / maximum(DAYS, DAY), label, "money", note)


def _added(terms: Terms, at: str, what: str) -> Expr:
    """The part of an amount of interest that is not due in cash because the loan's PIK share is added to it."""
    if not terms.deal.spec.debt[at.removeprefix("debt.")].pik:
        return Number(0)
    return Ref(f"{at}.{what}")


def _declare_payment(terms: Terms, at: str, step: str, what: str) -> None:
    """What a waterfall step pays this facility: what is due less its part of the step's shortfall."""
    g, due, name = terms.graph, Ref(f"{at}.{step}_due"), step_of(rank_of(terms, at), step)
    short = Ref(f"waterfall.{name}.shortfall")
    if step != "interest" and _sequenced(terms, at):
        part = _in_sequence(terms, at, step, what, short)
    else:
        part = short * default(ratio(due, Ref(f"waterfall.{name}.due")), 0)
    short = g.series(f"{at}.{step}_shortfall", part, f"{what} unpaid", "money")
    g.series(f"{at}.{step}_paid", due - short, f"{what} paid", "money", total=True)


def _sequenced(terms: Terms, at: str) -> bool:
    """Whether a loan of the facility's rank has a place in a sequence."""
    return any(terms.has(f"{other}.sequence") for other in facilities(terms, rank_of(terms, at)))


def _in_sequence(terms: Terms, at: str, step: str, what: str, short: Ref) -> Expr:
    """The facility's part of a shortfall that falls on the latest in the sequence first; those alike share it."""
    g, here = terms.graph, _sequence(terms, at)
    of_rank = facilities(terms, rank_of(terms, at))
    dues = [(Ref(f"{other}.{step}_due"), _sequence(terms, other)) for other in of_rank]
    alike: Expr = Number(0)
    after: Expr = Number(0)
    for due, place in dues:
        alike, after = alike + due * equal(place, here), after + due * (place > here)
    alike = g.series(f"{at}.{step}_due_alike", alike, f"{what} due to loans of this sequence", "money")
    after = g.series(f"{at}.{step}_due_after", after, f"{what} due to loans of a later sequence", "money")
    missing = minimum(alike, maximum(0, short - after))
    missing = g.series(f"{at}.{step}_missing", missing, f"{what} not paid to loans of this sequence", "money")
    return missing * default(ratio(Ref(f"{at}.{step}_due"), alike), 0)


def _sequence(terms: Terms, at: str) -> Expr:
    """A loan's place in the sequence of its rank; left out, and for a take-out, the first."""
    return terms[f"{at}.sequence"] if terms.has(f"{at}.sequence") else Number(1)
