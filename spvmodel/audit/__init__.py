"""Questions to a solved model: where a number comes from."""

from __future__ import annotations

from spvmodel.audit.trace import Step, UnknownName, period_of, trace

__all__ = ["Step", "UnknownName", "period_of", "trace"]
