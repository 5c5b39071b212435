"""Events by date: what is left of the rent of a lease, or of an income, from a day on, and what letting again costs.

One mechanism for every kind. From its day an event leaves a share of the rent; after a downtime the space is let again
at another share of it, or after its last day the whole rent is due again. ``passed_on`` weighs what is lost by the
probability that it reaches the rent at all. A period keeps the share that is left at its end, and of what was due
before a change in it the share that this change takes: each day bears the rent that is in force on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Literal

from spvmodel.deal.events import contracts_of, incomes_of, leases_of, vacates
from spvmodel.deal.schema import Event
from spvmodel.finance.operations.anniversaries import Weighted, declare_days, declare_days_to, declare_stepped_days
from spvmodel.finance.operations.market import declare_market_rent
from spvmodel.finance.operations.renewal import likely_on
from spvmodel.finance.operations.rent import KW_PER_MW, let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, END, FULL_DAYS, PERIODS_PER_YEAR, START, falls_here
from spvmodel.lines import Expr, Number, Ref, edate, highest, maximum, minimum

Measure = Literal["rent", "space", "customer"]
"""What events leave a part of: the rent, the space that is used, or what the customer of a contract is invoiced.

When space is let again a share of the rent is left, all of the space is used, and nothing is left of who had it.
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due by the day, of which events leave a part: which days, and the money of a number of indexed days."""

    days: list[Weighted]
    of: Callable[[Expr], Expr] | None = None
    """None where the days themselves are counted."""

    def amount(self, weighted: Expr) -> Expr:
        """What is due of a number of indexed days."""
        return weighted if self.of is None else self.of(weighted)


@dataclass(frozen=True, slots=True)
class _Change:
    """After ``eve`` (a date) an event leaves another share: ``lost`` (share) less than before, negative for more."""

    event: str
    key: str
    label: str
    eve: Ref
    lost: Expr


def declare_events(terms: Terms) -> None:
    """Of each event its days (dates, scalars), the shares of rent that it takes, and ``event.<name>.rent_left``.

    ``rent_left`` (share, by period) is what is left of a rent that is due on every day of the period, ``rent_left_eop``
    what is left at its end.
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
        # A market rent is no part of the old one: of that nothing is left.
        below: Expr = Number(1) if event.relet_rent is not None else 1 - terms[f"{at}.relet_share"]
        g.scalar(f"{at}.lost_relet", weight * below, "Share of the rent lost when let again", "share")
    left = _left(terms, name, START, END, maximum(DAYS, DAY))
    g.series(f"{at}.rent_left", left, "Share of the rent that is left", "share", "of a rent due on every day")
    left = _left_on(terms, name, "rent", lambda eve: eve < END)
    g.series(f"{at}.rent_left_eop", left, "Share of the rent that is left on the last day", "share")


def _changes(terms: Terms, name: str, measure: Measure) -> list[_Change]:
    """The days on which an event changes what is left, in turn."""
    at, event = f"event.{name}", terms.deal.spec.event[name]
    lost = Ref(f"{at}.lost")
    found = [_Change(name, f"event.{name}", event.label, Ref(f"{at}.eve"), lost)]
    if event.downtime is not None:
        again = {"rent": Ref(f"{at}.lost_relet"), "space": Number(0), "customer": Ref(f"{at}.weight")}
        more = again[measure] - lost
        found.append(_Change(name, f"event.{name}.relet", f"{event.label}, let again", Ref(f"{at}.relet_eve"), more))
    elif event.until is not None:
        found.append(_Change(name, f"event.{name}.until", f"{event.label}, end", terms[f"{at}.until"], -lost))
    return found


def _left_on(terms: Terms, name: str, measure: Measure, passed: Callable[[Expr], Expr]) -> Expr:
    """The share that an event leaves on a day on which it is known whether the eve of each change has ``passed``."""
    left: Expr = Number(1)
    for change in _changes(terms, name, measure):
        left = left - change.lost * passed(change.eve)
    return left


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


def rent_by_the_day(yearly: Ref, days: list[Weighted]) -> Due:
    """Rent of indexed days at a yearly rent of the first year (money/yr)."""
    return Due(days, lambda weighted: yearly / PERIODS_PER_YEAR * weighted / FULL_DAYS)


def left_by_events(terms: Terms, at: str, dues: list[Due], whole: Expr) -> Expr:
    """What events leave of ``whole`` (money, by period), a rent or an income whose lines begin with ``at``.

    Several events multiply. Without one ``whole`` stands as it is; else it becomes the line ``{at}.under_contract``;
    ``{at}.<event>.due`` (money) is what was due in its period before the event.
    """
    names = events_of(terms, at)
    if not names:
        return whole
    whole = terms.graph.series(
        f"{at}.under_contract", whole, "Due under the contract", "money", "before events", total=True
    )
    return _left_of(terms, at, "rent", names, dues, whole)


