"""Renewal options: further terms of a lease, in turn, each as likely as the deal file says.

Rent of a renewed term counts at its probability, which is that of every option so far: 0% and 100% are the pure cases.
A term that cannot come about does not lengthen the lease. What lenders measure to its end, such as a tail, they measure
to that of the certain term (:func:`certain_end`). Each sets rent anew as a multiple of what it would have been
under the old terms, which go on to rise as they did. A lease that its tenant terminates is not renewed.
"""

from __future__ import annotations

from dataclasses import dataclass

from spvmodel.finance.operations.rent import KW_PER_MW, Part, let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, falls_here
from spvmodel.lines import Expr, Number, Ref, edate, maximum, minimum, where


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewed term after ``eve`` and up to ``until`` (dates), its ``probability`` and its part of the old rent."""

    key: str
    label: str
    eve: Ref
    until: Ref
    probability: Ref
    share: Ref


def renewals_of(terms: Terms, name: str) -> list[Renewal]:
    """The options of a lease in turn, whose lines :func:`declare_renewals` has declared."""
    found, eve = [], Ref(f"lease.{name}.expires")
    for key, option in terms.deal.spec.lease[name].renewals.items():
        at = f"lease.{name}.renewals.{key}"
        until, likely, share = Ref(f"{at}.until"), Ref(f"{at}.likely"), Ref(f"{at}.rent_part")
        found.append(Renewal(key, option.label, eve, until, likely, share))
        eve = until
    return found


def declare_renewals(terms: Terms, name: str, expiry: Expr) -> Expr:
    """The last day of a lease with the renewals that may come about (date, scalar); ``expiry`` is that of its first."""
    g, lease = terms.graph, terms.deal.spec.lease[name]
    if not lease.renewals:
        return expiry
    eve = g.scalar(f"lease.{name}.expires", expiry, "Last day of the first term", "date")
    last: Expr = eve
    likely: Expr = Number(1)
    level: Expr = Number(1)
    for key, option in lease.renewals.items():
        at = f"lease.{name}.renewals.{key}"
        until = edate(eve + DAY, terms[f"{at}.term"]) - DAY
        until = g.scalar(f"{at}.until", until, f"{option.label}: last day", "date")
        note = "of this option and all before it"
        likely = g.scalar(
            f"{at}.likely", likely * terms[f"{at}.probability"], f"{option.label}: probability", "share", note
        )
        label = f"{option.label}: rent"
        level = g.scalar(f"{at}.level", level * terms[f"{at}.rent_multiple"], label, "x", "of that under the old terms")
        label = f"{option.label}: rent, weighted"
        g.scalar(f"{at}.rent_part", likely * level, label, "share", "probability x rent, of that under the old terms")
        last, eve = where(likely > 0, until, last), until
    return last


def certain_end(terms: Terms, name: str) -> Expr:
    """The last day (date, scalar) of the terms that are sure to come: of the first, and of renewals at 100%."""
    last: Expr = Ref(f"lease.{name}.expires")
    for renewal in renewals_of(terms, name):
        last = where(renewal.probability >= 1, renewal.until, last)
    return last


def with_renewals(terms: Terms, name: str, parts: list[Part], rent_from: Ref) -> list[Part]:
    """The parts of a lease, and of each what every renewal adds to its share of the rent, or takes from it."""
    renewals = renewals_of(terms, name)
    if not renewals:
        return parts
    parts = parts or [Part("first", "first term", Number(1), rent_from)]
    found = list(parts)
    before: Expr = Number(1)
    for renewal in renewals:
        change = renewal.share - before
        found += [
            Part(
                f"{part.key}_{renewal.key}",
                f"{part.label}, {renewal.label}",
                part.share * change,
                maximum(part.eve, renewal.eve),
            )
            for part in parts
        ]
        before = renewal.share
    return found


def term_until(terms: Terms, name: str) -> Expr:
    """The last day of the term that runs at the period end (date, by period)."""
    whole = Ref(f"lease.{name}.until")
    ends = [renewal.eve for renewal in renewals_of(terms, name)]
    last: Expr = whole
    for end in reversed(ends):
        last = where(end > END, minimum(end, whole), last)
    return last


def in_term(terms: Terms, name: str, weighted: bool) -> Expr | None:
    """The probability of the term that runs at the period end (share), ``weighted`` by its part of the old rent.

    None for a lease without options.
    """
    renewals = renewals_of(terms, name)
    if not renewals:
        return None
    found: Expr = Number(1)
    for renewal in renewals:
        found = where(renewal.eve <= END, renewal.share if weighted else renewal.probability, found)
    return found


def last_level(terms: Terms, name: str) -> Expr:
    """The rent of the term that runs at the period end, or was the last to run, of that under the first (x, by period).

    Of options that may come about; how likely they are does not lower it.
    """
    found: Expr = Number(1)
    for renewal in renewals_of(terms, name):
        begun = (renewal.eve <= END) * (renewal.eve < Ref(f"lease.{name}.until"))
        found = where(begun, Ref(f"lease.{name}.renewals.{renewal.key}.level"), found)
    return found


def likely_on(terms: Terms, name: str, day: Expr) -> Expr | None:
    """The probability (share) of the term that runs on a day; None for a lease without options."""
    renewals = renewals_of(terms, name)
    if not renewals:
        return None
    found: Expr = Number(1)
    for renewal in renewals:
        found = where(renewal.eve < day, renewal.probability, found)
    return found


def declare_renewal_costs(terms: Terms) -> list[Ref]:
    """What each renewal costs the SPV (money, by period) on its first day, weighed by its probability."""
    g, spec, found = terms.graph, terms.deal.spec, []
    million = Number(1_000_000, f"{terms.deal.currency}/money")
    for name, lease in spec.lease.items():
        let = let_capacity(terms, name)
        for renewal in renewals_of(terms, name):
            at = f"lease.{name}.renewals.{renewal.key}"
            if let is None or not terms.has(f"{at}.cost"):
                continue
            with g.place("Lease", f"{lease.label}: {renewal.label}"):
                runs = renewal.eve < Ref(f"lease.{name}.until")
                cost = runs * renewal.probability * terms[f"{at}.cost"] * let * KW_PER_MW / million
                cost = g.scalar(f"{at}.cost_total", cost, "Cost of the renewal", "money")
                label = f"{renewal.label}: improvements and commission"
                paid = cost * falls_here(renewal.eve + DAY)
                found.append(g.series(f"{at}.paid", paid, label, "money", "on the first day of the term", total=True))
    return found
