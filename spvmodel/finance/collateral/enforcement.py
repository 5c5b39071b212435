"""The case's own default: when payments stop for good, what lenders recover, what owners lose, and both their flows.

The default is the first payment default of the projection that is not made good within the cure period; acceleration
follows at the end of that period and the sale when it is done. From the default on the accounts are the lenders' (cash
dominion) and nothing is paid to owners. What is recovered is that of ``recovery.py`` for that date. From the period
after acceleration the SPV itself stands still, and the sale empties it (``acceleration.py``); flows and returns of
lenders and owners from the default to the sale are given here.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from spvmodel.finance.collateral.acceleration import declare_acceleration, enforces, keep_as_missed
from spvmodel.finance.collateral.recovery import bridge_called, claimants_of
from spvmodel.finance.collateral.sales import of_case, once_of_case
from spvmodel.finance.collateral.support import declared_payers
from spvmodel.finance.returns import declare_rate
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, LAST_DAY, falls_here
from spvmodel.lines import (
    Expr,
    Ref,
    absolute,
    default,
    equal,
    highest,
    lowest,
    maximum,
    minimum,
    na,
    prev,
    ratio,
    sum_ahead,
    total,
    where,
    xirr,
)

_OWN_PARTS: Final = (
    "recovery.sold",
    "recovery.income",
    "recovery.cash",
    "recovery.lc_called",
    "recovery.hedges_received",
)
"""What proceeds consist of beside the support of others; a deal need not have all of it."""
AT_DEFAULT = Ref("enforcement.at_default")
DEFAULTED = Ref("enforcement.defaulted")
ALIVE = Ref("enforcement.alive")
SELLS = Ref("enforcement.sells")


def declare_enforcement(terms: Terms) -> None:
    """Dates, recovery and loss (scalars, N/A without such a default); flows of lenders and owners until the sale."""
    if not enforces(terms):
        return
    declare_acceleration(terms)
    _declare_as_missed(terms)
    _declare_default(terms)
    _declare_dates(terms)
    _declare_recovery(terms)
    _declare_lenders(terms)
    _declare_owners(terms)


def _declare_as_missed(terms: Terms) -> None:
    """What the sale will bring and to whom, for a default at the first of the payments missed, carried until then."""
    with terms.graph.place("Collateral", "Acceleration: what the sale will bring"):
        for name, label in settled_lines(terms):
            keep_as_missed(terms, name, label)


def settled_lines(terms: Terms) -> list[tuple[str, str]]:
    """The lines of ``recovery.py`` that the books of the SPV tell when the property is sold, with their labels."""
    g = terms.graph
    found = ["recovery.sold", "recovery.income", "recovery.cash", "recovery.lc_called", "recovery.hedges_received"]
    found += [payer.name for payer in declared_payers(terms)]
    found += ["recovery.recourse", "recovery.costs_paid", "recovery.surplus"]
    for at, _ in claimants_of(terms):
        found += [f"{at}.recovered", f"{at}.loss"]
    return [(name, g.label(name)) for name in found if g.has(name)]


def _declare_default(terms: Terms) -> None:
    """The first payment default that is still there at every period end up to the end of the cure period."""
    g, missed, until = terms.graph, Ref("enforcement.missing"), Ref("enforcement.cure_until")
    with g.place("Collateral", "Default of the case"):
        paid = g.series("enforcement.current", 1 - missed, "Nothing missed at the period end", "flag")
        cured = g.series(
            "enforcement.times_current", sum_ahead(paid, END, until), "Period ends at which it is cured", "count"
        )
        missed = g.series("enforcement.uncured", missed * equal(cured, 0), "Default that is not cured", "flag")
        held = g.series("enforcement.held", maximum(prev(Ref("enforcement.held")), missed), "In default", "flag")
        g.series(AT_DEFAULT.name, held * (1 - prev(held)), "Default of the case", "flag", "the first that is not cured")
        g.series(ALIVE.name, 1 - prev(held), "Not in default before", "flag", "owners' and lenders' flows count")
        g.scalar(DEFAULTED.name, highest(held), "The lenders enforce", "flag")


def _once(value: Expr) -> Expr:
    """A value where the case has a default, and N/A where it has none."""
    return where(DEFAULTED, value, na())


def _declare_dates(terms: Terms) -> None:
    g = terms.graph
    with g.place("Collateral", "Default of the case"):
        day = lowest(END, AT_DEFAULT)
        g.scalar("enforcement.default_date", day, "Default", "date", "first payment default that is not cured")
        over = _once(total(Ref("enforcement.cure_until"), AT_DEFAULT))
        g.scalar("enforcement.acceleration_date", over, "Acceleration", "date", "after the cure period")
        sale = _once(total(Ref("recovery.sale_date"), AT_DEFAULT))
        sale = g.scalar("enforcement.sale_date", sale, "Sale", "date", "when its proceeds are paid out")
        day = minimum(default(sale, LAST_DAY), LAST_DAY)
        note = "at the latest the last period of the model"
        day = g.scalar("enforcement.sale_day", day, "Sale, within the model", "date", note)
        g.series(SELLS.name, DEFAULTED * falls_here(day), "Proceeds of the sale are paid out", "flag")


def parts_of_proceeds(terms: Terms) -> list[str]:
    """The lines of the recovery that its proceeds are the sum of: the sale, income and cash, then what others pay."""
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    own = [name for name in _OWN_PARTS if terms.graph.has(name)]
    return own + [f"recovery.support.{key}" for key in enforcement.support]


def _part(name: str) -> str:
    """The line of a part of the proceeds at the default of the case."""
    return f"enforcement.from.{name.removeprefix('recovery.').replace('.', '_')}"


def _declare_recovery(terms: Terms) -> None:
    """Claims, recovery and loss at the default of the case: in all and by tranche (scalars, N/A without a default)."""
    g = terms.graph
    with g.place("Collateral", "Recovery of the case"):
        for what, name, label in (
            ("exposure", "exposure", "Owed at the default"),
            ("claim", "claim", "Claims"),
            ("proceeds", "proceeds", "Proceeds"),
            ("costs", "costs_incurred", "Costs of enforcement"),
            ("recovered", "recovered", "Recovered"),
            ("surplus", "surplus", "Surplus of the owners"),
            ("recourse", "recourse", "Recourse to sponsors"),
        ):
            g.scalar(f"enforcement.{name}", _once(_then(terms, f"recovery.{what}")), label, "money")
        for part in parts_of_proceeds(terms):
            g.scalar(_part(part), _once(_then(terms, part)), f"Proceeds: {g.label(part)}", "money")
        lost = _once(_then(terms, "recovery.loss"))
        g.scalar("enforcement.lender_loss", lost, "Lender loss", "money", "claims and costs not recovered")
        claim, owed = _then(terms, "recovery.claim"), _then(terms, "recovery.exposure")
        lgd = _once(ratio(_then(terms, "recovery.loss"), claim * (claim > terms["checks.tolerance"])))
        note = (
            "loss / claims on the day of the sale; above 100% where proceeds do not even pay the costs of enforcement"
        )
        g.scalar("enforcement.lgd", lgd, "LGD", "share", note)
        lgd = ratio(owed - _then(terms, "recovery.discounted"), owed * (owed > terms["checks.tolerance"]))
        note = "recoveries discounted to the default, over what was owed then"
        g.scalar("enforcement.lgd_discounted", _once(lgd), "LGD, discounted", "share", note)
    with g.place("Collateral", "Recovery of the case by tranche"):
        for at, label in claimants_of(terms):
            name = at.replace("recovery.", "enforcement.", 1)
            for what, words in (("claim", "claim"), ("recovered", "recovered"), ("loss", "lost")):
                value = _once(_then(terms, f"{at}.{what}"))
                g.scalar(f"{name}.{what}", value, f"{label}: {words} at the default", "money")


def _then(terms: Terms, name: str) -> Expr:
    """A line of the recovery at the default of the case, with its leases where the tenant stays; 0 without one."""
    return once_of_case(terms, name, AT_DEFAULT)


def _declare_lenders(terms: Terms) -> None:
    """What lenders pay and receive until the default, and what they recover; letters of credit are theirs to pay."""
    g = terms.graph
    with g.place("Collateral", "Lenders"):
        got = _then(terms, "recovery.recovered") - _then(terms, "recovery.costs_borne")
        for name in ("recovery.lc_called", "recovery.hedges_received"):
            got = got - _then(terms, name) if g.has(name) else got
        bridge = bridge_called(terms)
        if bridge is not None:
            bridge = g.series("enforcement.bridge", bridge, "Bridges that sponsors repay", "money", "as their equity")
            got = got + _then(terms, bridge.name)
        note = "less what they pay out under letters of credit and hedges"
        got = g.scalar("enforcement.received", got, "Received by lenders at the sale", "money", note)
        flow = Ref("returns.lender_flow") * ALIVE + SELLS * got
        flow = g.series("enforcement.lender_flow", flow, "Cash flow of lenders, with recovery", "money", total=True)
        g.scalar("enforcement.lender_irr", xirr(flow, END), "IRR of lenders, with recovery (XIRR)", "1/yr")


def _declare_owners(terms: Terms) -> None:
    """What sponsors pay in and receive: until the default, and at the sale what they owe and what is left."""
    g, tolerance = terms.graph, terms["checks.tolerance"]
    with g.place("Collateral", "Sponsors"):
        owed = _then(terms, "recovery.recourse")
        owed = owed + _then(terms, "enforcement.bridge") if g.has("enforcement.bridge") else owed
        owed = g.scalar("enforcement.called", owed, "Called from sponsors", "money", "guarantees, and bridges to repay")
        left = g.scalar("enforcement.left", _then(terms, "recovery.surplus"), "Left to sponsors", "money")
        paid_in = Ref("returns.contributions") * ALIVE + SELLS * owed
        paid_in = g.series("enforcement.contributions", paid_in, "Contributions by sponsors", "money", total=True)
        paid_out = Ref("returns.distributions") * ALIVE + SELLS * left
        paid_out = g.series("enforcement.distributions", paid_out, "Paid to sponsors", "money", total=True)
        flow = paid_out - paid_in
        flow = g.series("enforcement.equity_flow", flow, "Equity cash flow, enforced", "money", total=True)
        note = "effective, actual days / 365; to the default, with what is left after it"
        declare_rate(terms, "enforcement.equity_irr", flow, "Equity IRR (XIRR)", note)
        moic = ratio(total(paid_out), total(paid_in))
        g.scalar("enforcement.moic", moic, "MOIC", "x", "distributions / contributions; to the default, and after it")
        running = Ref("enforcement.equity_flow_running")
        out = g.series("enforcement.out_of_pocket", running < -tolerance, "Sponsors are out of pocket", "flag")
        last = default(highest(END, out), LAST_DAY)
        last = g.scalar("enforcement.last_out", last, "Last period end at which they are", "date")
        back = g.series("enforcement.paid_back", where(END > last, END, na()), "Date if paid back", "date")
        g.scalar("enforcement.payback_date", lowest(back), "Payback date", "date")
        lost = _once(maximum(0, total(paid_in) - total(paid_out)))
        g.scalar("enforcement.sponsor_loss", lost, "Lost by sponsors", "money", "paid in less received")
        recourse = Ref("returns.recourse_to_sponsors") + _then(terms, "recovery.recourse")
        note = "beyond equity: 0 in a non-recourse deal, what guarantees cost them otherwise"
        g.scalar("enforcement.recourse_to_sponsors", recourse, "Recourse to sponsors", "money", note)


def declare_enforcement_checks(terms: Terms) -> None:
    """Lenders and owners together get what the sale brings; after the default sponsors pay no more than they agreed."""
    if not enforces(terms):
        return
    g, tolerance = terms.graph, terms["checks.tolerance"]
    names = ["recovery.sold", "recovery.cash", *(payer.name for payer in declared_payers(terms))]
    names += ["recovery.income"] if g.has("recovery.income") else []
    brought = [of_case(terms, name) for name in names]
    with g.place("Checks", "Enforcement"):
        sold = sum(brought[1:], brought[0]) - of_case(terms, "recovery.costs")
        sold = g.series("checks.enforcement_brought", sold, "Brought by others than lenders and owners", "money")
        late = (1 - ALIVE) * Ref("enforcement.contributions") + ALIVE * SELLS * Ref("enforcement.called")
        late = g.series("checks.enforcement_late", late, "Paid by sponsors after the default", "money")
    shared = Ref("enforcement.received") + Ref("enforcement.left") - Ref("enforcement.called")
    label = "Enforcement: lenders and owners receive what the sale and others bring"
    g.check("checks.enforcement", absolute(total(sold, AT_DEFAULT) - shared), label, "money", tolerance)
    called, agreed = _then(terms, "recovery.recourse"), _then(terms, "recovery.commitment")
    if g.has("enforcement.bridge"):
        called, agreed = called + _then(terms, "enforcement.bridge"), agreed + _then(terms, "enforcement.bridge")
    label = "Enforcement: proceeds are the sum of their parts"
    gap = default(Ref("enforcement.proceeds"), 0) - reduce(
        add, [default(Ref(_part(name)), 0) for name in parts_of_proceeds(terms)]
    )
    g.check("checks.enforcement_parts", absolute(gap), label, "money", tolerance)
    label = "After the default sponsors pay what they have guaranteed, and no more than that"
    gap = maximum(absolute(total(late) - called), called - agreed)
    g.check("checks.enforcement_recourse", gap, label, "money", tolerance)
    g.alert("alerts.enforced", DEFAULTED, "The lenders enforce: a payment default is not cured")
    lost = default(Ref("enforcement.lender_loss"), 0) > tolerance
    g.alert("alerts.lender_loss", lost, "Lenders lose money in this case")
