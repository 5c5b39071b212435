"""One vocabulary for numbers as people read them, on screen and on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from spvmodel.lines import from_serial

if TYPE_CHECKING:
    from spvmodel.engine import Result

NOT_APPLICABLE: Final = "n/a"
_ROUNDING: Final = 1e-6
"""What a multiple may lie beside the figure it stands for, by rounding or by what the last pass of a loop leaves."""
_WHOLE: Final = frozenset({"count", "count/yr", "months", "days", "year"})


def money_decimals(result: Result) -> int:
    """Decimals that amounts of a result are shown with: the smaller its largest amount, the more."""
    lines = result.model.lines
    rows = [row for name, row in result.values.items() if not isinstance(row, float) and lines[name].unit == "money"]
    largest = max((abs(value) for row in rows for value in row if not math.isnan(value)), default=0.0)
    return 1 if largest >= 1000 else 2 if largest >= 100 else 3


def show(value: float, unit: str, decimals: int = 1, names: Sequence[str] = ()) -> str:
    """A value as text, such as ``1,234.5``, ``1.27x``, ``5.25%``, ``2030-12-31`` or ``yes``.

    ``value`` is in the unit of its line: money in millions, rates and shares as decimals, dates as spreadsheet
    day numbers; nan is N/A. ``decimals`` counts for money only. ``names`` are the words for a choice.
    Multiples are cut to two decimals, not rounded: a cover just below a level does not read as if it met it.
    """
    if math.isnan(value):
        return NOT_APPLICABLE
    if names:
        return chosen(value, names)
    if unit == "date":
        return from_serial(value).isoformat()
    if unit == "flag":
        return "yes" if value else "no"
    if unit in _WHOLE and value == round(value):
        return f"{value:,.0f}"
    if unit == "x":
        return _times(value)
    if unit in ("share", "1/yr"):
        return f"{_clean(value * 100, 2):.2f}%"
    if unit in ("money", "money/yr"):
        return f"{_clean(value, decimals):,.{decimals}f}"
    return f"{_clean(value, 2):,.2f}"


def _times(value: float) -> str:
    """A multiple, cut to two decimals; a third one that says it exactly, as a level may have it, is kept."""
    exact = round(value, 3)
    if abs(value - exact) < _ROUNDING:
        return f"{_clean(exact, 3):,.{2 if abs(exact - round(exact, 2)) < _ROUNDING else 3}f}x"
    return f"{math.floor(value * 100) / 100:,.2f}x"


def chosen(value: float, names: Sequence[str]) -> str:
    """The word for a choice: the first for 1, the second for 2."""
    return names[int(value) - 1]


def _clean(value: float, decimals: int) -> float:
    """The value, or a plain 0 where rounding would leave ``-0.0``."""
    return 0.0 if round(value, decimals) == 0 else value


def unit_label(unit: str, currency: str) -> str:
    """A unit in words: money is in millions of the deal's currency. Empty where the number shows it itself."""
    words = {
        "money": f"{currency} m",
        "money/yr": f"{currency} m p.a.",
        "1/yr": "p.a.",
        "share": "",
        "x": "",
        "flag": "",
        "date": "",
        "count": "",
        "count/yr": "p.a.",
        "days/yr": "days p.a.",
    }
    return words.get(unit, unit)


def with_unit(value: float, unit: str, currency: str, decimals: int = 1) -> str:
    """A value with its unit behind it, such as ``9,388.0 USD m``."""
    text = show(value, unit, decimals)
    return text if text == NOT_APPLICABLE else f"{text} {unit_label(unit, currency)}".rstrip()
