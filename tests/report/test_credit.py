"""The credit of counterparties in the report: terms with their sources, the chain, probabilities by year."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report.credit import Credit, credit
from spvmodel.report.html import render
from spvmodel.report.view import View
from tests.report.pages import Page
from tests.report.toy import solved

DEALS = Path(__file__).parents[1] / "deals"
MODEL = spvmodel.build(spvmodel.load(DEALS / "parties.yaml"))


@pytest.fixture(scope="module")
def result() -> Result:
    return spvmodel.solve(MODEL)


@pytest.fixture(scope="module")
def section(result: Result) -> Credit:
    found = credit(View(result))
    assert found is not None
    return found


def test_parties_with_their_ratings_and_terms(section: Credit) -> None:
    by_label = {party.label: party for party in section.parties}
    assert list(by_label) == ["Tenant Ltd", "End user", "Parent", "Builder", "Bank"]
    assert by_label["Tenant Ltd"].pays == "Rent"
    assert [rating["grade"] for rating in by_label["Parent"].ratings] == ["BBB, stable"]
    user = by_label["End user"].terms
    assert [(term.words, term.status, term.source) for term in user] == [
        ("CDS spread: 6.00% p.a.", "reported", "S1"),
        ("Recovery that the spread assumes: 40.00%", "assumed", ""),
    ]
    assert [term.words for term in by_label["Tenant Ltd"].terms] == [
        "Passed on by Parent: 100.00%",
        "Passed on by End user: 25.00%",
    ]
    assert by_label["Bank"].terms == []


def test_a_case_shows_its_own_values() -> None:
    found = credit(View(spvmodel.solve(MODEL, case="weaker")))
    assert found is not None
    term = next(party for party in found.parties if party.label == "End user").terms[0]
    assert (term.words, term.source, term.note) == ("CDS spread: 12.00% p.a.", "", "case weaker")


def test_probabilities_by_year(section: Credit) -> None:
    """The end user: 1 - e ^ -0.1 = 9.52% in the first year and e ^ -0.1 times as much, 8.61%, in the second."""
    table = section.probabilities
    assert table is not None
    rows = [(row.label, list(row.cells)) for row in table.rows]
    start = rows.index(("End user, end user", []))
    assert rows[start + 1] == ("Hazard rate p.a.", ["10.00%"] * 5)
    assert rows[start + 2][1][:2] == [f"{(1 - math.exp(-0.1)) * 100:.2f}%", "8.61%"]
    assert rows[start + 3][1][1] == f"{(1 - math.exp(-0.2)) * 100:.2f}%"
    assert ("Bank, hedge bank", []) not in rows
    assert table.place.startswith("Counterparties rows ")


def test_expected_loss_of_a_case_that_defaults_is_called_no_loss_of_the_deal(tmp_path: Path) -> None:
    """4 m of rent do not pay 5 m of principal a half-year."""
    path = tmp_path / "parties.yaml"
    text = (DEALS / "parties.yaml").read_text()
    for rent, pays in (("40m", True), ("4m", False)):
        path.write_text(text.replace("amount: 16m, expiry", f"amount: {rent}, expiry"))
        found = credit(View(spvmodel.solve(spvmodel.build(spvmodel.load(path)))))
        assert found is not None
        note = next(table.note for table in found.losses if table.title == "Expected loss")
        assert ("the tenant pays until then" in note, "no expected loss of the deal" in note) == (pays, not pays)


def test_the_chain_leads_to_the_spv(section: Credit) -> None:
    assert section.chain_words == (
        "Parent to Tenant Ltd: 100% passed on; End user to Tenant Ltd: 25% passed on; Tenant Ltd to The SPV: pays"
    )
    boxes = re.findall(r'font-weight="600"[^>]*>([^<]+)<', section.chain)
    assert sorted(boxes) == ["End user", "Parent", "Tenant Ltd", "The SPV"]
    # From left to right: whom it reaches stands to the right of whose failure it is.
    left = {
        label: float(x)
        for x, label in re.findall(r'<text x="([\d.]+)"[^>]*font-weight="600"[^>]*>([^<]+)<', section.chain)
    }
    assert left["Parent"] == left["End user"] < left["Tenant Ltd"] < left["The SPV"]
    assert section.chain.count("<line ") == 3


def test_texts_of_a_deal_are_no_markup(tmp_path: Path) -> None:
    text = (DEALS / "parties.yaml").read_text(encoding="utf-8")
    text = text.replace("label: Tenant Ltd", 'label: "<b>T&amp;</b>"').replace(
        'grade: "BBB, stable"', 'grade: "<i>A</i>"'
    )
    path = tmp_path / "parties.yaml"
    path.write_text(text, encoding="utf-8")
    page = render(spvmodel.solve(spvmodel.build(spvmodel.load(path))))
    assert "<b>T" not in page and "<i>A" not in page
    assert "&lt;b&gt;T&amp;amp;&lt;/b&gt;" in page
    assert Page(page).faults == []


def test_the_page_has_the_section(result: Result) -> None:
    page = Page(render(result))
    assert page.faults == []
    assert "Tenant and counterparty credit" in page.text
    assert page.row("Tenant Ltd")[1:3] == ["tenant", "Rent"]


def test_no_section_without_counterparties() -> None:
    assert credit(View(solved())) is None
    assert "counterparty credit" not in render(solved())


def test_no_picture_where_nobody_depends_on_anybody(tmp_path: Path) -> None:
    text = (DEALS / "parties.yaml").read_text(encoding="utf-8")
    text = (
        text[: text.index("counterparty:")]
        + "counterparty: {t: {label: T, role: tenant, pays: [rent], cds: 1%, recovery: 40%}}\n"
    )
    path = tmp_path / "parties.yaml"
    path.write_text(text, encoding="utf-8")
    found = credit(View(spvmodel.solve(spvmodel.build(spvmodel.load(path)))))
    assert found is not None
    assert found.chain == ""
