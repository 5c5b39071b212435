"""Rules of what the waterfall pays from a date on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.rules.refinancing import final_day
from spvmodel.deal.rules.values import A_DAY, Problem, Values
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.timeline import period_eves


def sweep(values: Values, spec: DealSpec, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A sweep that waits for a date finds a whole period before the last of its loans is due."""
    loans = [key for key, loan in spec.debt.items() if loan.ard or (spec.sweep and key in spec.sweep.order)]
    if not loans:
        return
    maturity = max((final_day(key, spec.debt[key]) for key in loans), key=values.date)
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
