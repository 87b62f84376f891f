"""How much history indicators need: exact windows, recursive means, and what never settles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.lookahead import check
from tests.lookahead.conftest import MINUTE, START, walk


def expanding_score(values: Any) -> Any:
    count = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / count
    spread = np.sqrt(np.maximum(np.cumsum(values**2) / count - mean**2, 1e-6))
    return (values - mean) / spread


def balance(close: Any, volume: Any) -> Any:
    return np.cumsum(np.sign(np.diff(close, prepend=close[0])) * volume)


@pytest.fixture(scope="module")
def many() -> eyas.Bars:
    return walk(3_000, seed=11)


class Indicators(eyas.Strategy):
    def on_start(self) -> None:
        self.exact = self.use(eyas.indicators.sma, "close", 50)
        self.slow = self.use(eyas.indicators.ema, "close", 150)
        self.total = self.use(balance, "close", "volume")


def test_the_table_says_how_each_settles(many: eyas.Bars) -> None:
    found = check(Indicators, many, cuts=2)
    assert found.verdict == "pass", str(found)
    assert found.warm_up
    assert found.warm_up.bars == (199, 399, 499, 999, 1999)
    exact, slow, total = found.warm_up.columns
    assert max(off or 0.0 for off in exact.off) < 1e-12
    assert all(off is not None for off in slow.off)
    falls = [off for off in slow.off if off is not None]
    assert falls[0] > 1e-3 > falls[-1]
    assert falls == sorted(falls, reverse=True)
    assert (exact.settles, slow.settles, total.settles) == (True, True, False)
    assert total.is_level
    assert "a running total" in str(found)


def test_an_indicator_that_never_settles_is_a_warning(many: eyas.Bars) -> None:
    class Score(eyas.Strategy):
        def on_start(self) -> None:
            self.score = self.use(expanding_score, "close")

        def on_bar(self, bar: eyas.Bar) -> None:
            if self.score < -1 and self.is_flat:
                self.buy()
            elif self.score > 1:
                self.close()

    found = check(Score, many, cuts=4)
    assert (found.verdict, found.settles) == ("pass", False)
    assert "depends on how much history is loaded" in str(found)
    [one] = found.findings
    assert (one.name, one.column) == ("warm_up", "expanding_score(close)")
    assert found.warm_up
    assert [column.name for column in found.warm_up.unsettled] == ["expanding_score(close)"]


def test_signals_that_never_forget_are_a_warning_and_those_fitted_once_are_not(many: eyas.Bars) -> None:
    def never(bars: eyas.Bars) -> eyas.Signals:
        score = expanding_score(bars.close)
        return eyas.Signals(entries=score < -1, exits=score > 1)

    def once(bars: eyas.Bars) -> eyas.Signals:
        level = bars.close[:300].mean()
        later = np.arange(len(bars)) > 300
        return eyas.Signals(entries=(bars.close < level) & later, exits=(bars.close > level) & later)

    warned = check(never, many, cuts=4)
    assert [one.name for one in warned.findings] == ["warm_up"]
    assert "score does not settle" in warned.findings[0].text
    assert check(once, many, cuts=4).verdict == "pass"


def test_a_strategy_that_reads_all_history_on_every_bar_is_a_warning() -> None:
    row = np.arange(3_000)
    close = np.round(100 + 10 * np.sin(row / 200) + row * 0.005, 2)
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    waves = eyas.bars({"time": START + row * MINUTE, **prices}, symbol="WAVE")

    class Reads(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            close = self.bars.close[:]
            if close[-1] < close.mean():
                self.buy(1, leave_after=1)

    class Window(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            close = self.bars.close[-50:]
            if close[-1] < close.mean():
                self.buy(1, leave_after=1)

    warned = check(Reads, waves, cuts=4)
    assert [one.name for one in warned.findings] == ["warm_up"], str(warned)
    assert warned.findings[0].column == "close"
    assert check(Window, waves, cuts=4).verdict == "pass"


def test_too_few_bars_say_nothing_of_warm_up() -> None:
    assert check(Indicators, walk(210), cuts=2).warm_up is None
    assert check(Indicators, walk(400), cuts=2, warm_ups=()).warm_up is None


def test_a_portfolio_is_measured_by_symbol() -> None:
    class Each(eyas.Strategy):
        def on_start(self) -> None:
            for symbol in self.symbols:
                self.use(eyas.indicators.ema, "close", 30, symbol=symbol)

    portfolio = {"AAA": walk(900, seed=2, symbol="AAA"), "BBB": walk(900, seed=3, symbol="BBB")[100:]}
    found = check(Each, portfolio, cuts=2)
    assert found.warm_up
    assert [(one.symbol, one.name) for one in found.warm_up.columns] == [
        ("AAA", "ema(close, 30)"),
        ("BBB", "ema(close, 30)"),
    ]
    assert all(one.settles for one in found.warm_up.columns)
