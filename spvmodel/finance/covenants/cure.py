"""The equity cure: money of the sponsors that mends a failed default test of the DSCR (definitions, section 3).

It is a right, not a duty: the model supposes that sponsors use it whenever a test fails and the documents allow it. A
cure is the whole amount that is missing, and is paid on the test date.

- ``cash`` counts as CFADS in each test of the twelve months from then on. It joins the receipts of its period, so it
  pays what is due; what is left stays in the SPV while distributions are blocked.
- ``prepayment`` goes to the lenders at once and repays principal, as little as brings the test back. The test takes the
  debt service of its twelve months as if the prepayment had been made before them: a loan of which a cure repays a
  share counts with that much less of its scheduled service, in this test and in every later one. So does it owe less:
  what is prepaid falls on all later instalments alike (``debt/cured.py``). Its amount follows by algebra, and nothing
  that it changes is part of the test of its own date. Lenders take it only once the senior service of its date is paid.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.debt.ranks import SENIOR, ranked, steps_of
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, START, YEAR_AGO
from spvmodel.finance.waterfall.steps import precedes
from spvmodel.lines import Expr, Ref, default, maximum, minimum, prev, ratio, sum_behind, sum_of

AT: Final = "covenants.cure"
PAID: Final = Ref(f"{AT}.paid")
"""What the sponsors put in, by period (money)."""

COVERED: Final = Ref(f"{AT}.dscr")
"""DSCR of the last twelve months with the cures of that time."""

AGREED: Final = Ref("debt.service_before_cures")
"""Scheduled senior service before cures (series, money); a line only where cures prepay loans."""

_CASH: Final = Ref("ratios.cfads_behind")
_DUE: Final = Ref("ratios.service_behind")
_COMPLETE: Final = Ref("ratios.year_complete")


def has_cure(terms: Terms) -> bool:
    """Whether the documents give the sponsors a right to cure."""
    return terms.deal.spec.covenants.cure is not None


def pays_in_cash(terms: Terms) -> bool:
    """Whether a cure is cash of the SPV, and not paid to its lenders."""
    cure = terms.deal.spec.covenants.cure
    return cure is not None and cure.by == "cash"


def cured_loans(terms: Terms) -> list[str]:
    """The loans that a cure prepays, in its order."""
    cure = terms.deal.spec.covenants.cure
    if cure is None or cure.by == "cash":
        return []
    return cure.order or ranked(terms, SENIOR)


def declare_cure(terms: Terms, level: Ref, tested: Expr | int) -> tuple[Expr, Expr]:
    """What a test misses, whether it may be cured, what is paid, and the ratio with it (series).

    Returns the cash and the debt service of twelve months that this ratio counts (money).

    ``level`` is the default DSCR, ``tested`` is 1 in periods whose test is made.
    """
    with terms.graph.place("Covenants", "Equity cure"):
        declared = _declare_cash if pays_in_cash(terms) else _declare_prepayment
        cash, due = declared(terms, level, tested)
        tested_due = due * (due > terms["checks.tolerance"]) * _COMPLETE
        terms.graph.series(COVERED.name, ratio(cash, tested_due), "DSCR, last 12 months, with cures", "x")
    return cash, due


def _declare_cash(terms: Terms, level: Ref, tested: Expr | int) -> tuple[Expr, Expr]:
    g = terms.graph
    last = g.series(f"{AT}.last", prev(PAID), "Paid at the test before", "money")
    counted = sum_behind(last, START, YEAR_AGO)
    counted = g.series(f"{AT}.counted", counted, "Earlier cures that still count", "money", "of twelve months")
    missing = maximum(0, level * _DUE - _CASH - counted) * _COMPLETE * tested
    missing = g.series(f"{AT}.missing", missing, "CFADS missing at the test", "money")
    _declare_paid(terms, missing, missing > terms["checks.tolerance"])
    return _CASH + counted + PAID, _DUE


def _declare_prepayment(terms: Terms, level: Ref, tested: Expr | int) -> tuple[Expr, Expr]:
    """What has to be prepaid of each loan, in order, so that its service of twelve months falls by what is too much."""
    g, tolerance, loans = terms.graph, terms["checks.tolerance"], cured_loans(terms)
    service = {loan: _declare_service(terms, loan) for loan in loans}
    due: Expr = sum_behind(AGREED, END, YEAR_AGO)
    for loan in loans:
        due = due - (1 - Ref(f"debt.{loan}.cure_left_before")) * Ref(f"debt.{loan}.cure_service_behind")
    label, note = "Service, last 12 months, after earlier cures", "as if they had been made before the twelve months"
    due = g.series(f"{AT}.due", due, label, "money", note)
    missing = maximum(0, level * due - _CASH) * _COMPLETE * tested
    missing = g.series(f"{AT}.missing", missing, "CFADS missing at the test", "money")
    too_much = default(ratio(missing, level), 0)
    rest: Expr = g.series(f"{AT}.excess", too_much, "Service that CFADS does not cover", "money", "missing / level")
    for loan in loans:
        at, label = f"debt.{loan}", terms.deal.spec.debt[loan].label
        owed = Ref(f"{at}.prepayable_before_cure")
        cut = minimum(rest, service[loan] * (owed > tolerance))
        cut = g.series(f"{at}.cure_cut", cut, f"{label}: service to be removed", "money")
        share = default(ratio(cut, service[loan]), 0)
        share = g.series(f"{at}.cure_share", share, f"{label}: share to be prepaid", "share")
        g.series(f"{at}.cure_amount", share * owed, f"{label}: to be prepaid", "money")
        rest = rest - cut
    rest = g.series(f"{AT}.incurable", rest, "Service that no prepayment removes", "money")
    needed = sum_of(*[Ref(f"debt.{loan}.cure_amount") for loan in loans])
    needed = g.series(f"{AT}.needed", needed, "Prepayment that the test needs", "money")
    current = g.series(f"{AT}.current", _unpaid(terms) <= tolerance, "Senior service is paid", "flag", "and hedges")
    _declare_paid(terms, needed, (missing > tolerance) * (rest <= tolerance) * current)
    left: Expr = due
    for loan in loans:
        at, label = f"debt.{loan}", terms.deal.spec.debt[loan].label
        cures = Ref(f"{AT}.cures")
        paid = cures * Ref(f"{at}.cure_amount")
        g.series(f"{at}.cured", paid, f"{label}: prepaid by a cure", "money", total=True)
        kept = Ref(f"{at}.cure_left_before") * (1 - cures * Ref(f"{at}.cure_share"))
        g.series(f"{at}.cure_left", kept, f"{label}: share that cures have left", "share", opening=1)
        left = left - cures * Ref(f"{at}.cure_cut")
    return _CASH, g.series(f"{AT}.due_after", left, "Service, last 12 months, after cures", "money")


def _declare_service(terms: Terms, loan: str) -> Ref:
    """Scheduled service of a loan of the last twelve months, of the share that earlier cures have left (money)."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    behind = sum_behind(Ref(f"{at}.cure_service"), END, YEAR_AGO)
    behind = g.series(f"{at}.cure_service_behind", behind, f"{label}: service, last 12 months, before cures", "money")
    left = Ref(f"{at}.cure_left_before") * behind
    return g.series(f"{at}.cure_service_left", left, f"{label}: of which earlier cures have left", "money")


