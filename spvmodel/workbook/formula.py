"""Formulas of lines as text: in the cells of the workbook, and in the names of lines. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from spvmodel.engine.roots import GRID, HIGHEST_RATE
from spvmodel.lines import Call, Expr, Model, Number, Ref
from spvmodel.lines.expr import COMPARISONS, SHIFTS
from spvmodel.workbook.layout import (
    BASE,
    CASE_NUMBER_NAME,
    CONSTANT,
    FIRST,
    Layout,
    layout,
    letters,
    quote,
)

NA: Final = '"n/a"'

# How tightly text binds, loosest first. In spreadsheets a leading minus binds tighter than ^, so text that
# starts with one is put in parentheses wherever something stands before it or a power follows it.
_COMPARE, _ADD, _MUL, _POW, _ATOM = range(5)
_SIGN: Final = {
    "add": ("+", _ADD),
    "sub": ("-", _ADD),
    "mul": ("*", _MUL),
    "div": ("/", _MUL),
    "pow": ("^", _POW),
}
_ALIKE: Final = {
    "abs": "ABS",
    "floor": "INT",
    "ln": "LN",
    "edate": "EDATE",
    "eomonth": "EOMONTH",
    "year": "YEAR",
    "month": "MONTH",
    "day": "DAY",
}
Text = tuple[str, int]


def formula_text(model: Model, name: str, period: int | None = None) -> str:
    """The formula in the cell of a line, such as ``=K12 * $E$14``.

    ``period`` counts from 1 and is needed for a series; 0 is the opening column. An empty text where the cell
    holds no formula: an input that is typed, or an opening column that is not used.
    """
    place = layout(model)
    if period == 0:
        return opening_formula(place, name)
    template = row_template(place, name)
    return in_column(template, place.column(period)) if period is not None else template


def row_template(place: Layout, name: str) -> str:
    """The formula of a line; ``{0}``, ``{1}`` and ``{2}`` stand for the columns before, of and after the period.

    An empty text for an input that is typed.
    """
    line = place.model.lines[name]
    if line.expr is None:
        return _live_input(place, name)
    text, _ = _Cells(place, name).value(line.expr)
    return "=" + text


def opening_formula(place: Layout, name: str) -> str:
    """The formula in the opening column of a line, or an empty text."""
    opening = place.model.lines[name].opening
    return "=" + _Cells(place, name).value(opening)[0] if opening is not None else ""


def in_column(template: str, column: int) -> str:
    """A row's formula as it stands in one column, counted from 0."""
    return template.format(letters(column - 1), letters(column), letters(column + 1))


def formula_in_names(expr: Expr) -> str:
    """A formula in the names of lines, such as ``debt.interest / debt.opening``."""
    return _Names().value(expr)[0]


def _live_input(place: Layout, name: str) -> str:
    """The value of the live case, or the base value where the case leaves its cell blank."""
    row = place.places[name].row
    if place.model.lines[name].series:
        if name not in place.typed:
            return ""
        first, last = place.typed[name]
        base, cells = f"{{1}}{first}", f"{{1}}{first}:{{1}}{last}"
    else:
        base = f"{letters(BASE)}{row}"
        cells = f"{base}:{letters(BASE + len(place.model.cases) - 1)}{row}"
    choice = f"INDEX({cells}, {CASE_NUMBER_NAME})"
    return f"=IF(ISBLANK({choice}), {base}, {choice})"


class _Renderer(ABC):
    """What cells and names have in common: operators, their binding, and the calls both write alike."""

    def value(self, expr: Expr) -> Text:
        """An expression as text whose value is a number (or N/A)."""
        text, binding = self.bare(expr)
        return (f"({text}) * 1", _MUL) if binding == _COMPARE else self.truth_as_number(text, binding, expr)

    def truth_as_number(self, text: str, binding: int, expr: Expr) -> Text:
        return text, binding

    def bare(self, expr: Expr) -> Text:
        """An expression as text that may be a truth value, for arithmetic and conditions."""
        if isinstance(expr, Number):
            return number(expr.value), _ATOM
        if isinstance(expr, Ref):
            return self.reference(expr.name), _ATOM
        assert isinstance(expr, Call)
        op, args = expr.op, expr.args
        if op in _SIGN:
            return self.operator(op, args[0], args[1])
        if op in COMPARISONS:
            left, right = self.value(args[0]), self.value(args[1])
            return f"{_wrap(left, _ADD)} {COMPARISONS[op]} {_behind(right, _ADD)}", _COMPARE
        return self.function(op, args)

    def operator(self, op: str, a: Expr, b: Expr) -> Text:
        if op in ("add", "sub") and isinstance(b, Call) and b.op == "neg":
            op, b = ("sub" if op == "add" else "add"), b.args[0]
        sign, binding = _SIGN[op]
        left, right = self.bare(a), self.bare(b)
        start = _behind(left, binding) if op == "pow" else _wrap(left, binding)
        return f"{start} {sign} {_behind(right, binding + (op in ('sub', 'div', 'pow')))}", binding

    @abstractmethod
    def reference(self, name: str) -> str:
        """A line as text."""

    @abstractmethod
    def function(self, op: str, args: tuple[Expr, ...]) -> Text:
        """An operation that is no operator, as text."""

    def call(self, function: str, *args: Expr) -> Text:
        return f"{function}({', '.join(self.value(arg)[0] for arg in args)})", _ATOM


