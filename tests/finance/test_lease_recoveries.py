"""What tenants pay back of operating costs: by class of lease, share, stop and days, and with an event; by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import with_fault
from tests.finance.leased import COMMENCEMENT, COVENANTS, TERM, model_of, solved

RENT = 6.0
"""A quarter of 24 m a year, level, from January 2026 to December 2036."""
CARE = "{label: Care, amount: 4m, recoverable: 75%, expense_stop: 1.6m}"
ROOF = "{label: Roof, amount: 0.8m, recoverable: 100%, structural: yes}"
POWER = "{label: Power, amount: 8m, passed_through: 90%}"


def costs(*entries: str) -> tuple[str, str]:
    lines = "".join(f"  cost_{number}: {entry}\n" for number, entry in enumerate(entries))
    return COVENANTS, f"opex:\n{lines}{COVENANTS}"


def classed(recoveries: str) -> tuple[str, str]:
    return TERM.removesuffix("11 years\n"), f"    recoveries: {recoveries}\n    term: "


def of(result: Result, what: str) -> list[float]:
    return list(result.series(what))


@pytest.mark.parametrize(
    ("recoveries", "expected"),
    [
        # A quarter costs 1.0 + 0.2 + 2.0; of power 1.8 is passed through.
        ("triple net", 0.75 * 1.0 + 0.2 + 1.8),
        ("double net", 0.75 * 1.0 + 1.8),
        # The stop is 0.4 a quarter; the roof has none.
        ("modified gross", 0.75 * (1.0 - 0.4) + 0.2 + 1.8),
        ("gross", 1.8),
    ],
)
def test_what_each_class_of_lease_recovers(tmp_path: Path, recoveries: str, expected: float) -> None:
    stop = CARE if recoveries == "modified gross" else CARE.replace(", expense_stop: 1.6m", "")
    result = solved(tmp_path, classed(recoveries), costs(stop, ROOF, POWER))
    assert of(result, "lease.hall.recoveries") == pytest.approx([expected] * 44)
    assert of(result, "lease.recoveries") == pytest.approx([expected] * 44)
    assert of(result, "revenue.before_recoveries") == pytest.approx([RENT] * 44)
    assert of(result, "revenue.total") == pytest.approx([RENT + expected] * 44)
    for line in ("opex.noi", "ratios.cfads", "statements.income.ebitda"):
        assert of(result, line) == pytest.approx([RENT + expected - 3.2] * 44)


def test_without_a_recoverable_cost_no_line_is_added(tmp_path: Path) -> None:
    """The class of a lease alone changes nothing: what it recovers stands on neither side."""
    plain = model_of(tmp_path, costs("{label: Care, amount: 4m}"))
    gross = model_of(tmp_path, classed("gross"), costs("{label: Care, amount: 4m}"))
    own = model_of(tmp_path, classed("gross"), costs("{label: Care, amount: 4m, recoverable: 100%}"))
    names = list(plain.lines)
    assert list(gross.lines) == names
    assert set(own.lines) - set(names) == {"opex.cost_0.recoverable"}
    assert not [name for name in names if "recover" in name and name.startswith(("lease.", "opex.", "revenue."))]


def test_a_cost_below_its_stop_is_the_landlords(tmp_path: Path) -> None:
    """4 m a year rise 10% each January from 2025, the year of close, to 4.4 in 2026: the stop of 4.5 is passed in 2027.

    2027: 4.84 - 4.5 = 0.34 a year, half of it recovered.
    """
    entry = "{label: Care, amount: 4m, escalation: 10%, recoverable: 50%, expense_stop: 4.5m}"
    result = solved(tmp_path, classed("modified gross"), costs(entry))
    assert of(result, "lease.hall.recoveries")[:8] == pytest.approx([0.0] * 4 + [0.5 * 0.34 / 4] * 4)


def test_a_base_year_is_a_stop_at_the_costs_that_the_model_has_in_it(tmp_path: Path) -> None:
    """4 m a year in 2025 rise 10% each January: 4.4 in 2026, the year of commencement, 4.84 in 2027, 5.324 in 2028.

    Half of what exceeds 4.4 is paid, from 2027: 0.44 a year, then 0.924. The roof does not rise above its base year,
    and 90% of power is paid whatever the year.
    """
    entries = costs("{label: Care, amount: 4m, escalation: 10%, recoverable: 50%}", ROOF, POWER)
    result = solved(tmp_path, classed("base year"), entries)
    assert result.scalar("lease.hall.base.cost_0.stop") == pytest.approx(4.4)
    assert result.scalar("lease.hall.base.cost_1.stop") == pytest.approx(0.8)
    paid = [1.8] * 4 + [1.8 + 0.5 * 0.44 / 4] * 4 + [1.8 + 0.5 * 0.924 / 4] * 4
    assert of(result, "lease.hall.recoveries")[:12] == pytest.approx(paid)


def test_a_base_year_between_two_calendar_years_costs_what_its_days_cost(tmp_path: Path) -> None:
    """From 16 August 2026 to 15 August 2027, care of 4.4 m in 2026 and 4.84 m in 2027.

    46 of 92 days of the third quarter of 2026, the fourth, two of 2027 and 46 of 92 days of the next are a year:
    1.1 x 1.5 + 1.21 x 2.5 = 4.675. Of the third quarter of 2027 46 of 92 days bear the excess of 4.84 over it.
    """
    base = ("    term: ", "    recoveries: base year\n    base_year: 2026-08-16\n    term: ")
    result = solved(tmp_path, base, costs("{label: Care, amount: 4m, escalation: 10%, recoverable: 100%}"))
    assert result.scalar("lease.hall.base.years") == pytest.approx(1.0)
    assert result.scalar("lease.hall.base.cost_0.stop") == pytest.approx(4.675)
    above = (4.84 - 4.675) / 4
    found = of(result, "lease.hall.recoveries")
    assert found[:9] == pytest.approx([0.0] * 6 + [above / 2, above, (5.324 - 4.675) / 4])


def test_a_base_year_that_begins_before_operation_is_taken_by_the_year(tmp_path: Path) -> None:
    """Rent, and with it operation, begins on 1 July 2026: half a year at 4.4 m, so that the stop is 4.4 m a year.

    In 2027 the excess of 0.44 is paid; the tenant pays nothing in 2026, which is its base year.
    """
    free = ("    term: ", "    free_rent: 6 months\n    recoveries: base year\n    term: ")
    result = solved(tmp_path, free, costs("{label: Care, amount: 4m, escalation: 10%, recoverable: 100%}"))
    assert result.scalar("lease.hall.base.cost_0.stop") == pytest.approx(4.4)
    assert of(result, "lease.hall.recoveries")[:6] == pytest.approx([0.0] * 4 + [0.11] * 2)


def test_a_tenant_pays_its_share_while_its_lease_runs(tmp_path: Path) -> None:
    """6 of 10 MW from 15 February 2026, rent-free for a month: operation and its costs begin with rent, on 15 March.

    The first quarter has 17 of 90 days of operation, the last of five years, of 2031, 45 of 90.
    """
    result = solved(
        tmp_path,
        (COMMENCEMENT, "    commencement: 2026-02-15\n    capacity: 6 MW\n    free_rent: 1 month\n"),
        (TERM, "    term: 5 years\n"),
        costs("{label: Care, amount: 4m, recoverable: 100%}"),
    )
    found = of(result, "lease.hall.recoveries")
    assert found[0] == pytest.approx(0.6 * 17 / 90)
    assert found[1:20] == pytest.approx([0.6] * 19)
    assert found[20] == pytest.approx(0.6 * 45 / 90)
    assert found[21:] == pytest.approx([0.0] * 23)


def test_two_tenants_pay_their_shares_and_the_landlord_what_is_empty(tmp_path: Path) -> None:
    """3 of 10 MW for the whole time, and a stated half from 16 May 2026, 46 of the 91 days of the second quarter."""
    other = (
        "  second: {label: Second, building: hall, tenant: Other, rent: 200 USD/kW-month, capacity: 4 MW, "
        "commencement: 2026-05-16, term: 2 years, free_rent: 1 month, proportionate_share: 50%}\n"
    )
    result = solved(
        tmp_path,
        (COMMENCEMENT, f"    capacity: 3 MW\n{COMMENCEMENT}"),
        ("debt:\n", f"{other}debt:\n"),
        costs("{label: Care, amount: 4m, recoverable: 100%}"),
    )
    assert of(result, "lease.hall.recoveries") == pytest.approx([0.3] * 44)
    second = of(result, "lease.second.recoveries")
    assert second[:3] == pytest.approx([0.0, 0.5 * 46 / 91, 0.5])
    assert second[9:11] == pytest.approx([0.5 * 45 / 91, 0.0])
    assert of(result, "lease.recoveries")[:3] == pytest.approx([0.3, 0.3 + 0.5 * 46 / 91, 0.8])


def test_an_event_that_stops_the_rent_stops_the_recoveries_until_the_space_is_let_again(tmp_path: Path) -> None:
    """Nothing from 16 November 2027, for the last 46 of 92 days; let again on 16 February 2028 at 60% of the rent.

    The new tenant pays the costs in full.
    """
    event = (
        "event:\n  stops: {label: Stops, kind: tenant default, happens: yes, on: 2027-11-16, rent_share: 0%, "
        f"downtime: 3 months, relet_share: 60%}}\n{COVENANTS}"
    )
    entries = costs("{label: Care, amount: 4m, recoverable: 100%}")
    result = solved(tmp_path, entries, (COVENANTS, event))
    found = of(result, "lease.hall.recoveries")
    # 16 February to 31 March 2028 are 45 of 91 days.
    assert found[6:10] == pytest.approx([1.0, 1 - 46 / 92, 45 / 91, 1.0])
    left = [part / RENT for part in of(result, "lease.hall.rent_income")]
    assert left[6:10] == pytest.approx([1.0, 1 - 46 / 92, 0.6 * 45 / 91, 0.6])


def test_a_cut_of_the_rent_leaves_the_recoveries(tmp_path: Path) -> None:
    """80% of the rent from 2028: the tenant still uses the hall and its power, and pays for them."""
    event = (
        "event:\n  cut: {label: Cut, kind: renegotiation, happens: yes, on: 2028-01-01, rent_share: 80%}\n" + COVENANTS
    )
    result = solved(tmp_path, costs(CARE.replace(", expense_stop: 1.6m", ""), POWER), (COVENANTS, event))
    assert of(result, "lease.hall.rent_income")[7:9] == pytest.approx([RENT, 0.8 * RENT])
    assert of(result, "lease.hall.recoveries") == pytest.approx([0.75 + 1.8] * 44)
    assert of(result, "opex.cost_1.cost") == pytest.approx([2.0] * 44)


def test_empty_space_uses_no_metered_power_and_others_pay_for_their_own(tmp_path: Path) -> None:
    """6 of 10 MW go dark for the year 2028, 4 MW stay. A quarter of power costs 2 m with all of it in use.

    2028: 0.4 x 2 = 0.8, of which the other tenant pays back 90%, 0.72. Care is due in full, 1.0 a quarter, and the
    other tenant pays 75% of its 40%: 0.3.
    """
    other = "  second: {label: Second, building: hall, tenant: Other, rent: 200 USD/kW-month, capacity: 4 MW, "
    other += "commencement: 2026-01-01, term: 11 years}\n"
    event = "event:\n  dark: {label: Dark, kind: go-dark, leases: [hall], happens: yes, on: 2028-01-01, "
    event += f"until: 2028-12-31}}\n{COVENANTS}"
    result = solved(
        tmp_path,
        (COMMENCEMENT, f"    capacity: 6 MW\n{COMMENCEMENT}"),
        ("debt:\n", f"{other}debt:\n"),
        costs(CARE.replace(", expense_stop: 1.6m", ""), POWER),
        (COVENANTS, event),
    )
    assert of(result, "opex.cost_1.cost")[7:13] == pytest.approx([2.0] + [0.8] * 4 + [2.0])
    assert of(result, "opex.cost_0.cost") == pytest.approx([1.0] * 44)
    assert of(result, "lease.second.recoveries") == pytest.approx([0.3 + 0.72] * 44)
    assert of(result, "lease.hall.recoveries")[7:13] == pytest.approx([1.53] + [0.0] * 4 + [1.53])


def test_recoveries_of_a_renewed_term_count_at_its_probability(tmp_path: Path) -> None:
    """60% from 16 May 2029, of 46 of the 91 days of the fourteenth quarter, and 30% from 16 May 2032 to 15 May 2034.

    At 90% of the rent, which the costs do not follow. Power is metered: what the tenant is not expected to use costs
    nothing. From 16 May 2034 on nobody lets the hall, and nothing is operated.
    """
    renewals = "    expiry: 2029-05-15\n    renewals:\n"
    renewals += "      first: {label: First, term: 3 years, probability: 60%, rent_multiple: 0.9x}\n"
    renewals += "      second: {label: Second, term: 2 years, probability: 50%}\n"
    result = solved(tmp_path, (TERM, renewals), costs("{label: Care, amount: 4m, recoverable: 100%}", POWER))
    used = [1.0] * 13 + [(45 + 46 * 0.6) / 91] + [0.6] * 11 + [(45 * 0.6 + 46 * 0.3) / 91] + [0.3] * 7
    used += [0.3 * 45 / 91] + [0.0] * 10
    runs = [1.0] * 33 + [45 / 91] + [0.0] * 10
    assert of(result, "lease.hall.recoveries") == pytest.approx([(1.0 + 1.8) * part for part in used])
    assert of(result, "opex.cost_0.cost") == pytest.approx(runs)
    assert of(result, "opex.cost_1.cost") == pytest.approx([2 * part for part in used])


def test_a_default_in_a_renewed_term_takes_what_is_expected_of_it(tmp_path: Path) -> None:
    """60% from 16 May 2029; the tenant fails on 16 June 2029, after 45 days at 1 and 31 at 60% of the quarter's 91."""
    renewals = "    expiry: 2029-05-15\n    renewals:\n"
    renewals += "      first: {label: First, term: 3 years, probability: 60%}\n"
    event = "event:\n  stops: {label: Stops, kind: tenant default, happens: yes, on: 2029-06-16, downtime: 12 months, "
    event += f"relet_share: 50%}}\n{COVENANTS}"
    entries = costs("{label: Care, amount: 4m, recoverable: 100%}")
    result = solved(tmp_path, (TERM, renewals), entries, (COVENANTS, event))
    found = of(result, "lease.hall.recoveries")
    # Let again on 16 June 2030: 15 of 91 days at 60% of the costs.
    assert found[12:19] == pytest.approx([1.0, (45 + 31 * 0.6) / 91, 0.0, 0.0, 0.0, 0.6 * 15 / 91, 0.6])


