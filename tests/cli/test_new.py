"""``spvmodel new``: the skeletons run as they are, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import spvmodel
from spvmodel.cli import main
from spvmodel.engine import Result

KINDS = ("lease", "construction", "term-loan")


def skeleton(kind: str, folder: Path) -> Path:
    done = CliRunner().invoke(main, ["new", "my-deal", "--kind", kind, "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder / "my-deal.yaml"


def base(kind: str, folder: Path) -> Result:
    return spvmodel.solve(spvmodel.build(spvmodel.load(str(skeleton(kind, folder)))))


@pytest.mark.parametrize("kind", KINDS)
def test_a_skeleton_runs_and_every_check_of_every_case_holds(kind: str, tmp_path: Path) -> None:
    deal = spvmodel.load(str(skeleton(kind, tmp_path)))
    assert deal.id == "my-deal"
    model = spvmodel.build(deal)
    assert len(model.cases) > 2
    for case in model.cases:
        assert [check.name for check in spvmodel.solve(model, case).checks if not check.passed] == []
    assert spvmodel.solve(model).warnings == ()
    checked = CliRunner().invoke(main, ["check", str(tmp_path / "my-deal.yaml")])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize("kind", KINDS)
def test_a_skeleton_is_a_deal_that_could_be_closed(kind: str, tmp_path: Path) -> None:
    """Debt service is covered above lock-up, equity earns more than the debt costs, and sponsors pay a real share."""
    result = base(kind, tmp_path)
    headline = result.headline
    assert result.scalar("covenants.lockup_dscr") <= headline["min_dscr"] < 2
    assert max(result.series("debt.loan.rate")) < headline["equity_irr"] < 0.25
    assert 0.4 < headline["debt_commitment"] / headline["total_uses"] < 0.9


def test_the_default_is_construction(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", "my-deal", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    written = (tmp_path / "my-deal.yaml").read_text()
    (tmp_path / "other").mkdir()
    assert written == skeleton("construction", tmp_path / "other").read_text()


def test_the_let_building_repays_itself(tmp_path: Path) -> None:
    """The notes are sized on the rent, repaid in full from it at one cover, and gone before the rent ends."""
    result = base("lease", tmp_path)
    assert result.headline["debt_commitment"] == pytest.approx(result.scalar("sizing.loan.size"), abs=1e-9)
    covers = [cover for cover in result.series("ratios.dscr") if cover == cover]
    assert covers == pytest.approx([min(covers)] * len(covers), abs=1e-6)
    assert result.series("debt.loan.closing")[-1] == pytest.approx(0, abs=1e-6)
    assert max(result.series("debt.loan.balloon")) == pytest.approx(0, abs=1e-6)


def test_the_construction_loan_is_refinanced(tmp_path: Path) -> None:
    result = base("construction", tmp_path)
    assert result.headline["debt_commitment"] == 500
    assert max(result.series("debt.loan.balloon")) > 0
    assert result.headline["refinance_proceeds"] >= result.headline["balloon"] > 0


def test_the_term_loan_leaves_its_balloon(tmp_path: Path) -> None:
    result = base("term-loan", tmp_path)
    assert max(result.series("debt.loan.balloon")) == pytest.approx(0.65 * 480, abs=1e-6)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", "mine", "--kind", "ship", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "'lease', 'construction', 'term-loan'" in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("my work")
    done = CliRunner().invoke(main, ["new", "mine", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "exists already" in done.output
    assert (tmp_path / "mine.yaml").read_text() == "my work"


@pytest.mark.parametrize("name", ["../x", "My Deal", "1st", "-a", "a b", ""])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", "--out", str(tmp_path), "--", name])
    assert done.exit_code == 2
    assert list(tmp_path.iterdir()) == []
