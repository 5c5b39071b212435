"""What the property earns and costs: leases, income beside them, operating costs."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import (
    Amounts,
    Area,
    Curve,
    Date,
    Days,
    Flag,
    Id,
    IndexLevel,
    LettingCost,
    Money,
    MoneyPerYear,
    Months,
    Multiple,
    Portions,
    Power,
    Rate,
    Rent,
    RentPerArea,
    RentPerMw,
    Section,
    Share,
    Term,
    Text,
    YesNo,
    said,
)
from spvmodel.deal.stated import Reference


class Delivery(Section):
    """A part of the let premises, handed over on its own date."""

    label: Text = said("Name", "What is handed over.")
    date: Date = said("Delivery", "Day on which the part is handed over; a delay of completion moves it.")
    share: Share = said(
        "Part delivered", "Part of the let premises that is handed over, and bears rent, from this day."
    )


class Abatement(Section):
    """Months of reduced rent."""

    months: Months = said("Months of abatement", "Months of reduced rent, after those that are free of it.")
    share: Share = said("Abated share", "Share of the rent that is not charged in these months.")


class IndexLevelOfMonth(Section):
    """The level of a price index from a date on."""

    label: Text = said("Name", "The month, such as June 2025.")
    date: Date = said("Date of the level", "First day of the month; the level holds until that of the next.")
    level: IndexLevel = said("Level", "The index, on whatever base: only its ratios count.")


class Index(Section):
    """A price index that rents may follow."""

    label: Text = said("Name", "Name of the index, such as CPI-U.")
    rates: Curve | None = said(
        "Rise of the index",
        "Yearly rise of the index, by date; each holds from its date, and a period takes that of its first day; or "
        "give levels.",
        None,
    )
    levels: dict[Id, IndexLevelOfMonth] = said(
        "Levels of the index",
        "The index as published and as forecast, by month; a rent rises by the level of a reference month over that "
        "of twelve months before.",
        {},
    )


class RentStep(Section):
    """A rise of the rent on a date."""

    label: Text = said("Name", "Name of the step.")
    date: Date = said("Date of the step", "First day of the higher rent; a delay of completion moves it.")
    rise: Share = said("Rise", "Rise of the rent, as a share of the rent before.")


class Indexation(Section):
    """A rent that follows a price index."""

    index: Annotated[Id, Reference("index")] = said("Price index", "The index that the rent follows.")
    lag: Months = said(
        "Lag of the index",
        "Months before a step whose yearly rise it takes; of rates before financial close that of the first period.",
        "0 months",
    )
    floor: Rate | None = said("Least rise", "Least rise of the rent at a step.", None)
    cap: Rate | None = said("Largest rise", "Largest rise of the rent at a step.", None)


class Payment(Section):
    """When rent is paid, where that is not when it is earned."""

    timing: Literal["in arrears", "in advance"] = said(
        "Time of payment", "At the end, or at the beginning, of each interval; fixed when the model is built."
    )
    every: Term = said("Interval of payment", "Months from commencement that are paid for at once.", "1 month")
    lag: Months = said("Lag of payment", "Months by which it is received later.", "0 months")
    lag_days: Days = said("Days of lag", "Days by which it is received later, after the months.", "0 days")


class CostPayment(Section):
    """When a cost is paid, where that is not when it is incurred."""

    lag: Months = said("Lag of payment", "Months after each day of the cost in which it is paid.", "0 months")
    lag_days: Days = said("Creditor days", "Days by which it is paid later, after the months.", "0 days")


class Termination(Section):
    """The tenant's right to end the lease early."""

    date: Date = said("Termination", "Last day of a lease that is terminated; a delay of completion moves it.")
    fee: Money = said("Termination fee", "Paid on that day; revenue.")
    exercised: Flag = said("Termination exercised", "Whether the tenant ends the lease; a case can set it.", "no")


class MarketRent(Section):
    """What the market pays for the premises of a lease, in place of a share of the rent that they bear."""

    rent: Rent | None = said(
        "Market rent",
        "Per kW of let capacity and month, on the day for which it is stated; or give rent_per_mw, rent_per_area or "
        "amount.",
        None,
    )
    rent_per_mw: RentPerMw | None = said("Market rent per MW", "Per MW of let capacity a year, in millions.", None)
    rent_per_area: RentPerArea | None = said("Market rent per area", "Per square foot of let area a year.", None)
    amount: MoneyPerYear | None = said("Market rent a year", "Whatever is let.", None)
    from_: Date | None = said(
        "Market rent as of", "Day for which it is stated; left out, financial close.", None, key="from"
    )
    growth: Rate = said(
        "Growth of the market rent",
        "Effective rate a year, actual days / 365, from the day for which it is stated to the first day of the new "
        "term.",
        "0%",
    )
    escalation: Share = said(
        "Escalation of the new rent", "Rise at each anniversary of the first day of the new term.", "0%"
    )


class Renewal(Section):
    """A further term that the tenant may take when the one before it ends."""

    label: Text = said("Name", "Name of the option.")
    term: Term = said("Renewed term", "Length of the further term.")
    probability: Share = said(
        "Probability of renewal",
        "Probability that the option is exercised, given those before it; 0% and 100% are pure cases, which a case can "
        "set.",
    )
    rent_multiple: Multiple = said(
        "Rent after renewal", "Rent of the further term, as a multiple of what the term before it would bear.", "1x"
    )
    market_rent: MarketRent | None = said(
        "Market rent of the renewal", "Rent of the further term by the market; or give rent_multiple.", None
    )
    cost: LettingCost | None = said(
        "Cost of renewal",
        "Tenant improvements and leasing commission per kW of the capacity let, paid by the SPV on the first day of "
        "the further term.",
        None,
    )


