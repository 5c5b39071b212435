"""Value and recovery: what the collateral is worth, and what lenders get back by date of default."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from spvmodel.report.format import show
from spvmodel.report.tables import annual, annual_row, missing
from spvmodel.report.view import Row, Table, View

_PROCEEDS: Final = ("price", "sale_costs", "income", "cash", "proceeds", "costs_paid", "recovered", "loss", "surplus")
_TOTALS: Final = ("proceeds", "recovered", "loss")
_TIMETABLE: Final = ("default_date", "acceleration_date", "sale_date")
_OWN: Final = (
    "exposure", "claim", "proceeds", "costs_incurred", "recovered", "lender_loss", "lgd", "lgd_discounted", "surplus",
    "recourse", "lender_irr", "sponsor_loss", "equity_irr", "moic",
)  # fmt: skip


@dataclass(frozen=True)
class Recovery:
    """The section; a sentence on the default of this case, and on recourse, stands above the tables."""

    default: str
    recourse: str
    values: Table | None
    by_date: Table
    by_tranche: Table
    own: Table | None
    own_by_tranche: Table | None


def recovery(view: View) -> Recovery | None:
    """Everything the section prints; None for a deal that does not say what lenders do after a default."""
    if not view.has("recovery.loss"):
        return None
    return Recovery(
        _default(view),
        _recourse(view),
        annual(view, "Value and loan to value by calendar year", value_lines(view), ("valuation.value",)),
        _by_date(view),
        _by_tranche(view),
        _own(view),
        _own_by_tranche(view),
    )


def value_lines(view: View) -> list[str]:
    """The values by each method, the debt, and the loan to value by each, in declared order."""
    values = [name for name in view.model.lines if name.startswith("valuation.by_")]
    ratios = [name for name in view.model.lines if name.startswith("ratios.ltv_by_")]
    return view.only([*values, "valuation.value", "valuation.debt", "ratios.ltv", *ratios])


def _default(view: View) -> str:
    """When the lenders enforce in this case, and what it costs them."""
    if not view.has("enforcement.default_date"):
        return ""
    if math.isnan(view.result.scalar("enforcement.default_date")):
        return "In this case every payment is made, or made good within the cure period: lenders do not enforce."
    day, over, sale = (view.text(f"enforcement.{what}") for what in _TIMETABLE)
    words = f"In this case a payment is missed on {day} and not made good; acceleration on {over}, sale on {sale}."
    return " ".join(filter(None, (words, _stays(view), _lost(view))))


def _stays(view: View) -> str:
    """Why the property is worth another price than one that is let again, in a case whose tenant stays."""
    if not view.has("in_place.value", "recovery.relet_value"):
        return ""
    at = list(view.result.series("enforcement.at_default")).index(1.0)
    built = view.result.series("time.built")[at]
    if not view.result.scalar("enforcement.tenant_stays") or not built:
        return ""
    values = [view.result.series(name)[at] for name in ("in_place.value", "recovery.relet_value")]
    words = [show(value, "money", view.decimals) for value in values]
    after = ""
    if view.has("in_place.reversion"):
        later = show(view.result.series("in_place.reversion")[at], "money", view.decimals)
        after = f", {later} of it for what it is worth after them"
    return (
        f"The tenant stays: the property is sold with its leases, at {words[0]} {view.currency} m by the method of the "
        f"valuation{after}. To a buyer who had to let it again it would be worth {words[1]}, at the rent of a new "
        "lease, less the rent missed and the cost of letting: the difference is that of the two methods as much as "
        "that of the tenant."
    )


def _lost(view: View) -> str:
    """What lenders lose in the case, and why nothing or more than their claims."""
    lost, lgd, claim, brought, costs, tolerance = (
        view.result.scalar(name)
        for name in (
            *(f"enforcement.{what}" for what in ("lender_loss", "lgd", "claim", "proceeds", "costs_incurred")),
            "checks.tolerance",
        )
    )
    if lost <= tolerance:
        words = [show(amount, "money", view.decimals) for amount in (brought, claim, costs)]
        return (
            f"Lenders lose nothing: proceeds of {words[0]} {view.currency} m cover claims of {words[1]} "
            f"and costs of {words[2]}."
        )
    told = f"Lenders lose {view.text('enforcement.lender_loss')} {view.currency} m, {view.text('enforcement.lgd')}"
    if lgd <= 1:
        return f"{told} of their claims."
    beyond = show(costs - brought, "money", view.decimals)
    return f"{told} of their claims: all of these, and costs of enforcement of {beyond} that proceeds do not pay."


def _recourse(view: View) -> str:
    """What sponsors have committed, and the most that they would pay."""
    agreed, paid = (max(view.numbers(f"recovery.{what}"), default=0.0) for what in ("commitment", "recourse"))
    if not agreed:
        return "Recourse to sponsors: none. Lenders have property, cash and what others guarantee, and nothing else."
    words = [show(amount, "money", view.decimals) for amount in (agreed, paid)]
    return (
        f"Recourse to sponsors: they have committed up to {words[0]} {view.currency} m; the most that they would pay "
        f"at any date of default is {words[1]}."
    )


def _by_date(view: View) -> Table:
    """Claims, proceeds, recovery and loss, if the tenant's default is declared at the end of each year."""
    support = [name for name in view.model.lines if name.startswith("recovery.support.") and name.count(".") == 2]
    parts = [f"recovery.{part}" for part in _PROCEEDS]
    at = parts.index("recovery.proceeds")
    names = ["recovery.exposure", "recovery.claim", *parts[:at], *support, *parts[at:]]
    names += ["recovery.lgd", "recovery.lgd_discounted"]
    totals = [f"recovery.{part}" for part in _TOTALS]
    table = annual(view, "Recovery by date of default, declared at the end of each year", names, totals)
    assert table is not None
    note = "Proceeds are the price less the costs of the sale, with income until then, cash, and what others pay."
    return replace(table, note=note)


