"""Small models that know no finance: one uses every operation, one settles a loop in passes."""

from __future__ import annotations

from datetime import date

from spvmodel.engine import Result, solve
from spvmodel.lines import (
    Graph,
    Input,
    Model,
    Number,
    Ref,
    absolute,
    at_lowest,
    day,
    default,
    defined,
    edate,
    eomonth,
    equal,
    floor,
    highest,
    irr,
    ln,
    lowest,
    maximum,
    mean,
    minimum,
    month,
    na,
    next_,
    prev,
    ratio,
    serial,
    sum_ahead,
    sum_behind,
    sum_of,
    total,
    where,
    xirr,
    year,
)

PERIODS = 9
CASES = ("base", "low", "late")
MONEY_TEXT = '=HYPERLINK("http://x.invalid")'
ABOUT: dict[str, object] = {
    "deal": "toy",
    "title": "+Toy <b>model</b> & Co",
    "description": "=1+1",
    "currency": "USD",
    "as_of": "2025-06-30",
    "parties": {"Borrower": "@Toy SPV"},
    "sources": {"paper": {"title": MONEY_TEXT, "url": "http://x.invalid", "date": "2025", "note": ""}},
    "qualifications": ["-nothing here is real"],
    "fixed": [("Periods", "9 quarters")],
    "cfads_recipe": ["income less cost"],
    "cases": {"low": {"label": "=Low", "description": "less of it"}},
    "fingerprint": "toy-0001",
    "version": "0.0",
}


def _timeline(g: Graph) -> None:
    with g.place("Inputs", "Timeline"):
        g.input(
            Input("time.close", serial(date(2025, 1, 31)), "2025-01-31", "paper", "filed", cases=(("late", 45747.0),)),
            "Close",
            "date",
        )
        g.input(Input("time.step", 3.0, "3 months", status="fixed"), "Months per period", "months")
    with g.place("Time", "Periods"):
        number = g.series("time.number", prev(Ref("time.number")) + 1, "Period number", "count")
        end = g.series(
            "time.end",
            eomonth(Ref("time.close"), number * Ref("time.step")),
            "Period end",
            "date",
            opening=Ref("time.close"),
        )
        g.series("time.start", prev(end), "Period start", "date")
        g.series("time.days", end - Ref("time.start"), "Days", "days")
        g.series("time.ahead", edate(end, Number(12, "months")), "A year ahead", "date")
        g.series("time.ago", edate(end, Number(-12, "months")), "A year ago", "date")
        g.series("time.year", year(end), "Calendar year", "year")
        g.series("time.parts", month(end) * 100 + day(end), "Month and day", "count")