def emptying(terms: Terms, at: str) -> list[str]:
    """The events that empty the space of a lease, in the order of the deal file."""
    return [name for name in events_of(terms, at) if vacates(terms.deal.spec.event[name])]


def space_left_by_events(terms: Terms, at: str, days: list[Weighted], whole: Ref) -> Expr:
    """What events leave of the days ``whole`` (by period) on which the space of the lease ``at`` is used.

    In full again once it is let again; where an event only cuts the rent its user stays.
    """
    names = emptying(terms, at)
    return _left_of(terms, f"{at}.space", "space", names, [Due(days)], whole) if names else whole


def customer_left_by_events(terms: Terms, at: str, due: Due, whole: Ref) -> Ref:
    """What of the invoices ``whole`` of a contract its first customer owes, not who hires the capacity after it."""
    names = events_of(terms, at)
    if not any(terms.deal.spec.event[name].downtime is not None for name in names):
        return Ref(f"{at}.invoiced")
    left = _left_of(terms, f"{at}.customer", "customer", names, [due], whole)
    label = "Invoiced to the customer of the contract"
    return terms.graph.series(f"{at}.customer.invoiced", left, label, "money", "not to who follows it", total=True)


def declare_market_lets(terms: Terms, name: str, rent_from: Ref, until: Expr) -> list[Ref]:
    """The market rent of each event after which the lease is let again at one (money, by period), less other events.

    ``lease.<name>.event.<event>.market.due`` (money) is all of it, ``.rent`` what the other events leave.
    """
    g, found = terms.graph, []
    names = events_of(terms, f"lease.{name}")
    for key in names:
        event = terms.deal.spec.event[key]
        if event.relet_rent is None:
            continue
        at, given, eve = f"lease.{name}.event.{key}.market", f"event.{key}.relet_rent", Ref(f"event.{key}.relet_eve")
        yearly = declare_market_rent(terms, given, at, name, eve, Ref(f"event.{key}.weight"))
        what = f"let again after {event.label}"
        days = declare_days(terms, at, maximum(rent_from, eve), until, what, here=Ref(f"lease.{name}.let_until"))
        market = rent_by_the_day(yearly, [Weighted(days, at)])
        due = market.amount(declare_stepped_days(terms, at, days, at, what))
        due = g.series(f"{at}.due", due, f"Market rent after {event.label}", "money", total=True)
        others = [other for other in names if other != key]
        left = _left_of(terms, at, "rent", others, [market], due) if others else due
        label = f"Market rent after {event.label}, less other events"
        found.append(g.series(f"{at}.rent", left, label, "money", total=True))
    return found


def _left_of(terms: Terms, at: str, measure: Measure, names: list[str], dues: list[Due], whole: Ref) -> Expr:
    """The share left on the last day of the whole, and of what was due before each change what it takes since then."""
    g = terms.graph
    parts = [whole * reduce(mul, [_left_eop(terms, name, measure) for name in names])]
    for name in names:
        for change in _changes(terms, name, measure):
            here, label = f"{at}.{change.key}", f"Due before {change.label}"
            parted = []
            for number, due in enumerate(dues):
                days = _declare_days_before(terms, f"{here}.rent_{number}" if number else here, change, due.days)
                parted.append(due.amount(days))
            before = reduce(add, parted)
            if measure != "space":
                before = g.series(f"{here}.due", before, label, "money", "in its period", total=True)
            parts.append(before * _lost_then(terms, at, measure, change, names))
    return reduce(add, parts)


def _left_eop(terms: Terms, name: str, measure: Measure) -> Ref:
    """The share that an event leaves on the last day of each period."""
    measure = measure if terms.deal.spec.event[name].downtime is not None else "rent"
    line = Ref(f"event.{name}.{measure}_left_eop")
    if not terms.graph.has(line.name):
        what = {"space": "the space that is used", "customer": "what the customer is invoiced"}[measure]
        left = _left_on(terms, name, measure, lambda eve: eve < END)
        terms.graph.series(line.name, left, f"Share of {what} on the last day", "share")
    return line


def _declare_days_before(terms: Terms, at: str, change: _Change, days: list[Weighted]) -> Expr:
    """Days that are due in the period of a change, before it, each at its index and its share."""
    here, what = (change.eve > START) * (change.eve < END), f"before {change.label}"
    if len(days) == 1 and not days[0].key:
        return declare_days_to(terms, at, days[0], change.eve, here, what)
    found = [part.share * declare_days_to(terms, f"{at}.{part.key}", part, change.eve, here, what) for part in days]
    label = f"Days {what}, indexed, by share"
    return terms.graph.series(f"{at}.rent_days", reduce(add, found), label, "days")


