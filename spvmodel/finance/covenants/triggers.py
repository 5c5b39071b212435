"""Triggers: ratios and events that step margins, raise the DSRA or the sweep, or block distributions.

A ratio is tested at each period end and acts on the next period, so that no loop arises within one. An event acts in
every period whose first day is on or after its date. Debt service is looked ahead at, by sculpted and level repayment,
by sizing and by cover tests, while a tested ratio looks back: a margin that depends on a ratio, or the months of a
letter of credit whose fee is debt service, is therefore a feedback, period by period, and a check says whether it came
to rest. It need not: where a dearer loan is sized so much smaller that its test is passed, no answer exists.
"""

from __future__ import annotations

from typing import Final

from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms, margin_triggers
from spvmodel.finance.time import DAY, END, FIRST_DAY
from spvmodel.lines import Expr, Ref, default, highest, maximum, prev, sum_of, total

BLOCKED: Final = "covenants.blocked_by_trigger"
REPAID: Final = Ref("covenants.no_debt")
"""1 where no loan to the SPV is left at the period end, and so nobody whom a blocked distribution would protect."""
_SAME: Final = 1e-6
"""A ratio this close to its level has not crossed it: rounding must not decide."""


def declare_triggers(terms: Terms) -> None:
    """``trigger.<name>.tested`` and ``.active`` (flags) of every trigger, then the effects.

    ``tested`` is 1 at a period end at which the condition holds, ``active`` in the periods on which it acts.
    """
    g = terms.graph
    for name, spec in terms.deal.spec.trigger.items():
        at = f"trigger.{name}"
        with g.place("Covenants", f"Trigger: {spec.label}"):
            if spec.on is not None:
                day = terms[f"{at}.on"]
                g.series(f"{at}.tested", END + DAY >= day, "Has happened by the next day", "flag")
                acts, note = FIRST_DAY >= day, "from the first period that begins on or after the day, for good"
            else:
                tested = g.series(f"{at}.tested", _fails(terms, at), "Condition holds at the period end", "flag")
                acts, note = prev(tested), "in the period after a test at which the condition holds"
            active = g.series(f"{at}.active", acts, "On", "flag", note)
            g.scalar(f"{at}.periods", total(active), "Periods on", "count")
            if looks_back(terms, name):
                g.feedback(f"{at}.fed", 0, active.name, "On, fed back", "flag", PASSES, series=True)
            if terms.has(f"{at}.margin"):
                step = _on_service(terms, name) * terms[f"{at}.margin"]
                g.series(f"{at}.margin_added", step, "Step of the margin", "1/yr")
    for loan, spec_of in terms.deal.spec.debt.items():
        if margin_triggers(terms, loan):
            steps = sum_of(*[Ref(f"trigger.{name}.margin_added") for name in margin_triggers(terms, loan)])
            with g.place("Covenants", "Effects of triggers"):
                g.series(f"debt.{loan}.trigger_step", steps, f"{spec_of.label}: steps of the margin", "1/yr")
    if blocking(terms):
        with g.place("Covenants", "Effects of triggers"):
            blocks = maximum(*[Ref(f"trigger.{name}.active") for name in blocking(terms)])
            g.series(BLOCKED, blocks, "Distributions blocked by a trigger", "flag")


def _fails(terms: Terms, at: str) -> Expr:
    """1 where the ratio of a trigger is on the wrong side of its level; a ratio that cannot be computed is not."""
    if terms.has(f"{at}.ltv_above"):
        level = terms[f"{at}.ltv_above"]
        return default(Ref("ratios.ltv"), level) > level + _SAME
    by_cover = terms.has(f"{at}.dscr_below")
    level = terms[f"{at}.dscr_below" if by_cover else f"{at}.debt_yield_below"]
    return default(Ref("ratios.dscr_historic" if by_cover else "ratios.debt_yield"), level) < level - _SAME


def _on_service(terms: Terms, name: str) -> Ref:
    """The flag of a trigger for effects that may move debt service: fed back, where it depends on a ratio of it."""
    return Ref(f"trigger.{name}.fed" if looks_back(terms, name) else f"trigger.{name}.active")


def looks_back(terms: Terms, name: str) -> bool:
    """Whether a trigger moves debt service, which is looked ahead at, by a ratio of what was."""
    spec = terms.deal.spec
    trigger, by_letter = spec.trigger[name], spec.reserves.dsra.lc_fee is not None
    moves = trigger.margin is not None or (by_letter and trigger.dsra_months is not None)
    return trigger.on is None and moves


def blocking(terms: Terms) -> list[str]:
    """The triggers that block distributions, in the order of the deal file."""
    return [name for name, spec in terms.deal.spec.trigger.items() if spec.blocks_distributions == "yes"]


def raises_reserve(terms: Terms) -> bool:
    """Whether a trigger may raise the months of debt service that the DSRA holds."""
    return bool(terms.triggers_with("dsra_months"))


def months_held(terms: Terms) -> Ref:
    """Months of debt service that the DSRA holds: the deal's, or by period the most that a trigger asks while on."""
    months = terms["reserves.dsra.months"]
    if not raises_reserve(terms):
        return months
    found = terms.triggers_with("dsra_months")
    held = maximum(months, *[_on_service(terms, name) * terms[f"trigger.{name}.dsra_months"] for name in found])
    return terms.graph.series("reserves.dsra.months_held", held, "Months held, with what triggers ask", "months")


def raises_sweep(terms: Terms) -> bool:
    """Whether a trigger may raise the share of excess cash that is swept."""
    return bool(terms.triggers_with("sweep_share"))


def raised_share(terms: Terms, share: Expr) -> Ref:
    """The share of excess cash that is swept in each period: at least what each trigger asks while it is on."""
    built, found = Ref("time.operation"), terms.triggers_with("sweep_share")
    asked = [built * Ref(f"trigger.{name}.active") * terms[f"trigger.{name}.sweep_share"] for name in found]
    note = "the sweep's own while it runs, or what a trigger asks"
    return terms.graph.series("waterfall.sweep.share", maximum(share, *asked), "Share swept", "share", note)


def declare_trigger_checks(terms: Terms) -> None:
    """What a ratio feeds back is at rest; nothing is distributed while a trigger blocks it."""
    g = terms.graph
    for name, spec in terms.deal.spec.trigger.items():
        if looks_back(terms, name):
            moved = Ref(f"trigger.{name}.fed_residual")
            g.check(f"checks.trigger_{name}", moved, f"{spec.label}: the trigger is at rest", "flag", None)
    if blocking(terms):
        with g.place("Checks", "By period"):
            label = "No distribution while a trigger blocks it"
            let_go = "waterfall.upstream" if g.has("waterfall.upstream") else "waterfall.distributions"
            leak = Ref(BLOCKED) * (1 - REPAID) * Ref(let_go)
            leak = g.series("checks.blocked_distributions_by_period", leak, label, "money")
        g.check("checks.blocked_distributions", maximum(0, highest(leak)), label, "money", terms["checks.tolerance"])


def declare_trigger_alerts(terms: Terms) -> None:
    """An alert for every trigger that is ever on."""
    for name, spec in terms.deal.spec.trigger.items():
        ever = Ref(f"trigger.{name}.periods") > 0
        terms.graph.alert(f"alerts.trigger_{name}", ever, f"{spec.label}: the trigger is on")
