"""Bars, trades and books that the tests of the catalog make."""

from __future__ import annotations

import numpy as np

from eyas.data.catalog.kinds import columns_of
from eyas.model import Bars
from eyas.ticks import Books, Trades

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 1_704_067_200_000_000_000  # 2024-01-01


def bars_at(time, timeframe="1m", symbol="BTCUSDT", shift=0.0, **columns) -> Bars:
    """Return bars whose prices are a function of their time, so that two makers agree."""
    time = np.asarray(time, dtype=np.int64)
    close = 100.0 + (time // MINUTE % 977) / 7 + shift
    opening = close - 0.25
    return Bars(time, opening, close + 1, opening - 1, close, close / 3, symbol, timeframe, "made", **columns)


def bars(rows, timeframe="1m", step=MINUTE, start=MONDAY, **rest) -> Bars:
    return bars_at(start + step * np.arange(rows), timeframe, **rest)


def trades(rows, start=MONDAY, step=HOUR // 7, first_number=0) -> Trades:
    time = start + step * np.arange(rows)
    number = np.arange(rows) + first_number if first_number >= 0 else np.full(rows, -1)
    side = np.arange(rows) % 3 - 1
    return Trades(time, 100 + np.arange(rows) / 8, 1 + np.arange(rows) % 5, side, number, "BTCUSDT", "made")


def books(rows, depth=3, start=MONDAY) -> Books:
    time = start + HOUR * np.arange(rows)
    ladder = np.arange(rows * depth, dtype=float).reshape(rows, depth)
    ladder[0, -1] = np.nan
    return Books(time, 100 - ladder, ladder + 1, 101 + ladder, ladder + 2, "BTCUSDT", "made")


def alike(one, other) -> bool:
    """Tell whether two series hold the same columns to the bit."""
    left, right = columns_of(one, "left"), columns_of(other, "right")
    same = left.keys() == right.keys()
    return same and all(left[name].tobytes() == right[name].tobytes() for name in left)
