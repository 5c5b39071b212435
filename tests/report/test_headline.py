"""The headline metrics: how each is measured, and why one has no value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import spvmodel
from spvmodel.engine import Result, solve
from spvmodel.lines import Graph, Input, Model, Ref, irr, na, serial, where, xirr
from spvmodel.report.data import not_applicable
from spvmodel.report.headline import ARREARS_EXCLUDED, BORROWED, Metric, headline, overdue
from tests.report.toy import solved

ENDS = tuple(float(serial(date(2025 + year, 12, 31))) for year in range(3))


def metrics(result: Result) -> dict[str, Metric]:
    """The metrics of a result by key."""
    return {metric.key: metric for metric in headline(result)}


def returns(flows: tuple[float, float, float]) -> dict[str, Metric]:
    """The internal rates of three yearly flows, dated and not."""
    g = Graph()
    with g.place("Returns"):
        g.input(Input("time.end", ENDS, "", "", "fixed"), "Period end", "date")
        g.input(Input("flow", flows, "", "", "fixed"), "Flow", "money")
        g.scalar("dated", xirr(Ref("flow"), Ref("time.end")), "XIRR", "1/yr", "actual days / 365")
        g.scalar("periodic", irr(Ref("flow")), "IRR", "share")
    return metrics(solve(g.compile(3, {"equity_irr": "dated", "project_irr": "periodic"})))


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ((-1.0, -2.0, -3.0), "all flows have one sign"),
        ((0.0, 0.0, 5.0), "all flows have one sign"),
        ((0.0, 0.0, 0.0), "all flows have one sign"),
        ((1.0, -2.0, 2.0), "no rate between -99.99% and 1000%"),
        ((-1.0, 50.0, 0.0), "no rate between -99.99% and 1000%"),
    ],
)
def test_a_missing_rate_says_why(flows: tuple[float, float, float], reason: str) -> None:
    for metric in returns(flows).values():
        assert metric.value != metric.value and metric.note == reason


@pytest.mark.parametrize(
    ("flows", "paid", "reason"),
    [
        ((0.0, 0.0, 5.0), 0.0, "all flows have one sign"),
        ((1.0, -2.0, 2.0), 0.0, BORROWED),
        ((0.0, 2.0, -1.5), 0.0, BORROWED),
        ((-1.0, 50.0, 0.0), 1.0, "no rate between -99.99% and 1000%"),
        ((-1.0, 1.5, 0.0), 0.0, "nothing is invested"),
        ((-1.0, 2.3, -1.32), 1.0, "several rates solve it: 10.00%, 20.00%; the one nearest 10% is shown"),
    ],
)
def test_a_rate_of_what_is_invested_says_why(flows: tuple[float, float, float], paid: float, reason: str) -> None:
    """A rate that the flows have is withheld where nobody invests, for the reason that the model knows."""
    g = Graph()
    with g.place("Returns"):
        g.input(Input("time.end", ENDS, "", "", "fixed"), "Period end", "date")
        g.input(Input("flow", flows, "", "", "fixed"), "Flow", "money")
        g.input(Input("paid", paid, "", "", "fixed"), "Paid in", "money")
        g.scalar("dated", where(Ref("paid") > 0, xirr(Ref("flow"), Ref("time.end")), na()), "XIRR", "1/yr")
    model = g.compile(3, {"equity_irr": "dated"})
    about = {"metrics": ["equity_irr"], "not_applicable": {"equity_irr": "nothing is invested"}}
    result = solve(replace(model, about=about))
    assert metrics(result)["equity_irr"].note == reason
    told = not_applicable(result)
    assert told == ({} if "several" in reason else {"equity_irr": reason})


def test_several_rates_are_all_told() -> None:
    found = returns((-1.0, 2.3, -1.32))
    told = "several rates solve it: 10.00%, 20.00%; the one nearest 10% is shown"
    assert found["equity_irr"].note == f"actual days / 365; {told}"
    assert found["project_irr"].note == told
    assert found["project_irr"].value == pytest.approx(0.1)


def test_one_rate_has_the_note_of_its_line() -> None:
    found = returns((-1.0, 0.5, 0.7))
    assert found["equity_irr"].note == "actual days / 365" and found["project_irr"].note == ""


def test_a_minimum_has_the_note_of_what_it_is_the_lowest_of() -> None:
    assert metrics(solved())["min_dscr"].note == "CFADS / debt service"


def test_cover_says_that_it_excludes_arrears() -> None:
    sound, missed = solved(), solved("low")
    assert not overdue(sound) and overdue(missed)
    assert metrics(missed)["min_dscr"].note == f"CFADS / debt service; {ARREARS_EXCLUDED}"


@pytest.fixture(scope="module")
def abilene() -> Model:
    """The shipped deal."""
    return spvmodel.build(spvmodel.load("abilene"))


def test_loan_life_cover_says_which_life(abilene: Model) -> None:
    found = metrics(spvmodel.solve(abilene))
    assert "take-out" in found["min_llcr"].note and "revenue" in found["min_plcr"].note
    assert found["avg_dscr_total"].value > 1 and "total service" in found["avg_dscr_total"].note


def test_runs_differ_by_case_and_by_inputs(abilene: Model) -> None:
    runs = [
        spvmodel.solve(abilene),
        spvmodel.solve(abilene, "rent_minus_10"),
        spvmodel.solve(abilene, inputs={"rates.shift": 0.001}),
    ]
    documents = [spvmodel.report.document(run) for run in runs]
    assert len({content["run_id"] for content in documents}) == 3
    assert len({content["fingerprint"] for content in documents}) == 1
