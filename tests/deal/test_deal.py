"""A deal file read: inputs by dotted name, statuses, periods, cases, fingerprint."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel.deal import Deal
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months, lease_end, period_ends
from tests.deal.files import SMALL, load_text, place, spoiled


@pytest.fixture
def deal(tmp_path: Path) -> Deal:
    return load_text(SMALL, tmp_path)


def test_record(deal: Deal, tmp_path: Path) -> None:
    assert (deal.id, deal.title, deal.currency) == ("harbour", "Harbour", "USD")
    assert deal.as_of == dt.date(2025, 11, 30)
    assert deal.path == tmp_path / "deal.yaml"
    assert deal.parties == {"Borrower": "Harbour LLC"}
    assert deal.qualifications == ()
    assert deal.sources["S1"].title == "Term sheet of March 2025"
    assert deal.spec.building["hall"].funded_by == "site"
    assert deal.spec.lease["hall"].building == "hall"


def test_quantity_with_its_source(deal: Deal) -> None:
    commitment = deal.inputs["debt.senior.commitment"]
    assert commitment.label == "Commitment, Senior loan"
    assert (commitment.kind, commitment.unit, commitment.value) == ("money", "money", 700.0)
    assert (commitment.source, commitment.status, commitment.note) == ("S1", "filed", "Section 2.1")
    assert commitment.as_of == dt.date(2025, 3, 31)
    assert f"{commitment.line}:{commitment.column}" == place(SMALL, "700")


def test_bare_quantity_is_unsourced(deal: Deal) -> None:
    margin = deal.inputs["debt.senior.margin"]
    assert (margin.value, margin.text, margin.status, margin.source) == (0.025, "250 bp", "unsourced", "")
    assert f"{margin.line}:{margin.column}" == place(SMALL, "250 bp")


def test_default_says_so(deal: Deal) -> None:
    floor = deal.inputs["debt.senior.floor"]
    assert (floor.value, floor.text, floor.status, floor.line) == (0.0, "0%", "default", 0)
    assert deal.inputs["construction.draw_timing"].value == 0.5
    assert deal.inputs["checks.tolerance"].value == 1e-6
    assert deal.inputs["funding.site.financing_budget"].value == 0.0
    assert deal.inputs["covenants.first_repayment"].value == 0.0


def test_new_terms_of_loan_and_covenants_are_read(tmp_path: Path) -> None:
    text = spoiled("    label: Site\n", "    label: Site\n    financing_budget: 60m\n")
    deal = load_text(text.replace("lockup_dscr:", "first_repayment: yes\n  lockup_dscr:"), tmp_path)
    assert deal.inputs["funding.site.financing_budget"].value == 60.0
    assert deal.inputs["funding.site.financing_budget"].label == "Financing costs in the budget, Site"
    assert deal.inputs["covenants.first_repayment"].value == 1.0
    assert deal.inputs["covenants.first_repayment"].unit == "flag"


def test_a_section_of_defaults_may_be_left_out(tmp_path: Path) -> None:
    deal = load_text(spoiled("construction:\n  delay: 0 months\n", ""), tmp_path)
    assert deal.inputs["construction.delay"].value == 0.0


def test_source_without_status_is_reported(tmp_path: Path) -> None:
    deal = load_text(spoiled("margin: 250 bp", "margin: {value: 250 bp, source: S1}"), tmp_path)
    assert deal.inputs["debt.senior.margin"].status == "reported"


@pytest.mark.parametrize("status", ["derived", "assumed"])
def test_own_work_needs_no_source(status: str, tmp_path: Path) -> None:
    deal = load_text(spoiled("margin: 250 bp", f"margin: {{value: 250 bp, status: {status}}}"), tmp_path)
    assert deal.inputs["debt.senior.margin"].status == status


def test_optional_value_that_is_absent_is_no_input(deal: Deal) -> None:
    assert "lease.hall.expiry" not in deal.inputs
    assert "debt.senior.draws" not in deal.inputs
    assert not any(name.startswith("takeout.") for name in deal.inputs)


def test_inputs_stand_in_file_order(deal: Deal) -> None:
    lines = [quantity.line for quantity in deal.inputs.values() if quantity.line]
    assert lines == sorted(lines)
    names = list(deal.inputs)
    assert names[:3] == ["time.close", "rates.curve", "rates.shift"]
    assert all(name == quantity.name for name, quantity in deal.inputs.items())


def test_order_follows_the_file_not_the_schema(tmp_path: Path) -> None:
    text = spoiled("  lockup_dscr: 1.15x\n  default_dscr: 1.05x", "  default_dscr: 1.05x\n  lockup_dscr: 1.15x")
    names = [name for name in load_text(text, tmp_path).inputs if name.startswith("covenants")]
    assert names[:3] == ["covenants.default_dscr", "covenants.lockup_dscr", "covenants.release_tests"]


def test_curve_and_draws_are_dated_points(tmp_path: Path) -> None:
    draws = "maturity: 2031-03-31\n    draws: {value: {2025-06-30: 400, 2025-09-30: 0.3bn}, source: S1}"
    deal = load_text(spoiled("maturity: 2031-03-31", draws), tmp_path)
    assert deal.inputs["rates.curve"].value == ((dt.date(2025, 1, 1), 0.043), (dt.date(2027, 1, 1), 0.031))
    assert deal.inputs["debt.senior.draws"].value == ((dt.date(2025, 6, 30), 400.0), (dt.date(2025, 9, 30), 300.0))
    assert deal.inputs["debt.senior.draws"].status == "reported"


def test_a_deal_cannot_be_changed(deal: Deal) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        deal.title = "Other"  # type: ignore[misc]


def test_periods_begin_after_close(deal: Deal) -> None:
    assert deal.periods[0] == dt.date(2025, 6, 30)  # close is itself a quarter end
    assert deal.periods[-1] == dt.date(2041, 12, 31)
    assert len(deal.periods) == 67
    assert deal.months_per_period == 3


def test_periods_without_an_end_hold_the_leases_of_every_case(tmp_path: Path) -> None:
    text = spoiled("  end: 2041-12-31\n", "")
    assert load_text(text, tmp_path).periods[-1] == dt.date(2041, 6, 30)
    late = text.replace("lease.hall.rent: $108/kW-month", "construction.delay: 8 months")
    assert load_text(late, tmp_path).periods[-1] == dt.date(2042, 3, 31)


@pytest.mark.parametrize(
    ("frequency", "close", "first", "second"),
    [
        ("monthly", "2025-01-22", "2025-01-31", "2025-02-28"),
        ("monthly", "2024-01-31", "2024-02-29", "2024-03-31"),
        ("quarterly", "2025-01-22", "2025-03-31", "2025-06-30"),
        ("quarterly", "2025-12-31", "2026-03-31", "2026-06-30"),
        ("semi-annual", "2025-07-01", "2025-12-31", "2026-06-30"),
        ("annual", "2025-12-30", "2025-12-31", "2026-12-31"),
    ],
)
def test_first_periods(frequency: str, close: str, first: str, second: str) -> None:
    ends = period_ends(dt.date.fromisoformat(close), frequency, dt.date.fromisoformat(second))
    assert [end.isoformat() for end in ends] == [first, second]


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2040, 12, 31)),
    st.sampled_from(sorted(MONTHS_PER_PERIOD)),
    st.integers(1, 9000),
)
def test_periods_are_calendar_months_without_gap(close: dt.date, frequency: str, days: int) -> None:
    end = close + dt.timedelta(days=days)
    ends = period_ends(close, frequency, end)
    step = MONTHS_PER_PERIOD[frequency]
    assert close < ends[0] and ends[-1] >= end
    assert len(ends) == 1 or ends[-2] < end
    assert all((date + dt.timedelta(days=1)).day == 1 and date.month % step == 0 for date in ends)
    months = [date.year * 12 + date.month for date in ends]
    assert months == list(range(months[0], months[0] + step * len(months), step))


@pytest.mark.parametrize(
    ("date", "months", "expected"),
    [("2025-01-31", 1, "2025-02-28"), ("2024-02-29", 12, "2025-02-28"), ("2025-12-15", 1, "2026-01-15")],
)
def test_add_months(date: str, months: int, expected: str) -> None:
    assert add_months(dt.date.fromisoformat(date), months).isoformat() == expected


def test_lease_ends_on_the_eve_of_its_anniversary() -> None:
    assert lease_end(dt.date(2025, 7, 1), 180, 0) == dt.date(2040, 6, 30)
    assert lease_end(dt.date(2025, 7, 1), 180, 6) == dt.date(2040, 12, 31)


def test_base_case_comes_first_and_changes_nothing(deal: Deal) -> None:
    assert list(deal.cases) == ["base", "low_rent"]
    assert deal.cases["base"].values == {}
    assert deal.values() == deal.inputs


def test_case_overlays_values(deal: Deal) -> None:
    changed = deal.cases["low_rent"].values
    assert list(changed) == ["lease.hall.rent"]
    rent = deal.values("low_rent")["lease.hall.rent"]
    assert (rent.value, rent.label, rent.kind) == (108.0, "Base rent, first year, Hall lease", "rent")
    assert f"{rent.line}:{rent.column}" == place(SMALL, "$108/kW-month")
    same = {name for name, quantity in deal.values("low_rent").items() if quantity == deal.inputs[name]}
    assert same == set(deal.inputs) - {"lease.hall.rent"}


def test_case_may_set_what_is_a_default(tmp_path: Path) -> None:
    text = spoiled("lease.hall.rent: $108/kW-month", "rates.shift: {value: 200 bp, status: assumed}")
    shift = load_text(text, tmp_path).cases["low_rent"].values["rates.shift"]
    assert (shift.value, shift.status) == (0.02, "assumed")


def test_unknown_case(deal: Deal) -> None:
    with pytest.raises(KeyError, match="absent"):
        deal.values("absent")


def test_deal_in_another_currency(tmp_path: Path) -> None:
    text = SMALL.replace("currency: USD", "currency: EUR").replace("$", "€")
    deal = load_text(text, tmp_path)
    assert deal.inputs["lease.hall.rent"].unit == "EUR/kW/month"
    assert deal.inputs["lease.hall.rent"].value == 120.0


SAME = {
    "a comment": ("deal: harbour", "# a comment\ndeal: harbour"),
    "another spelling of a rate": ("margin: 250 bp", "margin: 2.50%"),
    "another spelling of an amount": ("budget: 1,000", "budget: USD 1bn"),
    "a default written out": ("margin: 250 bp", "margin: 250 bp\n    floor: 0%"),
    "an alias": ("lockup_dscr: 1.15x", "lockup_dscr: &x 1.15x"),
    "the order of keys": ("title: Harbour\ndescription: One building, one lease, one loan.",
                          "description: One building, one lease, one loan.\ntitle: Harbour"),
}  # fmt: skip
OTHER = {
    "a value": ("margin: 250 bp", "margin: 251 bp"),
    "a date": ("maturity: 2031-03-31", "maturity: 2031-04-01"),
    "a point of the curve": ("2027-01-01: 3.10%", "2027-01-01: 3.11%"),
    "a value of a case": ("$108/kW-month", "$109/kW-month"),
    "structure": ("frequency: quarterly", "frequency: monthly"),
    "a status": ("status: filed", "status: company"),
    "a note": ("Section 2.1", "Section 2.2"),
    "a label": ("label: Hall lease", "label: Lease"),
    "an optional value": ("term: 15 years", "expiry: 2041-06-30"),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_fingerprint_forgives(old: str, new: str, deal: Deal, tmp_path: Path) -> None:
    assert load_text(spoiled(old, new), tmp_path, "other.yaml").fingerprint == deal.fingerprint


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER)
def test_fingerprint_notices(old: str, new: str, deal: Deal, tmp_path: Path) -> None:
    assert load_text(spoiled(old, new), tmp_path, "other.yaml").fingerprint != deal.fingerprint


def test_fingerprint_is_a_sha256(deal: Deal) -> None:
    assert len(deal.fingerprint) == 64
    assert int(deal.fingerprint, 16) > 0
