"""Properties of every deal, over random deal files (definitions, section 6).

``EXAMPLES=10 pytest tests/finance/test_random_deals.py`` tries ten times as many.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import spvmodel
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months
from spvmodel.engine import Result
from tests.finance.conserved import at_rest, conserved, flow_dates
from tests.finance.random_deals import CENT, Kind, Terms, deals, examples, failed, model_of

FIXED = Kind(
    sized=False,
    profiles=("mortgage", "straight line", "custom shares", "bullet"),
    hedged=False,
    taxed=False,
    refinanced=False,
    options=False,
)


@examples(15)
@given(deal=deals())
def test_every_check_holds_and_sources_equal_uses_in_every_case(deal: Terms) -> None:
    model = model_of(deal)
    for case in model.cases:
        result = spvmodel.solve(model, case)
        # Where a loop does not come to rest a check says so, and amounts differ by what it still moves.
        assume(at_rest(result))
        assert failed(result) == [], case
        for group, funding in deal["funding"].items():
            _sources_equal_uses(result, f"funding.{group}", funding.get("revenue") == "used")
        for loan in deal["debt"]:
            _principal_adds_up(result, f"debt.{loan}")
        if "sponsors" in deal:
            _sponsors_share_all(result, deal)
        _equity_repays_the_bridge(result, deal)
        _standby_pays_the_overrun(result, deal)


@examples(15)
@given(deal=deals(Kind(ordered=True)))
def test_cash_is_conserved_at_every_step_in_any_order(deal: Terms) -> None:
    model = model_of(deal)
    for case in model.cases:
        result = spvmodel.solve(model, case)
        # Where a loop does not come to rest a check says so, and amounts differ by what it still moves.
        assume(at_rest(result))
        assert failed(result) == [], case
        conserved(result)


def _sources_equal_uses(result: Result, at: str, revenue_used: bool) -> None:
    sources = [result.series(f"{at}.equity")]
    for name in ("draws", "revenue_used"):
        sources += [result.series(f"{at}.{name}")] if f"{at}.{name}" in result.values else []
    bridged = f"{at}.bridge_repaid" in result.values
    repaid = result.series(f"{at}.bridge_repaid") if bridged else [0.0] * len(sources[0])
    for uses, back, *parts in zip(result.series(f"{at}.uses"), repaid, *sources, strict=True):
        assert uses + back == pytest.approx(math.fsum(parts), abs=CENT)
        assert min(parts) >= -CENT


def _sponsors_share_all(result: Result, deal: Terms) -> None:
    """What sponsors pay and receive is all; what the capital receives up to a hurdle is never worth more than it."""
    at = "enforcement" if "enforcement" in deal else "returns"
    for what in ("contributions", "distributions"):
        whole = result.series(f"{at}.{what}")
        parts = zip(*(result.series(f"sponsors.{sponsor}.{what}") for sponsor in deal["sponsors"]), strict=True)
        assert [math.fsum(part) for part in parts] == pytest.approx(whole, abs=CENT)
    days = flow_dates(result)
    paid_in = result.series(f"{at}.contributions")
    for hurdle in deal.get("promote", {}):
        growth = 1 + result.scalar(f"promote.{hurdle}.hurdle")
        received, owed = result.series(f"promote.{hurdle}.distributions"), result.series(f"promote.{hurdle}.closing")
        assert min(owed) >= -CENT
        for t, now in enumerate(days):
            flows = zip(paid_in[: t + 1], received[: t + 1], days[: t + 1], strict=True)
            worth = math.fsum((paid - out) * growth ** ((now - day) / 365) for paid, out, day in flows)
            assert owed[t] == pytest.approx(worth, rel=1e-9, abs=1e-7)


def _equity_repays_the_bridge(result: Result, deal: Terms) -> None:
    """What sponsors contribute beside cures and loans of their own is uses less debt that cash flow repays."""
    for name, loan in deal["debt"].items():
        if loan.get("rank") != "equity bridge":
            continue
        at = f"debt.{name}"
        drawn, repaid = math.fsum(result.series(f"{at}.draw")), math.fsum(result.series(f"{at}.repaid"))
        assert repaid == pytest.approx(drawn, abs=CENT) and result.series(f"{at}.closing")[-1] == 0
        assert not any(result.series(f"{at}.interest_scheduled")) and not any(result.series(f"{at}.fees_scheduled"))
        equity, debt = result.scalar("funding.total_equity"), result.scalar("funding.total_debt")
        used = math.fsum(result.series("funding.revenue_used")) if "funding.revenue_used" in result.values else 0.0
        assert equity + debt + used == pytest.approx(result.scalar("funding.total_uses"), abs=1e-6)


def _standby_pays_the_overrun(result: Result, deal: Terms) -> None:
    """At most its commitment, and at most what buildings cost above budget and financing above a stated one."""
    for name, loan in deal["debt"].items():
        if loan.get("draws_for") != "overrun":
            continue
        group = loan["funds"]
        at, hall = f"funding.{group}", f"hall_{group}"
        overrun = result.inputs["construction.overrun"]
        assert isinstance(overrun, float)
        above = result.scalar(f"construction.{hall}.cost") * overrun / (1 + overrun)
        if "financing_budget" in deal["funding"][group]:
            above += math.fsum(result.series(f"{at}.financing_uses")) - float(
                deal["funding"][group]["financing_budget"][:-1]
            )
        lent = math.fsum(result.series(f"debt.{name}.draw"))
        assert lent <= min(float(loan["commitment"][:-1]), max(0.0, above)) + 1e-6
        if lent > 1e-6:
            event("a standby facility is drawn")


def _principal_adds_up(result: Result, at: str) -> None:
    """Principal repaid and still owed = draws, which pay for capitalised interest too, and PIK interest.

    After a default that is enforced nothing is drawn any more, and the sale settles what is owed.
    """
    draws, repaid = result.series(f"{at}.draw"), math.fsum(result.series(f"{at}.repaid"))
    if "enforcement.in_hand" in result.values:
        draws = [draw * runs for draw, runs in zip(draws, result.series("enforcement.in_hand"), strict=True)]
        for what, sign in (("recovered", 1), ("lost", 1), ("claimed", -1)):
            if f"{at}.{what}" in result.values:  # sponsors repay a bridge, in full
                repaid += sign * math.fsum(result.series(f"{at}.{what}"))
    drawn = math.fsum(draws)
    added = math.fsum(result.series(f"{at}.pik")) if f"{at}.pik" in result.values else 0.0
    owed = result.series(f"{at}.closing")[-1]
    assert repaid + owed == pytest.approx(drawn + added, abs=1e-6)
    short = [f"{at}.{step}_shortfall" for step in ("interest", "principal", "balloon")]
    short = [name for name in short if name in result.values]  # equity repays a bridge
    if all(max(result.series(name)) <= CENT for name in short) and f"{at}.accreted_added" not in result.values:
        assert owed == pytest.approx(0, abs=1e-6)


@examples(15)
@given(deal=deals(), factor=st.sampled_from([0.1, 0.5, 3.0, 20.0]))
def test_scaling_all_money_leaves_ratios_and_returns(deal: Terms, factor: float) -> None:
    model = model_of(deal)
    scaled: dict[str, Any] = {}
    for name, given_input in model.inputs.items():
        unit, value = model.lines[name].unit, given_input.value
        if "money" in unit or unit.startswith("USD/"):
            scaled[name] = [v * factor for v in value] if isinstance(value, tuple) else value * factor
    before, after = spvmodel.solve(model), spvmodel.solve(model, inputs=scaled)
    for metric in ("gearing", "debt_yield", "min_dscr", "avg_dscr", "min_llcr", "min_plcr", "min_icr", "wal_years"):
        was = before.headline[metric]
        assert after.headline[metric] == pytest.approx(was, rel=1e-6, nan_ok=True), metric
    for loan in deal["debt"]:
        was = before.scalar(f"debt.{loan}.amount")
        assert after.scalar(f"debt.{loan}.amount") == pytest.approx(was * factor, rel=1e-6, abs=CENT)


@examples(25)
@given(deal=deals(FIXED), worse=st.integers(1, 400))
def test_with_debt_fixed_a_higher_rate_or_a_lower_rent_never_raises_the_minimum_dscr(deal: Terms, worse: int) -> None:
    model = model_of(deal)
    base = spvmodel.solve(model)
    inputs: list[dict[str, Any]] = [{"rates.shift": worse / 1e4}]
    earns = [
        name for name in model.inputs if name.endswith((".rent", ".rent_per_mw", ".rent_per_area")) or _yearly(name)
    ]
    values = {name: model.inputs[name].value for name in earns}
    inputs.append({name: value * (1 - worse / 1000) for name, value in values.items() if isinstance(value, float)})
    for changed in inputs:
        result = spvmodel.solve(model, inputs=changed)
        for loan in deal["debt"]:
            fixed = base.scalar(f"debt.{loan}.amount")
            assert result.scalar(f"debt.{loan}.amount") == fixed
        cover = base.headline["min_dscr"]
        assume(cover == cover)  # a deal in which no service falls due has none
        if cover < 0:
            # Of a negative cash flow a dearer debt service makes a ratio nearer to 0: the cash flow itself is no more.
            assert _least_cash(result) <= _least_cash(base) + CENT
            continue
        # A loop that halves what it moves in every pass is no farther from rest than its last pass moved it, and
        # service moves by no more than the draws do.
        service = min(due for due in base.series("debt.service") if due > CENT)
        assert result.headline["min_dscr"] <= cover * (1 + 1e-9 + (_moved(base) + _moved(result)) / service)


def _least_cash(result: Result) -> float:
    """The lowest cash flow of the periods in which service falls due (money)."""
    return min(
        cash for cash, due in zip(result.series("ratios.cfads"), result.series("debt.service"), strict=True) if due > 0
    )


def _moved(result: Result) -> float:
    """What the loops of the funding still move in their last pass (money)."""
    names = [name for name in result.values if name.startswith(("funding.", "debt.")) and name.endswith("_residual")]
    return math.fsum(result.scalar(name) for name in names)


def _yearly(name: str) -> bool:
    return name.startswith("income.") and name.endswith(".amount")


@examples(20)
@given(deal=deals(FIXED), periods=st.integers(1, 2))
def test_with_debt_fixed_a_later_completion_never_raises_the_minimum_dscr(deal: Terms, periods: int) -> None:
    """Completion by whole periods later, before any principal is due.

    Terms that make one year's service unlike another's without any delay are made even: the first period of a delayed
    loan is not the first of the other.
    """
    step = MONTHS_PER_PERIOD[deal["time"]["frequency"]]
    model = model_of(_even(deal, step))
    wait = periods * step
    late = spvmodel.solve(model, inputs={"construction.delay": float(wait)})
    assert late.headline["min_dscr"] <= spvmodel.solve(model).headline["min_dscr"] * (1 + 1e-9)


def _even(deal: Terms, step: int) -> Terms:
    """The deal with one rate throughout, calendar periods, and completion when a period ends."""
    close = dt.date(2025, 1, 1)
    deal["time"] = {
        "close": dt.date(2024, 12, 31),
        "frequency": deal["time"]["frequency"],
        "end": dt.date(2040, 12, 31),
    }
    complete, first, end = add_months(close, 12), dt.date(2027, 12, 31), dt.date(2036, 1, 1)
    deal["rates"]["curve"] = {"2024-12-31": deal["rates"]["curve"]["2024-12-31"]}
    for cost in (*deal["building"].values(), *deal["use"].values()):
        cost.pop("table", None)
        if cost.pop("profile", None) is not None:
            cost |= {"spending_start": close, "spending_end": add_months(close, 11)}
    for part in (*deal.get("lease", {}).values(), *deal.get("income", {}).values()):
        if "amounts" in part:
            continue
        part |= {"commencement": complete}
        for name in (
            "free_rent",
            "abatement",
            "delivery",
            "payment",
            "steps",
            "indexation",
            "termination",
            "renewals",
            "letting",
            "escalates",
        ):
            part.pop(name, None)
        # What earns by dates of its own would earn the longer in its last period.
        part |= {"term": "120 months"} if "term" in part else {"expiry": end}
        part.pop("degradation", None)
        if "payer" in part:
            part["escalation"] = "1%"
    deal.get("income", {}).pop("salvage", None)
    deal.pop("opex", None)
    for loan in deal["debt"].values():
        loan |= {"close": dt.date(2024, 12, 31), "availability_end": close, "completion": complete}
        loan |= {"maturity": dt.date(2034, 12, 31), "day_count": "by period"}
        loan["availability_end"] = complete - dt.timedelta(days=1)
        loan["repayment"] = {"profile": "straight line", "interest_only_until": first}
        loan.pop("margin_steps", None)
        loan.pop("agency_fee", None)
    deal["cases"] = {}
    return deal


@examples(10)
@given(deal=deals(Kind(loans=1, sized=False, profiles=("bullet",), hedged=False, taxed=False, refinanced=False)))
def test_survival_falls_from_one_and_probabilities_add_up(deal: Terms) -> None:
    deal.setdefault("counterparty", {"user": {"label": "User", "role": "end user", "cds": "300 bp", "recovery": "40%"}})
    result = spvmodel.solve(model_of(deal))
    for name in deal["counterparty"]:
        if f"counterparty.{name}.survival" not in result.model.lines:
            continue
        survival = [1.0, *result.series(f"counterparty.{name}.survival")]
        assert all(1.0 >= before >= after >= 0.0 for before, after in itertools.pairwise(survival))
        failing = result.series(f"counterparty.{name}.default_probability")
        assert abs(math.fsum(failing) + survival[-1] - 1.0) < 1e-12
