"""What a deal file may say: every section and key, with its kind, label and meaning.

Unknown keys are refused. The dotted name of an input is its path here: ``debt.loan_a.margin``.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from spvmodel.deal.calendars import Rule
from spvmodel.deal.schedules import Schedule
from spvmodel.deal.stated import (
    MOST_LOOKBACK,
    Identifier,
    Kinded,
    Reference,
    Stated,
    business_days,
    iso_date,
    unambiguous,
)

Money = Annotated[Stated, Kinded("money")]
MoneyPerYear = Annotated[Stated, Kinded("money_per_year")]
Rate = Annotated[Stated, Kinded("rate")]
NonNegativeRate = Annotated[Stated, Kinded("rate", low=0.0)]
Share = Annotated[Stated, Kinded("share")]
Months = Annotated[Stated, Kinded("months")]
Term = Annotated[Stated, Kinded("months", low=1.0)]
Date = Annotated[Stated, Kinded("date")]
Power = Annotated[Stated, Kinded("power")]
Rent = Annotated[Stated, Kinded("rent")]
Charge = Annotated[Stated, Kinded("charge")]
Multiple = Annotated[Stated, Kinded("multiple")]
Flag = Annotated[Stated, Kinded("flag")]
Count = Annotated[Stated, Kinded("count", low=1.0)]
Curve = Annotated[Stated, Kinded("curve")]
Amounts = Annotated[Stated, Kinded("amounts")]
Balances = Annotated[Stated, Kinded("balances")]
Levels = Annotated[Stated, Kinded("levels")]
Shares = Annotated[Stated, Kinded("shares")]
Multiples = Annotated[Stated, Kinded("multiples")]
Cover = Annotated[Stated, Kinded("multiple", low=0.5)]
YesNo = Literal["yes", "no"]
DayCount = Annotated[
    Literal[
        "ACT/360", "ACT/365F", "ACT/ACT ISDA", "ACT/ACT ICMA", "30/360 Bond Basis", "30U/360", "30E/360",
        "30E/360 ISDA", "NL/365", "1/1", "by period",
    ],
    BeforeValidator(unambiguous),
]  # fmt: skip
Day = Annotated[dt.date, BeforeValidator(iso_date)]
Lookback = Annotated[
    int, BeforeValidator(business_days), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_LOOKBACK})
]
Id = Annotated[str, Identifier()]
DealId = Annotated[str, Identifier(hyphens=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
AtLeastOne = Field(min_length=1)
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def said(title: str, description: str, default: Any = ..., *, key: str | None = None) -> Any:
    """A key: the label a reader sees, what it means, and the default as a deal file would write it.

    ``key`` is the word for it in a deal file where that cannot be the name of a field.
    """
    return Field(default=default, title=title, description=description, validate_default=default is not None, alias=key)


class Section(BaseModel):
    """A mapping of the deal file in which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


class Source(Section):
    """A document that figures come from."""

    title: Text = said("Title", "Publisher, document and date, as a memo would cite it.")
    url: Text | None = said("Address", "Where the document was read.", None)
    date: Day | None = said("Date", "Date of the document.", None)
    note: Text | None = said("Note", "How reliable it is, and what it was read through.", None)


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


class Construction(Section):
    """What holds for the whole construction programme."""

    delay: Months = said(
        "Delay of completion",
        "Months by which completion is late: ends of spending, lease commencements, ends of availability and "
        "completion of the loans move; maturities stay.",
        "0 months",
    )
    draw_timing: Share = said(
        "Timing of draws in the period",
        "Share of the period that has passed when construction spending falls; 50% is the middle.",
        "50%",
    )
    overrun: Share = said(
        "Cost overrun", "Added to the cost of buildings and of uses of the kind hard, as a share of it.", "0%"
    )


class Building(Section):
    """One building, or a group delivered and leased as one."""

    label: Text = said("Name", "Name of the building.")
    capacity: Power | None = said(
        "Capacity", "Critical IT load that a lease is charged on; needed where the building is let.", None
    )
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
        "land", "hard", "soft", "contingency", "development fee", "working capital", "distribution", "other"
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


class Lease(Section):
    """One lease of one building."""

    label: Text = said("Name", "Name of the lease.")
    building: Annotated[Id, Reference("building")] = said("Building", "The building that is let.")
    tenant: Text = said("Tenant", "The party that owes the rent.")
    rent: Rent = said("Base rent, first year", "Base rent of the first lease year per kW of capacity and month.")
    commencement: Date = said("Commencement", "First day of the lease.")
    term: Term | None = said("Term", "Length of the lease from commencement; or give expiry.", None)
    expiry: Date | None = said("Expiry", "Last day of the lease; or give term.", None)
    escalation: Share = said("Escalation", "Rise of the rent at each anniversary of commencement.", "0%")
    free_rent: Months = said("Rent-free period", "Months from commencement in which no base rent is due.", "0 months")
    revenue: Literal["contracted", "merchant"] = said(
        "Class of revenue", "Sizing may ask a higher cover of merchant revenue.", "contracted"
    )


class Income(Section):
    """Revenue beside leases: a capacity payment, an energy or service contract, sales at market prices."""

    label: Text = said("Name", "Name of the revenue.")
    payer: Text = said("Payer", "The party that owes it, or the market.")
    amount: MoneyPerYear | None = said(
        "Yearly amount", "Revenue of the first year; left out, the dated amounts are all there is.", None
    )
    commencement: Date | None = said(
        "Commencement",
        "First day that earns, before any delay; left out, the day after close, which no delay moves.",
        None,
    )
    expiry: Date | None = said("Expiry", "Last day that earns; left out, the end of the timeline.", None)
    escalation: Rate | None = said("Escalation", "Rise of the price at each anniversary of commencement.", None)
    degradation: Share | None = said("Degradation", "Fall of the volume at each anniversary of commencement.", None)
    amounts: Amounts | None = said(
        "Dated amounts", "Single receipts, such as a salvage value; no delay and no escalation moves them.", None
    )
    revenue: Literal["contracted", "merchant"] = said(
        "Class of revenue", "Sizing may ask a higher cover of merchant revenue.", "contracted"
    )


