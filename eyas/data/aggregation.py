"""Make bars of single trades: by time, by number of trades, by volume or by value."""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.model import Bars, iso
from eyas.timeframes import ending, floor, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.ticks import Trades
    from eyas.timeframes import Session

DIGITS = 10
"""Digits of a limit of volume or value that count: sums are of whole units, so they are exact."""


def aggregate(  # noqa: PLR0913 - a keyword for each way to cut
    trades: Trades,
    *,
    every: str | None = None,
    ticks: int | None = None,
    volume: float | None = None,
    value: float | None = None,
    partial: bool = False,
    until: int | None = None,
    session: Session | None = None,
) -> Bars:
    """Return bars of trades: `every` timeframe, or so many `ticks`, or a `volume` or a `value` in money.

    A time bar has the time at which its interval begins. It is closed when a trade of a later interval is
    there, or when the trades are complete `until` its end; those outside of the `session` are left out. A
    tick bar has exactly `ticks` trades. A volume or value bar is closed by the trade with which its sum (of
    quantity, or of price × quantity) reaches the limit: that trade belongs to it as a whole, and the next
    bar begins at zero. Such bars have the time of their first trade, but each is at least 1 ns after the one
    before, and no timeframe: they are known when the next one begins. `given` is the mean price weighted by
    quantity (VWAP), NaN where nothing was traded. The last bar is left out while it is not closed, unless
    `partial` is asked for. So more trades change no closed bar. Raises UsageError unless exactly one kind is
    asked for, DataError for trades that are out of order or no trades.

    >>> from eyas.ticks import Trades
    >>> trades = Trades([1, 2, 3, 4], [10, 12, 11, 13], [5, 1, 7, 2], [1, 1, -1, 0], [1, 2, 3, 4])
    >>> bars = aggregate(trades, volume=6)
    >>> bars.time, bars.close, bars.volume
    (array([1, 3]), array([12., 11.]), array([6., 7.]))
    """
    asked = {"every": every, "ticks": ticks, "volume": volume, "value": value}
    kinds = [name for name, limit in asked.items() if limit is not None]
    if len(kinds) != 1:
        raise UsageError(
            f"give exactly one of every, ticks, volume and value, not {' and '.join(kinds) or 'none'}"
        )
    if every is None and (until is not None or session is not None):
        raise UsageError("until and session go with bars of time: give them with every='1m'")
    _check(trades)
    if every is not None:
        return _time_bars(trades, every, partial=partial, until=until, session=session)
    if ticks is not None:
        first, is_closed = _count_first(len(trades), ticks)
    elif volume is not None:
        first, is_closed = _sum_first(trades.quantity, volume, "volume")
    else:
        assert value is not None
        first, is_closed = _sum_first(trades.price * trades.quantity, value, "value")
    if not is_closed and not partial:
        trades, first = trades[: first[-1]], first[:-1]
    rising = np.arange(len(first))
    time = np.maximum.accumulate(trades.time[first] - rising) + rising if len(first) else trades.time[:0]
    return _grouped(trades, first, time, "")


def _check(trades: Trades) -> None:
    """Raise DataError for the first trade that is none, or that is older than the one before it."""
    faults = (
        ("time", trades.time, np.concatenate(([False], trades.time[1:] < trades.time[:-1]))[: len(trades)]),
        ("price", trades.price, ~(np.isfinite(trades.price) & (trades.price > 0))),
        ("quantity", trades.quantity, ~(np.isfinite(trades.quantity) & (trades.quantity >= 0))),
    )
    for name, column, wrong in faults:
        if wrong.any():
            row = int(np.argmax(wrong))
            where = f"{trades.source or trades.symbol or 'trades'} row {row + 1} ({iso(trades.time[row])})"
            if name == "time":
                raise DataError(f"{where}: it is older than the trade before it. Sort the trades by time.")
            least = "above zero" if name == "price" else "at least zero"
            raise DataError(
                f"{where}: {name} {float(column[row])!r} is not a number {least}. Leave the trade out."
            )


def _time_bars(
    trades: Trades, every: str, *, partial: bool, until: int | None, session: Session | None
) -> Bars:
    parse(every)
    if session is not None:
        inside = session.holds(trades.time)
        if not inside.all():
            trades = _taken(trades, inside)
    if not len(trades):
        return _grouped(trades, np.zeros(0, np.intp), trades.time, every)
    start = floor(trades.time, every, session=session)
    first = np.flatnonzero(np.concatenate(([True], start[1:] != start[:-1])))
    end = ending(start[-1], every, session=session)
    if not partial and (until is None or until < end):
        trades, first = trades[: first[-1]], first[:-1]
    return _grouped(trades, first, start[first], every)


def _count_first(count: int, ticks: int) -> tuple[NDArray[np.intp], bool]:
    """Return the first trade of each bar of so many trades, and whether the last one has them all."""
    try:
        each = 0 if isinstance(ticks, bool) else operator.index(ticks)
    except TypeError:
        each = 0
    if each < 1:
        raise UsageError(f"ticks must be a whole number of trades, at least 1, not {ticks!r}")
    return np.arange(0, count, each), count % each == 0


def _sum_first(parts: NDArray[np.float64], limit: float, name: str) -> tuple[NDArray[np.intp], bool]:
    """Return the first trade of each bar that sums up to a limit, and whether the last one reaches it.

    Sums are of whole units of 1e-10 of the limit's size: a sum of floats would depend on where it begins.
    """
    if not 1e-100 < limit < 1e100:
        raise UsageError(f"{name} must be a number above 0 and below 1e100, not {limit!r}")
    exponent = DIGITS - math.floor(math.log10(limit)) - 1
    scale = 10.0 ** abs(exponent)
    shifted = (parts * scale, limit * scale) if exponent >= 0 else (parts / scale, limit / scale)
    # Beyond the limit it does not matter by how much, and so that no sum is too large for 64 bits:
    whole = np.minimum(np.rint(shifted[0]), 10.0**DIGITS).astype(np.int64)
    goal = max(1, round(shifted[1]))
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(whole)))
    after = (np.searchsorted(before[1:], before[:-1] + goal, side="left") + 1).tolist()
    first, row = [], 0
    while row < len(parts):
        first.append(row)
        row = after[row]
    return np.array(first, dtype=np.intp), row == len(parts)


def _grouped(trades: Trades, first: NDArray[np.intp], time: NDArray[np.int64], timeframe: str) -> Bars:
    """Return one bar for each group of trades; `first` are the rows with which they begin."""
    price, quantity = trades.price, trades.quantity
    if len(first):
        high, low = np.maximum.reduceat(price, first), np.minimum.reduceat(price, first)
        traded = np.add.reduceat(quantity, first)
        paid = np.add.reduceat(price * quantity, first)
        last = np.append(first[1:], len(trades)) - 1
    else:
        high, low, traded, paid, last = price[:0], price[:0], price[:0], price[:0], first
    given = np.divide(paid, traded, out=np.full(len(first), np.nan), where=traded > 0)
    return Bars(
        time,
        price[first],
        high,
        low,
        price[last],
        traded,
        symbol=trades.symbol,
        source=trades.source,
        timeframe=timeframe,
        given=np.clip(given, low, high),  # what rounding put outside
    )


def _taken(trades: Trades, rows: NDArray[np.bool_]) -> Trades:
    names = ("time", "price", "quantity", "side", "number")
    return replace(trades, **{name: getattr(trades, name)[rows] for name in names})
