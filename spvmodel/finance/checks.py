"""Identities the model must satisfy (definitions, section 6) and outcomes a reader must see."""

from __future__ import annotations

from spvmodel.finance.debt.totals import facilities
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Ref, absolute, highest, lowest, maximum, minimum, prev, sum_of, total


def declare_checks(terms: Terms) -> None:
    """Declare every check, then every alert."""
    _declare_funding_checks(terms)
    _declare_debt_checks(terms)
    _declare_cash_checks(terms)
    _declare_alerts(terms)


def _largest(terms: Terms, name: str, difference: Expr, label: str) -> Expr:
    """The largest absolute value of a difference over all periods, with a row that shows where it lies."""
    with terms.graph.place("Checks", "By period"):
        return highest(terms.graph.series(f"checks.{name}_by_period", absolute(difference), label, "money"))


def _excess(value: Expr) -> Expr:
    return maximum(0, value)


def _declare_funding_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    loans = list(terms.deal.spec.debt)
    financed = [Ref(f"funding.{n}.upfront_fee") for n in loans] + [Ref(f"debt.{n}.dsra_funding") for n in loans]
    uses = sum_of(Ref("construction.spend"), *financed, *[Ref(f"debt.{n}.capitalised") for n in loans])
    gap = uses - sum_of(Ref("funding.draws"), Ref("funding.equity"))
    label = "Sources equal uses in every period"
    g.check("checks.sources_uses", _largest(terms, "sources_uses", gap, label), label, "money", tolerance)
    for loan in loans:
        name = terms.deal.spec.debt[loan].label
        drawn = total(Ref(f"funding.{loan}.draws")) - terms[f"debt.{loan}.commitment"]
        g.check(
            f"checks.{loan}_commitment",
            _excess(drawn),
            f"{name}: drawn within the commitment",
            "money",
            tolerance,
        )
        low = lowest(Ref(f"funding.{loan}.equity"))
        g.check(
            f"checks.{loan}_equity",
            _excess(-low),
            f"{name}: equity contributions never negative",
            "money",
            tolerance,
        )
        spent = total(Ref(f"funding.{loan}.uses")) - Ref(f"funding.{loan}.total_uses")
        g.check(
            f"checks.{loan}_uses",
            absolute(spent),
            f"{name}: uses add up to the total financed",
            "money",
            tolerance,
        )
        moved = Ref(f"funding.{loan}.carry_residual") + Ref(f"debt.{loan}.dsra_filling_residual")
        g.check(f"checks.{loan}_feedback", moved, f"{name}: feedback no longer moves", "money", tolerance)
    with g.place("Checks", "Rent by lease"):
        rents = [
            g.scalar(f"checks.rent_{name}", total(Ref(f"lease.{name}.rent_income")), f"{lease.label}: rent", "money")
            for name, lease in terms.deal.spec.lease.items()
        ]
    gap = absolute(sum_of(*rents) - total(Ref("lease.rent_income")))
    g.check("checks.rent", gap, "Rent by lease adds up to lease income", "money", tolerance)


def _declare_debt_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    for at in facilities(terms):
        key, draws = at.replace(".", "_"), Ref(f"{at}.draw")
        name = "Take-out"
        if at != "debt.takeout":
            loan = at.removeprefix("debt.")
            name, draws = terms.deal.spec.debt[loan].label, Ref(f"funding.{loan}.draws")
        left = total(draws) - total(Ref(f"{at}.amortisation")) - total(Ref(f"{at}.balloon"))
        g.check(
            f"checks.{key}_repaid",
            absolute(left),
            f"{name}: schedule repays what is drawn",
            "money",
            tolerance,
        )
        moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing")) - draws + Ref(f"{at}.repaid")
        g.check(
            f"checks.{key}_balance",
            _largest(terms, f"{key}_balance", moved, f"{name}: opening + draws - repaid = closing"),
            f"{name}: opening + draws - repaid = closing",
            "money",
            tolerance,
        )
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", _excess(-low), f"{name}: balance never negative", "money", tolerance)


