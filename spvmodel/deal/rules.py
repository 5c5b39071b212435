"""What must hold between the values of a deal, in the base case and in every other case."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from spvmodel.deal.calendars import FIRST_YEAR
from spvmodel.deal.errors import short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.schema import DealSpec, Debt, Tax
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months, lease_end, period_eves

A_DAY = dt.timedelta(days=1)

# What construction.delay moves.
_MOVING = {"spending_end", "commencement", "availability_end", "completion", "first_test"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Values that do not fit together; ``names`` are the inputs involved, the likely offender first."""

    names: tuple[str, ...]
    message: str
    allowed: str


class Values:
    """The values of one case, by dotted name."""

    def __init__(self, quantities: Mapping[str, Quantity]) -> None:
        self.quantities = quantities

    def __contains__(self, name: str) -> bool:
        return name in self.quantities

    def date(self, name: str) -> dt.date:
        value = self.quantities[name].value
        assert isinstance(value, dt.date)
        return value

    def number(self, name: str) -> float:
        value = self.quantities[name].value
        assert isinstance(value, float)
        return value

    def points(self, name: str) -> tuple[tuple[dt.date, float], ...]:
        value = self.quantities[name].value
        assert isinstance(value, tuple)
        return value

    @property
    def delay(self) -> int:
        """Months by which completion is late."""
        return int(self.number("construction.delay"))

    def is_delayed(self, name: str) -> bool:
        """Whether a date moves with completion, and completion is late."""
        return self.delay > 0 and name.rpartition(".")[2] in _MOVING

    def delayed(self, name: str) -> dt.date:
        """A date as it falls when completion is late."""
        return add_months(self.date(name), self.delay if self.is_delayed(name) else 0)

    def lease_end(self, lease: str) -> dt.date:
        """Last day of a lease with the renewals that may come about."""
        last, at = self.first_term_end(lease), f"lease.{lease}.renewals."
        for name in self.quantities:
            if name.startswith(at) and name.endswith(".probability"):
                if self.number(name) <= 0:
                    break
                term = int(self.number(f"{name.removesuffix('.probability')}.term"))
                last = lease_end(last + dt.timedelta(days=1), term, 0)
        return last

    def first_term_end(self, lease: str) -> dt.date:
        """Last day of a lease without renewal: its expiry, or its term counted from the delayed commencement."""
        if f"lease.{lease}.expiry" in self:
            return self.date(f"lease.{lease}.expiry")
        term = int(self.number(f"lease.{lease}.term"))
        return lease_end(self.date(f"lease.{lease}.commencement"), term, self.delay)


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule the values of one case break; ``periods`` are the period ends of the timeline."""
    values, end = Values(quantities), periods[-1]
    yield from _general(values, spec)
    too_late = list(_closing(values, spec, periods))
    yield from too_late
    if too_late:
        # Every date after the close of this case would be measured by periods that are not its own.
        return
    for section in ("building", "use"):
        for key in getattr(spec, section):
            yield from _spending(values, f"{section}.{key}", end)
    for key in spec.lease:
        yield from _lease(values, key, short(spec.lease[key].label), end)
        yield from long_first_period(values, f"lease.{key}.commencement", short(spec.lease[key].label), periods)
    for key, income in spec.income.items():
        yield from _income(values, f"income.{key}", end)
        if income.amount is not None:
            yield from long_first_period(values, f"income.{key}.commencement", short(income.label), periods)
    for key, loan in spec.debt.items():
        yield from _loan(values, f"debt.{key}", loan, periods)
        yield from _payment_days(values, loan, periods)
    yield from _refinancing(values, spec, end)
    yield from _sweep(values, spec, periods)
    for key in spec.funding:
        yield from _budget(values, spec, key)
    for key, reserve in spec.reserves.capital.items():
        yield from _capital_reserve(values, f"reserves.capital.{key}", short(reserve.label), spec, end)
    for key, account in spec.reserves.account.items():
        yield from _account(values, f"reserves.account.{key}", short(account.label), periods)
    if spec.construction.damages is not None:
        yield from _order(values, "construction.damages.agreed_completion", "time.close")
        yield from _inside(values, "construction.damages.agreed_completion", end)
    if spec.covenants.first_test is not None:
        yield from _order(values, "covenants.first_test", "time.close")
        yield from _inside(values, "covenants.first_test", end)
    if spec.tax is not None:
        yield from _tax(values, spec.tax, end)
    yield from _joint_venture(values, spec)
    for key in spec.facility:
        yield from _facility(values, f"facility.{key}", periods)
    for name in quantities:
        if name.startswith("waterfall.") and name.endswith(".from"):
            yield from _inside(values, name, end)
    if spec.takeout is not None:
        refinanced = [
            key for key, loan in spec.debt.items() if loan.rank not in ("holdco", "shareholder", "equity bridge")
        ]
        yield from _takeout(values, [_final_day(key, spec.debt[key]) for key in refinanced], periods)
        yield from _inside(values, "takeout.final_maturity", end)


def _final_day(key: str, loan: Debt) -> str:
    """The input that says when a loan is repaid at the latest."""
    return f"debt.{key}.extension.until" if loan.extension else f"debt.{key}.maturity"


def _refinancing(values: Values, spec: DealSpec, end: dt.date) -> Iterator[Problem]:
    """What does not fit in extensions, exit fees, prepayments and in tests against a value."""
    valued = [("takeout.ltv", "the take-out")]
    for key, loan in spec.debt.items():
        at, label = f"debt.{key}", short(loan.label)
        valued.append((f"{at}.extension.ltv", f"the extension of {label}"))
        for what, given in (("exit_fee", loan.exit_fee), ("prepayment.amounts", loan.prepayment)):
            if given is not None and loan.rank != "senior":
                words = "bears an exit fee" if what == "exit_fee" else "is prepaid"
                message = f"{label} {words} and ranks as {loan.rank}"
                yield Problem((f"{at}.{what}",), message, "only on a loan of rank senior")
        if loan.extension is not None:
            too_early = list(_order(values, f"{at}.extension.until", f"{at}.maturity", strict=True))
            yield from too_early or _inside(values, f"{at}.extension.until", end)
        if loan.prepayment is not None:
            yield from _prepayment(values, at, label)
    for name, who in valued:
        if name in values and spec.valuation is None:
            yield Problem((name,), f"{who} is tested against a value and the deal has no valuation", "a valuation")


def _prepayment(values: Values, at: str, label: str) -> Iterator[Problem]:
    """Prepayments fall in the time in which the loan is drawn, complete and not yet due."""
    name, maturity = f"{at}.prepayment.amounts", f"{at}.maturity"
    opened = [f"{at}.{what}" for what in ("availability_end", "completion") if f"{at}.{what}" in values]
    first, last = max(map(values.delayed, opened), default=values.date(f"{at}.close")), values.date(maturity)
    for day, _ in values.points(name):
        if not first <= day < last:
            message = f"a prepayment of {label} is dated {day}, outside the time from completion to maturity"
            yield Problem((name, maturity, *opened), message, f"from {first}, before {last}")
            return


def _sweep(values: Values, spec: DealSpec, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A sweep that waits for a date finds a whole period before the last of its loans is due."""
    loans = [key for key, loan in spec.debt.items() if loan.ard or (spec.sweep and key in spec.sweep.order)]
    if not loans:
        return
    maturity = max((_final_day(key, spec.debt[key]) for key in loans), key=values.date)
    last = values.date(maturity)
    for name, begins in (("sweep.start", True), ("waterfall.sweep.from", False)):
        if name not in values:
            continue
        eves = period_eves(values.date("time.close"), periods)
        # What is due in the period of the maturity is repaid anyway.
        days = [eve + A_DAY if begins else end for eve, end in zip(eves, periods, strict=True) if end < last]
        if values.date(name) > max(days, default=values.date("time.close")):
            message = f"the sweep starts on {values.date(name)} and finds nothing to repay: "
            message += f"the last of its loans falls due on {last}"
            allowed = f"{max(days)} or earlier" if days else "no such date"
            yield Problem((name, maturity), message, allowed)


