"""Waterfalls: every step that a deal needs, in any order that the rules allow."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from spvmodel.deal.timeline import add_months
from tests.finance.random_deals.terms import RANKS, SWEPT, Dates, Terms, maybe


def waterfall(draw: st.DrawFn, deal: Terms, dates: Dates) -> list[Terms]:
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
