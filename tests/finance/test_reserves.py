"""Reserve accounts: what each must hold, how it is filled and released, what it earns; derived by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.test_checks import failed, with_fault
from tests.finance.test_identities import flexes, holds
from tests.finance.works import FREQUENCIES, WORKS, built

DSRA = "dsra: {months: 6, proration: months}"
ACCOUNTS = {
    "reserves.dsra": (("funding", "top_up"), ("draw", "release")),
    "reserves.working_capital": (("funding", "top_up"), ("draw", "release")),
    "reserves.capital.roof": (("funding",), ("spending",)),
    "reserves.capital.chillers": (("funding",), ("spending",)),
}


@pytest.fixture(scope="module", params=FREQUENCIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The deal with reserves of every kind, in annual and in monthly periods."""
    return built(tmp_path_factory.mktemp("works"), ("frequency: annual", f"frequency: {request.param}"))


@pytest.fixture(scope="module")
def works() -> Result:
    """The same deal, annual, base case."""
    return spvmodel.solve(spvmodel.build(spvmodel.load(str(WORKS))))


def rows(result: Result, *names: str) -> list[tuple[float, ...]]:
    return list(zip(*map(result.series, names), strict=True))


def test_every_check_holds_and_every_account_adds_up(model: Model) -> None:
    for case in model.cases:
        result = spvmodel.solve(model, case)
        assert [check.name for check in result.checks if not check.passed] == []
        for at, (into, out) in ACCOUNTS.items():
            names = [f"{at}.{flow}" for flow in ("opening", *into, *out, "closing")]
            for before, (opening, *flows, closing) in zip(
                [0.0, *result.series(f"{at}.closing")], rows(result, *names), strict=False
            ):
                assert opening == before
                assert closing == pytest.approx(opening + sum(flows[: len(into)]) - sum(flows[len(into) :]), abs=1e-12)
                assert min(flows) >= 0
                assert closing >= -1e-12
        held = [result.series(f"{at}.closing") for at in (*ACCOUNTS, "reserves.trapped")]
        assert result.series("reserves.closing") == pytest.approx([sum(at) for at in zip(*held, strict=True)])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_check_holds_for_random_inputs(works: Result, data: st.DataObject) -> None:
    inputs = data.draw(flexes(works.model))
    holds(spvmodel.solve(works.model, data.draw(st.sampled_from(works.model.cases)), inputs))


def test_half_a_year_of_an_annual_model_is_half_of_the_next_year(works: Result) -> None:
    service = works.series("debt.senior.service")
    target = works.series("reserves.dsra.target")
    assert target == pytest.approx([after / 2 for after in [*service[1:], 0.0]])
    assert target[0] > 1


def test_half_a_year_by_days_is_its_share_of_days(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path, (DSRA, "dsra: {months: 6}")))
    service, target = result.series("debt.senior.service"), result.series("reserves.dsra.target")
    assert target[1] == pytest.approx(service[2] * 181 / 365)  # 2027
    assert target[2] == pytest.approx(service[3] * 182 / 366)  # 2028, a leap year


def test_six_months_of_a_monthly_model_are_six_periods_by_either_rule(tmp_path: Path) -> None:
    monthly = ("frequency: annual", "frequency: monthly")
    by_months = spvmodel.solve(built(tmp_path, monthly))
    by_days = spvmodel.solve(built(tmp_path, monthly, (DSRA, "dsra: {months: 6}")))
    assert by_months.series("reserves.dsra.target") == by_days.series("reserves.dsra.target")


