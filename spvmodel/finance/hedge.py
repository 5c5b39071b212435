"""Interest rate swaps and caps: notional, net payments, how much of a loan they cover, and what breaking them costs.

A hedge is of a share of the loan's *scheduled* balance, or of a notional of its own; sweeps and prepayments do not
change it, so that the loan is sized first and no loop arises. A swap pays its fixed rate and credit margin for the
base rate, which no floor of the loan limits; a cap receives what the base rate exceeds its strike by. Both count days
as the loan does. What is due before completion is capitalised, as interest is; the premium is a use of funds.
"""

from __future__ import annotations

from spvmodel.finance.construction import closing_flag
from spvmodel.finance.debt.interest import accrual_dates, accrual_fraction, base_rate
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, DAYS, DAYS_360, END
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    absolute,
    highest,
    maximum,
    next_,
    prev,
    ratio,
    sum_of,
    total,
    where,
)


def declare_hedges(terms: Terms) -> None:
    """Every hedge, and their sums by loan, by entry of funding and in all; nothing where the deal has no hedge.

    Amounts are in money of the period, positive where the SPV pays and negative where it receives.
    """
    g, hedges = terms.graph, terms.deal.spec.hedge
    if not hedges:
        return
    hedged = [loan for loan in terms.deal.spec.debt if terms.hedges_of(loan)]
    with g.place("Hedging", "Discounting"):
        g.series(
            "hedge.discount_pp",
            base_rate(terms) * DAYS / DAYS_360,
            "Base rate of the period",
            "share",
            "discounts later payments of hedges",
        )
    for loan in hedged:
        _declare_balance(terms, loan)
        for name in terms.hedges_of(loan):
            _declare_payments(terms, name, loan)
            _declare_breaking(terms, name, loan)
        _declare_loan(terms, loan)
    for group in terms.deal.spec.funding:
        _declare_uses(terms, group)
    with g.place("Hedging", "All hedges"):
        net = sum_of(*[Ref(f"debt.{loan}.hedge_scheduled") for loan in hedged])
        net = g.series("hedge.net", net, "Net payments in cash", "money", "part of debt service", total=True)
        broken = [Ref(f"hedge.{name}.break_cost") for name, hedge in hedges.items() if hedge.schedule is not None]
        cost = g.series(
            "hedge.break_cost_at_refinancing",
            sum_of(*broken) if broken else 0,
            "Break costs",
            "money",
            "when loans mature before their hedges; not part of debt service",
            total=True,
        )
        payable = g.series("hedge.payable", maximum(0, net + cost), "Payable to hedge banks", "money", total=True)
        receivable = g.series(
            "hedge.receivable", maximum(0, -(net + cost)), "Receivable from hedge banks", "money", total=True
        )
        flows = [Ref(f"hedge.{name}.{what}") for name in hedges for what in ("net", "premium_paid")] + broken
        flow = g.series("hedge.flow", sum_of(*flows), "Net payments, premiums and break costs", "money", total=True)
        uses = [Ref(f"funding.{group}.hedge") for group in terms.deal.spec.funding]
        used = g.series("hedge.financed", sum_of(*uses), "of which financed", "money", total=True)
    gap = absolute(total(flow) - total(used) - total(payable) + total(receivable))
    label = "What hedges cost is financed or due in cash"
    g.check("checks.hedge", gap, label, "money", terms["checks.tolerance"])


def _declare_balance(terms: Terms, loan: str) -> None:
    g, at = terms.graph, f"debt.{loan}"
    days = Ref(f"{at}.accrual_days")
    with g.place("Hedging", f"{terms.deal.spec.debt[loan].label}: balance"):
        g.series(
            f"{at}.average_balance",
            where(days > Number(0, "days"), Ref(f"{at}.balance_days") / maximum(days, DAY), 0),
            "Average scheduled balance",
            "money",
            "over the accrual days of the period",
        )


def _declare_payments(terms: Terms, name: str, loan: str) -> None:
    """Notional, the two legs, and what is paid net."""
    g, at, spec = terms.graph, f"hedge.{name}", terms.deal.spec.hedge[name]
    with g.place("Hedging", spec.label):
        start = terms[f"{at}.start"] if spec.start else terms[f"debt.{loan}.close"]
        end = terms[f"{at}.end"] if spec.end else Ref(f"debt.{loan}.final_day")
        first, last = accrual_dates(terms, loan, at, start, end)
        fraction = accrual_fraction(terms, loan, first, last)
        note = f"{terms.deal.spec.debt[loan].day_count}, as the loan"
        fraction = g.series(f"{at}.year_fraction", fraction, "Year fraction", "yr", note)
        given = spec.schedule is not None
        contract = terms[f"{at}.schedule"] if given else terms[f"{at}.share"] * Ref(f"debt.{loan}.average_balance")
        contract = g.series(f"{at}.contract", contract * (last > first), "Notional by contract", "money")
        # By what has matured, not by a date: a maturity may be extended.
        matured = Ref(f"{at}.loan_matured")
        matured = g.series(
            matured.name, maximum(prev(matured), Ref(f"debt.{loan}.matures")), "The loan has matured", "flag"
        )
        alive = 1 - prev(matured)
        note = "until the end of the period in which the loan matures"
        notional = g.series(f"{at}.notional", contract * alive, "Notional", "money", note)
        rate, base = terms[f"{at}.rate"], base_rate(terms)
        if spec.kind == "swap":
            fixed = (rate + terms[f"{at}.credit_margin"]) * fraction
            fixed = g.series(f"{at}.fixed_leg", notional * fixed, "Fixed rate and credit margin", "money", total=True)
            floating = g.series(f"{at}.floating_leg", notional * base * fraction, "Base rate", "money", total=True)
            unit, words = (rate + terms[f"{at}.credit_margin"] - base) * fraction, "fixed leg less base rate"
            net: Expr = fixed - floating
        else:
            unit, words = (0 - maximum(0, base - rate)) * fraction, "what the base rate exceeds the strike by, received"
            payout = notional * maximum(0, base - rate) * fraction
            net = 0 - g.series(f"{at}.payout", payout, "Payout", "money", total=True)
        g.series(f"{at}.net_pp", unit, "Net payment on one unit of notional", "share", words)
        g.series(f"{at}.net", net, "Net payment", "money", "negative: received", total=True)
        begun = g.series(f"{at}.begun", start <= END, "Has started by the period end", "flag")
        g.series(
            f"{at}.premium_paid", terms[f"{at}.premium"] * begun * (1 - prev(begun)), "Premium", "money", total=True
        )


