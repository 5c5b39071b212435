"""The lights of the first page: what is red, what is a warning, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result, solve
from spvmodel.lines import Graph, Input, Model, Number, serial
from spvmodel.report.assumptions import Book, book
from spvmodel.report.verdict import Light, lights
from spvmodel.report.view import View
from tests.deal.files import SMALL, load_text
from tests.report.toy import solved

ENDS = tuple(float(serial(date(2025, month, 28))) for month in (3, 6, 9))


@pytest.fixture(scope="module")
def abilene() -> Model:
    """The shipped deal."""
    return spvmodel.build(spvmodel.load("abilene"))


def of(result: Result) -> dict[str, Light]:
    """The lights of a result by subject."""
    view = View(result)
    return {light.subject: light for light in lights(view, book(view))}


def outcome(
    series: Mapping[str, tuple[float, float, float]],
    scalars: Mapping[str, float],
    headline: Mapping[str, str],
    alerts: tuple[str, ...] = (),
) -> dict[str, Light]:
    """The lights of a model whose outcomes are typed in: lines of three periods, single values, alerts raised."""
    g = Graph()
    with g.place("Inputs", "Outcome"):
        g.input(Input("time.end", ENDS, "", "", "fixed"), "Period end", "date")
        for name, row in series.items():
            g.input(Input(name, row, "", "", "fixed"), name, "flag" if name.startswith("covenants.") else "money")
        for name, value in scalars.items():
            g.input(Input(name, value, "", "", "fixed"), name, "x" if name.startswith("ratios.") else "money")
        for name in alerts:
            g.alert(name, Number(1), name)
    result = solve(replace(g.compile(3, dict(headline)), about={"currency": "EUR"}))
    return {light.subject: light for light in lights(View(result), Book({}, {}))}


def test_a_sound_toy() -> None:
    states = {subject: light.state for subject, light in of(solved()).items()}
    sound = {"Model checks": "good", "Debt service": "good", "Covenants": "good"}
    assert states == sound | {"Alerts": "watch", "Data": "watch"}
    assert of(solved(fails=True))["Model checks"].state == "bad"


def test_a_payment_default_is_bad() -> None:
    found = of(solved("low"))
    assert found["Debt service"] == Light(
        "bad", "Debt service", "payment default in 6 of 8 periods, first on 2025-09-30"
    )
    assert "(scheduled service, arrears excluded)" in found["Covenants"].words
    assert "arrears" not in of(solved())["Covenants"].words


def test_stressed_cases_of_the_shipped_deal(abilene: Model) -> None:
    base = of(spvmodel.solve(abilene))
    assert (base["Refinancing"].state, base["Debt service"].state, base["Alerts"].state) == ("good", "good", "good")
    poor = of(spvmodel.solve(abilene, "rent_minus_10"))
    assert (poor["Refinancing"].state, poor["Debt service"].state, poor["Alerts"].state) == ("bad", "bad", "bad")
    deep = of(spvmodel.solve(abilene, inputs={f"lease.b{k}.rent": 40.0 for k in range(1, 9)}))
    assert deep["Covenants"].state == "bad"
    # The sale settles the loans: what they lose is the lenders' loss, and no longer owed.
    assert deep["Debt service"].state == "bad" and "never repaid" not in deep["Debt service"].words


def test_debt_never_repaid_is_bad_without_a_payment_default() -> None:
    never = {"alerts.owed_at_end": 12.0}
    found = outcome({"covenants.payment_default": (0, 0, 0)}, never, {}, ("alerts.never_repaid",))
    assert found["Debt service"] == Light("bad", "Debt service", "debt never repaid: 12.000 EUR m")
    assert found["Alerts"].state == "bad"


@pytest.mark.parametrize(
    ("alert", "state"),
    [
        ("alerts.payment_default", "bad"),
        ("alerts.default", "bad"),
        ("alerts.never_repaid", "bad"),
        ("alerts.lockup", "watch"),
        ("alerts.undrawn", "watch"),
        ("alerts.balloon_unfunded", "watch"),
    ],
)
def test_events_of_default_are_the_grave_alerts(alert: str, state: str) -> None:
    assert outcome({}, {}, {}, (alert,))["Alerts"].state == state


@pytest.mark.parametrize(
    ("unpaid", "shortfall", "light"),
    [
        ((0, 0, 0), None, Light("good", "Refinancing", "no take-out; balloons of 90.000 EUR m are paid from cash")),
        (
            (0, 60, 20),
            None,
            Light(
                "bad",
                "Refinancing",
                "no take-out; balloons of 90.000 EUR m, up to 60.000 EUR m of them not paid when due",
            ),
        ),
        ((0, 0, 0), 0.0, Light("good", "Refinancing", "the take-out repays every balloon")),
        ((0, 7, 0), 7.0, Light("bad", "Refinancing", "short by 7.000 EUR m")),
        (
            (0, 7, 0),
            0.0,
            Light("bad", "Refinancing", "balloons of 90.000 EUR m, up to 7.000 EUR m of them not paid when due"),
        ),
    ],
)
def test_balloons_against_what_was_paid(
    unpaid: tuple[float, float, float], shortfall: float | None, light: Light
) -> None:
    scalars, headline = {"debt.balloon_total": 90.0}, {"balloon": "debt.balloon_total"}
    if shortfall is not None:
        scalars["refinancing"] = shortfall
        headline["refinance_shortfall"] = "refinancing"
    assert outcome({"waterfall.balloon.shortfall": unpaid}, scalars, headline)["Refinancing"] == light


def test_a_deal_without_balloons_needs_no_refinancing() -> None:
    assert "Refinancing" not in outcome({}, {"debt.balloon_total": 0.0}, {"balloon": "debt.balloon_total"})


def test_a_bullet_without_a_takeout(tmp_path: Path) -> None:
    found = of(spvmodel.solve(spvmodel.build(load_text(SMALL, tmp_path))))
    assert found["Refinancing"].state == "bad" and found["Refinancing"].words.startswith("no take-out; balloons of ")
    assert found["Debt service"].state == "bad"