def test_a_dsra_filled_at_close_is_drawn_and_bears_interest_from_there(tmp_path: Path) -> None:
    at_end = spvmodel.solve(built(tmp_path))
    at_close = spvmodel.solve(built(tmp_path, (DSRA, "dsra: {months: 6, proration: months, funded: at close}")))
    for result in (at_end, at_close):
        assert [check.name for check in result.checks if not check.passed] == []
        filled, target = result.series("reserves.dsra.funding"), result.series("reserves.dsra.target")
        assert filled == pytest.approx([target[0], *[0.0] * (len(target) - 1)], abs=1e-9)
        assert result.series("funding.site.dsra") == filled
    more = at_close.series("debt.senior.draw_at_close")[0] - at_end.series("debt.senior.draw_at_close")[0]
    share = at_close.scalar("funding.site.debt_share")
    filling = at_close.series("reserves.dsra.funding")[0]
    assert more == pytest.approx(
        share * filling
        + (share - at_end.scalar("funding.site.debt_share")) * at_end.series("funding.site.spend_at_close")[0],
        rel=0.05,
    )
    assert at_close.series("debt.senior.interest")[0] > at_end.series("debt.senior.interest")[0]


def test_a_dsra_built_from_cash_flow_is_no_use_of_funds(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path, (DSRA, "dsra: {months: 6, proration: months, funded: from cash flow}")))
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("funding.site.dsra") == [0.0] * result.model.periods
    target, topped = result.series("reserves.dsra.target"), result.series("reserves.dsra.top_up")
    assert topped[0] == 0  # nothing is earned before completion
    assert topped[1] == pytest.approx(target[1])
    assert result.series("reserves.dsra.closing")[1:] == pytest.approx(target[1:])


def test_a_letter_of_credit_stands_in_place_of_cash(tmp_path: Path, works: Result) -> None:
    result = spvmodel.solve(built(tmp_path, (DSRA, "dsra: {months: 6, proration: months, lc_fee: 1.2%}")))
    assert [check.name for check in result.checks if not check.passed] == []
    stated = result.series("reserves.dsra.lc")
    service = result.series("debt.senior.service")
    assert stated == pytest.approx([after / 2 for after in [*service[1:], 0.0]])
    fee = [
        0.012 * amount * days / 360 for amount, days in zip([0.0, *stated], result.series("time.days"), strict=False)
    ]
    assert result.series("reserves.dsra.lc_fee_due") == pytest.approx(fee)
    agency = result.series("debt.senior.fees_scheduled")
    assert result.series("waterfall.fees.due") == pytest.approx([a + b for a, b in zip(fee, agency, strict=True)])
    assert set(result.series("reserves.dsra.closing")) == {0.0}
    assert set(result.series("funding.site.dsra")) == {0.0}
    assert result.scalar("funding.total_uses") < works.scalar("funding.total_uses")


def test_works_are_saved_for_evenly_and_paid_from_the_reserve(works: Result) -> None:
    """Roof: 3m of 2025 prices, every five years from the end of 2025; the last works by the end of 2045 in 2045."""
    costs = {2030: 3 * 1.025**5, 2035: 3 * 1.025**10, 2040: 3 * 1.025**15, 2045: 3 * 1.025**20}
    first, last = 2025, 2045
    saved = [0.0] + [next(c for y, c in costs.items() if year <= y) / 5 for year in range(first + 1, last + 1)]
    assert works.series("reserves.capital.roof.contribution") == pytest.approx(saved)
    spent = [costs.get(year, 0.0) for year in range(first, last + 1)]
    assert works.series("reserves.capital.roof.spending") == pytest.approx(spent)
    assert works.series("reserves.capital.roof.works_cost") == pytest.approx(spent)


def test_a_cycle_that_ends_too_late_is_not_saved_for(works: Result) -> None:
    """Chillers: 1m every three years from the end of 2025, the last by the end of 2040."""
    years = range(2025, 2046)
    assert works.series("reserves.capital.chillers.spending") == pytest.approx(
        [1.0 if year in (2028, 2031, 2034, 2037, 2040) else 0.0 for year in years]
    )
    assert works.series("reserves.capital.chillers.contribution") == pytest.approx(
        [1 / 3 if 2026 <= year <= 2040 else 0.0 for year in years], abs=1e-12
    )


