"""Random deals: a Hypothesis strategy for whole deal files, valid by construction as far as rules allow.

A deal file is YAML, and JSON is YAML: the strategy builds a mapping of words and writes it as JSON. Periods are few, so
that a model is built and solved in a fraction of a second.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import event, note, reject
from hypothesis import strategies as st
from hypothesis.control import currently_in_test_context

import spvmodel
from spvmodel.deal import DealError
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months
from spvmodel.lines import Model

DAY_COUNTS = [
    "ACT/360", "ACT/365F", "ACT/ACT ISDA", "ACT/ACT ICMA", "30/360 Bond Basis", "30U/360", "30E/360",
    "30E/360 ISDA", "NL/365", "1/1", "by period",
]  # fmt: skip
PROFILES = [
    "mortgage", "level", "sculpted", "straight line", "custom amounts", "custom shares", "bullet", "target balance",
]  # fmt: skip
RANKS = ["senior", "second lien", "mezzanine", "holdco", "shareholder"]
SWEPT = RANKS[:3]
SHARES = ("100%", "60% 40%", "25% 25% 50%", "10% 20% 30% 40%")

Terms = dict[str, Any]
"""A section of the deal file."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a strategy may draw; a property that does not hold of some terms leaves them out."""

    loans: int = 4
    sized: bool = True
    profiles: tuple[str, ...] = tuple(PROFILES)
    hedged: bool = True
    taxed: bool = True
    refinanced: bool = True
    options: bool = True
    """PIK, ARD, extension, prepayment, sweep, reserves, discounts, triggers, sponsors, orders of sources, steps."""
    ordered: bool = False
    """Always with a waterfall of its own."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The programme of a deal: everything else is dated from it."""

    close: dt.date
    complete: dt.date
    end: dt.date
    step: int

    def month(self, draw: st.DrawFn, first: dt.date, last: dt.date) -> dt.date:
        """A day some whole months after ``first``, at most ``last``."""
        months = max(0, (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day))
        return add_months(first, draw(st.integers(0, months)))


def percent(draw: st.DrawFn, low: float, high: float) -> str:
    """A percentage in steps of an eighth, so that shrinking finds round ones."""
    return f"{draw(st.integers(round(low * 8), round(high * 8))) / 8}%"


def maybe(draw: st.DrawFn) -> bool:
    return draw(st.sampled_from([False, False, True]))


def written(deal: Terms) -> str:
    """The deal file."""
    return json.dumps(deal, indent=1, default=str)


