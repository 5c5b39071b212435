"""Terms of taxes and of straight-line rent that do not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal, spoiled

RESERVES = "  dsra: {months: 6}\n"
SCHEDULES = (
    "MACRS 5, MACRS 7, MACRS 15, MACRS 20, straight line N, straight line N mid-month (N whole years, at most 50)"
)


def tax(terms: str) -> str:
    """The reserves of the small deal, and taxes of these terms."""
    return f"{RESERVES}^tax:\n  federal_rate: 21%\n{terms}"


def classes(*entries: str, beside: str = "") -> str:
    """Taxes with these classes."""
    return tax(f"  classes:\n{''.join(f'    {entry}' + chr(10) for entry in entries)}{beside}")


HALF = "a: {label: A, share: 50%, depreciation: MACRS 5}"
SCHEDULED = "  depreciation: MACRS 5\n"

# The reserves and taxes with the error marked by a @ (else it is at the tax), and the error.
BROKEN = {
    "neither depreciation nor classes": (
        tax(""),
        "the tax has neither depreciation nor classes. Allowed: exactly one of them.",
    ),
    "both depreciation and classes": (
        classes("a: {label: A, share: 100%, depreciation: MACRS 5}", beside=SCHEDULED),
        "the tax has both depreciation and classes. Allowed: exactly one of them.",
    ),
    "a straight line of no years": (
        tax("  depreciation: @straight line 0\n"),
        f"'straight line 0' is no depreciation schedule. Allowed: {SCHEDULES}. Did you mean 'straight line 39'?",
    ),
    "a straight line of too many years": (
        tax("  depreciation: @straight line 51 mid-month\n"),
        f"'straight line 51 mid-month' is no depreciation schedule. Allowed: {SCHEDULES}. "
        "Did you mean 'straight line 15'?",
    ),
    "custom without a class": (
        tax("  depreciation: @custom\n"),
        f"'custom' is no depreciation schedule. Allowed: {SCHEDULES}.",
    ),
    "an unknown convention": (
        tax(f"{SCHEDULED}  convention: @mid quarter\n"),
        "'tax.convention' cannot be 'mid quarter'. Allowed: half-year, mid-quarter, 40% test. "
        "Did you mean 'mid-quarter'?",
    ),
    "two bonuses": (
        tax(f"{SCHEDULED}  bonus: 40%\n  acquired: 2025-03-31\n"),
        "the tax has both bonus and acquired. Allowed: at most one of them.",
    ),
    "bonus by date of a building": (
        tax("  depreciation: straight line 39\n  @acquired: 2025-03-31\n"),
        "there is no bonus by date for 'straight line 39'. Allowed: a recovery period of at most 20 years, or bonus.",
    ),
    "bonus by date of a long straight line": (
        classes("a: {label: A, share: 100%, depreciation: straight line 21, @acquired: 2025-03-31}"),
        "there is no bonus by date for 'straight line 21'. Allowed: a recovery period of at most 20 years, or bonus.",
    ),
    "bonus beside classes": (
        classes("a: {label: A, share: 100%, depreciation: MACRS 5}", beside="  @bonus: 40%\n"),
        "'bonus' stands beside classes. Allowed: 'bonus' in the classes it holds for.",
    ),
    "bonus rates of nothing": (
        tax(f"{SCHEDULED}  @bonus_rates: {{full: 90%}}\n"),
        "nothing is acquired on a stated day, which bonus_rates could hold for. "
        "Allowed: acquired beside them or in a class, or no bonus_rates.",
    ),
    "acquired after it is placed in service": (
        tax(f"{SCHEDULED}  acquired: 2026-08-01\n  placed_in_service: @2026-07-31\n"),
        "Placed in service (2026-07-31) is before Acquired (2026-08-01). Allowed: 2026-08-01 or later.",
    ),
    "shares of less than everything": (
        classes(
            "a: {label: A, share: @50%, depreciation: MACRS 5}", "b: {label: B, share: 40%, depreciation: MACRS 7}"
        ),
        "the shares of the tax classes sum to 90.0000%. Allowed: 100% in all.",
    ),
    "a class of nothing": (
        classes(HALF, "@b: {label: B, depreciation: MACRS 5}"),
        "tax class 'b' has neither share nor covers. Allowed: exactly one of them.",
    ),
    "a class of both": (
        classes("@b: {label: B, share: 100%, covers: [hall, roads], depreciation: MACRS 5}"),
        "tax class 'b' has both share and covers. Allowed: exactly one of them.",
    ),
    "shares beside covers": (
        classes(
            "a: {label: A, @share: 50%, depreciation: MACRS 5}",
            "b: {label: B, covers: [hall, roads], depreciation: MACRS 5}",
        ),
        "tax class 'a' has a share, others say what they cover. Allowed: covers in every class, or share in every one.",
    ),
    "a cost that there is not": (
        classes("a: {label: A, covers: @[hall, roads, shed], depreciation: MACRS 5}"),
        "'shed' is no building or use with a cost. Allowed: hall, roads.",
    ),
    "land": (
        classes("a: {label: A, covers: @[hall, roads, land], depreciation: MACRS 5}"),
        "'land' is land, which is not depreciated. Allowed: hall, roads.",
    ),
    "a cost in two classes": (
        classes(
            "a: {label: A, covers: [hall, roads], depreciation: MACRS 5}",
            "b: {label: B, covers: @[roads], depreciation: MACRS 15}",
        ),
        "'roads' is covered twice. Allowed: each cost in one class.",
    ),
    "a cost in no class": (
        tax("  @classes:\n    a: {label: A, covers: [hall], depreciation: MACRS 5}\n"),
        "no tax class covers roads. Allowed: every building and use that is depreciated in one class.",
    ),
    "a custom schedule without shares": (
        classes("a: {label: A, share: 100%, @depreciation: custom}"),
        "tax class 'a' has no shares. Allowed: shares: dates with shares.",
    ),
    "shares of a published schedule": (
        classes("a: {label: A, share: 100%, depreciation: MACRS 5, @shares: {2026-12-31: 100%}}"),
        "the shares of tax class 'a' are not used. Allowed: depreciation: custom.",
    ),
    "bonus on a custom schedule": (
        classes("a: {label: A, share: 100%, depreciation: custom, shares: {2026-12-31: 100%}, @bonus: 10%}"),
        "'bonus' means nothing for the custom schedule of tax class 'a'. Allowed: shares that hold the bonus.",
    ),
    "a custom schedule that leaves some": (
        classes("a: {label: A, share: 100%, depreciation: custom, shares: @{2026-12-31: 50%, 2027-12-31: 40%}}"),
        "Shares by date, A sum to 90.0000%. Allowed: 100% in all.",
    ),
    "a custom schedule from before close": (
        classes("a: {label: A, share: 100%, depreciation: custom, shares: @{2025-03-30: 50%, 2027-12-31: 50%}}"),
        "a share in Shares by date, A is dated 2025-03-30, before financial close. Allowed: 2025-03-31 or later.",
    ),
    "another limit of interest": (
        tax(f"{SCHEDULED}  interest_limit: {{ati: @EBT}}\n"),
        "'tax.interest_limit.ati' cannot be 'EBT'. Allowed: EBITDA, EBIT. Did you mean 'EBIT'?",
    ),
    "acquired after the first day that earns": (
        tax(f"{SCHEDULED}  acquired: @2026-07-02\n"),
        "Acquired (2026-07-02) comes after the cost is placed in service, on the first day that earns "
        "(2026-07-01). Allowed: 2026-07-01 or earlier, or placed_in_service beside it.",
    ),
    "a limit of losses that are refunded": (
        tax(f"{SCHEDULED}  losses: refunded\n  @loss_limit: 50%\n"),
        "'loss_limit' means nothing for losses that are refunded. Allowed: losses: carried forward, or no loss_limit.",
    ),
    "arrears of no length": (
        tax(f"{SCHEDULED}  @payment: in arrears\n"),
        "taxes paid 'in arrears' need a lag. Allowed: payment_lag: 4 months.",
    ),
    "a lag of nothing": (
        tax(f"{SCHEDULED}  payment: quarterly\n  @payment_lag: 4\n"),
        "'payment_lag' means nothing for taxes paid 'quarterly'. "
        "Allowed: payment: in arrears or following year, or no payment_lag.",
    ),
    "a lag of more than a year": (
        tax(f"{SCHEDULED}  payment: in arrears\n  payment_lag: @13\n"),
        "'13' is too large here. Allowed: 0 to 12 months.",
    ),
}

USES = """  roads: {label: Roads, kind: hard, amount: 10, funded_by: site}
  land: {label: Land, kind: land, amount: 10, funded_by: site}
