"""When taxes are paid: cash by plain loops over the taxes assessed, and nothing owed at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.test_checks import failed, with_fault
from tests.finance.works import built

ONE = "depreciation: MACRS 15"


def paid(folder: Path, terms: str, frequency: str = "annual", *changes: tuple[str, str]) -> Result:
    model = built(
        folder, (ONE, f"{ONE}\n  payment: {terms}"), ("frequency: annual", f"frequency: {frequency}"), *changes
    )
    result = spvmodel.solve(model)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def rows(result: Result) -> tuple[list[float], list[float]]:
    """Taxes assessed and falling due, by period; the corkscrew between them is checked here."""
    assessed, cash = result.series("tax.payable"), result.series("tax.cash")
    owed = 0.0
    for opening, tax, due, closing in zip(
        *map(result.series, ("tax.owed_opening", "tax.payable", "tax.cash", "tax.owed_closing")), strict=True
    ):
        assert opening == owed
        owed = closing
        assert closing == pytest.approx(opening + tax - due, abs=1e-12)
    assert owed == 0
    assert sum(cash) == pytest.approx(sum(assessed), abs=1e-9)
    assert sum(assessed) > 10
    assert result.series("tax.due") == [max(0.0, due) for due in cash]
    assert result.series("tax.refund") == [max(0.0, -due) for due in cash]
    return assessed, cash


def shifted(assessed: list[float], periods: int) -> list[float]:
    """Each period's tax some periods later; the last period pays all that is left."""
    early = [0.0] * periods + assessed[: len(assessed) - periods]
    return [*early[:-1], early[-1] + sum(assessed[len(assessed) - periods :])]


@pytest.mark.parametrize(
    ("frequency", "months", "periods"),
    [
        ("monthly", 4, 4),
        ("monthly", 0, 0),
        ("quarterly", 4, 2),
        ("quarterly", 3, 1),
        ("annual", 4, 1),
        ("annual", 0, 0),
    ],
)
def test_in_arrears(tmp_path: Path, frequency: str, months: int, periods: int) -> None:
    """A quarter's tax four months after its end falls due in the second quarter after it."""
    assessed, cash = rows(paid(tmp_path, f"in arrears\n  payment_lag: {months}", frequency))
    assert cash == pytest.approx(shifted(assessed, periods), abs=1e-9)


@pytest.mark.parametrize(("months", "due"), [(4, 4), (3, 3), (12, 12), (0, 12)])
def test_in_the_following_year(tmp_path: Path, months: int, due: int) -> None:
    """Monthly: all of a year's tax four months after its end, in April; without a lag in December itself."""
    assessed, cash = rows(paid(tmp_path, f"following year\n  payment_lag: {months}", "monthly"))
    years = [sum(assessed[at : at + 12]) for at in range(0, len(assessed), 12)]
    wanted = [0.0] * len(assessed)
    for year, tax in enumerate(years):
        wanted[min(len(assessed) - 1, 12 * (year + (months > 0)) + due - 1)] += tax
    assert cash == pytest.approx(wanted, abs=1e-9)


def test_in_the_following_year_of_an_annual_model(tmp_path: Path) -> None:
    assessed, cash = rows(paid(tmp_path, "following year\n  payment_lag: 4"))
    assert cash == pytest.approx(shifted(assessed, 1), abs=1e-9)


def test_quarterly(tmp_path: Path) -> None:
    """Monthly: March pays the taxes of January to March; a quarterly model pays as assessed."""
    assessed, cash = rows(paid(tmp_path, "quarterly", "monthly"))
    wanted = [sum(assessed[at - 2 : at + 1]) if at % 3 == 2 else 0.0 for at in range(len(assessed))]
    assert cash == pytest.approx(wanted, abs=1e-9)
    assessed, cash = rows(paid(tmp_path, "quarterly", "quarterly"))
    assert cash == assessed


