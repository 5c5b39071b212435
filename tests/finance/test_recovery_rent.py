"""The rent at which space is let again after a default, by hand: leases of one building, renewals, dark space.

The deal of test_recovery.py: 10 MW at $200 a kW and month are 24 m a year from 2028 to 2036; 60% of it is paid by
another tenant, who bears 95% of the costs; capitalised at 9%. Dark the hall is worth 60 m. Periods are years.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed
from tests.finance.test_recovery import CENT, LEFT, MID_TERM, PATH

TEXT = PATH.read_text(encoding="utf-8")
HALL = """\
    rent: 200 USD/kW-month
    commencement: 2028-01-01
    term: 9 years
    escalation: 0%
"""
ROOF = """\
  roof:
    label: Antenna on the roof
    building: hall
    tenant: Telco
    amount: 1m
    commencement: 2028-01-01
    term: 2 years
"""
END_2029, END_2030, END_2031, END_2032, END_2033 = 4, 5, 6, 7, 8


def solved(folder: Path, text: str, case: str = "base") -> Result:
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    return spvmodel.solve(spvmodel.build(spvmodel.load(folder / "deal.yaml")), case)


def rents(result: Result) -> list[float]:
    return list(result.series("recovery.signed_rent"))


def test_a_small_lease_beside_a_large_one_takes_nothing_from_it(tmp_path: Path) -> None:
    """The lease of the hall runs for three years; afterwards its rent of 24 stands for the market, as it does alone.

    So does the 1 of the antenna, which lets nothing of the hall.
    """
    short = changed(TEXT, ("term: 9 years", "term: 3 years"))
    alone = rents(solved(tmp_path, short))
    both = rents(solved(tmp_path, changed(short, ("\ndebt:\n", f"\n{ROOF}debt:\n"))))
    assert alone == [24.0] * 12
    assert both == [25.0] * 12


def test_an_antenna_that_another_replaces_counts_once(tmp_path: Path) -> None:
    """The second, of 2 m a year from the first day of 2031, takes the place of the first, which ended in 2029."""
    second = ROOF.replace("roof:", "mast:").replace("1m", "2m").replace("2028", "2031")
    found = rents(solved(tmp_path, changed(TEXT, ("\ndebt:\n", f"\n{ROOF}{second}debt:\n"))))
    assert found[END_2029 - 1 : END_2032] == [25, 25, 26, 26]
    assert found[-1] == 26


def halves(first: str, second: str, more: str = "") -> str:
    """The hall in two leases, the first of 24 m a year for the whole of it."""
    leases = HALL.replace("term: 9 years", first) + ROOF.replace("roof:", "next:").replace("    amount: 1m\n", second)
    return changed(TEXT, (HALL, leases + more))


def test_space_counts_at_its_old_rent_as_far_as_nobody_else_lets_it(tmp_path: Path) -> None:
    """The hall is let for 2028-2029 at 24, then a quarter of it at 8 for 2031 and 2032.

    At the end of 2029 nobody lets anything: of leases of 125% of the hall, 80% of the rent of 32 counts, and likewise
    once both have ended. While the quarter is let, from the first day of 2031, three quarters are free: 75% of 24 + 8.
    """
    quarter = "    rent: 266.6666666666667 USD/kW-month\n    capacity: 2.5 MW\n"
    text = halves("term: 2 years", quarter).replace(
        "2028-01-01\n    term: 2 years\ndebt", "2031-01-01\n    term: 2 years\ndebt"
    )
    result = solved(tmp_path, text)
    found = rents(result)
    assert result.series("recovery.let_hall")[END_2029 - 1 : END_2033] == [1, 0, 0.25, 0.25, 0]
    assert found[END_2029 - 1] == pytest.approx(24, abs=CENT)
    assert found[END_2029] == pytest.approx(0.8 * 32, abs=CENT)
    assert found[END_2031] == pytest.approx(0.75 * 24 + 8, abs=CENT)
    assert found[END_2032] == pytest.approx(0.8 * 32, abs=CENT)


def test_the_hall_let_to_two_after_one_another_is_not_counted_twice(tmp_path: Path) -> None:
    """24 a year for 2028-2029, 12 for 2030-2031, and afterwards the mean of both: each is for the whole hall."""
    text = halves("term: 2 years", "    rent: 100 USD/kW-month\n")
    text = text.replace("2028-01-01\n    term: 2 years\ndebt", "2030-01-01\n    term: 2 years\ndebt")
    found = rents(solved(tmp_path, text))
    assert found[END_2029 - 1 : END_2032] == pytest.approx([24, 12, 12, 18], abs=CENT)


def test_a_lease_counts_in_its_free_months_beside_another(tmp_path: Path) -> None:
    text = halves(
        "term: 9 years\n    capacity: 5 MW\n    free_rent: 30 months", "    rent: 200 USD/kW-month\n    share: 50%\n"
    )
    assert rents(solved(tmp_path, text))[END_2029] == pytest.approx(24, abs=CENT)


RENEWED = """\
    term: 2 years
    renewals:
      one: {label: Option, term: 3 years, probability: 40%, rent_multiple: 0.7x}
