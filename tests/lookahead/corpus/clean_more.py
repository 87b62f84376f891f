"""Honest strategies as people write them: with pandas and polars, models, caches, schedules, portfolios."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

import eyas
from eyas.indicators import Incremental, anchored_vwap, atr, ema, sma, supertrend
from eyas.model import Bars
from tests.lookahead.corpus import COUNT, Case, by_sign, days, hours, minutes, shares
from tests.lookahead.corpus.biased_more import asked, framed

Column = NDArray[np.float64]
DAY_NS = 86_400_000_000_000
EARLIER = np.array(eyas.sample("EURUSD", "1h").close[COUNT : 2 * COUNT + 500])
"""Bars of another time: what a model was trained on."""
MEETINGS = np.array([int(time) for time in minutes().time[400::70]])
"""A calendar of events, known long before."""
WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1, 0.0, -0.1, -0.2, -0.3, -0.2, -0.2])
UNTIL = int(hours().time[2_000])
BY_HOUR = {hour: (hour * 7 % 5 - 2) / 10 for hour in range(24)}
HEARD: list[float] = []


# With frames.


def shifted_forward(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    return asked(close.shift(1) > close.rolling(50).mean().shift(1))


def expanding_score(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    return asked((close - close.expanding().mean()) / close.expanding().std() > 0.5)


def exponential_of_pandas(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    return asked(close.ewm(span=10, adjust=False).mean() > close.ewm(span=40, adjust=False).mean())


def hours_closed_and_shifted(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    hourly = close.resample("1h").last().shift(1).reindex(close.index, method="ffill")
    return asked(close > hourly)


def hours_labelled_right(bars: Bars) -> eyas.Signals:
    """The close of an hour stands at its end, from where the bar that opens there may see it."""
    close = framed(bars)["close"]
    hourly = close.resample("1h", label="right").last()
    return asked(close > hourly.reindex(close.index, method="ffill"))


def joined_backward(bars: Bars) -> eyas.Signals:
    frame = pl.DataFrame({"time": bars.time, "close": bars.close})
    hourly = (
        frame.group_by(pl.col("time") // (DAY_NS // 24), maintain_order=True)
        .agg(pl.col("close").mean().alias("mean"))
        .with_columns(time=(pl.col("time") + 1) * (DAY_NS // 24))
    )
    joined = frame.set_sorted("time").join_asof(hourly.set_sorted("time"), on="time")
    return asked((joined["close"] < joined["mean"]).fill_null(value=False))


def run_of_rises(bars: Bars) -> eyas.Signals:
    rises = pd.Series(np.diff(bars.close, prepend=bars.close[0]) > 0)
    return asked(rises.groupby((~rises).cumsum()).cumsum() >= 3)


# Indicators of one's own.


def filtered(close: Column) -> Column:
    """A Kalman filter in a loop, never backwards."""
    level, spread, result = close[0], 1.0, np.zeros(len(close))
    for row, price in enumerate(close):
        spread += 0.01
        gain = spread / (spread + 1.0)
        level, spread = level + gain * (price - level), spread * (1 - gain)
        result[row] = price - level
    return result


def finite_response(close: Column) -> Column:
    change = np.diff(close, prepend=close[0])
    return np.convolve(change, WEIGHTS)[: len(close)]


def confirmed_zigzag(close: Column) -> Column:
    """The side of the last pivot, from the bar on which a move of 1 % confirmed it."""
    side, best = 1.0, close[0]
    result = np.zeros(len(close))
    for row, price in enumerate(close):
        if side * (price - best) > 0:
            best = price
        elif side * (best - price) > 0.01 * best:
            best, side = price, -side
        result[row] = side
    return result


def ranked_in_the_window(close: Column) -> Column:
    return pd.Series(close).rolling(50).rank(pct=True).to_numpy() - 0.8


# State of many kinds.


class InItsClass(eyas.Strategy):
    """Keeps a count in a global and in its class, and clears both when it starts."""

    seen = 0

    def on_start(self) -> None:
        HEARD.clear()
        type(self).seen = 0

    def on_bar(self, bar: eyas.Bar) -> None:
        HEARD.append(bar.close)
        type(self).seen += 1
        if self.seen % 40 == 0 and bar.close > np.mean(HEARD[-40:]):
            self.buy(fraction=0.3)
        elif self.seen % 40 == 20:
            self.close()


@dataclass
class Memory:
    high: float = 0.0
    low: float = 1e12
    age: int = 0


class Remembers(eyas.Strategy):
    def on_start(self) -> None:
        self.memory, self.last = Memory(), deque[float](maxlen=30)

    def on_bar(self, bar: eyas.Bar) -> None:
        memory = self.memory
        memory.high, memory.low, memory.age = (
            max(memory.high, bar.high), min(memory.low, bar.low), memory.age + 1,
        )  # fmt: skip
        self.last.append(bar.close)
        place = (bar.close - memory.low) / (memory.high - memory.low)
        if place < 0.3 and self.is_flat and len(self.last) == 30:
            self.buy(fraction=0.5)
        elif place > 0.6:
            self.close()


class WaitsForBars(eyas.Strategy):
    """Guards its warm-up by how many bars there have been."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if len(self.bars) < 60:
            return
        past = self.bars.close[-60:]
        if self.is_flat and bar.close <= past.min():
            self.buy(fraction=0.5)
        elif bar.close >= past.max():
            self.close()


