"""The traffic lights of the first page: states of the result, never a recommendation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spvmodel.report.assumptions import Book
from spvmodel.report.format import show
from spvmodel.report.view import View


@dataclass(frozen=True)
class Light:
    """One light: ``state`` is ``good``, ``watch``, ``bad`` or ``none``; words say why."""

    state: str
    subject: str
    words: str


def lights(view: View, inputs: Book) -> list[Light]:
    """Model checks, cover, refinancing, alerts and completeness of the data."""
    found = [_checks(view), _cover(view), _refinancing(view), _alerts(view), _data(inputs)]
    return [light for light in found if light is not None]


def _checks(view: View) -> Light:
    failed = [check for check in view.result.checks if not check.passed]
    count = len(view.result.checks)
    if failed:
        return Light("bad", "Model checks", f"{len(failed)} of {count} failed: do not rely on this result")
    return Light("good" if count else "none", "Model checks", f"all {count} passed" if count else "the model has none")


def _cover(view: View) -> Light | None:
    lowest = _metric(view, "min_dscr")
    if lowest is None:
        return None
    words = f"minimum DSCR {show(lowest, 'x')}"
    date = _metric(view, "min_dscr_date")
    if date is not None:
        words += f" on {show(date, 'date')}"
    defaults = view.result.scalar("covenants.default_periods") if view.has("covenants.default_periods") else 0.0
    lockups = _metric(view, "lockup_periods") or 0.0
    if defaults:
        return Light("bad", "Covenants", f"{words}; below the default level in {defaults:.0f} periods")
    if lockups:
        return Light("watch", "Covenants", f"{words}; distributions locked up in {lockups:.0f} periods")
    return Light("good", "Covenants", f"{words}; no lock-up, no default")


def _refinancing(view: View) -> Light | None:
    shortfall = _metric(view, "refinance_shortfall")
    if shortfall is None:
        return Light("none", "Refinancing", "no take-out in this deal") if _metric(view, "balloon") else None
    cover = _metric(view, "refinance_dscr")
    words = f"; refinance DSCR {show(cover, 'x')}" if cover is not None else ""
    if round(shortfall, view.decimals) > 0:
        return Light(
            "bad", "Refinancing", f"short by {show(shortfall, 'money', view.decimals)} {view.currency} m{words}"
        )
    return Light("good", "Refinancing", f"the take-out repays every balloon{words}")


def _alerts(view: View) -> Light | None:
    if not view.model.alerts:
        return None
    raised = view.result.warnings
    return Light("watch", "Alerts", "; ".join(raised)) if raised else Light("good", "Alerts", "none raised")


def _data(inputs: Book) -> Light:
    total = sum(inputs.counts.values())
    weak = {status: inputs.counts.get(status, 0) for status in ("assumed", "unsourced")}
    words = ", ".join(f"{count} {status}" for status, count in weak.items() if count)
    state = "watch" if any(weak.values()) else "good"
    return Light(state, "Data", f"{total} inputs" + (f", {words}" if words else ", all sourced"))


def _metric(view: View, key: str) -> float | None:
    """A headline metric; None where it does not apply."""
    value = view.result.headline.get(key, math.nan)
    return None if math.isnan(value) else value