def _declare_cash_checks(terms: Terms) -> None:
    g, tolerance = terms.graph, terms["checks.tolerance"]
    steps = ("operating_costs", "fees", "interest", "principal", "balloon", "dsra")
    for step in steps:
        at = f"waterfall.{step}"
        label = f"{g.label(f'{at}.due').removesuffix(': due')}: paid at most what is due, from cash there is"
        below = maximum(0, -Ref(f"{at}.shortfall"), -Ref(f"{at}.cash_left"))
        g.check(f"checks.{step}_step", _largest(terms, f"{step}_step", below, label), label, "money", tolerance)
    paid = Ref("waterfall.obligations_paid") + Ref("waterfall.distributions")
    gap = Ref("waterfall.receipts") + Ref("reserves.dsra.funding") - paid - Ref("reserves.movement")
    label = "Cash received - cash paid = movement of accounts"
    g.check("checks.cash", _largest(terms, "cash", gap, label), label, "money", tolerance)
    # Everything the project earns and spends goes to or comes from lenders, sponsors and accounts.
    project = Ref("lease.rent_income") - Ref("waterfall.operating_costs.paid") - Ref("construction.spend")
    gap = project - Ref("returns.lender_flow") - Ref("returns.equity_flow") - Ref("reserves.movement")
    label = "Project flow = lenders + sponsors + movement of accounts"
    g.check("checks.providers", _largest(terms, "providers", gap, label), label, "money", tolerance)
    for at, name in (("reserves.dsra", "DSRA"), ("reserves.trapped", "Trapped cash")):
        key = at.replace(".", "_")
        low = lowest(Ref(f"{at}.closing"))
        g.check(f"checks.{key}_positive", _excess(-low), f"{name}: balance never negative", "money", tolerance)
    both = minimum(Ref("reserves.dsra.top_up"), Ref("reserves.dsra.release"))
    label = "DSRA is never topped up and released in one period"
    g.check("checks.dsra_exclusive", _largest(terms, "dsra_exclusive", both, label), label, "money", tolerance)
    locked = Ref("waterfall.distributions") * Ref("covenants.locked")
    label = "No distribution in lock-up"
    g.check("checks.lockup", _largest(terms, "lockup", locked, label), label, "money", tolerance)
    g.check(
        "checks.recourse",
        absolute(Ref("returns.recourse_to_sponsors")),
        "No recourse to sponsors",
        "money",
        tolerance,
    )


def _declare_alerts(terms: Terms) -> None:
    g, tolerance, takeout = terms.graph, terms["checks.tolerance"], terms.deal.spec.takeout
    g.alert(
        "alerts.payment_default",
        Ref("covenants.payment_default_periods") > 0,
        "Payment default: interest, principal or a balloon is not paid in time",
    )
    g.alert("alerts.default", Ref("covenants.default_periods") > 0, "DSCR falls below the default level")
    unpaid = highest(Ref("waterfall.unpaid")) > tolerance
    g.alert("alerts.unpaid", unpaid, "An obligation is not paid in time")
    g.alert("alerts.dsra_drawn", total(Ref("reserves.dsra.draw")) > tolerance, "The DSRA is drawn")
    g.alert("alerts.lockup", Ref("covenants.lockup_periods") > 0, "Distributions are locked up")
    if takeout:
        short = Ref("headline.refinance_shortfall") > tolerance
        g.alert("alerts.refinancing", short, "The take-out does not refinance the balloons in full")
    else:
        due = Ref("debt.balloon_total") > tolerance
        g.alert("alerts.balloon_unfunded", due, "A balloon falls due and no take-out refinances it")
    undrawn = Ref("funding.commitment") - Ref("funding.total_debt") > tolerance
    g.alert("alerts.undrawn", undrawn, "Part of a commitment is never drawn")
    late = Ref("lease.until") > highest(END)
    g.alert("alerts.lease_cut", late, "A lease runs beyond the model; its later rent is not counted")
    with g.place("Checks", "Debt never repaid"):
        drawn = total(Ref("funding.draws"))
        drawn = drawn + total(Ref("debt.takeout.draw")) if takeout else drawn
        owed = g.scalar("alerts.owed_at_end", drawn - total(Ref("debt.repaid")), "Debt never repaid", "money")
    g.alert("alerts.never_repaid", owed > tolerance, "Debt is still owed at the end of the model")
