"""Dimensions: what can be added, compared and returned."""

from __future__ import annotations

import pytest

from spvmodel import lines
from spvmodel.lines import DimensionError, Expr, Graph, Input, Number, Ref
from spvmodel.lines.units import parse_unit

A, B, RATE, FLAG = Ref("a"), Ref("b"), Ref("rate"), Ref("flag")
DAY, SPAN, MONTHS, X = Ref("day"), Ref("span"), Ref("months"), Ref("x")
INPUTS = {"a": "m", "b": "m", "rate": "1/yr", "flag": "flag", "day": "date", "span": "days", "months": "months"}


def compiles(expr: Expr, unit: str, series: bool = False) -> None:
    graph = Graph()
    with graph.place("Sheet"):
        for name, given in INPUTS.items():
            graph.input(Input(name, 1.0), name, given)
        graph.input(Input("x", (1.0, 2.0)), "X", "m")
        graph.input(Input("on", (1.0, 0.0)), "On", "flag")
        graph.input(Input("when", (1.0, 2.0)), "When", "date")
        (graph.series if series else graph.scalar)("line", expr, "Line", unit)
    graph.compile(2)


@pytest.mark.parametrize(
    ("expr", "unit"),
    [
        (A + B, "m"),
        (A - B, "m"),
        (A * B, "m*m"),
        (A / B, ""),
        (A / B, "x"),
        (lines.ratio(A, B), "share"),
        (A * RATE, "m/yr"),
        (A * RATE * Number(2.0, "yr"), "m"),
        (A / RATE, "m*yr"),
        (1.0 / RATE, "yr"),
        (A * FLAG, "m"),
        (A + 0.0, "m"),
        (lines.maximum(A - B, 0.0), "m"),
        (lines.where(FLAG, A, lines.na()), "m"),
        (lines.where(A > B, A, B), "m"),
        (lines.default(A, 0.0), "m"),
        (lines.defined(A), "flag"),
        (A > B, "flag"),
        (lines.equal(DAY, DAY + SPAN), "flag"),
        (-A, "m"),
        (lines.absolute(A), "m"),
        (lines.floor(A / B), "count"),
        ((1.0 + A / B) ** (B / A), "factor"),
        (DAY - DAY, "days"),
        (DAY + SPAN, "date"),
        (DAY - SPAN, "date"),
        (lines.edate(DAY, MONTHS), "date"),
        (lines.eomonth(DAY, 0.0), "date"),
        (lines.year(DAY), "year"),
        (lines.month(DAY), "count"),
        (lines.day(DAY), "count"),
        (lines.total(X), "m"),
        (lines.mean(X, Ref("on")), "m"),
        (lines.at_lowest(Ref("when"), X), "date"),
        (lines.irr(X), ""),
        (lines.xirr(X, Ref("when")), "1/yr"),
        (lines.sum_of(A, B), "m"),
        (Number(0.0), "anything"),
        (lines.na(), "anything"),
    ],
)
def test_formulas_that_make_sense(expr: Expr, unit: str) -> None:
    compiles(expr, unit)


@pytest.mark.parametrize(
    ("expr", "unit", "message"),
    [
        (A + RATE, "m", "line: add mixes m and 1/yr"),
        (A - 1.0, "m", "sub mixes m and a plain number"),
        (lines.maximum(A, 1.0), "m", "max mixes m and a plain number"),
        (lines.where(FLAG, A, RATE), "m", "where mixes m and 1/yr"),
        (lines.where(A, A, B), "m", r"the condition of where\(\) takes a plain number, not m"),
        (A > RATE, "flag", "gt mixes m and 1/yr"),
        (A * B, "m", "the formula gives m\\*m, the line is declared in m"),
        (A * RATE, "m", "the formula gives m/yr, the line is declared in m"),
        (A / B, "m", "the formula gives a plain number, the line is declared in m"),
        (A, "", "the formula gives m, the line is declared in plain numbers"),
        (DAY + DAY, "date", "two dates cannot be added"),
        (DAY * 2.0, "date", "a date cannot be multiplied or divided"),
        (DAY + 1.0, "date", "add mixes date and a plain number"),
        (DAY + MONTHS, "date", "add mixes date and months"),
        (lines.edate(A, MONTHS), "date", r"edate\(\) takes a date and months, not m and months"),
        (lines.eomonth(DAY, SPAN), "date", r"eomonth\(\) takes a date and months, not date and days"),
        (lines.year(A), "year", r"year\(\) takes a date, not m"),
        (lines.floor(A), "m", r"floor\(\) takes a plain number, not m"),
        (A**2.0, "m", r"pow\(\) takes a plain number, not m"),
        (lines.total(X, Ref("when")), "m", r"the flag of total\(\) takes a plain number, not date"),
        (lines.sum_of(A, RATE), "m", "sum_of mixes m and 1/yr"),
        (lines.default(A, RATE), "m", "default mixes m and 1/yr"),
    ],
)
def test_formulas_that_do_not(expr: Expr, unit: str, message: str) -> None:
    with pytest.raises(DimensionError, match=message):
        compiles(expr, unit)


def test_windows_compare_key_and_limit() -> None:
    compiles(lines.sum_ahead(X, Ref("when"), Ref("when")), "m", series=True)
    with pytest.raises(DimensionError, match=r"the key and the limit of sum_ahead\(\) mixes date and m"):
        compiles(lines.sum_ahead(X, Ref("when"), X), "m", series=True)


def test_an_opening_has_the_unit_of_its_line() -> None:
    graph = Graph()
    with graph.place("Sheet"):
        graph.input(Input("rate", 0.1), "Rate", "1/yr")
        graph.series("line", Number(1.0, "m"), "Line", "m", opening=Ref("rate"))
    with pytest.raises(DimensionError, match="line: the formula gives 1/yr"):
        graph.compile(2)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a*b", "b*a"), ("a/b/c", "a/c/b"), ("a*b/b", "a"), ("", "x"), ("1/yr", "flag/yr"), ("count", "index")],
)
def test_units_that_are_the_same(one: str, other: str) -> None:
    assert parse_unit(one) == parse_unit(other)


def test_units_are_shown_as_they_are_written() -> None:
    assert str(parse_unit("USD/kW/month")) == "USD/kW/month"
    assert str(parse_unit("1/yr")) == "1/yr"
    assert str(parse_unit("date")) == "date"
    assert str(parse_unit("")) == "a plain number"
