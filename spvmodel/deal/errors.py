"""The one exception a deal file can raise."""

from __future__ import annotations

from collections.abc import Iterable


def short(text: str) -> str:
    """A text of the user's as one line of an error shows it: printable, at most 60 characters."""
    line = "".join(character if character.isprintable() else " " for character in text[:61])
    return line if len(line) <= 60 else f"{line[:57]}..."


class DealError(Exception):
    """What is wrong in a deal file, where, and what would be right.

    Attributes:
        file: the file as the user named it.
        line, column: 1-based place of the offending text; 0 when the file has no such place.
        message: what is wrong.
        allowed: what would be accepted; empty when the message says it.
        nearest: the nearest valid name; empty when none is near.
        errors: every error of the file in file order; the attributes above are those of the first.

    ``str()`` gives one line per error: ``file:line:column: message. Allowed: ... Did you mean 'x'?``
    """

    def __init__(
        self,
        file: str,
        line: int,
        column: int,
        message: str,
        allowed: str = "",
        nearest: str = "",
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.allowed = allowed
        self.nearest = nearest
        self.errors: tuple[DealError, ...] = (self,)

    @classmethod
    def of(cls, errors: Iterable[DealError]) -> DealError:
        """One error that carries several, the first in file order speaking for all.

        Aliases share a place: what they say in the same words is said once.
        """
        distinct = {error.text: error for error in errors}.values()
        ordered = sorted(distinct, key=lambda error: (error.line, error.column))
        first = ordered[0]
        whole = cls(first.file, first.line, first.column, first.message, first.allowed, first.nearest)
        whole.errors = tuple(ordered)
        return whole

    @property
    def text(self) -> str:
        """This error alone, on one line."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{place}: {self.message}."
        if self.allowed:
            text += f" Allowed: {self.allowed}."
        if self.nearest:
            text += f" Did you mean '{self.nearest}'?"
        return text

    def __str__(self) -> str:
        return "\n".join(error.text for error in self.errors)
