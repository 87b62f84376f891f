"""Strategies that look ahead, as people write them: with pandas and polars, models, caches, portfolios."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

import eyas
from eyas.model import Bars
from tests.lookahead.corpus import COUNT, Case, by_sign, days, hours, minutes, shares

Column = NDArray[np.float64]
LOWS = np.array(eyas.sample("BTCUSDT", "1m").low[: COUNT + 1])
HOUR_NS = 3_600_000_000_000


def framed(bars: Bars) -> pd.DataFrame:
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.to_datetime(bars.time, utc=True))


def asked(wanted: Any) -> eyas.Signals:
    wanted = np.asarray(wanted, dtype=bool)
    return eyas.Signals(entries=wanted, exits=~wanted, fraction=0.5)


# With frames.


def shifted_label(bars: Bars) -> eyas.Signals:
    frame = framed(bars)
    frame["target"] = frame["close"].pct_change().shift(-1)
    return asked(frame["target"].fillna(0) > 0)


def centred_rolling(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    return asked(close < close.rolling(21, center=True).mean())


def hours_filled_back(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    hourly = close.resample("4h").last().reindex(close.index, method="bfill")
    return asked(hourly > close)


def hours_labelled_left(bars: Bars) -> eyas.Signals:
    """What pandas does unless told otherwise: the hour's close stands where the hour begins."""
    close = framed(bars)["close"]
    hourly = close.resample("1h").last().reindex(close.index, method="ffill")
    return asked(hourly > close * 1.0003)


def highs_by_transform(bars: Bars) -> eyas.Signals:
    frame = framed(bars)
    top = frame.groupby(frame.index.date)["high"].transform("max")
    return asked(frame["close"] < top * 0.995)


def filled_with_the_mean(bars: Bars) -> eyas.Signals:
    change = framed(bars)["close"].diff(20)
    return asked(change.where(change.abs() > 20).fillna(change.mean()) > 0)


def joined_forward(bars: Bars) -> eyas.Signals:
    frame = pl.DataFrame({"time": bars.time, "close": bars.close})
    some = frame.gather_every(30).rename({"close": "later"}).set_sorted("time")
    joined = frame.set_sorted("time").join_asof(some, on="time", strategy="forward")
    return asked((joined["later"] > joined["close"]).fill_null(value=False).to_numpy())


