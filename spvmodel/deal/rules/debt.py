"""Rules of a loan: its dates, its draws and its schedule."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from itertools import chain, islice

from spvmodel.deal.calendars import FIRST_YEAR
from spvmodel.deal.errors import short
from spvmodel.deal.rules.dates import delay_of, inside, order, words
from spvmodel.deal.rules.values import A_DAY, Problem, Values
from spvmodel.deal.schema import Debt


def loan(values: Values, name: str, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    close, maturity, completion, end = f"{name}.close", f"{name}.maturity", f"{name}.completion", periods[-1]
    yield from order(values, close, "time.close")
    ends_too_early = list(order(values, maturity, close, strict=True))
    if ends_too_early:
        # Every other date of the loan would be reported too, for the same reason.
        yield from ends_too_early
        return
    yield from inside(values, maturity, end)
    availability, interest_only = f"{name}.availability_end", f"{name}.repayment.interest_only_until"
    drawn_too_late: list[Problem] = []
    if availability in values:
        yield from order(values, availability, close)
        drawn_too_late = list(order(values, availability, maturity, before=True))
        yield from drawn_too_late
    phases: list[Iterator[Problem]] = []
    if completion in values:
        phases += [order(values, completion, close), order(values, completion, maturity, before=True)]
    if interest_only in values:
        after = completion if completion in values else close
        phases += [order(values, interest_only, after), order(values, interest_only, maturity, before=True)]
    if not drawn_too_late:
        phases.append(_drawn(values, name, loan, periods))
    yield from islice(chain(*phases), 1)  # a second one would follow from the first
    if f"{name}.commitment" in values and values.number(f"{name}.commitment") == 0:
        yield Problem((f"{name}.commitment",), f"{short(loan.label)} lends nothing", "a commitment above 0")
    yield from _principal(values, name, short(loan.label))
    if loan.draws is not None:
        yield from _draws(values, name, short(loan.label))
    if loan.ard is not None:
        yield from _ard(values, name)
    if loan.rank == "shareholder":
        yield from _free_of_fees(values, name, short(loan.label))


def _repays_from(values: Values, name: str) -> tuple[dt.date, tuple[str, ...]]:
    """The first day on which principal may fall due, and the inputs that say so: complete, and past interest only."""
    interest_only, completion = f"{name}.repayment.interest_only_until", f"{name}.completion"
    if interest_only in values:
        return values.date(interest_only) + A_DAY, (interest_only,)
    if completion in values:
        return values.delayed(completion), (completion, *delay_of(values, completion))
    return values.date(f"{name}.close") + A_DAY, (f"{name}.close",)


_TABLES = ("shares", "amounts", "balances")
"""Dated principal of a loan's repayment."""


