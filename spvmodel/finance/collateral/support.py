"""What others than the SPV pay when lenders enforce: fees of the tenant, guarantees, and the sponsors' commitment.

Amounts are money on the day of the sale, by date of default. What the tenant or its group owes because the lease ends,
a termination fee or the residual value, is not owed where the tenant stays.
"""

from __future__ import annotations

from spvmodel.deal.schema.collateral import Support
from spvmodel.finance.collateral.market_rent import declare_rent_owed
from spvmodel.finance.collateral.sales import BUILT, GONE, Sale
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, MONTHS_A_YEAR
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, sum_of


def declare_fees(terms: Terms, sale: Sale) -> list[Ref]:
    """Termination fees: what does not depend on what lenders lose (series, money)."""
    found = []
    for key, support in _supports(terms).items():
        if support.kind == "termination fee":
            at = f"enforcement.support.{key}"
            fee = declare_rent_owed(terms) * terms[f"{at}.months"] / MONTHS_A_YEAR
            found.append(_declare_support(terms, sale, key, BUILT * fee if sale is GONE else Number(0, "money")))
    return found


def declare_guarantees(terms: Terms, sale: Sale, missing: Ref) -> list[Ref]:
    """Guarantees in the order of the deal file: each pays what is still ``missing``, within its limit (series, money).

    Of completion up to the cost to complete; of the residual value up to what the threshold exceeds the sale by.
    """
    g, found = terms.graph, list[Ref]()
    for key, support in _supports(terms).items():
        if support.kind == "termination fee":
            continue
        with g.place("Collateral", f"{sale.heading}Support"):
            left: Expr = missing
            for paid in found:
                left = left - paid
            name = sale.name(f"missing_{key}")
            left = g.series(name, maximum(0, left), f"{support.label}: missing before it", "money") if found else left
        amount: Expr = left
        if support.kind == "completion":
            amount = (1 - BUILT) * minimum(left, Ref("recovery.to_complete"))
        elif support.kind == "residual value":
            beyond = maximum(0, terms[f"enforcement.support.{key}.threshold"] - sale.ref("sold"))
            amount = BUILT * minimum(left, beyond) if sale is GONE else Number(0, "money")
        found.append(_declare_support(terms, sale, key, amount))
    return found


def _declare_support(terms: Terms, sale: Sale, key: str, amount: Expr) -> Ref:
    """What is paid of an amount: within the limit, as far as it is collected, for a default in its time."""
    g, at, support = terms.graph, f"enforcement.support.{key}", _supports(terms)[key]
    owed = minimum(amount, terms[f"{at}.limit"]) if support.limit is not None else amount
    paid = owed * _collected(terms, at, support)
    if support.until is not None:
        paid = paid * (END <= terms[f"{at}.until"])
    with g.place("Collateral", f"{sale.heading}Support"):
        note = f"{support.kind} of {support.payer}"
        return g.series(sale.name(f"support.{key}"), paid, f"{support.label}", "money", note)


def _collected(terms: Terms, at: str, support: Support) -> Expr:
    """The share of a support that is collected: of a guarantor that has failed in the case another one, or nothing."""
    collected = terms[f"{at}.collected"]
    if support.guarantor is None:
        return collected
    stands = Ref(f"counterparty.{support.guarantor}.standing")
    if support.collected_failed is None:
        return stands * collected
    return stands * collected + (1 - stands) * terms[f"{at}.collected_failed"]


def declare_recourse(terms: Terms, sale: Sale) -> None:
    """What sponsors pay in support, and the most that they have agreed to pay (series, money)."""
    g = terms.graph
    own = [sale.ref(f"support.{key}") for key, part in _supports(terms).items() if part.paid_by == "sponsors"]
    with g.place("Collateral", f"{sale.heading}Support"):
        most = _commitment(terms, sale)
        g.series(sale.name("commitment"), most, "Sponsors' commitment", "money", "0: non-recourse")
        paid = sum_of(*own) if own else Number(0, "money")
        note = "what sponsors pay under their guarantees; 0 in a non-recourse deal"
        g.series(sale.name("recourse"), paid, "Recourse to sponsors", "money", note)


def _commitment(terms: Terms, sale: Sale) -> Expr:
    """0 without any support."""
    most: Expr = Number(0, "money")
    for key, support in _supports(terms).items():
        if support.paid_by != "sponsors":
            continue
        at = f"enforcement.support.{key}"
        here: Expr = terms[f"{at}.limit"] if support.limit is not None else sale.ref(f"support.{key}")
        if support.kind == "completion":
            unfinished = Ref("recovery.to_complete")
            here = (1 - BUILT) * (minimum(here, unfinished) if support.limit is not None else unfinished)
        if support.until is not None:
            here = here * (END <= terms[f"{at}.until"])
        most = most + here
    return most


def declared_payers(terms: Terms) -> list[Ref]:
    """What others than sponsors pay in support, the tenant gone (series, money)."""
    return [GONE.ref(f"support.{key}") for key, part in _supports(terms).items() if part.paid_by != "sponsors"]


def _supports(terms: Terms) -> dict[str, Support]:
    enforcement = terms.deal.spec.enforcement
    assert enforcement is not None
    return enforcement.support
