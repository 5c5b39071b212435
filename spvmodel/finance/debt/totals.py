"""All facilities together."""

from __future__ import annotations

from spvmodel.finance.debt.availability import declare_availability
from spvmodel.finance.debt.loan import declare_loan
from spvmodel.finance.debt.takeout import TAKEOUT, declare_takeout
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, DAYS_365, END
from spvmodel.lines import Ref, default, highest, prev, ratio, sum_of, total


def facilities(terms: Terms) -> list[str]:
    """The line prefix of every facility, in order."""
    loans = [f"debt.{loan}" for loan in terms.deal.spec.debt]
    return loans + ([TAKEOUT] if terms.deal.spec.takeout else [])


def facility_label(terms: Terms, at: str) -> str:
    """The name of a facility as the deal file gives it."""
    return "Take-out" if at == TAKEOUT else terms.deal.spec.debt[at.removeprefix("debt.")].label


def declare_debt(terms: Terms) -> None:
    """Every loan, the take-out if there is one, their sums, the discount rate and the average life."""
    g, loans, tolerance = terms.graph, list(terms.deal.spec.debt), terms["checks.tolerance"]
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
            ("repaid", "Principal paid, with balloons"),
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
            (Ref("debt.balloon") > tolerance) * (Ref("debt.scheduled_closing") <= tolerance),
            "The last debt falls due as a balloon",
            "flag",
        )
        rates = [
            g.series(
                f"{at}.opening_x_rate",
                Ref(f"{at}.opening") * Ref(f"{at}.rate"),
                f"{facility_label(terms, at)}: opening x rate",
                "money/yr",
            )
            for at in every
        ]
        weighted = g.series("debt.opening_x_rate", sum_of(*rates), "Opening balance x rate", "money/yr")
        rate = g.series(
            "debt.rate",
            default(ratio(weighted, Ref("debt.opening") * (Ref("debt.opening") > tolerance)), prev(Ref("debt.rate"))),
            "Average rate",
            "1/yr",
            "weighted by opening balance; carried on when nothing is outstanding",
        )
        g.series("debt.rate_pp", rate * DAYS / DAYS_360, "Average rate of the period", "share")
        g.scalar("debt.peak", highest(Ref("debt.closing")), "Peak debt", "money")
        g.scalar("debt.balloon_total", total(Ref("debt.balloon")), "Balloon", "money", "sum over the loans")
    with g.place("Debt", "Average life"):
        years, repaid = zip(*(_declare_life(terms, loan) for loan in loans), strict=True)
        all_years = g.scalar("debt.principal_years", sum_of(*years), "Principal x years", "money*yr")
        principal = g.scalar("debt.principal_scheduled", sum_of(*repaid), "Scheduled principal with balloons", "money")
        g.scalar(
            "debt.wal",
            ratio(all_years, principal),
            "Weighted average life",
            "yr",
            "of the loans, from each loan's close; balloons included, the take-out not",
        )


def _declare_life(terms: Terms, loan: str) -> tuple[Ref, Ref]:
    """Principal x years from the loan's close (actual days / 365), and the principal."""
    g, at, close = terms.graph, f"debt.{loan}", terms[f"debt.{loan}.close"]
    label = terms.deal.spec.debt[loan].label
    repaid = Ref(f"{at}.amortisation") * (END - close) + Ref(f"{at}.balloon") * (terms[f"{at}.maturity"] - close)
    years = g.series(
        f"{at}.principal_x_years", repaid / DAYS_365, f"{label}: principal x years", "money*yr", total=True
    )
    principal = total(Ref(f"{at}.amortisation")) + total(Ref(f"{at}.balloon"))
    return (
        g.scalar(f"{at}.principal_years", total(years), f"{label}: principal x years, total", "money*yr"),
        g.scalar(f"{at}.principal_scheduled", principal, f"{label}: scheduled principal with balloon", "money"),
    )
