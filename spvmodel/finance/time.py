"""The timeline: one definition of every period, in which all other blocks count."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.lines import Number, Ref, eomonth, prev

END = Ref("time.end")
START = Ref("time.start")
DAYS = Ref("time.days")
FULL_DAYS = Ref("time.full_days")
FIRST_DAY = Ref("time.first_day")
YEAR_AHEAD = Ref("time.year_ahead")
YEAR_AGO = Ref("time.year_ago")
PERIODS_PER_YEAR = Ref("time.periods_per_year")

DAY = Number(1, "days")
YEAR = Number(12, "months")
DAYS_360 = Number(360, "days/yr")
DAYS_365 = Number(365, "days/yr")


def declare_time(terms: Terms) -> None:
    """Periods run from the end of the one before (exclusive) to their own end (inclusive), in calendar months."""
    g = terms.graph
    months = Ref("time.months_per_period")
    with g.place("Time", "Periods"):
        g.scalar("time.periods_per_year", Number(12, "months/yr") / months, "Periods per year", "count/yr")
        number = g.series("time.number", prev(Ref("time.number")) + 1, "Period number", "count")
        end = g.series(
            "time.end",
            eomonth(Ref("time.first_end"), (number - 1) * months),
            "Period end",
            "date",
            opening=terms["time.close"],
        )
        g.series(
            "time.start",
            prev(end),
            "Period start",
            "date",
            "end of the period before; first: financial close",
        )
        g.series("time.first_day", START + DAY, "First day of the period", "date")
        g.series("time.days", end - START, "Days in the period", "days")
        g.series(
            "time.full_days",
            end - eomonth(end, -months),
            "Days in the full calendar period",
            "days",
            "differs from the days in the period only in a first, short period",
        )
    with g.place("Time", "Windows of cover tests"):
        g.series("time.year_ahead", eomonth(end, YEAR), "Twelve months ahead", "date")
        g.series("time.year_ago", eomonth(end, -YEAR), "Twelve months ago", "date")
