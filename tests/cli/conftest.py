"""A small deal file and a way to run commands on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spvmodel.cli import main
from tests.deal.files import SMALL

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder: ``run("check", "deal.yaml")``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPVMODEL_DEBUG", raising=False)

    def invoke(*arguments: str | os.PathLike[str]) -> Result:
        return CliRunner().invoke(main, [os.fspath(argument) for argument in arguments], prog_name="spvmodel")

    return invoke


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    """A valid deal file."""
    return write(tmp_path, SMALL)


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """A deal file whose checks forgive nothing, not even the rounding of floating point."""
    return write(tmp_path, SMALL.replace("cases:\n", "checks: {tolerance: 0}\ncases:\n"))


def write(folder: Path, text: str | bytes, name: str = "deal.yaml") -> Path:
    """Write a deal file and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
