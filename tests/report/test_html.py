"""The report as a file: well formed, self-contained, safe, and the same every time."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result, solve
from spvmodel.report import write_report
from spvmodel.report.html import address, css_string, render
from tests.report.pages import Page
from tests.report.toy import EVIL, bare, solved

GOLDEN = Path(__file__).parent / "toy.golden.html"


@pytest.fixture(scope="module")
def text() -> str:
    """The report of the toy."""
    return render(solved())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    """The same, parsed."""
    return Page(text)


@pytest.fixture(scope="module")
def abilene() -> Result:
    """The shipped deal."""
    return spvmodel.solve(spvmodel.build(spvmodel.load("abilene")))


def test_golden(text: str) -> None:
    """The page but for its style sheet and drawings. To renew it after a wanted change: SPVMODEL_GOLDEN=write."""
    plain = re.sub(r"<svg .*?</svg>", "<svg/>", text, flags=re.DOTALL)
    plain = re.sub(r"<style>.*?</style>", "<style/>", plain, flags=re.DOTALL).replace(spvmodel.__version__, "VERSION")
    if os.environ.get("SPVMODEL_GOLDEN") == "write":
        GOLDEN.write_text(plain, encoding="utf-8", newline="\n")
    assert plain == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "result", [solved(), solved("low"), solved(fails=True), solve(bare())], ids=["base", "low", "fails", "bare"]
)
def test_pages_are_well_formed(result: Result) -> None:
    page = Page(render(result))
    assert page.faults == []
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"])[1:] for tag, a in page.elements if tag == "a" and str(a.get("href")).startswith("#")}
    assert targets <= set(ids)


def test_the_shipped_deal_is_well_formed_and_complete(abilene: Result) -> None:
    page = Page(render(abilene))
    assert page.faults == []
    assert page.count("svg") == 7
    assert page.row("Debt commitments")[1:3] == ["9,388.0", "USD m"]
    assert page.row("Total sources")[1:] == ["3,400.0", "11,600.0", "15,000.0", "100.00%"]
    assert "Senior interest" in {cells[0] for cells in page.rows if cells}
    for name in abilene.model.inputs:
        assert name in page.text


def test_nothing_is_loaded(text: str, page: Page) -> None:
    loading = {"src", "srcset", "data", "action", "background", "poster", "xlink:href", "ping"}
    assert {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "iframe",
        "img",
        "object",
        "embed",
        "base",
        "form",
    } == set()
    for tag, attributes in page.elements:
        assert not loading & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
        if "href" in attributes:
            assert tag == "a" and re.match(r"(https?://|#)", str(attributes["href"]))
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    assert "url(" not in style and "@import" not in style
    policy = [a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_texts_of_a_deal_stay_text(text: str, page: Page) -> None:
    assert "<script" not in text and "<img" not in text and "<b>SPV" not in text
    assert page.text.count(EVIL) >= 4
    links = {str(attributes["href"]) for tag, attributes in page.elements if tag == "a"}
    assert 'https://example.org/a?b=1&c="2"' in links
    assert not [link for link in links if "javascript" in link]
    assert "javascript:alert(1)" in page.text


def test_a_title_cannot_leave_the_style_sheet(text: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert "Toy \\" not in style and "</" not in style and "Sons<" not in style
    assert css_string('a"}<b\n\\') == '"a\\000022\\00007d\\00003cb\\00000a\\00005c"'


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.b/c", "https://a.b/c"),
        ("http://a.b", "http://a.b"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.b", ""),
        (" https://a.b", ""),
    ],
)
def test_only_web_addresses_become_links(url: str, link: str) -> None:
    assert address(url) == link


def test_same_result_same_bytes(text: str, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_report(solved(), tmp_path / name)
        assert (tmp_path / name).read_bytes() == text.encode()


def test_a_failed_check_stands_first() -> None:
    text = render(solved(fails=True))
    head = Page(text[: text.index("<main>")])
    assert "This model fails its integrity checks." in head.text
    assert "Sources equal <uses> (1.5e+00 against a tolerance of 1.0e-09)" in head.text
    assert "✗ Model checks: failed" in head.text
    assert "This model fails" not in render(solved())


def test_a_metric_that_does_not_apply_says_why(page: Page) -> None:
    assert page.row("LGD")[1] == "n/a" and page.row("LGD")[4] == "no value of the collateral"
    assert page.row("Minimum DSCR")[1].endswith("x")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", page.row("Date of the minimum DSCR")[1])


def test_blocks_without_lines_are_left_out() -> None:
    page = Page(render(solve(bare())))
    headings = {str(attributes.get("id")) for tag, attributes in page.elements if tag == "section"}
    assert headings == {"headline", "transaction", "assumptions", "checks"}
    assert page.count("svg") == 0


def test_the_case_marks_what_it_overrides(page: Page) -> None:
    low = Page(render(solved("low")))
    rows = {"base": page.row("Lock-up DSCRcovenants.lockup_dscr"), "low": low.row("Lock-up DSCRcovenants.lockup_dscr")}
    assert rows["base"][1].strip() == "1.20x" and rows["base"][5].strip() == "1.10x low"
    assert rows["low"][1].strip() == "1.10xbase: 1.20x"
    assert sum(attributes.get("class") == "changed" for _, attributes in low.elements) == 3


def test_every_table_of_figures_names_its_rows(page: Page) -> None:
    assert sum(attributes.get("class") == "place" for _, attributes in page.elements) >= 8
    assert "Workbook: Funding rows 10, 12–13" in page.text


def test_a_failure_leaves_the_earlier_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "r.html"
    target.write_text("earlier")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spvmodel.report.html.os.replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_report(solved(), target)
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("deal", "case"), [("hyperion", "base"), ("data-2023-cntr", "base"), ("river-bend", "late_and_short")]
)
def test_every_figure_without_value_says_why(deal: str, case: str) -> None:
    """In the table of the headline the note of its row, in any other the note below."""
    text = render(spvmodel.solve(spvmodel.build(spvmodel.load(deal)), case))
    page = Page(text)
    assert page.faults == []
    told = [cells for cells in page.rows if len(cells) == 5 and cells[1] == "n/a"]
    assert told and all(cells[4] for cells in told)
    tables = re.findall(r'(<table class="numbers.*?)</table>\n</div>\n(.*?)\n', text, flags=re.DOTALL)
    notes = [note for table, note in tables if ">n/a<" in table]
    assert tables and all(note.startswith('<p class="soft">') and " n/a: " in note for note in notes)
    if deal != "hyperion":
        assert notes