class UntilADate(eyas.Strategy):
    """Trades up to a fixed date, and by the day of the week."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.time > UNTIL:
            self.close()
            return
        weekday = (bar.time // DAY_NS + 3) % 7
        if weekday == 0 and self.is_flat:
            self.buy(fraction=0.4)
        elif weekday == 3:
            self.close()


class Busy(eyas.Strategy):
    """Trades where the volume is above its own running median."""

    def on_start(self) -> None:
        self.usual = self.use(lambda volume: pd.Series(volume).rolling(100).median().to_numpy(), "volume")

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.volume > self.usual * 3:
            self.buy(fraction=0.5)
        elif bar.volume < self.usual / 2:
            self.close()


class ByTheMoment(eyas.Strategy):
    """Draws by a seed that the bar itself gives."""

    def on_bar(self, bar: eyas.Bar) -> None:
        drawn = random.Random(bar.time).random()
        if drawn < 0.05 and self.is_flat:
            self.buy(fraction=0.5)
        elif drawn > 0.95:
            self.close()


class ByTheHour(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        edge = BY_HOUR[bar.time // (DAY_NS // 24) % 24]
        if edge > 0.1 and self.is_flat:
            self.buy(fraction=edge)
        elif edge < -0.1:
            self.close()


class AroundMeetings(eyas.Strategy):
    """Is out for half an hour before and after each event of a calendar that is published years ahead."""

    def on_bar(self, bar: eyas.Bar) -> None:
        near = np.abs(MEETINGS - bar.time).min() < 30 * 60 * 1_000_000_000
        if near:
            self.close()
        elif self.is_flat and bar.index % 20 == 0:
            self.buy(fraction=0.5)


class TrainedEarlier(eyas.Strategy):
    """Goes by what was usual in another year."""

    def on_start(self) -> None:
        self.step = float(np.diff(EARLIER).std())

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close < bar.open - 2 * np.diff(EARLIER).std():
            self.buy(fraction=0.5)
        elif bar.close > bar.open + 2 * self.step:
            self.close()


@cache
def weights_of(period: int) -> Column:
    return np.exp(-np.arange(period) / 7)[::-1]


class Cached(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index < 25:
            return
        mean = np.average(self.bars.close[-20:], weights=weights_of(20))
        if self.is_flat and bar.close > mean * 1.0005:
            self.buy(fraction=0.5)
        elif bar.close < mean:
            self.close()


class Refits(eyas.Strategy):
    """Fits a line to its last 200 bars every 100 bars."""

    def on_start(self) -> None:
        self.weights = np.zeros(3)

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index < 220:
            return
        if bar.index % 100 == 20:
            change = np.diff(np.log(self.bars.close[-205:]))
            rows = np.stack([change[lag : lag + 201] for lag in range(3)], axis=1)
            self.weights, *_ = np.linalg.lstsq(rows, change[3:204], rcond=None)
        forecast = np.diff(np.log(self.bars.close[-4:])) @ self.weights
        if self.is_flat and forecast > 0:
            self.buy(fraction=0.5)
        elif forecast < 0:
            self.close()


class BarByBar(eyas.Strategy):
    """Computes as it would live."""

    def on_start(self) -> None:
        self.fast, self.slow = Incremental(ema, "close", 8), Incremental(sma, "close", 30)

    def on_bar(self, bar: eyas.Bar) -> None:
        fast, slow = self.fast.update(bar), self.slow.update(bar)
        if self.is_flat and fast > slow:
            self.buy(fraction=0.5)
        elif fast < slow:
            self.close()


class Follows(eyas.Strategy):
    def on_start(self) -> None:
        self.line, self.side = self.use(supertrend, "high", "low", "close", 10, 3)
        self.mean = self.use(anchored_vwap, "time", "high", "low", "close", "volume")
        self.range = self.use(atr, "high", "low", "close", 14)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.side > 0 and bar.close < self.mean and self.is_flat:
            self.buy(fraction=0.5, stop_loss=eyas.away(3 * float(self.range)))
        elif self.side < 0:
            self.close()


class ThreeTimeframes(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        fours, whole = self.bars("4h"), self.bars("1d")
        if len(whole) < 2 or len(fours) < 4:
            return
        last = self.last_bars("4h", 3, missing="skip")
        if self.is_flat and whole.close[-1] > whole.open[-1] and len(last) and bar.close < last.close.mean():
            self.buy(fraction=0.5)
        elif bar.close > fours.high[-1]:
            self.close()


class CountsItsFills(eyas.Strategy):
    """Stops after some fills, and waits longer after each."""

    def on_start(self) -> None:
        self.fills, self.wait = 0, 5

    def on_fill(self, fill: eyas.Event) -> None:
        self.fills += 1
        self.wait = 5 + self.fills

    def on_bar(self, bar: eyas.Bar) -> None:
        self.wait -= 1
        if self.wait <= 0 and self.fills < 100:
            if self.is_flat:
                self.buy(fraction=0.5, limit=bar.low, good_for=2)
            else:
                self.close()


class Surprise(eyas.Strategy):
    """Goes by figures of a quarter from the day on which they were published."""

    def on_bar(self, bar: eyas.Bar) -> None:
        figures = self.extra["figures"]
        if self.is_flat and figures.surprise > 0:
            self.buy(fraction=0.5)
        elif figures.surprise < 0:
            self.close()


def figures() -> pd.DataFrame:
    quarter = np.arange(-1, 8) * 45 * DAY_NS + int(days().time[0])
    surprise = np.random.default_rng(5).normal(size=len(quarter))
    return pd.DataFrame({"time": quarter, "known": quarter + 30 * DAY_NS, "surprise": surprise})


# Several instruments.


class Pairs(eyas.Strategy):
    """Trades one share against another, by a slope of the last 60 days."""

    def on_step(self, step: Any) -> None:
        one, other = self.bars["AIG"].close, self.bars["IBM"].close
        if len(one) < 60 or len(other) < 60:
            return
        slope, level = np.polyfit(other[-60:], one[-60:], 1)
        apart = one[-1] - slope * other[-1] - level
        if apart < 0 and self.position_of("AIG") == 0:
            self.buy(fraction=0.3, symbol="AIG")
        elif apart > 0 and self.position_of("AIG") > 0:
            self.close()


class Momentum(eyas.Strategy):
    """Computes for each share what it will be ranked by, when it starts."""

    def on_start(self) -> None:
        self.change = {
            one: self.use(lambda close: pd.Series(close).pct_change(20).to_numpy(), "close", symbol=one)
            for one in self.symbols
        }

    def on_bar(self, bar: eyas.Bar) -> None:
        mine = self.change[bar.symbol]
        if self.is_flat and mine > 0.02:
            self.buy(fraction=0.3)
        elif mine < 0:
            self.close()


def weights_by_closure(bars: Bars) -> type[eyas.Strategy]:
    weights = np.linspace(1.0, 2.0, 20)

    class Weighted(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index < 20:
                return
            mean = np.average(np.asarray(self.bars.close)[-20:], weights=weights)
            if self.is_flat and bar.close < mean:
                self.buy(fraction=0.5)
            elif bar.close > mean:
                self.close()

    return Weighted


def relative_share(portfolio: dict[str, Bars]) -> eyas.Signals:
    wanted = {
        symbol: (pd.Series(bars.close).pct_change(60).fillna(0) > 0).to_numpy()
        for symbol, bars in portfolio.items()
    }
    return eyas.Signals(entries=wanted, exits={one: ~up for one, up in wanted.items()}, fraction=0.3)


class Unseeded(eyas.Strategy):
    """Decides by chance: honest, and nobody can show it."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if random.random() < 0.1:
            self.close()
            self.buy(fraction=0.5)


UNJUDGED = Case("unseeded chance", Unseeded, minutes)


def case(maker: Any, bars: Any = minutes, **options: Any) -> Case:
    return Case(maker.__name__.replace("_", " "), maker, bars, options)


CASES = (
    case(shifted_forward), case(expanding_score), case(exponential_of_pandas),
    case(hours_closed_and_shifted), case(hours_labelled_right), case(joined_backward), case(run_of_rises),
    *(Case(one.__name__.replace("_", " "), by_sign(one), minutes) for one in (
        filtered, finite_response, confirmed_zigzag, ranked_in_the_window)),
    case(InItsClass), case(Remembers), case(WaitsForBars), case(UntilADate, hours), case(Busy),
    case(ByTheMoment), case(ByTheHour, hours), case(AroundMeetings), case(TrainedEarlier, hours),
    case(Cached), case(Refits), case(BarByBar), case(Follows), case(ThreeTimeframes, hours),
    case(CountsItsFills),
    Case("figures from their publication", Surprise, days, {"extra": {"figures": figures()}}),
    case(Pairs, shares), case(Momentum, shares), case(weights_by_closure), case(relative_share, shares),
    Case("momentum in sequence", Momentum, shares, {"clock": "sequential"}),
)  # fmt: skip
