"""Outcomes that a reader must see: defaults, lock-ups, shortfalls, what is never drawn, spent or repaid."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import UNSOLD, enforces
from spvmodel.finance.covenants.cure import PAID as CURE
from spvmodel.finance.covenants.cure import has_cure
from spvmodel.finance.debt.bridge import bridges
from spvmodel.finance.debt.ranks import JUNIOR, LENDERS, SHAREHOLDER, SUBORDINATED, facilities, ranked, steps_of
from spvmodel.finance.debt.sizing import sized_loans
from spvmodel.finance.debt.standby import is_standby
from spvmodel.finance.debt.toggle import capitalises
from spvmodel.finance.facility import drawable
from spvmodel.finance.reserves.general import GENERAL, reserve_accounts
from spvmodel.finance.sources import prefunded
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, LAST_DAY
from spvmodel.finance.waterfall.steps import obligations, precedes
from spvmodel.lines import Number, Ref, equal, highest, lowest, sum_of, total


def declare_alerts(terms: Terms) -> None:
    """Declare every alert: an outcome, not a fault of the model."""
    g, tolerance, takeout = terms.graph, terms["checks.tolerance"], terms.deal.spec.takeout
    g.alert(
        "alerts.payment_default",
        Ref("covenants.payment_default_periods") > 0,
        "Payment default: interest, principal or a balloon is not paid in time",
    )
    g.alert("alerts.default", Ref("covenants.default_periods") > 0, "DSCR falls below the default level")
    overdue = Ref("waterfall.overdue") if g.has("waterfall.overdue") else Ref("waterfall.unpaid")
    g.alert("alerts.unpaid", highest(overdue) > tolerance, "An obligation is not paid in time")
    if ranked(terms, "holdco"):
        waits = [Ref(f"waterfall.{step}.shortfall") for step in steps_of(terms, ("holdco",))]
        with g.place("Waterfall", "After the lock-up test"):
            waits = [g.series("waterfall.holdco_unpaid", sum_of(*waits), "Holdco debt not paid in time", "money")]
        g.alert("alerts.holdco_unpaid", highest(waits[0]) > tolerance, "A holdco loan is not paid in time")
    g.alert("alerts.dsra_drawn", total(Ref("reserves.dsra.draw")) > tolerance, "The DSRA is drawn")
    if has_cure(terms):
        g.alert("alerts.cured", total(CURE) > tolerance, "Sponsors cure a failed test with new equity")
    if reserve_accounts(terms):
        short = highest(Ref(f"{GENERAL}.shortfall")) > tolerance
        g.alert("alerts.accounts_short", short, "A reserve account is not filled as it should be")
    if precedes(terms, "sweep", "dsra"):
        g.alert("alerts.sweep_before_dsra", Number(1), "The sweep is paid before the DSRA is full")
    if any(precedes(terms, step, "principal") for step in steps_of(terms, SUBORDINATED)):
        label = "Junior debt is paid before senior principal, and is not in the cover of the senior debt"
        g.alert("alerts.junior_before_principal", Number(1), label)
    _declare_held_back(terms)
    g.alert("alerts.lockup", Ref("covenants.lockup_periods") > 0, "Distributions are locked up")
    if takeout:
        short = Ref("headline.refinance_shortfall") > tolerance
        g.alert("alerts.refinancing", short, "The take-out does not refinance the balloons in full")
    else:
        due = Ref("debt.balloon_total") > tolerance
        g.alert("alerts.balloon_unfunded", due, "A balloon falls due and no take-out refinances it")
    for loan in sized_loans(terms):
        name = terms.deal.spec.debt[loan].label
        g.alert(f"alerts.{loan}_not_sized", Ref(f"sizing.{loan}.size") <= 0, f"The constraints leave no {name}")
    for loan, spec in terms.deal.spec.debt.items():
        if spec.extension:
            refused = 1 - Ref(f"debt.{loan}.extended")
            g.alert(f"alerts.{loan}_not_extended", refused, f"{spec.label}: the extension is refused")
    for group in filter(lambda name: prefunded(terms, name), terms.deal.spec.funding):
        at, label = f"funding.{group}", terms.deal.spec.funding[group].label
        idle = total(Ref(f"{at}.draws")) - total(Ref(f"{at}.uses")) > tolerance
        g.alert(f"alerts.{group}_unspent", idle, f"{label}: the draws exceed the uses, and the rest is never spent")
    to_lend, lent = Ref("funding.commitment"), Ref("funding.total_debt")
    if bridges(terms) or any(is_standby(terms, loan) for loan in terms.deal.spec.debt):
        # A standby facility is to lend what an overrun asks of it.
        amounts = sum_of(*[Ref(f"debt.{loan}.amount") for loan in terms.deal.spec.debt])
        with g.place("Funding", "All funding"):
            to_lend = g.scalar("funding.to_lend", amounts, "To be lent by all loans", "money")
            lent = g.scalar("funding.lent", total(Ref("funding.draws")), "Lent by all loans", "money")
    undrawn = to_lend - lent > tolerance
    g.alert("alerts.undrawn", undrawn, "Part of a commitment is never drawn")
    g.alert(
        "alerts.several_rates",
        Ref("returns.equity_sign_changes") > 1,
        "The equity flow changes sign more than once: several rates of return may exist",
    )
    late = Ref("revenue.until") > LAST_DAY
    g.alert("alerts.revenue_cut", late, "Revenue runs beyond the model; what is earned later is not counted")
    with g.place("Checks", "Debt never repaid"):
        drawn = total(Ref("funding.draws"))
        drawn = drawn + total(Ref("debt.takeout.draw")) if takeout else drawn
        owed = drawn - total(Ref("debt.repaid"))
        for at in facilities(terms, *LENDERS):
            owed = owed + total(Ref(f"{at}.pik")) if capitalises(terms, at) else owed
        for facility in drawable(terms):
            grown = total(Ref(f"{facility.at}.drawn")) + total(Ref(f"{facility.at}.interest"))
            owed = owed + grown - total(Ref(f"{facility.at}.reimbursed"))
        # What sponsors lend is not counted as debt: its draws come off again.
        settled = [f"debt.{loan}.repaid" for loan in ranked(terms, *JUNIOR)]
        settled += [f"debt.{loan}.draw" for loan in ranked(terms, SHAREHOLDER)]
        settled += [f"debt.{loan}.repaid" for loan in bridges(terms)]
        for name in settled:
            owed = owed - total(Ref(name))
        if enforces(terms):
            # The sale settles every loan.
            owed = owed * lowest(UNSOLD)
        owed = g.scalar("alerts.owed_at_end", owed, "Debt never repaid", "money")
    g.alert("alerts.never_repaid", owed > tolerance, "Debt is still owed at the end of the model")


def _declare_held_back(terms: Terms) -> None:
    """An alert where dues that a limit of the waterfall holds back are still owed at the end of the model."""
    g, held = terms.graph, [step for step in obligations(terms) if terms.has(f"waterfall.{step}.limit")]
    if not held:
        return
    with g.place("Waterfall", "Held back by limits"):
        last = g.series("waterfall.last_period", equal(END, LAST_DAY), "Last period of the model", "flag")
        owed = sum_of(*[Ref(f"waterfall.{step}.shortfall") for step in held])
        owed = g.series("waterfall.held_back", owed, "Dues within limits not paid yet", "money")
        left = g.scalar("waterfall.held_back_at_end", total(owed, last), "Dues within limits never paid", "money")
    g.alert(
        "alerts.held_back", left > terms["checks.tolerance"], "What a limit of the waterfall holds back is never paid"
    )
