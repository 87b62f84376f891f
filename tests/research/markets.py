"""Markets for the tests of research: random walks, with or without something to find in them."""

from __future__ import annotations

import numpy as np

import eyas
from eyas.model import Bars

DAY_NS = 86_400_000_000_000
START_NS = 1_577_836_800_000_000_000


def walk(
    count: int = 400, seed: int = 0, *, memory: float = 0.0, drift: float = 0.0, symbol: str = "RND"
) -> Bars:
    """Return daily bars of a random walk; with `memory` a return carries on that share of the one before."""
    random = np.random.default_rng(seed)
    moves = 0.01 * random.standard_normal(count)
    for row in range(1, count):
        moves[row] += memory * moves[row - 1]
    close = np.round(100 * np.exp(np.cumsum(moves + drift)), 2)
    opens = np.round(np.concatenate([[100.0], close[:-1]]) * (1 + 0.001 * random.standard_normal(count)), 2)
    spread = 1 + 0.003 * random.random((2, count))
    high = np.round(np.maximum(opens, close) * spread[0], 2)
    low = np.round(np.minimum(opens, close) / spread[1], 2)
    return eyas.bars(
        {
            "time": START_NS + DAY_NS * np.arange(count),
            "open": opens,
            "high": np.maximum(high, np.maximum(opens, close)),
            "low": np.minimum(low, np.minimum(opens, close)),
            "close": close,
            "volume": np.round(1000 * random.random(count)) + 1,
        },
        symbol=symbol,
        timeframe="1d",
    )


class Follow(eyas.Strategy):
    """Be in the market after a rise over `days` bars, and out of it after a fall."""

    days: int = 1

    def on_start(self) -> None:
        self.before = self.use(lagged, "close", self.days)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close > self.before[-1]:
            self.buy()
        elif self.is_long and bar.close < self.before[-1]:
            self.close()


class FollowArrays(eyas.Strategy):
    """Do the same as Follow, said up front."""

    days: int = 1

    def signals(self, bars: Bars) -> eyas.Signals:
        """Enter on each rise, leave on each fall."""
        rise = np.sign(np.nan_to_num(bars.close - lagged(bars.close, self.days)))
        said = np.maximum.accumulate(np.where(rise != 0, np.arange(len(rise)), 0))
        held = np.where(rise[said] > 0, 1, 0)
        return eyas.Signals(entries=np.diff(held, prepend=0) > 0, exits=np.diff(held, prepend=0) < 0)


def lagged(values: np.ndarray, count: int) -> np.ndarray:
    """Return each value as it was `count` bars before, NaN where there was none."""
    return np.concatenate([np.full(count, np.nan), values[:-count]])
