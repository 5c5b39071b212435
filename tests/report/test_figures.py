"""The numbers of the report against the lines of the model, and its charts."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

import spvmodel
from spvmodel.report import document, tables
from spvmodel.report.assumptions import book
from spvmodel.report.charts import figures
from spvmodel.report.format import show, unit_label, with_unit
from spvmodel.report.html import render
from spvmodel.report.periods import Years, phases
from spvmodel.report.view import Table, View
from tests.report.toy import EVIL, RENT, solved

STEPS = ("operating_costs", "fees", "interest", "principal", "balloon", "dsra")
FLOWS = ("due", "paid", "shortfall")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def view() -> View:
    """The toy."""
    return View(solved())


@pytest.fixture(scope="module")
def abilene() -> View:
    """The shipped deal."""
    return View(spvmodel.solve(spvmodel.build(spvmodel.load("abilene"))))


@pytest.fixture(scope="module", params=["phase_2_yield_on_cost", "a third of the rent"])
def arrears(request: pytest.FixtureRequest, abilene: View) -> View:
    """The shipped deal where it leaves a balloon unpaid for years, and where it leaves all debt service unpaid.

    Its lenders wait with acceleration, so that arrears are not closed by a sale.
    """
    inputs = {"enforcement.cure_months": 600.0}
    if request.param in abilene.model.cases:
        return View(spvmodel.solve(abilene.model, request.param, inputs=inputs))
    return View(spvmodel.solve(abilene.model, inputs=inputs | {f"lease.b{k}.rent": 33.0 for k in range(1, 9)}))


def cells(table: Table | None, label: str) -> Sequence[str]:
    """The cells of the first row of a label."""
    assert table is not None
    return next(row.cells for row in table.rows if row.label == label)


def number(text: str) -> float:
    """A printed amount."""
    return 0.0 if text == "–" else float(text.replace(",", ""))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (math.nan, "x", "n/a"),
        (1.2661, "x", "1.26x"),
        (0.9958, "x", "0.99x"),
        (0.99999, "x", "0.99x"),
        # A level is met by what differs from it by rounding alone; one of three decimals keeps them.
        (1.15 - 1e-12, "x", "1.15x"),
        (1.125, "x", "1.125x"),
        (1.1249, "x", "1.12x"),
        (-0.0704, "x", "-0.08x"),
        (-1e-16, "x", "0.00x"),
        (1234.5, "x", "1,234.50x"),
        (0.0525, "1/yr", "5.25%"),
        (10.0, "1/yr", "1000.00%"),
        (2.5, "share", "250.00%"),
        (4.0, "count/yr", "4"),
        (0.6258, "share", "62.58%"),
        (9388.04, "money", "9,388.0"),
        (-0.04, "money", "0.0"),
        (-1234.56, "money", "-1,234.6"),
        (45747.0, "date", "2025-03-31"),
        (1.0, "flag", "yes"),
        (0.0, "flag", "no"),
        (6.0, "months", "6"),
        (2.5, "months", "2.50"),
        (103.0, "MW", "103.00"),
    ],
)
def test_numbers_as_text(value: float, unit: str, text: str) -> None:
    assert show(value, unit) == text


def test_units_as_text() -> None:
    assert with_unit(9388.0, "money", "USD") == "9,388.0 USD m"
    assert with_unit(0.05, "1/yr", "USD") == "5.00% p.a."
    assert with_unit(math.nan, "money", "USD") == "n/a"
    assert unit_label("USD/kW/month", "USD") == "USD/kW/month"


def test_small_amounts_have_more_decimals(view: View, abilene: View) -> None:
    assert (view.decimals, abilene.decimals) == (3, 1)
    assert view.input_text("debt.a.commitment", 70.0) == "70.000 EUR m"


def test_years_gather_periods(view: View) -> None:
    years = Years.of(view.result)
    assert years.labels == ("2025", "2026")
    assert years.sums([1, 2, 3, 4, 5, 6, 7, math.nan]) == [10, 18]
    assert years.first(range(8)) == [0, 4] and years.last(range(8)) == [3, 7]
    lowest = years.lowest([math.nan] * 4 + [3, 2, math.nan, 4])
    assert math.isnan(lowest[0]) and lowest[1] == 2
    weighted = years.weighted([9, 9, 1, 3, 5, 5, 5, 5], [0, 0, 10, 30, 0, 0, 0, 0])
    assert weighted[0] == 2.5 and math.isnan(weighted[1])


def test_arrears_are_due_once_a_year(view: View) -> None:
    # 10 falls newly due in every period; 4, 6, 0 and 3 are left unpaid in the first year, 2 and then 0 in the second.
    dues = [10, 14, 16, 10, 13, 12, 10, 10]
    shortfalls = [4, 6, 0, 3, 2, 0, 0, 0]
    assert view.years.due(dues, shortfalls) == [40, 43]


def test_phases(view: View) -> None:
    assert phases(view.result) == ["construction", "construction", *["operation"] * 6]
    assert [period["phase"] for period in document(view.result)["periods"]] == phases(view.result)


def test_waterfall_adds_up_by_year(view: View) -> None:
    table = tables.waterfall(view)
    assert table is not None and list(table.head) == ["2025", "2026"]
    paid = view.result.series("waterfall.service.paid")
    assert [number(cell) for cell in cells(table, "Paid")] == pytest.approx([sum(paid[:4]), sum(paid[4:])], abs=0.051)
    left = [number(cell) for cell in cells(table, "Cash left")]
    assert left == pytest.approx([sum(RENT[:4]) - sum(paid[:4]), sum(RENT[4:]) - sum(paid[4:])], abs=0.051)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_the_shipped_waterfall_adds_up(abilene: View, step: str) -> None:
    table = tables.waterfall(abilene)
    assert table is not None
    rows = {row.name: row.cells for row in table.rows if row.name}
    for what in ("paid", "cash_left"):
        name = f"waterfall.{step}.{what}"
        printed = sum(number(cell) for cell in rows[name])
        assert printed == pytest.approx(sum(abilene.result.series(name)), abs=0.05 * len(table.head) + 0.001)


@pytest.mark.parametrize("step", STEPS)
def test_due_less_paid_is_unpaid_in_every_year(arrears: View, step: str) -> None:
    (due, _), (paid, _), (unpaid, _) = (tables.by_year(arrears, f"waterfall.{step}.{what}") for what in FLOWS)
    assert [a - b for a, b in zip(due, paid, strict=True)] == pytest.approx(unpaid, abs=1e-8)
    table = tables.waterfall(arrears)
    assert table is not None
    rows = {row.name: [number(cell) for cell in row.cells] for row in table.rows if row.name}
    # Unpaid amounts stand in the table only where there ever are any.
    nothing = [] if max(unpaid) > 0.05 else [0.0] * len(unpaid)
    printed = [rows.get(f"waterfall.{step}.{what}", nothing) for what in FLOWS]
    assert len(printed[0]) == len(arrears.years.labels)
    for a, b, left in zip(*printed, strict=True):
        assert a - b == pytest.approx(left, abs=0.151)


@pytest.mark.parametrize("step", ["interest", "principal", "balloon"])
def test_a_year_counts_what_falls_due_in_it_once(arrears: View, step: str) -> None:
    """Without what is brought forward, the years together owe what falls newly due in the periods."""
    at = f"waterfall.{step}"
    unpaid = arrears.result.series(f"{at}.shortfall")
    newly = sum(arrears.result.series(f"{at}.due")) - sum(unpaid[:-1])
    due, at_ends = (tables.by_year(arrears, f"{at}.{what}")[0] for what in ("due", "shortfall"))
    assert sum(due) - sum(at_ends[:-1]) == pytest.approx(newly)


def test_arrears_last_for_years(arrears: View) -> None:
    """The two tests above are about something: the sum of a balloon's dues is far above the balloon."""
    balloon = arrears.result.scalar("debt.balloon_total")
    assert sum(arrears.result.series("waterfall.balloon.due")) > 2 * balloon
    years = [left for left in tables.by_year(arrears, "waterfall.balloon.shortfall")[0] if left > 1]
    assert len(years) >= 3


