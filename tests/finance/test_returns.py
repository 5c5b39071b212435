"""Present values, yields, changes of sign and break-even cuts, by hand on tests/deals/jv.yaml and by other libraries.

The deal lends 50 at close and a year later, without interest, repaid at 10 a year from 2027 to 2031; it earns 25 a year
to 2033 and 60 on its last day.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy_financial
import pytest
import pyxirr

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.roots import roots
from spvmodel.finance.headline import WITHOUT_VALUE
from spvmodel.lines import Model, from_serial
from spvmodel.lines.not_applicable import lines_with_na
from spvmodel.report.data import not_applicable
from spvmodel.report.headline import BORROWED
from tests.finance.conftest import DEALS, FOLDER

TEXT = (FOLDER / "jv.yaml").read_text(encoding="utf-8")


def altered(folder: Path, *changes: tuple[str, str]) -> Model:
    """The joint venture with passages replaced, each of which stands in it once."""
    text = TEXT[: TEXT.index("cases:\n")]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "jv.yaml"
    path.write_text(text, encoding="utf-8")
    return spvmodel.build(spvmodel.load(path))


@pytest.fixture(scope="module")
def base() -> Result:
    return spvmodel.solve(spvmodel.build(spvmodel.load(FOLDER / "jv.yaml")))


def numbers(values: list[float]) -> list[float | None]:
    return [None if math.isnan(x) else pytest.approx(x, rel=1e-12) for x in values]


def short(result: Result) -> float:
    """What interest, principal and balloons ever fall short."""
    return max(max(result.series(f"debt.loan.{step}_shortfall")) for step in ("interest", "principal", "balloon"))


def test_present_values_are_those_of_another_library(base: Result) -> None:
    ends = [from_serial(day) for day in base.series("time.end")]
    for name, flow in (("equity", "returns.equity_flow"), ("project", "returns.project_flow")):
        wanted = pyxirr.xnpv(0.10, ends, base.series(flow))
        assert base.scalar(f"returns.{name}_npv") == pytest.approx(wanted, rel=1e-12)
    # By hand: 30 at close, 20 after 365 days; the years 2028 and 2032 have 366 days.
    days = [0, 365, 730, 1096, 1461, 1826, 2191, 2557, 2922]
    flows = [-30, -20, 15, 15, 15, 15, 15, 25, 85]
    by_hand = math.fsum(x / 1.1 ** (day / 365) for x, day in zip(flows, days, strict=True))
    assert base.scalar("returns.equity_npv") == pytest.approx(by_hand, rel=1e-12)


def test_at_the_equity_irr_the_equity_is_worth_nothing(base: Result) -> None:
    result = spvmodel.solve(base.model, inputs={"returns.discount_rate": base.headline["equity_irr"]})
    assert result.scalar("returns.equity_npv") == pytest.approx(0, abs=1e-9)


def test_the_periodic_rate_is_that_of_another_library(base: Result) -> None:
    rate = float(numpy_financial.irr([-30, -20, 15, 15, 15, 15, 15, 25, 85]))
    assert base.scalar("returns.equity_irr_equal_periods") == pytest.approx(rate, rel=1e-9)


def test_the_dividend_yield(base: Result) -> None:
    """On the 50 that are paid in, from the first year after completion to the last with revenue."""
    yields = [15 / 50] * 5 + [25 / 50, 85 / 50]
    assert numbers(base.series("returns.dividend_yield")) == [None, None, *yields]
    assert base.scalar("returns.avg_dividend_yield") == pytest.approx(sum(yields) / 7, rel=1e-12)


def test_the_dividend_yield_looks_back_twelve_months(abilene: Model) -> None:
    result = spvmodel.solve(abilene)
    paid_out, paid_in = result.series("returns.distributions"), result.series("returns.contributions")
    found = result.series("returns.dividend_yield")
    first = next(t for t, x in enumerate(found) if x == x)
    assert result.series("ratios.year_complete").index(1.0) == first
    for t in (first, first + 10):
        assert found[t] == pytest.approx(sum(paid_out[t - 3 : t + 1]) / sum(paid_in[: t + 1]), rel=1e-12)


def test_changes_of_sign_are_counted_over_periods_without_flow(tmp_path: Path) -> None:
    """Forty more are spent in 2030, all of it equity: 15 - 40 that year. Nothing flows in 2026."""
    at_close = ("{2025-12-31: 60%, 2026-12-31: 40%}", "{2025-12-31: 100%}")
    extra = "use:\n  extra: {label: Extra, kind: hard, amount: 40m, profile: table, table: {2030-12-31: 100%}, "
    extra += "funded_by: extra}\nfunding:\n  extra: {label: Extra}\n"
    result = spvmodel.solve(altered(tmp_path, at_close, ("funding:\n", extra)))
    assert result.series("returns.equity_flow") == pytest.approx([-50, 0, 15, 15, 15, -25, 15, 25, 85])
    assert result.series("returns.equity_sign") == [-1, -1, 1, 1, 1, -1, 1, 1, 1]
    assert result.scalar("returns.equity_sign_changes") == 3
    assert any("changes sign more than once" in warning for warning in result.warnings)


def test_one_change_of_sign_raises_nothing(base: Result) -> None:
    assert base.scalar("returns.equity_sign_changes") == 1
    assert base.series("returns.equity_turns") == [0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert not any("changes sign" in warning for warning in base.warnings)


SWEPT = (
    ("fixed_rate: 0%", "fixed_rate: 6%"),
    ("repayment: {profile: straight line}", "repayment: {profile: bullet}"),
    ("sponsors:\n", "sweep: {share: 0%, order: [loan]}\nsponsors:\n"),
)


def test_the_break_even_cut_just_repays_the_loan_when_all_cash_is_used(tmp_path: Path) -> None:
    """A bullet of 50 at 6%, all cash swept: 50 / 105.309 of five years' 25 suffice, and not a thousandth less."""
    model = altered(tmp_path, *SWEPT)
    result = spvmodel.solve(model)
    worth = float(-numpy_financial.pv(0.06, 5, 25))
    cut = result.headline["breakeven_cfads_cut"]
    assert cut == pytest.approx(1 - 50 / worth, rel=1e-12)
    assert cut == pytest.approx(1 - 1 / result.series("ratios.llcr")[1], rel=1e-12)
    at_cut, beyond = (
        spvmodel.solve(model, inputs={"sweep.share": 1.0, "income.contract.amount": 25 * (1 - cut - more)})
        for more in (0.0, 0.001)
    )
    assert short(at_cut) <= 1e-9 and at_cut.series("debt.loan.closing")[6] == pytest.approx(0, abs=1e-9)
    assert sum(at_cut.series("returns.distributions")[:7]) == pytest.approx(0, abs=1e-9)
    assert short(beyond) > 0.1


