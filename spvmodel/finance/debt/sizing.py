"""How much a loan may lend: the capacity of every constraint as a line, the smallest of them, and its name.

Capacities are of the amount drawn, which PIK makes larger until repayment starts. A loan that ranks behind others, or
is listed after them in the same rank, is sized on what their debt service and balances leave. Where a standby facility
pays for the overrun of the same uses, neither counts in gearing and cost: the budget does. A capacity that does not
apply (no balloon to refinance, no value at that date) is N/A and does not bind. The fee of the loan itself is taken out
of its gearing by algebra; the loop through interest during construction is that of ``funding``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Final

from spvmodel.deal.schema import Debt
from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.carried import PLENTY, carried_within
from spvmodel.finance.debt.ranks import BRIDGE, SHAREHOLDER
from spvmodel.finance.debt.room import declare_cover, declare_room, has_target, sized_before
from spvmodel.finance.debt.standby import committed, is_standby, standby_amount, standbys
from spvmodel.finance.debt.tenor import declare_tenor
from spvmodel.finance.debt.unit import ROUNDING, drawn_for, present_value, unit_rate
from spvmodel.finance.operations.income import in_certain_term
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, PERIODS_PER_YEAR, START
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    default,
    defined,
    lowest,
    maximum,
    minimum,
    na,
    next_,
    ratio,
    total,
    where,
)

LABELS: Final = {
    "gearing": "Gearing",
    "cost": "Cost",
    "dscr": "DSCR",
    "downside": "DSCR of the downside",
    "llcr": "LLCR",
    "plcr": "PLCR",
    "ltv": "LTV",
    "debt_yield": "Debt yield",
    "exit_ltv": "Exit LTV",
    "exit_debt_yield": "Exit debt yield",
    "refinancing": "Refinancing test",
    "amount": "Amount",
    "wal": "WAL",
    "tail": "Tail",
}
"""Every constraint of the deal file, and ``cost``, which holds unless the file lifts it; in the order of reports."""


def declare_amount(terms: Terms, loan: str) -> None:
    """``debt.<loan>.amount``: the commitment, of a standby facility the overrun it pays, or the smallest capacity."""
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    with g.place("Debt", f"{spec.label}: amount"):
        if is_standby(terms, loan):
            note = "its share of the overrun, up to its commitment"
            g.scalar(f"{at}.amount", standby_amount(terms, loan), "Amount of the loan", "money", note)
            return
        if spec.sizing is None:
            g.scalar(f"{at}.amount", terms[f"{at}.commitment"], "Amount of the loan", "money")
            return
        g.scalar(f"{at}.amount", Ref(f"sizing.{loan}.size"), "Amount of the loan", "money", "the smallest capacity")


def sized_loans(terms: Terms) -> list[str]:
    """The loans whose amount is sized, in the order of the deal file."""
    return [name for name, loan in terms.deal.spec.debt.items() if loan.sizing is not None]


def constraints(loan: Debt) -> list[str]:
    """The constraints that a loan is sized by, in the order of reports."""
    sizing = loan.sizing
    if sizing is None:
        return []
    given = [name for name in LABELS if getattr(sizing, name, None) is not None]
    if sizing.dscr_steps is not None and "dscr" not in given:
        given.append("dscr")
    if sizing.above_cost == "no":
        given.append("cost")
    return [name for name in LABELS if name in given]


def declare_sizing(terms: Terms, loan: str) -> None:
    """The debt service that cash flow carries, every capacity, the size and the binding constraint."""
    g, spec = terms.graph, terms.deal.spec.debt[loan]
    if spec.sizing is None and spec.repayment.profile != "sculpted":
        return
    with g.place("Debt", f"{spec.label}: debt service that cash flow carries"):
        declare_room(terms, loan)
    if spec.sizing is None:
        return
    if spec.sizing.wal is not None or spec.sizing.tail is not None:
        declare_tenor(terms, loan)
    _declare_start(terms, loan)
    with g.place("Debt", f"{spec.label}: sizing"):
        names = constraints(spec)
        labels = tuple(LABELS[name] for name in names)
        at, rooms = f"sizing.{loan}", []
        capacities = [
            g.scalar(f"{at}.{name}", _CAPACITIES[name](terms, loan), f"Capacity: {label}", "money")
            for name, label in zip(names, labels, strict=True)
        ]
        smallest = minimum(*[default(capacity, PLENTY) for capacity in capacities])
        smallest = g.scalar(f"{at}.smallest", smallest, "Smallest capacity", "money")
        g.scalar(f"{at}.size", maximum(0, smallest), "Size", "money", "never below 0")
        for name, label, capacity in zip(names, labels, capacities, strict=True):
            room = where(defined(capacity), default(capacity, PLENTY) - smallest, na())
            rooms.append(default(g.scalar(f"{at}.{name}_headroom", room, f"Headroom: {label}", "money"), PLENTY))
        # Constraints may agree but for rounding, which must not choose among them.
        some = terms["checks.tolerance"]
        places = [where(room <= some, place, len(names)) for place, room in enumerate(rooms, start=1)]
        choices = ", ".join(f"{place} {label}" for place, label in enumerate(labels, start=1))
        g.scalar(f"{at}.binding", minimum(*places), "Binding constraint", "count", choices, names=labels)
        room = g.scalar(f"{at}.next_room", minimum(*[where(r > some, r, PLENTY) for r in rooms]), "Next", "money")
        g.scalar(f"{at}.headroom", where(room < PLENTY, room, na()), "Headroom to the next constraint", "money")
    if has_target(terms, loan):
        declare_cover(terms, loan)


def _beside(terms: Terms, loan: str, what: str, when: str) -> Expr:
    """What the loans that are sized first owe at the time of a flag of the loan, if fully drawn (scalar, money)."""
    at = f"debt.{loan}"
    owed = [
        Ref(f"debt.{n}.amount") * total(Ref(f"debt.{n}.{what}"), Ref(f"{at}.{when}")) for n in sized_before(terms, loan)
    ]
    return reduce(add, owed) if owed else Number(0, "money")


def _declare_start(terms: Terms, loan: str) -> None:
    """The date at which the loan is sized: the eve of the first repayment, which is the opening of its period."""
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    with g.place("Debt", f"{terms.deal.spec.debt[loan].label}: when it is sized"):
        first = Ref(f"{debt}.first_repayment")
        g.series(f"{at}.before_first", next_(first), "Period before the first repayment", "flag")
        none = g.scalar(f"{at}.no_period_before", 1 - total(Ref(f"{at}.before_first")), "There is none", "flag")
        g.series(f"{at}.sized", maximum(Ref(f"{at}.before_first"), first * none), "Sized at the period end", "flag")
        serving = (1 - Ref(f"{debt}.capitalised_share")) * (Ref(f"{debt}.accrual_days") > Number(0, "days"))
        g.series(f"{at}.serving", serving > 0, "Interest is paid in cash", "flag")


def _carried(terms: Terms, loan: str, room: str, serving: Ref) -> Expr:
    """The amount whose service stays within ``room`` in every period in which ``serving`` is 1."""
    g, at = terms.graph, f"sizing.{loan}"
    paid = g.series(
        f"{at}.{room}_per_unit",
        ratio(Ref(f"{at}.{room}"), Ref(f"debt.{loan}.pattern_service")),
        "Amount whose service is carried",
        "money",
    )
    return default(lowest(paid, serving), PLENTY)


def _dscr(terms: Terms, loan: str) -> Expr:
    """What the cash flow carries at the target cover in every period; to maturity, where the loan is sculpted to it."""
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    serving = Ref(f"{at}.serving")
    spec = terms.deal.spec.debt[loan]
    if spec.repayment.profile != "sculpted":
        return _carried(terms, loan, "service_room", serving)
    before = g.series(f"{at}.interest_only", serving * (1 - Ref(f"{debt}.window")), "Interest only", "flag")
    carried: Expr = Ref(f"{at}.carried")
    if spec.sizing is not None and (spec.sizing.wal is not None or spec.sizing.tail is not None):
        carried = carried_within(terms, loan, "to_maturity", Ref(f"{debt}.window"))
    return minimum(drawn_for(terms, loan, carried), _carried(terms, loan, "service_room", before))


def _downside(terms: Terms, loan: str) -> Expr:
    """Debt service follows the base case, and stays within what the downside carries in every period."""
    return _carried(terms, loan, "downside_room", Ref(f"sizing.{loan}.serving"))


def _gearing(terms: Terms, loan: str) -> Expr:
    """Solved for the fee exactly, or with the fee of ``share x uses before it`` where the deal file says so."""
    sizing, share = terms.deal.spec.debt[loan].sizing, terms[f"debt.{loan}.sizing.gearing"]
    if sizing is not None and sizing.gearing_fee == "first order":
        uses, others = _uses_without_fee(terms, loan)
        return share * uses * (1 + share * _fees(terms, loan)) - others
    return _of_uses(terms, loan, share)


def _cost(terms: Terms, loan: str) -> Expr:
    return _of_uses(terms, loan, Number(1))


def _of_uses(terms: Terms, loan: str, share: Expr) -> Expr:
    """The loan that, with the others that fund the same uses, is ``share`` of uses that contain its own fee.

    ``debt = share x (uses before fees + fees of the others + fee x debt) - others``, solved for the debt.
    """
    uses, others = _uses_without_fee(terms, loan)
    return (share * uses - others) / (1 - share * _fees(terms, loan))


def _uses_without_fee(terms: Terms, loan: str) -> tuple[Expr, Expr]:
    """Uses but for the loan's own fee, and the other loans that pay them (money).

    Loans sized later, shareholder loans and equity bridges are left out, and so are an overrun that a standby facility
    is there for and that facility itself.
    """
    debts, group, before = terms.deal.spec.debt, terms.deal.spec.debt[loan].funds, sized_before(terms, loan)
    others: Expr = Number(0, "money")
    uses: Expr = Ref(f"funding.{group}.uses_before_fees")
    if standbys(terms, group):
        uses = uses - Ref(f"funding.{group}.overrun_total")
    for other in terms.loans_of(group):
        if other != loan and (other in before or debts[other].sizing is None):
            uses = uses + _fees_of_other(terms, other)
            if debts[other].rank not in (SHAREHOLDER, BRIDGE) and not is_standby(terms, other):
                others = others + Ref(f"debt.{other}.amount")
    return uses, others


def _fees(terms: Terms, loan: str) -> Expr:
    """What the lenders keep of each unit at close: upfront fee and discount."""
    fee: Expr = terms[f"debt.{loan}.upfront_fee"]
    return fee + terms[f"debt.{loan}.discount"] if terms.has(f"debt.{loan}.discount") else fee


def _fees_of_other(terms: Terms, loan: str) -> Expr:
    """What the lenders of another loan keep at close and of its draws (money)."""
    amount = Ref(f"debt.{loan}.amount")
    if not is_standby(terms, loan):
        return _fees(terms, loan) * amount
    fee: Expr = terms[f"debt.{loan}.upfront_fee"] * committed(terms, loan)
    return fee + terms[f"debt.{loan}.discount"] * amount if terms.has(f"debt.{loan}.discount") else fee


def _life_cover(terms: Terms, loan: str, what: str, flow: Expr) -> Expr:
    """Value of CFADS when repayment starts / the cover asked for, less what the loans sized first then owe."""
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    # After its maturity the loan has no rate of its own: a period then counts by its length.
    after = (START >= terms[f"{debt}.maturity"]) * Ref(f"{debt}.rate") / PERIODS_PER_YEAR
    if not terms.graph.has(f"{at}.life_rate"):
        g.series(f"{at}.life_rate", unit_rate(terms, loan) + after, "Discount rate of the period", "share")
    line = g.series(f"{at}.{what}_flow", flow, f"CFADS of the {what.upper()}", "money")
    value = present_value(terms, f"{at}.{what}_value", line, Ref(f"{at}.life_rate"), "Value of it", "money")
    cover = terms[f"{debt}.sizing.{what}"]
    largest = total(value, Ref(f"{debt}.first_repayment")) / cover
    return drawn_for(terms, loan, largest - _beside(terms, loan, "pattern_opening", "first_repayment"))


def _llcr(terms: Terms, loan: str) -> Expr:
    """To the last repayment: what is earned after it is not of the loan's life."""
    debt = f"debt.{loan}"
    owed = (Ref(f"{debt}.pattern_opening") > ROUNDING) * (START < terms[f"{debt}.maturity"])
    return _life_cover(terms, loan, "llcr", Ref(f"sizing.{loan}.cash_flow") * owed)


