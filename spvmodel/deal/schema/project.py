"""The timeline, and what is built and paid for."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.contract import Hardware
from spvmodel.deal.schema.kinds import (
    Area,
    Curve,
    Date,
    Day,
    Id,
    Lookback,
    Money,
    MoneyPerMonth,
    Months,
    NonNegativeRate,
    Power,
    Rate,
    Section,
    Share,
    Shares,
    Text,
    YesNo,
    said,
)
from spvmodel.deal.stated import (
    Kinded,
    Reference,
    Stated,
)


class Time(Section):
    """The timeline: calendar periods from first close to the end."""

    close: Date = said("Financial close", "First financial close; the first period ends strictly after it.")
    frequency: Literal["monthly", "quarterly", "semi-annual", "annual"] = said(
        "Frequency", "Length of a model period; fixed when the model is built."
    )
    end: Day | None = said(
        "End of the timeline",
        "The timeline runs to the period end on or after this date; fixed when the model is built. "
        "Default: on or after the last expiry of a lease or an income in any case.",
        None,
    )
    first_end: Day | None = said(
        "End of the first period",
        "At most two periods after close. Every later period ends on the same day of its month, or on the last day of "
        "each month where this is one; fixed when the model is built. Default: the end of the calendar period.",
        None,
    )
    closing: Literal["in the first period", "on its own"] = said(
        "Financial close",
        "On its own: what happens on the closing date stands in a period of no days before the first, as year 0 of "
        "an annual model; fixed when the model is built.",
        "in the first period",
    )


class Rates(Section):
    """The floating base rate."""

    index: Text = said("Index", "Name of the base rate, such as Term SOFR.")
    curve: Curve = said(
        "Base rate path",
        "Rates per annum; each holds from its date, and fixing says which of them a period takes. Dates with rates, or "
        "{csv: NAME.csv}, a file beside the deal file with the columns date and rate.",
    )
    fixing: Literal["term", "compounded in arrears"] = said(
        "Fixing of the base rate",
        "Term: a period takes the rate of its first day. Compounded in arrears: it takes the overnight rates of its "
        "days, compounded on the business days of US government securities, ACT/360; shift, spread adjustment, "
        "floors and caps apply to the compounded rate. Fixed when the model is built.",
        "term",
    )
    lookback: Lookback = said(
        "Lookback",
        "Business days by which the overnight rate of a day is that of an earlier one, where it is compounded in "
        "arrears, 0 to 10; its weight stays that of the day. Fixed when the model is built.",
        0,
    )
    until: Day | None = said(
        "End of the path",
        "Last day the path is known for; nothing that floats may accrue in a period that begins later, or ends later "
        "where it is compounded in arrears. Left out, the last rate holds on, and a path read from a file ends on its "
        "last date.",
        None,
    )
    shift: Rate = said("Shift of the base rate", "Added to the base rate of a period; 200 bp for a rate shock.", "0%")
    spread_adjustment: Rate | None = said(
        "Credit spread adjustment",
        "Added to the base rate of every floating loan, before its floor and cap; swaps and caps settle on the base "
        "rate without it.",
        None,
    )


class Damages(Section):
    """Liquidated damages: what the contractor pays the SPV while completion is late."""

    payer: Text = said("Payer", "The contractor that owes them.")
    monthly: MoneyPerMonth = said(
        "Liquidated damages", "Paid to the SPV for every month of delay, by days; revenue of the SPV."
    )
    agreed_completion: Date = said(
        "Agreed completion", "Day on which completion is due under the contract: the first day of damages when late."
    )
    cap: Money | None = said("Cap of damages", "Largest amount of all damages together; left out, none.", None)


class Construction(Section):
    """What holds for the whole construction programme."""

    delay: Months = said(
        "Delay of completion",
        "Months by which completion is late: ends of spending, lease commencements, ends of availability and "
        "completion of the loans and the first cover test move; maturities stay.",
        "0 months",
    )
    damages: Damages | None = said("Liquidated damages", "What a delay costs the contractor; left out, nothing.", None)
    draw_timing: Share = said(
        "Timing of draws in the period",
        "Share of the period that has passed when construction spending falls; 50% is the middle.",
        "50%",
    )
    overrun: Share = said(
        "Cost overrun",
        "Added to the cost of buildings and of uses of the kinds hard and hardware, as a share of it.",
        "0%",
    )


class Building(Section):
    """One building, or a group delivered and leased as one."""

    label: Text = said("Name", "Name of the building.")
    capacity: Power | None = said(
        "Capacity", "Critical IT load that a lease is charged on; needed where the building is let.", None
    )
    area: Area | None = said("Area", "Floor area that a lease is charged on by area.", None)
    budget: Money | None = said(
        "Budget",
        "Cost of the building, with the financing costs that funding.<group>.financing_budget sets apart; left out "
        "for a building that stands already.",
        None,
    )
    spending_start: Date | None = said("Start of spending", "First day of construction spending.", None)
    spending_end: Date | None = said("End of spending", "Last day of construction spending.", None)
    profile: Literal["straight line", "s-curve", "table"] = said(
        "Profile of spending", "Straight line by days, an S-curve between the two dates, or a table.", "straight line"
    )
    table: Shares | None = said(
        "Table of spending",
        "Dates and the share of the budget paid on each; 100% in all. A delay of completion leaves them.",
        None,
    )
    funded_by: Annotated[Id, Reference("funding")] | None = said(
        "Funded by", "The entry of funding that pays for this building.", None
    )


class Use(Section):
    """One cost of the project beside its buildings."""

    label: Text = said("Name", "Name of the cost.")
    kind: Literal[
        "land", "hard", "hardware", "soft", "contingency", "development fee", "working capital", "distribution", "other"
    ] = said("Kind", "What the money is spent on; a distribution goes to the sponsors.")
    amount: Money | None = said("Amount", "Cost; or give share.", None)
    share: Annotated[Stated, Kinded("share", high=0.5)] | None = said(
        "Share", "Cost as a share of the other costs named by share_of; or give amount.", None
    )
    share_of: list[Id] = said(
        "Share of",
        "Buildings and uses whose cost the share is taken of; left out, all of the same funding given as amounts.",
        [],
    )
    includes_itself: YesNo = said("Share of a total that includes it", "Yes: cost = base x share / (1 - share).", "no")
    spending_start: Date | None = said("Start of spending", "First day of spending; left out, paid at close.", None)
    spending_end: Date | None = said("End of spending", "Last day of spending.", None)
    profile: Literal["straight line", "s-curve", "table"] = said(
        "Profile of spending", "Straight line by days, an S-curve between the two dates, or a table.", "straight line"
    )
    table: Shares | None = said(
        "Table of spending",
        "Dates and the share of the cost paid on each; 100% in all. A delay of completion leaves them.",
        None,
    )
    hardware: Hardware | None = said("Hardware", "Life and resale value of a use of the kind hardware.", None)
    funded_by: Annotated[Id, Reference("funding")] = said("Funded by", "The entry of funding that pays for it.")


class Funding(Section):
    """Uses that are paid together, by the loans that fund them and by equity."""

    label: Text = said("Name", "What is funded.")
    order: Literal["pro rata", "equity first", "debt first"] = said(
        "Order of sources",
        "Pro rata: debt pays the same share of every use. Equity first: debt is drawn once equity has paid all that "
        "the loans leave. Debt first: equity pays once the loans are drawn.",
        "pro rata",
    )
    loans: Literal["together", "in turn"] = said(
        "Order of loans", "Several loans: drawn in proportion to their commitments, or one after the other.", "together"
    )
    revenue: Literal["kept", "used"] = said(
        "Revenue before completion",
        "Used: the net operating income of the periods before the last loan's completion pays uses before debt and "
        "equity do.",
        "kept",
    )
    financing_budget: Money = said(
        "Financing costs in the budget",
        "Fees, capitalised interest and the first DSRA filling that the budgets include. Construction cost is the "
        "budgets less this amount in every case; financing costs above it are an overrun that raises the uses.",
        "0",
    )
    equity_lc_fee: NonNegativeRate | None = said(
        "Fee of the equity letter of credit",
        "Per annum on equity still to come where debt is drawn first, while a loan can be drawn; a use of funds.",
        None,
    )
