"""Compute contracts of SPVs that own hardware, and how long the hardware lasts and what it is worth."""

from __future__ import annotations

from spvmodel.deal.schema.kinds import (
    Date,
    HourlyPrice,
    Money,
    MoneyPerYear,
    Power,
    Rate,
    Rent,
    Section,
    Share,
    Term,
    Text,
    Units,
    said,
)


class Hardware(Section):
    """Life and resale value of computing hardware, from the first day with revenue."""

    life: Term = said("Life", "From the first day with revenue to the end of use.")
    new_value: Share = said("Resale value when new", "As a share of cost, up to the first day with revenue.", "100%")
    decline: Share | None = said(
        "Decline of the resale value",
        "A year, as a share of what is left; left out, straight line over the life.",
        None,
    )
    residual: Share = said(
        "Residual value", "As a share of cost: the value at the end of a straight line, the least of a decline.", "0%"
    )


class CustomerPrepayment(Section):
    """Cash that the customer pays ahead, and that is credited back evenly against its invoices."""

    amount: Money = said("Prepayment", "Paid by the customer on the day; a liability until it is credited.")
    on: Date | None = said("Day of the prepayment", "Left out, financial close.", None)
    credit_term: Term | None = said(
        "Term of the credit",
        "Months from commencement, by days, over which it is credited; no more than is invoiced, and the rest later. "
        "Left out, to the last day of the contract.",
        None,
    )


class Market(Section):
    """What the hardware earns at market prices after the contract."""

    price: Share = said(
        "Market price", "On the day of commencement, as a share of the contract's price then, without escalation."
    )
    decline: Share = said("Decline of the market price", "At each anniversary of commencement.", "0%")
    utilisation: Share = said("Utilisation at market", "Share of the capacity that is sold.", "100%")
    until: Date | None = said("Until", "Last day that earns; left out, the end of the timeline.", None)


class Contract(Section):
    """One compute contract: capacity, price, what must be paid for whether it is used or not, and what comes after."""

    label: Text = said("Name", "Name of the contract.")
    customer: Text = said("Customer", "The party that owes the invoices.")
    amount: MoneyPerYear | None = said(
        "Yearly amount", "Price of the whole capacity in the first year; or give gpus or capacity with a price.", None
    )
    gpus: Units | None = said("GPUs", "Contracted number of GPUs.", None)
    gpu_hour_price: HourlyPrice | None = said("Price per GPU-hour", "In the first year, for every hour of it.", None)
    capacity: Power | None = said("Capacity", "Contracted critical IT load.", None)
    capacity_price: Rent | None = said("Price of capacity", "Per kW and month, in the first year.", None)
    commencement: Date = said("Commencement", "First day that is invoiced, before any delay.")
    term: Term | None = said("Term", "Length from commencement; or give expiry.", None)
    expiry: Date | None = said("Expiry", "Last day of the contract; or give term.", None)
    escalation: Rate | None = said("Escalation", "Change of the price at each anniversary of commencement.", None)
    take_or_pay: Share = said(
        "Take or pay", "Share of the delivered capacity that is paid for whether it is used or not.", "100%"
    )
    utilisation: Share | None = said(
        "Utilisation",
        "Share of the delivered capacity that the customer uses; what lies above take_or_pay is invoiced too. "
        "Left out, no more than take_or_pay.",
        None,
    )
    delivered: Share = said("Delivered", "Share of the contracted capacity that is delivered and accepted.", "100%")
    prepayment: CustomerPrepayment | None = said("Prepayment", "Cash that the customer pays ahead.", None)
    market: Market | None = said("Market", "What the capacity earns after the contract; left out, nothing.", None)
