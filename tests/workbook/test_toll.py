"""The workbook of a deal whose close stands on its own and whose revenue is not rent, recalculated in process."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.lines import serial
from spvmodel.workbook import write_workbook
from tests.workbook import flex
from tests.workbook.parity import compare, formulas

TOLL = str(Path(__file__).parents[1] / "deals" / "toll.yaml")


@pytest.mark.xdist_group("office")
@pytest.mark.parametrize("case", ["base", "late", "fewer_cars", "earlier_close"])
def test_every_formula_gives_what_the_engine_gives(case: str, tmp_path: Path) -> None:
    result = spvmodel.solve(spvmodel.build(spvmodel.load(TOLL)), case)
    path = write_workbook(result, tmp_path / "toll.xlsx")
    cells = formulas(path)
    done = compare(result, path, flex.recalculated_in_process(path, cells))
    assert done.mismatches == []
    assert done.count == len(cells) > 10_000


@pytest.mark.xdist_group("office")
def test_a_changed_workbook_gives_what_the_engine_gives(tmp_path: Path) -> None:
    """Other prices, volumes and dates typed into the workbook: days, steps and year 0 follow by formula."""
    model = spvmodel.build(spvmodel.load(TOLL))
    book = flex.Patchable(write_workbook(spvmodel.solve(model), tmp_path / "toll.xlsx"))
    moved: dict[str, flex.Given] = {
        "income.tolls.escalation": -0.02,
        "income.tolls.degradation": 0.04,
        "income.tolls.commencement": serial(date(2028, 2, 29)),
        "income.availability.expiry": serial(date(2043, 12, 31)),
        "opex.property_tax.decline": 0.3,
        "time.close": serial(date(2025, 5, 12)),
        "construction.delay": 4.0,
    }
    change = flex.Flex("base", moved)
    path = book.write(tmp_path / "changed.xlsx", flex.cells_of(model, change))
    done = compare(flex.solved(model, change), path, flex.recalculated_in_process(path, formulas(path)))
    assert done.mismatches == []