def test_a_tenant_at_market_rent_pays_all_recoveries_again(tmp_path: Path) -> None:
    """Nothing from 16 November 2027 to 15 February 2028, and then the 18 m a year of the market and its share of costs.

    From 1 April 2028 half of all is lost besides.
    """
    event = (
        "event:\n  stops: {label: Stops, kind: non-renewal, happens: yes, leases: [hall], on: 2027-11-16, "
        "downtime: 3 months, relet_rent: {amount: 18m}}\n"
        "  half: {label: Half, kind: go-dark, happens: yes, on: 2028-04-01, rent_share: 50%}\n" + COVENANTS
    )
    entries = costs("{label: Care, amount: 4m, recoverable: 100%}")
    result = solved(tmp_path, entries, (COVENANTS, event))
    # 16 February to 31 March 2028 are 45 of 91 days.
    assert of(result, "lease.hall.recoveries")[6:10] == pytest.approx([1.0, 1 - 46 / 92, 45 / 91, 0.5])
    assert of(result, "lease.hall.rent_income")[6:10] == pytest.approx([6.0, 3.0, 4.5 * 45 / 91, 2.25])


def test_a_fee_is_a_share_of_revenue_before_recoveries_and_has_a_cap(tmp_path: Path) -> None:
    """5% of 6 m a quarter, whatever is paid back; with a cap of 1 m a year, a quarter of it."""
    fee = "{label: Fee, share_of_revenue: 5%, recoverable: 100%}"
    result = solved(tmp_path, costs(fee))
    assert of(result, "opex.cost_0.cost") == pytest.approx([0.3] * 44)
    assert of(result, "revenue.total") == pytest.approx([6.3] * 44)
    capped = solved(tmp_path, costs(fee.replace("5%", "5%, amount: 0.4m, cap: 1m")))
    assert of(capped, "opex.cost_0.cost") == pytest.approx([0.25 + 0.1] * 44)
    loose = solved(tmp_path, costs("{label: Fee, share_of_rent: 5%, cap: 1.3m}"))
    assert of(loose, "opex.cost_0.cost") == pytest.approx([0.3] * 44)


