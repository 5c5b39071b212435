"""Terms of reserves and taxes that do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import lines_of, load_text, place, refusal, spoiled

RESERVES = "  dsra: {months: 6}\n"


def roof(terms: str) -> str:
    """The reserves of the small deal with one for works, of these terms beside its name and cost."""
    return f"{RESERVES}  capital:\n    roof:\n      label: Roof\n      cost: 3m\n      {terms}\n"


# The reserves with the error marked by a ^, and the error.
BROKEN = {
    "works more often than once a period": (
        roof("cycle: ^2 months"),
        "the works of Roof come round every 2 months, more often than once a model period. Allowed: 3 months or more.",
    ),
    "cycles from before close": (
        roof("cycle: 5 years\n      start: ^2025-03-30"),
        "Start, Roof (2025-03-30) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "works until the start": (
        roof("cycle: 5 years\n      start: 2026-07-01\n      until: ^2026-07-01"),
        "Until, Roof (2026-07-01) is not after start (2026-07-01). Allowed: after 2026-07-01.",
    ),
    "works until close": (
        roof("cycle: 5 years\n      until: ^2025-03-31"),
        "Until, Roof (2025-03-31) is not after Financial close (2025-03-31). Allowed: after 2025-03-31.",
    ),
    "works after the timeline": (
        roof("cycle: 5 years\n      until: ^2042-01-01"),
        "Until, Roof (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "a fixed DSRA of some months": (
        "  dsra: {amount: 20m, ^months: 6}\n",
        "'months' means nothing for a DSRA of a fixed amount. "
        "Allowed: amount, or months of debt service; no months beside an amount.",
    ),
    "a fixed DSRA that looks behind": (
        "  dsra: {amount: 20m, ^look: behind}\n",
        "'look' means nothing for a DSRA of a fixed amount. "
        "Allowed: amount, or months of debt service; no look beside an amount.",
    ),
    "a fixed DSRA with a cut period": (
        "  dsra: {amount: 20m, ^proration: days}\n",
        "'proration' means nothing for a DSRA of a fixed amount. "
        "Allowed: amount, or months of debt service; no proration beside an amount.",
    ),
    "a fixed DSRA whose months a trigger raises": (
        "  dsra: {amount: 20m}\ntrigger:\n  low: {label: Low, dscr_below: 1.2x, ^dsra_months: 12}\n",
        "trigger 'low' raises the months of a DSRA of a fixed amount. Allowed: months in place of the amount.",
    ),
    "a fixed DSRA with fees": (
        "  dsra: {amount: 20m, ^fees: yes}\n",
        "'fees' means nothing for a DSRA of a fixed amount. "
        "Allowed: amount, or months of debt service; no fees beside an amount.",
    ),
    "a DSRA that looks around": (
        "  dsra: {months: 6, look: ^backwards}\n",
        "'reserves.dsra.look' cannot be 'backwards'. Allowed: ahead, behind.",
    ),
    "interest that no account earns": (
        f"{RESERVES}  ^interest_in_cfads: yes\n",
        "the accounts earn no interest that could count in CFADS. Allowed: interest beside it, or no.",
    ),
    "more working capital than the year ahead shows": (
        f"{RESERVES}  working_capital_months: ^13\n",
        "'13' is too large here. Allowed: 0 to 12 months.",
    ),
    "in service before close": (
        f"{RESERVES}tax:\n  federal_rate: 21%\n  depreciation: MACRS 5\n  placed_in_service: ^2025-03-30\n",
        "Placed in service (2025-03-30) is before Financial close (2025-03-31). Allowed: 2025-03-31 or later.",
    ),
    "in service after the timeline": (
        f"{RESERVES}tax:\n  federal_rate: 21%\n  depreciation: MACRS 5\n  placed_in_service: ^2042-01-01\n",
        "Placed in service (2042-01-01) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "a schedule that nobody publishes": (
        f"{RESERVES}tax:\n  federal_rate: 21%\n  depreciation: ^MACRS 6\n",
        "'MACRS 6' is no depreciation schedule. Allowed: MACRS 5, MACRS 7, MACRS 15, MACRS 20, straight line N, "
        "straight line N mid-month (N whole years, at most 50). Did you mean 'MACRS 7'?",
    ),
}


@pytest.mark.parametrize(("reserves", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(reserves: str, message: str, tmp_path: Path) -> None:
    marked = spoiled(RESERVES, reserves)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, '^')}: {message}"]


def test_the_rules_hold_in_every_case(tmp_path: Path) -> None:
    text = spoiled(RESERVES, roof("cycle: 5 years\n      until: 2040-12-31"))
    text = text.replace("lease.hall.rent: $108/kW-month", "reserves.capital.roof.cycle: ^1 month")
    message = "in case 'low_rent', the works of Roof come round every 1 months, more often than once a model period"
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: {message}. Allowed: 3 months or more."
    ]


KEPT = {
    "works once a period": roof("cycle: 3 months"),
    "cycles from close": roof("cycle: 5 years\n      start: 2025-03-31\n      until: 2041-12-31"),
    "a year of working capital": f"{RESERVES}  working_capital_months: 12\n",
    "a fixed DSRA by letter of credit": "  dsra: {amount: 20m, lc_fee: 1%, funded: from cash flow}\n",
    "a year of the DSRA behind": "  dsra: {months: 12, look: behind, proration: months}\n",
    "interest in CFADS": f"{RESERVES}  interest: 2%\n  interest_in_cfads: yes\n",
    "in service on the last day": (
        f"{RESERVES}tax:\n  federal_rate: 21%\n  depreciation: MACRS 5\n  placed_in_service: 2041-12-31\n"
    ),
}


@pytest.mark.parametrize("reserves", KEPT.values(), ids=KEPT)
def test_kept_rule(reserves: str, tmp_path: Path) -> None:
    assert load_text(spoiled(RESERVES, reserves), tmp_path).id == "harbour"
