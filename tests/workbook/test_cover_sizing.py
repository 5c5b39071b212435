"""The Cover names what binds each sized loan, and follows the case that is chosen in the file."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import spvmodel
from spvmodel.workbook import write_workbook

DEALS = Path(__file__).parents[1] / "deals"


def _cover(name: str, path: Path, formulas: bool) -> dict[str, object]:
    """Column D of the Cover by the line or metric that column F names."""
    sheet = openpyxl.load_workbook(path / f"{name}.xlsx", data_only=not formulas)["Cover"]
    return {str(row[5].value): row[3].value for row in sheet.iter_rows(min_row=8) if row[5].value}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks of a sized loan, of a take-out with constraints, and of loans that are given."""
    path = tmp_path_factory.mktemp("cover")
    for name, case in (("sized", "llcr_binds"), ("refinanced", "base"), ("toll", "base")):
        model = spvmodel.build(spvmodel.load(DEALS / f"{name}.yaml"))
        write_workbook(spvmodel.solve(model, case), path / f"{name}.xlsx")
    return path


def test_the_cover_names_the_binding_constraint(folder: Path) -> None:
    values, formulas = (_cover("sized", folder, formulas) for formulas in (False, True))
    assert values["binding_constraint"] == values["sizing.loan.binding"] == "LLCR"
    assert str(formulas["sizing.loan.binding"]).startswith("=CHOOSE(Debt!$E$")
    assert '"LLCR"' in str(formulas["sizing.loan.binding"])
    size, room = values["sizing.loan.size"], values["sizing.loan.headroom"]
    assert isinstance(size, float) and isinstance(room, float) and size > 0 and room > 0


def test_a_take_out_has_its_own_rows(folder: Path) -> None:
    values = _cover("refinanced", folder, formulas=False)
    assert values["debt.takeout.binding"] == "DSCR"
    assert values["debt.takeout.capacity"] == pytest.approx(568.7732748386247)


def test_loans_that_are_given_have_no_sizing(folder: Path) -> None:
    values = _cover("toll", folder, formulas=False)
    assert not [name for name in values if name.startswith("sizing.")]
