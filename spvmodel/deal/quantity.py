"""Quantities: the kinds of value a deal file holds, how people write them, and the range that is sane.

A kind turns text into the unit the model computes in: money in millions of the deal's currency, rates and
shares as decimals, power in MW, rent in currency units per kW and month, time in whole months.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from spvmodel.deal.errors import short

Scalar = float | dt.date
Value = float | dt.date | tuple[tuple[dt.date, float], ...]

STATUSES = ("filed", "company", "reported", "derived", "assumed")
FIRST_DATE = dt.date(1990, 1, 1)
LAST_DATE = dt.date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One named value of a deal, in the unit of the model, and where it comes from.

    Attributes:
        name: dotted name, the path in the deal file (``debt.loan_a.margin``).
        label: what a reader sees ("Margin, Term loan A").
        kind: a key of :data:`KINDS`.
        unit: ``money`` (millions), ``money/yr``, ``money/month``, ``1/yr``, ``""`` (share), ``months``, ``date``,
            ``MW``, ``USD/kW/month``, ``USD/kW/yr`` and ``USD/kW`` (the deal's currency), ``x``, ``flag``, ``count``,
            ``GPU``, ``USD/GPU/hour``.
        value: a float in that unit; a date; for curves and amounts a tuple of (date, float), dates ascending.
        text: as the file writes it.
        source: a key of the deal's sources, or "".
        status: filed, company, reported, derived, assumed, unsourced, or default (taken from the schema).
        note, as_of: as the file states them.
        stated_in: the file of line and column where it is not the deal file, such as a set of cases; or "".
        file: name of the file beside the deal file that a curve was read from, or "".
        line, column: place of the value in the file, 1-based; 0 for a default.
    """

    name: str
    label: str
    kind: str
    unit: str
    value: Value
    text: str
    source: str = ""
    status: str = "unsourced"
    note: str = ""
    as_of: dt.date | None = None
    line: int = 0
    column: int = 0
    file: str = ""
    stated_in: str = ""