def _general(values: Values, spec: DealSpec) -> Iterator[Problem]:
    close = values.date("time.close")
    first = values.points("rates.curve")[0][0] if "rates.curve" in values else close
    if first > close:
        message = f"the base rate path begins on {first}, after financial close on {close}"
        yield Problem(("rates.curve", "time.close"), message, f"a first date on or before {close}")
    lockup, default = values.number("covenants.lockup_dscr"), values.number("covenants.default_dscr")
    if default > lockup:
        message = f"the default DSCR of {default:.2f}x lies above the lock-up DSCR of {lockup:.2f}x"
        yield Problem(("covenants.default_dscr", "covenants.lockup_dscr"), message, f"at most {lockup:.2f}x")
    lockup_life, default_life = "covenants.lockup_llcr", "covenants.default_llcr"
    if lockup_life in values and default_life in values:
        most, level = values.number(lockup_life), values.number(default_life)
        if level > most:
            message = f"the default LLCR of {level:.2f}x lies above the lock-up LLCR of {most:.2f}x"
            yield Problem((default_life, lockup_life), message, f"at most {most:.2f}x")
    yield from _cure(values, spec)


def _cure(values: Values, spec: DealSpec) -> Iterator[Problem]:
    most, row = "covenants.cure.most", "covenants.cure.in_a_row"
    if most in values and values.number(row) > values.number(most):
        message = f"{values.number(row):.0f} cures in a row are more than the {values.number(most):.0f} there may be"
        yield Problem((row, most), message, f"at most {values.number(most):.0f}")
    cure, level = spec.covenants.cure, "covenants.default_dscr"
    if cure is not None and cure.by == "prepayment" and values.number(level) == 0:
        message = "no prepayment mends a default DSCR of 0.00x, which only negative CFADS fails"
        yield Problem((level,), message, "above 0x, or a cure by: cash")


