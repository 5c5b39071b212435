"""The anticipated repayment date (ARD): afterwards the rate is higher, and all excess cash repays the loan.

The loan is not due on that date: its legal maturity is later, and its schedule runs on to it. A period takes the terms
of its first day.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import FIRST_DAY
from spvmodel.lines import Ref


def declare_ard(terms: Terms, at: str) -> Ref:
    """The flag ``past_ard`` and the step-up of the loan's rate (per annum, by period) from that date on."""
    g = terms.graph
    past = FIRST_DAY >= terms[f"{at}.ard.date"]
    past = g.series(f"{at}.past_ard", past, "After the anticipated repayment date", "flag", "from its first day on")
    return g.series(f"{at}.ard_step", past * terms[f"{at}.ard.step_up"], "Step-up after that date", "1/yr")
