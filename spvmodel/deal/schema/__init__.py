"""What a deal file may say: every section and key, with its kind, label and meaning.

Unknown keys are refused. The dotted name of an input is its path here: ``debt.loan_a.margin``.
"""

from __future__ import annotations

from spvmodel.deal.schema.accounts import VERBS, ReserveAccount, WaterfallStep
from spvmodel.deal.schema.collateral import Support
from spvmodel.deal.schema.contract import Contract
from spvmodel.deal.schema.counterparty import Counterparty
from spvmodel.deal.schema.covenants import Trigger
from spvmodel.deal.schema.debt import Debt, Hedge
from spvmodel.deal.schema.events import Event
from spvmodel.deal.schema.file import DealSpec, Source
from spvmodel.deal.schema.kinds import DayCount, Section
from spvmodel.deal.schema.operations import Income, Lease, MarketRent, Opex
from spvmodel.deal.schema.project import Building, Use
from spvmodel.deal.schema.tax import Tax, TaxClass

__all__ = [
    "Building",
    "Contract",
    "Counterparty",
    "DayCount",
    "DealSpec",
    "Debt",
    "Event",
    "Hedge",
    "Income",
    "Lease",
    "MarketRent",
    "Opex",
    "ReserveAccount",
    "Section",
    "Source",
    "Support",
    "Tax",
    "TaxClass",
    "Trigger",
    "Use",
    "VERBS",
    "WaterfallStep",
]
