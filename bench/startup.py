"""How long a person waits for a fresh process."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.environments import ROOT, output_of, python_of

PROCESSES = 10
IMPORT = """
import time
start, cpu = time.perf_counter(), time.process_time()
import eyas
print(time.perf_counter() - start, time.process_time() - cpu)
"""


class Taken(NamedTuple):
    """Hold the seconds that something took: by the clock, and of the processor."""

    clock: float
    cpu: float


def figures() -> dict[str, dict[str, float]]:
    """Return the median seconds of fresh processes, with their files already in the system's cache."""
    python = python_of("eyas")
    eyas = python.with_name("eyas")
    run = (eyas, "backtest", "examples/cross.py", "--sample", "BTCUSDT:1m")
    return {
        "python": medians(lambda: process((python, "-I", "-c", "pass"))),
        "import eyas": medians(lambda: Taken(*map(float, output_of((python, "-I", "-c", IMPORT)).split()))),
        "eyas --help": medians(lambda: process((eyas, "--help"))),
        "eyas backtest": medians(lambda: process(run)),
    }


def medians(measure: Callable[[], Taken]) -> dict[str, float]:
    """Measure a few times, after once for warmth."""
    measure()
    taken = [measure() for _ in range(PROCESSES)]
    return {
        "median": statistics.median(one.clock for one in taken),
        "min": min(one.clock for one in taken),
        "cpu": statistics.median(one.cpu for one in taken),
    }


def process(command: Sequence[str | Path]) -> Taken:
    """Return the seconds of a process, from its start to its end."""
    start, cpu = time.perf_counter(), children_cpu()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return Taken(time.perf_counter() - start, children_cpu() - cpu)


def children_cpu() -> float:
    """Return the processor's seconds of all processes that we started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
