"""How a loan is repaid, per unit drawn.

The pattern is independent of the size of the loan, so that sizing can ask what one unit of debt costs, and no loop
arises. One unit grows while interest is added to it (PIK), and every profile repays what was added. Profiles by service
(level, sculpted) follow weights ``w``, at the loan's own rates ``c`` of a period: with ``V = (w + V') / (1 + c)`` the
value of the weights still to come, backwards in time, the balance falls as ``V`` does, which is one cover throughout
(definitions, sections 4 and 6.6). It never rises but by PIK, and where a target cover is asked it never exceeds what
later cash flow carries (``carried.py``). Profiles by principal state their shares.
"""

from __future__ import annotations

from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.carried import LIMIT, carries, declare_carried
from spvmodel.finance.debt.unit import cash_cost, owed_at_start, present_value, unit_rate
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, PERIODS_PER_YEAR, START, falls_here
from spvmodel.lines import Expr, Number, Ref, default, maximum, minimum, next_, prev, ratio, total


def declare_repayment(terms: Terms, loan: str) -> None:
    """The flags of repayment, and the pattern of one unit drawn: its principal, its service, its balloon."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    with g.place("Debt", f"{label}: repayment of one unit"):
        _declare_window(terms, loan)
        cash = _declare_cash(terms, loan)
        if terms.deal.spec.debt[loan].pik:
            _declare_accretion(terms, loan)
        opening = g.series(f"{at}.pattern_opening", prev(Ref(f"{at}.pattern_closing")), "One unit: opening", "share")
        owed: Expr = opening
        if terms.deal.spec.debt[loan].pik:
            added = opening * Ref(f"{at}.pik_pp")
            added = g.series(f"{at}.pattern_added", added, "One unit: interest added", "share", total=True)
            owed = opening + added
        repaid = _pattern(terms, loan, opening, owed)
        repaid = g.series(f"{at}.pattern", repaid, "One unit: principal", "share", total=True)
        left = g.series(f"{at}.pattern_left", owed - repaid, "One unit: left after the principal", "share")
        balloon = Ref(f"{at}.matures") * left
        balloon = g.series(f"{at}.pattern_balloon", balloon, "One unit: balloon", "share", total=True)
        g.series(f"{at}.pattern_closing", left - balloon, "One unit: closing", "share", opening=1)
        g.series(
            f"{at}.pattern_service",
            opening * cash + repaid,
            "One unit: interest in cash and principal",
            "share",
            "of one unit drawn",
        )
        g.scalar(f"{at}.balloon_share", total(balloon), "One unit: balloon", "share")


def _declare_window(terms: Terms, loan: str) -> None:
    """The periods of repayment: after the interest-only time, up to the one in which the loan is to be repaid."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    maturity = terms[f"{at}.maturity"]
    g.series(f"{at}.matures", falls_here(Ref(f"{at}.final_day")), "Matures", "flag")
    after: Expr = Ref(f"{at}.completion_eve")
    if spec.repayment.interest_only_until is not None:
        after = terms[f"{at}.repayment.interest_only_until"]
        if spec.repayment.profile == "bullet":
            after = minimum(after, maturity - DAY)
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


