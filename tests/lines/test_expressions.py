"""Formulas: how Python's operators and the functions build them, and what they read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spvmodel import lines
from spvmodel.lines import Call, Expr, Number, Ref
from spvmodel.lines.expr import references, rename, walk

A, B, C = Ref("a"), Ref("b"), Ref("c")
ONE = Number(1.0)


@pytest.mark.parametrize(
    ("built", "node"),
    [
        (A + B, Call("add", (A, B))),
        (1 + A, Call("add", (ONE, A))),
        (A - 1, Call("sub", (A, ONE))),
        (1 - A, Call("sub", (ONE, A))),
        (A * B, Call("mul", (A, B))),
        (1.0 * A, Call("mul", (ONE, A))),
        (A / B, Call("div", (A, B))),
        (1 / A, Call("div", (ONE, A))),
        (A**B, Call("pow", (A, B))),
        (-A, Call("neg", (A,))),
        (A < B, Call("lt", (A, B))),
        (A <= 1, Call("le", (A, ONE))),
        (A > 1, Call("gt", (A, ONE))),
        (A >= B, Call("ge", (A, B))),
        (lines.equal(A, 1), Call("eq", (A, ONE))),
        (lines.where(A > B, A, 1), Call("where", (Call("gt", (A, B)), A, ONE))),
        (lines.prev(A), Call("prev", (A,))),
        (lines.next_(A), Call("next", (A,))),
        (lines.total(A), Call("total", (A,))),
        (lines.total(A, B), Call("total", (A, B))),
        (lines.at_lowest(A, B), Call("at_lowest", (A, B))),
        (lines.na(), Call("na", ())),
    ],
)
def test_what_is_built(built: Expr, node: Call) -> None:
    assert built == node


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (A + B * A, [("a", "now"), ("b", "now"), ("a", "now")]),
        (lines.prev(A) + lines.next_(B), [("a", "before"), ("b", "after")]),
        (lines.sum_ahead(A, B, C), [("a", "after"), ("b", "after"), ("c", "now")]),
        (lines.sum_behind(A, B, C), [("a", "until"), ("b", "until"), ("c", "now")]),
        (lines.highest(A, B), [("a", "all"), ("b", "all")]),
        (lines.xirr(A, B), [("a", "all"), ("b", "all")]),
        (lines.sum_of(A, B), [("a", "now"), ("b", "now")]),
        (Number(1.0), []),
    ],
)
def test_what_a_formula_reads(expr: Expr, expected: list[tuple[str, str]]) -> None:
    assert list(references(expr)) == expected


@pytest.mark.parametrize("function", [lines.prev, lines.next_, lines.total, lines.mean, lines.irr])
def test_only_lines_have_other_periods(function: Callable[[Expr], Expr]) -> None:
    with pytest.raises(TypeError, match="give that formula a line of its own"):
        list(references(function(A + B)))


def test_nodes_outermost_first() -> None:
    expr = A + lines.minimum(B, 1)
    assert list(walk(expr)) == [expr, A, Call("min", (B, ONE)), B, ONE]


def test_lines_are_replaced_everywhere() -> None:
    expr = lines.where(A > 0, lines.prev(A), lines.total(B, C))
    expected = lines.where(B > 0, lines.prev(B), lines.total(B, C))
    assert rename(expr, {"a": "b"}) == expected
    assert expr == lines.where(A > 0, lines.prev(A), lines.total(B, C))


def test_equal_formulas_are_equal_and_hash_alike() -> None:
    assert A + 1 == Ref("a") + 1.0
    assert hash(A + 1) == hash(Ref("a") + 1.0)
    assert A + 1 != A + 2
