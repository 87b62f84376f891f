"""A program that takes part in a shared search, run by test_guided_shared.py.

`guided_driver.py url trials mode`: `mode` is "meet" (wait for the others after the first trials), "die" (kill
itself in the middle) or "run". It prints "first" when it waits, and in its last line what it found, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import eyas
from eyas.sweep import sweep
from eyas.sweep.guided_axes import key_of
from tests.sweep.guided_help import AXES, Cross

BARS = eyas.sample("AAPL", "1d")[:800]


def main(url: str, trials: str, mode: str, first: Callable[[], object] | None = None) -> dict[str, Any]:
    """Take part; `first` is called after the first trials."""
    met = []

    def progress(done: int, total: int | None, best: Any) -> None:
        if mode == "die" and done >= 10:
            os.kill(os.getpid(), signal.SIGKILL)
        if not met and first is not None:
            first()
        if not met and mode == "meet":
            sys.stdout.write("first\n")
            sys.stdout.flush()
            sys.stdin.readline()
        met.append(done)

    found = sweep(
        Cross, BARS, search="tpe", trials=int(trials), storage=url, workers=1, progress=progress, **AXES
    )
    numbers = [int(number) for number in found.numbers]
    return {
        "ran": found.course.ran,
        "keys": sorted(key_of(found.parameters(number)) for number in numbers),
        "rows": found.rows.tobytes().hex(),
        "reasons": {str(number): said for number, said in found.reasons.items()},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])) + "\n")