def test_annual_rows_say_how_periods_were_gathered(abilene: View) -> None:
    table = tables.annual(abilene, "", ["debt.opening", "debt.rate", "ratios.dscr"])
    assert table is not None
    labels = ["Opening balance", "Average rate, weighted by opening balance", "DSCR, lowest period"]
    assert [row.label for row in table.rows] == labels
    start, end = abilene.years.spans[3]
    rates, opening = (abilene.result.series(name)[start:end] for name in ("debt.rate", "debt.opening"))
    mean = sum(r * b for r, b in zip(rates, opening, strict=True)) / sum(opening)
    assert table.rows[1].cells[3] == show(mean, "1/yr")


def test_the_table_of_the_debt_chart_names_facilities(abilene: View) -> None:
    head = figures(abilene)["debt"].data.head
    loans = [loan.label for loan in spvmodel.load("abilene").spec.debt.values()]
    assert [text.removesuffix(" (USD m)") for text in head] == [*loans, "Take-out"]


def test_balances_by_year_are_corkscrews(abilene: View) -> None:
    table = tables.annual(abilene, "", ["debt.opening", "debt.closing"])
    opening, closing = (
        [number(cell) for cell in cells(table, label)] for label in ("Opening balance", "Closing balance")
    )
    assert opening[0] == 0.0 and opening[1:] == closing[:-1]
    assert max(closing) > 9000


