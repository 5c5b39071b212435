"""The headline metrics of a result, with labels, units, how they are measured and why one does not apply."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from spvmodel.engine import Result
from spvmodel.engine.roots import DAYS_IN_YEAR, roots
from spvmodel.lines import Call, Expr, Line, Ref
from spvmodel.report.format import money_decimals, show, with_unit
from spvmodel.report.sizing import sized

_ACRONYMS: Final = {"ltv": "LTV", "lgd": "LGD", "cfads": "CFADS", "dscr": "DSCR", "irr": "IRR", "icr": "ICR"}
_SUMMARIES: Final = frozenset({"lowest", "highest", "mean"})
_SCHEDULED: Final = frozenset({"min_dscr", "avg_dscr", "avg_dscr_total"})
"""Metrics that set cash against scheduled service, whatever of it was paid."""

BORROWED: Final = "money is taken out before any is paid in: a rate would be the cost of borrowing, not a return"
_PEAKS: Final = {
    "returns.payback_date": "returns.peak_equity",
    "enforcement.payback_date": "enforcement.equity_flow_peak",
}
"""The most that sponsors are out of pocket, by the date on which they no longer are."""
ARREARS_EXCLUDED: Final = "scheduled service, arrears excluded"


@dataclass(frozen=True, slots=True)
class Metric:
    """One headline metric.

    ``value`` is in ``unit``, nan where the metric does not apply; ``names`` are the words for it where it is a choice;
    ``name`` is the line behind it, empty when the
    model has none; ``note`` says how it is measured, or why it does not apply.
    """

    key: str
    label: str
    value: float
    unit: str
    name: str
    note: str
    names: tuple[str, ...] = ()


def headline(result: Result) -> list[Metric]:
    """Every metric of the interface in its order, those that do not apply included."""
    about, names = result.model.about, result.model.headline
    order, given = about.get("metrics"), about.get("not_applicable")
    reasons = given if isinstance(given, dict) else {}
    found = []
    for key in order if isinstance(order, list) else names:
        if key not in names:
            found.append(Metric(key, _words(key), math.nan, "", "", reasons.get(key, "")))
            continue
        line, value = result.model.lines[names[key]], result.headline[key]
        note = (
            _next_to_bind(result)
            if line.names
            else _measured(result, key)
            if value == value
            else _missing(result, line, reasons.get(key, ""))
        )
        found.append(Metric(key, line.label, value, line.unit, line.name, note, line.names))
    return found


def why_missing(result: Result, name: str) -> str:
    """Why a scalar line has no value in this case."""
    given = result.model.about.get("not_applicable")
    known = given.get(name.rpartition(".")[2], "") if isinstance(given, dict) else ""
    return _missing(result, result.model.lines[name], known)


def _next_to_bind(result: Result) -> str:
    """What would bind each sized loan next and how far it is; the constraint itself of all but the first loan."""
    currency, decimals = str(result.model.about.get("currency", "")), money_decimals(result)
    told = []
    for number, one in enumerate(sized(result)):
        words = f"{one.label}: {one.binding.label}" if number else one.label
        if one.second is not None:
            words += (
                f", next {one.second.label}, headroom {with_unit(one.second.headroom, 'money', currency, decimals)}"
            )
        told.append(words)
    return "; ".join(told)


def overdue(result: Result) -> bool:
    """Whether interest, principal or a balloon is not paid in time in any period."""
    name = "covenants.payment_default"
    return name in result.values and any(result.series(name))


def _measured(result: Result, key: str) -> str:
    """How a metric is measured: the note of its line, or of the line that it is the lowest or the mean of."""
    line = result.model.lines[result.model.headline[key]]
    expr, notes = line.expr, [line.note]
    if not line.note and isinstance(expr, Call) and expr.op in _SUMMARIES and isinstance(expr.args[0], Ref):
        notes = [result.model.lines[expr.args[0].name].note]
    if key in _SCHEDULED and overdue(result):
        notes.append(ARREARS_EXCLUDED)
    rates = roots(*_dated_flows(result, expr))
    if len(rates) > 1:
        several = ", ".join(show(rate, "1/yr") for rate in rates)
        notes.append(f"several rates solve it: {several}; the one nearest 10% is shown")
    return "; ".join(filter(None, notes))


def _missing(result: Result, line: Line, known: str) -> str:
    """Why a line has no value in this case: what its flows show, or the reason that is known for its metric."""
    expr = line.expr
    if line.name in _PEAKS and result.scalar(_PEAKS[line.name]) <= result.scalar("checks.tolerance"):
        return "sponsors are never out of pocket"
    match expr:
        case Call("where", (Call("defined", (Ref(other),)), _, _)):
            # What is computed of a rate is missing for the reason of the rate.
            return _missing(result, result.model.lines[other], known)
    flows, times = _dated_flows(result, expr)
    if not flows:
        return known or _undefined(expr)
    if min(flows) >= 0.0 or max(flows) <= 0.0:
        return "all flows have one sign"
    if isinstance(expr, Call) and expr.op == "where" and next(filter(None, flows)) > 0.0:
        return BORROWED
    # A rate that the flows have, and that is withheld, is withheld for the reason that is known.
    return known if roots(flows, times) else "no rate between -99.99% and 1000%"


def _undefined(expr: Expr | None) -> str:
    """Why a formula that is no rate of return has no value."""
    if isinstance(expr, Call) and expr.op == "ratio":
        return "what it is divided by is 0"
    if isinstance(expr, Call) and expr.op in (*_SUMMARIES, "at_lowest"):
        return "no period has a value"
    return "it has no value in this case"


def _dated_flows(result: Result, expr: Expr | None) -> tuple[list[float], list[float]]:
    """The flows whose internal rate of return a formula is, and their times; both empty for any other formula.

    A rate that is given only where owners pay in first is the first choice of ``where``.
    """
    if isinstance(expr, Call) and expr.op == "where":
        expr = expr.args[1]
    if not isinstance(expr, Call) or expr.op not in ("irr", "xirr"):
        return [], []
    flows, *days = (result.series(arg.name) for arg in expr.args if isinstance(arg, Ref))
    if not days:
        return flows, [float(t) for t in range(len(flows))]
    return flows, [(day - days[0][0]) / DAYS_IN_YEAR for day in days[0]]


def _words(key: str) -> str:
    """The name of a metric in words."""
    text = " ".join(_ACRONYMS.get(word, word) for word in key.split("_"))
    return text[:1].upper() + text[1:]
