"""Who gets what when lenders enforce: claims, the recovery waterfall by rank, loss and loss given default.

``recovery.*`` are series over the date at which a default is declared, in a projection in which nobody has enforced
before; where the case's own default is accelerated nothing new is claimed, and once sold nothing is. A claim is what
is owed then (``exposure``) with interest, and default interest where the loan has any, until the sale. Costs of
enforcement are paid first; then fees, senior loans with the banks of hedges, facilities and letters of credit, second
lien, mezzanine and holdco loans; within a rank in proportion to claims, or in the sequence of the loans. What is left
is the owners'. ``lgd`` is loss / claim on the day of the sale, which is the same as discounting at the rate of the
claim itself; ``lgd_discounted`` discounts what is recovered to the default at the loan's rate without default
interest, over the exposure. Bridges are no claim: sponsors repay them as their equity.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from spvmodel.finance.collateral.acceleration import enforces, unsold
from spvmodel.finance.collateral.market_rent import declare_contract_rent
from spvmodel.finance.collateral.proceeds import (
    broken,
    declare_cash,
    declare_cost_of_construction,
    declare_price,
    declare_timing,
    facility_owed,
    shared,
)
from spvmodel.finance.collateral.sales import GONE, Sale, sales
from spvmodel.finance.collateral.support import declare_fees, declare_guarantees, declare_recourse
from spvmodel.finance.debt.bridge import book_of, bridges
from spvmodel.finance.debt.prepayment import bears_exit_fee
from spvmodel.finance.debt.ranks import JUNIOR, SENIOR, facilities, present
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.debt.totals import facility_label
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import MONTHS_A_YEAR
from spvmodel.lines import Expr, Number, Ref, absolute, equal, highest, maximum, minimum, ratio, sum_of

FREE: Final = Number(0, "1/yr")
FIRST: Final = Number(1)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who has a claim: line prefix, label, what is owed at the default (money), its rates (1/yr), place in the rank."""

    at: str
    label: str
    owed: Expr
    rate: Expr
    extra: Expr
    place: Expr = FIRST
    ordered: bool = False


def declare_recovery(terms: Terms) -> None:
    """Claims, proceeds, what every tranche recovers and loses, and the loss given default, by date of the default."""
    if not enforces(terms):
        return
    declare_timing(terms)
    every = _ranks(terms)
    for _, _, claimants in every:
        for claimant in claimants:
            _declare_claim(terms, claimant)
    g = terms.graph
    claimed = [Ref(f"{claimant.at}.claim") for _, _, claimants in every for claimant in claimants]
    with g.place("Collateral", "Claims"):
        claims = g.series("recovery.claim", sum_of(*claimed), "Claims", "money", "on the day of the sale")
        owed = [Ref(f"{claimant.at}.exposure") for _, _, claimants in every for claimant in claimants]
        g.series("recovery.exposure", sum_of(*owed), "Owed at the default", "money", "claims without later interest")
    declare_cost_of_construction(terms)
    declare_contract_rent(terms)
    cash = declare_cash(terms)
    for sale in sales(terms):
        declare_price(terms, sale)
        left = _declare_proceeds(terms, sale, claims, cash)
        for key, label, claimants in every:
            left = _declare_rank(terms, sale, key, label, claimants, left)
        _declare_result(terms, sale, [claimant for _, _, claimants in every for claimant in claimants], left)


def _ranks(terms: Terms) -> list[tuple[str, str, list[Claimant]]]:
    """The ranks in the order in which they are paid, each with its claimants."""
    unpaid = [Ref("waterfall.fees.shortfall")]
    unpaid += [Ref("waterfall.exit_fees.shortfall")] if bears_exit_fee(terms) else []
    found = [("fees", "Fees", [Claimant("recovery.fees", "Fees", sum_of(*unpaid), FREE, FREE)])]
    senior = _loans(terms, SENIOR)
    if terms.deal.spec.hedge:
        owed: Expr = Ref("waterfall.hedge.shortfall")
        for cost in broken(terms):
            owed = owed + unsold(terms, maximum(0, cost))
        ordered = any(claimant.ordered for claimant in senior)
        senior.append(Claimant("recovery.hedge_banks", "Hedge banks", owed, FREE, FREE, FIRST, ordered))
    found.append(("senior", "Senior", senior))
    others = [Claimant(at, label, owed, rate, FREE) for at, label, owed, rate in facility_owed(terms)]
    if others:
        found.append(("facilities", "Facilities", others))
    for rank in present(terms, JUNIOR):
        found.append((rank.replace(" ", "_"), rank.capitalize(), _loans(terms, rank)))
    return found


