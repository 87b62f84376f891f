"""What an indicator says at a bar depends on nothing after it, to the last bit, nor on its storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eyas.indicators import (
    _recursion,
    _windows,
    adx,
    anchored_vwap,
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
    vwap,
    wma,
)
from tests.reference.search import searching

Array = NDArray[np.float64]
INDICATORS: dict[str, Callable[[Array, int], Any]] = {
    "sma": sma,
    "ema": ema,
    "wma": wma,
    "rsi": rsi,
    "highest": highest,
    "lowest": lowest,
    "stdev": stdev,
    "bollinger": bollinger,
    "macd": lambda values, period: macd(values, period, 2 * period, 3),
    "atr": lambda values, period: atr(values + 1, values - 1, values, period),
    "adx": lambda values, period: adx(values * 1.01, values - 1, values, period),
    "stochastic": lambda values, period: stochastic(values * 1.01, values - 1, values, period, 2, 3),
    "fast stochastic": lambda values, period: fast_stochastic(values * 1.01, values - 1, values, period, 2),
    "donchian": lambda values, period: donchian(values + 1, values - 1, period),
    "keltner": lambda values, period: keltner(values * 1.01, values - 1, values, period, 2, 7),
    "supertrend": lambda values, period: supertrend(values * 1.01, values - 1, values, period, 1.5),
    "obv": lambda values, _: obv(values, values * 3),
    "vwap": lambda values, period: vwap(values + 1, values - 1, values, 1 / values, period),
    "anchored vwap": lambda values, period: anchored_vwap(
        np.arange(len(values)) * HOUR_NS, values + 1, values, values, 1 / values, f"{7 * period}h"
    ),
}
HOUR_NS = 3_600_000_000_000
WINDOWED = ("sma", "wma", "highest", "lowest", "stdev", "bollinger", "donchian", "vwap")
SLOW = ("supertrend", "anchored vwap")
LASTING = ("ema", "rsi", "macd", "atr", "adx", "keltner", "supertrend", "obv")


def bits(result: Any) -> list[list[int]]:
    """Return results as whole numbers, so that every bit counts, and a NaN equals itself."""
    columns = result if isinstance(result, tuple) else (result,)
    return [np.where(np.isnan(column), np.nan, column).view(np.int64).tolist() for column in columns]


def prices(count: int) -> Array:
    return np.asarray(100 + np.cumsum(np.random.default_rng(count).normal(size=count)))


@pytest.mark.parametrize("name", INDICATORS)
@searching(40)
@given(
    values=st.lists(st.floats(0.01, 1e6) | st.just(float("nan")), min_size=1, max_size=300),
    period=st.integers(1, 40),
    data=st.data(),
)
def test_the_future_changes_nothing(name: str, values: list[float], period: int, data: st.DataObject) -> None:
    whole = np.array(values)
    cut = data.draw(st.integers(0, len(values)))
    full = bits(INDICATORS[name](whole, period))
    assert bits(INDICATORS[name](whole[:cut], period)) == [column[:cut] for column in full]


@pytest.mark.parametrize(
    ("name", "period"),
    [
        (name, period)
        for name in INDICATORS
        for period in (1, 7, 30, 5000)
        if name not in SLOW or period == 30
    ],
)
def test_nor_does_it_across_chunks_and_blocks(name: str, period: int) -> None:
    count = 2048 * _recursion.LENGTH + 3 * _windows.CHUNK + 5
    whole = prices(count)
    full = INDICATORS[name](whole, period)
    columns = full if isinstance(full, tuple) else (full,)
    for cut in (5000, 5001, _windows.CHUNK, 65_536, 65_537, 65_600, 131_100, count - 1):
        part = INDICATORS[name](whole[:cut], period)
        assert bits(part) == bits(tuple(column[:cut] for column in columns))


@pytest.mark.parametrize("period", [9, 150])
@pytest.mark.parametrize("name", INDICATORS)
def test_how_values_are_stored_does_not_matter(name: str, period: int) -> None:
    values = prices(1000)
    indicator = INDICATORS[name]
    expected = bits(indicator(values, period))
    strided = np.zeros((1000, 3))
    strided[:, 1] = values
    shifted = np.empty(1001)[1:]
    shifted[:] = values
    read_only = values.copy()
    read_only.flags.writeable = False
    for stored in (strided[:, 1], values[::-1].copy()[::-1], shifted, read_only):
        assert bits(indicator(stored, period)) == expected


@pytest.mark.parametrize("name", WINDOWED)
def test_a_nan_spoils_only_the_windows_that_hold_it(name: str) -> None:
    values = prices(500)
    spoilt = values.copy()
    spoilt[200] = np.nan
    for period in (1, 2, 13, 64):
        clean, dirty = INDICATORS[name](values, period), INDICATORS[name](spoilt, period)
        columns = zip(*(one if isinstance(one, tuple) else (one,) for one in (clean, dirty)), strict=True)
        for before, after in columns:
            assert np.isnan(after[200 : 200 + period]).all()
            untouched = np.r_[0:200, 200 + period : 500]
            assert bits(after[untouched]) == bits(before[untouched])


@pytest.mark.parametrize("name", LASTING)
def test_a_nan_lasts_where_the_past_is_never_forgotten(name: str) -> None:
    values = prices(500)
    values[200] = np.nan
    result = INDICATORS[name](values, 5)
    for column in result if isinstance(result, tuple) else (result,):
        assert not np.isnan(column[20:200]).any()
        assert np.isnan(column[200:]).all()


@pytest.mark.parametrize("name", INDICATORS)
def test_the_input_is_left_alone(name: str) -> None:
    values = prices(100)
    before = values.copy()
    result = INDICATORS[name](values, 7)
    assert np.array_equal(values, before)
    for column in result if isinstance(result, tuple) else (result,):
        assert column.shape == values.shape
        assert column.dtype == np.float64
        assert not np.shares_memory(column, values)
