"""Names and paths: what a user may call a deal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import spvmodel.deal
from spvmodel.deal import DealError, load, shipped
from tests.deal.files import SMALL, load_text

NOT_FOUND = "Allowed: a path to a deal file, or a shipped name: "


def message(name: str | Path) -> str:
    with pytest.raises(DealError) as caught:
        load(name)
    return str(caught.value)


def test_shipped_names() -> None:
    assert "abilene" in shipped()
    assert shipped() == sorted(shipped())


def test_unknown_name() -> None:
    assert message("no-such-deal").startswith(
        f"no-such-deal: there is no deal named 'no-such-deal'. {NOT_FOUND}{', '.join(shipped())}."
    )


def test_nearest_name() -> None:
    assert message("abilen").endswith("Did you mean 'abilene'?")


@pytest.mark.parametrize("name", ["../abilene", "models/../abilene", "..\\abilene", "/abilene", "abilene/", "x.yaml"])
def test_name_with_a_path_is_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert message(name).startswith(f"{name}: there is no such file. {NOT_FOUND}")


@pytest.mark.parametrize("name", ["", "..", ".", "a\0b", "x" * 5000])
def test_name_that_names_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there is no" in message(name) or "this is a folder" in message(name)


def test_shipped_name_wins_over_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "abilene").mkdir()
    assert load("abilene").id == "abilene"


def test_relative_path_is_how_errors_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "harbour.yaml").write_text(SMALL.replace("250 bp", "250%"))
    assert message("harbour.yaml").startswith("harbour.yaml:46:13: '250%'")


def test_path_as_text_and_as_path(tmp_path: Path) -> None:
    by_path = load_text(SMALL, tmp_path)
    assert load(str(tmp_path / "deal.yaml")) == by_path


def test_errors_of_a_shipped_deal_name_the_file_alone() -> None:
    assert load("abilene").path.name == "abilene.yaml"


def test_public_names_resolve() -> None:
    for name in spvmodel.deal.__all__:
        assert getattr(spvmodel.deal, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = spvmodel.deal.absent


def test_import_is_light() -> None:
    script = "import sys, spvmodel.deal; print(*(m for m in ('pydantic', 'ruamel.yaml') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