def _loans(terms: Terms, rank: str) -> list[Claimant]:
    every = facilities(terms, rank)
    ordered = any(terms.has(f"{at}.sequence") for at in every)
    found = []
    for at in every:
        owed: Expr = Ref(f"{at}.closing")
        if not accretes(terms, at):
            owed = owed + Ref(f"{at}.interest_shortfall")
        if at.removeprefix("debt.") in terms.deal.spec.debt:
            owed = owed + Ref(f"{at}.interest_since_maturity")
        extra = terms[f"{at}.default_margin"] if terms.has(f"{at}.default_margin") else FREE
        place = terms[f"{at}.sequence"] if terms.has(f"{at}.sequence") else FIRST
        name = at.replace("debt.", "recovery.")
        found.append(Claimant(name, facility_label(terms, at), owed, Ref(f"{at}.rate"), extra, place, ordered))
    return found


def _declare_claim(terms: Terms, claimant: Claimant) -> None:
    g, at = terms.graph, claimant.at
    years = Ref("recovery.months") / MONTHS_A_YEAR
    with g.place("Collateral", f"{claimant.label}: claim"):
        owed = g.series(f"{at}.exposure", claimant.owed, "Owed at the default", "money", "with what is unpaid")
        rate = claimant.rate + claimant.extra
        note = "at the rate of the default date and default interest, n months / 12"
        interest = g.series(f"{at}.accrued", owed * rate * years, "Interest until the sale", "money", note)
        g.series(f"{at}.claim", owed + interest, "Claim", "money", "on the day of the sale")


def _declare_proceeds(terms: Terms, sale: Sale, claims: Ref, cash: list[Ref]) -> Ref:
    """All proceeds, the costs that come first, and what is left for claims (series, money)."""
    g, costs = terms.graph, sale.ref("costs")
    with g.place("Collateral", f"{sale.heading}Price"):
        sold = sale.ref("price") - sale.ref("sale_costs")
        sold = g.series(sale.name("sold"), sold, "Price less the costs of the sale", "money")
    sources = [sold, *([sale.ref("income")] if g.has(sale.name("income")) else []), *cash]
    sources += declare_fees(terms, sale)
    with g.place("Collateral", f"{sale.heading}Support"):
        needed = claims + costs - sum_of(*sources)
        missing = g.series(sale.name("missing"), maximum(0, needed), "Missing before guarantees", "money")
    sources += declare_guarantees(terms, sale, missing)
    declare_recourse(terms, sale)
    with g.place("Collateral", f"{sale.heading}Proceeds"):
        note = "before costs of enforcement"
        proceeds = g.series(sale.name("proceeds"), sum_of(*sources), "Proceeds", "money", note)
        paid = g.series(sale.name("costs_paid"), minimum(costs, proceeds), "Costs of enforcement paid", "money")
        note, borne = "carried by lenders beyond the proceeds", maximum(0, costs - proceeds)
        g.series(sale.name("costs_borne"), borne, "Costs that are not recovered", "money", note)
        return g.series(sale.name("available"), proceeds - paid, "Left for claims", "money")


def _declare_rank(terms: Terms, sale: Sale, key: str, label: str, claimants: list[Claimant], cash: Ref) -> Ref:
    """What a rank is paid out of ``cash``, and each claimant of it; returns what is left (series, money)."""
    g, at = terms.graph, sale.name(f"rank.{key}")
    with g.place("Collateral", f"{sale.heading}Recovery: {label}"):
        claims = sum_of(*[Ref(f"{claimant.at}.claim") for claimant in claimants])
        claims = g.series(f"{at}.claim", claims, f"{label}: claims", "money")
        paid = g.series(f"{at}.recovered", minimum(claims, cash), f"{label}: recovered", "money")
        short = g.series(f"{at}.loss", maximum(0, claims - cash), f"{label}: lost", "money")
        for claimant in claimants:
            claim, who = Ref(f"{claimant.at}.claim"), claimant.label
            if claimant.ordered:
                before, alike, after = _places(claimants, claimant)
                alike = g.series(sale.name(f"{claimant.at}.alike"), alike, f"{who}: claims of its sequence", "money")
                got: Expr = shared(minimum(alike, maximum(0, paid - before)), claim, alike)
                lost: Expr = shared(minimum(alike, maximum(0, short - after)), claim, alike)
            else:
                got, lost = shared(paid, claim, claims), shared(short, claim, claims)
            got = g.series(sale.name(f"{claimant.at}.recovered"), got, f"{who}: recovered", "money")
            lost = g.series(sale.name(f"{claimant.at}.loss"), lost, f"{who}: lost", "money")
            real = claim * (claim > terms["checks.tolerance"])
            note = "loss / claim on the day of the sale; N/A where nothing is owed"
            g.series(sale.name(f"{claimant.at}.lgd"), ratio(lost, real), f"{who}: loss given default", "share", note)
        return g.series(f"{at}.cash_left", cash - paid, f"{label}: cash left", "money")


def _places(claimants: list[Claimant], here: Claimant) -> tuple[Expr, Expr, Expr]:
    """Claims of an earlier sequence than a claimant's, of the same and of a later one."""
    before: Expr = Number(0, "money")
    alike, after = before, before
    for other in claimants:
        claim = Ref(f"{other.at}.claim")
        before = before + claim * (other.place < here.place)
        alike = alike + claim * equal(other.place, here.place)
        after = after + claim * (other.place > here.place)
    return before, alike, after


