"""Strategies that know the future from elsewhere: a global, a file, a series stamped too early, a rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

import eyas
from eyas.model import Bars
from tests.lookahead.corpus import COUNT, Case, by_sign, hours, minutes

EVERYTHING = eyas.sample("BTCUSDT", "1m")
CLOSES = np.array(EVERYTHING.close[: COUNT + 1])
DAY_NS = 86_400_000_000_000


class ReadsAGlobal(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        ahead = CLOSES[bar.index + 1] - bar.close
        if self.is_flat and ahead > 0:
            self.buy(fraction=0.5)
        elif ahead < 0:
            self.close()


class ReadsItsOwnFile(eyas.Strategy):
    """Loads the same market once more when it starts, as a script would from disk."""

    def on_start(self) -> None:
        self.known = eyas.sample("BTCUSDT", "1m").close

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.known[bar.index + 5] > bar.close * 1.0005:
            self.buy(fraction=0.5)
        elif self.known[bar.index + 5] < bar.close:
            self.close()


def closing_over(bars: Bars) -> type[eyas.Strategy]:
    whole = EVERYTHING.close

    class Closing(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if self.is_flat and whole[bar.index + 3] > bar.close:
                self.buy(fraction=0.5)
            elif whole[bar.index + 3] < bar.close:
                self.close()

    assert len(bars)
    return Closing


class HighOfTheDay(eyas.Strategy):
    """Trusts a series of daily highs that is stamped with the day on which they were made."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close < self.extra["daily"].high * 0.99:
            self.buy(fraction=0.5)
        elif bar.close > self.extra["daily"].high * 0.999:
            self.close()


def daily_highs_stamped_at_the_opening() -> pl.DataFrame:
    bars = minutes()
    frame = pl.DataFrame({"time": bars.time // DAY_NS * DAY_NS, "high": bars.high})
    return frame.group_by("time", maintain_order=True).agg(pl.col("high").max())


class HourAhead(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.extra["hourly"].close > bar.close:
            self.buy(fraction=0.5)
        elif self.extra["hourly"].close < bar.close:
            self.close()


def hourly_closes_stamped_at_the_opening() -> dict[str, Any]:
    bars = minutes()
    first = np.arange(0, len(bars), 60)
    last = np.minimum(first + 59, len(bars) - 1)
    return {"time": bars.time[first], "close": bars.close[last]}


def momentum(close: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.diff(close, prepend=close[0])


CASES = (
    Case("reads a global array", ReadsAGlobal, minutes, words=("CLOSES",)),
    Case("reads its own file", ReadsItsOwnFile, minutes, words=("known",)),
    Case("closes over another array", closing_over, minutes, words=("whole",)),
    Case("a daily high stamped at the opening", HighOfTheDay, minutes,
         {"extra": {"daily": daily_highs_stamped_at_the_opening()}}, ("daily", "high")),
    Case("an hourly close stamped at the opening", HourAhead, minutes,
         {"extra": {"hourly": hourly_closes_stamped_at_the_opening()}}, ("hourly", "close")),
    Case("fills at the close that made the signal", by_sign(momentum), hours,
         {"market_fill": "close"}, ("market_fill",)),
    Case("fills at the open of the bar that made the signal", by_sign(momentum), hours,
         {"market_fill": "same_open"}, ("market_fill",)),
)  # fmt: skip
