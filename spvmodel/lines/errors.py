"""What can be wrong with a graph of lines. All are faults of whoever declares lines, not of a deal file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


class GraphError(Exception):
    """The lines do not form a model."""


class DuplicateLine(GraphError):
    """A name is declared twice."""


class UnknownLine(GraphError):
    """A formula reads a line that nobody declared."""


class Circularity(GraphError):
    """Lines feed each other within one period; ``ring`` names them in order."""

    def __init__(self, message: str, ring: tuple[str, ...]) -> None:
        super().__init__(message)
        self.ring = ring


class DimensionError(GraphError):
    """A formula adds, compares or returns things of different units."""


def nearest(name: str, names: Sequence[str]) -> str:
    """The declared name most like this one, or an empty string."""
    return next(iter(get_close_matches(name, names, 1)), "")