class Opex(Section):
    """One cost that the landlord bears."""

    label: Text = said("Name", "Name of the cost.")
    share_of_rent: Share | None = said("Share of rent", "Cost as a share of base rent.", None)
    share_of_revenue: Share | None = said("Share of revenue", "Cost as a share of all revenue.", None)
    amount: MoneyPerYear = said(
        "Yearly amount", "Cost a year, by days of operation, at prices of the year from which it escalates.", "0"
    )
    escalation: Share = said("Escalation", "Rise of the yearly amount each year.", "0%")
    escalates: Literal["each January", "each year of operation"] = said(
        "Time of escalation",
        "Each January from close, or at each anniversary of the first day with revenue.",
        "each January",
    )
    decline: Share | None = said(
        "Decline",
        "Yearly fall of the amount as a share of the first, as of a tax on a declining assessed value; never below 0.",
        None,
    )


class Repayment(Section):
    """How a loan is repaid between the end of its interest-only time and its maturity."""

    profile: Literal[
        "mortgage", "level", "sculpted", "straight line", "custom amounts", "custom shares", "bullet", "target balance"
    ] = said(
        "Profile",
        "Mortgage: the principal of a notional level schedule, the rest a balloon. Level: equal debt service. "
        "Sculpted: debt service follows the cash flow at the target cover. Straight line: equal principal. "
        "Custom: amounts or shares of principal by date. Bullet: all at maturity. Target balance: down to a balance "
        "by date.",
    )
    interest_only_until: Date | None = said(
        "Interest only until", "Repayment starts after this day; left out, after completion.", None
    )
    term: Term | None = said("Amortisation term", "Length of the notional schedule of a mortgage.", None)
    rate: NonNegativeRate | None = said("Amortisation rate", "Rate of the notional schedule of a mortgage.", None)
    level_by: Literal["period", "days"] = said(
        "Equal debt service",
        "Period: every period counts alike, the rate per annum divided by the periods of a year. Days: interest by "
        "the loan's day count, the payment solved so that the loan is repaid.",
        "days",
    )
    balloon: Annotated[Stated, Kinded("share", high=0.99)] = said(
        "Balloon", "Share of the balance at the first repayment that is left for maturity.", "0%"
    )
    amounts: Amounts | None = said("Amounts", "Principal by date; with a balloon, less than the loan.", None)
    shares: Shares | None = said("Shares", "Share of the balance at the first repayment, by date.", None)
    balances: Balances | None = said("Target balances", "Balance that the loan is paid down to on each date.", None)


class Refinancing(Section):
    """A refinancing at maturity that a sized loan must pass."""

    dscr: Cover = said("Refinance DSCR", "Cover that the stressed refinancing must reach.")
    rate: NonNegativeRate = said("Refinance rate", "Stressed rate of the refinancing.")
    term: Term = said("Refinance amortisation", "Length of its level schedule.")


class Downside(Section):
    """A second income on which a loan must be carried, as lenders' downside or rating case."""

    income: Share = said("Income of the downside", "Share of CFADS that is left.")
    dscr: Cover = said("DSCR of the downside", "Cover that it must reach.")


class Sizing(Section):
    """Constraints on the amount of a loan; the smallest capacity binds."""

    gearing: Share | None = said("Gearing", "Largest share of total uses that debt may pay.", None)
    gearing_fee: Literal["solved", "first order"] = said(
        "Fee in the gearing",
        "Solved: debt is its share of uses that contain its own fee exactly. First order: the uses before the fee x "
        "gearing x (1 + gearing x fee), as some programs reckon, a little less.",
        "solved",
    )
    dscr: Cover | None = said("Target DSCR", "Cover of debt service by contracted cash flow in every period.", None)
    dscr_merchant: Cover | None = said("Target DSCR, merchant", "Cover by merchant cash flow; left out, as dscr.", None)
    dscr_steps: Multiples | None = said("Target DSCR by date", "Each holds from its date, in place of dscr.", None)
    downside: Downside | None = said("Downside", "A second income on which the loan must be carried.", None)
    llcr: Cover | None = said("LLCR", "Least loan life cover when repayment starts.", None)
    plcr: Cover | None = said("PLCR", "Least project life cover when repayment starts.", None)
    ltv: Share | None = said("LTV", "Largest share of the value when repayment starts.", None)
    debt_yield: Share | None = said("Debt yield", "Least NOI of twelve months / debt when repayment starts.", None)
    exit_ltv: Share | None = said("Exit LTV", "Largest balloon as a share of the value at maturity.", None)
    exit_debt_yield: Share | None = said("Exit debt yield", "Least NOI of twelve months at maturity / balloon.", None)
    refinancing: Refinancing | None = said("Refinancing test", "What the balloon must pass at maturity.", None)
    amount: Money | None = said("Amount", "Largest amount.", None)
    wal: Term | None = said("WAL", "Longest weighted average life from the loan's close.", None)
    tail: Months | None = said("Tail", "Months before the end of the income by which the loan must be repaid.", None)
    above_cost: YesNo = said(
        "Debt above cost",
        "Yes: the uses the loan funds do not limit its size. No more than the uses is drawn all the same, and the rest "
        "is a commitment that bears its fees; what is to be paid out to sponsors is a use of kind distribution.",
        "no",
    )


class Pik(Section):
    """Interest that is added to the loan in place of payment in cash."""

    share: Share = said("PIK share", "Share of interest that is always added to the loan.", "100%")
    toggle: YesNo = said(
        "PIK toggle",
        "Yes: interest that cash does not cover is added too, and is no default; always so for shareholder loans.",
        "no",
    )


