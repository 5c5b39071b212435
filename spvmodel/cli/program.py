"""The program ``spvmodel`` and how its errors become messages and exit statuses."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from spvmodel import __version__
from spvmodel.cli.cases import cases
from spvmodel.cli.check import check
from spvmodel.cli.errors import failure
from spvmodel.cli.new import new
from spvmodel.cli.run import run
from spvmodel.cli.schema import schema
from spvmodel.cli.show import list_deals, show
from spvmodel.cli.trace import trace


class Program(click.Group):
    """The group of commands; turns what they raise into a message on stderr and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; see :mod:`spvmodel.cli.errors` for the exit statuses."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # the reader of our output has left; click ends quietly
            if ctx.params.get("traceback") or os.environ.get("SPVMODEL_DEBUG"):
                import traceback

                click.echo(traceback.format_exc(), err=True, nl=False)
            raise failure(error) from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="spvmodel")
@click.option("--traceback", is_flag=True, help="Show where a fault of the program arose.")
def main(traceback: bool) -> None:
    """Models of project-finance SPVs: a live workbook, a report and a fast engine from one deal file.

    DEAL is the name of a shipped deal (see `spvmodel list`) or the path of a deal file.

    Exit status: 0 done; 1 done, but an integrity check failed; 2 bad input or usage; 3 a fault of the program.
    """
    for stream in (sys.stdout, sys.stderr):
        # A console that lacks a character of a deal's text shows a mark in its place.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


for command in (run, list_deals, show, check, cases, trace, new, schema):
    main.add_command(command)
