"""``spvmodel new``: the skeleton runs as it is, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import spvmodel
from spvmodel.cli import main


def test_the_skeleton_runs_and_every_check_of_every_case_holds(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", "my_deal", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    deal = spvmodel.load(str(tmp_path / "my_deal.yaml"))
    assert deal.id == "my_deal"
    model = spvmodel.build(deal)
    for case in model.cases:
        assert spvmodel.solve(model, case).passed
    base = spvmodel.solve(model)
    assert base.warnings == ()
    assert base.headline["debt_commitment"] == 500
    checked = CliRunner().invoke(main, ["check", str(tmp_path / "my_deal.yaml")])
    assert checked.exit_code == 0, checked.output


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("my work")
    done = CliRunner().invoke(main, ["new", "mine", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "exists already" in done.output
    assert (tmp_path / "mine.yaml").read_text() == "my work"


@pytest.mark.parametrize("name", ["../x", "My Deal", "1st", "a-b", ""])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", name, "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
