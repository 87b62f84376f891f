"""Plant one fault in good bars, at a random place: what market data is known to suffer from."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

import eyas
from eyas.model import PRICE_COLUMNS, Bars

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
Plant = Callable[[Bars, random.Random], Any]
SAMPLES = ("AAPL 1d", "AIG 1d", "IBM 1d", "BTCUSDT 1m", "EURUSD 1h")


@cache
def clean(name: str) -> Bars:
    """Return a bundled sample, adjusted where it can be."""
    symbol, timeframe = name.split()
    return eyas.sample(symbol, timeframe, adjusted=symbol in ("AAPL", "AIG"))


def columns(bars: Bars) -> dict[str, Any]:
    """Return the columns, to be changed."""
    return {name: np.array(getattr(bars, name)) for name in bars.columns}


def rebuilt(bars: Bars, changed: dict[str, Any]) -> Bars:
    """Return bars of changed columns, checked as any source is."""
    return eyas.bars(changed, symbol=bars.symbol, timeframe=bars.timeframe)


def inner(bars: Bars, dice: random.Random) -> int:
    """Return a row that is not near either end, where currencies also have their Christmas."""
    room = 160 if len(bars) > 5000 else 40
    return dice.randrange(room, len(bars) - room)


def gap(bars: Bars, dice: random.Random) -> Bars:
    """Take some bars out: of daily ones at least three, since fewer may be a holiday."""
    first, count = inner(bars, dice), dice.randrange(3, 10)
    kept = np.delete(np.arange(len(bars)), np.arange(first, first + count))
    return rebuilt(bars, {name: values[kept] for name, values in columns(bars).items()})


def duplicate(bars: Bars, dice: random.Random) -> pl.DataFrame:
    """Write one row twice."""
    row = inner(bars, dice)
    return pl.DataFrame(columns(bars))[[*range(row + 1), *range(row, len(bars))]]


def conflict(bars: Bars, dice: random.Random) -> pl.DataFrame:
    """Write one row twice, with another volume."""
    row = inner(bars, dice)
    frame = duplicate(bars, random.Random(0))
    again = pl.DataFrame(columns(bars))
    frame = again[[*range(row + 1), *range(row, len(bars))]]
    volume = frame["volume"].to_numpy().copy()
    volume[row + 1] += 1
    return frame.with_columns(volume=volume)


def close_stamps(bars: Bars, dice: random.Random) -> Bars:
    """Stamp bars when they close: at the end of their last second, or when the next one opens."""
    step = int(np.median(np.diff(bars.time)))
    at_end = bars.timeframe == "1m" or dice.random() < 0.5
    return replace(bars, time=bars.time + step - (dice.choice((1_000_000, 1_000_000_000)) if at_end else 0))


def split(bars: Bars, dice: random.Random) -> Bars:
    """Divide or multiply what comes after an ordinary night of calm weeks by the ratio of a split."""
    nights = np.abs(np.log(bars.open[1:] / bars.close[:-1]))
    days = np.abs(np.log(bars.close[1:] / bars.close[:-1]))
    row = inner(bars, dice)
    while nights[row - 1] > 0.01 or np.median(days[row - 11 : row + 10]) > 0.02:
        row = inner(bars, dice)
    ratio = dice.choice((1.5, 2, 3, 4, 5, 7, 10, 20))
    ratio = dice.choice((ratio, 1 / ratio))
    changed = columns(bars)
    for name in PRICE_COLUMNS:
        changed[name][row:] /= ratio
    changed["volume"][row:] *= ratio
    return rebuilt(bars, changed)


def no_volume(bars: Bars, dice: random.Random) -> Bars:
    """Set the volume of a few bars to zero."""
    changed = columns(bars)
    changed["volume"][dice.sample(range(len(bars)), dice.randrange(1, 6))] = 0
    return rebuilt(bars, changed)


def nan(bars: Bars, dice: random.Random) -> pl.DataFrame:
    """Lose a price."""
    changed = columns(bars)
    changed[dice.choice(PRICE_COLUMNS)][inner(bars, dice)] = np.nan
    return pl.DataFrame(changed)


def reorder(bars: Bars, dice: random.Random) -> pl.DataFrame:
    """Swap two rows."""
    order = list(range(len(bars)))
    one, two = dice.sample(order, 2)
    order[one], order[two] = two, one
    return pl.DataFrame(columns(bars))[order]


def outlier(bars: Bars, dice: random.Random) -> Bars:
    """Multiply or divide a whole bar, or one price of it, as a slipped decimal would."""
    row, factor = inner(bars, dice), dice.choice((3, 5, 10, 100))
    changed = columns(bars)
    kind = dice.choice(("bar", "high", "low"))
    if kind == "bar":
        factor = dice.choice((factor, 1 / factor))
        for name in PRICE_COLUMNS:
            changed[name][row] *= factor
    else:
        changed[kind][row] *= factor if kind == "high" else 1 / factor
    return rebuilt(bars, changed)


def zone(bars: Bars, dice: random.Random) -> Bars:
    """Write the times of another zone as if they were UTC."""
    name = dice.choice(("America/New_York", "Europe/Athens", "Asia/Tokyo", "Asia/Kolkata"))
    there = pl.Series(bars.time).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(ZoneInfo(name).key)
    local = there.dt.replace_time_zone(None).to_physical().to_numpy()
    # An hour that the clocks have twice would stand there twice: what a careless source drops.
    kept = np.concatenate(([True], np.diff(local) > 0))
    return rebuilt(bars, {name: values[kept] for name, values in {**columns(bars), "time": local}.items()})


def stale_tail(bars: Bars, dice: random.Random) -> Bars:
    """Repeat the last price to the end."""
    first = len(bars) - dice.randrange(6, 30)
    changed = columns(bars)
    for name in PRICE_COLUMNS:
        changed[name][first:] = changed["close"][first - 1]
    return rebuilt(bars, changed)
