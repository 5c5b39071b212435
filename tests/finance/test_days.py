"""Day counts: the published vectors, another library on random dates, and a spreadsheet's own arithmetic."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import QuantLib as ql
from numpy.typing import NDArray

from spvmodel.deal.schema import DayCount
from spvmodel.engine import solve, solve_many
from spvmodel.finance.days import DAY_COUNTS, year_fraction
from spvmodel.lines import Call, Expr, Graph, Input, Model, Number, Ref, serial
from spvmodel.lines.expr import walk
from spvmodel.workbook import write_workbook
from spvmodel.workbook.read import read_values
from spvmodel.workbook.recalc import recalculate
from tests.engine.comparing import assert_engines_agree
from tests.workbook.parity import check_stored, compare

Day = tuple[int, int, int]
Pair = tuple[date, date]

PERIODS_PER_YEAR = Ref("periods_per_year")
PARTS = {
    "period_start": Ref("period_start"),
    "period_end": Ref("period_end"),
    "periods_per_year": PERIODS_PER_YEAR,
    "last": Ref("last"),
}


def key(name: str) -> str:
    """A day count as the last part of a line's name."""
    return "days.of_" + name.lower().replace("/", "_").replace(" ", "_")


@cache
def toy() -> Model:
    """The fraction of every day count between two dates that are inputs."""
    graph = Graph()
    with graph.place("Inputs"):
        for name in ("start", "end", "period_start", "period_end", "last"):
            graph.input(Input(name, serial(date(2025, 1, 1))), name, "date")
        graph.input(Input("periods_per_year", 1.0), "Periods per year", "1/yr")
    with graph.place("Days"):
        for name in DAY_COUNTS:
            formula = year_fraction(name, Ref("start"), Ref("end"), **PARTS)
            graph.scalar(key(name), formula, name, "yr")
    return graph.compile(1)


def fraction(name: str, start: date, end: date, regular: Pair | None = None, per_year: float = 1.0) -> float:
    """One fraction from one solve; ``regular`` is the full period, by default the accrual itself."""
    period = regular or (start, end)
    inputs = {
        "start": serial(start),
        "end": serial(end),
        "period_start": serial(period[0]),
        "period_end": serial(period[1]),
        "periods_per_year": per_year,
        "last": serial(date(2099, 12, 31)),
    }
    return solve(toy(), inputs=inputs).scalar(key(name))


def fractions(pairs: Sequence[Pair], last: Sequence[date] | None = None) -> dict[str, NDArray[np.float64]]:
    """The fractions of many accruals, by day count."""
    starts, ends = (np.array([serial(pair[side]) for pair in pairs]) for side in (0, 1))
    lasts = np.array([serial(day) for day in last]) if last else np.full(len(pairs), serial(date(2199, 12, 31)))
    inputs = {"start": starts, "end": ends, "period_start": starts, "period_end": ends, "last": lasts}
    found = solve_many(toy(), inputs, keep=tuple(map(key, DAY_COUNTS)))
    return {name: found[key(name)] for name in DAY_COUNTS}


# The test-suite of QuantLib, after ISDA's note on actual/actual (definitions, section 5): start, end, fraction.
ISDA: list[tuple[Day, Day, float]] = [
    ((2003, 11, 1), (2004, 5, 1), 0.497724380567),
    ((1999, 2, 1), (1999, 7, 1), 0.410958904110),
    ((1999, 7, 1), (2000, 7, 1), 1.001377348600),
    ((2002, 8, 15), (2003, 7, 15), 0.915068493151),
    ((1999, 7, 30), (2000, 1, 30), 0.503892506924),
    ((2000, 1, 30), (2000, 6, 30), 0.415300546448),
    # By hand: 184 days of 2003 / 365, the whole of 2004 to 2007, 31 days of 2008 / 366.
    ((2003, 7, 1), (2008, 2, 1), 184 / 365 + 4 + 31 / 366),
]


@pytest.mark.parametrize(("start", "end", "expected"), ISDA)
def test_actual_actual_isda(start: Day, end: Day, expected: float) -> None:
    assert fraction("ACT/ACT ISDA", date(*start), date(*end)) == pytest.approx(expected, abs=1e-11)


