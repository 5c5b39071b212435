"""General reserve accounts: what each must hold, how it is filled, drawn, spent and released; derived by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model, Number
from tests.finance.reserved import by_year, model_with, solved_with
from tests.finance.test_checks import failed, with_fault
from tests.finance.works import built

DEAL = Path(__file__).parents[1] / "deals" / "accounts.yaml"
DSRA = "dsra: {months: 0}"
OPEX = "opex: {care: {label: Care, amount: 1.2m}, insurance: {label: Insurance, amount: 0.6m}}"
AT = "reserves.account.a"

# By year from 2026, for an annual model whose leases earn from 2026 to 2036.
TARGETS = {
    "an amount from the first revenue to the last": ("amount: 2m", [2.0] * 10 + [0.0]),
    "an amount between two days": (
        "amount: 2m, start: 2028-07-01, until: 2031-12-31",
        [0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0],
    ),
    "an amount released in the course of a year": (
        "amount: 2m, start: 2027-01-01, until: 2030-06-30",
        [0, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0],
    ),
    "equal instalments": (
        "amount: 2m, start: 2028-01-01, full_by: 2031-12-31, until: 2034-12-31",
        [0, 0, 0.5, 1, 1.5, 2, 2, 2, 0, 0, 0],
    ),
    # Half of 2028 by days: 184 of 366, then three whole years.
    "instalments that begin in the course of a year": (
        "amount: 2m, start: 2028-07-01, full_by: 2031-12-31",
        [0, 0, *[2 * (184 / 366 + n) / (184 / 366 + 3) for n in range(4)], 2, 2, 2, 2, 0],
    ),
    # 1.8m a year; the first four months of a year are 120 of 365 days, 121 of 366.
    "months of all costs": (
        "months: 4",
        [1.8 * (121 / 366 if (2027 + n) % 4 == 0 else 120 / 365) for n in range(10)] + [0],
    ),
    "months of one cost": ("months: 12, costs: [insurance]", [0.6] * 10 + [0]),
    "more months than a year": ("months: 2 years, costs: [care]", [2.4] * 9 + [1.2, 0]),
    # 20 for each of 10,000 kW are 0.2m a year.
    "an accrual": ("per_kw: 20 USD/kW-year", [0.2 * (n + 1) for n in range(10)] + [0]),
    "an accrual up to a cap": ("per_kw: 20, cap: 0.5m", [0.2, 0.4, *[0.5] * 8, 0]),
    "an accrual from a day": ("per_kw: 20, start: 2028-07-01", [0, 0, *[0.2 * (184 / 366 + n) for n in range(8)], 0]),
    "an accrual that is spent": (
        "per_kw: 20, cap: 0.5m, works: {2029-05-15: 0.3m, 2031-02-28: 0.7m}",
        # 2029: 0.5 + 0.2 - 0.3; 2030: 0.5; 2031: 0.5 + 0.2 - 0.7.
        [0.2, 0.4, 0.5, 0.4, 0.5, 0, 0.2, 0.4, 0.5, 0.5, 0],
    ),
    "works ahead": ("weights: {year_1: 100%}, works: {2029-08-31: 1m, 2030-01-15: 3m}", [0, 0, 1, 3, *[0] * 7]),
    "weighted works": (
        "weights: {year_1: 100%, year_2: 50%, year_3: 20%}, works: {2029-08-31: 1m, 2030-01-15: 3m}",
        # 2026: 0.2 x 1; 2027: 0.5 x 1 + 0.2 x 3; 2028: 1 + 0.5 x 3; 2029: 3.
        [0.2, 1.1, 2.5, 3, *[0] * 7],
    ),
    "a year that does not count": (
        "weights: {year_1: 100%, year_3: 20%}, works: {2029-08-31: 1m, 2030-01-15: 3m}",
        [0.2, 0.6, 1, 3, *[0] * 7],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "target"), TARGETS.values(), ids=TARGETS)
def test_target(tmp_path: Path, terms: str, target: list[float]) -> None:
    result = solved_with(tmp_path, f"{DSRA}, account: {{a: {{label: A, {terms}}}}}", more=OPEX)
    assert result.series(f"{AT}.target") == pytest.approx(target)
    # Cash suffices in every year: the account holds its target, and is empty at the end.
    assert result.series(f"{AT}.closing") == pytest.approx(target)
    before = [0.0, *target[:-1]]
    works = result.series(f"{AT}.works") if f"{AT}.works" in result.values else [0.0] * len(target)
    moved = [now + spent - was for now, spent, was in zip(target, works, before, strict=True)]
    assert result.series(f"{AT}.top_up") == pytest.approx([max(0.0, x) for x in moved])
    assert result.series(f"{AT}.release") == pytest.approx([max(0.0, -x) for x in moved])
    if any(works):
        assert result.series(f"{AT}.spending") == pytest.approx(works)


def test_quarters_hold_months_by_days_and_pay_equal_instalments(tmp_path: Path) -> None:
    terms = "a: {label: A, months: 4, costs: [care]}, b: {label: B, amount: 1m, start: 2028-01-01, full_by: 2029-12-31}"
    result = solved_with(tmp_path, f"{DSRA}, account: {{{terms}}}", frequency="quarterly", more=OPEX)
    # At 31 March 2027: April to June are a quarter of 1.2m, July is 31 of 92 days of the next.
    assert result.series(f"{AT}.target")[4] == pytest.approx(0.3 + 0.3 * 31 / 92)
    assert result.series("reserves.account.b.top_up")[8:16] == pytest.approx([0.125] * 8)
    assert sum(result.series("reserves.account.b.top_up")) == pytest.approx(1.0)


def test_years_ahead_of_a_quarterly_model_are_four_quarters(tmp_path: Path) -> None:
    terms = "weights: {year_1: 100%, year_2: 50%}, works: {2029-08-31: 1m}"
    target = solved_with(
        tmp_path, f"{DSRA}, account: {{a: {{label: A, {terms}}}}}", frequency="quarterly"
    ).series(f"{AT}.target")  # fmt: skip
    # The quarter of the works is the 15th: eight quarters before it begin at the seventh.
    assert target == [0.0] * 6 + [0.5] * 4 + [1.0] * 4 + [0.0] * 30


def test_an_account_filled_at_close_is_a_use_of_funds(tmp_path: Path) -> None:
    terms = "account: {a: {label: A, amount: 2m, funded: at close}, b: {label: B, months: 4, funded: at close}}"
    result = solved_with(tmp_path, f"{DSRA}, {terms}", more=OPEX)
    without = solved_with(tmp_path, DSRA, more=OPEX)
    first = 2.0 + 1.8 * 120 / 365  # four months of 2027, at the end of the period of close
    assert result.series("reserves.account.funding") == pytest.approx([first] + [0.0] * 10)
    assert result.series("funding.site.accounts") == result.series("reserves.account.funding")
    assert result.scalar("funding.total_uses") == pytest.approx(without.scalar("funding.total_uses") + first)
    assert result.series("reserves.account.top_up")[0] == 0
    assert result.series(f"{AT}.closing") == pytest.approx([2.0] * 10 + [0.0])


def test_accounts_after_debt_service_leave_cfads_and_come_before_distributions(tmp_path: Path) -> None:
    terms = "account: {a: {label: A, amount: 2m, start: 2029-01-01, until: 2034-12-31}}"
    result, without = solved_with(tmp_path, f"{DSRA}, {terms}"), solved_with(tmp_path, DSRA)
    assert result.series("ratios.cfads") == without.series("ratios.cfads")
    less = [a - b for a, b in zip(without.series("waterfall.distributions"),
                                  result.series("waterfall.distributions"), strict=True)]  # fmt: skip
    assert less == pytest.approx([0, 0, 0, 2, 0, 0, 0, 0, -2, 0, 0])


def test_accounts_before_debt_service_come_off_cfads_and_their_releases_come_on(tmp_path: Path) -> None:
    terms = "amount: 2m, start: 2029-01-01, until: 2031-12-31, rank: before debt service"
    result = solved_with(tmp_path, f"{DSRA}, account: {{a: {{label: A, {terms}}}}}")
    without = solved_with(tmp_path, DSRA)
    less = [a - b for a, b in zip(without.series("ratios.cfads"), result.series("ratios.cfads"), strict=True)]
    assert less == pytest.approx([0, 0, 0, 2, 0, -2, 0, 0, 0, 0, 0])
    # 22m are there for 16.8m of service in 2029, 26m for 15.6m in 2031.
    assert by_year(result, "ratios.dscr", 2029, 2031) == pytest.approx(
        {2029: 22 / 16.8, 2030: 24 / 16.2, 2031: 26 / 15.6}
    )
    assert by_year(result, "waterfall.cash_after_account_a", 2029, 2031) == pytest.approx(
        {2029: 22, 2030: 24, 2031: 26}
    )
    assert result.series("returns.project_flow") == pytest.approx(without.series("returns.project_flow"))
    recipe = result.model.about["cfads_recipe"]
    assert "less scheduled contributions to the account A, which rank before debt service" in recipe


def test_the_project_pays_for_works_when_they_are_done(tmp_path: Path) -> None:
    terms = "weights: {year_1: 100%, year_2: 50%}, works: {2029-08-31: 1m}"
    without = solved_with(tmp_path, DSRA)
    for rank in ("before", "after"):
        account = f"account: {{a: {{label: A, {terms}, rank: {rank} debt service}}}}"
        result = solved_with(tmp_path, f"{DSRA}, {account}")
        less = [
            a - b
            for a, b in zip(without.series("returns.project_flow"), result.series("returns.project_flow"), strict=True)
        ]
        assert less == pytest.approx([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])


def test_works_are_deducted_for_tax_as_they_fall_due(tmp_path: Path) -> None:
    tax = "tax: {federal_rate: 20%, depreciation: straight line 20}"
    terms = "account: {a: {label: A, per_kw: 20, works: {2033-08-31: 1m}}}"
    result, without = solved_with(tmp_path, f"{DSRA}, {terms}", more=tax), solved_with(tmp_path, DSRA, more=tax)
    less = [a - b for a, b in zip(without.series("tax.income"), result.series("tax.income"), strict=True)]
    assert less == pytest.approx([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])


def test_works_that_cash_does_not_cover_stay_owed(tmp_path: Path) -> None:
    """17.4m of service in 2028 leave 0.6m of 18m of rent, 16.8m in 2029 leave 1.2m: works of 2.5m take till 2030."""
    terms = "account: {a: {label: A, weights: {year_1: 0%}, works: {2028-03-31: 2.5m}}}"
    result = solved_with(tmp_path, f"{DSRA}, {terms}", rent="150")
    assert by_year(result, f"{AT}.owed", 2028, 2030) == pytest.approx({2028: 2.5, 2029: 1.9, 2030: 0.7})
    assert by_year(result, f"{AT}.spending", 2028, 2030) == pytest.approx({2028: 0.6, 2029: 1.2, 2030: 0.7})
    assert by_year(result, f"{AT}.unpaid", 2028, 2030) == pytest.approx({2028: 1.9, 2029: 0.7, 2030: 0})
    # 18m less 16.2m of service and 0.7m of works.
    assert by_year(result, "waterfall.distributions", 2028, 2030) == pytest.approx({2028: 0, 2029: 0, 2030: 1.1})
    assert "alerts.accounts_short" in [name for name in result.model.alerts if result.scalar(name)]


def test_an_amount_covers_debt_service_after_the_dsra(tmp_path: Path) -> None:
    """16.8m of rent: 2028 is short of 0.6m, 2029 and later are not; the DSRA of 0.4m is drawn first."""
    terms = "dsra: {amount: 0.4m}, account: {a: {label: A, amount: 1m}}"
    result = solved_with(tmp_path, terms, rent="140")
    assert by_year(result, "reserves.dsra.draw", 2027, 2029) == pytest.approx({2027: 0, 2028: 0.4, 2029: 0})
    assert by_year(result, f"{AT}.draw", 2027, 2029) == pytest.approx({2027: 0, 2028: 0.2, 2029: 0})
    assert result.series("waterfall.principal.from_account_a")[2] == pytest.approx(0.2)
    assert max(result.series("waterfall.principal.shortfall")) < 1e-9
    # 16.2m of service in 2030 leave 0.6m: 0.4m for the DSRA, 0.2m for the account.
    assert by_year(result, f"{AT}.closing", 2028, 2030) == pytest.approx({2028: 0.8, 2029: 0.8, 2030: 1.0})


def test_months_of_costs_cover_operating_costs(tmp_path: Path) -> None:
    """1.2m of rent pay for 1.8m of costs a year: 0.6m of 2026 wait, and the 0.9m held are drawn for them in 2027."""
    terms = "account: {a: {label: A, months: 6, funded: at close}}"
    result = solved_with(tmp_path, f"{DSRA}, {terms}", more=OPEX, rent="10")
    held = 1.8 * 181 / 365
    assert result.series(f"{AT}.funding")[0] == pytest.approx(held)
    assert by_year(result, f"{AT}.draw", 2026, 2028) == pytest.approx({2026: 0, 2027: held, 2028: 0})
    left = by_year(result, "waterfall.operating_costs.shortfall", 2026, 2028)
    assert left == pytest.approx({2026: 0.6, 2027: 1.2 - held, 2028: 1.8 - held})


def test_an_account_that_counts_holds_back_distributions(tmp_path: Path) -> None:
    """Nobody could save 200m: an account that does not count leaves the lock-up test to the other conditions."""
    for counts, allowed in (("yes", 0.0), ("no", 1.0)):
        terms = f"account: {{a: {{label: A, amount: 200m, counts_for_lockup: {counts}}}}}"
        result = solved_with(tmp_path, f"{DSRA}, {terms}")
        assert by_year(result, "covenants.distribution_allowed", 2028, 2030) == dict.fromkeys(
            range(2028, 2031), allowed
        )
        assert by_year(result, "waterfall.account_a.shortfall", 2028, 2028)[2028] > 100
    assert "covenants.accounts_full" not in result.values


def test_all_accounts_earn_interest(tmp_path: Path) -> None:
    terms = "account: {a: {label: A, amount: 2m, start: 2028-01-01, until: 2030-12-31}}"
    result = solved_with(tmp_path, f"{DSRA}, interest: 3%, {terms}")
    assert by_year(result, "reserves.closing", 2027, 2030) == pytest.approx({2027: 0, 2028: 2, 2029: 2, 2030: 0})
    earned = by_year(result, "reserves.interest_earned", 2028, 2031)
    assert earned == pytest.approx({2028: 0, 2029: 0.06, 2030: 0.06, 2031: 0})


ORDER = """\
waterfall:
  - pay: operating costs
    support: [a]
  - pay: fees
  - fund: a
    limit: 0.5m
  - pay: senior interest
  - pay: senior principal
    support: [dsra, b]
  - pay: balloons
  - fund: dsra
  - fund: b
    from: 2029-01-01
  - test: lock-up
  - distribute: equity
