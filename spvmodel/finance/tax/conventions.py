"""What a reader is told of the tax rules that a deal uses: which are on, and which of ours are unconfirmed."""

from __future__ import annotations

from spvmodel.deal.schema import DealSpec, Tax


def tax_conventions(tax: Tax) -> list[tuple[str, str]]:
    """The tax rules that the deal file chose, those that are not the usual only where it did."""
    if tax.depreciation is not None:
        found = [("Tax depreciation", tax.depreciation)]
    else:
        schedules = [f"{part.label}: {part.depreciation}" for part in tax.classes.values()]
        found = [("Tax depreciation", "; ".join(schedules))]
    if tax.convention != "half-year":
        found.append(("Convention of the first tax year", tax.convention))
    if tax.bonus_rates is not None:
        found.append(("Bonus depreciation by date", "Public Law 119-21, section 70301; earlier law by year in service"))
    if tax.interest_limit is not None:
        found.append(("Limit of interest deducted", f"section 163(j), on {tax.interest_limit.ati}"))
    if tax.credit is not None:
        found.append(("Investment tax credit", f"{tax.credit.use}; the depreciable cost is less, section 50(c)"))
    if tax.payment != "as assessed":
        found.append(("Payment of taxes", tax.payment))
    return found


def tax_qualifications(spec: DealSpec) -> list[str]:
    """What a reader must know of the rules in use that are simplified or not confirmed."""
    tax, found = spec.tax, []
    if tax is not None and tax.bonus_rates is not None:
        found.append(
            "Tax: bonus depreciation follows the day acquired and the year placed in service, by the laws of 2017 and "
            "2025. Whether the property qualifies, and whether the state follows, is unconfirmed."
        )
    if tax is not None and tax.interest_limit is not None:
        found.append(
            "Tax: the limit of interest is applied in the SPV itself, for federal and state tax alike. A partnership "
            "allocates disallowed interest to its partners, and states differ (unconfirmed)."
        )
    if tax is not None and tax.credit is not None:
        found.append(
            "Tax: the credit is earned in full on the day placed in service. Whether the property qualifies, the limit "
            "of its use within a year (section 38(c)) and recapture are not modelled (unconfirmed)."
        )
    if tax is not None and tax.payment != "as assessed":
        found.append(
            "Tax: a payment falls due at the end of the model period in which its day lies. Instalments of estimated "
            "tax on days of their own, penalties and interest on tax are not modelled."
        )
    if tax is not None and spec.accounting.straight_line_rent == "yes":
        found.append(
            "Tax: taxes follow the rent as it is due, not straight-line rent. That no lease must accrue rent evenly "
            "for tax under section 467 is unconfirmed."
        )
    return found
