"""Every deal that ships or that tests use, as a workbook: recalculated by LibreOffice, and re-sized when flexed there.

Abilene has a module of its own, with many more flexes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.workbook import flex
from tests.workbook.parity import Cell, Formula, check_stored, compare_known, formulas
from tests.workbook.structure import faults

TESTS = Path(__file__).parents[1] / "deals"
DEALS = {path.stem: path for folder in (TESTS, TESTS / "sam") for path in sorted(folder.glob("*.yaml"))}
# The richest deal has half a million cells a quarter; its blocks are in the others.
DEALS.pop("rich", None)
DEALS |= {path.stem: path for path in sorted(resources.models().glob("*.yaml")) if path.stem != "abilene"}
FLEXES = 1
"""Random ones in LibreOffice, beside the one that re-sizes."""
SOLVED_FLEXES = 8
LEAST_CHANGES = 8
RESIDUAL = 1e-6


@dataclass(frozen=True)
class Book:
    """A deal as a model, solved and written."""

    model: Model
    result: Result
    path: Path
    cells: dict[Cell, Formula]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    folder, found = tmp_path_factory.mktemp("deals"), {}
    for name, file in DEALS.items():
        model = spvmodel.build(spvmodel.load(file))
        result = spvmodel.solve(model)
        path = spvmodel.write_workbook(result, folder / f"{name}.xlsx")
        found[name] = Book(model, result, path, formulas(path))
    return found


def settled(result: Result) -> float:
    """The largest movement of any feedback in its last pass; 0 where the deal has no loop."""
    lines = result.model.lines
    return max((result.scalar(n) for n in lines if n.endswith("_residual") and not lines[n].turn), default=0.0)


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


@pytest.mark.xdist_group("deals in LibreOffice")
def test_stored_values_and_structure(books: dict[str, Book]) -> None:
    for name, book in books.items():
        done = check_stored(book.result, book.path)
        assert done.mismatches == [], name
        assert faults(book.model, book.path) == [], name


@pytest.mark.xdist_group("deals in LibreOffice")
def test_libreoffice_as_written_and_flexed(
    books: dict[str, Book], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: dict[Path, tuple[str, Result]] = {}
    sized = 0
    for name, book in books.items():
        patch = flex.Patchable(book.path)
        # Stored values that are all wrong must come back right: the recalculation is forced, and whole.
        answers[patch.corrupt(tmp_path / f"{name}-corrupted.xlsx", "12345")] = name, book.result
        changes = [flex.random_flex(book.model, seed, LEAST_CHANGES) for seed in range(FLEXES)]
        amounts = [line for line in book.model.lines if line.startswith("sizing.") and line.endswith(".size")]
        if amounts:
            sized += 1
            changes.append(resized(book.model))
            answer = flex.solved(book.model, changes[-1])
            for line in amounts:
                assert abs(answer.scalar(line) - book.result.scalar(line)) > 0.1, f"{name}: {line} did not re-size"
        for number, change in enumerate(changes):
            path = patch.write(tmp_path / f"{name}-flex-{number}.xlsx", flex.cells_of(book.model, change))
            answers[path] = name, flex.solved(book.model, change)
    copies = recalculate(list(answers), tmp_path / "recalculated", timeout=1500)
    compared = 0
    for (name, answer), copy in zip(answers.values(), copies, strict=True):
        done = compare_known(answer, books[name].cells, read_values(copy))
        assert done.mismatches == [], f"{copy.name}: {len(done.mismatches)} cells differ: {done.mismatches[:3]}"
        compared += done.count
    assert sized >= 6
    with capsys.disabled():
        os.write(2, f"\n{len(copies)} workbooks of {len(books)} deals, {compared:,} formula cells\n".encode())


@pytest.mark.xdist_group("deals in LibreOffice")
def test_feedbacks_are_at_rest_in_every_case_and_flex(books: dict[str, Book]) -> None:
    """The passes suffice for every deal, in every case and in the flexes above."""
    for name, book in books.items():
        answers = [spvmodel.solve(book.model, case) for case in book.model.cases]
        answers += [
            flex.solved(book.model, flex.random_flex(book.model, seed, LEAST_CHANGES)) for seed in range(FLEXES)
        ]
        for answer in answers:
            assert settled(answer) < RESIDUAL, f"{name}, {answer.case}"
