"""Models the finance tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal import Deal
from spvmodel.lines import Model

FOLDER = Path(__file__).parents[1] / "deals"
DEALS = {"abilene": "abilene"} | {name: str(FOLDER / f"{name}.yaml") for name in ("workshop", "toll")}


@pytest.fixture(scope="session", params=sorted(DEALS))
def deal(request: pytest.FixtureRequest) -> Deal:
    """Each deal of the tests."""
    return spvmodel.load(DEALS[request.param])


@pytest.fixture(scope="session")
def model(deal: Deal) -> Model:
    """Its model."""
    return spvmodel.build(deal)


@pytest.fixture(scope="session")
def abilene() -> Model:
    """The shipped campus."""
    return spvmodel.build(spvmodel.load("abilene"))
