"""From a deal to its model: every block declares its lines, the graph puts them in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from spvmodel.deal import Deal
from spvmodel.finance.checks import declare_checks
from spvmodel.finance.construction import declare_construction
from spvmodel.finance.covenants import declare_covenants
from spvmodel.finance.debt.totals import declare_debt
from spvmodel.finance.funding import PASSES, declare_funding
from spvmodel.finance.headline import ORDER, declare_headline, headline_lines, not_applicable
from spvmodel.finance.lease import declare_leases
from spvmodel.finance.opex import declare_opex
from spvmodel.finance.ratios import CFADS_RECIPE, declare_ratios
from spvmodel.finance.reserves import declare_reserves
from spvmodel.finance.returns import declare_returns
from spvmodel.finance.terms import Terms, declare_terms
from spvmodel.finance.time import declare_time
from spvmodel.finance.waterfall import declare_waterfall
from spvmodel.lines import Graph, Model

_BLOCKS: Final = (
    declare_time,
    declare_leases,
    declare_opex,
    declare_construction,
    declare_funding,
    declare_debt,
    declare_reserves,
    declare_waterfall,
    declare_covenants,
    declare_ratios,
    declare_returns,
    declare_headline,
    declare_checks,
)


def build(deal: Deal) -> Model:
    """The model of a deal: a graph of lines over the deal's periods, with its cases."""
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
        "sources": {
            key: {
                "title": source.title,
                "url": source.url or "",
                "date": source.date.isoformat() if source.date else "",
                "note": source.note or "",
            }
            for key, source in deal.sources.items()
        },
        "qualifications": list(deal.qualifications),
        "cases": {case.id: {"label": case.label, "description": case.description} for case in deal.cases.values()},
        "cfads_recipe": list(CFADS_RECIPE),
        "metrics": list(ORDER),
        "not_applicable": not_applicable(terms),
        "fixed": [
            ("Model periods", f"{len(deal.periods)}, {frequency}"),
            ("First period ends", deal.periods[0].isoformat()),
            ("Last period ends", deal.periods[-1].isoformat()),
            ("Buildings", ", ".join(b.label for b in deal.spec.building.values())),
            ("Leases", str(len(deal.spec.lease))),
            ("Loans", ", ".join(loan.label for loan in deal.spec.debt.values())),
            ("Take-out", "yes" if deal.spec.takeout else "no"),
            ("Feedback passes", str(PASSES)),
        ],
    }
