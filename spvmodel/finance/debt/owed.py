"""What a facility is owed and paid after the waterfall: the schedule plus whatever was not paid in time.

Unpaid amounts stay due and bear the facility's own rate. An unpaid balloon stays a balloon: it ranks after scheduled
principal, and the DSRA does not pay it.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360
from spvmodel.lines import Ref, default, prev, ratio

_STEPS = (("interest", "Interest"), ("principal", "Principal"), ("balloon", "Balloon"))


def declare_owed(terms: Terms, at: str, label: str, draw: Ref) -> None:
    """Due, paid and owed lines of the facility ``at`` (``debt.loan_a``), shares of the waterfall's payments.

    The facility's schedule gives ``interest_scheduled``, ``amortisation``, ``balloon`` and ``rate``. Facilities of one
    rank share a shortfall in proportion to what is due to them.
    """
    g = terms.graph
    with g.place("Debt", f"{label}: owed and paid"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        overdue = [
            g.series(f"{at}.{step}_overdue", prev(Ref(f"{at}.{step}_shortfall")), f"{what} overdue", "money")
            for step, what in _STEPS
        ]
        interest, principal, balloon = overdue
        late = g.series(
            f"{at}.interest_on_overdue",
            (interest + principal + balloon) * Ref(f"{at}.rate") * DAYS / DAYS_360,
            "Interest on overdue amounts",
            "money",
            total=True,
        )
        scheduled = Ref(f"{at}.interest_scheduled")
        g.series(f"{at}.interest_due", scheduled + interest + late, "Interest due", "money")
        g.series(f"{at}.principal_due", Ref(f"{at}.amortisation") + principal, "Principal due", "money")
        g.series(f"{at}.balloon_due", Ref(f"{at}.balloon") + balloon, "Balloon due", "money")
        for step, what in _STEPS:
            _declare_payment(terms, at, step, what)
        repaid = g.series(
            f"{at}.repaid",
            Ref(f"{at}.principal_paid") + Ref(f"{at}.balloon_paid"),
            "Principal and balloon paid",
            "money",
            total=True,
        )
        g.series(f"{at}.closing", opening + draw - repaid, "Closing balance", "money")


def _declare_payment(terms: Terms, at: str, step: str, what: str) -> None:
    """What a waterfall step pays this facility: what is due less its part of the step's shortfall."""
    g, due = terms.graph, Ref(f"{at}.{step}_due")
    share = default(ratio(due, Ref(f"waterfall.{step}.due")), 0)
    part = Ref(f"waterfall.{step}.shortfall") * share
    short = g.series(f"{at}.{step}_shortfall", part, f"{what} unpaid", "money")
    g.series(f"{at}.{step}_paid", due - short, f"{what} paid", "money", total=True)
