"""The order of the waterfall as blocks ask for it: what is an obligation, and what is paid before what."""

from __future__ import annotations

from spvmodel.deal.steps import AFTER_TEST, SERVICE, Step, account_step, ordered
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, FULL_DAYS, PERIODS_PER_YEAR
from spvmodel.lines import Expr, Ref

_NO_OBLIGATION = ("reimbursements", "dsra", "working_capital", "prepayment", "sweep", "lockup", *AFTER_TEST)


def steps(terms: Terms) -> tuple[Step, ...]:
    """Every step of the deal's waterfall, in order."""
    return ordered(terms.deal.spec)


def names(terms: Terms) -> list[str]:
    """The names of the steps, in order."""
    return [step.name for step in steps(terms)]


def obligations(terms: Terms) -> list[str]:
    """The steps that are paid before the lock-up test and stay due when they are not.

    An account that is filled before debt service is one: what it takes is not there for what comes after.
    """
    return [name for name in names(terms) if name not in _NO_OBLIGATION and not _fills_later(terms, name)]


def _fills_later(terms: Terms, name: str) -> bool:
    return name.startswith(account_step("")) and not before_service(terms, name)


def precedes(terms: Terms, first: str, then: str) -> bool:
    """Whether the deal has both steps, and pays ``first`` before ``then``."""
    order = names(terms)
    return first in order and then in order and order.index(first) < order.index(then)


def before_service(terms: Terms, step: str) -> bool:
    """Whether a step is paid before the last of senior debt service, so that what it takes is not there to cover it."""
    return any(precedes(terms, step, name) for name in SERVICE)


def limited(terms: Terms, step: str) -> bool:
    """Whether the deal limits what the step is paid, in amount or in time."""
    return terms.has(f"waterfall.{step}.limit") or terms.has(f"waterfall.{step}.from")


def overdue(terms: Terms, step: str) -> Ref:
    """What an obligation is short of (series, money); what is held back by a limit is not overdue."""
    return Ref(f"waterfall.{step}.{'overdue' if limited(terms, step) else 'shortfall'}")


def payable(terms: Terms, step: str) -> Ref:
    """What an obligation is to be paid in the period (series, money): what is due, up to its limit."""
    return Ref(f"waterfall.{step}.{'payable' if limited(terms, step) else 'due'}")


def limit_of(terms: Terms, step: str) -> Expr:
    """The most that a step is paid in the period (money): its limit a year, cut by the length of the period."""
    return terms[f"waterfall.{step}.limit"] / PERIODS_PER_YEAR * DAYS / FULL_DAYS


def begun(terms: Terms, step: str) -> Expr:
    """1 at period ends on or after the first date of a step."""
    return END >= terms[f"waterfall.{step}.from"]


def supported(terms: Terms, account: str) -> list[str]:
    """The steps that an account covers, in order; an account as a deal file words it."""
    return [step.name for step in steps(terms) if account in step.support]
