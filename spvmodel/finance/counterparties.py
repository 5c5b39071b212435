"""Counterparties: how likely each of them is to fail, alone and through those it depends on.

A party that depends on another one fails with it, with the probability ``passed_on``, or for reasons of its own. The
reasons are independent of each other. Years are actual days / 365. Probabilities from a spread are those that the
market charges for (risk-neutral); they lie above what default studies have seen.
"""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise
from operator import mul
from typing import Final

from spvmodel.deal.counterparties import failing, standing
from spvmodel.deal.schema import Counterparty
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAYS, DAYS_365, END
from spvmodel.lines import Expr, Number, Ref, absolute, ln, lowest, maximum, minimum, prev, sum_of, total, where

_E: Final = Number(math.e)
_ROUNDING: Final = 1e-9
"""Probabilities this close together are the same."""
YEARS: Final = Ref("counterparty.years")


def quantified(terms: Terms) -> list[str]:
    """The counterparties with a default probability, each after those it depends on."""
    parties = terms.deal.spec.counterparty
    found: list[str] = []

    def visit(name: str) -> None:
        for other in parties[name].depends_on:
            visit(other)
        if name not in found:
            found.append(name)

    for name, party in parties.items():
        if party.is_quantified:
            visit(name)
    return found


def declare_counterparties(terms: Terms) -> None:
    """Hazard rate, survival and default probability of every counterparty that has any, by period.

    ``counterparty.<name>.survival`` (share): probability not to have failed by the period end, 1 at financial close:
    own survival x the product over those it depends on of (1 - passed_on x (1 - their survival)).
    ``.default_probability`` (share): probability to fail in the period, as seen from financial close.
    ``.hazard`` (1/yr): rate at which survival falls in the period, ln(survival before / survival) / years; 0 in a
    period of no days.
    """
    declare_standing(terms)
    g, order = terms.graph, quantified(terms)
    if not order:
        return
    with g.place("Counterparties", "Time"):
        g.series(YEARS.name, DAYS / DAYS_365, "Years in the period", "yr", "actual days / 365")
    for name in order:
        party, at = terms.deal.spec.counterparty[name], f"counterparty.{name}"
        with g.place("Counterparties", party.label):
            parts: list[Expr] = [_own_survival(terms, at, party)] if _measured(party) else []
            parts += [_others_survival(terms, at, other) for other in party.depends_on]
            joint: Expr = parts[0]
            for part in parts[1:]:
                joint = joint * part
            note = "" if len(parts) == 1 else "own survival x what the failure of the others leaves"
            survival = g.series(f"{at}.survival", joint, "Survival", "share", note, opening=1)
            failing = prev(survival) - survival
            g.series(
                f"{at}.default_probability",
                failing,
                "Probability of default in the period",
                "share",
                "as seen from financial close",
                total=True,
            )
            lives = (YEARS > Number(0, "yr")) * (survival > 0)
            rate = where(lives, ln(prev(survival) / survival) / YEARS, 0)
            g.series(f"{at}.hazard", rate, "Hazard rate", "1/yr", "ln(survival before / survival) / years")


def declare_standing(terms: Terms) -> None:
    """``counterparty.<name>.standing`` (share, by period): the probability to stand at the period end, in this case.

    0 once an event that happens has made it fail; else what the failure of those it depends on leaves of it. Lines of
    the guarantors that an event can make fail, and of those they depend on.
    """
    g, spec = terms.graph, terms.deal.spec
    known = standing(spec)
    for name in known:
        at, party = f"counterparty.{name}", spec.counterparty[name]
        parts: list[Expr] = [
            1 - terms[f"event.{key}.happens"] * (END > Ref(f"event.{key}.eve"))
            for key, event in spec.event.items()
            if name in failing(spec, event)
        ]
        parts += [
            1 - terms[f"{at}.depends_on.{other}.passed_on"] * (1 - Ref(f"counterparty.{other}.standing"))
            for other in party.depends_on
            if other in known
        ]
        with g.place("Counterparties", party.label):
            note = "0 once an event has made it fail; not the probability of a default"
            g.series(f"{at}.standing", reduce(mul, parts), "Stands at the period end", "share", note)


