"""Writes the generated parts of these pages: ``python -m docs``.

A generated part stands between two comments. The first says what it holds: ``<!-- lines: DEAL PREFIX ... -->`` the
lines of a deal whose names begin with one of the prefixes, ``<!-- cases: DEAL -->`` its cases; ``<!-- end -->`` closes
it. DEAL is a path from the top of the repository.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import spvmodel
from spvmodel.deal import Deal
from spvmodel.lines import Line, Model
from spvmodel.workbook import formula_in_names

FOLDER = Path(__file__).parent
PART = re.compile(r"(<!-- (lines|cases): (\S+)((?: \S+)*) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page, in order of name."""
    return sorted(FOLDER.glob("*.md"))


def renewed(text: str) -> str:
    """The text of a page with its generated parts as they are now. ValueError for a prefix that no line has."""

    def part(found: re.Match[str]) -> str:
        start, what, path, prefixes, end = found.groups()
        deal, model = _of(path)
        body = _cases(deal) if what == "cases" else _lines(model, prefixes.split())
        return f"{start}\n{body}\n{end}"

    return PART.sub(part, text)


@lru_cache
def _of(path: str) -> tuple[Deal, Model]:
    deal = spvmodel.load(FOLDER.parent / path)
    return deal, spvmodel.build(deal)


def _lines(model: Model, prefixes: list[str]) -> str:
    own = [line for line in model.lines.values() if line.expr is not None and not line.turn]
    for prefix in prefixes:
        if not any(line.name.startswith(prefix) for line in own):
            raise ValueError(f"no line of this deal begins with {prefix}")
    shown = [line for line in own if line.name.startswith(tuple(prefixes))]
    return _table(("Line", "Label", "Unit", "Formula", "Note"), map(_row, shown))


def _row(line: Line) -> tuple[str, ...]:
    assert line.expr is not None
    return f"`{line.name}`", line.label, line.unit, f"`{formula_in_names(line.expr)}`", line.note


def _cases(deal: Deal) -> str:
    rows = ((f"`{case.id}`", case.label, case.description) for case in deal.cases.values())
    return _table(("Case", "Name", "What it changes"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    every = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in every)


def main() -> None:
    """Rewrite every page whose generated part has changed."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            page.write_text(new, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{page.name} written\n")


if __name__ == "__main__":
    main()
