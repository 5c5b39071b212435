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
    uses: Expr = Ref("construction.spend")
    for loan in loans:
        debt = f"debt.{loan}"
        uses = uses + Ref(f"funding.{loan}.upfront_fee") + Ref(f"{debt}.dsra_funding")
        uses = uses + Ref(f"{debt}.interest") - Ref(f"{debt}.interest_scheduled")
        uses = uses + Ref(f"{debt}.fees") - Ref(f"{debt}.fees_scheduled")
    gap = uses - Ref("funding.draws") - Ref("funding.equity")
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
        moved = Ref(f"funding.{loan}.carry_share_residual") * Ref(f"funding.{loan}.construction_cost")
        moved = moved + Ref(f"debt.{loan}.dsra_filling_residual")
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
        with g.place("Checks", "By period"):
            moved = Ref(f"{at}.closing") - prev(Ref(f"{at}.closing")) - draws + Ref(f"{at}.principal_paid")
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
        worst = minimum(lowest(Ref(f"{at}.shortfall")), lowest(Ref(f"{at}.cash_left")))
        g.check(
            f"checks.{step}_step",
            _excess(-worst),
            f"{g.label(f'{at}.due').removesuffix(': due')}: paid at most what is due, from cash there is",
            "money",
            tolerance,
        )
    accounts = Ref("reserves.dsra.closing") + Ref("reserves.trapped.closing")
    before = prev(Ref("reserves.dsra.closing")) + prev(Ref("reserves.trapped.closing"))
    paid = Ref("waterfall.operating_costs.paid") + Ref("waterfall.fees.paid") + Ref("waterfall.interest.paid")
    paid = paid + Ref("debt.principal_paid") + Ref("waterfall.distributions")
    got = Ref("waterfall.receipts") + Ref("reserves.dsra.funding")
    label = "Cash received - cash paid = movement of accounts"
    gap = got - paid - (accounts - before)
    g.check("checks.cash", _largest(terms, "cash", gap, label), label, "money", tolerance)

    # Everything the project earns and spends goes to or comes from lenders, sponsors and accounts.
    lenders = paid - Ref("waterfall.operating_costs.paid") - Ref("waterfall.distributions") - Ref("funding.draws")
    lenders = lenders - Ref("waterfall.refinancing")
    for loan in terms.deal.spec.debt:
        at = f"funding.{loan}"
        lenders = lenders + Ref(f"{at}.upfront_fee") + Ref(f"{at}.idc") + Ref(f"{at}.fees")
    project = Ref("lease.rent_income") - Ref("waterfall.operating_costs.paid") - Ref("construction.spend")
    gap = project - lenders - Ref("returns.equity_flow") - (accounts - before)
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
    g, tolerance = terms.graph, terms["checks.tolerance"]
    unpaid = sum_of(
        *[
            Ref(f"waterfall.{step}.shortfall")
            for step in ("operating_costs", "fees", "interest", "principal", "balloon")
        ]
    )
    with g.place("Checks", "By period"):
        g.series("alerts.unpaid_by_period", unpaid, "Obligations not paid in time", "money")
    g.alert(
        "alerts.unpaid",
        highest(Ref("alerts.unpaid_by_period")) > tolerance,
        "An obligation is not paid in time",
    )
    g.alert("alerts.dsra_drawn", total(Ref("reserves.dsra.draw")) > tolerance, "The DSRA is drawn")
    g.alert("alerts.lockup", Ref("covenants.lockup_periods") > 0, "Distributions are locked up after completion")
    g.alert("alerts.default", Ref("covenants.default_periods") > 0, "DSCR falls below the default level")
    if terms.deal.spec.takeout:
        short = total(Ref("debt.takeout.need")) - total(Ref("debt.takeout.draw"))
        g.alert("alerts.refinancing", short > tolerance, "The take-out does not refinance the balloons in full")
    g.alert(
        "alerts.lease_cut",
        Ref("lease.until") > highest(END),
        "A lease runs beyond the model; its later rent is not counted",
    )
    with g.place("Checks", "By period"):
        g.scalar("alerts.owed_at_end", total(Ref("funding.draws")) - _repaid(terms), "Debt never repaid", "money")
    g.alert(
        "alerts.never_repaid",
        Ref("alerts.owed_at_end") > tolerance,
        "Debt is still owed at the end of the model",
    )


def _repaid(terms: Terms) -> Expr:
    repaid: Expr = total(Ref("debt.principal_paid"))
    return repaid - total(Ref("debt.takeout.draw")) if terms.deal.spec.takeout else repaid