"""


@pytest.mark.parametrize(("likely", "level", "owed"), [("40%", 0.7, 0.4 * 0.7), ("0%", 1.0, 0.0)])
def test_space_is_let_again_at_the_multiple_of_a_renewal_and_the_fee_is_of_what_is_owed(
    tmp_path: Path, likely: str, level: float, owed: float
) -> None:
    """From 2030 on 24 x 0.7 where the option may come about, and 24 where it cannot. The fee: half a year, half of it.

    It is owed on 40% x 0.7 of the rent in the renewed term, and on nothing once the lease has ended, from 2033 on.
    """
    text = changed(TEXT, ("    term: 9 years\n", RENEWED.replace("40%", likely)))
    result = solved(tmp_path, text)
    assert rents(result)[END_2029 - 1] == 24
    assert rents(result)[END_2030] == pytest.approx(24 * level, abs=CENT) == rents(result)[END_2033]
    fee = result.series("recovery.support.fee")
    assert fee[END_2029 - 1] == pytest.approx(24 / 2 * 0.5, abs=CENT)
    assert fee[END_2030] == pytest.approx(24 / 2 * 0.5 * owed, abs=CENT)
    assert fee[END_2033] == 0


def test_space_that_is_worth_more_dark_is_not_let_again(tmp_path: Path) -> None:
    """A tenth of the rent: 24 x 10% x 95% = 2.28, worth 25.33 less 8 of re-letting, is less than the dark value of 60.

    So nobody is found in the six months of downtime: no income until the sale, and a year of protective costs of 3.
    """
    result = solved(tmp_path, changed(TEXT, ("downtime: 18 months, share: 60%", "downtime: 6 months, share: 10%")))
    assert result.series("recovery.relet_value")[MID_TERM] == pytest.approx(2.28 / 0.09 - 8, abs=CENT)
    assert result.series("recovery.sold")[MID_TERM] == pytest.approx(60 * 0.9 * 0.98, abs=CENT)
    assert result.series("recovery.income")[MID_TERM] == 0
    assert result.series("recovery.costs")[MID_TERM] == pytest.approx(2 + 3, abs=CENT)


def test_nobody_lets_again_for_nothing(tmp_path: Path) -> None:
    """Without a dark value and at no rent the hall brings nothing, and stays empty until the sale."""
    text = changed(TEXT, ("downtime: 18 months, share: 60%", "downtime: 6 months, share: 0%"))
    result = solved(tmp_path, changed(text, ("  dark: {per_mw: 6m/MW}\n", "")))
    assert result.series("recovery.sold")[MID_TERM] == 0 == result.series("recovery.income")[MID_TERM]
    assert result.series("recovery.costs")[MID_TERM] == pytest.approx(2 + 3, abs=CENT)


def with_event(changes: str) -> str:
    return changed(TEXT, ("event:\n", LEFT.replace("on: 2029-01-01", changes)))


def test_the_cost_of_letting_again_is_paid_on_the_day_after_the_downtime(tmp_path: Path) -> None:
    """Empty from July 2028 to the end of 2029: the new lease begins, and costs its 8, on the first day of 2030."""
    result = solved(tmp_path, with_event("on: 2028-07-01"))
    assert result.series("recovery.relet_paid")[END_2029 - 1 : END_2030] == [0, 0]
    assert result.series("recovery.relet_paid")[END_2030] == 1
    assert result.series("recovery.value")[END_2029] == pytest.approx(152 - 8, abs=0.01)
    assert result.series("recovery.value")[END_2030] == pytest.approx(152, abs=CENT)


def test_space_that_an_event_leaves_empty_for_good_is_not_let_again(tmp_path: Path) -> None:
    text = changed(with_event("on: 2028-07-01"), ("    relet_share: 60%\n", "    relet_share: 0%\n"))
    assert set(solved(tmp_path, text).series("recovery.relet_paid")) == {0.0}


PARKING = "income:\n  parking: {label: Parking, payer: Drivers, amount: 1m, expiry: 2036-12-31}\n"


@pytest.mark.parametrize(
    ("names", "leaves"),
    [("", True), ("leases: [hall]", True), ("incomes: [parking]", False)],
    ids=["all", "hall", "not"],
)
def test_which_events_end_a_lease(tmp_path: Path, names: str, leaves: bool) -> None:
    """One that names nothing, or a lease; not one that names the parking alone."""
    day = "on: 2028-07-01"
    text = changed(with_event(f"{day}\n    {names}" if names else day), ("debt:\n", PARKING + "debt:\n"))
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    lines = spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")).lines
    assert ("recovery.relet_paid" in lines) is leaves


@pytest.mark.parametrize("rent", ["rent: 120 USD/kW-month", "rent_per_mw: 1.44m USD/MW-year"])
def test_space_is_let_again_at_a_rent_by_the_market(tmp_path: Path, rent: str) -> None:
    """10 MW at 120 per kW-month are 14.4 a year, at whatever was signed; 13.68 after costs of 5%, and 152 at 9%."""
    text = changed(TEXT, ("share: 60%, costs", f"{rent}, costs"), ("    rent: 200 USD", "    rent: 170 USD"))
    result = solved(tmp_path, text)
    assert result.series("recovery.relet_noi") == pytest.approx([13.68] * len(result.series("time.end")), abs=CENT)
    assert result.series("recovery.stabilised")[MID_TERM] == pytest.approx(152, abs=CENT)
