"""Income taxes that the SPV itself pays (features X1 to X3).

Taxable income = net operating income + interest on accounts - interest and fees - net payments of hedges - depreciation
- works that are expensed; interest of all loans to the SPV and of drawn facilities as it accrues, up to its limit where
there is one. Fees and interest capitalised are part of the depreciable cost. State tax is on it, federal tax on it less
state tax. It is assessed for the tax year to date: the tax of a period is what the year's tax has risen by, so that the
periods of a year bear its tax, and a later loss of the year gives back what earlier periods bore. It is paid as
assessed or later.
"""

from __future__ import annotations

from typing import Final

from spvmodel.deal.schedules import CUSTOM
from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.funding import PASSES
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import earns_interest
from spvmodel.finance.reserves.general import with_works
from spvmodel.finance.tax.credit import after_credit, carries_credit, declare_credit_check, has_credit
from spvmodel.finance.tax.depreciation import (
    TAX_YEAR,
    capitalised,
    declare_depreciation,
    declare_tax_years,
    schedule_years,
)
from spvmodel.finance.tax.interest_limit import (
    declare_interest_check,
    declare_interest_limit,
    fees_payable,
    hedge_cost,
    interest_payable,
    limits_interest,
    prepaid_interest,
)
from spvmodel.finance.tax.payment import PAYABLE, cash_tax, declare_payment, declare_payment_check, pays_later
from spvmodel.finance.terms import Terms
from spvmodel.lines import Expr, Ref, absolute, equal, highest, lowest, maximum, minimum, next_, prev, sum_of, total

FED_BACK: Final = Ref("tax.paid_fed_back")


def has_tax(terms: Terms) -> bool:
    """Whether income taxes are modelled."""
    return terms.deal.spec.tax is not None


def pays_tax(terms: Terms) -> bool:
    """Whether the SPV pays them out of its own cash, not its owners out of theirs."""
    return terms.deal.spec.tax is not None and terms.deal.spec.tax.rank != "paid by owners"


def taxed_before_service(terms: Terms) -> bool:
    """Whether taxes rank before debt service, so that CFADS is after tax."""
    return terms.deal.spec.tax is not None and terms.deal.spec.tax.rank == "before debt service"


def declare_tax(terms: Terms) -> None:
    """Tax years, depreciation, taxable income, losses and taxes (money, by period) of a deal that states ``tax``."""
    if not has_tax(terms):
        return
    if taxed_before_service(terms):
        # Tax depends on interest, interest on the debt that CFADS after tax carries: the loop that this cuts.
        with terms.graph.place("Tax", "Feedback"):
            fed_by = cash_tax(terms).name
            terms.graph.feedback(FED_BACK.name, 0, fed_by, "Tax payable fed back", "money", PASSES, series=True)
    declare_tax_years(terms)
    declare_depreciation(terms)
    _declare_income(terms)
    _declare_losses(terms)
    _declare_payable(terms)


def _declare_income(terms: Terms) -> None:
    g = terms.graph
    with g.place("Tax", "Taxable income"):
        income: Expr = Ref("opex.noi")
        if earns_interest(terms):
            income = income + Ref("reserves.interest_earned")
        deducted = declare_interest_limit(terms) if limits_interest(terms) else interest_payable(terms)
        note = "as it accrues, in cash or added to a loan"
        note = f"{note}, less what prepayments save" if prepaid_interest(terms) else note
        note = "interest up to its limit" if limits_interest(terms) else note
        interest = deducted + fees_payable(terms)
        interest = g.series("tax.interest", interest, "Interest and fees deducted", "money", note, total=True)
        income = income - interest - Ref("tax.depreciation_total")
        if terms.deal.spec.hedge:
            note = "net payments and break costs; negative: received"
            income = income - g.series("tax.hedges", hedge_cost(terms), "Hedges deducted", "money", note, total=True)
        for at in capital_reserves(terms):
            if at not in capitalised(terms):
                income = income - Ref(f"{at}.works_cost")
        for at in with_works(terms):
            income = income - terms[f"{at}.works"]
        if not taxed_before_service(terms):
            # Where CFADS is after tax, it is that of the property: debt is sized on it.
            income = in_hand(terms, income)
        income = g.series(
            "tax.income", income, "Taxable income before losses", "money", "a loss is negative", total=True
        )
        to_date = Ref("tax.year_goes_on") * prev(Ref("tax.income_to_date")) + income
        g.series("tax.income_to_date", to_date, "Taxable income of the tax year to date", "money")


def _declare_losses(terms: Terms) -> None:
    """Losses carried forward without limit of time; those used offset at most a share of a year's income."""
    g, tax, earned = terms.graph, terms.deal.spec.tax, Ref("tax.income_to_date")
    assert tax is not None
    if tax.losses == "refunded":
        return
    with g.place("Tax", "Losses carried forward, tax year to date"):
        opening = Ref("tax.losses_opening")
        goes_on = Ref("tax.year_goes_on")
        carried = goes_on * prev(opening) + (1 - goes_on) * prev(Ref("tax.losses_closing"))
        g.series(opening.name, carried, "At the start of the tax year", "money")
        made = g.series("tax.losses_made", maximum(0, -earned), "Loss of the tax year to date", "money")
        used = minimum(opening, terms["tax.loss_limit"] * maximum(0, earned))
        used = g.series("tax.losses_used", used, "Used in the tax year to date", "money")
        g.series("tax.losses_closing", opening + made - used, "Carried forward", "money")


