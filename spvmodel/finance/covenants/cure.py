"""The equity cure: cash of the sponsors that counts as CFADS of a failed default test (definitions, section 3).

It is a right, not a duty: the model supposes that sponsors use it whenever a test fails and the documents allow it. A
cure is the whole amount that is missing, is paid on the test date, and counts in each test of the twelve months from
then on. It joins the receipts of its period, so it pays what is due; what is left stays in the SPV while distributions
are blocked.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import START, YEAR_AGO
from spvmodel.lines import Expr, Ref, maximum, prev, ratio, sum_behind

PAID: Final = Ref("covenants.cure.paid")
"""What the sponsors put in, by period (money)."""

COVERED: Final = Ref("covenants.cure.dscr")
"""DSCR of the last twelve months with the cures of that time."""


def has_cure(terms: Terms) -> bool:
    """Whether the documents give the sponsors a right to cure."""
    return terms.deal.spec.covenants.cure is not None


def declare_cure(terms: Terms, level: Ref, tested: Expr | int) -> None:
    """What a test misses, whether it may be cured, what is paid, and the ratio with it (series).

    ``level`` is the default DSCR, ``tested`` is 1 in periods whose test is made.
    """
    g, at, tolerance = terms.graph, "covenants.cure", terms["checks.tolerance"]
    cash, due = Ref("ratios.cfads_behind"), Ref("ratios.service_behind")
    with g.place("Covenants", "Equity cure"):
        last = g.series(f"{at}.last", prev(PAID), "Paid at the test before", "money")
        counted = sum_behind(last, START, YEAR_AGO)
        counted = g.series(f"{at}.counted", counted, "Earlier cures that still count", "money", "of twelve months")
        missing = maximum(0, level * due - cash - counted) * Ref("ratios.year_complete") * tested
        missing = g.series(f"{at}.missing", missing, "CFADS missing at the test", "money")
        made = g.series(f"{at}.made_before", prev(Ref(f"{at}.made")), "Cures before", "count")
        running = g.series(f"{at}.running", prev(Ref(f"{at}.in_a_row_now")), "Cures in a row before", "count")
        may = (made < terms[f"{at}.most"]) * (running < terms[f"{at}.in_a_row"])
        spent = prev(Ref(f"{at}.paid_to_date"))
        if terms.has(f"{at}.limit"):
            may = may * (spent + missing <= terms[f"{at}.limit"])
        cures = g.series(
            f"{at}.cures", in_hand(terms, (missing > tolerance) * may), "Cured", "flag", "within every limit"
        )
        paid = g.series(PAID.name, cures * missing, "Paid by sponsors", "money", total=True)
        g.series(f"{at}.made", made + cures, "Cures to date", "count")
        g.series(f"{at}.in_a_row_now", cures * (running + 1), "Cures in a row", "count")
        g.series(f"{at}.paid_to_date", spent + paid, "Paid to date", "money")
        tested_due = due * (due > tolerance) * Ref("ratios.year_complete")
        label = "DSCR, last 12 months, with cures"
        g.series(COVERED.name, ratio(cash + counted + paid, tested_due), label, "x")