"""


def test_a_listed_waterfall_places_limits_and_draws_accounts(tmp_path: Path) -> None:
    terms = "account: {a: {label: A, amount: 1.2m, until: 2030-12-31}, b: {label: B, amount: 1m, until: 2030-12-31}}"
    result = solved_with(tmp_path, f"{DSRA}, {terms}", more=f"{OPEX}\n{ORDER}")
    assert by_year(result, f"{AT}.top_up", 2026, 2029) == pytest.approx({2026: 0.5, 2027: 0.5, 2028: 0.2, 2029: 0})
    assert by_year(result, "reserves.account.b.top_up", 2027, 2030) == pytest.approx(
        {2027: 0, 2028: 0, 2029: 1, 2030: 0}
    )
    # Scheduled contributions are those of the target: the limit only delays what is paid.
    contribution = by_year(result, f"{AT}.contribution", 2026, 2030)
    assert contribution == pytest.approx({2026: 1.2, 2027: 0, 2028: 0, 2029: 0, 2030: -1.2})
    assert by_year(result, "ratios.cfads", 2026, 2030) == pytest.approx(
        {2026: 24 - 1.8 - 1.2, 2027: 22.2, 2028: 22.2, 2029: 22.2, 2030: 22.2 + 1.2}
    )


@pytest.mark.parametrize("case", ["base", "low_rent", "late_works"])
def test_every_account_adds_up_and_every_check_holds(case: str) -> None:
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(DEAL))), case)
    assert [check.name for check in result.checks if not check.passed] == []
    sums = dict.fromkeys(("closing", "release", "top_up"), 0.0)
    for key in ("liquidity", "operations", "escrow", "leasing", "rollover", "maintenance"):
        at = f"reserves.account.{key}"
        flows = {
            name: _or_zero(result, f"{at}.{name}") for name in ("funding", "top_up", "draw", "spending", "release")
        }
        closing = result.series(f"{at}.closing")
        for t, (before, now) in enumerate(zip([0.0, *closing], closing, strict=False)):
            came = flows["funding"][t] + flows["top_up"][t]
            went = flows["draw"][t] + flows["spending"][t] + flows["release"][t]
            assert now == pytest.approx(before + came - went, abs=1e-12)
            assert min(flow[t] for flow in flows.values()) >= 0
            assert now >= -1e-12
        for name in sums:
            sums[name] += sum(result.series(f"{at}.{name}"))
    for name, whole in sums.items():
        assert sum(result.series(f"reserves.account.{name}")) == pytest.approx(whole)
    held = [f"{at}.closing" for at in ("reserves.dsra", "reserves.account", "reserves.trapped")]
    every = [sum(row) for row in zip(*map(result.series, held), strict=True)]
    assert result.series("reserves.closing") == pytest.approx(every)


def _or_zero(result: Result, name: str) -> list[float]:
    return result.series(name) if name in result.values else [0.0] * result.model.periods


def test_low_rent_draws_the_minimum_cash_and_trapped_cash_first() -> None:
    result = spvmodel.solve(spvmodel.build(spvmodel.load(str(DEAL))), "low_rent")
    assert sum(result.series("reserves.account.liquidity.draw")) > 0.1
    need = [
        due - cash
        for due, cash in zip(result.series("waterfall.obligations"), result.series("waterfall.receipts"), strict=True)
    ]
    assert result.series("reserves.trapped.support") == pytest.approx(
        [min(o, max(0.0, n)) for o, n in zip(result.series("reserves.trapped.opening"), need, strict=True)]
    )


def test_a_deal_without_accounts_declares_no_lines_of_them(tmp_path: Path) -> None:
    lines = built(tmp_path).lines
    assert not [name for name in lines if "account" in name]


FAULTS = {
    "reserves.account.liquidity.closing": "checks.cash",
    "reserves.account.leasing.spending": "checks.reserves_account_leasing_positive",
    "reserves.account.leasing.owed": "checks.reserves_account_leasing_works",
    "reserves.account.escrow.release": "checks.reserves_account_escrow_positive",
    "reserves.account.operations.top_up": "checks.cash",
    "reserves.account.spending": "checks.cash",
    "reserves.account.funding": "checks.site_uses",
    "funding.site.accounts": "checks.sources_uses",
    "waterfall.account_escrow.paid": "checks.account_escrow_step",
    "waterfall.account_operations.paid": "checks.account_operations_step",
    "waterfall.cash_after_account_rollover": "checks.cash",
}


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(str(DEAL)))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(model: Model, name: str) -> None:
    assert FAULTS[name] in failed(with_fault(model, name, "money"))


def test_a_distribution_before_an_account_is_full_is_found(tmp_path: Path) -> None:
    """The account that is paid into from 2029 on holds back all cash until then."""
    terms = "account: {a: {label: A, amount: 1.2m}, b: {label: B, amount: 1m}}"
    late = model_with(tmp_path, f"{DSRA}, {terms}", more=f"{OPEX}\n{ORDER}")
    assert spvmodel.solve(late).series("waterfall.distributions")[:3] == [0.0, 0.0, 0.0]
    assert failed(late) == set()
    full = replace(late.lines["covenants.accounts_full"], expr=Number(1))
    assert failed(replace(late, lines=late.lines | {full.name: full})) == {"checks.accounts_first"}