class Ard(Section):
    """An anticipated repayment date: afterwards a higher rate, and all excess cash repays the loan."""

    date: Date = said("Anticipated repayment date", "From then on all excess cash repays the loan.")
    step_up: NonNegativeRate = said("Step-up", "Added to the rate after the anticipated repayment date.", "0%")


class Extension(Section):
    """An option to extend the maturity, with the tests that must be passed."""

    until: Date = said("Extended maturity", "Maturity when the extension is granted.")
    dscr: Multiple | None = said(
        "DSCR to extend", "Least DSCR of the twelve months to the last period end before the maturity.", None
    )
    debt_yield: Share | None = said(
        "Debt yield to extend", "Least NOI of the next twelve months / debt at that period end.", None
    )
    ltv: Share | None = said("LTV to extend", "Largest debt / value at that period end; needs a valuation.", None)
    fee: Share = said(
        "Extension fee", "Share of the balance, paid when the extension begins; no part of debt service.", "0%"
    )
    margin_step: NonNegativeRate = said(
        "Margin step", "Added to the rate in every period that begins on or after the initial maturity.", "0%"
    )


class Prepayment(Section):
    """Voluntary prepayment and what it costs."""

    amounts: Amounts = said(
        "Prepayments", "Principal prepaid by date, at the period end, from cash after debt service and a full DSRA."
    )
    make_whole: Rate | None = said(
        "Make-whole discount rate",
        "Premium: scheduled service to the maturity discounted at this rate less the principal, if above 0.",
        None,
    )
    fee: Share = said("Prepayment fee", "Share of the principal prepaid.", "0%")


class PaymentDays(Section):
    """The business days on which a loan is paid."""

    calendar: Literal["none", "US government securities", "Federal Reserve", "TARGET"] = said(
        "Calendar", "Whose holidays count; none knows weekends only."
    )
    rule: Rule = said("Rule", "Where a period end moves that is no business day.", "modified following")
    accrual: Literal["adjusted", "unadjusted"] = said(
        "Accrual", "Adjusted: interest accrues up to the day of payment. Unadjusted: up to the period end.", "adjusted"
    )


class Debt(Section):
    """One loan: drawn for the uses it funds, then repaid."""

    label: Text = said("Name", "Name of the loan.")
    rank: Literal["senior", "second lien", "mezzanine", "holdco", "shareholder", "equity bridge"] = said(
        "Rank",
        "Order in which loans are paid; loans of one rank share in proportion. An equity bridge is drawn in place of "
        "equity, which repays it at maturity: its interest and fees are uses of funds up to then, and neither gearing "
        "nor cover counts it as debt.",
        "senior",
    )
    sequence: Annotated[Stated, Kinded("count", low=1.0, high=9.0)] | None = said(
        "Sequence", "Within a rank, loans of a later sequence get principal after those of an earlier.", None
    )
    funds: Annotated[Id, Reference("funding")] = said("Funds", "The entry of funding that the loan pays for.")
    draws_for: Literal["uses", "overrun"] = said(
        "Draws for",
        "Uses: the loan pays for what it funds. Overrun: a standby facility, which lends no more than what "
        "construction.overrun adds to buildings and hard uses and, where the funding states a financing_budget, what "
        "financing costs exceed it by. It is drawn in the order of its funding: last, if listed last and in turn. Fees "
        "are charged on its whole commitment; beside it, gearing and cost of sized loans are taken of the budget.",
        "uses",
    )
    overrun_share: Share | None = said(
        "Share of the overrun", "What a standby facility pays of it; left out, all. Other sources pay the rest.", None
    )
    close: Date = said("Close", "Signing of the loan; the first day it can be drawn.")
    commitment: Money | None = said("Commitment", "Amount the lenders committed; or give sizing.", None)
    sizing: Sizing | None = said("Sizing", "Constraints that the amount follows from; or give commitment.", None)
    margin: NonNegativeRate | None = said("Margin", "Added to the base rate, per annum; or give fixed_rate.", None)
    margin_steps: Curve | None = said("Margin steps", "Margins that hold from later dates on.", None)
    fixed_rate: NonNegativeRate | None = said("Fixed rate", "Rate per annum; or give margin.", None)
    floor: Rate = said("Floor of the base rate", "Lowest base rate the loan bears, before the margin.", "0%")
    cap: Annotated[Stated, Kinded("rate", low=0.0)] | None = said(
        "Cap of the base rate", "Highest base rate the loan bears, before the margin.", None
    )
    default_margin: NonNegativeRate | None = said(
        "Default interest", "Added to the loan's rate on overdue amounts alone, while they are overdue.", None
    )
    day_count: DayCount = said(
        "Day count",
        "Fraction of a year that interest of a period is charged for; by period counts all alike.",
        "ACT/360",
    )
    payment_days: PaymentDays | None = said(
        "Payment days",
        "Business days of payment; left out, the period ends. Flows stand at period ends of the model either way; "
        "dates of the documents that are no period ends are taken as they are written.",
        None,
    )
    upfront_fee: Share = said("Upfront fee", "Share of the commitment, paid at close.", "0%")
    discount: Annotated[Stated, Kinded("share", high=0.5)] | None = said(
        "Original issue discount", "Share of each draw that the lenders keep; a use of funds.", None
    )
    commitment_fee: NonNegativeRate = said("Commitment fee", "Per annum on the undrawn commitment.", "0%")
    agency_fee: MoneyPerYear = said(
        "Agency fee", "A year, while the loan is outstanding; accrues by actual days / 365.", "0"
    )
    exit_fee: Share | None = said(
        "Exit fee",
        "Share of principal and balloon of a senior loan, due as they fall due; a sweep bears none.",
        None,
    )
    availability_end: Date | None = said(
        "End of availability", "Last day the loan can be drawn; left out, the day it closes.", None
    )
    completion: Date | None = said(
        "Completion",
        "Interest is capitalised until this day and paid in cash after it; left out, never capitalised.",
        None,
    )
    repayment: Repayment = said("Repayment", "How the loan is repaid.")
    maturity: Date = said("Maturity", "Final day; what is not repaid by then is the balloon.")
    draws: Amounts | None = said(
        "Draws",
        "Dated draws as the documents fix them; each accrues interest from its date. "
        "Left out, the loan is drawn as its funding says.",
        None,
    )
    pik: Pik | None = said("PIK", "Interest that is added to the loan.", None)
    ard: Ard | None = said("ARD", "Anticipated repayment date.", None)
    extension: Extension | None = said("Extension", "Option to extend the maturity.", None)
    prepayment: Prepayment | None = said("Prepayment", "Voluntary prepayment.", None)


