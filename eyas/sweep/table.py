"""The rows of a study while it grows: in memory, and from many rows on in a file without a name."""

from __future__ import annotations

import os
import tempfile
from typing import IO, TYPE_CHECKING
from weakref import finalize

import numpy as np

from eyas.sweep.figures import TRIAL_DTYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

IN_MEMORY_MAX = 200_000  # rows
MESSAGES_MAX = 10_000
CAPACITY_MIN = 256
PIECE_ROWS = 16_384


def record_dtype(axes: int, told: int) -> np.dtype[np.void]:
    """Return the type of what a study keeps of a trial, on disk too: number, codes, row, values."""
    return np.dtype(
        [("number", "<i8"), ("codes", "<f8", (axes,)), ("trial", TRIAL_DTYPE), ("told", "<f8", (told,))]
    )


class Table:
    """Hold records by number, whatever order they come in; beside each its scores, and if it may be best."""

    def __init__(self, axes: int, told: int, objectives: int) -> None:
        self.record = record_dtype(axes, told)
        self._dtype = np.dtype(
            [("record", self.record), ("scores", "<f8", (objectives,)), ("broken", "?"), ("here", "?")]
        )
        self._kept: NDArray[np.void] = np.zeros(CAPACITY_MIN, dtype=self._dtype)
        self._file: IO[bytes] | None = None
        self.messages: dict[int, str] = {}
        self.untold = 0
        self.count = 0

    @property
    def is_on_disk(self) -> bool:
        """Whether there were too many rows for memory."""
        return self._file is not None

    def put(
        self,
        records: NDArray[np.void],
        messages: Mapping[int, str],
        scores: NDArray[np.float64],
        broken: NDArray[np.bool_],
    ) -> None:
        """Take some trials; `messages` are sentences by place among them."""
        numbers = records["number"]
        self._make_room(int(numbers.max()) + 1)
        self._kept["record"][numbers] = records
        self._kept["scores"][numbers] = scores
        self._kept["broken"][numbers] = broken
        for place, text in messages.items():
            if len(self.messages) < MESSAGES_MAX:
                self.messages[int(numbers[place])] = text
            else:
                self.untold += 1
        self._kept["here"][numbers] = True
        self.count += len(numbers)

    def has(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of some trials are there."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        inside = numbers < len(self._kept)
        found[inside] = self._kept["here"][numbers[inside]]
        return found

    @property
    def complete_from_zero(self) -> int:
        """How many trials are there without a gap, from the first on."""
        here = self._kept["here"]
        return int(np.argmin(here)) if not here.all() else len(here)

    def codes(self, number: int) -> NDArray[np.float64]:
        """Return the codes of the parameters of a trial that is there."""
        found: NDArray[np.float64] = self._kept["record"]["codes"][number]
        return found

    def finished(self) -> NDArray[np.void]:
        """Return what is there, by number, to put nothing after it: fields record, scores, broken."""
        # Counted, since Ctrl-C may have come in the middle of `put`.
        self.count = int(np.count_nonzero(self._kept["here"]))
        first = self.complete_from_zero
        beyond = np.flatnonzero(self._kept["here"])[first:]
        # Moved up piece by piece, where they are: there may be more of them than fit into memory twice.
        for start in range(0, len(beyond), PIECE_ROWS):
            piece = beyond[start : start + PIECE_ROWS]
            self._kept[first + start : first + start + len(piece)] = self._kept[piece]
        self._kept["here"][self.count :] = False
        return self._kept[: self.count]

    def _make_room(self, count: int) -> None:
        """Have room for as many rows; beyond IN_MEMORY_MAX in a file, which goes with this process."""
        if count <= len(self._kept):
            return
        capacity = max(count, 2 * len(self._kept))
        if capacity <= IN_MEMORY_MAX:
            larger: NDArray[np.void] = np.zeros(capacity, dtype=self._dtype)
            larger[: len(self._kept)] = self._kept
            self._kept = larger
            return
        before = None if self._file else self._kept
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="eyas-sweep-")  # noqa: SIM115 - it lives with the rows
            finalize(self, self._file.close)
        # So that a full disk is an error now, and not a crash when a row is written.
        os.posix_fallocate(self._file.fileno(), 0, capacity * self._dtype.itemsize)
        self._kept = np.memmap(self._file, dtype=self._dtype, mode="r+", shape=(capacity,))
        if before is not None:
            self._kept[: len(before)] = before
