"""Honest strategies that see longer timeframes, outside series, and indicators of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import eyas
from eyas.indicators import ema, macd, rsi, sma
from eyas.model import Bars
from tests.lookahead.corpus import Case, by_sign, days, hours, minutes

Column = NDArray[np.float64]


class HourlyTrend(eyas.Strategy):
    """Trades minutes in the direction of the last closed hour."""

    def on_bar(self, bar: eyas.Bar) -> None:
        hourly = self.bars("1h")
        if len(hourly) < 3:
            return
        rising = hourly.close[-1] > hourly.close[-2]
        if rising and self.is_flat:
            self.buy(fraction=0.5)
        elif not rising:
            self.close()


class HourlyAverages(eyas.Strategy):
    def on_start(self) -> None:
        self.fast = self.use(sma, "close", 3, timeframe="1h")
        self.slow = self.use(sma, "close", 8, timeframe="1h")

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast.crossed_above(self.slow):
            self.buy(fraction=0.5, stop_loss=0.01)
        elif self.fast.crossed_below(self.slow):
            self.close()


class DailyFilter(eyas.Strategy):
    """A daily average beside an hourly one."""

    def on_start(self) -> None:
        self.daily = self.use(ema, "close", 5, timeframe="1d")
        self.strength = self.use(rsi, "close", 14)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close > self.daily and self.strength < 40:
            self.buy(fraction=0.5, limit=bar.close * 0.9999, good_for=3)
        elif self.strength > 65:
            self.close()


class Mood(eyas.Strategy):
    """Follows a number that somebody publishes, from the moment it is published."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.extra["mood"].score > 0.2:
            self.buy(fraction=0.5)
        elif self.extra["mood"].score < -0.2:
            self.close()


