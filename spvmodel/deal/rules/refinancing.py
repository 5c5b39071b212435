"""Rules of extensions, exit fees, prepayments and the take-out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.errors import short
from spvmodel.deal.rules.dates import inside, order, words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import DealSpec, Debt


def final_day(key: str, loan: Debt) -> str:
    """The input that says when a loan is repaid at the latest."""
    return f"debt.{key}.extension.until" if loan.extension else f"debt.{key}.maturity"


def refinancing(values: Values, spec: DealSpec, end: dt.date) -> Iterator[Problem]:
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
            too_early = list(order(values, f"{at}.extension.until", f"{at}.maturity", strict=True))
            yield from too_early or inside(values, f"{at}.extension.until", end)
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


def takeout(values: Values, maturities: list[str], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The take-out is repaid in whole periods after the one in which the last loan matures."""
    name, maturity = "takeout.final_maturity", max(maturities, key=values.date)
    after = [end for end in periods if end >= values.date(maturity)][1:]
    if values.date(maturity) > periods[-1] or (after and values.date(name) >= after[0]):
        return
    message = f"{words(values, name)} ({values.date(name)}) leaves no whole period after "
    message += f"{words(values, maturity)} ({values.date(maturity)})"
    allowed = f"{after[0]} or later" if after else "an earlier maturity, or a later time.end"
    yield Problem((name, maturity), message, allowed)
