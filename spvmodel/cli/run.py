"""``spvmodel run``: solve, check, write, and print the headline."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from spvmodel.cli.errors import CHECK_FAILED, CheckFailure
from spvmodel.cli.outputs import publish
from spvmodel.cli.screen import deal_argument, note, print_table, progress
from spvmodel.cli.work import model_of, solved

if TYPE_CHECKING:
    from spvmodel.engine import Result

FORMATS = ("xlsx", "html", "json", "csv", "parquet")


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    """The formats asked for, each once."""
    asked = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",")))
    for form in asked:
        if form not in FORMATS:
            raise click.BadParameter(f"{form!r} is not one of {', '.join(FORMATS)}.", ctx, param)
    if "parquet" in asked and find_spec("pyarrow") is None:
        message = "parquet needs the package pyarrow, which is not installed: pip install pyarrow."
        raise click.BadParameter(message, ctx, param)
    return asked


@click.command()
@deal_argument
@click.option("--case", default="base", show_default=True, help="The case to solve.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the outputs. [default: out/<deal>]")
@click.option(
    "--format",
    "formats",
    callback=_formats,
    default="xlsx,html,json",
    show_default=True,
    help=f"Files to write, of {', '.join(FORMATS)}; `json` alone also prints the result, and nothing else, to stdout.",
)
@click.option("--force", is_flag=True, help="Write the outputs of a model that fails its checks.")
def run(deal: str, case: str, out: Path | None, formats: tuple[str, ...], force: bool) -> None:
    """Solve one case of DEAL, check it, and write its workbook, report and data."""
    with progress(f"Solving {deal}"):
        result = solved(model_of(deal), case)
    if not result.passed and not force:
        _print_failures(result)
        raise CheckFailure("Nothing was written. Use --force to write outputs that carry the failure.")
    name = str(result.model.about["deal"])
    folder = out if out is not None else Path("out", name)
    with progress(f"Writing {folder}"):
        paths = publish(folder, {f"{name}.{form}": _writer(result, form) for form in formats})
    if formats == ("json",):
        click.echo(paths[0].read_bytes(), nl=False)
        note(f"Written: {paths[0]}")
    else:
        _print_headline(result)
        click.echo("Written: " + ", ".join(map(str, paths)))
    if not result.passed:
        _print_failures(result)
        raise click.exceptions.Exit(CHECK_FAILED)


def _writer(result: Result, form: str) -> Callable[[Path], None]:
    """What writes the result in one format."""
    from spvmodel import report

    def write_workbook(path: Path) -> None:
        from spvmodel import workbook

        workbook.write_workbook(result, path)

    if form == "xlsx":
        return write_workbook
    writers = {
        "html": report.write_report,
        "json": report.write_json,
        "csv": report.write_csv,
        "parquet": report.write_parquet,
    }
    return lambda path: writers[form](result, path)


def _print_headline(result: Result) -> None:
    from spvmodel.report.format import money_decimals, show, unit_label
    from spvmodel.report.headline import headline

    about = result.model.about
    case = result.model.about["cases"]
    label = case[result.case]["label"] if isinstance(case, dict) else result.case
    click.echo(f"{about['title']} – {label}\n")
    rows, decimals = [], money_decimals(result)
    for metric in headline(result):
        unit = unit_label(metric.unit, str(about["currency"])) if metric.value == metric.value else ""
        text = show(metric.value, metric.unit, decimals, metric.names)
        rows.append((metric.label, text, unit, metric.note))
    print_table(("Metric", "Value", "Unit", "Note"), rows, right=(1,))
    click.echo()
    if result.passed:
        click.echo(f"Checks: all {len(result.checks)} passed.")
    for warning in result.warnings:
        click.echo(f"Alert: {warning}.")


def _print_failures(result: Result) -> None:
    for check in result.checks:
        if not check.passed:
            note(f"Check failed: {check.label} ({check.name}): {check.value:.3g}, tolerance {check.tolerance:.3g}")
