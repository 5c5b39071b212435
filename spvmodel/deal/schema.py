"""What a deal file may say: every section and key, with its kind, label and meaning.

Unknown keys are refused. The dotted name of an input is its path here: ``debt.loan_a.margin``.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from spvmodel.deal.stated import Identifier, Kinded, Reference, Stated, iso_date

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
Multiple = Annotated[Stated, Kinded("multiple")]
Flag = Annotated[Stated, Kinded("flag")]
Count = Annotated[Stated, Kinded("count", low=1.0)]
Curve = Annotated[Stated, Kinded("curve")]
Amounts = Annotated[Stated, Kinded("amounts")]
Day = Annotated[dt.date, BeforeValidator(iso_date)]
Id = Annotated[str, Identifier()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
AtLeastOne = Field(min_length=1)
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def said(title: str, description: str, default: Any = ...) -> Any:
    """A key: the label a reader sees, what it means, and the default as a deal file would write it."""
    return Field(default=default, title=title, description=description, validate_default=default is not None)


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
        "Default: on or after the last lease expiry of any case.",
        None,
    )


class Rates(Section):
    """The floating base rate."""

    index: Text = said("Index", "Name of the base rate, such as Term SOFR.")
    curve: Curve = said(
        "Base rate path", "Rates per annum; each holds from its date: a period takes the rate of its first day."
    )
    shift: Rate = said("Shift of the base rate", "Added to every rate of the path; 200 bp for a rate shock.", "0%")


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


class Building(Section):
    """One building, or a group delivered and leased as one."""

    label: Text = said("Name", "Name of the building.")
    capacity: Power = said("Capacity", "Critical IT load that the lease is charged on.")
    budget: Money = said(
        "Budget", "Cost of the building, with the financing costs that debt.<loan>.financing_budget sets apart."
    )
    spending_start: Date = said("Start of spending", "First day of construction spending.")
    spending_end: Date = said("End of spending", "Last day of construction spending; spent evenly by days.")
    funded_by: Annotated[Id, Reference("debt")] = said("Funded by", "The loan that finances this building.")


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


class Opex(Section):
    """One cost that the landlord bears."""

    label: Text = said("Name", "Name of the cost.")
    share_of_rent: Share = said("Share of rent", "Cost as a share of base rent.", "0%")
    amount: MoneyPerYear = said("Yearly amount", "Cost a year, at prices of financial close.", "0")
    escalation: Share = said("Escalation", "Rise of the yearly amount each year.", "0%")


class Debt(Section):
    """One construction loan that becomes a term loan."""

    label: Text = said("Name", "Name of the loan.")
    close: Date = said("Close", "Signing of the loan; the first day it can be drawn.")
    commitment: Money = said("Commitment", "Amount the lenders committed.")
    margin: NonNegativeRate = said("Margin", "Added to the base rate, per annum.")
    floor: Rate = said("Floor of the base rate", "Lowest base rate the loan bears, before the margin.", "0%")
    upfront_fee: Share = said("Upfront fee", "Share of the commitment, paid at close.", "0%")
    commitment_fee: NonNegativeRate = said("Commitment fee", "Per annum on the undrawn commitment.", "0%")
    agency_fee: MoneyPerYear = said(
        "Agency fee", "A year, while the loan is outstanding; accrues by actual days / 365.", "0"
    )
    availability_end: Date = said("End of availability", "Last day the loan can be drawn.")
    completion: Date = said("Completion", "Interest is capitalised until this day and paid in cash after it.")
    interest_only_until: Date = said("Interest only until", "Repayment starts after this day.")
    amortisation_term: Term = said("Amortisation term", "Length of the notional level-payment schedule.")
    amortisation_rate: NonNegativeRate = said("Amortisation rate", "Rate of the notional level-payment schedule.")
    maturity: Date = said("Maturity", "Final day; what is not repaid by then is the balloon.")
    financing_budget: Money = said(
        "Financing costs in the budget",
        "Fees, capitalised interest and the first DSRA filling that the budgets of the loan's buildings include. "
        "Construction cost is the budgets less this amount in every case; financing costs above it are an overrun "
        "that raises the uses.",
        "0",
    )
    draws: Amounts | None = said(
        "Draws",
        "Dated draws as the documents fix them; each accrues interest from its date. "
        "Left out, the loan is drawn pro rata with equity.",
        None,
    )


class Takeout(Section):
    """The refinancing of the balloons: one long facility for all loans."""

    rate: NonNegativeRate = said("Take-out rate", "Fixed all-in rate per annum of the take-out debt.")
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


class Dsra(Section):
    """The debt service reserve account."""

    months: Months = said("DSRA months", "Months of debt service ahead that the reserve holds.")


class Reserves(Section):
    """Reserve accounts."""

    dsra: Dsra = said("DSRA", "Debt service reserve account.")


class Covenants(Section):
    """Cover tests."""

    lockup_dscr: Multiple = said("Lock-up DSCR", "Below it no distribution is made.")
    default_dscr: Multiple = said("Default DSCR", "Below it the loan is in default.")
    release_tests: Count = said("Tests to release", "Consecutive passed tests that release trapped cash.", "1")
    first_repayment: Flag = said(
        "Distributions only after the first repayment of principal",
        "Yes: no distribution is made before principal has been repaid for the first time.",
        "no",
    )


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

    deal: Id = said("Id", "Short name of the deal; names its outputs.")
    title: Text = said("Title", "Title of the deal.")
    description: Text = said("Description", "What is financed, in a few sentences.")
    currency: Currency = said("Currency", "Three-letter code; amounts are in millions of it.")
    as_of: Day = said("As of", "Date of the knowledge in the file.")
    sources: dict[str, Source] = said("Sources", "Documents, by the key that quantities cite.", {})
    parties: dict[str, Text] = said("Parties", "Role and name.", {})
    qualifications: list[Text] = said("Qualifications", "What a reader must know before relying on a figure.", [])
    time: Time = said("Time", "The timeline.")
    rates: Rates = said("Rates", "The floating base rate.")
    construction: Construction = said("Construction", "What holds for the whole construction programme.", {})
    building: Annotated[dict[Id, Building], AtLeastOne] = said("Buildings", "At least one building.")
    lease: Annotated[dict[Id, Lease], AtLeastOne] = said("Leases", "At least one lease.")
    opex: dict[Id, Opex] = said("Operating costs", "Costs that the landlord bears.", {})
    debt: Annotated[dict[Id, Debt], AtLeastOne] = said("Loans", "At least one loan.")
    takeout: Takeout | None = said("Take-out", "Refinancing of the balloons; left out, a balloon is due in cash.", None)
    reserves: Reserves = said("Reserves", "Reserve accounts.")
    covenants: Covenants = said("Covenants", "Cover tests.")
    checks: Checks = said("Checks", "How exact the model must be.", {})
    cases: dict[Id, CaseSpec] = said("Cases", "Cases beside the base case.", {})
