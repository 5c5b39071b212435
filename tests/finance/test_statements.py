"""The three statements (feature X5; definitions, section 6, 4 and 13), by hand; and no row of them is idle."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given

import spvmodel
from spvmodel import resources
from spvmodel.engine import Result
from spvmodel.finance import model as blocks
from spvmodel.finance.operations.lease import declare_leases
from spvmodel.finance.terms import Terms
from spvmodel.lines import Model, Number, Ref, prev
from tests.finance.random_deals import Terms as RandomDeal
from tests.finance.random_deals import deals, examples, model_of
from tests.finance.test_checks import failed, with_fault
from tests.workbook import flex

FOLDER = Path(__file__).parents[1] / "deals"
FOUND_BY = {"checks.balance_sheet", "checks.cash_statement", "checks.interest_income", "checks.book_depreciation"}

OVERDUE = 31 * 0.10
"""Interest on 30 of principal and 1 of interest that 2025 leaves unpaid, for 2026: a period is a whole year."""
NET_2026 = 160 - 4 - 34 - 3 - OVERDUE - 1
PAID_OUT = 160 - 4 - 1 - (1 + 3 + OVERDUE) - 60

ROOF = """use:
  roof: {{label: Roof, kind: hard, amount: 12m, funded_by: site, profile: table, table: {{{day}: 100%}}}}"""
"""A roof of 12 that equity pays for later."""

BY_HAND = {
    # closing date, 2025, 2026, 2027
    "income.revenue": (0, 10, 160, 10),
    "income.operating_costs": (0, -4, -4, -4),
    "income.ebitda": (0, 6, 156, 6),
    "income.depreciation": (0, -34, -34, -34),  # (99 + fee of 3) over three years; the land is not depreciated
    "income.operating_profit": (0, -28, 122, -28),
    "income.interest": (0, -6, -3 - OVERDUE, 0),
    "income.fees": (0, -1, -1, 0),
    "income.before_tax": (0, -35, NET_2026, -28),
    "income.net_income": (0, -35, NET_2026, -28),
    "cash.revenue": (0, 10, 160, 10),
    "cash.operating_costs": (0, -4, -4, -4),
    "cash.interest": (0, -5, -1 - 3 - OVERDUE, 0),  # of the 6 due in 2025 the cash pays 5
    "cash.fees": (0, -1, -1, 0),
    "cash.operations": (0, 0, PAID_OUT + 60, 6),
    "cash.construction": (-109, 0, 0, 0),
    "cash.financing_costs": (-3, 0, 0, 0),
    "cash.investing": (-112, 0, 0, 0),
    "cash.debt_drawn": (60, 0, 0, 0),
    "cash.debt_repaid": (0, 0, -60, 0),
    "cash.contributions": (52, 0, 0, 0),
    "cash.distributions": (0, 0, -PAID_OUT, -6),
    "cash.financing": (112, 0, -60 - PAID_OUT, -6),
    "cash.movement": (0, 0, 0, 0),
    "balance.fixed_assets": (112, 78, 44, 10),
    "balance.assets": (112, 78, 44, 10),
    "balance.debt_loan": (60, 60, 0, 0),
    "balance.interest_unpaid": (0, 1, 0, 0),
    "balance.liabilities": (60, 61, 0, 0),
    "balance.contributed_capital": (52, 52, 44, 38),
    "balance.retained_earnings": (0, -35, 0, -28),
    "balance.equity": (52, 17, 44, 10),
    "retained_earnings.distributable": (0, 0, NET_2026 - 35, 0),
    "retained_earnings.dividends": (0, 0, NET_2026 - 35, 0),
    "contributed_capital.returned": (0, 0, PAID_OUT - (NET_2026 - 35), 6),
}


@lru_cache(maxsize=16)
def model(name: str) -> Model:
    """A test deal."""
    return spvmodel.build(spvmodel.load(FOLDER / f"{name}.yaml"))


def changed(folder: Path, *changes: tuple[str, str]) -> Result:
    """The hand-derived deal with other words in its file, solved; every check holds."""
    text = (FOLDER / "statements.yaml").read_text(encoding="utf-8").partition("cases:")[0]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)))
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def row(result: Result, what: str) -> list[float]:
    return list(result.series(f"statements.{what}"))


@pytest.mark.parametrize("what", BY_HAND)
def test_statements_by_hand(what: str) -> None:
    assert row(spvmodel.solve(model("statements")), what) == pytest.approx(BY_HAND[what], abs=1e-9)


def test_the_hand_derived_distribution_is_partly_a_return_of_capital() -> None:
    assert pytest.approx(87.9, abs=1e-7) == PAID_OUT
    assert pytest.approx(79.9, abs=1e-7) == NET_2026 - 35


def test_without_a_life_the_cost_is_depreciated_to_the_last_day_with_revenue(tmp_path: Path) -> None:
    result = changed(tmp_path, ("accounting: {life: 3 years}\n", ""))
    assert row(result, "fixed_assets.depreciation") == pytest.approx((0, 34, 34, 34))


def test_what_is_spent_later_is_depreciated_over_the_rest_of_the_life(tmp_path: Path) -> None:
    """A roof of 12 in 2026, paid by equity: (102 - 34 + 12) / 2 from then on."""
    roof = ROOF.format(day="2026-06-30")
    result = changed(tmp_path, ("use:", roof))
    assert row(result, "fixed_assets.construction") == pytest.approx((109, 0, 12, 0))
    assert row(result, "fixed_assets.depreciation") == pytest.approx((0, 34, 40, 40))
    assert row(result, "contributed_capital.contributions") == pytest.approx((52, 0, 12, 0))


def test_what_is_spent_after_the_life_is_written_off_at_once(tmp_path: Path) -> None:
    roof = ROOF.format(day="2027-06-30")
    result = changed(tmp_path, ("use:", roof), ("life: 3 years", "life: 2 years"))
    assert row(result, "fixed_assets.depreciation") == pytest.approx((0, 51, 51, 12))


def test_book_depreciation_follows_tax_as_far_as_cost_has_been_spent(tmp_path: Path) -> None:
    """All 99 + 12 + 3 are deducted in 2025, when the roof of 12 is not yet there.

    The loss of 2025, 6 - 6 - 1 - 114 = -115, is less than 80% of the income of 2026, so all of it is used then.
    """
    roof = ROOF.format(day="2026-06-30")
    tax = "tax: {federal_rate: 20%, depreciation: MACRS 5, bonus: 100%, rank: after debt service}\n"
    result = changed(tmp_path, ("use:", roof), ("accounting: {life: 3 years}\n", tax))
    assert row(result, "fixed_assets.deducted") == pytest.approx((0, 114, 114, 114))
    assert row(result, "fixed_assets.depreciation") == pytest.approx((0, 102, 12, 0))
    # Taxes deduct scheduled interest, not interest on overdue amounts.
    taxed = (156 - 3 - 1) - 115
    assert row(result, "income.tax") == pytest.approx((0, 0, -0.2 * taxed, -0.2 * 6))
    assert row(result, "income.net_income")[2] == pytest.approx(156 - 12 - 3 - OVERDUE - 1 - 0.2 * taxed)


def test_taxes_that_owners_pay_are_no_cost_of_the_spv(tmp_path: Path) -> None:
    tax = "tax: {federal_rate: 20%, depreciation: MACRS 5, rank: paid by owners}\n"
    result = changed(tmp_path, ("accounting: {life: 3 years}\n", f"accounting: {{life: 3 years}}\n{tax}"))
    assert "statements.income.tax" not in result.values
    assert row(result, "income.net_income") == pytest.approx(BY_HAND["income.net_income"])


def test_straight_line_rent_is_revenue_and_what_is_not_yet_due_an_asset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the lines of straight-line rent are there: 1 more than the rent of every month, for want of a switch."""

    def declare(terms: Terms) -> None:
        declare_leases(terms)
        g = terms.graph
        with g.place("Lease", "Straight-line rent"):
            rent = Ref("lease.rent_income")
            spread = g.series("lease.straight_line_rent", rent + Number(1, "money"), "Straight-line rent", "money")
            owed = Ref("lease.deferred_rent")
            g.series(owed.name, prev(owed) + spread - rent, "Deferred rent", "money")

    every = tuple(declare if block is declare_leases else block for block in blocks._BLOCKS)
    monkeypatch.setattr(blocks, "_BLOCKS", every)
    built = spvmodel.build(spvmodel.load(FOLDER / "workshop.yaml"))
    assert failed(built) == set()
    result = spvmodel.solve(built)
    more = [a - b for a, b in zip(row(result, "income.revenue"), row(result, "cash.revenue"), strict=True)]
    assert more == pytest.approx([1.0] * built.periods)
    assert row(result, "balance.deferred_rent")[:3] == pytest.approx([1, 2, 3])
    assert "checks.balance_sheet" in failed(without(built, "statements.balance.deferred_rent"))


