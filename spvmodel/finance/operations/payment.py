"""When rent is paid: in advance or in arrears, with a lag, so that rent received differs from rent as it is due.

Rent is income by the day. It is paid for intervals of whole months from commencement, at the beginning or the end of
each or some time later. What is due of a period falls evenly on its days with rent. Rent of the days before financial
close belongs to the seller: nothing is owed or prepaid when the model begins. When the tenant defaults, payment stops:
what is not paid of the rent before that day is written off.
"""

from __future__ import annotations

from spvmodel.finance.operations.events import defaults_of, due_before
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, NUMBER, START, falls_here, from_end
from spvmodel.lines import (
    Expr,
    Number,
    Ref,
    absolute,
    default,
    edate,
    equal,
    floor,
    maximum,
    minimum,
    month,
    next_,
    prev,
    ratio,
    sum_ahead,
    sum_behind,
    sum_of,
    total,
    year,
)

A_MONTH = Number(1, "months")
WRITTEN_OFF = Ref("lease.rent_written_off")


def writes_off(terms: Terms) -> bool:
    """Whether a tenant may default that owes rent of the time before."""
    return any(defaults_of(terms, f"lease.{name}") for name in with_payment(terms))


def with_payment(terms: Terms) -> list[str]:
    """The leases whose rent is not received as it is due, in the order of the deal file."""
    return [name for name, lease in terms.deal.spec.lease.items() if lease.payment is not None]


def cash_revenue(terms: Terms) -> Ref:
    """Revenue as it is received (money, by period): rent when it is paid, everything else as it is earned."""
    return Ref("revenue.received" if with_payment(terms) else "revenue.total")


def declare_payments(terms: Terms) -> None:
    """``lease.<name>.rent_received``, the corkscrew of what tenants owe, and the sums over all leases (money)."""
    g, names = terms.graph, with_payment(terms)
    if not names:
        return
    for name in names:
        lease = terms.deal.spec.lease[name]
        with g.place("Lease", f"{lease.label}: payment of rent"):
            _declare_payment(terms, name)
    with g.place("Lease", "Rent received"):
        received = [
            Ref(f"lease.{name}.{'rent_received' if name in names else 'rent_income'}") for name in terms.deal.spec.lease
        ]
        g.series("lease.rent_received", sum_of(*received), "Rent received", "money", total=True)
        owed = sum_of(*[Ref(f"lease.{name}.rent_receivable") for name in names])
        g.series("lease.rent_receivable", owed, "Rent receivable", "money", "earned and not paid yet")
        early = [Ref(f"lease.{name}.rent_prepaid") for name in names if g.has(f"lease.{name}.rent_prepaid")]
        off = [Ref(f"lease.{name}.rent_written_off") for name in names if defaults_of(terms, f"lease.{name}")]
        if off:
            note = "earned before a default and never paid: taken off revenue"
            g.series(WRITTEN_OFF.name, sum_of(*off), "Rent written off", "money", note, total=True)
        if early:
            g.series("lease.rent_prepaid", sum_of(*early), "Prepaid rent", "money", "paid and not earned yet")


