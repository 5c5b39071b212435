"""Identities the model must satisfy (definitions, section 6)."""

from __future__ import annotations

from spvmodel.deal.steps import accounts as covering
from spvmodel.finance.alerts import declare_alerts
from spvmodel.finance.collateral.enforcement import declare_enforcement_checks
from spvmodel.finance.collateral.expected_loss import declare_expected_loss_checks
from spvmodel.finance.collateral.recovery import declare_recovery_checks
from spvmodel.finance.counterparties import declare_counterparty_checks
from spvmodel.finance.covenants.triggers import declare_trigger_alerts, declare_trigger_checks
from spvmodel.finance.damages import declare_damages_check
from spvmodel.finance.debt.bridge import bridges, declare_bridge_checks
from spvmodel.finance.debt.life import declare_life_checks
from spvmodel.finance.debt.prepaid import prepays, sweeps_trapped, swept
from spvmodel.finance.debt.prepayment import prepaid_loans
from spvmodel.finance.debt.ranks import RANKS, SENIOR, STEPS, TAKEOUT, UPSTREAM, facilities, present, step_of, steps_of
from spvmodel.finance.debt.standby import declare_standby_checks
from spvmodel.finance.debt.toggle import accretes, capitalises
from spvmodel.finance.debt.totals import facility_label
from spvmodel.finance.facility import declare_facility_checks, drawable
from spvmodel.finance.funding import feedbacks, fees_from_sources
from spvmodel.finance.operations.contract import (
    PREPAID,
    declare_contract_alerts,
    declare_contract_checks,
    prepaying,
)
from spvmodel.finance.operations.events import declare_event_checks
from spvmodel.finance.operations.payables import declare_payables_check
from spvmodel.finance.operations.payment import cash_revenue, declare_payment_checks
from spvmodel.finance.operations.recoveries import declare_recoveries_checks, recovering
from spvmodel.finance.operations.straight_line import declare_straight_line_checks
from spvmodel.finance.operations.termination import termination_fees
from spvmodel.finance.operations.working_capital import declare_working_capital_check
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
    filled_at_close,
    prior_accounts,
    reserve_accounts,
    step_of_account,
    tested_accounts,
    with_works,
)
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, has_working_capital
from spvmodel.finance.sponsors import declare_sponsor_checks
from spvmodel.finance.tax.income_tax import declare_tax_checks, pays_tax
from spvmodel.finance.tax.vat import collected, declare_vat_checks
from spvmodel.finance.tax.vat import groups as vat_groups
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, without_days
from spvmodel.finance.waterfall.steps import limited, obligations, payable, precedes
from spvmodel.lines import Expr, Ref, absolute, highest, lowest, maximum, minimum, prev, sum_of, total


def declare_checks(terms: Terms) -> None:
    """Declare every check, then every alert."""
    _declare_time_checks(terms)
    _declare_funding_checks(terms)
    _declare_debt_checks(terms)
    declare_life_checks(terms)
    _declare_cash_checks(terms)
    declare_tax_checks(terms)
    declare_vat_checks(terms)
    declare_straight_line_checks(terms)
    declare_payment_checks(terms)
    declare_payables_check(terms)
    declare_working_capital_check(terms)
    declare_contract_checks(terms)
    declare_sponsor_checks(terms)
    declare_trigger_checks(terms)
    declare_facility_checks(terms)
    declare_recovery_checks(terms)
    declare_enforcement_checks(terms)
    declare_counterparty_checks(terms)
    declare_expected_loss_checks(terms)
    declare_alerts(terms)
    declare_contract_alerts(terms)
    declare_trigger_alerts(terms)


def _largest(terms: Terms, name: str, difference: Expr, label: str) -> Expr:
    """The largest absolute value of a difference over all periods, with a row that shows where it lies."""
    with terms.graph.place("Checks", "By period"):
        return highest(terms.graph.series(f"checks.{name}_by_period", absolute(difference), label, "money"))


def _excess(value: Expr) -> Expr:
    return maximum(0, value)


