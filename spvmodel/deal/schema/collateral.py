"""What the collateral is worth, and what lenders do with it and get for it after a default."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import (
    Date,
    Flag,
    Id,
    Levels,
    Money,
    MoneyPerMw,
    MoneyPerYear,
    Months,
    Rent,
    RentPerMw,
    Section,
    Share,
    Term,
    Text,
    said,
)
from spvmodel.deal.stated import Kinded, Reference, Stated

Yield = Annotated[Stated, Kinded("share", low=0.005)]
Method = Literal["cap rate", "amount", "amounts", "dcf", "per MW", "hardware", "dark"]


class Dcf(Section):
    """Value as the present value of the net operating income that is still to come."""

    discount_rate: Yield = said("Discount rate", "Effective rate a year, actual days / 365, of later NOI.")
    terminal_value: Money | None = said(
        "Terminal value",
        "Received on the last day with revenue. Left out, the value has nothing after the leases; a sale with leases "
        "in place then adds what the property is worth let again, or vacant, at the end of their certain term.",
        None,
    )


class Dark(Section):
    """Land and building alone, vacant."""

    per_mw: MoneyPerMw | None = said("Dark value per MW", "A MW of capacity of all buildings; or give amount.", None)
    amount: Money | None = said("Dark value", "Of all buildings with their land; or give per_mw.", None)


class Valuation(Section):
    """Value of the collateral over time, by one method or several."""

    cap_rate: Yield | None = said("Capitalisation rate", "Value = NOI of the next twelve months / this rate.", None)
    amount: Money | None = said("Value", "Value as appraised, held over time.", None)
    amounts: Levels | None = said(
        "Values by date", "Value as appraised, or a resale value that falls: each holds from its date.", None
    )
    dcf: Dcf | None = said("Discounted cash flow", "Value = present value of later NOI.", None)
    per_mw: MoneyPerMw | None = said("Value per MW", "A MW of capacity of all buildings, held over time.", None)
    hardware: Literal["resale"] | None = said(
        "Value of the hardware", "Resale: what the uses with a section hardware can be resold for.", None
    )
    dark: Dark | None = said("Dark value", "Vacant: land and building alone.", None)
    method: Method | None = said(
        "Method",
        "The method whose value LTV and its tests take; needed where there are several beside the dark value. Fixed "
        "when the model is built.",
        None,
    )


class Relet(Section):
    """A new tenant after the lease has ended with the tenant's default."""

    downtime: Months = said(
        "Downtime",
        "Months until the new lease pays rent: from the default on the debt, or of a lease whose tenant an event made "
        "leave before it from that day.",
    )
    share: Share | None = said(
        "Re-let share of rent",
        "New rent / rent of the leases as signed, at the date of default; or give rent or rent_per_mw.",
        None,
    )
    rent: Rent | None = said(
        "New rent", "By the market, per kW of capacity of all buildings and month, at any date of default.", None
    )
    rent_per_mw: RentPerMw | None = said("New rent per MW", "The same per MW a year, in millions.", None)
    costs: Share = said("Costs of the owner", "Share of the new rent that the owner pays for running the property.")
    cost: Money = said(
        "Cost of re-letting", "Tenant improvements and leasing commissions; taken off the price of the property.", "0"
    )
    cap_rate: Yield | None = said("Capitalisation rate", "Value = new NOI / this rate; or give discount_rate.", None)
    discount_rate: Yield | None = said(
        "Discount rate", "Effective rate a year; value = new NOI of the new term discounted at it; or cap_rate.", None
    )
    term: Term | None = said("New term", "Length of the new lease; with discount_rate.", None)


class Support(Section):
    """What somebody other than the SPV pays when lenders enforce, and up to how much."""

    label: Text = said("Name", "Name of the support.")
    payer: Text = said("Payer", "Who pays.")
    paid_by: Literal["sponsors", "tenant", "others"] = said(
        "Paid by", "On which side the payer stands; what sponsors pay is recourse to them."
    )
    kind: Literal["guarantee", "completion", "residual value", "termination fee"] = said(
        "Kind",
        "Guarantee: what lenders would lose, up to the limit. Completion: the same while all is not built, up to the "
        "cost to complete. Residual value: the same, up to what the threshold exceeds the sale by, once built. "
        "Termination fee: months of rent of the leases that have not ended, once built. The last two are not owed "
        "where the tenant stays.",
    )
    limit: Money | None = said("Limit", "The most that is paid; needed for a guarantee.", None)
    threshold: Levels | None = said(
        "Threshold", "Amounts that hold from their dates, against the proceeds of a sale; of a residual value.", None
    )
    months: Months | None = said("Months of rent", "Of the leases as signed; of a termination fee.", None)
    collected: Share = said("Share collected", "What is really paid of it; below 100% where the payer is weak.", "100%")
    guarantor: Annotated[Id, Reference("counterparty")] | None = said(
        "Guarantor",
        "The counterparty that pays: nothing is collected of it once an event has made it fail, or the share with "
        "which it survives the failure of those it depends on.",
        None,
    )
    collected_failed: Share | None = said(
        "Share collected of a failed guarantor", "What is paid of it after it has failed; left out, nothing.", None
    )
    until: Date | None = said("Until", "Last day of a default that it holds for; left out, for good.", None)


class Enforcement(Section):
    """What lenders do after the default of the tenant, how long it takes and what it costs."""

    basis: Literal["re-let", "dark", "cap rate", "amount", "amounts", "dcf", "per MW", "hardware"] = said(
        "Basis of the sale",
        "Re-let: the tenant is gone and another is found, or sold vacant where the dark value is more. Dark: sold "
        "vacant. Hardware: resold without a contract. Another method of the valuation: the leases go on, and their NOI "
        "is collected until the sale. Fixed when the model is built.",
    )
    tenant_stays: Flag | None = said(
        "The tenant stays",
        "Yes: in the own default of the case the tenant pays on, as where a refinancing fails: the property is sold by "
        "the method of the valuation with its leases, and their NOI is collected until then, whatever the basis says. "
        "Recovery by date of default, and expected loss, are of a tenant that has gone.",
        None,
    )
    cure_months: Months = said("Cure period", "From a payment that is missed to acceleration.")
    sale_months: Months = said("Time to sell", "From acceleration to the proceeds of the sale.")
    haircut: Share = said("Haircut", "Taken off the value in a forced sale.", "0%")
    sale_costs: Share = said("Costs of the sale", "Share of the price.", "0%")
    costs: Money = said("Costs of enforcement", "Receiver, lawyers, advisers.", "0")
    holding_costs: MoneyPerYear = said(
        "Protective costs", "Operation, taxes and insurance while nobody pays rent; lenders carry them.", "0"
    )
    construction_share: Share = said(
        "Value of unfinished buildings", "Share of the cost spent, until all is built.", "0%"
    )
    relet: Relet | None = said("Re-letting", "Terms of a new lease.", None)
    support: dict[Id, Support] = said("Support", "Guarantees and fees; left out, there is no recourse to anybody.", {})
