"""All facilities together.

``debt.<what>`` sums the senior debt, which cover ratios and covenants test; ``debt.<what>_total`` adds the ranks below
it, where there are any, but not the sponsors' own loans.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from spvmodel.finance.covenants.cure import AGREED, cured_loans
from spvmodel.finance.debt.availability import declare_availability
from spvmodel.finance.debt.cured import after_cures, declare_cured_sums
from spvmodel.finance.debt.extension import declare_final_day
from spvmodel.finance.debt.interest import accrual_fraction
from spvmodel.finance.debt.life import declare_life
from spvmodel.finance.debt.loan import declare_loan
from spvmodel.finance.debt.prepayment import bears_exit_fee, declare_exit_fee, declare_prepayment, prepaid_loans
from spvmodel.finance.debt.ranks import JUNIOR, LENDERS, SENIOR, TAKEOUT, facilities, ranked
from spvmodel.finance.debt.refinanced import balloon_moved, changes
from spvmodel.finance.debt.takeout import declare_takeout
from spvmodel.finance.facility import drawable
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, DAYS_360, END, FULL_DAYS, START
from spvmodel.lines import Expr, Ref, default, highest, maximum, prev, ratio, sum_of, total


def facility_label(terms: Terms, at: str) -> str:
    """The name of a facility as the deal file gives it."""
    return "Take-out" if at == TAKEOUT else terms.deal.spec.debt[at.removeprefix("debt.")].label


def declare_debt(terms: Terms) -> None:
    """Every loan, the take-out if there is one, their sums, the discount rate and the average life."""
    g, loans, tolerance = terms.graph, list(terms.deal.spec.debt), terms["checks.tolerance"]
    for loan in loans:
        declare_final_day(terms, loan)
        declare_availability(terms, loan)
        declare_loan(terms, loan)
    for loan in bears_exit_fee(terms):
        declare_exit_fee(terms, loan)
    for loan in prepaid_loans(terms):
        declare_prepayment(terms, loan)
    if terms.deal.spec.takeout:
        declare_takeout(terms)
    every = facilities(terms, SENIOR)
    with g.place("Debt", "All facilities" if every == facilities(terms) else "Senior debt"):
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
        # Agents and undrawn commitments of every rank are paid first, so their fees stand before senior cover.
        fees = [Ref(f"debt.{loan}.fees_scheduled") for loan in loans]
        if terms.deal.spec.reserves.dsra.lc_fee is not None:
            fees.append(Ref("reserves.dsra.lc_fee_due"))
        fees += [Ref(f"facility.{key}.fee_scheduled") for key in terms.deal.spec.facility]
        g.series("debt.fees_scheduled", sum_of(*fees), "Fees payable in cash", "money", total=True)
        note = "fees, interest and amortisation; balloons excluded"
        note = f"{note}; net of hedges" if terms.deal.spec.hedge else note
        if cured_loans(terms):
            declare_cured_sums(terms)
            agreed = _service(terms, Ref("debt.interest_scheduled"), Ref("debt.amortisation"))
            g.series(AGREED.name, agreed, "Scheduled debt service before cures", "money", note, total=True)
            note = f"{note}; of what cures have left"
        parts = [after_cures(terms, "debt", what) for what in ("interest_scheduled", "amortisation")]
        service = _service(terms, *parts)
        if drawable(terms):
            note = f"{note}; without what is drawn on facilities, and its interest"
        g.series("debt.service", service, "Scheduled debt service", "money", note, total=True)
        stubs = [Ref(f"debt.{loan}.matures") * (Ref(f"debt.{loan}.final_day") < END) for loan in ranked(terms, SENIOR)]
        last = (Ref("debt.balloon") > tolerance) * (Ref("debt.scheduled_closing") <= tolerance)
        g.series(
            "debt.final_stub",
            last * maximum(0, *stubs),
            "The last debt falls due within the period",
            "flag",
            "as a balloon, so that the service is of a part of the period only",
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
        costs = [Ref(f"{at}.opening") * _declare_period_rate(terms, at) for at in every]
        cost = g.series("debt.opening_x_rate_pp", reduce(add, costs), "Opening balance x rate of the period", "money")
        owed = Ref("debt.opening") * (Ref("debt.opening") > tolerance)
        g.series(
            "debt.rate_pp",
            default(ratio(cost, owed), rate * DAYS / DAYS_360),
            "Average rate of the period",
            "share",
            "by the day counts of the loans, hedges included; by actual days / 360 when nothing is outstanding",
        )
    closing, balloon = _declare_totals(terms)
    with g.place("Debt", "All facilities"):
        g.scalar("debt.peak", highest(closing), "Peak debt", "money")
        moved = [balloon_moved(terms, loan) for loan in ranked(terms, *LENDERS) if changes(terms, loan)]
        note = "sum over the loans"
        if moved:
            balloon, note = (
                balloon + sum_of(*moved),
                f"{note}: as scheduled, less prepaid, with interest added",
            )
        g.scalar("debt.balloon_total", balloon, "Balloon", "money", note)
    with g.place("Debt", "Average life"):
        years, repaid = zip(*(declare_life(terms, loan) for loan in ranked(terms, *LENDERS)), strict=True)
        all_years = g.scalar("debt.principal_years", sum_of(*years), "Principal x years", "money*yr")
        principal = g.scalar("debt.principal_scheduled", sum_of(*repaid), "Scheduled principal with balloons", "money")
        cured = "; principal that a cure repays on its day" if cured_loans(terms) else ""
        g.scalar(
            "debt.wal",
            ratio(all_years, principal),
            "Weighted average life",
            "yr",
            f"of the loans, from each loan's close; balloons included, the take-out not{cured}",
        )


def _service(terms: Terms, interest: Ref, principal: Ref) -> Expr:
    """Fees, interest and principal of the senior debt, net of hedges (money)."""
    service = Ref("debt.fees_scheduled") + interest + principal
    return service + Ref("hedge.net") if terms.deal.spec.hedge else service


def _declare_period_rate(terms: Terms, at: str) -> Ref:
    """What one unit owed over the whole period costs (share): what later cash is discounted at for LLCR and PLCR."""
    loan = at.removeprefix("debt.")
    if at == TAKEOUT:
        pp: Expr = Ref(f"{at}.rate_pp") * DAYS / FULL_DAYS
    else:
        pp = Ref(f"{at}.rate") * accrual_fraction(terms, loan, START, END)
        if terms.hedges_of(loan):
            pp = pp + Ref(f"{at}.carry_pp") - Ref(f"{at}.interest_pp")
    label = f"{facility_label(terms, at)}: rate of the whole period"
    return terms.graph.series(f"{at}.whole_period_pp", pp, label, "share")


def _declare_totals(terms: Terms) -> tuple[Ref, Expr]:
    """The debt of all lenders: closing balance by period, and balloons in all. Lines only where a loan ranks junior."""
    g, junior = terms.graph, [f"debt.{loan}" for loan in ranked(terms, *JUNIOR)]
    closing, balloon = Ref("debt.closing"), total(Ref("debt.balloon"))
    if not junior:
        return closing, balloon
    with g.place("Debt", "All facilities"):
        below = {
            what: sum_of(*[Ref(f"{at}.{what}") for at in junior])
            for what in ("interest_scheduled", "amortisation", "balloon", "closing")
        }
        service = below["interest_scheduled"] + below["amortisation"]
        service = g.series(
            "debt.service_junior", service, "Scheduled service below the senior debt", "money", total=True
        )
        g.series(
            "debt.service_total",
            Ref("debt.service") + service,
            "Scheduled debt service, all ranks",
            "money",
            total=True,
        )
        balloons = g.series(
            "debt.balloon_junior", below["balloon"], "Balloons below the senior debt", "money", total=True
        )
        closing = g.series("debt.closing_total", closing + below["closing"], "Closing balance, all ranks", "money")
    return closing, balloon + total(balloons)