def test_a_month_saves_a_month_of_the_cycle(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path, ("frequency: annual", "frequency: monthly")))
    saved = result.series("reserves.capital.roof.contribution")
    assert saved[:12] == [0.0] * 12
    assert saved[12:72] == pytest.approx([3 * 1.025**5 / 60] * 60)
    assert saved[72:132] == pytest.approx([3 * 1.025**10 / 60] * 60)
    assert [t for t, spent in enumerate(result.series("reserves.capital.roof.spending")) if spent] == [
        71,
        131,
        191,
        251,
    ]


def test_contributions_of_an_independent_program(tmp_path: Path) -> None:
    """NREL SAM, two reserves of 3m each ten years and 1m each six, prices of the first year rising 2.5% a year."""
    text = WORKS.read_text()
    terms = "escalation: 2.5%, price_date: 2025-01-01, depreciation: MACRS 5"
    two = f"""    a: {{label: A, cost: 3m, cycle: 10 years, {terms}}}
    b: {{label: B, cost: 1m, cycle: 6 years, {terms}}}
"""
    old = text[text.index("    roof:") : text.index("tax:")]
    result = spvmodel.solve(built(tmp_path, (old, two)))
    saved = result.series("reserves.capital.contribution")
    assert saved[:6] == pytest.approx([0.56322692646607] * 6, rel=1e-12)
    assert saved[6:10] == pytest.approx([10.4 - 2.3193868364257805 - 7.487273162956377] * 4, rel=1e-12)
    assert saved[20] == 0  # 2045: neither cycle ends within the model
    deducted = result.series("tax.works_macrs_5.depreciation")
    # What SAM deducts in 2030 to 2035 beyond its straight line of 4.135m.
    assert deducted[5:11] == pytest.approx([0.226281642578125, 0.362050628125, 0.217230376875, 0.130338226125,
                                           0.879656008093599, 1.264077564211923], rel=1e-9)  # fmt: skip


def test_works_that_cash_does_not_cover_stay_owed(tmp_path: Path) -> None:
    """Without rent to speak of, contributions fall short, works wait, and what is missing falls due again."""
    model = built(tmp_path)
    result = spvmodel.solve(model, inputs={"lease.hall.rent": 25.0})
    names = ("opening", "owed", "required", "due", "funding", "spending", "unpaid", "closing")
    at = "reserves.capital.roof"
    late = 0
    before = 0.0
    for opening, owed, required, due, funding, spending, unpaid, _ in rows(result, *[f"{at}.{n}" for n in names]):
        assert due == pytest.approx(max(0.0, owed + required - opening))
        assert funding <= due + 1e-12
        assert spending == pytest.approx(min(owed, opening + funding))
        assert unpaid == pytest.approx(owed - spending)
        assert owed >= before - 1e-12
        before = unpaid
        late += unpaid > 1e-6
    assert late == 3
    assert [check.name for check in result.checks if not check.passed] == []


def test_a_shortfall_of_contributions_is_shared_by_what_is_due(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path), inputs={"lease.hall.rent": 25.0})
    shared = 0
    for roof, roof_due, chillers, chillers_due in rows(
        result, *[f"reserves.capital.{at}.{n}" for at in ("roof", "chillers") for n in ("funding", "due")]
    ):
        if min(roof_due, chillers_due) > 1e-9 and roof < roof_due - 1e-9:
            assert roof / roof_due == pytest.approx(chillers / chillers_due, abs=1e-9)
            shared += 1
    assert shared > 3


def test_cfads_is_after_contributions(works: Result) -> None:
    for cfads, noi, tax, saved in rows(
        works, "ratios.cfads", "opex.noi", "tax.payable", "reserves.capital.contribution"
    ):
        assert cfads == pytest.approx(noi - tax - saved, abs=1e-9)