# Parts of an accrual, each with the regular period it lies in; periods a year; the sum of the fractions.
ICMA: list[tuple[list[tuple[Day, Day, Day, Day]], float, float]] = [
    ([((2003, 11, 1), (2004, 5, 1), (2003, 11, 1), (2004, 5, 1))], 2, 0.5),
    ([((1999, 2, 1), (1999, 7, 1), (1998, 7, 1), (1999, 7, 1))], 1, 0.410958904110),
    ([((1999, 7, 1), (2000, 7, 1), (1999, 7, 1), (2000, 7, 1))], 1, 1.0),
    # A long first coupon: 153 of 184 days of one half-year, and the whole of the next.
    (
        [
            ((2002, 8, 15), (2003, 1, 15), (2002, 7, 15), (2003, 1, 15)),
            ((2003, 1, 15), (2003, 7, 15), (2003, 1, 15), (2003, 7, 15)),
        ],
        2,
        0.915760869565,
    ),
    ([((1999, 7, 30), (2000, 1, 30), (1999, 7, 30), (2000, 1, 30))], 2, 0.5),
    ([((2000, 1, 30), (2000, 6, 30), (2000, 1, 30), (2000, 7, 30))], 2, 0.417582417582),
]


@pytest.mark.parametrize("name", ["ACT/ACT ICMA", "by period"])
@pytest.mark.parametrize(("parts", "per_year", "expected"), ICMA)
def test_parts_of_regular_periods(
    name: str, parts: list[tuple[Day, Day, Day, Day]], per_year: float, expected: float
) -> None:
    dates = [tuple(date(*day) for day in part) for part in parts]
    found = sum(fraction(name, start, end, (opens, closes), per_year) for start, end, opens, closes in dates)
    assert found == pytest.approx(expected, abs=1e-12)


def test_the_trap_of_30_360() -> None:
    """From the end of February three variants give three lengths (definitions, section 5)."""
    leap, march = date(2024, 2, 29), date(2024, 3, 31)
    days = {name: round(360 * fraction(name, leap, march), 9) for name in DAY_COUNTS if "360" in name}
    assert days == {"ACT/360": 31, "30/360 Bond Basis": 32, "30E/360": 31, "30U/360": 30, "30E/360 ISDA": 30}


# start, end, then days by Bond Basis, 30U, 30E and 30E ISDA, by hand from the texts of the rules.
THIRTY: list[tuple[Day, Day, int, int, int, int]] = [
    ((2025, 1, 15), (2025, 3, 31), 76, 76, 75, 75),
    ((2025, 1, 31), (2025, 3, 31), 60, 60, 60, 60),
    ((2025, 1, 30), (2025, 3, 31), 60, 60, 60, 60),
    ((2025, 1, 31), (2025, 2, 28), 28, 28, 28, 30),
    ((2025, 2, 28), (2025, 8, 31), 183, 180, 182, 180),
    ((2025, 2, 28), (2026, 2, 28), 360, 360, 360, 360),
    ((2024, 2, 28), (2024, 2, 29), 1, 1, 1, 2),
    ((2024, 8, 31), (2025, 2, 28), 178, 178, 178, 180),
    ((2025, 4, 30), (2025, 5, 31), 30, 30, 30, 30),
]


@pytest.mark.parametrize(("start", "end", "bond", "us", "euro", "isda"), THIRTY)
def test_thirty_day_months(start: Day, end: Day, bond: int, us: int, euro: int, isda: int) -> None:
    names = ("30/360 Bond Basis", "30U/360", "30E/360", "30E/360 ISDA")
    found = [fraction(name, date(*start), date(*end)) for name in names]
    assert found == [days / 360 for days in (bond, us, euro, isda)]


def test_the_end_of_february_on_a_termination_date_is_not_the_30th() -> None:
    start, end = date(2024, 8, 31), date(2025, 2, 28)
    found = fractions([(start, end), (start, end), (end, end)], [end, date(2030, 2, 28), end])["30E/360 ISDA"]
    assert found.tolist() == [178 / 360, 180 / 360, 0.0]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ((2024, 1, 1), (2025, 1, 1), 365),
        ((2024, 2, 28), (2024, 3, 1), 1),
        ((2024, 2, 28), (2024, 2, 29), 0),
        ((2024, 2, 29), (2024, 3, 1), 1),
        ((2023, 3, 1), (2028, 3, 1), 5 * 365),
        ((2100, 2, 28), (2100, 3, 1), 1),
    ],
)
def test_leap_days_that_do_not_count(start: Day, end: Day, days: int) -> None:
    assert fraction("NL/365", date(*start), date(*end)) == days / 365