def _plcr(terms: Terms, loan: str) -> Expr:
    """To the end of the certain term: what renewals may add that are not sure is not counted on."""
    return _life_cover(terms, loan, "plcr", in_certain_term(terms, Ref(f"sizing.{loan}.cash_flow")))


def _ltv(terms: Terms, loan: str) -> Expr:
    value = terms[f"debt.{loan}.sizing.ltv"] * total(Ref("valuation.value"), Ref(f"sizing.{loan}.sized"))
    return drawn_for(terms, loan, value - _beside(terms, loan, "pattern_opening", "first_repayment"))


def _debt_yield(terms: Terms, loan: str) -> Expr:
    largest = total(Ref("opex.noi_ahead"), Ref(f"sizing.{loan}.sized")) / terms[f"debt.{loan}.sizing.debt_yield"]
    return drawn_for(terms, loan, largest - _beside(terms, loan, "pattern_opening", "first_repayment"))


def _at_maturity(terms: Terms, loan: str, line: str) -> Expr:
    """A line at the end of the period in which the loan matures."""
    return total(Ref(line), Ref(f"debt.{loan}.matures"))


def _per_balloon(terms: Terms, loan: str, largest: Expr) -> Expr:
    """The amount whose balloon, with what the loans sized first then owe, is ``largest``; N/A where it leaves none."""
    share = Ref(f"debt.{loan}.balloon_share")
    return ratio(largest - _beside(terms, loan, "pattern_left", "matures"), share * (share > Number(1e-9)))