class _Names(_Renderer):
    """Formulas in the names of lines."""

    def value(self, expr: Expr) -> Text:
        return self.bare(expr)

    def reference(self, name: str) -> str:
        return name

    def function(self, op: str, args: tuple[Expr, ...]) -> Text:
        if op == "neg":
            return f"-{_behind(self.bare(args[0]), _POW)}", _MUL
        if op == "na":
            return "n/a", _ATOM
        if op == "where":
            return self.call("if", *args)
        if op == "sum_of":
            return " + ".join(self.bare(arg)[0] for arg in args), _ADD
        return self.call(op, *args)


class _Cells(_Renderer):
    """Formulas in the cells of the sheet on which a line lives, as a template over columns."""

    def __init__(self, place: Layout, name: str) -> None:
        self.place = place
        self.lines = place.model.lines
        self.sheet = place.sheet_of(name)
        self.header = place.header(self.sheet)

    def truth_as_number(self, text: str, binding: int, expr: Expr) -> Text:
        truth = isinstance(expr, Call) and expr.op == "defined"
        return (f"{text} * 1", _MUL) if truth else (text, binding)

    def reference(self, name: str) -> str:
        if self.lines[name].series:
            return self.at(name, "{1}")
        return f"{self.prefix(name)}${letters(CONSTANT)}${self.place.places[name].row}"

    def prefix(self, name: str) -> str:
        sheet = self.place.sheet_of(name)
        return "" if sheet == self.sheet else f"{quote(sheet)}!"

    def at(self, name: str, start: str, end: str = "") -> str:
        """The cell of a series in one column, or its cells from one column to another."""
        if name in self.header:
            row, prefix = f"${self.header[name]}", ""
        else:
            row, prefix = str(self.place.places[name].row), self.prefix(name)
        return f"{prefix}{start}{row}" + (f":{end}{row}" if end else "")

    def range(self, expr: Expr) -> str:
        """All periods of a series."""
        return self.at(_name(expr), f"${letters(FIRST)}", f"${letters(self.place.last)}")

    def shifted(self, expr: Expr) -> bool:
        """Whether the expression may read a cell that is empty and stands for 0."""
        if not (isinstance(expr, Call) and expr.op in SHIFTS):
            return False
        return expr.op == "next" or self.lines[_name(expr.args[0])].opening is None

    def function(self, op: str, args: tuple[Expr, ...]) -> Text:
        if op == "prev":
            return self.at(_name(args[0]), "{0}"), _ATOM
        if op == "next":
            return self.at(_name(args[0]), "{2}"), _ATOM
        if op == "neg":
            return f"-1 * {_behind(self.bare(args[0]), _MUL)}", _MUL
        if op == "na":
            return NA, _ATOM
        if op in _ALIKE:
            return self.call(_ALIKE[op], *args)
        return getattr(self, f"_{op}")(*args), _ATOM

    def condition(self, expr: Expr) -> str:
        if isinstance(expr, Call):
            if expr.op in COMPARISONS or expr.op == "defined":
                return self.bare(expr)[0]
            if expr.op == "mul" and all(isinstance(a, Call) and a.op in COMPARISONS for a in expr.args):
                return f"AND({', '.join(self.bare(a)[0] for a in expr.args)})"
        return f"{_wrap(self.value(expr), _ADD)} <> 0"

    def _min(self, *args: Expr) -> str:
        return self._extreme("min", args)

    def _max(self, *args: Expr) -> str:
        return self._extreme("max", args)

    def _extreme(self, op: str, args: tuple[Expr, ...]) -> str:
        """MIN or MAX, nested ones joined; they pass over an empty cell, which here stands for 0."""
        flat: list[Expr] = []
        for arg in args:
            if isinstance(arg, Call) and arg.op == op:
                flat += _flatten(op, arg)
            else:
                flat.append(arg)
        texts = [f"N({self.value(arg)[0]})" if self.shifted(arg) else self.value(arg)[0] for arg in flat]
        return f"{op.upper()}({', '.join(texts)})"

    def _where(self, condition: Expr, then: Expr, otherwise: Expr) -> str:
        return f"IF({self.condition(condition)}, {self.value(then)[0]}, {self.value(otherwise)[0]})"

    def _ratio(self, a: Expr, b: Expr) -> str:
        return self._quotient(a, b, NA)

    def _quotient(self, a: Expr, b: Expr, otherwise: str) -> str:
        below = _wrap(self.value(b), _ADD)
        return f"IF({below} = 0, {otherwise}, {self.operator('div', a, b)[0]})"

    def _default(self, a: Expr, otherwise: Expr) -> str:
        if isinstance(a, Call) and a.op == "ratio":
            return self._quotient(a.args[0], a.args[1], self.value(otherwise)[0])
        text = self.value(a)[0]
        return f"IF(ISTEXT({text}), {self.value(otherwise)[0]}, {text})"

    def _defined(self, a: Expr) -> str:
        return f"NOT(ISTEXT({self.value(a)[0]}))"

    def _sum_of(self, *args: Expr) -> str:
        return f"SUM({', '.join(self._joined([_name(arg) for arg in args]))})"

    def _joined(self, names: list[str]) -> list[str]:
        """Lines as cells, and as ranges where they stand below each other."""
        runs: list[list[str]] = []
        for name in names:
            if runs and self._follows(runs[-1][-1], name):
                runs[-1].append(name)
            else:
                runs.append([name])
        starts = [self.reference(run[0]) for run in runs]
        ends = [self.reference(run[-1]).rpartition("!")[2] for run in runs]
        return [
            start if len(run) == 1 else f"{start}:{end}" for run, start, end in zip(runs, starts, ends, strict=True)
        ]

    def _follows(self, above: str, name: str) -> bool:
        upper, lower = self.place.places[above], self.place.places[name]
        alike = upper.sheet == lower.sheet and self.lines[above].series == self.lines[name].series
        return alike and upper.row + 1 == lower.row and not {above, name} & self.header.keys()

    def _total(self, line: Expr, flag: Expr | None = None) -> str:
        if flag is None:
            return f"SUM({self.range(line)})"
        return f"SUMPRODUCT({self.range(line)}, {self.range(flag)})"

    def _lowest(self, line: Expr, flag: Expr | None = None) -> str:
        return self._statistic("MIN", "_xlfn.MINIFS", line, flag)

    def _highest(self, line: Expr, flag: Expr | None = None) -> str:
        return self._statistic("MAX", "_xlfn.MAXIFS", line, flag)

    def _mean(self, line: Expr, flag: Expr | None = None) -> str:
        return self._statistic("AVERAGE", "AVERAGEIFS", line, flag)

    def _statistic(self, function: str, function_if: str, line: Expr, flag: Expr | None) -> str:
        cells = self.range(line)
        if flag is None:
            found = f"{function}({cells})"
            return f"IF(COUNT({cells}) = 0, {NA}, {found})" if _name(line) in self.place.with_na else found
        flags = self.range(flag)
        count = f'COUNTIFS({cells}, "<>n/a", {flags}, 1)'
        return f"IF({count} = 0, {NA}, {function_if}({cells}, {flags}, 1))"

    def _at_lowest(self, key: Expr, line: Expr) -> str:
        cells = self.range(line)
        return f"IF(COUNT({cells}) = 0, {NA}, INDEX({self.range(key)}, MATCH(MIN({cells}), {cells}, 0)))"

    def _sum_ahead(self, line: Expr, key: Expr, limit: Expr) -> str:
        # One column past the last period is empty: there the window of the last period starts and ends.
        end = f"${letters(self.place.last + 1)}"
        return self._window(line, key, "<=", limit, "{2}", end)

    def _sum_behind(self, line: Expr, key: Expr, limit: Expr) -> str:
        return self._window(line, key, ">", limit, f"${letters(FIRST)}", "{1}")

    def _window(self, line: Expr, key: Expr, sign: str, limit: Expr, start: str, end: str) -> str:
        # Not SUMIFS, whose criterion turns the limit into a text and back.
        cells, keys = self.at(_name(line), start, end), self.at(_name(key), start, end)
        return f"SUMPRODUCT(({keys} {sign} {self.value(limit)[0]}) * {cells})"

    def _irr(self, flows: Expr) -> str:
        # From the customary guess of 10% a period Newton's method gets lost on long lives; profit over turnover and
        # periods has the sign of the root and is of its order. A loss has no such reach: there it starts below the
        # rate of two payments, from where it climbs to the root.
        cells = self.range(flows)
        back, paid = f'SUMIF({cells}, ">0")', f'SUMIF({cells}, "<0")'
        profit = f"SUM({cells}) / ({back} - {paid}) / COUNT({cells})"
        apart = f"MAX(1, {self._apart(cells, f'COLUMN({cells})', back, paid)})"
        loss = f"MAX(-0.99, (-{back} / {paid}) ^ (1.2 / {apart}) - 1)"
        return self._root(cells, f"IRR({cells}, IF(SUM({cells}) < 0, {loss}, {profit}))")

    def _xirr(self, flows: Expr, dates: Expr) -> str:
        # A guess of the wrong sign can end at 0.000%, and a loss searched from above at an error or at a rate beyond
        # all sense. What comes back of what was paid in, over the time between the mean dates of both, is the rate of
        # two payments and near that of many.
        cells, on = self.range(flows), self.range(dates)
        back, paid = f'SUMIF({cells}, ">0")', f'SUMIF({cells}, "<0")'
        later = self._apart(cells, on, back, paid)
        days = f"MAX(90, {later})"
        two = f"(-{back} / {paid}) ^ (365 / {days}) - 1"
        # Where flows turn often that rate may lie too far off, and the search starts again among losses, then higher.
        again = f"IFERROR(XIRR({cells}, {on}, -0.99), XIRR({cells}, {on}, 1))"
        again = f"IFERROR(XIRR({cells}, {on}, -0.9), {again})"
        found = self._root(cells, f"IFERROR(XIRR({cells}, {on}, MIN(0.1, MAX(-0.99, {two}))), {again})")
        # Where nearly all is lost within weeks the root can lie below the rates that the engine searches: what is
        # paid in then outweighs what comes back even at the lowest of them, and XIRR would end at an error.
        low = f"SUMPRODUCT({cells} * {number(round(1 + GRID[0], 4))} ^ ((MAX({on}) - {on}) / 365))"
        both = f"AND(MIN({cells}) < 0, MAX({cells}) > 0)"
        gone = f"IF({both}, IF(AND({later} > 0, {two} < -0.99), {low} < 0, FALSE), FALSE)"
        return f"IF({gone}, {NA}, {found})"

    def _apart(self, cells: str, on: str, back: str, paid: str) -> str:
        """How far the mean date of what comes back is behind that of what is paid in."""
        mean_back = f"SUMPRODUCT(({cells} > 0) * {cells} * {on}) / {back}"
        mean_paid = f"SUMPRODUCT(({cells} < 0) * {cells} * {on}) / {paid}"
        return f"{mean_back} - {mean_paid}"

    def _root(self, cells: str, found: str) -> str:
        """A rate of return where the flows have both signs, N/A where none is found or above those of the engine."""
        within = f"IF(ISNUMBER({found}), IF({found} <= {number(HIGHEST_RATE)}, {found}, {NA}), {NA})"
        return f"IF(AND(MIN({cells}) < 0, MAX({cells}) > 0), {within}, {NA})"


def number(value: float) -> str:
    """A number as formulas write it."""
    return str(int(value)) if value == int(value) and abs(value) <= 1e15 else repr(value).upper()


def _flatten(op: str, expr: Call) -> list[Expr]:
    flat: list[Expr] = []
    for arg in expr.args:
        flat += _flatten(op, arg) if isinstance(arg, Call) and arg.op == op else [arg]
    return flat


def _name(expr: Expr) -> str:
    assert isinstance(expr, Ref)
    return expr.name


def _wrap(text: Text, binding: int) -> str:
    """Text as an operand of something that binds as given."""
    return f"({text[0]})" if text[1] < binding else text[0]


def _behind(text: Text, binding: int) -> str:
    """Text as an operand behind an operator, or before a power."""
    return f"({text[0]})" if text[1] < binding or text[0].startswith("-") else text[0]
