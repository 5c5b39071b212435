"""What must hold of buildings, uses and their funding by the structure of a deal file, whatever the values are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spvmodel.deal.schema import Building, DealSpec, Use


@dataclass(frozen=True, slots=True)
class Misfit:
    """Keys that do not fit together; ``path`` leads to the offender, at its key or (``at_value``) at its value."""

    path: tuple[str, ...]
    message: str
    allowed: str
    at_value: bool = False


def misfits(spec: DealSpec) -> Iterator[Misfit]:
    """Every such fault of buildings, uses and funding."""
    for key, building in spec.building.items():
        yield from _building(key, building)
    for key, use in spec.use.items():
        if key in spec.building:
            yield Misfit(("use", key), f"'{key}' is a building and a use", "another id for one of them")
        if (use.amount is None) == (use.share is None):
            given = "neither amount nor share" if use.amount is None else "both amount and share"
            yield Misfit(("use", key), f"use '{key}' has {given}", "exactly one of them")
        yield from _spending(("use", key), f"use '{key}'", use)
        yield from _share(spec, key, use)
    yield from _rings(spec)
    for key in spec.funding:
        yield from _funding(spec, key)


def _building(key: str, building: Building) -> Iterator[Misfit]:
    path, name = ("building", key), f"building '{key}'"
    if building.budget is None:
        spent = [field for field in _SPENT if getattr(building, field) is not None]
        if building.profile != "straight line":
            spent.append("profile")
        for field in spent:
            message = f"{name} has {field} and no budget"
            yield Misfit((*path, field), message, "a budget, or no term of its spending")
        return
    if building.funded_by is None:
        yield Misfit((*path, "budget"), f"{name} has a budget and no funding", "an entry of funding in funded_by")
    if building.profile != "table" and building.spending_start is None and building.spending_end is None:
        allowed = "spending_start and spending_end, or profile: table with a table"
        yield Misfit((*path, "budget"), f"{name} has a budget and no dates of spending", allowed)
    yield from _spending(path, name, building)


_SPENT = ("funded_by", "spending_start", "spending_end", "table")


def _spending(path: tuple[str, ...], name: str, cost: Building | Use) -> Iterator[Misfit]:
    """Dates go with a straight line or an S-curve, both or none; a table goes with its profile."""
    dates = [field for field in ("spending_start", "spending_end") if getattr(cost, field) is not None]
    if cost.profile == "table":
        if cost.table is None:
            yield Misfit((*path, "profile"), f"{name} has no table of spending", "table: dates with shares")
        for field in dates:
            yield Misfit((*path, field), f"{name} has {field} beside a table of spending", "one of them")
        return
    if cost.table is not None:
        yield Misfit((*path, "table"), f"the table of {name} is not used", "profile: table")
    if len(dates) == 1:
        missing = "spending_end" if dates[0] == "spending_start" else "spending_start"
        yield Misfit((*path, dates[0]), f"{name} has {dates[0]} and no {missing}", "both or neither")
    if cost.profile == "s-curve" and not dates and isinstance(cost, Use):
        allowed = "spending_start and spending_end"
        yield Misfit((*path, "profile"), f"{name} has an S-curve and no dates of spending", allowed)


def _share(spec: DealSpec, key: str, use: Use) -> Iterator[Misfit]:
    path = ("use", key)
    if use.share is None:
        for field in ("share_of", "includes_itself"):
            if field in use.model_fields_set:
                yield Misfit((*path, field), f"use '{key}' has {field} and no share", "share, or neither")
        return
    known = _costs(spec, use.funded_by)
    for name in use.share_of:
        if name == key:
            allowed = "other costs; includes_itself: yes for a share of a total that contains it"
            yield Misfit((*path, "share_of"), f"use '{key}' is a share of itself", allowed, at_value=True)
        elif name not in known:
            allowed = ", ".join(other for other in known if other != key) or "there is none"
            message = f"'{name}' in share_of is no cost that funding '{use.funded_by}' pays for"
            yield Misfit((*path, "share_of"), message, allowed, at_value=True)
    if len(set(use.share_of)) < len(use.share_of):
        yield Misfit((*path, "share_of"), f"share_of of use '{key}' names a cost twice", "each once", at_value=True)
    given = [name for name in known if name not in spec.use or spec.use[name].amount is not None]
    if not use.share_of and not given:
        message = f"funding '{use.funded_by}' has no cost given as an amount"
        yield Misfit((*path, "share"), message, "share_of, or a building or use with an amount")


def _costs(spec: DealSpec, group: str) -> list[str]:
    buildings = [name for name, building in spec.building.items() if building.budget is not None]
    every = [
        *((name, spec.building[name].funded_by) for name in buildings),
        *((n, u.funded_by) for n, u in spec.use.items()),
    ]
    return [name for name, funded_by in every if funded_by == group]


def _rings(spec: DealSpec) -> Iterator[Misfit]:
    """Shares of shares are fine unless they lead back to where they began; each ring is said once."""
    of: Mapping[str, list[str]] = {key: use.share_of for key, use in spec.use.items()}
    said: set[str] = set()
    for start in of:
        trail, seen = [start], {start}
        while trail:
            # Depth first: what the last of the trail is a share of, as far as it is not seen yet.
            onward = [name for name in of.get(trail[-1], ()) if name in of and name != trail[-1]]
            if start in onward and len(trail) > 1 and start not in said:
                said.update(trail)
                message = f"uses are shares of each other: {' of '.join([*trail, start])}"
                yield Misfit(("use", start, "share_of"), message, "no ring of shares", at_value=True)
                break
            step = next((name for name in onward if name not in seen), None)
            if step is None:
                trail.pop()
            else:
                trail.append(step)
                seen.add(step)


def _funding(spec: DealSpec, key: str) -> Iterator[Misfit]:
    funding, path = spec.funding[key], ("funding", key)
    loans = {name: loan for name, loan in spec.debt.items() if loan.funds == key}
    if not loans and funding.order != "pro rata":
        yield Misfit((*path, "order"), f"funding '{key}' has no loan to order", "a loan with funds: " + key)
    if funding.equity_lc_fee is not None and (funding.order != "debt first" or not loans):
        message = f"funding '{key}' has a letter of credit for equity, and debt is not drawn first"
        yield Misfit((*path, "equity_lc_fee"), message, "order: debt first, or no fee")
    if funding.revenue == "used" and not any(loan.completion for loan in loans.values()):
        message = f"funding '{key}' uses revenue before completion, and none of its loans has a completion"
        yield Misfit((*path, "revenue"), message, "a loan with a completion, or revenue: kept")
    dated = [name for name, loan in loans.items() if loan.draws is not None]
    if dated and len(dated) < len(loans):
        message = f"the draws of '{dated[0]}' are dated, those of other loans of funding '{key}' are not"
        yield Misfit(("debt", dated[0], "draws"), message, "dated draws of all loans of a funding, or of none")
    elif dated and funding.order != "pro rata":
        message = f"the draws of '{dated[0]}' are dated, so that '{funding.order}' orders nothing"
        yield Misfit((*path, "order"), message, "no order beside dated draws")
