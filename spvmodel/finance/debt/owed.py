"""What a facility is owed and paid after the waterfall: the schedule plus whatever was not paid in time.

Unpaid amounts stay due, senior to later ones, and bear the facility's own rate.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360
from spvmodel.lines import Expr, Ref, default, prev, ratio


def declare_owed(terms: Terms, at: str, label: str, draw: Ref) -> None:
    """Due, paid and owed lines of the facility ``at`` (``debt.loan_a``), shares of the waterfall's payments.

    The facility's schedule gives ``scheduled_opening``, ``interest_scheduled``, ``amortisation``, ``balloon`` and
    ``rate``. Facilities of one rank share a shortfall in proportion to what is due to them.
    """
    g = terms.graph
    with g.place("Debt", f"{label}: owed and paid"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        arrears = g.series(
            f"{at}.principal_arrears", opening - Ref(f"{at}.scheduled_opening"), "Principal overdue", "money"
        )
        unpaid = g.series(f"{at}.interest_arrears", prev(Ref(f"{at}.interest_unpaid")), "Interest overdue", "money")
        late = g.series(
            f"{at}.interest_on_arrears",
            (arrears + unpaid) * Ref(f"{at}.rate") * DAYS / DAYS_360,
            "Interest on overdue amounts",
            "money",
            total=True,
        )
        g.series(f"{at}.interest_due", Ref(f"{at}.interest_scheduled") + unpaid + late, "Interest due", "money")
        interest_paid = g.series(f"{at}.interest_paid", _paid(at, "interest"), "Interest paid", "money", total=True)
        g.series(f"{at}.interest_unpaid", Ref(f"{at}.interest_due") - interest_paid, "Interest unpaid", "money")
        g.series(
            f"{at}.principal_due",
            Ref(f"{at}.amortisation") + arrears,
            "Principal due, without balloon",
            "money",
        )
        g.series(f"{at}.balloon_due", Ref(f"{at}.balloon"), "Balloon due", "money")
        repaid = g.series(
            f"{at}.principal_paid",
            _paid(at, "principal") + _paid(at, "balloon"),
            "Principal paid, with balloon",
            "money",
            total=True,
        )
        g.series(f"{at}.closing", opening + draw - repaid, "Closing balance", "money")


def _paid(at: str, step: str) -> Expr:
    """This facility's part of a waterfall step: what is due less its share of the step's shortfall."""
    due = Ref(f"{at}.{step}_due")
    share = default(ratio(due, Ref(f"waterfall.{step}.due")), 0)
    return due - Ref(f"waterfall.{step}.shortfall") * share
