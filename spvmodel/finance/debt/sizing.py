"""How much a loan may lend: the capacity of every constraint as a line, the smallest of them, and its name.

Capacities are of the balance when repayment starts. A loan that ranks behind others, or is listed after them in the
same rank, is sized on what their debt service and balances leave. Where a standby facility pays for the overrun of the
same uses, neither the overrun nor the facility counts in gearing and cost: the loan is sized on the budget. A capacity
that does not apply (no balloon to refinance, no value at that date) is N/A and does not bind. The fee of the loan
itself is taken out of its gearing by algebra; the loop through interest during construction is that of ``funding``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Final

from spvmodel.deal.schema import Debt
from spvmodel.finance.debt.annuity import level_payment
from spvmodel.finance.debt.ranks import BRIDGE, RANKS, SHAREHOLDER, ranked
from spvmodel.finance.debt.repayment import present_value
from spvmodel.finance.debt.standby import committed, is_standby, standby_amount, standbys
from spvmodel.finance.debt.tenor import declare_tenor
from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import PERIODS_PER_YEAR, START
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
    sum_of,
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

LIMIT: Final = 1e9
PLENTY: Final = Number(LIMIT, "money")
"""Capacity of a constraint that does not apply; above every amount a deal file can state."""


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
        _declare_room(terms, loan)
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


def _before(terms: Terms, loan: str) -> list[str]:
    """The loans that are sized first: those of a senior rank, and of the same rank those listed earlier."""
    names = [name for rank in RANKS for name in ranked(terms, rank)]
    return [name for name in names[: names.index(loan)] if terms.deal.spec.debt[name].rank != SHAREHOLDER]


def _others(terms: Terms, loan: str) -> Expr:
    """Amounts of the loans that are sized first."""
    amounts = [Ref(f"debt.{other}.amount") for other in _before(terms, loan)]
    return sum_of(*amounts) if amounts else Number(0, "money")


def _declare_room(terms: Terms, loan: str) -> None:
    """``service_room``: cash flow, not below 0, / target cover, less the service of loans sized first."""
    g, at, sizing = terms.graph, f"sizing.{loan}", terms.deal.spec.debt[loan].sizing
    cash = g.series(f"{at}.cash_flow", maximum(0, Ref("ratios.cfads")), "CFADS, not below 0", "money")
    target = _target(terms, loan)
    merchant = terms.has(f"debt.{loan}.sizing.dscr_merchant")
    if merchant:
        share = Ref("revenue.merchant_share")
        carried = cash * ((1 - share) / target + share / terms[f"debt.{loan}.sizing.dscr_merchant"])
    else:
        carried = cash / target
    fees = g.series(
        f"{at}.fees",
        Ref(f"debt.{loan}.agency_fee_accrued") * (1 - Ref(f"debt.{loan}.capitalised_share")),
        "Agency fee, part of debt service",
        "money",
    )
    carried = maximum(0, carried - fees)
    note = "CFADS / target cover, less the agency fee"
    if _before(terms, loan):
        carried = maximum(0, carried - _earlier_service(terms, loan))
        note = f"{note}, less the service of loans sized first"
    g.series(f"{at}.service_room", carried, "Debt service that can be carried", "money", note)
    if sizing is not None and sizing.downside is not None:
        down = f"debt.{loan}.sizing.downside"
        stressed = maximum(0, cash * terms[f"{down}.income"] / terms[f"{down}.dscr"] - fees)
        if _before(terms, loan):
            stressed = maximum(0, stressed - Ref(f"{at}.earlier_service"))
        g.series(f"{at}.downside_room", stressed, "Debt service that the downside carries", "money")


def _earlier_service(terms: Terms, loan: str) -> Ref:
    """Service and fees of the loans that are sized first (series, money).

    Loans that fund the same uses are drawn together, so that their service depends on the amount of this one. Almost
    all of it follows from their own amounts, if they are fully drawn; what drawing makes of it is fed back.
    """
    g, at, before = terms.graph, f"sizing.{loan}", _before(terms, loan)
    parts = [
        Ref(f"debt.{n}.amount") * Ref(f"debt.{n}.pattern_service") * (1 - Ref(f"debt.{n}.capitalised_share"))
        for n in before
    ]
    label = "Service of loans sized first, if fully drawn"
    drawn = g.series(f"{at}.earlier_if_drawn", reduce(add, parts), label, "money")
    owed = [Ref(f"debt.{n}.{what}") for n in before for what in ("service", "fees_scheduled")]
    change = sum_of(*owed) - drawn
    change = g.series(f"{at}.earlier_change", change, "What drawing and fees change of it", "money")
    fed = g.feedback(
        f"{at}.earlier_fed", 0, change.name, "What drawing and fees change, fed back", "money", PASSES, series=True
    )
    return g.series(f"{at}.earlier_service", drawn + fed, "Service and fees of loans sized first", "money")


def _target(terms: Terms, loan: str) -> Expr:
    """Target cover of a period; 1 where the loan has none: then debt service follows cash flow as far as it reaches."""
    at = f"debt.{loan}.sizing"
    for name in (f"{at}.dscr_steps", f"{at}.dscr"):
        if terms.has(name):
            return terms[name]
    return Number(1)


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
    """The balance whose service stays within ``room`` in every period in which ``serving`` is 1."""
    g, at = terms.graph, f"sizing.{loan}"
    paid = g.series(
        f"{at}.{room}_per_unit",
        ratio(Ref(f"{at}.{room}"), Ref(f"debt.{loan}.pattern_service")),
        "Balance whose service is carried",
        "money",
    )
    return default(lowest(paid, serving), PLENTY)


def _dscr(terms: Terms, loan: str) -> Expr:
    """What the cash flow carries at the target cover: its value, where the loan is sculpted to it."""
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    serving = Ref(f"{at}.serving")
    if terms.deal.spec.debt[loan].repayment.profile != "sculpted":
        return _carried(terms, loan, "service_room", serving)
    flow = g.series(f"{at}.room_repaying", Ref(f"{at}.service_room") * Ref(f"{debt}.window"), "To maturity", "money")
    value = present_value(terms, f"{at}.room_value", flow, Ref(f"{debt}.carry_pp"), "Value of it", "money")
    # What the loan leaves as a balloon need not be repaid from the cash flow.
    kept = terms[f"{debt}.repayment.balloon"] * Ref(f"{debt}.unit_at_start")
    before = g.series(f"{at}.interest_only", serving * (1 - Ref(f"{debt}.window")), "Interest only", "flag")
    repaid = total(value, Ref(f"{debt}.first_repayment")) / (1 - kept)
    return minimum(repaid, _carried(terms, loan, "service_room", before))


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
    debts, group, before = terms.deal.spec.debt, terms.deal.spec.debt[loan].funds, _before(terms, loan)
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
    """Value of CFADS when repayment starts / the cover asked for, less the loans sized first."""
    g, at, debt = terms.graph, f"sizing.{loan}", f"debt.{loan}"
    # After its maturity the loan has no rate of its own: a period then counts by its length.
    after = (START >= terms[f"{debt}.maturity"]) * Ref(f"{debt}.rate") / PERIODS_PER_YEAR
    if not terms.graph.has(f"{at}.life_rate"):
        g.series(f"{at}.life_rate", Ref(f"{debt}.carry_pp") + after, "Discount rate of the period", "share")
    line = g.series(f"{at}.{what}_flow", flow, f"CFADS of the {what.upper()}", "money")
    value = present_value(terms, f"{at}.{what}_value", line, Ref(f"{at}.life_rate"), "Value of it", "money")
    cover = terms[f"{debt}.sizing.{what}"]
    return total(value, Ref(f"{debt}.first_repayment")) / cover - _others(terms, loan)


def _llcr(terms: Terms, loan: str) -> Expr:
    flow = Ref(f"sizing.{loan}.cash_flow") * (START < terms[f"debt.{loan}.maturity"])
    return _life_cover(terms, loan, "llcr", flow)


def _plcr(terms: Terms, loan: str) -> Expr:
    return _life_cover(terms, loan, "plcr", Ref(f"sizing.{loan}.cash_flow"))


def _ltv(terms: Terms, loan: str) -> Expr:
    value = total(Ref("valuation.value"), Ref(f"sizing.{loan}.sized"))
    return terms[f"debt.{loan}.sizing.ltv"] * value - _others(terms, loan)


def _debt_yield(terms: Terms, loan: str) -> Expr:
    income = total(Ref("opex.noi_ahead"), Ref(f"sizing.{loan}.sized"))
    return income / terms[f"debt.{loan}.sizing.debt_yield"] - _others(terms, loan)


def _at_maturity(terms: Terms, loan: str, line: str) -> Expr:
    """A line at the end of the period in which the loan matures."""
    return total(Ref(line), Ref(f"debt.{loan}.matures"))


def _per_balloon(terms: Terms, loan: str, largest: Expr) -> Expr:
    """The balance whose balloon is ``largest``; N/A where the loan leaves none."""
    share = Ref(f"debt.{loan}.balloon_share")
    return ratio(largest, share * (share > Number(1e-9)))


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
    income = _at_maturity(terms, loan, "opex.noi_ahead") / Number(1, "yr")
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
