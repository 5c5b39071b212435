"""The parties whose failure stops the rent or the works: how likely it is, and whose failure they pass on."""

from __future__ import annotations

from typing import Annotated, Literal

from spvmodel.deal.schema.kinds import Date, Day, Id, NonNegativeRate, Section, Share, Text, said
from spvmodel.deal.stated import Kinded, Reference, Stated

Probability = Annotated[Stated, Kinded("share", high=0.99)]
Recovery = Annotated[Stated, Kinded("share", high=0.9)]


class Rating(Section):
    """One rating, for the reader: no figure follows from it."""

    agency: Text = said("Agency", "Who gave the rating.")
    grade: Text = said("Rating", "The rating as the agency writes it, with its outlook.")
    date: Day = said("Date of the rating", "The day of the rating, or the last day on which it is known to have stood.")
    source: Annotated[Text, Reference("sources")] = said("Source", "The key of the document it was read in.")
    note: Text | None = said("Note", "What a reader must know of it.", None)


class DefaultRates(Section):
    """Cumulative default probabilities by the end of years; between two years the hazard rate is constant."""

    year_1: Probability = said("Default by year 1", "Share of such debtors that default within one year.")
    year_2: Probability | None = said("Default by year 2", "Within two years.", None)
    year_3: Probability | None = said("Default by year 3", "Within three years.", None)
    year_4: Probability | None = said("Default by year 4", "Within four years.", None)
    year_5: Probability | None = said("Default by year 5", "Within five years.", None)
    year_6: Probability | None = said("Default by year 6", "Within six years.", None)
    year_7: Probability | None = said("Default by year 7", "Within seven years.", None)
    year_8: Probability | None = said("Default by year 8", "Within eight years.", None)
    year_9: Probability | None = said("Default by year 9", "Within nine years.", None)
    year_10: Probability | None = said(
        "Default by year 10", "Within ten years; after the last year that is given its hazard rate goes on.", None
    )
    year_15: Probability | None = said("Default by year 15", "Within fifteen years.", None)
    year_20: Probability | None = said("Default by year 20", "Within twenty years.", None)

    @property
    def years(self) -> list[int]:
        """The years that are given, in order."""
        names = type(self).model_fields
        return [int(name.removeprefix("year_")) for name in names if getattr(self, name) is not None]


class Dependence(Section):
    """How the failure of another counterparty reaches this one."""

    passed_on: Share = said(
        "Share passed on",
        "Probability that this counterparty fails when the other one does; 100%: it always fails with it.",
    )


class Counterparty(Section):
    """A party to the deal and its credit: a spread, a yearly rate or a table, or none of its own."""

    label: Text = said("Name", "Name of the counterparty.")
    role: Literal["tenant", "guarantor", "parent", "end user", "contractor", "hedge bank", "supplier", "other"] = said(
        "Role", "What it is to the deal."
    )
    pays: list[Id] = said("Pays", "The leases, contracts and incomes whose payments it owes to the SPV.", [])
    ratings: list[Rating] = said("Ratings", "Ratings with their dates and sources.", [])
    cds: NonNegativeRate | None = said(
        "CDS spread", "Hazard rate = spread / (1 - recovery): what the market charges, not what has been seen.", None
    )
    recovery: Recovery | None = said(
        "Recovery that the spread assumes", "Of an unsecured claim on the counterparty; 40% by convention.", None
    )
    default_rate: Probability | None = said(
        "Default rate of a year", "The same in every year, in place of a spread.", None
    )
    default_rates: DefaultRates | None = said(
        "Default rates by year", "Cumulative, as in the default study of an agency, in place of a spread.", None
    )
    from_: Date | None = said(
        "At risk from", "Day from which years count and it can default; left out, financial close.", None, key="from"
    )
    depends_on: dict[Id, Dependence] = said(
        "Depends on", "Counterparties that pay it, or whose support it lives on.", {}
    )

    @property
    def is_quantified(self) -> bool:
        """Whether a default probability follows, from its own credit or from that of others."""
        return bool(self.depends_on) or any(
            given is not None for given in (self.cds, self.default_rate, self.default_rates)
        )
