"""From a deal file to a :class:`Deal`, with every error at its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from spvmodel.deal import (
    catalogue,
    contracts,
    counterparties,
    events,
    floating,
    indices,
    leases,
    reader,
    recoveries,
    triggers,
)
from spvmodel.deal.accounts import reserve_errors
from spvmodel.deal.collateral import enforcement_errors, valuation_errors
from spvmodel.deal.common import CommonSet
from spvmodel.deal.contracts import contract_ends, contract_errors
from spvmodel.deal.deal import Case, Deal, LeftOut, fingerprint, flatten, quantity
from spvmodel.deal.errors import DealError, short
from spvmodel.deal.facility import facility_errors
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.ranking import misplaced
from spvmodel.deal.reader import Node
from spvmodel.deal.rules import Values, problems
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.stated import state
from spvmodel.deal.structure import covenant_errors, debt_errors
from spvmodel.deal.taxes import tax_misfits
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months, period_ends
from spvmodel.deal.translate import Translator, is_structure, kinded_at, nearest
from spvmodel.deal.uses import misfits
from spvmodel.deal.waterfall import waterfall_errors
from spvmodel.deal.working_capital import working_capital_errors

_BASE = Case("base", "Base case", "The values of the deal file.", {})


def load(name_or_path: str | Path) -> Deal:
    """Read and validate a deal: a shipped name, or a path to a deal file.

    Raises :class:`DealError`, with every error found, each with its file, line and column. Errors of form
    (unknown keys, unreadable values) come before errors of substance (dates in the wrong order), which are
    looked for in every case.
    """
    path, shown = catalogue.find(name_or_path)
    tree = reader.read(path, shown)
    return _Loader(path, shown, tree).deal()


class _Loader:
    """One file on its way to a deal."""

    def __init__(self, path: Path, shown: str, tree: Node) -> None:
        self.path = path
        self.tree = tree
        self.content: dict[str, Any] = tree.plain()
        self.say = Translator(shown, tree)

    def deal(self) -> Deal:
        spec = self.spec()
        inputs = flatten(spec, self.tree)
        common = None
        if spec.cases_from is not None:
            common = CommonSet(spec.cases_from, self.path.parent, self.say)
            self.tree = common.with_entries(self.tree, inputs)
            self.content = self.tree.plain()
            self.say = Translator(self.say.shown, self.tree)
            spec = self.spec()
            inputs = flatten(spec, self.tree)
        _refuse(
            [
                *leases.lease_errors(spec, self.say),
                *indices.index_errors(spec, self.say),
                *recoveries.recovery_errors(spec, self.say),
                *self.revenue(spec),
                *contract_errors(spec, self.say),
                *working_capital_errors(spec, self.say),
                *valuation_errors(spec, self.say),
                *enforcement_errors(spec, self.say),
                *self.idle_funding(spec),
                *floating.misfits(spec, self.say),
                *debt_errors(spec, self.say),
                *covenant_errors(spec, self.say),
                *triggers.misfits(spec, self.say),
                *events.misfits(spec, self.say),
                *reserve_errors(spec, self.say),
                *self.ranks(spec),
                *self.misfits(spec),
                *waterfall_errors(spec, self.say),
                *facility_errors(spec, self.say),
                *counterparties.counterparty_errors(spec, self.say),
                *counterparties.failure_errors(spec, self.say),
            ]
        )
        cases = self.cases(spec, inputs)
        left_out: dict[str, LeftOut] = {}
        if common is not None:
            fitted = common.fit(inputs, cases, self.context)
            left_out |= fitted.left_out
            cases |= self.sound(spec, inputs, cases, fitted.cases, left_out)
        periods = self.periods(spec, inputs, cases)
        _refuse(self.broken_rules(spec, inputs, cases, periods))
        return Deal(
            id=spec.deal,
            title=spec.title,
            description=spec.description,
            currency=spec.currency,
            as_of=spec.as_of,
            path=self.path,
            fingerprint=fingerprint(spec, cases),
            sources=spec.sources,
            parties=spec.parties,
            qualifications=tuple(spec.qualifications),
            periods=periods,
            months_per_period=MONTHS_PER_PERIOD[spec.time.frequency],
            inputs=inputs,
            cases=cases,
            left_out=left_out,
            spec=spec,
        )

    def spec(self) -> DealSpec:
        try:
            return DealSpec.model_validate(self.content, context=self.context)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise DealError.of(self.say.schema_error(detail) for detail in details) from None

    @property
    def context(self) -> dict[str, Any]:
        """What the check of a field must know of the rest of the file."""
        names = (
            "sources", "building", "funding", "lease", "contract", "income", "debt", "opex", "sponsors", "index",
            "counterparty",
        )  # fmt: skip
        sections = {name: self.content.get(name) for name in names}
        known = {name: tuple(entries) for name, entries in sections.items() if isinstance(entries, dict)}
        currency = self.content.get("currency")
        place = {"folder": self.path.parent, "shown": self.say.shown}
        return {**known, **place, "currency": currency if isinstance(currency, str) else "USD"}

    def revenue(self, spec: DealSpec) -> Iterator[DealError]:
        """What earns, over which time; and what a cost is charged on."""
        yearly = [key for key, income in spec.income.items() if income.amount is not None]
        if not spec.lease and not spec.contract and not yearly:
            path: tuple[str, ...] = ("income",) if spec.income else ()
            message, allowed = (
                "the deal has no lasting revenue",
                "a lease, a contract, or an income with a yearly amount",
            )
            yield self.say.error(path, message, allowed, key=bool(path))
        for key, income in spec.income.items():
            if income.amount is None and income.amounts is None:
                yield self.say.error(
                    ("income", key),
                    f"income '{key}' earns nothing",
                    "an amount a year, dated amounts, or both",
                    key=True,
                )
            elif income.amount is None:
                for name in ("commencement", "expiry", "escalation", "degradation"):
                    if getattr(income, name) is not None:
                        message = f"income '{key}' has no yearly amount that '{name}' could hold for"
                        yield self.say.error(("income", key, name), message, "an amount beside it", key=True)
        for key, cost in spec.opex.items():
            if not spec.lease and cost.share_of_rent is not None:
                message = f"the cost '{key}' is a share of rent, and the deal has no lease"
                yield self.say.error(("opex", key, "share_of_rent"), message, "share_of_revenue", key=True)

    def idle_funding(self, spec: DealSpec) -> Iterator[DealError]:
        paid = {building.funded_by for building in spec.building.values()}
        paid |= {use.funded_by for use in spec.use.values()}
        for key in spec.funding:
            if key not in paid:
                message, allowed = f"funding '{key}' pays for nothing", f"a building or use with funded_by: {key}"
                yield self.say.error(("funding", key), message, allowed, key=True)

    def ranks(self, spec: DealSpec) -> Iterator[DealError]:
        for path, message, allowed in misplaced(spec):
            yield self.say.error(path, message, allowed)

    def misfits(self, spec: DealSpec) -> Iterator[DealError]:
        for found in chain(misfits(spec), tax_misfits(spec)):
            yield self.say.error(found.path, found.message, found.allowed, key=not found.at_value)

    def cases(self, spec: DealSpec, inputs: Mapping[str, Quantity]) -> dict[str, Case]:
        """The base case and the cases of the file."""
        cases = {"base": _BASE}
        errors: list[DealError] = []
        for key, case in spec.cases.items():
            if key == "base":
                message = "'base' is the deal file itself"
                errors.append(self.say.error(("cases", key), message, "another id", key=True))
            values: dict[str, Quantity] = {}
            for name, given in case.set.items():
                try:
                    values[name] = self.overlay(("cases", key, "set", name), given, inputs)
                except DealError as error:
                    errors.append(error)
            cases[key] = Case(key, case.label, case.description, values, case.breaks or "")
        _refuse(errors)
        return cases

    def overlay(self, path: tuple[str, ...], given: Any, inputs: Mapping[str, Quantity]) -> Quantity:
        """The quantity a case sets; ``path`` ends with the name of the input it replaces."""
        name = path[-1]
        base = inputs.get(name)
        if base is None:
            allowed = "dotted names of inputs that the base case gives"
            if self.tree.find(tuple(name.split(".")[:-1])) is not None and is_structure(name):
                message = f"'{short(name)}' is no input of the base case: a case changes values, never structure"
                raise self.say.error(path, message, allowed, key=True)
            message = f"unknown input '{short(name)}' in case '{path[1]}'"
            raise self.say.error(path, message, allowed, nearest(name, inputs), key=True)
        try:
            stated = state(kinded_at(name), given, self.context)
        except PydanticCustomError as error:
            raise self.say.custom(path, error.context or {}) from None
        return quantity(name, base.label, stated, self.tree.find(path), self.context["currency"])

    def periods(self, spec: DealSpec, inputs: Mapping[str, Quantity], cases: Mapping[str, Case]) -> tuple[dt.date, ...]:
        """Period ends; without an end in the file, up to the last expiry of a lease or an income in any case."""
        close, time = inputs["time.close"].value, spec.time
        assert isinstance(close, dt.date)
        end = time.end
        if end is None:
            of_cases = [Values({**inputs, **case.values}) for case in cases.values()]
            ends = [values.lease_end(lease) for values in of_cases for lease in spec.lease]
            names = [f"income.{key}.expiry" for key in spec.income if f"income.{key}.expiry" in inputs]
            ends += [values.date(name) for values in of_cases for name in names]
            ends += [day for values in of_cases for day in contract_ends(spec, values)]
            if not ends:
                message = "nothing says where the timeline ends"
                raise self.say.error(("time",), message, "an end, or the expiry of an income", key=True)
            end = max(ends)
        elif end <= close:
            message = f"the timeline ends on {end}, not after financial close on {close}"
            raise self.say.error(("time", "end"), message, f"after {close}")
        if time.first_end is not None:
            last = add_months(close, 2 * MONTHS_PER_PERIOD[time.frequency])
            if not close < time.first_end <= last:
                message = f"the first period ends on {time.first_end}; financial close is on {close}"
                raise self.say.error(
                    ("time", "first_end"), message, f"after {close}, and by {last}: two periods at most"
                )
        return period_ends(close, time.frequency, end, time.first_end, on_its_own=time.closing == "on its own")

    def broken_rules(
        self,
        spec: DealSpec,
        inputs: Mapping[str, Quantity],
        cases: Mapping[str, Case],
        periods: tuple[dt.date, ...],
    ) -> Iterator[DealError]:
        in_base: set[tuple[str, ...]] = set()
        for case in cases.values():
            values = {**inputs, **case.values}
            others = (
                contracts.problems(spec, values, periods),
                floating.problems(spec, values, periods),
                triggers.problems(spec, values),
                counterparties.problems(spec, values),
                leases.problems(spec, values, periods),
                indices.problems(spec, values, periods[-1]),
                recoveries.problems(spec, values, periods[-1]),
                events.problems(spec, values, periods[-1]),
            )
            for problem in chain(problems(spec, values, periods), *others):
                changed = [case.values[name] for name in problem.names if name in case.values]
                if case is _BASE:
                    in_base.add(problem.names)
                elif problem.names in in_base and not changed:
                    continue  # said once already
                written = [inputs[name] for name in problem.names if inputs[name].line]
                place = [*changed, *written][0]
                message = problem.message if case is _BASE else f"in case '{case.id}', {problem.message}"
                shown = place.stated_in or self.say.shown
                yield DealError(shown, place.line, place.column, message, problem.allowed)

    def sound(
        self,
        spec: DealSpec,
        inputs: Mapping[str, Quantity],
        own: Mapping[str, Case],
        common: Mapping[str, Case],
        left_out: dict[str, LeftOut],
    ) -> dict[str, Case]:
        """The cases of a set whose values go together in this deal; the others join ``left_out``."""
        found: dict[str, Case] = {}
        for key, case in common.items():
            periods = self.periods(spec, inputs, {**own, key: case})
            faults = [*self.broken_rules(spec, inputs, {key: case}, periods)]
            if faults:
                left_out[key] = LeftOut(case.label, faults[0].message.partition(", ")[2])
            else:
                found[key] = case
        return found


def _refuse(errors: Iterable[DealError]) -> None:
    found = list(errors)
    if found:
        raise DealError.of(found)
