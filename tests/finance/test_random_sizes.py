"""Properties of sculpted and sized loans, over random deal files."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import spvmodel
from spvmodel.deal.timeline import MONTHS_PER_PERIOD, add_months, period_ends
from spvmodel.engine import Result
from spvmodel.finance.debt.sizing import LABELS
from spvmodel.lines import Model
from tests.finance.conserved import at_rest
from tests.finance.random_deals import CENT, RANKS, Kind, Terms, deals, examples, failed, model_of

SCULPTED = Kind(loans=1, sized=False, profiles=("sculpted",), hedged=False, refinanced=False, options=False)


@examples(25)
@given(deal=deals(SCULPTED), cover=st.integers(110, 200), tail=st.none() | st.integers(0, 48))
def test_a_sculpt_to_one_cover_has_it_as_dscr_and_llcr_until_nothing_is_owed(
    deal: Terms, cover: int, tail: int | None
) -> None:
    target, step = cover / 100, MONTHS_PER_PERIOD[deal["time"]["frequency"]]
    loan = deal["debt"]["loan_0"]
    # Repayment starts when a whole period has earned, so that no cash flow falls short of the interest.
    first = add_months(loan["completion"], 2 * step)
    loan.pop("commitment")
    loan.pop("agency_fee", None)  # debt service that repays nothing
    loan["sizing"] = {"dscr": f"{target}x", "llcr": f"{target}x", "above_cost": "yes"}
    loan["sizing"] |= {} if tail is None else {"tail": f"{tail} months"}
    loan["repayment"] = {"profile": "sculpted", "interest_only_until": first}
    # Life cover counts whole periods: it is the cover of every period where the loan matures with one.
    time = deal["time"]
    ends = period_ends(time["close"], time["frequency"], time["end"], time.get("first_end"))
    last = min(loan["maturity"], add_months(loan["completion"], 58))
    loan["maturity"] = max((end for end in ends if end <= last), default=first)
    assume(add_months(first, 2 * step) <= loan["maturity"])
    result = spvmodel.solve(model_of(deal))
    opening = result.scalar("debt.loan_0.amount")
    excused = {"checks.north_equity"}  # a loan above cost
    assert {name for name, _ in failed(result)} <= excused
    flags, closing = result.series("debt.loan_0.repaying"), result.series("debt.loan_0.scheduled_closing")
    # Where interest before repayment binds, cover is higher throughout repayment.
    assume(opening > 0 and math.fsum(result.series("debt.loan_0.draw")) == pytest.approx(opening, rel=1e-9))
    # A period without cash flow, as after a lease that ends early, has no service and so no cover; nothing is owed
    # before the last cash flow but where a tail asks for it. Every other period has the same cover.
    covers = []
    names = ("ratios.cfads", "debt.service", "ratios.dscr", "debt.loan_0.scheduled_opening")
    for flag, cfads, service, dscr, owed in zip(flags, *map(result.series, names), strict=True):
        if flag and min(cfads, owed) <= CENT:
            assert abs(service) <= CENT and (cfads <= CENT or tail is not None)
        elif flag:
            covers.append(dscr)
    assert covers and all(cover == cover for cover in covers)
    assert covers == pytest.approx([covers[0]] * len(covers), rel=1e-7)
    assert min(covers) >= target * (1 - 1e-7)
    assert abs(closing[-1]) <= 1e-7
    # Life cover of the sizing counts what is earned to the last repayment, however long before the maturity.
    carried = result.scalar("sizing.loan_0.carried")
    assert result.scalar("sizing.loan_0.llcr") == pytest.approx(carried, rel=1e-9)
    if tail is not None:
        return
    lives = result.series("ratios.llcr")
    starts = flags.index(1.0)
    tested = [x for x, flag in zip(lives[starts - 1 :], flags[starts:], strict=False) if flag and x == x]
    assert tested, "no life cover is tested"
    assert tested == pytest.approx([covers[0]] * len(tested), rel=1e-6)


SIZED = Kind(loans=2, hedged=False, options=False)


@examples(20)
@given(deal=deals(SIZED))
def test_a_size_is_the_smallest_capacity_and_its_constraints_are_met(deal: Terms) -> None:
    sized = [name for name, loan in deal["debt"].items() if "sizing" in loan]
    assume(sized)
    model = model_of(deal)
    for case in model.cases:
        result = spvmodel.solve(model, case)
        for loan in sized:
            _is_smallest(result, loan, deal["debt"][loan]["sizing"])


def _is_smallest(result: Result, loan: str, asked: Terms) -> None:
    at, size = f"sizing.{loan}", result.scalar(f"sizing.{loan}.size")
    capacities = {name: result.scalar(f"{at}.{name}") for name in LABELS if f"{at}.{name}" in result.values}
    known = {name: value for name, value in capacities.items() if value == value}
    assert set(asked) | {"cost"} == set(capacities)
    assert size >= 0 and size == max(0.0, min(known.values()))
    assert result.scalar(f"debt.{loan}.amount") == size
    names = result.model.lines[f"{at}.binding"].names
    binds = names[int(result.scalar(f"{at}.binding")) - 1]
    assert known[next(name for name, label in LABELS.items() if label == binds)] == min(known.values())


@examples(30)
@given(
    deal=deals(Kind(loans=1, hedged=False, taxed=False, refinanced=False, options=False)), cover=st.integers(100, 250)
)
def test_a_loan_sized_by_cover_meets_it_and_a_higher_target_never_raises_it(deal: Terms, cover: int) -> None:
    loan = deal["debt"]["loan_0"]
    assume(loan["repayment"]["profile"] not in ("custom amounts", "target balance"))
    loan.pop("commitment", None)
    loan["sizing"] = {"dscr": f"{cover / 100}x"}
    model: Model = model_of(deal)
    base = spvmodel.solve(model)
    higher = spvmodel.solve(model, inputs={"debt.loan_0.sizing.dscr": cover / 100 + 0.1})
    assert failed(base) == failed(higher) == []
    assert higher.scalar("debt.loan_0.amount") <= base.scalar("debt.loan_0.amount") * (1 + 1e-9)
    if base.scalar("debt.loan_0.amount") <= CENT:
        return
    rows = [base.series(name) for name in ("sizing.loan_0.serving", "ratios.cfads", "debt.loan_0.service")]
    for serving, cash, service in zip(*rows, strict=True):
        if serving:
            assert max(0.0, cash) >= cover / 100 * service - 1e-6


@examples(20)
@given(
    deal=deals(Kind(loans=1, hedged=False, taxed=False, refinanced=False, options=False)),
    cover=st.integers(100, 250),
    months=st.integers(1, 12),
)
def test_a_loan_sized_by_cover_never_draws_the_dsra(deal: Terms, cover: int, months: int) -> None:
    """In the base case: balloons, which nobody refinances here, are not sized for."""
    loan = deal["debt"]["loan_0"]
    assume(loan["repayment"]["profile"] not in ("custom amounts", "target balance"))
    loan.pop("commitment", None)
    loan["sizing"] = {"dscr": f"{cover / 100}x"}
    deal["reserves"] = {"dsra": {"months": f"{months} months"}}
    result = spvmodel.solve(model_of(deal))
    assert failed(result) == []
    assert max(result.series("reserves.dsra.closing")) > 0 or result.scalar("debt.loan_0.amount") <= CENT
    drawn = zip(result.series("reserves.dsra.draw"), result.series("debt.balloon"), strict=True)
    assert all(draw <= 1e-6 or balloon > 0 for draw, balloon in drawn)


COVERED = Kind(loans=3, refinanced=False)


@examples(25)
@given(deal=deals(COVERED), cover=st.integers(100, 200))
def test_every_loan_sized_by_cover_meets_it_in_every_period_of_its_life(deal: Terms, cover: int) -> None:
    """With the service of the loans sized first, the fees of all lenders and the net payments of all hedges."""
    stated = ("custom amounts", "target balance")
    able = [name for name, loan in deal["debt"].items() if loan["repayment"]["profile"] not in stated]
    assume(able)
    for name in able[:2]:
        loan = deal["debt"][name]
        for key in ("commitment", "extension"):
            loan.pop(key, None)
        loan["sizing"] = {"gearing": "60%"} | loan.get("sizing", {}) | {"dscr": f"{cover / 100}x"}
    if "reserves" in deal and cover % 2:
        deal["reserves"]["dsra"]["lc_fee"] = "3%"
    model = model_of(deal)
    names = [name for rank in RANKS for name, loan in deal["debt"].items() if loan["rank"] == rank]
    for case in model.cases:
        result = spvmodel.solve(model, case)
        # Where a loop does not come to rest a check says so, and amounts differ by what it still moves.
        assume(at_rest(result))
        assert failed(result) == [], case
        for name in (name for name in names if "dscr" in deal["debt"][name].get("sizing", {})):
            _covered(result, deal, names, name, case)


def _covered(result: Result, deal: Terms, names: list[str], loan: str, case: str) -> None:
    first = [n for n in names[: names.index(loan)] if deal["debt"][n]["rank"] != "shareholder"] + [loan]
    paid = [result.series("debt.fees_scheduled"), *[result.series(f"debt.{name}.service") for name in first]]
    hedged = {hedge["loan"] for hedge in deal.get("hedge", {}).values()}
    paid += [result.series(f"debt.{name}.hedge_scheduled") for name in hedged if name not in first]
    target = float(deal["debt"][loan]["sizing"]["dscr"][:-1])
    complete, own = result.scalar(f"debt.{loan}.completion_eve"), result.series(f"debt.{loan}.service")
    rows = zip(result.series("time.end"), own, result.series("ratios.cfads"), zip(*paid, strict=True), strict=True)
    if result.scalar(f"debt.{loan}.amount") <= 1e-6:
        return  # a hedge of it may be paid all the same
    for end, service, cash, due in rows:
        if end > complete and service > 1e-6:
            assert cash >= target * math.fsum(due) - 1e-6, (case, loan, end)
    assert result.scalar(f"alerts.{loan}_cover_missed") == 0
