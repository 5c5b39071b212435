"""What may happen to the revenue on a day: a tenant that stops paying, a lease that is renegotiated, less power."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import Date, Flag, Id, LettingCost, Section, Share, Term, Text, said
from spvmodel.deal.schema.operations import MarketRent
from spvmodel.deal.stated import Reference


class Event(Section):
    """What happens to the rent of some leases, or to other income, from a day on. Cases say whether it happens.

    From the day on ``rent_share`` of the rent is left: until the last day of the event, until the space is let again,
    or for good. Several events multiply.
    """

    label: Text = said("Name", "Name of the event.")
    kind: Literal[
        "tenant default",
        "renegotiation",
        "end-user failure",
        "non-renewal",
        "go-dark",
        "power shortfall",
        "obsolescence",
        "regulation",
        "abatement",
    ] = said(
        "Kind",
        "What happens, in the field's words; the terms below say what it does to the rent. Without a downtime a "
        "renegotiation, obsolescence and regulation leave recoveries of costs; every other event takes of them what it "
        "takes of the rent, until the space is let again. Rent that is owed on the day of a tenant default is lost.",
    )
    leases: list[Annotated[Id, Reference("lease")]] = said(
        "Leases", "Leases whose rent it changes; with none here, in contracts and in incomes, all that lasts.", []
    )
    contracts: list[Annotated[Id, Reference("contract")]] = said(
        "Contracts", "Compute contracts whose invoices it changes.", []
    )
    incomes: list[Annotated[Id, Reference("income")]] = said(
        "Incomes", "Incomes beside leases whose yearly amount it changes.", []
    )
    fails: list[Annotated[Id, Reference("counterparty")]] = said(
        "Who fails",
        "Counterparties that fail on that day, so that what they guarantee is not collected; left out, of a tenant "
        "default those that pay what it changes, of other events nobody.",
        [],
    )
    happens: Flag = said("Happens", "Yes: it happens. The base case says no; a case turns it on.", "no")
    on: Date = said("Day of the event", "First day with the rent that is left.")
    until: Date | None = said(
        "Last day of the event", "From the next day the whole rent is due again; left out, it lasts.", None
    )
    rent_share: Share = said(
        "Share of the rent that is left",
        "Share of the rent under the contract that is still paid from the day on; with a downtime, in the downtime.",
        "0%",
    )
    passed_on: Share = said(
        "Passed on",
        "Probability, or share, with which the event reaches the rent, such as the failure of an end user that its "
        "tenant passes on; the rent is the expected one.",
        "100%",
    )
    hardware_share: Share | None = said(
        "Share of the hardware value that is left",
        "Share of the resale value of all hardware that is left from the day on, for good, as after obsolescence; left "
        "out, all of it.",
        None,
    )
    downtime: Term | None = said(
        "Downtime", "Months from the day until the space is let again; left out, it is not let again.", None
    )
    relet_share: Share | None = said(
        "Share of the rent when let again",
        "Rent of the new lease as a share of the rent under the contract, until that lease would have ended. It pays "
        "back costs in full.",
        None,
    )
    relet_rent: MarketRent | None = said(
        "Market rent when let again",
        "Rent of the new lease by the market, until the lease before it would have ended; or give relet_share. What "
        "tenants pay back of costs then returns in full.",
        None,
    )
    relet_cost: LettingCost | None = said(
        "Cost of letting again",
        "Tenant improvements and leasing commission per kW of the capacity let, paid by the SPV on the day on which "
        "the space is let again.",
        None,
    )