def _declare_breaking(terms: Terms, name: str, loan: str) -> None:
    """What the SPV pays (negative: receives) if the hedge is broken at a period end, and when it is.

    Later payments at the base rates of the path, discounted at them; the credit margin and, for a cap, what the
    uncertainty of rates is worth are not in it. A hedge that outlives its loan is broken when the loan matures.
    """
    g, at, spec = terms.graph, f"hedge.{name}", terms.deal.spec.hedge[name]
    with g.place("Hedging", f"{spec.label}: breaking"):
        unit: Expr = Ref(f"{at}.net_pp")
        if spec.kind == "swap":
            unit = (terms[f"{at}.rate"] - base_rate(terms)) * Ref(f"{at}.year_fraction")
        flow = g.series(f"{at}.flow", Ref(f"{at}.contract") * unit, "Payment by contract, without margin", "money")
        value = Ref(f"{at}.break_value")
        g.series(
            value.name,
            (next_(value) + next_(flow)) / (1 + next_(Ref("hedge.discount_pp"))),
            "Cost of breaking at the period end",
            "money",
            "present value of later payments",
        )
        # A hedge of a share of the balance ends with the loan at the latest.
        if spec.schedule is not None:
            cost = Ref(f"debt.{loan}.matures") * value
            g.series(f"{at}.break_cost", cost, "Break cost", "money", "when the loan matures", total=True)


def _declare_loan(terms: Terms, loan: str) -> None:
    """Net payments of a loan's hedges, capitalised or in cash, and how much of the loan is hedged."""
    g, at, label = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].label
    hedges = terms.hedges_of(loan)
    with g.place("Hedging", f"{label}: net payments"):
        net = sum_of(*[Ref(f"hedge.{name}.net") for name in hedges])
        net = g.series(f"{at}.hedge_net", net, "Net payments of hedges", "money", total=True)
        cash = net * (1 - Ref(f"{at}.capitalised_share"))
        cash = g.series(f"{at}.hedge_scheduled", cash, "Net payments in cash", "money", total=True)
        g.series(f"{at}.hedge_capitalised", net - cash, "Net payments capitalised", "money", total=True)
    with g.place("Hedging", f"{label}: cover"):
        balance = Ref(f"{at}.average_balance")
        hedged = sum_of(*[Ref(f"hedge.{name}.notional") for name in hedges])
        hedged = g.series(f"{at}.hedged", hedged, "Notional of all hedges", "money")
        owes = balance > terms["checks.tolerance"]
        g.series(
            f"{at}.hedge_ratio", ratio(hedged, balance * owes), "Hedge ratio", "share", "notional / scheduled balance"
        )
        # Debt repaid ahead of its schedule leaves its hedge behind.
        owed = balance - Ref(f"{at}.scheduled_opening") + Ref(f"{at}.opening")
        over = g.series(f"{at}.over_hedged", maximum(0, hedged - owed), "Notional above the balance owed", "money")
        g.series(f"{at}.unhedged", maximum(0, owed - hedged), "Balance owed above the notional", "money")
    label = f"{label}: hedges exceed what is owed"
    g.alert(f"alerts.{loan}_over_hedged", highest(over) > terms["checks.tolerance"], label)


def premiums_at_close(terms: Terms, group: str) -> Ref | None:
    """Premiums that fall due on the closing date of an entry of funding (series, money); None where there are none."""
    hedges = terms.deal.spec.hedge
    begins = any(hedges[name].start is None and hedges[name].kind == "cap" for name in _of(terms, group))
    return Ref(f"funding.{group}.premiums_at_close") if begins else None


def _of(terms: Terms, group: str) -> list[str]:
    """The hedges of the loans of an entry of funding."""
    return [name for loan in terms.loans_of(group) for name in terms.hedges_of(loan)]


def _declare_uses(terms: Terms, group: str) -> None:
    """What the hedges of an entry of funding add to its uses: premiums, and net payments before completion."""
    g, loans = terms.graph, [loan for loan in terms.loans_of(group) if terms.hedges_of(loan)]
    with g.place("Hedging", f"{terms.deal.spec.funding[group].label}: uses of funds"):
        parts = [Ref(f"hedge.{name}.premium_paid") for name in _of(terms, group)]
        parts += [Ref(f"debt.{loan}.hedge_capitalised") for loan in loans]
        note = "premiums, and net payments before completion"
        costs = sum_of(*parts) if parts else 0
        g.series(f"funding.{group}.hedge", costs, "Hedging costs financed", "money", note, total=True)
        early = premiums_at_close(terms, group)
        if early is not None:
            # A hedge without a start of its own starts when its loan closes.
            begins = [name for name in _of(terms, group) if terms.deal.spec.hedge[name].start is None]
            paid = closing_flag(terms, group) * sum_of(*[Ref(f"hedge.{name}.premium_paid") for name in begins])
            g.series(early.name, paid, "Premiums on the closing date", "money", total=True)
