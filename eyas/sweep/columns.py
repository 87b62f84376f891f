"""Columns that several processes read without a copy each, and that nobody has to clean up."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Sequence

ALIGNMENT = 64
PIECE_BYTES = 2**26


class SharedColumns:
    """Hold columns in memory without a name: it is gone with the last process that holds it, however it ends.

    `places` says where each begins and how long it is, in bytes; `descriptor` is handed to a child.
    """

    def __init__(self, columns: Sequence[memoryview]) -> None:
        self.places: list[tuple[int, int]] = []
        self.size = 0
        self.descriptor = nameless()
        try:
            for column in columns:
                self.places.append((self.size, column.nbytes))
                self._write(column.cast("B") if column.nbytes else column)
        except OSError:
            self.close()
            raise

    def _write(self, column: memoryview) -> None:
        os.lseek(self.descriptor, self.size, os.SEEK_SET)
        for first in range(0, column.nbytes, PIECE_BYTES):
            piece = column[first : first + PIECE_BYTES]
            while piece.nbytes:
                piece = piece[os.write(self.descriptor, piece) :]
        self.size += -(-column.nbytes // ALIGNMENT) * ALIGNMENT

    def close(self) -> None:
        """Let go of the memory; children keep theirs."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def nameless() -> int:
    """Return a descriptor of memory, or of a file that no folder names."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("eyas-columns")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def read_shared(descriptor: int, places: Sequence[tuple[int, int]]) -> list[memoryview]:
    """Return the columns of a descriptor that another process wrote; they can only be read."""
    if not any(size for _, size in places):
        return [memoryview(b"") for _ in places]
    whole = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    return [whole[start : start + size] for start, size in places]
