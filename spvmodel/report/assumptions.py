"""The assumptions book: every input with its source and status, and which cases override it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from spvmodel.lines import Input
from spvmodel.report.tables import value_in_case
from spvmodel.report.view import View

STATUSES = {
    "filed": "in audited accounts or a filing",
    "company": "in a release of a party to the deal",
    "reported": "in the press",
    "derived": "arithmetic on sourced figures",
    "assumed": "not public: taken from a peer or from practice, as the note says",
    "default": "not stated in the deal file; the standard value",
    "fixed": "structure, fixed when the model is built",
    "unsourced": "stated without a source",
}
"""What each status of an input means."""


@dataclass(frozen=True)
class Assumption:
    """One input of the model."""

    name: str
    label: str
    value: str
    written: str
    status: str
    source: str
    as_of: str
    note: str
    place: str
    changed: bool
    base: str
    overrides: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Book:
    """All inputs by heading, and how many there are of each status."""

    groups: dict[str, list[Assumption]]
    counts: dict[str, int]


def book(view: View) -> Book:
    """The inputs of the model as the case of the result has them."""
    groups: dict[str, list[Assumption]] = {}
    for name, given in view.model.inputs.items():
        groups.setdefault(view.line(name).group or view.line(name).section, []).append(_assumption(view, name, given))
    counted = Counter(given.status or "unsourced" for given in view.model.inputs.values())
    known = [status for status in STATUSES if counted[status]]
    return Book(groups, {status: counted[status] for status in (*known, *(s for s in counted if s not in STATUSES))})


def _assumption(view: View, name: str, given: Input) -> Assumption:
    line = view.line(name)
    changed = view.result.case in dict(given.cases)
    return Assumption(
        name,
        line.label,
        value_in_case(view, name),
        given.text,
        given.status or "unsourced",
        given.source,
        given.as_of,
        given.note,
        view.place.cell(name),
        changed,
        _in_words(view, name, given.value) if changed else "",
        tuple((case, _in_words(view, name, value)) for case, value in given.cases),
    )


def _in_words(view: View, name: str, value: float | tuple[float, ...]) -> str:
    """A value of an input; of a series only that it differs."""
    return "another path" if isinstance(value, tuple) else view.input_text(name, value)
