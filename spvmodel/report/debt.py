"""The tables of the debt: terms, sizing, balances and service of every loan, hedges, refinancing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from spvmodel.report.format import show
from spvmodel.report.sizing import Constraint, Sized, sized
from spvmodel.report.tables import annual, annual_row, missing, terms, value_in_case
from spvmodel.report.view import Row, Table, View

_ORDER: Final = (
    "rank", "sequence", "funds", "commitment", "close", "availability_end", "completion", "maturity", "margin",
    "margin_steps", "fixed_rate", "floor", "cap", "default_margin", "day_count", "upfront_fee", "discount",
    "commitment_fee", "agency_fee", "exit_fee", "draws",
)  # fmt: skip
"""Terms of a loan in the order of a term sheet."""
_BLOCKS: Final = {
    "payment_days": "Payment days",
    "repayment": "Repayment",
    "sizing": "Sizing",
    "pik": "Interest added to the loan (PIK)",
    "ard": "Anticipated repayment",
    "extension": "Extension",
    "prepayment": "Prepayment",
}
"""The parts of a loan's terms that are mappings of their own, and their headings."""
_BALANCE: Final = ("opening", "draw", "pik", "repaid", "claimed", "recovered", "lost", "closing")
_SETTLED: Final = ("claimed", "recovered", "lost")
"""Rows of a balance that are there only where lenders enforce in the case."""
_RANKS: Final = {"": "Senior", "second_lien_": "Second lien", "mezzanine_": "Mezzanine", "holdco_": "Holdco",
                 "shareholder_": "Shareholder loans"}  # fmt: skip
_PAID: Final = ("interest", "principal", "balloon")
_WHY_NOT: Final = {
    "exit_ltv": "does not apply: the loan leaves no balloon",
    "exit_debt_yield": "does not apply: the loan leaves no balloon",
    "refinancing": "does not apply: the loan leaves no balloon",
}


def loan_terms(view: View) -> Table | None:
    """The terms of every loan, a column each: quantities and choices in the order of a term sheet."""
    cells: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    names = [name for name in view.stated if name.startswith("debt.")]
    loans = list(dict.fromkeys(name.split(".")[1] for name in names))
    for name, (label, words) in view.structure.items():
        if name.startswith("debt.") and not name.endswith(".label"):
            _, loan, term = name.split(".", 2)
            labels.setdefault(term, label)
            cells.setdefault(term, {})[loan] = words
    for name in names:
        _, loan, term = name.split(".", 2)
        if term.startswith("sizing.") or view.idle(name):
            continue  # The table of the sizing says what is asked.
        labels.setdefault(term, view.line(name).label.removesuffix(f", {view.entry_label(f'debt.{loan}')}"))
        cells.setdefault(term, {})[loan] = value_in_case(view, name)
    if not cells:
        return None
    single = [term for term in cells if "." not in term]
    single.sort(key=lambda term: _ORDER.index(term) if term in _ORDER else len(_ORDER))
    rows = [_terms_row(labels, cells, term, loans) for term in single]
    for block, heading in _BLOCKS.items():
        inside = [term for term in cells if term.startswith(f"{block}.")]
        if inside:
            rows.append(Row(heading, kind="group"))
            rows += [_terms_row(labels, cells, term, loans) for term in inside]
    head = [view.entry_label(f"debt.{loan}") for loan in loans]
    place = view.rows(*(name for name in names if ".sizing." not in name and not view.idle(name)))
    return Table("Terms of the loans", head, rows, place)


def _terms_row(labels: dict[str, str], cells: dict[str, dict[str, str]], term: str, loans: list[str]) -> Row:
    return Row(labels[term], [cells[term].get(loan, "") for loan in loans])


def sizing(view: View) -> list[Table]:
    """A table for every loan that is sized: what each constraint asks and allows, and which one binds."""
    return [_sizing(view, one) for one in sized(view.result)]


