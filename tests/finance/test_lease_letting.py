"""What letting costs at the beginning of a lease: per kW or in all, at commencement or on its day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finance.leased import END, TERM, solved

COSTS = (
    TERM,
    TERM
    + (
        "    letting:\n      works: {label: Improvements, cost: 200 USD/kW}\n"
        "      agent: {label: Commission, amount: 0.5m, date: 2026-08-10}\n"
    ),
)


def test_costs_of_letting_are_operating_costs_of_their_day(tmp_path: Path) -> None:
    """200 USD per kW of 10 MW at commencement, in the first quarter; 0.5 m in August, in the third."""
    result, without = solved(tmp_path, COSTS), solved(tmp_path)
    paid = [2.0, 0, 0.5] + [0] * 41
    assert result.series("opex.total") == pytest.approx(paid)
    cash = [before - cost for before, cost in zip(without.series("ratios.cfads"), paid, strict=True)]
    assert result.series("ratios.cfads") == pytest.approx(cash)
    assert result.series("opex.noi_before_letting") == pytest.approx(without.series("opex.noi"))


def test_a_delay_moves_them(tmp_path: Path) -> None:
    late = ("building:\n  hall", "construction: {delay: 3 months}\nbuilding:\n  hall")
    result = solved(tmp_path, COSTS, late, (END, "  end: 2037-12-31\n"))
    assert result.series("opex.total")[:5] == pytest.approx([0, 2.0, 0, 0.5, 0])
