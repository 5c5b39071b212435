"""The case's own default: dates, cure, what lenders and owners are left with, by hand; the deal of test_recovery.py."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pyxirr

import spvmodel
from spvmodel.deal import load
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model, Number, Ref, from_serial
from spvmodel.report.data import not_applicable
from tests.finance.rich import RICH
from tests.finance.test_recovery import PATH

CENT = 1e-8
STOPPED = Path(__file__).parents[1] / "deals" / "stopped.yaml"


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(PATH))


def passed(result: Result) -> None:
    assert [check.name for check in result.checks if not check.passed] == []


def day(result: Result, name: str) -> date:
    return from_serial(result.scalar(name))


def test_a_tenant_that_pays_a_tenth(model: Model) -> None:
    """Rent of 2.4 in 2028: it pays 2.4 of the 6 of senior interest, and nothing else: 103.6 + 32.4 + 22 are owed.

    Claims a year later are 103.6 x 1.08, 32.4 x 1.08 and 22 x 1.1. The new lease is of the low rent: NOI of 1.368,
    worth 15.2 less 2.184 of downtime and 8: 5.016, which is less than the 60 of the hall dark, sold for 60 x 0.9 x
    0.98. The tenant's fee is 0.6, the residual value guarantee pays its 10, the sponsor its 5; costs are 5.
    """
    result = spvmodel.solve(model, "gone")
    passed(result)
    assert day(result, "enforcement.default_date") == date(2028, 12, 31)
    assert day(result, "enforcement.acceleration_date") == date(2029, 3, 31)
    assert day(result, "enforcement.sale_date") == date(2029, 12, 31)
    got, claims = 60 * 0.9 * 0.98 + 0.6 + 10 + 5 - 5, 103.6 * 1.08 + 32.4 * 1.08 + 22 * 1.1
    assert result.scalar("enforcement.recovered") == pytest.approx(got, abs=CENT)
    parts = [result.scalar(name) for name in result.model.lines if name.startswith("enforcement.from.")]
    assert sorted(filter(None, parts)) == pytest.approx([0.6, 5, 10, 52.92], abs=CENT)
    assert result.headline["lender_loss"] == pytest.approx(claims - got, abs=CENT)
    assert result.headline["lgd"] == pytest.approx((claims - got) / claims, abs=CENT)
    assert result.headline["recourse_to_sponsors"] == pytest.approx(5, abs=CENT)
    assert result.scalar("enforcement.senior.loss") == pytest.approx(103.6 * 1.08 - got, abs=CENT)
    assert result.scalar("enforcement.mezzanine.loss") == pytest.approx(24.2, abs=CENT)
    flow = result.series("enforcement.lender_flow")
    assert flow[:3] == result.series("returns.lender_flow")[:3]
    assert list(flow[3:]) == pytest.approx([2.4, got, 0, 0, 0, 0, 0, 0, 0], abs=CENT)
    # The sponsors lose all they paid in, and their guarantee on top.
    paid_in = result.headline["equity"]
    assert result.scalar("enforcement.sponsor_loss") == pytest.approx(paid_in + 5, abs=CENT)
    assert result.headline["sponsor_loss"] == pytest.approx(paid_in + 5, abs=CENT)
    # Lenders receive far less than the 150 they lent.
    assert result.headline["lender_irr"] == result.scalar("enforcement.lender_irr") < 0
    assert result.headline["moic"] == 0 and math.isnan(result.headline["equity_irr"])


def rows_of(result: Result, *prefixes: str) -> dict[str, list[float]]:
    """The money rows under some prefixes."""
    lines = result.model.lines
    names = [n for n in lines if n.startswith(prefixes) and lines[n].series and lines[n].unit == "money"]
    return {name: list(result.series(name)) for name in names}


def test_the_sale_empties_the_spv(model: Model) -> None:
    """The tenant that pays a tenth, sold in 2029: claims of 171.08 replace 150 of loans with 8 of unpaid interest.

    The sale brings 60 x 0.9 x 0.98, tenant and guarantor 10.6, the sponsor 5, costs take 5: 63.52 is recovered, all
    of it by the senior loan. What is left of the claims is the gain on the debt.
    """
    result = spvmodel.solve(model, "gone")
    passed(result)
    price, claims = 60 * 0.9 * 0.98, {"senior": 103.6 * 1.08, "second": 32.4 * 1.08, "mezzanine": 22 * 1.1}
    got, sold = price + 0.6 + 10 + 5 - 5, 4
    for loan, balance in (("senior", 100), ("second", 30), ("mezzanine", 20)):
        here = {what: result.series(f"debt.{loan}.{what}") for what in ("claimed", "recovered", "lost", "closing")}
        assert here["closing"][sold - 1] == pytest.approx(balance, abs=CENT) and not any(here["closing"][sold:])
        assert here["claimed"][sold] == pytest.approx(claims[loan] - balance, abs=CENT)
        paid = got if loan == "senior" else 0
        assert here["recovered"][sold] == pytest.approx(paid, abs=CENT)
        assert here["lost"][sold] == pytest.approx(claims[loan] - paid, abs=CENT)
        assert math.fsum(here["recovered"]) == pytest.approx(result.scalar(f"enforcement.{loan}.recovered"), abs=CENT)
        assert math.fsum(here["lost"]) == pytest.approx(result.scalar(f"enforcement.{loan}.loss"), abs=CENT)
    told = {what: result.series(f"statements.income.{what}")[sold] for what in ("until_sale", "claims", "released")}
    owed = math.fsum(claims.values())
    assert told == pytest.approx({"until_sale": 5.6, "claims": 158 - owed, "released": owed - got}, abs=CENT)
    assets = result.series("statements.fixed_assets.closing")
    assert result.series("statements.income.disposal")[sold] == pytest.approx(price - assets[sold - 1], abs=CENT)
    earned = math.fsum(told.values()) + price - assets[sold - 1]
    assert result.series("statements.income.net_income")[sold] == pytest.approx(earned, abs=CENT)
    flows = {what: result.series(f"statements.cash.{what}")[sold] for what in ("sale", "recovered", "contributions")}
    assert flows == pytest.approx({"sale": price, "recovered": -got, "contributions": 5}, abs=CENT)
    for what in ("assets", "liabilities", "equity"):
        assert list(result.series(f"statements.balance.{what}")[sold:]) == pytest.approx([0] * 8, abs=CENT)
    # After it there is nothing: no receipt, no payment, no balance, no result; no cover of anything.
    lasting = ("contributed_capital", "retained_earnings")
    for name, row in rows_of(result, "waterfall.", "statements.").items():
        assert any(part in name for part in lasting) or max(map(abs, row[sold + 1 :])) < CENT, name
    ends = (".opening", ".closing", "_due", "_paid", "_shortfall", ".repaid")
    for name, row in rows_of(result, "debt.", "reserves.", "funding.site.held").items():
        if name.endswith(ends) and "scheduled" not in name and "complete" not in name:
            assert max(map(abs, row[sold + 1 :])) < CENT, name
    for name in ("ratios.llcr", "ratios.ltv", "ratios.debt_yield", "covenants.result"):
        assert all(math.isnan(x) for x in result.series(name)[sold:]), name
    # Rent and cash flow of the property go on, and no loan is sized on anything else.
    assert result.series("ratios.cfads")[sold] == pytest.approx(2.4, abs=CENT)


def test_the_spv_stands_still_until_the_sale(model: Model) -> None:
    """A sale a year later, at the end of 2030: in 2029 loans, arrears and accounts are those of the default."""
    result = spvmodel.solve(model, "gone", inputs={"enforcement.sale_months": 21.0})
    passed(result)
    assert list(result.series("enforcement.in_hand")[2:6]) == [1, 1, 0, 0]
    assert list(result.series("enforcement.unsold")[2:6]) == [1, 1, 1, 0]
    for name in ("debt.senior.closing", "debt.senior.interest_shortfall", "debt.second.closing", "reserves.closing"):
        row = result.series(name)
        assert row[4] == row[3] and not any(row[5:]), name
    for name in ("waterfall.receipts", "waterfall.obligations_paid", "statements.income.net_income"):
        assert result.series(name)[4] == 0, name
    assert result.series("statements.balance.assets")[4] == result.series("statements.balance.assets")[3]
    assert list(result.series("covenants.result")[3:5]) == [3, 3]
    claims = 103.6 * 1.16 + 32.4 * 1.16 + 22 * 1.2
    lost = [math.fsum(result.series(f"debt.{loan}.lost")) for loan in ("senior", "second", "mezzanine")]
    got = [math.fsum(result.series(f"debt.{loan}.recovered")) for loan in ("senior", "second", "mezzanine")]
    assert math.fsum(lost) + math.fsum(got) == pytest.approx(claims, abs=CENT)
    assert math.fsum(lost) == pytest.approx(result.headline["lender_loss"], abs=CENT)


def test_nothing_flows_and_every_balance_stands_between_acceleration_and_sale() -> None:
    """The deal that uses everything, with a twentieth of its income and 30 months to sell.

    Whatever of it reads rent, works, taxes or a schedule, the SPV receives and pays nothing; what has no place in the
    recovery is written off in the first of these periods. The property and the schedules go on: so does their cash.
    """
    model = spvmodel.build(spvmodel.load(RICH))
    prices = re.compile(
        r"(lease|contract|income)\..*\.(rent|rent_per_mw|rent_per_area|amount|gpu_hour_price|capacity_price)"
    )
    low: dict[str, float | list[float]] = {"enforcement.sale_months": 30.0}
    for name in filter(prices.fullmatch, model.inputs):
        given = model.inputs[name].in_case("base")
        low[name] = [x / 20 for x in given] if isinstance(given, tuple) else given / 20
    result = spvmodel.solve(model, inputs=low)
    passed(result)
    first, sold = result.series("enforcement.in_hand").index(0), result.series("enforcement.unsold").index(0)
    assert sold - first >= 8
    lines = model.lines
    rows = rows_of(result, "waterfall.", "statements.", "returns.")
    flows = {name: row[first:sold] for name, row in rows.items() if lines[name].total and "project" not in name}
    written = ("income.written_off", "income.before_tax", "income.net_income", "retained_earnings.net_income")
    for name, row in flows.items():
        late = row[1:] if name.removeprefix("statements.") in written else row
        assert max(map(abs, late)) < CENT, name
    assert flows["statements.income.written_off"][0] == flows["statements.income.net_income"][0] > 0
    balances = {name: row for name, row in rows_of(result, "debt.", "reserves.").items() if name.endswith(".closing")}
    for name, row in balances.items():
        assert row[first:sold] == pytest.approx([row[first - 1]] * (sold - first), abs=CENT), name
        assert max(map(abs, row[sold:])) < CENT, name
    assert any(row[first] > 1 for name, row in balances.items() if name.startswith("debt."))
    assert max(map(abs, rows["returns.project_flow"][first:sold])) > 1


def test_a_cure_period_that_fails_is_reversed(model: Model) -> None:
    """A year to cure, in which 2.4 of rent pays senior interest: claims are those of 2028, 21 months later.

    Unpaid interest of 2029: 6% of 90, 3.6 and 8% of 13.6 overdue, less 2.4: 7.688; 2.4 x 2.08, 2 x 2.1. Claims are
    103.6 x 1.14, 32.4 x 1.14 and 22 x 1.175 = 180.89, and lenders receive nothing in 2029.
    """
    result = spvmodel.solve(model, "gone", inputs={"enforcement.cure_months": 12.0})
    passed(result)
    sold = 5
    assert list(result.series("enforcement.accelerated")[3:6]) == [0, 0, 1]
    book, claims = 150 + 7.688 + 4.992 + 4.2, 103.6 * 1.14 + 32.4 * 1.14 + 22 * 1.175
    assert result.series("statements.income.claims")[sold] == pytest.approx(book - claims, abs=CENT)
    assert result.series("statements.balance.liabilities")[sold - 1] == pytest.approx(book, abs=CENT)
    assert result.series("enforcement.lender_flow")[4] == 0
    assert max(abs(x) for x in result.series("statements.balance.equity")[sold:]) < CENT


def test_the_balloon_that_nobody_refinances(model: Model) -> None:
    """Until the balloon is missed at the end of 2033 owners receive 24 less service; then what the sale leaves over.

    2033: 24 of rent pays 3 of senior interest, 10 of principal and 11 of the balloon of 40: 29 is owed, and with their
    unpaid interest 32.4 and 22. Claims are 29 x 1.08 + 32.4 x 1.08 + 22 x 1.1 = 90.512. With the lease the campus sells
    for 300 x 0.9 x 0.98 with 24 of rent, costs are 2; without it for 119.65212, with 6 from the tenant and costs of 5.
    """
    result, stays = spvmodel.solve(model), spvmodel.solve(model, "unpaid_balloon")
    for found, brought in ((result, 119.65212 + 6 - 5), (stays, 300 * 0.9 * 0.98 + 24 - 2)):
        passed(found)
        assert found.scalar("enforcement.exposure") == pytest.approx(83.4, abs=CENT)
        assert found.scalar("enforcement.claim") == pytest.approx(90.512, abs=CENT)
        assert day(found, "enforcement.default_date") == date(2033, 12, 31)
        assert found.headline["lender_loss"] == 0 == found.headline["lgd"] == found.headline["recourse_to_sponsors"]
        equity = found.series("enforcement.equity_flow")
        assert equity[:8] == found.series("returns.equity_flow")[:8]
        assert list(equity[8:]) == pytest.approx([0, brought - 90.512, 0, 0], abs=CENT)
        assert found.headline["moic"] == pytest.approx(
            sum(found.series("enforcement.distributions")) / found.headline["equity"], abs=CENT
        )
    assert math.isnan(result.headline["payback_date"]) and day(stays, "enforcement.payback_date") == date(2034, 12, 31)


def test_without_a_default_everything_is_as_without_enforcement(model: Model) -> None:
    """A commitment that the rent repays: no balloon, and N/A for what a default would give."""
    found = spvmodel.solve(model, inputs={"debt.senior.repayment.balloon": 0.0, "lease.hall.rent": 900.0})
    passed(found)
    assert math.isnan(found.headline["lender_loss"]) and math.isnan(found.headline["lgd"])
    assert math.isnan(found.scalar("enforcement.default_date")) and math.isnan(found.scalar("enforcement.sale_date"))
    for what in ("lender_flow", "equity_flow", "contributions", "distributions"):
        assert found.series(f"enforcement.{what}") == found.series(f"returns.{what}")
    for what in ("equity_irr", "moic", "payback_date"):
        assert found.scalar(f"enforcement.{what}") == found.scalar(f"returns.{what}")


ENFORCEMENT = """\
enforcement:
  basis: dark
  cure_months: {cure} months
  sale_months: {sale} months