def _sizing(view: View, one: Sized) -> Table:
    rows = []
    for limit in one.constraints:
        binds = limit is one.binding
        state = "binds" if binds else "next" if limit is one.second else ""
        amounts = [show(value, "money", view.decimals) for value in (limit.capacity, limit.headroom)]
        if not limit.limits:
            amounts, state = ["", ""], _WHY_NOT.get(limit.key, "met whatever the size")
        rows.append(Row(limit.label, [_asked(view, one, limit), *amounts, state], "binding" if binds else ""))
    size = show(one.size, "money", view.decimals)
    rows.append(Row("Size: the smallest capacity", ["", size, "", ""], "total"))
    head = ["Asked", "Capacity", "Headroom", "State"]
    return Table(f"Sizing: {one.label}", head, rows, view.rows(*one.lines), f"{view.currency} m")


def _asked(view: View, one: Sized, limit: Constraint) -> str:
    """What the lenders ask: the inputs of a constraint; its parts where it is a test of several terms."""
    at = f"takeout.{limit.key}" if one.loan == "takeout" else f"debt.{one.loan}.sizing.{limit.key}"
    own = [name for name in (at, f"{at}_merchant", f"{at}_steps") if name in view.model.inputs]
    parts = [name for name in view.model.inputs if name.startswith(f"{at}.")]
    if len(own) == 1 and not parts:
        return value_in_case(view, own[0])
    told = [f"{view.term_label(name)} {value_in_case(view, name)}" for name in (*own, *parts)]
    return "; ".join(told) or "loan / uses it funds"


def beside_senior(view: View) -> bool:
    """Whether a loan is no part of the debt that cover tests: one of another rank, or of the sponsors' equity."""
    return view.has("debt.service_junior") or any(
        name.endswith(".rank") and words in ("shareholder", "equity bridge")
        for name, (_, words) in view.structure.items()
    )


def balances(view: View) -> Table | None:
    """The balance of every facility by calendar year, where there are several: in, out, closing, then the sums."""
    facilities = [at for at in view.entries("debt.{}.closing") if any(view.result.series(f"debt.{at}.closing"))]
    if len(facilities) < 2:
        return None
    rows: list[Row] = []
    named: list[str] = []
    for at in facilities:
        names = view.only([f"debt.{at}.{what}" for what in _BALANCE])
        names = [name for name in names if name.rpartition(".")[2] not in _SETTLED or any(view.result.series(name))]
        rows.append(Row(view.facility(names[-1]) or view.entry_label(f"debt.{at}"), kind="group"))
        rows += [annual_row(view, name, "total" if name.endswith(".closing") else "") for name in names]
        named += names
    sums = view.only(["debt.closing", "debt.closing_total"])
    label = "Closing balance, senior" if beside_senior(view) else "Closing balance of all loans"
    rows.append(Row("All loans", kind="group"))
    rows += [annual_row(view, name, "total", label if name == "debt.closing" else "") for name in sums]
    title = "Balance of every loan by calendar year"
    return Table(title, view.years.labels, rows, view.rows(*named, *sums), f"{view.currency} m", wide=True)


def by_rank(view: View) -> Table | None:
    """What every rank is paid by calendar year, and the scheduled service; only where debt ranks below the senior."""
    if not view.has("debt.service_junior"):
        return None
    rows: list[Row] = []
    named: list[str] = []
    for rank, heading in _RANKS.items():
        names = view.only([f"waterfall.{rank}{what}.paid" for what in _PAID])
        if names:
            rows.append(Row(heading, kind="group"))
            for name in names:
                what = name.split(".")[1].removeprefix(rank)
                rows.append(annual_row(view, name, label=f"{what.capitalize()} paid"))
            named += names
    labels = {"debt.service": "Senior debt service", "debt.service_junior": "Service of junior ranks"}
    sums = [*labels, "debt.service_total"]
    rows.append(Row("Scheduled, balloons left out", kind="group"))
    rows += [annual_row(view, name, "" if name in labels else "total", labels.get(name, "")) for name in sums]
    title = "Debt service by rank and calendar year"
    return Table(title, view.years.labels, rows, view.rows(*named, *sums), f"{view.currency} m", wide=True)


