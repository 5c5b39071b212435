"""Rules of leases and other income."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.dates import delay_of, inside, order, words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.timeline import add_months


def lease(values: Values, key: str, label: str, end: dt.date) -> Iterator[Problem]:
    name = f"lease.{key}"
    has_expiry = f"{name}.expiry" in values
    length = f"{name}.expiry" if has_expiry else f"{name}.term"
    last, start = values.lease_end(key), values.delayed(f"{name}.commencement")
    if has_expiry:
        ends_too_early = list(order(values, length, f"{name}.commencement", strict=True))
        yield from ends_too_early or inside(values, length, end)
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
        names = (f"{name}.free_rent", length, *(delay_of(values, f"{name}.commencement") if has_expiry else ()))
        message = f"{label} is free of rent for {free:.0f} months from {start} and ends on {last}, before rent is due"
        yield Problem(names, message, "a rent-free period shorter than the lease")


def income(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    start, expiry, amounts = f"{name}.commencement", f"{name}.expiry", f"{name}.amounts"
    if start in values:
        yield from inside(values, start, end)
    if expiry in values:
        ends_too_early = list(order(values, expiry, "time.close", strict=True))
        if start in values:
            ends_too_early = ends_too_early or list(order(values, expiry, start))
        yield from ends_too_early or inside(values, expiry, end)
    if amounts in values:
        close = values.date("time.close")
        for date, _ in values.points(amounts):
            if not close <= date <= end:
                message = f"{words(values, amounts)}: {date} lies outside the timeline"
                yield Problem((amounts, "time.close"), message, f"{close} to {end}, or a later time.end")
                return
