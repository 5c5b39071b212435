"""From declared lines to a model: references resolved, loops laid out in passes, an order of evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from spvmodel.lines.errors import Circularity, GraphError, UnknownLine, nearest
from spvmodel.lines.expr import TERMINAL, Call, Ref, references, rename, walk
from spvmodel.lines.line import Block, Check, Feedback, Input, Line, Ring
from spvmodel.lines.model import Model
from spvmodel.lines.not_applicable import check_na, gives_na, lines_with_na
from spvmodel.lines.rings import components, shortest_path, sort_within
from spvmodel.lines.units import check_dimension

Edges = dict[str, list[tuple[str, str]]]


def compile_model(
    lines: dict[str, Line],
    inputs: dict[str, Input],
    feedbacks: tuple[Feedback, ...],
    checks: tuple[Check, ...],
    alerts: tuple[str, ...],
    periods: int,
    headline: dict[str, str],
    cases: tuple[str, ...],
) -> Model:
    """See :meth:`spvmodel.lines.graph.Graph.compile`."""
    if periods < 1:
        raise GraphError(f"a model has at least one period, not {periods}")
    edges = _edges(lines)
    starts = _starts(lines, feedbacks)
    _check_shapes(lines | starts, inputs, periods)
    check_na(lines | starts)
    units = {name: line.unit for name, line in lines.items()}
    for line in (*lines.values(), *starts.values()):
        for expr in (line.expr, line.opening):
            if expr is not None:
                check_dimension(line.name, line.unit, expr, units)
    for metric, name in headline.items():
        if name not in lines or lines[name].series:
            raise UnknownLine(f"the headline metric {metric} names {name}, which is no scalar line")

    rings = _find_rings(lines, edges, feedbacks)
    laid_out, edges = _lay_out(lines, edges, rings)
    order = _order(edges)
    return Model(laid_out, inputs, order, rings, checks, alerts, periods, headline, cases)


def _starts(lines: dict[str, Line], feedbacks: tuple[Feedback, ...]) -> dict[str, Line]:
    """The starting value of each feedback as a line of its own, so that it is checked like any other."""
    found = {}
    for feedback in feedbacks:
        if feedback.passes < 1:
            raise GraphError(f"{feedback.name} takes at least one pass, not {feedback.passes}")
        start = replace(lines[feedback.name], name=f"the start of {feedback.name}", expr=feedback.start)
        found[start.name] = start
    _edges(lines | found)
    known = set(lines_with_na(lines))
    for feedback in feedbacks:
        if feedback.name not in known and gives_na(feedback.start, known):
            raise GraphError(f"the start of {feedback.name} may be N/A; say with default() what then holds")
    return found


def _edges(lines: dict[str, Line]) -> Edges:
    edges: Edges = {}
    for line in lines.values():
        edges[line.name] = _read(line)
        for name, _ in edges[line.name]:
            if name not in lines:
                hint = nearest(name, list(lines))
                raise UnknownLine(f"{line.name} reads {name}, which no block declares" + (f"; {hint}?" if hint else ""))
    return edges


def _read(line: Line) -> list[tuple[str, str]]:
    """The lines that a line reads, and how; its opening value reads whole lines."""
    found = list(references(line.expr)) if line.expr is not None else []
    return found + ([(name, "all") for name, _ in references(line.opening)] if line.opening is not None else [])


def _check_shapes(lines: dict[str, Line], inputs: dict[str, Input], periods: int) -> None:
    for line in lines.values():
        if line.is_input:
            value = inputs[line.name].value
            if isinstance(value, tuple) and len(value) != periods:
                raise GraphError(f"{line.name} has {len(value)} values for {periods} periods")
            continue
        assert line.expr is not None
        for expr, series in ((line.expr, line.series), (line.opening, False)):
            if expr is None:
                continue
            for node in walk(expr):
                if isinstance(node, Call) and node.op in (TERMINAL | {"prev", "next", "sum_ahead", "sum_behind"}):
                    for arg in node.args:
                        if isinstance(arg, Ref) and not lines[arg.name].series:
                            raise GraphError(f"{line.name}: {node.op}() reads {arg.name}, which is a scalar")
            loose = [name for name, reach in references(expr) if reach != "all" and lines[name].series]
            if loose and not series:
                raise GraphError(f"{line.name} is one value but reads the series {loose[0]}")


def _find_rings(lines: dict[str, Line], edges: Edges, feedbacks: tuple[Feedback, ...]) -> tuple[Ring, ...]:
    """The strongly connected lines around each feedback; several feedbacks of one ring advance together.

    Where nothing feeds back (the terms of a deal can break a loop), the line just reads what feeds it.
    """
    rings = []
    position = {name: i for i, name in enumerate(lines)}
    for component in components({name: [n for n, _ in to] for name, to in edges.items()}):
        cuts = tuple(f for f in feedbacks if f.name in component and f.fed_by in component)
        if cuts:
            names = tuple(sorted(component, key=position.__getitem__))
            rings.append(Ring(names, cuts, max(f.passes for f in cuts)))
    return tuple(rings)


def _lay_out(lines: dict[str, Line], edges: Edges, rings: tuple[Ring, ...]) -> tuple[dict[str, Line], Edges]:
    """All lines and what they read, with every ring written out pass by pass before its last pass."""
    copies: dict[str, Line] = {}
    changed: dict[str, Line] = {}
    read: Edges = {}
    for ring in rings:
        cuts = {f.name: f for f in ring.feedbacks}
        for turn in range(1, ring.passes + 1):
            last = turn == ring.passes
            names = {} if last else {name: f"{name}@{turn}" for name in ring.names}
            for name in ring.names:
                line = lines[name]
                assert line.expr is not None
                opening = None if line.opening is None else rename(line.opening, names)
                if name not in cuts:
                    expr = rename(line.expr, names)
                    reads = edges[name] if last else [(names.get(to, to), reach) for to, reach in edges[name]]
                else:
                    expr = cuts[name].start if turn == 1 else Ref(f"{cuts[name].fed_by}@{turn - 1}")
                    reads = _read(replace(line, expr=expr, opening=opening))
                if last:
                    changed[name], read[name] = replace(line, expr=expr, opening=opening), reads
                else:
                    copy = replace(line, name=names[name], expr=expr, opening=opening, base=name, turn=turn)
                    copies[copy.name], read[copy.name] = copy, reads
    laid_out = {**{name: changed.get(name, line) for name, line in lines.items()}, **copies}
    return laid_out, {name: read[name] if name in read else edges[name] for name in laid_out}


def _order(edges: Edges) -> tuple[Block, ...]:
    blocks = []
    position = {name: i for i, name in enumerate(edges)}
    for component in components({name: [n for n, _ in to] for name, to in edges.items()}):
        first = component[0]
        if len(component) == 1 and all(name != first for name, _ in edges[first]):
            blocks.append(Block((first,), 0))
        else:
            blocks.append(_recurrence(component, edges, position))
    return tuple(blocks)


def _recurrence(component: Iterable[str], edges: Edges, position: dict[str, int]) -> Block:
    """Lines that feed each other across periods: all backwards-looking or all forwards-looking."""
    members = set(component)
    inner = [(name, to, reach) for name in members for to, reach in edges[name] if to in members]
    reaches = {reach for _, _, reach in inner}
    if "all" in reaches or {"before", "after"} <= reaches or {"until", "after"} <= reaches:
        ring = _name_ring(members, inner)
        raise Circularity("lines feed each other in both directions of time: " + " <- ".join(ring), ring)
    now = {name: [to for to, reach in edges[name] if to in members and reach in ("now", "until")] for name in members}
    names, stuck = sort_within(now, position)
    if stuck:
        raise Circularity("lines feed each other within one period: " + " <- ".join(stuck), stuck)
    return Block(names, -1 if "after" in reaches else 1)


def _name_ring(members: set[str], inner: list[tuple[str, str, str]]) -> tuple[str, ...]:
    """A closed walk that reads a whole line, or that looks both ahead and back in time."""
    reads: dict[str, list[str]] = {name: [] for name in sorted(members)}
    for name, to, _ in sorted(inner):
        reads[name].append(to)
    whole, ahead, back = (
        [(name, to) for name, to, reach in sorted(inner) if reach in kinds]
        for kinds in (("all",), ("after",), ("before", "until"))
    )
    walk_along = whole[:1] or ahead[:1] + back[:1]
    ring = [walk_along[0][0]]
    for (_, to), (name, _) in zip(walk_along, walk_along[1:] + walk_along[:1], strict=True):
        ring += shortest_path(reads, to, name)
    return tuple(ring)
