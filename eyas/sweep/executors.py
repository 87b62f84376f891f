"""Where trials run: in this process (in its threads, for the ways that need no Python), or in others."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from eyas.sweep.work import Rows, Work, run_trials

if TYPE_CHECKING:
    Parameters = list[dict[str, Any]]


class Executor(Protocol):
    """Run chunks of trials somewhere; `number` is the caller's name of a chunk.

    `results` yields chunks as they are done, in any order, until nothing is in flight; `submit` may be called
    between two of them. `close` drops what is in flight.
    """

    workers: int

    def submit(self, number: int, parameters: Parameters) -> None:
        """Take a chunk."""

    def results(self) -> Iterator[tuple[int, Rows]]:
        """Yield what is done."""

    def close(self) -> None:
        """Let go of everything."""


class Inline:
    """Run trials in this process, one chunk after the other."""

    workers = 1

    def __init__(self, work: Work, threads: int = 1) -> None:
        self.work = work
        self.threads = threads
        self._waiting: deque[tuple[int, Parameters]] = deque()

    def submit(self, number: int, parameters: Parameters) -> None:
        """Take a chunk; it runs when results are asked for."""
        self._waiting.append((number, parameters))

    def results(self) -> Iterator[tuple[int, Rows]]:
        """Run what was submitted."""
        while self._waiting:
            number, parameters = self._waiting.popleft()
            yield number, run_trials(self.work, parameters, self.threads)

    def close(self) -> None:
        """Forget what has not run."""
        self._waiting.clear()


def cores_available() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
