"""Cash down the waterfall, reckoned apart from the model: what goes in, what is paid, what is left."""

from __future__ import annotations

import pytest

from spvmodel.engine import Result

JOINED = ("excess", "distributable", "upstream")
"""Lines at which other cash joins, beside ``cash_in`` and its like."""


def conserved(result: Result) -> None:
    """Cash of the step before, with what accounts add to it, less what is paid, is the cash that is left.

    Nothing is paid from an empty account or beyond what is due, and no account is drawn beyond its opening balance,
    no facility beyond what is available.
    """
    names = result.model.lines
    lines = [name.split(".") for name in names if name.startswith("waterfall.") and "@" not in name]
    scale = 1.0 + max(map(abs, result.series("waterfall.receipts")))
    cash: list[float] = []
    drawn: dict[str, list[float]] = {}
    for part in lines:
        at = f"waterfall.{part[1]}"
        if len(part) == 2 and (part[1] in JOINED or part[1].startswith("cash_")):
            joined = list(result.series(at))
            # Only the lock-up test takes cash away between two steps.
            assert part[1] == "upstream" or all(
                now >= was - 1e-9 * scale for now, was in zip(joined, cash, strict=bool(cash))
            ), at
            cash = joined
        elif part[2:] == ["cash_left"]:
            paid, due = (
                result.series(f"{at}.paid"),
                result.series(f"{at}.{'available' if part[1] == 'sweep' else 'due'}"),
            )
            before = list(cash)
            for other in lines:
                if other[1] == part[1] and len(other) == 3 and other[2].startswith("from_"):
                    draw = list(result.series(".".join(other)))
                    before = [a + b for a, b in zip(before, draw, strict=True)]
                    account = other[2].removeprefix("from_")
                    drawn[account] = [a + b for a, b in zip(drawn.get(account, [0.0] * len(draw)), draw, strict=True)]
            left = result.series(f"{at}.cash_left")
            for now, out, had, owed in zip(left, paid, before, due, strict=True):
                assert now == pytest.approx(had - out, abs=1e-9 * scale), at
                assert -1e-9 * scale <= min(now, out) and out <= owed + 1e-9 * scale, at
            cash = list(left)
    for account, draws in drawn.items():
        at = "reserves.dsra.lc_loan" if account == "dsra_lc" else f"facility.{account}"
        holds = (
            name
            if (name := f"reserves.{account.replace('account_', 'account.', 1)}.opening") in names
            else f"{at}.available"
        )
        for draw_of, opening in zip(draws, result.series(holds), strict=True):
            assert -1e-9 * scale <= draw_of <= opening + 1e-9 * scale, account


def movement(result: Result) -> float:
    """The largest movement of any feedback in its last pass; 0 where the deal has no loop."""
    lines = result.model.lines
    return max((result.scalar(n) for n in lines if n.endswith("_residual") and not lines[n].turn), default=0.0)


def at_rest(result: Result) -> bool:
    """Whether no feedback moves by more than the tolerance of the checks."""
    return movement(result) <= result.scalar("checks.tolerance")


def flow_dates(result: Result) -> list[float]:
    """The dates (serial) of the flows of owners and lenders: period ends, and the day on which lenders sell."""
    dated = "enforcement.flow_date"
    return list(result.series(dated if dated in result.values else "time.end"))