def hedges(view: View) -> Table | None:
    """Notionals, hedge ratios and net payments by calendar year."""
    if not view.has("hedge.net"):
        return None
    names = []
    for loan in view.entries("debt.{}.hedge_ratio"):
        names += [f"debt.{loan}.{what}" for what in ("hedged", "unhedged", "hedge_ratio")]
    rows: list[Row] = []
    for name in names:
        loan = name.split(".")[1]
        if name.endswith(".hedged"):
            rows.append(Row(view.entry_label(f"debt.{loan}"), kind="group"))
        rows.append(annual_row(view, name))
    ids = view.entries("hedge.{}.notional")
    for one in ids:
        rows.append(Row(view.entry_label(f"hedge.{one}"), kind="group"))
        flows = view.only([f"hedge.{one}.{what}" for what in ("notional", "premium_paid", "net", "break_cost")])
        flows = [name for name in flows if any(view.numbers(name))]
        rows += [annual_row(view, name) for name in flows]
        names += flows
    sums = view.only(["hedge.net"])
    rows += [annual_row(view, name, "total", "Net payments of all hedges in cash, + paid") for name in sums]
    title = "Hedges by calendar year"
    return Table(title, view.years.labels, rows, view.rows(*names, *sums), f"{view.currency} m", wide=True)


_MATURITY: Final = {
    "debt.balloon_total": "Balloons of the loans",
    "headline.balloon_accelerated": "of which accelerated by lenders before they fall due",
    "debt.takeout.cfads": "Lowest CFADS of a repayment period of the take-out",
    "debt.takeout.capacity": "Debt capacity of the take-out",
    "headline.refinance_proceeds": "Drawn under the take-out",
    "headline.refinance_shortfall": "Refinance shortfall",
    "headline.refinance_dscr": "Refinance DSCR",
    "debt.takeout.refinance_dscr": "Refinance DSCR",
    "valuation.last_maturity": "Last maturity of a loan",
    "valuation.value_at_maturity": "Value at the last maturity",
    "valuation.debt_at_maturity": "Debt at the last maturity, before repayment",
    "ratios.ltv_at_maturity": "LTV at the last maturity",
}
_EXTENSION: Final = ("dscr_passed", "debt_yield_passed", "ltv_passed", "granted")


def refinancing(view: View) -> Table | None:
    """What falls due at maturity, what refinances it, and whether an extension is granted; only where either is."""
    if not view.has("debt.takeout.capacity") and not view.has("valuation.value"):
        return None
    names = view.only(_MATURITY)
    if "headline.refinance_dscr" in names:
        # The one that knows which loans lenders have accelerated.
        names.remove("debt.takeout.refinance_dscr")
    rows = [Row(_MATURITY[name], [f"{view.text(name)} {view.unit(name)}".strip()], name=name) for name in names]
    for loan in view.entries("debt.{}.extension_granted"):
        rows.append(Row(f"Extension of {view.entry_label(f'debt.{loan}')}", kind="group"))
        tests = view.only([f"debt.{loan}.extension_{what}" for what in _EXTENSION])
        rows += [Row(view.line(name).label, [view.text(name)], name=name) for name in tests]
        names += tests
    return Table("At maturity", ["Value"], rows, view.rows(*names), note=missing(view, names))


def triggers(view: View) -> Table | None:
    """The conditions and effects of every trigger, a column each, and in how many periods it is on."""
    table = terms(view, "trigger", "Triggers", by_entry=False)
    if table is None:
        return None
    periods = view.only([f"trigger.{one}.periods" for one in view.entries("trigger.{}.periods")])
    on = Row("Periods on", [view.text(name) for name in periods], "total")
    return replace(table, rows=[*table.rows, on])


def collateral(view: View) -> Table | None:
    """Value of the collateral and loan to value by calendar year."""
    return annual(view, "Value and loan to value by calendar year", ("valuation.value", "valuation.debt", "ratios.ltv"))