def _declare_payment(terms: Terms, name: str) -> None:
    g, at = terms.graph, f"lease.{name}"
    paid_until = _declare_paid_until(terms, name)
    rent, days = Ref(f"{at}.rent_income"), Ref(f"{at}.days")
    first, last = Ref(f"{at}.rent_from"), Ref(f"{at}.until")
    unpaid = declare_unpaid(terms, at, rent, days, paid_until, first, last, "Rent", "Days with rent")
    lost = []
    for event in defaults_of(terms, at):
        off, more = _declare_written_off(terms, name, event, paid_until, unpaid)
        lost.append(off)
        unpaid = unpaid + more
    note = "earned and not paid yet"
    balance: Expr = g.series(f"{at}.rent_receivable", unpaid, "Rent receivable", "money", note)
    if _ahead(terms, name):
        early = maximum(0, minimum(paid_until, last) - maximum(END, first))
        early = g.series(f"{at}.days_prepaid", early, "Days with rent after the period end, paid", "days")
        ahead = sum_ahead(rent, END, paid_until)
        whole = g.series(f"{at}.prepaid_before", ahead, "Rent of whole later periods paid", "money")
        part = sum_ahead(rent, START, paid_until) - whole
        day = sum_ahead(days, END, paid_until)
        share = default(ratio(early - day, sum_ahead(days, START, paid_until) - day), 0)
        prepaid = g.series(f"{at}.prepaid_share", share, "Prepaid part of the period that is paid in part", "share")
        note = "paid and not earned yet"
        balance = balance - g.series(f"{at}.rent_prepaid", whole + prepaid * part, "Prepaid rent", "money", note)
    opening = g.series(f"{at}.owed_opening", prev(Ref(f"{at}.owed_closing")), "Owed by the tenant, opening", "money")
    received, note = opening + rent - balance, "opening + rent - closing"
    if lost:
        gone = sum_of(*lost)
        gone = g.series(f"{at}.rent_written_off", gone, "Rent written off", "money", total=True)
        received, note = received - gone, "opening + rent - written off - closing"
    g.series(f"{at}.rent_received", received, "Rent received", "money", note, total=True)
    note = "receivable less prepaid"
    g.series(f"{at}.owed_closing", balance, "Owed by the tenant, closing", "money", note)


def _declare_written_off(terms: Terms, name: str, event: str, by: Ref, unpaid: Expr) -> tuple[Ref, Expr]:
    """What a default of the tenant loses of rent earned before it, on its day; and what it adds to all that is unpaid.

    Rent falls evenly on the days before the default, and on those after it, of its period; what is lost is not owed.
    """
    g, lease = terms.graph, f"lease.{name}"
    at, label, eve = f"{lease}.event.{event}.arrears", terms.deal.spec.event[event].label, Ref(f"event.{event}.eve")
    flow = g.series(f"{at}.rent", due_before(terms, lease, event), f"Rent before {label}", "money", total=True)
    days = maximum(0, Ref(f"{lease}.days") - maximum(0, Ref(f"{lease}.let_until") - eve))
    days = g.series(f"{at}.days", days, f"Days with rent before {label}", "days", total=True)
    first, last = Ref(f"{lease}.rent_from"), minimum(Ref(f"{lease}.until"), eve)
    # Payments of the eve itself are still made: lags are counted from the day after it, so that months end with months.
    lag, lag_days = terms[f"{lease}.payment.lag"], terms[f"{lease}.payment.lag_days"]
    paid = _paid_until(terms, name, edate(eve + DAY, -lag) - DAY - lag_days)
    paid = g.series(f"{at}.paid_until", paid, f"Rent is paid up to this day before {label}", "date")
    owed = declare_unpaid(terms, at, flow, days, paid, first, last, "Rent", "Days with rent")
    owed = Ref(f"event.{event}.lost") * owed * falls_here(eve + DAY)
    note = "earned before the default and not paid by then"
    off = g.series(f"{at}.written_off", owed, f"Written off after {label}", "money", note, total=True)
    before = declare_unpaid(terms, f"{at}.before", flow, days, by, first, last, "Rent", "Days with rent")
    later = g.series(f"{at}.rent_after", Ref(f"{lease}.rent_income") - flow, f"Rent after {label}", "money", total=True)
    days = g.series(
        f"{at}.days_after", Ref(f"{lease}.days") - days, f"Days with rent after {label}", "days", total=True
    )
    last = Ref(f"{lease}.until")
    after = declare_unpaid(terms, f"{at}.after", later, days, by, maximum(first, eve), last, "Rent", "Days with rent")
    lost = Ref(f"event.{event}.lost") * (END > eve)
    return off, (Ref(f"event.{event}.weight") > 0) * (before * (1 - lost) + after - unpaid)