def _declare_payable(terms: Terms) -> None:
    g, tax, taxable = terms.graph, terms.deal.spec.tax, Ref("tax.income_to_date")
    assert tax is not None
    with g.place("Tax", "Taxes"):
        if tax.losses == "carried forward":
            after = maximum(0, taxable) - Ref("tax.losses_used")
            taxable = g.series(
                "tax.taxable_to_date", after, "Income taxed, tax year to date", "money", "after losses used"
            )
        goes_on = Ref("tax.year_goes_on")
        state = g.series(
            "tax.state_to_date", terms["tax.state_rate"] * taxable, "State tax of the year to date", "money"
        )
        federal = after_credit(terms, terms["tax.federal_rate"] * (taxable - state))
        note = "on income less state tax" + (", after the credit" if has_credit(terms) else "")
        federal = g.series("tax.federal_to_date", federal, "Federal tax of the year to date", "money", note)
        refunds = "negative: refunded"
        parts = [
            g.series(f"tax.{name}", now - goes_on * prev(now), label, "money", refunds, total=True)
            for name, now, label in (("state", state, "State tax"), ("federal", federal, "Federal tax"))
        ]
        payable = g.series(PAYABLE.name, parts[0] + parts[1], "Taxes", "money", refunds, total=True)
    declare_payment(terms)
    with g.place("Tax", "Taxes"):
        payable = cash_tax(terms) if pays_later(terms) else payable
        g.series("tax.due", maximum(0, payable), "Taxes due", "money", total=True)
        g.series("tax.refund", maximum(0, -payable), "Taxes refunded", "money", total=True)


def declare_tax_checks(terms: Terms) -> None:
    """Checks of depreciation, losses and the feedback of taxes (definitions, section 6, numbers 16 and 17)."""
    tax = terms.deal.spec.tax
    if tax is None:
        return
    g, tolerance = terms.graph, terms["checks.tolerance"]
    over = maximum(0, -lowest(Ref("tax.book_closing")))
    g.check("checks.tax_book", over, "Depreciation is never more than what it is taken of", "money", tolerance)
    with g.place("Checks", "Taxes"):
        age = g.scalar("checks.tax_years", highest(Ref("tax.service_age")), "Tax years in service", "count")
    if tax.depreciation is not None:
        whole = _left(terms, "tax", Ref("tax.depreciable"), age, tax.depreciation)
    else:
        whole = sum_of(*[_class_left(terms, key, age) for key in tax.classes])
        parts = sum_of(*[Ref(f"tax.classes.{key}.cost") for key in tax.classes])
        gap = absolute(parts - Ref("tax.depreciable"))
        g.check("checks.tax_classes", gap, "Classes add up to the depreciable cost", "money", tolerance)
    g.check("checks.depreciation", whole, "A schedule that ends deducts the whole cost", "money", tolerance)
    gap = total(Ref("tax.due")) - total(Ref("tax.refund")) - total(PAYABLE)
    g.check("checks.tax_due", absolute(gap), "Taxes due less refunds are the taxes of every year", "money", tolerance)
    declare_payment_check(terms)
    if tax.losses == "carried forward" or limits_interest(terms) or carries_credit(terms):
        with g.place("Checks", "Taxes"):
            last = g.series("checks.tax_last", equal(next_(TAX_YEAR), 0), "Last period of the model", "flag")
        declare_interest_check(terms, last)
        declare_credit_check(terms, last)
    if tax.losses == "carried forward":
        with g.place("Checks", "Taxes"):
            carried = g.scalar("checks.losses_left", total(Ref("tax.losses_closing"), last), "Losses left", "money")
        ends = Ref("tax.year_ends")
        gap = total(Ref("tax.losses_made"), ends) - total(Ref("tax.losses_used"), ends) - carried
        g.check("checks.tax_losses", absolute(gap), "Tax losses made are used or carried", "money", tolerance)
    if taxed_before_service(terms):
        moved = Ref(f"{FED_BACK.name}_residual")
        g.check("checks.tax_feedback", moved, "Taxes: feedback no longer moves", "money", tolerance)


def _left(terms: Terms, at: str, cost: Ref, age: Ref, name: str) -> Expr:
    """What a schedule that has ended did not deduct of a cost; 0 while it runs."""
    g, amount = terms.graph, "tax.depreciation_cost" if at == "tax" else f"{at}.depreciation"
    left = cost * (age > 0) - total(Ref(amount))
    with g.place("Checks", "Taxes"):
        key = "checks.tax_left" if at == "tax" else f"checks.tax_left_{at.rpartition('.')[2]}"
        left = g.scalar(key, left, "Depreciable cost not deducted by the end of the model", "money")
    return absolute(left) * (age >= schedule_years(name))


def _class_left(terms: Terms, key: str, age: Ref) -> Ref:
    """The same of a class; a custom schedule has deducted what it dates within the model."""
    g, at, tax = terms.graph, f"tax.classes.{key}", terms.deal.spec.tax
    assert tax is not None
    part = tax.classes[key]
    if part.depreciation == CUSTOM:
        dated = total(terms[f"{at}.shares"]) * (age > 0)
        left = absolute(Ref(f"{at}.cost") * dated - total(Ref(f"{at}.depreciation")))
    else:
        left = _left(terms, at, Ref(f"{at}.cost"), age, part.depreciation)
    with g.place("Checks", "Taxes"):
        return g.scalar(f"checks.tax_whole_{key}", left, f"{part.label}: cost that its schedule leaves", "money")