def model_of(deal: Terms) -> Model:
    """The model of a random deal; a deal that a rule refuses is no example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.yaml"
        path.write_text(written(deal), encoding="utf-8")
        try:
            loaded = spvmodel.load(path)
        except DealError as error:
            if not currently_in_test_context():
                raise
            event(f"refused: {error.message.split(' (')[0][:60]}")
            reject()
    if currently_in_test_context():
        note(written(deal))
    return spvmodel.build(loaded)


@st.composite
def deals(draw: st.DrawFn, kind: Kind = Kind()) -> Terms:
    """A deal file as a mapping."""
    frequency = draw(st.sampled_from(["annual", "semi-annual", "quarterly"]))
    step = MONTHS_PER_PERIOD[frequency]
    close = dt.date(2025, draw(st.integers(1, 12)), draw(st.sampled_from([1, 15, 28])))
    complete = add_months(close, draw(st.integers(3, 30))) + dt.timedelta(days=draw(st.integers(0, 20)))
    years = draw(st.integers(5, 7 if frequency == "quarterly" else 10))
    dates = Dates(close, complete, add_months(complete, 12 * years), step)
    deal: Terms = {
        "deal": "random",
        "title": "Random",
        "description": "Random.",
        "currency": "USD",
        "as_of": "2025-01-01",
        "time": {"close": close, "frequency": frequency, "end": add_months(dates.end, 30)},
        "rates": {"index": "Test rate", "curve": _curve(draw, dates)},
        "construction": {"draw_timing": percent(draw, 0, 100), "overrun": percent(draw, 0, 5)},
        "covenants": {"lockup_dscr": draw(st.sampled_from(["0x", "1.10x", "1.30x"])), "default_dscr": "0x"},
    }
    if maybe(draw):
        months = draw(st.integers(1, 12 if frequency == "annual" else 2 * step))
        deal["time"]["first_end"] = add_months(close, months)
    if maybe(draw):
        deal["time"]["closing"] = "on its own"
    groups = ["north", "south", "west"][: draw(st.integers(1, 3 if kind.loans > 1 else 1))]
    deal |= {"building": {}, "use": {}, "funding": {}}
    costs = {group: _costs(draw, deal, group, dates, kind) for group in groups}
    whole = sum(costs.values())
    _revenue(draw, deal, dates, whole)
    _loans(draw, deal, dates, costs, kind)
    _funding(draw, deal, kind)
    if kind.hedged:
        _hedges(draw, deal, dates)
    if kind.options:
        _accounts(draw, deal, dates, whole)
        _sweep(draw, deal, dates)
        _covenants(draw, deal)
        _rates(draw, deal)
    if kind.taxed and maybe(draw):
        deal["tax"] = _tax(draw, deal, dates)
    if kind.options and maybe(draw):
        deal["accounting"] = {"life": f"{draw(st.integers(1, 360))} months"}
    if "valuation" in deal or maybe(draw):
        deal["valuation"] = (
            {"cap_rate": percent(draw, 4, 12)} if draw(st.booleans()) else {"amount": f"{whole * 1.3:.2f}m"}
        )
    if kind.refinanced and maybe(draw):
        deal["takeout"] = _takeout(draw, deal, dates)
    if kind.options and maybe(draw):
        _venture(draw, deal)
    if kind.options:
        _triggers(draw, deal, dates)
    if kind.ordered or (kind.options and maybe(draw)):
        deal["waterfall"] = _waterfall(draw, deal, dates)
    deal["cases"] = _cases(draw, deal)
    if "lease" in deal and maybe(draw):
        deal.setdefault("accounting", {})["straight_line_rent"] = "yes"
    return deal


def _curve(draw: st.DrawFn, dates: Dates) -> Terms:
    points = {dt.date(2024, 12, 31): percent(draw, 0, 8)}
    for year in sorted(draw(st.sets(st.integers(2026, 2034), max_size=3))):
        points[dt.date(year, 1, 1)] = percent(draw, 0, 8)
    return {str(day): rate for day, rate in points.items()}


def _costs(draw: st.DrawFn, deal: Terms, group: str, dates: Dates, kind: Kind) -> float:
    """A building and other uses of one funding (millions)."""
    budget = draw(st.integers(20, 300))
    building: Terms = {"label": f"Hall {group}", "capacity": "10 MW", "budget": f"{budget}m", "funded_by": group}
    building |= _spending(draw, dates, kind)
    deal["building"][f"hall_{group}"] = building
    if maybe(draw):
        amount = draw(st.integers(1, 10))
        use: Terms = {"label": f"Land {group}", "kind": "land", "amount": f"{amount}m", "funded_by": group}
        deal["use"][f"land_{group}"] = use | (_spending(draw, dates, kind) if draw(st.booleans()) else {})
        budget += amount
    if maybe(draw):
        use = {"label": f"Reserve {group}", "kind": "contingency", "share": percent(draw, 1, 10), "funded_by": group}
        if draw(st.booleans()):
            use["includes_itself"] = "yes"
        if draw(st.booleans()):
            use["share_of"] = [f"hall_{group}"]
        deal["use"][f"reserve_{group}"] = use | _spending(draw, dates, kind)
    deal["funding"][group] = {"label": f"Funding {group}"}
    return budget


def _spending(draw: st.DrawFn, dates: Dates, kind: Kind) -> Terms:
    profile = draw(st.sampled_from(["straight line", "s-curve", "table"]))
    # Spending is done when the loans are: nobody lends for what is paid after completion.
    last = dates.complete - dt.timedelta(days=1)
    if profile == "table":
        shares = draw(st.sampled_from(SHARES)).split()
        span = (last - dates.close).days
        days = sorted(draw(st.sets(st.integers(0, span), min_size=len(shares), max_size=len(shares))))
        table = {str(dates.close + dt.timedelta(days=day)): share for day, share in zip(days, shares, strict=True)}
        return {"profile": "table", "table": table}
    start = add_months(dates.close, -draw(st.sampled_from([0, 0, 2])))
    return {"profile": profile, "spending_start": start, "spending_end": last}


def _revenue(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
    """Leases and incomes that together earn 8 to 25% of the cost a year."""
    yearly = whole * draw(st.integers(8, 25)) / 100
    leased = draw(st.sampled_from([1.0, 0.5, 0.0]))
    until = dates.end - dt.timedelta(days=1)
    if leased:
        halls = list(deal["building"])
        for hall in halls:
            rent = yearly * leased / len(halls) / (10_000 * 12) * 1e6
            lease: Terms = {
                "label": f"Lease of {hall}",
                "building": hall,
                "tenant": "Tenant",
                "rent": f"{rent:.4f} USD/kW-month",
                "commencement": dates.complete,
                "escalation": percent(draw, 0, 3),
                "free_rent": f"{draw(st.sampled_from([0, 0, 0, 2]))} months",
            }
            length = {"expiry": until} if draw(st.booleans()) else {"term": f"{_months(dates)} months"}
            deal.setdefault("lease", {})[hall] = lease | length
    if leased < 1:
        amounts = [0.7, 0.3] if draw(st.booleans()) else [1.0]
        for number, share in enumerate(amounts):
            income: Terms = {
                "label": f"Income {number}",
                "payer": "Payer",
                "amount": f"{yearly * (1 - leased) * share:.4f}m",
                "commencement": dates.complete,
                "expiry": until,
                "revenue": "merchant" if number else "contracted",
            }
            if draw(st.booleans()):
                income |= {"escalation": percent(draw, -1, 3), "degradation": percent(draw, 0, 1)}
            deal.setdefault("income", {})[f"income_{number}"] = income
    if maybe(draw):
        salvage = {"label": "Salvage", "payer": "Market", "amounts": {str(until): f"{whole / 20:.4f}m"}}
        deal.setdefault("income", {})["salvage"] = salvage
    if maybe(draw):
        cost: Terms = {"label": "Upkeep", "amount": f"{yearly / 20:.4f}m", "escalation": percent(draw, 0, 3)}
        cost["escalates"] = draw(st.sampled_from(["each January", "each year of operation"]))
        deal["opex"] = {"upkeep": cost | ({"share_of_revenue": "2%"} if draw(st.booleans()) else {})}


def _months(dates: Dates) -> int:
    return (dates.end.year - dates.complete.year) * 12 + dates.end.month - dates.complete.month


def _loans(draw: st.DrawFn, deal: Terms, dates: Dates, costs: dict[str, float], kind: Kind) -> None:
    """One to four loans, the first senior; together they lend at most 80% of what each funding pays for."""
    deal["debt"] = {}
    room = {group: 0.8 * cost for group, cost in costs.items()}
    for number in range(draw(st.integers(1, kind.loans))):
        rank = "senior" if number == 0 else draw(st.sampled_from(RANKS))
        group = draw(st.sampled_from(sorted(room)))
        amount = round(room[group] * draw(st.integers(20, 100)) / 100, 6)
        room[group] -= amount
        name = f"loan_{number}"
        deal["debt"][name] = _loan(draw, deal, dates, name, rank, group, amount, kind)
    if kind.options and maybe(draw):
        _standby(draw, deal, dates, draw(st.sampled_from(sorted(room))), kind)
    if kind.options and maybe(draw):
        _bridge(draw, deal, dates, costs)


def _loan(
    draw: st.DrawFn, deal: Terms, dates: Dates, name: str, rank: str, group: str, amount: float, kind: Kind
) -> Terms:
    first = add_months(dates.complete, draw(st.integers(0, 18)))
    maturity = dates.month(draw, add_months(first, 24), add_months(dates.end, -2))
    maturity += dt.timedelta(days=draw(st.sampled_from([0, 0, 9])))
    sized = kind.sized and maybe(draw)
    profile = draw(
        st.sampled_from([p for p in kind.profiles if not (sized and p in ("custom amounts", "target balance"))])
    )
    loan: Terms = {
        "label": f"Loan {name}",
        "rank": rank,
        "funds": group,
        "close": dates.close,
        "availability_end": dates.complete,
        "completion": dates.complete,
        "maturity": maturity,
        "day_count": draw(st.sampled_from(DAY_COUNTS)),
        "repayment": _repayment(draw, dates, profile, first, maturity, amount),
    }
    if sized:
        loan["sizing"] = _sizing(draw, deal, amount, loan["repayment"])
    else:
        loan["commitment"] = f"{amount:.6f}m"
    if maybe(draw):
        loan["fixed_rate"] = percent(draw, 0, 10)
    else:
        loan["margin"] = percent(draw, 0, 4)
        if maybe(draw):
            loan |= {"floor": "1%", "cap": "6%"}
        if maybe(draw):
            loan["margin_steps"] = {str(add_months(dates.complete, 12)): percent(draw, 0, 5)}
    if rank != "shareholder":
        loan |= {"upfront_fee": percent(draw, 0, 3), "commitment_fee": percent(draw, 0, 1)}
        if maybe(draw):
            loan["agency_fee"] = "0.05m"
        if kind.options and maybe(draw):
            loan["discount"] = percent(draw, 0, 5)
    if kind.options:
        _options(draw, deal, dates, loan, rank, first, maturity, amount)
    return loan


def _standby(draw: st.DrawFn, deal: Terms, dates: Dates, group: str, kind: Kind) -> None:
    """A facility that pays for overruns of a funding, before or after the loans that it stands beside."""
    budget = float(deal["building"][f"hall_{group}"]["budget"][:-1])
    amount = round(budget * draw(st.integers(1, 10)) / 100, 6)
    rank = draw(st.sampled_from(SWEPT))
    fixed = Kind(sized=False, profiles=("mortgage", "level", "straight line", "bullet"), options=False)
    loan = _loan(draw, deal, dates, "standby", rank, group, amount, fixed)
    loan |= {"draws_for": "overrun"} | ({"overrun_share": percent(draw, 0, 100)} if maybe(draw) else {})
    if draw(st.booleans()) and kind.loans > 1:
        deal["debt"] = {"standby": loan} | deal["debt"]
    else:
        deal["debt"]["standby"] = loan


def _bridge(draw: st.DrawFn, deal: Terms, dates: Dates, costs: dict[str, float]) -> None:
    """A loan of 5 to 15% of the cost in place of equity, due with completion or up to a year later."""
    group = draw(st.sampled_from(sorted(costs)))
    loan: Terms = {
        "label": "Bridge",
        "rank": "equity bridge",
        "funds": group,
        "close": dates.close,
        "commitment": f"{costs[group] * draw(st.integers(5, 15)) / 100:.6f}m",
        "fixed_rate": percent(draw, 0, 10),
        "day_count": draw(st.sampled_from(DAY_COUNTS)),
        "upfront_fee": percent(draw, 0, 3),
        "commitment_fee": percent(draw, 0, 1),
        "availability_end": dates.complete,
        "completion": dates.complete,
        "repayment": {"profile": "bullet"},
        "maturity": add_months(dates.complete, draw(st.integers(0, 12))),
    }
    if maybe(draw):
        loan |= {"agency_fee": "0.05m", "discount": percent(draw, 0, 5)}
    deal["debt"] = {"bridge": loan} | deal["debt"] if draw(st.booleans()) else deal["debt"] | {"bridge": loan}


def _repayment(draw: st.DrawFn, dates: Dates, profile: str, first: dt.date, maturity: dt.date, amount: float) -> Terms:
    terms: Terms = {"profile": profile, "interest_only_until": first}
    kept = 0
    if profile in ("level", "sculpted", "straight line", "custom amounts", "custom shares") and maybe(draw):
        kept = draw(st.sampled_from([10, 40]))
        terms["balloon"] = f"{kept}%"
    if profile == "level":
        terms["level_by"] = draw(st.sampled_from(["days", "period"]))
    if profile == "mortgage":
        terms |= {"term": f"{draw(st.integers(36, 240))} months", "rate": percent(draw, 0, 8)}
    if profile in ("custom amounts", "custom shares", "target balance"):
        span = (maturity - first).days
        days = sorted(draw(st.sets(st.integers(1, span), min_size=3, max_size=3)))
        parts = [0.2, 0.3, 0.5]
        each = dict(zip([str(first + dt.timedelta(days=day)) for day in days], parts, strict=True))
        if profile == "custom shares":
            terms["shares"] = {day: f"{part * (100 - kept):.4f}%" for day, part in each.items()}
        elif profile == "custom amounts":
            repaid = [round(amount * (1 - kept / 100) * part, 6) for part in parts[:2]]
            repaid.append(round(amount * (1 - kept / 100) - sum(repaid), 6))
            terms["amounts"] = {day: f"{part:.6f}m" for day, part in zip(each, repaid, strict=True)}
        else:
            left = draw(st.sampled_from([0.0, 0.3]))
            falls = [amount * (0.8), amount * 0.5, amount * left]
            terms["balances"] = {day: f"{balance:.6f}m" for day, balance in zip(each, falls, strict=True)}
    return terms


def _sizing(draw: st.DrawFn, deal: Terms, amount: float, repayment: Terms) -> Terms:
    cover = st.integers(100, 200).map(lambda x: f"{x / 100}x")
    every: Terms = {
        "gearing": percent(draw, 40, 80),
        "dscr": draw(cover),
        "llcr": draw(cover),
        "plcr": draw(cover),
        "debt_yield": percent(draw, 5, 15),
        "exit_debt_yield": percent(draw, 5, 15),
        "amount": f"{amount * 1.2:.6f}m",
        "downside": {"income": percent(draw, 60, 90), "dscr": "1.05x"},
        "refinancing": {"dscr": "1.2x", "rate": "8%", "term": "20 years"},
        "ltv": percent(draw, 40, 90),
        "exit_ltv": percent(draw, 40, 90),
    }
    if repayment["profile"] == "sculpted" and "balloon" not in repayment:
        every |= {"wal": f"{draw(st.integers(36, 96))} months", "tail": f"{draw(st.integers(0, 24))} months"}
    chosen = draw(st.lists(st.sampled_from(sorted(every)), min_size=1, max_size=5, unique=True))
    if "ltv" in chosen or "exit_ltv" in chosen:
        deal["valuation"] = {}
    # Without equity the loan pays interest on its interest, and the passes may leave more than the tolerance.
    return {name: every[name] for name in ["gearing", *(name for name in chosen if name != "gearing")]}


def _options(
    draw: st.DrawFn,
    deal: Terms,
    dates: Dates,
    loan: Terms,
    rank: str,
    first: dt.date,
    maturity: dt.date,
    amount: float,
) -> None:
    if maybe(draw):
        loan["sequence"] = str(draw(st.integers(1, 3)))
    if maybe(draw):
        toggle = "yes" if rank != "senior" and draw(st.booleans()) else "no"
        loan["pik"] = {"share": percent(draw, 0, 100), "toggle": toggle}
    if rank in SWEPT and maybe(draw):
        loan["ard"] = {"date": add_months(first, 12), "step_up": percent(draw, 0, 3)}
    if rank == "senior" and maybe(draw):
        loan["exit_fee"] = percent(draw, 0, 2)
    if rank == "senior" and maybe(draw):
        days = {str(add_months(first, 6)): f"{amount / 10:.6f}m", str(add_months(first, 13)): f"{amount / 7:.6f}m"}
        loan["prepayment"] = {"amounts": days, "fee": percent(draw, 0, 2)}
        if draw(st.booleans()):
            loan["prepayment"]["make_whole"] = percent(draw, 0, 6)
    # A loan sized to its final day has no rest where its size decides whether it is extended.
    if rank in SWEPT and "sizing" not in loan and maybe(draw):
        until = add_months(maturity, dates.step)
        loan["extension"] = {"until": until, "fee": "0.5%", "margin_step": percent(draw, 0, 2)}
        if draw(st.booleans()):
            loan["extension"]["dscr"] = "1.2x"


def _funding(draw: st.DrawFn, deal: Terms, kind: Kind) -> None:
    if not kind.options:
        return
    for group, funding in deal["funding"].items():
        loans = [loan for loan in deal["debt"].values() if loan["funds"] == group]
        if not loans:
            continue
        funding["order"] = draw(st.sampled_from(["pro rata", "equity first", "debt first"]))
        funding["loans"] = draw(st.sampled_from(["together", "in turn"]))
        funding["revenue"] = draw(st.sampled_from(["kept", "used"]))
        if funding["order"] == "debt first" and maybe(draw):
            funding["equity_lc_fee"] = "1.25%"
        if maybe(draw):
            funding["financing_budget"] = "1m"


def _hedges(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
    for name, loan in deal["debt"].items():
        if "margin" not in loan or not maybe(draw):
            continue
        hedge: Terms = {"label": f"Hedge of {name}", "loan": name, "rate": percent(draw, 1, 5)}
        if draw(st.booleans()):
            hedge |= {"kind": "swap", "credit_margin": percent(draw, 0, 0.25)}
        else:
            hedge |= {"kind": "cap", "premium": "0.5m"}
        if draw(st.booleans()):
            hedge["share"] = percent(draw, 10, 100)
        else:
            # Before the loan is drawn a notional of its own would pay for uses that there are not.
            hedge["schedule"] = {str(add_months(dates.complete, dates.step)): "15m"}
            hedge["end"] = add_months(loan["maturity"], draw(st.sampled_from([0, 6])))
        if maybe(draw):
            hedge["start"] = add_months(dates.close, 2)
        deal.setdefault("hedge", {})[f"hedge_{name}"] = hedge


def _accounts(draw: st.DrawFn, deal: Terms, dates: Dates, whole: float) -> None:
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


def _sweep(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
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


def _covenants(draw: st.DrawFn, deal: Terms) -> None:
    """Default tests, cures, and what becomes of cash that is trapped for long."""
    covenants = deal["covenants"]
    if maybe(draw):
        covenants["default_dscr"] = covenants["lockup_dscr"]
        covenants["cure"] = {"most": str(draw(st.integers(1, 4))), "in_a_row": "1", "limit": "40m"}
    if maybe(draw):
        covenants["default_debt_yield"] = percent(draw, 4, 12)
    if "sweep" in deal and draw(st.booleans()):
        covenants["sweep_after"] = str(draw(st.integers(1, 4)))
    if maybe(draw):
        covenants["release_tests"] = str(draw(st.integers(1, 3)))
    if maybe(draw):
        covenants["first_test"] = add_months(deal["debt"]["loan_0"]["completion"], draw(st.integers(0, 24)))


def _rates(draw: st.DrawFn, deal: Terms) -> None:
    if maybe(draw):
        deal["rates"]["fixing"] = "compounded in arrears"
        deal["rates"]["lookback"] = str(draw(st.sampled_from([0, 5])))
        first, *_ = deal["rates"]["curve"]
        deal["rates"]["curve"] = {"2024-12-01": deal["rates"]["curve"].pop(first)} | deal["rates"]["curve"]
    if maybe(draw):
        deal["rates"]["spread_adjustment"] = percent(draw, 0, 0.5)
    for loan in deal["debt"].values():
        if maybe(draw):
            loan["default_margin"] = percent(draw, 0, 4)


def _triggers(draw: st.DrawFn, deal: Terms, dates: Dates) -> None:
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


def _tax(draw: st.DrawFn, deal: Terms, dates: Dates) -> Terms:
    schedules = [
        "MACRS 5",
        "MACRS 7",
        "MACRS 15",
        "MACRS 20",
        "straight line 5",
        "straight line 9",
        "straight line 20",
        "straight line 39",
        "straight line 12 mid-month",
    ]
    tax: Terms = {
        "federal_rate": percent(draw, 0, 35),
        "state_rate": percent(draw, 0, 10),
        "losses": draw(st.sampled_from(["refunded", "carried forward"])),
        "rank": draw(st.sampled_from(["before debt service", "after debt service", "paid by owners"])),
        "convention": draw(st.sampled_from(["half-year", "mid-quarter", "40% test"])),
        "payment": draw(st.sampled_from(["as assessed", "quarterly", "in arrears", "following year"])),
    }
    if tax["payment"] in ("in arrears", "following year"):
        tax["payment_lag"] = f"{draw(st.integers(0, 12))} months"
    if maybe(draw):
        tax["interest_limit"] = {"share": percent(draw, 0, 50), "ati": draw(st.sampled_from(["EBITDA", "EBIT"]))}
    if not maybe(draw):
        return tax | {"depreciation": draw(st.sampled_from(schedules))} | _bonus(draw)
    return tax | {"classes": _classes(draw, deal, dates, schedules)}


def _bonus(draw: st.DrawFn) -> Terms:
    return {"bonus": percent(draw, 0, 100)} if maybe(draw) else {}


def _classes(draw: st.DrawFn, deal: Terms, dates: Dates, schedules: list[str]) -> Terms:
    """Two or three classes by share, or a class of the buildings and one of the uses that are depreciated."""
    uses = [name for name, use in deal["use"].items() if use["kind"] != "land"]
    if uses and draw(st.booleans()):
        parts: list[Terms] = [{"covers": list(deal["building"])}, {"covers": uses}]
    else:
        parts = [{"share": share} for share in draw(st.sampled_from(SHARES[1:3])).split()]
    for number, part in enumerate(parts):
        part |= {"label": f"Class {number}", "depreciation": draw(st.sampled_from(schedules))}
        if maybe(draw):
            days = [dates.complete, add_months(dates.complete, 14)]
            part |= {"depreciation": "custom", "shares": {str(day): "50%" for day in days}}
        elif part["depreciation"] != "straight line 39" and "mid-month" not in part["depreciation"] and maybe(draw):
            part["acquired"] = draw(st.sampled_from(["2025-01-19", "2025-01-20"]))
        else:
            part |= _bonus(draw)
    return {f"class_{number}": part for number, part in enumerate(parts)}


def _takeout(draw: st.DrawFn, deal: Terms, dates: Dates) -> Terms:
    takeout: Terms = {"rate": percent(draw, 0, 8), "dscr": draw(st.sampled_from(["1.0x", "1.25x"]))}
    takeout |= {"final_maturity": add_months(dates.end, 28), "upfront_fee": percent(draw, 0, 3)}
    if maybe(draw):
        takeout["sizing_rate"] = percent(draw, 0, 9)
    if maybe(draw):
        takeout["debt_yield"] = percent(draw, 6, 12)
    if "valuation" in deal and maybe(draw):
        takeout["ltv"] = percent(draw, 40, 80)
    if maybe(draw):
        takeout["release_excess"] = "yes"
    if maybe(draw):
        takeout["default_margin"] = percent(draw, 0, 3)
    return takeout


def _venture(draw: st.DrawFn, deal: Terms) -> None:
    """Sponsors, hurdles with promotes, and a discount rate."""
    first = draw(st.integers(0, 100))
    deal["sponsors"] = {
        "fund": {"label": "Fund", "share": f"{first}%"},
        "builder": {"label": "Builder", "share": f"{100 - first}%"},
    }
    hurdles = sorted(draw(st.sets(st.integers(0, 25), max_size=3)))
    if hurdles:
        to = st.sampled_from(["fund", "builder"])
        deal["promote"] = {
            f"over_{hurdle}": {
                "label": f"Over {hurdle}",
                "hurdle": f"{hurdle}%",
                "to": draw(to),
                "share": percent(draw, 0, 95),
            }
            for hurdle in hurdles
        }
    if draw(st.booleans()):
        deal["returns"] = {"discount_rate": percent(draw, 0, 20)}


def _waterfall(draw: st.DrawFn, deal: Terms, dates: Dates) -> list[Terms]:
    """Every step that the deal needs, in a random order that the rules allow, with limits, dates and supports."""
    loans = deal["debt"].values()
    ranks = [rank for rank in RANKS if any(loan["rank"] == rank for loan in loans)]
    before, after = ranks[: sum(rank in SWEPT for rank in ranks)], [rank for rank in ranks if rank not in SWEPT]
    steps = ["pay: operating costs", "pay: fees", *(f"pay: {words}" for words in _senior())]
    accounts = deal["reserves"].get("account", {})
    held = ["dsra"] + (["working capital"] if "working_capital_months" in deal["reserves"] else []) + [*accounts]
    steps += [f"fund: {account}" for account in held]
    first: dict[str, list[str]] = {}  # what must come before a step
    for above, rank in pairwise(before):
        if draw(st.booleans()):
            steps.append(f"pay: {rank}")
            first[f"pay: {rank}"] = [f"pay: {words}" for words in (_senior() if above == "senior" else _parts(above))]
            first[f"pay: {rank}"] += [] if above == "senior" else [f"pay: {above}"]
        else:
            of_rank, of_above = _parts(rank), _senior() if above == "senior" else _parts(above)
            steps += [f"pay: {words}" for words in of_rank]
            for words, others in zip(of_rank, of_above, strict=True):
                first[f"pay: {words}"] = [f"pay: {others}"] + ([] if above == "senior" else [f"pay: {above}"])
    service = ["pay: senior interest", "pay: senior principal"] + (["pay: hedges"] if "hedge" in deal else [])
    for step, needs in (
        ("pay: hedges", "hedge" in deal),
        ("pay: exit fees", any("exit_fee" in loan for loan in loans)),
        ("pay: reimbursements", "facility" in deal or bool({"lc_margin", "lc_rate"} & set(deal["reserves"]["dsra"]))),
        ("pay: prepayments", any("prepayment" in loan for loan in loans)),
        ("fund: capital reserves", "capital" in deal["reserves"]),
        ("sweep: excess cash", "sweep" in deal or any("ard" in loan for loan in loans)),
    ):
        steps += [step] if needs else []
    rank_of_tax = deal.get("tax", {}).get("rank", "paid by owners")
    if rank_of_tax != "paid by owners":
        steps.append("pay: taxes")
        if rank_of_tax == "after debt service":
            first["pay: taxes"] = service
        else:
            first |= {step: [*first.get(step, []), "pay: taxes"] for step in service}
    for key, account in accounts.items():
        if account.get("rank") == "after debt service":
            first[f"fund: {key}"] = [*service]
        elif "rank" in account:
            first |= {step: [*first.get(step, []), f"fund: {key}"] for step in service}
    support: dict[str, list[str]] = {}
    drawable = list(deal.get("facility", {}))
    for step in steps:
        if step.startswith("pay") and step not in ("pay: prepayments", "pay: reimbursements") and draw(st.booleans()):
            # What is filled before debt service covers only what is paid before that.
            early = [key for key, account in accounts.items() if account.get("rank") == "before debt service"]
            able = held if step == "pay: operating costs" else [key for key in held if key not in early]
            support[step] = draw(st.lists(st.sampled_from([*able, *drawable]), unique=True, min_size=1))
            for covering in (covering for covering in support[step] if covering in held):
                first[f"fund: {covering}"] = [*first.get(f"fund: {covering}", []), step]
    found: list[Terms] = []
    placed: list[str] = []
    idle = [name for name in drawable if not any(name in given for given in support.values())]
    support["pay: senior interest"] = support.get("pay: senior interest", []) + idle
    while len(placed) < len(steps):
        ready = [s for s in steps if s not in placed and all(p in placed or p not in steps for p in first.get(s, []))]
        step = draw(st.sampled_from(ready))
        placed.append(step)
        found.append(_given(draw, step, dates) | ({"support": support[step]} if support.get(step) else {}))
    upstream = [{"pay": "shareholder loans" if rank == "shareholder" else rank} for rank in after]
    return [*found, {"test": "lock-up"}, *upstream, {"distribute": "equity"}]


def _senior() -> list[str]:
    return ["senior interest", "senior principal", "balloons"]


def _parts(rank: str) -> list[str]:
    return [f"{rank} {part}" for part in ("interest", "principal", "balloons")]


def _given(draw: st.DrawFn, step: str, dates: Dates) -> Terms:
    verb, words = step.split(": ")
    given: Terms = {verb: words}
    if (verb != "pay" or words in ("fees", "exit fees")) and maybe(draw):
        given["limit"] = draw(st.sampled_from(["0.02m", "0.5m", "5m"]))
    if verb in ("fund", "sweep") and maybe(draw):
        given["from"] = add_months(dates.complete, draw(st.integers(0, 36)))
    return given


def _cases(draw: st.DrawFn, deal: Terms) -> Terms:
    """A bad year, a rate shock and a late completion, as far as the dates of the deal leave room for one."""
    cases: Terms = {
        "shock": {"label": "Shock", "description": "Rates up.", "set": {"rates.shift": percent(draw, -4, 4)}},
        "dear": {"label": "Dear", "description": "Overrun.", "set": {"construction.overrun": percent(draw, 5, 20)}},
    }
    poor: Terms = {}
    cut = draw(st.sampled_from([0.9, 0.5, 0.1]))
    for key, lease in deal.get("lease", {}).items():
        poor[f"lease.{key}.rent"] = f"{float(lease['rent'].split()[0]) * cut:.4f} USD/kW-month"
    for key, income in deal.get("income", {}).items():
        if "amount" in income:
            poor[f"income.{key}.amount"] = f"{float(income['amount'][:-1]) * cut:.4f}m"
    cases["poor"] = {"label": "Poor", "description": "Less income.", "set": poor}
    complete, waits = deal["debt"]["loan_0"]["completion"], draw(st.integers(1, 9))
    starts = [loan["repayment"].get("interest_only_until", loan["maturity"]) for loan in deal["debt"].values()]
    late_end = any("expiry" in part for key in ("lease", "income") for part in deal.get(key, {}).values())
    if add_months(complete, waits) <= min(starts) and not late_end:
        cases["late"] = {"label": "Late", "description": "Late.", "set": {"construction.delay": f"{waits} months"}}
    return cases
