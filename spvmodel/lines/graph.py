"""The builder: blocks declare lines here, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from spvmodel.lines.errors import DuplicateLine, GraphError
from spvmodel.lines.expr import Expr, Operand, Ref, absolute, highest, lift, sum_of
from spvmodel.lines.line import Check, Feedback, Input, Line
from spvmodel.lines.model import Model
from spvmodel.lines.order import compile_model


class Graph:
    """Collects lines. Every declaring method returns a :class:`Ref`, so that formulas read like formulas."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._inputs: dict[str, Input] = {}
        self._feedbacks: list[Feedback] = []
        self._checks: list[Check] = []
        self._alerts: list[str] = []
        self._section = ""
        self._group = ""

    @contextmanager
    def place(self, section: str, group: str = "") -> Iterator[None]:
        """Declare lines within a section (a sheet) and a group (a heading on it)."""
        before = self._section, self._group
        self._section, self._group = section, group
        try:
            yield
        finally:
            self._section, self._group = before

    def ref(self, name: str) -> Ref:
        """A line that may be declared later."""
        return Ref(name)

    def has(self, name: str) -> bool:
        """Whether the line is declared by now."""
        return name in self._lines

    def label(self, name: str) -> str:
        """The label of a declared line."""
        return self._lines[name].label

    def input(self, given: Input, label: str, unit: str, note: str = "") -> Ref:
        """Declare an input: a scalar, or a series when its value has one number per period."""
        self._inputs[given.name] = given
        return self._declare(
            Line(
                given.name,
                label,
                unit,
                self._section,
                None,
                isinstance(given.value, tuple),
                self._group,
                note,
            )
        )

    def scalar(
        self, name: str, expr: Operand, label: str, unit: str, note: str = "", *, names: tuple[str, ...] = ()
    ) -> Ref:
        """Declare a line with one value; ``names`` are the words for the values 1, 2, 3 of a choice."""
        return self._declare(Line(name, label, unit, self._section, lift(expr), False, self._group, note, names=names))

    def series(
        self,
        name: str,
        expr: Operand,
        label: str,
        unit: str,
        note: str = "",
        *,
        opening: Operand | None = None,
        total: bool = False,
        names: tuple[str, ...] = (),
    ) -> Ref:
        """Declare a line with a value per period and, where ``opening`` is given, one before the first.

        ``total`` marks a flow; ``names`` are the words for the values 1, 2, 3 of a choice.
        """
        before = None if opening is None else lift(opening)
        line = Line(name, label, unit, self._section, lift(expr), True, self._group, note, before, total, names=names)
        return self._declare(line)

    def feedback(
        self,
        name: str,
        start: Operand,
        fed_by: str,
        label: str,
        unit: str,
        passes: int,
        *,
        series: bool = False,
    ) -> Ref:
        """Cut a loop at this line: it starts at ``start``; each further pass it is what ``fed_by`` last was.

        ``<name>_residual`` (and ``<name>_gap`` for a series) shows how far the last pass still moved.
        """
        self._feedbacks.append(Feedback(name, lift(start), fed_by, passes))
        fed = Ref(fed_by)
        note = f"feedback: {fed_by} of the pass before, {passes} passes"
        here = self._declare(Line(name, label, unit, self._section, fed, series, self._group, note))
        gap: Expr = absolute(fed - here)
        if series:
            gap = highest(self.series(f"{name}_gap", gap, f"{label}: movement in the last pass", unit))
        self.scalar(f"{name}_residual", gap, f"{label}: movement in the last pass", unit, "must be almost 0")
        return here

    def check(self, name: str, expr: Operand, label: str, unit: str, tolerance: Ref | None, note: str = "") -> None:
        """Declare an identity: ``expr``, a scalar that is never negative, may not exceed ``tolerance`` (none: 0)."""
        with self.place("Checks", "Differences"):
            value = self.scalar(name, expr, label, unit, note)
        with self.place("Checks", "Passed"):
            passed = self.scalar(f"{name}.passed", value <= (0 if tolerance is None else tolerance), label, "flag")
        self._checks.append(Check(name, value.name, "" if tolerance is None else tolerance.name, passed.name))

    def alert(self, name: str, expr: Operand, label: str, note: str = "") -> None:
        """Declare an outcome a reader must see; it is raised when ``expr`` (a scalar flag) is not 0."""
        with self.place("Checks", "Alerts"):
            self._alerts.append(self.scalar(name, expr, label, "flag", note).name)

    def compile(self, periods: int, headline: dict[str, str] | None = None, cases: Sequence[str] = ("base",)) -> Model:
        """Order the lines, lay out the feedback passes and refuse what is not a model.

        ``headline`` names the line behind each headline metric; ``cases`` the cases the inputs may override.
        Raises :class:`GraphError` or one of its kinds.
        """
        if self._checks and not self.has("checks.failed"):
            with self.place("Checks", "Master check"):
                flags = [Ref(check.passed) for check in self._checks]
                self.scalar("checks.failed", float(len(flags)) - sum_of(*flags), "Checks that failed", "count")
        return compile_model(
            self._lines,
            self._inputs,
            tuple(self._feedbacks),
            tuple(self._checks),
            tuple(self._alerts),
            periods,
            headline or {},
            tuple(cases),
        )

    def _declare(self, line: Line) -> Ref:
        if line.name in self._lines:
            raise DuplicateLine(f"{line.name} is declared twice")
        if "@" in line.name or not all(part.isidentifier() for part in line.name.split(".")):
            raise GraphError(f"{line.name!r} is not a dotted name")
        if not line.label or not line.section:
            raise GraphError(f"{line.name} needs a label and a section")
        self._lines[line.name] = line
        return Ref(line.name)
