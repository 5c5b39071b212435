"""Project-finance SPVs: one deal file becomes a live workbook, a report and a fast engine.

Names are loaded when they are first used, so that importing the package costs little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spvmodel.deal import Deal, DealError, load
    from spvmodel.engine import Result, SolveError, solve
    from spvmodel.engine.many import solve_many
    from spvmodel.finance import build
    from spvmodel.lines import Model
    from spvmodel.report import write_report
    from spvmodel.workbook import write_workbook

__version__ = "0.1.0"

_HOMES = {
    "Deal": "deal",
    "DealError": "deal",
    "load": "deal",
    "Result": "engine",
    "SolveError": "engine",
    "solve": "engine",
    "solve_many": "engine.many",
    "build": "finance",
    "Model": "lines",
    "write_report": "report",
    "write_workbook": "workbook",
}

__all__ = [
    "Deal",
    "DealError",
    "Model",
    "Result",
    "SolveError",
    "build",
    "load",
    "solve",
    "solve_many",
    "write_report",
    "write_workbook",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'spvmodel' has no attribute {name!r}")
    return getattr(import_module(f"spvmodel.{_HOMES[name]}"), name)
