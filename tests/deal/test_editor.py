"""The JSON Schema that editors use says what the loader does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import jsonschema
import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from spvmodel import resources
from spvmodel.deal import json_schema, shipped
from spvmodel.deal.quantity import KINDS
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.schema.common import CommonCases
from spvmodel.deal.schema.kinds import Section
from tests.deal.files import SMALL, spoiled


def section_at_field(annotation: Any) -> type[BaseModel] | None:
    """The section a field holds, alone, under ids or in a list that may be left out."""
    inner = [part for outer in get_args(annotation) for part in (outer, *get_args(outer))]
    found = [part for part in (annotation, *inner) if isinstance(part, type) and get_origin(part) is None]
    return next((part for part in found if issubclass(part, BaseModel)), None)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def as_editors_read(text: str) -> Any:
    """YAML as an editor checks it: dates are texts, keys are texts."""

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {str(key): plain(value) for key, value in part.items()}
        if isinstance(part, list):
            return [plain(value) for value in part]
        return part.isoformat() if isinstance(part, dt.date) else part

    return plain(YAML(typ="safe", pure=True).load(text))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", shipped())
def test_shipped_deals_follow_it(name: str, validator: jsonschema.Draft202012Validator) -> None:
    text = (resources.models() / f"{name}.yaml").read_text(encoding="utf-8")
    assert [error.message for error in validator.iter_errors(as_editors_read(text))] == []


def test_small_deal_follows_it(validator: jsonschema.Draft202012Validator) -> None:
    assert list(validator.iter_errors(as_editors_read(SMALL))) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("margin: 250 bp", "margn: 250 bp", ["debt", "senior"]),
        ("    close: 2025-03-31\n", "", ["debt", "senior"]),
        ("frequency: quarterly", "frequency: weekly", ["time", "frequency"]),
        ("status: filed", "status: sure", ["debt", "senior", "commitment"]),
        ("currency: USD", "currency: dollars", ["currency"]),
        ("margin: 250 bp", "margin: [250 bp]", ["debt", "senior", "margin"]),
        ("lockup_dscr:", "first_repayment: 3\n  lockup_dscr:", ["covenants", "first_repayment"]),
        ("2027-01-01: 3.10%", "later: 3.10%", ["rates", "curve"]),
        ("lease.hall.rent: $108/kW-month", "lease.hall.rent: [108]", ["cases", "low_rent", "set", "lease.hall.rent"]),
        ("low_rent:", "low-rent:", ["cases"]),
    ],
)
def test_it_refuses_what_the_loader_refuses(
    old: str, new: str, path: list[str], validator: jsonschema.Draft202012Validator
) -> None:
    errors = list(validator.iter_errors(as_editors_read(spoiled(old, new))))
    for error in errors:
        errors += error.context or []  # of a section that may be left out
    assert path in [list(error.absolute_path) for error in errors]


def test_every_kind_is_defined() -> None:
    definitions = json_schema()["$defs"]
    assert all(kind.forms in definitions[f"quantity_{kind.name}"]["description"] for kind in KINDS.values())


def test_every_key_has_a_label_and_a_meaning() -> None:
    sections: list[type[BaseModel]] = [DealSpec, CommonCases]
    for section in sections:
        for key, field in section.model_fields.items():
            assert field.title, key
            assert (field.description or "").endswith("."), key
            inner = section_at_field(field.annotation)
            sections += [inner] if inner and inner not in sections else []
    assert set(sections) == set(_below(Section))


def _below(section: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every class of the schema that stands for a section of a deal file."""
    for below in section.__subclasses__():
        yield below
        yield from _below(below)


def test_it_is_handed_out_fresh() -> None:
    json_schema()["properties"].clear()
    assert json_schema()["properties"]