def test_the_timely_cut_just_pays_every_instalment(tmp_path: Path) -> None:
    """Level principal of 10 and 3 of interest in 2027: 13 of 25 are needed, and the dearest year decides."""
    model = altered(
        tmp_path, ("fixed_rate: 0%", "fixed_rate: 6%\n    day_count: 1/1"), ("    day_count: 1/1\n    av", "    av")
    )
    result = spvmodel.solve(model)
    cut = result.scalar("ratios.timely_cfads_cut")
    assert cut == pytest.approx(1 - 13 / 25, rel=1e-12)
    at_cut, beyond = (
        spvmodel.solve(model, inputs={"income.contract.amount": 25 * (1 - cut - more)}) for more in (0.0, 0.001)
    )
    assert at_cut.headline["min_dscr"] == pytest.approx(1.0, rel=1e-12)
    assert short(at_cut) <= 1e-9 and short(beyond) == pytest.approx(0.025, rel=1e-6)


def test_cuts_where_cover_is_below_one_or_none(base: Result) -> None:
    low = spvmodel.solve(base.model, inputs={"income.contract.amount": 8.0})
    assert low.scalar("ratios.timely_cfads_cut") == pytest.approx(1 - 10 / 8, rel=1e-12)
    assert low.headline["breakeven_cfads_cut"] == pytest.approx(1 - 50 / 40, rel=1e-12)
    none = spvmodel.solve(base.model, inputs={"income.contract.amount": 0.0})
    assert math.isnan(none.scalar("ratios.timely_cfads_cut")) and math.isnan(none.headline["breakeven_cfads_cut"])