def test_an_abated_tax_is_due_by_its_table(tmp_path: Path) -> None:
    """20% of 4 m a year, then 60% from 2028 and all from 15 May 2030, which counts from the next quarter."""
    tax = "{label: Tax, amount: 4m, abatement: {2025-12-31: 20%, 2028-01-01: 60%, 2030-05-15: 100%}}"
    result = solved(tmp_path, costs(tax))
    assert of(result, "opex.cost_0.cost") == pytest.approx([0.2] * 8 + [0.6] * 10 + [1.0] * 26)
    assert of(result, "opex.cost_0.unabated") == pytest.approx([1.0] * 44)


def test_a_recovery_beyond_the_costs_is_noticed(tmp_path: Path) -> None:
    model = model_of(tmp_path, costs("{label: Care, amount: 4m, recoverable: 100%}"))
    faulty = with_fault(model, "lease.hall.recoveries", 0.01, "money", 7)
    assert "checks.recoveries" in [check.name for check in spvmodel.solve(faulty).checks if not check.passed]


def test_recoveries_are_received_as_the_cost_is_incurred_whenever_rent_is_paid(tmp_path: Path) -> None:
    """Rent a quarter late: the first quarter receives 1 m of recoveries alone, every later one a rent beside it."""
    late = ("    term: ", "    payment: {timing: in arrears, every: 3 months, lag: 3 months}\n    term: ")
    result = solved(tmp_path, late, costs("{label: Care, amount: 4m, recoverable: 100%}"))
    assert of(result, "revenue.received") == pytest.approx([1.0, *[7.0] * 43])
    assert of(result, "ratios.cfads") == pytest.approx([0.0, *[6.0] * 43])
    assert of(result, "statements.income.revenue") == pytest.approx([7.0] * 44)


def test_recoveries_of_a_merchant_lease_are_merchant_revenue(tmp_path: Path) -> None:
    """The lease earns all there is, recoveries included: nothing of revenue is contracted."""
    merchant = ("    term: ", "    revenue: merchant\n    term: ")
    result = solved(tmp_path, merchant, costs("{label: Care, amount: 4m, recoverable: 100%}"))
    assert of(result, "revenue.merchant_share") == pytest.approx([1.0] * 44)
