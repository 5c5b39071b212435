"""Loans: amount, interest, repayment, what happens after close, hedges, and what refinances them."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.calendars import Rule
from spvmodel.deal.schema.kinds import (
    Amounts,
    AtLeastOne,
    Balances,
    Cover,
    Curve,
    Date,
    DayCount,
    Id,
    Levels,
    Money,
    MoneyPerYear,
    Months,
    Multiple,
    Multiples,
    NonNegativeRate,
    Rate,
    Section,
    Share,
    Shares,
    Term,
    Text,
    YesNo,
    said,
)
from spvmodel.deal.stated import (
    Kinded,
    Reference,
    Stated,
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


class Takeout(Section):
    """The refinancing of the balloons: one long facility for all loans."""

    rate: NonNegativeRate = said("Take-out rate", "Fixed all-in rate per annum of the take-out debt.")
    default_margin: NonNegativeRate | None = said(
        "Take-out default interest", "Added to its rate on overdue amounts alone, while they are overdue.", None
    )
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
