"""The report of every deal that ships or that tests use: whatever sections a deal leaves out, its page is whole."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result
from spvmodel.lines import Model
from spvmodel.report.html import render
from tests.report.pages import Page

TESTS = Path(__file__).parents[1] / "deals"
FOLDERS = (resources.models(), TESTS, TESTS / "sam")
DEALS = {path.stem: path for folder in FOLDERS for path in sorted(folder.glob("*.yaml"))}
DEFAULT = "enforcement.default_date"


def shown(model: Model) -> list[Result]:
    """The base case, and the first case in which lenders enforce."""
    results = [spvmodel.solve(model)]
    if DEFAULT in model.lines:
        cases = (spvmodel.solve(model, case) for case in model.cases if case != "base")
        results += [result for result in cases if not math.isnan(result.scalar(DEFAULT))][:1]
    return results


@pytest.mark.parametrize("name", DEALS)
def test_the_report_of_every_deal_is_whole(name: str) -> None:
    for result in shown(spvmodel.build(spvmodel.load(DEALS[name]))):
        page = Page(render(result))
        assert page.faults == []
        assert result.case == "base" or "Enforcement in this case" in page.text
