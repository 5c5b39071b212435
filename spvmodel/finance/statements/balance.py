"""The balance sheet: what is owned, what is owed, and what is left to the sponsors.

Accounts, facilities and waterfall steps are listed by the functions that the other blocks list them by: one that is
added there stands here too, and until its flows are told in the other statements the balance sheet does not balance.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.debt.bridge import book_of
from spvmodel.finance.debt.ranks import BRIDGE, LENDERS, RANKS, SHAREHOLDER, facilities, rank_of, steps_of
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.debt.totals import facility_label
from spvmodel.finance.facility import drawable
from spvmodel.finance.operations.contract import prepaying
from spvmodel.finance.operations.payables import PAYABLE, paid_later
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import DSRA, TRAPPED, accounts, proceeds_accounts
from spvmodel.finance.reserves.general import reserve_accounts, step_of_account, with_works
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.payment import pays_later
from spvmodel.finance.tax.vat import payable, recoverable
from spvmodel.finance.terms import Terms
from spvmodel.finance.waterfall.steps import obligations
from spvmodel.lines import Expr, Ref, sum_of

BALANCE = "statements.balance"


def declare_balance_sheet(terms: Terms) -> None:
    """``statements.balance.<what>`` (money, at the period end): assets, liabilities and equity, all positive."""
    with terms.graph.place("Statements", "Balance sheet"):
        assets = [_line(terms, "fixed_assets", Ref("statements.fixed_assets.closing"), "Fixed assets")]
        if terms.graph.has("lease.deferred_rent"):
            assets.append(_lapsing(terms, "deferred_rent", Ref("lease.deferred_rent"), "Deferred rent"))
        if terms.graph.has("lease.rent_receivable"):
            assets.append(_lapsing(terms, "rent_receivable", Ref("lease.rent_receivable"), "Rent receivable"))
        if recoverable(terms):
            assets.append(_lapsing(terms, "vat_receivable", sum_of(*recoverable(terms)), "VAT to be recovered"))
        assets += [
            _line(terms, _key(at), Ref(f"{at}.closing"), f"Cash, {label}") for at, label in _accounts(terms).items()
        ]
        _line(terms, "assets", sum_of(*assets), "Total assets")
        drawn = [_line(terms, _key(f.at), Ref(f"{f.at}.closing"), f.label) for f in drawable(terms)]
        ahead = Ref("contract.prepayments_owed")
        prepaid = [_lapsing(terms, "customer_prepayments", ahead, "Customer prepayments")] if prepaying(terms) else []
        owed = _debt(terms, *LENDERS, BRIDGE) + drawn + _unpaid(terms) + prepaid + _debt(terms, SHAREHOLDER)
        if paid_later(terms):
            owed.append(_lapsing(terms, "payables", PAYABLE, "Payables to suppliers, not yet due"))
        if payable(terms):
            owed.append(_lapsing(terms, "vat_payable", sum_of(*payable(terms)), "VAT to be settled"))
        if terms.graph.has("lease.rent_prepaid"):
            owed.append(_lapsing(terms, "rent_prepaid", Ref("lease.rent_prepaid"), "Prepaid rent"))
        _line(terms, "liabilities", sum_of(*owed), "Total liabilities")
        equity = [
            _line(terms, "contributed_capital", Ref("statements.contributed_capital.closing"), "Contributed capital"),
            _line(terms, "retained_earnings", Ref("statements.retained_earnings.closing"), "Retained earnings"),
        ]
        _line(terms, "equity", sum_of(*equity), "Total equity")


def _own(terms: Terms) -> list[str]:
    """The steps that fill the SPV's own reserves: what they do not pay is not owed to anybody, the works are."""
    return ["capital_reserves", *map(step_of_account, reserve_accounts(terms))]


def _line(terms: Terms, what: str, expr: Expr, label: str) -> Ref:
    return terms.graph.series(f"{BALANCE}.{what}", expr, label, "money")


def _lapsing(terms: Terms, what: str, expr: Expr, label: str) -> Ref:
    """A line that is written off at acceleration (``enforced.py``); all others are balances kept until the sale."""
    return _line(terms, what, in_hand(terms, expr), label)


def _key(at: str) -> str:
    # Proceeds of notes bear one name, whichever line holds them.
    return f"{at.removesuffix('.held')}.proceeds".replace(".", "_") if at.endswith(".held") else at.replace(".", "_")


def _accounts(terms: Terms) -> dict[str, str]:
    """What each account that holds cash is called, by its line prefix."""
    spec = terms.deal.spec
    names = {DSRA: "DSRA", WORKING_CAPITAL: "working-capital reserve", TRAPPED: "trapped"}
    names |= {f"reserves.capital.{key}": reserve.label for key, reserve in spec.reserves.capital.items()}
    names |= {at: account.label for at, account in reserve_accounts(terms).items()}
    names |= {at: f"proceeds not yet spent, {spec.funding[at.split('.')[1]].label}" for at in proceeds_accounts(terms)}
    return {at: names.get(at, at.rpartition(".")[2].replace("_", " ")) for at in accounts(terms)}


def _debt(terms: Terms, *ranks: str) -> list[Ref]:
    """Every facility of these ranks with what was added to its balance."""
    return [
        _line(
            terms,
            _key(at),
            Ref(book_of(terms, at) if rank_of(terms, at) == BRIDGE else f"{at}.closing"),
            facility_label(terms, at),
        )
        for at in facilities(terms, *ranks)
    ]


def _unpaid(terms: Terms) -> list[Ref]:
    """What is due and not paid; principal that is not paid is still in the balance of its facility."""
    g, found = terms.graph, []
    interest = [Ref(f"{at}.interest_shortfall") for at in facilities(terms, *RANKS) if not accretes(terms, at)]
    if interest:
        found.append(_line(terms, "interest_unpaid", sum_of(*interest), "Interest unpaid"))
    for step in obligations(terms):
        if step in steps_of(terms, RANKS) or step in _own(terms):
            continue
        name = f"waterfall.{step}.shortfall"
        label = f"{g.label(name).removesuffix(': shortfall')} unpaid"
        found.append(_line(terms, f"{step}_unpaid", Ref(name), label))
    works = [Ref(f"{at}.unpaid") for at in (*capital_reserves(terms), *with_works(terms))]
    if works:
        found.append(_line(terms, "works_unpaid", sum_of(*works), "Works unpaid"))
    if pays_later(terms) and pays_tax(terms):
        label = "Taxes not yet due, negative: refundable"
        found.append(_lapsing(terms, "tax_owed", Ref("tax.owed_closing"), label))
    return found
