"""How fast it is: ``python -m tests.bench``, or ``make bench``.

Whole programs are measured as ratios against a yardstick that runs in turn with them, so that the figures of
different machines can be compared; the engine as time per line, period and case.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

import spvmodel
from tests.bench.cells import read_cells, write_cells
from tests.bench.measure import child, in_turns, medians, python, seconds

COMMAND_LINE = "from spvmodel.cli import main; main()"
ONE_COMMAND = """
import click

@click.command()
@click.option("--count", default=1, help="How often.")
def hello(count):
    '''Say hello.'''
    click.echo("Hello! " * count)

hello()
"""

MOVED = "rates.shift"
MANY = (1, 100, 10_000)
RICH = Path(__file__).parents[1] / "deals" / "rich.yaml"


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, its value with unit, and the target where there is one."""

    subject: str
    value: float
    unit: str
    target: float | None = None

    def __str__(self) -> str:
        digits = f"{self.value:,.0f}" if self.value >= 100.0 else f"{self.value:.3g}"
        text = f"{self.subject:<58} {digits:>9} {self.unit:<14}"
        if self.target is None:
            return text.rstrip()
        # The figure is no more exact than the digits that are shown of it.
        met = float(digits.replace(",", "")) <= self.target
        return f"{text} target {self.target:g}: {'met' if met else 'MISSED'}"


def of_a_run(deal: str, folder: Path, rounds: int) -> list[Figure]:
    """A whole ``run`` against XlsxWriter writing the same cells, and its peak memory."""
    peaks: list[float] = []

    def run() -> float:
        done = child(python(COMMAND_LINE, "run", deal, "--out", folder))
        peaks.append(done.peak)
        return done.seconds

    run()
    (workbook,) = folder.glob("*.xlsx")
    cells = read_cells(workbook)
    again = folder / "again.xlsx"
    took = medians({"run": run, "cells": lambda: seconds(lambda: write_cells(cells, again))}, rounds)
    count = sum(map(len, cells.values()))
    return [
        Figure(f"run {deal}: workbook, report and data", took["run"], "s"),
        Figure(f"XlsxWriter: the same {count:,} cells from memory", took["cells"], "s"),
        Figure("run / XlsxWriter", took["run"] / took["cells"], "times", 2.5),
        Figure("run: peak memory", median(peaks), "MiB", 300.0),
    ]


def of_the_start(rounds: int) -> list[Figure]:
    """``--help`` against the smallest program of the same kind."""
    took = medians(
        {
            "help": lambda: child(python(COMMAND_LINE, "--help")).seconds,
            "click": lambda: child(python(ONE_COMMAND, "--help")).seconds,
        },
        rounds,
    )
    return [
        Figure("spvmodel --help", took["help"] * 1e3, "ms"),
        Figure("a click program of one command --help", took["click"] * 1e3, "ms"),
        Figure("spvmodel --help / click", took["help"] / took["click"], "times", 2.0),
    ]


def of_one_case(model: spvmodel.Model, rounds: int) -> list[Figure]:
    """One solve, once its code is generated."""
    first = seconds(lambda: spvmodel.solve(model))
    took = medians({"one": lambda: seconds(lambda: spvmodel.solve(model))}, rounds)["one"]
    return [
        Figure("one case: the first solve, with its code generated", first * 1e3, "ms"),
        Figure("one case: every other solve", took * 1e3, "ms"),
        Figure("one case", took / cells_of(model) * 1e9, "ns/line/period"),
    ]


def of_many_cases(model: spvmodel.Model, rounds: int) -> list[Figure]:
    """Many cases that differ in the shift of interest rates, by both kernels."""
    measures: dict[str, Callable[[], float]] = {}
    counts: dict[str, int] = {}
    figures = []
    for kernel, fast in (("compiled", True), ("NumPy", False)):
        shifts = np.linspace(-0.005, 0.02, 2)
        first = seconds(lambda: spvmodel.solve_many(model, {MOVED: shifts}, fast=fast))  # noqa: B023
        figures.append(Figure(f"many cases, {kernel}: the first solve", first * 1e3, "ms"))
        for cases in MANY:
            name = f"many cases, {kernel}: {cases:,}"
            counts[name] = cases
            measures[name] = many_cases(model, np.linspace(-0.005, 0.02, cases), fast)
    for name, took in medians(measures, rounds).items():
        figures.append(Figure(name, took / counts[name] / cells_of(model) * 1e9, "ns/line/period/case"))
    return figures


