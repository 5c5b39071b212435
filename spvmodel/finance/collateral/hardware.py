"""Resale value of computing hardware: from what it cost down to its residual over its life."""

from __future__ import annotations

from functools import reduce
from operator import mul

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Number, Ref, edate, maximum, minimum, prev, sum_of

A_YEAR = Number(365, "days")
HARDWARE = "hardware"


def hardware(terms: Terms) -> list[str]:
    """The uses that are computing hardware with a life."""
    return [name for name, use in terms.deal.spec.use.items() if use.hardware is not None]


def declare_hardware(terms: Terms) -> None:
    """``hardware.<use>.value`` (money, at the period end) of every use of the kind, and ``hardware.value``, their sum.

    What has been bought, at its value when new until the first day with revenue. From then on the value falls by days
    (365 to the year): in a straight line to its residual at the end of the life, or by a share of what is left, down to
    the residual. After the life it stays where it is. Events, as obsolescence, take a share of all of it.
    """
    names = hardware(terms)
    if not names:
        return
    g = terms.graph
    after = _after_events(terms)
    for name in names:
        with g.place("Ratios", f"Resale value, {terms.deal.spec.use[name].label}"):
            _declare_value(terms, name, after)
    with g.place("Ratios", "Resale value of the hardware"):
        values = sum_of(*[Ref(f"{HARDWARE}.{name}.value") for name in names])
        g.series(f"{HARDWARE}.value", values, "Resale value", "money")


def _after_events(terms: Terms) -> Ref | None:
    """``hardware.left`` (share): what events leave of the resale value at the period end; None where none takes any."""
    left: list[Expr] = []
    for name, event in terms.deal.spec.event.items():
        if event.hardware_share is not None:
            at = f"event.{name}"
            lost = terms[f"{at}.happens"] * (1 - terms[f"{at}.hardware_share"])
            left.append(1 - lost * (END >= terms[f"{at}.on"]))
    if not left:
        return None
    with terms.graph.place("Ratios", "Resale value after events"):
        label = "Share of the resale value that events leave"
        return terms.graph.series(f"{HARDWARE}.left", reduce(mul, left), label, "share", "from their day on, for good")


def _declare_value(terms: Terms, name: str, after: Ref | None) -> None:
    g, at, given = terms.graph, f"{HARDWARE}.{name}", f"use.{name}.hardware"
    eve = g.scalar(f"{at}.service_eve", maximum(Ref("revenue.from"), terms["time.close"]), "Eve of service", "date")
    last = g.scalar(f"{at}.until", edate(eve, terms[f"{given}.life"]), "End of the life", "date")
    cost = Ref(f"{at}.cost")
    g.series(cost.name, prev(cost) + Ref(f"construction.{name}.spend"), "Bought by the period end", "money")
    new, least = terms[f"{given}.new_value"], terms[f"{given}.residual"]
    age = g.series(f"{at}.age", maximum(0, minimum(END, last) - eve), "Days in service", "days")
    if terms.has(f"{given}.decline"):
        left: Expr = maximum(least, new * (1 - terms[f"{given}.decline"]) ** (age / A_YEAR))
        note = "falls by a share of what is left, not below the residual"
    else:
        left, note = new - maximum(0, new - least) * (age / (last - eve)), "straight line to the residual"
    left = g.series(f"{at}.value_share", left, "Value / cost", "share", note)
    value = cost * left if after is None else cost * left * after
    g.series(f"{at}.value", value, "Resale value", "money")
