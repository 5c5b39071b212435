"""Lease income: one block per lease, by days, with rent steps on each anniversary of commencement."""

from __future__ import annotations

from functools import reduce
from operator import add

from spvmodel.finance.operations.anniversaries import (
    Weighted,
    declare_days,
    declare_indexed_days,
    declare_stepped_days,
    declare_steps,
)
from spvmodel.finance.operations.escalation import (
    declare_own_days,
    declare_own_index,
    first_step_from,
    has_own_index,
)
from spvmodel.finance.operations.events import declare_market_lets, left_by_events, rent_by_the_day
from spvmodel.finance.operations.payment import declare_payments
from spvmodel.finance.operations.renewal import at_market, certain_end, declare_renewals, with_renewals
from spvmodel.finance.operations.rent import Part, declare_parts, yearly_rent
from spvmodel.finance.operations.termination import declare_fee, last_day
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY
from spvmodel.lines import Expr, Ref, edate, sum_of


def declare_leases(terms: Terms) -> None:
    """Base rent of every lease, and their sum. What tenants pay back of costs is in ``recoveries.py``."""
    g, names = terms.graph, list(terms.deal.spec.lease)
    for name in names:
        _declare_lease(terms, name)
    if names:
        with g.place("Lease", "All leases"):
            rents = [Ref(f"lease.{name}.rent_income") for name in names]
            g.series("lease.rent_income", sum_of(*rents), "Lease income", "money", total=True)
    declare_payments(terms)


def _declare_lease(terms: Terms, name: str) -> None:
    g, lease = terms.graph, terms.deal.spec.lease[name]
    at = f"lease.{name}"
    with g.place("Lease", f"{lease.label}: {lease.tenant}"):
        start = g.scalar(
            f"{at}.start",
            edate(terms[f"{at}.commencement"], terms["construction.delay"]),
            "Commencement after delay",
            "date",
        )
        rent_from = g.scalar(
            f"{at}.rent_from",
            edate(start, terms[f"{at}.free_rent"]) - DAY,
            "Eve of the first rent day",
            "date",
        )
        until = terms[f"{at}.expiry"] if terms.has(f"{at}.expiry") else edate(start, terms[f"{at}.term"]) - DAY
        until = last_day(terms, name, declare_renewals(terms, name, until))
        until = g.scalar(f"{at}.until", until, "Last day of the lease", "date")
        if lease.renewals:
            certain = last_day(terms, name, certain_end(terms, name))
            note = "of its first term and of renewals at 100%"
            g.scalar(f"{at}.certain_until", certain, "Last day of the certain term", "date", note)
        annual = g.scalar(f"{at}.annual_rent", yearly_rent(terms, name), "Base rent, first lease year", "money/yr")
        parts = declare_parts(terms, name, start, rent_from)
        weighted, days = _declare_rent_days(
            terms, name, start, rent_from, until, with_renewals(terms, name, parts, rent_from)
        )
        rents = [rent_by_the_day(annual, days)]
        rent = rents[0].amount(weighted)
        for key, renewed in at_market(terms, name, parts, rent_from).items():
            weighted, days = _declare_market_days(terms, name, key, renewed, until)
            rents.append(rent_by_the_day(Ref(f"{at}.renewals.{key}.market.yearly"), days))
            rent = rent + rents[-1].amount(weighted)
        left = left_by_events(terms, at, rents, rent)
        for market in declare_market_lets(terms, name, rent_from, until):
            left = left + market
        g.series(f"{at}.rent_income", left, "Rent", "money", total=True)
        declare_fee(terms, name)


def _declare_rent_days(
    terms: Terms, name: str, start: Ref, rent_from: Ref, until: Expr, parts: list[Part]
) -> tuple[Expr, list[Weighted]]:
    """The days with rent of each period, each times its index and the share of the rent it bears; and their parts."""
    at = f"lease.{name}"
    let = declare_days(terms, at, rent_from, until, "with rent", "let_until")

    def index(years: Expr) -> Expr:
        return (1 + terms[f"{at}.escalation"]) ** years

    own = has_own_index(terms, name)
    if own:
        declare_own_index(terms, name, start)
    counted = start if own else first_step_from(terms, name, start)
    if not parts:
        whole = [Weighted(let, at)]
        if own:
            return declare_own_days(terms, at, let, "with rent"), whole
        return declare_indexed_days(terms, at, let, counted, index, "with rent"), whole
    if not own:
        declare_steps(terms, at, counted, index)
    label = "Days with rent, indexed, by share of the rent"
    return _declare_part_days(terms, name, at, parts, until, label)


def _declare_market_days(
    terms: Terms, name: str, option: str, parts: list[Part], until: Expr
) -> tuple[Expr, list[Weighted]]:
    """The days of each period that bear the market rent of a renewal, each times its index and its share."""
    label = f"Days with the market rent of {terms.deal.spec.lease[name].renewals[option].label}, indexed, by share"
    return _declare_part_days(terms, name, f"lease.{name}.renewals.{option}.market", parts, until, label)


def _declare_part_days(
    terms: Terms, name: str, at: str, parts: list[Part], until: Expr, label: str
) -> tuple[Expr, list[Weighted]]:
    """``{at}.rent_days``: the days of parts that bear a rent from different days, each times its index and share."""
    weighted: list[Expr] = []
    found: list[Weighted] = []
    for part in parts:
        here, what = f"{at}.{part.key}", f"with rent, {part.label}"
        days = declare_days(terms, here, part.eve, until, what, here=Ref(f"lease.{name}.let_until"))
        weighted.append(part.share * declare_stepped_days(terms, here, days, at, what))
        found.append(Weighted(days, at, part.key, part.label, part.share))
    return terms.graph.series(f"{at}.rent_days", reduce(add, weighted), label, "days"), found