SHIPPED = {path.stem: path for path in sorted(resources.models().glob("*.yaml"))}
OTHERS = {path.stem: path for folder in (FOLDER, FOLDER / "sam") for path in sorted(folder.glob("*.yaml"))}


@pytest.mark.parametrize("name", [name for name in SHIPPED | OTHERS if name != "rich"])
def test_every_deal_balances_as_written_flexed_and_in_distress(name: str) -> None:
    """``rich`` is held by the planted faults below, which start from a model without any."""
    built = spvmodel.build(spvmodel.load((SHIPPED | OTHERS)[name]))
    answers = [spvmodel.solve(built, case) for case in built.cases]
    answers += [flex.solved(built, flex.random_flex(built, seed, 8, distressed=seed > 1)) for seed in range(4)]
    for answer in answers:
        assert FOUND_BY & {check.name for check in answer.checks if not check.passed} == set()


def test_what_notes_bring_beyond_cost_is_distributed_and_no_asset() -> None:
    """River Bend: proceeds wait in an account until they are spent, and part of them goes to the sponsors at close."""
    result = spvmodel.solve(spvmodel.build(spvmodel.load("river-bend")))
    spent, given = (math.fsum(result.series(f"construction.{what}")) for what in ("spend", "distributed"))
    assert given > 0
    assert math.fsum(row(result, "fixed_assets.construction")) == pytest.approx(spent - given)
    assert math.fsum(row(result, "cash.construction")) == pytest.approx(given - spent)
    paid = math.fsum(result.series("waterfall.distributions")) + given
    assert -math.fsum(row(result, "cash.distributions")) == pytest.approx(paid)
    held = result.series("funding.campus.proceeds.closing")
    assert max(held) > 0
    assert row(result, "balance.funding_campus_proceeds") == pytest.approx(list(held))


