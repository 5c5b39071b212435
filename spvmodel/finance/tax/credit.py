"""The investment tax credit: what it takes off federal tax, and what the depreciable cost loses by it (feature X2).

It is earned when the cost is placed in service. An energy credit lowers the depreciable cost by half of itself
(Internal Revenue Code, section 50(c)(3)). It is refunded at once, as where the owners use it against other tax or sell
it at par, or it is set against federal tax of the year and of later years, without limit of time.
"""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, absolute, maximum, minimum, prev, total

EARNED = Ref("tax.credit_earned")
COST = Ref("tax.cost")


def has_credit(terms: Terms) -> bool:
    """Whether the deal earns a credit."""
    return terms.deal.spec.tax is not None and terms.deal.spec.tax.credit is not None


def carries_credit(terms: Terms) -> bool:
    """Whether what a year's tax does not use of it is carried forward."""
    tax = terms.deal.spec.tax
    return tax is not None and tax.credit is not None and tax.credit.use == "carried forward"


def reduced_cost(terms: Terms, cost: Expr) -> Expr:
    """The depreciable cost (money, scalar) less what the credit takes off it; with it the credit."""
    if not has_credit(terms):
        return cost
    g = terms.graph
    g.scalar(COST.name, cost, "Cost before the credit", "money")
    earning = [_class_share(terms, key) for key in _classes(terms)]
    share = sum(earning[1:], earning[0]) if earning else 1
    eligible = g.scalar("tax.credit_cost", COST * share * terms["tax.credit.eligible"], "Cost with credit", "money")
    credit = g.scalar("tax.credit_amount", eligible * terms["tax.credit.share"], "Investment tax credit", "money")
    off = credit * terms["tax.credit.basis_reduction"]
    off = g.scalar("tax.credit_reduction", off, "Depreciable cost lost by the credit", "money", "50(c)")
    return COST - off


def class_cost(terms: Terms, key: str, basis: Ref, share: Expr) -> Expr:
    """The depreciable cost (money, scalar) of a class: of the cost before the credit, less its own part of the loss."""
    if not has_credit(terms):
        return basis * share
    own = COST * share
    if key not in _classes(terms):
        return own
    off = terms["tax.credit.eligible"] * terms["tax.credit.share"] * terms["tax.credit.basis_reduction"]
    return own * (1 - off)


def _classes(terms: Terms) -> list[str]:
    """The classes that earn the credit; none where the deal has no classes."""
    tax = terms.deal.spec.tax
    assert tax is not None and tax.credit is not None
    return tax.credit.classes or list(tax.classes)


def _class_share(terms: Terms, key: str) -> Expr:
    at = f"tax.classes.{key}"
    return terms[f"{at}.share"] if terms.has(f"{at}.share") else Ref(f"{at}.part")


def after_credit(terms: Terms, federal: Expr) -> Expr:
    """Federal tax of the year to date (money, by period) after the credit that it uses."""
    if not has_credit(terms):
        return federal
    g, goes_on = terms.graph, Ref("tax.year_goes_on")
    with g.place("Tax", "Investment tax credit, tax year to date"):
        gross = Ref("tax.federal_before_credit")
        g.series(gross.name, federal, "Federal tax before the credit", "money")
        note = "when the cost is placed in service"
        g.series(EARNED.name, Ref("tax.service_starts") * Ref("tax.credit_amount"), "Earned", "money", note, total=True)
        made = goes_on * prev(Ref("tax.credit_made")) + EARNED
        made = g.series("tax.credit_made", made, "Earned in the tax year to date", "money")
        if not carries_credit(terms):
            return gross - made
        opening, closing = Ref("tax.credit_opening"), Ref("tax.credit_closing")
        carried = goes_on * prev(opening) + (1 - goes_on) * prev(closing)
        g.series(opening.name, carried, "At the start of the tax year", "money")
        used = minimum(opening + made, maximum(0, gross))
        used = g.series("tax.credit_used", used, "Used in the tax year to date", "money")
        g.series(closing.name, opening + made - used, "Carried forward", "money")
        return gross - used


def declare_credit_check(terms: Terms, last: Ref) -> None:
    """A credit earned is used or carried (definitions, section 6, as number 16); ``last`` flags the last period."""
    if not carries_credit(terms):
        return
    g = terms.graph
    with g.place("Checks", "Taxes"):
        left = g.scalar("checks.credit_left", total(Ref("tax.credit_closing"), last), "Credit left", "money")
    gap = absolute(total(EARNED) - total(Ref("tax.credit_used"), Ref("tax.year_ends")) - left)
    g.check("checks.tax_credit", gap, "A tax credit earned is used or carried", "money", terms["checks.tolerance"])
