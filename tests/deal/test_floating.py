"""Rates, margins and hedges of a deal file: rate paths from files, and what does not go together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import jsonschema
import pytest

from spvmodel.deal import DealError, json_schema, load
from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

PATH = "  curve:\n    2025-01-01: 4.30%\n    2027-01-01: 3.10%\n"
FROM_FILE = SMALL.replace(PATH, "  curve: {csv: sofr.csv}\n")
RATES = "date,rate\n2025-01-01,4.30%\n2027-01-01,3.10%\n2031-01-01,310 bp\n"


def with_file(content: str | bytes, folder: Path, text: str = FROM_FILE) -> Path:
    """A deal file and the rate path beside it."""
    (folder / "sofr.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "deal.yaml").write_text(text)
    return folder / "deal.yaml"


def faults(content: str | bytes, folder: Path, text: str = FROM_FILE) -> list[str]:
    """The lines of the error that a rate path is refused with."""
    with pytest.raises(DealError) as caught:
        load(with_file(content, folder, text))
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def test_a_path_from_a_file_is_the_path(tmp_path: Path) -> None:
    path = load(with_file(RATES, tmp_path)).inputs["rates.curve"]
    assert path.value == (
        (dt.date(2025, 1, 1), 0.043),
        (dt.date(2027, 1, 1), 0.031),
        (dt.date(2031, 1, 1), 0.031),
    )
    assert (path.file, path.text) == ("sofr.csv", "csv: sofr.csv")


def test_decimals_spaces_blank_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfDate, Rate\r\n2025-01-01, 0.043\r\n\r\n2031-01-01,2.5e-2\r\n"
    value = load(with_file(content, tmp_path)).inputs["rates.curve"].value
    assert value == ((dt.date(2025, 1, 1), 0.043), (dt.date(2031, 1, 1), 0.025))


def test_the_fingerprint_covers_the_values_of_the_file(tmp_path: Path) -> None:
    first = load(with_file(RATES, tmp_path)).fingerprint
    assert load(with_file(RATES.replace("310 bp", "3.10%"), tmp_path)).fingerprint == first
    assert load(with_file(RATES.replace("310 bp", "311 bp"), tmp_path)).fingerprint != first


def test_a_path_from_a_file_has_a_source_and_a_case_its_own(tmp_path: Path) -> None:
    text = FROM_FILE.replace("{csv: sofr.csv}", "{value: {csv: sofr.csv}, source: S1, status: filed}")
    text += "      rates.curve: {csv: high.csv}\n"
    (tmp_path / "high.csv").write_text("date,rate\n2025-01-01,7%\n2031-01-01,8%\n")
    deal = load(with_file(RATES, tmp_path, text))
    assert deal.inputs["rates.curve"].source == "S1"
    assert deal.values("low_rent")["rates.curve"].value[0] == (dt.date(2025, 1, 1), 0.07)


FAULTS = {
    "no header": ("2025-01-01,4.30%\n", "1:1: the file does not begin with its header"),
    "empty": ("", "1:1: the file does not begin with its header"),
    "no rate": ("date,rate\n\n", "1:1: the file holds no rate"),
    "no unit": ("date,rate\n2025-01-01,4.3\n", "2:12: '4.3' has no unit: is it per cent or basis points"),
    "no number": ("date,rate\n2025-01-01,high\n", "2:12: 'high' is not a rate"),
    "nothing for a rate": ("date,rate\n2025-01-01,\n", "2:12: '' is not a rate"),
    "absurd": ("date,rate\n2025-01-01,430%\n", "2:12: '430%' is outside the range of a rate"),
    "no date": ("date,rate\nJan 2025,4%\n", "2:1: 'Jan 2025' is not a date"),
    "no day": ("date,rate\n2025-02-30,4%\n", "2:1: '2025-02-30' is not a day of the calendar"),
    "third column": ("date,rate\n2025-01-01,4%,5%\n", "2:1: the row has 3 columns"),
    "formula": ("date,rate\n2025-01-01,=1+1\n", "2:12: '=1+1' is not a rate"),
    "not ascending": (
        "date,rate\n2025-01-01,4%\n2025-01-01,5%\n",
        "3:1: the date 2025-01-01 does not follow 2025-01-01",
    ),
    "not text": (b"date,rate\n2025-01-01,4%\n\xff\xfe,4%\n", "3:1: the file is not text in UTF-8"),
    "NUL": ("date,rate\n2025-01-01,\x004%\n", "2:12: ' 4%' is not a rate"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_file_stands_at_its_line(name: str, tmp_path: Path) -> None:
    content, expected = FAULTS[name]
    found = faults(content, tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"sofr.csv:{expected}. Allowed: "), found[0]


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    found = faults("date,rate\n2025-01-01,4.3\nx,4%\n2026-01-01,4%\n2025-06-01,4%\n", tmp_path)
    assert [line.split(": ")[0] for line in found] == ["sofr.csv:2:12", "sofr.csv:3:1", "sofr.csv:5:1"]


def test_a_file_that_is_missing_too_long_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(FROM_FILE)
    with pytest.raises(DealError, match=r"deal\.yaml:16:16: there is no file 'sofr\.csv' beside the deal file"):
        load(tmp_path / "deal.yaml")
    assert faults("date,rate\n" + "#" * 1_000_000, tmp_path)[0].startswith("sofr.csv: the file is too long")
    (tmp_path / "sofr.csv").unlink()
    (tmp_path / "sofr.csv").mkdir()
    with pytest.raises(DealError, match=r"sofr\.csv: this is no plain file"):
        load(tmp_path / "deal.yaml")


@pytest.mark.parametrize("name", ["../sofr.csv", "/etc/passwd", "a/b.csv", "a\\b.csv", "C:x.csv", "sofr.txt", ".csv"])
def test_a_file_lies_in_the_folder_of_the_deal(name: str, tmp_path: Path) -> None:
    text = SMALL.replace(PATH, f"  curve:\n    csv: {name}\n")
    expected = (
        f"deal.yaml:{place(text, name)}: csv must name a file of the deal's own folder. "
        "Allowed: a name such as sofr.csv, no path."
    )
    assert lines_of(refusal(text, tmp_path), tmp_path) == [expected]


def test_nothing_stands_beside_the_file(tmp_path: Path) -> None:
    text = SMALL.replace(PATH, "  curve: {csv: sofr.csv, 2025-01-01: 4%}\n")
    expected = f"deal.yaml:{place(text, '2025-01-01', after='sofr.csv')}: '2025-01-01' cannot stand beside csv"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"{expected}. Allowed: csv alone."]


def test_a_file_must_reach_the_last_period_that_floats(tmp_path: Path) -> None:
    """The loan matures on 2031-03-31, so that its last period begins on 2031-01-01."""
    found = faults(RATES.replace("2031-01-01", "2030-12-31"), tmp_path)
    assert found == [
        f"deal.yaml:{place(FROM_FILE, '{csv')}: the base rate path of sofr.csv ends on 2030-12-31, before the last "
        "period of Senior loan begins on 2031-01-01. Allowed: rates to 2031-01-01 or later."
    ]
    until = FROM_FILE.replace("  curve:", "  until: 2031-03-31\n  curve:")
    load(with_file(RATES.replace("2031-01-01", "2030-12-31"), tmp_path, until))


def test_a_path_may_say_how_far_it_is_known(tmp_path: Path) -> None:
    load_text(SMALL, tmp_path)  # without until the last rate holds on
    text = spoiled("  index: Term SOFR", "  index: Term SOFR\n  until: 2030-12-31")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '2025-01-01: 4.30%')}: the base rate path ends on 2030-12-31, before the last period "
        "of Senior loan begins on 2031-01-01. Allowed: rates to 2031-01-01 or later."
    ]


MARGIN = "    margin: 250 bp\n"
HEDGE = "hedge:\n  swap: {label: Swap, kind: swap, loan: senior, share: 50%, rate: 4%}\n"

# What replaces the margin, what is put at the end (the error stands at the ^), and the error.
BROKEN = {
    "neither margin nor fixed rate": (
        "",
        "",
        "^senior:",
        "loan 'senior' has neither margin nor fixed_rate. Allowed: exactly one of them.",
    ),
    "margin and fixed rate": (
        "    margin: 1%\n    fixed_rate: 6%\n",
        "",
        "^senior:",
        "loan 'senior' has both margin and fixed_rate. Allowed: exactly one of them.",
    ),
    "steps of a fixed rate": (
        "    fixed_rate: 6%\n    margin_steps: {2027-01-01: 2%}\n",
        "",
        "^margin_steps",
        "loan 'senior' bears a fixed rate and has margin_steps. Allowed: margin in place of fixed_rate, "
        "or no margin_steps.",
    ),
    "floor of a fixed rate": (
        "    fixed_rate: 6%\n    floor: 1%\n",
        "",
        "^floor",
        "loan 'senior' bears a fixed rate and has floor. Allowed: margin in place of fixed_rate, or no floor.",
    ),
    "cap of a fixed rate": (
        "    fixed_rate: 6%\n    cap: 7%\n",
        "",
        "^cap",
        "loan 'senior' bears a fixed rate and has cap. Allowed: margin in place of fixed_rate, or no cap.",
    ),
    "step after maturity": (
        "    margin: 2%\n    margin_steps: {2027-01-01: 2%, 2031-03-31: 3%}\n",
        "",
        "^{2027-01-01: 2%",
        "the margin of Senior loan steps on 2031-03-31, outside its life. "
        "Allowed: 2025-03-31 or later, and before 2031-03-31.",
    ),
    "step before close": (
        "    margin: 2%\n    margin_steps: {2025-03-30: 2%}\n",
        "",
        "^{2025-03-30",
        "the margin of Senior loan steps on 2025-03-30, outside its life. "
        "Allowed: 2025-03-31 or later, and before 2031-03-31.",
    ),
    "step within the last period": (
        "    margin: 2%\n    margin_steps: {2027-01-01: 2%, 2031-01-02: 3%}\n",
        "",
        "^{2027-01-01: 2%",
        "the margin of Senior loan that holds from 2031-01-02 never applies: a period takes the margin of its first "
        "day. Allowed: a date on which a period begins, such as 2031-01-01.",
    ),
    "two steps within a period": (
        "    margin: 2%\n    margin_steps: {2027-01-02: 2%, 2027-03-31: 3%}\n",
        "",
        "^{2027-01-02: 2%",
        "the margin of Senior loan that holds from 2027-01-02 never applies: a period takes the margin of its first "
        "day. Allowed: a date on which a period begins, such as 2027-01-01.",
    ),
    "negative step": (
        "    margin: 2%\n    margin_steps: {2027-01-01: -1%}\n",
        "",
        "^{2027-01-01: -1%",
        "the margin of Senior loan from 2027-01-01 is negative. Allowed: 0% or more.",
    ),
    "a notional after the last period has begun": (
        MARGIN,
        "hedge:\n  cap: {label: Cap, kind: cap, loan: senior, rate: 3%, schedule: {2031-01-02: 10m}}\n",
        "^{2031-01-02",
        "the notional of Cap begins on 2031-01-02, after the last period of its loan has begun. "
        "Allowed: 2031-01-01 or earlier.",
    ),
    "steps out of order": (
        "    margin: 2%\n    margin_steps: {2027-06-01: 2%, 2027-05-01: 3%}\n",
        "",
        "^2027-05-01",
        "the date 2027-05-01 does not follow 2027-06-01. Allowed: dates in ascending order.",
    ),
    "floor above cap": (
        "    margin: 2%\n    floor: 3%\n    cap: 2%\n",
        "",
        "^3%\n    cap",
        "the floor of Senior loan lies above its cap of 2.00%. Allowed: at most 2.00%.",
    ),
    "share and schedule": (
        MARGIN,
        HEDGE.replace("share: 50%", "share: 50%, schedule: {2027-01-01: 100}"),
        "^swap:",
        "hedge 'swap' has both share and schedule. Allowed: exactly one of them.",
    ),
    "neither share nor schedule": (
        MARGIN,
        HEDGE.replace("share: 50%, ", ""),
        "^swap:",
        "hedge 'swap' has neither share nor schedule. Allowed: exactly one of them.",
    ),
    "hedge of a fixed loan": (
        "    fixed_rate: 6%\n",
        HEDGE,
        "^senior, share",
        "hedge 'swap' is of loan 'senior', which bears a fixed rate. Allowed: a loan with a margin.",
    ),
    "hedge of no loan": (
        MARGIN,
        HEDGE.replace("loan: senior", "loan: junior"),
        "^junior",
        "unknown debt 'junior'. Allowed: an entry of debt (senior). Did you mean 'senior'?",
    ),
    "hedge before its loan": (
        MARGIN,
        HEDGE.replace("rate: 4%", "rate: 4%, start: 2025-03-30"),
        "^2025-03-30",
        "Swap starts on 2025-03-30, before its loan closes on 2025-03-31. Allowed: 2025-03-31 or later.",
    ),
    "hedge that ends at once": (
        MARGIN,
        HEDGE.replace("rate: 4%", "rate: 4%, start: 2027-01-01, end: 2027-01-01"),
        "^2027-01-01}",
        "Swap ends on 2027-01-01, not after it starts on 2027-01-01. Allowed: after 2027-01-01.",
    ),
    "share beyond the loan": (
        MARGIN,
        HEDGE.replace("rate: 4%", "rate: 4%, end: 2032-03-31"),
        "^2032-03-31",
        "Swap is of a share of the balance and ends on 2032-03-31, after its loan matures on 2031-03-31. "
        "Allowed: by 2031-03-31, or a schedule of its own.",
    ),
    "premium of a swap": (
        MARGIN,
        HEDGE.replace("rate: 4%", "rate: 4%, premium: 3"),
        "^3}",
        "Swap is a swap and has a premium. Allowed: a credit margin.",
    ),
    "credit margin of a cap": (
        MARGIN,
        HEDGE.replace("kind: swap", "kind: cap").replace("rate: 4%", "rate: 4%, credit_margin: 0.1%"),
        "^0.1%",
        "Swap is a cap and has a credit margin. Allowed: a premium.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_go_together(name: str, tmp_path: Path) -> None:
    margin, end, at, message = BROKEN[name]
    text = SMALL.replace(MARGIN, margin) + end
    after = "debt:\n" if at == "^senior:" else "hedge:\n" if end else "label: Senior loan"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"deal.yaml:{place(text, at[1:], after=after)}: {message}"]


@pytest.mark.parametrize("margin", [MARGIN, "    fixed_rate: 6%\n"])
def test_a_base_rate_where_something_floats(margin: str, tmp_path: Path) -> None:
    rates = SMALL[SMALL.index("rates:\n") : SMALL.index("construction:\n")]
    text = SMALL.replace(rates, "").replace(MARGIN, margin)
    if "fixed" in margin:
        assert "rates.curve" not in load_text(text, tmp_path).inputs
        return
    expected = f"deal.yaml:{place(text, 'senior:', after='debt:')}: debt.senior floats, and the deal has no base rate"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [f"{expected}. Allowed: rates: with index and curve."]


def test_a_case_that_raises_the_floor_above_the_cap(tmp_path: Path) -> None:
    text = SMALL.replace(MARGIN, "    margin: 2%\n    cap: 5%\n") + "      debt.senior.floor: 6%\n"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '6%', after='senior.floor')}: in case 'low_rent', "
        "the floor of Senior loan lies above its cap of 5.00%. Allowed: at most 5.00%."
    ]


@pytest.mark.parametrize(("name", "fits"), [("sofr.csv", True), ("../sofr.csv", False), ("sofr.txt", False)])
def test_editors_know_a_path_from_a_file(name: str, fits: bool) -> None:
    rates = jsonschema.Draft202012Validator({"$defs": json_schema()["$defs"], "$ref": "#/$defs/Rates"})
    for curve in ({"csv": name}, {"value": {"csv": name}, "status": "assumed"}):
        assert rates.is_valid({"index": "SOFR", "curve": curve}) is fits


def test_a_spread_adjustment_needs_a_floating_loan(tmp_path: Path) -> None:
    """A facility that floats bears the base rate without it."""
    text = SMALL.replace("  index: Term SOFR\n", "  index: Term SOFR\n  ^spread_adjustment: 10 bp\n")
    load_text(text.replace("^", ""), tmp_path)
    text = text.replace(MARGIN, "    fixed_rate: 6%\n")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: 'spread_adjustment' is added to the base rate of floating loans, and the deal "
        "has none. Allowed: a loan with a margin, or no spread_adjustment."
    ]
