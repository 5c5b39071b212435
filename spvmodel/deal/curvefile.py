"""A rate path from a CSV file that lies beside its deal file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from spvmodel.deal.errors import DealError
from spvmodel.deal.quantity import QuantityError, parse

LARGEST_FILE: Final = 1_000_000
MOST_FAULTS: Final = 20
HEADER: Final = ("date", "rate")
_WANTED: Final = "a header 'date,rate', then lines such as 2025-01-31,4.30%"

Points = tuple[tuple[dt.date, float], ...]


def is_name(name: str) -> bool:
    """Whether a text names a CSV file of the deal's own folder: no path leads out of it."""
    return name.endswith(".csv") and len(name) > len(".csv") and not any(mark in name for mark in "/\\:\0")


def read_curve(folder: Path, name: str, shown: str) -> Points:
    """Dates and rates (1/yr, decimals) of the file ``name`` in ``folder``; ``shown`` is how errors name it.

    Two columns with the header ``date,rate``: dates ascending, as 2025-01-31; rates as 4.30%, 430 bp or 0.043.
    Raises :class:`DealError` with every fault at its line and column: missing, no plain file, over 1 MB, not text,
    another header, another number of columns, a date or rate that is none, dates that do not ascend, no rate at all.
    """
    points: list[tuple[dt.date, float]] = []
    faults: list[DealError] = []
    rows = _text(folder / name, shown).splitlines()
    if not rows or tuple(cell.strip().lower() for cell in rows[0].split(",")) != HEADER:
        raise DealError(shown, 1, 1, "the file does not begin with its header", _WANTED)
    for number, row in enumerate(rows[1:], start=2):
        if not row.strip():
            continue
        try:
            points.append(_point(row, points[-1][0] if points else None))
        except _Fault as fault:
            faults.append(DealError(shown, number, fault.column, fault.message, fault.allowed))
        if len(faults) == MOST_FAULTS:
            break
    if faults:
        raise DealError.of(faults)
    if not points:
        raise DealError(shown, 1, 1, "the file holds no rate", _WANTED)
    return tuple(points)


class _Fault(Exception):
    """What is wrong in one row."""

    def __init__(self, column: int, message: str, allowed: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message
        self.allowed = allowed


def _point(row: str, last: dt.date | None) -> tuple[dt.date, float]:
    """The date and the rate of one row; ``last`` is the date of the row before."""
    cells = row.split(",")
    if len(cells) != len(HEADER):
        raise _Fault(1, f"the row has {len(cells)} columns", "two, date and rate")
    day = _cell("date", cells[0], 1)
    assert isinstance(day, dt.date)
    if last is not None and day <= last:
        raise _Fault(1, f"the date {day} does not follow {last}", "dates in ascending order")
    rate = _cell("curve", cells[1], len(cells[0]) + 2)
    assert isinstance(rate, float)
    return day, rate


def _cell(kind: str, text: str, column: int) -> float | dt.date:
    try:
        return parse(kind, text)
    except QuantityError as error:
        allowed = "rates as 4.30%, 430 bp or 0.043" if error.allowed.startswith("dates with") else error.allowed
        raise _Fault(column, error.message, allowed) from None


def _text(path: Path, shown: str) -> str:
    wanted = "a text of at most 1 MB in UTF-8"
    try:
        if not path.is_file():
            raise DealError(shown, 0, 0, "this is no plain file", wanted)
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DealError(shown, 0, 0, f"cannot read the file: {(error.strerror or str(error)).lower()}") from None
    if len(content) > LARGEST_FILE:
        raise DealError(shown, 0, 0, "the file is too long for a rate path", wanted)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DealError(shown, line, 1, "the file is not text in UTF-8", wanted) from None
