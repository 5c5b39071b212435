"""Sweeps, covenants and triggers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import SWEPT, Dates, Terms, maybe, percent


def sweep(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
    swept = [name for name, loan in deal["debt"].items() if loan["rank"] in SWEPT]
    if not maybe(draw):
        return
    deal["sweep"] = {
        "share": percent(draw, 0, 100),
        "order": draw(st.permutations(swept)),
        "application": draw(st.sampled_from(["inverse", "pro rata", "forward"])),
    }
    if draw(st.booleans()):
        deal["sweep"]["below_dscr"] = "1.5x"


def covenants(draw: st.DrawFn, deal: Terms) -> None:
    """Default tests, cures, and what becomes of cash that is trapped for long."""
    covenants = deal["covenants"]
    if maybe(draw):
        covenants["default_dscr"] = covenants["lockup_dscr"]
        covenants["cure"] = {"most": str(draw(st.integers(1, 4))), "in_a_row": "1", "limit": "40m"}
        beside = "sweep" not in deal or deal["sweep"]["application"] != "forward"
        if beside and covenants["default_dscr"] != "0x" and draw(st.booleans()):
            covenants["cure"]["by"] = "prepayment"
            senior = [name for name, loan in deal["debt"].items() if loan["rank"] == "senior"]
            if draw(st.booleans()):
                covenants["cure"]["order"] = draw(st.permutations(senior))
    if maybe(draw):
        covenants["default_debt_yield"] = percent(draw, 4, 12)
    if maybe(draw):
        covenants["lockup_llcr"] = draw(st.sampled_from(["1.1x", "1.3x", "1.6x"]))
    if maybe(draw):
        covenants["default_llcr"] = draw(st.sampled_from(["1x", "1.1x"]))
    if "sweep" in deal and draw(st.booleans()):
        covenants["sweep_after"] = str(draw(st.integers(1, 4)))
    if maybe(draw):
        covenants["release_tests"] = str(draw(st.integers(1, 3)))
    if maybe(draw):
        covenants["first_test"] = add_months(deal["debt"]["loan_0"]["completion"], draw(st.integers(0, 24)))


def triggers(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
    """Up to two triggers; a step of a margin by a ratio only where the ratio does not size the loans that it tests."""
    conditions: dict[str, st.SearchStrategy[Any]] = {
        "dscr_below": st.sampled_from(["1.1x", "1.5x", "2.5x"]),
        "debt_yield_below": st.sampled_from(["8%", "12%", "20%"]),
        "on": st.integers(0, 60).map(lambda months: str(add_months(dates.complete, months))),
    }
    if "valuation" in deal:
        conditions["ltv_above"] = st.sampled_from(["30%", "50%", "70%"])
    for name in ("first", "second")[: draw(st.sampled_from([0, 0, 1, 2]))]:
        what = draw(st.sampled_from(sorted(conditions)))
        trigger: Terms = {"label": f"Trigger {name}", what: draw(conditions[what])}
        trigger["blocks_distributions"] = draw(st.sampled_from(["yes", "no"]))
        if "months" in deal["reserves"]["dsra"]:
            trigger["dsra_months"] = f"{draw(st.sampled_from([0, 4, 12]))} months"
        else:
            trigger["margin"] = percent(draw, 0, 2)
        if "sweep" in deal and draw(st.booleans()):
            trigger["sweep_share"] = percent(draw, 0, 100)
        if draw(st.booleans()):
            trigger["margin"] = percent(draw, 0, 2)
            if draw(st.booleans()):
                trigger["loans"] = [draw(st.sampled_from(sorted(deal["debt"])))]
        deal.setdefault("trigger", {})[f"trigger_{name}"] = trigger