def _declare_time_checks(terms: Terms) -> None:
    """Days are whole numbers, so these differences must be 0 exactly."""
    g = terms.graph
    gap = absolute(total(DAYS) - (highest(END) - terms["time.close"]))
    g.check("checks.days", gap, "Days of the periods add up to the length of the model", "days", None)
    with g.place("Checks", "By period"):
        backward = g.series("checks.backward", without_days(terms), "Period without days", "flag")
    g.check("checks.timeline", total(backward), "Every period is later than the one before", "flag", None)
    leases = {name: lease.label for name, lease in terms.deal.spec.lease.items()}
    contracts = {name: part.label for name, part in terms.deal.spec.contract.items()}
    incomes = {name: part.label for name, part in terms.deal.spec.income.items() if part.amount is not None}
    for section, labels, eve, what in (
        ("lease", leases, "rent_from", "Days of rent"),
        ("contract", contracts, "eve", "Days under contract"),
        ("income", incomes, "eve", "Days that earn"),
    ):
        gaps = []
        with g.place("Checks", f"{what} by {section}"):
            for name, label in labels.items():
                at = f"{section}.{name}"
                until = minimum(Ref(f"{at}.until"), highest(END))
                days = maximum(0, until - maximum(Ref(f"{at}.{eve}"), terms["time.close"]))
                gap = absolute(total(Ref(f"{at}.days")) - days)
                # An income may be named as a lease is.
                key = f"checks.{name}_days" if section == "lease" else f"checks.{section}_{name}_days"
                gaps.append(g.scalar(key, gap, f"{label}: {what.lower()} not as its dates say", "days"))
        if gaps:
            label = f"{what} are those between the dates of each {section}"
            g.check(f"checks.{section}_days", sum_of(*gaps), label, "days", None)


def _declare_funding_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    loans = list(terms.deal.spec.debt)
    groups = terms.deal.spec.funding
    financed = fees_from_sources(terms) + [Ref(f"debt.{n}.dsra_funding") for n in loans]
    financed += [*_working_capital(terms), *_account_fillings(terms)]
    financed += [Ref(f"funding.{group}.vat") for group in vat_groups(terms)]
    uses = sum_of(Ref("construction.spend"), *financed, *[Ref(f"debt.{n}.capitalised") for n in loans])
    revenue = [Ref("funding.revenue_used")] if g.has("funding.revenue_used") else []
    gap: Expr = uses - sum_of(Ref("funding.draws"), *revenue, Ref("funding.equity"))
    for at in proceeds_accounts(terms):
        gap = gap + Ref(f"{at}.closing") - Ref(f"{at}.opening")
    if bridges(terms):
        gap = gap + Ref("funding.bridge_repaid")
    label = "Sources equal uses in every period"
    g.check("checks.sources_uses", _largest(terms, "sources_uses", gap, label), label, "money", tolerance)
    for loan in loans:
        name = terms.deal.spec.debt[loan].label
        drawn = total(Ref(f"debt.{loan}.draw")) - Ref(f"debt.{loan}.amount")
        g.check(
            f"checks.{loan}_commitment",
            _excess(drawn),
            f"{name}: drawn within the commitment",
            "money",
            tolerance,
        )
    for group, spec in groups.items():
        name = spec.label
        low = lowest(Ref(f"funding.{group}.equity"))
        g.check(
            f"checks.{group}_equity",
            _excess(-low),
            f"{name}: equity contributions never negative",
            "money",
            tolerance,
        )
        spent = total(Ref(f"funding.{group}.uses")) - Ref(f"funding.{group}.total_uses")
        g.check(
            f"checks.{group}_uses",
            absolute(spent),
            f"{name}: uses add up to the total financed",
            "money",
            tolerance,
        )
        if terms.loans_of(group):
            cuts = feedbacks(terms, group) + [f"debt.{loan}.dsra_filling" for loan in terms.loans_of(group)]
            moved = sum_of(*[Ref(f"{cut}_residual") for cut in cuts])
            g.check(f"checks.{group}_feedback", moved, f"{name}: feedback no longer moves", "money", tolerance)
    declare_standby_checks(terms)
    _declare_revenue_checks(terms)


