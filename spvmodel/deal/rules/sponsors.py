"""Rules of the joint venture: the shares of its sponsors, and its hurdles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from spvmodel.deal.rules.dates import words
from spvmodel.deal.rules.values import Problem, Values
from spvmodel.deal.schema import DealSpec


def joint_venture(values: Values, spec: DealSpec) -> Iterator[Problem]:
    """The sponsors provide all of the capital, and every hurdle is higher than the one before."""
    shares = tuple(f"sponsors.{key}.share" for key in spec.sponsors)
    whole = math.fsum(map(values.number, shares))
    if shares and abs(whole - 1) > 1e-12:
        message = f"the shares of the sponsors sum to {whole * 100:.12g}%"
        yield Problem(shares, message, "shares of 100% in all")
    for below, above in pairwise(f"promote.{key}.hurdle" for key in spec.promote):
        low, high = values.number(below), values.number(above)
        if high <= low:
            message = f"{words(values, above)} ({high:.2%}) is not above {words(values, below)} ({low:.2%})"
            yield Problem((above, below), message, f"more than {low:.2%}")
