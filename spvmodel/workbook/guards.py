"""What an input cell may hold, and the formulas that watch over it. Pure."""

from __future__ import annotations

from spvmodel.engine import Result
from spvmodel.lines import Input, Model
from spvmodel.workbook.layout import BASE, CONSTANT, FIRST, Layout, Row, letters

Bounds = tuple[float | None, float | None]


def bounds(model: Model, name: str) -> Bounds:
    """The lowest and highest value of an input, in its line's unit; one that is fixed may not move at all."""
    given = model.inputs[name]
    if given.status == "fixed" and not isinstance(given.value, tuple):
        values = [given.value, *(value for _, value in given.cases if not isinstance(value, tuple))]
        return min(values), max(values)
    return given.low, given.high


def within(value: float, allowed: Bounds) -> bool:
    """Whether a value lies within bounds."""
    low, high = allowed
    return value == value and (low is None or value >= low) and (high is None or value <= high)


def guard_formula(place: Layout, name: str) -> str:
    """0 where the live cell of a scalar input is a formula, a number and within bounds, else 1.

    The bounds stand in two cells of the same row. A base cell that is blank is not fine: it would count as 0.
    """
    row = place.places[name].row
    live = f"{letters(CONSTANT)}{row}"
    low, high = bounds(place.model, name)
    parts = [f"_xlfn.ISFORMULA({live})", f"ISNUMBER({live})"]
    if low is not None:
        parts.append(f"(N({live}) >= {letters(place.low)}{row})")
    if high is not None:
        parts.append(f"(N({live}) <= {letters(place.low + 1)}{row})")
    return f"=1 - {' * '.join(parts)} * NOT(ISBLANK({letters(BASE)}{row}))"


def row_guard_formula(place: Layout, row: Row) -> str:
    """The number of cells in a typed row that hold no number within bounds; a case's cells may be blank."""
    cells = f"{letters(FIRST)}{row.number}:{letters(place.last)}{row.number}"
    low, high = bounds(place.model, row.name)
    limits = []
    if low is not None:
        limits.append(f'{cells}, ">=" & ${letters(place.low_of_series)}{row.number}')
    if high is not None:
        limits.append(f'{cells}, "<=" & ${letters(place.low_of_series + 1)}{row.number}')
    fine = f"COUNTIFS({', '.join(limits)})" if limits else f"COUNT({cells})"
    return f"={'COUNTA' if row.kind == 'case' else 'COLUMNS'}({cells}) - {fine}"


def typed_values(result: Result, given: Input) -> list[float | tuple[float, ...] | None]:
    """What stands in the cells of an input, base first; None where a case leaves it to the base value.

    A value that was overridden for this run stands in the cells of the run's case.
    """
    cases, own = result.model.cases, dict(given.cases)
    typed: list[float | tuple[float, ...] | None] = [given.value, *(own.get(case) for case in cases[1:])]
    if overridden(result, given):
        typed[cases.index(result.case)] = result.inputs[given.name]
    return typed


def overridden(result: Result, given: Input) -> bool:
    """Whether the run gave the input another value than the deal file."""
    return result.inputs[given.name] != given.in_case(result.case)


def guard_value(result: Result, name: str) -> float:
    """What the guard of a scalar input says: 0 is fine, 1 is not."""
    return 0.0 if within(result.scalar(name), bounds(result.model, name)) else 1.0


def row_guard_value(result: Result, row: Row) -> float:
    """How many cells of a typed row are out of bounds."""
    given = result.model.inputs[row.name]
    if row.case:
        typed = typed_values(result, given)[result.model.cases.index(row.case)]
    else:
        typed = result.inputs[row.name]
    numbers = typed if isinstance(typed, tuple) else ()
    return float(sum(not within(number, bounds(result.model, row.name)) for number in numbers))


def counted(cells: str) -> str:
    """The sum of counts; one that is itself an error counts 1 and hides nothing."""
    return f'SUMIF({cells}, ">0") + SUMPRODUCT(ISERROR({cells}) * 1)'


def words(allowed: Bounds, unit: str) -> str:
    """What may be typed into a cell, in words."""
    low, high = allowed
    kind = "a date (as a day number)" if unit == "date" else "a number"
    if low is not None and low == high:
        return f"This value is fixed when the model is built: it must stay {low:.15g}."
    if low is not None and high is not None:
        return f"Type {kind} from {low:.15g} to {high:.15g}."
    if low is not None or high is not None:
        return f"Type {kind} of {f'{low:.15g} or more' if low is not None else f'{high:.15g} or less'}."
    return f"Type {kind}."