class Sweep(Section):
    """Cash after debt service and a full DSRA that repays debt early."""

    share: Share = said("Sweep", "Share of the excess cash.")
    order: Annotated[list[Annotated[Id, Reference("debt")]], AtLeastOne] = said(
        "Order", "Loans in the order in which they are swept; senior, second lien or mezzanine."
    )
    application: Literal["inverse", "pro rata", "forward"] = said(
        "Application",
        "Which later instalments a sweep pays: the last ones first, all in proportion, or the next ones first.",
        "inverse",
    )
    start: Date | None = said(
        "Start",
        "First day of the sweep, which begins with a whole period, once all is built; left out, from then on.",
        None,
    )
    below_dscr: Multiple | None = said(
        "Only below", "Sweeps only in periods whose DSCR of the last twelve months is below this.", None
    )


class Hedge(Section):
    """An interest rate swap or cap on a loan."""

    label: Text = said("Name", "Name of the hedge.")
    kind: Literal["swap", "cap"] = said(
        "Kind", "A swap pays a fixed rate for the base rate; a cap pays what lies above."
    )
    loan: Annotated[Id, Reference("debt")] = said("Loan", "The loan that is hedged.")
    share: Share | None = said("Hedged share", "Notional as a share of the scheduled balance; or give schedule.", None)
    schedule: Levels | None = said(
        "Notional schedule",
        "Notional from each date on: a period takes that of its first day; or give share. It may outlive the loan: "
        "then it is broken, at its value, when the loan matures.",
        None,
    )
    rate: Rate = said("Rate", "Fixed rate of a swap, strike of a cap.")
    credit_margin: NonNegativeRate = said("Credit margin", "Added to the fixed rate of a swap.", "0%")
    start: Date | None = said("Start", "First day of the hedge; left out, the loan's close.", None)
    end: Date | None = said("End", "Last day of the hedge; left out, the loan's maturity.", None)
    premium: Money = said("Premium", "Paid at the start of a cap, as a use of funds.", "0")


class Valuation(Section):
    """Value of the collateral over time."""

    cap_rate: Annotated[Stated, Kinded("share", low=0.005)] | None = said(
        "Capitalisation rate", "Value = NOI of the next twelve months / this rate; or give amount.", None
    )
    amount: Money | None = said("Value", "Value as appraised, held over time; or give cap_rate.", None)


class Takeout(Section):
    """The refinancing of the balloons: one long facility for all loans."""

    rate: NonNegativeRate = said("Take-out rate", "Fixed all-in rate per annum of the take-out debt.")
    sizing_rate: NonNegativeRate | None = said(
        "Take-out sizing rate", "Stressed rate at which its capacity is tested; left out, its rate.", None
    )
    ltv: Share | None = said("Take-out LTV", "Largest share of the value at issue.", None)
    debt_yield: Annotated[Stated, Kinded("share", low=0.001)] | None = said(
        "Take-out debt yield", "Least NOI of the next twelve months / take-out debt at issue.", None
    )
    release_excess: YesNo = said(
        "Release of the excess",
        "Yes: the take-out is drawn to its capacity when the last loan matures, and what the loans do not need is "
        "left to the waterfall; no: it is drawn as needed.",
        "no",
    )
    upfront_fee: Annotated[Stated, Kinded("share", high=0.2)] = said(
        "Take-out upfront fee", "Share of the take-out debt, paid at issue; at most 20%.", "0%"
    )
    dscr: Annotated[Stated, Kinded("multiple", low=1.0)] = said(
        "Take-out sizing DSCR", "Cover at which the take-out debt is sized on the cash flow left."
    )
    final_maturity: Date = said(
        "Take-out final maturity",
        "Date by which the take-out debt is repaid in full; at least a whole period after the last loan matures.",
    )


class Facility(Section):
    """A revolver, or a letter of credit that becomes a loan when it is drawn; it covers what cash does not."""

    label: Text = said("Name", "Name of the facility.")
    kind: Literal["revolver", "letter of credit"] = said(
        "Kind", "A revolver is drawn, a letter of credit is called; what is owed for it is the same."
    )
    limit: Money = said("Limit", "The most that is drawn, interest apart; what is reimbursed can be drawn again.")
    close: Date | None = said(
        "Available from", "First period end at which it can be drawn; left out, financial close.", None
    )
    until: Date = said("Available until", "Last period end at which it can be drawn; what is owed is due in any case.")
    undrawn_fee: NonNegativeRate = said(
        "Fee on what is not drawn", "Per annum, ACT/360, while it is available; a senior fee.", "0%"
    )
    margin: NonNegativeRate | None = said(
        "Margin", "Added to the base rate on what is drawn, ACT/360; or give fixed_rate.", None
    )
    fixed_rate: NonNegativeRate | None = said("Fixed rate", "On what is drawn, ACT/360; or give margin.", None)


