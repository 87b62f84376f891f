"""No false alarms where context decides, and portfolios, timeframes and finer bars are cut as they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from eyas.lookahead import check
from eyas.timeframes import resample
from tests.lookahead.conftest import walk


class Crossing(eyas.Strategy):
    def on_start(self) -> None:
        self.quick = self.use(eyas.indicators.ema, "close", 5)
        self.calm = self.use(eyas.indicators.sma, "close", 20)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick.crossed_above(self.calm) and self.is_flat:
            self.buy(fraction=0.5, limit=bar.close * 0.999, good_till=bar.close_time + 7_200_000_000_000)
        elif self.quick.crossed_below(self.calm):
            self.close()


class Slots(eyas.Strategy):
    """Rank instruments, share slots, size by equity, leave by time."""

    def on_start(self) -> None:
        self.mean = {
            symbol: self.use(eyas.indicators.ema, "close", 20, symbol=symbol) for symbol in self.symbols
        }

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.close < self.mean[bar.symbol][-1]:
            self.buy(fraction=0.3, limit=bar.close * 0.995, good_for=3, leave_after=10, stop_loss=0.05)

    def on_step(self, step: eyas.Step) -> None:
        ranked = sorted(step.symbols, key=lambda name: -self.bars[name].close[-1])
        if step.index % 15 == 0 and self.position_of(ranked[0]) == 0:
            self.buy(notional=self.account.equity * 0.1, symbol=ranked[0], rank=1)


@pytest.mark.parametrize("clock", ["merged", "sequential"])
def test_a_portfolio_passes(portfolio: dict[str, eyas.Bars], clock: Any) -> None:
    class Own(Slots):
        def on_step(self, step: eyas.Step) -> None:
            if clock == "merged":
                super().on_step(step)

    found = check(Own, portfolio, clock=clock, tickets_max=2, cuts=10)
    assert found.verdict == "pass", str(found)
    assert found.decisions > 100


def test_a_portfolio_of_two_timeframes_passes(bars: eyas.Bars) -> None:
    class Mixed(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.symbol == "HOUR" and bar.close > bar.open:
                self.buy(quantity=1, symbol="SHORT", stop_loss=0.01)
            if bar.symbol == "SHORT" and bar.index % 37 == 0:
                self.close()

    found = check(Mixed, {"HOUR": resample(bars, "1h"), "SHORT": bars})
    assert found.verdict == "pass", str(found)


@pytest.mark.parametrize("clock", ["merged", "sequential"])
def test_a_portfolio_that_looks_ahead_is_found(portfolio: dict[str, eyas.Bars], clock: Any) -> None:
    def best(bars: dict[str, eyas.Bars]) -> eyas.Strategy:
        gains = {symbol: one.close[-1] / one.close[0] for symbol, one in bars.items()}
        chosen = max(gains, key=lambda symbol: gains[symbol])

        class Best(eyas.Strategy):
            def on_bar(self, bar: eyas.Bar) -> None:
                if bar.symbol == chosen and bar.index % 10 == 1:
                    self.buy(1)
                elif bar.index % 10 == 7 and gains[bar.symbol] > 1.02:
                    self.sell(1)

        return Best()

    assert check(best, portfolio, clock=clock, cuts=30).verdict == "fail"


def test_signals_of_a_portfolio_name_the_symbol(portfolio: dict[str, eyas.Bars]) -> None:
    def make(bars: dict[str, eyas.Bars]) -> eyas.Signals:
        entries = {symbol: one.close < 100 for symbol, one in bars.items()}
        entries["BBB"] = bars["BBB"].close < bars["BBB"].close.mean()
        return eyas.Signals(entries=entries, exits={"BBB": bars["BBB"].close > 101}, fraction=0.1)

    found = check(make, portfolio)
    assert found.verdict == "fail"
    assert found.change
    assert found.change.symbol == "BBB"


def test_higher_timeframes_finer_bars_and_orders_that_wait_pass(bars: eyas.Bars) -> None:
    class Hours(eyas.Strategy):
        def on_start(self) -> None:
            self.hours = self.bars("1h")
            self.mean = self.use(eyas.indicators.sma, "close", 5, timeframe="1h")

        def on_bar(self, bar: eyas.Bar) -> None:
            if len(self.hours) > 5 and self.hours.close[-1] > self.mean[-1] and self.is_flat:
                first = self.buy(1, stop=bar.high * 1.001, good_for=4)
                self.sell(1, stop=bar.low * 0.999, cancels=first, good_for=4)
            elif bar.index % 50 == 0:
                self.close()

    halves = resample(bars, "30m")
    found = check(Hours, halves, finer=bars, tie="finer_bars")
    assert found.verdict == "pass", str(found)
    assert found.columns == ("1h sma(close, 5)",)


def test_uneven_bars_without_a_timeframe_pass() -> None:
    whole = walk(600, seed=9)
    rows = np.flatnonzero(np.random.default_rng(4).random(600) < 0.6)
    columns = {name: getattr(whole, name)[rows] for name in whole.columns}
    found = check(Crossing, columns, cuts=15)
    assert found.verdict == "pass", str(found)


def test_what_is_remembered_on_a_sequential_clock_is_no_part_of_the_check(
    portfolio: dict[str, eyas.Bars],
) -> None:
    class Buys(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 20:
                self.buy(1)

    for clock, names in (("sequential", ["sequential"]), ("merged", [])):
        found = check(Buys, portfolio, clock=clock, warm_ups=())  # type: ignore[arg-type]
        assert found.verdict == "pass"
        assert [one.name for one in found.findings] == names
