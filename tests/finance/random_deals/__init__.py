"""Random deals: a Hypothesis strategy for whole deal files, valid by construction as far as rules allow.

A deal file is YAML, and JSON is YAML: the strategy builds a mapping of words and writes it as JSON. Periods are few, so
that a model is built and solved in a fraction of a second. Each module draws the sections of one subject.
"""

from __future__ import annotations

from tests.finance.random_deals.deal import deals, model_of
from tests.finance.random_deals.examples import CENT, examples, failed
from tests.finance.random_deals.terms import RANKS, Kind, Terms

__all__ = ["CENT", "RANKS", "Kind", "Terms", "deals", "examples", "failed", "model_of"]
