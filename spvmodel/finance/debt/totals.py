"""All facilities together."""

from __future__ import annotations

from spvmodel.finance.debt.availability import declare_availability
from spvmodel.finance.debt.loan import declare_loan
from spvmodel.finance.debt.takeout import TAKEOUT, declare_takeout
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, END
from spvmodel.lines import Number, Ref, default, equal, highest, prev, ratio, sum_of, total, where

DAYS_365 = Number(365, "days/yr")


def facilities(terms: Terms) -> list[str]:
    """The line prefix of every facility, in order."""
    loans = [f"debt.{loan}" for loan in terms.deal.spec.debt]
    return loans + ([TAKEOUT] if terms.deal.spec.takeout else [])


def declare_debt(terms: Terms) -> None:
    """Every loan, the take-out if there is one, their sums, the discount rate and the average life."""
    g, loans = terms.graph, list(terms.deal.spec.debt)
    for loan in loans:
        declare_availability(terms, loan)
        declare_loan(terms, loan)
    if terms.deal.spec.takeout:
        declare_takeout(terms)
    every = facilities(terms)
    with g.place("Debt", "All facilities"):
        for what, label in (
            ("opening", "Opening balance"),
            ("interest_scheduled", "Scheduled interest"),
            ("amortisation", "Scheduled amortisation"),
            ("balloon", "Balloons"),
            ("principal_paid", "Principal paid"),
            ("scheduled_closing", "Scheduled closing balance"),
            ("closing", "Closing balance"),
        ):
            flows = what not in ("opening", "scheduled_closing", "closing")
            g.series(f"debt.{what}", sum_of(*[Ref(f"{at}.{what}") for at in every]), label, "money", total=flows)
        fees = [Ref(f"debt.{loan}.fees_scheduled") for loan in loans]
        g.series("debt.fees_scheduled", sum_of(*fees), "Fees payable in cash", "money", total=True)
        g.series(
            "debt.service",
            Ref("debt.fees_scheduled") + Ref("debt.interest_scheduled") + Ref("debt.amortisation"),
            "Scheduled debt service",
            "money",
            "fees, interest and amortisation; balloons excluded",
            total=True,
        )
        g.series(
            "debt.final_balloon",
            (Ref("debt.balloon") > 0) * equal(Ref("debt.scheduled_closing"), 0),
            "The last debt falls due as a balloon",
            "flag",
        )
        rates = [Ref(f"{at}.opening") * Ref(f"{at}.rate") for at in every]
        weighted = rates[0]
        for part in rates[1:]:
            weighted = weighted + part
        weighted = g.series("debt.opening_x_rate", weighted, "Opening balance x rate", "money/yr")
        rate = g.series(
            "debt.rate",
            where(
                Ref("debt.opening") > 0,
                default(ratio(weighted, Ref("debt.opening")), 0),
                prev(Ref("debt.rate")),
            ),
            "Average rate",
            "1/yr",
            "weighted by opening balance; carried on when nothing is outstanding",
        )
        g.series("debt.rate_pp", rate * DAYS / DAYS_360, "Average rate of the period", "share")
        g.scalar("debt.peak", highest(Ref("debt.closing")), "Peak debt", "money")
        g.scalar("debt.balloon_total", total(Ref("debt.balloon")), "Balloon", "money", "sum over the loans")
    with g.place("Debt", "Average life"):
        repaid_years = []
        for loan in loans:
            at, close = f"debt.{loan}", terms[f"debt.{loan}.close"]
            repaid_years.append(
                g.series(
                    f"{at}.principal_years",
                    (
                        Ref(f"{at}.amortisation") * (END - close)
                        + Ref(f"{at}.balloon") * (terms[f"{at}.maturity"] - close)
                    )
                    / DAYS_365,
                    f"{terms.deal.spec.debt[loan].label}: principal x years from close",
                    "money*yr",
                    total=True,
                )
            )
        principal = [total(Ref(f"debt.{loan}.amortisation")) + total(Ref(f"debt.{loan}.balloon")) for loan in loans]
        years, repaid = total(repaid_years[0]), principal[0]
        for more_years, more in zip(repaid_years[1:], principal[1:], strict=True):
            years, repaid = years + total(more_years), repaid + more
        years = g.scalar("debt.principal_years", years, "Principal x years", "money*yr")
        repaid = g.scalar("debt.principal_scheduled", repaid, "Scheduled principal with balloons", "money")
        g.scalar(
            "debt.wal",
            ratio(years, repaid),
            "Weighted average life",
            "yr",
            "from each loan's close; balloon included",
        )