def without(built: Model, name: str) -> Model:
    """The model with a row that forgets its flow: 0 in every period."""
    line = built.lines[name]
    return replace(built, lines=built.lines | {name: replace(line, expr=Number(0, line.unit))})


def _rows() -> list[tuple[str, str]]:
    """Every row of the statements once, with a test deal in which something happens on it."""
    found: dict[str, str] = {}
    for name in ("statements", "works", "hedged", "refinanced", "tranches", "plant", "sized"):
        result = spvmodel.solve(model(name))
        for line in result.model.lines:
            part, _, what = line.removeprefix("statements.").partition(".")
            general = f"{part}.{what}" if part != "balance" or not what.startswith(("debt_", "reserves_")) else what[:8]
            aside = part == "fixed_assets" and what in ("days_left", "land", "cost", "deducted", "accumulated", "share")
            if not line.startswith("statements.") or aside or what == "distributable" or general in found:
                continue
            if result.model.lines[line].series and max(map(abs, result.series(line))) > 1e-3:
                found[general] = f"{name} {line}"
    return [(name, line) for name, line in (where.split() for where in found.values())]


def test_a_row_that_forgets_its_flow_is_found() -> None:
    rows = _rows()
    forgotten = {line for name, line in rows if not failed(without(model(name), line)) & FOUND_BY}
    # It only says how a distribution is split within equity.
    assert forgotten == {"statements.retained_earnings.dividends"}
    words = " ".join(line for _, line in rows)
    for what in (
        "works",
        "hedges",
        "break_costs",
        "repayment_costs",
        "tax",
        "interest_income",
        "shareholder_loans_drawn",
    ):
        assert what in words
    assert len(rows) > 60


