"""Bring bars that are stamped at their close to the time when they open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.timeframes import following

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS_NS = (1_000_000, 1_000, 1)
SECOND_NS = 1_000_000_000


def opened(time: NDArray[np.int64], timeframe: str) -> NDArray[np.int64]:
    """Return when bars open that are stamped when they close.

    A stamp such as 09:59:59.999 means 10:00. Raises UsageError where nobody said how long a bar lasts.
    """
    if not timeframe:
        raise UsageError(
            "bars stamped at their close need a timeframe, to know when they opened. Say timeframe='1h'."
        )
    for unit in UNITS_NS:
        if len(time) and bool(((time + unit) % SECOND_NS == 0).all()):
            time = time + unit
            break
    return following(time, timeframe, -1)
