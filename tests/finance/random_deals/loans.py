"""Loans: terms, repayment, sizing, options, and those that stand by or bridge equity."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import DAY_COUNTS, RANKS, SWEPT, Dates, Kind, Terms, maybe, percent


def loans(draw: st.DrawFn, deal: Terms, dates: Dates, costs: dict[str, float], kind: Kind) -> None:
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
