"""When a loan can be drawn, and what its undrawn part costs."""

from __future__ import annotations

from spvmodel.finance.debt.standby import committed, is_standby, left_to_draw
from spvmodel.finance.terms import Terms, declare_draw_days
from spvmodel.finance.time import DAYS_360, DAYS_365, END, EVE, START, falls_here
from spvmodel.lines import Ref, edate, maximum, minimum, prev


def declare_availability(terms: Terms, loan: str) -> None:
    """When a loan closes, can be drawn, and what undrawn commitment costs."""
    g, at = terms.graph, f"debt.{loan}"
    close = terms[f"{at}.close"]
    label = terms.deal.spec.debt[loan].label
    with g.place("Debt", f"{label}: availability"):
        closes = g.series(f"{at}.closes", falls_here(close), "Loan closes", "flag")
        if terms.has(f"{at}.availability_end"):
            until = edate(terms[f"{at}.availability_end"], terms["construction.delay"])
            end = g.scalar(f"{at}.availability", until, "End of availability after delay", "date")
            available = (close <= END) * (EVE < end)
        else:
            end = g.scalar(f"{at}.availability", close, "End of availability", "date", "the day the loan closes")
            available = closes
        g.series(f"{at}.available", available, "Loan can be drawn", "flag")
        opens = g.series(f"{at}.open_from", maximum(START, close), "Open from", "date")
        shut = g.series(f"{at}.open_until", maximum(opens, minimum(END, end)), "Open until", "date")
        g.series(
            f"{at}.days_open",
            Ref(f"{at}.available") * (shut - opens),
            "Days on which the loan can be drawn",
            "days",
        )
        after = (END - opens) - terms["construction.draw_timing"] * (shut - opens)
        g.series(
            f"{at}.days_from_draw",
            declare_draw_days(terms, f"{at}.draws") if terms.has(f"{at}.draws") else after,
            "Days from construction draws to the period end",
            "days",
        )
    with g.place("Debt", f"{label}: fees"):
        drawn_before = g.series(f"{at}.drawn_before", prev(Ref(f"{at}.drawn")), "Drawn before the period", "money")
        g.series(f"{at}.drawn", drawn_before + Ref(f"{at}.draw"), "Drawn by the period end", "money")
        undrawn = g.series(
            f"{at}.undrawn",
            committed(terms, loan) - drawn_before,
            "Undrawn commitment at the start",
            "money",
        )
        if is_standby(terms, loan):
            left = Ref(f"{at}.amount") - drawn_before
            note = "the overrun to pay, up to the commitment, less what is drawn of it"
            g.series(left_to_draw(terms, loan).name, left, "May still be lent at the start", "money", note)
        drawn_days = Ref(f"{at}.draw_at_close") * Ref(f"{at}.days_open") + Ref(f"{at}.draw_construction") * maximum(
            0, Ref(f"{at}.days_from_draw") - (END - shut)
        )
        g.series(
            f"{at}.commitment_fee_accrued",
            terms[f"{at}.commitment_fee"] * (undrawn * Ref(f"{at}.days_open") - drawn_days) / DAYS_360,
            "Commitment fee",
            "money",
            total=True,
        )
        g.series(
            f"{at}.agency_fee_accrued",
            terms[f"{at}.agency_fee"] * Ref(f"{at}.accrual_days") / DAYS_365,
            "Agency fee",
            "money",
            total=True,
        )
        g.scalar(
            f"{at}.upfront_fee_total",
            committed(terms, loan) * terms[f"{at}.upfront_fee"],
            "Upfront fee",
            "money",
        )
        g.series(
            f"{at}.upfront_fee_paid",
            Ref(f"{at}.closes") * Ref(f"{at}.upfront_fee_total"),
            "Upfront fee, on the closing date",
            "money",
            total=True,
        )
        if terms.has(f"{at}.discount"):
            kept = terms[f"{at}.discount"] * Ref(f"{at}.draw")
            g.series(f"{at}.discount_kept", kept, "Original issue discount kept", "money", "of each draw", total=True)
        g.series(
            f"{at}.fees",
            Ref(f"{at}.commitment_fee_accrued") + Ref(f"{at}.agency_fee_accrued"),
            "Commitment and agency fees",
            "money",
            total=True,
        )