class Letting(Section):
    """A cost of letting that the SPV pays once: an allowance to the tenant, improvements, a leasing commission."""

    label: Text = said("Name", "What is paid for.")
    cost: LettingCost | None = said("Cost per kW", "Cost per kW of the capacity let; or give amount.", None)
    amount: Money | None = said("Amount", "Cost in all; or give cost.", None)
    date: Date | None = said(
        "Day of payment", "A delay of completion moves it; left out, the commencement of the lease.", None
    )


class Lease(Section):
    """One lease of one building, or of a part of it."""

    label: Text = said("Name", "Name of the lease.")
    building: Annotated[Id, Reference("building")] = said("Building", "The building that is let.")
    tenant: Text = said("Tenant", "The party that owes the rent.")
    rent: Rent | None = said(
        "Base rent, first year",
        "Base rent of the first lease year per kW of let capacity and month; or give rent_per_mw, rent_per_area or "
        "amount.",
        None,
    )
    rent_per_mw: RentPerMw | None = said(
        "Base rent per MW, first year", "Base rent of the first lease year per MW of let capacity, in millions.", None
    )
    rent_per_area: RentPerArea | None = said(
        "Base rent per area, first year", "Base rent of the first lease year per square foot of let area.", None
    )
    amount: MoneyPerYear | None = said(
        "Yearly base rent",
        "Base rent of the first lease year, whatever is let: all of a building that no other lease has a part of, else "
        "nothing unless capacity, area or share says so.",
        None,
    )
    share: Share | None = said(
        "Share of the building", "Share of the building's capacity and area that is let; left out, all of it.", None
    )
    capacity: Power | None = said(
        "Let capacity", "Part of the building's capacity that is let; left out, all of it, or the share.", None
    )
    area: Area | None = said(
        "Let area", "Part of the building's area that is let; left out, all of it, or the share.", None
    )
    commencement: Date = said("Commencement", "First day of the lease.")
    term: Term | None = said("Term", "Length of the lease from commencement; or give expiry.", None)
    expiry: Date | None = said("Expiry", "Last day of the lease; or give term.", None)
    escalation: Share = said("Escalation", "Rise of the rent at each anniversary of commencement.", "0%")
    escalates: Literal["each anniversary", "each January"] = said(
        "Time of escalation", "At each anniversary of commencement, or each 1 January after it.", "each anniversary"
    )
    steps: dict[Id, RentStep] = said("Steps", "Dated rises of the rent, in place of a yearly one.", {})
    indexation: Indexation | None = said(
        "Indexation",
        "Rise with a price index at each step, in place of a yearly one; the base rent is that of commencement, or of "
        "financial close where the lease began before.",
        None,
    )
    free_rent: Months = said("Rent-free period", "Months from commencement in which no base rent is due.", "0 months")
    abatement: Abatement | None = said("Abatement", "Reduced rent after the rent-free period.", None)
    delivery: dict[Id, Delivery] = said(
        "Deliveries",
        "Parts of the premises by date of handover, 100% in all or less; left out, all of them at commencement.",
        {},
    )
    termination: Termination | None = said(
        "Termination option", "The tenant's right to end the lease early; left out, it has none.", None
    )
    renewals: dict[Id, Renewal] = said(
        "Renewal options", "Further terms after the first, in turn; left out, the lease ends with its term.", {}
    )
    letting: dict[Id, Letting] = said(
        "Costs of letting",
        "Landlord's allowance, tenant improvements and leasing commission of the first term: costs of operation.",
        {},
    )
    payment: Payment | None = said(
        "Payment", "When rent is received; left out, as it is earned: accounts, taxes and NOI do not follow it.", None
    )
    recoveries: Literal["triple net", "double net", "modified gross", "base year", "gross"] = said(
        "Recoveries",
        "Which recoverable costs the tenant pays its share of: all; all but structural ones; what exceeds the expense "
        "stop of each; what exceeds what each cost in the base year; none. What is passed through it pays under every "
        "class.",
        "triple net",
    )
    base_year: Date | None = said(
        "Base year",
        "First day of the twelve months whose modelled costs are the stops of a lease with recoveries by base year; a "
        "delay of completion moves it. Left out, commencement.",
        None,
    )
    proportionate_share: Share | None = said(
        "Proportionate share",
        "The tenant's share of recoverable costs; left out, let capacity over the capacity of all buildings.",
        None,
    )
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
    """One cost of the landlord, which tenants may pay back in part."""

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
    cap: MoneyPerYear | None = said(
        "Cap", "Most that a share of rent or revenue costs a year, by days of operation, as of a management fee.", None
    )
    abatement: Portions | None = said(
        "Abatement",
        "Share of the yearly amount that is due from each date, as of an abated property tax: a period takes that of "
        "its first day; before the first date the first holds.",
        None,
    )
    recoverable: Share | None = said(
        "Recoverable share",
        "Share of the cost that tenants pay back as their leases say; left out, the landlord bears it, or it stands on "
        "neither side.",
        None,
    )
    structural: YesNo = said("Structural", "Whether it is a cost of structure, which a double-net lease leaves.", "no")
    expense_stop: MoneyPerYear | None = said(
        "Expense stop",
        "Cost a year, by days of operation, above which a modified-gross tenant pays; left out, from the first unit.",
        None,
    )
    passed_through: Share | None = said(
        "Passed-through share",
        "Share of a metered cost, as of power, that every tenant pays whatever its lease says; the rest leaks.",
        None,
    )
    payment: CostPayment | None = said(
        "Payment", "When the cost is paid; left out, as it is incurred: accounts, taxes and NOI do not follow it.", None
    )
