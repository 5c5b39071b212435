"""Checks of sources, uses and revenue."""

from __future__ import annotations

from spvmodel.finance.checks.common import account_fillings, excess, largest, working_capital_filling
from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.damages import declare_damages_check
from spvmodel.finance.debt.bridge import bridges
from spvmodel.finance.debt.standby import declare_standby_checks
from spvmodel.finance.funding import feedbacks, fees_from_sources
from spvmodel.finance.operations.events import declare_event_checks
from spvmodel.finance.operations.payment import WRITTEN_OFF, writes_off
from spvmodel.finance.operations.recoveries import declare_recoveries_checks, recovering
from spvmodel.finance.operations.termination import termination_fees
from spvmodel.finance.reserves.dsra import (
    proceeds_accounts,
)
from spvmodel.finance.tax.vat import groups as vat_groups
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, absolute, lowest, sum_of, total


def declare_funding_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    loans = list(terms.deal.spec.debt)
    groups = terms.deal.spec.funding
    financed = fees_from_sources(terms) + [Ref(f"debt.{n}.dsra_funding") for n in loans]
    financed += [*working_capital_filling(terms), *account_fillings(terms)]
    financed += [Ref(f"funding.{group}.vat") for group in vat_groups(terms)]
    uses = sum_of(Ref("construction.spend"), *financed, *[Ref(f"debt.{n}.capitalised") for n in loans])
    revenue = [Ref("funding.revenue_used")] if g.has("funding.revenue_used") else []
    gap: Expr = uses - sum_of(Ref("funding.draws"), *revenue, Ref("funding.equity"))
    for at in proceeds_accounts(terms):
        gap = gap + Ref(f"{at}.closing") - Ref(f"{at}.opening")
    if bridges(terms):
        gap = gap + Ref("funding.bridge_repaid")
    gap = in_hand(terms, gap)
    label = "Sources equal uses in every period"
    g.check("checks.sources_uses", largest(terms, "sources_uses", gap, label), label, "money", tolerance)
    for loan in loans:
        name = terms.deal.spec.debt[loan].label
        drawn = total(Ref(f"debt.{loan}.draw")) - Ref(f"debt.{loan}.amount")
        g.check(
            f"checks.{loan}_commitment",
            excess(drawn),
            f"{name}: drawn within the commitment",
            "money",
            tolerance,
        )
    for group, spec in groups.items():
        name = spec.label
        low = lowest(Ref(f"funding.{group}.equity"))
        g.check(
            f"checks.{group}_equity",
            excess(-low),
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
    everything: Expr = total(Ref("revenue.total"))
    if writes_off(terms):
        with g.place("Checks", "Revenue by source"):
            everything = everything + g.scalar("checks.written_off", total(WRITTEN_OFF), "Rent written off", "money")
    gap = absolute(sum_of(*rents, *contracts, *incomes, *others) - everything)
    g.check("checks.revenue", gap, "Revenue by source adds up to revenue", "money", tolerance)
