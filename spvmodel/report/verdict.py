"""The traffic lights of the first page: states of the result, never a recommendation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from spvmodel.report.assumptions import Book
from spvmodel.report.format import show, with_unit
from spvmodel.report.headline import ARREARS_EXCLUDED, overdue
from spvmodel.report.view import View

_GRAVE: Final = ("alerts.payment_default", "alerts.default", "alerts.never_repaid")
"""Alerts that are events of default."""

_OWED: Final = "alerts.owed_at_end"
_ACCELERATED: Final = "headline.balloon_accelerated"
_UNPAID: Final = "waterfall.balloon.shortfall"


@dataclass(frozen=True)
class Light:
    """One light: ``state`` is ``good``, ``watch``, ``bad`` or ``none``; words say why."""

    state: str
    subject: str
    words: str


def lights(view: View, inputs: Book) -> list[Light]:
    """Model checks, payments, cover, refinancing, alerts and completeness of the data."""
    found = [_checks(view), _payments(view), _cover(view), _refinancing(view), _alerts(view), _data(inputs)]
    return [light for light in found if light is not None]


def _checks(view: View) -> Light:
    failed = [check for check in view.result.checks if not check.passed]
    count = len(view.result.checks)
    if failed:
        return Light("bad", "Model checks", f"{len(failed)} of {count} failed: do not rely on this result")
    return Light("good" if count else "none", "Model checks", f"all {count} passed" if count else "the model has none")


def _payments(view: View) -> Light | None:
    """Whether lenders are paid in time and in full."""
    if not view.has("covenants.payment_default"):
        return None
    missed = [t for t, flag in enumerate(view.result.series("covenants.payment_default")) if flag]
    words = []
    if missed:
        words.append(
            f"payment default in {len(missed)} of {view.model.periods} periods, first on {view.ends[missed[0]]}"
            f"{_to_whom(view)}"
        )
    if _raised(view, "alerts.never_repaid"):
        owed = f" {_money(view, view.result.scalar(_OWED))}" if view.has(_OWED) else ""
        words.append(f"debt never repaid{':' if owed else ''}{owed}")
    if words:
        return Light("bad", "Debt service", "; ".join(words))
    return Light("good", "Debt service", "interest, principal and balloons are paid in time")


def _to_whom(view: View) -> str:
    """The facilities that are not paid in time, by name; nothing where there is only one."""
    steps = ("interest", "principal", "balloon")
    every = view.entries("debt.{}.balloon_shortfall")
    lines = {name: [f"debt.{name}.{step}_shortfall" for step in steps] for name in every}
    short = [name for name, of in lines.items() if any(max(view.result.series(line)) > 1e-6 for line in of)]
    return f", to {', '.join(view.facility(lines[name][0]) for name in short)}" if len(every) > 1 and short else ""


def _cover(view: View) -> Light | None:
    lowest = _metric(view, "min_dscr")
    if lowest is None:
        return None
    words = f"minimum DSCR {show(lowest, 'x')}"
    date = _metric(view, "min_dscr_date")
    if date is not None:
        words += f" on {show(date, 'date')}"
    if overdue(view.result):
        words += f" ({ARREARS_EXCLUDED})"
    defaults = view.result.scalar("covenants.default_periods") if view.has("covenants.default_periods") else 0.0
    lockups = _metric(view, "lockup_periods") or 0.0
    if defaults:
        return Light("bad", "Covenants", f"{words}; below the default level in {defaults:.0f} periods")
    if lockups:
        return Light("watch", "Covenants", f"{words}; distributions locked up in {lockups:.0f} periods")
    if not view.covenants:
        return Light("none", "Covenants", f"{words}; the deal file sets no level")
    return Light("good", "Covenants", f"{words}; no lock-up, no default")


def _refinancing(view: View) -> Light | None:
    """Whether every balloon is repaid, by a take-out or from cash."""
    balloon, shortfall = _metric(view, "balloon"), _metric(view, "refinance_shortfall")
    early = view.result.scalar(_ACCELERATED) if view.has(_ACCELERATED) else 0.0
    if balloon is None and early:
        return Light(
            "none", "Refinancing", f"lenders accelerate balloons of {_money(view, early)} before they fall due"
        )
    if not balloon or round(balloon, view.decimals) == 0:
        return None
    cover = _metric(view, "refinance_dscr")
    words = f"; refinance DSCR {show(cover, 'x')}" if cover is not None else ""
    if shortfall is not None and round(shortfall, view.decimals) > 0:
        return Light("bad", "Refinancing", f"short by {_money(view, shortfall)}{words}")
    how = "no take-out; balloons" if shortfall is None else "balloons"
    unpaid = max(view.result.series(_UNPAID)) if view.has(_UNPAID) else 0.0
    if round(unpaid, view.decimals) > 0:
        most = f"up to {_money(view, unpaid)} of them not paid when due"
        return Light("bad", "Refinancing", f"{how} of {_money(view, balloon)}, {most}{words}")
    if shortfall is None:
        return Light("good", "Refinancing", f"{how} of {_money(view, balloon)} are paid from cash")
    return Light("good", "Refinancing", f"the take-out repays every balloon{words}")


def _alerts(view: View) -> Light | None:
    if not view.model.alerts:
        return None
    raised = view.result.warnings
    state = "bad" if any(_raised(view, name) for name in _GRAVE) else "watch"
    return Light(state, "Alerts", "; ".join(raised)) if raised else Light("good", "Alerts", "none raised")


def _data(inputs: Book) -> Light:
    total = sum(inputs.counts.values())
    weak = {status: inputs.counts.get(status, 0) for status in ("assumed", "unsourced")}
    words = ", ".join(f"{count} {status}" for status, count in weak.items() if count)
    state = "watch" if any(weak.values()) else "good"
    return Light(state, "Data", f"{total} inputs" + (f", {words}" if words else ", all sourced"))


def _raised(view: View, alert: str) -> bool:
    return alert in view.model.alerts and bool(view.result.scalar(alert))


def _money(view: View, amount: float) -> str:
    return with_unit(amount, "money", view.currency, view.decimals)


def _metric(view: View, key: str) -> float | None:
    """A headline metric; None where it does not apply."""
    value = view.result.headline.get(key, math.nan)
    return None if math.isnan(value) else value