def test_tail_and_net_debt(base: Result) -> None:
    """Two years of revenue after the loan, worth 25 + 85 of 235; no cash is held."""
    assert base.scalar("ratios.tail") == pytest.approx((366 + 365) / 365, rel=1e-12)
    later = 25 / (1 + 0) + 85
    rates = base.series("debt.rate_pp")
    # The rate of nothing outstanding is the last one: 0.
    assert rates[-1] == 0 and base.scalar("ratios.tail_share") == pytest.approx(later / (5 * 25 + later), rel=1e-12)
    assert numbers(base.series("ratios.net_debt_ebitda")) == [
        None,
        None,
        40 / 25,
        30 / 25,
        20 / 25,
        10 / 25,
        None,
        None,
        None,
    ]
    assert base.scalar("ratios.max_net_debt_ebitda") == pytest.approx(1.6, rel=1e-12)
    assert numbers(base.series("ratios.ltc")) == [None, 0.5, 0.4, 0.3, 0.2, 0.1, None, None, None]


def test_months_of_service_that_the_reserve_holds(tmp_path: Path) -> None:
    """Six months of the 10 due each year: 5; in 2031 nothing is due any more."""
    model = altered(tmp_path, ("sponsors:\n", "reserves: {dsra: {months: 6 months, proration: months}}\nsponsors:\n"))
    result = spvmodel.solve(model)
    assert numbers(result.series("ratios.dsra_months")) == [None, *[6.0] * 5, None, None, None]
    assert result.series("ratios.net_debt")[2] == pytest.approx(40 - 5)


def test_a_letter_of_credit_counts_as_months_held(tmp_path: Path) -> None:
    dsra = "reserves: {dsra: {months: 6 months, proration: months, lc_fee: 0%}}\nsponsors:\n"
    result = spvmodel.solve(altered(tmp_path, ("sponsors:\n", dsra)))
    assert max(result.series("reserves.dsra.closing")) == 0
    assert numbers(result.series("ratios.dsra_months"))[1:6] == [6.0] * 5


@pytest.mark.parametrize("name", ["abilene", "toll", "workshop", "jv", "refinanced", "tranches"])
def test_every_metric_that_may_have_no_value_has_a_reason(name: str) -> None:
    model = spvmodel.build(spvmodel.load(DEALS.get(name, FOLDER / f"{name}.yaml")))
    reasons = model.about["not_applicable"]
    assert isinstance(reasons, dict)
    may = {metric for metric, line in model.headline.items() if line in lines_with_na(model.lines)}
    without_line = set(model.about["metrics"]) - set(model.headline)  # type: ignore[arg-type, call-overload]
    assert len(may) >= 12 and may | without_line <= set(reasons)
    assert set(WITHOUT_VALUE) >= may


def test_a_rate_is_withheld_where_money_is_taken_out_first() -> None:
    """River Bend, late and short of power: 184 of the notes go to the sponsors at close, who pay 326.5 and 360.0 later.

    Sold at half of its value they lose 502.5 in all. At 77.7% the 184 would be a loan that costs them just that: of the
    flows' one change of sign, from + to -, the value rises with the rate, so that it is no return that they earn.
    """
    model, cheap = spvmodel.build(spvmodel.load("river-bend")), {"enforcement.haircut": 0.5}
    result = spvmodel.solve(model, "late_and_short", inputs=cheap)
    flows = [x for x in result.series("enforcement.equity_flow") if x]
    assert flows == pytest.approx([184, -326.493, -359.999], abs=5e-4) and sum(flows) < -502
    assert roots(flows, [0, 1, 2])[0] > 0
    for name in ("enforcement.equity_irr", "returns.equity_irr", "returns.equity_irr_equal_periods"):
        assert math.isnan(result.scalar(name)), name
    many = spvmodel.solve_many(model, cheap, case="late_and_short")
    assert np.isnan(many["enforcement.equity_irr"]).all()
    assert not_applicable(result)["equity_irr"] == BORROWED


def test_a_rate_is_given_where_money_is_paid_in_first(base: Result) -> None:
    assert base.series("returns.equity_flow_first") == [-1] * 9
    assert base.headline["equity_irr"] > 0
