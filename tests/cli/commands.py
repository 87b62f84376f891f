"""Strategies to run, and how a command is started as a process."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ("--sample", "AAPL:1d")
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")

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


def in_terminal(*arguments: str, **changes: str) -> tuple[int, str]:
    """Run a command in a terminal of 80 columns and return its exit code and what the screen got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), stdout=theirs, stderr=theirs, env=environment(COLUMNS="80", **changes)
    )
    os.close(theirs)
    got = b""
    try:
        while piece := os.read(ours, 65_536):
            got += piece
    except OSError:
        pass  # how a terminal says that nobody writes any more
    os.close(ours)
    return process.wait(), got.decode()
