"""``spvmodel cases``: all cases side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from spvmodel.cli.screen import deal_argument, format_option, print_json, print_table, progress
from spvmodel.cli.work import model_of, solved

if TYPE_CHECKING:
    from spvmodel.engine import Result

METRICS = {
    "min_dscr": "Min DSCR",
    "min_dscr_date": "on",
    "avg_dscr": "Average",
    "lockup_periods": "Lock-up",
    "dsra_draws": "DSRA draws",
    "balloon": "Balloon",
    "refinance_dscr": "Refi DSCR",
    "refinance_shortfall": "Refi shortfall",
    "breakeven_cfads_cut": "Break-even cut",
    "lender_loss": "Lender loss",
    "lgd": "LGD",
    "equity_irr": "Equity IRR",
}
"""The headline metrics of the table, and the heads of its columns."""

BREACHES = {
    "covenants.payment_default": "payment default",
    "covenants.default": "covenant default",
    "covenants.lockup": "lock-up",
}
"""Lines that flag a breach in a period, the gravest first."""

FAILURES = {
    "covenants.historic_passed": 0.0,
    "covenants.forward_passed": 0.0,
    "covenants.llcr_passed": 0.0,
    "covenants.nothing_overdue": 0.0,
    "covenants.blocked_by_trigger": 1.0,
}
"""What makes a lock-up a breach from the outset, by line and the value that says so."""


@click.command()
@deal_argument
@format_option
def cases(deal: str, form: str) -> None:
    """Solve all cases of DEAL and compare their headline metrics, first and gravest breaches."""
    with progress(f"Solving the cases of {deal}"):
        model = model_of(deal)
        results = [solved(model, case) for case in model.cases]
    if form == "json":
        from spvmodel.report.data import headline, not_applicable

        print_json(
            {
                "deal": model.about["deal"],
                "currency": model.about["currency"],
                "cases": {
                    result.case: {
                        "label": _label(result),
                        "breaks": _told(result, "breaks"),
                        "headline": headline(result),
                        "not_applicable": not_applicable(result),
                        "first_breach": first_breach(result),
                        "gravest_breach": gravest_breach(result),
                        "checks_passed": result.passed,
                    }
                    for result in results
                },
                "left_out": model.about["left_out"],
            }
        )
        return
    click.echo(f"{model.about['title']}; amounts in {model.about['currency']} m\n")
    head = ("Case", *METRICS.values(), "First breach", "Gravest breach", "Checks")
    decimals = _decimals(results)
    print_table(head, [_row(result, decimals) for result in results], right=range(1, len(METRICS) + 1))
    click.echo()
    for result in results:
        click.echo(f"{result.case}: {_label(result)}")
    for told in (*_reasons(results), *_read_so(results)):
        click.echo(f"\n{told}")
    left_out = model.about["left_out"]
    if isinstance(left_out, dict) and left_out:
        click.echo("\nCases of the common set that do not fit this deal:")
        for case, told in left_out.items():
            click.echo(f"{case}: {told['label']} – {told['reason']}")


def first_breach(result: Result) -> dict[str, Any] | None:
    """The first period that breaches a covenant and which one, of several the gravest; None when none does."""
    return min(_breaches(result), key=lambda breach: breach["date"], default=None)


def gravest_breach(result: Result) -> dict[str, Any] | None:
    """The gravest covenant that is breached at all, and the first period that breaches it; None when none is."""
    return next(iter(_breaches(result)), None)


def _breaches(result: Result) -> list[dict[str, Any]]:
    """Each covenant that is breached with the first period end that breaches it, the gravest first."""
    from spvmodel.lines import from_serial

    found = []
    for name, what in BREACHES.items():
        flags = result.series(name) if name in result.values else []
        breached = (t for t, flag in enumerate(flags) if flag and (what != "lock-up" or _fails(result, t)))
        if (period := next(breached, None)) is not None:
            found.append({"date": from_serial(result.series("time.end")[period]).isoformat(), "covenant": what})
    return found


def _fails(result: Result, period: int) -> bool:
    """Whether the lock-up of a period is a breach.

    Until distributions have been allowed once, reserves that fill and a first repayment that is still to come block
    them too, as agreed.
    """
    opened = 1.0 in result.series("covenants.distribution_allowed")[:period]
    return opened or any(
        name in result.values and result.series(name)[period] == value for name, value in FAILURES.items()
    )


def _reasons(results: list[Result]) -> list[str]:
    """Why metrics of the table are n/a, and in which cases where not in all."""
    from spvmodel.report.data import not_applicable

    reasons = {result.case: not_applicable(result) for result in results}
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for metric, head in METRICS.items():
        # The date of the minimum is missing where the minimum is, and for the same reason.
        cases = [case for case in reasons if metric in reasons[case] and metric != "min_dscr_date"]
        for reason in dict.fromkeys(reasons[case][metric] for case in cases):
            where = tuple(case for case in cases if reasons[case][metric] == reason)
            found.setdefault((reason, where), []).append(head)
    return [
        f"{', '.join(heads)} n/a{'' if len(where) == len(results) else ' in ' + ', '.join(where)}: {reason}."
        for (reason, where), heads in found.items()
    ]


def _read_so(results: list[Result]) -> list[str]:
    """How to read loss and return where lenders enforce in some case."""
    losses = [result.headline.get("lender_loss", math.nan) for result in results]
    if all(map(math.isnan, losses)):
        return []
    early = "headline.balloon_accelerated"
    some = any(result.scalar(early) > 0 for result in results if early in result.values)
    what = "Balloon and refinance shortfall are of what falls due before lenders accelerate."
    return [
        *([what] if some else []),
        "Lender loss is 0 where proceeds cover all claims and costs; LGD is above 100% where proceeds do not even pay "
        "the costs of enforcement.",
        "Equity IRR is that of the whole model or, where lenders enforce, that until then with what their sale leaves "
        "to owners: a price of the property, which no case that pays counts, can lift it above that of such a case.",
        *_tenant_stays(results),
    ]


def _tenant_stays(results: list[Result]) -> list[str]:
    """What lenders do not collect from a tenant that stays, where some case loses and another would have collected."""
    from spvmodel.finance.collateral.sales import GONE, IN_PLACE, STAYS

    for result in results:
        if not (STAYS in result.values and result.scalar(STAYS) > 0 and result.headline["lender_loss"] > 0):
            continue
        supports = [name for name in result.model.lines if name.startswith(GONE.name("support."))]
        if any(sum(result.series(name)) > sum(result.series(IN_PLACE.name(name))) for name in supports):
            return [
                "Where the tenant stays, its lease is sold with the property, and what it owes or guarantees for its "
                "leaving is not collected: lenders can lose more than where it leaves."
            ]
    return []


def _decimals(results: list[Result]) -> int:
    """Decimals of money in the whole table: those of the case with the largest amounts."""
    from spvmodel.report.format import money_decimals

    return min(map(money_decimals, results))


def _row(result: Result, decimals: int) -> list[str]:
    from spvmodel.report.format import show

    cells = [result.case]
    for metric in METRICS:
        name = result.model.headline.get(metric)
        unit, names = (result.model.lines[name].unit, result.model.lines[name].names) if name else ("", ())
        cells.append(show(result.headline.get(metric, math.nan), unit, decimals, names))
    for breach in (first_breach(result), gravest_breach(result)):
        cells.append(f"{breach['date']} {breach['covenant']}" if breach else "none")
    cells.append("passed" if result.passed else "FAILED")
    return cells


def _label(result: Result) -> str:
    return _told(result, "label") or result.case


def _told(result: Result, what: str) -> str:
    """What the deal file or its set of cases says of the case of a result."""
    known = result.model.about.get("cases")
    return str(known[result.case].get(what, "")) if isinstance(known, dict) else ""