def _measured(party: Counterparty) -> bool:
    return party.cds is not None or party.default_rate is not None or party.default_rates is not None


def _own_survival(terms: Terms, at: str, party: Counterparty) -> Ref:
    """Survival of what the counterparty itself can fail of (share): e ^ -(hazard rate x years at risk)."""
    g = terms.graph
    years = _years_at_risk(terms, at)
    if party.default_rates is not None:
        burden, note = _table(terms, at, party.default_rates.years, years), "by the hazard rates of the table"
    else:
        if party.cds is not None:
            rate: Expr = terms[f"{at}.cds"] / (1 - terms[f"{at}.recovery"])
            note = "spread / (1 - recovery)"
        else:
            rate, note = ln(1 / (1 - terms[f"{at}.default_rate"])) / A_YEAR, "ln(1 / (1 - default rate of a year))"
        burden = g.scalar(f"{at}.own_hazard", rate, "Own hazard rate", "1/yr", note) * years
        note = "e ^ -(own hazard rate x years at risk)"
    return g.series(f"{at}.own_survival", _E ** (-burden), "Survival of its own risks", "share", note, opening=1)


def _years_at_risk(terms: Terms, at: str) -> Expr:
    """Years (yr) to the period end in which the counterparty could have failed since financial close."""
    g, close = terms.graph, terms["time.close"]
    if not terms.has(f"{at}.from"):
        since: Expr = close
        note = "from financial close, actual days / 365"
    else:
        since = maximum(close, terms[f"{at}.from"])
        note = "from the day it is at risk, actual days / 365"
    years = maximum(0, END - since) / DAYS_365
    return g.series(f"{at}.years", years, "Years at risk to the period end", "yr", note)


def _table(terms: Terms, at: str, given: list[int], years: Expr) -> Expr:
    """Hazard rates times years at risk, added up over the years of a table: the last rate goes on after its end."""
    g = terms.graph
    passed: list[Ref] = []
    for before, year in pairwise([0, *given]):
        left: Expr = Number(1)
        if before:
            left = 1 - terms[f"{at}.default_rates.year_{before}"]
        lost = left / (1 - terms[f"{at}.default_rates.year_{year}"])
        span = Number(float(year - before), "yr")
        label = f"Own hazard rate, year {year}" if year == before + 1 else f"Own hazard rate, years {before + 1}-{year}"
        note = "ln(survival before / survival at the end) / years"
        rate = g.scalar(f"{at}.own_hazard_{year}", ln(lost) / span, label, "1/yr", note)
        here = years if year == given[-1] else minimum(years, Number(float(year), "yr"))
        here = maximum(0, here - Number(float(before), "yr")) if before else here
        passed.append(g.series(f"{at}.burden_{year}", rate * here, f"{label} x years in them", "share"))
    return sum_of(*passed)


def _others_survival(terms: Terms, at: str, other: str) -> Expr:
    """What the possible failure of another counterparty leaves of the survival of this one (share)."""
    label = terms.deal.spec.counterparty[other].label
    left = 1 - terms[f"{at}.depends_on.{other}.passed_on"] * (1 - Ref(f"counterparty.{other}.survival"))
    return terms.graph.series(
        f"{at}.after_{other}", left, f"Not failed with {label}", "share", "1 - passed on x (1 - survival of the other)"
    )


def declare_counterparty_checks(terms: Terms) -> None:
    """Default probabilities and the survival that is left are one in all, and survival never rises."""
    g = terms.graph
    for name in quantified(terms):
        at, label = f"counterparty.{name}", terms.deal.spec.counterparty[name].label
        survival, failing = Ref(f"{at}.survival"), Ref(f"{at}.default_probability")
        gap = absolute(total(failing) + lowest(survival) - 1) + maximum(0, -lowest(failing))
        gap = where(gap > _ROUNDING, gap, 0)
        note = "default probabilities and the survival that is left are 1 in all; none is negative"
        g.check(f"checks.counterparty_{name}", gap, f"{label}: probabilities add up", "share", None, note)
