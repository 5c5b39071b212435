"""Cover tests, cures, and triggers that change terms."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import (
    Count,
    Date,
    Flag,
    Id,
    Money,
    Months,
    Multiple,
    Rate,
    Section,
    Share,
    Text,
    YesNo,
    said,
)
from spvmodel.deal.stated import Reference


class Cure(Section):
    """The sponsors' right to put in money so that a failed default test of the DSCR is passed."""

    by: Literal["cash", "prepayment"] = said(
        "Cure by",
        "Cash: it counts as CFADS of the test and stays in the SPV. Prepayment: it repays the loans by the smallest "
        "amount whose share of the debt service of the last twelve months brings the test back, once the senior debt "
        "service of its date is paid.",
        "cash",
    )
    order: list[Annotated[Id, Reference("debt")]] = said(
        "Loans that a cure prepays", "In this order; left out, all senior loans in the order of the deal file.", []
    )
    most: Count = said("Cures in all", "Largest number of cures over the life of the debt.")
    in_a_row: Count = said("Cures in a row", "Largest number of consecutive periods that are cured.", "1")
    limit: Money | None = said("Limit of cures", "Largest amount of all cures together; left out, none.", None)


class Covenants(Section):
    """Cover tests."""

    first_test: Date | None = said(
        "First test",
        "Period ends before this date, which a delay of completion moves, are not tested; left out, each ratio is "
        "tested once it can be computed.",
        None,
    )
    lockup_dscr: Multiple = said("Lock-up DSCR", "Below it no distribution is made.", "0x")
    default_dscr: Multiple = said("Default DSCR", "Below it the loan is in default.", "0x")
    lockup_llcr: Multiple | None = said(
        "Lock-up LLCR",
        "Below it no distribution is made. Tested on the balances that the schedule of the senior debt owes, which "
        "cures by prepayment move, other prepayments and arrears not.",
        None,
    )
    default_llcr: Multiple | None = said(
        "Default LLCR", "Below it the loan is in default; tested on scheduled balances as the lock-up LLCR is.", None
    )
    default_debt_yield: Share | None = said(
        "Default debt yield", "Below it the loan is in default: NOI of the next twelve months / senior debt.", None
    )
    default_ltv: Share | None = said(
        "Default LTV", "Above it the loan is in default: secured debt / value; needs a valuation.", None
    )
    default_realization: Multiple | None = said(
        "Default contract realization",
        "Below it the loan is in default: invoiced / projected contracted revenue of the last three months, at least "
        "the period. Projected is take or pay on the whole capacity, without delay.",
        None,
    )
    first_realization_test: Date | None = said(
        "First test of the contract realization", "Period ends before this date are not tested.", None
    )
    release_tests: Count = said("Tests to release", "Consecutive passed tests that release trapped cash.", "1")
    sweep_after: Count | None = said(
        "Sweep of trapped cash",
        "Periods of lock-up in a row after which trapped cash repays the loans in the order of the sweep.",
        None,
    )
    cure: Cure | None = said("Equity cure", "Money of the sponsors that mends a failed test.", None)
    first_repayment: Flag = said(
        "Distributions only after the first repayment of principal",
        "Yes: no distribution is made before principal has been repaid for the first time.",
        "no",
    )


class Trigger(Section):
    """A condition that changes terms while it holds: exactly one condition, one effect or more.

    A ratio is tested at each period end and acts on the next period, for as long as the tests fail; an event acts from
    the first period that begins on or after its date. A margin grid is written as several triggers, each of which adds
    its own step.
    """

    label: Text = said("Name", "Name of the trigger.")
    dscr_below: Multiple | None = said(
        "DSCR below", "On while the DSCR of the last twelve months is below this at the last period end.", None
    )
    debt_yield_below: Share | None = said(
        "Debt yield below", "On while NOI of the next twelve months / senior debt is below this then.", None
    )
    ltv_above: Share | None = said(
        "LTV above", "On while secured debt / value is above this then; needs a valuation.", None
    )
    on: Date | None = said(
        "Event",
        "Day of a downgrade of the tenant, of a notice that a lease is not renewed, or the like; on for good in every "
        "period that begins on or after it. A date beyond the timeline: never.",
        None,
    )
    margin: Rate | None = said(
        "Step of the margin",
        "Added to the rate of the loans while on; may be negative. The steps of several triggers add up, so that a "
        "grid by cover or leverage is one trigger for each of its steps.",
        None,
    )
    loans: list[Annotated[Id, Reference("debt")]] = said(
        "Loans", "Loans whose margin steps; left out, all senior loans.", []
    )
    dsra_months: Months | None = said(
        "DSRA months while on", "The reserve holds at least these months of debt service.", None
    )
    sweep_share: Share | None = said(
        "Sweep while on",
        "At least this share of excess cash is swept once all is built, whatever start and cover the sweep waits for.",
        None,
    )
    blocks_distributions: YesNo = said("Blocks distributions", "Yes: nothing is distributed while on.", "no")
