"""The shipped deal, end to end: every formula cell, as written and after inputs are changed in the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.finance.conserved import movement
from tests.workbook import flex
from tests.workbook.parity import Cell, Formula, check_stored, compare_known, formulas
from tests.workbook.structure import faults

OFFICE_FLEXES = 25
IN_PROCESS_FLEXES = 200
BLOCK = 20
LEAST_CHANGES = 10
RESIDUAL = 1e-6
DISTRESSED_EVERY = 5


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load("abilene"))


@pytest.fixture(scope="module")
def result(model: Model) -> Result:
    return spvmodel.solve(model)


@pytest.fixture(scope="module")
def path(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spvmodel.write_workbook(result, tmp_path_factory.mktemp("abilene") / "abilene.xlsx")


@pytest.fixture(scope="module")
def cells(path: Path) -> dict[Cell, Formula]:
    return formulas(path)


def test_stored_values(result: Result, path: Path) -> None:
    done = check_stored(result, path)
    assert done.mismatches == []
    assert done.counts["line"] > 50_000


def test_structure(model: Model, path: Path) -> None:
    assert faults(model, path) == []


def test_the_same_bytes(result: Result, path: Path, tmp_path: Path) -> None:
    again = spvmodel.solve(spvmodel.build(spvmodel.load("abilene")))
    assert spvmodel.write_workbook(again, tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


@pytest.mark.xdist_group("abilene in LibreOffice")
def test_libreoffice_as_written_and_flexed(
    model: Model,
    result: Result,
    path: Path,
    cells: dict[Cell, Formula],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    flexes = [flex.random_flex(model, seed, LEAST_CHANGES, distressed(seed)) for seed in range(OFFICE_FLEXES)]
    book = flex.Patchable(path)
    flexed = [
        book.write(tmp_path / f"flex-{seed}.xlsx", flex.cells_of(model, change)) for seed, change in enumerate(flexes)
    ]
    corrupted = book.corrupt(tmp_path / "corrupted.xlsx", "12345")
    solved = [result, result, *(flex.solved(model, change) for change in flexes)]
    copies = recalculate([path, corrupted, *flexed], tmp_path / "recalculated", timeout=1200)
    compared = 0
    for answer, copy in zip(solved, copies, strict=True):
        done = compare_known(answer, cells, read_values(copy))
        assert done.mismatches == [], f"{copy.name}: {len(done.mismatches)} cells differ"
        assert movement(answer) < RESIDUAL
        compared += done.count
    record_property("formula cells compared", compared)
    with capsys.disabled():
        os.write(2, f"\n{len(copies)} workbooks, {compared:,} formula cells recalculated by LibreOffice\n".encode())


@pytest.mark.parametrize("start", range(0, IN_PROCESS_FLEXES, BLOCK))
def test_in_process_flexed(start: int, model: Model, path: Path, cells: dict[Cell, Formula], tmp_path: Path) -> None:
    book = flex.Patchable(path)
    for seed in range(1000 + start, 1000 + start + BLOCK):
        change = flex.random_flex(model, seed, LEAST_CHANGES, distressed(seed))
        assert len(change.changes) >= LEAST_CHANGES
        flexed = book.write(tmp_path / "flexed.xlsx", flex.cells_of(model, change))
        answer = flex.solved(model, change)
        done = compare_known(answer, cells, flex.recalculated_in_process(flexed, cells))
        assert done.mismatches == [], f"seed {seed}: {len(done.mismatches)} cells differ"
        assert done.count == len(cells)
        assert movement(answer) < RESIDUAL


def test_flexes_change_what_is_solved(model: Model, result: Result) -> None:
    """The flexes reach every kind of input and every case, and move the debt."""
    flexes = [flex.random_flex(model, 1000 + seed, LEAST_CHANGES) for seed in range(IN_PROCESS_FLEXES)]
    assert {change.case for change in flexes} == set(model.cases)
    changed = {name for change in flexes for name in change.changes}
    free = {n for n, given in model.inputs.items() if given.status != "fixed" and "tolerance" not in n}
    assert changed == free
    solved = [flex.solved(model, change) for change in flexes[:40]]
    for metric in ("total_uses", "equity", "min_dscr", "equity_irr"):
        assert len({round(answer.headline[metric], 9) for answer in solved}) > 10, metric


def test_distressed_flexes_are_distressed(model: Model) -> None:
    """They raise alerts, and some lose money for the owners: returns below zero are compared as well."""
    answers = [flex.solved(model, flex.random_flex(model, 1000 + k, LEAST_CHANGES, True)) for k in range(0, 50, 5)]
    assert all(any(answer.scalar(name) for name in model.alerts) for answer in answers)
    assert any(answer.headline["equity_irr"] < 0.0 for answer in answers)


def distressed(seed: int) -> bool:
    """One flex of a few is of a deal in distress."""
    return seed % DISTRESSED_EVERY == 0
