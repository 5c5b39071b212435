"""Reading the YAML of a deal file into a tree that knows where every word stands.

The tree is built from the parser's events, so nothing in the file is ever constructed: scalars stay text as
written, tags are refused, an alias is counted before it is expanded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spvmodel.deal.errors import DealError, short

LARGEST_FILE = 1_000_000
MOST_NODES = 20_000
DEEPEST = 12


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A text, a mapping or a list of the file, with its place (1-based).

    ``keys`` gives the place of each key of a mapping; ``file`` names the file where it is not the deal file itself.
    """

    value: str | dict[str, Node] | list[Node]
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    file: str = ""

    def of(self, file: str) -> Node:
        """The same node, and all below it, as one of another file."""
        value = self.value
        if isinstance(value, dict):
            value = {key: node.of(file) for key, node in value.items()}
        elif isinstance(value, list):
            value = [node.of(file) for node in value]
        return Node(value, self.line, self.column, self.keys, file)

    def plain(self) -> Any:
        """The same content as plain dicts, lists and texts."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[str | int, ...]) -> Node | None:
        """The node at ``path``, or None."""
        node: Node | None = self
        for name in path:
            if node is None:
                return None
            if isinstance(node.value, dict):
                node = node.value.get(str(name))
            elif isinstance(node.value, list) and isinstance(name, int) and name < len(node.value):
                node = node.value[name]
            else:
                return None
        return node

    def at(self, path: tuple[str | int, ...], *, key: bool = False) -> tuple[int, int]:
        """The place of the value at ``path`` or of its key; where there is none, of the key above it."""
        node = self.find(path)
        if node is None:
            return self.at(path[:-1], key=True)
        above = self.find(path[:-1]) if path and key else None
        return above.keys[str(path[-1])] if above is not None and above.keys else (node.line, node.column)

    def file_at(self, path: tuple[str | int, ...]) -> str:
        """The other file that the node at ``path``, or the nearest above it, comes from; else ""."""
        node = self.find(path)
        return node.file if node is not None else self.file_at(path[:-1])


def read(path: Path, shown: str) -> Node:
    """The tree of the file at ``path``; ``shown`` is how errors name the file.

    Raises :class:`DealError`: missing, a folder, unreadable, over 1 MB (found before reading), not text,
    empty, not YAML, more than one document, a tag, a duplicate key, a key without value, control characters,
    nesting or aliases beyond reason.
    """
    return parse(_text(path, shown), shown)


def _text(path: Path, shown: str) -> str:
    wanted = "a YAML text of at most 1 MB in UTF-8"
    try:
        if path.is_dir():
            raise DealError(shown, 0, 0, "this is a folder, not a deal file", wanted)
        size = _size(path)
        if size > LARGEST_FILE:
            raise DealError(shown, 0, 0, f"the file holds {size:,} bytes, too many for a deal file", wanted)
        with path.open("rb") as stream:
            # A pipe or device has no size: read no more than a deal file may hold.
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DealError(shown, 0, 0, f"cannot read the file: {(error.strerror or str(error)).lower()}") from None
    if len(content) > LARGEST_FILE:
        raise DealError(shown, 0, 0, "the file is too long for a deal file", wanted)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode("utf-8", "replace"))
        raise DealError(shown, line, column, "the file is not text in UTF-8", wanted) from None
    if "\0" in text:
        line, column = _place(text[: text.index("\0")])
        raise DealError(shown, line, column, "the file is binary: it holds a NUL character", wanted)
    if not text.strip():
        raise DealError(shown, 1, 1, "the file is empty", _WANTED)
    return text


def _size(path: Path) -> int:
    return path.stat().st_size


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def parse(text: str, shown: str) -> Node:
    """The tree of a deal file's text; errors as in :func:`read`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    builder = _Builder(shown)
    try:
        return builder.document(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = ", ".join(part for part in (error.context, error.problem) if part)
        raise DealError(shown, line, column, f"this is not valid YAML: {message}") from None
    except ReaderError as error:
        line, column = _place(text[: error.position])
        message = f"the character U+{ord(text[error.position]):04X} cannot stand in a deal file"
        raise DealError(shown, line, column, message, "printable text") from None
    except (YAMLError, ValueError) as error:
        raise DealError(shown, 1, 1, f"this is not valid YAML: {error}") from None


_WANTED = "a deal file; `spvmodel new` writes one to start from"


class _Builder:
    """Builds the tree from parser events, counting as it goes."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.count = 0
        self.anchors: dict[str, tuple[Node, int]] = {}

    def error(self, event: Any, message: str, allowed: str = "") -> DealError:
        mark = event.start_mark
        return DealError(self.shown, mark.line + 1, mark.column + 1, message, allowed)

    def document(self, events: Iterator[Any]) -> Node:
        root: Node | None = None
        for event in events:
            match type(event).__name__:
                case "StreamStartEvent" | "StreamEndEvent" | "DocumentEndEvent":
                    continue
                case "DocumentStartEvent" if root is None:
                    root = self.node(next(events), events, 0)
                case _:
                    raise self.error(event, "the file holds more than one YAML document", "one deal to a file")
        if root is None:
            raise DealError(self.shown, 1, 1, "the file is empty", _WANTED)
        if not isinstance(root.value, dict):
            raise DealError(self.shown, root.line, root.column, "a deal file is a mapping of keys to values",
                            "deal, title, currency, time, rates, building, lease, debt, ...")  # fmt: skip
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        self.count += 1
        if depth > DEEPEST:
            raise self.error(event, "the file is nested too deeply", f"at most {DEEPEST} levels")
        if type(event).__name__ == "AliasEvent":
            return self.alias(event)
        self.check_count(event)
        if event.tag is not None:
            raise self.error(event, f"a YAML tag ({short(event.tag)}) has no place in a deal file", "plain values")
        before = self.count
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        match type(event).__name__:
            case "ScalarEvent":
                node = Node(self.text(event), line, column)
            case "SequenceStartEvent":
                node = Node(list(self.items(events, depth)), line, column)
            case _:
                keys: dict[str, tuple[int, int]] = {}
                node = Node(self.mapping(events, depth, keys), line, column, keys)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.count - before + 1)
        return node

    def check_count(self, event: Any) -> None:
        if self.count > MOST_NODES:
            raise self.error(event, f"the file holds more than {MOST_NODES:,} values, aliases expanded",
                             f"at most {MOST_NODES:,}")  # fmt: skip

    def alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            raise self.error(
                event, f"the alias *{short(event.anchor)} has no anchor before it", "an anchor given above"
            )
        node, size = self.anchors[event.anchor]
        self.count += size
        self.check_count(event)
        return node

    def items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                return
            yield self.node(event, events, depth + 1)

    def mapping(self, events: Iterator[Any], depth: int, keys: dict[str, tuple[int, int]]) -> dict[str, Node]:
        content: dict[str, Node] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            if type(event).__name__ != "ScalarEvent":
                raise self.error(event, "a key must be a plain word", "letters, digits and _")
            key = self.node(event, events, depth + 1).value
            assert isinstance(key, str)
            if key in content:
                first = keys[key]
                raise self.error(event, f"duplicate key '{short(key)}', first given in line {first[0]}",
                                 "each key once")  # fmt: skip
            if key == "<<":
                raise self.error(event, "merge keys (<<) are not read", "write the keys out")
            keys[key] = (event.start_mark.line + 1, event.start_mark.column + 1)
            follower = next(events)
            if _is_null(follower):
                raise self.error(event, f"'{short(key)}' has no value", "a value, or leave the key out")
            content[key] = self.node(follower, events, depth + 1)
        return content

    def text(self, event: Any) -> str:
        text = str(event.value)
        for character in text:
            if not _printable(character):
                raise self.error(event, f"the text holds the character U+{ord(character):04X}", "printable text")
        return text


def _is_null(event: Any) -> bool:
    plain = type(event).__name__ == "ScalarEvent" and event.style is None and event.tag is None
    return plain and event.value in ("", "~", "null", "Null", "NULL")


def _printable(character: str) -> bool:
    """Whether a workbook, a page and a terminal can all show a character as what it is.

    Refuses controls, lone surrogates, marks that turn the direction of writing, and non-characters.
    """
    if character in "\n\t":
        return True
    code = ord(character)
    turning = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return unicodedata.category(character) not in ("Cc", "Cs") and not turning and code & 0xFFFE != 0xFFFE
