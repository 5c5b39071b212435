"""Rules of income tax."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.dates import inside, order, words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import Tax


def tax(values: Values, tax: Tax, end: dt.date) -> Iterator[Problem]:
    """The cost is placed in service within the timeline and after it is acquired; shares are 100% in all."""
    placed = "tax.placed_in_service"
    if placed in values:
        yield from order(values, placed, "time.close")
        yield from inside(values, placed, end)
    paths = ["tax", *(f"tax.classes.{key}" for key in tax.classes)]
    for path in paths:
        yield from order(values, placed, f"{path}.acquired")
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
        yield Problem((name,), f"{words(values, name)} sum to {whole:.4%}", "100% in all")
    if points[0][0] < close:
        message = f"a share in {words(values, name)} is dated {points[0][0]}, before financial close"
        yield Problem((name, "time.close"), message, f"{close} or later")
