"""Where N/A can come from and where it may go.

N/A comes from ``na()``, ``ratio()`` and the statistics of a line. It may only be passed on by ``where``, be handled
by ``default`` and ``defined``, or be left out by a statistic, so no arithmetic ever meets it.
"""

from __future__ import annotations

from spvmodel.lines.errors import GraphError
from spvmodel.lines.expr import Call, Expr, Ref, walk
from spvmodel.lines.line import Line


def lines_with_na(lines: dict[str, Line]) -> frozenset[str]:
    """The lines whose formula can give N/A."""
    found: set[str] = set()
    grew = True
    while grew:
        grew = False
        for line in lines.values():
            formulas = [expr for expr in (line.expr, line.opening) if expr is not None]
            if line.name not in found and any(gives_na(expr, found) for expr in formulas):
                found.add(line.name)
                grew = True
    return frozenset(found)


def gives_na(expr: Expr, known: set[str]) -> bool:
    """Whether a formula can give N/A, when the lines ``known`` can."""
    if isinstance(expr, Ref):
        return expr.name in known
    if not isinstance(expr, Call):
        return False
    if expr.op in ("na", "ratio", "lowest", "highest", "mean", "at_lowest", "irr", "xirr"):
        # The extremes of a line that is never N/A, over all periods, always exist.
        plain = expr.op in ("lowest", "highest", "mean") and len(expr.args) == 1
        return not plain or any(gives_na(arg, known) for arg in expr.args)
    if expr.op == "where":
        return any(gives_na(arg, known) for arg in expr.args[1:])
    if expr.op == "default":
        return gives_na(expr.args[1], known)
    if expr.op in ("prev", "next"):
        return gives_na(expr.args[0], known)
    return False


def check_na(lines: dict[str, Line]) -> None:
    """Raise :class:`GraphError` where arithmetic could meet N/A."""
    known = set(lines_with_na(lines))
    allowed = {
        "where": (1, 2),
        "default": (0, 1),
        "defined": (0,),
        "lowest": (0,),
        "highest": (0,),
        "mean": (0,),
    }
    allowed |= {"at_lowest": (1,), "prev": (0,), "next": (0,)}
    for line in lines.values():
        for expr in (line.expr, line.opening):
            for node in walk(expr) if expr is not None else ():
                if isinstance(node, Call):
                    for position, arg in enumerate(node.args):
                        if position not in allowed.get(node.op, ()) and gives_na(arg, known):
                            raise GraphError(
                                f"{line.name}: argument {position + 1} of {node.op} may be N/A; "
                                "say with default() what then holds"
                            )
