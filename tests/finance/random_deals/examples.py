"""How many random deals a test draws, and what of the checks fails in one."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from spvmodel.engine import Result

CENT = 1e-8
"""Of a million: what rounding may leave of a sum."""


def examples(count: int) -> settings:
    times = int(os.environ.get("EXAMPLES", "1"))
    return settings(
        max_examples=count * times, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )


def failed(result: Result) -> list[tuple[str, float]]:
    return [(check.name, check.value) for check in result.checks if not check.passed]