def of_finer_periods(rounds: int) -> list[Figure]:
    """The richest test deal over 25 years, monthly against quarterly: time may grow no faster than cells.

    Of the first solve of a model, which writes its code, as every command does it once; and of every other, whose time
    is that of the cells alone. Growth is the median over rounds of one time over that of the neighbour: where what else
    the machine does slows both, it falls out, while the least of long runs would flatter the shorter.
    """
    text = RICH.read_text(encoding="utf-8")
    if text.count("frequency: quarterly") != 1:
        raise RuntimeError(f"{RICH} is not quarterly")
    models = {}
    with tempfile.TemporaryDirectory() as folder:
        for frequency in ("quarterly", "monthly"):
            path = Path(folder, f"{frequency}.yaml")
            path.write_text(text.replace("frequency: quarterly", f"frequency: {frequency}"), encoding="utf-8")
            models[frequency] = spvmodel.build(spvmodel.load(path))
    measures: dict[str, Callable[[], float]] = {}
    for name, model in models.items():
        measures[f"first {name}"] = lambda model=model: seconds(lambda: spvmodel.solve(replace(model)))
    for name, model in models.items():
        measures[name] = lambda model=model: seconds(lambda: spvmodel.solve(model))
    for model in models.values():
        spvmodel.solve(model)
    turns = in_turns(measures, 2 * rounds)
    took = {name: median(times) for name, times in turns.items()}
    cells = {name: written_cells(model) for name, model in models.items()}
    more = cells["monthly"] / cells["quarterly"]
    first, again = (
        median(m / q for m, q in zip(turns[f"{what}monthly"], turns[f"{what}quarterly"], strict=True))
        for what in ("first ", "")
    )
    found = [Figure("rich, monthly / quarterly: cells", more, "times")]
    for name, count in cells.items():
        found.append(Figure(f"rich, {name}: {count:,} cells, the first solve", took[f"first {name}"] * 1e3, "ms"))
        found.append(Figure(f"rich, {name}: every other solve", took[name] * 1e3, "ms"))
    found.append(Figure("first solve: growth of time / growth of cells", first / more, "times", 1.0))
    found.append(Figure("every other solve: growth of time / growth of cells", again / more, "times", 1.0))
    return found


def many_cases(model: spvmodel.Model, shifts: np.ndarray, fast: bool) -> Callable[[], float]:
    """A measure of one solve of many cases."""
    return lambda: seconds(lambda: spvmodel.solve_many(model, {MOVED: shifts}, fast=fast))


def written_cells(model: spvmodel.Model) -> int:
    """Cells that hold a value: one for a scalar line, one a period for a series, feedback passes included."""
    return sum(model.periods if line.series else 1 for line in model.lines.values())


def cells_of(model: spvmodel.Model) -> int:
    """Lines, feedback passes included, times periods."""
    return len(model.lines) * model.periods


def main(deal: str = "abilene", rounds: int = 5) -> None:
    """Print the table for one deal; every figure is the median of ``rounds`` (more for short ones)."""
    model = spvmodel.build(spvmodel.load(deal))
    print(f"{deal}: {len(model.lines):,} lines (feedback passes included) over {model.periods} periods")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors; medians of interleaved runs\n")
    with tempfile.TemporaryDirectory() as folder:
        for figure in of_a_run(deal, Path(folder), rounds):
            print(figure)
    for figure in (*of_the_start(3 * rounds), *of_one_case(model, 10 * rounds), *of_many_cases(model, rounds)):
        print(figure)
    for figure in of_finer_periods(3 * rounds):
        print(figure)


if __name__ == "__main__":
    main()