def _declare_revenue_checks(terms: Terms) -> None:
    g, tolerance, spec = terms.graph, terms["checks.tolerance"], terms.deal.spec
    with g.place("Checks", "Revenue by source"):
        rents = [
            g.scalar(f"checks.rent_{name}", total(Ref(f"lease.{name}.rent_income")), f"{lease.label}: rent", "money")
            for name, lease in spec.lease.items()
        ]
        incomes = [
            g.scalar(f"checks.income_{name}", total(Ref(f"income.{name}.revenue")), f"{part.label}: revenue", "money")
            for name, part in spec.income.items()
        ]
        contracts = [
            g.scalar(
                f"checks.contract_{name}", total(Ref(f"contract.{name}.revenue")), f"{part.label}: revenue", "money"
            )
            for name, part in spec.contract.items()
        ]
    if rents:
        gap = absolute(sum_of(*rents) - total(Ref("lease.rent_income")))
        g.check("checks.rent", gap, "Rent by lease adds up to lease income", "money", tolerance)
    declare_recoveries_checks(terms)
    others = [declare_damages_check(terms)] if spec.construction.damages is not None else []
    declare_event_checks(terms)
    with g.place("Checks", "Revenue by source"):
        others += [
            g.scalar(f"checks.{fee.name.split('.')[1]}_termination", total(fee), "Termination fee", "money")
            for fee in termination_fees(terms)
        ]
        others += [
            g.scalar(f"checks.{name}_recoveries", total(Ref(f"lease.{name}.recoveries")), "Recoveries", "money")
            for name in recovering(terms)
        ]
    gap = absolute(sum_of(*rents, *contracts, *incomes, *others) - total(Ref("revenue.total")))
    g.check("checks.revenue", gap, "Revenue by source adds up to revenue", "money", tolerance)


def _declare_debt_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    declare_bridge_checks(terms)
    for at in facilities(terms, *RANKS):
        key, name = at.replace(".", "_"), facility_label(terms, at)
        draws = Ref(f"{at}.draw")
        left = total(draws) - total(Ref(f"{at}.amortisation")) - total(Ref(f"{at}.balloon"))
        agreed = g.has(f"{at}.pik_scheduled")
        left = left + total(Ref(f"{at}.pik_scheduled")) if agreed else left
        g.check(
            f"checks.{key}_repaid",
            absolute(left),
            f"{name}: schedule repays what is drawn" + (" and added" if agreed else ""),
            "money",
            tolerance,
        )
        moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing")) - draws + Ref(f"{at}.repaid")
        label = f"{name}: opening + draws - repaid = closing"
        if capitalises(terms, at):
            moved, label = moved - Ref(f"{at}.pik"), f"{name}: opening + draws + interest added - repaid = closing"
        g.check(f"checks.{key}_balance", _largest(terms, f"{key}_balance", moved, label), label, "money", tolerance)
        if capitalises(terms, at) or prepays(terms, at):
            label = f"{name}: balance = schedule + overdue + unpaid interest added - prepaid"
            gap = _off_schedule(terms, at)
            g.check(f"checks.{key}_schedule", _largest(terms, f"{key}_schedule", gap, label), label, "money", tolerance)
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", _excess(-low), f"{name}: balance never negative", "money", tolerance)
        if accretes(terms, at):
            added = total(Ref(f"{at}.accreted_added"))
            added = added - total(Ref(f"{at}.pik_on_accreted")) if agreed else added
            gap = absolute(total(Ref(f"{at}.interest_due")) - total(Ref(f"{at}.interest_paid")) - added)
            g.check(f"checks.{key}_interest", gap, f"{name}: interest due is paid or added", "money", tolerance)
        if g.has(f"{at}.balloon_change"):
            label, moved = f"{name}: balloon to refinance no longer moves", Ref(f"{at}.balloon_change_residual")
            g.check(f"checks.{key}_balloon", moved, label, "money", tolerance)
        prior = f"sizing.{at.removeprefix('debt.')}.prior_fed"
        if g.has(prior):
            label, moved = f"{name}: what stands before its service no longer moves", Ref(f"{prior}_residual")
            g.check(f"checks.{key}_prior", moved, label, "money", tolerance)
        if g.has(f"{at}.extended"):
            moved = Ref(f"{at}.extended_residual")
            g.check(f"checks.{key}_extension", moved, f"{name}: the decision to extend is at rest", "flag", None)


def _off_schedule(terms: Terms, at: str) -> Expr:
    """The closing balance less what the schedule, overdue principal and the balances beside the schedule explain."""
    gap = Ref(f"{at}.closing") - Ref(f"{at}.scheduled_closing")
    gap = gap - Ref(f"{at}.principal_shortfall") - Ref(f"{at}.balloon_shortfall")
    if accretes(terms, at):
        gap = gap - Ref(f"{at}.accreted_closing")
    return gap + Ref(f"{at}.ahead_closing") if prepays(terms, at) else gap