def _lease(values: Values, key: str, label: str, end: dt.date) -> Iterator[Problem]:
    name = f"lease.{key}"
    has_expiry = f"{name}.expiry" in values
    length = f"{name}.expiry" if has_expiry else f"{name}.term"
    last, start = values.lease_end(key), values.delayed(f"{name}.commencement")
    if has_expiry:
        ends_too_early = list(_order(values, length, f"{name}.commencement", strict=True))
        yield from ends_too_early or _inside(values, length, end)
        if ends_too_early:
            return
    if last > end and values.first_term_end(key) <= end:
        names = tuple(
            name for name in values.quantities if name.startswith(f"lease.{key}.renewals.") and name.endswith(".term")
        )
        yield Problem(
            names,
            f"{label} may be renewed to {last}, after the timeline ends on {end}",
            f"renewals that end by {end}, or a later time.end",
        )
    elif last > end and not has_expiry:
        message = f"{label} ends on {last}, after the timeline ends on {end}"
        yield Problem(
            (length, f"{name}.commencement", "construction.delay"),
            message,
            f"a lease that ends by {end}, or a later time.end",
        )
    close = values.date("time.close")
    if last <= close:
        message = f"{label} ends on {last}, not after financial close on {close}"
        yield Problem((length, f"{name}.commencement", "time.close"), message, f"a lease that ends after {close}")
        return
    free = values.number(f"{name}.free_rent")
    if add_months(start, int(free)) > last:
        # A delay shortens a lease with an expiry, and moves one with a term.
        names = (f"{name}.free_rent", length, *(_delay(values, f"{name}.commencement") if has_expiry else ()))
        message = f"{label} is free of rent for {free:.0f} months from {start} and ends on {last}, before rent is due"
        yield Problem(names, message, "a rent-free period shorter than the lease")


