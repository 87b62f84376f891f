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
    found = np.zeros(len(scores), dtype=np.bool_)
    ahead = np.empty((0, scores.shape[1]))
    # Best first: whoever beats a row comes before it.
    for place in np.lexsort(tuple(-scores[:, column] for column in range(scores.shape[1]))[::-1]).tolist():
        row = scores[place]
        if not bool(((ahead >= row).all(axis=1) & (ahead > row).any(axis=1)).any()):
            found[place] = True
            ahead = np.vstack([ahead, row])
    return found
