"""The deal with taxes and reserves of every kind, and copies of it with some passages replaced."""

from __future__ import annotations

from pathlib import Path

import spvmodel
from spvmodel.lines import Model

WORKS = Path(__file__).parents[1] / "deals" / "works.yaml"
FREQUENCIES = ("annual", "monthly")


def built(folder: Path, *changes: tuple[str, str]) -> Model:
    """The model of the deal with each first passage replaced by the second; every passage stands once in it."""
    text = WORKS.read_text()
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} must stand once in the deal"
        text = text.replace(old, new)
    path = folder / "works.yaml"
    path.write_text(text)
    return spvmodel.build(spvmodel.load(str(path)))
