"""Value and recovery in the report: values by method, recovery by date and tranche, the default of the case."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.report.charts import figures
from spvmodel.report.html import render
from spvmodel.report.recovery import Recovery, recovery
from spvmodel.report.view import Table, View
from tests.report.pages import Page
from tests.report.toy import solved

DEALS = Path(__file__).parents[1] / "deals"
MODEL = spvmodel.build(spvmodel.load(DEALS / "enforced.yaml"))


@pytest.fixture(scope="module")
def result() -> Result:
    return spvmodel.solve(MODEL)


def section(result: Result) -> Recovery:
    found = recovery(View(result))
    assert found is not None
    return found


def row(table: Table, label: str, after: str = "") -> list[str]:
    start = [line.label for line in table.rows].index(after) if after else 0
    return next(list(line.cells) for line in table.rows[start:] if line.label == label)


def test_values_by_each_method(result: Result) -> None:
    """24 m of rent a year at 8% are 300 m; 10 MW at 22 m are 220 m; dark 60 m; debt of 150 m at completion."""
    table = section(result).values
    assert table is not None
    year = list(table.head).index("2027")
    assert row(table, "Value by capitalisation rate")[year] == "300.00"
    assert row(table, "Value per MW")[year] == "220.00"
    assert row(table, "Dark value")[year] == "60.00"
    assert row(table, "LTV")[year] == "50.00%"
    assert row(table, "LTV, dark value")[year] == "250.00%"


def test_recovery_by_date_is_that_of_the_lines(result: Result) -> None:
    """Periods are years: the table is the lines themselves, and claims are recovered or lost."""
    table = section(result).by_date
    shown = [cell for cell in row(table, "Loss")[1:] if cell != "–"]
    lost = [value for value in result.series("recovery.loss") if value > 0.005]
    assert shown == [f"{value:.2f}" for value in lost]
    assert len(lost) == 4
    assert "Guarantee of the sponsor" in [line.label for line in table.rows]


def test_recovery_by_tranche(result: Result) -> None:
    table = section(result).by_tranche
    assert [line.label for line in table.rows if line.kind == "group"] == [
        "Senior loan",
        "Second lien",
        "Mezzanine loan",
    ]
    year = list(table.head).index("2027")
    assert row(table, "LGD", after="Senior loan")[year] == "0.00%"
    assert row(table, "Claim", after="Second lien")[year] == "32.40"
    second = result.series("recovery.second.lgd")[year]
    assert row(table, "LGD", after="Second lien")[year] == f"{second * 100:.2f}%"


def test_recourse_is_said(result: Result) -> None:
    said = section(result).recourse
    assert said.startswith("Recourse to sponsors: they have committed up to 20.00 USD m")
    text = (DEALS / "parties.yaml").read_text(encoding="utf-8")
    assert "support:" not in text
    bare = section(spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / "parties.yaml"))))
    assert bare.recourse.startswith("Recourse to sponsors: none.")


def test_a_case_that_pays_has_no_timetable(result: Result) -> None:
    assert section(result).default.startswith("In this case every payment is made") == math.isnan(
        result.scalar("enforcement.default_date")
    )


def test_a_case_that_defaults_has_its_timetable_and_waterfall() -> None:
    gone = spvmodel.solve(MODEL, case="gone")
    found = section(gone)
    assert found.own is not None and found.own_by_tranche is not None
    assert [line.label for line in found.own.rows[:3]] == ["Default", "Acceleration", "Sale"]
    # 52.92 of the sale, and what the tenant, the guarantor of the residual value and the sponsor pay.
    labels = [line.label for line in found.own.rows]
    parts = found.own.rows[labels.index("Proceeds") + 1 : labels.index("Costs of enforcement")]
    assert [line.cells[0] for line in parts] == ["52.92", "0.60", "10.00", "5.00"]
    assert all(line.label.startswith("Proceeds: ") for line in parts)
    assert "The tenant stays" not in found.default
    stays = section(spvmodel.solve(MODEL, case="unpaid_balloon"))
    assert "The tenant stays: the property is sold with its leases, at 300.00 USD m by the method" in stays.default
    assert row(found.own, "Lender loss")[0] == f"{gone.scalar('enforcement.lender_loss'):.2f}"
    claim, recovered, lost = (
        float(cell.replace(",", "").replace("–", "0")) for cell in row(found.own_by_tranche, "Total")
    )
    assert claim == pytest.approx(recovered + lost, abs=0.02)
    assert claim == pytest.approx(gone.scalar("enforcement.claim"), abs=0.01)
    assert found.default.startswith("In this case a payment is missed on ")


def test_a_loss_of_nothing_and_one_beyond_the_claims_are_explained(tmp_path: Path) -> None:
    """A dark hall that is worth nothing leaves 1 m of costs unpaid; one that is worth 500 m covers all."""
    text = (DEALS / "parties.yaml").read_text()
    told = []
    for worth in ("0m", "500m"):
        path = tmp_path / "parties.yaml"
        path.write_text(
            text.replace("dark: {amount: 35m}", f"dark: {{amount: {worth}}}").replace(
                "amount: 16m, expiry", "amount: 4m, expiry"
            )
        )
        solution = spvmodel.solve(spvmodel.build(spvmodel.load(path)))
        told.append((section(solution).default, solution.scalar("enforcement.lgd")))
    assert told[0][1] > 1
    assert told[0][0].endswith(
        "of their claims: all of these, and costs of enforcement of 1.00 that proceeds do not pay."
    )
    assert told[1][1] == 0
    assert "Lenders lose nothing: proceeds of 460." in told[1][0]


def test_charts_and_page(result: Result) -> None:
    drawn = figures(View(result))
    assert {"ltv", "recovery"} <= set(drawn)
    assert "The largest loss is 31.4 USD m, 2027-12-31." in drawn["recovery"].description
    page = Page(render(result))
    assert page.faults == []
    assert "Value and recovery" in page.text and "Refinancing and value" not in page.text


def test_no_section_without_enforcement() -> None:
    assert recovery(View(solved())) is None
    assert not {"ltv", "recovery"} & set(figures(View(solved())))
