"""How strong a trend is: Wilder's directional movement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.indicators import _arguments
from eyas.indicators._recursion import decay, first_number
from eyas.indicators.bands import true_range
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@remembered
def adx(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 14
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the average directional index and the two indicators +DI and -DI (Wilder 1978), 0 to 100.

    +DI is how far highs rose beyond the fall of lows, as a share of the true ranges; -DI the other way round;
    both are sums that lose 1 / period at each bar, from the first `period` - 1 movements on, and begin at
    place `period`. The index is the average of |+DI - -DI| / (+DI + -DI), which takes 1 / period of each new
    one and starts as the mean of the first `period`, at place 2 * period - 1; where neither moved it stays
    as it was, as in TA-Lib. NaN at the start is skipped; a NaN later lasts to the end. Raises UsageError
    when the period is not a whole number of at least 1, or when the columns differ in length.

    >>> index, plus, minus = adx([2, 3, 4, 4, 6], [1, 2, 2, 1, 3], [2, 3, 3, 2, 5], 2)
    >>> index.round(2).tolist(), plus.round(2).tolist(), minus.round(2).tolist()
    ([nan, nan, nan, 57.14, 61.18], [nan, nan, 60.0, 17.65, 38.78], [nan, nan, 0.0, 23.53, 8.16])
    """
    highs, lows, closes = _arguments.columns(high=high, low=low, close=close)
    period = _arguments.period(period)
    index, plus, minus = (np.full(len(closes), np.nan) for _ in range(3))
    first = first_number(highs, lows, closes)
    if len(closes) - first <= period:
        return index, plus, minus
    highs, lows, closes = highs[first:], lows[first:], closes[first:]
    ranges = np.empty(len(closes) - 1)
    with np.errstate(all="ignore"):  # infinite values make NaN, without a warning
        true_range(highs, lows, closes, ranges)
        rise, fall = highs[1:] - highs[:-1], lows[:-1] - lows[1:]
        unknown = np.isnan(ranges + rise + fall)
        moves = [
            np.where(unknown, np.nan, np.where((rise > fall) & (rise > 0), rise, 0.0)),
            np.where(unknown, np.nan, np.where((fall > rise) & (fall > 0), fall, 0.0)),
        ]
        begin = first + period
        ranges = _running(ranges, period)
        for result, move in zip((plus, minus), moves, strict=True):
            share = np.divide(_running(move, period), ranges)
            share[ranges == 0] = 0
            np.multiply(share, 100, out=result[begin:])
        both = plus[begin:] + minus[begin:]
        apart = np.abs(plus[begin:] - minus[begin:]) / both * 100
    _average(apart, both != 0, period, index[begin:])
    return index, plus, minus


def _running(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return sums that lose 1 / period at each value, from the first `period` - 1 on."""
    result = values[period - 1 :].copy()
    decay(result, 1 - 1 / period, 1.0, float(np.sum(values[: period - 1])), result)
    return result


def _average(
    values: NDArray[np.float64], counts: NDArray[np.bool_], period: int, result: NDArray[np.float64]
) -> None:
    """Write the average of the values that count into `result`, from the `period`th place on."""
    if len(values) < period:
        return
    seed = float(np.sum(np.where(counts, values, 0.0)[:period])) / period
    counts, later = counts[period:], values[period:]
    taken = later[counts]
    with np.errstate(all="ignore"):
        decay(taken, 1 - 1 / period, 1 / period, seed, taken)
    known = np.concatenate(([seed], taken))
    result[period - 1] = seed
    result[period:] = known[np.cumsum(counts)]
