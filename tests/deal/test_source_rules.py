"""What a standby facility and an equity bridge loan may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

STANDBY = """\
  standby:
    label: Standby facility
    draws_for: overrun
    overrun_share: 50%
    funds: site
    close: 2025-03-31
    commitment: 50
    margin: 350 bp
    availability_end: 2026-06-30
    completion: 2026-07-01
    repayment: {profile: straight line}
    maturity: 2030-03-31
"""
BRIDGE = """\
  bridge:
    label: Bridge
    rank: equity bridge
    funds: site
    close: 2025-03-31
    commitment: 300
    margin: 150 bp
    availability_end: 2026-06-30
    completion: 2026-07-01
    repayment: {profile: bullet}
    maturity: 2026-09-30
"""
SWAP = "hedge:\n  swap: {label: Swap, kind: swap, loan: ^bridge, share: 50%, rate: 4%}\n"
DELAY = "  delay: 0 months\n"

# The loan, what is replaced of the deal with it, by what (the error stands at the ^), and the error.
BROKEN = {
    "share of an overrun that is not paid for": (
        STANDBY,
        "    draws_for: overrun\n    overrun_share",
        "    ^overrun_share",
        "loan 'standby' has a share of the overrun and pays for uses. "
        "Allowed: draws_for: overrun, or no overrun_share.",
    ),
    "unknown purpose": (
        STANDBY,
        "draws_for: overrun",
        "draws_for: ^overruns",
        "'debt.standby.draws_for' cannot be 'overruns'. Allowed: uses, overrun. Did you mean 'overrun'?",
    ),
    "sized standby facility": (
        STANDBY,
        "    commitment: 50\n",
        "    ^sizing: {amount: 50}\n",
        "the standby facility 'standby' is sized: an overrun says what it lends. Allowed: commitment, no sizing.",
    ),
    "dated draws of a standby facility": (
        STANDBY,
        "    commitment: 50\n",
        "    commitment: 50\n    ^draws: {2025-06-30: 10}\n",
        "the standby facility 'standby' has dated draws: an overrun says what it lends. "
        "Allowed: no draws, or draws_for: uses.",
    ),
    "nothing that can overrun": (
        STANDBY,
        "funding:\n  site:\n    label: Site\n|    draws_for: overrun\n|"
        "    funds: site\n    close: 2025-03-31\n    commitment: 50\n",
        "use: {land: {label: Land, kind: land, amount: 20, funded_by: plot}}\n"
        "funding:\n  plot: {label: Plot}\n  site:\n    label: Site\n|    ^draws_for: overrun\n|"
        "    funds: plot\n    close: 2025-03-31\n    commitment: 50\n",
        "funding 'plot' of the standby facility 'standby' has nothing whose cost can overrun. "
        "Allowed: a building with a budget, or a use of the kind hard with an amount.",
    ),
    "bridge with a schedule": (
        BRIDGE,
        "profile: bullet",
        "profile: ^straight line",
        "equity repays the bridge 'bridge' at maturity, and its profile is 'straight line'. Allowed: bullet.",
    ),
    "sized bridge": (
        BRIDGE,
        "    commitment: 300\n",
        "    ^sizing: {gearing: 30%}\n",
        "the equity bridge 'bridge' is sized. Allowed: commitment, no sizing.",
    ),
    "bridge without completion": (
        BRIDGE,
        "  bridge:\n|    completion: 2026-07-01\n    repayment: {profile: bullet}",
        "  ^bridge:\n|    repayment: {profile: bullet}",
        "the equity bridge 'bridge' has no completion. Allowed: completion: ....",
    ),
    "bridge for overruns": (
        BRIDGE,
        "    rank: equity bridge\n",
        "    rank: equity bridge\n    draws_for: ^overrun\n",
        "the equity bridge 'bridge' pays for overruns alone. Allowed: uses, or another rank.",
    ),
    "bridge in a sequence": (
        BRIDGE,
        "    rank: equity bridge\n",
        "    rank: equity bridge\n    ^sequence: 2\n",
        "'sequence' means nothing for the equity bridge 'bridge', which equity repays. "
        "Allowed: no sequence, or another rank.",
    ),
    "default interest of a bridge": (
        BRIDGE,
        "    rank: equity bridge\n",
        "    rank: equity bridge\n    ^default_margin: 2%\n",
        "'default_margin' means nothing for the equity bridge 'bridge', which equity repays. "
        "Allowed: no default_margin, or another rank.",
    ),
    "bridge with PIK": (
        BRIDGE,
        "    rank: equity bridge\n",
        "    rank: equity bridge\n    ^pik: {share: 50%}\n",
        "'pik' means nothing for the equity bridge 'bridge', which equity repays. Allowed: no pik, or another rank.",
    ),
    "bridge that is hedged": (
        BRIDGE,
        "reserves:\n",
        f"{SWAP}reserves:\n",
        "the hedge 'swap' is of the equity bridge 'bridge'. Allowed: a loan that the cash flow repays.",
    ),
    "bridge that matures before completion": (
        BRIDGE,
        "    completion: 2026-07-01\n    repayment: {profile: bullet}\n    maturity: 2026-09-30\n",
        "    completion: ^2026-07-01\n    repayment: {profile: bullet}\n    maturity: 2026-06-30\n",
        "Completion, Bridge (2026-07-01) is after maturity (2026-06-30). Allowed: on or before 2026-06-30.",
    ),
    "bridge that matures after the timeline": (
        BRIDGE,
        "    maturity: 2026-09-30\n",
        "    maturity: ^2042-09-30\n",
        "Maturity, Bridge (2042-09-30) lies after the timeline ends on 2041-12-31. "
        "Allowed: by 2041-12-31, or a later time.end.",
    ),
    "bridge that a delay outruns": (
        BRIDGE,
        "      lease.hall.rent: $108/kW-month\n",
        "      construction.delay: ^4 months\n",
        "in case 'low_rent', End of availability, Bridge (2026-10-30) is after maturity (2026-09-30), "
        "4 months of delay counted. Allowed: on or before 2026-09-30.",
    ),
    "bridge with an anticipated repayment date": (
        BRIDGE,
        "    rank: equity bridge\n",
        "    rank: equity bridge\n    ard: ^{date: 2026-08-31}\n",
        "an equity bridge loan has no anticipated repayment date. "
        "Allowed: a loan of rank senior, second lien, mezzanine.",
    ),
    "bridge that is swept": (
        BRIDGE,
        "reserves:\n",
        "sweep: {share: 50%, order: [^bridge]}\nreserves:\n",
        "'bridge' is an equity bridge loan and cannot be swept. "
        "Allowed: a loan of rank senior, second lien, mezzanine.",
    ),
}


def with_loan(loan: str) -> str:
    return SMALL.replace("reserves:\n", f"{loan}reserves:\n", 1)


@pytest.mark.parametrize("loan", [STANDBY, BRIDGE, STANDBY + BRIDGE])
def test_what_is_allowed(loan: str, tmp_path: Path) -> None:
    assert set(load_text(with_loan(loan), tmp_path).spec.debt) >= {"senior"}


@pytest.mark.parametrize(("loan", "old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_refused(loan: str, old: str, new: str, message: str, tmp_path: Path) -> None:
    marked = with_loan(loan)
    for passage, other in zip(old.split("|"), new.split("|"), strict=True):
        assert marked.count(passage) == 1, passage
        marked = marked.replace(passage, other)
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    assert f"deal.yaml:{place(marked, '^')}: {message}" in lines