def _declare_cash_checks(terms: Terms) -> None:
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
        g.check(f"checks.{step}_step", _largest(terms, f"{step}_step", below, label), label, "money", tolerance)
    for rank in present(terms, RANKS):
        for what, _ in STEPS:
            step = step_of(rank, what)
            gap = sum_of(*[Ref(f"{at}.{what}_paid") for at in facilities(terms, rank)]) - Ref(f"waterfall.{step}.paid")
            label = f"{step.replace('_', ' ').capitalize()}: what the facilities receive is what the waterfall pays"
            g.check(f"checks.{step}_shared", _largest(terms, f"{step}_shared", gap, label), label, "money", tolerance)
    scheduled = total(Ref("debt.interest_scheduled")) + sum_of(*_capitalised(terms), *_scheduled_apart(terms))
    g.check(
        "checks.interest",
        absolute(scheduled - sum_of(*_accrued(terms))),
        "Interest accrued is capitalised or scheduled",
        "money",
        tolerance,
    )
    low = Ref("reserves.dsra.target") - Ref("reserves.dsra.closing")
    label = "Nothing is distributed while the DSRA is below its target"
    gap = maximum(0, minimum(low, Ref("waterfall.distributions")))
    g.check("checks.reserve_first", _largest(terms, "reserve_first", gap, label), label, "money", tolerance)
    paid = Ref("waterfall.obligations_paid") + Ref("waterfall.distributions")
    if swept(terms):
        paid = paid + Ref("waterfall.sweep.paid")
        swept_cash, most = Ref("waterfall.sweep.paid"), "allowed" if limited(terms, "sweep") else "available"
        label, gap = "Nothing is swept beyond excess cash", maximum(0, swept_cash - Ref(f"waterfall.sweep.{most}"))
        if precedes(terms, "dsra", "sweep"):
            label, gap = f"{label}, or while the DSRA is below its target", maximum(gap, minimum(low, swept_cash))
        g.check("checks.sweep", _largest(terms, "sweep", gap, label), label, "money", tolerance)
    if sweeps_trapped(terms):
        label = "Trapped cash repays loans only as far as it was trapped for long"
        gap = maximum(0, Ref("reserves.trapped.swept") - Ref("reserves.trapped.sweepable"))
        g.check("checks.trapped_sweep", _largest(terms, "trapped_sweep", gap, label), label, "money", tolerance)
        paid = paid + Ref("reserves.trapped.swept")
    if present(terms, UPSTREAM):
        paid = paid + Ref("waterfall.upstream_service")
    if prepaid_loans(terms):
        paid = paid + Ref("waterfall.prepayment.paid")
    for facility in drawable(terms):
        paid = paid + Ref(f"{facility.at}.reimbursed") - Ref(f"{facility.at}.drawn")
    # Works are paid out of their reserve; what the waterfall pays into it stays in the accounts.
    filled: Expr = sum_of(Ref("reserves.dsra.funding"), *_working_capital(terms), *_account_fillings(terms))
    for at in proceeds_accounts(terms):
        filled = filled + Ref(f"{at}.closing") - Ref(f"{at}.opening")
    if capital_reserves(terms):
        paid = paid - Ref("waterfall.capital_reserves.paid") + Ref("reserves.capital.spending")
    for at in prior_accounts(terms):
        paid = paid - Ref(f"waterfall.{step_of_account(at)}.paid")
    if with_works(terms):
        paid = paid + Ref(f"{GENERAL}.spending")
    gap = Ref("waterfall.receipts") + filled - paid - Ref("reserves.movement")
    label = "Cash received - cash paid = movement of accounts"
    g.check("checks.cash", _largest(terms, "cash", gap, label), label, "money", tolerance)
    # Everything the project earns and spends goes to or comes from lenders, sponsors and accounts.
    project = cash_revenue(terms) - Ref("waterfall.operating_costs.paid") - Ref("construction.spend")
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
    gap = project - Ref("returns.lender_flow") - Ref("returns.equity_flow") - Ref("reserves.movement")
    label = "Project flow = lenders + sponsors + movement of accounts"
    g.check("checks.providers", _largest(terms, "providers", gap, label), label, "money", tolerance)
    names = {"reserves.dsra": "DSRA", WORKING_CAPITAL: "Working-capital reserve", "reserves.trapped": "Trapped cash"}
    names |= {f"reserves.capital.{key}": spec.label for key, spec in terms.deal.spec.reserves.capital.items()}
    names |= {at: account.label for at, account in reserve_accounts(terms).items()}
    names |= dict.fromkeys(proceeds_accounts(terms), "Proceeds not yet spent")
    for at in accounts(terms):
        key, name = at.replace(".", "_"), names[at]
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", _excess(-low), f"{name}: balance never negative", "money", tolerance)
    _declare_account_checks(terms)
    both = minimum(Ref("reserves.dsra.top_up"), Ref("reserves.dsra.release"))
    label = "DSRA is never topped up and released in one period"
    g.check("checks.dsra_exclusive", _largest(terms, "dsra_exclusive", both, label), label, "money", tolerance)
    if counts_interest(terms):
        moved = Ref(f"{INTEREST_FED_BACK.name}_residual")
        g.check("checks.interest_feedback", moved, "Interest in CFADS: feedback no longer moves", "money", tolerance)
    let_go = Ref("waterfall.upstream") if present(terms, UPSTREAM) else Ref("waterfall.distributions")
    locked = let_go * Ref("covenants.locked")
    label = "No distribution in lock-up"
    g.check("checks.lockup", _largest(terms, "lockup", locked, label), label, "money", tolerance)
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
        g.check(f"checks.{key}_exclusive", _largest(terms, f"{key}_exclusive", both, label), label, "money", tolerance)
    for at in with_works(terms):
        key, name = at.replace(".", "_"), reserve_accounts(terms)[at].label
        with g.place("Checks", "Works"):
            late = g.series(f"checks.{key}_late", Ref(f"{at}.owed") - Ref(f"{at}.spending"), f"{name}: owed", "money")
            last = g.series(f"checks.{key}_last", END >= highest(END), "Last period of the model", "flag")
            left = g.scalar(f"checks.{key}_left", total(late, last), f"{name}: owed at the end", "money")
        gap = absolute(total(terms[f"{at}.works"]) - total(Ref(f"{at}.spending")) - left)
        g.check(f"checks.{key}_works", gap, f"{name}: works are paid once, or owed", "money", tolerance)
    if tested_accounts(terms):
        label = "Nothing is distributed while an account that counts is below its target"
        low = sum_of(*[Ref(f"{at}.target") for at in tested_accounts(terms)])
        held = sum_of(*[Ref(f"{at}.closing") for at in tested_accounts(terms)])
        gap = maximum(0, minimum(low - held, Ref("waterfall.distributions")))
        g.check("checks.accounts_first", _largest(terms, "accounts_first", gap, label), label, "money", tolerance)


