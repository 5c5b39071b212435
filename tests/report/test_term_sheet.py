"""The term sheet as readers see it: sizing, ranks, hedges, and nothing of what a deal does not have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report import debt, document, tables
from spvmodel.report.headline import headline
from spvmodel.report.html import render
from spvmodel.report.sizing import sized
from spvmodel.report.view import Table, View
from tests.report.pages import Page

DEALS = Path(__file__).parents[1] / "deals"
BINDING = {
    "base": "dscr", "downside_binds": "downside", "llcr_binds": "llcr", "plcr_binds": "plcr", "ltv_binds": "ltv",
    "debt_yield_binds": "debt_yield", "amount_binds": "amount", "wal_binds": "wal", "tail_binds": "tail",
    "cost_binds": "cost",
}  # fmt: skip


def _solve(name: str, case: str = "base") -> Result:
    return spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / f"{name}.yaml")), case)


def _row(table: Table, label: str) -> list[str]:
    return next(list(row.cells) for row in table.rows if row.label == label)


@pytest.fixture(scope="module")
def model() -> spvmodel.Model:
    """The deal whose loan is sized."""
    return spvmodel.build(spvmodel.load(DEALS / "sized.yaml"))


@pytest.fixture(scope="module")
def tranches() -> View:
    """The deal of every rank."""
    return View(_solve("tranches"))


@pytest.mark.parametrize("case", BINDING)
def test_sizing_is_told_in_json_and_in_the_table(model: spvmodel.Model, case: str) -> None:
    result = spvmodel.solve(model, case)
    told = document(result)["sizing"]["loan"]
    assert told["binding"] == BINDING[case]
    limits = told["constraints"]
    capacities = [limit["capacity"] for limit in limits.values() if limit["capacity"] is not None]
    assert told["size"] == min(capacities) == limits[told["binding"]]["capacity"] == result.scalar("debt.loan.amount")
    for limit in limits.values():
        if limit["capacity"] is None:
            assert limit["headroom"] is None
        else:
            assert limit["headroom"] == pytest.approx(limit["capacity"] - told["size"], abs=1e-9)
    (table,) = debt.sizing(View(result))
    states = {row.label: row.cells[-1] for row in table.rows}
    assert [label for label, state in states.items() if state == "binds"] == [limits[told["binding"]]["label"]]
    (following,) = [label for label, state in states.items() if state == "next"]
    second = next(limit for limit in limits.values() if limit["label"] == following)
    others = [limit["headroom"] for key, limit in limits.items() if key != told["binding"]]
    assert second["headroom"] == min(room for room in others if room is not None)


def test_a_constraint_that_limits_nothing_says_so(model: spvmodel.Model) -> None:
    result = spvmodel.solve(model)
    idle = [limit.label for one in sized(result) for limit in one.constraints if not limit.limits]
    assert idle == ["WAL", "Tail"]
    (table,) = debt.sizing(View(result))
    assert _row(table, "WAL") == ["144 months", "", "", "met whatever the size"]
    assert _row(table, "DSCR")[0] == "1.30x"


def test_the_headline_names_the_constraint_and_the_next(model: spvmodel.Model) -> None:
    metric = next(metric for metric in headline(spvmodel.solve(model)) if metric.key == "binding_constraint")
    assert metric.names[int(metric.value) - 1] == "DSCR"
    assert metric.note.startswith("Term loan, next DSCR of the downside, headroom ")


def test_a_take_out_with_constraints_is_sized_too() -> None:
    result = _solve("refinanced")
    told = document(result)["sizing"]["takeout"]
    assert told["binding"] == "dscr" and told["size"] == result.scalar("debt.takeout.capacity")
    assert told["constraints"]["ltv"]["capacity"] == 750.0


def test_deals_whose_loans_are_given_have_no_sizing(tranches: View) -> None:
    assert document(tranches.result)["sizing"] == {}
    assert debt.sizing(tranches) == []


def test_terms_that_a_deal_does_not_have_are_not_told(tranches: View) -> None:
    """A floor, a balloon or a fee that is stated nowhere and is 0 in the case; one loan that has it shows the row."""
    table = debt.loan_terms(tranches)
    assert table is not None
    inputs, loans = tranches.model.inputs, list(table.head)
    fees = {name.split(".")[1]: given for name, given in inputs.items() if name.endswith(".upfront_fee")}
    assert any(given.status == "default" for given in fees.values())
    assert "Floor of the base rate" not in [row.label for row in table.rows]
    told = dict(zip([name.removesuffix(".upfront_fee") for name in fees], _row(table, "Upfront fee"), strict=True))
    assert len(told) == len(loans)
    assert {loan for loan, words in told.items() if words} == {
        loan for loan, given in fees.items() if given.status != "default"
    }


def test_terms_tell_rank_profile_and_day_count(tranches: View) -> None:
    table = debt.loan_terms(tranches)
    assert table is not None
    assert _row(table, "Rank") == ["senior", "senior", "second lien", "mezzanine", "holdco", "shareholder"]
    assert _row(table, "PIK share") == ["", "", "", "40.00%", "", ""]
    assert set(_row(table, "Profile")) == {"mortgage"} and set(_row(table, "Day count")) == {"ACT/360"}


def test_every_loan_is_a_corkscrew_and_ranks_are_told(tranches: View) -> None:
    table, ranks = debt.balances(tranches), debt.by_rank(tranches)
    assert table is not None and ranks is not None
    loans = [name.split(".")[1] for name in tranches.model.lines if name.endswith(".pattern_opening")]
    assert [row.label for row in table.rows if row.kind == "group"] == [
        *(tranches.entry_label(f"debt.{loan}") for loan in loans), "All loans"
    ]  # fmt: skip
    assert [row.label for row in ranks.rows if row.kind == "group"] == [
        "Senior", "Second lien", "Mezzanine", "Holdco", "Shareholder loans", "Scheduled, balloons left out"
    ]  # fmt: skip


def test_sweep_and_added_interest_stand_where_they_come(tranches: View) -> None:
    table = tables.waterfall(tranches)
    assert table is not None
    order = [row.label for row in table.rows if row.kind == "group"]
    assert order.index("Mezzanine principal") < order.index("Cash sweep") < order.index("Holdco interest")
    names = [row.name for row in table.rows]
    assert names.index("waterfall.mezzanine_interest.due") < names.index("debt.mezzanine.pik")
    assert names.index("debt.mezzanine.pik") < names.index("waterfall.mezzanine_principal.due")
    assert names.index("waterfall.sweep.cash_left") < names.index("waterfall.upstream")
    assert "commitment and agency fees" in table.note.lower()


def test_cash_left_goes_on_from_step_to_step(tranches: View) -> None:
    """Between two steps the table shows what comes in: cash left less the next step's paid is its cash left."""
    table = tables.waterfall(tranches)
    assert table is not None
    cash: list[float] = []
    paid: list[float] = []
    steps = 0
    for row in table.rows:
        values = [0.0 if cell == "–" else float(cell.replace(",", "")) for cell in row.cells]
        if row.kind == "total":
            if row.name.endswith(".cash_left") and row.name != "waterfall.sweep.cash_left":
                assert values == pytest.approx([a - b for a, b in zip(cash, paid, strict=True)], abs=0.0151)
                steps += 1
            cash = values
        elif row.name.endswith(".paid"):
            paid = values
    assert steps > 10


