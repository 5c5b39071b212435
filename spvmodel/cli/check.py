"""``spvmodel check``: every integrity check of every case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from spvmodel.cli.errors import CHECK_FAILED
from spvmodel.cli.screen import deal_argument, format_option, print_json, print_table, progress
from spvmodel.cli.work import model_of, solved

if TYPE_CHECKING:
    from spvmodel.engine import Result


@click.command()
@deal_argument
@format_option
def check(deal: str, form: str) -> None:
    """Validate DEAL, solve all its cases and run every integrity check. Exit status 1 when one fails."""
    with progress(f"Checking {deal}"):
        model = model_of(deal)
        results = [solved(model, case) for case in model.cases]
    passed = all(result.passed for result in results)
    if form == "json":
        cases = {result.case: _as_data(result) for result in results}
        print_json({"deal": model.about["deal"], "passed": passed, "cases": cases})
    else:
        _print(results)
    if not passed:
        raise click.exceptions.Exit(CHECK_FAILED)


def _as_data(result: Result) -> dict[str, Any]:
    from spvmodel.report import document

    content = document(result)
    return {"passed": result.passed, "checks": content["checks"], "warnings": content["warnings"]}


def _print(results: list[Result]) -> None:
    rows = []
    for result in results:
        failed = sum(not one.passed for one in result.checks)
        # How near the nearest check comes to its tolerance; 1 is the limit.
        worst = max(result.checks, key=lambda one: one.value / one.tolerance if one.tolerance else one.value)
        rows.append(
            (
                result.case,
                f"{failed} FAILED" if failed else "passed",
                str(len(result.checks)),
                f"{worst.value:.1e}",
                worst.name,
                "; ".join(result.warnings) or "none",
            )
        )
    head = ("Case", "Checks", "Number", "Largest difference", "Check", "Alerts")
    print_table(head, rows, right=(2, 3))
    for result in results:
        for one in result.checks:
            if not one.passed:
                click.echo(
                    f"Failed in {result.case}: {one.label} ({one.name}): {one.value:.3g}, tolerance {one.tolerance:.3g}"
                )
