"""Every indicator equals TA-Lib, value for value, and starts at the same bar."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from eyas.data import sample
from eyas.indicators import (
    adx,
    atr,
    bollinger,
    donchian,
    ema,
    fast_stochastic,
    highest,
    keltner,
    lowest,
    macd,
    obv,
    rsi,
    sma,
    stdev,
    stochastic,
    supertrend,
    wma,
)
from eyas.model import Bars

PERIODS = [2, 3, 5, 14, 30, 64, 100, 199]


@pytest.fixture(scope="module", params=["AAPL 1d", "BTCUSDT 1m", "EURUSD 1h"])
def market(request: pytest.FixtureRequest) -> Bars:
    """Return real bars: a few, and more than one chunk and one block of them."""
    return sample(*request.param.split())


def assert_same(ours: NDArray[Any], theirs: NDArray[Any], scale: float) -> None:
    """Compare to 1e-12 of a value, or of `scale` where a value can be next to nothing."""
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=scale * 1e-12)


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
    # TA-Lib takes the difference of two running sums of squares, so a deviation that is small beside the
    # values loses digits there: 1e-12 holds of the largest value. For ours see the exact ones below.
    change = market.close / market.close[0] - 1
    largest = float(np.abs(change).max())
    assert_same(stdev(change, period), talib.STDDEV(change, period), largest)
    for ours, theirs in zip(
        bollinger(change, period, 2.5), talib.BBANDS(change, period, 2.5, 2.5), strict=True
    ):
        assert_same(ours, theirs, 2.5 * largest)


@pytest.mark.parametrize("period", [2, 14, 199])
def test_stdev_is_exact(period: int, market: Bars) -> None:
    ours = stdev(market.close, period)
    for place in range(period - 1, len(market), 1 + len(market) // 40):
        window = [Fraction(value) for value in market.close[place - period + 1 : place + 1].tolist()]
        mean = sum(window) / period
        exact = math.sqrt(sum((value - mean) ** 2 for value in window) / period)
        assert ours[place] == pytest.approx(exact, rel=1e-12, abs=0)


@pytest.mark.parametrize("period", [1, *PERIODS])
def test_atr(period: int, market: Bars) -> None:
    columns = market.high, market.low, market.close
    assert_same(atr(*columns, period), talib.ATR(*columns, period), 0)


@pytest.mark.parametrize("period", PERIODS)
def test_adx(period: int, market: Bars) -> None:
    columns = market.high, market.low, market.close
    index, plus, minus = adx(*columns, period)
    assert_same(index, talib.ADX(*columns, period), 0)
    assert_same(plus, talib.PLUS_DI(*columns, period), 1)
    assert_same(minus, talib.MINUS_DI(*columns, period), 1)


@pytest.mark.parametrize("periods", [(5, 3, 3), (14, 1, 3), (14, 3, 1), (2, 7, 30), (100, 5, 2), (1, 1, 1)])
def test_stochastics(periods: tuple[int, int, int], market: Bars) -> None:
    columns = market.high, market.low, market.close
    period, slowing, signal = periods
    theirs = talib.STOCH(*columns, period, slowing, 0, signal, 0)
    for ours, other in zip(stochastic(*columns, *periods), theirs, strict=True):
        assert_same(ours, other, 100)
    theirs = talib.STOCHF(*columns, period, signal, 0)
    for ours, other in zip(fast_stochastic(*columns, period, signal), theirs, strict=True):
        assert_same(ours, other, 100)


@pytest.mark.parametrize(("period", "atr_period"), [(20, 10), (10, 20), (2, 2), (3, 2), (2, 64), (100, 3)])
def test_channels(period: int, atr_period: int, market: Bars) -> None:
    columns = market.high, market.low, market.close
    theirs = talib.KC(*columns, period, atr_period, 1.5)
    for ours, other in zip(keltner(*columns, period, 1.5, atr_period), theirs, strict=True):
        assert_same(ours, other, 0)
    for ours, other in zip(donchian(*columns[:2], period), talib.DONCHIAN(*columns[:2], period), strict=True):
        assert_same(ours, other, 0)
    line, direction = supertrend(*columns, period, 1.5)
    their_line, their_direction = talib.SUPERTREND(*columns, period, 1.5)
    assert_same(line, their_line, 0)
    assert direction[period:].tolist() == their_direction[period:].tolist()


def test_obv(market: Bars) -> None:
    ours, theirs = obv(market.close, market.volume), talib.OBV(market.close, market.volume)
    assert_same(ours, theirs, float(market.volume.mean()))


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
    columns = market.high, market.low, close
    for ours, theirs in (
        (stochastic(*columns), talib.STOCH(*columns)),
        (fast_stochastic(*columns), talib.STOCHF(*columns)),
        (keltner(*columns), talib.KC(*columns)),
        (supertrend(*columns)[:1], talib.SUPERTREND(*columns)[:1]),
        (donchian(*columns[:2]), talib.DONCHIAN(*columns[:2])),
        (adx(*columns)[:1], (talib.ADX(*columns),)),
        ((atr(*columns),), (talib.ATR(*columns),)),
    ):
        for our_line, their_line in zip(ours, theirs, strict=True):
            assert_same(our_line, their_line, 100)


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
    for ours, theirs in zip(stochastic(flat, flat, flat), talib.STOCH(flat, flat, flat), strict=True):
        assert_same(ours, theirs, 0)
    index, plus, minus = adx(flat, flat, flat, 5)
    assert_same(index, talib.ADX(flat, flat, flat, 5), 0)
    assert plus[5:].tolist() == minus[5:].tolist() == [0.0] * 55


def test_the_index_stays_where_nothing_moves_for_a_while() -> None:
    walk = np.cumsum(np.random.default_rng(4).normal(size=80)) + 100
    high, low = walk + 1, walk - 1
    high[40:60], low[40:60], walk[40:60] = high[40], low[40], walk[40]
    high[60:], low[60:] = np.maximum(high[60:], high[40]), np.minimum(low[60:], low[40])
    assert_same(adx(high, low, walk, 5)[0], talib.ADX(high, low, walk, 5), 0)
    inside = np.full(60, 5.0)  # each bar as wide as the other: true ranges, but no movement at all
    assert_same(adx(inside + 1, inside - 1, inside, 5)[0], talib.ADX(inside + 1, inside - 1, inside, 5), 0)


def test_a_small_deviation_of_large_prices_keeps_its_digits() -> None:
    swing = np.tile([1e6 - 1e-3, 1e6 + 1e-3], 50)
    assert stdev(swing, 10)[9:] == pytest.approx(1e-3, rel=1e-6)