class Dsra(Section):
    """The debt service reserve account; no months, no reserve."""

    months: Months = said("DSRA months", "Months of scheduled debt service that the reserve holds.", "0 months")
    look: Literal["ahead", "behind"] = said(
        "Look of the DSRA",
        "Ahead: the debt service of the next months. Behind: that of the last months, until the last service. "
        "Balloons are left out.",
        "ahead",
    )
    amount: Money | None = said(
        "DSRA amount",
        "A fixed amount in place of months, held from the first senior loan until the last senior service.",
        None,
    )
    proration: Literal["days", "months"] = said(
        "Cut period",
        "A period that the window cuts counts by its days in the window, or by months: 6 of 12 months are half.",
        "days",
    )
    funded: Literal["at completion", "at close", "from cash flow"] = said(
        "First filling",
        "At completion or at close it is a use of funds; from cash flow it is built up after completion.",
        "at completion",
    )
    lc_fee: NonNegativeRate | None = said(
        "Fee of a DSRA letter of credit",
        "Per annum on the target; given, a letter of credit stands in place of cash, and the fee is a senior fee.",
        None,
    )
    lc_margin: NonNegativeRate | None = said(
        "Margin of a drawn DSRA letter of credit",
        "Given (or lc_rate), it is drawn for the steps that the DSRA covers, and the draw is a loan at the base rate "
        "and this margin, ACT/360, until it is reimbursed. Left out, the letter of credit is not drawn.",
        None,
    )
    lc_rate: NonNegativeRate | None = said(
        "Rate of a drawn DSRA letter of credit", "Fixed, ACT/360, in place of lc_margin.", None
    )


VERBS = ("pay", "fund", "sweep", "test", "distribute")
"""What a step of the waterfall does with cash."""


class WaterfallStep(Section):
    """One step of the waterfall: exactly one of pay, fund, sweep, test, distribute, and its terms."""

    pay: (
        Literal[
            "operating costs", "taxes", "fees", "hedges", "senior interest", "senior principal", "balloons",
            "exit fees", "reimbursements", "prepayments", "second lien", "second lien interest",
            "second lien principal", "second lien balloons", "mezzanine", "mezzanine interest",
            "mezzanine principal", "mezzanine balloons", "holdco", "holdco interest", "holdco principal",
            "holdco balloons", "shareholder loans", "shareholder loan interest", "shareholder loan principal",
            "shareholder loan balloons",
        ]
        | None
    ) = said("Pay", "What is paid; debt below the senior loans by rank, in one step or in three.", None)  # fmt: skip
    fund: Text | None = said(
        "Fund",
        "The reserve that is paid into, up to its target: capital reserves, dsra, working capital, or an entry of "
        "reserves.account.",
        None,
    )
    sweep: Literal["excess cash"] | None = said(
        "Sweep", "The cash sweep of the section sweep, and of loans past their anticipated repayment date.", None
    )
    test: Literal["lock-up"] | None = said("Test", "The lock-up test: what it does not let go is trapped.", None)
    distribute: Literal["equity"] | None = said("Distribute", "Whatever is left goes to the sponsors.", None)
    limit: MoneyPerYear | None = said(
        "Limit",
        "The most that fees, a reserve or the sweep are paid, a year, cut by the length of the period; what is due "
        "beyond it stays due and is not overdue. Distributions still wait for a full DSRA.",
        None,
    )
    from_: Date | None = said(
        "From",
        "A reserve is paid into, or cash is swept, only at period ends on or after this date. Targets stay: "
        "distributions still wait for a full DSRA.",
        None,
        key="from",
    )
    support: list[Text] = said(
        "Support",
        "Accounts and facilities that cover what cash does not, in the order in which they are drawn: dsra (its cash, "
        "then its letter of credit), working capital, entries of reserves.account and of facility.",
        [],
    )

    @property
    def verbs(self) -> list[str]:
        """What the step does with cash: one of the verbs, if it is a step."""
        return [verb for verb in VERBS if getattr(self, verb) is not None]

    @property
    def verb(self) -> str:
        """The first of them, or "" where there is none."""
        return next(iter(self.verbs), "")

    @property
    def object(self) -> str:
        """What is paid, funded, swept, tested or distributed."""
        return str(getattr(self, self.verb)) if self.verb else ""

    @property
    def label(self) -> str:
        """The step in words, as labels of its inputs name it."""
        return self.object


Depreciation = Literal[
    "MACRS 5", "MACRS 7", "MACRS 15", "MACRS 20", "straight line 5", "straight line 15", "straight line 20",
]  # fmt: skip


class CapitalReserve(Section):
    """A reserve that is filled evenly for works that come round every few years."""

    label: Text = said("Name", "What the reserve is for.")
    cost: Money = said("Cost", "Cost of the works at the prices of price_date.")
    cycle: Term = said("Cycle", "Months between the works, and from start to the first; at least a model period.")
    start: Date | None = said("Start", "Day that the cycles are counted from; left out, financial close.", None)
    until: Date | None = said(
        "Until",
        "Last day on which works are done; works that would be later are neither done nor saved for. "
        "Left out, the end of the timeline.",
        None,
    )
    escalation: Share = said("Escalation", "Rise of the cost each January.", "0%")
    price_date: Date | None = said(
        "Date of the prices", "The cost rises in each January after this date; left out, financial close.", None
    )
    depreciation: Literal[Depreciation, "expensed"] = said(
        "Tax treatment of the works",
        "Depreciated from the tax year of the works, or deducted when they are done.",
        "expensed",
    )


class Weights(Section):
    """How much of the works of each year ahead an account holds."""

    year_1: Share = said("Weight of the first year ahead", "Share of the works of the next twelve months.")
    year_2: Share | None = said("Weight of the second year ahead", "Share of the works of the year after.", None)
    year_3: Share | None = said("Weight of the third year ahead", "Share of the works of the third year.", None)
    year_4: Share | None = said("Weight of the fourth year ahead", "Share of the works of the fourth year.", None)
    year_5: Share | None = said("Weight of the fifth year ahead", "Share of the works of the fifth year.", None)