def test_sources_equal_uses(view: View, abilene: View) -> None:
    for one in (view, abilene):
        table = tables.sources_and_uses(one)
        assert cells(table, "Total sources") == cells(table, "Total uses")
    assert cells(tables.sources_and_uses(view), "Debt draws") == ["70.000", "70.000", "70.00%"]


def test_terms_of_leases_are_a_row_each(abilene: View) -> None:
    table = tables.terms(abilene, "lease", "Leases", by_entry=True)
    assert table is not None
    assert list(table.head) == [
        "Tenant", "Base rent, first year", "Commencement", "Term", "Escalation", "Rent-free period"
    ]  # fmt: skip
    assert list(cells(table, "Lease of building 1")) == [
        "Oracle America, Inc.", "99.00 USD/kW/month", "2025-07-01", "180 months", "3.00%", "0 months"
    ]  # fmt: skip


def test_assumptions_hold_every_input(view: View) -> None:
    found = book(view)
    entries = {entry.name: entry for entries in found.groups.values() for entry in entries}
    assert list(entries) == list(view.model.inputs)
    assert sum(found.counts.values()) == len(entries)
    assert entries["debt.a.fee"].value == "1.00%" and entries["debt.a.fee"].status == "unsourced"
    assert entries["lease.rents"].value == EVIL
    assert entries["lease.rents"].overrides == (("low", "another path"),)
    assert entries["debt.a.commitment"].place == view.place.cell("debt.a.commitment")


def test_charts_are_drawings_with_words_and_numbers(view: View) -> None:
    found = figures(view)
    assert list(found) == ["funding", "debt", "service", "cover"]
    for figure in found.values():
        root = ET.fromstring(figure.svg)
        assert root.tag == f"{SVG}svg" and root.get("role") == "img"
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None and title.text == figure.title
        assert description is not None and description.text == figure.description
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert len(list(root.iter(f"{SVG}path"))) > 3
        assert figure.data.rows and figure.place


def test_the_cover_chart_shows_levels_and_minimum(view: View) -> None:
    figure = figures(view)["cover"]
    words = " ".join(node.text or "" for node in ET.fromstring(figure.svg).iter(f"{SVG}text"))
    lowest = show(view.result.headline["min_dscr"], "x")
    assert f"minimum {lowest}" in words and "Lock-up level 1.20x" in words
    assert f"the minimum of {lowest}" in figure.description
    assert view.text("ratios.min_dscr_date") in figure.description


def test_drawings_of_one_page_share_no_ids(abilene: View) -> None:
    ids = [
        node.get("id")
        for figure in figures(abilene).values()
        for node in ET.fromstring(figure.svg).iter()
        if node.get("id")
    ]
    assert len(ids) == len(set(ids)) and len(ids) >= 8


def test_rows_of_the_workbook_are_named(view: View) -> None:
    assert view.rows("funding.a.spend", "funding.a.uses", "funding.a.equity") == "Funding rows 10–11, 13"
    assert view.rows("revenue.total") == "Lease row 10"


def test_bars_and_tables_show_what_cures_have_left_of_the_schedule() -> None:
    """In 2028 the first loan repays 2 less the 34% that the cure of 2027 removed, the second 7, with 4% on 35."""
    deal = Path(__file__).parents[1] / "deals" / "cure.yaml"
    cured = View(spvmodel.solve(spvmodel.build(spvmodel.load(deal))))
    interest, principal = "Scheduled interest after cures", "Scheduled amortisation after cures"
    head = " ".join(figures(cured)["service"].data.head)
    assert interest in head and principal in head
    scheduled = ["debt.interest_scheduled", "debt.amortisation", "debt.service"]
    table = tables.annual(cured, "", cured.as_left(scheduled))
    assert table is not None
    assert [row.label for row in table.rows] == [interest, principal, "Scheduled debt service"]
    in_2028 = list(cured.years.labels).index("2028")
    assert [number(row.cells[in_2028]) for row in table.rows] == [1.4, 8.32, 9.72]
    html = render(cured.result)
    assert interest in html and "Scheduled amortisation</" not in html
