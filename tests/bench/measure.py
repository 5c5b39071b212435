"""Taking times: medians of interleaved runs, and child processes with their peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

MIB = 2.0**20


@dataclass(frozen=True)
class Child:
    """What a finished child process took: wall time in seconds, peak memory in MiB."""

    seconds: float
    peak: float


def medians(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of what each measure returns over ``rounds``.

    All measures take turns within a round, so that what else the machine does falls on all of them.
    """
    return {name: median(values) for name, values in in_turns(measures, rounds).items()}


def in_turns(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each measure returns in each of the rounds, in which all take turns."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def seconds(action: Callable[[], object]) -> float:
    """The wall time of one call."""
    start = perf_counter()
    action()
    return perf_counter() - start


# A process inherits the peak of the program that started it, so a small one stands between.
_WATCH = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def child(command: Sequence[str | os.PathLike[str]]) -> Child:
    """Run a command to its end; it must succeed. Peak memory is what the kernel recorded for this child alone."""
    done = subprocess.run(python(_WATCH, *command), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command} exited with {done.returncode}: {done.stderr}")
    took, peak = map(float, done.stdout.split())
    # Linux counts in kilobytes, macOS in bytes.
    return Child(took, peak / (MIB if sys.platform == "darwin" else 1024.0))


def python(code: str, *arguments: str | os.PathLike[str]) -> list[str | os.PathLike[str]]:
    """The command that runs ``code`` in a fresh interpreter."""
    return [sys.executable, "-c", code, *arguments]
