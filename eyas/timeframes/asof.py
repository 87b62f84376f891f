"""Find the last row that is known at a moment: never one from the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def as_of_rows(known: ArrayLike, at: ArrayLike) -> NDArray[np.int64]:
    """Return for each moment of `at` the last row that is known at it or before it; -1 where none is yet.

    `known` says when each row is known and never falls; of rows known together the last one counts. Both
    are int64 nanoseconds; `at` has any order. Raises UsageError when `known` falls.

    >>> as_of_rows([10, 20, 20, 30], [5, 10, 29])
    array([-1,  0,  2])
    """
    times, moments = np.asarray(known, dtype=np.int64), np.asarray(at, dtype=np.int64)
    falls = np.flatnonzero(times[1:] < times[:-1])
    if len(falls):
        raise UsageError(
            f"row {falls[0] + 1} is known before row {falls[0]}: sort the rows by when they are known"
        )
    return np.searchsorted(times, moments, side="right").astype(np.int64) - 1
