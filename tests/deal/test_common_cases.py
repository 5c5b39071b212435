"""Sets of cases: patterns and relative values become absolute ones of a deal; what does not fit is listed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from spvmodel.deal import Deal, load
from spvmodel.deal.catalogue import shipped
from spvmodel.deal.common import matching, sets
from tests.deal.files import SMALL, lines_of, load_text, place, refusal

HEAD = "set: mine\ntitle: Mine\ndescription: Invented.\n"
TAKES = "cases_from: mine.yaml\ncases:\n"
EVENT = """\
event:
  stop:
    label: Stop
    kind: tenant default
    "on": {from: [lease.*.commencement, time.close], plus: 36 months, note: Mid-term.}
    downtime: 12 months
    relet_share: 80%
    relet_cost: 100 USD/kW
"""


def taken(folder: Path, cases: str, deal: str = SMALL, head: str = HEAD) -> Deal:
    """The deal with a set of these cases beside it."""
    (folder / "mine.yaml").write_text(head + "cases:\n" + cases, encoding="utf-8")
    return load_text(deal.replace("cases:\n", TAKES), folder)


def case(values: str, more: str = "", name: str = "one") -> str:
    return f"  {name}:\n    label: Case {name}\n    description: Told.\n{more}    set:\n      {values}\n"


def refused(folder: Path, cases: str, head: str = HEAD) -> tuple[str, list[str]]:
    """The set, and the lines of the error with which the deal that takes it is refused."""
    text = head + "cases:\n" + cases
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    error = refusal(SMALL.replace("cases:\n", TAKES), folder)
    return text, [line.replace(f"{folder}/", "") for line in lines_of(error, folder)]


# The value that a set gives, the input, and what it is in the small deal.
VALUES = {
    "times of a rent": ("lease.*.rent: {times: 90%}", "lease.hall.rent", 108.0),
    "times as a multiple": ("lease.*.rent: {times: 1.05x}", "lease.hall.rent", 126.0),
    "one of two patterns": ('"lease.*.rent, income.*.amount": {times: 50%}', "lease.hall.rent", 60.0),
    "plus of a rate": ("rates.shift: {plus: 200 bp}", "rates.shift", 0.02),
    "plus of months": ("construction.delay: {plus: 6 months}", "construction.delay", 6.0),
    "plus of a share": ("construction.overrun: {plus: 10%}", "construction.overrun", 0.1),
    "minus of money": ("debt.*.commitment: {minus: 100}", "debt.senior.commitment", 600.0),
    "plus of a date": ("debt.*.maturity: {plus: 6 months}", "debt.senior.maturity", dt.date(2031, 9, 30)),
    "a date from another": (
        "covenants.first_test: {from: [lease.*.commencement], plus: 12 months}",
        "covenants.first_test",
        dt.date(2027, 7, 1),
    ),
    "the last day of some months": (
        "covenants.first_test: {from: [lease.*.commencement], plus: 2 months, for: 12 months}",
        "covenants.first_test",
        dt.date(2027, 8, 31),  # a year from 1 September 2026
    ),
    "an absolute value": (
        "lease.*.escalation: {value: 1%, status: assumed, note: Told.}",
        "lease.hall.escalation",
        0.01,
    ),
    "plus of a path": (
        "rates.curve: {plus: 1%}",
        "rates.curve",
        ((dt.date(2025, 1, 1), 0.053), (dt.date(2027, 1, 1), 0.041)),
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_in_the_terms_of_the_deal(name: str, tmp_path: Path) -> None:
    values, line, expected = VALUES[name]
    deal = SMALL.replace("covenants:\n", "covenants:\n  first_test: 2026-12-31\n")
    found = taken(tmp_path, case(values), deal).cases["one"]
    assert {key: quantity.value for key, quantity in found.values.items()} == {line: expected}
    assert found.common == "mine"


def test_a_relative_value_keeps_its_reason_and_its_place(tmp_path: Path) -> None:
    found = taken(tmp_path, case("lease.*.rent: {times: 90%, note: A round test.}"))
    rent = found.cases["one"].values["lease.hall.rent"]
    assert (rent.text, rent.status, rent.note) == ("108 USD/kW-month", "assumed", "base times 90%; A round test.")
    assert Path(rent.stated_in).name == "mine.yaml" and rent.line == 9
    assert list(found.cases) == ["base", "low_rent", "one"]


def test_a_set_brings_events_with_dates_of_the_deal(tmp_path: Path) -> None:
    head = HEAD + EVENT
    found = taken(tmp_path, case("event.stop.happens: yes"), head=head)
    day = found.inputs["event.stop.on"]
    assert day.value == dt.date(2029, 7, 1)
    assert day.note == "lease.hall.commencement plus 36 months; Mid-term."
    assert found.cases["one"].values["event.stop.happens"].value == 1.0
    own = SMALL.replace("cases:\n", "event:\n  stop: {label: Own, kind: abatement, on: 2030-01-01}\ncases:\n")
    found = taken(tmp_path, case("event.stop.happens: yes"), own, head)
    assert found.spec.event["stop"].label == "Own" and found.inputs["event.stop.on"].value == dt.date(2030, 1, 1)


LEFT_OUT = {
    "a pattern that matches nothing": (case("takeout.rate: {plus: 200 bp}"), "the deal has no takeout.rate"),
    "one of two patterns": (
        case("rates.shift: {plus: 2%}\n      takeout.rate: {plus: 2%}"),
        "the deal has no takeout.rate",
    ),
    "a need": (
        case("rates.shift: {plus: 2%}", "    needs: [income.*.amount]\n"),
        "the deal has no income.*.amount",
    ),
    "nothing where it is given": (
        case("takeout.rate: {plus: 2%, where_given: yes}"),
        "the deal has none of its inputs",
    ),
    "a broken rule": (
        case("debt.*.maturity: {minus: 60 months}"),
        "End of availability, Senior loan (2026-06-30) is after maturity (2026-03-31)",
    ),
    "too few to combine": (
        case("takeout.rate: {plus: 2%}", name="two")
        + case("rates.shift: {plus: 2%}", name="three")
        + "  one:\n    label: Case one\n    description: Told.\n    combines: [two, three]\n",
        "of two, three the deal takes three",
    ),
    "a case of its own": (
        case("rates.shift: {plus: 2%}", name="low_rent"),
        "the deal file has a case of its own of this name",
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_does_not_fit_is_left_out_with_the_reason(name: str, tmp_path: Path) -> None:
    cases, reason = LEFT_OUT[name]
    found = taken(tmp_path, cases)
    key = "low_rent" if "own" in name else "one"
    assert found.left_out[key].reason == reason
    assert found.cases.get("one") is None
    assert found.cases["low_rent"].label == "Low rent"


def test_a_case_that_combines_others_takes_those_that_fit(tmp_path: Path) -> None:
    cases = (
        case("construction.delay: 1 month", "    combines: [a, b, c]\n", "all")
        + case("lease.*.rent: {times: 90%}", name="a")
        + case("rates.shift: {plus: 2%}", name="b")
        + case("takeout.rate: {plus: 2%}", name="c")
    )
    found = taken(tmp_path, cases)
    assert {name: value.value for name, value in found.cases["all"].values.items()} == {
        "lease.hall.rent": 108.0, "rates.shift": 0.02, "construction.delay": 1.0,
    }  # fmt: skip
    assert found.cases["all"].description == "Told. Without c, which the deal does not take."
    assert list(found.cases) == ["base", "low_rent", "all", "a", "b"]
    assert list(found.left_out) == ["c"]


# Cases of the set, the word at which the error stands, and the error.
BROKEN = {
    "unknown key": (
        case("rates.shift: {plus: 1%}", "    sett: 1\n"),
        "sett",
        "unknown key 'sett' in cases.one. Allowed: label, description, breaks, needs, combines, set. "
        "Did you mean 'set'?",
    ),
    "no factor": (
        case("lease.*.rent: {times: lots}"),
        "lots",
        "'lots' is no factor. Allowed: 90%, 1.15x.",
    ),
    "a multiple of a date": (
        case("debt.*.maturity: {times: 90%}"),
        "90%",
        "a date has no multiple. Allowed: plus or minus some months.",
    ),
    "a step of another kind": (
        case("rates.shift: {plus: 6 months}"),
        "6 months",
        "'6 months' is not a rate. Allowed: 2.50%, 250 bp, 0.025.",
    ),
    "beyond the range": (
        case("construction.overrun: {plus: 60%, }\n      rates.shift: {plus: 45%}\n      lease.*.rent: {times: 200x}"),
        "{times: 200x}",
        "lease.hall.rent: '24000 USD/kW-month' is outside the range of a rent. Allowed: 0 to 10,000.",
    ),
    "unknown key beside a relative value": (
        case("rates.shift: {plus: 1%, reason: x}"),
        "reason",
        "unknown key 'reason' beside a relative value. "
        "Allowed: times, plus, minus, from, source, status, note, as_of, where_given.",
    ),
    "a date from nowhere": (
        case("debt.*.maturity: {from: income.*.commencement}"),
        "income",
        "no input of the deal has the name income.*.commencement. "
        "Allowed: patterns of dates, the last of them one that every deal has, such as time.close.",
    ),
    "an unknown case to combine": (
        case("rates.shift: {plus: 1%}") + "  all:\n    label: All\n    description: Told.\n    combines: [one, two]\n",
        "two]",
        "'two' is no case that could be combined. Allowed: one.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_of_a_set_stands_in_its_own_file(name: str, tmp_path: Path) -> None:
    cases, word, message = BROKEN[name]
    text, lines = refused(tmp_path, cases)
    assert lines == [f"mine.yaml:{place(text, word, after='cases:')}: {message}"]


def test_an_error_of_a_brought_event_stands_in_the_file_of_the_set(tmp_path: Path) -> None:
    head = HEAD + EVENT.replace("relet_share: 80%", "relet_share: 180%")
    text, lines = refused(tmp_path, case("event.stop.happens: yes"), head)
    assert lines == [f"mine.yaml:{place(text, '180%')}: '180%' is outside the range of a share. Allowed: 0% to 100%."]


def test_an_unknown_set(tmp_path: Path) -> None:
    text = SMALL.replace("cases:\n", "cases_from: upside\ncases:\n")
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, 'upside')}: there is no set of cases 'upside'. "
        "Allowed: a shipped set (downside), or a YAML file of the deal's own folder."
    ]
    path = SMALL.replace("cases:\n", "cases_from: ../mine.yaml\ncases:\n")
    assert "there is no set of cases '../mine.yaml'" in refusal(path, tmp_path).message


def test_a_star_stands_for_one_part_of_a_name(tmp_path: Path) -> None:
    inputs = load_text(SMALL, tmp_path).inputs
    assert matching("debt.*.margin", inputs) == ["debt.senior.margin"]
    assert matching("*.rent", inputs) == matching("debt.*", inputs) == []
    assert matching("lease.h*l.rent, debt.senior.maturity", inputs) == ["lease.hall.rent", "debt.senior.maturity"]


def test_the_content_of_the_set_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    prints = {taken(tmp_path, case(f"lease.*.rent: {{times: {cut}}}")).fingerprint for cut in ("90%", "80%")}
    same = taken(tmp_path, case("lease.*.rent: {times: 0.9x}")).fingerprint
    assert len(prints) == 2 and same not in prints  # the note says how the value was reckoned


def test_a_last_day_moves_as_the_day_after_it_does(tmp_path: Path) -> None:
    """Three months from September 2029 on end on the last day of November, and three months later in February."""
    event = EVENT.replace("downtime: 12 months\n    relet_share: 80%\n    relet_cost: 100 USD/kW", "until: {LAST}")
    last = "{from: [lease.*.commencement], plus: 38 months, for: 3 months, note: Three months.}"
    moved = taken(tmp_path, case("event.stop.until: {plus: 3 months}"), head=HEAD + event.replace("{LAST}", last))
    assert moved.inputs["event.stop.on"].value == dt.date(2029, 7, 1)
    assert moved.inputs["event.stop.until"].value == dt.date(2029, 11, 30)
    assert moved.cases["one"].values["event.stop.until"].value == dt.date(2030, 2, 28)


TAKERS = [name for name in shipped() if load(name).spec.cases_from == "downside"]


@pytest.mark.parametrize("name", TAKERS)
def test_every_shipped_deal_takes_the_downside_set(name: str) -> None:
    """Cases and those left out are the whole set, in its order; every value of a case has a reason."""
    assert sets() == ["downside"] and len(TAKERS) >= 3
    deal = load(name)
    assert ("non_renewal" in deal.cases) is any(".renewals." in key for key in deal.inputs)
    common = [case for case in deal.cases.values() if case.common]
    assert len(common) + len(deal.left_out) == 26
    assert all(case.breaks and case.description for case in common)
    assert all(value.note for case in common for value in case.values.values())
    assert all(
        value.note for key, value in deal.inputs.items() if key.startswith("event.") and value.status == "assumed"
    )
