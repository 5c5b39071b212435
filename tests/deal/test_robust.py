"""Whatever is in a file, it is a deal or it is refused with a place; nothing else escapes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel.deal import Deal, DealError, load
from spvmodel.deal.reader import LARGEST_FILE
from tests.deal.files import SMALL, load_text, refusal, spoiled

ROOT = Path(__file__).resolve().parents[2]
LINES = SMALL.splitlines()
FRAGMENTS = ["", "~", "{}", "[]", "- x", "x", "-1", "1e99", "250%", "2101-01-01", "&a", "*a", "!!x", "'", '"', "<<: x"]
FRAGMENTS += [
    ": ",
    "# ",
    "{value: 1, source: S1}",
    "{value: {}}",
    "{value: []}",
    "\t",
    "? ",
    "|",
    ">-",
    "%",
    "a: {b: {c: d}}",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("robust")


def attempt(text: str | bytes, folder: Path) -> None:
    try:
        assert isinstance(load_text(text, folder), Deal)
    except DealError as error:
        for one in error.errors:
            assert one.message
            assert one.line >= 1 and one.column >= 1
            assert "\n" not in one.text


@given(st.integers(0, len(LINES) - 1), st.sampled_from(FRAGMENTS))
def test_another_value(folder: Path, line: int, fragment: str) -> None:
    key = LINES[line].split(":")[0]
    attempt("\n".join([*LINES[:line], f"{key}: {fragment}", *LINES[line + 1 :]]), folder)


@given(st.integers(0, len(LINES) - 1), st.integers(1, 6))
def test_lines_left_out(folder: Path, line: int, count: int) -> None:
    attempt("\n".join(LINES[:line] + LINES[line + count :]), folder)


@given(st.integers(0, len(SMALL)), st.text(max_size=8))
def test_text_put_in_anywhere(folder: Path, at: int, text: str) -> None:
    attempt((SMALL[:at] + text + SMALL[at:]).encode("utf-8", "surrogatepass"), folder)


@given(st.binary(max_size=200))
def test_any_bytes(folder: Path, content: bytes) -> None:
    attempt(content, folder)


RICH = {path.name: path for path in (*ROOT.glob("tests/deals/*.yaml"), *ROOT.glob("templates/deal/*.yaml"))}


@pytest.mark.parametrize("name", RICH)
def test_any_line_left_out_of_a_rich_deal(name: str, folder: Path) -> None:
    """Whatever term is forgotten, the file is a deal or the error says what is missing; at most 40 lines of each."""
    for path in RICH[name].parent.glob("*.csv"):
        shutil.copy(path, folder)
    lines = RICH[name].read_text(encoding="utf-8").replace("{{ name }}", "skeleton").splitlines()
    attempt("\n".join(lines), folder)
    for line in range(0, len(lines), len(lines) // 40 + 1):
        attempt("\n".join(lines[:line] + lines[line + 1 :]), folder)


def test_long_words_are_shortened(tmp_path: Path) -> None:
    error = refusal(spoiled("margin: 250 bp", f"margin: {'x' * 4000}"), tmp_path)
    assert error.message == f"'{'x' * 57}...' is not a rate"


def test_words_over_several_lines_are_told_on_one(tmp_path: Path) -> None:
    error = refusal(spoiled("frequency: quarterly", 'frequency: "each\\nquarter"'), tmp_path)
    assert error.message == "'time.frequency' cannot be 'each quarter'"


@pytest.mark.parametrize("filler", ["x", "x ", "- x\n"])
def test_the_largest_file_is_read_in_seconds(filler: str, tmp_path: Path) -> None:
    path = tmp_path / "deal.yaml"
    path.write_text("a:\n" + (filler * LARGEST_FILE)[: LARGEST_FILE - 10])
    started = time.perf_counter()
    with pytest.raises(DealError):
        load(path)
    assert time.perf_counter() - started < 30
