"""Indicators that TA-Lib has lately or not at all, again from their definitions, one bar at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from eyas.data import sample
from eyas.errors import UsageError
from eyas.indicators import anchored_vwap, donchian, keltner, obv, supertrend, vwap
from eyas.model import Bars
from eyas.timeframes import Session

NAN = float("nan")
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module", params=["BTCUSDT 1m", "EURUSD 1h"])
def market(request: pytest.FixtureRequest) -> Bars:
    bars = sample(*request.param.split())[:1500]
    # Rates have no volume; any will do.
    volume = np.random.default_rng(1).integers(0, 4, len(bars)).astype(float)
    return Bars(bars.time, bars.open, bars.high, bars.low, bars.close, volume, timeframe=bars.timeframe)


def assert_same(ours: NDArray[Any], theirs: list[Any]) -> None:
    expected = np.array([float(value) for value in theirs])
    assert np.array_equal(np.isnan(ours), np.isnan(expected))
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


def ranges_of(bars: Bars, period: int) -> list[float]:
    """Return Wilder's average true range: a mean of the first, then (period - 1) parts old and one new."""
    found, average, first = [NAN], 0.0, []
    for row in range(1, len(bars)):
        high, low, before = bars.high[row], bars.low[row], bars.close[row - 1]
        true = max(high - low, abs(high - before), abs(low - before))
        if len(first) < period:
            first.append(true)
            average = sum(first) / period
        else:
            average = (average * (period - 1) + true) / period
        found.append(average if len(first) == period else NAN)
    return [NAN if row < period else value for row, value in enumerate(found)]


@pytest.mark.parametrize("period", [1, 2, 7, 55])
def test_donchian(period: int, market: Bars) -> None:
    """The highest high and the lowest low of a number of bars (R. Donchian's four-week rule, 1960)."""
    upper, middle, lower = donchian(market.high, market.low, period)
    windows = [slice(row - period + 1, row + 1) for row in range(period - 1, len(market))]
    empty = [NAN] * (period - 1)
    highest = [max(market.high[window]) for window in windows]
    lowest = [min(market.low[window]) for window in windows]
    assert_same(upper, empty + highest)
    assert_same(lower, empty + lowest)
    assert_same(middle, empty + [(one + other) / 2 for one, other in zip(highest, lowest, strict=True)])


@pytest.mark.parametrize("period", [2, 10, 30])
def test_keltner(period: int, market: Bars) -> None:
    """An exponential average of the typical price, true ranges around it (C. Keltner 1960, L. Raschke)."""
    upper, middle, lower = keltner(market.high, market.low, market.close, period + 1, 2.5, period)
    prices = [(market.high[row] + market.low[row] + market.close[row]) / 3 for row in range(len(market))]
    ranges, averages = ranges_of(market, period), [NAN] * period
    for row in range(period, len(market)):
        if row == period:
            averages.append(sum(prices[: period + 1]) / (period + 1))
        else:
            averages.append(averages[-1] + 2 / (period + 2) * (prices[row] - averages[-1]))
    assert_same(middle, averages)
    assert_same(upper, [one + 2.5 * other for one, other in zip(averages, ranges, strict=True)])
    assert_same(lower, [one - 2.5 * other for one, other in zip(averages, ranges, strict=True)])


@pytest.mark.parametrize("period", [1, 7, 30])
def test_supertrend(period: int, market: Bars) -> None:
    """Bands that follow the price until a close is beyond one (O. Seban; as TradingView draws it)."""
    line, direction = supertrend(market.high, market.low, market.close, period, 1.5)
    lines, directions = [NAN] * period, [NAN] * period
    upper = lower = 0.0
    trend = 1
    ranges = ranges_of(market, period)
    for row in range(period, len(market)):
        middle, close = (market.high[row] + market.low[row]) / 2, market.close[row]
        above, below = middle + 1.5 * ranges[row], middle - 1.5 * ranges[row]
        if row == period:
            upper, lower = above, below
        else:
            before = market.close[row - 1]
            upper = above if above < upper or before > upper else upper
            lower = below if below > lower or before < lower else lower
        if trend == 1 and close < lower:
            trend = -1
        elif trend == -1 and close > upper:
            trend = 1
        lines.append(lower if trend == 1 else upper)
        directions.append(trend)
    assert_same(line, lines)
    assert direction[period:].tolist() == directions[period:]
    assert {-1, 1} == set(directions[period:])


def paid_and_traded(bars: Bars, rows: range) -> float | Fraction:
    """Return the mean of the typical prices weighted by volume, exactly; NaN without volume."""
    traded = sum(Fraction(float(bars.volume[row])) for row in rows)
    prices = {
        row: sum(map(Fraction, (float(bars.high[row]), float(bars.low[row]), float(bars.close[row])))) / 3
        for row in rows
    }
    paid = sum(prices[row] * Fraction(float(bars.volume[row])) for row in rows)
    return paid / traded if traded else NAN


@pytest.mark.parametrize("period", [1, 3, 20])
def test_vwap(period: int, market: Bars) -> None:
    """Money paid over quantity traded (Berkowitz, Logue and Noser 1988), of typical prices."""
    bars = market[:150]
    found = vwap(bars.high, bars.low, bars.close, bars.volume, period)
    expected = [
        paid_and_traded(bars, range(row - period + 1, row + 1)) for row in range(period - 1, len(bars))
    ]
    assert_same(found, [NAN] * (period - 1) + expected)


@pytest.mark.parametrize("session", [None, Session("America/New_York", "17:00", "17:00")])
def test_anchored_vwap(session: Session | None, market: Bars) -> None:
    bars = market[1200:1360] if market.timeframe == "1m" else market[:160]
    columns = bars.time, bars.high, bars.low, bars.close, bars.volume
    found = anchored_vwap(*columns, session=session)
    expected, first, day = [], 0, None
    for row, time in enumerate(bars.time.tolist()):
        moment = datetime.fromtimestamp(time // 10**9, UTC)
        local = moment.astimezone(ZoneInfo("America/New_York"))
        here = moment.date() if session is None else (local.date(), local.hour >= 17)
        if session is not None and local.hour >= 17:
            here = (local.date().toordinal() + 1,)
        elif session is not None:
            here = (local.date().toordinal(),)
        if here != day:
            first, day = row, here
        expected.append(paid_and_traded(bars, range(first, row + 1)))
    assert_same(found, expected)
    again = anchored_vwap(bars.time.astype("M8[ns]"), *columns[1:], session=session)
    assert np.array_equal(found, again, equal_nan=True)


def test_a_nan_lasts_to_the_end_of_its_interval() -> None:
    hours = np.arange(50) * DAY_NS // 24
    price = np.ones(50)
    price[5] = NAN
    assert np.flatnonzero(np.isnan(anchored_vwap(hours, price, price, price, price))).tolist() == list(
        range(5, 24)
    )


def test_obv_counts_rises_and_falls() -> None:
    assert obv([NAN, 3, 4, 4, 2], [1, 10, 1, 5, 2]).tolist()[1:] == [10, 11, 11, 9]


def test_times_that_are_none() -> None:
    one = [1.0, 2.0]
    for time in ([1.5, 2.5], [1], ["a", "b"]):
        with pytest.raises(UsageError, match=r"^time must be when each bar opens, in nanoseconds UTC: pass"):
            anchored_vwap(time, one, one, one, one)
    with pytest.raises(UsageError, match=r"^timeframe '1y' is not a number and one of"):
        anchored_vwap([1, 2], one, one, one, one, "1y")
