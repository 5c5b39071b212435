"""Names of tax depreciation schedules: what a deal file may call one, and what a name means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from spvmodel.deal.errors import short
from spvmodel.deal.stated import fail

CUSTOM: Final = "custom"
MACRS_YEARS: Final = (5, 7, 15, 20)
LONGEST: Final = 50
"""Years of the longest straight line."""

BONUS_YEARS: Final = 20
"""Bonus depreciation by date is for property of at most this recovery period: Internal Revenue Code, 168(k)(2)(A)."""

_NAMED: Final = tuple(f"MACRS {years}" for years in MACRS_YEARS)
_STRAIGHT: Final = re.compile(r"straight line ([1-9][0-9]?)( mid-month)?")
_FORMS: Final = f"{', '.join(_NAMED)}, straight line N, straight line N mid-month (N whole years, at most {LONGEST})"
# Nearest names are looked for among these.
_USUAL: Final = (*_NAMED, "straight line 15", "straight line 39")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Marks a text as the name of a schedule; ``custom`` says that dated shares may stand in place of one."""

    custom: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.validate, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        named = "|".join((*_NAMED, *([CUSTOM] if self.custom else [])))
        return {"type": "string", "pattern": f"^({named}|{_STRAIGHT.pattern})$"}

    def validate(self, given: str) -> str:
        straight = _STRAIGHT.fullmatch(given)
        if given in _NAMED or (straight and int(straight[1]) <= LONGEST) or (self.custom and given == CUSTOM):
            return given
        forms = f"{_FORMS}, {CUSTOM}" if self.custom else _FORMS
        raise fail(f"'{short(given)}' is no depreciation schedule", forms, word=given, among=_USUAL)


def life(name: str) -> int:
    """Years over which a schedule deducts the cost; 0 for dated shares."""
    return 0 if name == CUSTOM else int(name.removesuffix(" mid-month").rpartition(" ")[2])


def in_mid_month(name: str) -> bool:
    """Whether a schedule begins in the middle of a month: that of 39 years, and those that say so."""
    return name == "straight line 39" or name.endswith(" mid-month")