valuation: {{dark: {{amount: 5m}}}}
"""


def stopped(folder: Path, cure: int, sale: int = 6) -> Result:
    text = STOPPED.read_text(encoding="utf-8").replace(
        "cases:\n", ENFORCEMENT.format(cure=cure, sale=sale) + "cases:\n"
    )
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    return spvmodel.solve(spvmodel.build(load(folder / "deal.yaml")), "no_rent_in_2027")


@pytest.mark.parametrize(("cure", "defaults"), [(0, True), (2, True), (3, False), (12, False)])
def test_a_default_is_cured_when_it_is_made_good_in_time(tmp_path: Path, cure: int, defaults: bool) -> None:
    """Half a million is missed at the end of 2027 and caught up a quarter later."""
    result = stopped(tmp_path, cure)
    passed(result)
    assert result.scalar("enforcement.defaulted") == defaults
    if not defaults:
        assert result.scalar("covenants.payment_default_periods") == 1
    if defaults:
        # What was missed stays due until the sale, in the third or the fourth quarter from then on.
        assert result.scalar("covenants.payment_default_periods") == math.ceil((cure + 6) / 3)
        assert day(result, "enforcement.default_date") == date(2027, 12, 31)
        assert result.scalar("enforcement.exposure") == result.series("debt.senior.closing")[11]


def test_a_sale_beyond_the_model_is_paid_out_at_its_end(tmp_path: Path) -> None:
    result = stopped(tmp_path, 0, 240)
    passed(result)
    assert result.series("enforcement.sells")[-1] == 1 == sum(result.series("enforcement.sells"))
    assert result.series("enforcement.lender_flow")[-1] == pytest.approx(
        result.scalar("enforcement.received"), abs=CENT
    )


PARTNERS = """\
sponsors: {fund: {label: Fund, share: 60%}, developer: {label: Developer, share: 40%}}
promote: {first: {label: First, hurdle: 8%, share: 20%, to: developer}}
"""


def test_what_the_sale_brings_counts_on_its_day(tmp_path: Path) -> None:
    """Three months to cure and three to sell: the annual model books the sale with 2034, its flows fall on 30 June.

    Lenders get claims of 29 x 1.04 + 32.4 x 1.04 + 22 x 1.05 = 86.956. The hurdle grows for 181 days until then.
    """
    text = PATH.read_text(encoding="utf-8").replace("sale_months: 9 months", "sale_months: 3 months")
    (tmp_path / "deal.yaml").write_text(text + PARTNERS, encoding="utf-8")
    model = spvmodel.build(load(tmp_path / "deal.yaml"))
    result, sold = spvmodel.solve(model, "unpaid_balloon"), 9
    passed(result)
    days = [date(2025 + t, 12, 31) for t in range(12)]
    days[sold] = date(2034, 6, 30)
    assert [from_serial(x) for x in result.series("enforcement.flow_date")] == days
    flow = result.series("enforcement.lender_flow")
    assert flow[sold] == pytest.approx(29 * 1.04 + 32.4 * 1.04 + 22 * 1.05, abs=CENT)
    rates = ("enforcement.lender_irr", "enforcement.equity_irr", "sponsors.fund.irr")
    many = spvmodel.solve_many(model, {}, case="unpaid_balloon", keep=rates)
    for name, other in zip(rates, (None, "enforcement.equity_flow", "sponsors.fund.flow"), strict=True):
        rate = pyxirr.xirr(days, result.series(other) if other else flow)
        assert result.scalar(name) == pytest.approx(rate, rel=1e-9)
        assert many[name][0] == pytest.approx(rate, rel=1e-9)
    assert day(result, "enforcement.payback_date") == days[sold]
    owed, accrued = result.series("promote.first.opening"), result.series("promote.first.accrual")
    assert accrued[sold] == pytest.approx(owed[sold] * (1.08 ** (181 / 365) - 1), abs=CENT)


UNREFINANCED = "A balloon falls due and no take-out refinances it"


def test_a_balloon_that_lenders_accelerate_does_not_fall_due(model: Model, tmp_path: Path) -> None:
    """Balloons of 40, 30 and 20 in 2033, accelerated in 2029; a second lien that matures in 2028 is missed."""
    result = spvmodel.solve(model, "gone")
    assert math.isnan(result.headline["balloon"]) and UNREFINANCED not in result.warnings
    assert result.scalar("headline.balloon_accelerated") == pytest.approx(90, abs=CENT)
    assert not_applicable(result)["balloon"] == "lenders accelerate the loans before a balloon falls due"
    missed = spvmodel.solve(model, "unpaid_balloon")
    assert missed.headline["balloon"] == pytest.approx(90, abs=CENT) and UNREFINANCED in missed.warnings
    text, end = PATH.read_text(encoding="utf-8"), "    repayment: {profile: bullet}\n    maturity: "
    text = text.replace(f"{end}2033-12-31", f"{end}2028-12-31", 1)
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    early = spvmodel.solve(spvmodel.build(load(tmp_path / "deal.yaml")), "gone")
    passed(early)
    assert early.headline["balloon"] == pytest.approx(30, abs=CENT) and UNREFINANCED in early.warnings
    assert early.scalar("headline.balloon_accelerated") == pytest.approx(60, abs=CENT)


def test_a_refinancing_that_lenders_do_not_wait_for() -> None:
    """Abilene, tenant lost in 2029: the first loan matures in that year, the second would in 2031.

    After 12 months the first is refinanced and the second accelerated; after 24 the first is missed.
    """
    model = spvmodel.build(spvmodel.load("abilene"))
    short = "The take-out does not refinance the balloons in full"
    for case, refinanced in (("default_downtime_12", True), ("default_downtime_24", False)):
        result = spvmodel.solve(model, case)
        passed(result)
        balloons = [x for x in result.series("debt.balloon") if x]
        assert len(balloons) == 2 and result.headline["balloon"] == pytest.approx(balloons[0], abs=CENT)
        need = next(x for x in result.series("debt.takeout.need") if x)
        lent = need if refinanced else 0.0
        assert result.headline["refinance_proceeds"] == pytest.approx(lent, abs=CENT)
        assert result.headline["refinance_shortfall"] == pytest.approx(need - lent, abs=CENT)
        assert math.isnan(result.headline["refinance_dscr"])
        assert (short in result.warnings) is not refinanced


FAULTS = {
    "enforcement.received": "checks.enforcement",
    "enforcement.left": "checks.enforcement",
    "enforcement.called": "checks.enforcement",
    "enforcement.contributions": "checks.enforcement_recourse",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(model: Model, name: str) -> None:
    """1 m too much, from the year of the sale on."""
    line = model.lines[name]
    assert line.expr is not None
    one = Number(1, "money")
    wrong = line.expr + (one * (Ref("time.number") >= 9) if line.series else one)
    broken = replace(model, lines=model.lines | {name: replace(line, expr=wrong)})
    inputs = {key: given.value for key, given in broken.inputs.items()}
    result = Result(broken, "base", inputs, evaluate(broken, inputs))
    assert FAULTS[name] in {check.name for check in result.checks if not check.passed}
