"""Files that are no deal files: each is refused at its place, and quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from spvmodel.deal import DealError, load, reader
from spvmodel.deal.reader import LARGEST_FILE, parse
from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

AT_MOST = "Allowed: a YAML text of at most 1 MB in UTF-8."


def only_line(content: str | bytes, folder: Path) -> str:
    lines = lines_of(refusal(content, folder), folder)
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("content", ["", "\n\n  \n", "\ufeff"])
def test_empty_file(content: str, tmp_path: Path) -> None:
    expected = "deal.yaml:1:1: the file is empty. Allowed: a deal file; `spvmodel new` writes one to start from."
    assert only_line(content, tmp_path) == expected


@pytest.mark.parametrize("content", ["# only a comment\n", "---\n...\n", "---\n"])
def test_file_without_content(content: str, tmp_path: Path) -> None:
    line = only_line(content, tmp_path)
    assert "the file is empty" in line or "a deal file is a mapping of keys to values" in line


def test_binary_file(tmp_path: Path) -> None:
    assert only_line(b"PK\x03\x04\x00\x00", tmp_path) == (
        f"deal.yaml:1:5: the file is binary: it holds a NUL character. {AT_MOST}"
    )


def test_undecodable_file(tmp_path: Path) -> None:
    assert only_line(b"deal: harbour\ntitle: \xff\xfe", tmp_path) == (
        f"deal.yaml:2:8: the file is not text in UTF-8. {AT_MOST}"
    )


def test_control_character(tmp_path: Path) -> None:
    assert only_line("deal: a\ntitle: b\x07c\n", tmp_path) == (
        "deal.yaml:2:9: the character U+0007 cannot stand in a deal file. Allowed: printable text."
    )


@pytest.mark.parametrize("escape", ["\\a", "\\e", "\\0", "\\r", "\\u202e", "\\ufffe", "\\ud800", "\\x85"])
def test_escaped_control_character(escape: str, tmp_path: Path) -> None:
    line = only_line(spoiled("title: Harbour", f'title: "Har{escape}bour"'), tmp_path)
    assert line.startswith("deal.yaml:2:8: the text holds the character U+")


def test_file_of_50_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "deal.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    started = time.perf_counter()
    with pytest.raises(DealError) as caught:
        load(path)
    assert time.perf_counter() - started < 1
    assert lines_of(caught.value, tmp_path) == [
        f"deal.yaml: the file holds 50,000,000 bytes, too many for a deal file. {AT_MOST}"
    ]


def test_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deal.yaml"
    path.write_bytes(b"#" * (LARGEST_FILE + 1))
    monkeypatch.setattr(reader, "_size", lambda path: 0)
    with pytest.raises(DealError, match="too long for a deal file"):
        load(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DealError, match="there is no such file"):
        load(tmp_path / "absent.yaml")


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").mkdir()
    with pytest.raises(DealError) as caught:
        load(tmp_path / "deal.yaml")
    assert lines_of(caught.value, tmp_path) == [f"deal.yaml: this is a folder, not a deal file. {AT_MOST}"]


def test_syntax_error(tmp_path: Path) -> None:
    assert only_line("deal: harbour\ntitle: [a, b\ncurrency: USD\n", tmp_path) == (
        "deal.yaml:3:9: this is not valid YAML: while parsing a flow sequence, expected ',' or ']', but got ':'."
    )


@pytest.mark.parametrize("content", ["a: b: c\n", "a: 'x\n", "a:\n\t- b\n", "a: @b\n", "%YAML 9\n", "a: &\n", "? [a]"])
def test_broken_yaml_has_a_place(content: str, tmp_path: Path) -> None:
    assert refusal(content, tmp_path).line >= 1


@pytest.mark.parametrize("content", ["- a\n- b\n", "just words\n", "42\n"])
def test_not_a_mapping(content: str, tmp_path: Path) -> None:
    assert only_line(content, tmp_path).startswith("deal.yaml:1:1: a deal file is a mapping of keys to values.")


def test_two_documents(tmp_path: Path) -> None:
    assert only_line(SMALL + "---\n" + SMALL, tmp_path) == (
        f"deal.yaml:{SMALL.count(chr(10)) + 1}:1: the file holds more than one YAML document. "
        "Allowed: one deal to a file."
    )


def test_duplicate_key(tmp_path: Path) -> None:
    text = spoiled("margin: 250 bp", "margin: 250 bp\n    margin: 300 bp")
    first = place(text, "margin").split(":")[0]
    assert only_line(text, tmp_path) == (
        f"deal.yaml:{place(text, 'margin: 300 bp')}: duplicate key 'margin', first given in line {first}. "
        "Allowed: each key once."
    )


@pytest.mark.parametrize("nothing", ["", " ~", " null"])
def test_key_without_value(nothing: str, tmp_path: Path) -> None:
    text = spoiled("margin: 250 bp", f"margin:{nothing}")
    assert only_line(text, tmp_path) == (
        f"deal.yaml:{place(text, 'margin')}: 'margin' has no value. Allowed: a value, or leave the key out."
    )


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!int", "!own", "!!binary"])
def test_tag(tag: str, tmp_path: Path) -> None:
    line = only_line(spoiled("title: Harbour", f"title: {tag} 1"), tmp_path)
    assert line.startswith("deal.yaml:2:8: a YAML tag (")
    assert line.endswith("has no place in a deal file. Allowed: plain values.")


def test_merge_key(tmp_path: Path) -> None:
    text = spoiled("rates:\n", "rates:\n  <<: {index: SOFR}\n")
    assert only_line(text, tmp_path) == (
        f"deal.yaml:{place(text, '<<')}: merge keys (<<) are not read. Allowed: write the keys out."
    )


def test_key_that_is_no_word(tmp_path: Path) -> None:
    assert only_line("[a, b]: c\n", tmp_path).startswith("deal.yaml:1:1: a key must be a plain word.")


def test_aliases_that_explode(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    started = time.perf_counter()
    line = only_line("\n".join(levels), tmp_path)
    assert time.perf_counter() - started < 2
    assert line.startswith("deal.yaml:5:")
    assert line.endswith("the file holds more than 20,000 values, aliases expanded. Allowed: at most 20,000.")


def test_alias_of_itself(tmp_path: Path) -> None:
    assert only_line("a: &a [*a]\n", tmp_path) == (
        "deal.yaml:1:8: the alias *a has no anchor before it. Allowed: an anchor given above."
    )


def test_alias_repeats_a_value(tmp_path: Path) -> None:
    text = spoiled("lockup_dscr: 1.15x\n  default_dscr: 1.05x", "lockup_dscr: &d 1.15x\n  default_dscr: *d")
    assert load_text(text, tmp_path).inputs["covenants.default_dscr"].value == 1.15


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_nesting_too_deep(opening: str, tmp_path: Path) -> None:
    started = time.perf_counter()
    line = only_line("a: " + opening * 20_000, tmp_path)
    assert time.perf_counter() - started < 5
    assert line.endswith("the file is nested too deeply. Allowed: at most 12 levels.")


def test_too_many_values(tmp_path: Path) -> None:
    line = only_line("a: [" + "x, " * 20_001 + "]", tmp_path)
    assert "more than 20,000 values" in line


def test_scalars_stay_text() -> None:
    tree = parse("a: 0x1F\nb: 1_000\nc: on\nd: 2025-01-01\ne: 'null'\nf: 007\n", "deal.yaml")
    assert tree.plain() == {"a": "0x1F", "b": "1_000", "c": "on", "d": "2025-01-01", "e": "null", "f": "007"}


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "<script>alert(1)</script>", "{{7*7}}", "=HYPERLINK(0)", "a\tb", "Łódź 100%"],
)
def test_text_stays_as_written(words: str, tmp_path: Path) -> None:
    deal = load_text(spoiled("title: Harbour", f'title: "{words}"'), tmp_path)
    assert deal.title == words.replace("\\t", "\t")
