"""What commands print: tables and JSON on stdout, progress and messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def format_option(command: F) -> F:
    """The option ``--format`` of a command that prints a result."""
    choice = click.Choice(["text", "json"])
    return click.option("--format", "form", type=choice, default="text", help="How to print the result.")(command)


def deal_argument(command: F) -> F:
    """The argument DEAL."""
    return click.argument("deal")(command)


def print_json(content: Any) -> None:
    """Print JSON, and nothing else, to stdout; UTF-8 on every machine."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    click.echo(f"{text}\n".encode(), nl=False)


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table to stdout: drawn by rich on a terminal, in aligned columns elsewhere.

    ``right`` are the columns of numbers.
    """
    if sys.stdout.isatty():
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold cyan")
        for column, title in enumerate(head):
            table.add_column(Text(title), justify="right" if column in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        Console(highlight=False).print(table)
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        click.echo("  ".join(cells).rstrip())


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Show on a terminal what is being done; silent in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(doing):
        yield


def note(message: str) -> None:
    """A message for the user, on stderr."""
    click.echo(message, err=True)
