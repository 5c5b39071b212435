"""Accounts: the debt service reserve (DSRA) and the account that holds trapped cash."""

from __future__ import annotations

from spvmodel.finance.debt.takeout import TAKEOUT
from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS, END, FIRST_DAY
from spvmodel.lines import (
    Expr,
    Ref,
    default,
    eomonth,
    maximum,
    minimum,
    prev,
    ratio,
    sum_ahead,
    sum_of,
    total,
)

DSRA = "reserves.dsra"
TRAPPED = "reserves.trapped"


def declare_reserves(terms: Terms) -> None:
    """Targets and corkscrews of both accounts."""
    _declare_target(terms)
    _declare_dsra(terms)
    _declare_trapped(terms)


def _declare_target(terms: Terms) -> None:
    """Debt service falling due in the months ahead; a period that the window cuts counts by days."""
    g, loans = terms.graph, terms.deal.spec.debt
    with g.place("Reserves", "DSRA window"):
        limit = g.series(f"{DSRA}.limit", eomonth(END, terms[f"{DSRA}.months"]), "End of the look-ahead window", "date")
        covered = g.series(f"{DSRA}.days_whole", sum_ahead(DAYS, END, limit), "Days of whole periods ahead", "days")
        touched = g.series(
            f"{DSRA}.days_touched",
            sum_ahead(DAYS, FIRST_DAY, limit),
            "Days of whole and cut periods ahead",
            "days",
        )
        g.series(
            f"{DSRA}.cut_share",
            default(ratio(limit - END - covered, touched - covered), 0),
            "Share of the cut period inside the window",
            "share",
        )
    targets: list[Expr] = []
    for loan, spec in loans.items():
        at = f"debt.{loan}"
        with g.place("Reserves", f"DSRA target: {spec.label}"):
            target = _window(terms, at)
            eve = Ref(f"{at}.completion_eve")
            complete = g.series(f"{at}.complete", END >= eve, "Complete", "flag")
            fills = g.series(f"{at}.dsra_fills", complete * (1 - prev(complete)), "Completion falls here", "flag")
            g.scalar(f"{at}.dsra_needed", total(target, fills), "Target at completion", "money")
            # The filling is itself drawn and so raises the service ahead: the second feedback of the ring.
            filling = g.feedback(
                f"{at}.dsra_filling", 0, f"{at}.dsra_needed", "First filling fed back", "money", PASSES
            )
            g.series(f"{at}.dsra_funding", fills * filling, "First filling, from sources", "money", total=True)
            held = g.series(f"{at}.dsra_held", complete * target, "Target once complete", "money")
            targets.append(held)
    if terms.deal.spec.takeout:
        with g.place("Reserves", "DSRA target: take-out"):
            targets.append(_window(terms, TAKEOUT))
    with g.place("Reserves", "DSRA target"):
        g.series(f"{DSRA}.target", sum_of(*[t for t in targets if isinstance(t, Ref)]), "DSRA target", "money")


def _window(terms: Terms, at: str) -> Ref:
    g, limit, service = terms.graph, Ref(f"{DSRA}.limit"), Ref(f"{at}.service")
    whole = g.series(f"{at}.service_whole", sum_ahead(service, END, limit), "Service of whole periods ahead", "money")
    touched = g.series(
        f"{at}.service_touched",
        sum_ahead(service, FIRST_DAY, limit),
        "Service of whole and cut periods ahead",
        "money",
    )
    return g.series(
        f"{at}.dsra_target",
        whole + Ref(f"{DSRA}.cut_share") * (touched - whole),
        "Service in the window",
        "money",
    )


def _declare_dsra(terms: Terms) -> None:
    g, at = terms.graph, DSRA
    loans = list(terms.deal.spec.debt)
    with g.place("Reserves", "Debt service reserve account"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        filled = sum_of(*[Ref(f"debt.{loan}.dsra_funding") for loan in loans])
        funding = g.series(f"{at}.funding", filled, "Filled from sources at completion", "money", total=True)
        due = Ref("waterfall.interest.due") + Ref("waterfall.principal.due")
        draw = g.series(
            f"{at}.draw",
            minimum(opening, maximum(0, due - Ref("waterfall.fees.cash_left"))),
            "Drawn for debt service",
            "money",
            total=True,
        )
        before = g.series(f"{at}.before_top_up", opening + funding - draw, "Balance before top-up", "money")
        top_up = g.series(f"{at}.top_up", Ref("waterfall.dsra.paid"), "Topped up from cash flow", "money", total=True)
        release = g.series(
            f"{at}.release",
            maximum(0, before - Ref(f"{at}.target")),
            "Released above target",
            "money",
            total=True,
        )
        g.series(f"{at}.closing", before + top_up - release, "Closing balance", "money")


def _declare_trapped(terms: Terms) -> None:
    g, at = terms.graph, TRAPPED
    allowed = Ref("covenants.distribution_allowed")
    with g.place("Reserves", "Trapped cash account"):
        opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
        need = Ref("waterfall.obligations") - Ref("waterfall.receipts")
        support = g.series(
            f"{at}.support",
            minimum(opening, maximum(0, need)),
            "Drawn to meet obligations",
            "money",
            total=True,
        )
        kept = (1 - allowed) * Ref("waterfall.distributable")
        trapped = g.series(f"{at}.trapped", kept, "Trapped in lock-up", "money", total=True)
        release = g.series(f"{at}.release", allowed * (opening - support), "Released", "money", total=True)
        g.series(f"{at}.closing", opening + trapped - support - release, "Closing balance", "money")
    with g.place("Reserves", "All accounts"):
        both = sum_of(Ref(f"{DSRA}.closing"), Ref(f"{TRAPPED}.closing"))
        cash = g.series("reserves.closing", both, "Closing balance", "money")
        g.series("reserves.movement", cash - prev(cash), "Movement", "money", total=True)
