"""Formulas as text, in names and in cells: precedence, parentheses, and what cells need beyond it."""

from __future__ import annotations

import pytest

from spvmodel.lines import Expr, Number, Ref, defined, equal, na, prev, where
from spvmodel.workbook import formula_in_names, formula_text, layout
from spvmodel.workbook.formula import number
from spvmodel.workbook.layout import letters, quote
from tests.workbook.toys import PERIODS, every_operation, loop

a, b, c = Ref("a"), Ref("b"), Ref("c")


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (a - (b - c), "a - (b - c)"),
        (a + (b - c), "a + b - c"),
        ((a + b) * c, "(a + b) * c"),
        (a * (b / c), "a * b / c"),
        (a / (b * c), "a / (b * c)"),
        (a / (b / c), "a / (b / c)"),
        (a - (-b), "a + b"),
        (a + (-b), "a - b"),
        (a ** (b + 1), "a ^ (b + 1)"),
        ((a**b) ** c, "a ^ b ^ c"),
        (a ** (b**c), "a ^ (b ^ c)"),
        ((-a) ** b, "(-a) ^ b"),
        (a ** (-b), "a ^ (-b)"),
        (Number(-2) ** a, "(-2) ^ a"),
        (a - Number(-3), "a - (-3)"),
        ((a >= b) * c, "(a >= b) * c"),
        (a + b > c, "a + b > c"),
        (equal(a, b) + equal(b, c), "(a = b) + (b = c)"),
        (where(a > b, prev(c), na()), "if(a > b, prev(c), n/a)"),
        (defined(a) * b, "defined(a) * b"),
    ],
)
def test_in_names(expr: Expr, text: str) -> None:
    assert formula_in_names(expr) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("time.start", "=J12"),
        ("time.parts", "=MONTH(K12) * 100 + DAY(K12)"),
        ("rate", "=IF(ISBLANK(INDEX(G15:I15, case_number)), G15, INDEX(G15:I15, case_number))"),
        ("flow", "=IF(ISBLANK(INDEX(K11:K13, case_number)), K11, INDEX(K11:K13, case_number))"),
        ("plain", ""),
        ("e.sub", "=InputSeries!K15 - (Inputs!$E$15 - (Inputs!$E$16 - InputSeries!K15)) - (-3)"),
        ("e.pow2", "=(-1 * (InputSeries!K15 + 1)) ^ 2 + (-2) ^ 2"),
        ("e.min", "=MIN(InputSeries!K15, 5, N(InputSeries!L15))"),
        ("e.one", "=(K$5 >= 7) * 1"),
        ("e.flag", "=(K$5 > 2) * (K$5 < 8)"),
        ("e.sum", "=SUM(K11:K13, Inputs!$E$15, K18, K$5)"),
        ("r.window", "=SUMPRODUCT((L$4:$S$4 <= Time!K15) * InputSeries!L14:$S14)"),
        ("r.behind", "=SUMPRODUCT(($J$4:K$4 > Time!K16) * InputSeries!$J14:K14)"),
        ("s.total", "=SUM(InputSeries!$J14:$R14)"),
        ("s.sum", "=SUM($E$28:$E$29)"),
        ("check.sum.passed", "=($E$11 <= 'Results & more'!$E$39) * 1"),
    ],
)
def test_in_cells(name: str, text: str) -> None:
    model = every_operation()
    assert formula_text(model, name, 2 if model.lines[name].series else None) == text


def test_the_first_period_reads_the_opening_column_and_has_no_formula_of_its_own() -> None:
    model = every_operation()
    assert formula_text(model, "r.opening", 1) == "=I38"
    assert formula_text(model, "r.closing", 0) == "=SUM(InputSeries!$J14:$R14)"
    assert formula_text(model, "r.opening", 0) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (-3.0, "-3"), (0.25, "0.25"), (1.5e-7, "1.5E-07"), (1e15, "1000000000000000")]
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("column", "text"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_letters(column: int, text: str) -> None:
    assert letters(column) == text


@pytest.mark.parametrize(
    ("sheet", "text"), [("Debt", "Debt"), ("R", "'R'"), ("Q1", "'Q1'"), ("Results & more", "'Results & more'")]
)
def test_sheet_names_in_formulas(sheet: str, text: str) -> None:
    assert quote(sheet) == text


def test_cells_of_lines() -> None:
    place = layout(every_operation())
    assert place.cell("rate") == "Inputs!E15"
    assert place.cell("flow", 1) == "InputSeries!J14"
    assert place.cell("time.end", 0) == "Time!I12"
    assert place.cell("e.flag") == f"Workings!J26:{letters(8 + PERIODS)}26"
    assert place.cell("s.total") == "'Results & more'!E28"
    with pytest.raises(ValueError, match="periods 1 to 9"):
        place.cell("time.end", PERIODS + 1)


def test_every_line_has_a_cell_of_its_own() -> None:
    for model in (every_operation(), loop()):
        place = layout(model)
        assert set(place.places) == set(model.lines)
        cells = [place.cell(name) for name in model.lines]
        assert len(set(cells)) == len(cells)


def test_passes_stand_on_their_own_sheet_in_the_same_columns() -> None:
    model = loop()
    place = layout(model)
    passes = [name for name, line in model.lines.items() if line.turn]
    assert len(passes) == 8 * 7
    assert {place.sheet_of(name) for name in passes} == {"Passes"}
    assert place.cell("loan.draw@3", 4)[-3] == place.cell("loan.draw", 4)[-3]
