"""Cases that several deals share: read from a set, fitted to one deal, and told apart from those that do not fit.

A set says ``lease.*.rent: {times: 90%}``; a deal has absolute values. What a set says is resolved against the base case
when the deal is loaded, so that a case of a set is a case like any other. A case whose inputs a deal does not have, or
whose values break a rule of the deal, is left out there with the reason, never in silence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from spvmodel import resources
from spvmodel.deal import reader
from spvmodel.deal.deal import Case, LeftOut, quantity
from spvmodel.deal.errors import DealError, short
from spvmodel.deal.quantity import Quantity, QuantityError, parse, write
from spvmodel.deal.reader import Node
from spvmodel.deal.schema.common import CommonCase, CommonCases
from spvmodel.deal.stated import state
from spvmodel.deal.timeline import add_months
from spvmodel.deal.translate import Translator, kinded_at

_BRINGS: Final = ("event", "trigger")
"""Sections of which a set brings entries."""

_RELATIVE: Final = ("times", "plus", "minus", "from")
ONE_DAY: Final = dt.timedelta(days=1)
_ABOUT: Final = ("source", "status", "note", "as_of")
_LASTS: Final = "for"
"""Beside ``from``: the date is the last day of that many months, of which the first day is the one reckoned."""
_LAST_DAYS: Final = (".until", ".expiry")
"""Ends of the names of inputs that are last days, which move as the day after them does."""
_LET_AGAIN: Final = "relet_cost"
"""The key of an event that means nothing where no lease is."""


@dataclass(slots=True)
class Fitted:
    """The cases of a set that fit a deal, and those that do not, both by id."""

    cases: dict[str, Case] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)


class _DoesNotFit(Exception):
    """Why a case does not fit a deal."""


def sets() -> list[str]:
    """Names of the sets of cases that ship with the package, sorted."""
    return sorted(path.stem for path in (resources.models() / "cases").glob("*.yaml"))


class CommonSet:
    """One set of cases, read and of the right form; ``shown`` is how errors name its file."""

    def __init__(self, name: str, folder: Path, say: Translator) -> None:
        """The shipped set of that name, or a YAML file of the deal's own folder; ``say`` is of the deal file."""
        if name in sets():
            path, self.shown = resources.models() / "cases" / f"{name}.yaml", f"cases/{name}.yaml"
        elif re.fullmatch(r"[^/\\:\0]+\.ya?ml", name) and (folder / name).is_file():
            path, self.shown = folder / name, str(Path(say.shown).with_name(name))
        else:
            allowed = f"a shipped set ({', '.join(sets())}), or a YAML file of the deal's own folder"
            raise say.error(("cases_from",), f"there is no set of cases '{short(name)}'", allowed)
        self.tree = reader.read(path, self.shown)
        self.say = Translator(self.shown, self.tree, CommonCases)
        try:
            self.spec = CommonCases.model_validate(self.tree.plain())
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise DealError.of(self.say.schema_error(detail) for detail in details) from None

    def with_entries(self, tree: Node, inputs: Mapping[str, Quantity]) -> Node:
        """The tree of a deal file with the events and triggers of the set, dated for the deal of these inputs."""
        assert isinstance(tree.value, dict)
        content, keys = dict(tree.value), dict(tree.keys)
        for section in _BRINGS:
            brought = self.tree.find((section,))
            if brought is None or not isinstance(brought.value, dict):
                continue
            own = content.get(section, Node({}, brought.line, brought.column, {}, self.shown))
            if not isinstance(own.value, dict):
                continue  # which is an error of the deal file
            entries, places = dict(own.value), dict(own.keys)
            for key, node in brought.value.items():
                if key not in entries:
                    entries[key] = self._dated((section, key), node, inputs)
                    places[key] = brought.keys[key]
            content[section] = replace(own, value=entries, keys=places)
            keys.setdefault(section, self.tree.keys[section])
        return replace(tree, value=content, keys=keys)

    def _dated(self, path: tuple[str, str], node: Node, inputs: Mapping[str, Quantity]) -> Node:
        """An entry with absolute dates; without the cost of letting where it lets no capacity."""
        if not isinstance(node.value, dict):
            return node.of(self.shown)
        parts: dict[str, Node] = {}
        # Costs of letting are a kW of the capacity: of no use where nothing is let, or something by area.
        let = matching("lease.*.commencement", inputs) != [] and not matching("building.*.area", inputs)
        for key, part in node.value.items():
            if key == _LET_AGAIN and not let:
                continue
            given = part.plain()
            if isinstance(given, dict) and "from" in given:
                day, text = self._date_from((*path, key), given, inputs)
                note = "; ".join(filter(None, (text, str(given.get("note", "")))))
                stated = {"status": "assumed", **{what: str(given[what]) for what in _ABOUT if what in given}}
                stated |= {"value": day.isoformat(), "note": note}
                nodes = {what: Node(words, part.line, part.column) for what, words in stated.items()}
                part = Node(dict(nodes), part.line, part.column, dict.fromkeys(nodes, (part.line, part.column)))
            elif isinstance(part.value, dict) and "value" in part.value and "status" not in part.value:
                assumed = Node("assumed", part.line, part.column)
                part = Node({**part.value, "status": assumed}, part.line, part.column, part.keys)
            parts[key] = part.of(self.shown)
        return Node(parts, node.line, node.column, node.keys, self.shown)

    def _date_from(
        self, path: tuple[str, ...], given: Mapping[str, Any], inputs: Mapping[str, Quantity]
    ) -> tuple[dt.date, str]:
        """The last of the dates that the first matching pattern finds, some months later or earlier; and in words.

        Or the last day of some months from then.
        """
        patterns = given["from"] if isinstance(given["from"], list) else [given["from"]]
        for pattern in patterns:
            found = [(inputs[name].value, name) for name in matching(str(pattern), inputs)]
            dates = [(value, name) for value, name in found if isinstance(value, dt.date)]
            if dates:
                day, name = max(dates)
                months, words = 0, ""
                for what, sign in (("plus", 1), ("minus", -1)):
                    if what in given:
                        months += sign * int(self._number(path, what, "months", given))
                        words = f" {what} {given[what]}"
                if _LASTS in given:
                    months += int(self._number(path, _LASTS, "months", given))
                    return add_months(day, months) - ONE_DAY, f"{name}{words} {_LASTS} {given[_LASTS]}"
                return add_months(day, months), f"{name}{words}"
        message = f"no input of the deal has the name {', '.join(map(str, patterns))}"
        allowed = "patterns of dates, the last of them one that every deal has, such as time.close"
        raise self.say.error((*path, "from"), message, allowed)

    def _number(self, path: tuple[str, ...], key: str, kind: str, given: Mapping[str, Any]) -> float:
        try:
            value = parse(kind, str(given[key]))
        except QuantityError as error:
            raise self.say.error((*path, key), error.message, error.allowed) from None
        assert isinstance(value, float)
        return value

    def fit(self, inputs: Mapping[str, Quantity], taken: Iterable[str], context: dict[str, Any]) -> Fitted:
        """The cases of the set for a deal of these base inputs; ``taken`` are the ids of its own cases."""
        fitted, own = Fitted(), set(taken)
        order = [key for key, case in self.spec.cases.items() if not case.combines]
        order += [key for key in self.spec.cases if key not in order]
        for key in order:
            case = self.spec.cases[key]
            if key in own:
                fitted.left_out[key] = LeftOut(case.label, "the deal file has a case of its own of this name")
                continue
            try:
                fitted.cases[key] = self._fit(key, case, inputs, context, fitted)
            except _DoesNotFit as reason:
                fitted.left_out[key] = LeftOut(case.label, str(reason))
        for part in ("cases", "left_out"):
            found: dict[str, Any] = getattr(fitted, part)
            setattr(fitted, part, {key: found[key] for key in self.spec.cases if key in found})
        return fitted

    def _fit(
        self, key: str, case: CommonCase, inputs: Mapping[str, Quantity], context: dict[str, Any], fitted: Fitted
    ) -> Case:
        for pattern in case.needs:
            if not matching(pattern, inputs):
                raise _DoesNotFit(f"the deal has no {pattern}")
        values: dict[str, Quantity] = {}
        description = case.description
        if case.combines:
            self._known(key, case)
            parts = [part for part in case.combines if part in fitted.cases]
            missing = [part for part in case.combines if part not in parts]
            if len(parts) < min(2, len(case.combines)):
                raise _DoesNotFit(f"of {', '.join(case.combines)} the deal takes {', '.join(parts) or 'none'}")
            for part in parts:
                values |= fitted.cases[part].values
            description += f" Without {', '.join(missing)}, which the deal does not take." if missing else ""
        for pattern, given in case.set.items():
            path = ("cases", key, "set", pattern)
            optional = isinstance(given, dict) and given.get("where_given") == "yes"
            names = matching(pattern, inputs)
            if not names and not optional:
                raise _DoesNotFit(f"the deal has no {pattern}")
            for name in names:
                values[name] = self._value(path, name, given, inputs, context)
        if not values:
            raise _DoesNotFit("the deal has none of its inputs")
        return Case(key, case.label, description, values, case.breaks or "", self.spec.set_)

    def _known(self, key: str, case: CommonCase) -> None:
        for place, part in enumerate(case.combines):
            other = self.spec.cases.get(part)
            if other is None or other.combines:
                plain = [name for name, one in self.spec.cases.items() if not one.combines]
                message = f"'{short(part)}' is no case that could be combined"
                raise self.say.error(("cases", key, "combines", place), message, ", ".join(plain))

    def _value(
        self, path: tuple[str, ...], name: str, given: Any, inputs: Mapping[str, Quantity], context: dict[str, Any]
    ) -> Quantity:
        """The quantity that a case of the set gives an input, absolute, with its place in the file of the set."""
        base = inputs[name]
        stated: Any = given
        if isinstance(given, dict):
            given = {key: value for key, value in given.items() if key != "where_given"}
            relative = [key for key in _RELATIVE if key in given]
            # What a set says of deals that it does not know is an assumption, unless it says what it is.
            stated = self._absolute(path, base, given, context, inputs) if relative else {"status": "assumed", **given}
        try:
            found = state(kinded_at(name), stated, {**context, "sources": ()})
        except PydanticCustomError as error:
            parts = error.context or {}
            raise self.say.error(path, f"{name}: {parts['message']}", parts["allowed"]) from None
        node = self.tree.find(path)
        assert node is not None
        node = Node("", node.line, node.column, {}, self.shown)
        return quantity(name, base.label, found, node, context["currency"])

    def _absolute(
        self,
        path: tuple[str, ...],
        base: Quantity,
        given: dict[str, Any],
        context: dict[str, Any],
        inputs: Mapping[str, Quantity],
    ) -> dict[str, Any]:
        """A relative value as a quantity in full; its note begins with how it was reckoned."""
        known = (*_RELATIVE, *([_LASTS] if "from" in given else []), *_ABOUT)
        for key in given:
            if key not in known:
                message = f"unknown key '{short(key)}' beside a relative value"
                raise self.say.error((*path, key), message, ", ".join((*known, "where_given")), key=True)
        if "from" in given:
            day, words = self._date_from(path, given, inputs)
            value: Any = day.isoformat()
        else:
            (how,) = [key for key in _RELATIVE if key in given][:1]
            words = f"base {how} {given[how]}"
            value = self._changed(path, base, how, given, context["currency"])
        about = {"status": "assumed", **{key: given[key] for key in given if key in _ABOUT}}
        note = "; ".join(filter(None, (words, str(given.get("note", "")))))
        return {**about, "value": value, "note": note}

    def _changed(self, path: tuple[str, ...], base: Quantity, how: str, given: dict[str, Any], currency: str) -> Any:
        """The base value times a factor, or plus or minus an amount of its kind, as a deal file would write it."""
        kind, value = base.kind, base.value
        if isinstance(value, dt.date):
            if how == "times":
                raise self.say.error((*path, how), "a date has no multiple", "plus or minus some months")
            months = int(self._number(path, how, "months", given))
            ahead = ONE_DAY if base.name.endswith(_LAST_DAYS) else dt.timedelta()
            return (add_months(value + ahead, months if how == "plus" else -months) - ahead).isoformat()

        def moved(number: float) -> str:
            exact = Decimal(repr(number))
            if how == "times":
                exact *= self._factor(path, given)
            else:
                step = Decimal(repr(self._number(path, how, _STEP.get(kind, kind), given)))
                exact += step if how == "plus" else -step
            return write(_WRITTEN.get(kind, kind), float(exact), currency)

        if isinstance(value, tuple):
            return {day.isoformat(): moved(number) for day, number in value}
        return moved(value)

    def _factor(self, path: tuple[str, ...], given: dict[str, Any]) -> Decimal:
        """A factor of at least 0, as a percentage or a multiple."""
        text = str(given["times"])
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*(%|x)?", text)
        if not found:
            raise self.say.error((*path, "times"), f"'{short(text)}' is no factor", "90%, 1.15x")
        return Decimal(found[1]) / (100 if found[2] == "%" else 1)


_STEP: Final = {
    "curve": "rate", "shares": "share", "portions": "share",
    "amounts": "money", "balances": "money", "levels": "money",
}  # fmt: skip
"""The kind in which a step of dated values is written."""

_WRITTEN: Final = {"shares": "share", "portions": "share", "multiples": "multiple"}
"""The kind in which a point of dated values is written."""


def matching(patterns: str, inputs: Mapping[str, Quantity]) -> list[str]:
    """The inputs that one of the patterns, with commas between them, describes; ``*`` stands for one part of a name."""
    each = [re.compile(r"[^.]+".join(map(re.escape, part.strip().split("*")))) for part in patterns.split(",")]
    return [name for name in inputs if any(pattern.fullmatch(name) for pattern in each)]