def _account_fillings(terms: Terms) -> list[Ref]:
    """The first fillings of general accounts, where there are any."""
    return [Ref(f"{GENERAL}.funding")] if filled_at_close(terms) else []


def _working_capital(terms: Terms) -> list[Ref]:
    """The first filling of the working-capital reserve, where there is one."""
    return [Ref(f"{WORKING_CAPITAL}.funding")] if has_working_capital(terms) else []


def _accrued(terms: Terms) -> list[Ref]:
    """Interest accrued on every facility, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{loan}_accrued",
                total(Ref(f"debt.{loan}.interest")),
                f"{spec.label}: interest accrued",
                "money",
            )
            for loan, spec in terms.deal.spec.debt.items()
        ] + [
            g.scalar("checks.takeout_accrued", total(Ref(f"{at}.interest_scheduled")), "Take-out: interest", "money")
            for at in facilities(terms)
            if at == TAKEOUT
        ]


def _scheduled_apart(terms: Terms) -> list[Ref]:
    """Scheduled interest over all periods that ``debt.interest_scheduled`` leaves out: other ranks, and PIK."""
    g, found = terms.graph, []
    with g.place("Checks", "Interest"):
        for loan, spec in terms.deal.spec.debt.items():
            at = f"debt.{loan}"
            apart = [f"{at}.pik_scheduled"] if spec.pik else []
            apart += [] if spec.rank == SENIOR else [f"{at}.interest_scheduled"]
            for name in apart:
                label = f"{spec.label}: {g.label(name).lower()}"
                found.append(g.scalar(f"checks.{loan}_{name.rpartition('.')[2]}", total(Ref(name)), label, "money"))
    return found


def _capitalised(terms: Terms) -> list[Ref]:
    """Interest capitalised on every loan, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{group}_idc",
                total(Ref(f"funding.{group}.idc")),
                f"{spec.label}: interest capitalised",
                "money",
            )
            for group, spec in terms.deal.spec.funding.items()
            if terms.loans_of(group)
        ]
