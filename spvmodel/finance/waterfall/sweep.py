"""The cash sweep: excess cash that repays loans early.

Excess cash is what is left where the waterfall places the sweep: after debt service and a full DSRA, by default.
Nothing is swept while the DSRA is below its target or anything is overdue, as far as these are paid before it. Loans
past their anticipated repayment date take all of it, then the deal's sweep takes its share, which a
trigger may raise.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import declare_flow
from spvmodel.finance.covenants.triggers import raised_share, raises_sweep
from spvmodel.finance.debt.prepaid import swept
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import FIRST_DAY
from spvmodel.finance.waterfall.steps import begun, limit_of, limited, obligations, overdue, precedes
from spvmodel.lines import Expr, Number, Ref, default, minimum, prev, sum_of


def declare_sweep(terms: Terms, cash: Expr) -> Ref:
    """What each loan is swept (money, at the period end); returns the cash it leaves."""
    g, at, spec = terms.graph, "waterfall.sweep", terms.deal.spec
    with g.place("Waterfall", "Cash sweep"):
        gate, when = _declare_gate(terms)
        note = f"cash after debt service, when {when}"
        available = g.series(f"{at}.available", gate * cash, "Excess cash", "money", note, total=True)
        left: Expr = available
        # What the waterfall allows, beside what there is.
        most: Expr | None = _declare_allowed(terms, available) if limited(terms, "sweep") else None
        parts: dict[str, list[Ref]] = {loan: [] for loan in swept(terms)}
        for loan in (loan for loan in parts if spec.debt[loan].ard):
            taken = minimum(Ref(f"debt.{loan}.past_ard") * _left_of(terms, loan), left)
            taken = taken if most is None else minimum(taken, most)
            part = _declare_part(terms, loan, "ard_sweep", taken, "after its ARD", parts)
            left, most = left - part, None if most is None else most - part
        if spec.sweep:
            budget = _share(terms, _declare_sweeping(terms)) * left
            left = g.series(
                f"{at}.budget",
                budget if most is None else minimum(budget, most),
                "Share of excess cash to be swept",
                "money",
                total=True,
            )
            for loan in spec.sweep.order:
                balance = _left_of(terms, loan)
                balance = balance - parts[loan][0] if parts[loan] else balance
                taken = minimum(balance, left)
                left = left - _declare_part(terms, loan, "share_sweep", taken, "from the sweep", parts)
        sweeps = [
            g.series(f"debt.{loan}.sweep", sum_of(*of_loan), f"Swept to {spec.debt[loan].label}", "money", total=True)
            for loan, of_loan in parts.items()
        ]
        paid = g.series(f"{at}.paid", sum_of(*sweeps), "Swept", "money", total=True)
        return g.series(f"{at}.cash_left", cash - paid, "Cash sweep: cash left", "money")


def declare_trapped_sweep(terms: Terms, held: Expr) -> Ref:
    """What of the trapped cash ``held`` (money) repays loans, in the order of the sweep, at the period end.

    It runs on the date after the last of the agreed number of tests in lock-up, whatever the test of that date says.
    """
    g, sweep = terms.graph, terms.deal.spec.sweep
    assert sweep is not None
    runs = prev(Ref("covenants.lockup_in_a_row")) >= terms["covenants.sweep_after"]
    note = "before this period"
    left: Expr = declare_flow(terms, "reserves.trapped.sweepable", runs * held, "Trapped for long", note, total=False)
    parts = []
    for loan in sweep.order:
        rest = _left_of(terms, loan) - Ref(f"debt.{loan}.sweep")
        if terms.deal.spec.debt[loan].prepayment and precedes(terms, "sweep", "prepayment"):
            # Prepaid after the sweep, and before the trapped cash of the period end.
            rest = rest - Ref(f"debt.{loan}.voluntary")
        label = f"Swept to {terms.deal.spec.debt[loan].label}"
        parts.append(g.series(f"debt.{loan}.trapped_sweep", minimum(rest, left), label, "money", total=True))
        left = left - parts[-1]
    return g.series("reserves.trapped.swept", sum_of(*parts), "Swept to loans", "money", total=True)


def _declare_gate(terms: Terms) -> tuple[Expr, str]:
    """1 where the sweep may take cash, in words: what is paid before it is paid, and the DSRA full if that comes first.

    A sweep that the deal file places before the DSRA is due by contract, and does not wait for it.
    """
    unpaid = [step for step in obligations(terms) if precedes(terms, step, "sweep")]
    current, words = Ref("covenants.nothing_overdue"), "nothing is overdue"
    if unpaid != obligations(terms):
        short: Expr = sum_of(*[overdue(terms, step) for step in unpaid]) if unpaid else Number(0, "money")
        current = terms.graph.series(
            "waterfall.sweep.current", short <= terms["checks.tolerance"], "Nothing overdue before the sweep", "flag"
        )
        words = "nothing that is paid before it is overdue"
    gate: Expr = current
    if precedes(terms, "reimbursements", "sweep"):
        gate = gate * (Ref("waterfall.reimbursements.shortfall") <= terms["checks.tolerance"])
        words = f"facilities are reimbursed and {words}"
    if precedes(terms, "dsra", "sweep"):
        return Ref("covenants.dsra_full") * gate, f"the DSRA is at its target and {words}"
    return gate, words


def _declare_allowed(terms: Terms, available: Ref) -> Ref:
    """The most that is swept in the period: excess cash within the limit, from the first date on."""
    most: Expr = available
    if terms.has("waterfall.sweep.limit"):
        most = minimum(most, limit_of(terms, "sweep"))
    if terms.has("waterfall.sweep.from"):
        most = most * begun(terms, "sweep")
    note = "excess cash within what the waterfall allows"
    return terms.graph.series("waterfall.sweep.allowed", most, "The most that is swept", "money", note)


def _left_of(terms: Terms, loan: str) -> Expr:
    """What a voluntary prepayment that is paid before leaves of the balance that can be prepaid."""
    left = Ref(f"debt.{loan}.prepayable")
    first = terms.deal.spec.debt[loan].prepayment and precedes(terms, "prepayment", "sweep")
    return left - Ref(f"debt.{loan}.voluntary") if first else left


def _declare_part(terms: Terms, loan: str, name: str, taken: Expr, why: str, parts: dict[str, list[Ref]]) -> Ref:
    """One of the two amounts a loan can be swept."""
    label = f"{terms.deal.spec.debt[loan].label}: swept {why}"
    part = terms.graph.series(f"debt.{loan}.{name}", taken, label, "money", total=True)
    parts[loan].append(part)
    return part


def _share(terms: Terms, running: Ref) -> Expr:
    """The share of excess cash that is swept: the deal's own while its sweep runs, or what triggers raise it to."""
    share = running * terms["sweep.share"]
    return raised_share(terms, share) if raises_sweep(terms) else share


def _declare_sweeping(terms: Terms) -> Ref:
    """Whether the deal's sweep runs: all is built, its start has come, and cover is below its level, if it has one."""
    running: Expr = Ref("time.operation")
    if terms.has("sweep.start"):
        running = running * (FIRST_DAY >= terms["sweep.start"])
    if terms.has("sweep.below_dscr"):
        level = terms["sweep.below_dscr"]
        # A cover that cannot be computed yet does not set the sweep off.
        running = running * (default(Ref("ratios.dscr_historic"), level) < level)
    return terms.graph.series("waterfall.sweep.running", running, "Sweep runs", "flag")
