"""What many runs over one market share is computed once, and gives the same as without."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.indicators import ema, macd, sma, stochastic
from eyas.market import Market
from eyas.rules import Rules
from eyas.session import Session
from eyas.sight.memo import Memo, shared
from eyas.timeframes import Session as Hours
from tests.test_memory import walk

BARS = walk(300, "X")
calls: list[int] = []


def counted(values: Any, scale: float = 1.0) -> Any:
    """Count how often it is computed."""
    calls.append(len(values))
    return values * scale


def kept() -> Memo:
    memo = Memo()
    memo.keep(BARS)
    return memo


def test_the_same_call_gives_the_same_array() -> None:
    with shared(kept()):
        first, again = sma(BARS.close, 5), sma(BARS.close, 5)
        chained, once_more = ema(first, 3), ema(sma(BARS.close, 5), 3)
        lines = macd(BARS.close)
        assert macd(BARS.close) is lines
    assert first is again
    assert chained is once_more
    assert not first.flags.writeable
    assert not any(line.flags.writeable for line in lines)
    np.testing.assert_array_equal(first, sma(BARS.close, 5))
    assert sma(BARS.close, 5).flags.writeable


def test_what_an_indicator_computes_on_its_way_stays_writeable() -> None:
    with shared(kept()):
        found = stochastic(BARS.high, BARS.low, BARS.close)
    for one, other in zip(found, stochastic(BARS.high, BARS.low, BARS.close), strict=True):
        np.testing.assert_array_equal(one, other)


def test_arrays_that_nobody_declared_and_values_of_another_type_are_told_apart() -> None:
    memo = kept()
    own = BARS.close.copy()
    with shared(memo):
        assert sma(own, 5) is not sma(own, 5)
        own[:] = 1.0
        assert sma(own, 5)[-1] == 1.0
    one, other, named = (memo.of(counted, [BARS.close, scale]) for scale in (1, 1.0, True))
    assert one is not other
    assert other is not named
    assert memo.of(counted, [BARS.close], {"scale": 2.0}) is memo.of(counted, [BARS.close], {"scale": 2.0})
    assert memo.key(sma, [BARS.close, [5]], {}) is None
    assert memo.key(sma, [BARS.close], {"session": Hours("UTC", "09:00", "17:00")}) is not None


@pytest.mark.parametrize(
    "function", [lambda values: values, kept().of, type("Call", (), {"__call__": sma})()]
)
def test_what_may_remember_something_is_computed_each_time(function: Any) -> None:
    assert kept().key(function, [BARS.close], {}) is None


def test_another_thread_has_its_own() -> None:
    found: list[Any] = []
    with shared(kept()):
        thread = threading.Thread(target=lambda: found.append(sma(BARS.close, 5)))
        thread.start()
        thread.join()
    assert found[0].flags.writeable


def test_a_full_memo_begins_anew() -> None:
    memo = Memo(bytes_max=2 * BARS.close.nbytes)
    memo.keep(BARS)
    with shared(memo):
        first = sma(BARS.close, 2)
        for period in range(3, 20):
            sma(BARS.close, period)
            assert memo.bytes <= memo.bytes_max
        np.testing.assert_array_equal(sma(BARS.close, 2), first)
        tall = Memo(bytes_max=8)
    tall.keep(BARS)
    with shared(tall):
        assert sma(BARS.close, 2) is not sma(BARS.close, 2)


class Uses(eyas.Strategy):
    """Use the same indicators whatever its parameter is."""

    leave: int = 10

    def on_start(self) -> None:
        self.own = self.use(counted, "close", scale=2.0)
        self.hours = self.use(counted, "close", timeframe="1h")
        self.chained = self.use(sma, self.own, 3)
        self.fast, self.slow, _ = self.use(macd, "close")

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and self.own > self.chained and self.hours > 0:
            self.buy(fraction=0.5)
        elif bar.index % self.leave == 0:
            self.close()


def ran(strategy: eyas.Strategy, market: Market) -> tuple[bytes, dict[str, Any]]:
    session = Session(strategy, market, Rules(), "10000")
    session.start()
    session.run(0, len(market))
    session.finish()
    return session.account.journal(), session.indicators()


@pytest.mark.parametrize("symbols", [("",), ("A", "B")])
def test_runs_over_one_market_share_their_indicators(symbols: tuple[str, ...]) -> None:
    bars = {symbol: walk(300, symbol) for symbol in symbols}

    class One(Uses):
        """Look at one symbol, whichever there are."""

        def on_start(self) -> None:
            symbol = self.symbols[0]
            self.own = self.use(counted, "close", scale=2.0, symbol=symbol)
            self.hours = self.use(counted, "close", timeframe="1h", symbol=symbol)
            self.chained = self.use(sma, self.own, 3)

    market = Market(bars)
    market.memo = Memo()
    calls.clear()
    shared_runs = [ran(One(leave=leave), market.again()) for leave in (10, 20, 30)]
    assert len(calls) == 4  # two, each with its look at the first bars alone
    for leave, (journal, seen) in zip((10, 20, 30), shared_runs, strict=True):
        alone, theirs = ran(One(leave=leave), Market(bars))
        assert journal == alone
        assert list(seen) == list(theirs)
        for name, values in seen.items():
            np.testing.assert_array_equal(values, theirs[name])
    assert len(shared_runs[0][0]) > 0


def test_a_market_again_stands_before_its_first_bar() -> None:
    market = Market({"": walk(50)})
    ran(Uses(), market)
    assert market.histories[0].cursor == 49
    again = market.again()
    assert again.histories[0].cursor == -1
    assert again.bars is market.bars
    assert again.closes is market.closes


def test_an_array_at_the_address_of_one_that_is_gone_is_told_from_it() -> None:
    memo = Memo(bytes_max=7 * BARS.close.nbytes)
    memo.keep(BARS)
    draws = np.random.default_rng(0)
    for _ in range(3_000):
        first, second = int(draws.integers(2, 200)), int(draws.integers(2, 6))
        with shared(memo):
            found = ema(sma(BARS.close, first), second)
        np.testing.assert_array_equal(found, ema(sma(BARS.close, first), second))


def by_factor(values: Any) -> Any:
    """Read a number outside."""
    return values * factor


factor = 1


def test_a_number_outside_that_a_run_changes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    memo = kept()
    assert memo.of(by_factor, [BARS.close]) is memo.of(by_factor, [BARS.close])
    monkeypatch.setitem(globals(), "factor", 3)
    np.testing.assert_array_equal(memo.of(by_factor, [BARS.close]), BARS.close * 3)


def test_methods_of_what_may_remember_compute_each_time() -> None:
    drawing = np.random.default_rng(0).normal
    assert kept().key(drawing, [BARS.close], {}) is None
    assert kept().key(np.negative, [BARS.close], {}) is not None
