"""The level payment of an annuity."""

from __future__ import annotations

from spvmodel.lines import Expr, where


def level_payment(rate: Expr, count: Expr) -> Expr:
    """Payment per period that repays one unit over ``count`` periods at ``rate`` per period.

    ``rate / (1 - (1 + rate) ** -count)``, and ``1 / count`` where there is no rate (definitions, section 4).
    """
    growth = (1 + rate) ** count
    return where(growth > 1, rate / (1 - 1 / growth), 1 / count)
