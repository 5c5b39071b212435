"""Strongly connected components and orders of a directed graph of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set


def components(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The strongly connected components, each after all that it reads (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in edges:
        if root in index:
            continue
        work: list[tuple[str, int]] = [(root, 0)]
        while work:
            name, step = work.pop()
            if step == 0:
                index[name] = low[name] = len(index)
                waiting.append(name)
                on_stack.add(name)
            targets = edges[name]
            while step < len(targets):
                target = targets[step]
                step += 1
                if target not in index:
                    work.append((name, step))
                    work.append((target, 0))
                    break
                if target in on_stack:
                    low[name] = min(low[name], index[target])
            else:
                if low[name] == index[name]:
                    component = []
                    while True:
                        member = waiting.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == name:
                            break
                    found.append(component[::-1])
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[name])
    return found


def sort_within(
    edges: Mapping[str, Sequence[str]], position: Mapping[str, int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """An order in which every name follows what it reads, ties by ``position``; a ring if there is none."""
    waits = {name: len(targets) for name, targets in edges.items()}
    readers: dict[str, list[str]] = {name: [] for name in edges}
    for name, targets in edges.items():
        for target in targets:
            readers[target].append(name)
    done: list[str] = []
    ready = [name for name, count in waits.items() if not count]
    while ready:
        ready.sort(key=position.__getitem__)
        done += ready
        freed: list[str] = []
        for name in ready:
            for reader in readers[name]:
                waits[reader] -= 1
                if not waits[reader]:
                    freed.append(reader)
        ready = freed
    if len(done) < len(edges):
        return (), _ring(edges, edges.keys() - set(done))
    return tuple(done), ()


def _ring(edges: Mapping[str, Sequence[str]], left: Set[str]) -> tuple[str, ...]:
    path = [min(left)]
    while path[-1] not in path[:-1]:
        path.append(next(to for to in sorted(edges[path[-1]]) if to in left))
    return tuple(path[path.index(path[-1]) :])


def shortest_path(edges: Mapping[str, Sequence[str]], start: str, goal: str) -> list[str]:
    """The names from ``start`` to ``goal``, both included; ``goal`` must be within reach."""
    came_from = {start: start}
    queue = [start]
    for name in queue:
        for target in edges[name]:
            if target not in came_from:
                came_from[target] = name
                queue.append(target)
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]
