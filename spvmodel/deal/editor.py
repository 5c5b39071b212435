"""The JSON Schema of a deal file, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from spvmodel.deal.quantity import KINDS, STATUSES, Kind
from spvmodel.deal.schema import DealSpec


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a deal file; what it cannot say, ``load`` checks."""
    schema = DealSpec.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    definitions = schema.setdefault("$defs", {})
    _link(schema)
    for kind in KINDS.values():
        definitions[f"quantity_{kind.name}"] = _quantity(kind)
    definitions["CaseSpec"]["properties"]["set"]["additionalProperties"] = {"$ref": "#/$defs/quantity_any"}
    definitions["quantity_any"] = {
        "title": "The quantity that replaces an input",
        "anyOf": [{"$ref": f"#/$defs/quantity_{kind}"} for kind in KINDS],
    }
    return schema


def _link(part: Any) -> None:
    """Point every quantity field at the definition of its kind; let mappings take ids alone."""
    if isinstance(part, dict):
        kind = part.pop("x-quantity", None)
        if kind is not None:
            part["$ref"] = f"#/$defs/quantity_{kind}"
        if "patternProperties" in part:
            part.setdefault("additionalProperties", False)
        for inner in list(part.values()):
            _link(inner)
    elif isinstance(part, list):
        for inner in part:
            _link(inner)


def _quantity(kind: Kind) -> dict[str, Any]:
    scalar: dict[str, Any] = {"type": "boolean" if kind.name == "flag" else "number"}
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    if kind.name == "flag":
        text = {"enum": ["yes", "no", "true", "false"]}
    point = {"anyOf": [text, scalar]}
    bare: dict[str, Any] = point
    if kind.name == "date":
        bare = {"type": "string", "format": "date"}
    if kind.points:
        day = r"^\d{4}-\d{2}-\d{2}$"
        bare = {
            "type": "object",
            "patternProperties": {day: point},
            "additionalProperties": False,
            "minProperties": 1,
        }
        if kind.name == "curve":
            file = {"type": "string", "pattern": r"^[^/\\:]+\.csv$"}
            from_file = {"type": "object", "properties": {"csv": file}, "required": ["csv"]}
            bare = {"anyOf": [bare, {**from_file, "additionalProperties": False}]}
    stated = {
        "type": "object",
        "properties": {
            "value": bare,
            "source": {"type": "string", "description": "A key of sources."},
            "status": {"enum": list(STATUSES), "description": "How good the value is."},
            "note": {"type": "string", "description": "Why this value; for an assumption, the reason."},
            "as_of": {"type": "string", "format": "date", "description": "Date of the knowledge."},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    return {"description": f"Written {kind.forms}; range {kind.span}.", "anyOf": [bare, stated]}
