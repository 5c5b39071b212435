"""What lenders' enforcement does to the books: the property is sold, claims are recovered or lost, and the rest lapses.

All of it is booked in the period of the sale, by what was recovered for a default at the first missed payment, but
what has no place in the recovery: rent deferred, receivable or prepaid, VAT, payables, customers' prepayments and
taxes not yet due are written off in the period after acceleration. What the SPV received and paid in a cure period of
several period ends is no part of that recovery, and is reversed with the sale. After it nothing is owned or owed.
"""

from __future__ import annotations

from functools import reduce
from operator import add

from spvmodel.finance.collateral.acceleration import ACCELERATED, as_missed, enforces, settled
from spvmodel.finance.collateral.proceeds import declared_payers
from spvmodel.finance.collateral.recovery import claimants_of
from spvmodel.finance.debt.ranks import LENDERS, RANKS, SHAREHOLDER, facilities, steps_of
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.facility import drawable
from spvmodel.finance.operations.contract import prepaying
from spvmodel.finance.operations.payables import paid_later
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.general import reserve_accounts, step_of_account, with_works
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.payment import pays_later
from spvmodel.finance.tax.vat import payable, recoverable
from spvmodel.finance.terms import Terms
from spvmodel.finance.waterfall.steps import obligations
from spvmodel.lines import Expr, Number, Ref, prev

_CLAIMED = ("fees", "hedge", "exit_fees")
"""Obligations other than to loans for which lenders and hedge banks have a claim."""


def declare_enforced_income(terms: Terms) -> list[Ref]:
    """``statements.income.<what>`` (money, by period): what is earned and lost by enforcement, by kind."""
    if not enforces(terms):
        return []
    claims = _sum([as_missed(f"{at}.{what}") for at, _ in claimants_of(terms) for what in ("recovered", "loss")])
    book = _sum([prev(Ref(name)) for name in _owed_to_claimants(terms)])
    lost = [as_missed(f"{at}.loss") for at, _ in claimants_of(terms)]
    lapsed = [prev(Ref(name)) for name in _owed_to_others(terms)]
    assets, liabilities = _without_place(terms)
    given_up = _sum([prev(Ref(name)) for name in liabilities]) - _sum([prev(Ref(name)) for name in assets])
    disposal = as_missed("recovery.sold") - prev(Ref("statements.fixed_assets.closing"))
    found = []
    for what, expr, label, note in (
        ("disposal", settled(terms, disposal), "Result of the sale", "price less its costs, less fixed assets"),
        (
            "until_sale",
            settled(terms, _until_sale(terms)),
            "Income until the sale, support, less costs",
            "net income, what others than sponsors pay, costs of enforcement paid, and a cure period reversed",
        ),
        (
            "claims",
            settled(terms, book + _called(terms) - claims),
            "Claims beyond what was owed",
            "interest and default interest until the sale, hedges broken; a cure period reversed",
        ),
        (
            "released",
            settled(terms, _sum([*lost, *lapsed])),
            "Debt released",
            "claims lost by lenders; loans of sponsors and what is owed to others lapse",
        ),
        (
            "written_off",
            ACCELERATED * given_up,
            "Written off at acceleration",
            "rent deferred, receivable or prepaid, VAT, payables, customers' prepayments, taxes not yet due",
        ),
    ):
        found.append(terms.graph.series(f"statements.income.{what}", expr, label, "money", note, total=True))
    return found


def declare_enforced_operations(terms: Terms) -> list[Ref]:
    """``statements.cash.until_sale``: what lenders receive and pay until the sale, other than its price (money)."""
    if not enforces(terms):
        return []
    note = "with letters of credit called"
    flow = settled(terms, _until_sale(terms) + _called(terms))
    label = "Income until the sale, support, less costs"
    return [terms.graph.series("statements.cash.until_sale", flow, label, "money", note, total=True)]


def declare_enforced_sale(terms: Terms) -> list[Ref]:
    """``statements.cash.sale``: the price less the costs of the sale (money)."""
    if not enforces(terms):
        return []
    flow = settled(terms, as_missed("recovery.sold"))
    return [terms.graph.series("statements.cash.sale", flow, "Sold by the lenders, less costs", "money", total=True)]


def declare_enforced_claims(terms: Terms) -> list[Ref]:
    """``statements.cash.recovered``: what the sale pays on claims (money)."""
    if not enforces(terms):
        return []
    paid = _sum([as_missed(f"{at}.recovered") for at, _ in claimants_of(terms)])
    label = "Claims recovered"
    return [terms.graph.series("statements.cash.recovered", -settled(terms, paid), label, "money", total=True)]


def _sum(parts: list[Expr]) -> Expr:
    return reduce(add, parts) if parts else Number(0, "money")


def _kept(terms: Terms, *names: str) -> list[Expr]:
    """Those of the lines of ``recovery.py`` that the deal has, for a default at the first of the payments missed."""
    return [as_missed(name) for name in names if terms.graph.has(name)]


def _called(terms: Terms) -> Expr:
    return _sum(_kept(terms, "recovery.lc_called"))


def _until_sale(terms: Terms) -> Expr:
    """What enforcement brings beside the price, less its costs; cash that a cure period took or gave is reversed."""
    brought = _kept(terms, "recovery.income", "recovery.hedges_received")
    brought += [as_missed(payer.name) for payer in declared_payers(terms)]
    brought += [as_missed("recovery.cash") - prev(Ref("reserves.closing"))]
    return _sum(brought) - as_missed("recovery.costs_paid")


def _owed_to_claimants(terms: Terms) -> list[str]:
    """What the balance sheet owes to those that have a claim in the recovery."""
    lenders = facilities(terms, *LENDERS)
    found = [f"{at}.closing" for at in (*lenders, *(facility.at for facility in drawable(terms)))]
    found += [f"{at}.interest_shortfall" for at in lenders if not accretes(terms, at)]
    return found + [f"waterfall.{step}.shortfall" for step in obligations(terms) if step in _CLAIMED]


def _owed_to_others(terms: Terms) -> list[str]:
    """What the balance sheet owes to others: loans of sponsors, costs, taxes and works unpaid."""
    own = ("capital_reserves", *map(step_of_account, reserve_accounts(terms)))
    found = [f"{at}.closing" for at in facilities(terms, SHAREHOLDER)]
    left = [step for step in obligations(terms) if step not in (*_CLAIMED, *own, *steps_of(terms, RANKS))]
    found += [f"waterfall.{step}.shortfall" for step in left]
    return found + [f"{at}.unpaid" for at in (*capital_reserves(terms), *with_works(terms))]


def _without_place(terms: Terms) -> tuple[list[str], list[str]]:
    """Assets and liabilities of the balance sheet that have no place in the recovery."""
    g = terms.graph
    assets = [name for name in ("deferred_rent", "rent_receivable") if g.has(f"lease.{name}")]
    assets += ["vat_receivable"] if recoverable(terms) else []
    owed = ["payables"] if paid_later(terms) else []
    owed += ["vat_payable"] if payable(terms) else []
    owed += ["customer_prepayments"] if prepaying(terms) else []
    owed += ["rent_prepaid"] if g.has("lease.rent_prepaid") else []
    owed += ["tax_owed"] if pays_later(terms) and pays_tax(terms) else []
    at = "statements.balance"
    return [f"{at}.{name}" for name in assets], [f"{at}.{name}" for name in owed]
