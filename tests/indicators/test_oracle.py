"""Every indicator equals TA-Lib, value for value, and starts at the same bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from eyas.data import sample
from eyas.indicators import atr, bollinger, ema, highest, lowest, macd, rsi, sma, stdev, wma
from eyas.model import Bars

PERIODS = [2, 3, 5, 14, 30, 64, 100, 199]


@pytest.fixture(scope="module", params=["AAPL 1d", "BTCUSDT 1m", "EURUSD 1h"])
def market(request: pytest.FixtureRequest) -> Bars:
    """Return real bars: a few, and more than one chunk and one block of them."""
    return sample(*request.param.split())


def assert_same(ours: NDArray[Any], theirs: NDArray[Any], scale: float) -> None:
    """Compare to 1e-9 of a value, or of `scale` where a value can be next to nothing."""
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=scale * 1e-9)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (sma, talib.SMA),
        (ema, talib.EMA),
        (wma, talib.WMA),
        (highest, talib.MAX),
        (lowest, talib.MIN),
        (rsi, talib.RSI),
    ],
)
def test_of_one_column(
    ours: Callable[..., Any], theirs: Callable[..., Any], period: int, market: Bars
) -> None:
    assert_same(ours(market.close, period), theirs(market.close, period), 0)


@pytest.mark.parametrize("period", PERIODS)
def test_stdev_and_bollinger(period: int, market: Bars) -> None:
    # TA-Lib takes the difference of two large sums; prices near zero leave it its digits.
    change = market.close / market.close[0] - 1
    assert_same(stdev(change, period), talib.STDDEV(change, period), float(np.std(change)))
    for ours, theirs in zip(
        bollinger(change, period, 2.5), talib.BBANDS(change, period, 2.5, 2.5), strict=True
    ):
        assert_same(ours, theirs, float(np.std(change)))


@pytest.mark.parametrize("period", [1, *PERIODS])
def test_atr(period: int, market: Bars) -> None:
    columns = market.high, market.low, market.close
    assert_same(atr(*columns, period), talib.ATR(*columns, period), 0)


@pytest.mark.parametrize(("fast", "slow", "signal"), [(12, 26, 9), (2, 3, 1), (5, 35, 5), (20, 60, 30)])
def test_macd(fast: int, slow: int, signal: int, market: Bars) -> None:
    theirs = talib.MACD(market.close, fast, slow, signal)
    for our_line, their_line in zip(macd(market.close, fast, slow, signal), theirs, strict=True):
        # The line is the small difference of two averages of the size of a price.
        assert_same(our_line, their_line, float(market.close.mean()))


def test_the_defaults_are_the_usual_ones(market: Bars) -> None:
    close = market.close
    assert np.array_equal(rsi(close), rsi(close, 14), equal_nan=True)
    assert np.array_equal(macd(close), macd(close, 12, 26, 9), equal_nan=True)
    assert np.array_equal(bollinger(close), bollinger(close, 20, 2), equal_nan=True)


def test_indicators_of_indicators_skip_the_warm_up(market: Bars) -> None:
    smooth = sma(market.close, 10)
    assert_same(ema(smooth, 5), talib.EMA(smooth, 5), 0)
    assert_same(rsi(smooth, 5), talib.RSI(smooth, 5), 0)
    for ours, theirs in zip(macd(smooth, 3, 6, 2), talib.MACD(smooth, 3, 6, 2), strict=True):
        assert_same(ours, theirs, float(market.close.mean()))
    again = sma(smooth, 5)
    assert np.isnan(again[:13]).all()
    assert again[13] == pytest.approx(smooth[9:14].mean())


def test_nothing_moves() -> None:
    flat = np.full(60, 7.0)
    assert_same(rsi(flat, 14), talib.RSI(flat, 14), 0)
    assert stdev(flat, 14)[13:].tolist() == [0.0] * 47


def test_a_small_deviation_of_large_prices_keeps_its_digits() -> None:
    swing = np.tile([1e6 - 1e-3, 1e6 + 1e-3], 50)
    assert stdev(swing, 10)[9:] == pytest.approx(1e-3, rel=1e-6)
