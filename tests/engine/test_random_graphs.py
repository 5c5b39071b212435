"""Random models: one case, NumPy and the compiled kernel are one model.

Every operation is drawn but powers, logarithms and rates of return, which have tests of their own: what is left is
exact, so the comparison is to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spvmodel import lines
from spvmodel.lines import Expr, Graph, Input, Model, Ref
from spvmodel.lines.expr import Call, walk
from tests.engine.comparing import Floats, assert_engines_agree

PERIODS = 6
CASES = 5

Draw = Callable[[st.SearchStrategy[int]], int]


class Writer:
    """Declares random lines; ``scalars`` and ``series`` hold those that are never N/A."""

    def __init__(self, draw: Draw, graph: Graph) -> None:
        self.draw = draw
        self.graph = graph
        self.scalars = [self.graph.input(Input(f"s{k}", 0.5 * k - 1.0), "Scalar", "") for k in range(3)]
        values = [tuple(float((3 * t + k) % 4 - 1) for t in range(PERIODS)) for k in range(2)]
        self.series = [self.graph.input(Input(f"x{k}", v), "Series", "") for k, v in enumerate(values)]
        self.flags = [self.graph.input(Input("flag", (1.0, 0.0) * (PERIODS // 2)), "Flag", "flag")]
        self.holed: list[Ref] = []
        self.keys = [self.graph.input(Input("key", tuple(map(float, range(PERIODS)))), "Key", "")]
        self.dates = [self.graph.input(Input("start", 45678.0), "Start", "date")]
        self.count = 0

    def pick(self, refs: list[Ref]) -> Ref:
        return refs[self.draw(st.integers(0, len(refs) - 1))]

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def atom(self, series: bool) -> Expr:
        choice = self.draw(st.integers(0, 9))
        if choice == 0:
            return lines.expr.lift([0.0, 1.0, -1.0, 0.1, 12.0][self.draw(st.integers(0, 4))])
        if series and choice >= 5:
            return self.pick(self.series)
        if series and choice == 4:
            return lines.default(self.pick(self.holed), 0.25) if self.holed else self.pick(self.flags)
        return self.pick(self.scalars)

    def formula(self, series: bool, depth: int = 2) -> Expr:
        if depth == 0:
            return self.atom(series)
        a, b = self.formula(series, depth - 1), self.formula(series, depth - 1)
        made: list[Callable[[], Expr]] = [
            lambda: a + b,
            lambda: a - b,
            lambda: a * b,
            lambda: a / (lines.absolute(b) + 0.5),
            lambda: -a,
            lambda: lines.floor(a),
            lambda: lines.minimum(a, b),
            lambda: lines.maximum(a, b),
            lambda: lines.where(lines.equal(b, 0.0), a, a / b),
            lambda: lines.where(a > b, self.atom(series), b),
            lambda: (a < b) + (a >= 1.0) * 2.0,
            lambda: (a <= b) - Call("ne", (a, b)),
            lambda: lines.default(lines.ratio(a, b), a),
            lambda: lines.defined(lines.ratio(1.0, lines.floor(a))),
            lambda: lines.prev(self.pick(self.series)) + a if series else a * 0.5,
            lambda: lines.next_(self.pick(self.series)) - b if series else b,
        ]
        found = made[self.draw(st.integers(0, len(made) - 1))]()
        # Bounded, so that no chain of products leaves the floats.
        return lines.minimum(lines.maximum(found, -1e9), 1e9)

    def declare(self) -> None:
        """One more line, or several that belong together."""
        kinds = [self._scalar, self._series, self._forwards, self._backwards, self._pair, self._holes]
        kinds += [self._statistics, self._window, self._key, self._dates, self._flag, self._feedback]
        kinds[self.draw(st.integers(0, len(kinds) - 1))]()

    def _scalar(self) -> None:
        self.scalars.append(self.graph.scalar(self.name(), self.formula(False), "Scalar", ""))

    def _series(self) -> None:
        opening = self.formula(False, 1) if self.draw(st.integers(0, 1)) else None
        self.series.append(self.graph.series(self.name(), self.formula(True), "Series", "", opening=opening))

    def _forwards(self) -> None:
        name = self.name()
        before = lines.prev(self.graph.ref(name))
        expr = before * 0.5 + self.formula(True)
        self.series.append(self.graph.series(name, expr, "Recurrence", "", opening=self.formula(False, 1)))

    def _backwards(self) -> None:
        name = self.name()
        expr = lines.next_(self.graph.ref(name)) * 0.5 + self.formula(True)
        self.series.append(self.graph.series(name, expr, "Recurrence", ""))

    def _pair(self) -> None:
        bop, eop = self.name(), self.name()
        self.series += [
            self.graph.series(bop, lines.prev(self.graph.ref(eop)) + self.formula(True, 1), "Opening", ""),
            self.graph.series(eop, self.graph.ref(bop) * 0.9, "Closing", "", opening=self.formula(False, 1)),
        ]

    def _holes(self) -> None:
        a, b = self.formula(True, 1), self.formula(True, 1)
        shape = [lines.ratio(a, lines.floor(b)), lines.where(a > b, lines.na(), b)]
        self.holed.append(self.graph.series(self.name(), shape[self.draw(st.integers(0, 1))], "Holed", ""))

    def _statistics(self) -> None:
        whole, flag, key = self.pick(self.series), self.pick(self.flags), self.pick(self.keys)
        holed = self.pick(self.holed or self.series)
        made = [
            lines.total(whole),
            lines.total(whole, flag),
            lines.sum_of(self.pick(self.scalars), self.pick(self.scalars), self.pick(self.scalars)),
            lines.default(lines.lowest(holed), 0.0),
            lines.default(lines.highest(holed, flag), 0.0),
            lines.default(lines.mean(holed), 0.0),
            lines.default(lines.mean(whole, flag), 0.0),
            lines.default(lines.at_lowest(key, holed), 0.0),
        ]
        expr = made[self.draw(st.integers(0, len(made) - 1))]
        self.scalars.append(self.graph.scalar(self.name(), expr, "Statistic", ""))

    def _window(self) -> None:
        key = self.pick(self.keys)
        ahead = self.draw(st.integers(0, 1))
        width = lines.absolute(self.pick(self.scalars)) * 3.0
        limit = self.graph.series(self.name(), key + width if ahead else key - width, "Limit", "")
        window = lines.sum_ahead if ahead else lines.sum_behind
        line = window(self.pick(self.series), key, limit)
        self.series.append(self.graph.series(self.name(), line, "Window", ""))

    def _key(self) -> None:
        name = self.name()
        step = lines.absolute(self.pick(self.scalars))
        expr = lines.prev(self.graph.ref(name)) + step
        self.keys.append(self.graph.series(name, expr, "Key", "", opening=self.pick(self.scalars)))

    def _dates(self) -> None:
        months = lines.minimum(lines.absolute(self.formula(False, 1)), 400.0) * lines.Number(1, "months")
        shift = lines.edate if self.draw(st.integers(0, 1)) else lines.eomonth
        day = self.graph.scalar(self.name(), shift(self.pick(self.dates), months), "Date", "date")
        self.dates.append(day)
        read = [lines.year(day) - 2025.0, lines.month(day), lines.day(day)]
        part = read[self.draw(st.integers(0, len(read) - 1))]
        self.scalars.append(self.graph.scalar(self.name(), part, "Part of a date", ""))

    def _flag(self) -> None:
        expr = self.formula(True, 1) > self.formula(True, 1)
        self.flags.append(self.graph.series(self.name(), expr, "Flag", "flag"))

    def _feedback(self) -> None:
        series = bool(self.draw(st.integers(0, 1)))
        name, fed = self.name(), self.name()
        start = self.formula(False, 1)
        here = self.graph.feedback(name, start, fed, "Fed", "", 1 + self.draw(st.integers(0, 3)), series=series)
        declare = self.graph.series if series else self.graph.scalar
        found = declare(fed, here * 0.5 + self.formula(series, 1), "Feeding", "")
        (self.series if series else self.scalars).extend([here, found])


@st.composite
def random_models(draw: Draw) -> Model:
    graph = Graph()
    with graph.place("Sheet"):
        writer = Writer(draw, graph)
        for _ in range(draw(st.integers(3, 12))):
            writer.declare()
    return graph.compile(PERIODS)


@st.composite
def random_cases(draw: Draw, model: Model) -> dict[str, Floats]:
    """Values of some inputs, at least one of which moves; the others stay as they are."""
    names = draw(st.lists(st.sampled_from(list(model.inputs)), min_size=1, unique=True))
    numbers = st.sampled_from([-2.0, -1.0, -0.1, 0.0, 0.1, 0.25, 1.0, 3.0, 1e6])
    found = {}
    for name in names:
        shape = (PERIODS, CASES) if model.lines[name].series else (CASES,)
        size = int(np.prod(shape))
        values = np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(shape)
        if name == "key":
            values = np.cumsum(np.abs(values), axis=0)
        elif name == "flag":
            values = (values > 0.0).astype(float)
        elif name == "start":
            values = 45000.0 + np.abs(np.floor(values)) % 5000.0
        found[name] = values
    return found


@given(st.data())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_engines_agree_on_random_models(data: st.DataObject) -> None:
    model = data.draw(random_models())
    assert_engines_agree(model, data.draw(random_cases(model)))


def test_random_models_use_every_operation() -> None:
    seen: set[str] = set()

    @given(random_models())
    @settings(max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    def collect(model: Model) -> None:
        for line in model.lines.values():
            for expr in (e for e in (line.expr, line.opening) if e is not None):
                seen.update(node.op for node in walk(expr) if isinstance(node, Call))

    collect()
    every = {*lines.expr.ELEMENTWISE, *lines.expr.SHIFTS, *lines.expr.WINDOWS, *lines.expr.TERMINAL, "sum_of"}
    assert every - seen == {"pow", "ln", "irr", "xirr"}
