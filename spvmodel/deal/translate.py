"""Errors of the schema in the words of a deal file, each at its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.reader import Node
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.stated import Kinded

Path = tuple[str | int, ...]


class Translator:
    """Knows the file: its name, and the place of every part."""

    def __init__(self, shown: str, tree: Node, root: type[BaseModel] = DealSpec) -> None:
        self.shown = shown
        self.tree = tree
        self.root = root

    def error(self, path: Path, message: str, allowed: str, nearest: str = "", *, key: bool = False) -> DealError:
        """An error at the value of ``path``, or at its key."""
        line, column = self.tree.at(path, key=key)
        return DealError(self.tree.file_at(path) or self.shown, line, column, message, allowed, nearest)

    def custom(self, path: Path, context: Mapping[str, Any]) -> DealError:
        """The error that :func:`spvmodel.deal.stated.fail` describes; ``path`` leads to the field."""
        near = nearest(context["word"], context["among"])
        at = (*path, *context["at"])
        return self.error(at, context["message"], context["allowed"], near, key=context["key"])

    def schema_error(self, detail: ErrorDetails) -> DealError:
        """An error of the schema."""
        path = tuple(part for part in detail["loc"] if part != "[key]")
        is_key = len(path) < len(detail["loc"])
        context: dict[str, Any] = detail.get("ctx", {})
        name, given = short(".".join(map(str, path))), short(str(detail["input"]))
        match detail["type"]:
            case "deal":
                return self.custom(path, {**context, "key": is_key or context["key"]})
            case "extra_forbidden":
                keys, word = keys_at(path[:-1], self.root), str(path[-1])
                where = f" in {'.'.join(map(str, path[:-1]))}" if path[:-1] else ""
                return self.error(
                    path, f"unknown key '{short(word)}'{where}", ", ".join(keys), nearest(word, keys), key=True
                )
            case "missing":
                where = f" in {'.'.join(map(str, path[:-1]))}" if path[:-1] else ""
                allowed = f"the required keys: {', '.join(required_at(path[:-1], self.root))}"
                return self.error(path, f"missing key '{path[-1]}'{where}", allowed)
            case "model_type" | "dict_type":
                keys = keys_at(path, self.root)
                allowed = f"the keys {', '.join(keys)}" if keys else "names, each with its values"
                return self.error(path, f"'{name}' must be a mapping", allowed)
            case "list_type":
                return self.error(path, f"'{name}' must be a list", "lines that begin with '- '")
            case "string_type":
                return self.error(path, f"'{name}' must be a text", "words or a number")
            case "literal_error":
                allowed = context["expected"].replace("'", "").replace(" or ", ", ")
                return self.error(path, f"'{name}' cannot be '{given}'", allowed, nearest(given, allowed.split(", ")))
            case "string_pattern_mismatch":
                allowed = "three capital letters, such as USD"
                return self.error(path, f"'{name}' cannot be '{given}'", allowed)
            case "too_short":
                return self.error(path, f"'{name}' has no entry", "at least one", key=True)
            case _:
                return self.error(path, f"'{name}': {detail['msg'].lower()}", "", key=is_key)


def nearest(word: str, among: Iterable[str]) -> str:
    """The name in ``among`` that ``word`` was probably meant to be, or ""."""
    found = difflib.get_close_matches(word, list(among), n=1, cutoff=0.6)
    return found[0] if found else ""


def section_at(path: Path, root: type[BaseModel] = DealSpec) -> type[BaseModel] | None:
    """The section of the schema (or of that of another file) that ``path`` leads to, if it leads to one."""
    annotation: Any = root
    for part in path:
        if get_origin(annotation) in (dict, list):
            annotation = get_args(annotation)[-1]
        elif _is_section(annotation) and part in annotation.model_fields:
            annotation = _without_none(annotation.model_fields[part].annotation)
        else:
            return None
    return annotation if _is_section(annotation) else None


def is_structure(name: str) -> bool:
    """Whether a dotted name leads to a key of the schema."""
    *above, last = name.split(".")
    section = section_at(tuple(above))
    return section is not None and last in fields_of(section)


def kinded_at(name: str) -> Kinded:
    """The kind and range that the schema gives an input, by its dotted name. KeyError if it is no input."""
    *above, last = name.split(".")
    section = section_at(tuple(above))
    if section is None:
        raise KeyError(name)
    field = fields_of(section)[last]
    inner = [mark for part in get_args(field.annotation) for mark in getattr(part, "__metadata__", ())]
    return next(mark for mark in (*field.metadata, *inner) if isinstance(mark, Kinded))


def keys_at(path: Path, root: type[BaseModel] = DealSpec) -> list[str]:
    """Every key the section at ``path`` may have."""
    section = section_at(path, root)
    return list(fields_of(section)) if section else []


def fields_of(section: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a section as a deal file writes them."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def required_at(path: Path, root: type[BaseModel] = DealSpec) -> list[str]:
    """The keys the section at ``path`` must have."""
    section = section_at(path, root)
    return [key for key, field in fields_of(section).items() if field.is_required()] if section else []


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _without_none(annotation: Any) -> Any:
    """The section, or the list of sections, that a field may leave out; any other annotation as it is."""
    if get_origin(annotation) in (dict, list):
        return annotation
    kept = [part for part in get_args(annotation) if _is_section(part) or get_origin(part) is list]
    return kept[0] if kept else annotation
