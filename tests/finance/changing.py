"""Deals and models with something changed, for the tests of a block."""

from __future__ import annotations

from dataclasses import replace

from spvmodel.lines import Model, Number, Ref, equal, where


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """A deal file with passages replaced, each of which it must hold once."""
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} must stand once in the deal"
        text = text.replace(old, new)
    return text


def with_fault(model: Model, name: str, amount: float, unit: str, number: int) -> Model:
    """The model with one series too high by ``amount`` in the period of that number."""
    line = model.lines[name]
    assert line.expr is not None
    wrong = where(equal(Ref("time.number"), float(number)), Number(amount, unit), 0)
    return replace(model, lines=model.lines | {name: replace(line, expr=line.expr + wrong)})
