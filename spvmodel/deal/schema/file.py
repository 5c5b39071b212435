"""A deal file as a whole: its sources, sections and cases."""

from __future__ import annotations

from typing import Annotated, Any

from spvmodel.deal.schema.accounts import Facility, Reserves, WaterfallStep
from spvmodel.deal.schema.collateral import Enforcement, Valuation
from spvmodel.deal.schema.contract import Contract
from spvmodel.deal.schema.counterparty import Counterparty
from spvmodel.deal.schema.covenants import Covenants, Trigger
from spvmodel.deal.schema.debt import Debt, Hedge, Sweep, Takeout
from spvmodel.deal.schema.events import Event
from spvmodel.deal.schema.kinds import AtLeastOne, Currency, Day, DealId, Id, Section, Text, said
from spvmodel.deal.schema.operations import Income, Index, Lease, Opex
from spvmodel.deal.schema.project import Building, Construction, Funding, Rates, Time, Use
from spvmodel.deal.schema.sponsors import Promote, Returns, Sponsor
from spvmodel.deal.schema.tax import Accounting, Tax, Vat
from spvmodel.deal.stated import (
    Kinded,
    Stated,
)


class Source(Section):
    """A document that figures come from."""

    title: Text = said("Title", "Publisher, document and date, as a memo would cite it.")
    url: Text | None = said("Address", "Where the document was read.", None)
    date: Day | None = said("Date", "Date of the document.", None)
    note: Text | None = said("Note", "How reliable it is, and what it was read through.", None)


class Checks(Section):
    """How exact the model must be."""

    tolerance: Annotated[Stated, Kinded("money", high=0.01)] = said(
        "Tolerance of checks", "Largest difference a check forgives, at most 0.01 million.", "0.000001"
    )


class CaseSpec(Section):
    """A case: other values for some inputs, never another structure."""

    label: Text = said("Name", "Name of the case.")
    description: Text = said("Description", "What it changes, how that works through, and why it is asked.")
    breaks: Text | None = said("Breaks the loan", "What it would take to break the loan.", None)
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
    counterparty: dict[Id, Counterparty] = said(
        "Counterparties", "Tenant, guarantor, end user, contractor and others, with their credit.", {}
    )
    qualifications: list[Text] = said("Qualifications", "What a reader must know before relying on a figure.", [])
    time: Time = said("Time", "The timeline.")
    rates: Rates | None = said("Rates", "The floating base rate; needed where a loan or a hedge floats.", None)
    construction: Construction = said("Construction", "What holds for the whole construction programme.", {})
    index: dict[Id, Index] = said("Price indices", "What rents may follow.", {})
    building: dict[Id, Building] = said("Buildings", "What is built and let.", {})
    use: dict[Id, Use] = said("Uses", "Costs of the project beside its buildings.", {})
    funding: Annotated[dict[Id, Funding], AtLeastOne] = said("Funding", "Which uses are paid together, and how.")
    lease: dict[Id, Lease] = said("Leases", "Leases of the buildings.", {})
    contract: dict[Id, Contract] = said("Contracts", "Compute contracts of an SPV that owns hardware.", {})
    income: dict[Id, Income] = said(
        "Income", "Revenue beside leases; a deal has at least one lease, contract or income.", {}
    )
    opex: dict[Id, Opex] = said("Operating costs", "Costs that the landlord bears.", {})
    debt: Annotated[dict[Id, Debt], AtLeastOne] = said("Loans", "At least one loan.")
    sweep: Sweep | None = said("Sweep", "Cash sweep.", None)
    hedge: dict[Id, Hedge] = said("Hedges", "Interest rate swaps and caps.", {})
    valuation: Valuation | None = said("Valuation", "Value of the collateral.", None)
    enforcement: Enforcement | None = said("Enforcement", "What lenders get back after a default.", None)
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
    vat: Vat | None = said("VAT", "Value added tax on construction, costs and revenue; left out, there is none.", None)
    accounting: Accounting = said("Accounting", "What the accounts show beside cash.", {})
    covenants: Covenants = said("Covenants", "Cover tests.", {})
    sponsors: dict[Id, Sponsor] = said("Sponsors", "Owners of the SPV, by their shares of the capital.", {})
    promote: dict[Id, Promote] = said("Promote", "Hurdles of the joint venture, the lowest first.", {})
    returns: Returns | None = said("Returns", "Discount rate; left out, no present value of equity is given.", None)
    trigger: dict[Id, Trigger] = said("Triggers", "Ratios and events that change terms while they hold.", {})
    event: dict[Id, Event] = said("Events", "What may happen to the revenue on a day; cases say whether it does.", {})
    checks: Checks = said("Checks", "How exact the model must be.", {})
    cases_from: Text | None = said(
        "Common cases",
        "A shipped set of cases that the deal takes (downside), or a YAML file of its own folder. Cases of the set "
        "that do not fit the deal are left out and listed.",
        None,
    )
    cases: dict[Id, CaseSpec] = said("Cases", "Cases beside the base case.", {})
