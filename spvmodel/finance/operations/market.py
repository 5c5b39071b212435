"""Market rent: an absolute rent of a new term, which grows until its first day and then rises by its own steps."""

from __future__ import annotations

from spvmodel.finance.operations.anniversaries import declare_steps
from spvmodel.finance.operations.rent import rent_on
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAY, DAYS_365
from spvmodel.lines import Expr, Ref


def declare_market_rent(terms: Terms, given: str, at: str, lease: str, eve: Expr, weight: Expr) -> Ref:
    """``{at}.yearly`` (money/yr): the rent that ``given`` states of the premises of a lease, on the day after ``eve``.

    Times ``weight`` (share). ``{at}.step_eve``, ``index_before`` and ``index_after``: its steps from that day on.
    """
    g = terms.graph
    since = terms[f"{given}.from"] if terms.has(f"{given}.from") else terms["time.close"]
    grown = (1 + terms[f"{given}.growth"] * A_YEAR) ** ((eve + DAY - since) / (DAYS_365 * A_YEAR))
    note = "growth from the day for which it is stated, actual days / 365"
    grown = g.scalar(f"{at}.grown", grown, "Market rent on the first day / as stated", "x", note)
    yearly = weight * rent_on(terms, given, lease) * grown
    label = "Market rent, first year of the term"
    yearly = g.scalar(f"{at}.yearly", yearly, label, "money/yr", "weighed by its probability")
    declare_steps(terms, at, eve + DAY, lambda years: (1 + terms[f"{given}.escalation"]) ** years)
    return yearly