def _drawn(values: Values, name: str, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Principal falls due once the loan is drawn: at the earliest at the end of the period of its last draws."""
    last, maturity = f"{name}.availability_end", f"{name}.maturity"
    if last not in values or loan.repayment.profile == "bullet":
        return
    first, names = _repays_from(values, name)
    for table in (f"{name}.repayment.{what}" for what in _TABLES):
        if table in values:
            stated = values.points(table)[0][0]
            if stated < first:
                return  # which is said of the table
            first, names = stated, (table,)
    due = next((end for end in periods if end >= first), periods[-1])
    if values.delayed(last) <= due or values.date(maturity) <= due:
        return
    message = f"{words(values, last)} ({values.delayed(last)}) comes after the first repayment, due on {due}"
    if values.is_delayed(last):
        message += f", {values.delay} months of delay counted"
    allowed = f"on or before {due}, or a later first repayment"
    yield Problem((last, *names, *(n for n in delay_of(values, last) if n not in names)), message, allowed)


def _ard(values: Values, name: str) -> Iterator[Problem]:
    """The anticipated repayment date lies between completion and the legal maturity."""
    ard, maturity, completion = (f"{name}.{what}" for what in ("ard.date", "maturity", "completion"))
    date, last = values.date(ard), values.date(maturity)
    if date >= last:
        message = f"{words(values, ard)} ({date}) is not before {words(values, maturity, ard)} ({last})"
        yield Problem((ard, maturity), message, f"before {last}")
    elif completion in values and date < values.delayed(completion):
        yield from order(values, completion, ard, before=True)


def payment_days(values: Values, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Holidays of a calendar are known from its first year on."""
    if loan.payment_days is not None and loan.payment_days.calendar != "none" and periods[0].year < FIRST_YEAR:
        calendar = loan.payment_days.calendar
        message = (
            f"the holidays of {calendar} are not known for {periods[0].year}, when {short(loan.label)} may be paid"
        )
        yield Problem(("time.close",), message, f"a first period that ends in {FIRST_YEAR} or later, or calendar: none")


_FEES = ("upfront_fee", "discount", "commitment_fee", "agency_fee", "exit_fee")


def _free_of_fees(values: Values, name: str, label: str) -> Iterator[Problem]:
    """Fees are paid with the senior debt's own, before its interest: sponsors cannot be."""
    for fee in (f"{name}.{what}" for what in _FEES):
        if fee in values and values.number(fee) > 0:
            message = f"{label} is a shareholder loan and bears no fees, yet {words(values, fee, f'{name}.close')} is "
            yield Problem((fee,), f"{message}above 0", "0")


def _principal(values: Values, name: str, label: str) -> Iterator[Problem]:
    """A custom schedule repays the loan but for its balloon, between the interest-only time and maturity."""
    kept = values.number(f"{name}.repayment.balloon")
    shares, amounts = f"{name}.repayment.shares", f"{name}.repayment.amounts"
    for limit in (f"{name}.sizing.wal", f"{name}.sizing.tail"):
        if kept and limit in values:
            message = f"{label} is to be repaid early, and leaves a balloon"
            yield Problem((f"{name}.repayment.balloon", limit), message, "no balloon, or no limit on its life or tail")
    if shares in values:
        stated = sum(share for _, share in values.points(shares))
        if abs(stated - (1 - kept)) > 1e-9:
            message = f"the shares of principal of {label} sum to {stated:.6%}"
            allowed = f"{1 - kept:.6%} in all" + ("" if kept else ", or a balloon")
            yield Problem((shares, f"{name}.repayment.balloon"), message, allowed)
    if amounts in values and f"{name}.commitment" in values:
        stated, owed = sum(amount for _, amount in values.points(amounts)), values.number(f"{name}.commitment")
        if abs(stated - owed * (1 - kept)) > 1e-6:
            message = f"the schedule of {label} repays {stated:,.6f} of {owed:,.6f}"
            allowed = f"{owed * (1 - kept):,.6f} in all" + ("" if kept else ", or a balloon")
            yield Problem((amounts, f"{name}.commitment", f"{name}.repayment.balloon"), message, allowed)
    for table in (f"{name}.repayment.{what}" for what in _TABLES):
        if table not in values:
            continue
        (first, names), last = _repays_from(values, name), values.date(f"{name}.maturity")
        outside = [day for day, _ in values.points(table) if not first <= day <= last]
        if outside:
            message = f"the schedule of {label} has a date, {outside[0]}, outside its repayment"
            yield Problem((table, f"{name}.maturity", *names), message, f"after {first - A_DAY}, up to {last}")
    if f"{name}.repayment.balances" in values:
        yield from _target_balances(values, name, label)


def _target_balances(values: Values, name: str, label: str) -> Iterator[Problem]:
    """Target balances fall from at most the amount of the loan."""
    table, size = f"{name}.repayment.balances", f"{name}.commitment"
    before = values.number(size) if size in values else math.inf
    names = (table, size) if size in values else (table,)
    for day, balance in values.points(table):
        if balance > before:
            message = f"the target balance of {label} on {day} ({balance:,.3f}) is above the {before:,.3f} owed before"
            yield Problem(names, message, f"at most {before:,.3f}")
            return
        before, names = balance, (table,)


def _draws(values: Values, name: str, label: str) -> Iterator[Problem]:
    draws, size = values.points(f"{name}.draws"), f"{name}.commitment"
    drawn = sum(amount for _, amount in draws)
    commitment = values.number(size) if size in values else drawn
    if drawn > commitment * (1 + 1e-12):
        message = f"the draws of {label} sum to {drawn:,.3f}, more than the commitment of {commitment:,.3f}"
        yield Problem((f"{name}.draws", f"{name}.commitment"), message, f"at most {commitment:,.3f} in all")
    end = f"{name}.availability_end"
    close, last = values.date(f"{name}.close"), values.date(end if end in values else f"{name}.close")
    for date, _ in draws:
        if not close <= date <= last:
            names = (f"{name}.draws", f"{name}.close", *([end] if end in values else []))
            message = f"a draw of {label} is dated {date}, outside its availability"
            yield Problem(names, message, f"{close} to {last}")
            return
