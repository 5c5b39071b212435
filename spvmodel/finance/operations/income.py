"""Revenue: income beside leases, and the sum of both (definitions, section 1).

A yearly amount is earned by days, with price and volume steps on each anniversary of commencement; single receipts
fall in the period of their date.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import mul

from spvmodel.finance.damages import RECEIVED
from spvmodel.finance.operations.anniversaries import Weighted, declare_days, declare_indexed_days
from spvmodel.finance.operations.events import Due, left_by_events
from spvmodel.finance.operations.payment import WRITTEN_OFF, with_payment, writes_off
from spvmodel.finance.operations.recoveries import ALL_RECOVERIES, BEFORE, recovering
from spvmodel.finance.operations.termination import termination_fees
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAY, FULL_DAYS, LAST_DAY, PERIODS_PER_YEAR, START
from spvmodel.lines import Expr, Number, Ref, default, edate, lift, maximum, minimum, ratio, sum_of


def declare_income(terms: Terms) -> None:
    """Every income beside leases, total revenue, its merchant share, and the days between which revenue runs."""
    for name in terms.deal.spec.income:
        _declare_income(terms, name)
    _declare_revenue(terms)


def _declare_income(terms: Terms, name: str) -> None:
    g, income = terms.graph, terms.deal.spec.income[name]
    at, parts = f"income.{name}", []
    with g.place("Revenue", f"{income.label}: {income.payer}"):
        if income.amount is not None:
            parts.append(_declare_yearly(terms, at))
        if income.amounts is not None:
            parts.append(terms[f"{at}.amounts"])
        g.series(f"{at}.revenue", sum_of(*parts), "Revenue", "money", total=True)


def _declare_yearly(terms: Terms, at: str) -> Ref:
    """The yearly amount by days of the full calendar period; a whole period earns its part of the year exactly."""
    g = terms.graph
    start: Expr = terms["time.close"] + DAY
    if terms.has(f"{at}.commencement"):
        start = edate(terms[f"{at}.commencement"], terms["construction.delay"])
    start = g.scalar(f"{at}.start", start, "Commencement after delay", "date")
    eve = g.scalar(f"{at}.eve", start - DAY, "Eve of the first day that earns", "date")
    until = terms[f"{at}.expiry"] if terms.has(f"{at}.expiry") else LAST_DAY
    until = g.scalar(f"{at}.until", until, "Last day that earns", "date")
    days = declare_days(terms, at, eve, until, "that earn")
    weighted = declare_indexed_days(terms, at, days, start, _index(terms, at), "that earn", "price x volume")

    def amount(weighted: Expr) -> Expr:
        return terms[f"{at}.amount"] / PERIODS_PER_YEAR * weighted / FULL_DAYS

    earned = left_by_events(terms, at, [Due([Weighted(days, at)], amount)], amount(weighted))
    return g.series(f"{at}.earned", earned, "Revenue by the year", "money", total=True)


def _index(terms: Terms, at: str) -> Callable[[Expr], Expr]:
    """Price x volume by whole years since commencement: compound escalation and degradation, where there are any."""
    steps: list[Expr] = []
    if terms.has(f"{at}.escalation"):
        steps.append(1 + terms[f"{at}.escalation"] * A_YEAR)
    if terms.has(f"{at}.degradation"):
        steps.append(1 - terms[f"{at}.degradation"])
    return lambda years: reduce(mul, [step**years for step in steps]) if steps else lift(1)


def _is_renewed(terms: Terms) -> bool:
    return any(lease.renewals for lease in terms.deal.spec.lease.values())


def certain_until(terms: Terms) -> Ref:
    """The last day with revenue (date, scalar), without renewals of leases that are not sure to come."""
    return Ref("revenue.certain_until" if _is_renewed(terms) else "revenue.until")


def in_certain_term(terms: Terms, flow: Expr) -> Expr:
    """A flow (money, by period) up to the period of that day; all of it where no lease has renewals."""
    return flow * (START < certain_until(terms)) if _is_renewed(terms) else flow


def _declare_revenue(terms: Terms) -> None:
    g, spec = terms.graph, terms.deal.spec
    with g.place("Revenue", "All revenue"):
        incomes = [Ref(f"income.{name}.revenue") for name in spec.income]
        parts = [Ref("lease.rent_income")] if spec.lease else []
        parts += [Ref(f"contract.{name}.revenue") for name in spec.contract]
        parts += incomes
        parts += [RECEIVED] if spec.construction.damages is not None else []
        parts += termination_fees(terms)
        if recovering(terms):
            label = "Revenue before recoveries"
            parts = [g.series(BEFORE.name, sum_of(*parts), label, "money", total=True), ALL_RECOVERIES]
        earned = sum_of(*parts)
        if writes_off(terms):
            earned = earned - WRITTEN_OFF
        revenue = g.series("revenue.total", earned, "Revenue", "money", total=True)
        if with_payment(terms):
            received = revenue - Ref("lease.rent_income") + Ref("lease.rent_received")
            received = received + WRITTEN_OFF if writes_off(terms) else received
            note = "rent as it is paid, everything else as it is earned"
            g.series("revenue.received", received, "Revenue received", "money", note, total=True)
        merchant = [Ref(f"lease.{name}.rent_income") for name, part in spec.lease.items() if part.revenue == "merchant"]
        merchant += [Ref(f"income.{name}.revenue") for name, part in spec.income.items() if part.revenue == "merchant"]
        merchant += [Ref(f"contract.{name}.market.revenue") for name, part in spec.contract.items() if part.market]
        merchant += [
            Ref(f"lease.{name}.recoveries") for name in recovering(terms) if spec.lease[name].revenue == "merchant"
        ]
        share = default(ratio(sum_of(*merchant), revenue), 0) if merchant else Number(0)
        g.series("revenue.merchant_share", share, "Merchant share of revenue", "share")
        eves = [Ref(f"lease.{name}.rent_from") for name in spec.lease]
        ends = [Ref(f"lease.{name}.until") for name in spec.lease]
        for name, income in spec.income.items():
            if income.amount is not None:
                eves.append(Ref(f"income.{name}.eve"))
                ends.append(Ref(f"income.{name}.until"))
        for name, contract in spec.contract.items():
            eves.append(Ref(f"contract.{name}.eve"))
            ends.append(Ref(f"contract.{name}.market.last" if contract.market else f"contract.{name}.until"))
        what = "leases, contracts and yearly income" if spec.contract else "leases and yearly income"
        note = f"of {what}; single receipts may come earlier or later"
        g.scalar("revenue.from", minimum(*eves), "Eve of the first day with revenue", "date", note)
        g.scalar("revenue.until", maximum(*ends), "Last day with revenue", "date", note)
        if _is_renewed(terms):
            for place, lease in enumerate(spec.lease):
                if spec.lease[lease].renewals:
                    ends[place] = Ref(f"lease.{lease}.certain_until")
            note = f"{note}; without renewals that are not sure"
            g.scalar("revenue.certain_until", maximum(*ends), "Last day with certain revenue", "date", note)