class ReserveAccount(Section):
    """A reserve that cash flow fills up to its target: exactly one of amount, months, per_kw or weights."""

    label: Text = said("Name", "What the account is for.")
    amount: Money | None = said(
        "Amount", "A fixed target, as of minimum cash, liquidity, or a reserve for an event of a lease.", None
    )
    months: Term | None = said(
        "Months of costs",
        "Operating costs of so many months ahead, as of a reserve for operations, ground rent, taxes or insurance; "
        "costs fall by days, so an escrow holds the months until its next bill.",
        None,
    )
    costs: list[Annotated[Id, Reference("opex")]] = said(
        "Costs", "The operating costs whose months are held; left out, all of them.", []
    )
    per_kw: Charge | None = said(
        "Accrual", "Saved a year for each kW of all buildings, by days, as for leasing costs or replacements.", None
    )
    cap: Money | None = said("Cap", "Balance at which per_kw stops to accrue; left out, none.", None)
    weights: Weights | None = said(
        "Weights", "Shares of the works of the years ahead, as of a maintenance reserve.", None
    )
    works: Amounts | None = said(
        "Works",
        "Dated amounts that are paid from the account, deducted for tax as they fall due; what it does not cover is "
        "due from cash flow, and stays owed until it is paid.",
        None,
    )
    start: Date | None = said("Start", "First day of the account; left out, the first day with revenue.", None)
    full_by: Date | None = said(
        "Full by",
        "An amount is built in equal instalments from start to this day; left out, it is due at once.",
        None,
    )
    until: Date | None = said(
        "Until",
        "The day on which the account is released, as when a lease is renewed: period ends on or after it hold "
        "nothing. Left out, the last day with revenue.",
        None,
    )
    funded: Literal["from cash flow", "at close"] = said(
        "First filling",
        "At close it is a use of funds, and the account is held from then on; otherwise cash flow fills it.",
        "from cash flow",
    )
    rank: Literal["before debt service", "after debt service"] | None = said(
        "Rank",
        "Before debt service: scheduled contributions, less releases, come off CFADS. Left out, after debt service, or "
        "where the waterfall lists it.",
        None,
    )
    counts_for_lockup: YesNo = said(
        "Counts for lock-up", "Yes: nothing is distributed while the account is short of its target.", "yes"
    )


class Reserves(Section):
    """Reserve accounts."""

    dsra: Dsra = said("DSRA", "Debt service reserve account.", {})
    capital: dict[Id, CapitalReserve] = said("Capital reserves", "Reserves for works and equipment.", {})
    account: dict[Id, ReserveAccount] = said(
        "Accounts",
        "Other reserve accounts. By default an amount that is held at once covers senior debt service, after the DSRA, "
        "and months of costs cover operating costs; a waterfall that is listed says so itself.",
        {},
    )
    working_capital_months: Annotated[Stated, Kinded("months", high=12.0)] | None = said(
        "Working capital months",
        "Months of operating costs ahead that are held from financial close, a use of funds; cash flow tops the "
        "reserve up after debt service. Left out, there is no such reserve.",
        None,
    )
    interest: Rate | None = said(
        "Interest on accounts",
        "Per annum on the opening balances of all accounts; cash of the period, and a part of CFADS where "
        "interest_in_cfads says so.",
        None,
    )
    interest_in_cfads: YesNo = said(
        "Interest on accounts in CFADS",
        "Yes: interest on accounts counts in CFADS, but for that on trapped cash, which cover itself decides on.",
        "no",
    )


class TaxClass(Section):
    """A part of the depreciable cost that has a schedule of its own."""

    label: Text = said("Name", "Name of the class.")
    share: Share | None = said(
        "Share", "Share of the depreciable cost; the shares of all classes are 100%. Or give covers.", None
    )
    covers: list[Id] = said(
        "Covers",
        "Buildings and uses of the class, each in one class; financing costs are spread over them in proportion. "
        "Or give share.",
        [],
    )
    depreciation: Annotated[str, Schedule(custom=True)] = said(
        "Depreciation", "Schedule of the class: one of those of tax.depreciation, or custom with shares."
    )
    shares: Shares | None = said(
        "Shares by date",
        "Of a custom schedule: dates and the share of the cost deducted on each, 100% in all. What is dated before "
        "the cost is placed in service is deducted then.",
        None,
    )
    bonus: Share | None = said(
        "Bonus depreciation", "Share of the cost of the class that is deducted in the first tax year.", None
    )
    acquired: Date | None = said(
        "Acquired",
        "Day of the binding contract; the bonus then follows from it and from the day placed in service, by "
        "bonus_rates. Or give bonus.",
        None,
    )


class BonusRates(Section):
    """Bonus depreciation by date: Internal Revenue Code, section 168(k), as amended by Public Law 119-21 of 2025.

    Left out: long-production property, aircraft, and the election of a lower share in the first year of the new law.
    """

    since: Date = said(
        "Bonus: first day of the 2025 law",
        "Property acquired on or after this day has the full share: Public Law 119-21, section 70301, which says after "
        "19 January 2025.",
        "2025-01-20",
    )
    full: Share = said("Bonus: acquired under the 2025 law", "Permanent by the same section.", "100%")
    placed_to_2022: Share = said(
        "Bonus: placed in service to 2022", "Of what was acquired earlier, by the law of 2017.", "100%"
    )
    placed_2023: Share = said("Bonus: placed in service in 2023", "Of what was acquired earlier.", "80%")
    placed_2024: Share = said("Bonus: placed in service in 2024", "Of what was acquired earlier.", "60%")
    placed_2025: Share = said("Bonus: placed in service in 2025", "Of what was acquired earlier.", "40%")
    placed_2026: Share = said("Bonus: placed in service in 2026", "Of what was acquired earlier.", "20%")
    placed_later: Share = said("Bonus: placed in service later", "Of what was acquired earlier.", "0%")


