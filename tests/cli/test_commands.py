"""``list``, ``show``, ``check``, ``cases`` and ``schema``."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import Run, write
from tests.deal.files import SMALL, place


def test_list(run: Run) -> None:
    deals = json.loads(run("list", "--format", "json").stdout)
    assert {"deal": "abilene", "title": "Stargate I, Abilene, Texas", "as_of": "2025-11-30"} in deals
    text = run("list").stdout.splitlines()
    assert text[0].split() == ["Deal", "Title", "As", "of"]
    assert len(text) == len(deals) + 1


def test_show_as_data(run: Run, deal: Path) -> None:
    content = json.loads(run("show", deal, "--format", "json").stdout)
    assert content["parties"] == {"Borrower": "Harbour LLC"}
    assert content["inputs"]["debt.senior.commitment"] == {
        "label": "Commitment, Senior loan",
        "value": 700.0,
        "unit": "money",
        "text": "700",
        "status": "filed",
        "source": "S1",
        "note": "Section 2.1",
        "as_of": "2025-03-31",
        "line": int(place(SMALL, "{value: 700").partition(":")[0]),
    }
    assert content["inputs"]["rates.curve"]["value"] == {"2025-01-01": 0.043, "2027-01-01": 0.031}
    assert content["inputs"]["time.close"]["value"] == "2025-03-31"
    assert content["inputs"]["debt.senior.floor"]["status"] == "default"
    assert content["sources"]["S1"]["title"] == "Term sheet of March 2025"
    low = json.loads(run("show", deal, "--case", "low_rent", "--format", "json").stdout)
    assert low["inputs"]["lease.hall.rent"]["value"] == 108.0


def test_show_as_text(run: Run, deal: Path) -> None:
    result = run("show", deal)
    assert result.exit_code == 0 and result.stderr == ""
    row = next(line for line in result.stdout.splitlines() if line.startswith("debt.senior.commitment"))
    assert row.split()[1:4] == ["700", "filed", "S1"] and row.endswith("Section 2.1")
    assert run("show", deal, "--case", "none").exit_code == 2


def test_check_of_a_sound_deal(run: Run, deal: Path) -> None:
    result = run("check", deal)
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [["base", "passed"], ["low_rent", "passed"]]
    content = json.loads(run("check", deal, "--format", "json").stdout)
    assert content["passed"] is True and list(content["cases"]) == ["base", "low_rent"]
    assert all(check["passed"] for check in content["cases"]["base"]["checks"])


def test_check_of_a_failing_deal(run: Run, failing: Path) -> None:
    result = run("check", failing)
    assert result.exit_code == 1
    assert "FAILED" in result.stdout and "Failed in base: " in result.stdout
    result = run("check", failing, "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["passed"] is False


def test_cases(run: Run, deal: Path) -> None:
    result = run("cases", deal, "--format", "json")
    assert result.exit_code == 0
    cases = json.loads(result.stdout)["cases"]
    assert list(cases) == ["base", "low_rent"]
    assert cases["low_rent"]["headline"]["min_dscr"] == pytest.approx(
        0.9 * cases["base"]["headline"]["min_dscr"], rel=0.05
    )
    text = run("cases", deal).stdout.splitlines()
    head = "Case Min DSCR on Lock-up DSRA draws Balloon Refi shortfall Equity IRR First breach Checks"
    assert " ".join(text[2].split()) == head
    assert text[3].startswith("base ") and text[3].endswith("passed")


def test_first_breach(run: Run, tmp_path: Path) -> None:
    """The rent falls so far that the lock-up test fails, and in the deeper case the default test too."""
    more = SMALL + (
        "  locked:\n    label: Locked\n    description: Below lock-up.\n    set:\n      covenants.lockup_dscr: 9x\n"
        "  default:\n    label: Default\n    description: Below default.\n    set:\n"
        "      covenants.lockup_dscr: 9x\n      covenants.default_dscr: 8x\n"
    )
    cases = json.loads(run("cases", write(tmp_path, more), "--format", "json").stdout)["cases"]
    assert cases["locked"]["first_breach"]["covenant"] == "lock-up"
    assert cases["default"]["first_breach"] is not None
    assert cases["locked"]["first_breach"]["date"] <= cases["default"]["first_breach"]["date"] or (
        cases["default"]["first_breach"]["covenant"] == "default"
    )


def test_schema_describes_deal_files(run: Run) -> None:
    result = run("schema")
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    validator = jsonschema.validators.validator_for(schema)(schema)
    plain = as_json(YAML(typ="safe", pure=True).load(SMALL))
    assert [error.message for error in validator.iter_errors(plain)] == []
    plain["debt"]["senior"]["marginn"] = "1%"
    assert [error.message for error in validator.iter_errors(plain)] != []


def as_json(content: Any) -> Any:
    """YAML content as an editor sees it: dates are texts, in keys too."""
    if isinstance(content, dict):
        return {str(key): as_json(value) for key, value in content.items()}
    if isinstance(content, list):
        return [as_json(value) for value in content]
    return content.isoformat() if isinstance(content, date) else content
