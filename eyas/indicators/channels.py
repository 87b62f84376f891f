"""Channels around prices: Donchian, Keltner, and the Supertrend that follows from one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from eyas.indicators import _arguments
from eyas.indicators._recursion import first_number, smooth
from eyas.indicators.bands import atr, highest, lowest, true_range
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NAN = float("nan")


@remembered
def donchian(
    high: ArrayLike, low: ArrayLike, period: int = 20
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the upper, middle and lower line of the Donchian channel (Donchian 1960).

    They are the highest high and the lowest low of the last `period` bars, this one among them, and what is
    half way between: a break-out is a close beyond the channel of the bar before. The first period - 1 are
    NaN, and so is every result whose window holds a NaN. Raises UsageError when the period is not a whole
    number of at least 1, or when the columns differ in length.

    >>> donchian([2, 4, 3], [1, 2, 2], 2)
    (array([nan,  4.,  4.]), array([nan, 2.5, 3. ]), array([nan,  1.,  2.]))
    """
    highs, lows = _arguments.columns(high=high, low=low)
    upper, lower = highest(highs, period), lowest(lows, period)
    with np.errstate(invalid="ignore"):
        middle = (upper + lower) / 2
    return upper, middle, lower


@remembered
def keltner(
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    period: int = 20,
    ranges: float = 2.0,
    atr_period: int = 10,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the upper, middle and lower line of the Keltner channel.

    The middle is the exponential average of the typical price (high + low + close) / 3 (Keltner 1960), the
    others are `ranges` average true ranges away (Raschke's form, and TA-Lib's). Both averages start at the
    same bar, as late as the longer one: before that all is NaN. NaN at the start is skipped; a NaN later
    lasts to the end. Raises UsageError when a period is not a whole number of at least 1, the ranges are
    negative, or the columns differ in length.

    >>> upper, middle, lower = keltner([2, 4, 6], [1, 3, 5], [1.5, 3.5, 5.5], 1, 1, 1)
    >>> upper.tolist(), middle.tolist(), lower.tolist()
    ([nan, 6.0, 8.0], [nan, 3.5, 5.5], [nan, 1.0, 3.0])
    """
    highs, lows, closes = _arguments.columns(high=high, low=low, close=close)
    ranges = _arguments.width(ranges, "ranges")
    period, atr_period = _arguments.period(period), _arguments.period(atr_period, "atr_period")
    first = first_number(highs, lows, closes)
    distance, middle = np.full(len(closes), np.nan), np.full(len(closes), np.nan)
    late = first + max(0, period - 1 - atr_period)
    part = distance[late + 1 :]
    true_range(highs[late:], lows[late:], closes[late:], part)
    smooth(part, atr_period, 1 / atr_period, part)
    late = first + max(0, atr_period - period + 1)
    smooth(typical(highs, lows, closes)[late:], period, 2 / (period + 1), middle[late:])
    with np.errstate(invalid="ignore"):
        distance *= ranges
        upper, lower = middle + distance, middle - distance
    middle[np.isnan(distance)] = np.nan
    return upper, middle, lower


@remembered
def supertrend(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 10, ranges: float = 3.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Supertrend line (Seban) and its direction: 1 while it is below the price, -1 while above.

    Two bands are `ranges` average true ranges away from the middle of each bar. The lower one only rises
    until a close falls below it, the upper one only falls until a close rises above it; the line is the lower
    band until a close is below it, then the upper band until a close is above that. It begins as the lower
    band, where the average does; before that both are NaN. NaN at the start is skipped; a NaN later lasts to
    the end. Raises UsageError when the period is not a whole number of at least 1, the ranges are negative,
    or the columns differ in length.

    >>> line, direction = supertrend([2, 3, 4, 2], [1, 2, 3, 0], [2, 3, 4, 0.5], 1, 1)
    >>> line.tolist(), direction.tolist()
    ([nan, 1.5, 2.5, 5.0], [nan, 1.0, 1.0, -1.0])
    """
    highs, lows, closes = _arguments.columns(high=high, low=low, close=close)
    ranges = _arguments.width(ranges, "ranges")
    distance = atr(highs, lows, closes, period)
    line, direction = np.full(len(closes), np.nan), np.full(len(closes), np.nan)
    begin = int(np.argmax(~np.isnan(distance))) if len(distance) else 0
    if not len(distance) or np.isnan(distance[begin]):
        return line, direction
    with np.errstate(invalid="ignore"):
        distance *= ranges
        middle = (highs + lows) / 2
        above, below = (middle + distance)[begin:].tolist(), (middle - distance)[begin:].tolist()
    lines, directions = Trail().follow(zip(above, below, closes[begin:].tolist(), strict=True))
    line[begin:], direction[begin:] = lines, directions
    return line, direction


class Trail:
    """Follow two bands bar by bar, each held until a close is beyond it."""

    __slots__ = ("close", "direction", "lower", "upper")

    def __init__(self) -> None:
        self.upper, self.lower, self.close, self.direction = np.inf, -np.inf, np.nan, 1.0

    def follow(self, bars: Iterable[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
        """Return the line and the direction after each bar, given its upper band, lower band and close."""
        upper, lower, before, direction = self.upper, self.lower, self.close, self.direction
        lines: list[float] = []
        directions: list[float] = []
        for above, below, close in bars:
            if direction != direction:
                lines.append(NAN)
                directions.append(NAN)
                continue
            if not below <= lower <= before:
                lower = below
            if not above >= upper >= before:
                upper = above
            if close < lower:
                direction = -1.0
            elif close > upper:
                direction = 1.0
            elif not (above >= below and close == close):
                upper = direction = NAN  # one of them is none, and so it stays
            lines.append(lower if direction > 0 else upper)
            directions.append(direction)
            before = close
        self.upper, self.lower, self.close, self.direction = upper, lower, before, direction
        return lines, directions


def typical(
    high: NDArray[np.float64], low: NDArray[np.float64], close: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of the high, the low and the close of each bar."""
    with np.errstate(invalid="ignore"):
        result = high + low
        result += close
        result /= 3
    return result
