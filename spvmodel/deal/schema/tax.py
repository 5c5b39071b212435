"""Taxes on what the SPV earns, and what its accounts show beside cash."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import model_validator

from spvmodel.deal.schedules import Schedule
from spvmodel.deal.schema.kinds import (
    Date,
    Id,
    Money,
    Months,
    Section,
    Share,
    Shares,
    Term,
    Text,
    YesNo,
    said,
)
from spvmodel.deal.stated import (
    Kinded,
    Stated,
)


class TaxClass(Section):
    """A part of the depreciable cost that has a schedule of its own."""

    label: Text = said("Name", "Name of the class.")
    share: Share | None = said(
        "Share", "Share of the depreciable cost; the shares of all classes are 100%. Or give covers.", None
    )
    covers: list[Id] = said(
        "Covers",
        "Buildings and uses of the class, each in one class; financing costs are spread over them in proportion. "
        "Or give share.",
        [],
    )
    depreciation: Annotated[str, Schedule(custom=True)] = said(
        "Depreciation", "Schedule of the class: one of those of tax.depreciation, or custom with shares."
    )
    shares: Shares | None = said(
        "Shares by date",
        "Of a custom schedule: dates and the share of the cost deducted on each, 100% in all. What is dated before "
        "the cost is placed in service is deducted then.",
        None,
    )
    bonus: Share | None = said(
        "Bonus depreciation", "Share of the cost of the class that is deducted in the first tax year.", None
    )
    acquired: Date | None = said(
        "Acquired",
        "Day of the binding contract; the bonus then follows from it and from the day placed in service, by "
        "bonus_rates. Or give bonus.",
        None,
    )


class BonusRates(Section):
    """Bonus depreciation by date: Internal Revenue Code, section 168(k), as amended by Public Law 119-21 of 2025.

    Left out: long-production property, aircraft, and the election of a lower share in the first year of the new law.
    """

    since: Date = said(
        "Bonus: first day of the 2025 law",
        "Property acquired on or after this day has the full share: Public Law 119-21, section 70301, which says after "
        "19 January 2025.",
        "2025-01-20",
    )
    full: Share = said("Bonus: acquired under the 2025 law", "Permanent by the same section.", "100%")
    placed_to_2022: Share = said(
        "Bonus: placed in service to 2022", "Of what was acquired earlier, by the law of 2017.", "100%"
    )
    placed_2023: Share = said("Bonus: placed in service in 2023", "Of what was acquired earlier.", "80%")
    placed_2024: Share = said("Bonus: placed in service in 2024", "Of what was acquired earlier.", "60%")
    placed_2025: Share = said("Bonus: placed in service in 2025", "Of what was acquired earlier.", "40%")
    placed_2026: Share = said("Bonus: placed in service in 2026", "Of what was acquired earlier.", "20%")
    placed_later: Share = said("Bonus: placed in service later", "Of what was acquired earlier.", "0%")


class InterestLimit(Section):
    """Limit of the interest deducted: Internal Revenue Code, section 163(j).

    Disallowed interest is carried forward without limit of time. Fees are no interest here (Treasury Decision 9905),
    nor is interest capitalised into the depreciable cost.
    """

    share: Share = said(
        "Limit of interest", "Share of adjusted taxable income, to which interest earned is added.", "30%"
    )
    ati: Literal["EBITDA", "EBIT"] = said(
        "Adjusted taxable income",
        "EBITDA: before depreciation, as in tax years that begin after 2024 (Public Law 119-21) and before 2022. "
        "EBIT: after depreciation, as in those between.",
        "EBITDA",
    )


class TaxCredit(Section):
    """Investment tax credit: earned in full when the cost is placed in service."""

    share: Share = said("Investment tax credit", "Share of the cost that earns it.")
    eligible: Share = said("Cost with credit", "Share of the depreciable cost that earns the credit.", "100%")
    classes: list[Id] = said("Classes with credit", "Classes that earn the credit; left out, all of the cost.", [])
    basis_reduction: Share = said(
        "Basis reduction",
        "Share of the credit that the depreciable cost loses: half of an energy credit (Internal Revenue Code, section "
        "50(c)(3)), all of others (section 50(c)(1)).",
        "50%",
    )
    use: Literal["carried forward", "refunded"] = said(
        "Use of the credit",
        "Set against federal tax of the year and of later years, or refunded at once: owners use it against other tax, "
        "or sell it at par.",
        "carried forward",
    )


class Tax(Section):
    """Income taxes on what the SPV earns; left out, the SPV is a pass-through entity."""

    federal_rate: Share = said("Federal rate", "On income less state tax.")
    state_rate: Share = said("State rate", "On income.", "0%")
    depreciation: Annotated[str, Schedule()] | None = said(
        "Depreciation",
        "Schedule of the depreciable cost, MACRS of 5, 7, 15 or 20 years or straight line of N, by the convention; "
        "mid-month for 39 years and where it says so. Or give classes.",
        None,
    )
    classes: dict[Id, TaxClass] = said(
        "Classes", "Parts of the depreciable cost, each with a schedule of its own; or give depreciation.", {}
    )
    convention: Literal["half-year", "mid-quarter", "40% test"] = said(
        "Convention",
        "Of the first tax year. 40% test: mid-quarter where the cost is placed in service in the last quarter of the "
        "tax year, half-year else, as more than 40% of it is then (Internal Revenue Code, section 168(d)). Works stay "
        "half-year.",
        "half-year",
    )
    bonus: Share | None = said(
        "Bonus depreciation", "Share of the depreciable cost that is deducted in the first tax year.", None
    )
    acquired: Date | None = said(
        "Acquired",
        "Day of the binding contract; the bonus then follows from it and from the day placed in service, by "
        "bonus_rates. Or give bonus.",
        None,
    )
    bonus_rates: BonusRates | None = said(
        "Bonus by date", "Where something is acquired on a stated day; left out, those of the law.", None
    )
    basis: Money | None = said(
        "Depreciable cost",
        "Left out: all uses but land, working capital and the reserves.",
        None,
    )
    placed_in_service: Date | None = said(
        "Placed in service", "Day from which the cost is depreciated; left out, the first day that earns.", None
    )
    credit: TaxCredit | None = said("Investment tax credit", "Left out, the cost earns none.", None)
    interest_limit: InterestLimit | None = said(
        "Limit of interest",
        "Left out, all interest is deducted: there is no limit, or the SPV has elected to be a real property trade, "
        "which then takes the alternative system for its buildings (straight line 40 mid-month).",
        None,
    )
    losses: Literal["refunded", "carried forward"] = said(
        "Losses",
        "Refunded at once against other income of the owners, or set against later income.",
        "carried forward",
    )
    loss_limit: Share = said(
        "Limit of losses used", "Largest share of a year's income that carried losses offset.", "80%"
    )
    rank: Literal["before debt service", "after debt service", "paid by owners"] = said(
        "Rank of taxes",
        "Before debt service: CFADS is after tax. After: CFADS is before tax, taxes are paid from what service leaves. "
        "Paid by owners: the SPV is transparent, taxes are no cost of its own and stand in returns after tax.",
        "before debt service",
    )
    payment: Literal["as assessed", "quarterly", "in arrears", "following year"] = said(
        "Payment of taxes",
        "As assessed: with the period that earns. Quarterly: at the end of each calendar quarter. In arrears: some "
        "months after the end of each period. Following year: some months after the end of the tax year. A payment "
        "falls due in the period in which its day lies; what is still owed in the last period is paid in it.",
        "as assessed",
    )
    payment_lag: Annotated[Stated, Kinded("months", high=12.0)] | None = said(
        "Payment lag", "Months after the end of the period or of the tax year; at most 12.", None
    )

    @model_validator(mode="before")
    @classmethod
    def _with_bonus_rates(cls, given: Any) -> Any:
        """The rates of the law, where something is acquired on a stated day and the file gives no others."""
        if not isinstance(given, dict) or "bonus_rates" in given:
            return given
        classes = given.get("classes")
        parts = [given, *(classes.values() if isinstance(classes, dict) else [])]
        acquired = any(isinstance(part, dict) and "acquired" in part for part in parts)
        return {**given, "bonus_rates": {}} if acquired else given


class Vat(Section):
    """Value added tax (VAT, GST) that the SPV pays, collects and recovers; the United States have none.

    A sales tax that is not recovered, as on materials in the United States, is part of the cost that bears it.
    """

    rate: Share = said("Rate of VAT", "On what bears it.")
    on_capex: Share | None = said(
        "VAT on construction",
        "Share of spending on buildings and uses that bears it, but for land, working capital and what goes to "
        "sponsors, which do not; left out, none of it.",
        None,
    )
    on_opex: Share | None = said(
        "VAT on operating costs",
        "Share of operating costs that bears it; insurance, property taxes and wages seldom do. Left out, none of it.",
        None,
    )
    on_revenue: Share | None = said(
        "VAT on revenue",
        "Share of revenue, recoveries included, that bears it; in many countries rent does only where the landlord "
        "opts for it. Left out, none of it.",
        None,
    )
    recovered_after: Months | None = said(
        "VAT recovered after", "Months from its payment until the authority returns what the SPV has paid.", None
    )
    settled_after: Months | None = said(
        "VAT settled after", "Months from its receipt until the SPV pays the authority what it has collected.", None
    )


class Accounting(Section):
    """What the accounts show beside cash."""

    straight_line_rent: YesNo = said(
        "Straight-line rent",
        "Yes: the rent of a lease is revenue evenly over its term, and the difference from cash rent a deferred rent "
        "asset. Cash flow and taxes stay on the rent as it is due.",
        "no",
    )
    life: Term | None = said(
        "Useful life",
        "Months over which the accounts depreciate the cost of the asset, straight line from the first day that earns. "
        "Left out, as taxes deduct it or, without taxes, to the last day with revenue.",
        None,
    )
