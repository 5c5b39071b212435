"""A construction loan that turns into a term loan: rate, interest, schedule, balloon.

These lines are the *schedule*: what the loan owes if every payment is made. What is really paid and owed after
the waterfall is in ``owed.py``.
"""

from __future__ import annotations

from spvmodel.finance.debt.bridge import declare_bridge
from spvmodel.finance.debt.cured import declare_cured_schedule
from spvmodel.finance.debt.interest import declare_interest
from spvmodel.finance.debt.owed import declare_owed
from spvmodel.finance.debt.ranks import BRIDGE
from spvmodel.finance.debt.repayment import declare_repayment
from spvmodel.finance.debt.sizing import declare_amount, declare_sizing
from spvmodel.finance.debt.unit import ROUNDING
from spvmodel.finance.terms import Terms
from spvmodel.lines import Ref, default, minimum, prev, ratio, where


def declare_loan(terms: Terms, loan: str) -> None:
    """Every line of one loan's schedule, and what is owed after the waterfall."""
    if terms.deal.spec.debt[loan].rank == BRIDGE:
        declare_bridge(terms, loan)
        return
    declare_amount(terms, loan)
    declare_interest(terms, loan)
    declare_repayment(terms, loan)
    declare_sizing(terms, loan)
    _declare_schedule(terms, loan)
    declare_cured_schedule(terms, loan)
    at, label = f"debt.{loan}", terms.deal.spec.debt[loan].label
    declare_owed(terms, at, label, Ref(f"{at}.draw"))


def _declare_schedule(terms: Terms, loan: str) -> None:
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    with g.place("Debt", f"{label}: schedule"):
        opening = g.series(f"{at}.scheduled_opening", prev(Ref(f"{at}.scheduled_closing")), "Opening balance", "money")
        drawn = opening + Ref(f"{at}.draw")
        # The unit follows its own balance: a draw in a period of repayment is repaid with what is left of it.
        base = g.series(
            f"{at}.amortisation_base",
            default(ratio(drawn, Ref(f"{at}.pattern_opening")), 0),
            "Units drawn",
            "money",
            "balance with the draws of the period / what is left of one unit",
        )
        owed = drawn + Ref(f"{at}.pik_scheduled") if terms.deal.spec.debt[loan].pik else drawn
        repaid = Ref(f"{at}.pattern_left") <= ROUNDING
        amortisation = g.series(
            f"{at}.amortisation",
            where(repaid, owed, minimum(owed, base * Ref(f"{at}.pattern"))),
            "Scheduled amortisation",
            "money",
            "units drawn x principal of one unit; all that is owed once the unit is repaid",
            total=True,
        )
        balloon = g.series(
            f"{at}.balloon", Ref(f"{at}.matures") * (owed - amortisation), "Balloon", "money", total=True
        )
        g.series(
            f"{at}.scheduled_closing",
            owed - amortisation - balloon,
            "Scheduled closing balance",
            "money",
        )
        service, note = Ref(f"{at}.interest_scheduled") + amortisation, "interest and amortisation, without the balloon"
        if terms.hedges_of(loan):
            service, note = service + Ref(f"{at}.hedge_scheduled"), f"{note}; net of hedges"
        g.series(f"{at}.service", service, "Scheduled debt service", "money", note, total=True)
