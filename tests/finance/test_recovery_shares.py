"""The recovery waterfall of random deals against a second one: who is owed what, in which rank, who gets how much."""

from __future__ import annotations

import math

import pytest
from hypothesis import event, given

import spvmodel
from spvmodel.engine import Result
from tests.finance.conserved import at_rest
from tests.finance.random_deals import Terms, deals, examples, model_of

CENT = 1e-7
RANKS = ("second lien", "mezzanine", "holdco")


@examples(40)
@given(deal=deals())
def test_every_claim_and_every_share_by_hand(deal: Terms) -> None:
    if "enforcement" not in deal:
        return
    result = spvmodel.solve(model_of(deal))
    if not at_rest(result):
        return
    event("enforced, with a claim that is lost" if max(result.series("recovery.loss")) > CENT else "enforced")
    months = sum(float(deal["enforcement"][name].split()[0]) for name in ("cure_months", "sale_months"))
    for period in range(len(result.series("time.end"))):
        left = result.series("recovery.available")[period]
        lost = result.series("recovery.costs_borne")[period]
        for rank in _ranks(deal, result, period, months / 12):
            for name, claim in rank.items():
                assert result.series(f"{name}.claim")[period] == pytest.approx(claim[0], abs=CENT), name
            for name, got in _shared(rank, left).items():
                assert result.series(f"{name}.recovered")[period] == pytest.approx(got, abs=CENT), name
            paid = min(left, math.fsum(claim for claim, _ in rank.values()))
            lost += math.fsum(claim for claim, _ in rank.values()) - paid
            left -= paid
        assert result.series("recovery.surplus")[period] == pytest.approx(left, abs=CENT)
        assert result.series("recovery.loss")[period] == pytest.approx(lost, abs=CENT)


Rank = dict[str, tuple[float, int]]
"""Claim and place in the sequence, by line prefix."""


def _ranks(deal: Terms, result: Result, period: int, years: float) -> list[Rank]:
    def now(name: str) -> float:
        return result.series(name)[period] if name in result.values else 0.0

    def loan(at: str, terms: Terms) -> tuple[float, int]:
        toggle = terms.get("pik", {}).get("toggle") == "yes"
        owed = now(f"{at}.closing") + (0 if toggle else now(f"{at}.interest_shortfall"))
        owed += now(f"{at}.interest_since_maturity")
        extra = float(terms.get("default_margin", "0%").rstrip("%")) / 100
        return owed * (1 + (now(f"{at}.rate") + extra) * years), int(terms.get("sequence", "1"))

    def of_rank(rank: str) -> Rank:
        return {
            f"recovery.{name}": loan(f"debt.{name}", terms)
            for name, terms in deal["debt"].items()
            if terms.get("rank", "senior") == rank
        }

    senior = of_rank("senior")
    if "takeout" in deal:
        senior["recovery.takeout"] = loan("debt.takeout", {})
    if deal.get("hedge"):
        owed = now("waterfall.hedge.shortfall")
        for name in deal["hedge"]:
            owed += max(0.0, now(f"hedge.{name}.break_value")) * (1 - now(f"hedge.{name}.loan_matured"))
        senior["recovery.hedge_banks"] = (owed, 1)
    others: Rank = {}
    called = now("recovery.lc_called")
    if "recovery.facility.dsra_lc.claim" in result.values:
        at = "reserves.dsra.lc_loan"
        others["recovery.facility.dsra_lc"] = ((now(f"{at}.closing") + called) * (1 + now(f"{at}.rate") * years), 1)
    for name in deal.get("facility", {}):
        at = f"facility.{name}"
        others[f"recovery.facility.{name}"] = (now(f"{at}.closing") * (1 + now(f"{at}.rate") * years), 1)
    fees = now("waterfall.fees.shortfall") + now("waterfall.exit_fees.shortfall")
    return [{"recovery.fees": (fees, 1)}, senior, others, *(of_rank(rank) for rank in RANKS)]


def _shared(rank: Rank, cash: float) -> dict[str, float]:
    """Cash by sequence, the first in full before the next; those alike in proportion to their claims."""
    found = {}
    for place in sorted({place for _, place in rank.values()}):
        alike = {name: claim for name, (claim, where) in rank.items() if where == place}
        owed = math.fsum(alike.values())
        paid = min(cash, owed)
        found |= {name: paid * claim / owed if owed > 0 else 0.0 for name, claim in alike.items()}
        cash -= paid
    return found
