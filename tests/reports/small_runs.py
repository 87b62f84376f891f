"""Small runs for the tests of texts, figures and notebooks: usual ones, and such as have nothing to say."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

import eyas
from eyas.model import Bars
from eyas.reports import Report
from tests.test_portfolio import DiceOnSeveral, walk

DAY_NS = 86_400_000_000_000
START_NS = 1_577_836_800_000_000_000  # 2020
HOSTILE = "a|b\n# <script>alert(1)</script> *x* `y` $1 [l](u) \\| & &amp; é\u2028z"


class Swing(eyas.Strategy):
    """Buy and sell in turns, with levels, partial exits and hostile notes."""

    every: int = 5

    def on_bar(self, bar: eyas.Bar) -> None:
        turn = bar.index % (2 * self.every)
        if turn == 0 and self.is_flat:
            self.note(HOSTILE, level=bar.close)
            side = self.buy if bar.index % (4 * self.every) == 0 else self.sell
            side(fraction=0.5, stop_loss=0.2, take_profit=[(0.02, 0.5), (0.3, 1.0)])
        elif turn == self.every and not self.is_flat:
            self.note("out")
            self.close()


class Idle(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        pass


class Failing(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            raise ValueError("no more")
        self.buy(1)


class Hold(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(fraction=1.0)


class Borrow(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(900)


def daily(count: int, seed: int = 3) -> Bars:
    """Return a random walk of daily bars."""
    random = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0.0005, 0.02, count))), 2)
    opens = np.concatenate([[100.0], close[:-1]])
    return eyas.bars(
        {
            "time": START_NS + np.arange(count) * DAY_NS,
            "open": opens,
            "high": np.maximum(opens, close) + 0.5,
            "low": np.minimum(opens, close) - 0.5,
            "close": close,
        },
        symbol="TEST",
        timeframe="1d",
    )


def shaped(closes: list[float]) -> Bars:
    columns = dict.fromkeys(("open", "high", "low", "close"), np.array(closes))
    return eyas.bars(
        {"time": START_NS + np.arange(len(closes)) * DAY_NS, **columns}, symbol="S", timeframe="1d"
    )


@lru_cache
def swing() -> Report:
    return eyas.backtest(Swing(), daily(220), fee_rate=0.001)


@lru_cache
def portfolio() -> Report:
    return eyas.backtest(DiceOnSeveral(seed=3), {"B": walk(1, 60, step=2), "A": walk(2, 90, start=7)})


@lru_cache
def in_turn() -> Report:
    bars = {"A": walk(2, 40), "B": walk(1, 40)}
    return eyas.backtest(DiceOnSeveral(seed=3), bars, clock="sequential")


@lru_cache
def idle() -> Report:
    return eyas.backtest(Idle(), daily(30))


@lru_cache
def one_bar() -> Report:
    """Return the report of a run that failed on its second bar."""
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Failing(), daily(5))
    assert caught.value.report is not None
    return caught.value.report


@lru_cache
def one_trade() -> Report:
    return eyas.backtest(Hold(), daily(12))


@lru_cache
def constant() -> Report:
    return eyas.backtest(Hold(), shaped([100.0] * 40), quality="off")


@lru_cache
def ruined() -> Report:
    report = eyas.backtest(Borrow(), shaped([100, 100, 100, 40, 30, 35, 20]), leverage=10, quality="off")
    assert report.curve.min() < 0
    return report


ALL = {one.__name__: one for one in (swing, portfolio, in_turn, idle, one_bar, one_trade, constant, ruined)}
