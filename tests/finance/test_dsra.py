"""The DSRA that looks behind or holds a fixed amount, and interest on accounts in CFADS; derived by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal import load
from tests.finance.reserved import LOAN, by_year, model_with, solved_with
from tests.finance.small import small
from tests.finance.test_checks import failed, with_fault
from tests.finance.works import built

SERVICE = {2027: 2.4, 2028: 17.4, 2029: 16.8, 2030: 16.2, 2031: 15.6}


def test_service_is_as_derived(tmp_path: Path) -> None:
    assert by_year(solved_with(tmp_path, "dsra: {}"), "debt.loan.service", 2027, 2031) == pytest.approx(SERVICE)


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ("months: 12", {2027: 2.4, 2028: 17.4, 2029: 16.8, 2030: 16.2, 2031: 0}),
        ("months: 6, proration: months", {2027: 1.2, 2028: 8.7, 2029: 8.4, 2030: 8.1, 2031: 0}),
        # From 1 July to 31 December: 184 of the days of each year.
        ("months: 6", {2027: 2.4 * 184 / 365, 2028: 17.4 * 184 / 366, 2029: 16.8 * 184 / 365, 2030: 16.2 * 184 / 365,
                       2031: 0}),
        # A year and half of the one before.
        ("months: 18, proration: months", {2028: 17.4 + 1.2, 2029: 16.8 + 8.7, 2030: 16.2 + 8.4, 2031: 0}),
    ],
)  # fmt: skip
def test_a_dsra_that_looks_behind_holds_the_service_of_the_last_months(
    tmp_path: Path, terms: str, held: dict[int, float]
) -> None:
    result = solved_with(tmp_path, f"dsra: {{{terms}, look: behind}}")
    target = by_year(result, "reserves.dsra.target", 2027, 2031)
    assert {year: target[year] for year in held} == pytest.approx(held)
    # Built from what service leaves, which is not enough in 2028, when the service of twelve months jumps by 15m.
    closing = by_year(result, "reserves.dsra.closing", 2027, 2031)
    assert [closing[year] for year in (2027, 2030, 2031)] == pytest.approx([target[y] for y in (2027, 2030, 2031)])
    assert result.series("reserves.dsra.release")[5] == pytest.approx(target[2030])


def test_three_six_nine_and_twelve_months_of_quarters_behind_are_so_many_quarters(tmp_path: Path) -> None:
    for months in (3, 6, 9, 12):
        result = solved_with(tmp_path, f"dsra: {{months: {months}, look: behind}}", frequency="quarterly")
        service, target = result.series("debt.loan.service"), result.series("reserves.dsra.target")
        count, last = months // 3, 23  # the loan matures with the 24th quarter
        wanted = [sum(service[max(0, place + 1 - count) : place + 1]) for place in range(last)]
        assert target[:last] == pytest.approx(wanted)
        assert set(target[last:]) == {0.0}
        assert result.series("reserves.dsra.closing")[last] == 0


def test_looking_behind_leaves_a_balloon_out(tmp_path: Path) -> None:
    """A bullet of 60m: 2.4m of interest a year."""
    loan = "repayment: {profile: bullet}\nday_count: by period"
    model = model_with(tmp_path, "dsra: {months: 12, look: behind}", loan)
    target = by_year(spvmodel.solve(model), "reserves.dsra.target", 2027, 2031)
    assert target == pytest.approx({2027: 2.4, 2028: 2.4, 2029: 2.4, 2030: 2.4, 2031: 0})


@pytest.mark.parametrize(("funded", "filled"), [("at close", 5.0), ("at completion", 5.0), ("from cash flow", 0.0)])
def test_a_fixed_dsra_is_held_until_the_last_service(tmp_path: Path, funded: str, filled: float) -> None:
    result = solved_with(tmp_path, f"dsra: {{amount: 5m, funded: {funded}}}")
    assert result.series("reserves.dsra.target") == [5.0] * 5 + [0.0] * 6
    assert sum(result.series("reserves.dsra.funding")) == pytest.approx(filled)
    assert result.series("reserves.dsra.closing") == pytest.approx([5.0] * 5 + [0.0] * 6)
    assert result.series("reserves.dsra.release")[5] == pytest.approx(5.0)
    assert not [name for name in result.values if name.startswith("reserves.dsra.days")]


def test_a_fixed_amount_is_held_once_for_all_loans(tmp_path: Path) -> None:
    """The second loan, of another maturity, neither adds to the amount nor ends it."""
    text = small(tmp_path, LOAN, frequency="annual", amount="commitment: 30m", rate="fixed_rate: 4%").path.read_text()
    start, end = text.index("  loan:\n"), text.index("covenants:")
    second = text[start:end].replace("  loan:", "  longer:").replace("maturity: 2031", "maturity: 2033")
    text = f"{text[:end]}{second}reserves: {{dsra: {{amount: 4m}}}}\n{text[end:]}"
    path = tmp_path / "two.yaml"
    path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(load(path)))
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("reserves.dsra.target") == [4.0] * 7 + [0.0] * 4
    assert set(result.series("debt.longer.dsra_target")) == {0.0}


def test_fees_count_in_the_service_that_is_held_by_a_switch(tmp_path: Path) -> None:
    """An agency fee of 0.365m a year, 0.001m a day; the loan matures on 2031-12-31."""
    loan = f"{LOAN}\nagency_fee: 0.365m"
    terms = "dsra: {months: 12, proration: months, funded: from cash flow, fees: FEES}"
    held, without = (
        by_year(
            spvmodel.solve(model_with(tmp_path, terms.replace("FEES", fees), loan)), "reserves.dsra.target", 2027, 2031
        )
        for fees in ("yes", "no")
    )
    days = {2027: 366, 2028: 365, 2029: 365, 2030: 365, 2031: 0}
    assert {year: held[year] - without[year] for year in held} == pytest.approx(
        {year: count * 0.001 for year, count in days.items()}
    )


INTEREST = "dsra: {amount: 5m, funded: at close}, interest: 2%"


def test_interest_on_accounts_counts_in_cfads_by_a_switch(tmp_path: Path) -> None:
    """5m at 2% earn 0.1m in each year that opens with them: 2027 to 2031."""
    out = solved_with(tmp_path, INTEREST)
    counted = solved_with(tmp_path, f"{INTEREST}, interest_in_cfads: yes")
    gained = [a - b for a, b in zip(counted.series("ratios.cfads"), out.series("ratios.cfads"), strict=True)]
    assert gained == pytest.approx([0.0] + [0.1] * 5 + [0.0] * 5)
    assert counted.series("reserves.interest_earned") == out.series("reserves.interest_earned")
    assert counted.series("ratios.dscr")[2] == pytest.approx(out.series("ratios.dscr")[2] + 0.1 / 17.4)
    # It is no earning of the project before financing, and the sponsors' cash is the same.
    for name in ("returns.project_flow", "returns.equity_flow"):
        assert counted.series(name) == pytest.approx(out.series(name))
    recipe = counted.model.about["cfads_recipe"]
    assert "plus interest on accounts, but for that on trapped cash" in recipe
    assert (
        "before tax (pass-through entity), before working capital, interest on trapped cash and reserve movements"
        in (recipe)
    )
    assert "reserves.interest_counted" not in out.values


def test_interest_on_trapped_cash_does_not_count(tmp_path: Path) -> None:
    model = built(tmp_path, ("  interest: 1.75%", "  interest: 1.75%\n  interest_in_cfads: yes"))
    result = spvmodel.solve(model, "low_rent")
    trapped, held = result.series("reserves.trapped.closing"), result.series("reserves.closing")
    assert max(trapped) > 0.5
    wanted = [0.0175 * (all_ - kept) for all_, kept in zip([0.0, *held], [0.0, *trapped], strict=True)][:-1]
    assert result.series("reserves.interest_counted") == pytest.approx(wanted)
    assert result.series("ratios.cfads") == pytest.approx(
        [
            noi - tax - saved + interest
            for noi, tax, saved, interest in zip(
                result.series("opex.noi"), result.series("tax.payable"),
                result.series("reserves.capital.contribution"), wanted, strict=True,
            )
        ]
    )  # fmt: skip


def test_a_sculpted_loan_is_sized_on_cfads_with_interest(tmp_path: Path) -> None:
    """The ring of size, reserve and interest comes to rest at the target cover."""
    loan = "repayment: {profile: sculpted, interest_only_until: 2026-12-31}\nday_count: by period"
    deal = small(tmp_path, loan, frequency="annual", amount="sizing: {dscr: 1.40x}", rate="fixed_rate: 4%")
    reserves = "reserves: {dsra: {months: 12}, interest: 3%, interest_in_cfads: yes}\ncovenants:"
    text = deal.path.read_text(encoding="utf-8").replace("covenants:", reserves)
    deal.path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(load(deal.path)))
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("ratios.dscr")[1:6] == pytest.approx([1.4] * 5, rel=1e-8)
    earned = result.series("reserves.interest_counted")
    assert earned[1] == pytest.approx(0.03 * result.series("debt.loan.service")[1])
    assert earned[1] > 0.3


def test_a_fault_of_interest_is_found(tmp_path: Path) -> None:
    model = built(tmp_path, ("  interest: 1.75%", "  interest: 1.75%\n  interest_in_cfads: yes"))
    assert failed(model) == set()
    assert "checks.interest_feedback" in failed(with_fault(model, "reserves.interest_counted", "money"))
