"""Checks of the waterfall, of its accounts and of what it pays."""

from __future__ import annotations

from spvmodel.deal.steps import accounts as covering
from spvmodel.finance.checks.common import account_fillings, excess, largest, working_capital_filling
from spvmodel.finance.checks.interest import accrued, capitalised, scheduled_apart
from spvmodel.finance.collateral.acceleration import enforces, in_hand
from spvmodel.finance.covenants.triggers import REPAID
from spvmodel.finance.debt.prepaid import sweeps_trapped, swept
from spvmodel.finance.debt.prepayment import prepaid_loans
from spvmodel.finance.debt.ranks import RANKS, STEPS, UPSTREAM, facilities, present, step_of, steps_of
from spvmodel.finance.facility import drawable
from spvmodel.finance.operations.contract import (
    PREPAID,
    prepaying,
)
from spvmodel.finance.operations.payment import cash_revenue
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import (
    INTEREST_FED_BACK,
    accounts,
    counts_interest,
    earns_interest,
    proceeds_accounts,
)
from spvmodel.finance.reserves.general import (
    GENERAL,
    prior_accounts,
    reserve_accounts,
    step_of_account,
    tested_accounts,
    with_works,
)
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, has_working_capital
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.vat import collected
from spvmodel.finance.tax.vat import groups as vat_groups
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, LAST_DAY
from spvmodel.finance.waterfall.steps import limited, obligations, payable, precedes
from spvmodel.lines import Expr, Ref, absolute, lowest, maximum, minimum, sum_of, total


def declare_cash_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    sources = [*covering(terms.deal.spec).values(), *(facility.key for facility in drawable(terms))]
    reserves = ["dsra", "working_capital"] if has_working_capital(terms) else ["dsra"]
    voluntary = ["prepayment"] if prepaid_loans(terms) else []
    reserves += [step for at in reserve_accounts(terms) if (step := step_of_account(at)) not in obligations(terms)]
    voluntary += ["reimbursements"] if drawable(terms) else []
    for step in (*obligations(terms), *reserves, *voluntary, *steps_of(terms, UPSTREAM)):
        at = f"waterfall.{step}"
        label = f"{g.label(f'{at}.due').removesuffix(': due')}: paid at most what is due, from cash there is"
        below = maximum(0, -Ref(f"{at}.shortfall"), -Ref(f"{at}.cash_left"))
        if limited(terms, step):
            below = maximum(below, Ref(f"{at}.paid") - payable(terms, step))
        draws = [Ref(name) for source in sources if g.has(name := f"{at}.from_{source}")]
        if draws:
            # An account covers what cash does not, and no more.
            below = maximum(below, minimum(sum_of(*draws), Ref(f"{at}.cash_left")))
        g.check(f"checks.{step}_step", largest(terms, f"{step}_step", below, label), label, "money", tolerance)
    for rank in present(terms, RANKS):
        for what, _ in STEPS:
            step = step_of(rank, what)
            gap = sum_of(*[Ref(f"{at}.{what}_paid") for at in facilities(terms, rank)]) - Ref(f"waterfall.{step}.paid")
            label = f"{step.replace('_', ' ').capitalize()}: what the facilities receive is what the waterfall pays"
            g.check(f"checks.{step}_shared", largest(terms, f"{step}_shared", gap, label), label, "money", tolerance)
    scheduled = total(Ref("debt.interest_scheduled")) + sum_of(*capitalised(terms), *scheduled_apart(terms))
    g.check(
        "checks.interest",
        absolute(scheduled - sum_of(*accrued(terms))),
        "Interest accrued is capitalised or scheduled",
        "money",
        tolerance,
    )
    low = Ref("reserves.dsra.target") - Ref("reserves.dsra.closing")
    label = "Nothing is distributed while the DSRA is below its target"
    # Once the debt is repaid, reserves protect nobody.
    gap = (1 - REPAID) * maximum(0, minimum(low, Ref("waterfall.distributions")))
    g.check("checks.reserve_first", largest(terms, "reserve_first", gap, label), label, "money", tolerance)
    paid = Ref("waterfall.obligations_paid") + Ref("waterfall.distributions")
    if swept(terms):
        paid = paid + Ref("waterfall.sweep.paid")
        swept_cash, most = Ref("waterfall.sweep.paid"), "allowed" if limited(terms, "sweep") else "available"
        label, gap = "Nothing is swept beyond excess cash", maximum(0, swept_cash - Ref(f"waterfall.sweep.{most}"))
        if precedes(terms, "dsra", "sweep"):
            label, gap = f"{label}, or while the DSRA is below its target", maximum(gap, minimum(low, swept_cash))
        g.check("checks.sweep", largest(terms, "sweep", gap, label), label, "money", tolerance)
    if sweeps_trapped(terms):
        label = "Trapped cash repays loans only as far as it was trapped for long"
        gap = maximum(0, Ref("reserves.trapped.swept") - Ref("reserves.trapped.sweepable"))
        g.check("checks.trapped_sweep", largest(terms, "trapped_sweep", gap, label), label, "money", tolerance)
        paid = paid + Ref("reserves.trapped.swept")
    if present(terms, UPSTREAM):
        paid = paid + Ref("waterfall.upstream_service")
    if prepaid_loans(terms):
        paid = paid + Ref("waterfall.prepayment.paid")
    for facility in drawable(terms):
        paid = paid + Ref(f"{facility.at}.reimbursed") - Ref(f"{facility.at}.drawn")
    # Works are paid out of their reserve; what the waterfall pays into it stays in the accounts.
    filled: Expr = sum_of(Ref("reserves.dsra.funding"), *working_capital_filling(terms), *account_fillings(terms))
    for at in proceeds_accounts(terms):
        filled = filled + Ref(f"{at}.closing") - Ref(f"{at}.opening")
    if capital_reserves(terms):
        paid = paid - Ref("waterfall.capital_reserves.paid") + Ref("reserves.capital.spending")
    for at in prior_accounts(terms):
        paid = paid - Ref(f"waterfall.{step_of_account(at)}.paid")
    if with_works(terms):
        paid = paid + Ref(f"{GENERAL}.spending")
    filled = in_hand(terms, filled)
    moved: Expr = Ref("reserves.movement")
    if enforces(terms):
        moved = moved + Ref("reserves.handed_over")
    gap = Ref("waterfall.receipts") + filled - paid - moved
    label = "Cash received - cash paid = movement of accounts"
    g.check("checks.cash", largest(terms, "cash", gap, label), label, "money", tolerance)
    # Everything the project earns and spends goes to or comes from lenders, sponsors and accounts.
    project = cash_revenue(terms) - Ref("waterfall.operating_costs.paid")
    project = project - Ref("construction.spend")
    if prepaying(terms):
        project = project + PREPAID
    for vat in collected(terms):
        project = project + vat
    for group in vat_groups(terms):
        project = project - Ref(f"funding.{group}.vat")
    if g.has("construction.distributed"):
        project = project + Ref("construction.distributed")
    if earns_interest(terms):
        project = project + Ref("reserves.interest_earned")
    if pays_tax(terms):
        project = project + Ref("tax.refund") - Ref("waterfall.tax.paid")
    if capital_reserves(terms):
        project = project - Ref("reserves.capital.spending")
    if with_works(terms):
        project = project - Ref(f"{GENERAL}.spending")
    gap = in_hand(terms, project) - Ref("returns.lender_flow") - Ref("returns.equity_flow") - moved
    label = "Project flow = lenders + sponsors + movement of accounts"
    g.check("checks.providers", largest(terms, "providers", gap, label), label, "money", tolerance)
    names = {"reserves.dsra": "DSRA", WORKING_CAPITAL: "Working-capital reserve", "reserves.trapped": "Trapped cash"}
    names |= {f"reserves.capital.{key}": spec.label for key, spec in terms.deal.spec.reserves.capital.items()}
    names |= {at: account.label for at, account in reserve_accounts(terms).items()}
    names |= dict.fromkeys(proceeds_accounts(terms), "Proceeds not yet spent")
    for at in accounts(terms):
        key, name = at.replace(".", "_"), names[at]
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", excess(-low), f"{name}: balance never negative", "money", tolerance)
    _declare_account_checks(terms)
    both = minimum(Ref("reserves.dsra.top_up"), Ref("reserves.dsra.release"))
    label = "DSRA is never topped up and released in one period"
    g.check("checks.dsra_exclusive", largest(terms, "dsra_exclusive", both, label), label, "money", tolerance)
    if counts_interest(terms):
        moved = Ref(f"{INTEREST_FED_BACK.name}_residual")
        g.check("checks.interest_feedback", moved, "Interest in CFADS: feedback no longer moves", "money", tolerance)
    let_go = Ref("waterfall.upstream") if present(terms, UPSTREAM) else Ref("waterfall.distributions")
    locked = let_go * Ref("covenants.locked")
    label = "No distribution in lock-up"
    g.check("checks.lockup", largest(terms, "lockup", locked, label), label, "money", tolerance)
    g.check(
        "checks.recourse",
        absolute(Ref("returns.recourse_to_sponsors")),
        "No recourse to sponsors",
        "money",
        tolerance,
    )


