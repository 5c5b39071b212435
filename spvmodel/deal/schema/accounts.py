"""The waterfall and what stands beside it: reserve accounts, and facilities that cover shortfalls."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import (
    Amounts,
    Charge,
    Date,
    Depreciation,
    Id,
    Money,
    MoneyPerYear,
    Months,
    NonNegativeRate,
    Rate,
    Section,
    Share,
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
    fees: YesNo = said(
        "Fees in the DSRA",
        "Yes: debt service in the window includes the commitment and agency fees of senior loans that are paid in "
        "cash, but no fee of a letter of credit or a facility.",
        "no",
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