def _exit_ltv(terms: Terms, loan: str) -> Expr:
    value = _at_maturity(terms, loan, "valuation.value")
    return _per_balloon(terms, loan, terms[f"debt.{loan}.sizing.exit_ltv"] * value)


def _exit_debt_yield(terms: Terms, loan: str) -> Expr:
    income = _at_maturity(terms, loan, "opex.noi_ahead")
    return _per_balloon(terms, loan, income / terms[f"debt.{loan}.sizing.exit_debt_yield"])


def _refinancing(terms: Terms, loan: str) -> Expr:
    """The balloon that a level schedule at the stressed rate repays from the NOI after maturity, at the cover asked."""
    g, at, test = terms.graph, f"sizing.{loan}", f"debt.{loan}.sizing.refinancing"
    rate = terms[f"{test}.rate"] / PERIODS_PER_YEAR
    count = terms[f"{test}.term"] / Ref("time.months_per_period")
    yearly = level_payment(rate, count) * PERIODS_PER_YEAR
    constant = g.scalar(f"{at}.refinance_constant", yearly, "Service a year per unit refinanced", "1/yr")
    income = _at_maturity(terms, loan, "opex.noi_ahead") / A_YEAR
    return _per_balloon(terms, loan, income / terms[f"{test}.dscr"] / constant)


def _amount(terms: Terms, loan: str) -> Expr:
    return terms[f"debt.{loan}.sizing.amount"]


def _tenor(name: str) -> Callable[[Terms, str], Expr]:
    def capacity(terms: Terms, loan: str) -> Expr:
        return Ref(f"sizing.{loan}.{name}_capacity")

    return capacity


_CAPACITIES: Final[dict[str, Callable[[Terms, str], Expr]]] = {
    "gearing": _gearing,
    "cost": _cost,
    "dscr": _dscr,
    "downside": _downside,
    "llcr": _llcr,
    "plcr": _plcr,
    "ltv": _ltv,
    "debt_yield": _debt_yield,
    "exit_ltv": _exit_ltv,
    "exit_debt_yield": _exit_debt_yield,
    "refinancing": _refinancing,
    "amount": _amount,
    "wal": _tenor("wal"),
    "tail": _tenor("tail"),
}
