"""Recoveries: what tenants pay back of the landlord's costs (definitions, section 1).

A cost that states no recoverable share is the landlord's own, or stands on neither side: under a triple-net lease
recoveries and what they recover cancel out. A cost falls evenly on the days of operation; each tenant pays its
proportionate share of what its class of lease lets the landlord recover, for the days from commencement to its last.
What falls on other days, or on space that is not let, stays with the landlord. So does what falls on let space that
stands empty, after an event or because a renewal is not certain: empty space pays nothing, and uses no metered power.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.deal.recoveries import is_recovered
from spvmodel.deal.schema import Lease, Opex
from spvmodel.finance.operations.anniversaries import Days, Weighted
from spvmodel.finance.operations.events import emptying, space_left_by_events
from spvmodel.finance.operations.renewal import renewals_of
from spvmodel.finance.operations.rent import let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, PERIODS_PER_YEAR, START, YEAR
from spvmodel.lines import Expr, Number, Ref, default, edate, highest, maximum, minimum, ratio, sum_of, total

ALL_RECOVERIES: Final = Ref("lease.recoveries")
BEFORE: Final = Ref("revenue.before_recoveries")


def recovering(terms: Terms) -> list[str]:
    """The leases under which some cost is paid back, in the order of the deal file."""
    spec = terms.deal.spec
    return [name for name, lease in spec.lease.items() if any(is_recovered(cost, lease) for cost in spec.opex.values())]


def revenue_before_recoveries(terms: Terms) -> Ref:
    """Revenue of which a cost may be a share (money, by period): without what is paid back of costs."""
    return BEFORE if recovering(terms) else Ref("revenue.total")


def declare_recoveries(terms: Terms) -> None:
    """``lease.<name>.recoveries`` (money, by period, revenue) and their sum ``lease.recoveries``; each cost's base.

    Due as the cost is incurred, and received then. They count at the probability of the term that runs, as rent does;
    events stop them while space is empty, and leave them where they only cut the rent.
    """
    names = recovering(terms)
    if not names:
        return
    g, spec = terms.graph, terms.deal.spec
    for key in spec.opex:
        _declare_base(terms, key)
    for name in names:
        with g.place("Lease", f"{spec.lease[name].label}: recoveries"):
            _declare_lease(terms, name)
    with g.place("Lease", "Recoveries"):
        every = sum_of(*[Ref(f"lease.{name}.recoveries") for name in names])
        g.series(ALL_RECOVERIES.name, every, "Recoveries", "money", "operating costs that tenants pay back", total=True)


def _declare_base(terms: Terms, key: str) -> None:
    """What tenants in common may owe of a cost, and what of it exceeds the expense stop (money, by period)."""
    g, at, leases = terms.graph, f"opex.{key}", terms.deal.spec.lease.values()
    cost, spec = Ref(f"{at}.cost"), terms.deal.spec.opex[key]
    used = [lease for lease in leases if is_recovered(spec, lease) and not _based(spec, lease)]
    with g.place("Opex", f"{spec.label}: recoverable"):
        if any(not _stopped(terms, key, lease.recoveries) for lease in used):
            if spec.passed_through is not None:
                # Who uses power pays for it, whatever others do not use.
                whole = Ref(f"{at}.metered") if may_stand_empty(terms) else cost
                owed = terms[f"{at}.passed_through"] * whole
            else:
                owed = terms[f"{at}.recoverable"] * cost
            g.series(f"{at}.recoverable_cost", owed, "Recoverable cost", "money", total=True)
        if any(_stopped(terms, key, lease.recoveries) for lease in used):
            stop = terms[f"{at}.expense_stop"] / PERIODS_PER_YEAR * Ref("opex.days") / FULL_DAYS
            stop = g.series(f"{at}.stop", stop, "Expense stop", "money", "by days of operation", total=True)
            above = terms[f"{at}.recoverable"] * maximum(0, cost - stop)
            g.series(f"{at}.above_stop", above, "Recoverable above the expense stop", "money", total=True)


def may_stand_empty(terms: Terms) -> list[str]:
    """The leases under which costs are paid back and whose space may stand empty while they run."""
    spec = terms.deal.spec
    return [name for name in recovering(terms) if spec.lease[name].renewals or emptying(terms, f"lease.{name}")]


def vacant_share(terms: Terms) -> Ref:
    """``opex.vacant_share`` (share, by period): how much of what tenants use stands empty, by days of operation."""
    line = Ref("opex.vacant_share")
    if not terms.graph.has(line.name):
        at = [f"lease.{name}" for name in may_stand_empty(terms)]
        days = [Ref(f"{a}.recovery_share") * (Ref(f"{a}.recovery_days") - Ref(f"{a}.recovery_days_used")) for a in at]
        empty = reduce(add, days) / maximum(Ref("opex.days"), DAY)
        note = "proportionate shares x days in the lease on which the space is not used"
        terms.graph.series(line.name, empty, "Share of the let space that stands empty", "share", note)
    return line


def _stopped(terms: Terms, key: str, recoveries: str) -> bool:
    return recoveries == "modified gross" and terms.has(f"opex.{key}.expense_stop")


def _based(cost: Opex, lease: Lease) -> bool:
    """Whether a lease lets recover of a cost what exceeds that of its base year."""
    return lease.recoveries == "base year" and cost.passed_through is None


def _declare_base_year(terms: Terms, name: str, days: Ref, until: Ref, eve: Expr) -> None:
    """``lease.<name>.base.<cost>.above`` (money, by period): what exceeds the cost of the base year, once that is over.

    The stop is what a year of operation costs at the level of the base year, in which nothing is due.
    """
    g, spec, at = terms.graph, terms.deal.spec, f"lease.{name}.base"
    start: Expr = Ref(f"lease.{name}.start")
    if spec.lease[name].base_year is not None:
        start = edate(terms[f"lease.{name}.base_year"], terms["construction.delay"])
    start = g.scalar(f"{at}.start", start, "First day of the base year", "date")
    last = g.scalar(f"{at}.until", edate(start, YEAR) - DAY, "Last day of the base year", "date")
    here = maximum(0, minimum(Ref("opex.runs_until"), last) - maximum(START, Ref("revenue.from"), start - DAY))
    here = g.series(f"{at}.days", here, "Days of operation in the base year", "days", total=True)
    part = g.series(f"{at}.part", here / FULL_DAYS / PERIODS_PER_YEAR, "Part of a year in it", "yr", total=True)
    year = g.scalar(f"{at}.years", total(part), "Operation in the base year", "yr")
    after = maximum(0, until - maximum(eve, last)) / maximum(days, DAY)
    after = g.series(f"{at}.after", after, "Share of the days in the lease that come after it", "share")
    of_year = Ref("opex.days") / FULL_DAYS / PERIODS_PER_YEAR
    for key, cost in spec.opex.items():
        if cost.recoverable is None:
            continue
        paid = Ref(f"opex.{key}.cost") * here / maximum(Ref("opex.days"), DAY)
        paid = g.series(f"{at}.{key}.cost", paid, f"{cost.label} in the base year", "money", total=True)
        stop = default(ratio(total(paid), year), 0)
        stop = g.scalar(
            f"{at}.{key}.stop", stop, f"{cost.label}: stop", "money/yr", "cost of the base year / its years"
        )
        above = terms[f"opex.{key}.recoverable"] * maximum(0, Ref(f"opex.{key}.cost") - stop * of_year) * after
        label = f"{cost.label}: recoverable above the base year"
        g.series(f"{at}.{key}.above", above * (year > 0), label, "money", "once the base year is over", total=True)


def _declare_lease(terms: Terms, name: str) -> None:
    g, spec, at = terms.graph, terms.deal.spec, f"lease.{name}"
    lease = spec.lease[name]
    until = g.series(
        f"{at}.recovery_until", minimum(END, Ref(f"{at}.until")), "Last day, at the latest the period end", "date"
    )
    eve = maximum(START, Ref(f"{at}.start") - DAY, Ref("revenue.from"))
    days = g.series(
        f"{at}.recovery_days", maximum(0, until - eve), "Days of operation in the lease", "days", total=True
    )
    if lease.recoveries == "base year":
        _declare_base_year(terms, name, days, until, eve)
    parts = [_recovered(terms, name, key) for key, cost in spec.opex.items() if is_recovered(cost, lease)]
    note = "of all tenants together, were they under this lease"
    base = g.series(
        f"{at}.recovery_base", sum_of(*parts), "Costs that the lease lets recover", "money", note, total=True
    )
    share = g.scalar(f"{at}.recovery_share", _share(terms, name), "Proportionate share", "share")
    due = base * share * days / maximum(Ref("opex.days"), DAY)
    due = g.series(f"{at}.recoveries_due", due, "Recoveries due under the contract", "money", total=True)
    left: Expr = due
    if name in may_stand_empty(terms):
        # A quotient of equal days is exactly 1, so that nothing is left of nothing.
        left = due * (_declare_used(terms, name, Days(days, until), eve) / maximum(days, DAY))
    g.series(f"{at}.recoveries", left, "Recoveries", "money", total=True)


def _declare_used(terms: Terms, name: str, whole: Days, eve: Expr) -> Ref:
    """``lease.<name>.recovery_days_used``: days of operation in the lease, by the share of its space that is used.

    A renewed term counts at its probability; events leave what they do not empty.
    """
    g, at = terms.graph, f"lease.{name}"
    parts, days = [Weighted(whole)], whole.days
    before: Expr = Number(1)
    if terms.deal.spec.lease[name].renewals:
        parts = [Weighted(whole, key="first", label="first term")]
        for renewal in renewals_of(terms, name):
            later = maximum(0, whole.until - maximum(eve, renewal.eve))
            label = f"Days of operation in the lease, {renewal.label} or later"
            later = g.series(f"{at}.recovery.{renewal.key}_days", later, label, "days", total=True)
            share: Expr = renewal.probability - before
            key = f"renewals.{renewal.key}"
            parts.append(Weighted(Days(later, whole.until), key=key, label=renewal.label, share=share))
            before = renewal.probability
        expected = reduce(add, [part.share * part.days.days for part in parts])
        label = "Days of operation in the lease, at the probability of its term"
        days = g.series(f"{at}.recovery_days_expected", expected, label, "days", total=True)
    used = space_left_by_events(terms, at, parts, days)
    label = "Days of operation in the lease, by the share of the space used"
    return g.series(f"{at}.recovery_days_used", used, label, "days", total=True)


def _recovered(terms: Terms, name: str, key: str) -> Ref:
    """What a lease lets recover of a cost, of all tenants together (series, money)."""
    lease = terms.deal.spec.lease[name]
    if _based(terms.deal.spec.opex[key], lease):
        return Ref(f"lease.{name}.base.{key}.above")
    return Ref(f"opex.{key}.{'above_stop' if _stopped(terms, key, lease.recoveries) else 'recoverable_cost'}")


def paid_back(terms: Terms, key: str) -> Expr | None:
    """The share of one more unit of a cost that tenants pay back (by period); None where no lease lets recover it.

    Of a cost below a stop they pay nothing.
    """
    spec, cost = terms.deal.spec, terms.deal.spec.opex[key]
    parts: list[Expr] = []
    for name in recovering(terms):
        lease = spec.lease[name]
        if not is_recovered(cost, lease):
            continue
        part: Expr = terms[f"opex.{key}.{'passed_through' if cost.passed_through is not None else 'recoverable'}"]
        if _based(cost, lease):
            part = part * Ref(f"lease.{name}.base.after") * (_recovered(terms, name, key) > 0)
        elif _stopped(terms, key, lease.recoveries):
            part = part * (_recovered(terms, name, key) > 0)
        paid = default(ratio(Ref(f"lease.{name}.recoveries"), Ref(f"lease.{name}.recovery_base")), 0)
        parts.append(part * paid)
    return reduce(add, parts) if parts else None


def _share(terms: Terms, name: str) -> Expr:
    """The tenant's share of what is recoverable: as stated, or let capacity over that of all buildings."""
    if terms.has(f"lease.{name}.proportionate_share"):
        return terms[f"lease.{name}.proportionate_share"]
    let = let_capacity(terms, name)
    assert let is not None
    buildings = [f"building.{key}.capacity" for key in terms.deal.spec.building]
    return let / reduce(add, [terms[key] for key in buildings if terms.has(key)])


def declare_recoveries_checks(terms: Terms) -> None:
    """Tenants pay back no more than the costs, and no less than nothing."""
    names = recovering(terms)
    if not names:
        return
    g, label = terms.graph, "Recoveries lie between nothing and the operating costs"
    with g.place("Checks", "By period"):
        costs = sum_of(*[Ref(f"opex.{key}.cost") for key in terms.deal.spec.opex])
        outside = maximum(0, ALL_RECOVERIES - costs, -ALL_RECOVERIES)
        gap = g.series("checks.recoveries_by_period", outside, label, "money")
    g.check("checks.recoveries", highest(gap), label, "money", terms["checks.tolerance"])
