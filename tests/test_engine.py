"""A strategy can say its orders up front, and whoever runs it says which way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.indicators import sma
from eyas.model import Bars
from tests.test_portfolio import walk

BARS = eyas.sample("BTCUSDT", "1m")[:3_000]


def crossings(close: Any, fast: int, slow: int) -> tuple[Any, Any]:
    above, below = (np.zeros(len(close), dtype=bool) for _ in range(2))
    quick, late = sma(close, fast), sma(close, slow)
    above[1:] = (quick > late)[1:] & (quick <= late)[:-1]
    below[1:] = (quick < late)[1:] & (quick >= late)[:-1]
    return above, below


class UpFront(eyas.Strategy):
    fast: int = eyas.param(10, min=2)
    slow: int = 30

    def signals(self, bars: Bars) -> eyas.Signals:
        above, below = crossings(bars.close, self.fast, self.slow)
        return eyas.Signals(entries=above, exits=below, fraction=0.9, stop_loss=0.002, take_profit=0.004)


class PerBar(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def on_start(self) -> None:
        self.quick = self.use(sma, "close", self.fast)
        self.late = self.use(sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick.crossed_above(self.late):
            self.buy(fraction=0.9, stop_loss=0.002, take_profit=0.004)
        elif self.quick.crossed_below(self.late):
            self.close()


@pytest.mark.parametrize("fast", [5, 10, 20])
def test_orders_said_up_front_are_those_said_bar_by_bar(fast: int) -> None:
    up_front = eyas.backtest(UpFront(fast=fast), BARS, fee_rate=0.0001)
    per_bar = eyas.backtest(PerBar(fast=fast), BARS, fee_rate=0.0001)
    assert up_front.summary.trades > 20
    assert up_front.journal == per_bar.journal
    assert up_front.curve.tobytes() == per_bar.curve.tobytes()


def test_the_report_is_the_strategys_own() -> None:
    report = eyas.backtest(UpFront(fast=7), BARS)
    assert (report.strategy, report.parameters) == ("UpFront", {"fast": 7, "slow": 30})


class Pair(eyas.Strategy):
    period: int = 20

    def signals(self, bars: Any) -> eyas.Signals:
        found = {symbol: crossings(one.close, 5, self.period) for symbol, one in bars.items()}
        entries = {symbol: above for symbol, (above, _) in found.items()}
        exits = {symbol: below for symbol, (_, below) in found.items()}
        return eyas.Signals(entries=entries, exits=exits, quantity=1)


def test_a_portfolio_gives_its_bars_by_symbol() -> None:
    bars = {"A": walk(1, 400), "B": walk(2, 400)}
    whole = eyas.backtest(Pair(), bars)
    given = eyas.backtest(Pair().signals(bars), bars)
    assert whole.journal == given.journal
    assert len(whole.trades)


class Both(UpFront):
    def on_bar(self, bar: eyas.Bar) -> None:
        self.buy()


class Wrong(eyas.Strategy):
    def signals(self, bars: Bars) -> eyas.Signals:
        return bars.close  # type: ignore[return-value]


class Curious(eyas.Strategy):
    def signals(self, bars: Bars) -> eyas.Signals:
        return eyas.Signals(entries=self.account.cash > 0)


@pytest.mark.parametrize(
    ("strategy", "engine", "sentence"),
    [
        (Both(), "auto", "Both has both signals and on_bar: say engine='arrays'"),
        (PerBar(), "arrays", r"PerBar has no signals\(self, bars\): write it, or leave engine out"),
        (UpFront(), "python", "UpFront has signals but no on_bar: leave engine='python' out"),
        (UpFront(), "fast", "engine is 'fast', but must be one of auto, python, arrays, compiled"),
        (Wrong(), "auto", "Wrong.signals returned ndarray, but must return eyas.Signals"),
    ],
)
def test_a_way_that_cannot_be_is_refused(strategy: eyas.Strategy, engine: Any, sentence: str) -> None:
    with pytest.raises(eyas.UsageError, match=sentence):
        eyas.backtest(strategy, BARS, engine=engine)


def test_both_ways_can_be_asked_for() -> None:
    assert eyas.backtest(Both(), BARS, engine="arrays").journal == eyas.backtest(UpFront(), BARS).journal
    assert eyas.backtest(Both(), BARS, engine="python").summary.trades == 1


def test_signals_know_of_no_account() -> None:
    with pytest.raises(eyas.StrategyError, match="Curious failed before the first bar: AttributeError"):
        eyas.backtest(Curious(), BARS)


def test_signals_see_nothing_inside_bars_and_nothing_beside_them() -> None:
    with pytest.raises(eyas.UsageError, match="see no extra"):
        eyas.backtest(UpFront(), BARS, extra={"more": BARS})
    with pytest.raises(eyas.UsageError, match="do not walk through finer bars"):
        eyas.backtest(UpFront(), eyas.data.resample(BARS, "5m"), finer=BARS)