def test_an_accrual_of_no_days_is_no_part_of_a_year() -> None:
    days = [date(2024, 2, 28) + timedelta(days=k) for k in range(400)]
    for last in (days, None):
        for name, found in fractions([(day, day) for day in days], last).items():
            assert not found.any(), name


def random_pairs(count: int, seed: int) -> list[Pair]:
    """Accruals of up to twelve years; half of them start or end around the end of a month."""
    draw = random.Random(seed)
    first = date(1990, 1, 1)

    def day() -> date:
        found = first + timedelta(days=draw.randrange(40000))
        if draw.random() < 0.5:
            month_end = date(found.year, found.month, 1) - timedelta(days=1)
            return max(first, month_end + timedelta(days=draw.randrange(-1, 2)))
        return found

    pairs = []
    while len(pairs) < count:
        start, end = day(), day()
        if start < end and (end - start).days < draw.choice((40, 200, 800, 4400)):
            pairs.append((start, end))
    return pairs


PAIRS = [*random_pairs(3000, 7), *((date(y, 2, d), date(y + k, m, e)) for y in (2023, 2024) for d in (27, 28)
          for k in (1, 2) for m, e in ((2, 28), (3, 1), (3, 31), (8, 31)))]  # fmt: skip


def quantlib(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def by_quantlib(counter: ql.DayCounter, pairs: Iterable[Pair]) -> list[float]:
    return [counter.yearFraction(quantlib(start), quantlib(end)) for start, end in pairs]


THIRTY_360 = ql.Thirty360
ORACLES: dict[str, Callable[[], ql.DayCounter]] = {
    "ACT/360": ql.Actual360,
    "ACT/365F": ql.Actual365Fixed,
    "ACT/ACT ISDA": lambda: ql.ActualActual(ql.ActualActual.ISDA),
    "30/360 Bond Basis": lambda: THIRTY_360(THIRTY_360.BondBasis),
    "30U/360": lambda: THIRTY_360(THIRTY_360.USA),
    "30E/360": lambda: THIRTY_360(THIRTY_360.EurobondBasis),
    "30E/360 ISDA": lambda: THIRTY_360(THIRTY_360.ISDA),
    "NL/365": lambda: ql.Actual365Fixed(ql.Actual365Fixed.NoLeap),
    "1/1": ql.OneDayCounter,
}


@pytest.fixture(scope="module")
def found() -> dict[str, NDArray[np.float64]]:
    """The fractions of all random accruals."""
    return fractions(PAIRS)


@pytest.mark.parametrize("name", ORACLES)
def test_quantlib_agrees(name: str, found: dict[str, NDArray[np.float64]]) -> None:
    np.testing.assert_allclose(found[name], by_quantlib(ORACLES[name](), PAIRS), rtol=0, atol=1e-13)


def test_quantlib_agrees_on_termination_dates() -> None:
    ends = [end for _, end in PAIRS]
    counters = {end: THIRTY_360(THIRTY_360.ISDA, quantlib(end)) for end in ends}
    expected = [counters[end].yearFraction(quantlib(start), quantlib(end)) for start, end in PAIRS]
    np.testing.assert_allclose(fractions(PAIRS, ends)["30E/360 ISDA"], expected, rtol=0, atol=1e-13)
    assert sum(end.month == 2 and (end + timedelta(days=1)).day == 1 for end in ends) > 20


@pytest.mark.parametrize("name", ["ACT/ACT ICMA", "by period"])
def test_quantlib_agrees_on_parts_of_regular_periods(name: str) -> None:
    draw = random.Random(3)
    counter = ql.ActualActual(ql.ActualActual.ISMA)
    rows, expected = [], []
    for _ in range(2000):
        months = draw.choice((1, 3, 6, 12))
        opens = quantlib(date(2020, 1, 1) + timedelta(days=draw.randrange(9000)))
        closes = opens + ql.Period(months, ql.Months)
        start = opens + draw.randrange(closes - opens)
        end = start + 1 + draw.randrange(closes - start)
        expected.append(counter.yearFraction(start, end, opens, closes))
        rows.append([*(day.serialNumber() for day in (start, end, opens, closes)), 12 / months])
    names = ("start", "end", "period_start", "period_end", "periods_per_year")
    inputs = dict(zip(names, np.array(rows, dtype=float).T, strict=True))
    got = solve_many(toy(), inputs, keep=(key(name),))[key(name)]
    # For a part of a period QuantLib rounds the months of its reference from days; these it gets right.
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_every_day_count_is_held_against_another_library() -> None:
    assert {*ORACLES, "ACT/ACT ICMA", "by period"} == set(DAY_COUNTS)


def test_both_engines_agree_to_the_last_bit() -> None:
    starts, ends = (np.array([serial(pair[side]) for pair in PAIRS[::15]]) for side in (0, 1))
    inputs = {"start": starts, "end": ends, "period_start": starts, "period_end": ends, "last": ends}
    assert_engines_agree(toy(), inputs)
    assert_engines_agree(toy(), {"start": starts, "end": np.full(len(starts), serial(date(2099, 12, 31)))})


def test_the_deal_file_may_say_every_day_count() -> None:
    assert set(get_args(get_args(DayCount)[0])) == set(DAY_COUNTS)


def test_formulas_use_no_function_of_a_spreadsheet_for_year_fractions() -> None:
    used = {node.op for name in DAY_COUNTS for node in walk(_formula(name)) if isinstance(node, Call)}
    plain = {"add", "sub", "mul", "div", "neg", "min", "where", "eq", "ge", "gt", "ratio", "default"}
    assert used <= plain | {"year", "month", "day", "eomonth"}


def _formula(name: str) -> Expr:
    return year_fraction(name, Ref("start"), Ref("end"), **PARTS)


@pytest.mark.parametrize("name", ["ACT/ACT ICMA", "by period"])
def test_a_missing_period_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=r"needs period_end, periods_per_year$"):
        year_fraction(name, Ref("start"), Ref("end"), period_start=Ref("start"))


