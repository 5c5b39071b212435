"""Renewal options: further terms of a lease, in turn, each as likely as the deal file says.

Rent of a renewed term counts at its probability, which is that of every option so far: 0% and 100% are the pure cases.
A term that cannot come about does not lengthen the lease. What lenders measure to its end, such as a tail, they measure
to that of the certain term (:func:`certain_end`). Each sets rent anew as a multiple of what it would have been
under the old terms, which go on to rise as they did. A lease that its tenant terminates is not renewed.
"""

from __future__ import annotations

from dataclasses import dataclass

from spvmodel.finance.operations.market import declare_market_rent
from spvmodel.finance.operations.rent import KW_PER_MW, Part, let_capacity
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, falls_here
from spvmodel.lines import Expr, Number, Ref, edate, maximum, minimum, where


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewed term after ``eve`` and up to ``until`` (dates), its ``probability`` and its ``share`` of a rent.

    That is the rent under the old terms or, where ``basis`` names it, the market rent of this option or one before.
    """

    key: str
    label: str
    eve: Ref
    until: Ref
    probability: Ref
    share: Ref
    basis: str


def renewals_of(terms: Terms, name: str) -> list[Renewal]:
    """The options of a lease in turn, whose lines :func:`declare_renewals` has declared."""
    found, eve, basis = [], Ref(f"lease.{name}.expires"), ""
    for key, option in terms.deal.spec.lease[name].renewals.items():
        at = f"lease.{name}.renewals.{key}"
        until, likely, share = Ref(f"{at}.until"), Ref(f"{at}.likely"), Ref(f"{at}.rent_part")
        basis = key if option.market_rent is not None else basis
        found.append(Renewal(key, option.label, eve, until, likely, share, basis))
        eve = until
    return found


def declare_renewals(terms: Terms, name: str, expiry: Expr) -> Expr:
    """The last day of a lease with the renewals that may come about (date, scalar); ``expiry`` is that of its first."""
    g, lease = terms.graph, terms.deal.spec.lease[name]
    if not lease.renewals:
        return expiry
    eve = g.scalar(f"lease.{name}.expires", expiry, "Last day of the first term", "date")
    last: Expr = eve
    likely: Expr | None = None
    level: Expr | None = None
    basis = "of that under the old terms"
    for key, option in lease.renewals.items():
        at = f"lease.{name}.renewals.{key}"
        until = edate(eve + DAY, terms[f"{at}.term"]) - DAY
        until = g.scalar(f"{at}.until", until, f"{option.label}: last day", "date")
        note = "of this option and all before it"
        taken: Expr = terms[f"{at}.probability"]
        taken = taken if likely is None else likely * taken
        likely = g.scalar(f"{at}.likely", taken, f"{option.label}: probability", "share", note)
        if option.market_rent is not None:
            level, basis = None, f"of the market rent of {option.label}"
            declare_market_rent(terms, f"{at}.market_rent", f"{at}.market", name, eve, Number(1))
        else:
            label, multiple = f"{option.label}: rent", terms[f"{at}.rent_multiple"]
            level = g.scalar(f"{at}.level", multiple if level is None else level * multiple, label, "x", basis)
        label = f"{option.label}: rent, weighted"
        g.scalar(
            f"{at}.rent_part",
            likely if level is None else likely * level,
            label,
            "share",
            f"probability x rent, {basis}",
        )
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
    if not renewals_of(terms, name):
        return parts
    parts = parts or [Part("first", "first term", Number(1), rent_from)]
    return [*parts, *_shares_of(terms, name, parts, "", Number(1))]


def at_market(terms: Terms, name: str, parts: list[Part], rent_from: Ref) -> dict[str, list[Part]]:
    """The parts of a lease that bear the market rent of a renewal, by the key of that option."""
    parts = parts or [Part("first", "first term", Number(1), rent_from)]
    options = terms.deal.spec.lease[name].renewals.items()
    return {key: _shares_of(terms, name, parts, key, None) for key, option in options if option.market_rent is not None}


def _shares_of(terms: Terms, name: str, parts: list[Part], basis: str, before: Expr | None) -> list[Part]:
    """Of each part what every renewal adds to its share of one rent, the old one or a market rent, or takes from it.

    ``before`` is the share in the first term; None where a term bears none of that rent.
    """
    found = []
    for renewal in renewals_of(terms, name):
        share = renewal.share if renewal.basis == basis else None
        if share is None and before is None:
            continue
        change = (Number(0) if share is None else share) - before if before is not None else share
        assert change is not None
        found += [
            Part(
                f"{part.key}_{renewal.key}",
                f"{part.label}, {renewal.label}",
                part.share * change,
                maximum(part.eve, renewal.eve),
            )
            for part in parts
        ]
        before = share
    return found


def term_until(terms: Terms, name: str) -> Expr:
    """The last day of the term that runs at the period end (date, by period)."""
    whole = Ref(f"lease.{name}.until")
    ends = [renewal.eve for renewal in renewals_of(terms, name)]
    last: Expr = whole
    for end in reversed(ends):
        last = where(end > END, minimum(end, whole), last)
    return last


def in_term(terms: Terms, name: str) -> Expr | None:
    """The probability of the term that runs at the period end (share); None for a lease without options."""
    renewals = renewals_of(terms, name)
    if not renewals:
        return None
    found: Expr = Number(1)
    for renewal in renewals:
        found = where(renewal.eve <= END, renewal.probability, found)
    return found


def last_rent(terms: Terms, name: str) -> Expr:
    """Rent a year of the term that runs at the period end, or was the last to run (money/yr, by period).

    Of options that may come about; how likely they are does not lower it.
    """
    return _rent_of_terms(terms, name, sure=False)


def certain_rent(terms: Terms, name: str) -> Expr:
    """The same of the terms that are sure to come: of the first, and of renewals at 100%."""
    return _rent_of_terms(terms, name, sure=True)


def _rent_of_terms(terms: Terms, name: str, sure: bool) -> Expr:
    at, spec = f"lease.{name}", terms.deal.spec.lease[name]
    old = Ref(f"{at}.annual_rent") * Ref(f"{at}.index_after")
    found: Expr = old
    for renewal in renewals_of(terms, name):
        market = f"{at}.renewals.{renewal.basis}.market"
        rent: Expr = Ref(f"{market}.yearly") * Ref(f"{market}.index_after") if renewal.basis else old
        if spec.renewals[renewal.key].market_rent is None:
            rent = rent * Ref(f"{at}.renewals.{renewal.key}.level")
        begun = (renewal.eve <= END) * (renewal.eve < Ref(f"{at}.until"))
        found = where(begun * (renewal.probability >= 1) if sure else begun, rent, found)
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


def rent_in_term(terms: Terms, name: str) -> Expr:
    """Rent a year of the term that runs at the period end (money/yr), weighed by its probability."""
    at = f"lease.{name}"
    rent: Expr = Ref(f"{at}.annual_rent") * Ref(f"{at}.index_after")
    renewals = renewals_of(terms, name)
    if not renewals:
        return rent
    for basis in dict.fromkeys(["", *[renewal.basis for renewal in renewals]]):
        share: Expr = Number(0 if basis else 1)
        for renewal in renewals:
            share = where(renewal.eve <= END, renewal.share if renewal.basis == basis else 0, share)
        if basis:
            market = f"{at}.renewals.{basis}.market"
            rent = rent + Ref(f"{market}.yearly") * Ref(f"{market}.index_after") * share
        else:
            rent = rent * share
    return rent


def declare_renewal_costs(terms: Terms) -> list[Ref]:
    """What each renewal costs the SPV (money, by period) on its first day, weighed by its probability."""
    g, spec, found = terms.graph, terms.deal.spec, []
    for name, lease in spec.lease.items():
        let = let_capacity(terms, name)
        for renewal in renewals_of(terms, name):
            at = f"lease.{name}.renewals.{renewal.key}"
            if let is None or not terms.has(f"{at}.cost"):
                continue
            with g.place("Lease", f"{lease.label}: {renewal.label}"):
                runs = renewal.eve < Ref(f"lease.{name}.until")
                cost = runs * renewal.probability * terms[f"{at}.cost"] * let * KW_PER_MW / terms.million
                cost = g.scalar(f"{at}.cost_total", cost, "Cost of the renewal", "money")
                label = f"{renewal.label}: improvements and commission"
                paid = cost * falls_here(renewal.eve + DAY)
                found.append(g.series(f"{at}.paid", paid, label, "money", "on the first day of the term", total=True))
    return found
