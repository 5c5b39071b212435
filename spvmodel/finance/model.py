"""From a deal to its model: every block declares its lines, the graph puts them in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from spvmodel.deal import Deal
from spvmodel.deal.deal import Case
from spvmodel.deal.overnight import CALENDAR
from spvmodel.deal.schema import Building, Contract, Event, Income, Trigger
from spvmodel.finance.checks import declare_checks
from spvmodel.finance.collateral.enforcement import declare_enforcement
from spvmodel.finance.collateral.expected_loss import declare_expected_loss
from spvmodel.finance.collateral.hardware import declare_hardware
from spvmodel.finance.collateral.recovery import declare_recovery
from spvmodel.finance.collateral.value import declare_valuation
from spvmodel.finance.construction import declare_construction
from spvmodel.finance.counterparties import declare_counterparties
from spvmodel.finance.covenants.cure import cured_loans
from spvmodel.finance.covenants.tests import declare_covenants
from spvmodel.finance.covenants.triggers import declare_triggers
from spvmodel.finance.damages import declare_damages
from spvmodel.finance.debt.sizing import sized_loans
from spvmodel.finance.debt.totals import declare_debt
from spvmodel.finance.facility import declare_facilities
from spvmodel.finance.funding import PASSES, declare_funding
from spvmodel.finance.headline import ORDER, declare_headline, headline_lines, not_applicable
from spvmodel.finance.hedge import declare_hedges
from spvmodel.finance.operations.contract import declare_contracts
from spvmodel.finance.operations.events import declare_events
from spvmodel.finance.operations.income import declare_income
from spvmodel.finance.operations.lease import declare_leases
from spvmodel.finance.operations.opex import declare_opex
from spvmodel.finance.operations.payables import declare_payables
from spvmodel.finance.operations.recoveries import declare_recoveries
from spvmodel.finance.operations.rent_roll import declare_rent_cut, declare_rent_roll
from spvmodel.finance.operations.straight_line import declare_straight_line_rent
from spvmodel.finance.operations.working_capital import declare_working_capital_movements
from spvmodel.finance.ratios import cfads_recipe, declare_ratios
from spvmodel.finance.reserves.dsra import declare_reserves
from spvmodel.finance.returns import declare_returns
from spvmodel.finance.sponsors import declare_sponsors
from spvmodel.finance.statements import declare_statements
from spvmodel.finance.structure import counterparties, structure
from spvmodel.finance.tax.conventions import tax_conventions, tax_qualifications
from spvmodel.finance.tax.income_tax import declare_tax
from spvmodel.finance.tax.vat import declare_vat
from spvmodel.finance.terms import Terms, declare_terms
from spvmodel.finance.time import declare_time
from spvmodel.finance.waterfall.walk import declare_waterfall
from spvmodel.lines import Graph, Model
from spvmodel.pause import no_collecting

_BLOCKS: Final = (
    declare_time,
    declare_events,
    declare_leases,
    declare_rent_roll,
    declare_straight_line_rent,
    declare_contracts,
    declare_income,
    declare_opex,
    declare_recoveries,
    declare_payables,
    declare_vat,
    declare_working_capital_movements,
    declare_construction,
    declare_damages,
    declare_funding,
    declare_debt,
    declare_hedges,
    declare_reserves,
    declare_facilities,
    declare_tax,
    declare_waterfall,
    declare_covenants,
    declare_triggers,
    declare_ratios,
    declare_rent_cut,
    declare_hardware,
    declare_valuation,
    declare_recovery,
    declare_returns,
    declare_enforcement,
    declare_sponsors,
    declare_statements,
    declare_counterparties,
    declare_expected_loss,
    declare_headline,
    declare_checks,
)


def build(deal: Deal) -> Model:
    """The model of a deal: a graph of lines over the deal's periods, with its cases."""
    with no_collecting():
        terms = declare_terms(deal, Graph())
        for declare in _BLOCKS:
            declare(terms)
        model = terms.graph.compile(len(deal.periods), headline_lines(terms), tuple(deal.cases))
    return replace(model, about=_about(terms))


