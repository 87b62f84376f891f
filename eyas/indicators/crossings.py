"""Where one column crosses another: what `Series` says of now, for all bars at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.indicators import _arguments
from eyas.model import crossed
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@remembered
def crossed_above(values: ArrayLike, other: ArrayLike) -> NDArray[np.bool_]:
    """Return for each bar whether `values` rose above `other` (a column, or one level) since the bar before.

    As `Series.crossed_above`: before at or below, now above; False for the first bar and beside a NaN.

    >>> crossed_above([1.0, 3.0, 2.0, 3.0], 2.0).tolist()
    [False, True, False, True]
    """
    return between(values, other, below=False)


@remembered
def crossed_below(values: ArrayLike, other: ArrayLike) -> NDArray[np.bool_]:
    """Return for each bar whether `values` fell below `other` (a column, or one level) since the bar before.

    >>> crossed_below([3.0, 1.0, 2.0, 1.0], 2.0).tolist()
    [False, True, False, True]
    """
    return between(values, other, below=True)


def between(values: ArrayLike, other: ArrayLike, *, below: bool) -> NDArray[np.bool_]:
    """Return where two columns cross, one way."""
    column = _arguments.column(values)
    if np.ndim(other) == 0:
        against = _arguments.column(np.atleast_1d(np.asarray(other)), "other")
    else:
        against = _arguments.column(other, "other")
        _arguments.same_length(values=column, other=against)
    result = np.empty(len(column), dtype=np.int8)
    crossed(column, against, below, result)
    return result.view(np.bool_)
