"""What a deal file may say of its buildings, its other uses and their funding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

USE = "  dock:\n    label: Dock\n    kind: hard\n    amount: 10m\n    funded_by: site\n"
PIER = "  pier:\n    label: Pier\n    kind: soft\n    share: 5%\n    funded_by: site\n"
DATES = "    spending_start: 2025-04-01\n    spending_end: 2026-06-30\n"
# A building or use is spoiled: what is replaced, by what, and the error at the ^.
SPENT = {
    "shares that do not sum to 100%": (
        DATES,
        "    profile: table\n    table: ^{2025-06-30: 50%, 2025-12-31: 49%}\n",
        "Table of spending, Hall sums to 99.0000%. Allowed: shares of 100% in all.",
    ),
    "share before close": (
        DATES,
        "    profile: table\n    table: ^{2025-03-30: 50%, 2025-12-31: 50%}\n",
        "a share in Table of spending, Hall is dated 2025-03-30, outside the timeline. "
        "Allowed: 2025-03-31 to 2041-12-31; what was paid earlier falls on the close.",
    ),
    "share after the timeline": (
        "    amount: 10m\n",
        "    amount: 10m\n    profile: table\n    table: ^{2025-04-30: 50%, 2042-01-01: 50%}\n",
        "a share in Table of spending, Dock is dated 2042-01-01, outside the timeline. "
        "Allowed: 2025-03-31 to 2041-12-31; what was paid earlier falls on the close.",
    ),
    "use that is paid before it begins": (
        "    amount: 10m\n",
        "    amount: 10m\n    spending_start: 2025-06-30\n    spending_end: ^2025-06-30\n",
        "End of spending, Dock (2025-06-30) is not after start of spending (2025-06-30). Allowed: after 2025-06-30.",
    ),
    "budget without funding": (
        "    budget: 1,000\n" + DATES + "    funded_by: site\n",
        "    ^budget: 1,000\n" + DATES,
        "building 'hall' has a budget and no funding. Allowed: an entry of funding in funded_by.",
    ),
    "budget without dates": (
        "    budget: 1,000\n" + DATES,
        "    ^budget: 1,000\n",
        "building 'hall' has a budget and no dates of spending. "
        "Allowed: spending_start and spending_end, or profile: table with a table.",
    ),
    "start without end": (
        DATES,
        "    ^spending_start: 2025-04-01\n",
        "building 'hall' has spending_start and no spending_end. Allowed: both or neither.",
    ),
    "spending without budget": (
        "    budget: 1,000\n" + DATES + "    funded_by: site\n",
        "    ^spending_start: 2025-04-01\n",
        "building 'hall' has spending_start and no budget. Allowed: a budget, or no term of its spending.",
    ),
    "profile without table": (
        DATES,
        "    ^profile: table\n",
        "building 'hall' has no table of spending. Allowed: table: dates with shares.",
    ),
    "table beside dates": (
        DATES,
        "    profile: table\n    table: {2025-04-30: 100%}\n    ^spending_start: 2025-04-01\n",
        "building 'hall' has spending_start beside a table of spending. Allowed: one of them.",
    ),
    "table that no profile uses": (
        "    amount: 10m\n",
        "    amount: 10m\n    ^table: {2025-04-30: 100%}\n",
        "the table of use 'dock' is not used. Allowed: profile: table.",
    ),
    "S-curve without dates": (
        "    amount: 10m\n",
        "    amount: 10m\n    ^profile: s-curve\n",
        "use 'dock' has an S-curve and no dates of spending. Allowed: spending_start and spending_end.",
    ),
    "use without amount and share": (
        USE,
        USE.replace("    amount: 10m\n", "").replace("dock:", "^dock:"),
        "use 'dock' has neither amount nor share. Allowed: exactly one of them.",
    ),
    "use with amount and share": (
        USE,
        USE.replace("dock:", "^dock:").replace("10m\n", "10m\n    share: 3%\n"),
        "use 'dock' has both amount and share. Allowed: exactly one of them.",
    ),
    "use with the id of a building": (
        USE,
        USE.replace("dock:", "^hall:"),
        "'hall' is a building and a use. Allowed: another id for one of them.",
    ),
    "share_of without share": (
        "    amount: 10m\n",
        "    amount: 10m\n    ^share_of: [hall]\n",
        "use 'dock' has share_of and no share. Allowed: share, or neither.",
    ),
    "share of what there is not": (
        "    share: 5%\n",
        "    share: 5%\n    share_of: ^[hall, dok]\n",
        "'dok' in share_of is no cost that funding 'site' pays for. Allowed: hall, dock.",
    ),
    "share of itself": (
        "    share: 5%\n",
        "    share: 5%\n    share_of: ^[hall, pier]\n",
        "use 'pier' is a share of itself. "
        "Allowed: other costs; includes_itself: yes for a share of a total that contains it.",
    ),
    "share of one cost twice": (
        "    share: 5%\n",
        "    share: 5%\n    share_of: ^[hall, hall]\n",
        "share_of of use 'pier' names a cost twice. Allowed: each once.",
    ),
    "ring of shares": (
        USE + PIER,
        USE.replace("amount: 10m", "share: 4%\n    share_of: ^[hall, pier]")
        + PIER.replace("5%", "5%\n    share_of: [dock]"),
        "uses are shares of each other: dock of pier of dock. Allowed: no ring of shares.",
    ),
    "fee of a letter of credit that nothing needs": (
        "    label: Site\n",
        "    label: Site\n    ^equity_lc_fee: 1%\n",
        "funding 'site' has a letter of credit for equity, and debt is not drawn first. "
        "Allowed: order: debt first, or no fee.",
    ),
    "order beside dated draws": (
        "    label: Site\n",
        "    label: Site\n    ^order: debt first\n",
        "the draws of 'senior' are dated, so that 'debt first' orders nothing. Allowed: no order beside dated draws.",
    ),
    "revenue without completion": (
        "    label: Site\n",
        "    label: Site\n    ^revenue: used\n",
        "funding 'site' uses revenue before completion, and none of its loans has a completion. "
        "Allowed: a loan with a completion, or revenue: kept.",
    ),
    "order without loans": (
        "    label: Site\n",
        "    label: Site\n  quay:\n    label: Quay\n    ^order: debt first\n",
        "funding 'quay' has no loan to order. Allowed: a loan with funds: quay.",
    ),
    "financing costs in no budget": (
        "    label: Site\n",
        "    label: Site\n  quay:\n    label: Quay\n    financing_budget: ^1m\n",
        "Quay has no building whose budget could include financing costs. Allowed: 0, or a building with a budget.",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), SPENT.values(), ids=SPENT)
def test_broken_rule_of_spending(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = SMALL.replace("funding:\n", "use:\n" + USE + PIER + "funding:\n", 1)
    if "dated, so that" in message:
        text = text.replace("maturity: 2031-03-31", "maturity: 2031-03-31\n    draws: {2025-06-30: 600}")
    if "completion" in message:
        text = text.replace("    completion: 2026-07-01\n", "")
    assert text.count(old) == 1
    marked = text.replace(old, new)
    if "quay:" in new:
        marked = marked.replace(USE, USE + USE.replace("dock", "jetty").replace("site", "quay"))
    lines = lines_of(refusal(marked.replace("^", ""), tmp_path), tmp_path)
    wanted = f"deal.yaml:{place(marked, '^')}: {message}"
    # A building without budget leaves its funding with less to pay, which other rules may say too.
    assert wanted in lines if "no budget" in message else lines == [wanted]


def test_dated_draws_of_one_loan_of_two(tmp_path: Path) -> None:
    loan = SMALL[SMALL.index("  senior:\n") : SMALL.index("reserves:\n")]
    dated = loan.replace("senior:", "junior:").replace("Senior", "Junior") + "    ^draws: {2025-06-30: 600}\n"
    text = SMALL.replace("reserves:\n", dated + "reserves:\n", 1)
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: the draws of 'junior' are dated, those of other loans of funding 'site' are "
        "not. Allowed: dated draws of all loans of a funding, or of none."
    ]


def test_shares_that_sum_to_the_whole_are_taken(tmp_path: Path) -> None:
    """A third three times is 100% as people write it with decimals enough."""
    thirds = "    profile: table\n    table: {2025-03-31: 33.333333%, 2025-04-30: 33.333333%, 2041-12-31: 33.333334%}\n"
    assert load_text(spoiled(DATES, thirds), tmp_path).id == "harbour"