def _declare_account_checks(terms: Terms) -> None:
    """Works are paid once and from their account; no account both takes and gives; those that count come first."""
    g, tolerance = terms.graph, terms["checks.tolerance"]
    for at, account in reserve_accounts(terms).items():
        key = at.replace(".", "_")
        both = minimum(Ref(f"{at}.top_up"), Ref(f"{at}.release"))
        label = f"{account.label}: never paid into and released in one period"
        g.check(f"checks.{key}_exclusive", largest(terms, f"{key}_exclusive", both, label), label, "money", tolerance)
    for at in with_works(terms):
        key, name = at.replace(".", "_"), reserve_accounts(terms)[at].label
        with g.place("Checks", "Works"):
            late = g.series(f"checks.{key}_late", Ref(f"{at}.owed") - Ref(f"{at}.spending"), f"{name}: owed", "money")
            last = g.series(f"checks.{key}_last", END >= LAST_DAY, "Last period of the model", "flag")
            left = g.scalar(f"checks.{key}_left", total(late, last), f"{name}: owed at the end", "money")
        gap = absolute(total(terms[f"{at}.works"]) - total(Ref(f"{at}.spending")) - left)
        # What is not done before lenders enforce is never paid.
        gap = gap * (1 - Ref("enforcement.defaulted")) if enforces(terms) else gap
        g.check(f"checks.{key}_works", gap, f"{name}: works are paid once, or owed", "money", tolerance)
    if tested_accounts(terms):
        label = "Nothing is distributed while an account that counts is below its target"
        low = sum_of(*[Ref(f"{at}.target") for at in tested_accounts(terms)])
        held = sum_of(*[Ref(f"{at}.closing") for at in tested_accounts(terms)])
        gap = (1 - REPAID) * maximum(0, minimum(low - held, Ref("waterfall.distributions")))
        g.check("checks.accounts_first", largest(terms, "accounts_first", gap, label), label, "money", tolerance)
