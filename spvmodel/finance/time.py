"""The timeline: one definition of every period, in which all other blocks count."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Number, Ref, absolute, edate, eomonth, equal, highest, prev, where

NUMBER = Ref("time.number")
EVE = Ref("time.eve")
END = Ref("time.end")
START = Ref("time.start")
DAYS = Ref("time.days")
LAST_DAY = Ref("time.last_day")
FULL_DAYS = Ref("time.full_days")
FIRST_DAY = Ref("time.first_day")
YEAR_AHEAD = Ref("time.year_ahead")
YEAR_AGO = Ref("time.year_ago")
PERIODS_PER_YEAR = Ref("time.periods_per_year")

DAY = Number(1, "days")
YEAR = Number(12, "months")
A_YEAR = Number(1, "yr")
MONTHS_A_YEAR = Number(12, "months/yr")
DAYS_360 = Number(360, "days/yr")
DAYS_365 = Number(365, "days/yr")


def falls_here(day: Expr) -> Expr:
    """1 in the period in which ``day`` falls: after its eve, up to its end. Financial close falls in the first."""
    return (day > EVE) * (day <= END)


def from_end(terms: Terms, months: Expr) -> Expr:
    """The date ``months`` after the period end (before it, where negative), as a period end of the timeline.

    Month-ends stay month-ends. Other ends are counted from the first one, so that a day that February does not have
    comes back in March. The period of no days at financial close is not counted from: its date is the closing date.
    """
    if terms.ends_months:
        return eomonth(END, months)
    anchored = edate(Ref("time.first_end"), (NUMBER - 1) * Ref("time.months_per_period") + months)
    return where(NUMBER > 0, anchored, edate(END, months)) if terms.closing_apart else anchored


def declare_time(terms: Terms) -> None:
    """Periods run from the end of the one before (exclusive) to their own end (inclusive), in calendar months.

    Where financial close stands on its own, period 0 starts and ends on the closing date and has no days.
    """
    g = terms.graph
    months = Ref("time.months_per_period")
    with g.place("Time", "Periods"):
        g.scalar("time.periods_per_year", MONTHS_A_YEAR / months, "Periods per year", "count/yr")
        opening = -1 if terms.closing_apart else None
        number = g.series("time.number", prev(NUMBER) + 1, "Period number", "count", opening=opening)
        shift = eomonth if terms.ends_months else edate
        regular = shift(Ref("time.first_end"), (number - 1) * months)
        close = terms["time.close"]
        end = g.series(
            "time.end",
            where(number > 0, regular, close) if terms.closing_apart else regular,
            "Period end",
            "date",
            opening=close,
        )
        g.scalar(LAST_DAY.name, highest(end), "Last day of the model", "date")
        g.series(
            "time.start",
            prev(end),
            "Period start",
            "date",
            "end of the period before; first: financial close",
        )
        first = equal(number, 0 if terms.closing_apart else 1)
        g.series(
            "time.eve",
            START - first * DAY,
            "Eve of the period",
            "date",
            "a date falls in the period after its eve, up to its end; first: the day before financial close",
        )
        g.series("time.first_day", START + DAY, "First day of the period", "date")
        g.series("time.days", end - START, "Days in the period", "days")
        g.series(
            "time.full_days",
            end - from_end(terms, -months),
            "Days in the full calendar period",
            "days",
            "differs from the days in the period only in a first period that is short or long",
        )
    with g.place("Time", "Windows of cover tests"):
        g.series("time.year_ahead", from_end(terms, YEAR), "Twelve months ahead", "date")
        g.series("time.year_ago", from_end(terms, -YEAR), "Twelve months ago", "date")


def without_days(terms: Terms) -> Expr:
    """1 in a period that has no days although it should, or has days although it is the closing date alone."""
    none = DAYS <= Number(0, "days")
    return where(NUMBER > 0, none, absolute(DAYS) > Number(0, "days")) if terms.closing_apart else none