class InterestLimit(Section):
    """Limit of the interest deducted: Internal Revenue Code, section 163(j).

    Disallowed interest is carried forward without limit of time. Fees are no interest here (Treasury Decision 9905),
    nor is interest capitalised into the depreciable cost.
    """

    share: Share = said(
        "Limit of interest", "Share of adjusted taxable income, to which interest earned is added.", "30%"
    )
    ati: Literal["EBITDA", "EBIT"] = said(
        "Adjusted taxable income",
        "EBITDA: before depreciation, as in tax years that begin after 2024 (Public Law 119-21) and before 2022. "
        "EBIT: after depreciation, as in those between.",
        "EBITDA",
    )


class Tax(Section):
    """Income taxes on what the SPV earns; left out, the SPV is a pass-through entity."""

    federal_rate: Share = said("Federal rate", "On income less state tax.")
    state_rate: Share = said("State rate", "On income.", "0%")
    depreciation: Annotated[str, Schedule()] | None = said(
        "Depreciation",
        "Schedule of the depreciable cost, MACRS of 5, 7, 15 or 20 years or straight line of N, by the convention; "
        "mid-month for 39 years and where it says so. Or give classes.",
        None,
    )
    classes: dict[Id, TaxClass] = said(
        "Classes", "Parts of the depreciable cost, each with a schedule of its own; or give depreciation.", {}
    )
    convention: Literal["half-year", "mid-quarter", "40% test"] = said(
        "Convention",
        "Of the first tax year. 40% test: mid-quarter where the cost is placed in service in the last quarter of the "
        "tax year, half-year else, as more than 40% of it is then (Internal Revenue Code, section 168(d)). Works stay "
        "half-year.",
        "half-year",
    )
    bonus: Share | None = said(
        "Bonus depreciation", "Share of the depreciable cost that is deducted in the first tax year.", None
    )
    acquired: Date | None = said(
        "Acquired",
        "Day of the binding contract; the bonus then follows from it and from the day placed in service, by "
        "bonus_rates. Or give bonus.",
        None,
    )
    bonus_rates: BonusRates | None = said(
        "Bonus by date", "Where something is acquired on a stated day; left out, those of the law.", None
    )
    basis: Money | None = said(
        "Depreciable cost",
        "Left out: all uses but land, working capital and the reserves.",
        None,
    )
    placed_in_service: Date | None = said(
        "Placed in service", "Day from which the cost is depreciated; left out, the first day that earns.", None
    )
    interest_limit: InterestLimit | None = said(
        "Limit of interest",
        "Left out, all interest is deducted: there is no limit, or the SPV has elected to be a real property trade, "
        "which then takes the alternative system for its buildings (straight line 40 mid-month).",
        None,
    )
    losses: Literal["refunded", "carried forward"] = said(
        "Losses",
        "Refunded at once against other income of the owners, or set against later income.",
        "carried forward",
    )
    loss_limit: Share = said(
        "Limit of losses used", "Largest share of a year's income that carried losses offset.", "80%"
    )
    rank: Literal["before debt service", "after debt service", "paid by owners"] = said(
        "Rank of taxes",
        "Before debt service: CFADS is after tax. After: CFADS is before tax, taxes are paid from what service leaves. "
        "Paid by owners: the SPV is transparent, taxes are no cost of its own and stand in returns after tax.",
        "before debt service",
    )
    payment: Literal["as assessed", "quarterly", "in arrears", "following year"] = said(
        "Payment of taxes",
        "As assessed: with the period that earns. Quarterly: at the end of each calendar quarter. In arrears: some "
        "months after the end of each period. Following year: some months after the end of the tax year. A payment "
        "falls due in the period in which its day lies; what is still owed in the last period is paid in it.",
        "as assessed",
    )
    payment_lag: Annotated[Stated, Kinded("months", high=12.0)] | None = said(
        "Payment lag", "Months after the end of the period or of the tax year; at most 12.", None
    )

    @model_validator(mode="before")
    @classmethod
    def _with_bonus_rates(cls, given: Any) -> Any:
        """The rates of the law, where something is acquired on a stated day and the file gives no others."""
        if not isinstance(given, dict) or "bonus_rates" in given:
            return given
        classes = given.get("classes")
        parts = [given, *(classes.values() if isinstance(classes, dict) else [])]
        acquired = any(isinstance(part, dict) and "acquired" in part for part in parts)
        return {**given, "bonus_rates": {}} if acquired else given


class Accounting(Section):
    """What the accounts show beside cash."""

    straight_line_rent: YesNo = said(
        "Straight-line rent",
        "Yes: the rent of a lease is revenue evenly over its term, and the difference from cash rent a deferred rent "
        "asset. Cash flow and taxes stay on the rent as it is due.",
        "no",
    )
    life: Term | None = said(
        "Useful life",
        "Months over which the accounts depreciate the cost of the asset, straight line from the first day that earns. "
        "Left out, as taxes deduct it or, without taxes, to the last day with revenue.",
        None,
    )


class Cure(Section):
    """The sponsors' right to put in cash so that a failed default test of the DSCR is passed."""

    most: Count = said("Cures in all", "Largest number of cures over the life of the debt.")
    in_a_row: Count = said("Cures in a row", "Largest number of consecutive periods that are cured.", "1")
    limit: Money | None = said("Limit of cures", "Largest amount of all cures together; left out, none.", None)


class Sponsor(Section):
    """An owner of the SPV: pays its share of what sponsors pay in, and is paid out of what they receive."""

    label: Text = said("Name", "Name of the sponsor.")
    share: Share = said(
        "Share of the capital",
        "Share of every contribution and, up to the first hurdle, of every distribution; all shares are 100% in all.",
    )


class Promote(Section):
    """A hurdle of the joint venture: above it one sponsor is paid a promote before the rest is shared pro rata."""

    label: Text = said("Name", "Name of the hurdle.")
    hurdle: NonNegativeRate = said(
        "Hurdle rate",
        "Preferred return per annum on the capital, compounding by actual days / 365; above the hurdle before it.",
    )
    to: Annotated[Id, Reference("sponsors")] = said("Promote to", "The sponsor that receives the promote.")
    share: Annotated[Stated, Kinded("share", high=0.95)] = said(
        "Promote",
        "Share of the cash above this hurdle, up to the next one, that the sponsor receives beside its own share "
        "of the rest; at most 95%.",
    )


