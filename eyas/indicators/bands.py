"""How far prices range: extremes, deviations and bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.indicators import _arguments
from eyas.indicators._recursion import first_number, smooth
from eyas.indicators._windows import Folds, extreme
from eyas.indicators.averages import sma
from eyas.model import window_deviations
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@remembered
def highest(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the highest of the last `period` values.

    The first period - 1 results are NaN, and so is every result whose window holds a NaN.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> highest([1, 3, 2, 1], 2)
    array([nan,  3.,  3.,  2.])
    """
    return extreme(_arguments.column(values), _arguments.period(period), np.maximum)


@remembered
def lowest(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the lowest of the last `period` values.

    The first period - 1 results are NaN, and so is every result whose window holds a NaN.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> lowest([1, 3, 2, 1], 2)
    array([nan,  1.,  2.,  1.])
    """
    return extreme(_arguments.column(values), _arguments.period(period), np.minimum)


@remembered
def stdev(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the standard deviation of the last `period` values (of the population: divided by `period`).

    The first period - 1 results are NaN, and so is every result whose window holds a NaN.
    Raises UsageError when the period is not a whole number of at least 1.
    The parts of a window are joined by their sums of squared deviations (Chan, Golub and LeVeque
    1979), so a small deviation of large prices keeps its digits.

    >>> stdev([2, 4, 4, 8], 2)
    array([nan,  1.,  0.,  2.])
    """
    column, period = _arguments.column(values), _arguments.period(period)
    result = np.empty(len(column))
    window_deviations(column, period, result)
    with np.errstate(all="ignore"):  # infinite values make NaN, without a warning
        result /= period
    return np.sqrt(result, out=result)


@remembered
def bollinger(
    values: ArrayLike, period: int = 20, deviations: float = 2.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the upper, middle and lower Bollinger band (Bollinger 1983).

    The middle is `sma(values, period)`; the others are `deviations` times `stdev(values, period)`
    away. The first period - 1 results are NaN. Raises UsageError when the period is not a whole
    number of at least 1 or the deviations are negative.

    >>> bollinger([1, 3, 3, 7], 2, 1)
    (array([nan,  3.,  3.,  7.]), array([nan,  2.,  3.,  5.]), array([nan,  1.,  3.,  3.]))
    """
    deviations = _arguments.width(deviations, "deviations")
    middle = sma(values, period)
    distance = stdev(values, period)
    distance *= deviations
    upper = middle + distance
    return upper, middle, np.subtract(middle, distance, out=distance)


@remembered
def atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 14) -> NDArray[np.float64]:
    """Return the average true range (Wilder 1978), which takes 1 / period of each new true range.

    A true range is the bar's own, stretched to the close before it. The average starts as the mean
    of the first `period` true ranges, at place `period`; before that it is NaN. NaN at the start is
    skipped; a NaN later lasts to the end. Raises UsageError when the period is not a whole number of
    at least 1, or when the columns differ in length.

    >>> atr([2, 4, 5], [1, 2, 4], [2, 3, 5], 1)
    array([nan,  2.,  2.])
    """
    highs, lows, closes = _arguments.columns(high=high, low=low, close=close)
    period = _arguments.period(period)
    result = np.full(len(closes), np.nan)
    first = first_number(highs, lows, closes)
    part = result[first + 1 :]
    true_range(highs[first:], lows[first:], closes[first:], part)
    smooth(part, period, 1 / period, part)
    return result


def true_range(
    high: NDArray[np.float64],
    low: NDArray[np.float64],
    close: NDArray[np.float64],
    result: NDArray[np.float64],
) -> None:
    """Write the range of each bar but the first, stretched to the close before it, into `result`."""
    np.maximum(high[1:], close[:-1], out=result)
    with np.errstate(invalid="ignore"):  # infinite values make NaN, without a warning
        result -= np.minimum(low[1:], close[:-1])


def add_deviations(older: Folds, older_length: int, newer: Folds, newer_length: int) -> Folds:
    """Join sums, and sums of squared deviations from the mean."""
    apart = older[0] / older_length - newer[0] / newer_length
    between = apart * apart * (older_length * newer_length / (older_length + newer_length))
    return older[0] + newer[0], older[1] + newer[1] + between
