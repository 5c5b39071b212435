"""Recalculated by programs that are not ours, a workbook gives what the engine gives, in every formula cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from spvmodel.engine import Result
from spvmodel.workbook import write_workbook
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.workbook import flex
from tests.workbook.parity import check_stored, compare, formulas
from tests.workbook.toys import CASES, every_operation, loop, solved

SEEDS = range(8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parity")


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, tuple[Result, Path]]:
    """Both toys in every case, flexed toys, and a copy whose stored values are wrong throughout."""
    books: dict[str, tuple[Result, Path]] = {}
    for model, name in ((every_operation(), "every"), (loop(), "loop")):
        for case in CASES:
            result = solved(model, case)
            books[f"{name} {case}"] = result, write_workbook(result, folder / f"{name}-{case}.xlsx")
        base = flex.Patchable(books[f"{name} base"][1])
        for seed in SEEDS:
            change = flex.random_flex(model, seed, least=3)
            path = base.write(folder / f"{name}-flex-{seed}.xlsx", flex.cells_of(model, change))
            books[f"{name} flex {seed}"] = flex.solved(model, change), path
    result, path = books["every base"]
    books["corrupted"] = result, flex.Patchable(path).corrupt(folder / "corrupted.xlsx", "12345")
    return books


@pytest.fixture(scope="module")
def by_libreoffice(written: dict[str, tuple[Result, Path]], folder: Path) -> dict[str, Path]:
    """All of them recalculated, in one start."""
    copies = recalculate([path for _, path in written.values()], folder / "recalculated")
    return dict(zip(written, copies, strict=True))


NAMES = [f"{toy} {which}" for toy in ("every", "loop") for which in (*CASES, *(f"flex {seed}" for seed in SEEDS))]


@pytest.mark.xdist_group("office")
def test_recalculation_is_forced(written: dict[str, tuple[Result, Path]], by_libreoffice: dict[str, Path]) -> None:
    """Without force LibreOffice would hand back the stored values, and every comparison would be of nothing."""
    result, path = written["corrupted"]
    assert {v.stored for v in formulas(path).values() if isinstance(v.stored, float)} == {12345.0}
    done = compare(result, path, read_values(by_libreoffice["corrupted"]))
    assert done.mismatches == []


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("name", NAMES)
def test_libreoffice(name: str, written: dict[str, tuple[Result, Path]], by_libreoffice: dict[str, Path]) -> None:
    result, path = written[name]
    done = compare(result, path, read_values(by_libreoffice[name]))
    assert done.mismatches == []
    assert done.count > 700


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("name", NAMES)
def test_in_process(name: str, written: dict[str, tuple[Result, Path]]) -> None:
    result, path = written[name]
    cells = formulas(path)
    done = compare(result, path, flex.recalculated_in_process(path, cells))
    assert done.mismatches == []
    assert done.count == len(cells)


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("name", [f"{toy} {case}" for toy in ("every", "loop") for case in CASES])
def test_the_engine_s_value_is_stored_beside_every_formula(name: str, written: dict[str, tuple[Result, Path]]) -> None:
    assert check_stored(*written[name]).mismatches == []


@pytest.mark.xdist_group("office")
def test_in_process_recalculation_recalculates(folder: Path, written: dict[str, tuple[Result, Path]]) -> None:
    result, path = written["corrupted"]
    assert compare(result, path, flex.recalculated_in_process(path, formulas(path))).mismatches == []
    assert len(check_stored(result, path).mismatches) > 600
