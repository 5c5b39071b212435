"""How a field of a deal file states a quantity, an id or a reference, and what is refused there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from spvmodel.deal.curvefile import is_name, read_curve
from spvmodel.deal.errors import short
from spvmodel.deal.quantity import KINDS, STATUSES, QuantityError, Value, parse, write


@dataclass(frozen=True, slots=True)
class Stated:
    """A quantity as a deal file states it; ``value`` is in the unit of its kind, read from ``file`` if one is named."""

    kind: str
    value: Value
    text: str
    source: str = ""
    status: str = "unsourced"
    note: str = ""
    as_of: dt.date | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Kinded:
    """Marks a field as a quantity of a kind, with a narrower range where the field needs one."""

    kind: str
    low: float | None = None
    high: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"x-quantity": self.kind}

    def validate(self, given: Any, info: core_schema.ValidationInfo) -> Stated:
        return state(self, given, info.context or {})


def fail(
    message: str, allowed: str = "", *at: str, word: str = "", among: Iterable[str] = (), key: bool = False
) -> PydanticCustomError:
    """An error for the loader to place.

    ``at`` leads from the field to the offending part, ``key`` says that its key and not its value offends;
    ``word`` is what was written where one of ``among`` was expected.
    """
    parts = {
        "message": message,
        "allowed": allowed,
        "at": at,
        "word": word,
        "among": tuple(among),
        "key": key,
    }
    return PydanticCustomError("deal", "{message}", parts)


def state(field: Kinded, given: Any, context: dict[str, Any]) -> Stated:
    """A quantity from what the file gives: the bare value, or a mapping with value, source, status, note...

    ``context`` holds the deal's ``currency`` and the keys of its ``sources``. Raises the error of
    :func:`fail`.
    """
    if isinstance(given, dict) and ("value" in given or not KINDS[field.kind].points):
        return _state_with_source(field, given, context)
    return Stated(field.kind, _value(field, given, context), _text(given), file=_file(given))


def _state_with_source(field: Kinded, given: dict[str, Any], context: dict[str, Any]) -> Stated:
    parts = ("value", "source", "status", "note", "as_of")
    for key in given:
        if key not in parts:
            message = f"unknown key '{short(key)}' in a quantity"
            raise fail(message, ", ".join(parts), key, word=key, among=parts, key=True)
    if "value" not in given:
        raise fail("the quantity has no value", "value: ..., with source, status, note, as_of")
    for key in parts[1:]:
        if key in given and not isinstance(given[key], str):
            raise fail(f"'{key}' must be a text", "words or a date", key)
    source, note = given.get("source", ""), given.get("note", "")
    if "source" in given:
        check_key(source, context.get("sources", ()), "source", "sources", "source")
    # A source without a status supports no more than that somebody reported it.
    status = given.get("status", "reported" if source else "unsourced")
    if "status" in given and status not in STATUSES:
        message = f"unknown status '{short(status)}'"
        raise fail(message, ", ".join(STATUSES), "status", word=status, among=STATUSES)
    if status in ("filed", "company", "reported") and not source:
        allowed = "a source beside it; without one derived or assumed"
        raise fail(f"the status '{status}' needs a source", allowed, "status")
    as_of = iso_date(given["as_of"], "as_of") if "as_of" in given else None
    value = _value(field, given["value"], context, "value")
    return Stated(field.kind, value, _text(given["value"]), source, status, note, as_of, _file(given["value"]))


def _value(field: Kinded, given: Any, context: dict[str, Any], *at: str) -> Value:
    kind, rule = field.kind, KINDS[field.kind]
    if rule.points:
        return _points(kind, given, context, *at)
    if not isinstance(given, str):
        raise fail(f"{rule.phrase} cannot be a {_shape(given)}", rule.forms, *at)
    value = _parse(kind, given, context, *at, span=_span(field))
    if field.low is not None and isinstance(value, float) and value < field.low:
        raise fail(f"'{short(given)}' is too small here", _span(field), *at)
    if field.high is not None and isinstance(value, float) and value > field.high:
        raise fail(f"'{short(given)}' is too large here", _span(field), *at)
    return value


def _span(field: Kinded) -> str:
    """What a field allows, in words: the sane range of its kind, or the narrower one of the field."""
    low, to, high = KINDS[field.kind].span.partition(" to ")
    low = low if field.low is None else write(field.kind, field.low)
    high = high if field.high is None else write(field.kind, field.high)
    return f"{low}{to}{high}"


def _points(kind: str, given: Any, context: dict[str, Any], *at: str) -> Value:
    rule = KINDS[kind]
    if not isinstance(given, dict) or not given:
        raise fail(f"a {kind if kind == 'curve' else 'schedule'} needs dates with values", rule.forms, *at)
    if _file(given) and kind == "curve":
        return _curve(given, context, *at)
    points: list[tuple[dt.date, float]] = []
    for day, number in given.items():
        date = _point_date(day, *at)
        if points and date <= points[-1][0]:
            message = f"the date {day} does not follow {points[-1][0]}"
            raise fail(message, "dates in ascending order", *at, day, key=True)
        if not isinstance(number, str):
            raise fail(f"{rule.phrase} cannot be a {_shape(number)}", rule.forms, *at, day)
        value = _parse(kind, number, context, *at, day)
        assert isinstance(value, float)
        points.append((date, value))
    return tuple(points)


def _file(given: Any) -> str:
    """The name of the file that points are read from, or ""."""
    return str(given["csv"]) if isinstance(given, dict) and "csv" in given else ""


def _curve(given: dict[str, Any], context: dict[str, Any], *at: str) -> Value:
    name = given["csv"]
    for key in given:
        if key != "csv":
            raise fail(f"'{short(key)}' cannot stand beside csv", "csv alone", *at, key, key=True)
    if not isinstance(name, str) or not is_name(name):
        raise fail("csv must name a file of the deal's own folder", "a name such as sofr.csv, no path", *at, "csv")
    if not (context["folder"] / name).exists():
        raise fail(
            f"there is no file '{short(name)}' beside the deal file", "a CSV file of the same folder", *at, "csv"
        )
    return read_curve(context["folder"], name, str(Path(context["shown"]).with_name(name)))


def _point_date(day: str, *at: str) -> dt.date:
    try:
        return iso_date(day)
    except PydanticCustomError as error:
        parts = error.context or {}
        raise fail(parts["message"], parts["allowed"], *at, day, key=True) from None


def _parse(kind: str, text: str, context: dict[str, Any], *at: str, span: str = "") -> float | dt.date:
    """``span`` is what the field allows, where that may be less than its kind does."""
    try:
        return parse(kind, text, context.get("currency", "USD"))
    except QuantityError as error:
        outside = error.allowed == KINDS[kind].span
        raise fail(error.message, span if span and outside else error.allowed, *at) from None


def _shape(given: Any) -> str:
    return "mapping" if isinstance(given, dict) else "list"


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ", ".join(f"{day}: {value}" for day, value in given.items())


def iso_date(given: Any, *at: str) -> dt.date:
    """A date written year-month-day, from 1990 to 2100."""
    if isinstance(given, dt.date):
        return given
    if not isinstance(given, str):
        raise fail(f"a date cannot be a {_shape(given)}", KINDS["date"].forms, *at)
    date = _parse("date", given, {}, *at)
    assert isinstance(date, dt.date)
    return date


# What the market also calls several day counts that differ.
_SEVERAL = {
    "30/360": ("30/360 Bond Basis", "30U/360", "30E/360", "30E/360 ISDA"),
    "ACT/ACT": ("ACT/ACT ISDA", "ACT/ACT ICMA"),
}


def unambiguous(given: Any) -> Any:
    """Refuse the bare name of a family of day counts, which differ at the ends of months or in leap years."""
    if isinstance(given, str) and given in _SEVERAL:
        raise fail(f"'{given}' is not one day count but several", ", ".join(_SEVERAL[given]))
    return given


MOST_LOOKBACK: Final = 10


def business_days(given: Any) -> Any:
    """A whole number of business days, 0 to :data:`MOST_LOOKBACK`."""
    text = str(given).strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 2 or int(text) > MOST_LOOKBACK:
        raise fail(f"'{short(text)}' is no number of business days", f"0 to {MOST_LOOKBACK}")
    return int(text)


def check_key(key: str, among: Iterable[str], what: str, section: str, *at: str) -> None:
    """Refuse a reference to an entry that the file does not have."""
    if key not in among:
        allowed = f"an entry of {section} ({', '.join(among) or 'there is none'})"
        raise fail(f"unknown {what} '{short(key)}'", allowed, *at, word=key, among=among)


@dataclass(frozen=True, slots=True)
class Reference:
    """Marks a field as the id of an entry of another section."""

    section: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self.validate, handler(source))

    def validate(self, given: str, info: core_schema.ValidationInfo) -> str:
        check_key(given, (info.context or {}).get(self.section, ()), self.section, self.section)
        return given


@dataclass(frozen=True, slots=True)
class Identifier:
    """Marks a text as an id: lower-case letters, digits and underscores, a letter first; a deal's may have hyphens."""

    hyphens: bool = False

    @property
    def pattern(self) -> str:
        return "[a-z][a-z0-9_-]*" if self.hyphens else "[a-z][a-z0-9_]*"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.validate, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{self.pattern}$"}

    def validate(self, given: str) -> str:
        if not re.fullmatch(self.pattern, given):
            signs = ", _ and -" if self.hyphens else " and _"
            raise fail(f"'{short(given)}' is not an id", f"lower-case letters, digits{signs}, a letter first")
        return given
