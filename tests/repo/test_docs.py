"""The documentation: every page is up to date, says its limits, and is reached from the first one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.__main__ import FOLDER, pages, renewed

PAGES = [page.name for page in pages()]


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_part_is_up_to_date(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert renewed(text) == text, f"{name} is stale: run make docs"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "README.md"])
def test_a_page_says_what_it_models_its_source_and_its_limits(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[:4] == ["What it models", "Formulas", "Source", "Limits"]
    assert "<!-- lines: " in text or "<!-- cases: " in text


def test_links_lead_somewhere_and_every_page_is_linked() -> None:
    linked: set[str] = set()
    for page in [*pages(), FOLDER.parent / "README.md"]:
        for target in re.findall(r"\]\(((?!https?:)[^)#]+)", page.read_text(encoding="utf-8")):
            found = (page.parent / target).resolve()
            assert found.exists(), f"{page.name} links {target}"
            linked |= {found.name} if found.parent == FOLDER.resolve() and page.name == "README.md" else set()
    assert linked >= set(PAGES)


def test_a_stale_part_is_noticed_and_a_misspelt_prefix_refused() -> None:
    text = "<!-- lines: tests/deals/parties.yaml counterparty.user.survival -->\nold\n<!-- end -->"
    new = renewed(text)
    assert new != text and renewed(new) == new
    assert "| `counterparty.user.survival` | Survival | share | `counterparty.user.own_survival` |" in new
    with pytest.raises(ValueError, match=r"no line of this deal begins with counterparty\.nobody"):
        renewed(text.replace("user.survival", "nobody"))


def test_bars_in_a_cell_do_not_end_it() -> None:
    for page in pages():
        rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        assert all(len(re.split(r"(?<!\\)\|", row)) in (5, 7) for row in rows)


def test_nothing_else_stands_in_the_folder() -> None:
    assert {path.suffix for path in Path(FOLDER).iterdir() if path.is_file()} == {".md", ".py"}