def declare_unpaid(
    terms: Terms, at: str, flow: Ref, days: Ref, by: Ref, first: Expr, last: Expr, what: str, counted: str
) -> Expr:
    """What a flow amounts to after the day ``by`` and up to the period end: what is not paid of it yet (money).

    ``days`` are those of each period, after ``first`` and up to ``last``, on which the flow falls evenly.
    """
    g = terms.graph
    late = maximum(0, minimum(END, last) - maximum(by, first))
    late = g.series(f"{at}.days_unpaid", late, f"{counted} up to the period end, not paid", "days")
    label = f"{what} of whole periods unpaid"
    whole = g.series(f"{at}.unpaid_after", sum_behind(flow, START, by), label, "money")
    part = sum_behind(flow, END, by) - whole
    day = sum_behind(days, START, by)
    share = default(ratio(late - day, sum_behind(days, END, by) - day), 0)
    cut = g.series(f"{at}.unpaid_share", share, "Unpaid part of the period that is paid in part", "share")
    return whole + cut * part


def _ahead(terms: Terms, name: str) -> bool:
    payment = terms.deal.spec.lease[name].payment
    return payment is not None and payment.timing == "in advance"


def _declare_paid_until(terms: Terms, name: str) -> Ref:
    """The last day whose rent is paid by the period end: the end of the last interval that fell due."""
    g, at = terms.graph, f"lease.{name}"
    due = from_end(terms, -terms[f"{at}.payment.lag"]) - terms[f"{at}.payment.lag_days"]
    ahead = _ahead(terms, name)
    due = due if ahead else due + DAY
    label = "Intervals that begin by this day are paid" if ahead else "Intervals that end before this day are paid"
    due = g.series(f"{at}.due_by", due, label, "date", "the period end, less the lag")
    months = g.series(f"{at}.months_by_then", _months(terms, name, due), "Whole months from commencement", "count")
    paid = g.series(f"{at}.intervals_paid", _intervals(terms, name, due, months), "Intervals paid", "count")
    until = edate(Ref(f"{at}.start"), paid * terms[f"{at}.payment.every"]) - DAY
    return g.series(f"{at}.paid_until", until, "Rent is paid up to this day", "date")


def _paid_until(terms: Terms, name: str, day: Expr) -> Expr:
    """The last day whose rent is paid by a day from which the lag is taken off (date)."""
    due = day if _ahead(terms, name) else day + DAY
    paid = _intervals(terms, name, due, _months(terms, name, due))
    return edate(Ref(f"lease.{name}.start"), paid * terms[f"lease.{name}.payment.every"]) - DAY


def _months(terms: Terms, name: str, due: Expr) -> Expr:
    """Whole months from commencement to a date."""
    start = Ref(f"lease.{name}.start")
    months = (year(due) - year(start)) * 12 + month(due) - month(start)
    return months - (edate(start, months * A_MONTH) > due)


def _intervals(terms: Terms, name: str, due: Expr, months: Expr) -> Expr:
    """Intervals that end before a date or, in advance, begin by it; ``months`` have passed by then."""
    paid = floor(maximum(0, months) / (terms[f"lease.{name}.payment.every"] / A_MONTH))
    return (due >= Ref(f"lease.{name}.start")) * (paid + 1) if _ahead(terms, name) else paid


def declare_payment_checks(terms: Terms) -> None:
    """What is received and what is still owed after the last period add up to the rent of every lease."""
    names = with_payment(terms)
    if not names:
        return
    g, tolerance = terms.graph, terms["checks.tolerance"]
    with g.place("Checks", "Rent received"):
        last = g.series("checks.received_last", equal(next_(NUMBER), 0), "Last period of the model", "flag")
        gaps = []
        for name in names:
            at, label = f"lease.{name}", terms.deal.spec.lease[name].label
            due = total(Ref(f"{at}.rent_income")) - total(Ref(f"{at}.rent_received"))
            if terms.graph.has(f"{at}.rent_written_off"):
                due = due - total(Ref(f"{at}.rent_written_off"))
            gap = absolute(due - total(Ref(f"{at}.owed_closing"), last))
            gaps.append(g.scalar(f"checks.received_{name}", gap, f"{label}: rent neither received nor owed", "money"))
    g.check("checks.rent_received", sum_of(*gaps), "Rent is received or owed", "money", tolerance)
