"""Order trials by several objectives at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def front_of(scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows lie on the Pareto front; `scores` are (trials × objectives), larger is better.

    A row lies on it when no other is at least as good in everything and better in something.

    >>> front_of(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0]])).tolist()
    [True, True, False]
    """
    different, inverse = np.unique(scores, axis=0, return_inverse=True)
    rows = different[::-1]  # best first: whoever beats a row comes before it
    left, ahead = np.arange(len(rows)), np.zeros(len(rows), dtype=np.bool_)
    while len(left):
        first, others = left[0], left[1:]
        ahead[first] = True
        left = others[(rows[others] > rows[first]).any(axis=1)]
    found: NDArray[np.bool_] = ahead[::-1][inverse.reshape(-1)]
    return found