def _declare_cash(terms: Terms, loan: str) -> Ref:
    """What one unit costs in cash: what accrues before completion is capitalised, the PIK share is added."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    line = cash_cost(terms, loan)
    if line.name == f"{at}.carry_pp":
        return line
    payable = 1 - Ref(f"{at}.capitalised_share")
    cash, note = Ref(f"{at}.carry_pp") * payable, "of the days after completion"
    if spec.pik:
        added = Ref(f"{at}.interest_pp") * payable * Ref(f"{at}.pik_share")
        added = g.series(f"{at}.pik_pp", added, "Interest added to one unit of opening balance", "share")
        rate = g.series(f"{at}.unit_pp", cash, "Cost of one unit, in cash and added", "share", note)
        cash, note = rate - added, "without what is added"
    return g.series(line.name, cash, "Cash cost of one unit of opening balance", "share", note)


def _declare_accretion(terms: Terms, loan: str) -> None:
    """``unit_at_first``: what PIK makes of one unit drawn before repayment starts."""
    g, at = terms.graph, f"debt.{loan}"
    before = g.series(f"{at}.unit_before", prev(Ref(f"{at}.unit_grown")), "One unit without principal", "share")
    grown = before * (1 + Ref(f"{at}.pik_pp"))
    g.series(f"{at}.unit_grown", grown, "One unit without principal, closing", "share", opening=1)
    start = total(before, Ref(f"{at}.first_repayment"))
    g.scalar(f"{at}.unit_at_first", start, "One unit when repayment starts", "share")


def _pattern(terms: Terms, loan: str, opening: Ref, owed: Expr) -> Expr:
    """Principal of a period per unit, by the profile of the deal file; ``owed`` is the opening with what is added."""
    at, profile = f"debt.{loan}", terms.deal.spec.debt[loan].repayment.profile
    repaying, start = Ref(f"{at}.repaying"), owed_at_start(terms, loan)
    kept = terms[f"{at}.repayment.balloon"] * start
    match profile:
        case "mortgage":
            return minimum(owed, _instalments(terms, loan) * _mortgage(terms, loan, opening, start))
        case "level" | "sculpted":
            return repaying * maximum(0, owed - _left_by_service(terms, loan, opening, owed, kept))
        case "straight line":
            part = _instalments(terms, loan)
            to_come = Ref(f"{at}.instalments_left")
            terms.graph.series(to_come.name, part + next_(to_come), "Instalments still to come", "count")
            return maximum(0, opening - kept) * default(ratio(part, to_come), 0)
        case "custom shares":
            return minimum(owed, start * terms[f"{at}.repayment.shares"])
        case "custom amounts":
            amounts = terms[f"{at}.repayment.amounts"]
            whole = terms.graph.scalar(f"{at}.repayment_total", total(amounts), "Principal stated", "money")
            return minimum(owed, (1 - terms[f"{at}.repayment.balloon"]) * default(ratio(amounts, whole), 0))
        case "target balance":
            target = default(ratio(terms[f"{at}.repayment.balances"], Ref(f"{at}.amount")), 1)
            return repaying * maximum(0, owed - target)
        case "bullet":
            return repaying * Number(0)


def _instalments(terms: Terms, loan: str) -> Ref:
    """How much of an instalment falls due (series): in a period of close or completion, for the days after."""
    g, at = terms.graph, f"debt.{loan}"
    days = END - maximum(START, Ref(f"{at}.completion_eve"))
    part = Ref(f"{at}.repaying") * minimum(1, days / FULL_DAYS)
    note = "of a first period, the days for which interest is paid"
    return g.series(f"{at}.instalment", part, "Instalment", "share", note)


def _mortgage(terms: Terms, loan: str, opening: Ref, start: Expr) -> Expr:
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
    return maximum(0, start * factor - opening * rate)


def _left_by_service(terms: Terms, loan: str, opening: Ref, owed: Expr, kept: Expr) -> Expr:
    """What is left of one unit after a payment of one cover with all later ones, ``kept`` left for the balloon."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    rate = unit_rate(terms, loan)
    if spec.repayment.profile == "level" and spec.repayment.level_by == "period":
        payable = 1 - Ref(f"{at}.capitalised_share")
        by_period = Ref(f"{at}.rate") / PERIODS_PER_YEAR * payable
        rate = g.series(f"{at}.discount_pp", by_period, "Rate of the period for repayment", "share")
    last = Ref(f"{at}.last_repayment")
    if spec.repayment.profile == "level":
        weight = _instalments(terms, loan)
        value = present_value(terms, f"{at}.weight_value", weight, rate, "Value of the instalments", "share")
    else:
        room = Ref(f"{at}.repaying") * Ref(f"sizing.{loan}.service_room")
        weight = g.series(f"{at}.service_weight", room, "Weight of the debt service", "money")
        value = present_value(terms, f"{at}.weight_value", weight, rate, "Value of the weights", "money")
    unit = present_value(terms, f"{at}.unit_value", last, rate, "Value of one unit at the last repayment", "share")
    # Without weight to come nothing is repaid before the last payment, which takes all that the balloon leaves.
    falls = default(ratio(next_(value), value), 1 - last)
    left = maximum(kept, kept * (next_(unit) + last) + maximum(0, opening - kept * unit) * falls)
    if carries(terms, loan):
        limit, most = declare_carried(terms, loan)
        share = default(ratio(owed_at_start(terms, loan) * next_(limit), most * (1 - last)), LIMIT)
        share = g.series(f"{at}.pattern_limit", share, "One unit: most that later cash carries", "share")
        left = minimum(left, share)
    return minimum(owed, left)
