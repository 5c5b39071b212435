"""Every check of every deal can fail: one line changed in one period is found.

Checks are told apart by family: ``checks.debt_<loan>_balance`` is one check, whatever the loan is called. Each family is
tried on the smallest deal that has it. The fault is sought among the lines of the model behind the check, nearest first,
never among those of the Checks sheet itself or the movements that a feedback shows: one of them, higher or lower in one
period, must make the check fail. All lines that read it, other checks too, see the same fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import spvmodel
from spvmodel.deal import Deal
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.finance.model import build
from spvmodel.lines import Check, Model, Ref, where
from spvmodel.lines.line import Input
from spvmodel.lines.line import Line

FOLDER = Path(__file__).parents[1] / "deals"
FILES = [*sorted(FOLDER.glob("**/*.yaml")), *sorted((Path(spvmodel.__file__).parents[1] / "models").glob("*.yaml"))]
NEAREST = 24
"""How many lines behind a check are tried."""


@cache
def model_of(path: Path) -> tuple[Deal, Model]:
    deal = spvmodel.load(path)
    return deal, build(deal)


def keys_of(deal: Deal) -> dict[str, str]:
    """What a name of the deal file stands for."""
    spec = deal.spec
    found: dict[str, str] = {}
    for what, entries in (
        ("funding", spec.funding),
        ("loan", spec.debt),
        ("trigger", spec.trigger),
        ("facility", spec.facility),
        ("hurdle", spec.promote),
        ("account", spec.reserves.account),
        ("capital", spec.reserves.capital),
    ):
        found |= dict.fromkeys(entries, f"<{what}>")
    return found


def family(check: str, keys: dict[str, str]) -> str:
    """The name of a check without the names that the deal file gave."""
    name = check.removeprefix("checks.")
    for key in sorted(keys, key=len, reverse=True):
        for before, after in (("", "_"), ("_", "_"), ("_", "")):
            part = f"{before}{key}{after}"
            if (before and part in f"{name}\0".replace("\0", "" if not after else "\0")) or name.startswith(part):
                return name.replace(part, f"{before}{keys[key]}{after}", 1)
    return name