def moods() -> pl.DataFrame:
    bars = minutes()
    score = np.random.default_rng(11).normal(size=len(bars) // 25)
    return pl.DataFrame({"time": bars.time[: len(score) * 25 : 25], "score": score})


class OtherMarket(eyas.Strategy):
    """Looks at hourly bars of its own market, given as bars: known when they close."""

    def on_start(self) -> None:
        self.average = self.use(sma, self.extra["hourly"].close, 3)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close > self.average:
            self.buy(fraction=0.5)
        elif bar.close < self.average:
            self.close()


def hourly_bars() -> Bars:
    bars = minutes()
    first = np.arange(0, len(bars), 60)
    return eyas.bars(
        {
            "time": bars.time[first],
            "open": bars.open[first],
            "high": np.maximum.reduceat(bars.high, first),
            "low": np.minimum.reduceat(bars.low, first),
            "close": bars.close[np.minimum(first + 59, len(bars) - 1)],
        },
        timeframe="1h",
    )


class Windowed(eyas.Strategy):
    """Asks for the last closed hours by their time."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index < 400 or bar.index % 30:
            return
        last = self.last_bars("1h", 5)
        if self.is_flat and last.close[-1] > last.close.mean():
            self.buy(fraction=0.5)
        elif last.close[-1] < last.close.mean():
            self.close()


def rolling_z_score(close: Column) -> Column:
    mean = sma(close, 50)
    spread = np.sqrt(np.maximum(sma(close * close, 50) - mean * mean, 1e-12))
    return (mean - close) / spread - 1


def off_the_running_minimum(close: Column) -> Column:
    return close / np.minimum.accumulate(close) - 1.005


def adaptive_average(close: Column) -> Column:
    """Kaufman's, in a plain loop: each value from the one before."""
    result = np.empty_like(close)
    result[:10] = close[:10]
    for row in range(10, len(close)):
        noise = np.abs(np.diff(close[row - 10 : row + 1])).sum()
        speed = abs(close[row] - close[row - 10]) / noise if noise else 0.0
        take = (speed * (2 / 3 - 2 / 31) + 2 / 31) ** 2
        result[row] = result[row - 1] + take * (close[row] - result[row - 1])
    return close - result


def vwap_since_midnight(close: Column, volume: Column) -> Column:
    """Anchored every 1,440 minutes, up to each bar."""
    result = np.empty_like(close)
    for first in range(0, len(close), 1_440):
        day = slice(first, first + 1_440)
        traded = np.cumsum(volume[day])
        result[day] = np.cumsum(close[day] * volume[day]) / np.maximum(traded, 1e-12)
    return close - result


def honest_swing_lows(low: Column) -> Column:
    """Marked five bars after the low, when it has been confirmed."""
    marks = np.full(len(low), -1.0)
    for row in range(10, len(low)):
        if low[row - 5] == low[row - 10 : row + 1].min():
            marks[row] = 1.0
    return marks


def histogram(close: Column) -> Column:
    line, signal, _ = macd(close, 12, 26, 9)
    return np.asarray(line - signal)


def filled_forward(close: Column) -> Column:
    return close - close[np.arange(len(close)) // 10 * 10]


class TwoOutputs(eyas.Strategy):
    def on_start(self) -> None:
        self.line, self.signal, _ = self.use(macd, "close", 12, 26, 9)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.line.crossed_above(self.signal):
            self.buy(fraction=0.4)
        elif self.line.crossed_below(self.signal):
            self.close()


class KeepsItsOwnArrays(eyas.Strategy):
    """Remembers closes by itself, as they come: what it holds lies in the past."""

    def on_start(self) -> None:
        self.seen: list[float] = []

    def on_bar(self, bar: eyas.Bar) -> None:
        self.seen.append(bar.close)
        mean = sum(self.seen[-50:]) / len(self.seen[-50:])
        if self.is_flat and bar.close > mean:
            self.buy(fraction=0.5)
        elif bar.close < mean:
            self.close()


CASES = (
    Case("the last closed hour", HourlyTrend, minutes),
    Case("averages of hours", HourlyAverages, minutes),
    Case("a daily filter over hours", DailyFilter, hours),
    Case("a published number", Mood, minutes, {"extra": {"mood": moods()}}),
    Case("hourly bars beside minutes", OtherMarket, minutes, {"extra": {"hourly": hourly_bars()}}),
    Case("a window of hours", Windowed, minutes),
    *(
        Case(function.__name__.replace("_", " "), by_sign(function, *columns), bars)
        for function, columns, bars in (
            (rolling_z_score, ("close",), minutes),
            (off_the_running_minimum, ("close",), hours),
            (adaptive_average, ("close",), days),
            (vwap_since_midnight, ("close", "volume"), minutes),
            (honest_swing_lows, ("low",), minutes),
            (histogram, ("close",), minutes),
            (filled_forward, ("close",), hours),
        )
    ),
    Case("two lines of one indicator", TwoOutputs, minutes),
    Case("its own list of closes", KeepsItsOwnArrays, minutes),
)


def z_score_of_all_so_far(close: Column) -> Column:
    """Honest at every bar, and another one with every bar of history more."""
    count = np.arange(1, len(close) + 1)
    mean = np.cumsum(close) / count
    spread = np.sqrt(np.maximum(np.cumsum(close * close) / count - mean * mean, 1e-12))
    return (close - mean) / np.maximum(spread, 1e-9)


def volume_on_balance_from_the_start(close: Column, volume: Column) -> Column:
    return np.cumsum(np.sign(np.diff(close, prepend=close[0])) * volume)


# These do not look ahead; but what they say depends on how much history was loaded.
SENSITIVE: tuple[tuple[Case, str], ...] = tuple(
    (Case(function.__name__, by_sign(function, *columns), minutes), function.__name__)
    for function, columns in (
        (z_score_of_all_so_far, ("close",)),
        (volume_on_balance_from_the_start, ("close", "volume")),
    )
)


def settling(close: Any) -> Column:
    return np.asarray(close - ema(close, 20))


SETTLING = Case("an average that settles", by_sign(settling), minutes)