def test_working_capital_is_costs_of_the_months_ahead(works: Result) -> None:
    costs = works.series("opex.total")
    wanted = [after * 3 / 12 for after in [*costs[1:], 0.0]]
    assert works.series("reserves.working_capital.target") == pytest.approx(wanted)
    assert works.series("reserves.working_capital.closing") == pytest.approx(wanted)
    assert works.series("funding.site.working_capital") == pytest.approx([wanted[0], *[0.0] * (len(wanted) - 1)])
    assert works.series("reserves.working_capital.release")[-1] == pytest.approx(wanted[-2])


def test_working_capital_pays_costs_that_receipts_do_not_cover(tmp_path: Path) -> None:
    result = spvmodel.solve(built(tmp_path), inputs={"lease.hall.rent": 10.0})
    names = ("reserves.working_capital.opening", "reserves.working_capital.draw")
    found = rows(result, *names, "waterfall.operating_costs.due", "waterfall.cash_in")
    for opening, draw, due, cash in found:
        assert draw == pytest.approx(min(opening, max(0.0, due - cash)), abs=1e-12)
    assert sum(draw for _, draw, _, _ in found) > 0.4


def test_interest_is_earned_on_opening_balances(model: Model) -> None:
    """Every full period earns alike, whatever its days; and the cash is received, outside CFADS."""
    for case in model.cases:
        result = spvmodel.solve(model, case)
        periods = result.scalar("time.periods_per_year")
        held = [0.0, *result.series("reserves.closing")]
        earned = result.series("reserves.interest_earned")
        assert earned == pytest.approx([0.0175 / periods * cash for cash in held[:-1]])
        assert sum(earned) > 0.5
        received = rows(result, "waterfall.receipts", "lease.rent_income", "reserves.interest_earned", "tax.refund")
        for receipts, rent, interest, refund in received:
            assert receipts == pytest.approx(rent + interest + refund)


def test_a_short_first_period_saves_by_its_days(tmp_path: Path) -> None:
    """A cycle counted from close on 10 January: 21 of the 31 days of January, of 60 months in all."""
    result = spvmodel.solve(
        built(
            tmp_path,
            ("close: 2024-12-31, frequency: annual", "close: 2025-01-10, frequency: monthly"),
            ("    close: 2024-12-31", "    close: 2025-01-10"),
            ("cycle: 5 years, start: 2025-12-31", "cycle: 5 years"),
        )
    )
    saved = result.series("reserves.capital.roof.contribution")
    cost = 3 * 1.025**5
    assert saved[0] == pytest.approx(cost * 21 / 31 / 60)
    assert saved[1:60] == pytest.approx([cost / 60] * 59)
    assert sum(saved[:61]) == pytest.approx(cost + 3 * 1.025**10 * 21 / 31 / 60)  # paid for on 10 January 2030
    assert result.series("reserves.capital.roof.works").index(1.0) == 60
    assert result.series("reserves.interest_earned")[0] == 0


def test_a_deal_without_reserves_declares_no_lines_of_them(abilene: Model) -> None:
    absent = ("reserves.capital", "reserves.working_capital", "reserves.interest", "reserves.dsra.lc", "tax.")
    assert [name for name in abilene.lines if name.startswith(absent)] == []


FAULTS = {
    "reserves.capital.spending": "checks.cash",
    "reserves.capital.roof.closing": "checks.cash",
    "reserves.working_capital.closing": "checks.cash",
    "waterfall.receipts": "checks.providers",
    "reserves.interest_earned": "checks.tax_feedback",
    "funding.site.working_capital": "checks.site_uses",
    "waterfall.capital_reserves.paid": "checks.capital_reserves_step",
    "waterfall.working_capital.paid": "checks.working_capital_step",
    "waterfall.tax.paid": "checks.tax_step",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(works: Result, name: str) -> None:
    assert FAULTS[name] in failed(with_fault(works.model, name, "money"))
