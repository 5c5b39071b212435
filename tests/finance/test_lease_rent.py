"""Base rent by capacity, area or amount, parts of a building, deliveries and abatement: by hand, and by days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finance.leased import CAPACITY, COMMENCEMENT, END, ESCALATION, RENT, TERM, model_of, solved

RENTS = "lease.hall.rent_income"
QUARTER = 6.0
"""24 m a year."""

DELIVERY = """\
    delivery:
      first: {label: First hall, date: 2026-01-01, share: 25%}
      second: {label: Second hall, date: 2026-02-15, share: 75%}
"""


@pytest.mark.parametrize(
    ("rent", "building"),
    [
        ("    rent_per_mw: 2.4m USD/MW-year\n", CAPACITY),
        ("    rent_per_area: 96 USD/sf-year\n", "    area: 250,000 sf\n"),
        ("    amount: 24m\n", ""),
        ("    rent: 250 USD/kW-month\n    capacity: 8 MW\n", CAPACITY),
        ("    rent: 250 USD/kW-month\n    share: 80%\n", CAPACITY),
        ("    rent_per_area: 120 USD/sf-year\n    area: 200,000 sf\n", ""),
    ],
)
def test_every_basis_gives_the_same_yearly_rent(tmp_path: Path, rent: str, building: str) -> None:
    """10 MW at 200 USD per kW-month, at 2.4 m per MW-year, 250,000 sf at 96 USD, 8 MW at 250 USD: 24 m a year."""
    result = solved(tmp_path, (RENT, rent), (CAPACITY, building))
    assert result.scalar("lease.hall.annual_rent") == pytest.approx(24)
    assert result.series(RENTS) == pytest.approx([QUARTER] * 44)


def test_leases_of_one_building_share_it(tmp_path: Path) -> None:
    """60% at 200 USD per kW-month, 3 MW of the rest at 150 USD: 14.4 and 5.4 m a year."""
    other = "  rest:\n    label: Rest\n    building: hall\n    tenant: Other\n    rent: 150 USD/kW-month\n"
    other += "    capacity: 3 MW\n    commencement: 2026-07-01\n    term: 5 years\n"
    result = solved(tmp_path, (RENT, RENT + "    share: 60%\n"), ("lease:\n", "lease:\n" + other))
    assert result.series(RENTS) == pytest.approx([3.6] * 44)
    assert result.series("lease.rest.rent_income") == pytest.approx([0.0] * 2 + [1.35] * 20 + [0.0] * 22)
    assert result.series("lease.rent_income")[:3] == pytest.approx([3.6, 3.6, 4.95])


def test_parts_bear_rent_from_their_delivery(tmp_path: Path) -> None:
    """A quarter at once, the rest from 15 February: 45 of the 90 days; 3% more after a year."""
    rise = (ESCALATION, "    escalation: 3%\n")
    result = solved(tmp_path, rise, (TERM, TERM + DELIVERY))
    first = QUARTER * (0.25 * 90 + 0.75 * 45) / 90
    assert result.series(RENTS)[:6] == pytest.approx([first, *[QUARTER] * 3, QUARTER * 1.03, QUARTER * 1.03])


def test_a_part_that_is_never_delivered_bears_nothing(tmp_path: Path) -> None:
    result = solved(tmp_path, (TERM, TERM + DELIVERY.replace("share: 75%", "share: 35%")))
    assert result.series(RENTS)[1:] == pytest.approx([0.6 * QUARTER] * 43)


def test_an_anniversary_within_a_year_that_delivers(tmp_path: Path) -> None:
    """From 1 April, half of it from 1 July: 275 and 184 days of 2026; 90 days of 2027 before 3% more."""
    delivery = "    delivery:\n      a: {label: A, date: 2026-04-01, share: 50%}\n"
    delivery += "      b: {label: B, date: 2026-07-01, share: 50%}\n"
    result = solved(
        tmp_path,
        (COMMENCEMENT, "    commencement: 2026-04-01\n"),
        (TERM, "    term: 9 years\n" + delivery),
        (ESCALATION, "    escalation: 3%\n"),
        frequency="annual",
    )
    assert result.series(RENTS)[0] == pytest.approx(24 * (0.5 * 275 + 0.5 * 184) / 365)
    assert result.series(RENTS)[1] == pytest.approx(24 * (90 + 275 * 1.03) / 365)


def test_abatement_follows_the_rent_free_months(tmp_path: Path) -> None:
    """January free; half of the rent from February to April."""
    terms = "    free_rent: 1 month\n    abatement: {months: 3 months, share: 50%}\n"
    result = solved(tmp_path, (TERM, TERM + terms))
    first, second = QUARTER * 59 * 0.5 / 90, QUARTER * (30 * 0.5 + 61) / 91
    assert result.series(RENTS)[:3] == pytest.approx([first, second, QUARTER])


def test_a_part_delivered_in_abated_months_is_abated_to_their_end(tmp_path: Path) -> None:
    """40% off until 31 March: the first quarter bears 60% of what is delivered, later ones all."""
    terms = DELIVERY + "    abatement: {months: 3 months, share: 40%}\n"
    result = solved(tmp_path, (TERM, TERM + terms))
    assert result.series(RENTS)[0] == pytest.approx(0.6 * QUARTER * (0.25 * 90 + 0.75 * 45) / 90)
    assert result.series(RENTS)[1] == pytest.approx(QUARTER)


def test_abatement_of_everything_is_a_rent_free_time(tmp_path: Path) -> None:
    abated = solved(tmp_path, (TERM, TERM + "    abatement: {months: 5 months, share: 100%}\n"))
    free = solved(tmp_path, (TERM, TERM + "    free_rent: 5 months\n"))
    assert abated.series(RENTS) == pytest.approx(free.series(RENTS))


def test_a_delay_moves_deliveries_and_abatement(tmp_path: Path) -> None:
    """A quarter later everything is as it was, by the days of the later quarters."""
    late = "construction: {delay: 3 months}\nbuilding:\n"
    terms = DELIVERY + "    abatement: {months: 4 months, share: 50%}\n"
    result = solved(
        tmp_path, (TERM, TERM + terms), ("building:\n  hall", late + "  hall"), (END, "  end: 2037-12-31\n")
    )
    first = 0.5 * QUARTER * (0.25 * 91 + 0.75 * 47) / 91
    second = QUARTER * (0.5 * 31 + 61) / 92
    assert result.series(RENTS)[:4] == pytest.approx([0, first, second, QUARTER])


def test_a_lease_without_these_terms_has_no_lines_of_them(tmp_path: Path) -> None:
    lines = [name for name in model_of(tmp_path).lines if name.startswith("lease.hall.")]
    own = lines[: lines.index("lease.hall.rent_income") + 1]
    assert own[-13:] == [
        f"lease.hall.{name}"
        for name in (
            "start", "rent_from", "until", "annual_rent", "let_until", "days", "years", "step_eve", "days_stepped",
            "index_before", "index_after", "indexed_days", "rent_income",
        )
    ]  # fmt: skip
