"""Figures that swing around a middle: the relative strength index, the MACD and the stochastics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import _arguments
from eyas.indicators._recursion import first_number, smooth
from eyas.indicators.averages import sma
from eyas.indicators.bands import highest, lowest
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@remembered
def rsi(values: ArrayLike, period: int = 14) -> NDArray[np.float64]:
    """Return the relative strength index (Wilder 1978): rises as a share of all change, 0 to 100.

    Rises and falls are averaged as in `atr`, from the mean of the first `period` changes on; the
    first `period` results are NaN. Where nothing has changed at all the index is 0, as in TA-Lib.
    NaN at the start is skipped; a NaN later lasts to the end.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> rsi([1, 2, 3, 2], 2).tolist()
    [nan, nan, 100.0, 50.0]
    """
    column, period = _arguments.column(values), _arguments.period(period)
    result = np.full(len(column), np.nan)
    first = first_number(column)
    if len(column) - first <= period:
        return result
    with np.errstate(invalid="ignore"):  # infinite values make NaN, without a warning
        falls = np.diff(column[first:])
    rises = np.maximum(falls, 0, out=result[first + 1 :])
    np.maximum(np.negative(falls, out=falls), 0, out=falls)
    smooth(rises, period, 1 / period, rises)
    smooth(falls, period, 1 / period, falls)
    changes = np.add(rises, falls, out=falls)
    with np.errstate(invalid="ignore"):
        rises *= 100
        rises /= changes
    rises[changes == 0] = 0
    return result


@remembered
def macd(
    values: ArrayLike, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the MACD line, its signal line and the difference of the two (Appel 1979).

    The line is a fast exponential average less a slow one, the signal an average of the line. Both
    averages start at the same bar, where the slow one has its first `slow` values, and all three
    results at the first signal: the first slow + signal - 2 are NaN. NaN at the start is skipped; a
    NaN later lasts to the end. Raises UsageError when a period is not a whole number of at least 1,
    or fast is not below slow.

    >>> line, average, difference = macd([1, 2, 4, 9], 1, 2, 2)
    >>> line.round(2).tolist(), average.round(2).tolist(), difference.round(2).tolist()
    ([nan, nan, 0.83, 1.94], [nan, nan, 0.67, 1.52], [nan, nan, 0.17, 0.43])
    """
    column = _arguments.column(values)
    fast, slow = _arguments.period(fast, "fast"), _arguments.period(slow, "slow")
    signal = _arguments.period(signal, "signal")
    if fast >= slow:
        raise UsageError(f"fast must be below slow, but they are {fast} and {slow}")
    line = np.full(len(column), np.nan)
    slow_average, average = np.full(len(column), np.nan), np.full(len(column), np.nan)
    first = first_number(column)
    smooth(column[first:], slow, 2 / (slow + 1), slow_average[first:])
    late = first + slow - fast
    smooth(column[late:], fast, 2 / (fast + 1), line[late:])
    with np.errstate(invalid="ignore"):  # infinite values make NaN, without a warning
        line -= slow_average
    start = first + slow - 1
    smooth(line[start:], signal, 2 / (signal + 1), average[start:])
    line[start : start + signal - 1] = np.nan
    return line, average, line - average


@remembered
def stochastic(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 5, slowing: int = 3, signal: int = 3
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slow stochastic and its signal line (Lane 1984), 0 to 100.

    It is where the close lies between the lowest low and the highest high of `period` bars, averaged over
    `slowing` bars; the signal is the average of that over `signal` bars. Both begin together: the first
    period + slowing + signal - 3 are NaN, and so is every result whose windows hold a NaN. Where nothing has
    moved it is 0, as in TA-Lib. Raises UsageError when a period is not a whole number of at least 1, or when
    the columns differ in length.

    >>> k, d = stochastic([2, 3, 4, 5], [1, 2, 3, 4], [2, 2.5, 3, 5], 2, 1, 2)
    >>> k.tolist(), d.tolist()
    ([nan, nan, 50.0, 100.0], [nan, nan, 62.5, 75.0])
    """
    highs, lows, closes = _arguments.columns(high=high, low=low, close=close)
    slowing, signal = _arguments.period(slowing, "slowing"), _arguments.period(signal, "signal")
    top, bottom = highest(highs, period), lowest(lows, period)
    with np.errstate(all="ignore"):  # infinite and enormous values give no warning
        result = closes - bottom
        top -= bottom
        top /= 100
        result /= top
    result[top == 0] = 0
    result = sma(result, slowing)
    average = sma(result, signal)
    result[: first_number(highs, lows, closes) + period + slowing + signal - 3] = np.nan
    return result, average


@remembered
def fast_stochastic(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 5, signal: int = 3
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fast stochastic and its signal line: the slow one with a `slowing` of 1.

    >>> k, d = fast_stochastic([2, 3, 4], [1, 2, 3], [2, 2.5, 3], 2, 1)
    >>> k.tolist()
    [nan, 75.0, 50.0]
    """
    return stochastic(high, low, close, period, 1, signal)
