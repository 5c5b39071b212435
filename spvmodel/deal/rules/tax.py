"""Rules of income tax."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.dates import inside, order, words
from spvmodel.deal.rules.values import A_DAY, Problem, Values
from spvmodel.deal.schema import DealSpec, Tax
from spvmodel.deal.timeline import add_months


def tax(values: Values, spec: DealSpec, tax: Tax, end: dt.date) -> Iterator[Problem]:
    """The cost is placed in service within the timeline and after it is acquired; shares are 100% in all."""
    placed = "tax.placed_in_service"
    if placed in values:
        yield from order(values, placed, "time.close")
        yield from inside(values, placed, end)
    paths = ["tax", *(f"tax.classes.{key}" for key in tax.classes)]
    for path in paths:
        yield from order(values, placed, f"{path}.acquired")
        if placed not in values and f"{path}.acquired" in values:
            yield from _in_service(values, spec, f"{path}.acquired")
    parts = [f"{path}.share" for path in paths if f"{path}.share" in values]
    whole = sum(map(values.number, parts))
    if parts and abs(whole - 1) > 1e-9:
        yield Problem(tuple(parts), f"the shares of the tax classes sum to {whole:.4%}", "100% in all")
    for path in paths:
        if f"{path}.shares" in values:
            yield from _dated_shares(values, f"{path}.shares")


def vat(values: Values, end: dt.date) -> Iterator[Problem]:
    """What is paid or collected from financial close on is recovered and settled within the timeline, some of it."""
    close = values.date("time.close")
    for name in ("vat.recovered_after", "vat.settled_after"):
        if name in values and (first := add_months(close, int(values.number(name)))) > end:
            done = "is recovered" if name == "vat.recovered_after" else "is settled"
            message = f"no VAT {done} before {first}, after the timeline ends on {end}"
            yield Problem((name, "time.close"), message, "a lag that ends within the timeline, or a later time.end")


def _in_service(values: Values, spec: DealSpec, acquired: str) -> Iterator[Problem]:
    """What is not stated to be placed in service is so on the first day that earns, and acquired by then."""
    earning = [f"lease.{key}.commencement" for key in spec.lease]
    earning += [f"contract.{key}.commencement" for key in spec.contract]
    earning += [f"income.{key}.commencement" for key, income in spec.income.items() if income.amount is not None]
    days = {name: values.delayed(name) if name in values else values.date("time.close") + A_DAY for name in earning}
    for key in spec.lease:
        name = f"lease.{key}.commencement"
        days[name] = add_months(days[name], int(values.number(f"lease.{key}.free_rent")))
    first = min(days, key=lambda name: days[name], default="")
    day, bought = max(days[first], values.date("time.close") + A_DAY) if first else dt.date.max, values.date(acquired)
    if bought > day:
        message = f"{words(values, acquired)} ({bought}) comes after the cost is placed in service, on the first day "
        names = (acquired, *((first,) if first in values else ()), "time.close")
        yield Problem(names, f"{message}that earns ({day})", f"{day} or earlier, or placed_in_service beside it")


def _dated_shares(values: Values, name: str) -> Iterator[Problem]:
    """The shares of a custom schedule are 100% in all and not dated before the model begins; later ones are lost."""
    points, close = values.points(name), values.date("time.close")
    whole = sum(share for _, share in points)
    if abs(whole - 1) > 1e-9:
        yield Problem((name,), f"{words(values, name)} sum to {whole:.4%}", "100% in all")
    if points[0][0] < close:
        message = f"a share in {words(values, name)} is dated {points[0][0]}, before financial close"
        yield Problem((name, "time.close"), message, f"{close} or later")
