"""Events by date: what is left of the rent of a lease, or of an income, from a day on, and what letting again costs.

One mechanism for every kind. From its day an event leaves a share of the rent; after a downtime the space is let again
at another share of it, or after its last day the whole rent is due again. ``passed_on`` weighs what is lost by the
probability that it reaches the rent at all. Everything is counted in days of the lease: what a period loses is its rent
times the share of its days with rent that the event takes. A rent that steps within the period is so lost at its mean.
"""

from __future__ import annotations

from functools import reduce
from operator import mul

from spvmodel.deal.events import contracts_of, incomes_of, leases_of
from spvmodel.deal.schema import Event
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, END, START, falls_here
from spvmodel.lines import Expr, Number, Ref, edate, highest, maximum, minimum

KW_PER_MW = Number(1000, "kW/MW")


def declare_events(terms: Terms) -> None:
    """Of each event its days (dates, scalars), the shares of rent that it takes, and ``event.<name>.rent_left``.

    ``rent_left`` (share, by period) is what is left of a rent that is due on every day of the period; a lease that
    begins or ends within one counts its own days (:func:`left_by_events`).
    """
    for name, event in terms.deal.spec.event.items():
        with terms.graph.place("Events", event.label):
            _declare_event(terms, name, event)


def _declare_event(terms: Terms, name: str, event: Event) -> None:
    g, at = terms.graph, f"event.{name}"
    weight = g.scalar(
        f"{at}.weight",
        terms[f"{at}.happens"] * terms[f"{at}.passed_on"],
        "Weight of the event",
        "share",
        "0 while it does not happen; else the probability, or share, with which it reaches the rent",
    )
    g.scalar(f"{at}.eve", terms[f"{at}.on"] - DAY, "Eve of the event", "date")
    lost = 1 - terms[f"{at}.rent_share"]
    g.scalar(f"{at}.lost", weight * lost, "Share of the rent lost from the day", "share")
    if event.downtime is not None:
        eve = edate(terms[f"{at}.on"], terms[f"{at}.downtime"]) - DAY
        g.scalar(f"{at}.relet_eve", eve, "Last day of the downtime", "date")
        below = 1 - terms[f"{at}.relet_share"]
        g.scalar(f"{at}.lost_relet", weight * below, "Share of the rent lost when let again", "share")
    left = _left(terms, name, START, END, maximum(DAYS, DAY))
    g.series(f"{at}.rent_left", left, "Share of the rent that is left", "share", "of a rent due on every day")


def _left(terms: Terms, name: str, after: Expr, until: Expr, days: Expr) -> Expr:
    """The share that an event leaves of what is due evenly over ``days`` after one date and up to another."""
    at, event = f"event.{name}", terms.deal.spec.event[name]
    eve = maximum(after, Ref(f"{at}.eve"))
    if event.downtime is None:
        last = minimum(until, terms[f"{at}.until"]) if event.until is not None else until
        return 1 - Ref(f"{at}.lost") * maximum(0, last - eve) / days
    relet = Ref(f"{at}.relet_eve")
    idle = Ref(f"{at}.lost") * maximum(0, minimum(until, relet) - eve)
    again = Ref(f"{at}.lost_relet") * maximum(0, until - maximum(after, relet))
    return 1 - (idle + again) / days


def left_by_events(terms: Terms, at: str, due: Expr) -> Expr:
    """What events leave of ``due`` (money, by period), the rent of a lease or an income whose lines begin with ``at``.

    It is due for the days of the line ``{at}.days``, of which the last is that of ``let_until`` or ``runs_until``.
    Several events multiply. Without one ``due`` stands as it is; else it becomes the line ``{at}.under_contract``, and
    each event the line ``{at}.left_by_<event>``.
    """
    g = terms.graph
    if not _events_of(terms, at):
        return due
    whole = g.series(f"{at}.under_contract", due, "Due under the contract", "money", "before events", total=True)
    days, until = Ref(f"{at}.days"), Ref(f"{at}.{'let' if at.startswith('lease.') else 'runs'}_until")
    return _times_left(terms, at, "left_by", whole, days, until)


def recoveries_left_by_events(terms: Terms, at: str, due: Expr, days: Ref, until: Ref) -> Expr:
    """What events leave of the recoveries ``due`` (money, by period) of the lease whose lines begin with ``at``.

    They stop with the rent and return with it, by their own ``days``, of which the last is ``until``.
    """
    return _times_left(terms, at, "recoveries_left_by", due, days, until)


def _times_left(terms: Terms, at: str, what: str, due: Expr, days: Ref, until: Ref) -> Expr:
    left: list[Expr] = []
    for name in _events_of(terms, at):
        share = _left(terms, name, until - days, until, maximum(days, DAY))
        label = f"Left by {terms.deal.spec.event[name].label}"
        left.append(terms.graph.series(f"{at}.{what}_{name}", share, label, "share"))
    return due * reduce(mul, left) if left else due


def declare_letting_costs(terms: Terms) -> list[Ref]:
    """What each event costs the SPV when space is let again (money, by period), on the day on which it is.

    Per kW of every lease that has not ended by then, weighed as the rent is.
    """
    g, spec, found = terms.graph, terms.deal.spec, []
    million = Number(1_000_000, f"{terms.deal.currency}/money")
    for name, event in spec.event.items():
        if event.relet_cost is None:
            continue
        at = f"event.{name}"
        with g.place("Events", event.label):
            relet = Ref(f"{at}.relet_eve") + DAY
            let = [
                terms[f"building.{spec.lease[key].building}.capacity"] * (Ref(f"lease.{key}.until") >= relet)
                for key in leases_of(spec, event)
            ]
            capacity = g.scalar(f"{at}.relet_capacity", sum(let[1:], let[0]), "Capacity that is let again", "MW")
            cost = Ref(f"{at}.weight") * terms[f"{at}.relet_cost"] * capacity * KW_PER_MW / million
            cost = g.scalar(f"{at}.relet_cost_total", cost, "Cost of letting again", "money")
            label = "Tenant improvements and leasing commission"
            found.append(g.series(f"{at}.letting", cost * falls_here(relet), label, "money", total=True))
    return found


def _events_of(terms: Terms, at: str) -> list[str]:
    """The events that change a lease or an income, in the order of the deal file."""
    spec, (section, key) = terms.deal.spec, at.split(".")
    touched = {"lease": leases_of, "contract": contracts_of, "income": incomes_of}[section]
    return [name for name, event in spec.event.items() if key in touched(spec, event)]


def declare_event_checks(terms: Terms) -> None:
    """Events leave of every rent and income between nothing and all that is due under its contract."""
    g, spec = terms.graph, terms.deal.spec
    lines = {f"lease.{key}": "rent_income" for key in spec.lease} | {f"income.{key}": "earned" for key in spec.income}
    lines |= {f"contract.{key}": "invoiced" for key in spec.contract}
    changed = [
        (Ref(f"{at}.{what}"), Ref(f"{at}.under_contract")) for at, what in lines.items() if _events_of(terms, at)
    ]
    if not changed:
        return
    outside = [maximum(0, left - due, -left) for left, due in changed]
    label = "Events leave between nothing and the whole of every rent"
    with g.place("Checks", "By period"):
        gap = g.series("checks.events_by_period", sum(outside[1:], outside[0]), label, "money")
    g.check("checks.events", highest(gap), label, "money", terms["checks.tolerance"])
