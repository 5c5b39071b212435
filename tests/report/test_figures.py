"""The numbers of the report against the lines of the model, and its charts."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report import document, tables
from spvmodel.report.assumptions import book
from spvmodel.report.charts import figures
from spvmodel.report.format import show, unit_label, with_unit
from spvmodel.report.periods import Years, phases
from spvmodel.report.verdict import lights
from spvmodel.report.view import Table, View
from tests.report.toy import EVIL, RENT, solved

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def view() -> View:
    """The toy."""
    return View(solved())


@pytest.fixture(scope="module")
def abilene() -> View:
    """The shipped deal."""
    return View(spvmodel.solve(spvmodel.build(spvmodel.load("abilene"))))


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
        (1.266, "x", "1.27x"),
        (0.0525, "1/yr", "5.25%"),
        (4.0, "1/yr", "4.00"),
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


@pytest.mark.parametrize("step", ["operating_costs", "interest", "principal", "balloon", "dsra"])
def test_every_step_of_the_shipped_waterfall_adds_up(abilene: View, step: str) -> None:
    table = tables.waterfall(abilene)
    assert table is not None
    rows = {row.name: row.cells for row in table.rows if row.name}
    for what in ("due", "paid", "cash_left"):
        name = f"waterfall.{step}.{what}"
        printed = sum(number(cell) for cell in rows[name])
        assert printed == pytest.approx(sum(abilene.result.series(name)), abs=0.05 * len(table.head) + 0.001)


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
    assert list(table.head) == ["Base rent, first year", "Commencement", "Term", "Escalation", "Rent-free period"]
    assert list(cells(table, "Lease of building 1")) == [
        "99.00 USD/kW/month", "2025-07-01", "180 months", "3.00%", "0 months"
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


def test_lights(view: View) -> None:
    states = {light.subject: light.state for light in lights(view, book(view))}
    assert states == {"Model checks": "good", "Covenants": "good", "Alerts": "watch", "Data": "watch"}
    failing = View(solved(fails=True))
    assert lights(failing, book(failing))[0].state == "bad"


def light_of(result: Result, subject: str) -> str:
    """The state of one light of a result."""
    one = View(result)
    return next(light.state for light in lights(one, book(one)) if light.subject == subject)


def test_lights_of_stressed_cases(abilene: View) -> None:
    assert light_of(abilene.result, "Refinancing") == "good"
    poor = spvmodel.solve(abilene.model, "rent_minus_10")
    assert light_of(poor, "Refinancing") == "bad"
    assert light_of(poor, "Covenants") == "watch"
    deep = spvmodel.solve(abilene.model, inputs={f"lease.b{k}.rent": 40.0 for k in range(1, 9)})
    assert light_of(deep, "Covenants") == "bad"


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
    lowest = view.result.headline["min_dscr"]
    assert f"minimum {lowest:.2f}x" in words and "Lock-up level 1.20x" in words
    assert f"the minimum of {lowest:.2f}x" in figure.description
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
    assert view.rows("lease.rent_income") == "Lease row 10"
