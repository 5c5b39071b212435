"""What a deal file may say of sponsors, hurdles and the discount rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deal.files import SMALL, lines_of, load_text, place, refusal

VENTURE = """\
sponsors:
  fund: {label: Fund, share: 90%}
  builder: {label: Builder, share: 10%}
promote:
  first: {label: Hurdle one, hurdle: 8%, to: builder, share: 20%}
  second: {label: Hurdle two, hurdle: 12%, to: builder, share: 30%}
returns: {discount_rate: 9%}
cases:
"""
TEXT = SMALL.replace("cases:\n", VENTURE)

# What is replaced, by what (the error stands at the ^), and the error.
BROKEN = {
    "shares below the whole": (
        "share: 90%",
        "share: ^80%",
        "the shares of the sponsors sum to 90%. Allowed: shares of 100% in all.",
    ),
    "shares above the whole": (
        "share: 90%",
        "share: ^90.0000001%",
        "the shares of the sponsors sum to 100.0000001%. Allowed: shares of 100% in all.",
    ),
    "promote to nobody": (
        "hurdle: 8%, to: builder",
        "hurdle: 8%, to: ^bilder",
        "unknown sponsors 'bilder'. Allowed: an entry of sponsors (fund, builder). Did you mean 'builder'?",
    ),
    "second hurdle below the first": (
        "hurdle: 12%",
        "hurdle: ^7.5%",
        "Hurdle rate, Hurdle two (7.50%) is not above Hurdle rate, Hurdle one (8.00%). Allowed: more than 8.00%.",
    ),
    "two hurdles at one rate": (
        "hurdle: 12%",
        "hurdle: ^8%",
        "Hurdle rate, Hurdle two (8.00%) is not above Hurdle rate, Hurdle one (8.00%). Allowed: more than 8.00%.",
    ),
    "promote of everything": (
        "share: 30%",
        "share: ^100%",
        "'100%' is too large here. Allowed: 0% to 95%.",
    ),
    "negative hurdle": (
        "hurdle: 8%",
        "hurdle: ^-1%",
        "'-1%' is too small here. Allowed: 0% to 50%.",
    ),
    "negative discount rate": (
        "discount_rate: 9%",
        "discount_rate: ^-1%",
        "'-1%' is too small here. Allowed: 0% to 50%.",
    ),
    "unknown key": (
        "label: Fund, ",
        "label: Fund, ^stake: 1%, ",
        "unknown key 'stake' in sponsors.fund. Allowed: label, share. Did you mean 'share'?",
    ),
    "one share changed in a case": (
        "lease.hall.rent: $108/kW-month",
        "sponsors.fund.share: ^80%",
        "in case 'low_rent', the shares of the sponsors sum to 90%. Allowed: shares of 100% in all.",
    ),
    "hurdles crossed in a case": (
        "lease.hall.rent: $108/kW-month",
        "promote.first.hurdle: ^13%",
        "in case 'low_rent', Hurdle rate, Hurdle two (12.00%) is not above Hurdle rate, Hurdle one (13.00%). "
        "Allowed: more than 13.00%.",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_rule(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    error = refusal(text.replace("^", ""), tmp_path)
    assert lines_of(error, tmp_path) == [f"deal.yaml:{place(text, '^')}: {message}"]


def test_promote_without_sponsors(tmp_path: Path) -> None:
    text = TEXT[: TEXT.index("sponsors:\n")] + TEXT[TEXT.index("promote:\n") :]
    messages = [error.message for error in refusal(text, tmp_path).errors]
    assert messages == ["unknown sponsors 'builder'"] * 2


def test_thirds_and_a_sponsor_that_pays_nothing_in(tmp_path: Path) -> None:
    shares = "{label: A, share: 33.3333%}\n  b: {label: B, share: 33.3333%}\n  c: {label: C, share: 33.3334%}"
    text = TEXT.replace("  fund: {label: Fund, share: 90%}\n", f"  a: {shares}\n")
    deal = load_text(text.replace("label: Builder, share: 10%", "label: Builder, share: 0%"), tmp_path)
    assert list(deal.spec.sponsors) == ["a", "b", "c", "builder"]
    assert deal.inputs["promote.second.share"].label == "Promote, Hurdle two"
    assert deal.bounds("promote.second.share") == (0.0, 0.95)
