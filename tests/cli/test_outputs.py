"""Outputs: all of them or none, whatever fails on the way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from spvmodel import report
from spvmodel.cli.errors import Failure
from spvmodel.cli.outputs import publish
from tests.cli.conftest import Run, contents


def full(*_: object) -> None:
    """A write that finds the disk full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def text(content: str) -> Callable[[Path], None]:
    """A writer of one text."""

    def write(path: Path) -> None:
        path.write_text(content)

    return write


def test_a_full_disk_leaves_earlier_outputs(
    run: Run, deal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("run", deal, "--out", "o", "--format", "html,json,csv")
    assert run(*arguments).exit_code == 0
    before = contents(tmp_path / "o")
    monkeypatch.setattr(report.data, "json_text", lambda content: full())
    result = run(*arguments, "--case", "low_rent")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr and "Nothing was changed" in result.stderr
    assert result.stdout == ""
    assert contents(tmp_path / "o") == before
    assert sorted(os.listdir(tmp_path / "o")) == ["harbour.csv", "harbour.html", "harbour.json"]


def test_a_full_disk_leaves_no_new_folder(
    run: Run, deal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report.data, "json_text", lambda content: full())
    assert run("run", deal, "--out", "a/b/c", "--format", "csv,json").exit_code == 2
    assert sorted(os.listdir(tmp_path)) == ["deal.yaml"]


@pytest.mark.parametrize("failing_move", [0, 1, 2])
def test_a_move_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_move: int) -> None:
    (tmp_path / "a").write_text("old a")
    (tmp_path / "c").write_text("old c")
    moves = []
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        moves.append(target)
        if len(moves) == failing_move + 1:
            full()
        real(source, target)

    monkeypatch.setattr("spvmodel.cli.outputs.os.replace", replace)
    with pytest.raises(Failure, match="No space left"):
        publish(tmp_path, {name: text(f"new {name}") for name in "abc"})
    assert contents(tmp_path) == {"a": b"old a", "c": b"old c"}


def test_everything_is_replaced_when_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old a")
    (tmp_path / "other").write_text("kept")
    paths = publish(tmp_path, {name: text(f"new {name}") for name in "ab"})
    assert paths == [tmp_path / "a", tmp_path / "b"]
    assert contents(tmp_path) == {"a": b"new a", "b": b"new b", "other": b"kept"}


def test_a_fault_of_a_writer_leaves_nothing(tmp_path: Path) -> None:
    def broken(path: Path) -> None:
        path.write_text("half")
        raise KeyError("line")

    with pytest.raises(KeyError):
        publish(tmp_path / "new", {"a": text("a"), "b": broken})
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folders(run: Run, deal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file, no folder")
    for folder in ("file", "file/below"):
        result = run("run", deal, "--out", folder, "--format", "csv")
        assert result.exit_code == 2
        assert folder in result.stderr and "cannot be written to" in result.stderr

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    # Root may write anywhere, so the refusal itself is played.
    monkeypatch.setattr("spvmodel.cli.outputs.tempfile.TemporaryDirectory", forbidden)
    result = run("run", deal, "--out", "shut", "--format", "csv")
    assert result.exit_code == 2 and "Permission denied" in result.stderr
    assert contents(tmp_path).keys() == {"deal.yaml", "file"}
    assert not (tmp_path / "shut").exists()


def test_a_folder_in_the_place_of_an_output(run: Run, deal: Path, tmp_path: Path) -> None:
    (tmp_path / "o" / "harbour.csv").mkdir(parents=True)
    result = run("run", deal, "--out", "o", "--format", "json,csv")
    assert result.exit_code == 2
    assert "harbour.csv is a folder" in result.stderr
    assert os.listdir(tmp_path / "o") == ["harbour.csv"]
