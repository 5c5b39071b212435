"""Reserve accounts and facilities that support them."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def accounts(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    dsra: Terms = {
        "months": f"{draw(st.sampled_from([0, 3, 6, 7, 12]))} months",
        "proration": draw(st.sampled_from(["days", "months"])),
        "funded": draw(st.sampled_from(["at completion", "at close", "from cash flow"])),
    }
    if maybe(draw):
        dsra["look"] = "behind"
    elif maybe(draw):
        dsra = {"amount": f"{whole / 40:.4f}m", "funded": dsra["funded"]}
    if "months" in dsra and maybe(draw):
        dsra["fees"] = "yes"
    if maybe(draw):
        dsra["lc_fee"] = "1.5%"
        if draw(st.booleans()):
            dsra |= draw(st.sampled_from([{"lc_margin": "3%"}, {"lc_rate": "9%"}]))
    if maybe(draw):
        _facilities(draw, deal, dates, whole)
    deal["reserves"] = {"dsra": dsra}
    if maybe(draw):
        deal["reserves"]["interest"] = percent(draw, 0, 4)
        deal["reserves"]["interest_in_cfads"] = draw(st.sampled_from(["yes", "no"]))
    if maybe(draw):
        deal["reserves"]["working_capital_months"] = f"{draw(st.integers(1, 6))} months"
    if maybe(draw):
        roof: Terms = {"label": "Roof", "cost": f"{whole / 50:.4f}m", "cycle": f"{draw(st.integers(12, 60))} months"}
        roof |= {"start": dates.complete, "until": dates.end, "escalation": percent(draw, 0, 3)}
        roof["depreciation"] = draw(st.sampled_from(["MACRS 5", "straight line 5", "expensed"]))
        deal["reserves"]["capital"] = {"roof": roof}
    if maybe(draw):
        kinds = draw(st.lists(st.sampled_from(["cash", "costs", "saved", "works", "event"]), unique=True, min_size=1))
        accounts = {
            kind: _account(draw, deal, dates, whole, kind) for kind in kinds if kind != "costs" or "opex" in deal
        }
        deal["reserves"]["account"] = accounts


def _account(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float, kind: str) -> Terms:
    """A reserve account: an amount, months of costs, an accrual, weighted works, or instalments for an event."""
    account: Terms = {"label": f"Reserve of {kind}", "counts_for_lockup": draw(st.sampled_from(["yes", "no"]))}
    if draw(st.booleans()):
        account["rank"] = draw(st.sampled_from(["before debt service", "after debt service"]))
    if kind == "costs":
        account |= {"months": f"{draw(st.integers(1, 15))} months", "costs": draw(st.sampled_from([[], ["upkeep"]]))}
    elif kind == "saved":
        account |= {"per_kw": f"{whole / 50:.4f} USD/kW-year"} | ({"cap": f"{whole / 80:.4f}m"} if maybe(draw) else {})
    elif kind == "works":
        account["weights"] = {"year_1": percent(draw, 0, 100), "year_2": "50%"} | (
            {"year_4": "20%"} if maybe(draw) else {}
        )
    else:
        account["amount"] = f"{whole / 60:.4f}m"
    if kind == "event":
        account |= {"start": dates.complete, "full_by": add_months(dates.complete, draw(st.integers(1, 30)))}
        account["until"] = add_months(dates.complete, draw(st.integers(31, 50)))
    if kind in ("cash", "costs", "works") and maybe(draw):
        account["funded"] = "at close"
    if kind == "works" or maybe(draw):
        days = draw(st.lists(st.integers(1, 1800), min_size=2, max_size=2, unique=True))
        dated = {dates.close + dt.timedelta(days=day): f"{whole / 100:.4f}m" for day in sorted(days)}
        account["works"] = {str(day): amount for day, amount in dated.items()}
    return account


def _facilities(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    deal["facility"] = {}
    for name in ["revolver", "letter"][: draw(st.integers(1, 2))]:
        facility: Terms = {"label": name.capitalize(), "limit": f"{whole / 40:.4f}m", "until": dates.end}
        facility["kind"] = "letter of credit" if name == "letter" else "revolver"
        facility |= draw(st.sampled_from([{"margin": "2.5%"}, {"fixed_rate": "10%"}]))
        if draw(st.booleans()):
            facility["close"] = add_months(dates.complete, draw(st.integers(0, 12)))
            facility["until"] = add_months(dates.complete, draw(st.integers(24, 48)))
        if draw(st.booleans()):
            facility["undrawn_fee"] = percent(draw, 0, 2)
        deal["facility"][name] = facility
