"""Triggers of a deal file, and rates compounded in arrears: what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

CASES = "cases:\n"
CONDITIONS = "Allowed: exactly one of dscr_below, debt_yield_below, ltv_above, on."
RATES = "  index: Term SOFR\n"
ARREARS = "  index: SOFR\n  fixing: compounded in arrears\n"


def with_triggers(*triggers: str) -> str:
    """The small deal with triggers a, b, ... of these terms."""
    lines = [f"  {name}: {{label: Trigger {name}, {terms}}}\n" for name, terms in zip("ab", triggers, strict=False)]
    return SMALL.replace(CASES, "trigger:\n" + "".join(lines) + CASES)


# The terms of the trigger, where the error stands, and the error.
BROKEN = {
    "no condition": ("margin: 1%", "a: {label", f"trigger 'a' has no condition. {CONDITIONS}"),
    "two conditions": (
        "dscr_below: 1.2x, on: 2027-01-01, margin: 1%",
        "a: {label",
        f"trigger 'a' has the conditions dscr_below, on. {CONDITIONS}",
    ),
    "no effect": (
        "dscr_below: 1.2x",
        "a: {label",
        "trigger 'a' has no effect. Allowed: at least one of margin, dsra_months, sweep_share, "
        "blocks_distributions: yes.",
    ),
    "an effect that is none": (
        "dscr_below: 1.2x, blocks_distributions: no",
        "a: {label",
        "trigger 'a' has no effect. Allowed: at least one of margin, dsra_months, sweep_share, "
        "blocks_distributions: yes.",
    ),
    "no valuation": (
        "ltv_above: 60%, margin: 1%",
        "ltv_above",
        "the deal file values no collateral. Allowed: a section valuation.",
    ),
    "no sweep": (
        "dscr_below: 1.2x, sweep_share: 50%",
        "sweep_share",
        "trigger 'a' raises a sweep, and the deal has none. Allowed: a section sweep.",
    ),
    "no more months than there are": (
        "dscr_below: 1.2x, dsra_months: 6",
        "6}",
        "trigger 'a' holds 6 months in a DSRA that always holds 6. Allowed: more than 6 months, or no dsra_months.",
    ),
    "unknown loan": (
        "dscr_below: 1.2x, margin: 1%, loans: [junior]",
        "junior",
        "unknown debt 'junior'. Allowed: an entry of debt (senior). Did you mean 'senior'?",
    ),
    "loans without a margin": (
        "dscr_below: 1.2x, dsra_months: 9, loans: [senior]",
        "loans",
        "'loans' means nothing for trigger 'a', which steps no margin. Allowed: margin beside it, or no loans.",
    ),
    "a loan twice": (
        "dscr_below: 1.2x, margin: 1%, loans: [senior, senior]",
        "senior]",
        "'senior' stands twice among the loans of trigger 'a'. Allowed: each loan once.",
    ),
    "no rate": ("dscr_below: 1.2x, margin: 100", "100}", "'100' has no unit: is it per cent or basis points"),
    "no date": ("on: next year, margin: 1%", "next year", "'next year' is not a date"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_trigger(name: str, tmp_path: Path) -> None:
    terms, at, message = BROKEN[name]
    text = with_triggers(terms)
    found = lines_of(refusal(text, tmp_path), tmp_path)
    assert len(found) == 1
    assert found[0].startswith(f"deal.yaml:{place(text, at, after='trigger:')}: {message}")


def test_a_trigger_may_hold_more_in_a_case(tmp_path: Path) -> None:
    """Off in the base case, in which the reserve holds as much anyway, and on in another."""
    load_text(with_triggers("dscr_below: 1.2x, dsra_months: 6") + "      trigger.a.dsra_months: 9\n", tmp_path)


def test_a_trigger_sweeps_more_than_is_swept_anyway(tmp_path: Path) -> None:
    """The same share is more than nothing while the sweep waits for its start."""
    text = with_triggers("dscr_below: 1.2x, sweep_share: 50%")
    sweep = "sweep: {share: 50%, order: [senior]}\n"
    spoilt = text.replace("reserves:\n", f"{sweep}reserves:\n")
    assert lines_of(refusal(spoilt, tmp_path), tmp_path) == [
        f"deal.yaml:{place(spoilt, '50%}', after='trigger:')}: trigger 'a' sweeps 50.00% of the cash of which 50.00% "
        "is always swept. Allowed: more than 50.00%, or no sweep_share."
    ]
    load_text(spoilt.replace("[senior]}", "[senior], start: 2028-01-01}"), tmp_path)


def test_steps_down_of_more_than_the_margin(tmp_path: Path) -> None:
    """250 bp of margin: two steps of 125 bp leave nothing of it, and one more basis point is too much."""
    steps = ["on: 2027-01-01, margin: -125 bp", "on: 2028-01-01, margin: -125 bp, loans: [senior]"]
    load_text(with_triggers(*steps), tmp_path)
    text = with_triggers(steps[0], steps[1].replace("125", "126"))
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '-125 bp')}: triggers take Senior loan to a margin of -0.01%. "
        "Allowed: steps down of at most 2.50% in all."
    ]


def test_steps_down_in_a_case_and_of_a_later_margin(tmp_path: Path) -> None:
    text = with_triggers("on: 2027-01-01, margin: -1%")
    stepped = text.replace("    margin: 250 bp\n", "    margin: 250 bp\n    margin_steps: {2028-01-01: 0.5%}\n")
    assert "to a margin of -0.50%" in str(refusal(stepped, tmp_path))
    text += "      trigger.a.margin: -3%\n"
    assert lines_of(refusal(text, tmp_path), tmp_path) == [
        f"deal.yaml:{place(text, '-3%')}: in case 'low_rent', triggers take Senior loan to a margin of -0.50%. "
        "Allowed: steps down of at most 2.50% in all."
    ]


def test_a_case_moves_an_event(tmp_path: Path) -> None:
    deal = load_text(with_triggers("on: 2027-01-01, margin: 1%") + "      trigger.a.on: 2099-12-31\n", tmp_path)
    assert deal.inputs["trigger.a.on"].label == "Event, Trigger a"
    assert str(deal.values("low_rent")["trigger.a.on"].value) == "2099-12-31"


# What stands in place of the name of the base rate, where the error stands, and the error.
IN_ARREARS = {
    "a lookback of a term rate": (
        "  index: SOFR\n  lookback: 5\n",
        "lookback",
        "'lookback' means nothing for a term rate. Allowed: fixing: compounded in arrears, or no lookback.",
    ),
    "too long a lookback": (
        f"{ARREARS}  lookback: 11\n",
        "11",
        "'11' is no number of business days. Allowed: 0 to 10.",
    ),
    "part of a day": (f"{ARREARS}  lookback: 2.5\n", "2.5", "'2.5' is no number of business days. Allowed: 0 to 10."),
    "another fixing": (
        "  index: SOFR\n  fixing: in arrears\n",
        "in arrears",
        "'rates.fixing' cannot be 'in arrears'. Allowed: term, compounded in arrears. "
        "Did you mean 'compounded in arrears'?",
    ),
    "a path that ends too early": (
        f"{ARREARS}  lookback: 5\n  until: 2031-03-20\n",
        "2025-01-01",
        "the base rate path ends on 2031-03-20, before 2031-03-21, the last day that Senior loan compounds. "
        "Allowed: rates to 2031-03-21 or later.",
    ),
}


@pytest.mark.parametrize("name", IN_ARREARS)
def test_what_does_not_compound(name: str, tmp_path: Path) -> None:
    rates, at, message = IN_ARREARS[name]
    text = SMALL.replace(RATES, rates)
    found = lines_of(refusal(text, tmp_path), tmp_path)
    assert [line.split(": ", 1)[1] for line in found] == [message]
    if at != "2025-01-01":
        assert found[0].startswith(f"deal.yaml:{place(text, at, after='rates:')}:")


def test_a_path_that_reaches_the_last_night_observed(tmp_path: Path) -> None:
    """The loan's last night begins on Sunday 30 March 2031: that of Friday 28, five business days back Friday 21."""
    load_text(SMALL.replace(RATES, f"{ARREARS}  lookback: 5\n  until: 2031-03-21\n"), tmp_path)


def test_a_path_that_begins_after_the_first_day_observed(tmp_path: Path) -> None:
    """Close on Monday 31 March 2025; five business days before is Monday 24 March."""
    text = SMALL.replace(RATES, f"{ARREARS}  lookback: 5\n").replace("2025-01-01: 4.30%", "2025-03-25: 4.30%")
    found = lines_of(refusal(text, tmp_path), tmp_path)
    message = "the base rate path begins on 2025-03-25, after 2025-03-24, the first day that is compounded"
    assert [line.split(": ", 1)[1] for line in found] == [f"{message}. Allowed: a first date on or before 2025-03-24."]
    load_text(text.replace("2025-03-25: 4.30%", "2025-03-24: 4.30%"), tmp_path)


def test_business_days_that_are_not_known(tmp_path: Path) -> None:
    text = (
        SMALL.replace("2025-03-31", "1999-03-31").replace(RATES, ARREARS).replace("2025-01-01: 4.30%", "1999-01-01: 4%")
    )
    messages = [line.split(": ", 1)[1] for line in lines_of(refusal(text, tmp_path), tmp_path)]
    assert (
        "the business days of US government securities are not known for 1999, when financial close is. "
        "Allowed: a close in 2000 or later, or fixing: term."
    ) in messages
