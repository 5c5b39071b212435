"""Every deal that ships or that tests use, as a workbook: recalculated by LibreOffice, and re-sized when flexed there.

Abilene has a module of its own, with many more flexes.
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
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.finance.conserved import movement
from tests.workbook import flex
from tests.workbook.parity import check_stored, compare_known, formulas
from tests.workbook.structure import faults

TESTS = Path(__file__).parents[1] / "deals"
DEALS = {path.stem: path for folder in (TESTS, TESTS / "sam") for path in sorted(folder.glob("*.yaml"))}
DEALS |= {path.stem: path for path in sorted(resources.models().glob("*.yaml")) if path.stem != "abilene"}
FLEXES = 1
"""Random ones in LibreOffice, beside the one that re-sizes."""
LEAST_CHANGES = 8
MANY_CELLS = 300_000
"""A larger workbook is only re-sized: each copy of it takes LibreOffice half a minute."""
RESIDUAL = 1e-6
SIZED = {name for name, path in DEALS.items() if "sizing:" in path.read_text(encoding="utf-8")}


@lru_cache(maxsize=1)
def solved(name: str) -> tuple[Model, Result]:
    """A deal as a model, and its base case."""
    model = spvmodel.build(spvmodel.load(DEALS[name]))
    return model, spvmodel.solve(model)


def resized(model: Model) -> flex.Flex:
    """Income, rate and cost moved, in a deal whose debt is sized: the debt must follow in the sheet."""
    changes: dict[str, flex.Given] = {}
    for name, given in model.inputs.items():
        value = given.in_case("base")
        if isinstance(value, tuple) or not value:
            continue
        if name.startswith(("lease.", "income.")) and name.endswith((".rent", ".amount")):
            changes[name] = value * 0.93
        elif name.endswith((".fixed_rate", ".margin")):
            changes[name] = value + 0.0075
        elif name.startswith(("building.", "use.")) and name.endswith((".budget", ".amount")):
            changes[name] = value * 1.04
    return flex.Flex("base", changes)


def sizes(model: Model) -> list[str]:
    """The lines of the amounts that are sized."""
    return [line for line in model.lines if line.startswith("sizing.") and line.endswith(".size")]


def test_there_are_sized_deals() -> None:
    assert len(SIZED) >= 6


@pytest.mark.parametrize("name", DEALS)
def test_as_written_and_flexed(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stored values, structure, and a forced recalculation of the file corrupted, flexed and re-sized."""
    model, base = solved(name)
    written = spvmodel.write_workbook(base, tmp_path / f"{name}.xlsx")
    cells = formulas(written)
    assert check_stored(base, written).mismatches == []
    assert faults(model, written) == []
    patch = flex.Patchable(written)
    # Stored values that are all wrong must come back right: the recalculation is forced, and whole.
    answers = {patch.corrupt(tmp_path / "corrupted.xlsx", "12345"): base}
    flexes = 0 if len(cells) > MANY_CELLS else FLEXES
    changes = [flex.random_flex(model, seed, LEAST_CHANGES) for seed in range(flexes)]
    assert bool(sizes(model)) == (name in SIZED)
    if name in SIZED:
        changes.append(resized(model))
        answer = flex.solved(model, changes[-1])
        for line in sizes(model):
            assert abs(answer.scalar(line) - base.scalar(line)) > 0.1, f"{line} did not re-size"
    for number, change in enumerate(changes):
        path = patch.write(tmp_path / f"flex-{number}.xlsx", flex.cells_of(model, change))
        answers[path] = flex.solved(model, change)
    copies = recalculate(list(answers), tmp_path / "recalculated", timeout=1500)
    compared = 0
    for answer, copy in zip(answers.values(), copies, strict=True):
        done = compare_known(answer, cells, read_values(copy))
        assert done.mismatches == [], f"{copy.name}: {len(done.mismatches)} cells differ: {done.mismatches[:3]}"
        compared += done.count
    with capsys.disabled():
        os.write(2, f"\n{name}: {len(copies)} workbooks, {compared:,} formula cells recalculated\n".encode())


@pytest.mark.parametrize("name", DEALS)
def test_feedbacks_are_at_rest_in_every_case_and_flex(name: str) -> None:
    """The passes suffice for every deal, in every case and in the flexes above."""
    model, _ = solved(name)
    answers = [spvmodel.solve(model, case) for case in model.cases]
    answers += [flex.solved(model, flex.random_flex(model, seed, LEAST_CHANGES)) for seed in range(FLEXES)]
    for answer in answers:
        assert movement(answer) < RESIDUAL, answer.case