def _lost_then(terms: Terms, at: str, measure: Measure, change: _Change, names: list[str]) -> Expr:
    """What a change takes of what the other events leave on its day (share, scalar), the earlier of one day first."""
    others = [name for name in names if name != change.event]
    if not others:
        return change.lost
    earlier = names[: names.index(change.event)]
    left = [
        _left_on(
            terms, name, measure, (lambda eve: eve <= change.eve) if name in earlier else (lambda eve: eve < change.eve)
        )
        for name in others
    ]
    lost, label = change.lost * reduce(mul, left), f"Share that changes with {change.label}"
    return terms.graph.scalar(f"{at}.{change.key}.lost", lost, label, "share", "of what other events leave")


def declare_letting_costs(terms: Terms) -> list[Ref]:
    """What each event costs the SPV when space is let again (money, by period), on the day on which it is.

    Per kW of what every lease lets that has not ended by then, weighed as the rent is.
    """
    g, spec, found = terms.graph, terms.deal.spec, []
    for name, event in spec.event.items():
        if event.relet_cost is None:
            continue
        at = f"event.{name}"
        with g.place("Events", event.label):
            relet = Ref(f"{at}.relet_eve") + DAY
            let = _let_on(terms, leases_of(spec, event), relet)
            note = "of leases that have not ended, no more than a building has"
            capacity = g.scalar(f"{at}.relet_capacity", let, "Capacity that is let again", "MW", note)
            cost = Ref(f"{at}.weight") * terms[f"{at}.relet_cost"] * capacity * KW_PER_MW / terms.million
            cost = g.scalar(f"{at}.relet_cost_total", cost, "Cost of letting again", "money")
            label = "Tenant improvements and leasing commission"
            found.append(g.series(f"{at}.letting", cost * falls_here(relet), label, "money", total=True))
    return found


def _let_on(terms: Terms, leases: list[str], day: Expr) -> Expr:
    """The capacity (MW) of leases that have not ended by a day, each at the probability of its term then."""
    spec, by_building = terms.deal.spec, dict[str, list[Expr]]()
    for key in leases:
        let, likely = let_capacity(terms, key), likely_on(terms, key, day)
        if let is not None:
            let = let * (Ref(f"lease.{key}.until") >= day)
            by_building.setdefault(spec.lease[key].building, []).append(let if likely is None else let * likely)
    found: list[Expr] = []
    for name, parts in by_building.items():
        one = reduce(add, parts)
        whole = f"building.{name}.capacity"
        found.append(minimum(one, terms[whole]) if len(parts) > 1 and terms.has(whole) else one)
    return reduce(add, found)


def events_of(terms: Terms, at: str) -> list[str]:
    """The events that change a lease or an income, in the order of the deal file."""
    spec, (section, key) = terms.deal.spec, at.split(".")
    touched = {"lease": leases_of, "contract": contracts_of, "income": incomes_of}[section]
    return [name for name, event in spec.event.items() if key in touched(spec, event)]


def defaults_of(terms: Terms, at: str) -> list[str]:
    """The events after which the tenant of a lease pays nothing more, what it owes by then included."""
    return [name for name in events_of(terms, at) if terms.deal.spec.event[name].kind == "tenant default"]


def due_before(terms: Terms, at: str, name: str) -> Expr:
    """Rent of a lease (money, by period) up to the eve of an event: of its period what other events leave then."""
    eve, left = Ref(f"event.{name}.eve"), Ref(f"{at}.event.{name}.due") * Number(1)
    for other in events_of(terms, at):
        if other != name:
            left = left * _left_on(terms, other, "rent", lambda day: day < eve)
    return Ref(f"{at}.rent_income") * (END <= eve) + left


def _all_due(terms: Terms, at: str) -> Expr:
    """What is due under the contract, and as market rent where the space is let again at one (money, by period)."""
    due: Expr = Ref(f"{at}.under_contract")
    for name in events_of(terms, at):
        line = f"{at}.event.{name}.market.due"
        due = due + Ref(line) if terms.graph.has(line) else due
    return due


def declare_event_checks(terms: Terms) -> None:
    """Events leave of every rent and income between nothing and all that is due under its contract."""
    g, spec = terms.graph, terms.deal.spec
    lines = {f"lease.{key}": "rent_income" for key in spec.lease} | {f"income.{key}": "earned" for key in spec.income}
    lines |= {f"contract.{key}": "invoiced" for key in spec.contract}
    changed = [(Ref(f"{at}.{what}"), _all_due(terms, at)) for at, what in lines.items() if events_of(terms, at)]
    if not changed:
        return
    outside = [maximum(0, left - due, -left) for left, due in changed]
    label = "Events leave between nothing and the whole of every rent"
    with g.place("Checks", "By period"):
        gap = g.series("checks.events_by_period", sum(outside[1:], outside[0]), label, "money")
    g.check("checks.events", highest(gap), label, "money", terms["checks.tolerance"])