FAULTS = {
    # What is claimed, received or owed without being earned or spent: 1 too much in one period.
    "waterfall.operating_costs.due": "rich",
    "waterfall.receipts": "rich",
    "waterfall.fees.due": "rich",
    "waterfall.distributions": "rich",
    "construction.spend": "rich",
    "funding.equity": "rich",
    "waterfall.hedge.due": "hedged",
    "hedge.receivable": "hedged",
    "debt.takeout.net_proceeds": "refinanced",
    "waterfall.exit_fees.due": "refinanced",
    "waterfall.tax.due": "works",
    "tax.refund": "works",
    "reserves.dsra.closing": "works",
    "reserves.capital.chillers.closing": "works",
    "reserves.capital.chillers.owed": "works",
    "debt.mezzanine.pik": "tranches",
    "debt.mezzanine.interest_due": "tranches",
    "debt.sponsor.closing": "tranches",
    "debt.second_lien.interest_paid": "tranches",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_another_block_unbalances_the_statements(name: str) -> None:
    built = model(FAULTS[name])
    assert failed(built) == set()
    found = failed(with_fault(built, name, "money"))
    assert found & FOUND_BY


def test_one_account_that_earns_is_not_enough() -> None:
    """The failure of identity 13: interest in the statement on one account alone."""
    built = model("works")
    line = built.lines["reserves.interest_earned"]
    assert line.expr is not None
    one = spvmodel.lines.expr.rename(line.expr, {"reserves.closing": "reserves.dsra.closing"})
    wrong = replace(built, lines=built.lines | {line.name: replace(line, expr=one)})
    assert "checks.interest_income" in failed(wrong)


@examples(10)
@given(deal=deals())
def test_what_sponsors_own_is_what_they_paid_in_and_the_spv_earned(deal: RandomDeal) -> None:
    """Equity = contributions + net income - distributions, to date; cash = what the accounts hold."""
    built = model_of(deal)
    for case in built.cases:
        result = spvmodel.solve(built, case)
        # What sponsors lend and are paid on it is debt, and no part of equity.
        put_in, taken = _equity(result, "contributions", "draws"), _equity(result, "distributions", "service")
        earned = row(result, "income.net_income")
        running = 0.0
        for equity, gave, made, took in zip(row(result, "balance.equity"), put_in, earned, taken, strict=True):
            running += gave + made - took
            assert equity == pytest.approx(running, abs=1e-6)
        assert row(result, "cash.closing") == pytest.approx(list(result.series("reserves.closing")), abs=1e-6)
        free, paid = row(result, "retained_earnings.distributable"), row(result, "retained_earnings.dividends")
        assert all(0 <= p <= f for p, f in zip(paid, free, strict=True))
        returned = row(result, "contributed_capital.returned")
        assert math.fsum(paid) + math.fsum(returned) == pytest.approx(math.fsum(taken), abs=1e-6)


def _equity(result: Result, what: str, lent: str) -> list[float]:
    flows, loans = result.series(f"returns.{what}"), f"returns.shareholder_{lent}"
    aside = result.series(loans) if loans in result.values else [0.0] * len(flows)
    flows = [flow - part for flow, part in zip(flows, aside, strict=True)]
    if "enforcement.settles" not in result.values:
        return flows
    # What the sale calls from them or leaves to them.
    more = result.scalar("enforcement.called" if what == "contributions" else "enforcement.left")
    return [flow + sold * more for flow, sold in zip(flows, result.series("enforcement.settles"), strict=True)]
