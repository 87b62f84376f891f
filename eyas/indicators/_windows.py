"""Fold every window of a column, in chunks that stay in the cache.

The sum over a window is built by doubling: sums over 2 values, over 4, over 8 …, then the few that
make up the period are joined. This costs two or three additions a value for each doubling of the
period instead of one for each value of the window, and it is the same tree of additions for every
window. So a result depends on its window alone, bit for bit: not on what came before (a running
sum would drift, and one NaN would last for ever), not on what comes after, not on the chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 8192
"""Windows that are folded at a time: 64 kB a buffer."""

Folds: TypeAlias = "tuple[NDArray[np.float64], ...]"
"""For every window of a chunk, the parts of its fold, such as its sum and its sum of squares."""
Start: TypeAlias = "Callable[[NDArray[np.float64]], Folds]"
"""Return the folds of windows of length 1."""
Join: TypeAlias = Callable[[Folds, int, Folds, int], Folds]
"""Join the folds of windows with those of the windows right after them, given both lengths."""


def fold(values: NDArray[np.float64], period: int, start: Start, join: Join) -> Iterator[tuple[slice, Folds]]:
    """Yield where a chunk of results belongs, and the folds of the windows that end there.

    Nothing is yielded for the first period - 1 places, nor at all when there are fewer values.
    """
    chunk = max(CHUNK, period)
    for first in range(0, len(values) - period + 1, chunk):
        part = values[first : first + chunk + period - 1]
        end = first + period - 1
        with np.errstate(all="ignore"):  # infinite values make NaN, without a warning
            folds = _fold_chunk(start(part), period, join)
        yield slice(end, first + len(part)), folds


def _fold_chunk(doubled: Folds, period: int, join: Join) -> Folds:
    """Return the folds of all windows of a period, from those of length 1."""
    count = len(doubled[0]) - period + 1
    whole: Folds | None = None
    covered, length = 0, 1
    while True:
        if period & length:
            newer = tuple(piece[covered : covered + count] for piece in doubled)
            whole = newer if whole is None else join(whole, covered, newer, length)
            covered += length
        if covered == period:
            assert whole is not None
            return whole
        left = tuple(piece[:-length] for piece in doubled)
        right = tuple(piece[length:] for piece in doubled)
        doubled = join(left, length, right, length)
        length *= 2


def extreme(
    values: NDArray[np.float64], period: int, pick: Callable[..., NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the largest or smallest value of every window; `pick` is np.maximum or np.minimum.

    Two windows of a power of two that overlap cover any period, because picking twice does no harm.
    A zero has no sign here: which of two that differ in it is picked would depend on where they lie.
    """
    result = np.full(len(values), np.nan)
    chunk = max(CHUNK, period)
    for first in range(0, len(values) - period + 1, chunk):
        part = values[first : first + chunk + period - 1] + 0.0
        count = len(part) - period + 1
        length = 1
        while length * 2 <= period:
            part = pick(part[:-length], part[length:])
            length *= 2
        end = first + period - 1
        pick(part[:count], part[period - length : period - length + count], out=result[end : end + count])
    return result