def test_a_missing_termination_date_is_refused() -> None:
    with pytest.raises(TypeError, match="30E/360 ISDA needs last"):
        year_fraction("30E/360 ISDA", Ref("start"), Ref("end"))


@pytest.mark.parametrize("name", ["30/360", "ACT/ACT", "act/360"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown day count '{name}': one of ACT/360, ACT/365F, "):
        year_fraction(name, Ref("start"), Ref("end"))


def dated(pairs: Sequence[Pair]) -> Model:
    """A workbook of accruals, one a period, with every day count."""
    graph = Graph()
    with graph.place("Inputs"):
        last = graph.input(Input("last", serial(date(2030, 2, 28)), "2030-02-28"), "Termination", "date")
    with graph.place("Dates"):
        for name, side in (("start", 0), ("end", 1)):
            graph.input(Input(name, tuple(serial(pair[side]) for pair in pairs), "dated"), name.capitalize(), "date")
        graph.input(Input("time.end", tuple(46022.0 + 91 * k for k in range(len(pairs))), "dated"), "Period", "date")
    with graph.place("Days"):
        parts = PARTS | {"period_start": Ref("start"), "period_end": Ref("end"), "periods_per_year": Number(4, "1/yr")}
        for name in DAY_COUNTS:
            graph.series(key(name), year_fraction(name, Ref("start"), Ref("end"), **parts | {"last": last}), name, "yr")
    return graph.compile(len(pairs), {"fraction": "last"})


@pytest.mark.xdist_group("office")
def test_a_spreadsheet_agrees(tmp_path: Path) -> None:
    ends = (date(2025, 8, 31), date(2026, 2, 28), date(2028, 2, 29), date(2030, 2, 28))
    pairs = [(start, end) for end in ends for start in (date(2024, 2, 29), date(2025, 1, 31), date(2025, 2, 28))]
    result = solve(dated([*pairs, *PAIRS[:60]]))
    path = write_workbook(result, tmp_path / "days.xlsx")
    assert check_stored(result, path).mismatches == []
    recalculated = recalculate([path], tmp_path / "recalculated")[0]
    done = compare(result, path, read_values(recalculated))
    assert done.mismatches == []
    assert done.count > 72 * len(DAY_COUNTS)
