"""The timeline: anchors, stubs, frequencies and financial close on its own, against dates written out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal.timeline import period_ends
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import from_serial, serial
from tests.deal.files import SMALL, load_text
from tests.finance.changing import changed, with_fault

TOLL = (Path(__file__).parents[1] / "deals" / "toll.yaml").read_text()
APART = "  closing: on its own\n"


def solved(text: str, folder: Path, case: str = "base") -> Result:
    return spvmodel.solve(spvmodel.build(load_text(text, folder)), case)


def dates(result: Result, name: str) -> list[str]:
    return [from_serial(day).isoformat() for day in result.series(name)]


ANCHORS = {
    "middle of the month": (
        "semi-annual", "2025-05-15", "2025-11-15", ["2025-11-15", "2026-05-15", "2026-11-15", "2027-05-15"]
    ),
    "month-end": ("quarterly", "2025-05-31", "2025-11-30", ["2025-11-30", "2026-02-28", "2026-05-31", "2026-08-31"]),
    "leap day": ("annual", "2023-03-31", "2024-02-29", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
    "28 February of a leap year": (
        "annual", "2023-03-31", "2024-02-28", ["2024-02-28", "2025-02-28", "2026-02-28", "2027-02-28"]
    ),
    "30th, and again after February": (
        "monthly", "2026-12-31", "2027-01-30", ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]
    ),
    "short first period": ("annual", "2025-05-15", "2025-12-31", [f"{year}-12-31" for year in range(2025, 2029)]),
    "long first period": ("quarterly", "2025-05-15", "2025-11-15", ["2025-11-15", "2026-02-15", "2026-05-15"]),
}  # fmt: skip


@pytest.mark.parametrize(("frequency", "close", "first", "wanted"), ANCHORS.values(), ids=ANCHORS)
def test_ends_are_counted_from_the_anchor(frequency: str, close: str, first: str, wanted: list[str]) -> None:
    given = [date.fromisoformat(day) for day in (close, wanted[-1], first)]
    ends = period_ends(given[0], frequency, given[1], given[2])
    assert [end.isoformat() for end in ends] == wanted
    apart = period_ends(given[0], frequency, given[1], given[2], on_its_own=True)
    assert apart == (given[0], *ends)


def test_the_calendar_is_the_anchor_by_default() -> None:
    ends = period_ends(date(2025, 12, 31), "annual", date(2027, 6, 30), on_its_own=True)
    assert ends == (date(2025, 12, 31), date(2026, 12, 31), date(2027, 12, 31))


STUBS = {
    "semi-annual from 15 May": ("semi-annual", "2025-11-15", [184]),
    "annual, short": ("annual", "2025-12-31", [230]),
    "annual, long": ("annual", "2026-12-31", [595]),
    "quarterly on the 30th": ("quarterly", "2025-08-30", [107]),
    "monthly on the 31st": ("monthly", "2025-05-31", [16]),
}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(("frequency", "first", "days"), STUBS.values(), ids=STUBS)
def test_lines_are_the_periods_of_the_deal(
    frequency: str, first: str, days: list[int], apart: bool, tmp_path: Path
) -> None:
    text = changed(
        TOLL, ("frequency: annual", f"frequency: {frequency}"), ("2026-05-15\n  closing", f"{first}\n  closing")
    )
    result = solved(text if apart else text.replace(APART, ""), tmp_path)
    ends = load_text(text if apart else text.replace(APART, ""), tmp_path).periods
    zero = ["2025-05-15"] if apart else []
    assert dates(result, "time.end") == [end.isoformat() for end in ends]
    assert dates(result, "time.end")[: len(zero) + 1] == [*zero, first]
    assert dates(result, "time.start") == ["2025-05-15", *(end.isoformat() for end in ends[:-1])]
    assert dates(result, "time.eve") == ["2025-05-14", *(end.isoformat() for end in ends[:-1])]
    assert result.series("time.days")[: len(zero) + 1] == [*(0 for _ in zero), *days]
    assert result.series("time.number")[:2] == ([0, 1] if apart else [1, 2])
    assert [check.name for check in result.checks if not check.passed] == []


def test_twelve_months_from_a_30th_skip_no_february(tmp_path: Path) -> None:
    """From 28 February 2027 twelve months reach 29 February 2028, which ends the fourth quarter from there."""
    text = changed(
        TOLL, ("frequency: annual", "frequency: quarterly"), ("2026-05-15\n  closing", "2025-08-30\n  closing")
    )
    result = solved(text, tmp_path)
    ends, number = dates(result, "time.end"), dates(result, "time.end").index("2027-02-28")
    assert ends[number + 4] == "2028-02-29"
    assert dates(result, "time.year_ahead")[number] == "2028-02-29"
    assert dates(result, "time.year_ago")[number + 4] == "2027-02-28"
    assert dates(result, "time.year_ahead")[0] == "2026-05-15"
    noi = result.series("opex.noi")
    for t in range(1, len(noi) - 4):
        assert result.series("opex.noi_ahead")[t] == pytest.approx(sum(noi[t + 1 : t + 5]), rel=1e-12, abs=1e-12)
        assert dates(result, "time.year_ahead")[t] == ends[t + 4]
    whole = [ends[t + 1] for t in range(1, len(ends) - 1)]
    full = [(date.fromisoformat(b) - date.fromisoformat(a)).days for a, b in zip(ends[1:], whole, strict=False)]
    assert result.series("time.full_days")[2:] == full


def test_what_happens_at_close_stands_in_the_period_of_the_close(tmp_path: Path) -> None:
    """Year 0: a fifth of the spending is before close, the fee is 1% of 70, and no day earns or costs interest."""
    result = solved(TOLL, tmp_path)
    spent = 100 * (date(2025, 5, 15) - date(2024, 11, 15)).days / (date(2027, 5, 15) - date(2024, 11, 15)).days
    assert result.series("construction.spend")[0] == pytest.approx(spent, rel=1e-12)
    assert result.series("funding.uses")[0] == pytest.approx(spent + 0.7, rel=1e-12)
    share = 70 / result.scalar("funding.total_uses")
    assert result.series("debt.closing")[0] == pytest.approx(share * (spent + 0.7), rel=1e-9)
    assert result.series("returns.equity_flow")[0] == pytest.approx(-(1 - share) * (spent + 0.7), rel=1e-9)
    for name in ("debt.senior.interest", "debt.senior.fees", "revenue.total", "opex.total", "waterfall.cash_in"):
        assert result.series(name)[0] == 0.0
    assert result.series("debt.senior.interest")[1] > 0


def test_close_on_its_own_moves_cash_to_its_date_and_nothing_else(tmp_path: Path) -> None:
    """Year 0 and year 1 together are the first period of the same deal without it; equity paid earlier earns less."""
    apart, within = solved(TOLL, tmp_path), solved(TOLL.replace(APART, ""), tmp_path)
    for name in ("funding.uses", "funding.equity", "debt.senior.draw", "debt.senior.interest", "revenue.total"):
        a, b = apart.series(name), within.series(name)
        assert [a[0] + a[1], *a[2:]] == pytest.approx(b, rel=1e-9)
    assert apart.series("debt.closing")[1:] == pytest.approx(within.series("debt.closing"), rel=1e-9, abs=1e-9)
    assert apart.headline["min_dscr"] == pytest.approx(within.headline["min_dscr"], rel=1e-12)
    assert apart.headline["equity_irr"] < within.headline["equity_irr"]


@pytest.mark.parametrize(("close", "number"), [("2025-05-15", 0), ("2025-05-16", 1), ("2026-05-15", 1)])
def test_a_date_falls_after_the_eve_up_to_the_end(close: str, number: int, tmp_path: Path) -> None:
    text = changed(TOLL, ("    close: 2025-05-15\n    commitment", f"    close: {close}\n    commitment"))
    result = solved(text, tmp_path)
    assert result.series("debt.senior.closes") == [float(n == number) for n in range(result.model.periods)]
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("construction.spend")[:number] == [0.0] * number


def test_the_period_without_days_is_the_only_one_allowed(tmp_path: Path) -> None:
    model = spvmodel.build(load_text(TOLL, tmp_path))
    for number, days in ((0, 1.0), (5, -365.0)):
        spoiled = with_fault(model, "time.days", days, "days", number)
        inputs = {name: given.value for name, given in spoiled.inputs.items()}
        failed = {c.name for c in Result(spoiled, "base", inputs, evaluate(spoiled, inputs)).checks if not c.passed}
        assert {"checks.timeline", "checks.days"} <= failed


def test_a_case_may_move_the_close_within_the_first_period(tmp_path: Path) -> None:
    """Two weeks earlier, year 0 is empty: the loan closes in year 1, on its own day."""
    result = solved(TOLL, tmp_path, "earlier_close")
    assert dates(result, "time.end")[:2] == ["2025-05-01", "2026-05-15"]
    assert result.series("time.days")[:2] == [0, (date(2026, 5, 15) - date(2025, 5, 1)).days]
    assert result.series("funding.uses")[0] == 0.0 and result.series("debt.senior.closes")[1] == 1.0


FREQUENCIES = {"monthly": 12, "quarterly": 4, "semi-annual": 2, "annual": 1}


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_every_frequency_earns_the_same_rent_a_year(frequency: str, apart: bool, tmp_path: Path) -> None:
    """100 MW at 120 a kW and month is 144m a year, 3% more each 1 January, whatever the length of a period."""
    text = changed(
        SMALL,
        ("frequency: quarterly", f"frequency: {frequency}" + ("\n" + APART.rstrip() if apart else "")),
        (
            "commencement: 2026-07-01\n    term: 15 years",
            "commencement: 2027-01-01\n    term: 15 years\n    escalation: 3%",
        ),
    )
    result = solved(text, tmp_path)
    assert [check.name for check in result.checks if not check.passed] == []
    years: dict[int, float] = {}
    for end, rent in zip(dates(result, "time.end"), result.series("revenue.total"), strict=True):
        years[int(end[:4])] = years.get(int(end[:4]), 0.0) + rent
    assert years == pytest.approx(
        {year: 144 * 1.03 ** max(0, year - 2027) if year > 2026 else 0.0 for year in range(2025, 2042)}, rel=1e-12
    )
    in_leap_year = [
        rent
        for end, rent in zip(dates(result, "time.end"), result.series("revenue.total"), strict=True)
        if end[:4] == "2028"
    ]
    part = 144 * 1.03 / FREQUENCIES[frequency]
    assert in_leap_year == pytest.approx([part] * FREQUENCIES[frequency], rel=1e-12)
    assert serial(date(2028, 12, 31)) in result.series("time.end")
