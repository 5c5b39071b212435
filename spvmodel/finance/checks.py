"""Identities the model must satisfy (definitions, section 6) and outcomes a reader must see."""

from __future__ import annotations

from spvmodel.finance.debt.takeout import TAKEOUT
from spvmodel.finance.debt.totals import facilities, facility_label
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END
from spvmodel.lines import Expr, Number, Ref, absolute, highest, lowest, maximum, minimum, prev, sum_of, total


def declare_checks(terms: Terms) -> None:
    """Declare every check, then every alert."""
    _declare_time_checks(terms)
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


def _declare_time_checks(terms: Terms) -> None:
    """Days are whole numbers, so these differences must be 0 exactly."""
    g = terms.graph
    gap = absolute(total(DAYS) - (highest(END) - terms["time.close"]))
    g.check("checks.days", gap, "Days of the periods add up to the length of the model", "days", None)
    with g.place("Checks", "By period"):
        backward = g.series("checks.backward", DAYS <= Number(0, "days"), "Period without days", "flag")
    g.check("checks.timeline", total(backward), "Every period is later than the one before", "flag", None)
    with g.place("Checks", "Days of rent by lease"):
        gaps = []
        for name, lease in terms.deal.spec.lease.items():
            at = f"lease.{name}"
            until = minimum(Ref(f"{at}.until"), highest(END))
            let = maximum(0, until - maximum(Ref(f"{at}.rent_from"), terms["time.close"]))
            gap = absolute(total(Ref(f"{at}.days")) - let)
            gaps.append(
                g.scalar(f"checks.{name}_days", gap, f"{lease.label}: days of rent not as its dates say", "days")
            )
    g.check("checks.lease_days", sum_of(*gaps), "Days of rent are those between the dates of each lease", "days", None)


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
        key, name = at.replace(".", "_"), facility_label(terms, at)
        draws = Ref(f"{at}.draw" if at == TAKEOUT else f"{at.replace('debt.', 'funding.')}.draws")
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
    every = facilities(terms)
    for step in ("interest", "principal", "balloon"):
        gap = sum_of(*[Ref(f"{at}.{step}_paid") for at in every]) - Ref(f"waterfall.{step}.paid")
        label = f"{step.capitalize()}: what the facilities receive is what the waterfall pays"
        g.check(f"checks.{step}_shared", _largest(terms, f"{step}_shared", gap, label), label, "money", tolerance)
    scheduled = total(Ref("debt.interest_scheduled")) + sum_of(*_capitalised(terms))
    g.check(
        "checks.interest",
        absolute(scheduled - sum_of(*_accrued(terms))),
        "Interest accrued is capitalised or scheduled",
        "money",
        tolerance,
    )
    low = Ref("reserves.dsra.target") - Ref("reserves.dsra.closing")
    label = "Nothing is distributed while the DSRA is below its target"
    gap = maximum(0, minimum(low, Ref("waterfall.distributions")))
    g.check("checks.reserve_first", _largest(terms, "reserve_first", gap, label), label, "money", tolerance)
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


def _accrued(terms: Terms) -> list[Ref]:
    """Interest accrued on every facility, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{loan}_accrued",
                total(Ref(f"debt.{loan}.interest")),
                f"{spec.label}: interest accrued",
                "money",
            )
            for loan, spec in terms.deal.spec.debt.items()
        ] + [
            g.scalar("checks.takeout_accrued", total(Ref(f"{at}.interest_scheduled")), "Take-out: interest", "money")
            for at in facilities(terms)
            if at == TAKEOUT
        ]


def _capitalised(terms: Terms) -> list[Ref]:
    """Interest capitalised on every loan, over all periods."""
    g = terms.graph
    with g.place("Checks", "Interest"):
        return [
            g.scalar(
                f"checks.{loan}_idc", total(Ref(f"funding.{loan}.idc")), f"{spec.label}: interest capitalised", "money"
            )
            for loan, spec in terms.deal.spec.debt.items()
        ]


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