def test_quarterly_where_periods_end_in_mid_month(tmp_path: Path) -> None:
    """Months that end on the 14th: the one that ends on 14 April pays what ended by 31 March."""
    first = ("close: 2024-12-31, frequency: monthly", "close: 2024-12-31, first_end: 2025-01-14, frequency: monthly")
    model = built(tmp_path, (ONE, f"{ONE}\n  payment: quarterly"), ("close: 2024-12-31, frequency: annual", first[1]))
    assessed, cash = rows(spvmodel.solve(model))
    wanted = [sum(assessed[max(0, at - 3) : at]) if at % 3 == 0 else 0.0 for at in range(len(assessed))]
    wanted[-1] += sum(assessed) - sum(wanted)
    assert cash == pytest.approx(wanted, abs=1e-9)


def test_cfads_follows_the_cash_and_the_expense_does_not(tmp_path: Path) -> None:
    result = paid(tmp_path, "in arrears\n  payment_lag: 4")
    assessed, cash = rows(result)
    assert cash != assessed
    for cfads, noi, saved, due in zip(
        *map(result.series, ("ratios.cfads", "opex.noi", "reserves.capital.contribution", "tax.cash")), strict=True
    ):
        assert cfads == pytest.approx(noi - saved - due, abs=1e-9)
    assert result.scalar("tax.paid_fed_back_residual") < 1e-9
    rate = 0.07 + 0.21 * 0.93
    taxed = [now - (then if goes_on else 0.0) for now, then, goes_on in zip(
        result.series("tax.taxable_to_date"), [0.0, *result.series("tax.taxable_to_date")],
        result.series("tax.year_goes_on"), strict=False,
    )]  # fmt: skip
    assert assessed == pytest.approx([rate * taxable for taxable in taxed], abs=1e-9)
    for project, after, due in zip(
        *map(result.series, ("returns.project_flow", "returns.project_flow_after_tax", "tax.cash")), strict=True
    ):
        assert after == pytest.approx(project - due, abs=1e-9)


@pytest.mark.parametrize("rank", ["after debt service", "paid by owners"])
def test_in_arrears_at_every_rank(tmp_path: Path, rank: str) -> None:
    result = paid(tmp_path, f"in arrears\n  payment_lag: 4\n  rank: {rank}")
    assessed, cash = rows(result)
    assert cash == pytest.approx(shifted(assessed, 1), abs=1e-9)
    if rank == "paid by owners":
        flows = map(result.series, ("returns.equity_flow", "returns.equity_flow_after_tax", "tax.cash"))
        for before, after, due in zip(*flows, strict=True):
            assert after == pytest.approx(before - due, abs=1e-9)
    else:
        assert sum(result.series("waterfall.tax.paid")) == pytest.approx(sum(assessed))


def test_close_on_its_own_owes_nothing(tmp_path: Path) -> None:
    times = ("frequency: monthly}", "frequency: monthly, closing: on its own}")
    model = built(tmp_path, (ONE, f"{ONE}\n  payment: quarterly"), ("frequency: annual}", times[1]))
    result = spvmodel.solve(model)
    assert [check.name for check in result.checks if not check.passed] == []
    assert result.series("tax.owed_closing")[0] == 0
    rows(result)


@pytest.fixture(scope="module")
def arrears(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return built(tmp_path_factory.mktemp("arrears"), (ONE, f"{ONE}\n  payment: in arrears\n  payment_lag: 4"))


def test_faults_are_found(arrears: Model) -> None:
    """The check of what is left looks at the last period, number 21, where the common fault stands too."""
    assert failed(arrears) == set()
    assert "checks.tax_due" in failed(with_fault(arrears, "tax.cash", "money"))
    assert "checks.tax_owed" in failed(_last(arrears))


def _last(model: Model) -> Model:
    """A fault in the last period alone."""
    from tests.finance.changing import with_fault as at_number

    return at_number(model, "tax.owed_closing", 1.0, "money", model.periods)
