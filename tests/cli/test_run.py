"""``spvmodel run``: what it writes and prints, and with which status it ends."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import openpyxl
import pytest

from spvmodel.cli import run as run_module
from tests.cli.conftest import Run, contents, write
from tests.deal.files import SMALL


def test_run_writes_workbook_report_and_data(run: Run, deal: Path, tmp_path: Path) -> None:
    result = run("run", deal)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "out" / "harbour"
    assert sorted(path.name for path in folder.iterdir()) == ["harbour.html", "harbour.json", "harbour.xlsx"]
    assert "Cover" in openpyxl.load_workbook(folder / "harbour.xlsx", read_only=True).sheetnames
    assert (folder / "harbour.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    lines = result.stdout.splitlines()
    assert lines[0] == "Harbour – Base case"
    assert any(line.split()[:4] == ["Debt", "commitments", "700.0", "USD"] for line in lines)
    assert any(line.startswith("LTV at maturity") and "states no value of the collateral" in line for line in lines)
    assert any(line.startswith("Minimum LLCR") and "maturity" in line for line in lines)
    assert lines[-1].startswith("Written: ") and "harbour.xlsx" in lines[-1]
    assert "\x1b" not in result.output


def test_two_runs_write_the_same_bytes(run: Run, deal: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert run("run", deal, "--out", folder, "--format", "xlsx,html,json,csv").exit_code == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_json_alone_is_printed_as_written(run: Run, deal: Path, tmp_path: Path) -> None:
    result = run("run", deal, "--format", "json", "--out", "o")
    assert result.exit_code == 0
    assert result.stdout.encode() == (tmp_path / "o" / "harbour.json").read_bytes()
    assert "Written: " in result.stderr
    content = json.loads(result.stdout)
    keys = {
        "deal",
        "case",
        "fingerprint",
        "version",
        "currency",
        "headline",
        "not_applicable",
        "sizing",
        "periods",
        "lines",
        "checks",
        "warnings",
    }
    assert set(content) == keys | {"run_id"}
    assert (content["deal"], content["case"], content["currency"]) == ("harbour", "base", "USD")
    assert content["headline"]["debt_commitment"] == 700.0
    assert content["headline"]["ltv_at_maturity"] is None
    year, month, day = map(int, content["headline"]["min_dscr_date"].split("-"))
    assert 2026 <= year <= 2041 and month in (3, 6, 9, 12) and day in (30, 31)
    assert content["periods"][0] == {
        "start": "2025-03-31", "end": "2025-06-30", "days": 91.0, "phase": "construction"
    }  # fmt: skip
    dscr = content["lines"]["ratios.dscr"]
    assert (dscr["label"], dscr["unit"], dscr["section"]) == ("DSCR", "x", "Ratios")
    assert len(dscr["values"]) == len(content["periods"]) and dscr["values"][0] is None
    uses = content["lines"]["funding.total_uses"]["value"]
    assert content["lines"]["funding.gearing"]["value"] == pytest.approx(700 / uses)
    assert content["lines"]["time.end"]["values"][0] == "2025-06-30"
    assert all(set(check) >= {"name", "passed", "value", "tolerance"} for check in content["checks"])
    assert not [name for name in content["lines"] if "@" in name]


def test_a_case_is_solved(run: Run, deal: Path, tmp_path: Path) -> None:
    rents = []
    for case in ("base", "low_rent"):
        content = json.loads(run("run", deal, "--format", "json", "--case", case).stdout)
        assert content["case"] == case
        rents.append(sum(content["lines"]["lease.rent_income"]["values"]))
    assert rents[1] == pytest.approx(0.9 * rents[0])


def test_csv_holds_lines_by_periods(run: Run, deal: Path, tmp_path: Path) -> None:
    assert run("run", deal, "--format", "csv,json", "--out", "o").exit_code == 0
    content = json.loads((tmp_path / "o" / "harbour.json").read_text(encoding="utf-8"))
    rows = list(csv.reader(io.StringIO((tmp_path / "o" / "harbour.csv").read_text(encoding="utf-8"))))
    ends = [period["end"] for period in content["periods"]]
    assert rows[0] == ["name", "label", "unit", "section", "value", "opening", *ends]
    assert [row[0] for row in rows[1:]] == list(content["lines"])
    cash = next(row for row in rows if row[0] == "ratios.cfads")
    assert [float(cell) for cell in cash[6:]] == content["lines"]["ratios.cfads"]["values"]
    cover = next(row for row in rows if row[0] == "ratios.dscr")
    assert cover[6] == ""
    first = next(row for row in rows if row[0] == "time.end")
    assert first[5] == "2025-03-31"


def test_csv_text_is_no_formula(run: Run, tmp_path: Path) -> None:
    deal = write(tmp_path, SMALL.replace("label: Hall\n", "label: '=1+1'\n"))
    assert run("run", deal, "--format", "csv", "--out", "o").exit_code == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "o" / "harbour.csv").read_text(encoding="utf-8"))))
    labels = [row[1] for row in rows]
    assert any("=1+1" in label for label in labels)
    assert not [label for label in labels if label.startswith(("=", "+", "-", "@"))]


def test_parquet_needs_pyarrow(run: Run, deal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "find_spec", lambda name: None)
    result = run("run", deal, "--format", "json,parquet")
    assert result.exit_code == 2
    assert "pyarrow" in result.stderr
    assert not (tmp_path / "out").exists()


def test_parquet_is_a_row_per_period(run: Run, deal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[str, Any] = {}

    def write_table(table: dict[str, list[Any]], path: Path) -> None:
        written.update(table)
        path.write_bytes(b"PAR1")

    arrow, parquet = ModuleType("pyarrow"), ModuleType("pyarrow.parquet")
    monkeypatch.setattr(arrow, "table", lambda columns: columns, raising=False)
    monkeypatch.setattr(parquet, "write_table", write_table, raising=False)
    monkeypatch.setattr(run_module, "find_spec", lambda name: SimpleNamespace())
    monkeypatch.setitem(sys.modules, "pyarrow", arrow)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)
    result = run("run", deal, "--format", "parquet")
    assert result.exit_code == 0, result.output
    assert written["end"][0] == "2025-06-30"
    assert len(written["ratios.dscr"]) == len(written["end"]) and written["ratios.dscr"][0] is None
    assert "funding.gearing" not in written


def test_a_failed_check_is_not_exported(run: Run, failing: Path, tmp_path: Path) -> None:
    result = run("run", failing)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Check failed: " in result.stderr and "--force" in result.stderr
    assert not (tmp_path / "out").exists()


def test_force_exports_the_failure_on_the_first_page(run: Run, failing: Path, tmp_path: Path) -> None:
    result = run("run", failing, "--force", "--out", "o", "--format", "html,json")
    assert result.exit_code == 1
    assert "Check failed: " in result.stderr
    page = (tmp_path / "o" / "harbour.html").read_text(encoding="utf-8")
    head = page[: page.index("<main>")]
    assert "This model fails its integrity checks." in head
    assert not all(check["passed"] for check in json.loads((tmp_path / "o" / "harbour.json").read_text())["checks"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--case", "low_rents"], "There is no case 'low_rents'. Allowed: base, low_rent. Did you mean 'low_rent'?"),
        (["--format", "pdf"], "'pdf' is not one of xlsx, html, json, csv, parquet"),
        (["--format", ""], "'' is not one of"),
        (["--depth", "3"], "No such option"),
    ],
)
def test_wrong_usage_writes_nothing(run: Run, deal: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    result = run("run", deal, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr and result.stdout == ""
    assert not (tmp_path / "out").exists()
