"""The deal that uses everything at once: it holds in every case, whatever the length of its periods."""

from __future__ import annotations

import pytest

import spvmodel
from spvmodel.deal.schema import DealSpec
from spvmodel.engine import Result
from spvmodel.lines import Call, Model
from spvmodel.lines.expr import walk
from tests.finance.rich import RICH, rich

FREQUENCIES = {"monthly": 300, "quarterly": 100, "semi-annual": 50, "annual": 25}
SIZED = ("senior_a", "senior_b")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    folder = tmp_path_factory.mktemp("rich")
    return {frequency: spvmodel.build(spvmodel.load(rich(folder, frequency))) for frequency in FREQUENCIES}


@pytest.fixture(scope="module")
def results(models: dict[str, Model]) -> dict[str, dict[str, Result]]:
    return {
        frequency: {case: spvmodel.solve(model, case) for case in model.cases} for frequency, model in models.items()
    }


def test_it_uses_every_section() -> None:
    """All that a deal file may hold but a holdco loan's own entry stands in it."""
    spec = spvmodel.load(RICH).spec
    for name in DealSpec.model_fields:
        if name not in ("sources", "parties", "qualifications", "cases_from"):
            assert name in spec.model_fields_set or name == "checks", name
    kinds = {hedge.kind for hedge in spec.hedge.values()}
    assert kinds == {"swap", "cap"}
    assert [name for name, loan in spec.debt.items() if loan.sizing] == list(SIZED)
    assert {loan.rank for loan in spec.debt.values()} == {"senior", "mezzanine", "shareholder"}


def test_no_period_computes_what_is_one_for_all(models: dict[str, Model]) -> None:
    """A formula over all periods is a scalar: in a series every period would look through all of them again."""
    series = [line for line in models["quarterly"].lines.values() if line.series and line.expr is not None]
    of_all = {"total", "lowest", "highest", "mean", "at_lowest", "irr", "xirr"}
    assert [
        line.name for line in series if of_all & {part.op for part in walk(line.expr) if isinstance(part, Call)}
    ] == []


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_all_checks_pass_in_all_cases(
    frequency: str, models: dict[str, Model], results: dict[str, dict[str, Result]]
) -> None:
    assert models[frequency].periods == FREQUENCIES[frequency]
    for case, result in results[frequency].items():
        assert [check.name for check in models[frequency].checks if not result.scalar(check.passed)] == [], case


@pytest.mark.parametrize("frequency", ["monthly", "semi-annual"])
def test_the_length_of_a_period_hardly_moves_what_is_lent(
    frequency: str, results: dict[str, dict[str, Result]]
) -> None:
    """Interest accrues by days and income by days: shorter periods only move payments within the year."""
    for case, result in results["quarterly"].items():
        for loan in SIZED:
            amount = f"debt.{loan}.amount"
            assert results[frequency][case].scalar(amount) == pytest.approx(result.scalar(amount), rel=0.02), case


def test_cases_size_the_loans_anew(results: dict[str, dict[str, Result]]) -> None:
    sizes = {case: result.scalar("debt.senior_a.amount") for case, result in results["quarterly"].items()}
    assert len({round(size, 3) for size in sizes.values()}) == len(sizes)
    assert sizes["low_rent"] < sizes["rates_up"] < sizes["base"] < sizes["overrun"]


def test_loans_sized_one_after_the_other_are_covered_together(results: dict[str, dict[str, Result]]) -> None:
    """The second loan's cover binds: service of both is what its target allows, in the period in which it binds."""
    result = results["quarterly"]["base"]
    names = result.model.lines["sizing.senior_b.binding"].names
    assert names[int(result.scalar("sizing.senior_b.binding")) - 1] == "DSCR"
    covers = [cover for cover in result.series("ratios.dscr")[1:] if cover == cover]
    assert min(covers) == pytest.approx(1.5, abs=1e-6)
