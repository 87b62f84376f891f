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


def means(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the mean of the known ones of every `width` consecutive values; NaN where none is known."""
    if width == 1 or not len(values):
        return values
    starts = _starts(len(values), width)
    is_known = np.isfinite(values)
    known = np.add.reduceat(is_known.astype(np.int64), starts)
    total = np.add.reduceat(np.where(is_known, values, 0.0), starts)
    found = np.full(len(starts), np.nan)
    np.divide(total, known, out=found, where=known > 0)
    return found


def lowest_rows(values: NDArray[np.float64], points_max: int) -> NDArray[np.intp]:
    """Return the row of the lowest value of each of at most `points_max` buckets, and the last row.

    >>> lowest_rows(np.array([0.0, -2.0, -1.0, 0.0, 0.0]), 3).tolist()
    [1, 2, 4]
    """
    width = bucket_width(len(values), points_max)
    if width == 1:
        return np.arange(len(values))
    starts = _starts(len(values), width)
    padded = np.full(len(starts) * width, np.inf)
    padded[: len(values)] = np.where(np.isnan(values), np.inf, values)
    rows = starts + padded.reshape(-1, width).argmin(axis=1)
    return np.unique(np.minimum(np.append(rows, len(values) - 1), len(values) - 1))


def extreme_rows(values: NDArray[np.float64], points_max: int) -> NDArray[np.intp]:
    """Return first and last row, and those of the lowest and the highest value of each bucket, in order.

    At most `points_max` and two; NaN is kept where a bucket has nothing else.
    """
    if len(values) <= points_max:
        return np.arange(len(values))
    low = lowest_rows(values, max(1, points_max // 2))
    high = lowest_rows(-values, max(1, points_max // 2))
    return np.unique(np.concatenate([[0], low, high]))


def lttb(x: NDArray[np.float64], y: NDArray[np.float64], points_max: int) -> NDArray[np.intp]:
    """Return the rows of at most `points_max` points that keep the look of a line, the ends among them.

    Of each bucket it is the point that makes the largest triangle with the one chosen before it and the mean
    of the bucket after it. Where NaN interrupts a line, extremes are kept instead. Of far longer lines the
    extremes of small buckets are chosen first.

    Source: Steinarsson, Downsampling Time Series for Visual Representation (2013).

    >>> lttb(np.arange(7.0), np.array([0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0]), 3).tolist()
    [0, 3, 6]
    """
    count = len(y)
    if count <= max(3, points_max):
        return np.arange(count)
    if not np.isfinite(y).all():
        return extreme_rows(y, points_max)
    if count > 8 * points_max:
        rows = extreme_rows(y, 4 * points_max)
        return rows[lttb(x[rows], y[rows], points_max)]
    # Slopes of x in nanoseconds would lose the y beside them.
    x, y = _within_one(x), _within_one(y)
    edges = np.linspace(1, count - 1, points_max - 1).astype(np.intp)
    ends = np.append(edges[1:], count)
    widths = np.diff(np.append(edges, count))
    next_x, next_y = (np.add.reduceat(part, edges) / widths for part in (x, y))
    chosen = [0]
    for bucket in range(len(edges) - 1):
        start, end, last = edges[bucket], ends[bucket], chosen[-1]
        to_x, to_y = next_x[bucket + 1] - x[last], next_y[bucket + 1] - y[last]
        area = np.abs((x[start:end] - x[last]) * to_y - (y[start:end] - y[last]) * to_x)
        chosen.append(int(start + area.argmax()))
    return np.array([*chosen, count - 1], np.intp)


def _within_one(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values moved and scaled to between 0 and 1."""
    low, high = float(values.min()), float(values.max())
    found = np.asarray(values - low, np.float64)
    return found / (high - low) if high > low else found


def _starts(count: int, width: int) -> NDArray[np.intp]:
    return np.arange(0, count, width, dtype=np.intp)


def _ends(count: int, width: int) -> NDArray[np.intp]:
    return np.minimum(_starts(count, width) + width, count) - 1
