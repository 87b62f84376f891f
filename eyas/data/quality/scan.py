"""Pass once over the columns and keep the few rows that are worth a closer look.

A backtest of a million bars takes some 50 ms, so its checks may take a part of that: everything here is
done in pieces that stay in the processor's cache; what is exact but slow is done later, on the rows found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

BLOCK = 1000
"""Candles whose median the rule of near-zero prices takes: a page of most exchanges."""
PIECE = 16 * BLOCK
SAMPLE = 20_000
FACTOR = 1.4826
"""From the median of absolute values to a standard deviation, of a normal distribution."""
WORTH_A_LOOK = 8.0
LOOKED_AT_MAX = 1000
NEAR_ZERO = 1000.0


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold the rows that a closer look is worth, in rising order."""

    step: int
    """Usual distance of two bars in nanoseconds, 0 when there is none."""
    irregular: NDArray[np.intp]
    """Rows whose next bar is not one step away."""
    moved: NDArray[np.intp]
    """Rows whose close is far from the one before."""
    wide: NDArray[np.intp]
    """Rows with an unusual range from low to high."""
    same: NDArray[np.intp]
    """Rows whose high, low and close are those of the row before."""
    idle: NDArray[np.intp]
    """Rows with a volume of zero."""
    low_blocks: NDArray[np.intp]
    """First rows of the blocks with a price that may be near zero."""
    return_scale: float
    """Usual size of a return, as a standard deviation; 0 when there is none."""
    range_scale: float


def scan(bars: Bars, step: int) -> Scan:
    """Return the rows of bars that a closer look is worth."""
    return_scale = scale_of(sampled(bars.close, 1) / sampled(bars.close, 0) - 1)
    range_scale = scale_of(sampled(bars.high, 0) / sampled(bars.low, 0) - 1)
    limits = (WORTH_A_LOOK * return_scale or np.inf, WORTH_A_LOOK * range_scale or np.inf)
    pieces: list[list[NDArray[np.intp]]] = [[] for _ in range(6)]
    for first in range(0, len(bars), PIECE):
        for found, rows in zip(pieces, _piece(bars, first, step, limits), strict=True):
            if len(rows):
                found.append(rows)
    nothing = np.empty(0, np.intp)
    irregular, moved, wide, same, idle, low_blocks = (
        np.concatenate(found) if found else nothing for found in pieces
    )
    return Scan(step, irregular, moved, wide, same, idle, low_blocks, return_scale, range_scale)


def _piece(bars: Bars, first: int, step: int, limits: tuple[float, float]) -> tuple[NDArray[np.intp], ...]:
    """Return the rows of one piece by what they are worth a look for, in the order of `Scan`."""
    last = min(first + PIECE, len(bars))
    before = max(0, first - 1)  # rows look back at the one before
    high, low, close = bars.high[before:last], bars.low[before:last], bars.close[before:last]
    own = first - before
    irregular = np.flatnonzero(np.diff(bars.time[before:last]) != step) + before
    change = close[1:] / close[:-1]
    still = change == 1.0
    same = np.flatnonzero(still & (high[1:] == high[:-1]) & (low[1:] == low[:-1])) + before + 1
    np.subtract(change, 1.0, out=change)
    np.absolute(change, out=change)
    # A fall is measured by its way back up, so that a half and a double are as far.
    moved = np.flatnonzero(change > limits[0] / (1 + limits[0])) + before + 1
    spread = high[own:] / low[own:]
    wide = np.flatnonzero(spread > 1 + limits[1]) + first
    idle = np.empty(0, np.intp)
    if bars.has_volume:
        volume = bars.volume[first:last]
        if volume.min() <= 0:
            idle = np.flatnonzero(volume == 0) + first
    starts = np.arange(0, last - first, BLOCK)
    lows, highs = np.minimum.reduceat(low[own:], starts), np.maximum.reduceat(high[own:], starts)
    return irregular, moved, wide, same, idle, starts[lows * NEAR_ZERO < highs] + first


def sampled(values: NDArray[np.float64], shift: int) -> NDArray[np.float64]:
    """Return up to SAMPLE values, evenly spread; those of shift 1 are each the next of those of shift 0."""
    stride = max(1, len(values) // SAMPLE)
    count = max(0, (len(values) - 1) // stride)
    return values[shift : shift + count * stride : stride][:count]


def scale_of(values: NDArray[np.float64]) -> float:
    """Return the usual size of values: their median distance from zero as a standard deviation.

    Zeros do not count: where nothing trades for half of the time, the rest is what moves.
    """
    size = np.abs(values)
    size = size[size > 0]
    return float(FACTOR * np.median(size)) if len(size) else 0.0


def usual_move(bars: Bars, rows: NDArray[np.intp], half: int) -> NDArray[np.float64]:
    """Return the usual size of a return around each row, itself left out."""
    at = _beside(rows, half, 1, len(bars) - 1)
    return _middle(bars.close[at] / bars.close[at - 1] - 1)


def usual_range(bars: Bars, rows: NDArray[np.intp], half: int) -> NDArray[np.float64]:
    """Return the usual size of a range from low to high around each row, itself left out."""
    at = _beside(rows, half, 0, len(bars) - 1)
    return _middle(bars.high[at] / bars.low[at] - 1)


def _beside(rows: NDArray[np.intp], half: int, first: int, last: int) -> NDArray[np.intp]:
    offsets = np.concatenate([np.arange(-half, 0), np.arange(1, half + 1)])
    at = rows[:, None] + offsets
    # Beyond an end there is nothing, so the other side counts twice; the row itself never does.
    at = np.where((at < first) | (at > last), rows[:, None] - offsets, at)
    found: NDArray[np.intp] = np.clip(at, first, last)
    return found


def _middle(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = FACTOR * np.median(np.abs(values), axis=1)
    return found
