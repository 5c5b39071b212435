"""What cash flow carries of a sculpted loan, whose interest may never exceed it.

A balance can be served if its interest in cash ``c`` stays within the room ``R`` of every period, and what the room
leaves of it can be served later: ``L = min(R / c, (R + L') / (1 + r))``, backwards in time from the last repayment,
which only its interest limits. The loan is the smaller of ``L`` and of the value of the room: where a period of little
room follows, more would have to be borrowed again than a schedule can, and the loan is smaller.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.debt.unit import cash_cost, present_value, unit_rate
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, default, lowest, minimum, next_, ratio, total, where

LIMIT: Final = 1e9
PLENTY: Final = Number(LIMIT, "money")
"""Capacity of a constraint that does not apply; above every amount a deal file can state."""


def carries(terms: Terms, loan: str) -> bool:
    """Whether the balance of a sculpted loan is held to what cash flow carries: at a target cover, or for a time."""
    spec = terms.deal.spec.debt[loan]
    if spec.repayment.profile != "sculpted" or spec.sizing is None:
        return False
    return any(getattr(spec.sizing, what) is not None for what in ("dscr", "dscr_steps", "wal", "tail"))


def declare_carried(terms: Terms, loan: str) -> tuple[Ref, Ref]:
    """The balance that interest allows at the start of each period, and the most when repayment starts (money).

    ``sizing.<loan>.carried`` has the balloon in it: it is not repaid from cash flow, and bears interest to the last.
    """
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    first, repaying = Ref(f"{debt}.first_repayment"), Ref(f"{debt}.repaying")
    kept = terms[f"{debt}.repayment.balloon"]
    limit = _declare_limit(terms, loan, "carried", repaying, Ref(f"{debt}.last_repayment"))
    unit = total(Ref(f"{debt}.unit_value"), first)
    unit = g.scalar(f"{debt}.unit_at_start", unit, "Value of one unit at the last repayment, at the start", "share")
    worth = total(Ref(f"{debt}.weight_value"), first)
    worth = g.scalar(f"{debt}.weights_at_start", worth, "Value of the weights when repayment starts", "money")
    always = default(lowest(Ref(f"{at}.carried_by_interest"), repaying), PLENTY)
    most = minimum(total(limit, first), worth / (1 - kept * unit), default(ratio(always, kept), PLENTY))
    note = "the smaller of the value of the weights and of what interest allows, with the balloon"
    return limit, g.scalar(f"{at}.carried", most, "Balance that is carried", "money", note)


def carried_within(terms: Terms, loan: str, what: str, inside: Ref) -> Expr:
    """The largest balance that cash flow repays within the periods in which ``inside`` is 1 (scalar, money)."""
    g, at, first = terms.graph, f"sizing.{loan}", Ref(f"debt.{loan}.first_repayment")
    last = g.series(f"{at}.{what}_last", inside * (1 - next_(inside)), "Last of them", "flag")
    limit = _declare_limit(terms, loan, what, inside, last)
    room = g.series(f"{at}.{what}_room", Ref(f"{at}.service_room") * inside, "Debt service carried until then", "money")
    value = present_value(terms, f"{at}.{what}_value", room, unit_rate(terms, loan), "Value of it", "money")
    return minimum(total(limit, first), total(value, first))


def _declare_limit(terms: Terms, loan: str, what: str, inside: Ref, last: Ref) -> Ref:
    """The balance at the start of each period whose interest stays within the room to the last period."""
    g, at, room = terms.graph, f"sizing.{loan}", Ref(f"sizing.{loan}.service_room")
    cost = cash_cost(terms, loan)
    costs = ratio(room, cost * (cost > 0))
    paid = g.series(f"{at}.{what}_by_interest", default(costs, PLENTY), "Balance whose interest is carried", "money")
    limit = Ref(f"{at}.{what}_limit")
    later = where(last, PLENTY, (room + next_(limit)) / (1 + unit_rate(terms, loan)))
    label = "Balance whose interest is carried from here on"
    return g.series(limit.name, inside * minimum(paid, later), label, "money", "at the start of the period")
