"""Compute contracts and hardware of a random deal."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import Dates, Terms, maybe, percent


def contracts(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    """Now and then a contract in place of the first income, and servers among the uses."""
    if "income_0" not in deal.get("income", {}) or not draw(st.booleans()):
        return
    income = deal["income"].pop("income_0")
    if not deal["income"]:
        deal.pop("income")
    deal["contract"] = {"compute": _contract(draw, dates, float(income["amount"][:-1]))}
    if draw(st.booleans()):
        _hardware(draw, deal, whole)


def _contract(draw: st.DrawFn, dates: Dates, yearly: float) -> Terms:
    """A contract that earns about ``yearly`` (millions), by any price, with any of its options."""
    months = (dates.end.year - dates.complete.year) * 12 + dates.end.month - dates.complete.month
    price = draw(st.sampled_from(["amount", "gpus", "capacity"]))
    found: Terms = {
        "label": "Contract",
        "customer": "Customer",
        "commencement": dates.complete,
        "term": f"{months} months",
        **{
            "amount": {"amount": f"{yearly:.4f}m"},
            "gpus": {"gpus": "1,000 GPUs", "gpu_hour_price": f"{yearly / 8.76:.4f} USD/GPU-hour"},
            "capacity": {"capacity": "10 MW", "capacity_price": f"{yearly / 0.12:.4f} USD/kW-month"},
        }[price],
    }
    if draw(st.booleans()):
        found |= {"take_or_pay": percent(draw, 50, 100), "utilisation": percent(draw, 0, 100)}
    if draw(st.booleans()):
        found |= {"escalation": percent(draw, -4, 3), "delivered": percent(draw, 70, 100)}
    if draw(st.booleans()):
        paid = dates.close + dt.timedelta(days=draw(st.integers(0, (dates.complete - dates.close).days)))
        found["prepayment"] = {"amount": f"{yearly / 4:.4f}m", **({"on": paid} if draw(st.booleans()) else {})}
        if draw(st.booleans()):
            found["prepayment"]["credit_term"] = f"{draw(st.integers(1, months))} months"
    if draw(st.booleans()):
        found["market"] = {"price": percent(draw, 0, 100), "decline": percent(draw, 0, 40)}
        found["market"]["until"] = add_months(dates.end, draw(st.integers(0, 20)))
    return found


def _hardware(draw: st.DrawFn, deal: Terms, whole: float) -> None:
    """Servers with a resale value, and a covenant on the realization of the contract."""
    group = next(iter(deal["funding"]))
    life: Terms = {"life": f"{draw(st.integers(12, 90))} months", "residual": percent(draw, 0, 10)}
    life |= {"decline": percent(draw, 5, 60)} if draw(st.booleans()) else {"new_value": percent(draw, 50, 100)}
    deal["use"]["servers"] = {
        "label": "Servers",
        "kind": "hardware",
        "amount": f"{whole / 20:.4f}m",
        "funded_by": group,
        "hardware": life,
    }
    if maybe(draw):
        deal["covenants"]["default_realization"] = "0.85x"
