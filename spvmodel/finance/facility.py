"""Facilities that cover shortfalls: revolvers, and letters of credit, which become a loan when they are drawn
(definitions, section 3, DSRA by LC).

A facility covers the steps of the waterfall that name it, up to its limit less what is outstanding at the start of the
period. What is drawn, at the period end, is owed with interest: all of it is due in every later period, in a step of
its own, and what is not paid then stays outstanding. That is no payment default, but nothing is distributed. Neither
draws nor their interest are scheduled debt service: they are in no cover ratio and no DSRA target, and no tax is
deducted for them. The fee stands in debt service as if nothing were drawn; the waterfall pays it on what is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from spvmodel.deal.steps import DSRA_LC, Step, accounts, reimburses
from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow, enforces
from spvmodel.finance.debt.interest import base_rate
from spvmodel.finance.debt.owed import declare_settled, settled_balance
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, END, START
from spvmodel.finance.waterfall.steps import steps
from spvmodel.lines import Expr, Number, Ref, default, highest, maximum, minimum, prev, ratio, sum_of, total


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility that can be drawn.

    Attributes:
        key: as lines of the waterfall name it, ``waterfall.<step>.from_<key>``.
        at: prefix of its own lines.
        label: as readers see it.
    """

    key: str
    at: str
    label: str


def drawable(terms: Terms) -> list[Facility]:
    """Every facility: the letter of credit of the DSRA where it can be drawn, then those of the deal file in order."""
    letter = (
        [Facility(DSRA_LC, "reserves.dsra.lc_loan", "DSRA letter of credit")] if reimburses(terms.deal.spec) else []
    )
    return letter + [Facility(key, f"facility.{key}", spec.label) for key, spec in terms.deal.spec.facility.items()]


def sources_of(terms: Terms, step: Step) -> list[str]:
    """What covers a step, in order, as lines name it; the DSRA is its cash, then its letter of credit."""
    found: list[str] = []
    held = accounts(terms.deal.spec)
    for word in step.support:
        found.append(held.get(word, word))
        if word == "dsra" and reimburses(terms.deal.spec):
            found.append(DSRA_LC)
    return found


def outstanding(terms: Terms) -> Expr | None:
    """What is owed on all facilities at the period end (series, money); None where the deal has none."""
    every = drawable(terms)
    return sum_of(*[Ref(f"{facility.at}.closing") for facility in every]) if every else None


def fees_saved(terms: Terms) -> list[Ref]:
    """Fees that are scheduled and not due, because part of a facility is drawn (series, money)."""
    return [Ref(f"{facility.at}.fee_saved") for facility in drawable(terms)]


def declare_facilities(terms: Terms) -> None:
    """Availability, fee and corkscrew (money, by period) of every facility."""
    for facility in drawable(terms):
        with terms.graph.place("Debt", facility.label):
            _declare_facility(terms, facility)


def _declare_facility(terms: Terms, facility: Facility) -> None:
    g, at = terms.graph, facility.at
    opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
    if facility.key == DSRA_LC:
        limit = g.series(f"{at}.stated", prev(Ref("reserves.dsra.lc")), "Amount stated at the start", "money")
        most: Expr = limit + Ref("reserves.dsra.lc_issued")
        owed = "reserves.dsra.lc_"
        saved = terms["reserves.dsra.lc_fee"] * minimum(limit, opening) * DAYS / DAYS_360
        fixed = "reserves.dsra.lc_rate"
    else:
        limit, first = terms[f"{at}.limit"], terms[f"{at}.close" if terms.has(f"{at}.close") else "time.close"]
        last = terms[f"{at}.until"]
        most = limit * (END >= first) * (END <= last)
        owed, fixed = f"{at}.", f"{at}.fixed_rate"
        days = maximum(0, minimum(END, last) - maximum(START, first))
        days = g.series(f"{at}.days_open", days, "Days in which it is available", "days")
        accrual = terms[f"{at}.undrawn_fee"] * days / DAYS_360
        note = "as if nothing were drawn: part of scheduled debt service"
        g.series(f"{at}.fee_scheduled", accrual * limit, "Fee, scheduled", "money", note, total=True)
        saved = accrual * minimum(limit, opening)
    g.series(f"{at}.fee_saved", saved, "Fee not due on what is drawn", "money", total=True)
    note = "at most what is stated at the start and issued since, less what is outstanding at the start"
    note = note if facility.key == DSRA_LC else "at most the limit less what is outstanding at the start"
    g.series(f"{at}.available", maximum(0, most - opening), "Available", "money", note)
    rate = terms[fixed] if terms.has(fixed) else base_rate(terms) + terms[f"{owed}margin"]
    rate = g.series(f"{at}.rate", rate, "Rate", "1/yr")
    interest = opening * rate * DAYS / DAYS_360
    note = "on the opening balance, ACT/360; no part of scheduled debt service"
    interest = declare_flow(terms, f"{at}.interest", interest, "Interest", note)
    note = "all that is owed, with interest"
    due = declare_balance(terms, f"{at}.due", opening + interest, "Reimbursement due", note)
    draws = [Ref(f"waterfall.{step.name}.from_{facility.key}") for step in _covered(terms, facility)]
    drawn = g.series(f"{at}.drawn", sum_of(*draws) if draws else Number(0), "Drawn", "money", total=True)
    step = "waterfall.reimbursements"
    paid = due - Ref(f"{step}.shortfall") * default(ratio(due, Ref(f"{step}.due")), 0)
    paid = g.series(f"{at}.reimbursed", paid, "Reimbursed, with interest", "money", total=True)
    balance: Expr = opening + interest + drawn - paid
    if enforces(terms):
        balance = balance + declare_settled(terms, at)
    g.series(f"{at}.closing", balance, "Closing balance", "money")


def _covered(terms: Terms, facility: Facility) -> list[Step]:
    return [step for step in steps(terms) if facility.key in sources_of(terms, step)]


def declare_facility_checks(terms: Terms) -> None:
    """Limits, balances, who gets what the waterfall pays; and that a facility is drawn."""
    g, tolerance, every = terms.graph, terms["checks.tolerance"], drawable(terms)
    if not every:
        return
    gaps = []
    for facility in every:
        at, key, label = facility.at, f"checks.facility_{facility.key}", facility.label
        moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing"))
        moved = moved - Ref(f"{at}.drawn") - Ref(f"{at}.interest") + Ref(f"{at}.reimbursed")
        net, settled = settled_balance(terms, at, moved)
        low = maximum(0, -Ref(f"{at}.closing"), Ref(f"{at}.drawn") - Ref(f"{at}.available"), net, -net)
        with g.place("Checks", "By period"):
            words = f"{label}: drawn within its limit, opening + drawn + interest - reimbursed{settled} = closing >= 0"
            low = g.series(f"{key}_balance_by_period", low, words, "money")
        g.check(f"{key}_balance", highest(low), words, "money", tolerance)
        gaps.append(Ref(f"{at}.reimbursed"))
    gap = sum_of(*gaps) - Ref("waterfall.reimbursements.paid")
    with g.place("Checks", "By period"):
        words = "Reimbursements: what the facilities receive is what the waterfall pays"
        gap = g.series("checks.reimbursements_shared_by_period", maximum(gap, -gap), words, "money")
    g.check("checks.reimbursements_shared", highest(gap), words, "money", tolerance)
    for facility in every:
        drawn = total(Ref(f"{facility.at}.drawn")) > tolerance
        g.alert(f"alerts.facility_{facility.key}_drawn", drawn, f"{facility.label} is drawn")
