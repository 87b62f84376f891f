"""Drive a search that knows its trials in advance: number them, hand them out, keep what comes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sweep.executors import Executor
    from eyas.sweep.space import Block
    from eyas.sweep.work import Rows

CHUNK_S = 0.2  # so that progress moves, and little is lost when it is stopped
CHUNK_MAX = 8192
AHEAD = 2  # chunks for each worker that are in flight: no worker waits for the next one
SHARE_LOST_MAX = 0.008  # of all trials, under way in all workers: what being killed may cost
FETCHED_MAX = 16  # blocks of combinations that are looked through for more of a chunk that has some
LOST_S = 0.001  # of work is worth no more chunks


class Chunk(NamedTuple):
    """Hold trials that run together: their numbers, codes (trials × axes) and parameters."""

    numbers: NDArray[np.int64]
    codes: NDArray[np.float64]
    parameters: list[dict[str, Any]]

    def cut(self, size: int) -> tuple[Chunk, Chunk]:
        """Return its first trials, and the others."""
        numbers, codes, parameters = self
        first = Chunk(numbers[:size], codes[:size], parameters[:size])
        return first, Chunk(numbers[size:], codes[size:], parameters[size:])


class Feed:
    """Number the combinations of a search in their order, and cut those that are still to do into chunks.

    `is_done` tells which numbers are; `first` is the number of the first combination, `last` where it ends.
    """

    def __init__(
        self,
        blocks: Iterator[Block],
        is_done: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
        *,
        first: int = 0,
        last: int | None = None,
    ) -> None:
        self._blocks = blocks
        self._is_done = is_done
        self._next = first
        self._last = last
        self._ready: deque[Chunk] = deque()
        self._waiting = 0
        self.is_over = False

    @property
    def numbered(self) -> int:
        """How many combinations have a number by now."""
        return self._next

    def take(self, size: int) -> Chunk | None:
        """Return the next chunk of at most `size` trials, None at the end."""
        fetched = 0
        # Where few combinations are kept, those that there are do not wait for a whole chunk.
        while self._waiting < size and not (self._waiting and fetched >= FETCHED_MAX) and self._fetch():
            fetched += 1
        if not self._ready:
            return None
        taken: list[Chunk] = []
        missing = size
        while missing and self._ready:
            chunk = self._ready.popleft()
            if len(chunk.numbers) > missing:
                chunk, rest = chunk.cut(missing)
                self._ready.appendleft(rest)
            taken.append(chunk)
            missing -= len(chunk.numbers)
        self._waiting -= size - missing
        if len(taken) == 1:
            return taken[0]
        numbers, codes = (
            np.concatenate([getattr(one, name) for one in taken]) for name in ("numbers", "codes")
        )
        return Chunk(numbers, codes, [one for chunk in taken for one in chunk.parameters])

    def _fetch(self) -> bool:
        """Take a block, and return whether there may be another."""
        if self.is_over:
            return False
        block = next(self._blocks, None)
        if block is None or (self._last is not None and self._next >= self._last):
            self.is_over = True
            return False
        numbers = np.arange(self._next, self._next + len(block.parameters), dtype=np.int64)
        if self._last is not None:
            numbers = numbers[: max(0, self._last - self._next)]
        self._next += len(numbers)
        todo = np.flatnonzero(~self._is_done(numbers))
        if len(todo):
            whole = len(todo) == len(block.parameters)
            parameters = block.parameters if whole else [block.parameters[place] for place in todo.tolist()]
            self._ready.append(Chunk(numbers[todo], block.codes[todo], parameters))
            self._waiting += len(todo)
        return True


class Pace:
    """Say how many trials a chunk has, from how long they take: about CHUNK_S, and never too large a share.

    `total` is how many trials there are, about, None when nobody knows; `keeps` whether they are stored.
    """

    def __init__(self, start: int, workers: int, total: int | None, *, keeps: bool) -> None:
        self.size = start
        self._workers = workers
        self._done = 0
        self._total = total
        # A worker may have one chunk that it runs, and one on its way back.
        exposed = 1 if workers == 1 else 2 * workers
        self._share = max(1, int((total or CHUNK_MAX) * SHARE_LOST_MAX / exposed)) if keeps else CHUNK_MAX

    def took(self, trials: int, seconds: float) -> None:
        """Learn from a chunk."""
        self._done += trials
        wanted = CHUNK_S * trials / max(seconds, 1e-9)
        lost = max(self._share, LOST_S * trials / max(seconds, 1e-9))
        size = min(wanted, 4 * self.size, CHUNK_MAX, lost)
        if self._total is not None and self._workers > 1:
            # Towards the end in smaller pieces, so that all workers end together.
            size = min(size, (self._total - self._done) / (2 * self._workers))
        self.size = max(1, int(size))


def drive(feed: Feed, executor: Executor, pace: Pace, keep: Callable[[Chunk, Rows], None]) -> None:
    """Run everything that a feed has; `keep` gets each chunk as it is done."""
    flying: dict[int, Chunk] = {}
    names = count()

    def fill() -> None:
        while len(flying) < executor.workers * AHEAD:
            chunk = feed.take(pace.size)
            if chunk is None:
                return
            name = next(names)
            flying[name] = chunk
            executor.submit(name, chunk.parameters)

    fill()
    while flying:
        for name, rows in executor.results():
            chunk = flying.pop(name)
            pace.took(len(chunk.numbers), rows.seconds)
            keep(chunk, rows)
            fill()
