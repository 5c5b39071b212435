"""A result as data: the JSON of the contract, CSV and Parquet."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from spvmodel import __version__
from spvmodel.engine import Result, plain
from spvmodel.lines import from_serial
from spvmodel.report.format import chosen
from spvmodel.report.headline import headline as metrics
from spvmodel.report.periods import phases
from spvmodel.report.sizing import sized


def document(result: Result) -> dict[str, Any]:
    """A result as plain values for JSON.

    Money is in millions, rates are decimals, dates are ISO texts, N/A is None; a series has one value per period
    and, where its line defines one, the ``opening`` value before the first. Passes of a feedback are left out.
    """
    about, lines = result.model.about, result.model.lines
    return {
        "deal": about.get("deal", ""),
        "case": result.case,
        "fingerprint": about.get("fingerprint", ""),
        "run_id": result.run_id,
        "version": __version__,
        "currency": about.get("currency", ""),
        "headline": headline(result),
        "not_applicable": not_applicable(result),
        "sizing": sizing(result),
        "periods": _periods(result),
        "lines": {name: _line(result, name) for name in result.model_lines()},
        "checks": [
            {
                "name": check.name,
                "label": check.label,
                "passed": check.passed,
                "value": plain(check.value),
                "tolerance": check.tolerance,
                "unit": lines[check.name].unit,
            }
            for check in result.checks
        ],
        "warnings": list(result.warnings),
    }


def headline(result: Result) -> dict[str, float | str | None]:
    """The headline metrics in the order of the interface; one that does not apply is None."""
    return {metric.key: scalar(metric.value, metric.unit, metric.names) for metric in metrics(result)}


def not_applicable(result: Result) -> dict[str, str]:
    """Why each headline metric that is None has no value."""
    return {metric.key: metric.note for metric in metrics(result) if math.isnan(metric.value)}


def sizing(result: Result) -> dict[str, dict[str, Any]]:
    """Every loan that is sized: its size, the constraint that binds, and each constraint's capacity and headroom.

    Amounts in millions; the capacity and the headroom of a constraint that does not limit the loan are None.
    ``takeout`` is the take-out, where several constraints limit it.
    """
    return {
        one.loan: {
            "size": plain(one.size),
            "binding": one.binding.key,
            "constraints": {
                limit.key: {
                    "label": limit.label,
                    "capacity": plain(limit.capacity),
                    "headroom": plain(limit.headroom),
                }
                for limit in one.constraints
            },
        }
        for one in sized(result)
    }


def scalar(value: float, unit: str, names: Sequence[str] = ()) -> float | str | None:
    """One value for JSON: a date is an ISO text, a choice its word, N/A is None."""
    if math.isnan(value):
        return None
    if names:
        return chosen(value, names)
    return from_serial(value).isoformat() if unit == "date" else value


def write_json(result: Result, path: Path) -> None:
    """Write the JSON of a result: one period, line or check per row, so that two of them can be compared."""
    path.write_text(json_text(document(result)), encoding="utf-8", newline="\n")


def json_text(content: dict[str, Any]) -> str:
    """JSON with one entry of each list and mapping per row; ends with a line feed."""
    return "{\n" + ",\n".join(f"{_compact(key)}: {_rows(value)}" for key, value in content.items()) + "\n}\n"


def _rows(value: Any) -> str:
    if isinstance(value, dict) and value:
        return "{\n" + ",\n".join(f"  {_compact(key)}: {_compact(part)}" for key, part in value.items()) + "\n}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {_compact(part)}" for part in value) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_csv(result: Result, path: Path) -> None:
    """Write lines x periods as CSV: name, label, unit, section, opening, then one column per period end.

    A scalar stands in the column ``value``. Dates are ISO texts, N/A is an empty cell.
    """
    ends = [from_serial(day).isoformat() for day in result.series("time.end")]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["name", "label", "unit", "section", "value", "opening", *ends])
        for name in result.model_lines():
            writer.writerow(list(_cells(result, name, len(ends))))


def _cells(result: Result, name: str, periods: int) -> Iterator[float | str | None]:
    line, value = result.model.lines[name], result.values[name]
    yield from (name, _text(line.label), line.unit, line.section)
    if not isinstance(value, float):
        opening = scalar(value[0], line.unit) if line.opening is not None else None
        yield from (None, opening, *(scalar(number, line.unit) for number in value[1:]))
    else:
        yield from (scalar(value, line.unit), None, *[None] * periods)


def _text(text: str) -> str:
    """Text that a spreadsheet will not take for a formula when it opens the CSV."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t")) else text


def write_parquet(result: Result, path: Path) -> None:
    """Write all series as Parquet, one row per period and one column per line, with start and end of the periods.

    Raises ImportError where pyarrow is not installed.
    """
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    columns: dict[str, list[Any]] = {"start": [], "end": []}
    for period in _periods(result):
        for edge in ("start", "end"):
            columns[edge].append(period[edge])
    for name in result.model_lines():
        line, value = result.model.lines[name], result.values[name]
        if not isinstance(value, float):
            columns[name] = [scalar(number, line.unit) for number in value[1:]]
    parquet.write_table(pyarrow.table(columns), path)


def _periods(result: Result) -> list[dict[str, str | float]]:
    starts, ends = result.series("time.start"), result.series("time.end")
    return [
        {
            "start": from_serial(start).isoformat(),
            "end": from_serial(end).isoformat(),
            "days": end - start,
            "phase": phase,
        }
        for start, end, phase in zip(starts, ends, phases(result), strict=True)
    ]


def _line(result: Result, name: str) -> dict[str, Any]:
    line, value = result.model.lines[name], result.values[name]
    about: dict[str, Any] = {"label": line.label, "unit": line.unit, "section": line.section}
    if isinstance(value, float):
        return about | {"value": scalar(value, line.unit)}
    if line.opening is not None:
        about["opening"] = scalar(value[0], line.unit)
    return about | {"values": [scalar(number, line.unit) for number in value[1:]]}