def polars_over_the_day(bars: Bars) -> eyas.Signals:
    frame = pl.DataFrame({"day": bars.time // (24 * HOUR_NS), "close": bars.close})
    mean = frame.select(pl.col("close").mean().over("day"))["close"].to_numpy()
    return asked(bars.close < mean)


def average_from_the_end(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"]
    return asked(close < close[::-1].ewm(span=20).mean()[::-1])


def local_days(bars: Bars) -> eyas.Signals:
    close = framed(bars)["close"].tz_convert("America/New_York")
    return asked(close < close.resample("1D").last().reindex(close.index, method="ffill"))


def busy_bar_next(bars: Bars) -> eyas.Signals:
    volume = np.append(bars.volume[1:], 0.0)
    return asked(volume > np.quantile(bars.volume[:100], 0.95))


def polars_shift(bars: Bars) -> eyas.Signals:
    frame = pl.DataFrame({"close": bars.close})
    return asked(
        frame.select((pl.col("close").shift(-3) > pl.col("close")).fill_null(value=False)).to_series()
    )


# Models.


class Scaler:
    def fit(self, rows: Column) -> Scaler:
        self.mean, self.scale = rows.mean(axis=0), rows.std(axis=0) + 1e-12
        return self

    def transform(self, rows: Column) -> Column:
        return (rows - self.mean) / self.scale


def scaled_by_the_whole(bars: Bars) -> type[eyas.Strategy]:
    """Trains nothing; but the scaler has seen everything."""
    scaler = Scaler().fit(np.stack([bars.close, bars.volume], axis=1))

    class Scaled(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            price, volume = scaler.transform(np.array([[bar.close, bar.volume]]))[0]
            if self.is_flat and price < -0.5 and volume > 0:
                self.buy(fraction=0.5)
            elif price > 0.5:
                self.close()

    return Scaled


def nearest_neighbours(bars: Bars) -> eyas.Signals:
    """Finds the most similar bars of all, and among them those that come next."""
    change = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    features = np.stack([change, np.roll(change, 1)], axis=1)
    ahead = np.append(change[1:], 0.0)
    picked = [np.argsort(np.abs(features - row).sum(axis=1))[:5] for row in features]
    return asked(ahead[np.array(picked)].mean(axis=1) > 0)


def two_clusters(bars: Bars) -> eyas.Signals:
    distance = np.abs(np.diff(bars.close, prepend=bars.close[0]))
    low, high = np.quantile(distance, [0.2, 0.9])
    for _ in range(10):
        near = np.abs(distance - low) < np.abs(distance - high)
        low, high = distance[near].mean(), distance[~near].mean()
    return asked(~near)


def smoothed_backwards(close: Column) -> Column:
    """A local level, run forward and then back, as a Kalman smoother is."""
    level = close.copy()
    for row in range(1, len(level)):
        level[row] = level[row - 1] + 0.1 * (close[row] - level[row - 1])
    for row in range(len(level) - 2, -1, -1):
        level[row] += 0.5 * (level[row + 1] - level[row])
    return level - close


def zigzag(close: Column) -> Column:
    """1 while the next pivot of at least 1 % is a top: repainted until it is confirmed."""
    side, first, best = 1.0, 0, 0
    result = np.zeros(len(close))
    for row in range(1, len(close)):
        if side * (close[row] - close[best]) > 0:
            best = row
        elif side * (close[best] - close[row]) > 0.01 * close[best]:
            result[first:best] = side
            first, best, side = best, row, -side
    result[first:] = side
    return result


def same_convolution(close: Column) -> Column:
    return np.convolve(close, np.full(15, 1 / 15), mode="same") - close


def best_to_come(close: Column) -> Column:
    return np.maximum.accumulate(close[::-1])[::-1] - close * 1.01


def percent_of_the_peak(close: Column) -> Column:
    return close / close.max() - 0.97


# What it asks for, not whether.


class LimitAtTheLow(eyas.Strategy):
    """Waits with a limit at the very low that comes, and never misses it."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat:
            self.buy(fraction=0.5, limit=float(LOWS[bar.index + 1]), good_for=1)
        else:
            self.close()


def sized_by_what_comes(bars: Bars) -> type[eyas.Strategy]:
    ahead = np.append(np.diff(bars.close), 0.0)

    class Sized(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % 10 == 0:
                self.close()
                self.buy(fraction=0.8 if ahead[bar.index] > 0 else 0.1)

    return Sized


def stop_below_what_comes(bars: Bars) -> eyas.Signals:
    low = pd.Series(bars.low[::-1]).rolling(30, min_periods=1).min().to_numpy()[::-1]
    every = np.arange(len(bars)) % 50 == 0
    return eyas.Signals(
        entries=every,
        exits=np.roll(every, 30),
        fraction=0.5,
        stop_loss=np.clip(1 - low / bars.close, 0.001, 0.5),
    )


def three_times_in_all(bars: Bars) -> eyas.Signals:
    """Asks for no more than three trades, before the three largest rises."""
    rises = np.append(bars.close[1:] / bars.close[:-1], 1.0)
    entries = np.zeros(len(bars), bool)
    entries[np.argsort(rises)[-3:]] = True
    return eyas.Signals(entries=entries, exits=np.roll(entries, 2), fraction=0.5)


def before_the_gap(bars: Bars) -> eyas.Signals:
    """Is out before every pause, also before those that nobody announced."""
    pause = np.append(np.diff(bars.time) > 2 * HOUR_NS, False)
    return eyas.Signals(entries=np.roll(pause, 1), exits=pause, fraction=0.5)


def liquid_by_the_whole(bars: Bars) -> type[eyas.Strategy]:
    class Liquid(eyas.Strategy):
        least = float(np.median(bars.volume))

        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.volume > self.least and self.is_flat:
                self.buy(fraction=0.5)
            elif bar.volume < self.least / 2:
                self.close()

    return Liquid


# From elsewhere.


@lru_cache(maxsize=1)
def cached_closes() -> Column:
    return eyas.sample("BTCUSDT", "1m").close


class ReadsACache(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        ahead = cached_closes()[bar.index + 2] - bar.close
        if self.is_flat and ahead > 0:
            self.buy(fraction=0.5)
        elif ahead < 0:
            self.close()


class LoadsOnEveryBar(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 150:
            return
        whole = eyas.sample("BTCUSDT", "1m")
        if self.is_flat and whole.close[bar.index + 150] > bar.close:
            self.buy(fraction=0.5)
        elif whole.close[bar.index + 150] < bar.close:
            self.close()


class KeepsAnIterator(eyas.Strategy):
    """Loads when it starts, and keeps nothing that has rows."""

    def on_start(self) -> None:
        close = eyas.sample("BTCUSDT", "1m").close
        self.pairs = iter(zip(close[3:], close, strict=False))

    def on_bar(self, bar: eyas.Bar) -> None:
        then, now = next(self.pairs)
        if self.is_flat and then > now:
            self.buy(fraction=0.5)
        elif then < now:
            self.close()


class Oracle:
    def __init__(self) -> None:
        self.hidden = minutes().close

    def ahead(self, row: int) -> float:
        return float(self.hidden[min(row + 3, len(self.hidden) - 1)])


ORACLE = Oracle()


class AsksTheOracle(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and ORACLE.ahead(bar.index) > bar.close:
            self.buy(fraction=0.5)
        elif ORACLE.ahead(bar.index) < bar.close:
            self.close()


class Better:
    """Holds moments, and no columns."""

    times = frozenset(
        int(time)
        for time, now, then in zip(minutes().time, minutes().close, minutes().close[1:], strict=False)
        if then > now
    )


class KnowsGoodMoments(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.time in Better.times:
            self.buy(fraction=0.5)
        elif bar.time not in Better.times:
            self.close()


class TodayByTime(eyas.Strategy):
    """A table by date of whether the day will rise, written by hand after the fact."""

    rises: ClassVar = {
        str(np.datetime64(int(time), "ns"))[:10]: bool(close > open_)
        for time, open_, close in zip(days().time, days().open, days().close, strict=True)
    }

    def on_bar(self, bar: eyas.Bar) -> None:
        tomorrow = str(np.datetime64(bar.time, "ns").astype("M8[D]") + 1)
        if self.is_flat and self.rises.get(tomorrow):
            self.buy(fraction=0.5)
        elif not self.rises.get(tomorrow, True):
            self.close()


class Prophecy(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.extra["forecast"].score > 0:
            self.buy(fraction=0.5)
        elif self.extra["forecast"].score < 0:
            self.close()


def prophecies() -> pl.DataFrame:
    """A number for each bar that came from the bar after, stamped with the bar's own close."""
    bars = minutes()
    score = np.append(np.diff(bars.close), 0.0) / 7.3
    return pl.DataFrame({"time": bars.time + 60_000_000_000, "score": score})


# Several instruments and timeframes.


class NextDayOfTheOther(eyas.Strategy):
    def on_start(self) -> None:
        self.ahead = self.use(lambda close: np.append(np.diff(close), 0.0), "close", symbol="IBM")

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.symbol == "IBM":
            if self.is_flat and self.ahead > 0:
                self.buy(fraction=0.3)
            elif self.ahead < 0:
                self.close()


def hedged_by_the_whole(portfolio: dict[str, Bars]) -> eyas.Signals:
    one, other = (portfolio[symbol].close for symbol in ("AIG", "IBM"))
    count = min(len(one), len(other))
    slope, level = np.polyfit(other[:count], one[:count], 1)
    apart = one[:count] - slope * other[:count] - level
    entries = np.zeros(len(one), bool)
    entries[:count] = apart < 0
    return eyas.Signals(entries={"AIG": entries}, exits={"AIG": ~entries}, fraction=0.3)


class HourlyAhead(eyas.Strategy):
    def on_start(self) -> None:
        self.ahead = self.use(lambda close: np.roll(close, -1) - close, "close", timeframe="1h")

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.ahead > 0:
            self.buy(fraction=0.5)
        elif self.ahead < 0:
            self.close()


class TopOfAll(eyas.Strategy):
    """Asks where the top is before the first bar, and goes short from there on."""

    def on_start(self) -> None:
        self.top = 0

        def remember(close: Column) -> Column:
            self.top = max(self.top, int(np.argmax(close)))
            return close

        self.use(remember, "close")

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == self.top:
            self.sell(fraction=0.5)


def case(maker: Any, bars: Any = minutes, **options: Any) -> Case:
    return Case(maker.__name__.replace("_", " "), maker, bars, options)


CASES = (
    case(shifted_label), case(centred_rolling), case(hours_filled_back), case(hours_labelled_left),
    case(highs_by_transform), case(filled_with_the_mean), case(joined_forward), case(polars_over_the_day),
    case(polars_shift), case(scaled_by_the_whole), case(nearest_neighbours, days), case(two_clusters),
    *(Case(one.__name__.replace("_", " "), by_sign(one), minutes) for one in (
        smoothed_backwards, zigzag, same_convolution, best_to_come, percent_of_the_peak)),
    case(LimitAtTheLow), case(sized_by_what_comes), case(stop_below_what_comes), case(three_times_in_all),
    case(before_the_gap, hours), case(liquid_by_the_whole), case(ReadsACache), case(LoadsOnEveryBar),
    case(average_from_the_end), case(local_days), case(busy_bar_next), case(KeepsAnIterator),
    case(AsksTheOracle),
    case(NextDayOfTheOther, shares), case(hedged_by_the_whole, shares), case(HourlyAhead), case(TopOfAll),
)  # fmt: skip

# What a table holds of later moments may be known by then, and no run can tell: this is said, and not proven.
SUSPECTED = (
    Case("moments that were good", KnowsGoodMoments, minutes, words=("right side of the very next bar",)),
    Case("a table by date", TodayByTime, days, words=("rises", "at the very moment when that bar closes")),
    Case("a prophecy as an extra", Prophecy, minutes, {"extra": {"forecast": prophecies()}},
         ("right side of the very next bar",)),
)  # fmt: skip
