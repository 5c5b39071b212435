"""The deal that uses everything, in any frequency."""

from __future__ import annotations

from pathlib import Path

from tests.finance.changing import changed

RICH = Path(__file__).parents[1] / "deals" / "rich.yaml"


def rich(folder: Path, frequency: str) -> Path:
    """Write the deal with periods of another length; its path."""
    path = folder / f"rich-{frequency}.yaml"
    text = changed(RICH.read_text(encoding="utf-8"), ("frequency: quarterly", f"frequency: {frequency}"))
    path.write_text(text, encoding="utf-8")
    return path
