"""``spvmodel trace``: where a number comes from."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import click

from spvmodel.cli.errors import Failure
from spvmodel.cli.screen import deal_argument, format_option, print_json, progress
from spvmodel.cli.work import model_of, solved

if TYPE_CHECKING:
    from spvmodel.audit import Step


@click.command()
@deal_argument
@click.argument("line")
@click.argument("period", required=False)
@click.option(
    "--depth",
    type=click.IntRange(0, 50),
    default=3,
    show_default=True,
    help="Levels of precedents; inputs that the last one reads are shown too.",
)
@click.option("--case", default="base", show_default=True, help="The case to solve.")
@format_option
def trace(deal: str, line: str, period: str | None, depth: int, case: str, form: str) -> None:
    """Show LINE of DEAL: its number, formula and precedents, down to inputs and their sources.

    PERIOD is a date, for the period that contains it, or the number of a period. It is left out for a line that has
    one value.
    """
    from spvmodel.audit import UnknownName, period_of
    from spvmodel.audit import trace as follow

    with progress(f"Solving {deal}"):
        result = solved(model_of(deal), case)
    try:
        step = follow(result, line, period_of(result, period) if period else None, depth)
    except UnknownName as error:
        nearest = f" Did you mean {', '.join(error.nearest)}?" if error.nearest else ""
        raise Failure(f"{str(error)[:1].upper()}{str(error)[1:]}.{nearest}") from None
    sources = result.model.about.get("sources")
    titles = {key: entry["title"] for key, entry in sources.items()} if isinstance(sources, dict) else {}
    if form == "json":
        print_json({"deal": result.model.about["deal"], "case": case, **_as_data(step, titles)})
        return
    unicode = "utf" in (getattr(sys.stdout, "encoding", "") or "").lower()
    marks = ("├─ ", "└─ ", "│  ") if unicode else ("|- ", "`- ", "|  ")
    currency = str(result.model.about.get("currency", ""))
    for text in _Printer(marks, currency, titles).lines(step):
        click.echo(text)


def _as_data(step: Step, titles: dict[str, str]) -> dict[str, Any]:
    from spvmodel.report.data import scalar

    content: dict[str, Any] = {
        "name": step.name,
        "label": step.label,
        "unit": step.unit,
        "period": step.number if step.period else step.period,
        "end": step.end.isoformat() if step.end else None,
        "value": scalar(step.value, step.unit),
        "cell": step.cell,
    }
    if step.read:
        content["read"] = step.read
    if step.formula:
        content |= {"formula": step.formula, "formula_in_values": step.in_values}
    if step.given is not None:
        content["input"] = {
            "text": step.given.text,
            "status": step.given.status,
            "source": step.given.source or None,
            "source_title": titles.get(step.given.source),
            "note": step.given.note or None,
            "as_of": step.given.as_of or None,
            "set_by_case": step.changed,
        }
    if step.elsewhere:
        content["elsewhere"] = True
    return content | {"precedents": [_as_data(one, titles) for one in step.precedents]}


class _Printer:
    """A step and its precedents as an indented tree."""

    def __init__(self, marks: tuple[str, str, str], currency: str, titles: dict[str, str]) -> None:
        self.fork, self.end, self.bar = marks
        self.currency = currency
        self.titles = titles

    def lines(self, step: Step, first: str = "", rest: str = "") -> list[str]:
        """The text of a step; ``first`` and ``rest`` stand before its first line and before the others."""
        indent = rest + (self.bar if step.precedents else "   ")
        found = [f"{first}{step.name} = {self.value(step)}   [{step.cell}]"]
        found += [f"{indent}{text}" for text in self.details(step)]
        for number, precedent in enumerate(step.precedents, 1):
            last = number == len(step.precedents)
            mark, below = (self.end, "   ") if last else (self.fork, self.bar)
            found += self.lines(precedent, rest + mark, rest + below)
        return found

    def details(self, step: Step) -> list[str]:
        """What stands below the number: label and period, formula, or source."""
        when = "opening" if step.period == 0 else f"period {step.number}, to {step.end}" if step.period else ""
        found = ["; ".join(filter(None, (step.label, when, step.read)))]
        if step.formula:
            found.append(f"= {step.formula}")
            found.append(f"= {step.in_values}")
        if step.elsewhere:
            found.append("(its precedents stand elsewhere in this tree)")
        given = step.given
        if given is not None:
            title = self.titles.get(given.source, "")
            origin = f"{given.status or 'unsourced'}" + (f", {given.source}: {title}" if given.source else "")
            found.append(f"input ({origin}{f', {given.as_of}' if given.as_of else ''})")
            if step.changed:
                found.append(f"set by the case; the base value is {given.text}")
            if given.note:
                found.append(f"note: {' '.join(given.note.split())}")
        return found

    def value(self, step: Step) -> str:
        """The number with all digits that matter, and its unit."""
        from spvmodel.report.format import show, unit_label

        if math.isnan(step.value) or step.unit in ("date", "flag"):
            return show(step.value, step.unit)
        unit = "x" if step.unit == "x" else unit_label(step.unit, self.currency)
        return f"{step.value:.10g} {unit}".rstrip()
