"""A compiled graph: lines in order, ready to be evaluated, written or walked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from spvmodel.lines.expr import references
from spvmodel.lines.line import Block, Check, Input, Line, Ring


@dataclass(frozen=True, repr=False)
class Model:
    """Every line of a model, and the order in which they are evaluated.

    ``lines`` holds the passes of each feedback as well, named ``name@1``, ``name@2`` …; the last pass has the
    plain name. A series has ``periods`` values after its opening one.
    """

    lines: dict[str, Line]
    inputs: dict[str, Input]
    order: tuple[Block, ...]
    rings: tuple[Ring, ...]
    checks: tuple[Check, ...]
    alerts: tuple[str, ...]
    periods: int
    headline: dict[str, str]
    cases: tuple[str, ...] = ("base",)
    about: dict[str, object] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<Model of {len(self.lines)} lines over {self.periods} periods>"

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def readers(self) -> dict[str, tuple[str, ...]]:
        """The lines that read each line, in declared order."""
        found: dict[str, list[str]] = {name: [] for name in self.lines}
        for line in self.lines.values():
            for name in self.precedents(line.name):
                found[name].append(line.name)
        return {name: tuple(readers) for name, readers in found.items()}

    def precedents(self, name: str) -> tuple[str, ...]:
        """The lines that a line reads, each once, in the order its formula names them."""
        line = self.lines[name]
        found: dict[str, None] = {}
        for expr in (line.expr, line.opening):
            if expr is not None:
                found.update((reference, None) for reference, _ in references(expr))
        return tuple(found)
