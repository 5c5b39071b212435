"""The shipped folders are found in a checkout and in an installed package, and nowhere else."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest

from spvmodel import resources
from tests.repo.checkout import ROOT


def package_at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let the package appear to be installed at a folder."""
    folder.mkdir(parents=True)
    monkeypatch.setattr(importlib.resources, "files", lambda name: folder)
    return folder


def test_checkout_keeps_them_beside_the_package() -> None:
    assert resources.models() == ROOT / "models"
    assert resources.templates() == ROOT / "templates"


def test_installed_package_carries_them_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = package_at(monkeypatch, tmp_path / "site" / "spvmodel")
    (package / "models").mkdir()
    (package.parent / "models").mkdir()
    assert resources.models() == package / "models"


def test_a_stranger_beside_an_installed_package_is_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = package_at(monkeypatch, tmp_path / "site" / "spvmodel")
    (package.parent / "templates").mkdir()
    with pytest.raises(FileNotFoundError, match="'templates'"):
        resources.templates()
