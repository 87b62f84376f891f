"""Strategies to run, and how a command is started as a process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ("--sample", "AAPL:1d")

CROSS = (ROOT / "examples" / "cross.py").read_text()
BROKEN = """\
import eyas


class Broken(eyas.Strategy):
    after: int = eyas.param(100, min=0)

    def on_bar(self, bar):
        if bar.index % 10 == 0:
            self.buy(quantity=1, take_profit=0.01)
        if bar.index == self.after:
            self.divide(bar)

    def divide(self, bar):
        return bar.close / (bar.index - self.after)
"""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


def command(*arguments: str) -> list[str]:
    """Return the command line of a process."""
    return [sys.executable, "-m", "eyas", *arguments]


def environment(**changes: str) -> dict[str, str]:
    """Return an environment in which the eyas of this tree is found, and nothing chooses colours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changes}