def tranches(view: View) -> list[str]:
    """The prefixes of everybody with a claim: loans, hedge banks, facilities and unpaid fees."""
    return [
        *(f"recovery.{name}" for name in view.entries("recovery.{}.lgd")),
        *(f"recovery.facility.{name}" for name in view.entries("recovery.facility.{}.lgd")),
    ]


def _by_tranche(view: View) -> Table:
    """Claim, loss and loss given default of every claimant that ever has a claim."""
    rows: list[Row] = []
    names: list[str] = []
    for at in tranches(view):
        if not any(view.result.series(f"{at}.claim")):
            continue
        rows.append(Row(_who(view, at), kind="group"))
        for part, label in (("claim", "Claim"), ("recovered", "Recovered"), ("loss", "Lost"), ("lgd", "LGD")):
            rows.append(annual_row(view, f"{at}.{part}", "total" if part == "lgd" else "", label))
            names.append(f"{at}.{part}")
    note = "Claims are those on the day of the sale; LGD is loss / claim, and empty where nothing is owed."
    title = "Recovery by tranche and date of default, declared at the end of each year"
    return Table(title, view.years.labels, rows, view.rows(*names), f"{view.currency} m", wide=True, note=note)


def _who(view: View, at: str) -> str:
    return view.line(f"{at}.recovered").label.rpartition(": ")[0]


def _own(view: View) -> Table | None:
    """The timetable and the result of the default of this case, where it has one."""
    if not view.has("enforcement.default_date") or math.isnan(view.result.scalar("enforcement.default_date")):
        return None
    names = view.only([f"enforcement.{what}" for what in (*_TIMETABLE, *_OWN)])
    # What proceeds consist of stands below them, where there is any of it.
    parts = [name for name in view.model.lines if name.startswith("enforcement.from.") and view.result.scalar(name)]
    at = names.index("enforcement.proceeds") + 1
    names[at:at] = parts
    rows = [Row(view.line(name).label, [view.text(name), view.unit(name)], name=name) for name in names]
    return Table("Enforcement in this case", ["", "Unit"], rows, view.rows(*names), note=missing(view, names))


def _own_by_tranche(view: View) -> Table | None:
    """The recovery waterfall of the default of this case."""
    if _own(view) is None:
        return None
    parts = ("claim", "recovered", "loss")
    found: list[tuple[str, Sequence[str]]] = []
    for at in tranches(view):
        names = [f"{at.replace('recovery.', 'enforcement.', 1)}.{part}" for part in parts]
        if view.has(*names) and view.result.scalar(names[0]):
            found.append((_who(view, at), names))
    if not found:
        return None
    rows = [Row(who, view.texts(map(view.result.scalar, names), "money")) for who, names in found]
    sums = [math.fsum(view.result.scalar(names[k]) for _, names in found) for k in range(len(parts))]
    rows.append(Row("Total", view.texts(sums, "money"), "total"))
    place = view.rows(*(name for _, names in found for name in names))
    return Table("Recovery waterfall of this case", ["Claim", "Recovered", "Lost"], rows, place, f"{view.currency} m")
