"""What can go wrong when a graph is evaluated."""

from __future__ import annotations


class SolveError(Exception):
    """A formula has no value for these inputs; ``line`` names it."""

    def __init__(self, line: str, reason: str) -> None:
        super().__init__(f"{line} cannot be computed: {reason}")
        self.line = line
        self.reason = reason
