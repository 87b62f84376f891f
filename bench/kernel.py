"""What the kernel alone takes for a bar on which nothing happens: in time, and in instructions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.environments import output_of

BUILD = ("cargo", "build", "--quiet", "--release", "--locked", "--package=eyas-kernel", "--example=idle")
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
COUNTED_BARS = 20_000
COUNTED_SHARE = 5
"""Of the bars that are timed at most one in so many is counted: counting is slow where a bar costs much."""


def figures() -> list[dict[str, Any]]:
    """Return nanoseconds a bar for each case of kernel/examples/idle.rs; with valgrind, instructions too."""
    example = built()
    cases = [json.loads(line) for line in output_of((example,)).splitlines()]
    if shutil.which("valgrind"):
        for case in cases:
            counted = min(COUNTED_BARS, case["bars"] // COUNTED_SHARE)
            case["instructions"] = instructions(example, case["case"], case["count"], counted)
    return cases


def built() -> Path:
    """Build the example and return its path."""
    messages = output_of((*BUILD, "--message-format", "json"))
    paths: list[str | None] = [json.loads(line).get("executable") for line in messages.splitlines()]
    return Path(next(path for path in paths if path))


def instructions(example: Path, case: str, count: int, bars: int) -> float:
    """Return the instructions of one bar: what twice as many bars take more, so that the start drops out."""
    once, twice = (collected(example, case, count, number) for number in (bars, 2 * bars))
    return (twice - once) / bars


def each_ns(cases: list[dict[str, Any]], *kinds: str, most: int = 100) -> float:
    """Return what one of up to so many orders or tickets costs a bar, beyond an idle one: the worst case."""
    idle: float = next(case["min_ns"] for case in cases if case["case"] == "idle")
    found = [case for case in cases if case["case"] in kinds and case["count"] <= most]
    return float(max((case["min_ns"] - idle) / case["count"] for case in found))


def collected(example: Path, case: str, count: int, bars: int) -> int:
    """Return the instructions that callgrind counts in a run."""
    command = (*CALLGRIND, example, case, str(count), str(bars))
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    match = re.search(r"Collected : (\d+)", done.stderr)
    if not match:
        raise RuntimeError(f"valgrind said no count: {done.stderr}")
    return int(match[1])
