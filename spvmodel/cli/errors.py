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
    """Bad input: a message that says what is wrong and what would be right."""

    exit_code = BAD_INPUT

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to stderr as it is, so that ``file:line:column`` stands where editors look for it."""
        click.echo(self.format_message(), file=file, err=file is None)


class CheckFailure(Failure):
    """An integrity check failed, and nothing was written for it."""

    exit_code = CHECK_FAILED


class Fault(Failure):
    """The program is wrong, not its user."""

    exit_code = OUR_FAULT


def failure(error: Exception) -> Failure:
    """What the user is told of an exception."""
    from spvmodel.deal.errors import DealError
    from spvmodel.engine.errors import SolveError

    if isinstance(error, (DealError, SolveError)):
        return Failure(str(error))
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return Fault(f"spvmodel has a fault ({what}). Run `spvmodel --traceback ...` and report it.")
