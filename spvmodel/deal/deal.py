"""A validated deal: its structure, its inputs by dotted name, its cases."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from spvmodel.deal.quantity import FIRST_DATE, KINDS, LAST_DATE, Quantity, unit_of
from spvmodel.deal.reader import Node
from spvmodel.deal.schema import DealSpec, Section, Source, WaterfallStep
from spvmodel.deal.stated import Stated
from spvmodel.deal.steps import names_of
from spvmodel.deal.translate import fields_of, kinded_at


@dataclass(frozen=True, slots=True)
class Case:
    """Other values for some inputs; ``values`` is empty for the base case.

    ``breaks`` says what it would take to break the loan, ``common`` from which set of cases it comes; or "".
    """

    id: str
    label: str
    description: str
    values: Mapping[str, Quantity]
    breaks: str = ""
    common: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A case of a set of cases that does not fit a deal, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal file, validated.

    Attributes:
        id, title, description, currency, as_of: as the file states them.
        path: the file.
        fingerprint: SHA-256 of the content (structure, values, sources, notes), not of comments or spelling:
            ``2.50%`` and ``250 bp`` are the same.
        sources, parties, qualifications: as the file states them.
        periods: ends of the model periods, the first strictly after financial close.
        months_per_period: 1, 3, 6 or 12.
        inputs: every value of the base case by dotted name, in file order; an optional value that is absent
            and has no default is absent here.
        cases: by id, ``base`` first, then those of the file, then those of the set that it takes.
        left_out: the cases of that set that do not fit the deal, by id, with the reason.
        spec: the validated tree, for structure: which loans, buildings and leases there are, and how they
            refer to each other.
    """

    id: str
    title: str
    description: str
    currency: str
    as_of: dt.date
    path: Path
    fingerprint: str
    sources: Mapping[str, Source]
    parties: Mapping[str, str]
    qualifications: tuple[str, ...]
    periods: tuple[dt.date, ...]
    months_per_period: int
    inputs: Mapping[str, Quantity]
    cases: Mapping[str, Case]
    left_out: Mapping[str, LeftOut]
    spec: DealSpec

    def bounds(self, name: str) -> tuple[float, float] | tuple[dt.date, dt.date]:
        """The smallest and largest value that the schema takes for an input, in its unit. KeyError if it is none."""
        kinded = kinded_at(name)
        kind = KINDS[kinded.kind]
        if kinded.kind == "date":
            return FIRST_DATE, LAST_DATE
        low = kind.low if kinded.low is None else kinded.low
        return low, kind.high if kinded.high is None else kinded.high

    def values(self, case: str = "base") -> dict[str, Quantity]:
        """Every input in a case: the base value, or the one the case sets. KeyError for an unknown case."""
        return {**self.inputs, **self.cases[case].values}


def flatten(spec: DealSpec, tree: Node) -> dict[str, Quantity]:
    """Every quantity of the file by dotted name: in file order, defaults at the end of their section."""
    return {quantity.name: quantity for quantity in _walk(spec, tree, (), "", spec.currency)}


def _walk(
    part: Section | Mapping[str, Section], node: Node | None, path: tuple[str, ...], entry: str, currency: str
) -> Iterator[Quantity]:
    given = node.value if node is not None and isinstance(node.value, dict) else {}
    fields = fields_of(type(part)) if isinstance(part, Section) else {}
    names = _keys(part)
    for name in [*(name for name in given if name in names), *(name for name in names if name not in given)]:
        value = names[name]
        here = (*path, name)
        if isinstance(value, Stated):
            title = fields[name].title or name
            label = f"{title}, {entry}" if entry else title
            yield quantity(".".join(here), label, value, given.get(name), currency)
        elif _holds_inputs(here, value):
            yield from _walk(value, given.get(name), here, getattr(value, "label", entry), currency)
        elif here == ("waterfall",) and value is not None:
            yield from _walk(*_by_step(value, given.get(name)), here, entry, currency)


def _keys(part: Section | Mapping[str, Section]) -> dict[str, Any]:
    """What a part holds, by the key that a deal file has for it."""
    if not isinstance(part, Section):
        return dict(part)
    return {field.alias or name: getattr(part, name) for name, field in type(part).model_fields.items()}


def _by_step(listed: list[WaterfallStep], node: Node | None) -> tuple[dict[str, Section], Node | None]:
    """The steps of the waterfall, and their places in the file, by the names that lines give them."""
    names = [names_of(step.verb, step.object)[0] for step in listed]
    steps: dict[str, Section] = dict(zip(names, listed, strict=True))
    if node is None or not isinstance(node.value, list):
        return steps, None
    return steps, Node(dict(zip(names, node.value, strict=True)), node.line, node.column)


def _holds_inputs(path: tuple[str, ...], value: object) -> bool:
    return isinstance(value, (Section, dict)) and path[0] not in ("sources", "parties", "cases")


def quantity(name: str, label: str, stated: Stated, node: Node | None, currency: str) -> Quantity:
    """The record of one stated value; ``node`` is where the file gives it, None for a default."""
    if node is not None and isinstance(node.value, dict) and "value" in node.value:
        node = node.value["value"]
    return Quantity(
        name=name,
        label=label,
        kind=stated.kind,
        unit=unit_of(stated.kind, currency),
        value=stated.value,
        text=stated.text,
        source=stated.source,
        status=stated.status if node is not None else "default",
        note=stated.note,
        as_of=stated.as_of,
        line=node.line if node is not None else 0,
        column=node.column if node is not None else 0,
        file=stated.file,
        stated_in=node.file if node is not None else "",
    )


def fingerprint(spec: DealSpec, cases: Mapping[str, Case]) -> str:
    """SHA-256, in hexadecimal, of the content of a deal in canonical form."""
    content = _canonical(spec)
    for case in cases.values():
        if case.common:
            content["cases"][case.id] = {"label": case.label, "description": case.description, "breaks": case.breaks}
        if case.id in content["cases"]:
            values = {name: _canonical(value) for name, value in sorted(case.values.items())}
            content["cases"][case.id]["set"] = values
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(content: Any) -> Any:
    """Content as JSON holds it; a value is what it means, not how it is written."""
    if isinstance(content, (Stated, Quantity)):
        parts = (content.kind, content.value, content.source, content.status, content.note, content.as_of)
        return [_canonical(part) for part in parts]
    if isinstance(content, BaseModel):
        return {name: _canonical(getattr(content, name)) for name in type(content).model_fields}
    if isinstance(content, dict):
        return {key: _canonical(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_canonical(part) for part in content]
    return content.isoformat() if isinstance(content, dt.date) else content
