"""Strategies and signals made from whole data: models, frames merged by hand, choices made with hindsight."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

import eyas
from eyas.model import Bars
from tests.lookahead.corpus import Case, days, hours, minutes, shares

HOUR_NS = 3_600_000_000_000


def next_close_is_higher(bars: Bars) -> eyas.Signals:
    up = np.append(bars.close[1:] > bars.close[:-1], False)
    return eyas.Signals(entries=up, exits=~up, fraction=0.5)


def threshold_of_the_whole(bars: Bars) -> eyas.Signals:
    cheap = bars.close < np.quantile(bars.close, 0.2)
    return eyas.Signals(entries=cheap, exits=bars.close > np.quantile(bars.close, 0.8), fraction=0.5)


def hourly_candle_joined_at_its_opening(bars: Bars) -> eyas.Signals:
    """The recipe of a hundred notebooks: merge as-of on the time at which the hour begins."""
    frame = pl.DataFrame({"time": bars.time, "close": bars.close})
    hourly = frame.group_by(pl.col("time") // HOUR_NS * HOUR_NS, maintain_order=True).agg(
        pl.col("close").last().alias("hour_close")
    )
    joined = frame.join_asof(hourly.set_sorted("time"), on="time", strategy="backward")
    up = (joined["hour_close"] > joined["close"] * 1.0005).to_numpy()
    return eyas.Signals(entries=up, exits=~up, fraction=0.5)


def fitted_on_everything(bars: Bars) -> eyas.Signals:
    """A line from three past returns to the next one, fitted on the bars on which it then trades."""
    returns = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    past = np.stack([np.roll(returns, lag) for lag in range(3)], axis=1)
    past[:3] = 0
    weights, *_ = np.linalg.lstsq(past[3:-1], returns[4:], rcond=None)
    forecast = past @ weights
    return eyas.Signals(entries=forecast > 0, exits=forecast < 0, fraction=0.5)


def labels_of_tomorrow(bars: Bars) -> eyas.Signals:
    """Bayes on the weekday and hour: each pair is bought that rose on average, over all of the data."""
    moment = bars.time // HOUR_NS % 168
    ahead = np.append(np.diff(bars.close), 0.0)
    mean = np.array([ahead[moment == one].mean() if (moment == one).any() else 0.0 for one in range(168)])
    good = mean[moment] > 0
    return eyas.Signals(entries=good, exits=~good, fraction=0.5)


class Cross(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def on_start(self) -> None:
        self.fast_average = self.use(eyas.indicators.sma, "close", self.fast)
        self.slow_average = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast_average.crossed_above(self.slow_average):
            self.buy(fraction=0.5)
        elif self.fast_average.crossed_below(self.slow_average):
            self.close()


def best_parameters_of_the_test(bars: Bars) -> Cross:
    """Chosen on the very bars on which they are then shown off."""
    grid = [(fast, slow) for fast in (3, 5, 8, 13, 21) for slow in (34, 55, 89)]
    runs = [eyas.backtest(Cross(fast=fast, slow=slow), bars) for fast, slow in grid]
    best = int(np.argmax([run.summary.equity_final for run in runs]))
    return Cross(fast=grid[best][0], slow=grid[best][1])


class HoldOne(eyas.Strategy):
    chosen: str = "IBM"

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.symbol == self.chosen and self.is_flat:
            self.buy(fraction=0.5, stop_loss=0.1)


def best_share_in_hindsight(portfolio: dict[str, Bars]) -> HoldOne:
    return HoldOne(chosen=max(portfolio, key=lambda one: portfolio[one].close[-1] / portfolio[one].close[0]))


def strongest_of_the_next_week(portfolio: dict[str, Bars]) -> eyas.Signals:
    ahead = {
        symbol: np.append(bars.close[5:], bars.close[-1:].repeat(5))[: len(bars)] / bars.close - 1
        for symbol, bars in portfolio.items()
    }
    return eyas.Signals(
        entries={symbol: change > 0.02 for symbol, change in ahead.items()},
        exits={symbol: change < 0 for symbol, change in ahead.items()},
        fraction=0.3,
    )


def adjusted_by_a_split_to_come(bars: Bars) -> eyas.Signals:
    """Prices are divided by the split before it has happened: cheap shares turn out to be cheap later."""
    ratio = np.append(bars.close[:-1] / bars.open[1:], 1.0)
    factor = np.where(ratio > 3, np.rint(ratio), 1.0)
    adjusted = bars.close / np.cumprod(factor[::-1])[::-1]
    return eyas.Signals(entries=adjusted < 80, exits=adjusted > 90, fraction=0.5)


def high_of_today(bars: Bars) -> eyas.Signals:
    day = np.flatnonzero(np.diff(bars.time // (24 * HOUR_NS), prepend=-1))
    high = np.repeat(np.maximum.reduceat(bars.high, day), np.diff(np.append(day, len(bars))))
    near = bars.close > high * 0.999
    return eyas.Signals(entries=~near, exits=near, fraction=0.5)


def close_of_the_week(bars: Bars) -> eyas.Signals:
    week = np.flatnonzero(np.diff((bars.time // (24 * HOUR_NS) + 3) // 7, prepend=-1))
    last = np.append(week[1:], len(bars)) - 1
    friday = np.repeat(bars.close[last], np.diff(np.append(week, len(bars))))
    return eyas.Signals(entries=friday > bars.close, exits=friday < bars.close, fraction=0.5)


def leaves_before_the_end(bars: Bars) -> type[eyas.Strategy]:
    """Knows how long the data is."""
    end = len(bars) - 20

    class BeforeTheEnd(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 5:
                self.buy(fraction=0.5)
            elif bar.index == end:
                self.close()

    return BeforeTheEnd


def filtered_by_the_deepest_fall(bars: Bars) -> eyas.Signals:
    """Stays out of the stretch in which the whole history fell most."""
    peak = np.maximum.accumulate(bars.close)
    bottom = int(np.argmin(bars.close / peak))
    top = int(np.argmax(bars.close[: bottom + 1]))
    row = np.arange(len(bars))
    inside = (row >= top) & (row <= bottom)
    return eyas.Signals(entries=~inside, exits=inside, fraction=0.5)


def case(maker: Any, bars: Any = minutes, **options: Any) -> Case:
    return Case(maker.__name__.replace("_", " "), maker, bars, options)


def raw_days() -> Bars:
    return eyas.sample("AAPL", "1d")


CASES = (
    case(next_close_is_higher, hours),
    case(threshold_of_the_whole),
    case(hourly_candle_joined_at_its_opening),
    case(fitted_on_everything, hours),
    case(labels_of_tomorrow, hours),
    case(best_parameters_of_the_test, days),
    case(best_share_in_hindsight, shares),
    case(strongest_of_the_next_week, shares),
    case(adjusted_by_a_split_to_come, raw_days),
    case(high_of_today),
    case(close_of_the_week, days),
    case(leaves_before_the_end),
    case(filtered_by_the_deepest_fall, hours),
)
