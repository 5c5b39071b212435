"""Straight-line rent (feature L11): the rent of a lease as revenue evenly over its term, beside the rent that is due.

Accounting alone: cash flow, cover ratios and taxes stay on the rent as it is due. The term runs from commencement, its
rent-free months included, to the last day of the lease, as far as it lies in the model: for a lease that began before
financial close what is left of it, as a buyer would take it over. A full calendar period counts as one, whatever its
days, so that a level rent defers nothing.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, START
from spvmodel.lines import Ref, absolute, default, equal, maximum, minimum, next_, prev, ratio, sum_of, total

DEFERRED = Ref("lease.deferred_rent")


def straight_lines(terms: Terms) -> bool:
    """Whether the accounts show straight-line rent."""
    return terms.deal.spec.accounting.straight_line_rent == "yes"


def declare_straight_line_rent(terms: Terms) -> None:
    """``lease.straight_line_rent`` (money, by period), and the corkscrew of ``lease.deferred_rent`` (money, closing).

    The asset is negative where more rent has been received than is earned.
    """
    if not straight_lines(terms):
        return
    g, names = terms.graph, list(terms.deal.spec.lease)
    for name in names:
        at, spec = f"lease.{name}", terms.deal.spec.lease[name]
        with g.place("Lease", f"{spec.label}: straight-line rent"):
            days = maximum(0, minimum(END, Ref(f"{at}.until")) - maximum(START, Ref(f"{at}.start") - DAY))
            part = g.series(f"{at}.term_part", days / FULL_DAYS, "Part of the full period in the term", "share")
            whole = g.scalar(f"{at}.term_parts", total(part), "Full periods in the term", "count")
            rent = g.scalar(f"{at}.term_rent", total(Ref(f"{at}.rent_income")), "Rent of the term", "money")
            level = g.scalar(f"{at}.level_rent", default(ratio(rent, whole), 0), "Level rent of a full period", "money")
            g.series(f"{at}.straight_line_rent", level * part, "Straight-line rent", "money", total=True)
    with g.place("Lease", "Deferred rent"):
        every = sum_of(*[Ref(f"lease.{name}.straight_line_rent") for name in names])
        opening = g.series("lease.deferred_rent_opening", prev(DEFERRED), "Opening balance", "money")
        earned = g.series("lease.straight_line_rent", every, "Straight-line rent", "money", total=True)
        due = Ref("lease.rent_income")
        note = "opening balance + straight-line rent - rent; an asset, negative where rent runs ahead"
        g.series(DEFERRED.name, opening + earned - due, "Closing balance", "money", note)


def declare_straight_line_checks(terms: Terms) -> None:
    """Over its term a lease earns by straight line what it is due in rent, and nothing stays deferred."""
    if not straight_lines(terms):
        return
    g, tolerance = terms.graph, terms["checks.tolerance"]
    with g.place("Checks", "Straight-line rent"):
        gaps = [
            g.scalar(
                f"checks.straight_line_{name}",
                absolute(total(Ref(f"lease.{name}.straight_line_rent")) - total(Ref(f"lease.{name}.rent_income"))),
                f"{spec.label}: straight-line rent not rent",
                "money",
            )
            for name, spec in terms.deal.spec.lease.items()
        ]
        last = g.series("checks.rent_last", equal(next_(Ref("time.number")), 0), "Last period of the model", "flag")
    label = "Straight-line rent of every lease adds up to its rent"
    g.check("checks.straight_line", sum_of(*gaps), label, "money", tolerance)
    label = "No rent stays deferred after the last lease"
    g.check("checks.deferred_rent", absolute(total(DEFERRED, last)), label, "money", tolerance)
