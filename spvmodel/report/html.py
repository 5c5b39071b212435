"""The report: one HTML file that opens without a network and prints."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from spvmodel import __version__, resources
from spvmodel.engine import Result
from spvmodel.report import charts, debt, tables
from spvmodel.report.assumptions import STATUSES, book
from spvmodel.report.credit import credit
from spvmodel.report.format import show, unit_label
from spvmodel.report.headline import headline
from spvmodel.report.recovery import recovery
from spvmodel.report.statements import statements
from spvmodel.report.verdict import lights
from spvmodel.report.view import Table, View
from spvmodel.workbook import formula_in_names

_KEY_FIGURES = (
    "debt_commitment",
    "gearing",
    "min_dscr",
    "avg_dscr",
    "min_llcr",
    "balloon",
    "wal_years",
    "equity_irr",
)
"""The headline metrics that stand large on the first page."""

_OPERATIONS = (
    "revenue.total",
    "contract.prepayments",
    "opex.total",
    "opex.working_capital_increase",
    "reserves.capital.contribution",
    "tax.payable",
    "ratios.cfads",
    "debt.fees_scheduled",
    "debt.interest_scheduled",
    "debt.amortisation",
    "hedge.net",
    "debt.service",
    "debt.service_junior",
    "debt.service_total",
    "waterfall.distributions",
    "ratios.dscr",
    "ratios.dscr_total",
    "ratios.icr",
)
_RENT_ROLL = (
    "lease.rent_in_force",
    "lease.capacity_in_force",
    "lease.walt_rent",
    "lease.walt_capacity",
    "lease.rent_expiring",
    "lease.capacity_expiring",
    "lease.largest_tenant",
    "ratios.rent_cut",
)
_ROLL_LABELS = {
    "lease.rent_in_force": "Contracted rent a year, at the end",
    "lease.capacity_in_force": "Capacity let at the end, MW",
    "lease.walt_rent": "WALT by rent, years",
    "lease.walt_capacity": "WALT by capacity, years",
    "lease.rent_expiring": "Rent a year that expires",
    "lease.capacity_expiring": "Capacity that expires, MW",
    "ratios.rent_cut": "Break-even cut of rent, last period",
}
_DEBT = (
    "debt.opening",
    "funding.draws",
    "debt.takeout.draw",
    "debt.repaid",
    "debt.closing",
    "debt.interest_scheduled",
    "debt.rate",
)
_RESERVES = (
    "reserves.dsra.opening",
    "reserves.dsra.funding",
    "reserves.dsra.top_up",
    "reserves.dsra.draw",
    "reserves.dsra.release",
    "reserves.dsra.closing",
    "reserves.dsra.target",
    "reserves.capital.opening",
    "reserves.capital.funding",
    "reserves.capital.spending",
    "reserves.capital.closing",
    "reserves.working_capital.opening",
    "reserves.working_capital.funding",
    "reserves.working_capital.top_up",
    "reserves.working_capital.draw",
    "reserves.working_capital.release",
    "reserves.working_capital.closing",
    "reserves.account.opening",
    "reserves.account.funding",
    "reserves.account.top_up",
    "reserves.account.draw",
    "reserves.account.spending",
    "reserves.account.release",
    "reserves.account.closing",
    "reserves.account.target",
    "reserves.trapped.opening",
    "reserves.trapped.trapped",
    "reserves.trapped.support",
    "reserves.trapped.release",
    "reserves.trapped.closing",
    "reserves.interest_earned",
)
_TAX = (
    "tax.depreciation_total",
    "tax.interest",
    "tax.interest_closing",
    "tax.income",
    "tax.losses_used",
    "tax.losses_closing",
    "tax.state",
    "tax.federal",
    "tax.owed_closing",
    "tax.due",
    "tax.refund",
)
_LOSSES = {
    "tax.losses_used": "Losses used",
    "tax.losses_closing": "Losses carried forward",
    "tax.interest_closing": "Interest disallowed, carried forward",
    "tax.owed_closing": "Taxes assessed and not yet paid",
}
_RETURNS = ("returns.contributions", "returns.distributions", "returns.equity_flow", "returns.equity_running")
_ENFORCED = (
    "enforcement.contributions",
    "enforcement.distributions",
    "enforcement.equity_flow",
    "enforcement.equity_flow_running",
)
"""What sponsors pay in and receive where the deal file says what lenders do after a default."""
_EARNED = (
    "enforcement.equity_irr",
    "returns.equity_irr",
    "returns.equity_irr_equal_periods",
    "returns.equity_irr_before_tax",
    "returns.equity_irr_after_tax",
    "returns.equity_npv",
    "returns.peak_equity",
    "returns.avg_dividend_yield",
    "returns.equity_sign_changes",
    "returns.project_irr",
    "returns.project_irr_after_tax",
    "returns.project_npv",
)
_CUSHIONS = (
    "ratios.min_dscr_with_balloon",
    "ratios.min_dscr_total",
    "ratios.breakeven_cfads_cut",
    "ratios.timely_cfads_cut",
    "ratios.timely_rent_cut",
    "ratios.gearing_of_lenders",
    "ratios.tail",
    "ratios.tail_share",
    "ratios.max_net_debt_ebitda",
)
_COVER = (
    "ratios.cfads",
    "debt.service",
    "debt.service_total",
    "ratios.dscr",
    "ratios.dscr_total",
    "ratios.dscr_historic",
    "ratios.dscr_forward",
    "ratios.llcr",
    "ratios.plcr",
    "ratios.icr",
    "ratios.contract_realization",
    "covenants.headroom",
    "covenants.headroom_share",
    "covenants.cure.dscr",
    "covenants.cure.paid",
    "covenants.lockup",
    "covenants.result",
)
_TOTALS = (
    "ratios.cfads",
    "debt.service",
    "debt.closing",
    "reserves.dsra.closing",
    "reserves.capital.closing",
    "reserves.working_capital.closing",
    "reserves.account.closing",
    "reserves.trapped.closing",
)
_DEFINED = ("Ratios", "Covenants", "Returns")


@dataclass(frozen=True)
class Definition:
    """How one line is computed."""

    name: str
    label: str
    formula: str
    note: str
    place: str


def write_report(result: Result, path: str | os.PathLike[str]) -> None:
    """Write the report of a solved case as one self-contained HTML file.

    The same result gives the same bytes. The file is written beside its target and moved into place, so that a
    failure (OSError) leaves an earlier report as it was.
    """
    target = Path(path)
    text = render(result)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _handed_over(view: View) -> tuple[str, ...]:
    """What lenders take of all accounts, where they enforce in the case."""
    name = "reserves.handed_over"
    return (name,) if view.has(name) and any(view.result.series(name)) else ()


def _facilities(view: View) -> tuple[str, ...]:
    """What facilities that cover shortfalls are drawn and owed, beside the accounts."""
    every = [name.removesuffix(".reimbursed") for name in view.model.lines if name.endswith(".reimbursed")]
    parts = ("opening", "drawn", "interest", "reimbursed", "closing")
    return tuple(f"{at}.{part}" for at in every if "@" not in at for part in parts)


def render(result: Result) -> str:
    """The report as HTML text."""
    return _environment().get_template("report.html.j2").render(_content(View(result)))


def _content(view: View) -> dict[str, Any]:
    """Everything the templates print."""
    result, inputs = view.result, book(view)
    metrics = headline(result)
    case = view.about.get("cases", {}).get(result.case, {})
    return {
        "about": view.about,
        "version": __version__,
        "case": result.case,
        "case_label": case.get("label", result.case),
        "case_description": case.get("description", ""),
        "run_id": result.run_id,
        "fingerprint": view.about.get("fingerprint", ""),
        "currency": view.currency,
        "decimals": view.decimals,
        "layout": view.place,
        "span": (view.ends[0], view.ends[-1]),
        "passed": result.passed,
        "checks": result.checks,
        "check_place": {check.name: view.place.cell(check.name) for check in result.checks},
        "check_unit": {check.name: view.unit(check.name) for check in result.checks},
        "warnings": result.warnings,
        "lights": lights(view, inputs),
        "headline": metrics,
        "key_figures": [metric for key in _KEY_FIGURES for metric in metrics if metric.key == key],
        "funding": tables.sources_and_uses(view),
        "buildings": tables.terms(
            view, "building", "Buildings" if view.entries("lease.{}.rent") else "Works", by_entry=True
        ),
        "leases": tables.terms(view, "lease", "Leases", by_entry=True),
        "rent_roll": tables.annual(view, "Rent roll by calendar year", _RENT_ROLL, labels=_ROLL_LABELS),
        "contracts": tables.terms(view, "contract", "Compute contracts", by_entry=False, nested=True),
        "hardware": tables.terms(
            view, "use", "Life and resale value of the hardware", by_entry=False, within="hardware"
        ),
        "incomes": tables.terms(view, "income", "Income", by_entry=True),
        "credit": credit(view),
        "loans": debt.loan_terms(view),
        "hedges": tables.terms(view, "hedge", "Terms of the hedges", by_entry=False),
        "triggers": debt.triggers(view),
        "sizing": debt.sizing(view),
        "balances": debt.balances(view),
        "by_rank": debt.by_rank(view),
        "hedging": debt.hedges(view),
        "maturity": debt.refinancing(view),
        "collateral": debt.collateral(view),
        "recovery": recovery(view),
        "tax": tables.annual(view, "Income tax by calendar year", _TAX, ("tax.due",), labels=_LOSSES),
        "statements": statements(view),
        "figures": charts.figures(view),
        "operations": tables.annual(view, "Cash flow by calendar year", view.as_left(_OPERATIONS), _TOTALS),
        "debt": _debt(view),
        "cover": tables.by_period(view, "Cover ratios by period", _cover(view), beside=_COVER[:3]),
        "waterfall": tables.waterfall(view),
        "cushions": tables.scalars(view, "Averages, cushions and tail", _CUSHIONS),
        "reserves": tables.annual(
            view,
            "Reserve accounts by calendar year",
            _RESERVES + _handed_over(view) + _facilities(view),
            _TOTALS,
            grouped=True,
        ),
        "returns": tables.annual(
            view, "Equity flows by calendar year", _ENFORCED if view.has(_ENFORCED[0]) else _RETURNS
        ),
        "earned": tables.scalars(view, "Measures of return", _earned(view)),
        "sponsors": tables.sponsors(view),
        "inputs": inputs,
        "statuses": STATUSES,
        "definitions": list(_definitions(view)),
    }


def _debt(view: View) -> Table | None:
    """The balance that cover tests: all debt, or the senior debt where other ranks stand behind it."""
    junior = debt.beside_senior(view)
    title = "Senior debt by calendar year" if junior else "Debt by calendar year"
    names = [name for name in _DEBT if not (junior and name == "funding.draws")]
    return tables.annual(view, title, view.as_left(names), _TOTALS)


def _cover(view: View) -> list[str]:
    """Cover by period; headroom and lock-up only where a level is set."""
    return [name for name in _COVER if view.covenants or not name.startswith("covenants.")]


def _earned(view: View) -> list[str]:
    """Measures of return; that of the projection only where no other takes a default of the case into account."""
    return [name for name in _EARNED if name != "returns.equity_irr" or not view.has(_EARNED[0])]


def _definitions(view: View) -> list[Definition]:
    """The formula of every line of the sections that a reader asks about."""
    lines = view.model.lines
    return [
        Definition(
            line.name, line.label, formula_in_names(line.expr), line.note, view.place.cell(line.name).partition(":")[0]
        )
        for line in lines.values()
        if line.expr is not None and not line.turn and line.section in _DEFINED
    ]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Templates that escape every text; a name they misspell is an error."""
    folder = resources.templates() / "report"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["style"] = Markup((folder / "style.css").read_text(encoding="utf-8"))
    environment.filters["css_string"] = css_string
    environment.filters["address"] = address
    environment.filters["shown"] = show
    environment.filters["in_words"] = unit_label
    environment.filters["scientific"] = lambda value: f"{value:.1e}" if value else "0"
    return environment


def css_string(text: str) -> Markup:
    """Text as a string of a style sheet, every character that is not a plain letter or digit as its code."""
    coded = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
    return Markup(f'"{coded}"')


def address(url: str) -> str:
    """An address that may become a link: http and https only, otherwise an empty text."""
    return url if url.startswith(("https://", "http://")) else ""
