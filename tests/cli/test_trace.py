"""``spvmodel trace``: formula, values, precedents, sources and cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

import spvmodel
from spvmodel.audit import Step, trace
from tests.cli.conftest import Run


def steps(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A step of the JSON of a trace and everything below it."""
    yield tree
    for below in tree["precedents"]:
        yield from steps(below)


def test_a_series_by_date_and_by_number(run: Run, deal: Path) -> None:
    content = json.loads(run("trace", deal, "ratios.cfads", "2027-12-31", "--format", "json").stdout)
    assert (content["name"], content["end"], content["unit"]) == ("ratios.cfads", "2027-12-31", "money")
    assert content["formula"] == "revenue.total - opex.total"
    rent = content["precedents"][0]
    assert rent["name"] == "revenue.total"
    assert rent["value"] == pytest.approx(100 * 1000 * 120 * 3 / 1e6)
    assert content["formula_in_values"].startswith(f"{rent['value']:.10g} - ")
    for period in (str(content["period"]), "2027-11-15", "2027-10-01"):
        assert json.loads(run("trace", deal, "ratios.cfads", period, "--format", "json").stdout) == content
    assert json.loads(run("trace", deal, "ratios.cfads", "2027-09-30", "--format", "json").stdout) != content


def test_down_to_inputs_with_their_sources(run: Run, deal: Path) -> None:
    text = run("trace", deal, "funding.gearing", "--depth", "20").stdout
    assert re.match(r"funding\.gearing = 0\.\d+   \[Funding!", text)
    assert "input (filed, S1: Term sheet of March 2025, 2025-03-31)" in text
    assert "note: Section 2.1" in text
    tree = json.loads(run("trace", deal, "funding.gearing", "--depth", "20", "--format", "json").stdout)
    found = next(step for step in steps(tree) if step["name"] == "debt.senior.commitment")
    assert found["input"]["source_title"] == "Term sheet of March 2025"
    assert found["input"]["set_by_case"] is False
    tree = json.loads(run("trace", deal, "lease.hall.annual_rent", "--depth", "20", "--format", "json").stdout)
    ends = [step for step in steps(tree) if not step["precedents"]]
    assert {step["name"] for step in ends} == {"lease.hall.rent", "building.hall.capacity"}
    assert all("input" in step for step in ends)


def test_depth(run: Run, deal: Path) -> None:
    trees = [
        json.loads(run("trace", deal, "debt.service", "20", "--depth", str(depth), "--format", "json").stdout)
        for depth in (0, 1, 2)
    ]
    counts = [len(list(steps(tree))) for tree in trees]
    assert counts[0] == 1 and counts == sorted(set(counts))


def test_what_a_case_sets_is_marked(run: Run, deal: Path) -> None:
    result = run("trace", deal, "lease.hall.rent", "--case", "low_rent")
    assert "lease.hall.rent = 108 USD/kW/month" in result.stdout
    assert "set by the case; the base value is $120/kW-month" in result.stdout


def test_the_minimum_is_followed_where_it_is(run: Run, deal: Path) -> None:
    tree = json.loads(run("trace", deal, "ratios.min_dscr", "--depth", "1", "--format", "json").stdout)
    (dscr,) = tree["precedents"]
    assert dscr["value"] == tree["value"]
    assert dscr["read"].startswith("the lowest of ")


def test_a_window_names_its_periods(run: Run, deal: Path) -> None:
    tree = json.loads(
        run("trace", deal, "ratios.cfads_behind", "2028-12-31", "--depth", "1", "--format", "json").stdout
    )
    flow = tree["precedents"][0]
    assert flow["read"] == "one of 4 periods, which end 2028-03-31 to 2028-12-31"
    parts = [float(part) for part in tree["formula_in_values"].split(" + ")]
    assert len(parts) == 4 and sum(parts) == pytest.approx(tree["value"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ratios.dcsr", "20"], "There is no line 'ratios.dcsr'. Did you mean ratios.dscr"),
        (["ratios.dscr"], "Ratios.dscr has a value in every period: give one, as a date or a number."),
        (["ratios.dscr", "2019-01-01"], "No period contains 2019-01-01: they run from 2025-03-31 to 2041-12-31."),
        (["ratios.dscr", "999"], "There is no period 999: they run from 1 to 67."),
        (["ratios.dscr", "0"], "There is no period 0"),
        (["ratios.dscr", "soon"], "'soon' is neither a period number nor a date such as 2041-12-31."),
        (["ratios.dscr", "20", "--depth", "-1"], "Invalid value for '--depth'"),
    ],
)
def test_wrong_questions(run: Run, deal: Path, arguments: list[str], message: str) -> None:
    result = run("trace", deal, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr and result.stdout == ""


def test_numbers_are_those_of_the_workbook(run: Run, tmp_path: Path) -> None:
    """Every number of a deep trace of the shipped deal stands in the cell that the trace names."""
    result = run("trace", "abilene", "ratios.dscr", "2030-12-31", "--depth", "4", "--format", "json")
    assert result.exit_code == 0, result.output
    found = list(steps(json.loads(result.stdout)))
    solved = spvmodel.solve(spvmodel.build(spvmodel.load("abilene")))
    spvmodel.write_workbook(solved, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert len(found) > 20
    assert any(step.get("input", {}).get("source") for step in found)
    for step in found:
        cell = value_in(book, step["cell"])
        if step["value"] is None:
            assert cell == "n/a"
        elif step["unit"] == "date":
            assert cell.date().isoformat() == step["value"]
        else:
            assert cell == pytest.approx(step["value"], rel=1e-12, abs=1e-12)


def value_in(book: Workbook, cell: str) -> Any:
    """The value stored in a cell written as ``Sheet!A1``."""
    sheet, _, where = cell.rpartition("!")
    return book[sheet.strip("'")][where].value


def test_a_value_is_followed_once_and_nearest_the_root(deal: Path) -> None:
    result = spvmodel.solve(spvmodel.build(spvmodel.load(deal)))
    followed: list[tuple[tuple[str, int | None], int]] = []
    levels: dict[tuple[str, int | None], list[int]] = {}

    def collect(step: Step, level: int) -> None:
        value = step.name, step.period
        levels.setdefault(value, []).append(level)
        if step.precedents:
            followed.append((value, level))
        for below in step.precedents:
            collect(below, level + 1)

    collect(trace(result, "ratios.dscr", 20, depth=60), 0)
    assert len(followed) > 50
    assert len(followed) == len({value for value, _ in followed})
    assert all(level == min(levels[value]) for value, level in followed)
