"""Evaluate a graph: one case, or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spvmodel.engine.errors import SolveError
from spvmodel.engine.result import CheckResult, Result, plain
from spvmodel.engine.solve import solve

if TYPE_CHECKING:
    from spvmodel.engine.many import ManyResult, solve_many

__all__ = ["CheckResult", "ManyResult", "Result", "SolveError", "plain", "solve", "solve_many"]


def __getattr__(name: str) -> Any:
    # Solving one case loads no NumPy.
    if name in ("ManyResult", "solve_many"):
        from spvmodel.engine import many

        return getattr(many, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