def every_operation() -> Model:
    """Every operation at least once, N/A and empty neighbours included."""
    g = Graph()
    _timeline(g)
    with g.place("Inputs", "=Prices"):
        rate = g.input(Input("rate", 0.07, "7%", status="assumed", note="=note", cases=(("low", 0.05),)), "Rate", "")
        level = g.input(Input("level", 2.5, "-2.5", cases=(("low", -1.25), ("late", 0.0))), "Level", "")
        tolerance = g.input(Input("tolerance", 1e-6, "", status="default"), "Tolerance", "")
        flow = g.input(
            Input(
                "flow",
                (-100.0, -20.0, 0.0, 30.0, 35.5, 12.25, 0.125, 60.0, 31.0),
                "dated",
                "paper",
                "company",
                cases=(("low", (-90.0, -20.0, 0.0, 20.0, 20.0, 30.0, 1.0, 60.0, 20.0)),),
            ),
            "Flow",
            "money",
        )
        plain = g.input(Input("plain", tuple(k * 1.1 for k in range(PERIODS)), "path"), "Plain path", "")
    n, end = Ref("time.number"), Ref("time.end")
    with g.place("Workings", "Elementwise"):
        g.series("e.add", plain + rate + (level - plain), "add", "", total=True)
        g.series("e.sub", plain - (rate - (level - plain)) - -3.0, "sub", "")
        g.series("e.mul", plain * (rate + level) * (plain * 2), "mul", "")
        g.series("e.div", plain / (rate * 4) / (level + 10) * (plain / 3), "div", "")
        g.series("e.pow", -(Number(2) ** -(plain / 9)) + (rate + 1) ** (n / 4), "pow", "")
        g.series("e.pow2", (-(plain + 1)) ** 2.0 + Number(-2) ** 2.0, "power of what is negative", "")
        g.series("e.neg", -(plain - rate) + -plain - -rate, "neg", "")
        g.series("e.abs", absolute(plain - 4), "abs", "")
        g.series("e.floor", floor(-(plain / 2)) + floor(plain), "floor", "")
        g.series("e.min", minimum(minimum(plain, 5), next_(plain)), "min with what follows", "")
        g.series("e.max", maximum(prev(plain), maximum(-(n / 2), -1.0)), "max with what came before", "")
        g.series("e.where", where((n > 3) * (n <= 6), plain, where(n - 8, rate, 99)), "where", "")
        g.series("e.where2", where(plain, where(equal(n, 5), -1, 0), level), "where on a number", "")
        g.series("e.lt", (n < 4) + (n <= 4) * (n > 2) + maximum(n >= 5, 0) - equal(n, 4), "compare", "")
        g.series("e.ne", (n > 4) * 1.5 + Ref("e.flag"), "compare and add", "")
        g.series("e.flag", (n > 2) * (n < 8), "flag", "flag")
        g.series("e.one", n >= 7, "a truth alone", "flag")
        g.series("e.ratio", ratio(plain - 1.1, where(n > 5, 0, n)), "ratio", "x")
        g.series("e.default", default(Ref("e.ratio"), -7) + default(ratio(1, n - 5), 3), "default", "")
        g.series("e.default2", default(prev(Ref("e.ratio")), 8) + default(next_(Ref("e.ratio")), 9), "shift", "")
        g.series("e.defined", defined(Ref("e.ratio")) * 2 + defined(next_(Ref("e.ratio"))), "defined", "count")
        g.series("e.defined2", defined(prev(Ref("e.ratio"))), "defined before", "flag")
        g.series("e.na", where(n > 4, na(), plain), "N/A", "x")
        g.series("e.sum", sum_of(Ref("e.add"), Ref("e.sub"), Ref("e.mul"), rate, Ref("e.abs"), n), "sum of", "")
    with g.place("Workings", "Recurrences"):
        g.series("r.opening", prev(Ref("r.closing")), "Opening", "money")
        g.series("r.closing", Ref("r.opening") * (1 + rate) - flow, "Closing", "money", opening=total(flow))
        g.series("r.ahead", next_(Ref("r.ahead")) * 0.5 + flow, "What is ahead", "money")
        g.series("r.window", sum_ahead(flow, end, Ref("time.ahead")), "Next 12 months", "money")
        g.series("r.behind", sum_behind(flow, end, Ref("time.ago")), "Last 12 months", "money")
    with g.place("Workings", "Logarithms"):
        g.series("e.ln", ln(absolute(plain) + 1) * -ln(absolute(rate) + 2), "ln", "")
    with g.place("Results & more", "Statistics"):
        flag = Ref("e.flag")
        never = g.series("s.never", flag * 0, "never", "flag")
        for name, ask in (("lowest", lowest), ("highest", highest), ("mean", mean)):
            g.scalar(f"s.{name}", ask(Ref("e.ratio")), name, "x")
            g.scalar(f"s.{name}_flag", ask(Ref("e.ratio"), flag), f"{name} while", "x")
            g.scalar(f"s.{name}_never", ask(plain, never), f"{name} never", "")
            g.scalar(f"s.{name}_nothing", ask(Ref("s.nothing")), f"{name} of nothing", "x")
            g.scalar(f"s.{name}_flagged_nothing", ask(Ref("e.na"), Ref("e.one")), f"{name} of nothing", "x")
        g.series("s.nothing", where(n > 0, na(), 1), "nothing", "x")
        g.scalar("s.total", total(flow), "total", "money")
        g.scalar("s.total_flag", total(flow, flag), "total while", "money")
        g.scalar("s.at", at_lowest(end, Ref("e.ratio")), "date of the lowest", "date")
        g.scalar("s.at_nothing", at_lowest(end, Ref("s.nothing")), "date of nothing", "date")
        g.scalar("s.irr", irr(flow), "irr", "")
        g.scalar("s.xirr", xirr(flow, end), "xirr", "1/yr")
        g.scalar("s.no_irr", irr(plain), "no irr", "")
        g.scalar("s.sum", sum_of(Ref("s.total"), Ref("s.total_flag")), "sum of two below each other", "money")
        g.scalar("s.tiny", Number(1.5e-7) * level + 1e15, "numbers as text", "")
    g.check("check.sum", absolute(Ref("s.total") - total(flow)), "Sums agree", "money", _money(g, tolerance))
    g.alert("alert.low", lowest(plain) < rate, "The path starts below the rate")
    headline = {"min": "s.lowest", "irr": "s.xirr", "rate": "rate", "at": "s.at", "none": "s.lowest_nothing"}
    model = g.compile(PERIODS, headline, CASES)
    model.about.update(ABOUT)
    return model


def _money(g: Graph, tolerance: Ref) -> Ref:
    with g.place("Results & more", "Tolerance"):
        return g.scalar("s.tolerance", tolerance * Number(1, "money"), "Tolerance in money", "money")


def loop(passes: int = 9) -> Model:
    """A loan whose fee and interest are part of what it finances; two feedbacks advance together."""
    g = Graph()
    _timeline(g)
    with g.place("Inputs", "Loan"):
        cost = g.input(Input("cost", (50.0, 30.0, 20.0) + (0.0,) * 6, "dated", status="assumed"), "Cost", "money")
        fee = g.input(Input("fee", 0.02, "2%", status="assumed", cases=(("low", 0.01),)), "Fee", "")
        rate = g.input(Input("rate", 0.015, "1.5%", status="assumed"), "Rate per period", "")
        tolerance = g.input(Input("tolerance", 1e-6, "", status="default"), "Tolerance", "money")
    with g.place("Loan", "Sizing"):
        size = g.feedback("loan.size", total(cost), "loan.uses", "Loan", "money", passes)
        g.scalar("loan.fee", size * fee, "Fee", "money")
        draw = g.series("loan.draw", cost + Ref("loan.interest"), "Draw", "money", total=True)
        g.series("loan.opening", prev(Ref("loan.closing")), "Opening", "money")
        g.series("loan.closing", Ref("loan.opening") + draw - size / 9, "Closing", "money", opening=Ref("loan.fee"))
        g.series("loan.interest", Ref("loan.opening") * rate * (Ref("time.number") <= 3), "Interest", "money")
        g.scalar("loan.uses", total(draw) + Ref("loan.fee"), "Uses", "money")
    g.check("check.loop", Ref("loan.size_residual"), "The loop has settled", "money", tolerance)
    model = g.compile(PERIODS, {"loan": "loan.size"}, CASES)
    model.about.update(ABOUT)
    return model


def solved(model: Model, case: str = "base") -> Result:
    """The model in one case."""
    return solve(model, case)
