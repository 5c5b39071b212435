"""The rent roll by hand: remaining terms, what expires, the largest tenant; and the cut of rent that service bears."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.finance.leased import COVENANTS, RENT, TERM, model_of, solved

OTHER = """\
lease:
  rest:
    label: Rest
    building: hall
    tenant: Other
    rent: 150 USD/kW-month
    capacity: 3 MW
    commencement: 2026-07-01
    term: 5 years
"""
TWO = ((RENT, RENT + "    share: 60%\n"), ("lease:\n", OTHER))
"""14.4 m a year for 6 MW to December 2036, and 5.4 m for 3 MW from July 2026 to June 2031."""
COSTS = (COVENANTS, "opex: {care: {label: Care, amount: 1m, share_of_rent: 2%, share_of_revenue: 1%}}\n" + COVENANTS)


def test_remaining_terms_are_weighted_by_rent_and_by_capacity(tmp_path: Path) -> None:
    """At the end of 2026 ten years with three leap days are left of one, four and a half with one of the other."""
    result = solved(tmp_path, *TWO)
    long, short = 3653, 1642
    assert result.series("lease.walt_rent")[3] == pytest.approx((14.4 * long + 5.4 * short) / 19.8 / 365)
    assert result.series("lease.walt_capacity")[3] == pytest.approx((6 * long + 3 * short) / 9 / 365)
    assert result.series("lease.walt_rent")[0] == pytest.approx((long + 275) / 365)
    assert str(result.series("lease.walt_rent")[-1]) == "nan"


MASTS = OTHER.replace("  rest:\n    label: Rest", "  masts:\n    label: Masts").replace(
    "rent: 150 USD/kW-month\n    capacity: 3 MW", "amount: 0.6m"
)


def test_a_lease_at_a_yearly_amount_beside_others_lets_no_capacity(tmp_path: Path) -> None:
    """Masts on the roof of a hall of 10 MW that is let in full: by capacity the WALT is that of the hall alone.

    At the end of 2026: 3,653 days to the end of 2036, 1,642 to June 2031. Alone in a building it would let all of it.
    """
    result = solved(tmp_path, ("lease:\n", MASTS))
    assert result.series("lease.capacity_in_force")[3] == 10
    assert result.series("lease.walt_capacity")[3] == pytest.approx(3653 / 365)
    assert result.series("lease.walt_rent")[3] == pytest.approx((24 * 3653 + 0.6 * 1642) / 24.6 / 365)
    alone = solved(tmp_path, (RENT, "    amount: 24m\n"))
    assert alone.series("lease.capacity_in_force")[3] == 10


def test_rent_and_capacity_expire_once(tmp_path: Path) -> None:
    """In June 2031, the 22nd quarter, and in December 2036, the last."""
    result = solved(tmp_path, *TWO)
    assert result.series("lease.rent_expiring") == pytest.approx([0] * 21 + [5.4] + [0] * 21 + [14.4])
    assert result.series("lease.capacity_expiring") == pytest.approx([0] * 21 + [3] + [0] * 21 + [6])
    assert result.series("lease.rent_in_force") == pytest.approx([14.4] * 2 + [19.8] * 19 + [14.4] * 22 + [0])


def test_the_largest_tenant_owes_its_leases_together(tmp_path: Path) -> None:
    result = solved(tmp_path, *TWO)
    assert result.series("lease.largest_tenant")[:43] == pytest.approx([1] * 2 + [14.4 / 19.8] * 19 + [1] * 22)
    assert "lease.largest_tenant" not in model_of(tmp_path, TWO[0], (TWO[1][0], OTHER.replace("Other", "Tenant"))).lines


def test_contracted_rent_rises_and_does_not_see_concessions(tmp_path: Path) -> None:
    terms = "    term: 11 years\n    free_rent: 6 months\n    steps: {up: {label: Up, date: 2027-05-20, rise: 10%}}\n"
    result = solved(tmp_path, (TERM, terms), ("    escalation: 0%\n", ""))
    assert result.series("lease.rent_in_force")[:7] == pytest.approx([24] * 5 + [26.4] * 2)
    assert result.series("lease.rent_income")[:2] == [0, 0]


def test_the_cut_of_rent_is_what_is_spare_over_what_a_cut_takes(tmp_path: Path) -> None:
    """Rent of 6 m a quarter, of which 3% are costs that fall with it; 0.25 m of costs that do not."""
    result = solved(tmp_path, COSTS)
    service = result.series("debt.service")
    cuts = [(6 - 0.18 - 0.25 - due) / 5.82 for due in service[:24]]
    assert min(service[:24]) > 0.5
    assert result.series("ratios.rent_cut")[:24] == pytest.approx(cuts)
    assert all(str(cut) == "nan" for cut in result.series("ratios.rent_cut")[24:])
    assert result.scalar("ratios.timely_rent_cut") == pytest.approx(min(cuts))


# Terms of a fee of 3% of rent, the class of the lease, what falls with a rent of 6 m, what is paid and what comes back.
FEES = {
    "paid back in part": ("recoverable: 60%", "triple net", 6 - 0.4 * 0.18, 0.18, 0.108),
    "above a stop that is passed": ("recoverable: 60%, expense_stop: 0.4m", "modified gross", 5.928, 0.18, 0.048),
    "below a stop": ("recoverable: 60%, expense_stop: 0.8m", "modified gross", 5.82, 0.18, 0.0),
    "not above its base year": ("recoverable: 60%", "base year", 5.82, 0.18, 0.0),
    "at its cap": ("cap: 0.6m", "triple net", 6.0, 0.15, 0.0),
    "below its cap, and passed through": ("cap: 0.8m, passed_through: 90%", "gross", 6 - 0.1 * 0.18, 0.18, 0.162),
}


@pytest.mark.parametrize("name", FEES)
def test_what_tenants_pay_back_of_a_share_of_rent_falls_with_the_rent(name: str, tmp_path: Path) -> None:
    """Recoveries of the fixed cost of 0.2 m a quarter, half of which is paid back, stay, as does all under a cap."""
    terms, recoveries, kept, fee, back = FEES[name]
    fixed = "own: {label: Own, amount: 0.8m, passed_through: 50%}"
    costs = f"opex:\n  fee: {{label: Fee, share_of_rent: 2%, share_of_revenue: 1%, {terms}}}\n  {fixed}\ncovenants"
    classed = (TERM, f"    recoveries: {recoveries}\n{TERM}")
    result = solved(tmp_path, ("covenants", costs), classed)
    # From the second year on the base year is over.
    assert result.series("ratios.rent_kept")[4:24] == pytest.approx([kept] * 20)
    service = result.series("debt.service")[4:24]
    cuts = [(6 - fee + back - 0.1 - due) / kept for due in service]
    assert result.series("ratios.rent_cut")[4:24] == pytest.approx(cuts)


@pytest.mark.parametrize("payment", ["", "    payment: {timing: in arrears, lag: 1 month}\n"])
def test_rent_lower_by_the_cut_just_covers_service(tmp_path: Path, payment: str) -> None:
    """Solved again with that rent the least cover is 1.00x, however rent is paid."""
    cut = solved(tmp_path, COSTS, (TERM, TERM + payment)).scalar("ratios.timely_rent_cut")
    assert cut != pytest.approx(0, abs=0.01)
    lower = f"    rent: {200 * (1 - cut):.12f} USD/kW-month\n"
    result = solved(tmp_path, COSTS, (TERM, TERM + payment), (RENT, lower))
    served = [
        cover
        for cover, kept in zip(result.series("ratios.dscr"), result.series("ratios.rent_kept"), strict=True)
        if cover == cover and kept > 0
    ]
    assert min(served) == pytest.approx(1, abs=1e-9)