def _closing(values: Values, spec: DealSpec, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The periods follow the close of the base case; a case may move it, but not past the end of the first period."""
    close, first = values.date("time.close"), periods[1 if spec.time.closing == "on its own" else 0]
    if close >= first:
        message = f"{_words(values, 'time.close')} ({close}) is not before the first period ends ({first})"
        yield Problem(("time.close",), message, f"before {first}")


def _income(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    start, expiry, amounts = f"{name}.commencement", f"{name}.expiry", f"{name}.amounts"
    if start in values:
        yield from _inside(values, start, end)
    if expiry in values:
        ends_too_early = list(_order(values, expiry, "time.close", strict=True))
        if start in values:
            ends_too_early = ends_too_early or list(_order(values, expiry, start))
        yield from ends_too_early or _inside(values, expiry, end)
    if amounts in values:
        close = values.date("time.close")
        for date, _ in values.points(amounts):
            if not close <= date <= end:
                message = f"{_words(values, amounts)}: {date} lies outside the timeline"
                yield Problem((amounts, "time.close"), message, f"{close} to {end}, or a later time.end")
                return


def long_first_period(values: Values, name: str, label: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Prices step once in a period, so what earns in a first period of more than a year begins in its last year."""
    close = values.date("time.close")
    start = values.delayed(name) if name in values else close + dt.timedelta(days=1)
    first = next(end for end in periods if end > close)
    earliest = add_months(first, -12) + dt.timedelta(days=1)
    if close + dt.timedelta(days=1) < earliest and start < earliest:
        message = f"{label} earns from {start}, more than a year before the first period ends on {first}"
        names = (name, "time.close") if name in values else ("time.close",)
        yield Problem(names, message, f"from {earliest} on, or an earlier time.first_end")


def _spending(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    """Spending ends after it starts and within the timeline; the shares of a table are 100% in all."""
    yield from _order(values, f"{name}.spending_end", f"{name}.spending_start", strict=True)
    if f"{name}.spending_end" in values:
        yield from _inside(values, f"{name}.spending_end", end)
    table = f"{name}.table"
    if table not in values:
        return
    points, close = values.points(table), values.date("time.close")
    whole = sum(share for _, share in points)
    if abs(whole - 1) > 1e-9:
        yield Problem((table,), f"{_words(values, table)} sums to {whole:.4%}", "shares of 100% in all")
    for date, _ in points:
        if not close <= date <= end:
            message = f"a share in {_words(values, table)} is dated {date}, outside the timeline"
            yield Problem((table, "time.close"), message, f"{close} to {end}; what was paid earlier falls on the close")
            return


def _budget(values: Values, spec: DealSpec, group: str) -> Iterator[Problem]:
    """Financing costs are a part of the budgets of the group's buildings, and construction is the rest."""
    named = [f"building.{key}.budget" for key, building in spec.building.items() if building.funded_by == group]
    budgets = [name for name in named if name in values]
    budget, included = sum(map(values.number, budgets)), values.number(f"funding.{group}.financing_budget")
    label = short(spec.funding[group].label)
    amounts = [
        f"use.{key}.amount" for key, use in spec.use.items() if use.funded_by == group and use.amount is not None
    ]
    if not budgets:
        if included > 0:
            message = f"{label} has no building whose budget could include financing costs"
            yield Problem((f"funding.{group}.financing_budget",), message, "0, or a building with a budget")
        if sum(map(values.number, amounts)) == 0:
            yield Problem(tuple(amounts), f"the uses of {label} cost nothing", "an amount above 0")
    elif budget == 0:
        yield Problem(tuple(budgets), f"the buildings of {label} have no budget", "a budget above 0")
    elif included >= budget:
        message = f"the financing costs of {label} in the budget ({included:,.3f}) leave nothing of it ({budget:,.3f})"
        yield Problem((f"funding.{group}.financing_budget", *budgets), message, f"less than {budget:,.3f}")


def _capital_reserve(values: Values, name: str, label: str, spec: DealSpec, end: dt.date) -> Iterator[Problem]:
    """Works come round at most once a period, between the start of the cycles and the end of the timeline."""
    cycle, period = values.number(f"{name}.cycle"), MONTHS_PER_PERIOD[spec.time.frequency]
    if cycle < period:
        message = f"the works of {label} come round every {cycle:.0f} months, more often than once a model period"
        yield Problem((f"{name}.cycle",), message, f"{period} months or more")
    start = f"{name}.start" if f"{name}.start" in values else "time.close"
    yield from _order(values, start, "time.close")
    if f"{name}.until" in values:
        yield from _order(values, f"{name}.until", start, strict=True)
        yield from _inside(values, f"{name}.until", end)


def _tax(values: Values, tax: Tax, end: dt.date) -> Iterator[Problem]:
    """The cost is placed in service within the timeline and after it is acquired; shares are 100% in all."""
    placed = "tax.placed_in_service"
    if placed in values:
        yield from _order(values, placed, "time.close")
        yield from _inside(values, placed, end)
    paths = ["tax", *(f"tax.classes.{key}" for key in tax.classes)]
    for path in paths:
        yield from _order(values, placed, f"{path}.acquired")
    parts = [f"{path}.share" for path in paths if f"{path}.share" in values]
    whole = sum(map(values.number, parts))
    if parts and abs(whole - 1) > 1e-9:
        yield Problem(tuple(parts), f"the shares of the tax classes sum to {whole:.4%}", "100% in all")
    for path in paths:
        if f"{path}.shares" in values:
            yield from _dated_shares(values, f"{path}.shares")


def _dated_shares(values: Values, name: str) -> Iterator[Problem]:
    """The shares of a custom schedule are 100% in all and not dated before the model begins; later ones are lost."""
    points, close = values.points(name), values.date("time.close")
    whole = sum(share for _, share in points)
    if abs(whole - 1) > 1e-9:
        yield Problem((name,), f"{_words(values, name)} sum to {whole:.4%}", "100% in all")
    if points[0][0] < close:
        message = f"a share in {_words(values, name)} is dated {points[0][0]}, before financial close"
        yield Problem((name, "time.close"), message, f"{close} or later")


def _joint_venture(values: Values, spec: DealSpec) -> Iterator[Problem]:
    """The sponsors provide all of the capital, and every hurdle is higher than the one before."""
    shares = tuple(f"sponsors.{key}.share" for key in spec.sponsors)
    whole = math.fsum(map(values.number, shares))
    if shares and abs(whole - 1) > 1e-12:
        message = f"the shares of the sponsors sum to {whole * 100:.12g}%"
        yield Problem(shares, message, "shares of 100% in all")
    for below, above in pairwise(f"promote.{key}.hurdle" for key in spec.promote):
        low, high = values.number(below), values.number(above)
        if high <= low:
            message = f"{_words(values, above)} ({high:.2%}) is not above {_words(values, below)} ({low:.2%})"
            yield Problem((above, below), message, f"more than {low:.2%}")


def _account(values: Values, name: str, label: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """An account starts, is full and is released in this order, all within the timeline, and so are its works."""
    since, end = "time.close", periods[-1]
    start, until = f"{name}.start", f"{name}.until"
    if start in values and until in values:
        opens, shuts = values.date(start), values.date(until)
        if opens < shuts <= end and not any(opens <= day < shuts for day in periods):
            message = f"{label} is held from {opens} and released on {shuts}, before a period ends"
            yield Problem((until, start), message, "a period end between the two")
    for what in ("start", "full_by", "until"):
        here = f"{name}.{what}"
        if here in values:
            yield from _order(values, here, since, strict=what != "start")
            yield from _inside(values, here, end)
            since = here
    if f"{name}.works" not in values:
        return
    close = values.date("time.close")
    for day, _ in values.points(f"{name}.works"):
        if not close < day <= end:
            message = f"works of {label} are dated {day}, outside the timeline"
            yield Problem((f"{name}.works", "time.close"), message, f"after {close}, by {end}, or a later time.end")
            return


def _facility(values: Values, name: str, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A facility is available at a period end, between financial close and the end of the timeline."""
    end = periods[-1]
    yield from _order(values, f"{name}.close", "time.close")
    first = f"{name}.close" if f"{name}.close" in values else "time.close"
    until = f"{name}.until"
    ends_too_early = list(_order(values, until, first, strict=True)) or list(_inside(values, until, end))
    yield from ends_too_early
    opens, shuts = values.date(first), values.date(until)
    if not ends_too_early and not any(opens <= day <= shuts for day in periods):
        message = f"{_words(values, until)} ({shuts}) and its first day ({opens}) have no period end between them"
        yield Problem((until, first), f"{message}, so that nothing is ever drawn", "a period end between the two")


def _takeout(values: Values, maturities: list[str], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The take-out is repaid in whole periods after the one in which the last loan matures."""
    name, maturity = "takeout.final_maturity", max(maturities, key=values.date)
    after = [end for end in periods if end >= values.date(maturity)][1:]
    if values.date(maturity) > periods[-1] or (after and values.date(name) >= after[0]):
        return
    message = f"{_words(values, name)} ({values.date(name)}) leaves no whole period after "
    message += f"{_words(values, maturity)} ({values.date(maturity)})"
    allowed = f"{after[0]} or later" if after else "an earlier maturity, or a later time.end"
    yield Problem((name, maturity), message, allowed)


def _loan(values: Values, name: str, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    close, maturity, completion, end = f"{name}.close", f"{name}.maturity", f"{name}.completion", periods[-1]
    yield from _order(values, close, "time.close")
    ends_too_early = list(_order(values, maturity, close, strict=True))
    if ends_too_early:
        # Every other date of the loan would be reported too, for the same reason.
        yield from ends_too_early
        return
    yield from _inside(values, maturity, end)
    availability, interest_only = f"{name}.availability_end", f"{name}.repayment.interest_only_until"
    drawn_too_late: list[Problem] = []
    if availability in values:
        yield from _order(values, availability, close)
        drawn_too_late = list(_order(values, availability, maturity, before=True))
        yield from drawn_too_late
    phases: list[Iterator[Problem]] = []
    if completion in values:
        phases += [_order(values, completion, close), _order(values, completion, maturity, before=True)]
    if interest_only in values:
        after = completion if completion in values else close
        phases += [_order(values, interest_only, after), _order(values, interest_only, maturity, before=True)]
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
        return values.delayed(completion), (completion, *_delay(values, completion))
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
    message = f"{_words(values, last)} ({values.delayed(last)}) comes after the first repayment, due on {due}"
    if values.is_delayed(last):
        message += f", {values.delay} months of delay counted"
    allowed = f"on or before {due}, or a later first repayment"
    yield Problem((last, *names, *(n for n in _delay(values, last) if n not in names)), message, allowed)


def _ard(values: Values, name: str) -> Iterator[Problem]:
    """The anticipated repayment date lies between completion and the legal maturity."""
    ard, maturity, completion = (f"{name}.{what}" for what in ("ard.date", "maturity", "completion"))
    date, last = values.date(ard), values.date(maturity)
    if date >= last:
        message = f"{_words(values, ard)} ({date}) is not before {_words(values, maturity, ard)} ({last})"
        yield Problem((ard, maturity), message, f"before {last}")
    elif completion in values and date < values.delayed(completion):
        yield from _order(values, completion, ard, before=True)


def _payment_days(values: Values, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
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
            message = f"{label} is a shareholder loan and bears no fees, yet {_words(values, fee, f'{name}.close')} is "
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


def _order(values: Values, name: str, other: str, *, before: bool = False, strict: bool = False) -> Iterator[Problem]:
    """``name`` on or after ``other`` (strictly after; or on or before it), the earlier delayed; if both are given."""
    if name not in values or other not in values:
        return
    early, late = (name, other) if before else (other, name)
    early_date, late_date = values.delayed(early), values.date(late)
    if early_date < late_date or (early_date == late_date and not strict):
        return
    date, limit = (early_date, late_date) if before else (late_date, early_date)
    relation = "after" if before else "not after" if strict else "before"
    allowed = f"on or before {limit}" if before else f"after {limit}" if strict else f"{limit} or later"
    message = f"{_words(values, name)} ({date}) is {relation} {_words(values, other, name)} ({limit})"
    if values.is_delayed(early):
        message += f", {values.delay} months of delay counted"
    yield Problem((name, other, *_delay(values, early)), message, allowed)


def _inside(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    date = values.delayed(name)
    if date > end:
        message = f"{_words(values, name)} ({date}) lies after the timeline ends on {end}"
        if values.is_delayed(name):
            message += f", {values.delay} months of delay counted"
        yield Problem((name, *_delay(values, name)), message, f"by {end}, or a later time.end")


def _delay(values: Values, name: str) -> tuple[str, ...]:
    return ("construction.delay",) if values.is_delayed(name) else ()


def _words(values: Values, name: str, beside: str = "") -> str:
    """The label of an input in a sentence; without the entry that ``beside`` names already."""
    label = values.quantities[name].label
    field, _, entry = label.partition(", ")
    if beside and entry and values.quantities[beside].label.endswith(f", {entry}"):
        return field.lower()
    return short(label)
