"""Rules of what is built: when it is spent, and the budgets it is part of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from spvmodel.deal.errors import short
from spvmodel.deal.rules.dates import inside, order, words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import DealSpec


def spending(values: Values, name: str, end: dt.date) -> Iterator[Problem]:
    """Spending ends after it starts and within the timeline; the shares of a table are 100% in all."""
    yield from order(values, f"{name}.spending_end", f"{name}.spending_start", strict=True)
    if f"{name}.spending_end" in values:
        yield from inside(values, f"{name}.spending_end", end)
    table = f"{name}.table"
    if table not in values:
        return
    points, close = values.points(table), values.date("time.close")
    whole = sum(share for _, share in points)
    if abs(whole - 1) > 1e-9:
        yield Problem((table,), f"{words(values, table)} sums to {whole:.4%}", "shares of 100% in all")
    for date, _ in points:
        if not close <= date <= end:
            message = f"a share in {words(values, table)} is dated {date}, outside the timeline"
            yield Problem((table, "time.close"), message, f"{close} to {end}; what was paid earlier falls on the close")
            return


def budget(values: Values, spec: DealSpec, group: str) -> Iterator[Problem]:
    """Financing costs are a part of the budgets of the group's buildings, and construction is the rest."""
    named = [f"building.{key}.budget" for key, building in spec.building.items() if building.funded_by == group]
    budgets = [name for name in named if name in values]
    budget, included = sum(map(values.number, budgets)), values.number(f"funding.{group}.financing_budget")
    label = short(spec.funding[group].label)
    amounts = [
        f"use.{key}.amount" for key, use in spec.use.items() if use.funded_by == group and use.amount is not None
    ]
    if not budgets:
        if included > 0:
            message = f"{label} has no building whose budget could include financing costs"
            yield Problem((f"funding.{group}.financing_budget",), message, "0, or a building with a budget")
        if sum(map(values.number, amounts)) == 0:
            yield Problem(tuple(amounts), f"the uses of {label} cost nothing", "an amount above 0")
    elif budget == 0:
        yield Problem(tuple(budgets), f"the buildings of {label} have no budget", "a budget above 0")
    elif included >= budget:
        message = f"the financing costs of {label} in the budget ({included:,.3f}) leave nothing of it ({budget:,.3f})"
        yield Problem((f"funding.{group}.financing_budget", *budgets), message, f"less than {budget:,.3f}")
