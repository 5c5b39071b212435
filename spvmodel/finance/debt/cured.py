"""The schedule of a loan as equity cures by prepayment have left it.

A cure repays a share of a loan, and all its later instalments are smaller by that share (``covenants/cure.py``). Sizing
and hedges stand on the schedule as it was agreed; what lenders measure stands on what is left of it: service, cover
ratios and their tests, the target of the DSRA, the average life. What falls due in a period counts with the share that
earlier cures have left, and what falls due after a period end with the share left then: later cures are not foreseen.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.covenants.cure import AGREED, cured_loans
from spvmodel.finance.debt.ranks import SENIOR, facilities
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, YEAR_AHEAD
from spvmodel.lines import Expr, Ref, prev, sum_ahead, sum_of

_FLOWS: Final = {
    "interest_scheduled": "Scheduled interest after cures",
    "amortisation": "Scheduled amortisation after cures",
    "balloon": "Balloon after cures",
}
_CLOSING: Final = "scheduled_closing"
_CLOSING_LABEL: Final = "Scheduled closing balance after cures"


def after_cures(terms: Terms, at: str, what: str) -> Ref:
    """A line of the schedule of the facility ``at``, or of the senior debt (``debt``), as cures have left it (money).

    ``what`` is ``interest_scheduled``, ``amortisation``, ``balloon`` or ``scheduled_closing``.
    """
    loans = [f"debt.{loan}" for loan in cured_loans(terms)]
    cured = at in loans or (at == "debt" and bool(loans))
    return Ref(f"{at}.{what}_after_cures" if cured else f"{at}.{what}")


def declare_cured_schedule(terms: Terms, loan: str) -> None:
    """What cures have left of the schedule of a loan (money); no line for a loan that no cure prepays.

    ``cure_service`` is what a cure removes a share of: interest and principal as agreed.
    """
    if loan not in cured_loans(terms):
        return
    g, at = terms.graph, f"debt.{loan}"
    with g.place("Debt", f"{terms.deal.spec.debt[loan].label}: schedule after cures"):
        left, closing = Ref(f"{at}.cure_left"), Ref(f"{at}.{_CLOSING}")
        before = g.series(f"{at}.cure_left_before", prev(left), "Share that earlier cures have left", "share")
        for what, label in _FLOWS.items():
            g.series(after_cures(terms, at, what).name, before * Ref(f"{at}.{what}"), label, "money", total=True)
        note = "the share of the scheduled closing balance that a cure repays"
        repaid = (before - left) * closing
        g.series(f"{at}.principal_cured", repaid, "Scheduled principal repaid by a cure", "money", note, total=True)
        g.series(after_cures(terms, at, _CLOSING).name, left * closing, _CLOSING_LABEL, "money")
        service = Ref(f"{at}.interest_scheduled") + Ref(f"{at}.amortisation")
        g.series(f"{at}.cure_service", service, "Interest and principal before cures", "money", total=True)


def declare_cured_sums(terms: Terms) -> None:
    """The schedule of the senior debt as cures have left it (money)."""
    for what, label in (_FLOWS | {_CLOSING: _CLOSING_LABEL}).items():
        parts = sum_of(*[after_cures(terms, at, what) for at in facilities(terms, SENIOR)])
        terms.graph.series(after_cures(terms, "debt", what).name, parts, label, "money", total=what != _CLOSING)


def service_ahead(terms: Terms) -> Expr:
    """Scheduled senior service of the next twelve months, of what cures have left by now (money)."""
    coming = sum_ahead(service_agreed(terms), END, YEAR_AHEAD)
    for loan in cured_loans(terms):
        at = f"debt.{loan}"
        coming = coming - (1 - Ref(f"{at}.cure_left")) * sum_ahead(Ref(f"{at}.cure_service"), END, YEAR_AHEAD)
    return coming


def service_agreed(terms: Terms) -> Ref:
    """Scheduled senior service before cures, which may be looked ahead at (series, money)."""
    return AGREED if cured_loans(terms) else Ref("debt.service")
