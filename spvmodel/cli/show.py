"""``spvmodel list`` and ``spvmodel show``: deals, and the terms and assumptions of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from spvmodel.cli.screen import deal_argument, format_option, print_json, print_table

if TYPE_CHECKING:
    from spvmodel.deal import Deal, Quantity


@click.command("list")
@format_option
def list_deals(form: str) -> None:
    """List the deals that ship with the program."""
    from spvmodel.deal import load, shipped

    deals = [load(name) for name in shipped()]
    if form == "json":
        print_json([{"deal": deal.id, "title": deal.title, "as_of": deal.as_of.isoformat()} for deal in deals])
        return
    print_table(("Deal", "Title", "As of"), [(deal.id, deal.title, deal.as_of.isoformat()) for deal in deals])


@click.command()
@deal_argument
@click.option("--case", default="base", show_default=True, help="The case whose values are shown.")
@format_option
def show(deal: str, case: str, form: str) -> None:
    """Show the terms and assumptions of DEAL with their sources."""
    from spvmodel.cli.errors import Failure
    from spvmodel.deal import load

    found = load(deal)
    if case not in found.cases:
        raise Failure(f"There is no case {case!r}. Allowed: {', '.join(found.cases)}.")
    if form == "json":
        print_json(_as_data(found, case))
    else:
        _print(found, case)


def _as_data(deal: Deal, case: str) -> dict[str, Any]:
    return {
        "deal": deal.id,
        "title": deal.title,
        "description": deal.description,
        "case": case,
        "currency": deal.currency,
        "as_of": deal.as_of.isoformat(),
        "fingerprint": deal.fingerprint,
        "parties": dict(deal.parties),
        "inputs": {name: _input(quantity) for name, quantity in deal.values(case).items()},
        "sources": {
            key: {
                "title": source.title,
                "url": source.url,
                "date": source.date.isoformat() if source.date else None,
                "note": source.note,
            }
            for key, source in deal.sources.items()
        },
        "cases": {
            name: {"label": entry.label, "description": entry.description, "breaks": entry.breaks}
            for name, entry in deal.cases.items()
        },
        "left_out": {name: {"label": entry.label, "reason": entry.reason} for name, entry in deal.left_out.items()},
        "qualifications": list(deal.qualifications),
    }


def _input(quantity: Quantity) -> dict[str, Any]:
    value: Any = quantity.value
    if isinstance(value, tuple):
        value = {day.isoformat(): number for day, number in value}
    elif not isinstance(value, float):
        value = value.isoformat()
    return {
        "label": quantity.label,
        "value": value,
        "unit": quantity.unit,
        "text": quantity.text,
        "status": quantity.status,
        "source": quantity.source or None,
        "note": quantity.note or None,
        "as_of": quantity.as_of.isoformat() if quantity.as_of else None,
        "line": quantity.line or None,
    }


def _print(deal: Deal, shown: str) -> None:
    click.echo(f"{deal.title} – {deal.cases[shown].label}\n\n{deal.description}\n")
    print_table(("Party", "Name"), list(deal.parties.items()))
    click.echo()
    print_table(
        ("Assumption", "Value", "Status", "Source", "Label", "Note"),
        [
            (name, _one_line(q.text), q.status, q.source or "", q.label, _one_line(q.note or ""))
            for name, q in deal.values(shown).items()
        ],
    )
    click.echo()
    print_table(
        ("Source", "Document", "Date", "Address"),
        [(key, s.title, s.date.isoformat() if s.date else "", s.url or "") for key, s in deal.sources.items()],
    )
    click.echo()
    rows = [(case.id, case.label, _one_line(case.description)) for case in deal.cases.values()]
    print_table(("Case", "Name", "Description"), rows)
    click.echo()
    if deal.left_out:
        rows = [(name, entry.label, entry.reason) for name, entry in deal.left_out.items()]
        print_table(("Case that does not fit", "Name", "Reason"), rows)
        click.echo()
    for text in deal.qualifications:
        click.echo(f"- {_one_line(text)}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
