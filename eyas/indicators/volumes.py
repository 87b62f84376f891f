"""Figures that go by the volume: the balance, and prices weighted by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import _arguments
from eyas.indicators._recursion import first_number
from eyas.indicators._windows import fold
from eyas.indicators.averages import add, alone
from eyas.indicators.channels import typical
from eyas.sight.memo import remembered
from eyas.timeframes import floor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from eyas.timeframes import Session


@remembered
def obv(close: ArrayLike, volume: ArrayLike) -> NDArray[np.float64]:
    """Return the on-balance volume (Granville 1963): the volume of rising bars less that of falling ones.

    It begins with the volume of the first bar, as in TA-Lib. NaN at the start is skipped; a NaN later lasts
    to the end. Raises UsageError when the columns differ in length.

    >>> obv([3, 4, 4, 2], [10, 1, 5, 2])
    array([10., 11., 11.,  9.])
    """
    closes, volumes = _arguments.columns(close=close, volume=volume)
    result = np.full(len(closes), np.nan)
    first = first_number(closes, volumes)
    with np.errstate(invalid="ignore"):  # infinite values make NaN, without a warning
        signed = volumes[first:].copy()
        signed[1:] *= np.sign(np.diff(closes[first:]))
        np.cumsum(signed, out=result[first:])
    return result


@remembered
def vwap(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike, period: int = 20
) -> NDArray[np.float64]:
    """Return the average price of the last `period` bars, weighted by volume (Berkowitz, Logue, Noser 1988).

    The price of a bar is (high + low + close) / 3. The first period - 1 results are NaN, and so is every
    result whose window holds a NaN or has no volume. Raises UsageError when the period is not a whole number
    of at least 1, or when the columns differ in length.

    >>> vwap([2, 4, 8], [2, 4, 8], [2, 4, 8], [1, 1, 3], 2)
    array([nan,  3.,  7.])
    """
    highs, lows, closes, volumes = _arguments.columns(high=high, low=low, close=close, volume=volume)
    period = _arguments.period(period)
    prices = typical(highs, lows, closes)
    result = np.full(len(prices), np.nan)
    with np.errstate(all="ignore"):
        paid = prices * volumes
        traded = volumes + (prices - prices)  # NaN where there is no price
        money, amounts = (fold(column, period, alone, add) for column in (paid, traded))
        for (place, (total,)), (_, (amount,)) in zip(money, amounts, strict=True):
            np.divide(total, amount, out=result[place])
    return result


@remembered
def anchored_vwap(
    time: ArrayLike,
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    volume: ArrayLike,
    timeframe: str = "1d",
    session: Session | None = None,
) -> NDArray[np.float64]:
    """Return the average price weighted by volume since the interval began in which a bar lies.

    `time` is when bars open (nanoseconds UTC). The interval is a day of UTC, another `timeframe`, or one of a
    `session`: with `Session("America/New_York", "09:30", "16:00")` the average begins anew at each open. The
    price of a bar is (high + low + close) / 3. NaN until there is volume; a NaN lasts to the end of its
    interval. Raises UsageError for a timeframe that is none, or when the columns differ in length.

    >>> hour = np.arange(22, 26) * 3_600_000_000_000
    >>> anchored_vwap(hour, [1, 2, 4, 8], [1, 2, 4, 8], [1, 2, 4, 8], [1, 1, 1, 3])
    array([1. , 1.5, 4. , 7. ])
    """
    highs, lows, closes, volumes = _arguments.columns(high=high, low=low, close=close, volume=volume)
    times = np.asarray(time)
    if times.dtype.kind == "M":
        times = times.astype("datetime64[ns]")
    if times.shape != closes.shape or times.dtype.kind not in "iuM":
        raise UsageError("time must be when each bar opens, in nanoseconds UTC: pass the column bars.time")
    start = floor(times.astype(np.int64), timeframe, session=session)
    prices = typical(highs, lows, closes)
    result = np.full(len(prices), np.nan)
    edges = np.flatnonzero(np.concatenate(([True], start[1:] != start[:-1]))[: len(start)])
    with np.errstate(all="ignore"):
        paid = prices * volumes
        for first, end in zip(edges, np.append(edges, len(start))[1:], strict=True):
            np.divide(np.cumsum(paid[first:end]), np.cumsum(volumes[first:end]), out=result[first:end])
    return result
