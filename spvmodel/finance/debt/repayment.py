"""How a loan is repaid, per unit of what is owed when repayment starts.

The pattern is independent of the size of the loan, so that sizing can ask what one unit of debt costs, and no loop
arises. Profiles by service (level, sculpted) solve their payment in closed form: with weights ``w`` and the loan's own
period rates ``c`` the value of the weights at the start is ``V = (w + V') / (1 + c)``, backwards in time, and a payment
of ``w / V`` repays one unit exactly (definitions, sections 4 and 6.6). Profiles by principal state their shares.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, PERIODS_PER_YEAR, START, falls_here
from spvmodel.lines import Expr, Number, Ref, default, maximum, minimum, next_, prev, ratio, total, where


def declare_repayment(terms: Terms, loan: str) -> None:
    """The flags of repayment, and the pattern of one unit: its principal, its service, its balloon."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    with g.place("Debt", f"{label}: repayment of one unit"):
        _declare_window(terms, loan)
        opening = g.series(f"{at}.pattern_opening", prev(Ref(f"{at}.pattern_closing")), "One unit: opening", "share")
        repaid = g.series(f"{at}.pattern", _pattern(terms, loan, opening), "One unit: principal", "share", total=True)
        g.series(f"{at}.pattern_closing", opening - repaid, "One unit: closing", "share", opening=1)
        g.series(
            f"{at}.pattern_service",
            opening * Ref(f"{at}.carry_pp") + repaid,
            "One unit: interest and principal",
            "share",
            "of one unit owed when repayment starts",
        )
        left = g.series(f"{at}.pattern_balloon", Ref(f"{at}.matures") * Ref(f"{at}.pattern_closing"), "Left", "share")
        g.scalar(f"{at}.balloon_share", total(left), "One unit: balloon", "share")


def _declare_window(terms: Terms, loan: str) -> None:
    """The periods of repayment: after the interest-only time, up to the one in which the loan is to be repaid."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    maturity = terms[f"{at}.maturity"]
    g.series(f"{at}.matures", falls_here(Ref(f"{at}.final_day")), "Matures", "flag")
    after: Expr = Ref(f"{at}.completion_eve")
    if spec.repayment.interest_only_until is not None:
        after = terms[f"{at}.repayment.interest_only_until"]
    after = g.scalar(f"{at}.repays_after", after, "No principal until", "date")
    # What a notional schedule leaves at maturity is the balloon, with the instalment of that day.
    before = END < Ref(f"{at}.final_day") if spec.repayment.profile == "mortgage" else START < maturity
    window = (END > after) * before
    window = g.series(f"{at}.window", window, "After the interest-only time, up to maturity", "flag")
    g.series(f"{at}.first_repayment", window * (1 - prev(window)), "First repayment", "flag")
    repaying: Expr = window
    for what in ("tail", "wal"):
        if spec.sizing is not None and getattr(spec.sizing, what) is not None:
            repaying = repaying * (END <= Ref(f"sizing.{loan}.{what}_date"))
    flag = g.series(f"{at}.repaying", repaying, "Repaying", "flag")
    g.series(f"{at}.last_repayment", flag * (1 - next_(flag)), "Last repayment", "flag")


def _pattern(terms: Terms, loan: str, opening: Ref) -> Expr:
    """Principal of a period per unit, by the profile of the deal file."""
    at, profile = f"debt.{loan}", terms.deal.spec.debt[loan].repayment.profile
    repaying, kept = Ref(f"{at}.repaying"), terms[f"{at}.repayment.balloon"]
    match profile:
        case "mortgage":
            return repaying * minimum(opening, _mortgage(terms, loan, opening))
        case "level" | "sculpted":
            payment = _service(terms, loan)
            principal = minimum(opening, maximum(0, payment - opening * Ref(f"{at}.discount_pp")))
            # The last payment takes what is left: rounding, or what counting by period leaves.
            return repaying * where(Ref(f"{at}.last_repayment"), maximum(0, opening - kept), principal)
        case "straight line":
            count = terms.graph.scalar(f"{at}.repayments", total(repaying), "Repayments", "count")
            part = minimum(opening, (1 - kept) / maximum(1, count))
            return repaying * where(Ref(f"{at}.last_repayment"), maximum(0, opening - kept), part)
        case "custom shares":
            return minimum(opening, terms[f"{at}.repayment.shares"])
        case "custom amounts":
            amounts = terms[f"{at}.repayment.amounts"]
            whole = terms.graph.scalar(f"{at}.repayment_total", total(amounts), "Principal stated", "money")
            return minimum(opening, (1 - kept) * default(ratio(amounts, whole), 0))
        case "target balance":
            target = default(ratio(terms[f"{at}.repayment.balances"], Ref(f"{at}.amount")), 1)
            return repaying * maximum(0, opening - target)
        case "bullet":
            return repaying * Number(0)


def _mortgage(terms: Terms, loan: str, opening: Ref) -> Expr:
    """Principal part of the level payment of a notional schedule at a notional rate."""
    g, at = terms.graph, f"debt.{loan}"
    rate = g.scalar(
        f"{at}.amortisation_rate_pp",
        terms[f"{at}.repayment.rate"] / PERIODS_PER_YEAR,
        "Notional rate per period",
        "share",
    )
    count = g.scalar(
        f"{at}.amortisation_periods",
        terms[f"{at}.repayment.term"] / Ref("time.months_per_period"),
        "Periods of the notional schedule",
        "count",
    )
    factor = g.scalar(f"{at}.payment_factor", level_payment(rate, count), "Level payment per unit of balance", "share")
    return maximum(0, factor - opening * rate)


def _service(terms: Terms, loan: str) -> Expr:
    """Debt service of a period per unit: the weights, scaled so that they repay the unit but for its balloon."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].repayment
    by_period = spec.profile == "level" and spec.level_by == "period"
    rate = Ref(f"{at}.rate") / PERIODS_PER_YEAR if by_period else Ref(f"{at}.carry_pp")
    rate = g.series(f"{at}.discount_pp", rate, "Rate of the period for repayment", "share")
    repaying, first = Ref(f"{at}.repaying"), Ref(f"{at}.first_repayment")
    if spec.profile == "level":
        weight, unit = g.series(f"{at}.service_weight", repaying, "Weight of the debt service", "flag"), "share"
    else:
        room, unit = Ref(f"sizing.{loan}.service_room"), "money"
        weight = g.series(f"{at}.service_weight", repaying * room, "Weight of the debt service", unit)
    value = present_value(terms, f"{at}.weight_value", weight, rate, "Value of the weights", unit)
    last = Ref(f"{at}.last_repayment")
    kept = present_value(terms, f"{at}.unit_value", last, rate, "Value of one unit at the last repayment", "share")
    worth = g.scalar(f"{at}.weights_at_start", total(value, first), "Value of the weights when repayment starts", unit)
    kept = g.scalar(f"{at}.unit_at_start", total(kept, first), "Value of one unit at the last repayment, then", "share")
    scale = default(ratio(1 - terms[f"{at}.repayment.balloon"] * kept, worth), Number(0, f"1/{unit}"))
    per = "share" if unit == "share" else "1/money"
    return g.scalar(f"{at}.payment_scale", scale, "Debt service per unit and weight", per) * weight


def present_value(terms: Terms, name: str, flow: Ref, rate: Ref, label: str, unit: str) -> Ref:
    """A line: the value, at the start of each period, of the flows at this and all later period ends."""
    value = (flow + next_(Ref(name))) / (1 + rate)
    return terms.graph.series(name, value, label, unit, "at the start of the period, at the period rates of the loan")