def senior_dues(terms: Terms) -> list[str]:
    """The steps whose dues must be paid before the lenders take a cure by prepayment."""
    return [*(["hedge"] if terms.deal.spec.hedge else []), *steps_of(terms, (SENIOR,))]


def _unpaid(terms: Terms) -> Expr:
    """What of the senior dues of the date is not paid (money).

    Of a step that is paid after loans are swept or prepaid, by cash that the cure may leave to it: what was not paid at
    the date before.
    """
    unpaid: list[Expr] = []
    for step in senior_dues(terms):
        short = Ref(f"waterfall.{step}.shortfall")
        later = precedes(terms, "sweep", step) or precedes(terms, "prepayment", step)
        unpaid.append(prev(short) if later else short)
    return reduce(add, unpaid)


def _declare_paid(terms: Terms, asked: Ref, fails: Expr) -> None:
    """``covenants.cure.paid``: what a test that fails asks for, where every limit allows the whole of it (money)."""
    g = terms.graph
    made = g.series(f"{AT}.made_before", prev(Ref(f"{AT}.made")), "Cures before", "count")
    running = g.series(f"{AT}.running", prev(Ref(f"{AT}.in_a_row_now")), "Cures in a row before", "count")
    may = (made < terms[f"{AT}.most"]) * (running < terms[f"{AT}.in_a_row"])
    spent = prev(Ref(f"{AT}.paid_to_date"))
    if terms.has(f"{AT}.limit"):
        # What is asked for follows by division: a limit of just as much must not fail by rounding.
        may = may * (spent + asked <= terms[f"{AT}.limit"] + terms["checks.tolerance"])
    cures = g.series(f"{AT}.cures", in_hand(terms, fails * may), "Cured", "flag", "within every limit")
    paid = g.series(PAID.name, cures * asked, "Paid by sponsors", "money", total=True)
    g.series(f"{AT}.made", made + cures, "Cures to date", "count")
    g.series(f"{AT}.in_a_row_now", cures * (running + 1), "Cures in a row", "count")
    g.series(f"{AT}.paid_to_date", spent + paid, "Paid to date", "money")
