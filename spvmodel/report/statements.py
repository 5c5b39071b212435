"""The three statements by calendar year, and what of the distributions was not earned."""

from __future__ import annotations

import math
from dataclasses import replace

from spvmodel.report.format import show
from spvmodel.report.tables import annual
from spvmodel.report.view import Table, View

_TITLES = {
    "income": "Income statement by calendar year",
    "cash": "Cash-flow statement by calendar year",
    "balance": "Balance sheet at the end of each calendar year",
    "fixed_assets": "Fixed assets by calendar year",
}
_TOTALS = (
    "income.ebitda",
    "income.operating_profit",
    "income.before_tax",
    "income.net_income",
    "cash.operations",
    "cash.investing",
    "cash.financing",
    "cash.movement",
    "cash.closing",
    "balance.assets",
    "balance.liabilities",
    "balance.equity",
    "fixed_assets.closing",
)
_CORKSCREW = ("opening", "construction", "financing", "works", "depreciation", "disposed", "closing")
_ALWAYS = ("balance.equity", "cash.opening")
"""Rows that stand even where nothing is ever on them."""


def statements(view: View) -> list[Table]:
    """A table for each statement that the model has; rows on which nothing ever happens are left out."""
    totals = [f"statements.{what}" for what in _TOTALS]
    found = []
    for part, title in _TITLES.items():
        table = annual(view, title, _rows(view, part, totals), totals)
        if table is not None:
            found.append(replace(table, note=_note(view, part)))
    return found


def _rows(view: View, part: str, totals: list[str]) -> list[str]:
    at = f"statements.{part}."
    names = [name for name in view.model.lines if name.startswith(at) and view.line(name).series]
    if part == "fixed_assets":
        names = [name for name in names if name.removeprefix(at) in _CORKSCREW]
        names.sort(key=lambda name: _CORKSCREW.index(name.removeprefix(at)))
    kept = (*totals, *(f"statements.{what}" for what in _ALWAYS))
    return [name for name in names if name in kept or any(round(v, view.decimals) for v in view.result.series(name))]


def _note(view: View, part: str) -> str:
    """What a reader must know of a statement."""
    if part == "income":
        return "Income is positive, costs are negative. Costs count when they fall due; there are no deferred taxes."
    if part == "cash":
        return "Receipts are positive, payments are negative; the movement is that of all accounts."
    return _returned(view) if part == "balance" else ""


def _returned(view: View) -> str:
    """The dividend trap: what is distributed out of cash before it is earned."""
    names = [f"statements.{what}" for what in ("retained_earnings.dividends", "contributed_capital.returned")]
    if not view.has(*names):
        return ""
    earned, returned = (math.fsum(view.result.series(name)) for name in names)
    if round(returned, view.decimals) <= 0:
        return "All distributions come out of retained earnings."
    amounts = [show(amount, "money", view.decimals) for amount in (earned + returned, returned)]
    return (
        f"Of distributions of {amounts[0]}, {amounts[1]} exceed what had been earned and kept by then and count as a "
        "return of capital. The waterfall pays out cash whatever the accounts say: where the law allows dividends out "
        "of retained earnings alone, that part needs a repayment of capital or a shareholder loan."
    )
