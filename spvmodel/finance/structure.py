"""What a deal file says in words, for the term sheets that readers print: rank, profile, day count, kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spvmodel.deal.schema import DealSpec, Section

_SECTIONS: Final = (
    "building",
    "use",
    "funding",
    "lease",
    "contract",
    "income",
    "debt",
    "hedge",
    "facility",
    "trigger",
    "promote",
)
_REFERS: Final = {
    "building": "building", "funded_by": "funding", "funds": "funding", "loan": "debt", "loans": "debt",
    "to": "sponsors",
}  # fmt: skip
"""Keys that name an entry of another section, which is shown by its label."""

_ALWAYS: Final = ("label", "rank", "profile", "day_count", "rule", "accrual")
"""Choices that a term sheet states even where they are the usual ones."""


def structure(spec: DealSpec) -> dict[str, tuple[str, str]]:
    """The label and the words of every choice of an entry, by its dotted name, such as ``debt.loan_a.rank``.

    Quantities are inputs of the model and are left out; so is, but for rank, profile, day count and payment
    days, what is as it is by default. The name of the entry itself is its ``label``.
    """
    return {
        name: said
        for section in _SECTIONS
        for entry, given in getattr(spec, section).items()
        for name, said in _words(spec, f"{section}.{entry}", given)
    }


def _words(spec: DealSpec, at: str, given: Section) -> Iterator[tuple[str, tuple[str, str]]]:
    for key, field in type(given).model_fields.items():
        value = getattr(given, key)
        if isinstance(value, Section):
            yield from _words(spec, f"{at}.{key}", value)
        elif isinstance(value, list) and value and key in _REFERS:
            known = getattr(spec, _REFERS[key])
            yield f"{at}.{key}", (field.title or key, ", ".join(known[entry].label for entry in value))
        elif isinstance(value, str) and (value != field.default or key in _ALWAYS):
            known = getattr(spec, _REFERS[key]) if key in _REFERS else {}
            yield f"{at}.{key}", (field.title or key, known[value].label if value in known else value)


def counterparties(spec: DealSpec) -> dict[str, dict[str, object]]:
    """What readers print of every counterparty: label, role, what it pays, its ratings, whom it depends on."""
    pays = {name: lease.label for name, lease in spec.lease.items()}
    pays |= {name: contract.label for name, contract in spec.contract.items()}
    pays |= {name: income.label for name, income in spec.income.items()}
    return {
        key: {
            "label": party.label,
            "role": party.role,
            "pays": [pays[name] for name in party.pays],
            "ratings": [
                {
                    "agency": rating.agency,
                    "grade": rating.grade,
                    "date": rating.date.isoformat(),
                    "source": rating.source,
                    "note": rating.note or "",
                }
                for rating in party.ratings
            ],
            "depends_on": list(party.depends_on),
        }
        for key, party in spec.counterparty.items()
    }
