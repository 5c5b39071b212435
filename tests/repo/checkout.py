"""The checkout under test: its files, and commands run outside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What installing, running and the tools leave: no part of the project.
LEFT_BEHIND = frozenset(
    {".git", ".venv", "out", "build", "dist", "__pycache__"}
    | {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)


def project_files() -> Iterator[Path]:
    """Every file of the project, as a path in the checkout."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in LEFT_BEHIND and not f.endswith(".egg-info"))
        for name in sorted(names):
            # In a linked worktree .git is a file that names the checkout it belongs to.
            if not name.endswith((".pyc", ".pyo")) and name not in (".coverage", ".git"):
                yield Path(folder, name)


def call(command: Sequence[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without a Python path from outside; its output is text."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=variables | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def build(command: Sequence[str | Path], folder: Path) -> None:
    """Run a build command that must succeed."""
    done = call(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