def _declare_result(terms: Terms, sale: Sale, claimants: list[Claimant], left: Ref) -> None:
    g = terms.graph
    claim, borne = Ref("recovery.claim"), sale.ref("costs_borne")
    with g.place("Collateral", f"{sale.heading}Recovery"):
        got = sum_of(*[sale.ref(f"{claimant.at}.recovered") for claimant in claimants])
        got = g.series(sale.name("recovered"), got, "Recovered", "money", "by all lenders and hedge banks")
        lost = sum_of(*[sale.ref(f"{claimant.at}.loss") for claimant in claimants], borne)
        note = "claims not recovered, and costs that are not"
        lost = g.series(sale.name("loss"), lost, "Loss", "money", note)
        g.series(sale.name("surplus"), left, "Surplus of the owners", "money")
        real = claim * (claim > terms["checks.tolerance"])
        note = "loss / claims on the day of the sale; N/A where nothing is owed"
        g.series(sale.name("lgd"), ratio(lost, real), "Loss given default", "share", note)
    with g.place("Collateral", f"{sale.heading}Loss given default, discounted"):
        values = [_declare_present_value(terms, sale, claimant) for claimant in claimants]
        value = sum_of(*values) - borne
        value = g.series(sale.name("discounted"), value, "Recovered, at the default date", "money")
        owed = Ref("recovery.exposure")
        part = ratio(owed - value, owed * (owed > terms["checks.tolerance"]))
        note = "1 - recovered, discounted to the default at the loans' rates without default interest / owed then"
        g.series(sale.name("lgd_discounted"), part, "Loss given default, discounted", "share", note)


def _declare_present_value(terms: Terms, sale: Sale, claimant: Claimant) -> Ref:
    growth = 1 + claimant.rate * Ref("recovery.months") / MONTHS_A_YEAR
    value = minimum(Ref(f"{claimant.at}.exposure"), sale.ref(f"{claimant.at}.recovered") / growth)
    name, note = sale.name(f"{claimant.at}.discounted"), "simple interest; at most what was owed"
    return terms.graph.series(name, value, f"{claimant.label}: at the default", "money", note)


def claimants_of(terms: Terms) -> list[tuple[str, str]]:
    """Line prefix and label of everybody with a claim, in the order in which ranks are paid."""
    return [(claimant.at, claimant.label) for _, _, every in _ranks(terms) for claimant in every]


def bridge_called(terms: Terms) -> Expr | None:
    """What sponsors still have to repay of bridges, as their equity, at a default (series, money)."""
    loans = bridges(terms)
    return sum_of(*[Ref(book_of(terms, f"debt.{loan}")) for loan in loans]) if loans else None


def declare_recovery_checks(terms: Terms) -> None:
    """Every claim is recovered or lost, all proceeds go somewhere, no rank is paid before one above it, no recourse."""
    if not enforces(terms):
        return
    for sale in sales(terms):
        _declare_checks(terms, sale)


def _declare_checks(terms: Terms, sale: Sale) -> None:
    every, by = _ranks(terms), "by date of default" if sale is GONE else "leases in place, by date of default"
    for _, _, claimants in every:
        for claimant in claimants:
            paid = sale.ref(f"{claimant.at}.recovered") + sale.ref(f"{claimant.at}.loss")
            gap = absolute(Ref(f"{claimant.at}.claim") - paid)
            key = sale.name(claimant.at).replace(".", "_")
            _check(terms, key, gap, f"{claimant.label}: claim = recovered + lost, {by}")
    paid = sale.ref("costs_paid") + sale.ref("recovered") + sale.ref("surplus")
    costs = absolute(sale.ref("costs") - sale.ref("costs_paid") - sale.ref("costs_borne"))
    gap = maximum(costs, absolute(sale.ref("proceeds") - paid))
    label = f"Proceeds = costs + recovered + surplus, and costs are paid or borne, {by}"
    _check(terms, f"{sale.at}_cash", gap, label)
    early: Expr = Number(0, "money")
    for (above, _, _), (below, _, _) in pairwise(every):
        lost, got = sale.ref(f"rank.{above}.loss"), sale.ref(f"rank.{below}.recovered")
        early = maximum(early, minimum(lost, got))
    owners = minimum(sale.ref("loss"), sale.ref("surplus"))
    label = f"No rank recovers anything, nor do owners, while one above it loses, {by}"
    _check(terms, f"{sale.at}_ranks", maximum(early, owners), label)
    beyond = maximum(0, sale.ref("recourse") - sale.ref("commitment"))
    _check(terms, f"{sale.at}_recourse", beyond, f"Sponsors pay no more than their commitment, {by}")


def _check(terms: Terms, name: str, gap: Expr, label: str) -> None:
    g = terms.graph
    with g.place("Checks", "By period"):
        worst = highest(g.series(f"checks.{name}_by_period", gap, label, "money"))
    g.check(f"checks.{name}", worst, label, "money", terms["checks.tolerance"])
