"""The deal of ``tests/deals/refinanced.yaml``, whole or altered, and the arithmetic of its loan by hand."""

from __future__ import annotations

from datetime import date
from itertools import takewhile
from pathlib import Path

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, serial

PATH = Path(__file__).parents[1] / "deals" / "refinanced.yaml"


def altered(folder: Path, *pairs: tuple[str, str]) -> Model:
    """The model of the deal with passages replaced, each of which must stand once."""
    text = PATH.read_text()
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "deal.yaml"
    path.write_text(text)
    return spvmodel.build(spvmodel.load(path))


def section(key: str, indent: int = 0) -> str:
    """A section of the file as it is written, with its key, so that a test can take it out."""
    lines = PATH.read_text().splitlines(keepends=True)
    start = lines.index(f"{' ' * indent}{key}:\n")
    inside = takewhile(lambda line: line.startswith(" " * (indent + 1)), lines[start + 1 :])
    return "".join([lines[start], *inside])


def at(result: Result, name: str, day: date) -> float:
    """A line in the period that ends on a day."""
    return result.series(name)[result.series("time.end").index(serial(day))]


def balance(payments: int) -> float:
    """700 after so many payments of the notional schedule: 25 years, 6%, by quarter."""
    return 700 * (1 - (1.015**payments - 1) / (1.015**100 - 1))


def level(rate: float, count: int) -> float:
    """Payment per period that repays one unit."""
    return rate / (1 - (1 + rate) ** -count)


def passed(result: Result) -> None:
    """Every check of the model holds."""
    assert [check.name for check in result.checks if not check.passed] == []
