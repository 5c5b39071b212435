"""A set of cases that several deals share: overlays in words that fit any of them, and the events they need."""

from __future__ import annotations

from typing import Annotated, Any

from spvmodel.deal.schema.kinds import AtLeastOne, DealId, Id, Section, Text, said


class CommonCase(Section):
    """A case in terms of whatever deal takes it."""

    label: Text = said("Name", "Name of the case.")
    description: Text = said("Description", "Its mechanism, dates and sizes, and why it is asked.")
    breaks: Text | None = said("Breaks the loan", "What it would take to break the loan.", None)
    needs: list[Text] = said("Needs", "Patterns of inputs that a deal must have for the case to mean something.", [])
    combines: list[Id] = said(
        "Combines", "Other cases of the set that happen together, as far as they fit the deal; two at least.", []
    )
    set: dict[str, Any] = said(
        "Values",
        "Patterns of input names (lease.*.rent, income.*.amount) and what replaces the values: a quantity, or times, "
        "plus or minus the base value, or a date from others: plus or minus months, for some months to their last day. "
        "where_given: yes leaves out what a deal does not have.",
        {},
    )


class CommonCases(Section):
    """A file of cases for several deals."""

    set_: DealId = said("Id", "Short name of the set; deals name it in cases_from.", key="set")
    title: Text = said("Title", "Title of the set.")
    description: Text = said("Description", "What the cases are for and where their numbers come from.")
    event: dict[Id, dict[str, Any]] = said(
        "Events", "Events that a deal gets with the set, unless it has its own of that name; dates may be relative.", {}
    )
    trigger: dict[Id, dict[str, Any]] = said(
        "Triggers", "Triggers that a deal gets with the set, unless it has its own of that name.", {}
    )
    cases: Annotated[dict[Id, CommonCase], AtLeastOne] = said("Cases", "The cases, by name.")
