"""Every example runs as its first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_example_runs(path: Path, tmp_path: Path) -> None:
    arguments = [str(tmp_path)] if path.name == "change_a_term.py" else []
    done = subprocess.run(
        [sys.executable, str(path), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") >= 3
    if arguments:
        assert (tmp_path / "abilene-margin.xlsx").stat().st_size > 100_000
        assert (tmp_path / "abilene-margin.html").stat().st_size > 50_000


def test_the_index_names_every_example() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in index for path in FOLDER.glob("*.py"))
