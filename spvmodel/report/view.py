"""What every part of the report asks of a result: values as text, labels, and rows of the workbook."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from spvmodel.engine import Result
from spvmodel.lines import Line, from_serial
from spvmodel.report.format import money_decimals, show, unit_label, with_unit
from spvmodel.report.periods import Years
from spvmodel.workbook import Layout, layout

_DERIVED = ("_holds", "_days", "_at_close")
"""What follows the name of an input in the names of those derived from it."""


@dataclass(frozen=True)
class Row:
    """A row of a table: its heading and one text per column. ``kind`` is empty, ``total``, ``group`` or ``binding``."""

    label: str
    cells: Sequence[str] = ()
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A table of numbers. ``place`` says where the workbook shows them; ``wide`` tables print across the page.

    ``note`` is a sentence below it.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Row]
    place: str = ""
    unit: str = ""
    wide: bool = False
    note: str = ""


class View:
    """A result, read for print."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.model = result.model
        self.about: dict[str, Any] = dict(result.model.about)

    @cached_property
    def place(self) -> Layout:
        """Where the workbook shows each line."""
        return layout(self.model)

    @cached_property
    def decimals(self) -> int:
        """Decimals of amounts."""
        return money_decimals(self.result)

    @cached_property
    def years(self) -> Years:
        """The calendar years of the model."""
        return Years.of(self.result)

    @cached_property
    def ends(self) -> list[str]:
        """The end of every period, ISO."""
        return [from_serial(day).isoformat() for day in self.result.series("time.end")]

    @cached_property
    def structure(self) -> dict[str, tuple[str, str]]:
        """The choices of the deal file: label and words by dotted name, such as ``debt.loan_a.rank``."""
        return dict(self.about.get("structure", {}))

    @cached_property
    def stated(self) -> list[str]:
        """The inputs but for those that the model derives from the dated points of another."""
        known = self.model.inputs
        return [n for n in known if not any(n.endswith(end) and n.removesuffix(end) in known for end in _DERIVED)]

    def idle(self, name: str) -> bool:
        """Whether an input is a term that the deal does not have: not stated, and nothing in this case either."""
        return self.model.inputs[name].status == "default" and self.result.inputs[name] == 0

    @property
    def currency(self) -> str:
        """The deal's currency."""
        return str(self.about.get("currency", ""))

    @property
    def covenants(self) -> bool:
        """Whether any period has a lock-up or a default level to meet."""
        levels = self.only(("covenants.lockup_level", "covenants.default_level"))
        return any(value > 0 for name in levels for value in self.numbers(name))

    def numbers(self, name: str) -> list[float]:
        """The values of a line over all periods, or its one value, N/A left out."""
        value = self.result.values[name]
        return [v for v in ([value] if isinstance(value, float) else value[1:]) if not math.isnan(v)]

    def has(self, *names: str) -> bool:
        """Whether the model has all of these lines."""
        return all(name in self.model.lines for name in names)

    def only(self, names: Iterable[str]) -> list[str]:
        """Those of the names that the model has, in the order given."""
        return [name for name in names if name in self.model.lines]

    def as_left(self, names: Iterable[str]) -> list[str]:
        """The names, each as cures by prepayment have left it where the model has such a line."""
        return [left if self.has(left := f"{name}_after_cures") else name for name in names]

    def line(self, name: str) -> Line:
        """A line of the model."""
        return self.model.lines[name]

    def facility(self, name: str) -> str:
        """The facility a line belongs to: what its group says before a colon; empty for the other lines."""
        return self.line(name).group.rpartition(": ")[0]

    def text(self, name: str) -> str:
        """The value of a scalar line as text."""
        return show(self.result.scalar(name), self.line(name).unit, self.decimals, self.line(name).names)

    def unit(self, name: str) -> str:
        """The unit of a line in words."""
        return unit_label(self.line(name).unit, self.currency)

    def texts(self, values: Iterable[float], unit: str, names: Sequence[str] = ()) -> list[str]:
        """Numbers of one row as text; a flow of nothing is a dash, so that the eye finds what is there."""
        dash = unit in ("money", "money/yr", "flag", "count")
        found = []
        for value in values:
            nothing = "" if math.isnan(value) else "–" if dash and round(value, self.decimals) == 0 else None
            found.append(show(value, unit, self.decimals, names) if nothing is None else nothing)
        return found

    def entries(self, pattern: str) -> list[str]:
        """The ids in the names of lines that match, such as the loans in ``debt.{}.closing``, in declared order."""
        shape = re.compile(re.escape(pattern).replace(r"\{\}", r"(\w+)"))
        return [found[1] for name in self.model.lines if (found := shape.fullmatch(name))]

    def entry_label(self, prefix: str) -> str:
        """The label of an entry of the deal file; where it is not told, what the labels of all its inputs end in."""
        if f"{prefix}.label" in self.structure:
            return self.structure[f"{prefix}.label"][1]
        ends = [self.line(name).label.split(", ") for name in self.model.inputs if name.startswith(prefix + ".")]
        length = 0
        while ends and all(len(end) > length + 1 and end[-length - 1 :] == ends[0][-length - 1 :] for end in ends):
            length += 1
        if length:
            return ", ".join(ends[0][-length:])
        return prefix.rpartition(".")[2].replace("_", " ").capitalize()

    def term_label(self, name: str) -> str:
        """What an input says of its entry: its label without the label of the entry."""
        return self.line(name).label.removesuffix(", " + self.entry_label(name.rpartition(".")[0]))

    def input_text(self, name: str, value: float) -> str:
        """A value of a scalar input with its unit. A plain input is a share: any other kind has a unit."""
        unit = self.line(name).unit
        return with_unit(value, unit or "share", self.currency, max(2, self.decimals))

    def rows(self, *names: str) -> str:
        """Where the workbook shows lines, such as ``Debt rows 12–14, 20``."""
        found: dict[str, list[int]] = {}
        for name in names:
            place = self.place.places[name]
            found.setdefault(place.sheet, []).append(place.row)
        return "; ".join(f"{sheet} {_runs(sorted(set(rows)))}" for sheet, rows in found.items())


def _runs(rows: list[int]) -> str:
    """Row numbers with neighbours joined."""
    runs = [[row for _, row in group] for _, group in groupby(enumerate(rows), lambda pair: pair[1] - pair[0])]
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(texts)
