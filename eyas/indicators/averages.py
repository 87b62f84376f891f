"""Averages over time: simple, exponential and linearly weighted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.indicators import _arguments
from eyas.indicators._recursion import first_number, smooth
from eyas.indicators._windows import Folds
from eyas.model import window_means, window_weighted
from eyas.sight.memo import remembered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@remembered
def sma(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the simple moving average: the mean of the last `period` values.

    The first period - 1 results are NaN, and so is every result whose window holds a NaN.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> sma([1, 2, 3, 4], 2)
    array([nan, 1.5, 2.5, 3.5])
    """
    column, period = _arguments.column(values), _arguments.period(period)
    result = np.empty(len(column))
    window_means(column, period, result)
    return result


@remembered
def ema(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the exponential moving average, which takes 2 / (period + 1) of each new value.

    It starts as the mean of the first `period` numbers; before that it is NaN. NaN at the start is
    skipped; a NaN later lasts to the end, as the recursion has it.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> ema([1, 2, 3, 4, 5], 3)
    array([nan, nan,  2.,  3.,  4.])
    """
    column, period = _arguments.column(values), _arguments.period(period)
    result = np.full(len(column), np.nan)
    first = first_number(column)
    smooth(column[first:], period, 2 / (period + 1), result[first:])
    return result


@remembered
def wma(values: ArrayLike, period: int) -> NDArray[np.float64]:
    """Return the linearly weighted moving average: the newest value counts `period` times, the oldest once.

    The first period - 1 results are NaN, and so is every result whose window holds a NaN.
    Raises UsageError when the period is not a whole number of at least 1.

    >>> wma([1, 2, 3, 6], 3).round(4)
    array([   nan,    nan, 2.3333, 4.3333])
    """
    column, period = _arguments.column(values), _arguments.period(period)
    result = np.empty(len(column))
    window_weighted(column, period, result)
    with np.errstate(all="ignore"):  # infinite values make NaN, without a warning
        result /= period * (period + 1) / 2
    return result


def alone(values: NDArray[np.float64]) -> Folds:
    """Return the sums of windows of one value."""
    return (values,)


def add(older: Folds, _older_length: int, newer: Folds, _newer_length: int) -> Folds:
    """Join sums."""
    return (older[0] + newer[0],)


def add_weighted(older: Folds, older_length: int, newer: Folds, _newer_length: int) -> Folds:
    """Join sums, and sums with weights from 1: after n older values the newer weigh n more each."""
    return older[0] + newer[0], older[1] + newer[1] + newer[0] * older_length
