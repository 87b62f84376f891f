"""Read the length of a bar off the times of the bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.timeframes import canonical, length_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = tuple((unit, length_ns(f"1{unit}")) for unit in "wdhms")
LOOK_AT = 100_000
"""Bars that are looked at: enough to know, few enough to cost nothing."""


def infer(time: NDArray[np.int64]) -> str:
    """Return the timeframe of rising times, such as "1m", "4h", "1d" or "1M"; empty when irregular.

    It is the median distance, if at least half of the bars are exactly that far from the one before
    (so weekends and gaps do not matter), or a month, if every distance is 28 to 31 days and not all are 28.

    >>> infer(np.arange(5) * 900_000_000_000)
    '15m'
    """
    if len(time) < 2:
        return ""
    distances = np.diff(time[:LOOK_AT])
    least, most = (float(one) / length_ns("1d") for one in (distances.min(), distances.max()))
    if least >= 28 and 28 < most <= 31:
        return "1M"
    middle = median_of(distances)
    if middle <= 0 or np.count_nonzero(distances == middle) * 2 < len(distances):
        return ""
    return next((f"{middle // length}{unit}" for unit, length in UNITS if middle % length == 0), "")


def median_of(distances: NDArray[np.int64]) -> int:
    """Return the median of some whole numbers, one at least; what most are, without sorting."""
    first = int(distances[0])
    if np.count_nonzero(distances == first) * 2 > len(distances):
        return first
    return int(np.median(distances))


def check_timeframe(timeframe: str) -> None:
    """Raise UsageError unless a timeframe is empty or a number and a unit."""
    usual(timeframe)


def usual(timeframe: str) -> str:
    """Return a timeframe in its usual spelling, or nothing where nobody said one; else raise UsageError.

    >>> usual("60m"), usual("")
    ('1h', '')
    """
    return canonical(timeframe) if timeframe else ""