def test_hedges_have_terms_and_years() -> None:
    view = View(_solve("hedged"))
    terms, years = tables.terms(view, "hedge", "", by_entry=False), debt.hedges(view)
    assert terms is not None and years is not None
    assert _row(terms, "Kind") == ["swap", "cap", "swap"]
    assert _row(terms, "Loan") == ["North loan", "South loan", "South loan"]
    assert any(row.name == "hedge.south_swap.break_cost" for row in years.rows)
    table = debt.loan_terms(view)
    assert table is not None and not any("a dated value" in row.label for row in table.rows)


def test_triggers_have_terms_and_the_periods_they_are_on() -> None:
    result = _solve("triggers")
    table = debt.triggers(View(result))
    assert table is not None
    names = ["weak", "weaker", "yield", "leverage", "downgrade", "upgrade"]
    assert list(table.head) == [result.model.about["structure"][f"trigger.{n}.label"][1] for n in names]  # type: ignore[index]
    assert _row(table, "DSCR below") == ["1.25x", "1.15x", "", "", "", ""]
    assert _row(table, "Step of the margin") == ["1.00% p.a.", "0.50% p.a.", "", "0.25% p.a.", "", "-0.25% p.a."]
    assert _row(table, "Loans") == ["", "Senior loan", "", "Senior loan", "", "Second loan"]
    assert _row(table, "Blocks distributions") == ["", "yes", "", "", "", ""]
    assert _row(table, "Event") == ["", "", "", "", "2026-05-15", "2028-10-01"]
    assert _row(table, "DSRA months while on") == ["", "", "", "", "7 months", ""]
    on = [sum(result.series(f"trigger.{name}.active")) for name in names]
    assert _row(table, "Periods on") == [f"{count:.0f}" for count in on]
    assert min(on) > 0 and len(set(on)) > 3
    loans = debt.loan_terms(View(result))
    assert loans is not None and _row(loans, "Default interest") == ["2.00% p.a.", ""]
    assert "Weaker cover" in render(result)
    assert debt.triggers(View(_solve("sweep"))) is None


@pytest.mark.parametrize("name", ["toll", "tranches", "hedged", "plant", "works", "sized", "refinanced"])
def test_pages_are_well_formed_and_have_no_empty_table(name: str) -> None:
    text = render(_solve(name))
    assert Page(text).faults == []
    assert not re.search(r"<tbody>\s*</tbody>", text)


def test_a_road_is_not_let() -> None:
    text = render(_solve("toll"))
    for word in ("rent", "lease", "tenant", "buildings"):
        assert f" {word} " not in text.lower() and f">{word}" not in text.lower(), word


def test_no_covenant_shows_no_level() -> None:
    text = render(_solve("toll"))
    assert "the deal file sets no level" in text
    assert "Headroom over lock-up" not in text.partition("Cover ratios by period")[2].partition("</table>")[0]