def _about(terms: Terms) -> dict[str, object]:
    """What readers print beside the lines."""
    deal = terms.deal
    frequency = {1: "monthly", 3: "quarterly", 6: "semi-annual", 12: "annual"}[deal.months_per_period]
    return {
        "deal": deal.id,
        "title": deal.title,
        "description": deal.description,
        "currency": deal.currency,
        "as_of": deal.as_of.isoformat(),
        "fingerprint": deal.fingerprint,
        "parties": dict(deal.parties),
        "counterparties": counterparties(deal.spec),
        "sources": {
            key: {
                "title": source.title,
                "url": source.url or "",
                "date": source.date.isoformat() if source.date else "",
                "note": source.note or "",
            }
            for key, source in deal.sources.items()
        },
        "qualifications": [*deal.qualifications, *tax_qualifications(deal.spec)],
        "cases": {
            case.id: {"label": case.label, "description": _described(case), "breaks": case.breaks}
            for case in deal.cases.values()
        },
        "left_out": {key: {"label": out.label, "reason": out.reason} for key, out in deal.left_out.items()},
        "cfads_recipe": list(cfads_recipe(terms)),
        "metrics": list(ORDER),
        "not_applicable": not_applicable(terms),
        "structure": structure(deal.spec),
        "sized": {loan: _where_sized(deal, loan) for loan in sized_loans(terms)},
        "fixed": [
            ("Model periods", _periods(terms, frequency)),
            ("First period ends", terms.first_end.isoformat()),
            ("Last period ends", deal.periods[-1].isoformat()),
            *_entries("Buildings" if deal.spec.lease else "Works", deal.spec.building),
            *([("Leases", str(len(deal.spec.lease)))] if deal.spec.lease else []),
            *_entries("Contracts", deal.spec.contract),
            *_entries("Income", deal.spec.income),
            ("Loans", ", ".join(loan.label for loan in deal.spec.debt.values())),
            ("Take-out", "yes" if deal.spec.takeout else "no"),
            *_entries("Triggers", deal.spec.trigger),
            *_entries("Events", deal.spec.event),
            *(
                [("Facilities", ", ".join(part.label for part in deal.spec.facility.values()))]
                if deal.spec.facility
                else []
            ),
            *_conventions(terms),
            ("Feedback passes", str(PASSES)),
        ],
    }


def _described(case: Case) -> str:
    """What a case is and, where the file says so, what it would take to break the loan."""
    return f"{case.description} What would break the loan: {case.breaks}" if case.breaks else case.description


def _conventions(terms: Terms) -> list[tuple[str, str]]:
    """The conventions that the deal file chose where there are several: of taxes, and those that are not the usual."""
    spec = terms.deal.spec
    found: list[tuple[str, str]] = []
    for loan in spec.debt.values():
        if loan.sizing is not None and loan.sizing.gearing_fee != "solved":
            found.append((f"Fee in the gearing, {loan.label}", loan.sizing.gearing_fee))
    if spec.rates is not None and spec.rates.fixing != "term":
        back = f"{spec.rates.lookback} business days back, " if spec.rates.lookback else ""
        found.append(("Fixing of the base rate", f"{spec.rates.fixing}, {back}{CALENDAR}"))
    if spec.reserves.dsra.funded != "at completion":
        found.append(("First filling of the DSRA", spec.reserves.dsra.funded))
    if spec.reserves.dsra.look != "ahead":
        found.append(("Debt service that the DSRA holds", "of the months behind"))
    if spec.reserves.dsra.fees == "yes":
        found.append(("Service in the DSRA includes", "commitment and agency fees of senior loans"))
    if spec.reserves.dsra.proration != "days":
        found.append(("Cut period of the DSRA counts by", spec.reserves.dsra.proration))
    if cured := cured_loans(terms):
        found.append(("Equity cure", "prepays " + ", ".join(spec.debt[loan].label for loan in cured)))
    if spec.waterfall is not None:
        found.append(("Order of the waterfall", ", ".join(f"{step.verb} {step.object}" for step in spec.waterfall)))
    if spec.tax is not None:
        found += [("Rank of taxes", spec.tax.rank), ("Tax losses", spec.tax.losses)]
        found += tax_conventions(spec.tax)
    if spec.accounting.straight_line_rent == "yes":
        found.append(("Straight-line rent", "accounting alone; cash flow and taxes on the rent as it is due"))
    return found


def _where_sized(deal: Deal, loan: str) -> dict[str, str]:
    """The loan's label and the place of its constraints in the file, for the error that they leave no debt."""
    given = [q for name, q in deal.inputs.items() if name.startswith(f"debt.{loan}.sizing.") and q.line]
    place = f":{given[0].line}:{given[0].column}" if given else ""
    return {"label": deal.spec.debt[loan].label, "place": f"{deal.path.name}{place}"}


def _periods(terms: Terms, frequency: str) -> str:
    count = len(terms.deal.periods)
    return f"financial close and {count - 1}, {frequency}" if terms.closing_apart else f"{count}, {frequency}"


def _entries(
    what: str,
    entries: Mapping[str, Building]
    | Mapping[str, Contract]
    | Mapping[str, Event]
    | Mapping[str, Income]
    | Mapping[str, Trigger],
) -> list[tuple[str, str]]:
    return [(what, ", ".join(entry.label for entry in entries.values()))] if entries else []
