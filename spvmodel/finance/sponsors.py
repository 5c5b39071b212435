"""The joint venture: what each sponsor pays in and is paid, with preferred return and promote.

Contributions are shared by capital. Distributions are shared in tiers: capital and preferred return pro rata until the
first hurdle is met; above a hurdle its promote to one sponsor and the rest pro rata, until the next hurdle is met.
A hurdle is met when its account is empty: what is paid in, compounding at the hurdle by actual days / 365, less what
the capital has received up to that hurdle (promotes apart). So the capital has earned a hurdle, as an XIRR, on the day
its account is first empty, and nothing is searched for. What is paid above a hurdle is not set off against later
contributions.
"""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import enforces
from spvmodel.finance.collateral.enforcement import FLOW_DATE
from spvmodel.finance.returns import declare_rate
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import A_YEAR, DAYS, END
from spvmodel.lines import Expr, Number, Ref, absolute, highest, lowest, maximum, minimum, prev, ratio, sum_of, total

YEAR_OF_DAYS = Number(365, "days")


def _flows(terms: Terms) -> tuple[Ref, Ref]:
    """What sponsors pay in and are paid (series, money): up to a default that lenders enforce, and after the sale."""
    at = "enforcement" if enforces(terms) else "returns"
    return Ref(f"{at}.contributions"), Ref(f"{at}.distributions")


def _dates(terms: Terms) -> Ref:
    """When they do, by period."""
    return FLOW_DATE if enforces(terms) else END


def declare_sponsors(terms: Terms) -> None:
    """The hurdle accounts, the tiers, and contributions, distributions, flow, IRR and MOIC of every sponsor.

    Lines only where the deal file names its sponsors.
    """
    spec = terms.deal.spec
    if not spec.sponsors:
        return
    if spec.promote:
        _declare_tiers(terms)
    for sponsor in spec.sponsors:
        _declare_sponsor(terms, sponsor)


def _declare_tiers(terms: Terms) -> None:
    """Hurdle by hurdle: its account, and the cash above it up to the next hurdle (all series, millions)."""
    g, hurdles, (_, paid_out) = terms.graph, list(terms.deal.spec.promote), _flows(terms)
    for hurdle in hurdles:
        _declare_owed(terms, hurdle)
    with g.place("Returns", "Joint venture: up to the first hurdle"):
        preferred = g.series(
            "returns.preferred",
            minimum(paid_out, Ref(f"promote.{hurdles[0]}.owed")),
            "Capital and preferred return",
            "money",
            "distributions up to the first hurdle, pro rata",
            total=True,
        )
        left = g.series("returns.above_hurdles", paid_out - preferred, "Left above the first hurdle", "money")
    received: Expr = preferred
    for hurdle, above in zip(hurdles, [*hurdles[1:], None], strict=True):
        at, label = f"promote.{hurdle}", terms.deal.spec.promote[hurdle].label
        with g.place("Returns", f"Hurdle: {label}"):
            reached = g.series(
                f"{at}.distributions",
                received,
                "Received by the capital up to this hurdle",
                "money",
                "promotes apart",
                total=True,
            )
            g.series(f"{at}.closing", Ref(f"{at}.owed") - reached, "Closing balance", "money")
        with g.place("Returns", f"Above the hurdle: {label}"):
            taken: Expr = left
            if above is not None:
                missing = maximum(0, Ref(f"promote.{above}.owed") - reached)
                taken = minimum(left, missing / (1 - terms[f"{at}.share"]))
            cash = g.series(f"{at}.cash", taken, "Cash above the hurdle", "money", "up to the next one", total=True)
            promote = g.series(f"{at}.promote", terms[f"{at}.share"] * cash, "Promote", "money", total=True)
            capital = g.series(f"{at}.capital", cash - promote, "Shared pro rata", "money", total=True)
            if above is not None:
                left = g.series(f"{at}.left", left - cash, "Left above the next hurdle", "money")
        received = reached + capital


