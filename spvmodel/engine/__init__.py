"""Evaluate a graph: one case, or many."""

from __future__ import annotations

from spvmodel.engine.errors import SolveError
from spvmodel.engine.result import CheckResult, Result, plain
from spvmodel.engine.solve import solve

__all__ = ["CheckResult", "Result", "SolveError", "plain", "solve"]
