"""The tenant's right to end a lease early for a fee: exercised or not is a value, which a case can set."""

from __future__ import annotations

from spvmodel.finance.terms import Terms
from spvmodel.finance.time import falls_here
from spvmodel.lines import Expr, Ref, edate, minimum, where


def last_day(terms: Terms, name: str, expiry: Expr) -> Expr:
    """The last day of a lease (date, scalar): its expiry, or before it the day of termination where exercised."""
    at = f"lease.{name}.termination"
    if terms.deal.spec.lease[name].termination is None:
        return expiry
    early = edate(terms[f"{at}.date"], terms["construction.delay"])
    return where(terms[f"{at}.exercised"], minimum(expiry, early), expiry)


def declare_fee(terms: Terms, name: str) -> None:
    """``lease.<name>.termination_fee`` (money, by period): received on the last day of a lease that is terminated."""
    at = f"lease.{name}"
    if terms.deal.spec.lease[name].termination is None:
        return
    fee = terms[f"{at}.termination.exercised"] * terms[f"{at}.termination.fee"] * falls_here(Ref(f"{at}.until"))
    label = "Termination fee received"
    terms.graph.series(f"{at}.termination_fee", fee, label, "money", "on the last day of the lease", total=True)


def termination_fees(terms: Terms) -> list[Ref]:
    """The fees of every lease that may be terminated (series, money), which are revenue beside rent."""
    leases = terms.deal.spec.lease.items()
    return [Ref(f"lease.{name}.termination_fee") for name, lease in leases if lease.termination is not None]
