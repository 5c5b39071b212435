"""The case selector of every shipped deal, set to every case: the sheet must reproduce default, enforcement, recovery.

Every formula cell of each case is held against the engine's solution of that case: in process for all cases, and by
LibreOffice, a forced recalculation in one start for each deal, for those in which a loan defaults.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.workbook.layout import CONSTANT, layout
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.workbook import flex
from tests.workbook.parity import Cell, Formula, compare_known, formulas

DEALS = sorted(path.stem for path in resources.models().glob("*.yaml"))
DEFAULTED = ("default_downtime_12", "default_downtime_18", "default_downtime_24", "default_before_balloon", "dark")
"""Cases of the shared set in which a tenant defaults."""

COVERED = {"data-2023-cntr"}
"""Deals whose collateral covers the claims in every case."""


@lru_cache(maxsize=1)
def solved(name: str) -> tuple[Model, dict[str, Result]]:
    """A deal as a model, and the engine's solution of every case."""
    model = spvmodel.build(spvmodel.load(name))
    return model, {case: spvmodel.solve(model, case) for case in model.cases}


@lru_cache(maxsize=1)
def written(name: str, folder: Path) -> tuple[flex.Patchable, dict[Cell, Formula]]:
    """The workbook of a deal, ready for its selector to be set, and its formula cells."""
    path = spvmodel.write_workbook(solved(name)[1]["base"], folder / f"{name}.xlsx")
    return flex.Patchable(path), formulas(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


def enforced(answers: dict[str, Result]) -> dict[str, float]:
    """The cases in which a loan defaults, with the day (a serial number)."""
    days = {case: answer.scalar("enforcement.default_date") for case, answer in answers.items()}
    return {case: day for case, day in days.items() if day == day}


def line_cells(model: Model, prefix: str) -> set[Cell]:
    """The formula cells of the lines under a prefix: the value, or that of every period."""
    place, found = layout(model), set()
    for name, line in model.lines.items():
        if name.startswith(prefix) and not line.is_input:
            home = place.places[name]
            columns = [place.column(p) for p in range(1, model.periods + 1)] if line.series else [CONSTANT]
            found |= {(home.sheet, home.row, column + 1) for column in columns}
    return found


@pytest.mark.parametrize("name", DEALS)
@pytest.mark.xdist_group("cases in the workbook")
def test_every_case_in_process(name: str, folder: Path, tmp_path: Path) -> None:
    model, answers = solved(name)
    book, cells = written(name, folder)
    for prefix in ("enforcement.", "recovery."):
        assert len(line_cells(model, prefix)) > 100
        assert line_cells(model, prefix) <= cells.keys(), f"cells of {prefix} are not compared"
    assert len(model.cases) > 20
    for case, answer in answers.items():
        path = book.write(tmp_path / "case.xlsx", flex.cells_of(model, flex.Flex(case, {})))
        done = compare_known(answer, cells, flex.recalculated_in_process(path, cells))
        assert done.mismatches == [], f"{case}: {len(done.mismatches)} cells differ: {done.mismatches[:3]}"
        assert done.count == len(cells)


@pytest.mark.parametrize("name", DEALS)
@pytest.mark.xdist_group("cases in the workbook")
def test_enforced_cases_in_libreoffice(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, answers = solved(name)
    book, cells = written(name, folder)
    chosen = list(enforced(answers))
    paths = [book.write(tmp_path / f"{case}.xlsx", flex.cells_of(model, flex.Flex(case, {}))) for case in chosen]
    copies = recalculate(paths, tmp_path / "recalculated", timeout=1500)
    compared = 0
    for case, copy in zip(chosen, copies, strict=True):
        done = compare_known(answers[case], cells, read_values(copy))
        assert done.mismatches == [], f"{case}: {len(done.mismatches)} cells differ: {done.mismatches[:3]}"
        compared += done.count
    with capsys.disabled():
        os.write(2, f"\n{name}: {len(copies)} cases, {compared:,} formula cells recalculated\n".encode())


@pytest.mark.parametrize("name", DEALS)
def test_the_cases_do_default(name: str) -> None:
    """What is compared above is not a sheet of N/A: tenants default, and loans with them; the base case does not."""
    model, answers = solved(name)
    stopped = set(enforced(answers))
    assert set(DEFAULTED) <= set(model.cases)
    assert set(DEFAULTED) <= stopped
    assert "base" not in stopped
    assert len({answers[case].scalar("enforcement.default_date") for case in stopped}) >= 2
    assert any(answers[case].scalar("enforcement.recovered") > 1.0 for case in stopped)
    lost = {case for case in stopped if answers[case].scalar("enforcement.lender_loss") > 1.0}
    assert bool(lost) == (name not in COVERED)