def _declare_owed(terms: Terms, hurdle: str) -> None:
    """The account of a hurdle before distributions: opening, accrual, contributions."""
    g, at = terms.graph, f"promote.{hurdle}"
    with g.place("Returns", f"Hurdle: {terms.deal.spec.promote[hurdle].label}"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        days = FLOW_DATE - prev(FLOW_DATE) if enforces(terms) else DAYS
        growth = (1 + terms[f"{at}.hurdle"] * A_YEAR) ** (days / YEAR_OF_DAYS) - 1
        accrual = g.series(
            f"{at}.accrual", opening * growth, "Preferred return", "money", "actual days / 365", total=True
        )
        paid_in = g.series(f"{at}.contributions", sum_of(_flows(terms)[0]), "Contributions", "money", total=True)
        g.series(f"{at}.owed", opening + accrual + paid_in, "Owed before distributions", "money")


def _declare_sponsor(terms: Terms, sponsor: str) -> None:
    g, spec, at = terms.graph, terms.deal.spec, f"sponsors.{sponsor}"
    share, (all_in, all_out) = terms[f"{at}.share"], _flows(terms)
    with g.place("Returns", f"Sponsor: {spec.sponsors[sponsor].label}"):
        paid_in = g.series(f"{at}.contributions", share * all_in, "Contributions", "money", total=True)
        paid_out: Expr = share * all_out
        if spec.promote:
            first = share * Ref("returns.preferred")
            tiers = [g.series(f"{at}.preferred", first, "Capital and preferred return", "money", total=True)]
            for hurdle, terms_of in spec.promote.items():
                part: Expr = share * Ref(f"promote.{hurdle}.capital")
                if terms_of.to == sponsor:
                    part = part + Ref(f"promote.{hurdle}.promote")
                label = f"Above the hurdle: {terms_of.label}"
                tiers.append(g.series(f"{at}.above_{hurdle}", part, label, "money", total=True))
            paid_out = sum_of(*tiers)
        paid_out = g.series(f"{at}.distributions", paid_out, "Distributions", "money", total=True)
        won = [Ref(f"promote.{hurdle}.promote") for hurdle, given in spec.promote.items() if given.to == sponsor]
        if won:
            g.series(f"{at}.promote", sum_of(*won), "of which promote", "money", total=True)
        flow = g.series(f"{at}.flow", paid_out - paid_in, "Cash flow", "money", total=True)
        declare_rate(terms, f"{at}.irr", flow, "IRR (XIRR)", "effective, actual days / 365", _dates(terms))
        moic = ratio(total(paid_out), total(paid_in))
        g.scalar(f"{at}.moic", moic, "MOIC", "x", "distributions / contributions")


def declare_sponsor_checks(terms: Terms) -> None:
    """What the sponsors pay and receive is all that is paid in and out; nothing is paid above a hurdle not met."""
    g, spec, tolerance = terms.graph, terms.deal.spec, terms["checks.tolerance"]
    if not spec.sponsors:
        return
    paid_in, paid_out = _flows(terms)

    def check(name: str, gap: Expr, label: str) -> None:
        with g.place("Checks", "By period"):
            worst = highest(g.series(f"checks.{name}_by_period", gap, label, "money"))
        g.check(f"checks.{name}", worst, label, "money", tolerance)

    for what, whole, label in (
        ("contributions", paid_in, "Contributions by sponsor add up: their shares are 100%"),
        ("distributions", paid_out, "Distributions by sponsor add up to all distributions"),
    ):
        parts = [Ref(f"sponsors.{sponsor}.{what}") for sponsor in spec.sponsors]
        check(f"sponsor_{what}", absolute(sum_of(*parts) - whole), label)
    for hurdle, given in spec.promote.items():
        at = f"promote.{hurdle}"
        early = maximum(0, minimum(Ref(f"{at}.cash"), Ref(f"{at}.closing")))
        check(f"promote_{hurdle}", early, f"{given.label}: nothing is paid above the hurdle before it is met")
        low = maximum(0, -lowest(Ref(f"{at}.closing")))
        g.check(f"checks.promote_{hurdle}_positive", low, f"{given.label}: balance never negative", "money", tolerance)