class Returns(Section):
    """How returns are measured."""

    discount_rate: NonNegativeRate = said(
        "Discount rate",
        "Per annum, effective, actual days / 365; present values are as of the end of the first period.",
    )


class Covenants(Section):
    """Cover tests."""

    first_test: Date | None = said(
        "First test",
        "Period ends before this date are not tested; left out, each ratio is tested once it can be computed.",
        None,
    )
    lockup_dscr: Multiple = said("Lock-up DSCR", "Below it no distribution is made.", "0x")
    default_dscr: Multiple = said("Default DSCR", "Below it the loan is in default.", "0x")
    default_debt_yield: Share | None = said(
        "Default debt yield", "Below it the loan is in default: NOI of the next twelve months / senior debt.", None
    )
    default_ltv: Share | None = said(
        "Default LTV", "Above it the loan is in default: secured debt / value; needs a valuation.", None
    )
    release_tests: Count = said("Tests to release", "Consecutive passed tests that release trapped cash.", "1")
    sweep_after: Count | None = said(
        "Sweep of trapped cash",
        "Periods of lock-up in a row after which trapped cash repays the loans in the order of the sweep.",
        None,
    )
    cure: Cure | None = said("Equity cure", "Cash of the sponsors that counts as CFADS of the test it cures.", None)
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


class Checks(Section):
    """How exact the model must be."""

    tolerance: Annotated[Stated, Kinded("money", high=0.01)] = said(
        "Tolerance of checks", "Largest difference a check forgives, at most 0.01 million.", "0.000001"
    )


class CaseSpec(Section):
    """A case: other values for some inputs, never another structure."""

    label: Text = said("Name", "Name of the case.")
    description: Text = said("Description", "What it changes, how that works through, and why it is asked.")
    set: dict[str, Any] = said("Values", "Dotted input name and the quantity that replaces it.")


class DealSpec(Section):
    """A deal file."""

    deal: DealId = said("Id", "Short name of the deal; names its outputs.")
    title: Text = said("Title", "Title of the deal.")
    description: Text = said("Description", "What is financed, in a few sentences.")
    currency: Currency = said("Currency", "Three-letter code; amounts are in millions of it.")
    as_of: Day = said("As of", "Date of the knowledge in the file.")
    sources: dict[str, Source] = said("Sources", "Documents, by the key that quantities cite.", {})
    parties: dict[str, Text] = said("Parties", "Role and name.", {})
    qualifications: list[Text] = said("Qualifications", "What a reader must know before relying on a figure.", [])
    time: Time = said("Time", "The timeline.")
    rates: Rates | None = said("Rates", "The floating base rate; needed where a loan or a hedge floats.", None)
    construction: Construction = said("Construction", "What holds for the whole construction programme.", {})
    building: dict[Id, Building] = said("Buildings", "What is built and let.", {})
    use: dict[Id, Use] = said("Uses", "Costs of the project beside its buildings.", {})
    funding: Annotated[dict[Id, Funding], AtLeastOne] = said("Funding", "Which uses are paid together, and how.")
    lease: dict[Id, Lease] = said("Leases", "Leases of the buildings.", {})
    income: dict[Id, Income] = said("Income", "Revenue beside leases; a deal has at least one lease or income.", {})
    opex: dict[Id, Opex] = said("Operating costs", "Costs that the landlord bears.", {})
    debt: Annotated[dict[Id, Debt], AtLeastOne] = said("Loans", "At least one loan.")
    sweep: Sweep | None = said("Sweep", "Cash sweep.", None)
    hedge: dict[Id, Hedge] = said("Hedges", "Interest rate swaps and caps.", {})
    valuation: Valuation | None = said("Valuation", "Value of the collateral.", None)
    takeout: Takeout | None = said("Take-out", "Refinancing of the balloons; left out, a balloon is due in cash.", None)
    facility: dict[Id, Facility] = said("Facilities", "Revolvers and letters of credit that cover shortfalls.", {})
    reserves: Reserves = said("Reserves", "Reserve accounts.", {})
    waterfall: list[WaterfallStep] | None = said(
        "Waterfall",
        "The order in which cash is paid: every step that the deal needs, once. Left out: operating costs, taxes, "
        "capital reserves, accounts that rank before debt service, fees, hedges, senior interest, principal and "
        "balloons, exit fees, reimbursements of facilities, DSRA, prepayments, working capital, other accounts, taxes "
        "that rank after debt service, second lien, mezzanine, sweep, lock-up test, holdco, shareholder loans, equity; "
        "the DSRA covers hedges, senior interest and senior principal, the working capital operating costs, facilities "
        "after them all of these and fees. Trapped cash covers every obligation before the lock-up test, and "
        "reimbursements, in any order.",
        None,
    )
    tax: Tax | None = said("Tax", "Income taxes; left out, the SPV is a pass-through entity.", None)
    accounting: Accounting = said("Accounting", "What the accounts show beside cash.", {})
    covenants: Covenants = said("Covenants", "Cover tests.", {})
    sponsors: dict[Id, Sponsor] = said("Sponsors", "Owners of the SPV, by their shares of the capital.", {})
    promote: dict[Id, Promote] = said("Promote", "Hurdles of the joint venture, the lowest first.", {})
    returns: Returns | None = said("Returns", "Discount rate; left out, no present value of equity is given.", None)
    trigger: dict[Id, Trigger] = said("Triggers", "Ratios and events that change terms while they hold.", {})
    checks: Checks = said("Checks", "How exact the model must be.", {})
    cases: dict[Id, CaseSpec] = said("Cases", "Cases beside the base case.", {})
