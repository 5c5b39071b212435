"""What ends a command, and with which status.

0 done; 1 done, but an integrity check failed; 2 bad input or usage; 3 a fault of ours.
"""

from __future__ import annotations

from typing import IO, Any, Final

import click

CHECK_FAILED: Final = 1
BAD_INPUT: Final = 2
OUR_FAULT: Final = 3


class Failure(click.ClickException):
    """A message for the user and the exit status that goes with it."""

    def __init__(self, message: str, status: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.exit_code = status

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to stderr as it is, so that ``file:line:column`` stands where editors look for it."""
        click.echo(self.format_message(), file=file, err=file is None)


def failure(error: Exception) -> Failure:
    """What the user is told of an exception."""
    from spvmodel.deal.errors import DealError
    from spvmodel.engine.errors import SolveError

    if isinstance(error, (DealError, SolveError)):
        return Failure(str(error))
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return Failure(f"spvmodel has a fault ({what}). Run again with --traceback and report it.", OUR_FAULT)