"""


@pytest.mark.parametrize(("terms", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(terms: str, message: str, tmp_path: Path) -> None:
    marked = spoiled(RESERVES, terms).replace("funding:\n", f"use:\n{USES}funding:\n")
    mark = "@" if "@" in terms else "^"
    marked = marked.replace("^" if mark == "@" else "@", "")
    lines = lines_of(refusal(marked.replace(mark, ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(marked, mark)}: {message}"]


KEPT = {
    "classes by share": classes(HALF, HALF.replace("a:", "b:")),
    "classes by cover": classes("a: {label: A, covers: [hall], depreciation: MACRS 5, bonus: 100%}"),
    "a custom schedule beyond the model": classes(
        "a: {label: A, share: 100%, depreciation: custom, shares: {2025-03-31: 50%, 2060-12-31: 50%}}"
    ),
    "bonus by date of twenty years": tax("  depreciation: MACRS 20\n  acquired: 2025-01-20\n"),
    "acquired on the first day that earns": tax("  depreciation: MACRS 20\n  acquired: 2026-07-01\n"),
    "a bonus of one's own on a building": tax("  depreciation: straight line 39\n  bonus: 100%\n"),
    "the longest straight line": tax("  depreciation: straight line 50 mid-month\n"),
    "no lag at all": tax(f"{SCHEDULED}  payment: following year\n  payment_lag: 0\n"),
}


@pytest.mark.parametrize("terms", KEPT.values(), ids=KEPT)
def test_kept_rule(terms: str, tmp_path: Path) -> None:
    assert load_text(spoiled(RESERVES, terms.replace("^", "")), tmp_path).id == "harbour"


def test_the_shares_of_classes_hold_in_every_case(tmp_path: Path) -> None:
    text = spoiled(RESERVES, classes(HALF, HALF.replace("a:", "b:")).replace("^", ""))
    text = text.replace("lease.hall.rent: $108/kW-month", "tax.classes.a.share: ^60%")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: in case 'low_rent', the shares of the tax classes sum to 110.0000%. "
        "Allowed: 100% in all."
    ]


def test_straight_line_rent_needs_a_lease(tmp_path: Path) -> None:
    start, end = SMALL.index("lease:\n"), SMALL.index("debt:\n")
    text = SMALL.replace(SMALL[start:end], "income: {toll: {label: Toll, payer: Users, amount: 100}}\n")
    text = text.replace("cases:", "accounting: {straight_line_rent: ^yes}\ncases:")
    text = text.replace("lease.hall.rent: $108/kW-month", "income.toll.amount: 90")
    assert lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '^')}: the deal has no lease whose rent could be straight-lined. "
        "Allowed: no, or a lease."
    ]


CREDITS = {
    "a credit of no class": (
        "  depreciation: MACRS 5\n  credit: {share: 30%, classes: ^[plant]}\n",
        "'plant' is no tax class. Allowed: no classes: all of the cost earns it.",
    ),
    "a credit of another class": (
        "  classes:\n    a: {label: A, share: 100%, depreciation: MACRS 5}\n  credit: {share: 30%, classes: ^[b]}\n",
        "'b' is no tax class. Allowed: one of a.",
    ),
    "a credit of a class twice": (
        "  classes:\n    a: {label: A, share: 100%, depreciation: MACRS 5}\n  credit: {share: 30%, classes: ^[a, a]}\n",
        "'a' is named twice. Allowed: each class once.",
    ),
}


@pytest.mark.parametrize("terms", CREDITS)
def test_classes_that_earn_a_credit(terms: str, tmp_path: Path) -> None:
    given, message = CREDITS[terms]
    text = spoiled(RESERVES, tax(given))
    text = text.replace("^tax:", "tax:")
    lines = lines_of(refusal(text.replace("^", ""), tmp_path), tmp_path)
    assert lines == [f"deal.yaml:{place(text, '^')}: {message}"]
