"""Bad input: the message with its place, exit status 2, and outputs as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from tests.cli.conftest import Run, contents, write
from tests.deal.files import SMALL, place, spoiled

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def bad(old: str, new: str, at: str, says: str) -> tuple[str, str]:
    """A spoiled deal file, and what the message says at the place of ``at``."""
    text = spoiled(old, new)
    return text, f"deal.yaml:{place(text, at)}: {says}"


MATURITY = "    maturity: 2031-03-31"
SIZE = "    commitment: {value: 700, source: S1, status: filed, note: Section 2.1, as_of: 2025-03-31}\n"
PROFILE = SMALL[SMALL.index("      profile: mortgage\n") : SMALL.index(MATURITY)]
AMOUNTS = "      profile: custom amounts\n      amounts: {2027-12-31: 699}\n"
SHARES = "    profile: table\n    table: {2025-06-30: 50%, 2025-12-31: 49%}\n"
STEPS = "    margin: 250 bp\n    margin_steps: {2029-01-01: 3%, 2028-01-01: 4%}"
SWEEP = "sweep: {share: 50%, order: [senor]}\nreserves:"
BAD: dict[str, tuple[str | bytes, str]] = {
    "unknown key": bad("    margin: 250 bp", "    marginn: 250 bp", "marginn", "unknown key 'marginn' in debt.senior."),
    "nearest key": (spoiled("    margin: 250 bp", "    marginn: 250 bp"), "Did you mean 'margin'?"),
    "wrong type": bad("    capacity: 100 MW", "    capacity: [1, 2]", "[1, 2]", ""),
    "missing key": bad("    maturity: 2031-03-31\n", "", "senior:", "missing key 'maturity' in debt.senior."),
    "no budget": bad("    budget: 1,000\n", "", "spending_start", "building 'hall' has spending_start and no budget."),
    "duplicate key": bad(MATURITY, f"{MATURITY}\n    maturity : 2030-03-31", "maturity :", ""),
    "syntax": bad("currency: USD", "currency: [USD", ": 2025-11-30", "this is not valid YAML"),
    "unknown source": bad("source: S1", "source: S9", "S9", "unknown source 'S9'. Allowed: "),
    "negative amount": bad("budget: 1,000", "budget: -1,000", "-1,000", ""),
    "absurd amount": bad("budget: 1,000", "budget: 99999999999", "99999999999", ""),
    "share out of range": bad(MATURITY, f"{MATURITY}\n    upfront_fee: 130%", "130%", ""),
    "maturity before close": bad("maturity: 2031-03-31", "maturity: 2024-03-31", "2024-03-31", "Maturity, Senior loan"),
    "lease ends before it begins": bad("term: 15 years", "expiry: 2026-01-31", "2026-01-31", "Expiry, Hall lease"),
    "draws beyond commitment": bad(MATURITY, f"{MATURITY}\n    draws: {{2025-04-15: 900}}", "{2025-04", ""),
    "case spoils a date": bad(
        "      lease.hall.rent: $108/kW-month", "      debt.senior.maturity: 2024-01-01", "2024-01-01", ""
    ),
    "shares that do not sum": bad(
        "    spending_start: 2025-04-01\n    spending_end: 2026-06-30\n",
        SHARES,
        "{2025-06",
        "Table of spending, Hall sums",
    ),
    "schedule that does not repay": bad(
        PROFILE, AMOUNTS, "{2027-12", "the schedule of Senior loan repays 699.000000 of"
    ),
    "maturity outside the timeline": bad(
        "maturity: 2031-03-31", "maturity: 2049-03-31", "2049", "Maturity, Senior loan"
    ),
    "curve that ends too early": bad(
        "  curve:\n", "  until: 2028-12-31\n  curve:\n", "2025-01-01", "the base rate path ends on 2028-12-31"
    ),
    "margin steps out of order": bad("    margin: 250 bp", STEPS, "2028-01-01", "the date 2028-01-01 does not follow"),
    "sweep of an unknown loan": bad(
        "reserves:", SWEEP, "senor", "unknown debt 'senor'. Allowed: an entry of debt (senior)"
    ),
    "constraints that leave no debt": bad(
        SIZE,
        "    sizing: {amount: 0, gearing: 70%}\n",
        "0, gearing",
        "Senior loan can lend nothing: the constraint 'Amount'",
    ),
    "empty": ("", "deal.yaml:1:1: the file is empty."),
    "binary": (b"\x00\x01\x02\xff\xfe" * 50, "deal.yaml:1:4: the file is not text in UTF-8."),
    "50 MB": (b"# x\n" * 13_107_200, "1 MB"),
    "aliases that explode": (BOMB, "alias"),
    "tag": bad("title: Harbour", "title: !!python/object/apply:os.system ['true']", "!!python", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_deal_files(run: Run, tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    write(tmp_path, SMALL)
    assert run("run", "deal.yaml", "--format", "html,json", "--out", "o").exit_code == 0
    before = contents(tmp_path / "o")
    write(tmp_path, content)
    for command in (["run", "deal.yaml", "--out", "o"], ["check", "deal.yaml", "--format", "json"]):
        result = run(*command)
        assert result.exit_code == 2, result.output
        assert message in result.stderr, result.stderr
        assert all(len(line) > len("deal.yaml:00:00: ") + 10 for line in result.stderr.splitlines())
        assert all(line.startswith("deal.yaml:") for line in result.stderr.splitlines())
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
    assert contents(tmp_path / "o") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deal.yaml", "o"]


@pytest.mark.parametrize("name", ["../abilene", "abilene/../abilene", "no/such.yaml", "abilen", "", "a\0b", "."])
def test_names_that_are_no_deal(run: Run, tmp_path: Path, name: str) -> None:
    for command in ("run", "check", "show", "cases"):
        result = run(command, name)
        assert result.exit_code == 2, (command, result.output)
        assert result.stdout == "" and result.stderr
    assert list(tmp_path.iterdir()) == []


def test_several_errors_are_reported_at_once(run: Run, tmp_path: Path) -> None:
    text = spoiled("    margin: 250 bp", "    margin: 900%").replace("    budget: 1,000", "    budget: -1")
    result = run("check", write(tmp_path, text).name)
    places = [line.split(": ")[0] for line in result.stderr.splitlines()]
    assert places == [f"deal.yaml:{place(text, bad)}" for bad in ("-1\n", "900%")]


def test_a_case_without_a_value_is_bad_input(
    run: Run, deal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def divide_by_zero(*_: object) -> None:
        raise spvmodel.SolveError("debt.senior.payment_factor", "division by zero")

    monkeypatch.setattr(spvmodel, "solve", divide_by_zero, raising=False)
    result = run("run", deal)
    assert result.exit_code == 2
    assert "Case base: " in result.stderr and "cannot be computed" in result.stderr
    assert not (tmp_path / "out").exists()
