"""Pass once over the columns and keep the few rows that are worth a closer look.

A backtest of a million bars takes some 25 ms, so its checks may take a small part of that: the columns are
read once, by `scan_bars` (kernel/python/src/scan.rs); what is exact but slow is done later, on rows found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import median_apart, scan_bars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

BLOCK = 1000
"""Candles whose median the rule of near-zero prices takes: a page of most exchanges."""
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
    return_scale = usual_apart(bars.close, bars.close, 1)
    range_scale = usual_apart(bars.high, bars.low, 0)
    far, range_far = WORTH_A_LOOK * return_scale, WORTH_A_LOOK * range_scale
    found = scan_bars(
        bars.time,
        (bars.high, bars.low, bars.close),
        bars.volume if bars.has_volume else None,
        step,
        # A fall is measured by its way back up, so that a half and a double are as far.
        (far / (1 + far) or np.inf, 1 + range_far if range_far else np.inf, BLOCK, NEAR_ZERO),
    )
    rows = (np.frombuffer(part, np.int64).astype(np.intp, copy=False) for part in found)
    irregular, moved, wide, same, idle, low_blocks = rows
    return Scan(step, irregular, moved, wide, same, idle, low_blocks, return_scale, range_scale)


def usual_apart(over: NDArray[np.float64], under: NDArray[np.float64], shift: int) -> float:
    """Return how far ratios usually are from one, as a standard deviation; `over` is `shift` rows later.

    It is the median of up to SAMPLE of them, evenly spread. Those that are one do not count: where nothing
    trades for half of the time, the rest is what moves.
    """
    stride = max(1, len(over) // SAMPLE)
    return FACTOR * median_apart(over, under, shift, stride, max(0, (len(over) - 1) // stride))


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
