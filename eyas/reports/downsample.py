"""Make long series short enough to look at; no figure is ever computed from the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

CANDLES_MAX = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Envelope:
    """Hold what a series did inside each bucket: its last, lowest and highest value."""

    last: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def bucket_width(count: int, buckets_max: int = CANDLES_MAX) -> int:
    """Return how many consecutive bars have to share a bucket so that at most `buckets_max` remain.

    >>> bucket_width(1_000_000)
    50
    """
    return max(1, -(-count // buckets_max))


def merge_bars(bars: Bars, width: int) -> Bars:
    """Merge every `width` consecutive bars into one: open first, high max, low min, close last, volume sum.

    The last one may be made of fewer bars. A merged bar opens when its first bar did.
    """
    if width == 1 or not len(bars):
        return bars
    starts = _starts(len(bars), width)
    return replace(
        bars,
        time=bars.time[starts],
        open=bars.open[starts],
        high=np.fmax.reduceat(bars.high, starts),
        low=np.fmin.reduceat(bars.low, starts),
        close=bars.close[_ends(len(bars), width)],
        volume=np.add.reduceat(bars.volume, starts),
        given=None,
        funding=None,
    )


def envelope(values: NDArray[np.float64], width: int) -> Envelope:
    """Return the last, lowest and highest value of every `width` consecutive ones.

    NaN does not count as lowest or highest, and is the last value where it comes last.
    """
    if width == 1 or not len(values):
        return Envelope(values, values, values)
    starts = _starts(len(values), width)
    return Envelope(
        last=values[_ends(len(values), width)],
        low=np.fmin.reduceat(values, starts),
        high=np.fmax.reduceat(values, starts),
    )


def _starts(count: int, width: int) -> NDArray[np.intp]:
    return np.arange(0, count, width, dtype=np.intp)


def _ends(count: int, width: int) -> NDArray[np.intp]:
    return np.minimum(_starts(count, width) + width, count) - 1