class QuantityError(ValueError):
    """A text that is no value of its kind; ``allowed`` says what is."""

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity.

    ``phrase`` names one value of it in a sentence; ``unit`` may hold ``{currency}``; ``forms`` says how it is
    written; ``span`` is the sane range in words, ``low`` and ``high`` are its ends in the unit; ``points``
    marks a mapping from dates to values.
    """

    name: str
    phrase: str
    unit: str
    forms: str
    span: str
    low: float
    high: float
    read: Callable[[str, str], Scalar | None]
    points: bool = False


# [0-9], since \d takes the digits of every script.
_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
_PLAIN = re.compile(_NUMBER)
_SIGNS = {"USD": "US$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩"}
_DOLLARS = {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"}
_SCALES: dict[str, Decimal | int] = {
    "": 1, "k": Decimal("0.001"), "m": 1, "mn": 1, "million": 1, "millions": 1,
    "bn": 1000, "b": 1000, "billion": 1000, "billions": 1000,
}  # fmt: skip
_MONEY = re.compile(
    rf"(?P<before>[A-Z]{{3}}|(?:US)?\$|[€£¥₹₩])?\s*(?P<number>{_NUMBER})\s*"
    r"(?:(?P<after>[A-Z]{3})\s*)?(?P<scale>k|mn?|millions?|bn?|billions?)?(?:\s*(?P<last>[A-Z]{3}))?",
)
_PER_YEAR = re.compile(r"\s*(?:/\s*(?:yr|year|a)|p\.?\s?a\.?|(?:a|per) year)$")
_PER_MW = re.compile(r"\s*(?:/\s*|per )MW$")
_PER_MONTH = re.compile(r"\s*(?:/\s*(?:mo|month)|(?:a|per) month)$")
_RATE = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>%|bps?)?(?:\s*p\.?\s?a\.?)?")
_MONTHS = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>months?|years?|quarters?)?")
_DAYS = re.compile(rf"(?P<number>{_NUMBER})\s*(?:days?)?")
_POWER = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>kW|MW|GW)?")
_RENT = re.compile(
    rf"(?P<before>[A-Z]{{3}}|(?:US)?\$|[€£¥₹₩])?\s*(?P<number>{_NUMBER})\s*(?P<after>[A-Z]{{3}})?"
    r"\s*(?P<unit>/\s*kW\s*[-/ ]\s*month|per kW[- ]month)?"
)
_YEARLY = re.compile(_RENT.pattern.replace("month", "ye?a?r"))
_UNITS = re.compile(rf"(?P<number>{_NUMBER})\s*(?:GPUs?)?")
_HOURLY = re.compile(_RENT.pattern.replace("kW", "GPU").replace("month", "h(?:ou)?r"))
_ONCE = re.compile(
    rf"(?P<before>[A-Z]{{3}}|(?:US)?\$|[€£¥₹₩])?\s*(?P<number>{_NUMBER})\s*(?P<after>[A-Z]{{3}})?\s*"
    r"(?P<unit>/\s*kW|per kW)?"
)
_AREA_RENT = re.compile(_YEARLY.pattern.replace("kW", r"(?:sf|sq\.? ?ft)"))
_PER_MW_YEAR = re.compile(r"\s*(?:/\s*MW(?:[-/ ](?:ye?a?r|a))?|per MW(?:[- ]year)?)$")
_AREA = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>sf|sq\.? ?ft)?")
_MULTIPLE = re.compile(rf"(?P<number>{_NUMBER})\s*x?")
_LEVEL = re.compile(_NUMBER)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FLAGS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


def decimal(text: str) -> Decimal:
    """A number as people write it, thousands separators included."""
    return Decimal(text.replace(",", ""))


def _check_currency(sign: str | None, currency: str) -> None:
    if sign is None:
        return
    fits = sign == currency or sign == _SIGNS.get(currency) or (sign == "$" and currency in _DOLLARS)
    if not fits:
        raise QuantityError(f"'{sign}' is not the currency of this deal, {currency}", f"amounts in {currency}")


def _money(text: str, currency: str) -> float | None:
    found = _MONEY.fullmatch(text)
    if not found:
        return None
    signs = [found[group] for group in ("before", "after", "last") if found[group]]
    if len(signs) > 1:
        return None
    for sign in signs:
        _check_currency(sign, currency)
    return float(decimal(found["number"]) * _SCALES[found["scale"] or ""])


def _money_per_year(text: str, currency: str) -> float | None:
    return _money(_PER_YEAR.sub("", text), currency)


def _money_per_mw(text: str, currency: str) -> float | None:
    return _money(_PER_MW.sub("", text), currency)


def _money_per_month(text: str, currency: str) -> float | None:
    return _money(_PER_MONTH.sub("", text), currency)


def _rate(text: str, currency: str) -> float | None:
    found = _RATE.fullmatch(text)
    if not found:
        return None
    number = decimal(found["number"])
    if found["unit"] == "%":
        return float(number / 100)
    if found["unit"]:
        return float(number / 10_000)
    if abs(number) >= 1:
        raise QuantityError(f"'{short(text)}' has no unit: is it per cent or basis points", f"'{text}%', '{text} bp'")
    return float(number)


def _share(text: str, currency: str) -> float | None:
    found = _RATE.fullmatch(text)
    if not found:
        return None
    number = decimal(found["number"])
    if not found["unit"] and not 0 <= number <= 1:
        raise QuantityError(f"'{short(text)}' has no unit and is not between 0 and 1", f"'{text}%', or 0 to 1")
    return float(number / {"%": 100, "bp": 10_000, "bps": 10_000}.get(found["unit"], 1))


def _months(text: str, currency: str) -> float | None:
    found = _MONTHS.fullmatch(text)
    if not found:
        return None
    per_unit = {"y": 12, "q": 3}.get((found["unit"] or "m")[0], 1)
    return _whole(decimal(found["number"]) * per_unit, text, "months")


def _days(text: str, currency: str) -> float | None:
    found = _DAYS.fullmatch(text)
    return _whole(decimal(found["number"]), text, "days") if found else None


def _whole(number: Decimal, text: str, what: str) -> float:
    if number != number.to_integral_value():
        raise QuantityError(f"'{short(text)}' is not a whole number of {what}", f"whole {what}")
    return float(number)


def _date(text: str, currency: str) -> dt.date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise QuantityError(f"'{short(text)}' is not a day of the calendar", "2025-05-21 (year-month-day)") from None


def _power(text: str, currency: str) -> float | None:
    found = _POWER.fullmatch(text)
    if not found:
        return None
    return float(decimal(found["number"]) * {"kW": Decimal("0.001"), "GW": Decimal(1000)}.get(found["unit"], 1))


def _rent(text: str, currency: str) -> float | None:
    return _per_kw(_RENT, text, currency)


def _yearly_charge(text: str, currency: str) -> float | None:
    return _per_kw(_YEARLY, text, currency)


def _hourly(text: str, currency: str) -> float | None:
    return _per_kw(_HOURLY, text, currency)


def _units(text: str, currency: str) -> float | None:
    found = _UNITS.fullmatch(text)
    return _whole(decimal(found["number"]), text, "GPUs") if found else None


def _letting_cost(text: str, currency: str) -> float | None:
    return _per_kw(_ONCE, text, currency)


def _rent_per_mw(text: str, currency: str) -> float | None:
    return _money(_PER_MW_YEAR.sub("", text), currency)


def _rent_per_area(text: str, currency: str) -> float | None:
    return _per_kw(_AREA_RENT, text, currency)


def _area(text: str, currency: str) -> float | None:
    found = _AREA.fullmatch(text)
    return float(decimal(found["number"])) if found else None


def _per_kw(form: re.Pattern[str], text: str, currency: str) -> float | None:
    found = form.fullmatch(text)
    if not found or (found["before"] and found["after"]):
        return None
    _check_currency(found["before"] or found["after"], currency)
    return float(decimal(found["number"]))


def _multiple(text: str, currency: str) -> float | None:
    found = _MULTIPLE.fullmatch(text)
    return float(decimal(found["number"])) if found else None


def _flag(text: str, currency: str) -> float | None:
    return _FLAGS.get(text.lower())


def _count(text: str, currency: str) -> float | None:
    return _whole(decimal(text), text, "units") if _PLAIN.fullmatch(text) else None


def _level(text: str, currency: str) -> float | None:
    return float(decimal(text)) if _LEVEL.fullmatch(text) else None


_RATES = "2.50%, 250 bp, 0.025"
_AMOUNTS = "3,400 (in millions), 3.4bn, USD 3,400m"
_PER_MWS = "8.2 (in millions), 8.2m/MW, USD 8.2m per MW"
_SPAN = "0 to 10,000,000 million; a figure without m or bn is in millions"
_CURVE = f"dates with rates, 2025-01-01: 4.30%; rates as {_RATES}"
_PARTS = "dates with shares, 2025-03-31: 25%; shares as 67.3%, 0.673"
_COVERS = "dates with multiples, 2025-03-31: 1.30x"
_SCHEDULE = f"dates with amounts, 2025-03-31: 120; amounts as {_AMOUNTS}"
_DATES = "2025-05-21 (year-month-day)"
_RENTS = "99.00, 99.00 USD/kW-month"
_MW_RENTS = "1.40m USD/MW-year, 1.4 (in millions)"
_AREA_RENTS = "35.00, 35.00 USD/sf-year"
_CHARGES = "12.00, 12.00 USD/kW-year"
_HOURS = "2.50, 2.50 USD/GPU-hour"
_LETTING_COSTS = "1,500, 1,500 USD/kW"
_LETTING_SPAN = "0 to 1,000,000"
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("money", "an amount of money", "money", _AMOUNTS, _SPAN, 0.0, 1e7, _money),
        Kind("money_per_year", "an amount a year", "money/yr", _AMOUNTS, _SPAN, 0.0, 1e7, _money_per_year),
        Kind("money_per_mw", "an amount per MW", "money/MW", _PER_MWS, "0 to 10,000 million", 0.0, 1e4, _money_per_mw),
        Kind("money_per_month", "an amount a month", "money/month", _AMOUNTS, _SPAN, 0.0, 1e7, _money_per_month),
        Kind("rate", "a rate", "1/yr", _RATES, "-5% to 50%", -0.05, 0.5, _rate),
        Kind("share", "a share", "", "67.3%, 0.673", "0% to 100%", 0.0, 1.0, _share),
        Kind("months", "a time", "months", "6 months, 15 years", "0 to 1,200 months", 0.0, 1200.0, _months),
        Kind("days", "a number of days", "days", "30 days", "0 to 366 days", 0.0, 366.0, _days),
        Kind("date", "a date", "date", _DATES, "1990-01-01 to 2100-12-31", 0.0, 0.0, _date),
        Kind("power", "a power", "MW", "206 MW, 1.2 GW", "0 to 100,000 MW", 0.0, 1e5, _power),
        Kind("rent", "a rent", "{currency}/kW/month", _RENTS, "0 to 10,000", 0.0, 1e4, _rent),
        Kind(
            "rent_per_mw",
            "a rent per MW",
            "money/MW/yr",
            _MW_RENTS,
            "0 to 100 million; a figure without k or m is in millions",
            0.0,
            100.0,
            _rent_per_mw,
        ),
        Kind(
            "rent_per_area", "a rent by area", "{currency}/sf/yr", _AREA_RENTS, "0 to 10,000", 0.0, 1e4, _rent_per_area
        ),
        Kind("area", "an area", "sf", "250,000 sf", "0 to 1,000,000,000 sf", 0.0, 1e9, _area),
        Kind("charge", "a charge a year", "{currency}/kW/yr", _CHARGES, "0 to 10,000", 0.0, 1e4, _yearly_charge),
        Kind("units", "a number of GPUs", "GPU", "16,000 GPUs, 16,000", "0 to 100,000,000", 0.0, 1e8, _units),
        Kind("hourly", "a price per GPU-hour", "{currency}/GPU/hour", _HOURS, "0 to 10,000", 0.0, 1e4, _hourly),
        Kind("letting_cost", "a cost per kW", "{currency}/kW", _LETTING_COSTS, _LETTING_SPAN, 0.0, 1e6, _letting_cost),
        Kind("multiple", "a multiple", "x", "1.15x, 1.15", "0x to 20x", 0.0, 20.0, _multiple),
        Kind("index_level", "a level of an index", "index", "317.67", "0.01 to 1,000,000", 0.01, 1e6, _level),
        Kind("flag", "a yes or no", "flag", "yes, no", "yes or no", 0.0, 1.0, _flag),
        Kind("count", "a count", "count", "whole numbers, 2", "0 to 1,000", 0.0, 1000.0, _count),
        Kind("curve", "a rate", "1/yr", _CURVE, "-5% to 50%", -0.05, 0.5, _rate, points=True),
        Kind("balances", "a balance", "money", _SCHEDULE, _SPAN, 0.0, 1e7, _money, points=True),
        Kind("levels", "an amount of money", "money", _SCHEDULE, _SPAN, 0.0, 1e7, _money, points=True),
        Kind("shares", "a share", "", _PARTS, "0% to 100%", 0.0, 1.0, _share, points=True),
        Kind("portions", "a share", "", _PARTS, "0% to 100%", 0.0, 1.0, _share, points=True),
        Kind("multiples", "a multiple", "x", _COVERS, "0x to 20x", 0.0, 20.0, _multiple, points=True),
        Kind("amounts", "an amount of money", "money", _SCHEDULE, _SPAN, 0.0, 1e7, _money, points=True),
    )
}


def parse(kind: str, text: str, currency: str = "USD") -> Scalar:
    """The value of one text in the unit of its kind: a float, or a date.

    For ``curve`` and ``amounts`` this is the value of one point. Raises :class:`QuantityError` when the text
    is no such value, names another currency, or lies outside the sane range of the kind.
    """
    rule = KINDS[kind]
    text = text.strip()
    value = rule.read(text, currency) if len(text) <= 80 else None
    if value is None:
        raise QuantityError(f"'{short(text)}' is not {rule.phrase}", rule.forms)
    if isinstance(value, dt.date):
        inside = FIRST_DATE <= value <= LAST_DATE
    else:
        inside = math.isfinite(value) and rule.low <= value <= rule.high
    if not inside:
        raise QuantityError(f"'{short(text)}' is outside the range of {rule.phrase}", rule.span)
    return value


def unit_of(kind: str, currency: str) -> str:
    """The unit string of a kind in a deal of this currency."""
    return KINDS[kind].unit.format(currency=currency)


def write(kind: str, value: Scalar, currency: str = "USD") -> str:
    """The text of a value as a deal file would write it; ``parse`` of it gives the same value back."""
    if isinstance(value, dt.date):
        return value.isoformat()
    number = Decimal(repr(float(value)))
    if kind in ("rate", "share", "curve"):
        return f"{(number * 100).normalize():f}%"
    plain = f"{number.normalize():f}"
    if kind == "flag":
        return "yes" if value else "no"
    if kind == "days":
        return f"{plain} day" if value == 1 else f"{plain} days"
    if kind == "months":
        return f"{plain} month" if value == 1 else f"{plain} months"
    money = {
        "rent": f" {currency}/kW-month",
        "charge": f" {currency}/kW-year",
        "letting_cost": f" {currency}/kW",
        "hourly": f" {currency}/GPU-hour",
        "rent_per_mw": f"m {currency}/MW-year",
        "rent_per_area": f" {currency}/sf-year",
    }
    return plain + {"power": " MW", "area": " sf", "units": " GPUs", "multiple": "x", **money}.get(kind, "")
